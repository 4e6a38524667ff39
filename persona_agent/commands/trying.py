"""`models`: what can be plugged in, what is configured, and whether a model answers.

Promised: no key is part of any result, only whether it is set.
"""

from __future__ import annotations

import asyncio
import textwrap
from dataclasses import asdict, dataclass
from typing import Any

from ..models.prices import price_given
from ..models.registry import Listed, catalogue, load_provider
from ..models.trial import TriedModel, try_model
from ..options import OFFLINE, Options
from ..report.blocks import in_blocks
from ..report.terminal import WIDTH
from .results import Result

READY = {True: "ready", False: "-", None: "?"}


@dataclass(frozen=True)
class Catalogue(Result):
    """Models and embeddings, with the variable that holds the key of each."""

    listed: list[Listed]

    def text(self) -> str:
        width = max(len(entry.name) for entry in self.listed)
        lines = []
        for kind, title in (("model", "Models (--model, --critic-model)"), ("embedding", "\nEmbeddings (--embedding)")):
            lines.append(title)
            for entry in (e for e in self.listed if e.kind == kind):
                told = "; ".join(part for part in (_key(entry), entry.note) if part)
                text = f"  {entry.name:<{width}}  {READY[entry.ready]:<5}  {told}".rstrip()
                lines.append(text if len(text) <= WIDTH else text[: WIDTH - 1] + "…")
        lines.append("\nEvery other provider/NAME goes through litellm, with litellm's own variables.")
        lines.append("To see whether a model answers: models --try NAME")
        return "\n".join(lines)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.listed]


@dataclass(frozen=True)
class Tried(Result):
    """What one small structured question to a model showed."""

    facts: dict[str, Any]

    def text(self) -> str:
        """Sentences in lines of a terminal, the cost in plain digits."""
        lines = [line for note in self.facts.get("changed", ()) for line in textwrap.wrap(note, WIDTH - 2)]
        cost = self.facts.get("cost_usd")
        plain = {"changed": lines, "cost_usd": "not known" if cost is None else f"{cost:.6f}"}
        return in_blocks({name: plain.get(name, value) for name, value in self.facts.items()})

    def as_json(self) -> dict[str, Any]:
        return self.facts


def list_models() -> Catalogue:
    """What there is to choose from."""
    return Catalogue(catalogue())


def try_named(name: str, options: Options) -> Tried:
    """One question to the model of this name. Raises ProviderError where there was no usable answer."""
    if name == OFFLINE:
        return Tried({"model": OFFLINE, "answered": True, "note": "It is built in and needs no trial."})
    price = price_given(options.price) if options.price else None
    provider = load_provider(name, base_url=options.base_url, timeout=options.timeout, price=price)
    return Tried(_facts(name, asyncio.run(try_model(provider))))


def _facts(name: str, trial: TriedModel) -> dict[str, Any]:
    cost = trial.totals.cost_usd
    return {
        "model": name,
        "answered": True,
        "host": trial.host,
        "asked_for": trial.mode,
        "changed": trial.notes,
        "calls": trial.totals.calls,
        "prompt_tokens": trial.totals.prompt_tokens,
        "completion_tokens": trial.totals.completion_tokens,
        "cost_usd": None if cost is None else round(cost, 9),
        "seconds": round(trial.seconds, 2),
    }


def _key(entry: Listed) -> str:
    if not entry.variables:
        return ""
    return f"{' or '.join(entry.variables)} {'is' if entry.ready else 'is not'} set"
