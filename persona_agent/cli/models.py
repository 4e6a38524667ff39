"""`models`: what can be plugged in, what is configured, and with `--try` whether a model answers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..options import DEFAULT_TIMEOUT, OFFLINE
from . import options, output

if TYPE_CHECKING:
    from ..models.registry import Listed
    from ..models.trial import Trial

READY = {True: "ready", False: "-", None: "?"}

Try = Annotated[
    str | None,
    typer.Option("--try", metavar="M", help="Make one small structured call to this model.", show_default=False),
]


def models(
    try_: Try = None,
    base_url: options.BaseUrl = None,
    timeout: options.Timeout = DEFAULT_TIMEOUT,
    price: options.PriceOption = None,
    json: options.Json = False,
) -> None:
    """List the models and embeddings that can be used, or try one.

    No key is ever printed, only whether it is set.
    """
    from ..models.registry import catalogue

    if try_ is not None:
        result = _try(try_, base_url, timeout, price)
        if json:
            output.write_json(result)
        else:
            output.write("\n".join(output.sections(_readable(result))))
        return
    listed = catalogue()
    if json:
        output.write_json([vars(entry) for entry in listed])
    else:
        output.write(table(listed))


def _readable(result: dict[str, Any]) -> dict[str, Any]:
    """The result of a trial with its sentences in lines of a terminal, and its cost in plain digits."""
    lines = [line for note in result.get("changed", ()) for line in textwrap.wrap(note, output.WIDTH - 2)]
    cost = result.get("cost_usd")
    plain = {"changed": lines, "cost_usd": "not known" if cost is None else f"{cost:.6f}"}
    return {name: plain.get(name, value) for name, value in result.items()}


def table(listed: list[Listed]) -> str:
    """The catalogue in at most `output.WIDTH` columns."""
    width = max(len(entry.name) for entry in listed)
    lines = []
    for kind, title in (("model", "Models (--model, --critic-model)"), ("embedding", "\nEmbeddings (--embedding)")):
        lines.append(title)
        for entry in (e for e in listed if e.kind == kind):
            told = "; ".join(part for part in (_key(entry), entry.note) if part)
            text = f"  {entry.name:<{width}}  {READY[entry.ready]:<5}  {told}".rstrip()
            lines.append(text if len(text) <= output.WIDTH else text[: output.WIDTH - 1] + "…")
    lines.append("\nEvery other provider/NAME goes through litellm, with litellm's own variables.")
    lines.append("To see whether a model answers: models --try NAME")
    return "\n".join(lines)


def _key(entry: Listed) -> str:
    if not entry.variables:
        return ""
    return f"{' or '.join(entry.variables)} {'is' if entry.ready else 'is not'} set"


def _try(name: str, base_url: str | None, timeout: float, price: str | None) -> dict[str, Any]:
    """What one call showed. Raises ProviderError where there was no usable answer."""
    import asyncio

    from ..models.prices import price_given
    from ..models.registry import load_provider
    from ..models.trial import try_model

    given = price_given(price) if price else None
    if name == OFFLINE:
        return {"model": OFFLINE, "answered": True, "note": "It is built in and needs no trial."}
    provider = load_provider(name, base_url=base_url, timeout=timeout, price=given)
    return _told(name, asyncio.run(try_model(provider)))


def _told(name: str, trial: Trial) -> dict[str, Any]:
    answer = trial.answer
    return {
        "model": name,
        "answered": True,
        "host": answer.host,
        "asked_for": trial.mode,
        "changed": list(answer.notes),
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "cost_usd": None if answer.cost_usd is None else round(answer.cost_usd, 9),
        "seconds": round(trial.seconds, 2),
    }
