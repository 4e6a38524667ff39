"""Profiles of users from their sessions, in the log itself, in halves of it, and in null logs.

A profile is, in blocks: the intent mix, the mix of actions (verbs), and each numeric property on its own. Mixes are
shrunk towards everybody's and square-rooted, which makes their noise alike; numbers are means of log(1 + |x|). Every
feature is centred on what null logs give the same user, which takes out the month and the activity that leaks through
the shrinkage, and is scaled by its standard deviation over users.

In: `Sessions`. Out: profiles, and a `Ruler` that measures users it was not made from on the same scale. Promises: what
is estimated (columns, bases, scale) comes from the sessions given to `Profiler` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHRINK_LINES = 10.0  # a user's mix counts for half at ten lines
SHRINK_VALUES = 3.0  # the same for the mean of a number, at three values; not tuned
MIN_SHARE = 0.01  # of all lines; rarer intents and actions are noise in a profile
CLIP = 4.0  # standard deviations: one extreme user must not make a group of its own
SPLITS = 3  # random halves: their mean no longer hangs on one split; more cost their time
CENTRING_NULLS = 10  # whose mean is subtracted; its error is then a third of one null log's
INTENTS, VERBS, FIRST_NUMBER = 0, 1, 2  # places of the blocks; every number after is a block of its own


@dataclass(frozen=True)
class Kept:
    """Which intents and which actions are met often enough to be features."""

    intents: Bools
    verbs: Bools


@dataclass(frozen=True)
class Sessions:
    """One entry a session, sorted by user. `user` is a code from 0; `stratum` (month, and the value of `--within`)
    bounds the exchange of sessions in null logs; `intents` (n, intents) and `verbs` (n, actions) count actions; `logs`
    (n, properties) sums log(1 + |x|) over the `seen` (n, properties) values of each numeric property.
    """

    user: Ints
    stratum: Ints
    intents: Reals
    verbs: Reals
    logs: Reals
    seen: Reals

    @property
    def n_users(self) -> int:
        return int(self.user.max()) + 1 if len(self.user) else 0

    @property
    def n_returning(self) -> int:
        """Users with at least two sessions."""
        return int((np.bincount(self.user) >= 2).sum()) if len(self.user) else 0

    @property
    def contents(self) -> Reals:
        """What a session carries from one user to another in a null log, side by side."""
        return np.hstack([self.intents, self.verbs, self.logs, self.seen])

    def frequent(self) -> Kept:
        """All but the intents and actions that are hardly ever met; decide this before drawing a sample of users."""
        return Kept(_frequent(self.intents), _frequent(self.verbs))

    def only(self, kept: Kept) -> Sessions:
        return replace(self, intents=self.intents[:, kept.intents], verbs=self.verbs[:, kept.verbs])

    def of_users(self, users: Ints) -> Sessions:
        """The sessions of `users`, renumbered from 0 in their order."""
        code = np.full(self.n_users, -1, dtype=np.int64)
        code[users] = np.arange(len(users))
        keep = code[self.user] >= 0
        return Sessions(
            code[self.user[keep]],
            self.stratum[keep],
            self.intents[keep],
            self.verbs[keep],
            self.logs[keep],
            self.seen[keep],
        )


@dataclass(frozen=True)
class Bases:
    """Everybody's mix of intents and of actions, and mean of each number: what profiles are shrunk towards."""

    mixes: tuple[Reals, Reals]
    value: Reals

    @classmethod
    def of(cls, sessions: Sessions) -> Bases:
        intents, verbs = (m.sum(axis=0) / max(m.sum(), 1) for m in (sessions.intents, sessions.verbs))
        return cls((intents, verbs), sessions.logs.sum(axis=0) / np.maximum(sessions.seen.sum(axis=0), 1))

    def raw(self, sessions: Sessions, contents: Reals, slots: Bools | None = None) -> Reals:
        """(users, features) of the users of `sessions`, had their sessions these contents; from `slots` only."""
        inside = np.ones(len(sessions.user)) if slots is None else slots.astype(float)
        shape = (sessions.n_users, len(sessions.user))
        pick = sparse.csr_matrix((inside, (sessions.user, np.arange(len(sessions.user)))), shape=shape)
        total = np.asarray(pick @ contents)
        features, start = [], 0
        for base in self.mixes:
            mix = total[:, start : start + len(base)]
            n = mix.sum(axis=1, keepdims=True)
            features.append(np.sqrt((mix + SHRINK_LINES * base) / (n + SHRINK_LINES)))
            start += len(base)
        p = len(self.value)
        logs, seen = total[:, start : start + p], total[:, start + p :]
        features.append((logs + SHRINK_VALUES * self.value) / (seen + SHRINK_VALUES))
        return np.hstack(features)


@dataclass(frozen=True)
class Ruler:
    """What profiles are measured with, frozen. `contents` and `stratum` are the sessions of those it was made from: a
    null log of anybody else is drawn from these.
    """

    kept: Kept
    bases: Bases
    scale: Reals
    contents: Reals
    stratum: Ints
    seed: int

    def profiles(self, sessions: Sessions) -> Reals:
        """(users, features) of users the ruler was not made from; `sessions` with the columns of the log it was."""
        rng = np.random.default_rng([self.seed, 19])
        sessions = sessions.only(self.kept)
        nulls = [self.bases.raw(sessions, self._drawn(sessions.stratum, rng)) for _ in range(CENTRING_NULLS)]
        return _standard(self.bases.raw(sessions, sessions.contents), np.mean(nulls, axis=0), self.scale)

    def _drawn(self, stratum: Ints, rng: np.random.Generator) -> Reals:
        """Contents for slots of each stratum, with replacement; from anywhere where the stratum is unknown here."""
        order = np.argsort(self.stratum, kind="stable")
        start, end = (np.searchsorted(self.stratum[order], stratum, side) for side in ("left", "right"))
        unknown = start == end
        start, end = np.where(unknown, 0, start), np.where(unknown, len(order), end)
        return np.asarray(self.contents[order[rng.integers(start, end)]])


class Profiler:
    """Raw profiles from any subset of session slots and any assignment of contents to slots."""

    def __init__(self, sessions: Sessions, seed: int) -> None:
        self.sessions = sessions
        self.seed = seed
        self.rng = np.random.default_rng([seed, 11])
        self.contents = sessions.contents
        self.bases = Bases.of(sessions)
        widths = [len(b) for b in self.bases.mixes] + [1] * len(self.bases.value)
        self.blocks: Ints = np.repeat(np.arange(len(widths)), widths).astype(np.int64)

    def raw(self, contents: Reals, slots: Bools | None = None) -> Reals:
        """(users, features), from the contents of `slots` only."""
        return self.bases.raw(self.sessions, contents, slots)

    def exchanged(self) -> Reals:
        """Contents of a null log: whole sessions permuted between the slots of a stratum."""
        return np.asarray(self.contents[self.permuted()])

    def permuted(self) -> Ints:
        """Whose content each slot has in a null log."""
        stratum = self.sessions.stratum
        permuted = np.empty(len(stratum), dtype=np.int64)
        permuted[np.argsort(stratum, kind="stable")] = np.lexsort((self.rng.random(len(stratum)), stratum))
        return permuted

    def halves(self) -> Bools:
        """A random half of each user's sessions; an odd one falls to either half by chance."""
        user, n = self.sessions.user, self.sessions.n_users
        order = np.lexsort((self.rng.random(len(user)), user))
        place = np.arange(len(order)) - np.searchsorted(user[order], np.arange(n))[user[order]]
        half = np.empty(len(order), dtype=bool)
        half[order] = (place + self.rng.integers(0, 2, size=n)[user[order]]) % 2 == 0
        return half


class HalfProfiles:
    """Standardised half-profiles of the users that have both halves, for SPLITS random splits."""

    def __init__(self, profiler: Profiler) -> None:
        self.profiler = profiler
        nulls = [profiler.permuted() for _ in range(CENTRING_NULLS)]
        self._slots = [profiler.halves() for _ in range(SPLITS)]
        self._centre, self._centres = self._null_means(nulls)
        spread = (profiler.raw(profiler.contents) - self._centre).std(axis=0)
        self._scale = np.maximum(spread, 1e-9)
        user, n = profiler.sessions.user, profiler.sessions.n_users
        total = np.bincount(user, minlength=n)
        in_half = [np.bincount(user[h], minlength=n) for h in self._slots]
        self._both = [(c > 0) & (c < total) for c in in_half]

    def pairs(self, contents: Reals) -> list[tuple[Reals, Reals]]:
        """Per split, the two (users, features) half-profiles."""
        raw, scale = self.profiler.raw, self._scale
        return [
            (_standard(raw(contents, h), a, scale)[both], _standard(raw(contents, ~h), b, scale)[both])
            for h, (a, b), both in zip(self._slots, self._centres, self._both, strict=True)
        ]

    def full(self) -> Reals:
        """Every user's whole profile, on the same scale."""
        return _standard(self.profiler.raw(self.profiler.contents), self._centre, self._scale)

    def ruler(self, kept: Kept) -> Ruler:
        """The same scale for users who are not in these sessions, of which `kept` are the columns."""
        p = self.profiler
        return Ruler(kept, p.bases, self._scale, p.contents, p.sessions.stratum, p.seed)

    def _null_means(self, nulls: list[Ints]) -> tuple[Reals, list[tuple[Reals, Reals]]]:
        """What null logs give every user: whole, and in the two halves of each split. One null log is held at a time."""
        cuts = [None, *(cut for h in self._slots for cut in (h, ~h))]
        sums: list[Reals] = []
        for permuted in nulls:
            contents = self.profiler.contents[permuted]
            raw = [self.profiler.raw(contents, cut) for cut in cuts]
            sums = [total + r for total, r in zip(sums, raw, strict=True)] if sums else raw
        whole, *halves = (total / len(nulls) for total in sums)
        return whole, list(zip(halves[::2], halves[1::2], strict=True))


def _standard(x: Reals, centre: Reals, scale: Reals) -> Reals:
    return np.asarray(np.clip((x - centre) / scale, -CLIP, CLIP))


def _frequent(mix: Reals) -> Bools:
    """The columns with at least MIN_SHARE of what is counted."""
    total = mix.sum(axis=0)
    return np.asarray(total >= MIN_SHARE * max(float(total.sum()), 1.0))
