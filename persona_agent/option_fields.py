"""How a field of `Options` is told of: its help, and what the command line, the environment and files need to know of it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from .errors import UsageError


def several(value: Any) -> Any:
    """One text is a list of one: read letter by letter, it would mean `/`, `l`, `o`, `g`."""
    return (value,) if isinstance(value, str | Path) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(several)]


def option(default: Any, help: str, *, group: str, **extra: Any) -> Any:
    """A field with what the command line needs of it: `flag` (else `--name`), `metavar`, `hashed` (can it change a result?
    `given`: where it is not the default), `stored` (may the environment or a file give it?), and bounds.
    """
    told = {"group": group, "hashed": extra.pop("hashed", True), "stored": extra.pop("stored", True)}
    for name in ("flag", "metavar"):
        if name in extra:
            told[name] = extra.pop(name)
    return Field(default, description=help, json_schema_extra=told, **extra)


def parse_price(text: str) -> tuple[float, float]:
    """`IN,OUT` in USD per million tokens; UsageError if it is not that."""
    try:
        sent, received = (float(part) for part in text.split(","))
    except ValueError:
        sent = received = math.nan
    if not all(math.isfinite(value) and value >= 0 for value in (sent, received)):
        hint = "Two numbers, USD per million tokens sent and received, e.g. 0.25,2."
        raise UsageError(f"--price {text!r} is not of the form IN,OUT.", hint=hint)
    return sent, received
