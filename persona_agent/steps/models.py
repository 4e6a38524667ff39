"""The models of a run: who writes, who judges, and the ledger, recording and budget that their calls share.

In: settings and a run directory. Out: an open `Models`, or an error in a sentence before anything is asked. Promises: keys
stay where they are (the environment); clients are closed before the event loop ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..config import OFFLINE, Settings
from ..errors import UsageError
from ..llm.ask import Asker, Budget, Patience
from ..llm.ledger import Ledger
from ..llm.recording import Recording
from ..progress import Progress
from ..providers.base import Provider, Request
from ..providers.hosts import is_here
from ..providers.prices import FREE, Price, parse_price, price_of
from ..providers.registry import load_provider
from ..store import Store

REPLAYED = "http://127.0.0.1:9"  # nothing listens there: a replay never gets that far


@dataclass(frozen=True)
class Models:
    """`critic` is None where code alone decides."""

    writer: Provider
    critic: Provider | None
    asker: Asker


def with_recording(settings: Settings, progress: Progress) -> Settings:
    """The settings with the models and prices of the recording that is replayed, where none are named."""
    if settings.replay is None:
        return settings
    meta = Recording(settings.replay, replay=True).meta()
    if settings.model != OFFLINE and settings.model != meta.get("writer"):
        raise UsageError(
            f"--model {settings.model!r}: the recording {str(settings.replay)!r} was written by {meta.get('writer')!r}."
        )
    progress.note(
        f"answers come from the recording {str(settings.replay)!r} ({meta.get('source', 'of unknown source')})"
    )
    made_with = meta.get("options", {})
    for name, value in settings.options().items():
        if name in made_with and made_with[name] != value:
            option = name.replace("_", "-")
            progress.note(f"--{option} is {value!r}; the recording was made with {made_with[name]!r}")
    return replace(
        settings, model=meta.get("writer", OFFLINE), critic_model=meta.get("critic"), price=meta.get("price")
    )


def check_models(settings: Settings) -> None:
    """Raises what would go wrong before the first call (no key, no price, no such provider), before a log is read."""
    if settings.local:
        _stay_here(settings)
    _budget(settings)
    _providers(settings)


def _stay_here(settings: Settings) -> None:
    """UsageError where `--local` is given and something would leave this machine."""
    critic_base = settings.critic_base_url or settings.base_url
    asked = [(settings.model, settings.base_url), (settings.judges, critic_base), (settings.embedding, None)]
    for name, base in asked if settings.replay is None else asked[2:]:
        if not is_here(name, base):
            raise UsageError(
                f"--local: {name!r} is not known to be on this machine.",
                hint="Use offline, or a server here with --base-url http://127.0.0.1:PORT/v1.",
            )
    if ":" in settings.engine:
        raise UsageError(f"--local: the engine {settings.engine!r} is on other machines.", hint="Use local or ray.")


@asynccontextmanager
async def open_models(store: Store, settings: Settings, answered: Callable[[Request], None]) -> AsyncIterator[Models]:
    """The models of a run, their recording playing, closed when the block ends."""
    recording = _recording(settings)
    budget = _budget(settings)
    writer, critic = _providers(settings)
    ledger = Ledger(None if settings.replay else store.path("ledger.sqlite"))
    asker = Asker(
        ledger,
        concurrency=settings.concurrency,
        recording=recording,
        budget=budget,
        patience=Patience(),
        fresh=settings.record is not None or settings.replay is not None,
        answered=answered,
    )
    try:
        if recording is None:
            yield Models(writer, critic, asker)
        else:
            with recording.playing():
                yield Models(writer, critic, asker)
                asker.unused = recording.unused() if settings.replay else 0
    finally:
        for provider in (writer, critic):
            if provider is not None:
                await provider.aclose()
        ledger.close()


def describe(settings: Settings, prompts: dict[str, str], dossiers: Any, usage: dict[str, Any]) -> None:
    """Completes the recording of a run with what it was made from."""
    if settings.record is None:
        return
    meta = {
        "source": settings.record_source or "a provider",
        "writer": settings.model,
        "critic": settings.judges,
        "price": settings.price,
        "prompts": prompts,
        "options": {k: v for k, v in settings.options().items() if k not in ("model", "critic_model", "price")},
        "usage": usage,
    }
    Recording(settings.record, replay=False).describe(meta, dossiers)


def recorded_dossiers(settings: Settings) -> Any:
    """The dossiers of the recording that is replayed, None without one."""
    return Recording(settings.replay, replay=True).dossiers() if settings.replay else None


def _recording(settings: Settings) -> Recording | None:
    if settings.replay is not None:
        return Recording(settings.replay, replay=True)
    return Recording(Path(settings.record), replay=False) if settings.record is not None else None


def _providers(settings: Settings) -> tuple[Provider, Provider | None]:
    """Who writes and who judges, their clients not opened yet."""
    price = parse_price(settings.price) if settings.price else None
    base = REPLAYED if settings.replay else settings.base_url
    critic_base = REPLAYED if settings.replay else settings.critic_base_url or settings.base_url
    writer = load_provider(settings.model, base_url=base, timeout=settings.timeout, price=price)
    if settings.judges == OFFLINE:
        return writer, None
    return writer, load_provider(settings.judges, base_url=critic_base, timeout=settings.timeout, price=price)


def _budget(settings: Settings) -> Budget | None:
    if settings.max_cost is None or settings.replay:
        return None
    prices: dict[str, Price] = {}
    for name in {settings.model, settings.judges}:
        found = parse_price(settings.price) if settings.price else price_of(name)
        if name == OFFLINE:
            found = FREE
        if found is None:
            raise UsageError(
                f"--max-cost needs the price of {name!r}, which is not known.",
                hint="Give --price IN,OUT in USD per million tokens.",
            )
        prices[name] = found
    return Budget(settings.max_cost, prices)
