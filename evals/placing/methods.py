"""What is scored: a way to put users into personas, as two calls.

`place(events)` finds personas in the users it is given; the model puts anybody of the same log into them, from any part
of their visits. `report(events)` is what a reader gets of a log: the persona of each user and which personas are shown.
A new method is scored once it has these.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from .events import Bools, Events, Ints
from .views import Views

Reals = NDArray[np.float64]

SMALLEST = 20  # users of a persona; fewer are not shown either
SURE = 0.5  # chance of the likeliest class; below, a user is not placed
PRIOR_LINES = 50.0  # of everybody's mix in each class
MOST_LINES = 100.0  # of a user in a class's mix: one busy user is not a class
TEMPER = 0.5  # lines of one visit are alike: a power of the likelihood


class Report(NamedTuple):
    """`label` (users,) is a persona, −1 for none; `shown` (personas,) and the `names` of personas."""

    label: Ints
    shown: Bools
    names: list[str]


class Model(Protocol):
    def own(self) -> Ints:
        """The persona of each user that it was placed from, −1 for none."""

    def assign(self, events: Events) -> Ints:
        """The persona of each user of other events of the same log, −1 for none."""


class Method(Protocol):
    def place(self, events: Events) -> Model: ...

    def report(self, events: Events) -> Report: ...


def tilts(counts: Reals, label: Ints, k: int, base: Reals) -> Reals:
    """(k, values) how many times as often as expected the members of each persona have a value, shrunk towards 1.

    `counts` (users, values); `base` (users, values) the shares expected of each user, everybody's or those of the cohort.
    """
    lines = counts.sum(axis=1)
    weight = np.minimum(1.0, MOST_LINES / np.maximum(lines, 1))
    member = (np.eye(k + 1)[label])[:, :k] * weight[:, None]
    mean = (counts.sum(axis=0) + 0.5) / (counts.sum() + 0.5 * counts.shape[1])
    seen, expected = member.T @ counts, member.T @ (lines[:, None] * base)
    return np.asarray((seen + PRIOR_LINES * mean) / (expected + PRIOR_LINES * mean))


def everybody(counts: Reals, cohort: Ints, cohorts: int) -> Reals:
    """(cohorts + 1, values) shares of lines of each cohort, and of everybody as the last row; those of a cohort are shrunk
    towards everybody's.
    """
    mean = (counts.sum(axis=0) + 0.5) / (counts.sum() + 0.5 * counts.shape[1])
    rows = [counts[cohort == c].sum(axis=0) for c in range(cohorts)]
    return np.array([*((r + PRIOR_LINES * mean) / (r.sum() + PRIOR_LINES) for r in rows), mean])


@dataclass(frozen=True)
class Labelled:
    """Somebody else's personas, given as the segment of each user: an analyst's, or the truth.

    Each segment of at least SMALLEST of the users it is placed from becomes a class of mixes over the views; the labels of
    users elsewhere are not looked at, so that who saw both halves of a user has no advantage. `unplaced` names segments
    that stand for nobody's persona.
    """

    segments: Mapping[str, str]
    views: Views
    unplaced: Collection[str] = ()

    def place(self, events: Events) -> LabelledModel:
        label, names = self._labels(events)
        counts = self.views.counts(events)
        found = {}
        for view, matrix in counts.items():
            base = everybody(matrix, label, 0)[-1]
            found[view] = np.log(tilts(matrix, label, len(names), np.broadcast_to(base, matrix.shape)))
        share = np.bincount(label[label >= 0], minlength=len(names)) + 1
        return LabelledModel(self.views, found, np.log(share / share.sum()), label)

    def report(self, events: Events) -> Report:
        label, names = self._labels(events)
        return Report(label, np.ones(len(names), dtype=bool), names)

    def _labels(self, events: Events) -> tuple[Ints, list[str]]:
        given = [self.segments.get(user, "") for user in events.users]
        names = sorted({s for s in given if s and s not in self.unplaced and given.count(s) >= SMALLEST})
        code = {name: i for i, name in enumerate(names)}
        return np.array([code.get(s, -1) for s in given], dtype=np.int64), names


@dataclass(frozen=True)
class LabelledModel:
    """`tilts` (classes, values) of each view, as logarithms; `prior` of classes."""

    views: Views
    tilts: Mapping[str, Reals]
    prior: Reals
    label: Ints

    def own(self) -> Ints:
        return self.label

    def assign(self, events: Events) -> Ints:
        counts = self.views.counts(events)
        score = self.prior + TEMPER * sum(matrix @ self.tilts[view].T for view, matrix in counts.items())
        chance = np.exp(score - logsumexp(score, axis=1, keepdims=True))
        return np.where(chance.max(axis=1) >= SURE, chance.argmax(axis=1), -1).astype(np.int64)
