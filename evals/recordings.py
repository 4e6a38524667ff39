"""The recordings that the suite answers from: where they are, and who wrote, judged and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from persona_agent.models.recording import META

from .suite import Fixtures

OWN = "evals/"  # recordings of the suite itself; others are of runs
WHO = ("source", "wrote", "judged", "planted", "read")


def folders(fixtures: Fixtures) -> Iterator[tuple[str, Path]]:
    """Every recording by its name below `fixtures/`: those of runs, and those of the suite itself."""
    for kind in ("recordings", "evals"):
        for path in sorted(fixtures.folder.joinpath(kind).rglob(META)):
            yield path.parent.relative_to(fixtures.folder).as_posix(), path.parent


def sources(fixtures: Fixtures) -> dict[str, dict[str, Any]]:
    """Who was what in each recording."""
    found = {}
    for name, folder in folders(fixtures):
        meta = yaml.safe_load((folder / META).read_text(encoding="utf-8"))
        found[name] = {key: meta[key] for key in WHO if key in meta} | {"prompts": meta.get("prompts", {})}
    return found


def not_measured(suite: str, lacking: Mapping[str, Sequence[str]]) -> str:
    """What is not measured for want of recordings, in a sentence with the commands that make them; `lacking` is by job."""
    names = {name for own in lacking.values() for name in own}
    runs = [name for name in names if not name.startswith(OWN)]
    made = ["persona-agent run LOG --model MODEL --critic-model OTHER --record fixtures/NAME"] if runs else []
    made += [f"persona-agent eval {suite} --live MODEL --record DIR"] if len(runs) < len(names) else []
    return f"not measured: {', '.join(lacking)}: no recording was made with these prompts; record with {' and '.join(made)}"


def answered_by(fixtures: Fixtures, recording: str) -> str:
    """What a number says of the source of its answers: the live model, or the recording's own words."""
    if fixtures.live:
        return fixtures.live.model
    meta = yaml.safe_load((fixtures.recording(recording) / META).read_text(encoding="utf-8"))
    return str(meta["source"])
