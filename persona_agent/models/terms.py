"""What a model takes, as its server's refusals tell it.

In: the terms that a call was made on, and what the server said. Out: the terms to call on next, with a sentence about what
changed. Promise: a refusal that is not about the terms changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

import instructor

from .base import Request
from .tokens import FEWEST_ANSWERED, room_in

TEMPERATURE = 0.0  # as in ledger.py
MODES = (instructor.Mode.JSON_SCHEMA, instructor.Mode.TOOLS, instructor.Mode.JSON, instructor.Mode.MD_JSON)
SAID = ("a JSON schema", "a tool call", "JSON mode", "JSON in text")
IN_WORDS = len(MODES) - 1  # the schema stands in the prompt
# What a server says when it does not take the way of asking; which one was refused follows from what was sent.
ABOUT_MODE = re.compile(
    r"response_?format|json_?schema|json_?object|structured output|tool_choice|\btools?\b|function call|\bgrammar\b|guided"
    r"|\bschema\b|requested parameters"
)
ABOUT_LENGTH = re.compile(r"max_tokens|max_completion_tokens|max_output_tokens|maximum value for .*tokens")
ABOUT_SYSTEM = re.compile(
    r"system.{0,12} (?:role|message|prompt|instruction)|role.{0,40}\bsystem\b|roles must alternate|developer instruction"
)
NUMBER = re.compile(r"(?<![\w.-])\d{1,3}(?:[,_]\d{3})+(?![\w.-]*\w)|(?<![\w.-])\d+(?![\w-]|\.\d)")


@dataclass(frozen=True)
class Terms:
    """`mode` counts ways of asking for JSON; `most`: tokens that an answer may take, `holds`: tokens of question and answer
    together, None as long as no server has said so.
    """

    mode: int = 0
    strict: bool = True
    temperature: bool = True
    system: bool = True
    length: Literal["max_tokens", "max_completion_tokens"] | None = "max_tokens"
    most: int | None = None
    holds: int | None = None

    def arguments(self, request: Request) -> dict[str, Any]:
        """What a call has beside its messages."""
        told: dict[str, Any] = {"temperature": TEMPERATURE} if self.temperature else {}
        return told | ({self.length: self.limit(request)} if self.length else {})

    def limit(self, request: Request) -> int:
        """Tokens that the answer may take."""
        return min([request.max_tokens, *([self.most] if self.most else []), *self._left(request)])

    def messages(self, request: Request) -> list[dict[str, str]]:
        """The messages, the rules as part of the first question where a model takes none of its system."""
        told = list(request.messages)
        if not self.system and [role for role, _ in told[:2]] == ["system", "user"]:
            told = [("user", f"{told[0][1]}\n\n{told[1][1]}"), *told[2:]]
        return [{"role": role, "content": text} for role, text in told]

    def _left(self, request: Request) -> list[int]:
        return [max(room_in(self.holds, request), FEWEST_ANSWERED)] if self.holds else []


def adapted(terms: Terms, about: str, request: Request) -> tuple[Terms, str]:
    """The terms without what the server complains of, and a sentence about it; the same terms if that is nothing we sent.
    `about` is what it said, in lower case.
    """
    if terms.temperature and "temperature" in about:
        return replace(terms, temperature=False), "does not take temperature 0: its answers may differ from run to run."
    if terms.length == "max_tokens" and "max_completion_tokens" in about and "too large" not in about:
        return replace(terms, length="max_completion_tokens"), "takes max_completion_tokens in place of max_tokens."
    if terms.length and ABOUT_LENGTH.search(about):
        return _shorter(terms, about, request)
    if terms.strict and terms.mode < 2 and re.search(r"\bstrict\b", about):
        return replace(terms, strict=False), "does not hold answers strictly to the schema."
    if terms.system and ABOUT_SYSTEM.search(about):
        return replace(terms, system=False), "takes no system message: the rules are part of the question."
    return next_mode(terms, "does not take {}") if ABOUT_MODE.search(about) else (terms, "")


def within(terms: Terms, holds: int, request: Request) -> tuple[Terms, str]:
    """The terms with answers kept to what a question leaves of `holds` tokens; the same terms where that is too little, or
    was tried.
    """
    if terms.holds or not terms.length or room_in(holds, request) < FEWEST_ANSWERED:
        return terms, ""
    kept = f"holds {holds:,} tokens: answers are kept to what their questions leave; --context {holds} cuts questions, too."
    return replace(terms, holds=holds), kept


def next_mode(terms: Terms, why: str, after: int | None = None) -> tuple[Terms, str]:
    """The next way of asking for JSON, or that one; the same terms where there is none."""
    after = terms.mode + 1 if after is None else after
    if not terms.mode < after < len(MODES):
        return terms, ""
    return replace(terms, mode=after), f"{why.format(SAID[terms.mode])}: it is asked for {SAID[after]} instead."


def numbers_in(text: str) -> list[int]:
    """The whole numbers of a sentence, those of names and dates left out."""
    return [int(re.sub("[,_]", "", found)) for found in NUMBER.findall(text)]


def _shorter(terms: Terms, about: str, request: Request) -> tuple[Terms, str]:
    """Answers of the length that the server names, else of any."""
    asked = terms.limit(request)
    if bounds := [n for n in numbers_in(about) if FEWEST_ANSWERED <= n < asked]:
        most = max(bounds)
        return replace(terms, most=most), f"gives answers of {most:,} tokens at most."
    return replace(terms, length=None), f"does not take {terms.length}: the length of its answers is not limited."
