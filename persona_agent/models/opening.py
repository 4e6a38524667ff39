"""The models of a run: who writes, who judges, and the ledger, recording and budget that their calls share.

In: options and a run directory. Out: an open `Models`, or an error in a sentence before anything is asked. Promises: keys
stay where they are (the environment); clients are closed before the event loop ends.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import RecordingError, StoreError, UsageError
from ..options import OFFLINE, Options
from ..progress import Progress
from ..seal import open_seal
from ..store import Store
from .ask import Asker, Budget
from .base import LOCAL, Answer, Provider, Request
from .hosts import is_here
from .ledger import LEDGER, Ledger
from .prices import FREE, Price, price_given, price_of
from .recording import DOSSIERS, Recording
from .registry import load_provider
from .retrying import Patience

CANDIDATE = re.compile(r"[cq]\d+")  # an id in a dossier
REPLAYED = "http://127.0.0.1:9"  # nothing listens there: a replay never gets that far


@dataclass(frozen=True)
class Models:
    """`writer` is None where code writes, `critic` where code alone decides."""

    writer: Provider | None
    critic: Provider | None
    asker: Asker

    @property
    def asked(self) -> Provider:
        """The writer, where there must be one."""
        if self.writer is None:
            raise UsageError("That needs a model.", hint="Name one with --model; `models` lists them.")
        return self.writer


def with_recording(options: Options, progress: Progress) -> Options:
    """The options with the models and prices of the recording that is replayed, where none are named."""
    if options.replay is None:
        return options
    meta = Recording(options.replay, replay=True).meta()
    if options.model != OFFLINE and options.model != meta.get("writer"):
        raise UsageError(
            f"--model {options.model!r}: the recording {str(options.replay)!r} was written by {meta.get('writer')!r}."
        )
    progress.note(
        f"answers come from the recording {str(options.replay)!r} ({meta.get('source', 'of unknown source')})"
    )
    made_with = meta.get("options")
    made_with = made_with if isinstance(made_with, Mapping) else {}  # a person may have written there
    for name, value in options.hashed().items():
        if name in made_with and made_with[name] != value:
            option = name.replace("_", "-")
            progress.note(f"--{option} is {value!r}; the recording was made with {made_with[name]!r}")
    return options.but(model=meta.get("writer", OFFLINE), critic_model=meta.get("critic"), price=meta.get("price"))


def check_models(options: Options) -> None:
    """Raises what would go wrong before the first call (no key, no price, no such provider), before a log is read."""
    if options.local:
        _stay_here(options)
    _budget(options)
    _providers(options)


def stays_here(options: Options) -> bool:
    """Do the models that write and judge run on this machine, so that nothing of a prompt leaves it? Of a recording: did they?
    What prompts may tell hangs on it.
    """
    if options.replay is not None:
        return bool(Recording(options.replay, replay=True).meta().get("here"))
    return all(is_here(name, base) for name, base in _asked(options))


def _asked(options: Options) -> list[tuple[str, str | None]]:
    return [(options.model, options.base_url), (options.judges, options.critic_base_url or options.base_url)]


def _stay_here(options: Options) -> None:
    """UsageError where `--local` is given and something would leave this machine."""
    asked = [*_asked(options), (options.embedding, None)]
    for name, base in asked if options.replay is None else asked[2:]:
        if not is_here(name, base):
            raise UsageError(
                f"--local: {name!r} is not known to be on this machine.",
                hint="Use offline, or a server here with --base-url http://127.0.0.1:PORT/v1.",
            )
    if ":" in options.engine:
        raise UsageError(f"--local: the engine {options.engine!r} is on other machines.", hint="Use local or ray.")


@asynccontextmanager
async def open_models(
    store: Store,
    options: Options,
    answered: Callable[[Request], None],
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Models]:
    """The models of a run, their recording playing, closed when the block ends. `answered` hears of every answer, `tell` of
    long pauses.
    """
    recording = _recording(options)
    budget = _budget(options)
    writer, critic = _providers(options)
    seal = open_seal(options.seal_key, store.out)
    ledger = Ledger(store.path(LEDGER), seal)
    asker = Asker(
        ledger,
        concurrency=options.concurrency,
        recording=recording,
        budget=budget,
        patience=Patience(),
        fresh=options.record is not None or options.replay is not None,
        answered=answered,
        tell=tell,
        context=options.context,
    )
    try:
        if recording is None:
            yield Models(writer, critic, asker)
        else:
            with recording.playing():
                yield Models(writer, critic, asker)
                asker.unused = recording.unused() if options.replay else 0
    finally:
        for provider in {id(p): p for p in (writer, critic) if p is not None}.values():
            await provider.aclose()
        ledger.close()


@dataclass
class KeptModel:
    """A model of which only answers that are in a ledger can be had: it is never asked."""

    name: str
    host: str = LOCAL

    async def answer(self, request: Request) -> Answer:
        raise RecordingError(
            f"the ledger holds no answer of {self.name} to the prompt {request.stage!r} of {request.subject}"
        )

    async def aclose(self) -> None:
        pass


def kept_models(store: Store, options: Options) -> Models:
    """The models of a finished run as far as its ledger goes; nothing is sent, whatever it lacks."""
    writer, critic = (None if name == OFFLINE else KeptModel(name) for name in (options.model, options.judges))
    path = store.path(LEDGER)
    return Models(writer, critic, Asker(Ledger(path if path.is_file() else None)))


def describe(options: Options, prompts: dict[str, str], dossiers: Any, usage: dict[str, Any]) -> None:
    """Completes the recording of a run with what it was made from."""
    if options.record is None:
        return
    meta = {
        "source": options.record_source or "a provider",
        "writer": options.model,
        "critic": options.judges,
        "price": options.price,
        "here": stays_here(options),
        "prompts": prompts,
        "options": {k: v for k, v in options.hashed().items() if k not in ("model", "critic_model", "price")},
        "usage": usage,
    }
    Recording(options.record, replay=False).describe(meta, dossiers)


def recorded_dossiers(options: Options) -> dict[str, Any] | None:
    """By persona what the writer of the recording that is replayed was shown, None without one; StoreError where that is no list
    of dossiers.
    """
    told = Recording(options.replay, replay=True).dossiers() if options.replay else None
    if told is None:
        return None
    try:
        if isinstance(told, list) and all(
            CANDIDATE.fullmatch(c["id"]) for row in told for c in row["dossier"]["candidates"]
        ):
            return {str(row["persona"]): row for row in told}
    except (KeyError, TypeError):
        pass
    raise StoreError(
        f"{str(options.replay)!r}: {DOSSIERS} is no list of dossiers, each with its persona and its candidates.",
        hint="Record anew.",
    )


def _recording(options: Options) -> Recording | None:
    if options.replay is not None:
        return Recording(options.replay, replay=True)
    return Recording(Path(options.record), replay=False) if options.record is not None else None


def _providers(options: Options) -> tuple[Provider | None, Provider | None]:
    """Who writes and who judges, their clients not opened yet; None is code."""
    price = price_given(options.price) if options.price else None
    base = REPLAYED if options.replay else options.base_url
    critic_base = REPLAYED if options.replay else options.critic_base_url or options.base_url

    def opened(name: str, url: str | None) -> Provider | None:
        return None if name == OFFLINE else load_provider(name, base_url=url, timeout=options.timeout, price=price)

    writer = opened(options.model, base)
    # What a server does not take is found out once.
    same = (options.model, base) == (options.judges, critic_base)
    return writer, writer if same else opened(options.judges, critic_base)


def _budget(options: Options) -> Budget | None:
    if options.max_cost is None or options.replay:
        return None
    prices: dict[str, Price] = {}
    for name in {options.model, options.judges}:
        found = price_given(options.price) if options.price else price_of(name)
        if name == OFFLINE:
            found = FREE
        if found is None:
            raise UsageError(
                f"--max-cost needs the price of {name!r}, which is not known.",
                hint="Give --price IN,OUT in USD per million tokens.",
            )
        prices[name] = found
    return Budget(options.max_cost, prices)
