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
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import BudgetError, OutputError, ProviderError, RecordingError
from ..ids import content_hash
from .base import LOCAL, Answer, Provider, Request
from .ledger import Ledger, Totals, neutral
from .prices import Price
from .recording import Recording
from .retrying import Patience, Retries
from .routes import Route, telling
from .tokens import CHARS_PER_TOKEN, FEWEST_ANSWERED, FEWEST_CHARS_PER_TOKEN, SURE, prompt_tokens, room_in

T = TypeVar("T", bound=BaseModel)
Check = Callable[[T], list[str]]

CHANGED = "an answer in the ledger was not as it had been given, and was asked for again"
REASKS = 2  # a model that gives no usable answer three times gives none
MOST_ANSWERED = 64_000  # tokens; models that think longest say that they need no more for one answer
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


class Attempt(NamedTuple):
    """A request as it was put, its answer, and whether that was asked for now."""

    asked: Request
    answer: Answer
    is_new: bool


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
    tell: Callable[[str], None] = lambda _: None
    totals: Totals = field(default_factory=Totals)
    by_stage: dict[str, Totals] = field(default_factory=dict)
    paid: int = 0
    notes: set[str] = field(default_factory=set)
    context: int | None = None  # tokens that a model holds; None: enough
    unused: int = 0  # answers of a replayed recording that nobody asked for

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.concurrency)
        self._retries = Retries(self.patience, self.tell)
        self._thinking: dict[str, int] = {}  # how many times its room a model needs
        self._enough: dict[str, int] = {}  # and from how many on it makes no use of more

    @property
    def retried(self) -> int:
        """Calls that were made again."""
        return self._retries.made

    async def ask(self, provider: Provider, request: Request, check: Check[T] | None = None) -> T:
        """The answer as a value of `request.schema` in which `check` finds no problems.

        OutputError: there was none after REASKS further tries; ProviderError, BudgetError: it could not be asked.
        """
        asked, problems, new, refused = request, ["nothing"], False, []
        self.notes.update(request.cut)
        for _ in range(REASKS + 1):
            tries = await self.answers(provider, asked)
            answer = tries[-1].answer
            value, problems = _read(answer, request, check)
            if value is not None and not problems:
                return value
            refused += [t.asked for t in tries]
            new |= any(t.is_new for t in tries)
            asked = _again(asked, answer, problems, self.context)
        self.refuse(provider, *refused)
        if not new:  # what an earlier run was told: the server may have been mended since
            return await self.ask(provider, request, check)
        raise OutputError(
            f"{provider.name} gave no usable answer to the prompt {request.stage!r} of {request.subject}.",
            hint=f"The same command asks again. What was wrong with the last one: {problems[0]}.",
        )

    async def answers(self, provider: Provider, request: Request) -> list[Attempt]:
        """The tries that it took: where thoughts took all the room there was, the next has twice as much, as long as a model
        uses it. What a model needs is remembered, and what the ledger has an answer to is not asked for in another size.
        """
        tries: list[Attempt] = []
        missing: list[RecordingError] = []
        for times in self._sizes(provider, request):
            asked = self._fitted(request, times)
            if tries and asked.max_tokens <= tries[-1].asked.max_tokens:
                break  # that is all that the model holds
            try:
                tries.append(await self._try(provider, asked))
            except RecordingError as miss:
                missing.append(miss)
                if tries or not self._replays:
                    break
                continue  # recorded in the size that was known by then
            got = [t.answer.completion_tokens for t in tries]
            if len(got) > 1 and got[-1] <= got[-2]:
                self._enough[provider.name] = times  # it uses no more
            if not _thought_away(tries[-1].answer) or times >= self._enough.get(provider.name, MOST_ANSWERED):
                break
            self._thinking[provider.name] = max(2 * times, self._thinking.get(provider.name, 1))
        if missing and (not tries or not self._replays or _thought_away(tries[-1].answer)):
            raise missing[0]
        if len(tries) > 1:
            self.notes.add(f"{provider.name} thinks long: its answers get more room, {MOST_ANSWERED:,} tokens at most.")
        return tries

    @property
    def _replays(self) -> bool:
        return self.recording is not None and self.recording.replay

    def _sizes(self, provider: Provider, request: Request) -> list[int]:
        """How many times its room a request is given, in the order of the tries."""
        most = max(1, MOST_ANSWERED // request.max_tokens)
        sizes = [2**n for n in range(most.bit_length())]
        known = [] if self.fresh else [t for t in sizes if self.ledger.holds(_key(provider, self._fitted(request, t)))]
        first = known[0] if known else min(self._thinking.get(provider.name, 1), sizes[-1])
        first = 1 if self._replays else first  # whatever order its answers come in
        return [t for t in sizes if t >= first]

    def _fitted(self, request: Request, times: int = 1) -> Request:
        """The request with so many times its room, as far as what the model holds leaves it."""
        if self.context is None:
            return replace(request, max_tokens=request.max_tokens * times)
        room = room_in(self.context, request)
        if room < FEWEST_ANSWERED:
            raise ProviderError(
                f"The prompt {request.stage!r} of {request.subject} leaves no room for an answer in {self.context:,} tokens.",
                hint="A model that holds more is needed (--context).",
            )
        return replace(request, max_tokens=min(request.max_tokens * times, room))

    def refuse(self, provider: Provider, *requests: Request) -> None:
        """The answers to these are of no use: whoever asks again is not answered from the ledger."""
        self.ledger.refuse([_key(provider, r) for r in requests])

    async def _try(self, provider: Provider, request: Request) -> Attempt:
        key = _key(provider, request)
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
        return Attempt(request, found, kept is None)

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
                if (heard := self._retries.hear(error)) is not error:
                    raise heard from error
                raise
        if self.recording:
            self.recording.flush()
        return answer

    @contextmanager
    def _listed(self, provider: Provider, request: Request) -> Iterator[None]:
        """Whatever leaves in the block is in the ledger before it does; of what is plugged in, what it says of itself."""
        if provider.host == LOCAL or self._replays:
            yield
            return
        if not getattr(provider, "watched", False):
            self.ledger.sent(Route(provider.host, provider.host), provider.name, request)
        with telling(lambda route: self.ledger.sent(route, provider.name, request)):
            yield


def _key(provider: Provider, request: Request) -> str:
    return content_hash(neutral(provider.name, request))


def _thought_away(answer: Answer) -> bool:
    """Was it cut off before it had said half of what its tokens could have told?"""
    told = answer.completion_tokens * FEWEST_CHARS_PER_TOKEN / 2
    return answer.finish == "length" and (not answer.text.strip() or len(answer.text) < told)


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


def _again(request: Request, answer: Answer, problems: list[str], context: int | None) -> Request:
    """The same question, with the answer that did not fit, as far as there is room for it, and why."""
    listed = "\n".join(f"- {p}" for p in problems)
    reason = f"That answer cannot be used:\n{listed}\nAnswer the task again, completely, with this mended."
    chars = request.max_tokens * CHARS_PER_TOKEN
    if context is not None:
        spare = (room_in(context, request) - FEWEST_ANSWERED) * CHARS_PER_TOKEN * SURE - len(reason)
        chars = max(0, min(chars, int(spare)))
    said = answer.text[:chars] or "(nothing)"
    return replace(request, messages=(*request.messages, ("assistant", said), ("user", reason)))
