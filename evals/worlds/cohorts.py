"""Worlds of cohorts: lists of users that somebody might hand in, of which it is known what there is to tell.

Users of a shop come seldom or often, and each has a taste and an hour of their own, which have nothing to do with any list. A
list may be of those who `ever` had a line that a coin marked, or who ever `bought` from one department: both are lists of those
who came often, and there is nothing else to tell. It may be of those with a `habit`, who come as often as others, or of those
with it who come three times as often (`both`): then the habit is to be told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 300
DEPARTMENTS = {
    "garden": ("spade", "trellis", "planter", "hose"),
    "kitchen": ("pan", "ladle", "kettle", "grater", "whisk", "bowl"),
    "paper": ("folder", "binder", "envelope", "notebook", "label", "stapler", "pen", "tape"),
}
GOODS = [(thing, department) for department, things in DEPARTMENTS.items() for thing in things]
HABIT = "use coupon"
WITH, WITHOUT = 0.4, 0.12  # of visits with the habit, of those who have it and of others
MARKED = 0.06  # of lines, by a coin
TASTE = 1.5  # of a Dirichlet distribution over goods: most have a few that they buy again and again
MORE = 3.0  # times as often as others, where members come more


@dataclass(frozen=True)
class CohortSpec:
    """`kind` of list, over so many users."""

    kind: Literal["ever", "bought", "habit", "both"] = "ever"
    users: int = 300
    seed: int = 0


@dataclass
class CohortWorld:
    """`inside` says of each user whether the list has them."""

    spec: CohortSpec
    lines: list[str] = field(default_factory=list)
    inside: dict[str, bool] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return path


def generate_cohort(spec: CohortSpec) -> CohortWorld:
    """The log of `spec`, with who is in the list."""
    world, rng = CohortWorld(spec), np.random.default_rng([spec.seed, *spec.kind.encode()])
    rows: list[tuple[str, str, str, str, str]] = []
    for i in range(spec.users):
        user = f"c{int(rng.integers(10**6)):06d}{i:04d}"
        member = bool(rng.random() < 0.4)
        taste, hour = rng.dirichlet(np.full(len(GOODS), TASTE)), rng.normal(14, 3)
        rate = float(rng.lognormal(np.log(4), 0.9)) * (MORE if spec.kind == "both" and member else 1.0)
        share = WITH if member and spec.kind in ("habit", "both") else WITHOUT
        own = [row for when in _visits(rng, rate, hour) for row in _visit(rng, user, when, taste, share)]
        ever = {"ever": (rng.random(len(own)) < MARKED).tolist(), "bought": [row[4] == "garden" for row in own]}
        world.inside[user] = any(ever[spec.kind]) if spec.kind in ever else member
        rows += own
    world.lines = [
        json.dumps({"user": user, "timestamp": when, "action": action, "object": thing, "department": department})
        for when, user, action, thing, department in sorted(rows)
    ]
    return world


def _visits(rng: np.random.Generator, rate: float, hour: float) -> list[datetime]:
    days = np.sort(rng.choice(DAYS, min(max(int(rng.poisson(rate)), 1), DAYS), replace=False))
    hours = np.clip(rng.normal(hour, 1.5, len(days)), 6, 22)
    return [BEGIN + timedelta(days=int(d), seconds=int(3600 * h)) for d, h in zip(days, hours, strict=True)]


def _visit(
    rng: np.random.Generator, user: str, when: datetime, taste: np.ndarray, share: float
) -> list[tuple[str, str, str, str, str]]:
    """What is bought in a visit, and perhaps the habit, on one of the things."""
    things = [GOODS[int(rng.choice(len(GOODS), p=taste))] for _ in range(1 + int(rng.poisson(1.2)))]
    done = [("buy", *thing) for thing in things] + ([(HABIT, *things[0])] if rng.random() < share else [])
    return [((when + timedelta(minutes=i)).isoformat(), user, *act) for i, act in enumerate(done)]
