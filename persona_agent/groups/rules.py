"""Rules in plain words for who is in a group: at most three conditions on figures that anybody can count.

In: figures of users (rows), who is in the group, whom a rule may be made from. Out: `Rule`s, and how right they are for the
others. A conjunction is built greedily from conditions at round figures, the best few carried on at each step (beam search,
as PRISM and CN2 build rules: Clark & Niblett 1989), by the harmonic mean of precision and recall (F1). Promises:
deterministic; a further condition is only taken if it adds more than F1_STEP; a figure of users outside of the fit was seen
by no rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_CONDITIONS = 3  # more are not kept in mind
F1_STEP = 0.01  # that a further condition must add: what it costs in words
BEAM = 8  # carried on at each step; on three real logs 16 give the same rules, 4 others for three of nine personas
CUTS = 24  # figures of a number that are tried; more are no rounder
SHARES = (0.01, 0.02, 0.03, 0.05, *(round(0.05 * i, 2) for i in range(2, 20)))
MOST_USERS = 4_000  # that a rule is sought in; their F1 is then known to two points

Sense = Literal[">=", "<="]


@dataclass(frozen=True)
class Threshold:
    """Column `feature` is at least, or at most, `value`."""

    feature: int
    sense: Sense
    value: float

    def holds(self, figures: Reals) -> Bools:
        x = figures[:, self.feature]
        return np.asarray(x >= self.value if self.sense == ">=" else x <= self.value)


@dataclass(frozen=True)
class Rule:
    """Who meets all `conditions` is taken for one of `persona`; `precision` and `recall` are of `tested` users outside of
    the fit, `members` of whom are in it, after rules that stand before this one have taken theirs.
    """

    persona: str
    conditions: tuple[Threshold, ...]
    precision: float | None = None
    recall: float | None = None
    tested: int = 0
    members: int = 0

    def holds(self, figures: Reals) -> Bools:
        return np.asarray(np.all([c.holds(figures) for c in self.conditions], axis=0), dtype=bool)


def find_rules(
    figures: Reals, shares: Sequence[bool], persona: NDArray[Any], fit: Bools, names: Sequence[str], seed: int
) -> list[Rule]:
    """A rule for each persona, the most precise first, by which it is also decided who meets several. `shares` says which
    columns are shares; `persona` (users,) is None where a user is in none.
    """
    inside = np.flatnonzero(fit)
    if len(inside) > MOST_USERS:
        inside = np.sort(np.random.default_rng([seed, 59]).permutation(inside)[:MOST_USERS])
    cuts = _cuts(figures[inside], shares)
    nobody = np.zeros((len(inside), 0), dtype=bool)
    held = np.column_stack([nobody, *(c.holds(figures[inside]) for c in cuts)]).astype(np.float32)
    found = []
    for name in names:
        member = (persona[inside] == name).astype(np.float32)
        if member.any() and cuts:
            conditions = _sought(held, member, cuts)
            found.append((_precision(figures[inside], conditions, member > 0), Rule(name, conditions)))
    order = sorted(found, key=lambda pair: (-pair[0], names.index(pair[1].persona)))
    return _tested([rule for _, rule in order], figures[~fit], persona[~fit])


def taken_for(rules: Sequence[Rule], figures: Reals) -> NDArray[Any]:
    """(users,) the persona of the first rule that each meets, None where it meets none."""
    found = np.full(len(figures), None, dtype=object)
    for rule in reversed(rules):
        found[rule.holds(figures)] = rule.persona
    return found


def _tested(rules: Sequence[Rule], figures: Reals, persona: NDArray[Any]) -> list[Rule]:
    said = taken_for(rules, figures)
    made = []
    for rule in rules:
        named, member = said == rule.persona, persona == rule.persona
        right = int((named & member).sum())
        precision = right / int(named.sum()) if named.any() else None
        recall = right / int(member.sum()) if member.any() else None
        made.append(Rule(rule.persona, rule.conditions, precision, recall, len(figures), int(member.sum())))
    return made


def _cuts(figures: Reals, shares: Sequence[bool]) -> list[Threshold]:
    """Conditions at round figures that some users meet and some do not."""
    found: dict[Threshold, None] = {}
    for i, is_share in enumerate(shares):
        x = figures[:, i]
        there = x[~np.isnan(x)]
        if not len(there) or there.min() == there.max():
            continue
        # Further out, a cut would leave fewer than one user in fifty on one side.
        values = SHARES if is_share else _round(np.quantile(there, np.linspace(0.02, 0.98, CUTS)))
        for value in values:
            if there.min() < value <= there.max():
                found[Threshold(i, ">=", value)] = None
            if there.min() <= value < there.max():
                found[Threshold(i, "<=", value)] = None
    return list(found)


def _round(values: Reals) -> list[float]:
    """Each once, at two digits that tell."""
    return sorted({float(f"{value:.2g}") for value in values.tolist()})


def _sought(held: NDArray[np.float32], member: NDArray[np.float32], cuts: Sequence[Threshold]) -> tuple[Threshold, ...]:
    """The best conjunction; `held` (users, conditions) says who meets which."""
    everybody = np.ones(len(member), dtype=np.float32)
    beam: list[tuple[float, tuple[int, ...], NDArray[np.float32]]] = [(0.0, (), everybody)]
    best: tuple[float, tuple[int, ...]] = (-1.0, ())
    for _ in range(MOST_CONDITIONS):
        grown: Mapping[tuple[int, ...], float] = {
            tuple(sorted((*own, c))): score
            for _, own, mask in beam
            for c, score in _best(held, member, mask)
            if c not in own
        }
        ranked = sorted(grown, key=lambda own: (-grown[own], own))[:BEAM]
        beam = [(grown[own], own, np.prod(held[:, own], axis=1)) for own in ranked]
        if not beam or beam[0][0] < best[0] + F1_STEP:
            break
        best = (beam[0][0], beam[0][1])
    return tuple(cuts[c] for c in best[1])


def _best(held: NDArray[np.float32], member: NDArray[np.float32], mask: NDArray[np.float32]) -> list[tuple[int, float]]:
    """The conditions that add most to a conjunction, with the F1 that they give it."""
    right, named = (mask * member) @ held, mask @ held
    f1 = 2 * right / np.maximum(named + member.sum(), 1)
    return [(int(c), float(f1[c])) for c in np.argsort(-f1, kind="stable")[: BEAM * 2]]


def _precision(figures: Reals, conditions: Sequence[Threshold], member: Bools) -> float:
    named = Rule("", tuple(conditions)).holds(figures)
    return float((named & member).sum() / max(named.sum(), 1))
