"""The decision: features, state, number of groups, members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score

from . import membership, prediction
from .prediction import Pairs, Tested
from .profiles import FIRST_NUMBER, INTENTS, Bools, HalfProfiles, Ints, Kept, Profiler, Reals, Sessions
from .threads import one_thread

TEST_NULLS = 20  # shuffled logs: the 95th percentile of them is the second highest
# Samples of the users that groups are made from: what is estimated from more would hardly change, and everybody is put into
# a group all the same.
MAX_TESTED_USERS = 4_000
MAX_FITTED_USERS = 50_000  # for the centroids, which are means
MAX_BOOTSTRAPPED_USERS = 20_000  # for stability, where groups are fitted twenty times
MIN_TESTED_USERS = 42  # the fit part of 60
T_FLOOR = 0.05  # of variance; less is not worth telling, whatever it beats. Raised from 0.03
S_FLOOR = 0.15  # adjusted Rand index of the halves; below, users hardly keep to their group
NULL_MARGIN = 2.0  # times what 95 % of shuffled logs reach; raised from 1.5
GROUPS_CLOSED = 0.75  # of the gap between one crowd and what is predictable at all; raised from 0.6 with GROUPS_Z
GROUPS_Z = 9.0  # standard deviations over crowds, of which 8 give a rough one; raised from 6
DEGREE_T_OVER_L = 0.75  # of what is predictable that groups carry; crowds without groups carry .52 to .57
NEAR_BEST = 0.95  # of the best T: the last few per cent are bought with groups that nobody can tell apart
SOLID = 0.75  # as in evidence/verdicts.py: STABLE
VERY_SOLID = 0.9  # a group more than T asks for has to be beyond doubt
AS_CONSISTENT = 0.93  # of S with one group less: users must keep to the larger number as well, but for noise
DEGREE_GAIN = 0.02  # of variance that one more group must explain to be worth a card
JUST_AMI = 0.5  # half of what there is to know of a group is known from the field


@dataclass(frozen=True)
class Option:
    """One number of groups, with the label of every user under it."""

    k: int
    s: float
    t: float
    label: Ints


@dataclass(frozen=True)
class Grouping:
    """`label` is the group of each user (−1: none); `profile` (users, features) the weighted features it rests on.
    `blocks` names them: 0 intents, 1 actions, 2 and up the numeric properties in order. `reason` says in words why the
    state is what it is.
    """

    state: str
    reason: str
    label: Ints
    certainty: Reals
    profile: Reals
    blocks: tuple[int, ...] = ()
    chosen: int = 1
    options: list[Option] = field(default_factory=list)
    stability: Reals = field(default_factory=lambda: np.empty(0))
    cohesion: list[float | None] = field(default_factory=list)
    linear: float | None = None
    null_p95: float | None = None
    just: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Features:
    """What users are told apart by: weighted profiles (users, features); memories (users, intents) if the groups rest on
    intents; the numeric features in use (users, n).
    """

    x: Reals
    memories: Reals | None
    numbers: Reals

    def of(self, users: Bools) -> Features:
        return Features(self.x[users], None if self.memories is None else self.memories[users], self.numbers[users])

    def fit(self, k: int, seed: int) -> membership.FittedGroups:
        some = self.of(_drawn(len(self.x), MAX_FITTED_USERS, seed))
        return membership.fit(some.x, some.memories, some.numbers, k, seed)

    def assigned(self, model: membership.FittedGroups) -> tuple[Ints, Reals]:
        return model.assign(self.x, self.memories, self.numbers)

    def stability(self, label: Ints, k: int, seed: int) -> Reals:
        users = _drawn(len(self.x), MAX_BOOTSTRAPPED_USERS, seed)
        some = self.of(users)
        return membership.stability(some.x, some.memories, some.numbers, label[users], k, seed)


@one_thread()
def find_groups(
    sessions: Sessions,
    memories: Reals,
    fields: Mapping[str, Ints],
    seed: int,
    wanted: int | None = None,
    fit: Bools | None = None,
) -> Grouping:
    """Groups of users, found in those of `fit` (all, if None); the others are put into them by the frozen model.

    `memories` (users, intents) counts; `fields` codes of each user by low-cardinality field, for is-it-just-X; `wanted`
    overrides the number of groups, never the state. Nothing that is estimated depends on users outside of `fit`.
    """
    fit = np.ones(sessions.n_users, dtype=bool) if fit is None else fit
    inside = sessions.of_users(np.flatnonzero(fit).astype(np.int64))
    if inside.n_returning < MIN_TESTED_USERS:
        back = f"only {inside.n_returning} of the users that groups are made from came back for a second session"
        return _nobody(sessions, f"{back}, too few to test for groups")
    kept = inside.frequent()
    inside = inside.only(kept)
    halves = HalfProfiles(Profiler(inside, seed))
    sample = _tested(inside, seed)
    test = halves if sample is inside else HalfProfiles(Profiler(sample, seed))
    real = [t for t in _test(test, seed) if _beats_null(t)]
    if not real:
        return _nobody(sessions, "one half of a user's sessions predicts the other no better than in shuffled logs")
    best = _prefer(real, halves, memories[fit], {name: code[fit] for name, code in fields.items()}, seed)
    state = _state(best)
    if state == "none":
        return _nobody(sessions, "users differ, but everybody has an own mix: groups would hide more than they show")
    profiles = _profiles(sessions, fit, halves, kept)
    everybody = _features(best, profiles, halves.profiler.blocks, memories)
    return _grouping(state, best, everybody, fit, fields, seed, wanted)


def _profiles(sessions: Sessions, fit: Bools, halves: HalfProfiles, kept: Kept) -> Reals:
    """(users, features) of all users, on the scale of those of `fit`."""
    own = halves.full()
    profiles = np.zeros((len(fit), own.shape[1]))
    profiles[fit] = own
    if not fit.all():
        rest = sessions.of_users(np.flatnonzero(~fit).astype(np.int64))
        profiles[~fit] = halves.ruler(kept).profiles(rest)
    return profiles


def _tested(sessions: Sessions, seed: int) -> Sessions:
    """At most MAX_TESTED_USERS users, drawn at random, carry the test."""
    if sessions.n_users <= MAX_TESTED_USERS:
        return sessions
    return sessions.of_users(np.flatnonzero(_drawn(sessions.n_users, MAX_TESTED_USERS, seed)).astype(np.int64))


def _drawn(n: int, most: int, seed: int) -> Bools:
    """(n,) at most so many of them, drawn at random."""
    drawn = np.ones(n, dtype=bool)
    if n > most:
        drawn[:] = False
        drawn[np.random.default_rng([seed, 7]).choice(n, most, replace=False)] = True
    return drawn


def _sampled(n: int) -> str:
    """What of the decision rests on a sample of the users that groups are made from, in words; nothing for small logs."""
    what = {"tested": MAX_TESTED_USERS, "fitted": MAX_FITTED_USERS, "drawn anew for stability": MAX_BOOTSTRAPPED_USERS}
    said = ", ".join(f"{done} on {most:,}" for done, most in what.items() if n > most)
    # The sampling error of a correlation over the users tested, twice: what T and S may be off by.
    off = 2 / MAX_TESTED_USERS**0.5
    return f" (of {n:,} users {said}, drawn at random; the test's figures may be off by {off:.2f})" if said else ""


def _test(halves: HalfProfiles, seed: int) -> list[Tested]:
    """All features together, and each block that one half predicts on its own."""
    profiler = halves.profiler
    pairs = halves.pairs(profiler.contents)
    nulls = [halves.pairs(profiler.exchanged()) for _ in range(TEST_NULLS)]
    null_r = np.array([prediction.correlations(n) for n in nulls])
    weights = prediction.weigh(prediction.correlations(pairs), null_r, profiler.blocks)
    null_t = [_null_t(n, null_r, i, profiler.blocks, seed) for i, n in enumerate(nulls)]
    live = [int(b) for b in np.unique(profiler.blocks) if weights[profiler.blocks == b].any()]
    choices = [tuple(live)] + [(b,) for b in live if len(live) > 1]
    return [_put_to_test(c, pairs, weights, profiler.blocks, null_t, seed) for c in choices if c]


def _null_t(pairs: Pairs, null_r: Reals, i: int, blocks: Ints, seed: int) -> float:
    weights = prediction.weigh(null_r[i], np.delete(null_r, i, axis=0), blocks)
    return prediction.predict(prediction.weighted(pairs, weights), seed).t_star


def _put_to_test(
    choice: tuple[int, ...], pairs: Pairs, weights: Reals, blocks: Ints, null_t: list[float], seed: int
) -> Tested:
    chosen = np.where(np.isin(blocks, choice), weights, 0.0)
    mine = prediction.weighted(pairs, chosen)
    curve = prediction.predict(mine, seed)
    rng = np.random.default_rng([seed, 13, *choice])
    crowds = np.array([prediction.predict(prediction.crowd(mine, rng), seed).t for _ in range(prediction.CROWDS)])
    return Tested(
        choice,
        chosen,
        curve,
        prediction.linear(mine),
        float(np.percentile(null_t, 95)),
        crowds.mean(axis=0),
        crowds.std(axis=0),
    )


def _beats_null(t: Tested) -> bool:
    return len(t.curve.k) > 0 and t.curve.t_star > max(NULL_MARGIN * t.null_p95, T_FLOOR) and t.curve.s.max() >= S_FLOOR


def _state(t: Tested) -> str:
    if t.closed >= GROUPS_CLOSED and t.z >= GROUPS_Z:
        return "groups"
    return "degree" if t.t_over_l >= DEGREE_T_OVER_L else "none"


def _prefer(real: list[Tested], halves: HalfProfiles, memories: Reals, fields: Mapping[str, Ints], seed: int) -> Tested:
    """The features that show groups most clearly; of equals, those whose groups are not just one field of the log."""

    def rank(t: Tested) -> tuple[bool, bool, bool, float]:
        features = _features(t, halves.full(), halves.profiler.blocks, memories)
        label, _ = features.assigned(features.fit(_number(t, _state(t)), seed))
        just = max(_just(label, fields).values(), default=0.0) > JUST_AMI
        state = _state(t)
        return (state == "groups", state != "none", not just, t.closed)

    return max(real, key=rank)


def _number(t: Tested, state: str) -> int:
    """The smallest number of groups that predicts nearly as well as the best; by degree, while another group adds."""
    k, s, gain = t.curve.k, t.curve.s, np.diff(t.curve.t)
    if state == "groups":
        return int(k[np.flatnonzero(t.curve.t >= NEAR_BEST * t.curve.t_star)[0]])
    i = 0
    while i + 1 < len(k) and gain[i] >= DEGREE_GAIN and s[i + 1] >= S_FLOOR:
        i += 1
    return int(k[i])


def _solid(k: int, state: str, t: Tested, features: Features, seed: int) -> int:
    """One group more if all are then very solid and users keep to them as well (a small group adds little to T); fewer
    if some are not solid.
    """
    more = state == "groups" and k < t.curve.k.max() and _at(t, k + 1)[0] >= AS_CONSISTENT * _at(t, k)[0]
    most = k + 1 if more else k
    for candidate in range(most, 1, -1):
        label, _ = features.assigned(features.fit(candidate, seed))
        worst = features.stability(label, candidate, seed).min()
        if worst >= (VERY_SOLID if candidate > k else SOLID):
            return candidate
    return k


def _features(t: Tested, profiles: Reals, blocks: Ints, memories: Reals) -> Features:
    keep = t.weights > 0
    numbers = profiles[:, keep & (blocks >= FIRST_NUMBER)]
    return Features(profiles[:, keep] * t.weights[keep], memories if INTENTS in t.blocks else None, numbers)


def _grouping(
    state: str,
    t: Tested,
    everybody: Features,
    fit: Bools,
    fields: Mapping[str, Ints],
    seed: int,
    wanted: int | None,
) -> Grouping:
    mine = everybody.of(fit)
    chosen = wanted or _solid(_number(t, state), state, t, mine, seed)
    label, certainty = everybody.assigned(mine.fit(chosen, seed))
    options = [
        Option(k, *_at(t, k), label if k == chosen else everybody.assigned(mine.fit(k, seed))[0])
        for k in _offered(t, chosen)
    ]
    reason = {
        "groups": "one half of a user's sessions predicts the other through groups, better than differences of degree do",
        "degree": "users differ by degree: the number of groups is a choice, not a finding",
    }[state]
    return Grouping(
        state,
        reason + _sampled(int(fit.sum())),
        label,
        certainty,
        everybody.x,
        t.blocks,
        chosen,
        options,
        mine.stability(label[fit], chosen, seed),
        [membership.cohesion(everybody.x[label == g]) for g in range(chosen)],
        t.linear,
        t.null_p95,
        _just(label, fields),
    )


def _offered(t: Tested, chosen: int) -> list[int]:
    """A coarser number (the most self-consistent), the chosen one, a finer one (if it holds together at all)."""
    k, s = t.curve.k, t.curve.s
    coarser = [int(x) for x in k[k < chosen]]
    best = [max(coarser, key=lambda x: float(s[k == x][0]))] if coarser else []
    finer = [chosen + 1] if (k == chosen + 1).any() and float(s[k == chosen + 1][0]) >= S_FLOOR else []
    return [*best, chosen, *finer]


def _at(t: Tested, k: int) -> tuple[float, float]:
    at = np.flatnonzero(t.curve.k == k)
    return (float(t.curve.s[at[0]]), float(t.curve.t[at[0]])) if len(at) else (float("nan"), float("nan"))


def _just(label: Ints, fields: Mapping[str, Ints]) -> dict[str, float]:
    """Adjusted mutual information of the groups with each field, over users that have both (Vinh et al. 2010)."""
    found = {}
    for name, code in fields.items():
        both = (label >= 0) & (code >= 0)
        if both.sum() > 1:
            found[name] = float(adjusted_mutual_info_score(code[both], label[both]))
    return found


def _nobody(sessions: Sessions, reason: str) -> Grouping:
    n = sessions.n_users
    return Grouping("none", reason, np.full(n, -1, dtype=np.int64), np.zeros(n), np.zeros((n, 0)))


def by_intents(memories: Reals) -> list[Ints]:
    """Per intent, the users whose share of memories on it is above the share expected from everybody's."""
    held = _above_expected(memories)
    return [np.flatnonzero(held[:, i]).astype(np.int64) for i in range(memories.shape[1])]


def occasion_stability(memories: Reals, seed: int) -> Reals:
    """Per intent, the mean Jaccard of its users with those it has when every user's memories are drawn anew.

    Resampling users alone would change nothing here, since each user's occasions depend on that user's memories.
    """
    rng = np.random.default_rng([seed, 31])
    held = _above_expected(memories)
    n = memories.sum(axis=1)
    chances = memories / np.maximum(n, 1)[:, None]
    chances[n == 0, 0] = 1.0
    found = []
    for _ in range(membership.BOOTSTRAPS):
        again = _above_expected(rng.multinomial(n.astype(np.int64), chances).astype(float))
        found.append((held & again).sum(axis=0) / np.maximum((held | again).sum(axis=0), 1))
    return np.asarray(np.mean(found, axis=0))


def _above_expected(memories: Reals) -> np.ndarray:
    share = memories / np.maximum(memories.sum(axis=1, keepdims=True), 1)
    return np.asarray(share > memories.sum(axis=0) / max(float(memories.sum()), 1.0))
