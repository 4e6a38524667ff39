"""What privacy costs: a whole run with and without masking, withheld columns and sensitive topics, one after the other.

In: a log. Out: seconds of reading and of the run each way, and the ratios. Both run in one process each, so that masking can be
taken out; with several it is shared between them like the rest of reading. `--names` is not part of it.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.redaction import Redactor

from ..bench.scale import make

EVENTS = 1_000_000
TARGET = 1.25


def seconds(log: Path, out: Path, *, masked: bool) -> tuple[float, float]:
    """Of reading, and of the whole run."""
    options = Options(inputs=(str(log),), out=out, keep=() if masked else ("sensitive",), workers=1)
    with ExitStack() as stack:
        if not masked:
            stack.enter_context(patch.object(Redactor, "_texts", _as_it_is))
            stack.enter_context(patch.object(Redactor, "_properties", _as_it_is))
        took = commands.run(options, Silent()).run["timings"]
    return took["read"], sum(took.values())


def _as_it_is(_: Redactor, value: Any, owner: object) -> Any:  # noqa: ARG001
    return value


def table(folder: Path) -> tuple[list[str], bool]:
    log = make(EVENTS, folder)
    (read, whole), (read_off, whole_off) = (seconds(log, folder / n, masked=n == "on") for n in ("on", "off"))
    ratio = whole / whole_off
    return [
        f"A run over {EVENTS:,} events in one process: {whole:.1f} s with everything on, {whole_off:.1f} s with redaction off, "
        f"{ratio:.2f} times (target {TARGET}); of that reading {read:.1f} s and {read_off:.1f} s, {read / read_off:.2f} times."
    ], ratio <= TARGET
