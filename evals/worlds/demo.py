"""The bundled demo log: `python -m evals.worlds.demo` writes fixtures/demo/events.jsonl.gz again, byte for byte."""

from __future__ import annotations

import gzip
from pathlib import Path

from .generator import Spec, generate

SPEC = Spec(domain="kitchen", kind="unequal", users=420, events=70, seed=2026, traits=True)
TARGET = Path(__file__).resolve().parents[2] / "fixtures" / "demo" / "events.jsonl.gz"


def write(target: Path = TARGET) -> Path:
    """The demo log; the time stamp in the gzip header is left out so that the file is the same every time."""
    raw = "\n".join(generate(SPEC).lines).encode() + b"\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(raw, compresslevel=9, mtime=0))
    return target


if __name__ == "__main__":
    print(write())
