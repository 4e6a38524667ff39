"""Structured output, for every SDK that takes chat completions as OpenAI does.

In: a `Request` and a function that sends one chat completion. Out: an `Answer`, whatever came back: `ask` decides
whether it fits. Promises: exactly one call is answered per request, and a call is repeated only in other words, where the
server refused the words, or answered a way of asking with nothing at all: what it does not take (a way of asking for JSON,
a parameter) is left out from then on and told once in `Answer.notes`. An answer is read wherever servers put it: after a
model's thoughts, in a fence, in the field for thoughts. Tokens are counted for answers that do not fit, too.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import instructor
from instructor.core.exceptions import InstructorError
from pydantic import BaseModel

from ..errors import ProviderError
from .base import Answer, Request
from .failures import Refused, reported
from .prices import Price

TEMPERATURE = 0.0  # as in ledger.py
MODES = (instructor.Mode.JSON_SCHEMA, instructor.Mode.TOOLS, instructor.Mode.JSON, instructor.Mode.MD_JSON)
SAID = ("a JSON schema", "a tool call", "JSON mode", "JSON in text")
# What a server says when it does not take the way of asking; which one was refused follows from what was sent.
ABOUT_MODE = re.compile(
    r"response_format|json_schema|json_object|structured output|tool_choice|\btools?\b|function call"
)
ABOUT_LENGTH = re.compile(r"max_tokens|max_completion_tokens|max_output_tokens|maximum value for .*tokens")
FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n\s*```", re.DOTALL)
THOUGHTS = re.compile(r"^.*</think(?:ing)?>", re.DOTALL)  # some servers cut the opening tag off

MAX_DEPTH = 5  # OpenAI's own limit for strict schemas
UNSUPPORTED = frozenset(
    {
        "default", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "minItems", "maxItems", "uniqueItems", "contains", "prefixItems", "minProperties", "maxProperties",
        "patternProperties", "propertyNames", "oneOf", "allOf", "not", "if", "then", "else", "dependentRequired",
        "dependentSchemas", "unevaluatedProperties", "unevaluatedItems",
    }
)  # fmt: skip

Send = Callable[..., Awaitable[Any]]

# Instructor logs every answer that does not fit as an error; unless someone listens, Python would print that.
logging.getLogger("instructor").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Terms:
    """What a model takes, as far as that is known."""

    mode: int = 0
    strict: bool = True
    temperature: bool = True
    length: Literal["max_tokens", "max_completion_tokens"] | None = "max_tokens"

    def arguments(self, request: Request) -> dict[str, Any]:
        told: dict[str, Any] = {"temperature": TEMPERATURE} if self.temperature else {}
        return told | ({self.length: request.max_tokens} if self.length else {})


class Structured:
    """The calls of one model, and what they taught about it. `send` takes the arguments of a chat completion without the
    model's name, makes one call, and raises `ProviderError` alone.
    """

    def __init__(self, name: str, host: str, price: Price | None, send: Send) -> None:
        self._name, self._host, self._price, self._send = name, host, price, send
        self._terms = Terms()
        self._untold: list[str] = []

    @property
    def mode(self) -> str:
        """The way of asking for JSON that is in use, in words."""
        return SAID[self._terms.mode]

    async def answer(self, request: Request) -> Answer:
        while True:
            terms = self._terms
            try:
                answer = await self._ask(request, terms)
            except Refused as refused:
                if terms == self._terms and not self._learnt(*adapted(terms, refused.about)):
                    raise
                continue  # learnt now, or by a call at the same time
            if answer.text.strip() or answer.finish != "stop" or not self._stepped_down(terms):
                return self._told(answer)

    def _stepped_down(self, terms: Terms) -> bool:
        """Is there another way to ask a server that answers this one with nothing?"""
        return terms != self._terms or self._learnt(*_next_mode(terms, "answers {} with nothing"))

    def _learnt(self, changed: Terms, note: str) -> bool:
        if changed == self._terms:
            return False
        self._terms = changed
        self._untold.append(f"{self._name} {note}")
        return True

    def _told(self, answer: Answer) -> Answer:
        notes, self._untold = tuple(self._untold), []
        return replace(answer, notes=(*answer.notes, *notes))

    async def _ask(self, request: Request, terms: Terms) -> Answer:
        came: list[Any] = []
        strict = terms.strict and not _problems_of(request.schema)

        async def send(**arguments: Any) -> Any:
            completion = await self._send(**(_strictly(arguments) if strict else arguments))
            came.append(self._checked(completion))
            return completion

        client = instructor.from_litellm(send, mode=MODES[terms.mode], async_client=True)
        value: BaseModel | None = None
        try:
            value = await client.create(
                response_model=request.schema,
                messages=[{"role": role, "content": text} for role, text in request.messages],  # type: ignore[misc]
                max_retries=0,  # one call: `ask` alone asks again
                strict=False,  # as `ask` reads it
                **terms.arguments(request),
            )
        except InstructorError as error:
            if isinstance(error.__cause__, ProviderError):
                raise error.__cause__ from error.__cause__.__cause__
            if not came:
                raise ProviderError(f"{self._name} cannot be asked: {error}.") from error
        return self._read(request, came[-1], value)

    def _checked(self, completion: Any) -> Any:
        if getattr(completion, "choices", None) and completion.choices[0].message is not None:
            return completion
        error = getattr(completion, "error", None)
        if isinstance(error, Mapping):
            raise reported(error, self._name, self._host)
        hint = "Is the address that of an OpenAI-compatible API? It often ends in /v1."
        raise ProviderError(f"{self._name} at {self._host} sent no answer that can be read.", hint=hint)

    def _read(self, request: Request, completion: Any, value: BaseModel | None) -> Answer:
        choice = completion.choices[0]
        refusal = _refusal(choice.message)
        sent, received = _tokens(completion)
        finish: Literal["stop", "length", "refusal"] = "stop"
        if refusal or choice.finish_reason == "content_filter":
            finish = "refusal"
        elif choice.finish_reason == "length" or (value is None and received >= request.max_tokens):
            finish = "length"  # not every server says so
        text = value.model_dump_json(by_alias=True) if value is not None else refusal or _text(choice.message)
        if not sent and not received:
            return Answer(
                text, self._host, 0, 0, None, finish, (f"{self._name} does not say how many tokens it used.",)
            )
        return Answer(text, self._host, sent, received, self._price.of(sent, received) if self._price else None, finish)


def adapted(terms: Terms, about: str) -> tuple[Terms, str]:
    """The terms without what the server complains of, and a sentence about it; the same terms if that is nothing we sent."""
    if terms.temperature and "temperature" in about:
        return replace(terms, temperature=False), "does not take temperature 0: its answers may differ from run to run."
    if terms.length == "max_tokens" and "max_completion_tokens" in about and "too large" not in about:
        return replace(terms, length="max_completion_tokens"), "takes max_completion_tokens in place of max_tokens."
    if terms.length and ABOUT_LENGTH.search(about):
        return replace(terms, length=None), f"does not take {terms.length}: the length of its answers is not limited."
    if terms.strict and terms.mode < 2 and re.search(r"\bstrict\b", about):
        return replace(terms, strict=False), "does not hold answers strictly to the schema."
    return _next_mode(terms, "does not take {}") if ABOUT_MODE.search(about) else (terms, "")


def _next_mode(terms: Terms, why: str) -> tuple[Terms, str]:
    """The next way of asking for JSON; the same terms where there is none."""
    after = terms.mode + 1
    if after == len(MODES):
        return terms, ""
    return replace(terms, mode=after), f"{why.format(SAID[terms.mode])}: it is asked for {SAID[after]} instead."


def _strictly(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the schema marked as binding, which instructor leaves open."""
    told = dict(arguments)
    form = told.get("response_format")
    if form and form["type"] == "json_schema":
        told["response_format"] = {**form, "json_schema": {**form["json_schema"], "strict": True}}
    if "tools" in told:
        told["tools"] = [{**tool, "function": {**tool["function"], "strict": True}} for tool in told["tools"]]
    return told


def _text(message: Any) -> str:
    """The arguments of the first tool call, else the content, else JSON in the field for thoughts, where some servers put it."""
    calls = getattr(message, "tool_calls", None)
    if said := str((calls[0].function.arguments if calls else message.content) or ""):
        return json_in(said)
    more = getattr(message, "provider_specific_fields", None) or {}
    names = ("reasoning_content", "reasoning")
    thought = json_in(next((str(t) for n in names if (t := getattr(message, n, None) or more.get(n))), ""))
    return thought if thought.lstrip().startswith("{") else ""


def json_in(said: str) -> str:
    """The JSON that an answer comes down to: after thoughts, in a fence, or the last object in prose; else the answer itself."""
    text = THOUGHTS.sub("", said)
    if text.lstrip().startswith("{"):
        return text
    if fenced := FENCED.findall(text):
        return str(fenced[-1])
    decoder, at, found = json.JSONDecoder(), text.find("{"), ""
    while at >= 0:
        try:
            end = decoder.raw_decode(text, at)[1]
        except ValueError:
            end = at + 1
        else:
            found = text[at:end]
        at = text.find("{", end)
    return found or text


def _refusal(message: Any) -> str:
    # litellm keeps what it has no field for in another place.
    more = getattr(message, "provider_specific_fields", None) or {}
    return str(getattr(message, "refusal", None) or more.get("refusal") or "")


def _tokens(completion: Any) -> tuple[int, int]:
    usage = getattr(completion, "usage", None)
    return (usage.prompt_tokens or 0, usage.completion_tokens or 0) if usage else (0, 0)


@cache
def _problems_of(schema: type[BaseModel]) -> bool:
    return bool(strict_problems(schema))


def strict_problems(schema: type[BaseModel]) -> list[str]:
    """What the strictest structured-output mode in use would refuse in a model's JSON schema; empty if it passes.

    That mode is OpenAI's, which is narrower than Gemini's and Anthropic's: every field required, null instead of absent, no
    free form, no unions but with null, at most MAX_DEPTH objects inside each other, no recursion, types and enumerations only.
    """
    document = schema.model_json_schema()
    return list(dict.fromkeys(_Walk(document.get("$defs", {})).problems(document, schema.__name__, (), 0)))


@dataclass(frozen=True)
class _Walk:
    defs: Mapping[str, Any]

    def problems(self, node: Any, place: str, path: tuple[str, ...], depth: int) -> Iterator[str]:
        """`path`: the definitions that the node lies in; `depth`: the objects around it."""
        if not isinstance(node, Mapping):
            yield f"{place}: anything fits"
            return
        yield from (f"{place}: {word!r} is not supported" for word in sorted(UNSUPPORTED & node.keys()))
        if "$ref" in node:
            yield from self._reference(node, place, path, depth)
        elif "anyOf" in node:
            yield from self._union(node, place, path, depth)
        elif node.get("type") == "object":
            yield from self._object(node, place, path, depth + 1)
        elif node.get("type") == "array":
            if "prefixItems" not in node:
                yield from self.problems(node.get("items"), f"{place}[]", path, depth)
        elif not {"type", "enum", "const"} & node.keys() and not UNSUPPORTED & node.keys():
            yield f"{place}: anything fits"

    def _reference(self, node: Mapping[str, Any], place: str, path: tuple[str, ...], depth: int) -> Iterator[str]:
        name = node["$ref"].rpartition("/")[2]
        if beside := sorted(node.keys() - {"$ref"} - UNSUPPORTED):
            yield f"{place}: a reference has {', '.join(beside)} beside it"
        if name in path:
            yield f"{place}: {name} holds itself"
            return
        yield from self.problems(self.defs[name], place, (*path, name), depth)

    def _union(self, node: Mapping[str, Any], place: str, path: tuple[str, ...], depth: int) -> Iterator[str]:
        kinds = [kind for kind in node["anyOf"] if kind != {"type": "null"}]
        if len(kinds) != 1:
            yield f"{place}: a union other than with null"
        for kind in kinds:
            yield from self.problems(kind, place, path, depth)

    def _object(self, node: Mapping[str, Any], place: str, path: tuple[str, ...], depth: int) -> Iterator[str]:
        fields = node.get("properties", {})
        if node.get("additionalProperties") is not False:
            yield f"{place}: additionalProperties is not false" if fields else f"{place}: an object of free form"
        if depth > MAX_DEPTH:
            yield f"{place}: more than {MAX_DEPTH} objects inside each other"
        for name, inner in fields.items():
            if name not in node.get("required", ()):
                yield f"{place}.{name}: not required"
            yield from self.problems(inner, f"{place}.{name}", path, depth)
