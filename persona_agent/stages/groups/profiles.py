"""Profiles of users from their sessions, in the log itself, in halves of it, and in null logs.

A profile is, in blocks: the intent mix, the mix of actions (verbs), and each numeric property on its own. Mixes are
shrunk towards everybody's and square-rooted, which makes their noise alike; numbers are means of log(1 + |x|). Every
feature is centred on what null logs give the same user, which takes out the month and the activity that leaks through
the shrinkage, and is scaled by its standard deviation over users.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHRINK_LINES = 10.0
SHRINK_VALUES = 3.0
MIN_SHARE = 0.01
CLIP = 4.0
SPLITS = 3
CENTRING_NULLS = 10
INTENTS, VERBS, FIRST_NUMBER = 0, 1, 2


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

    def frequent(self) -> Sessions:
        """Without the intents and actions that are hardly ever met; decide this before drawing a sample of users."""
        return replace(self, intents=_frequent(self.intents), verbs=_frequent(self.verbs))

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


class Profiler:
    """Raw profiles from any subset of session slots and any assignment of contents to slots."""

    def __init__(self, sessions: Sessions, seed: int) -> None:
        self.sessions = sessions
        self.rng = np.random.default_rng([seed, 11])
        self._mixes = [sessions.intents, sessions.verbs]
        self.contents = np.hstack([*self._mixes, sessions.logs, sessions.seen])
        self._bases = [m.sum(axis=0) / max(m.sum(), 1) for m in self._mixes]
        self._base_value = sessions.logs.sum(axis=0) / np.maximum(sessions.seen.sum(axis=0), 1)
        widths = [m.shape[1] for m in self._mixes] + [1] * sessions.logs.shape[1]
        self.blocks: Ints = np.repeat(np.arange(len(widths)), widths).astype(np.int64)
        self.everything: Bools = np.ones(len(sessions.user), dtype=bool)

    def raw(self, contents: Reals, slots: Bools) -> Reals:
        """(users, features), from the contents of `slots` only."""
        s = self.sessions
        shape = (s.n_users, len(s.user))
        pick = sparse.csr_matrix((slots.astype(float), (s.user, np.arange(len(s.user)))), shape=shape)
        total = np.asarray(pick @ contents)
        features, start = [], 0
        for base in self._bases:
            mix = total[:, start : start + len(base)]
            n = mix.sum(axis=1, keepdims=True)
            features.append(np.sqrt((mix + SHRINK_LINES * base) / (n + SHRINK_LINES)))
            start += len(base)
        p = s.logs.shape[1]
        logs, seen = total[:, start : start + p], total[:, start + p :]
        features.append((logs + SHRINK_VALUES * self._base_value) / (seen + SHRINK_VALUES))
        return np.hstack(features)

    def exchanged(self) -> Reals:
        """Contents of a null log: whole sessions permuted between the slots of a stratum."""
        stratum = self.sessions.stratum
        permuted = np.empty(len(stratum), dtype=np.int64)
        permuted[np.argsort(stratum, kind="stable")] = np.lexsort((self.rng.random(len(stratum)), stratum))
        return np.asarray(self.contents[permuted])

    def halves(self) -> Bools:
        """A random half of each user's sessions; an odd one falls to either half by chance."""
        user, n = self.sessions.user, self.sessions.n_users
        order = np.lexsort((self.rng.random(len(user)), user))
        place = np.arange(len(order)) - np.searchsorted(user[order], np.arange(n))[user[order]]
        half = np.empty(len(order), dtype=bool)
        half[order] = (place + self.rng.integers(0, 2, size=n)[user[order]]) % 2 == 0
        return half


class Halves:
    """Standardised half-profiles of the users that have both halves, for SPLITS random splits."""

    def __init__(self, profiler: Profiler) -> None:
        self.profiler = profiler
        nulls = [profiler.exchanged() for _ in range(CENTRING_NULLS)]
        self._slots = [profiler.halves() for _ in range(SPLITS)]
        self._centre = self._null_mean(nulls, profiler.everything)
        spread = (profiler.raw(profiler.contents, profiler.everything) - self._centre).std(axis=0)
        self._scale = np.maximum(spread, 1e-9)
        self._centres = [(self._null_mean(nulls, h), self._null_mean(nulls, ~h)) for h in self._slots]
        user, n = profiler.sessions.user, profiler.sessions.n_users
        total = np.bincount(user, minlength=n)
        in_half = [np.bincount(user[h], minlength=n) for h in self._slots]
        self._both = [(c > 0) & (c < total) for c in in_half]

    def pairs(self, contents: Reals) -> list[tuple[Reals, Reals]]:
        """Per split, the two (users, features) half-profiles."""
        raw = self.profiler.raw
        return [
            (self._standard(raw(contents, h), a)[both], self._standard(raw(contents, ~h), b)[both])
            for h, (a, b), both in zip(self._slots, self._centres, self._both, strict=True)
        ]

    def full(self) -> Reals:
        """Every user's whole profile, on the same scale."""
        return self._standard(self.profiler.raw(self.profiler.contents, self.profiler.everything), self._centre)

    def _null_mean(self, nulls: list[Reals], slots: Bools) -> Reals:
        return np.asarray(np.mean([self.profiler.raw(c, slots) for c in nulls], axis=0))

    def _standard(self, x: Reals, centre: Reals) -> Reals:
        return np.asarray(np.clip((x - centre) / self._scale, -CLIP, CLIP))


def _frequent(mix: Reals) -> Reals:
    """The columns with at least MIN_SHARE of what is counted."""
    total = mix.sum(axis=0)
    return np.asarray(mix[:, total >= MIN_SHARE * max(float(total.sum()), 1.0)])
