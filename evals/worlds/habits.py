"""Worlds of habits: logs as shops and courses have them, whose personas are ways to make a visit.

A user comes back in a season, much or little (a heavy tail), and makes some visits in the style of the user's persona and
the others as everybody does; how many in the style differs between users, so that personas overlap. Things of a category
are met by Zipf's law, and everybody comes back to own favourites, which are no persona's. A null has the same users on the
same days of the same months, with each visit in a style of its own: all that is counted over visits is as in the
world, and nobody has a persona.

Beside the lines a world holds, visit by visit, how likely it is under each style: what a reference that knows how the world
was made can tell of it (oracle.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .styles import COHORTS, KINDS, Habits, Kind
from .visits import YEAR, Visit, Ways

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

MONTHS = np.array([0.8, 0.8, 0.9, 0.9, 1.0, 0.9, 0.8, 0.8, 1.0, 1.1, 1.5, 1.5])  # visits by month of a year
FROM_THE_START = 0.5  # of users; the others are first met in any month
MOST_VISITS = 250
SPREAD = 6.0  # of the beta distribution of how much of a user's visits is in the style: .6 ± .19
MAIN_HABIT = (0.5, 0.7)  # of visits in style, in mixed worlds
MAILINGS, LISTS = 24, 4  # a campaign goes to a list at six in the morning; a list is nobody's persona
STANDING = 0.5  # of the users of dated worlds have a standing order, delivered every other week, of no hour


@dataclass(frozen=True)
class HabitSpec:
    """`strength` overrides the kind's; a `null` has nobody with a style of one's own."""

    kind: Kind = "thin"
    users: int = 600
    seed: int = 0
    null: bool = False
    strength: float | None = None

    @property
    def habits(self) -> Habits:
        return KINDS[self.kind]

    @property
    def mean_strength(self) -> float:
        return self.habits.strength if self.strength is None else self.strength


@dataclass
class HabitWorld:
    """`personas` maps a user to the main style (−1 in a null), `memberships` to the weights of all; `visits` counts lines
    of each visit of a user's own, in time; `likelihoods` holds (visits, styles + 1) logarithms for it, everybody's way
    last; `cohorts` is empty but for worlds of cohorts.
    """

    spec: HabitSpec
    lines: list[str] = field(default_factory=list)
    personas: dict[str, int] = field(default_factory=dict)
    memberships: dict[str, tuple[float, ...]] = field(default_factory=dict)
    likelihoods: dict[str, Reals] = field(default_factory=dict)
    visits: dict[str, list[int]] = field(default_factory=dict)
    cohorts: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return path


class Line(NamedTuple):
    when: str
    user: str
    body: dict[str, Any]


def generate_habits(spec: HabitSpec) -> HabitWorld:
    """The log of `spec`; its null is that of the same specification with `null`."""
    world, ways = HabitWorld(spec), Ways(spec.habits, spec.seed)
    who, when, how, what = (np.random.default_rng([spec.seed, *spec.kind.encode(), stream]) for stream in range(4))
    lines: list[Line] = []
    for i in range(spec.users):
        user = f"h{int(who.integers(10**6)):06d}{i:04d}"
        weights, held = _persona(spec, who)
        cohort = int(who.integers(len(COHORTS)))
        months = _months(spec, cohort, when)
        style = _styles(spec, weights, held, len(months), how)
        usual = np.random.default_rng([spec.seed, 53, i]).random((len(ways.categories), 3))
        visits = [ways.visit(int(s), m, cohort, usual, what) for s, m in zip(style, months, strict=True)]
        visits.sort(key=lambda v: v.start)
        world.personas[user] = -1 if spec.null else int(weights.argmax())
        world.memberships[user] = () if spec.null else tuple(weights.round(6).tolist())
        world.likelihoods[user] = np.array([v.likelihood for v in visits])
        world.visits[user] = [len(v.bodies) for v in visits]
        if spec.habits.things == "course":
            world.cohorts[user] = COHORTS[cohort]
        for v in visits:
            lines += _timed(v, user, what)
        lines += _done_to(spec, user, i, ways)
    lines.sort(key=lambda line: (line.when, line.user))
    world.lines = [json.dumps({"user": line.user, "timestamp": line.when, **line.body}) for line in lines]
    return world


def _persona(spec: HabitSpec, rng: np.random.Generator) -> tuple[Reals, float]:
    """A user's weights over the styles, and the share of visits that are made in any of them."""
    n = len(spec.habits.styles)
    weights = np.zeros(n)
    main, second = rng.choice(n, size=2, replace=False)
    share = rng.uniform(*MAIN_HABIT) if spec.kind == "mixed" else 1.0
    weights[main], weights[second] = share, 1 - share
    mean = spec.mean_strength
    return weights, float(rng.beta(mean * SPREAD, (1 - mean) * SPREAD)) if 0 < mean < 1 else mean


def _months(spec: HabitSpec, cohort: int, rng: np.random.Generator) -> list[int]:
    """The month of each visit of a user: from a first month on to a last one, by season; a course is taught in a term."""
    n = int(np.clip(rng.lognormal(np.log(spec.habits.visits), spec.habits.activity), 1, MOST_VISITS))
    first = 0 if rng.random() < FROM_THE_START else int(rng.integers(12))
    last = int(rng.integers(first, 12))
    if spec.habits.things == "course":
        first = 1 if cohort < len(COHORTS) // 2 else 8
        last = first + 3
    season = MONTHS[first : last + 1]
    months = rng.choice(np.arange(first, last + 1), size=n, p=season / season.sum())
    return [int(month) for month in np.sort(months)]


def _styles(spec: HabitSpec, weights: Reals, held: float, n: int, rng: np.random.Generator) -> Ints:
    """The style of each of `n` visits, everybody's way as the last number."""
    everybody = len(weights)
    if spec.null:
        mean = spec.mean_strength
        return np.where(rng.random(n) < mean, rng.integers(everybody, size=n), everybody)
    return np.where(rng.random(n) < held, rng.choice(everybody, size=n, p=weights), everybody)


def _timed(visit: Visit, user: str, rng: np.random.Generator) -> list[Line]:
    pace = min(60, 1700 // len(visit.bodies)) + 1
    seconds = np.cumsum(rng.integers(1, pace + 1, size=len(visit.bodies)))
    return [
        Line(_stamp(visit.start + timedelta(seconds=int(s))), user, body)
        for s, body in zip(seconds, visit.bodies, strict=True)
    ]


def _stamp(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


# --- what is done to a user, and what has no hour ---


def _done_to(spec: HabitSpec, user: str, i: int, ways: Ways) -> list[Line]:
    """Mailings received, in mailed worlds; standing orders, of which the day is known and not the hour, in dated ones."""
    rng = np.random.default_rng([spec.seed, 43, i])
    if spec.kind == "mailed":
        mine = int(rng.integers(LISTS))
        sent = [m for m in range(MAILINGS) if m % LISTS == mine or rng.random() < 0.15]
        starts = [datetime(YEAR, 1, 8, 6, tzinfo=UTC) + timedelta(days=15 * m) for m in sent]
        return [
            Line(_stamp(at), user, {"action": "receive mailing", "object": f"list {m % LISTS} issue {m:02d}"})
            for m, at in zip(sent, starts, strict=True)
        ]
    if spec.kind == "dated" and rng.random() < STANDING:
        day = datetime(YEAR, 1, 1, tzinfo=UTC) + timedelta(days=int(rng.integers(120)))
        category = ways.categories[int(rng.integers(len(ways.categories)))]
        thing, price = ways.things[category][1][0]
        body = {"action": "deliver standing order", "object": thing, "category": category, "price": price}
        times = int(rng.integers(3, 15))
        return [Line(f"{day + timedelta(days=14 * n):%Y-%m-%d}", user, body) for n in range(times)]
    return []
