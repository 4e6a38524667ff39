"""Are personas found where a person from the trade would see some: worlds of habits, and their nulls.

In: kinds of worlds (`evals/cases/habits.yaml`). Out: personas shown on the nulls first; then per kind how many of the users
that could be placed stand in a persona that is shown, whether they are the planted ones, and whether they come back in
the other half of the same users' visits. Promises: users are placed by a model made of other users; beside each index
stands what the reference that knows how the world was made reaches (`ceiling`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..bench.clusters import MAX_OFF
from ..placing.events import Events, read_events
from ..placing.methods import Method
from ..placing.scores import HOWS, ari_outside, crossed, kappa, mean_gain
from ..placing.today import Today
from ..placing.views import views_of
from ..results import Number, rate
from ..suite import Failed, Fixtures, Job
from ..worlds import HabitSpec, HabitWorld, generate_habits
from ..worlds.oracle import ceiling, placeable
from ..worlds.styles import KINDS

NAME = "habits"
TITLE = "Habits that a person from the trade would see are found and shown, and none where there are none."

METHODS: dict[str, Method] = {"today": Today()}
IN_SHOWN = 0.9  # of the users that could be placed


class Case(NamedTuple):
    job: str
    spec: HabitSpec


def cases(data: Mapping[str, Any]) -> list[Case]:
    """Each kind and seed, as a world and as its null."""
    specs = [
        HabitSpec(k, data["users"], s, null) for k in data["kinds"] for s in data["seeds"] for null in (False, True)
    ]
    return [Case(f"{s.kind} {s.seed}{' null' if s.null else ''}", s) for s in specs]


def jobs(fixtures: Fixtures, data: Mapping[str, Any]) -> list[Job]:
    """One a world and one a null; these suites need no fixtures."""
    del fixtures
    method, folds, seconds = data["method"], data["folds"], data["seconds"]
    return [
        Job(c.job, measure_null, (asdict(c.spec), method), seconds / 3)
        if c.spec.null
        else Job(c.job, measure_world, (asdict(c.spec), method, folds), seconds)
        for c in cases(data)
    ]


# --- what a job measures ---


def measure_null(spec: Mapping[str, Any], method: str) -> dict[str, Any]:
    """How many personas a report of a log without any shows."""
    report = METHODS[method].report(_events(generate_habits(HabitSpec(**spec))))
    return {"shown": int(report.shown.sum()), "found": len(report.shown)}


def measure_world(spec: Mapping[str, Any], method: str, folds: int) -> dict[str, Any]:
    """A report of the world, and users placed by models of other users, against the truth."""
    world = generate_habits(HabitSpec(**spec))
    events = _events(world)
    truth = np.array([world.personas[user] for user in events.users])
    able = placeable(world)
    could = np.array([able[user] for user in events.users])
    report = METHODS[method].report(events)
    in_shown = (report.label >= 0) & np.append(report.shown, False)[report.label]
    found = crossed(METHODS[method], events, views_of(events), report, folds)
    result = {
        "planted": len(world.spec.habits.styles),
        "shown": int(report.shown.sum()),
        "found": len(report.shown),
        "placeable": int(could.sum()),
        "placeable_shown": int((in_shown & could).sum()),
        "others_shown": int((in_shown & ~could).sum()),
        "users": len(truth),
        "ari": ari_outside(truth, found.whole, found.fold),
        "gain": mean_gain(found.gain, found.gain_visits),
        "ceiling": asdict(ceiling(world)),
    }
    for how in HOWS:
        half = found.halves[how]
        tested, (agreed, ends) = half.tested, kappa(half)
        result[f"ari_{how}"] = ari_outside(truth[tested], half.first[tested], found.fold[tested])
        result[f"kappa_{how}"] = {"value": agreed.kappa, "ends": ends, "n": int(tested.sum()), "chance": agreed.chance}
    return result


def _events(world: HabitWorld) -> Events:
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        return read_events(world.write(Path(folder) / "log.jsonl"), world.personas)


# --- what the numbers are made of ---


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    """Nulls first, then the kinds of worlds."""
    of_null = {c.job: results.get(c.job, Failed("not run")) for c in cases(data) if c.spec.null}
    made = [_shown_on_nulls(of_null)]
    for kind in KINDS:
        given = [results.get(c.job, Failed("not run")) for c in cases(data) if c.spec.kind == kind and not c.spec.null]
        if given:
            made += _of_kind(kind, given)
    return made


def _shown_on_nulls(given: Mapping[str, Any]) -> Number:
    done = {name: r for name, r in given.items() if not isinstance(r, Failed)}
    wrong = [f"{name}: {r['shown']}" for name, r in done.items() if r["shown"]]
    return Number(
        "personas_shown_on_nulls",
        float(sum(r["shown"] for r in done.values())) if done else None,
        len(done),
        better="lower",
        target=0,
        n_error=len(given) - len(done),
        reason=", ".join(wrong),
    )


def _of_kind(kind: str, given: Sequence[Any]) -> list[Number]:
    """The numbers of one kind: means over its worlds; the interval is that of a single world."""
    done = [r for r in given if not isinstance(r, Failed)]
    failed = len(given) - len(done)

    def mean(name: str, values: Sequence[float | None], ends: Any = None, **more: Any) -> Number:
        there = [v for v in values if v is not None]
        own = (float(ends[0]), float(ends[1])) if ends and len(done) == 1 else None
        return Number(
            f"{name}.{kind}", float(np.mean(there)) if there else None, len(there), own, n_error=failed, **more
        )

    off = [float(abs(r["shown"] - r["planted"])) for r in done]
    said = ", ".join(f"{r['shown']} shown, {r['found']} found, {r['planted']} planted" for r in done)
    shown, able = (sum(r[key] for r in done) for key in ("placeable_shown", "placeable"))
    ceilings = [r["ceiling"] for r in done]
    made = [
        rate(f"placeable_shown.{kind}", shown, able, target=IN_SHOWN, n_error=failed),
        Number(f"k_off.{kind}", max(off, default=None), len(off), None, "lower", MAX_OFF, failed, reason=said),
        mean("ari", [r["ari"] for r in done]),
        mean("ari.ceiling", [c["ari"] for c in ceilings], better="", reason="of a reference that knows the generator"),
        mean("gain", [r["gain"][0] for r in done], done[0]["gain"][1] if done else None),
    ]
    for how in HOWS:
        halves = [r[f"kappa_{how}"] for r in done]
        made.append(mean(f"ari_half_{how}", [r[f"ari_{how}"] for r in done]))
        made.append(mean(f"kappa_{how}", [h["value"] for h in halves], halves[0]["ends"] if halves else None))
    return made
