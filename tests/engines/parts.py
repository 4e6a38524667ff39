"""What is done with a part in tests of engines: in a module that imports little, for every process imports it anew."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from persona_agent.errors import InputError


def squared(part: int) -> int:
    return part * part


def refused(part: int) -> int:
    if part == 3:
        raise InputError("a.jsonl:3 is bad.", hint="Mend it.")
    return part


def killed_once(folder: Path, part: int) -> int:
    """Part 2 dies with its process the first time."""
    mark = folder / "died"
    if part == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return part


def killed(part: int) -> int:
    if part == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return part
