"""Structured output, for every SDK that takes chat completions as OpenAI does.

In: a `Request` and a function that sends one chat completion. Out: an `Answer`, whatever came back: `ask` decides
whether it fits. Promises: exactly one call is answered per request, and a call is repeated only in other words, where the
server refused the words, or answered a way of asking with nothing at all: what it does not take (a way of asking for JSON,
a parameter) is left out from then on and told once in `Answer.notes`. Tokens are counted for answers that do not fit and for
those of nothing, too.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import instructor
from instructor.core.exceptions import InstructorError

from ..errors import ProviderError
from .base import Answer, Request
from .failures import Refused, is_page, one_line, reported
from .prices import Price
from .replies import answer_in, fits
from .strict import is_strict
from .terms import IN_WORDS, MODES, SAID, Terms, adapted, next_mode, within

MISSES = 2  # answers that do not fit before any did: by then the schema was not heeded, and is put into words
CUT = ("length", "max_tokens", "max_output_tokens", "model_length")
REFUSALS = ("content_filter", "refusal", "safety")

Send = Callable[..., Awaitable[Any]]

# Instructor logs every answer that does not fit as an error; unless someone listens, Python would print that.
logging.getLogger("instructor").addHandler(logging.NullHandler())


class AnsweredCall(NamedTuple):
    """One answered call: the answer, and whether it fits the schema."""

    answer: Answer
    fits: bool


class Structured:
    """The calls of one model, and what they taught about it. `send` takes the arguments of a chat completion without the
    model's name, makes one call, and raises `ProviderError` alone. `most`: tokens that the model answers with at most.
    """

    def __init__(self, name: str, host: str, price: Price | None, send: Send, most: int | None = None) -> None:
        self._name, self._host, self._price, self._send = name, host, price, send
        self._terms = Terms(most=most)
        self._untold: list[str] = []
        self._misses = 0
        self._has_fitted = False

    @property
    def mode(self) -> str:
        """The way of asking for JSON that is in use, in words."""
        return SAID[self._terms.mode]

    async def answer(self, request: Request) -> Answer:
        nothing: list[Answer] = []
        while True:
            terms = self._terms
            try:
                came = await self._ask(request, terms)
            except Refused as refused:
                if terms == self._terms and not self._learnt(*_mended(terms, refused, request)):
                    raise
                continue  # learnt now, or by a call at the same time
            if came.answer.text.strip() or came.answer.finish != "stop" or not self._stepped_down(terms):
                self._heed(terms, came)
                return self._told(came.answer, nothing)
            nothing.append(came.answer)

    def _stepped_down(self, terms: Terms) -> bool:
        """Is there another way to ask a server that answers this one with nothing?"""
        return terms != self._terms or self._learnt(*next_mode(terms, "answers {} with nothing"))

    def _heed(self, terms: Terms, came: AnsweredCall) -> None:
        """Who never keeps to the form that it is asked for is told the form in words from then on."""
        self._has_fitted |= came.fits
        self._misses += not came.fits and came.answer.finish == "stop"
        if not self._has_fitted and self._misses >= MISSES and terms.mode == self._terms.mode:
            self._learnt(*next_mode(terms, "does not keep to {}", IN_WORDS))

    def _learnt(self, changed: Terms, note: str) -> bool:
        if changed == self._terms:
            return False
        self._terms = changed
        self._untold.append(f"{self._name} {note}")
        return True

    def _told(self, answer: Answer, nothing: list[Answer]) -> Answer:
        """The answer with what was learnt on the way, and with what it cost."""
        notes, self._untold = tuple(self._untold), []
        sent = answer.prompt_tokens + sum(a.prompt_tokens for a in nothing)
        received = answer.completion_tokens + sum(a.completion_tokens for a in nothing)
        cost = answer.cost_usd if answer.cost_usd is None or not self._price else self._price.of(sent, received)
        return replace(
            answer, prompt_tokens=sent, completion_tokens=received, cost_usd=cost, notes=(*answer.notes, *notes)
        )

    async def _ask(self, request: Request, terms: Terms) -> AnsweredCall:
        came: list[Any] = []
        strict = terms.strict and is_strict(request.schema)

        async def send(**arguments: Any) -> Any:
            completion = await self._send(**(_strictly(arguments) if strict else arguments))
            came.append(self._checked(completion))
            return completion

        client = instructor.from_litellm(send, mode=MODES[terms.mode], async_client=True)
        try:  # what instructor finds in an answer is not used: it takes an object out of thoughts for the answer
            await client.create(
                response_model=request.schema,
                messages=terms.messages(request),  # type: ignore[arg-type]
                max_retries=0,  # one call: `ask` alone asks again
                strict=False,  # as `ask` reads it
                **terms.arguments(request),
            )
        except InstructorError as error:
            if isinstance(error.__cause__, ProviderError):
                raise error.__cause__ from error.__cause__.__cause__
            if not came:
                raise ProviderError(f"{self._name} cannot be asked: {error}.") from error
        return self._read(request, came[-1], terms.limit(request))

    def _checked(self, completion: Any) -> Any:
        if getattr(completion, "choices", None) and completion.choices[0].message is not None:
            return completion
        error = getattr(completion, "error", None)
        if error:
            raise reported(error if isinstance(error, Mapping) else {"message": str(error)}, self._name, self._host)
        who, hint = (
            f"{self._name} at {self._host}",
            "Is the address that of an OpenAI-compatible API? It often ends in /v1.",
        )
        if isinstance(completion, str) and is_page(completion):
            raise ProviderError(f"{who} answered with a web page: {one_line(completion)}.", hint=hint)
        said = one_line(completion) if isinstance(completion, str) else ""
        raise ProviderError(f"{who} sent no answer that can be read{f': {said}' if said else ''}.", hint=hint)

    def _read(self, request: Request, completion: Any, limit: int) -> AnsweredCall:
        choice = completion.choices[0]
        refusal = _refusal(choice.message)
        sent, received = _tokens(completion)
        cut = str(choice.finish_reason).lower() in CUT
        text = _text(request, choice.message, cut)
        fitting = fits(text, request.schema)
        if not fitting and not cut and received >= limit:  # not every server says so
            cut, text = True, _text(request, choice.message, True)
        finish: Literal["stop", "length", "refusal"] = "stop"
        if refusal or str(choice.finish_reason).lower() in REFUSALS:
            finish = "refusal"
        elif cut:
            finish = "length"
        notes = () if sent or received else (f"{self._name} does not say how many tokens it used.",)
        cost = None if notes or not self._price else self._price.of(sent, received)
        return AnsweredCall(Answer(refusal or text, self._host, sent, received, cost, finish, notes), fitting)


def _mended(terms: Terms, refused: Refused, request: Request) -> tuple[Terms, str]:
    """The terms on which a refused request may be answered; the same where there are none."""
    if refused.too_long:
        return within(terms, refused.holds, request) if refused.holds else (terms, "")
    return adapted(terms, refused.about, request)


def _strictly(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the schema marked as binding, which instructor leaves open."""
    told = dict(arguments)
    form = told.get("response_format")
    if form and form["type"] == "json_schema":
        told["response_format"] = {**form, "json_schema": {**form["json_schema"], "strict": True}}
    if "tools" in told:
        told["tools"] = [{**tool, "function": {**tool["function"], "strict": True}} for tool in told["tools"]]
    return told


def _text(request: Request, message: Any, cut: bool) -> str:
    return answer_in(message, request.schema, whole=not cut)


def _refusal(message: Any) -> str:
    # litellm keeps what it has no field for in another place.
    more = getattr(message, "provider_specific_fields", None) or {}
    return str(getattr(message, "refusal", None) or more.get("refusal") or "")


def _tokens(completion: Any) -> tuple[int, int]:
    usage = getattr(completion, "usage", None)
    return (usage.prompt_tokens or 0, usage.completion_tokens or 0) if usage else (0, 0)
