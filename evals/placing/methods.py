"""What is scored: a way to put users into personas, as two calls.

`place(events)` finds personas in the users it is given; the model puts anybody of the same log into them, from any part
of their visits. `report(events)` is what a reader gets of a log: the persona of each user and which personas are shown.
A new method is scored once it has these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from .events import Bools, Events, Ints, cohort_of
from .views import Views

Reals = NDArray[np.float64]

SMALLEST = 20  # users of a persona; fewer are not shown either
SURE = 0.5  # chance of the likeliest class; below, a user is not placed
PRIOR_LINES = 50.0  # of everybody's mix in each class
RARE = 5.0  # lines of each value, as expected: what nobody inside did yet is not forbidden
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
    counts = _bounded(counts)
    lines = counts.sum(axis=1)
    member = np.eye(k + 1)[label][:, :k]
    mean = (counts.sum(axis=0) + 0.5) / (counts.sum() + 0.5 * counts.shape[1])
    seen, expected = member.T @ counts, member.T @ (lines[:, None] * base)
    prior = PRIOR_LINES * mean + RARE
    return np.asarray((seen + prior) / (expected + prior))


def everybody(counts: Reals, cohort: Ints, cohorts: int) -> Reals:
    """(cohorts + 1, values) shares of lines of each cohort, and of everybody as the last row; those of a cohort are shrunk
    towards everybody's.
    """
    counts = _bounded(counts)
    mean = (counts.sum(axis=0) + 0.5) / (counts.sum() + 0.5 * counts.shape[1])
    rows = [counts[cohort == c].sum(axis=0) for c in range(cohorts)]
    return np.array([*((r + PRIOR_LINES * mean) / (r.sum() + PRIOR_LINES) for r in rows), mean])


def _bounded(counts: Reals) -> Reals:
    """The same mixes, of at most MOST_LINES a user."""
    lines = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts * np.minimum(1.0, MOST_LINES / np.maximum(lines, 1)))


@dataclass(frozen=True)
class Labelled:
    """Somebody else's personas, given as the segment of each user: an analyst's, or the truth.

    Each segment of at least SMALLEST users becomes a class of mixes over the views; the labels of users elsewhere are not
    looked at, so that who saw both halves of a user has no advantage. `unplaced` names segments that stand for nobody's
    persona. Smaller segments (staff, test accounts) are one class together, whose users are not placed either. With
    `within`, a field, classes are told by what is unusual within the user's value of it.
    """

    segments: Mapping[str, str]
    views: Views
    unplaced: Collection[str] = ()
    within: str | None = None

    def place(self, events: Events) -> LabelledModel:
        names = self._names()
        label = self._classes(events, names)
        cohort, cohorts = cohort_of(events, self.within)
        found = {}
        for view, matrix in self.views.counts(events).items():
            base = everybody(matrix, cohort, cohorts)
            tilt = tilts(matrix, label, len(names) + 1, base[cohort])
            found[view] = np.log(tilt) - np.log(base @ tilt.T)[:, :, None]
        size = np.bincount(label[label >= 0], minlength=len(names) + 1) + 0.5
        own = _placed(label, len(names))
        return LabelledModel(self.views, found, np.log(size / size.sum()), own, self.within)

    def report(self, events: Events) -> Report:
        names = self._names()
        label = _placed(self._classes(events, names), len(names))
        return Report(label, np.ones(len(names), dtype=bool), names)

    def _names(self) -> list[str]:
        sizes = Counter(self.segments.values())
        return sorted(s for s, n in sizes.items() if n >= SMALLEST and s not in self.unplaced)

    def _classes(self, events: Events, names: list[str]) -> Ints:
        """The class of each user: a persona, the small segments as the last one, −1 for none."""
        code = {segment: len(names) for segment in self.segments.values()} | {s: i for i, s in enumerate(names)}
        code |= dict.fromkeys(self.unplaced, -1)
        return np.array([code.get(self.segments.get(user, ""), -1) for user in events.users], dtype=np.int64)


@dataclass(frozen=True)
class LabelledModel:
    """`tilts` (cohorts + 1, classes, values) of each view, as logarithms, everybody's last; `prior` of classes, of which the
    last is nobody's persona.
    """

    views: Views
    tilts: Mapping[str, Reals]
    prior: Reals
    label: Ints
    within: str | None

    def own(self) -> Ints:
        return self.label

    def assign(self, events: Events) -> Ints:
        cohort, _ = cohort_of(events, self.within)
        score = np.tile(self.prior, (len(events.users), 1))
        for view, matrix in self.views.counts(events).items():
            for c in np.unique(cohort):
                score[cohort == c] += TEMPER * matrix[cohort == c] @ self.tilts[view][c].T
        chance = np.exp(score - logsumexp(score, axis=1, keepdims=True))
        likeliest = np.where(chance.max(axis=1) >= SURE, chance.argmax(axis=1), -1)
        return _placed(likeliest.astype(np.int64), len(self.prior) - 1)


def _placed(classes: Ints, personas: int) -> Ints:
    return np.where(classes < personas, classes, -1)
