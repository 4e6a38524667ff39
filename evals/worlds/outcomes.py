"""Worlds of outcomes: who stopped, or upgraded, after a day, for a reason that stands before it.

A user comes from some month before the day on, often or seldom, and makes visits of goods. A planted habit before the day (a
`cause`) makes the outcome likelier; so does coming seldom, which is no habit. After the day, whoever stayed does what only such
users can do (`consequences`): buys goods of a season that comes then, and that everybody bought alike in the same season before,
and does an act that there was not before. In a null world the cause is as common in both.

Whoever holds the two against each other over the whole log finds the consequences above all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

CUT = datetime(2024, 9, 1, tzinfo=UTC)
BEGIN, END = datetime(2023, 11, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC)
GOODS = (
    "lamp", "mug", "tray", "basket", "clock", "cushion", "frame", "vase", "candle", "teapot", "apron", "bowl", "towel", "hook",
)  # fmt: skip
SEASONAL = ("advent star", "tinsel garland", "glass bauble", "snow globe")
CAUSE, REWARD, UPGRADE = "contact support", "redeem points", "upgrade"
OF_CAUSE = 0.4  # of users, who have the habit
HABIT = (0.45, 0.06)  # of visits with the act, of those who have the habit and of others
WITH, WITHOUT = 0.75, 0.2  # chance of the outcome
SELDOM = 0.2  # added where a user comes less than usual, taken away where more
SEASON = 0.35  # of lines of a visit in November and December


@dataclass(frozen=True)
class OutcomeSpec:
    """`kind` of outcome: to have stopped at the day, or to upgrade after it; in a `null` the habit has nothing to do with it."""

    kind: Literal["stopped", "upgraded"] = "stopped"
    users: int = 400
    seed: int = 0
    null: bool = False

    @property
    def outcome(self) -> str:
        """The outcome as it is asked for."""
        return "stopped" if self.kind == "stopped" else f"action={UPGRADE}"


@dataclass
class OutcomeWorld:
    """`had` says of each user whether the outcome came, `habit` whether the cause was theirs."""

    spec: OutcomeSpec
    lines: list[str] = field(default_factory=list)
    had: dict[str, bool] = field(default_factory=dict)
    habit: dict[str, bool] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return path


def generate_outcomes(spec: OutcomeSpec) -> OutcomeWorld:
    """The log of `spec`."""
    world, rng = OutcomeWorld(spec), np.random.default_rng([spec.seed, *spec.kind.encode()])
    rows: list[tuple[str, str, str, str]] = []
    for i in range(spec.users):
        user = f"o{int(rng.integers(10**6)):06d}{i:04d}"
        rate = float(rng.lognormal(np.log(1.6), 0.6))  # visits a month
        habit = bool(rng.random() < OF_CAUSE)
        base = (WITH + WITHOUT) / 2 if spec.null else WITH if habit else WITHOUT
        had = bool(rng.random() < np.clip(base + (SELDOM if rate < 1.6 else -SELDOM), 0.02, 0.98))
        world.had[user], world.habit[user] = had, habit
        start = BEGIN + timedelta(days=float(rng.uniform(0, 120)))
        stays = spec.kind == "upgraded" or not had
        for when in _visits(rng, start, END if stays else CUT, rate):
            rows += [(when.isoformat(), user, *done) for done in _visit(rng, when, habit)]
            if when >= CUT and rng.random() < 0.5:
                rows.append((when.isoformat(), user, REWARD, "points"))
        if spec.kind == "upgraded" and had:
            rows.append(((CUT + timedelta(days=float(rng.uniform(1, 80)))).isoformat(), user, UPGRADE, "pro plan"))
    world.lines = [
        json.dumps({"user": user, "timestamp": when, "action": action, "object": thing})
        for when, user, action, thing in sorted(rows)
    ]
    return world


def _visits(rng: np.random.Generator, start: datetime, end: datetime, rate: float) -> list[datetime]:
    n = max(int(rng.poisson(rate * (end - start).days / 30)), 1)
    return [start + timedelta(seconds=int(s)) for s in rng.uniform(0, (end - start).total_seconds(), n)]


def _visit(rng: np.random.Generator, when: datetime, habit: bool) -> list[tuple[str, str]]:
    """What is done in a visit: goods of the season, and perhaps the habit."""
    seasonal = SEASON if when.month in (11, 12) else 0.0
    things = [str(rng.choice(SEASONAL if rng.random() < seasonal else GOODS)) for _ in range(1 + int(rng.poisson(1.5)))]
    done = [("view" if rng.random() < 0.5 else "buy", thing) for thing in things]
    return [*done, (CAUSE, "chat")] if rng.random() < HABIT[0 if habit else 1] else done
