"""The reference that knows how a world of habits was made: whose persona a user is of, from some of the user's visits.

In: a `HabitWorld`. Out: chances of personas. It knows every distribution of the generator and not the user; so what it
cannot tell, nobody can: its figures are the ceiling of every method on that world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import beta
from sklearn.metrics import adjusted_rand_score

from .habits import MAIN_HABIT, SPREAD, HabitSpec, HabitWorld, generate_habits
from .styles import KINDS

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEPS = 9  # of the share of visits in style, and of the main habit's share: points at which chances are summed
USERS = 400  # a kind, in the table
SURE = 0.8  # chance of the likeliest persona from all visits, above which a user could be placed by a perfect method


def chances(world: HabitWorld, user: str, visits: Bools | None = None) -> Reals:
    """(styles,) chance of each style to be the user's main one, from all visits or some; even where there is none."""
    found = world.likelihoods[user] if visits is None else world.likelihoods[user][visits]
    n = len(world.spec.habits.styles)
    weights, main = _supposed(n, world.spec.mean_strength, mixed=world.spec.kind == "mixed")
    scale = found.max(axis=1, initial=-np.inf, keepdims=True)
    of_visit = np.log(np.exp(found - scale) @ weights.T)
    score = logsumexp(of_visit.sum(axis=0).reshape(STEPS, len(main)), axis=0)
    total = np.array([logsumexp(score[main == s]) for s in range(n)])
    return np.asarray(np.exp(total - logsumexp(total)))


@cache
def _supposed(n: int, strength: float, *, mixed: bool) -> tuple[Reals, Ints]:
    """Of each share of visits in style and each mix of n styles the (points, styles + 1) chance of a visit to be of each style or
    of none, and the (mixes,) main style.
    """
    held = beta.ppf((np.arange(STEPS) + 0.5) / STEPS, strength * SPREAD, (1 - strength) * SPREAD)
    if not mixed:
        mixes, main = np.eye(n), np.arange(n)
    else:
        shares = np.linspace(*MAIN_HABIT, STEPS)
        mixes, main = np.zeros((n * (n - 1) * STEPS, n)), np.zeros(n * (n - 1) * STEPS, dtype=np.int64)
        for row, (pair, share) in enumerate((p, s) for p in permutations(range(n), 2) for s in shares):
            mixes[row, pair], main[row] = (share, 1 - share), pair[0]
    weights = np.concatenate(
        [held[:, None, None] * mixes, np.broadcast_to(1 - held[:, None, None], (STEPS, len(mixes), 1))], axis=2
    )
    return weights.reshape(-1, n + 1), main


@dataclass(frozen=True)
class Ceiling:
    """`half` and `again`: of users with two visits or more, the share whose planted persona half of the visits tells, and
    of whom both halves tell the same; `chance` of guessing; `whole`: of all users, from all visits; `ari` of that with
    the truth; `placeable`: share of users of whom the reference is sure from all visits.
    """

    half: float
    again: float
    chance: float
    whole: float
    ari: float
    placeable: float


def ceiling(world: HabitWorld, seed: int = 0) -> Ceiling:
    """What the reference reaches in a world with personas, over random halves of visits."""
    rng = np.random.default_rng([seed, 47])
    truth = np.array(list(world.personas.values()))
    whole = np.array([chances(world, user) for user in world.personas])
    halves = []
    for user, persona in world.personas.items():
        n = len(world.likelihoods[user])
        if n > 1:
            first = rng.permutation(n) < (n + int(rng.integers(2))) // 2
            halves.append([persona, *(int(chances(world, user, h).argmax()) for h in (first, ~first))])
    planted, one, other = np.array(halves).T
    return Ceiling(
        half=float(np.mean(np.concatenate([one == planted, other == planted]))),
        again=float((one == other).mean()),
        chance=float(np.max(np.bincount(planted) / len(planted))),
        whole=float((whole.argmax(axis=1) == truth).mean()),
        ari=float(adjusted_rand_score(truth, whole.argmax(axis=1))),
        placeable=float((whole.max(axis=1) >= SURE).mean()),
    )


def placeable(world: HabitWorld) -> Mapping[str, bool]:
    """By user, whether the reference is sure of the persona from all visits."""
    return {user: bool(chances(world, user).max() >= SURE) for user in world.personas}


def main() -> None:
    """The table of what the reference reaches, a row a kind: `python -m evals.worlds.oracle`."""
    print("kind      half  again  chance  whole   ari  placeable")
    for kind in KINDS:
        c = ceiling(generate_habits(HabitSpec(kind, USERS)))
        print(
            f"{kind:8}  {c.half:4.2f}  {c.again:5.2f}  {c.chance:6.2f}  {c.whole:5.2f}  {c.ari:4.2f}  {c.placeable:9.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
