"""The only caller of a model: it retries, asks again, counts and stores.

In: a provider and a request; out: a value of the request's schema. Promises: an answer from the ledger is not asked for
again, unless it was of no use; a new one is committed before it is used; no call is sent that could exceed the cost cap; an
answer that does not fit is asked for again with the reason, at most REASKS times, and no message repeats it; only what may
succeed later is retried, and one server that asks for a pause pauses all calls. No error names a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import BudgetError, OutputError, ProviderError
from ..ids import canonical_json, content_hash
from .base import LOCAL, Answer, Provider, Request
from .ledger import Ledger, Totals, neutral, schema_of
from .prices import Price
from .recording import Recording
from .retrying import Patience, Retries
from .routes import Route, telling

T = TypeVar("T", bound=BaseModel)
Check = Callable[[T], list[str]]

CHANGED = "an answer in the ledger was not as it had been given, and was asked for again"
REASKS = 2  # a model that gives no usable answer three times gives none
CHARS_PER_TOKEN = 4  # to estimate with
FEWEST_CHARS_PER_TOKEN = 2.5  # to reserve with: no text has more tokens than this
SURE = 0.85  # of the characters of a token, to cut with: JSON of names and numbers has fewer than prose
FEWEST_ANSWERED = 1_000  # tokens; the recorded drafts took 1,100 on average
SHOWN_PROBLEMS = 8  # of an answer at a time: a model mends a few at once


@dataclass
class Budget:
    """A cost cap in USD; the worst case of calls in flight is reserved."""

    cap: float
    prices: dict[str, Price]
    spent: float = 0.0
    reserved: float = 0.0

    def reserve(self, model: str, request: Request) -> float:
        """The worst that the call can cost; BudgetError if that could exceed the cap."""
        price = self.prices[model]
        worst = prompt_tokens(request, FEWEST_CHARS_PER_TOKEN) * price.prompt + request.max_tokens * price.completion
        if self.spent + self.reserved + worst > self.cap:
            raise BudgetError(
                f"The next call could cost {worst:.4f} USD; {self.spent:.4f} of {self.cap:.4f} USD are spent"
                + (f" and {self.reserved:.4f} are in flight." if self.reserved else "."),
                hint="Raise --max-cost and run the same command again: nothing is paid for twice.",
            )
        self.reserved += worst
        return worst

    def settle(self, worst: float, cost: float | None) -> None:
        self.reserved -= worst
        self.spent += cost or 0.0


@dataclass
class Asker:
    """What the calls of one run share. `fresh` asks again although the ledger knows the answer (recordings are made so)."""

    ledger: Ledger
    concurrency: int = 8
    recording: Recording | None = None
    budget: Budget | None = None
    patience: Patience = field(default_factory=Patience)
    fresh: bool = False
    answered: Callable[[Request], None] = lambda _: None
    totals: Totals = field(default_factory=Totals)
    by_stage: dict[str, Totals] = field(default_factory=dict)
    paid: int = 0
    notes: set[str] = field(default_factory=set)
    context: int | None = None  # tokens that a model holds; None: enough
    unused: int = 0  # answers of a replayed recording that nobody asked for

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.concurrency)
        self._retries = Retries(self.patience)

    @property
    def retried(self) -> int:
        """Calls that were made again."""
        return self._retries.made

    async def ask(self, provider: Provider, request: Request, check: Check[T] | None = None) -> T:
        """The answer as a value of `request.schema` in which `check` finds no problems.

        OutputError: there was none after REASKS further tries; ProviderError, BudgetError: it could not be asked.
        """
        request = self._fitted(request)
        asked, problems, new, refused = request, ["nothing"], False, []
        for _ in range(REASKS + 1):
            answer, is_new = await self._answer(provider, asked)
            value, problems = _read(answer, request, check)
            if value is not None and not problems:
                return value
            refused.append(asked)
            new |= is_new
            asked = _again(asked, answer, problems)
        self.refuse(provider, *refused)
        if not new:  # what an earlier run was told: the server may have been mended since
            return await self.ask(provider, request, check)
        raise OutputError(
            f"{provider.name} gave no usable answer to the prompt {request.stage!r} of {request.subject}.",
            hint=f"The same command asks again. What was wrong with the last one: {problems[0]}.",
        )

    def _fitted(self, request: Request) -> Request:
        """The request with room for its question in what the model holds."""
        if self.context is None:
            return request
        room = self.context - prompt_tokens(request, CHARS_PER_TOKEN * SURE)
        if room < FEWEST_ANSWERED:
            raise ProviderError(
                f"The prompt {request.stage!r} of {request.subject} leaves no room for an answer in {self.context:,} tokens.",
                hint="A model that holds more is needed (--context).",
            )
        return replace(request, max_tokens=min(request.max_tokens, room))

    def refuse(self, provider: Provider, *requests: Request) -> None:
        """The answers to these are of no use: whoever asks again is not answered from the ledger."""
        self.ledger.refuse([content_hash(neutral(provider.name, r)) for r in requests])

    async def _answer(self, provider: Provider, request: Request) -> tuple[Answer, bool]:
        """The answer, and whether it was asked for now."""
        key = content_hash(neutral(provider.name, request))
        changed = self.ledger.changed
        kept = None if self.fresh and provider.host != LOCAL else self.ledger.find(key)
        found = kept or await self._call(provider, request)
        if kept is None:
            if self.ledger.changed > changed:
                found = replace(found, notes=(*found.notes, CHANGED))
            self.ledger.keep(key, provider.name, request, found)
            self.paid += 1
        self.totals.add(found)
        self.by_stage.setdefault(request.stage, Totals()).add(found)
        self.notes.update(found.notes)
        self.answered(request)
        return found, kept is None

    async def _call(self, provider: Provider, request: Request) -> Answer:
        worst = self.budget.reserve(provider.name, request) if self.budget else 0.0
        cost: float | None = 0.0
        try:
            async for attempt in self._retries.attempts():
                with attempt:
                    answer = await self._send(provider, request)
            cost = answer.cost_usd
        finally:
            if self.budget:
                self.budget.settle(worst, cost)
        return answer

    async def _send(self, provider: Provider, request: Request) -> Answer:
        async with self._places:
            await self._retries.pause()
            try:
                with self._listed(provider, request):
                    answer = await provider.answer(request)
            except ProviderError as error:
                missed = self.recording.miss(error, request) if self.recording else None
                if missed:
                    raise missed from None
                self._retries.hear(error)
                raise
        if self.recording:
            self.recording.flush()
        return answer

    @contextmanager
    def _listed(self, provider: Provider, request: Request) -> Iterator[None]:
        """Whatever leaves in the block is in the ledger before it does; of what is plugged in, what it says of itself."""
        if provider.host == LOCAL or (self.recording and self.recording.replay):
            yield
            return
        if not getattr(provider, "watched", False):
            self.ledger.sent(Route(provider.host, provider.host), provider.name, request)
        with telling(lambda route: self.ledger.sent(route, provider.name, request)):
            yield


def prompt_tokens(request: Request, chars_per_token: float = CHARS_PER_TOKEN) -> int:
    """Tokens of the messages with the schema, by their length."""
    chars = sum(len(text) for _, text in request.messages)
    return int((chars + len(canonical_json(schema_of(request.schema)))) / chars_per_token)


def _read(answer: Answer, request: Request, check: Check[T] | None) -> tuple[T | None, list[str]]:
    """The answer as a value, or what is wrong with it in words that a model can act on."""
    if answer.finish == "length":
        return None, [f"the answer was cut off after {answer.completion_tokens} tokens: say the same in fewer words"]
    if answer.finish == "stop" and not answer.text.strip():
        return None, ["there was nothing in it"]
    if answer.finish == "refusal":
        return None, ["it was refused; the task is to describe logged behaviour of groups, never a single person"]
    try:
        value = request.schema.model_validate_json(answer.text)
    except ValidationError as error:
        return None, [_where(e["loc"], e["msg"]) for e in error.errors()[:SHOWN_PROBLEMS]]
    return value, check(value)[:SHOWN_PROBLEMS] if check else []  # type: ignore[return-value, arg-type]


def _where(place: tuple[int | str, ...], message: str) -> str:
    path = ".".join(map(str, place))
    return f"{path}: {message}" if path else message


def _again(request: Request, answer: Answer, problems: list[str]) -> Request:
    """The same question, with the answer that did not fit and why."""
    listed = "\n".join(f"- {p}" for p in problems)
    reason = f"That answer cannot be used:\n{listed}\nAnswer the task again, completely, with this mended."
    said = answer.text[: request.max_tokens * CHARS_PER_TOKEN] or "(nothing)"
    return replace(request, messages=(*request.messages, ("assistant", said), ("user", reason)))
