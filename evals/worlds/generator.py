"""From a specification to a log with known truth, the same for the same seed.

A user has a mix over intents (the persona's, jittered), an own hour of the day and an own amount; a session is one episode of
an intent or two interleaved ones; noise events fall in between, broken lines between the records. Truth is kept per line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

from .domains import DOMAINS, Domain, Step
from .drawing import draw, draw_apart

Kind = Literal["personas", "mix", "numeric", "small", "two", "unequal", "continuum", "crowd", "null"]
KINDS: tuple[Kind, ...] = ("personas", "mix", "numeric", "small", "two", "unequal", "continuum", "crowd", "null")

START = datetime(2024, 3, 4, tzinfo=UTC)
WINDOW_DAYS = 120
INTERLEAVED, NOISE, BROKEN = 0.35, 0.12, 0.01
BOT, BOT_SHARE = "c00000bot", 0.25  # of the log
DRIFTS = 0.5
OWN_COURSE = 0.9
COURSES = ("amber", "birch", "cedar", "delta", "ember", "fjord")
DEVICES = ("phone", "tablet", "desktop", "kiosk")
BROKEN_LINES = (
    '{"user": "u1", "timestamp": ',
    "[1, 2, 3]",
    "plain words, no record",
    '{"timestamp": "2024-05-01T10:00:00Z"}',
)


@dataclass(frozen=True)
class Spec:
    """`events` is the mean number of a user's events; `vocabulary` "open" makes object texts that hardly ever repeat;
    `traits` gives each persona habits that are no intents: how often, on which days, at which hours, with favourites;
    `facts` gives habits instead whose truth is declared in facts.py. `drift`: in the second half of the window half of what
    each persona came for is something else. `bot`: one account that is no person writes a quarter of the log. `fields`:
    each event names the user's course, mostly the persona's own, and device, anybody's. `smallest` is the share of the
    smallest persona in `small` worlds.
    """

    domain: str = "kitchen"
    kind: Kind = "personas"
    vocabulary: Literal["closed", "open"] = "closed"
    users: int = 300
    events: int = 60
    seed: int = 0
    traits: bool = False
    facts: bool = False
    drift: bool = False
    bot: bool = False
    fields: bool = False
    smallest: float = 0.03


@dataclass
class World:
    """A generated log: its lines, and the truth. `line_intents` maps a physical line to its intent (noise: −1);
    `user_personas` maps a user to a planted persona (−1 where none is planted). The lines of a bot are in neither.
    """

    spec: Spec
    lines: list[str] = field(default_factory=list)
    line_intents: dict[int, int] = field(default_factory=dict)
    user_personas: dict[str, int] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return path


Absent = Literal["noise", "finish"]


@dataclass(frozen=True)
class _Habits:
    """`often` scales the number of events, `weekend` is the share of sessions on Saturday or Sunday, `favourite` the
    chance that an object is the user's usual one, `error` that a payment is declined. The rest are of worlds with facts:
    `hour` is the persona's hour of the day, `first` the chance that the first step of the domain's ritual comes first,
    `without` the actions that never happen.
    """

    often: float = 1.0
    weekend: float = 2 / 7
    favourite: float = 0.0
    error: float = 0.0
    hour: float | None = None
    first: float = 0.5
    without: frozenset[Absent] = frozenset()


HABITS = (
    _Habits(1.5, 0.15, 0.6),
    _Habits(0.7, 0.75, 0.1),
    _Habits(2.0, 0.25, 0.8),
    _Habits(0.6, 0.60, 0.0),
    _Habits(1.0, 0.10, 0.3, 0.1),
    _Habits(0.8, 0.30, 0.0, 0.5),
)

FACT_KINDS: tuple[Kind, ...] = ("personas", "unequal", "two")
# In worlds with facts. Hours are all in the daytime but for the first, so that only one persona is one of evenings.
FACT_HABITS = (
    _Habits(hour=20.5, error=0.05, first=1.0),
    _Habits(weekend=0.75, error=0.05, hour=11, without=frozenset({"noise"})),
    _Habits(1.6, favourite=0.8, error=0.05, hour=10),
    _Habits(error=0.5, hour=13),
    _Habits(0.6, error=0.05, hour=12, without=frozenset({"finish"})),
)
# Two steps that open a session of anybody, in either order: no part of an intent.
RITUAL_SHARE = 0.4
RITUALS = {
    "kitchen": (Step("glance", ("pantry camera",)), Step("dictate", ("memo",))),
    "library": (Step("scan badge", ("entrance reader",)), Step("check", ("shelf number",))),
    "fleet": (Step("clock in", ("terminal",)), Step("call", ("night desk",))),
}
# What may fail, and how that reads.
FAILURES = {
    "kitchen": ("pay", "card declined"),
    "library": ("stream", "playback stopped"),
    "fleet": ("upload", "file refused"),
}


@dataclass(frozen=True)
class _User:
    name: str
    mix: np.ndarray
    amount: float
    hour: float
    habits: _Habits
    fields: Mapping[str, str] = field(default_factory=dict)


def generate(spec: Spec) -> World:
    """The log of `spec`."""
    rng = np.random.default_rng([spec.seed, *spec.domain.encode(), KINDS.index(spec.kind), spec.vocabulary == "open"])
    domain = DOMAINS[spec.domain]
    world = World(spec)
    events: list[tuple[datetime, str, dict[str, object], int]] = []
    for user, persona in _users(spec, rng):
        world.user_personas[user.name] = persona
        events += _history(spec, domain, user, rng)
    if spec.bot:
        events += _bot(spec, domain, round(len(events) * BOT_SHARE / (1 - BOT_SHARE)))
    events.sort(key=lambda e: (e[0], e[1]))
    for when, name, body, intent in events:
        if rng.random() < BROKEN:
            world.lines.append(BROKEN_LINES[rng.integers(len(BROKEN_LINES))])
        record = {"user": name, "timestamp": when.isoformat().replace("+00:00", "Z"), **body}
        world.lines.append(json.dumps(record))
        if name != BOT:
            world.line_intents[len(world.lines)] = intent
    return world


def _users(spec: Spec, rng: np.random.Generator) -> list[tuple[_User, int]]:
    n_intents = len(DOMAINS[spec.domain].intents)
    apart = np.random.default_rng([spec.seed, 103])  # what is asked for apart must leave the rest as it was
    personas = _assignment(spec, rng)
    mixes = _persona_mixes(spec.kind, n_intents)
    users = []
    for i, persona in enumerate(personas):
        mix = _mix(spec.kind, persona, mixes, n_intents, rng)
        amount = _amount(spec.kind, persona, rng)
        habits = _habits(spec, persona)
        usual = 9 + 3 * (persona % 5) if persona >= 0 else 14
        # Who is in no persona comes when everybody does: hours of one's own are something to be told apart by.
        hour = float(rng.normal(usual if habits.hour is None else habits.hour, 1.5 if persona >= 0 else 0.0))
        fields = _fields(persona, apart) if spec.fields else {}
        users.append((_User(f"c{int(rng.integers(10**5)):05d}{i:04d}", mix, amount, hour, habits, fields), persona))
    return users


def _fields(persona: int, rng: np.random.Generator) -> dict[str, str]:
    course = persona if rng.random() < OWN_COURSE else int(rng.integers(len(COURSES)))
    return {"course": COURSES[course % len(COURSES)], "device": DEVICES[rng.integers(len(DEVICES))]}


def _bot(spec: Spec, domain: Domain, n: int) -> list[tuple[datetime, str, dict[str, object], int]]:
    """An account that does anything at any time of the day, so often that no person could."""
    rng = np.random.default_rng([spec.seed, 101])
    steps = [step for intent in domain.intents.values() for step in intent]
    robot = _User(BOT, np.ones(len(domain.intents)), 4.0, 12.0, _Habits())
    times = rng.integers(0, WINDOW_DAYS * 86400, size=n)
    bodies = [_body(spec, domain, steps[rng.integers(len(steps))], robot, rng) for _ in range(n)]
    return [(START + timedelta(seconds=int(t)), BOT, body, -1) for t, body in zip(times, bodies, strict=True)]


def _habits(spec: Spec, persona: int) -> _Habits:
    facts = spec.facts and spec.kind in FACT_KINDS
    if persona < 0 or not (facts or spec.traits):
        return _Habits()
    habits = FACT_HABITS if facts else HABITS
    return habits[persona % len(habits)]


def _assignment(spec: Spec, rng: np.random.Generator) -> list[int]:
    shares = {
        "personas": [0.2] * 5,
        "mix": [1 / 3] * 3,
        "numeric": [1 / 3] * 3,
        "small": [0.27, 0.25, 0.23, 0.25 - spec.smallest, spec.smallest],
        "two": [0.5, 0.5],
        "unequal": [0.4, 0.25, 0.15, 0.12, 0.08],
    }.get(spec.kind)
    if shares is None:
        return [-1] * spec.users
    bounds = np.cumsum(shares)
    personas = np.minimum(np.searchsorted(bounds, (np.arange(spec.users) + 0.5) / spec.users), len(shares) - 1)
    return [int(p) for p in personas[rng.permutation(spec.users)]]


def _persona_mixes(kind: Kind, n: int) -> np.ndarray:
    """Mixes over intents, one row a persona: a main intent, a secondary one, the rest shared out. In `mix` worlds
    every persona uses the same three intents and only the proportions differ.
    """
    if kind == "mix":
        rows = np.full((3, n), 0.01)
        rows[:, :3] = [[0.84, 0.08, 0.08], [0.08, 0.84, 0.08], [0.08, 0.08, 0.84]]
        return np.asarray(rows / rows.sum(axis=1, keepdims=True))
    rows = np.full((n, n), 0.02)
    for p in range(n):
        rows[p, p] = 0.70
        rows[p, (p + 2) % n] = 0.22
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def _mix(kind: Kind, persona: int, mixes: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    if kind == "crowd":
        return rng.dirichlet(np.ones(n))
    if kind in ("null", "numeric"):
        return np.asarray(np.linspace(1.5, 0.5, n) / n)
    if kind == "continuum":
        t = rng.random()
        return np.asarray((1 - t) * mixes[0] + t * mixes[1])
    return rng.dirichlet(mixes[persona] * 60)


def _amount(kind: Kind, persona: int, rng: np.random.Generator) -> float:
    """A user's median amount: the persona's in `numeric` worlds, otherwise a trait of the user that has nothing to do
    with the personas; in logs without personas nobody differs in it.
    """
    if persona < 0:
        return 4.0
    typical, spread = ((2, 12, 72)[persona % 3], 0.25) if kind == "numeric" else (4, 0.15)
    return float(typical * np.exp(rng.normal(0, spread)))


def _history(
    spec: Spec, domain: Domain, user: _User, rng: np.random.Generator
) -> list[tuple[datetime, str, dict[str, object], int]]:
    n_events = max(4, int(rng.lognormal(np.log(spec.events * user.habits.often) - 0.08, 0.4)))
    intents = list(domain.intents.values())
    history: list[tuple[datetime, str, dict[str, object], int]] = []
    while len(history) < n_events:
        half = int(rng.integers(2)) if spec.drift else None
        n_episodes = 2 if rng.random() < INTERLEAVED else 1
        mix = (1 - DRIFTS) * user.mix + DRIFTS * np.roll(user.mix, 1) if half else user.mix
        episodes = [_episode(intents[i], i, rng) for i in draw_apart(mix / mix.sum(), rng, n_episodes)]
        when = _session_start(user, rng, half)
        for step, intent in [*_ritual(spec, user, rng), *_interleave(episodes, rng)]:
            if _absent(domain, user, step, intent):
                continue
            if rng.random() < NOISE / (1 - NOISE):
                noise = _noise(domain, user)[rng.integers(len(_noise(domain, user)))]
                when += timedelta(seconds=int(rng.integers(5, 90)))
                history.append((when, user.name, _body(spec, domain, noise, user, rng), -1))
            when += timedelta(seconds=int(rng.integers(5, 240)))
            history.append((when, user.name, _body(spec, domain, step, user, rng), intent))
            fails, says = FAILURES[domain.name if spec.facts else "kitchen"]
            if user.habits.error and step.action == fails and rng.random() < user.habits.error:
                when += timedelta(seconds=int(rng.integers(2, 20)))
                history.append((when, user.name, {"action": "see error", "object": says}, intent))
    return history


def _ritual(spec: Spec, user: _User, rng: np.random.Generator) -> list[tuple[Step, int]]:
    if not spec.facts or rng.random() >= RITUAL_SHARE:
        return []
    a, b = RITUALS[spec.domain]
    return [(a, -1), (b, -1)] if rng.random() < user.habits.first else [(b, -1), (a, -1)]


def never(domain: Domain) -> str:
    """The common action that a persona without `noise` never does."""
    return domain.noise[1].action


def unfinished(domain: Domain) -> tuple[str, str]:
    """What a persona without `finish` starts and what it never ends with: the last two steps of the first intent."""
    *_, before, last = next(iter(domain.intents.values()))
    return before.action, last.action


def _noise(domain: Domain, user: _User) -> tuple[Step, ...]:
    left = (*domain.noise[:1], *domain.noise[2:])
    return left if "noise" in user.habits.without else domain.noise


def _absent(domain: Domain, user: _User, step: Step, intent: int) -> bool:
    return "finish" in user.habits.without and intent == 0 and step.action == unfinished(domain)[1]


def _session_start(user: _User, rng: np.random.Generator, half: int | None) -> datetime:
    """In the given half of the window, anywhere if None."""
    hour = min(max(float(rng.normal(user.hour, 2)), 0.0), 22.9)
    middle = WINDOW_DAYS // 2
    first, last = (0, WINDOW_DAYS) if half is None else (half * middle, (half + 1) * middle)
    day = START + timedelta(days=int(rng.integers(first, last)))
    if user.habits != _Habits():
        weekday = int(rng.integers(5, 7)) if rng.random() < user.habits.weekend else int(rng.integers(5))
        day += timedelta(days=weekday - day.weekday())
    return day + timedelta(seconds=int(hour * 3600))


def _episode(steps: tuple[Step, ...], intent: int, rng: np.random.Generator) -> list[tuple[Step, int]]:
    """Three to six events that walk through the steps in order, some repeated, some left out."""
    picks = np.sort(rng.integers(0, len(steps), size=int(rng.integers(3, 7))))
    return [(steps[i], intent) for i in picks]


def _interleave(episodes: list[list[tuple[Step, int]]], rng: np.random.Generator) -> list[tuple[Step, int]]:
    if len(episodes) == 1:
        rng.random(len(episodes[0]))  # as many numbers as it takes to choose between several
        return episodes[0]
    merged, left = list[tuple[Step, int]](), [list(e) for e in episodes]
    while any(left):
        sizes = np.array([len(e) for e in left])
        merged.append(left[draw(sizes / sizes.sum(), rng)].pop(0))
    return merged


def _body(spec: Spec, domain: Domain, step: Step, user: _User, rng: np.random.Generator) -> dict[str, object]:
    usual = bool(user.habits.favourite) and rng.random() < user.habits.favourite
    obj = step.objects[sum(user.name.encode()) % len(step.objects) if usual else rng.integers(len(step.objects))]
    if spec.vocabulary == "open":
        first, second = (domain.details[i] for i in rng.choice(len(domain.details), size=2, replace=False))
        obj = f"{first} {obj} {second} no. {int(rng.integers(1, 1000))}"
    amount = max(1, round(float(rng.lognormal(np.log(user.amount), 0.5))))
    spent = {"spent": round(float(rng.lognormal(3, 0.6)), 2)} if spec.traits and step.action == "pay" else {}
    return {"action": step.action, "object": obj, domain.numeric: amount, **spent, **user.fields}
