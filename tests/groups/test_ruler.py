"""What is expected of a visit: what its month and cohort hold, and nothing of users outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from persona_agent.groups import Visits
from persona_agent.groups.ruler import CLIP, Ruler

from .planting import alike, mixes, visits

USERS = 60


def seasonal(seed: int = 0) -> Visits:
    """Everybody does in each month what that month is for."""
    made = visits({"acts": np.full((USERS, 5), 0.2)}, {"size": np.zeros(USERS)}, seed)
    rng = np.random.default_rng(seed)
    acts = np.array([rng.multinomial(50, mixes(made.stratum, 5)[v]) for v in range(len(made.user))], dtype=float)
    return replace(
        made, counts={"acts": sparse.csr_matrix(acts)}, numbers={"size": made.stratum * 3.0 + made.numbers["size"]}
    )


def beyond(ruler: Ruler, made: Visits, cohort: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far users' mixes and means are from what is expected of them."""
    found = ruler.profiles(made, cohort)
    share = found.counts["acts"] / found.counts["acts"].sum(axis=1, keepdims=True)
    return share - found.expected["acts"], found.means[:, 0] * ruler.scale[0]


def test_a_month_makes_no_difference() -> None:
    """Users who came in other months are level, in mixes and in numbers, where raw they are far apart."""
    made, cohort = seasonal(), alike(USERS)
    some = made.only(np.where(made.user % 2, made.stratum < 2, made.stratum > 2))
    ruler = Ruler.of(some, ("acts",), ("size",), cohort)
    mix, mean = beyond(ruler, some, cohort)
    odd = np.arange(USERS) % 2 == 1
    raw = ruler.profiles(some, cohort).counts["acts"]
    raw = raw / raw.sum(axis=1, keepdims=True)
    assert np.abs(raw[odd].mean(axis=0) - raw[~odd].mean(axis=0)).max() > 0.25
    assert np.abs(mix[odd].mean(axis=0) - mix[~odd].mean(axis=0)).max() < 0.05
    # Of 9 between the months, 60 visits of each leave a quarter to PRIOR_VISITS.
    assert abs(mean[odd].mean() - mean[~odd].mean()) < 0.3 * 9


def test_a_cohort_makes_no_difference() -> None:
    """Users of two cohorts with other mixes are level where cohorts are known, and apart where they are not."""
    cohort = np.arange(USERS) % 2
    made = visits({"acts": mixes(cohort, 4)}, {"size": cohort * 5.0})
    within = beyond(Ruler.of(made, ("acts",), ("size",), cohort), made, cohort)
    over = beyond(Ruler.of(made, ("acts",), ("size",), alike(USERS)), made, alike(USERS))
    for one, other in zip(within, over, strict=True):
        assert (
            np.abs(one[cohort == 0].mean(axis=0) - one[cohort == 1].mean(axis=0)).max()
            < 0.15 * np.abs(other[cohort == 0].mean(axis=0) - other[cohort == 1].mean(axis=0)).max()
        )


def test_a_month_that_is_unknown_is_like_everybody() -> None:
    """Of visits in a month, or of a cohort, that the ruler has not met, everybody's mix is expected."""
    made, cohort = seasonal(), alike(USERS)
    ruler = Ruler.of(made, ("acts",), ("size",), cohort)
    late = replace(made, stratum=made.stratum + 100)
    whole = ruler.shares["acts"][-1]
    assert ruler.profiles(late, cohort).expected["acts"] == pytest.approx(np.tile(whole, (USERS, 1)))
    assert ruler.profiles(made, cohort + 3).expected["acts"] == pytest.approx(np.tile(whole, (USERS, 1)))


def test_profiles_do_not_depend_on_each_other() -> None:
    """A user's profile is the same alone and among others, and a user without visits has an empty one."""
    made, cohort = seasonal(), alike(USERS)
    ruler = Ruler.of(made, ("acts",), ("size",), cohort)
    all_of_them, alone = ruler.profiles(made, cohort), ruler.profiles(made.of_users(np.array([7])), alike(1))
    assert alone.expected["acts"][0] == pytest.approx(all_of_them.expected["acts"][7])
    assert alone.means[0] == pytest.approx(all_of_them.means[7])
    nothing = ruler.profiles(made.only(made.user != 7), cohort)
    assert nothing.counts["acts"][7].sum() == 0
    assert nothing.seen[7] == 0
    assert np.isfinite(nothing.expected["acts"]).all()


def test_values_of_few_users_are_one_value_together() -> None:
    """What fewer than ten users have is folded into one value, whichever of them it was; everybody's lines are still counted."""
    made = visits({"acts": np.hstack([np.full((USERS, 2), 0.5), np.zeros((USERS, 3))])})
    full = made.counts["acts"].toarray()
    for v in range(9):
        full[made.user == v, 2 + v % 3] += 1
    made = replace(made, counts={"acts": sparse.csr_matrix(full)})
    ruler = Ruler.of(made, ("acts",), (), alike(USERS))
    assert ruler.kept["acts"].tolist() == [True, True, False, False, False]
    counts = ruler.profiles(made, alike(USERS)).counts["acts"]
    assert counts.shape == (USERS, 3)
    assert counts.sum() == full.sum()
    assert Ruler.of(made, ("acts",), (), alike(USERS), fold=False).kept["acts"].all()


def test_one_extreme_user_is_bounded() -> None:
    """However far a user's mean, it is at most CLIP deviations from what is expected."""
    made = visits({"acts": np.full((USERS, 2), 0.5)}, {"size": np.where(np.arange(USERS) == 3, 1e6, 0.0)})
    means = Ruler.of(made, (), ("size",), alike(USERS)).profiles(made, alike(USERS)).means
    assert np.abs(means).max() <= CLIP
    assert means[3, 0] == CLIP


def test_noise_is_that_of_one_visit() -> None:
    """Where users differ with a deviation of 2 and visits of a user with one of 1, the scale is 2 and the noise a quarter."""
    made = visits({}, {"size": np.random.default_rng(2).normal(0, 2, 400)}, per_user=20)
    ruler = Ruler.of(made, (), ("size",), alike(400))
    assert ruler.scale[0] == pytest.approx(2, rel=0.1)
    assert ruler.noise[0] == pytest.approx(0.25, rel=0.2)
