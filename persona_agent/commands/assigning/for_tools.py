"""`export --cohort`: the users of each persona as analytics tools take them in, in the form that their own documentation gives.

In: rows of `assign` with raw ids. Out: files. Promises: a persona of fewer users than the floor is in none; a request is no
longer than the tool takes; nothing is sent.

| tool | what is written | where it goes |
|---|---|---|
| amplitude | a JSON body for each cohort of at most 100,000 ids | `POST /api/3/cohorts/upload` (Behavioral Cohorts API) |
| mixpanel | a JSON array of at most 2,000 profile updates a line | `POST /engage#profile-batch-update` |
| posthog | a CSV with the column `distinct_id` for each persona | a static cohort, *Upload a CSV* |
| segment | a batch of `identify` calls of at most 500 kB a line | `POST /v1/batch` (HTTP Tracking API) |
| csv | one table: user, persona, name, certainty | anything else |
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from ...errors import UsageError
from ...fields import pairs
from ...progress import Progress, Silent
from ..exporting import Exported
from .assigned import Rows
from .assigning import assign
from .handing_out import STALE_AFTER, TOOL_ID, GivenOut, csv_of, give_files, refuse_without_purpose
from .placeable import placeable

ToolKind = Literal["amplitude", "mixpanel", "posthog", "segment", "csv"]
# What each tool's documentation allows a request.
AMPLITUDE_IDS, MIXPANEL_PROFILES, SEGMENT_BYTES = 100_000, 2_000, 500_000
NEEDED: Mapping[str, tuple[str, ...]] = {"amplitude": ("app_id", "owner"), "mixpanel": ("token",)}
NEXT: Mapping[str, str] = {
    "amplitude": "Nothing was sent. POST each to /api/3/cohorts/upload of Amplitude.",
    "mixpanel": "Nothing was sent. POST each line to /engage#profile-batch-update of Mixpanel.",
    "posthog": "Nothing was sent. Upload each as a static cohort of PostHog.",
    "segment": "Nothing was sent. POST each line to /v1/batch of Segment.",
    "csv": "Nothing was sent.",
}
T = TypeVar("T")


@dataclass(frozen=True)
class CohortsExported(Exported):
    """The same, with the personas that were left out for their size, and where the files go."""

    small: Sequence[str]
    next_step: str

    def text(self) -> str:
        said = [f"{p} was left out: fewer users than the floor." for p in self.small]
        return "\n".join([super().text(), *said, self.next_step])


def export_cohorts(
    out: Path,
    kind: ToolKind,
    to: Path | None,
    log: Sequence[str] = (),
    progress: Progress | None = None,
    *,
    purpose: str | None = None,
    stale_after: int = STALE_AFTER,
    given: Mapping[str, str] | Sequence[str] = (),
    opt_out: Path | None = None,
    seal_key: Path | None = None,
) -> CohortsExported:
    """Files of the users of each persona in the folder `to`; UsageError without a purpose, or without what the tool needs."""
    refuse_without_purpose(purpose, ids=True)
    if to is None:
        raise UsageError("A cohort needs a folder.", hint="Add --to FOLDER.")
    settings = _settings(kind, given if isinstance(given, Mapping) else dict(pairs(given)))
    run = placeable(out)
    made = assign(
        out, log, progress or Silent(), ids=True, purpose=purpose, opt_out=opt_out, seal_key=seal_key
    )  # fmt: skip
    floor = run.options.floor
    small = [p for p, n in made.counts.items() if 0 < n < floor]
    kept = np.isin(made.rows["persona"].astype(str), [p for p, n in made.counts.items() if n >= floor])
    rows = {name: column[kept] for name, column in made.rows.items()}
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = [(to / name, content) for name, content in files_of(kind, rows, settings)]
    noted = [GivenOut.now(file, kind, purpose, stale_after, ids=True) for file, _ in files]
    give_files(run.store, files, noted, seal_key)
    return CohortsExported([file for file, _ in files], small, NEXT[kind], seal=made.seal)


def files_of(kind: ToolKind, rows: Rows, settings: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file; `rows` are of users who are placed."""
    if kind == "csv":
        yield "cohorts.csv", csv_of({name: rows[name] for name in ("user", "persona", "name", "certainty")})
    elif kind == "posthog":
        for persona, _, users in _by_persona(rows):
            yield f"{persona}.csv", csv_of({"distinct_id": np.array(users, dtype=object)}, TOOL_ID)
    elif kind == "amplitude":
        for persona, name, users in _by_persona(rows):
            parts = list(batched(users, AMPLITUDE_IDS))
            for i, part in enumerate(parts, start=1):
                called = name if len(parts) == 1 else f"{name} ({i} of {len(parts)})"
                yield f"{persona}.json" if i == 1 else f"{persona}.{i}.json", _line(amplitude(called, part, settings))
    elif kind == "mixpanel":
        updates = (mixpanel(*told, settings) for told in _told(rows))
        yield "mixpanel.jsonl", b"".join(_line(list(part)) for part in batched(updates, MIXPANEL_PROFILES))
    else:
        yield "segment.jsonl", b"".join(_batches([segment(*told) for told in _told(rows)]))


def amplitude(name: str, users: Sequence[str], settings: Mapping[str, str]) -> dict[str, Any]:
    """The body of a cohort's upload."""
    app = settings["app_id"]
    return {
        "name": name,
        "app_id": int(app) if app.isdecimal() else app,
        "id_type": "BY_USER_ID",
        "ids": list(users),
        "owner": settings["owner"],
        "published": True,
    }


def mixpanel(user: str, persona: str, name: str, certainty: float, settings: Mapping[str, str]) -> dict[str, Any]:
    """The update of a profile: a cohort there is who has the property."""
    said = {"Persona": name, "Persona id": persona, "Persona certainty": certainty}
    return {"$token": settings["token"], "$distinct_id": user, "$set": said}


def segment(user: str, persona: str, name: str, certainty: float) -> dict[str, Any]:
    """An identify call."""
    traits = {"persona": name, "persona_id": persona, "persona_certainty": certainty}
    return {"type": "identify", "userId": user, "traits": traits}


def _settings(kind: ToolKind, given: Mapping[str, str]) -> Mapping[str, str]:
    needed = NEEDED.get(kind, ())
    missing, unknown = [name for name in needed if not given.get(name)], [name for name in given if name not in needed]
    if missing:
        hint = f"Add {' '.join(f'--set {name}=…' for name in missing)}."
        raise UsageError(f"What {kind} imports names your {' and '.join(missing)}.", hint=hint)
    if unknown:
        raise UsageError(
            f"--set {unknown[0]} is nothing that {kind} needs.", hint=f"It needs: {', '.join(needed) or 'nothing'}."
        )
    return given


def _by_persona(rows: Rows) -> Iterator[tuple[str, str, list[str]]]:
    for persona in sorted(set(rows["persona"].tolist()), key=lambda p: int(p[1:])):
        mine = rows["persona"] == persona
        yield persona, str(rows["name"][mine][0]), rows["user"][mine].tolist()


def _told(rows: Rows) -> Iterator[tuple[str, str, str, float]]:
    return zip(*(rows[name].tolist() for name in ("user", "persona", "name", "certainty")), strict=True)


def _batches(calls: Sequence[dict[str, Any]]) -> Iterator[bytes]:
    """Requests of several calls each."""
    held, size = list[dict[str, Any]](), 0
    for call in calls:
        own = len(_line(call)) + 1
        if held and size + own > SEGMENT_BYTES - 100:
            yield _line({"batch": held})
            held, size = [], 0
        held.append(call)
        size += own
    if held:
        yield _line({"batch": held})


def batched(values: Iterable[T], n: int) -> Iterator[list[T]]:
    """Lists of at most so many."""
    left = iter(values)
    while part := list(islice(left, n)):
        yield part


def _line(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()
