"""From a specification to a log with known truth, the same for the same seed.

A user has a mix over intents (the persona's, jittered), an own hour of the day and an own amount; a session is one
episode of an intent or two interleaved ones; noise events fall in between; broken lines stand between the records.
Truth is kept per physical line, so that what the program finds can be scored line by line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

from .domains import DOMAINS, Domain, Step

Kind = Literal["personas", "mix", "numeric", "small", "two", "unequal", "continuum", "crowd", "null"]
KINDS: tuple[Kind, ...] = ("personas", "mix", "numeric", "small", "two", "unequal", "continuum", "crowd", "null")

START = datetime(2024, 3, 4, tzinfo=UTC)
WINDOW_DAYS = 120
INTERLEAVED = 0.35
NOISE = 0.12
BROKEN = 0.01
BROKEN_LINES = (
    '{"user": "u1", "timestamp": ',
    "[1, 2, 3]",
    "plain words, no record",
    '{"timestamp": "2024-05-01T10:00:00Z"}',
)


@dataclass(frozen=True)
class Spec:
    """`events` is the mean number of a user's events; `vocabulary` "open" makes object texts that hardly ever repeat;
    `traits` gives each persona habits that are no intents: how often, on which days, at which hours, with favourites.
    """

    domain: str = "kitchen"
    kind: Kind = "personas"
    vocabulary: Literal["closed", "open"] = "closed"
    users: int = 300
    events: int = 60
    seed: int = 0
    traits: bool = False


@dataclass
class World:
    """A generated log: its lines, and the truth. `line_intents` maps a physical line to its intent (noise: −1);
    `user_personas` maps a user to a planted persona (−1 where none is planted).
    """

    spec: Spec
    lines: list[str] = field(default_factory=list)
    line_intents: dict[int, int] = field(default_factory=dict)
    user_personas: dict[str, int] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return path


@dataclass(frozen=True)
class _Habits:
    """`often` scales the number of events, `weekend` is the share of sessions on Saturday or Sunday, `favourite` the
    chance that an object is the user's usual one, `error` that a payment is declined.
    """

    often: float = 1.0
    weekend: float = 2 / 7
    favourite: float = 0.0
    error: float = 0.0


HABITS = (
    _Habits(1.5, 0.15, 0.6),
    _Habits(0.7, 0.75, 0.1),
    _Habits(2.0, 0.25, 0.8),
    _Habits(0.6, 0.60, 0.0),
    _Habits(1.0, 0.10, 0.3, 0.1),
    _Habits(0.8, 0.30, 0.0, 0.5),
)


@dataclass(frozen=True)
class _User:
    name: str
    mix: np.ndarray
    amount: float
    hour: float
    habits: _Habits


def generate(spec: Spec) -> World:
    """The log of `spec`."""
    rng = np.random.default_rng([spec.seed, *spec.domain.encode(), KINDS.index(spec.kind), spec.vocabulary == "open"])
    domain = DOMAINS[spec.domain]
    world = World(spec)
    events: list[tuple[datetime, str, dict[str, object], int]] = []
    for user, persona in _users(spec, rng):
        world.user_personas[user.name] = persona
        events += _history(spec, domain, user, rng)
    events.sort(key=lambda e: (e[0], e[1]))
    for when, name, body, intent in events:
        if rng.random() < BROKEN:
            world.lines.append(BROKEN_LINES[rng.integers(len(BROKEN_LINES))])
        record = {"user": name, "timestamp": when.isoformat().replace("+00:00", "Z"), **body}
        world.lines.append(json.dumps(record))
        world.line_intents[len(world.lines)] = intent
    return world


def _users(spec: Spec, rng: np.random.Generator) -> list[tuple[_User, int]]:
    n_intents = len(DOMAINS[spec.domain].intents)
    personas = _assignment(spec, rng)
    mixes = _persona_mixes(spec.kind, n_intents)
    users = []
    for i, persona in enumerate(personas):
        mix = _mix(spec.kind, persona, mixes, n_intents, rng)
        amount = _amount(spec.kind, persona, rng)
        hour = float(rng.normal(9 + 3 * (persona % 5) if persona >= 0 else 14, 1.5))
        habits = HABITS[persona % len(HABITS)] if spec.traits and persona >= 0 else _Habits()
        users.append((_User(f"c{int(rng.integers(10**5)):05d}{i:04d}", mix, amount, hour, habits), persona))
    return users


def _assignment(spec: Spec, rng: np.random.Generator) -> list[int]:
    shares = {
        "personas": [0.2] * 5,
        "mix": [1 / 3] * 3,
        "numeric": [1 / 3] * 3,
        "small": [0.27, 0.25, 0.23, 0.22, 0.03],
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
        n_episodes = 2 if rng.random() < INTERLEAVED else 1
        chosen = rng.choice(len(intents), size=n_episodes, replace=False, p=user.mix / user.mix.sum())
        episodes = [_episode(intents[i], int(i), rng) for i in chosen]
        when = _session_start(user, rng)
        for step, intent in _interleave(episodes, rng):
            if rng.random() < NOISE / (1 - NOISE):
                noise = domain.noise[rng.integers(len(domain.noise))]
                when += timedelta(seconds=int(rng.integers(5, 90)))
                history.append((when, user.name, _body(spec, domain, noise, user, rng), -1))
            when += timedelta(seconds=int(rng.integers(5, 240)))
            history.append((when, user.name, _body(spec, domain, step, user, rng), intent))
            if user.habits.error and step.action == "pay" and rng.random() < user.habits.error:
                when += timedelta(seconds=int(rng.integers(2, 20)))
                history.append((when, user.name, {"action": "see error", "object": "card declined"}, intent))
    return history


def _session_start(user: _User, rng: np.random.Generator) -> datetime:
    hour = float(np.clip(rng.normal(user.hour, 2), 0, 22.9))
    day = START + timedelta(days=int(rng.integers(WINDOW_DAYS)))
    if user.habits != _Habits():
        weekday = int(rng.integers(5, 7)) if rng.random() < user.habits.weekend else int(rng.integers(5))
        day += timedelta(days=weekday - day.weekday())
    return day + timedelta(seconds=int(hour * 3600))


def _episode(steps: tuple[Step, ...], intent: int, rng: np.random.Generator) -> list[tuple[Step, int]]:
    """Three to six events that walk through the steps in order, some repeated, some left out."""
    n = int(rng.integers(3, 7))
    picks = np.sort(rng.integers(0, len(steps), size=n))
    return [(steps[i], intent) for i in picks]


def _interleave(episodes: list[list[tuple[Step, int]]], rng: np.random.Generator) -> list[tuple[Step, int]]:
    merged: list[tuple[Step, int]] = []
    left = [list(e) for e in episodes]
    while any(left):
        weights = np.array([len(e) for e in left], dtype=float)
        merged.append(left[rng.choice(len(left), p=weights / weights.sum())].pop(0))
    return merged


def _body(spec: Spec, domain: Domain, step: Step, user: _User, rng: np.random.Generator) -> dict[str, object]:
    usual = bool(user.habits.favourite) and rng.random() < user.habits.favourite
    obj = step.objects[sum(user.name.encode()) % len(step.objects) if usual else rng.integers(len(step.objects))]
    if spec.vocabulary == "open":
        first, second = (domain.details[i] for i in rng.choice(len(domain.details), size=2, replace=False))
        obj = f"{first} {obj} {second} no. {int(rng.integers(1, 1000))}"
    amount = max(1, round(float(rng.lognormal(np.log(user.amount), 0.5))))
    spent = {"spent": round(float(rng.lognormal(3, 0.6)), 2)} if spec.traits and step.action == "pay" else {}
    return {"action": step.action, "object": obj, domain.numeric: amount, **spent}
