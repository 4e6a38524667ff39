"""What privacy costs: a run's first stages with and without masking and sensitive topics, in one process, one after the other.

In: a log. Out: seconds of reading and gathering each way, and the ratio. The later stages are the same either way and are left
out, so the ratio of a whole run is smaller.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from persona_agent.config import Settings
from persona_agent.engines import LocalEngine
from persona_agent.progress import Silent
from persona_agent.stages.redaction import Redactor
from persona_agent.steps.gathering import find_memories
from persona_agent.steps.reading import find_log, read_log
from persona_agent.store import Store

from ..bench.scale import make

EVENTS = 1_000_000
TARGET = 1.25


def seconds(log: Path, out: Path, *, masked: bool) -> float:
    """Reading and gathering."""
    settings = Settings(inputs=(str(log),), out=out, keep=() if masked else ("sensitive",))
    started = time.monotonic()
    with LocalEngine(1) as engine:
        store = Store.create(out)
        if masked:
            read_log(find_log(settings), settings, store, Silent(), engine)
        else:
            with patch.object(Redactor, "_texts", _as_it_is), patch.object(Redactor, "_properties", _as_it_is):
                read_log(find_log(settings), settings, store, Silent(), engine)
        find_memories(store, settings, Silent(), engine)
    return time.monotonic() - started


def _as_it_is(_: Redactor, value: Any, owner: object) -> Any:  # noqa: ARG001
    return value


def table(folder: Path) -> tuple[list[str], bool]:
    log = make(EVENTS, folder)
    on, off = (seconds(log, folder / name, masked=name == "on") for name in ("on", "off"))
    ratio = on / off
    return [
        f"Reading and gathering {EVENTS:,} events in one process: {on:.1f} s with masking and sensitive topics, {off:.1f} s "
        f"without; {ratio:.2f} times (target {TARGET} for a whole run)."
    ], ratio <= TARGET
