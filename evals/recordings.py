"""The recordings that the suite answers from: where they are, and who wrote, judged and read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from persona_agent.models.recording import META

from .suite import Fixtures

WHO = ("source", "wrote", "judged", "planted", "read")


def folders(fixtures: Fixtures) -> Iterator[tuple[str, Path]]:
    """Every recording by its name: `demo`, those of runs, and those of the suite itself (`evals/…`)."""
    yield "demo", fixtures.folder / "demo" / "recording"
    for kind in ("recordings", "evals"):
        for path in sorted(fixtures.folder.joinpath(kind).rglob(META)):
            name = path.parent.relative_to(fixtures.folder / kind).as_posix()
            yield name if kind == "recordings" else f"evals/{name}", path.parent


def sources(fixtures: Fixtures) -> dict[str, dict[str, Any]]:
    """Who was what in each recording."""
    found = {}
    for name, folder in folders(fixtures):
        meta = yaml.safe_load((folder / META).read_text(encoding="utf-8"))
        found[name] = {key: meta[key] for key in WHO if key in meta} | {"prompts": meta.get("prompts", {})}
    return found


def source_of(folder: Path) -> str:
    """What a number that rests on this recording says of its source."""
    meta = yaml.safe_load((folder / META).read_text(encoding="utf-8"))
    return str(meta["source"])
