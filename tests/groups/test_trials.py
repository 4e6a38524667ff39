"""Trials: personas that were planted come back for users outside the fit, and those of exchanged logs do not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, cohen_kappa_score

from persona_agent.groups.mixture import settle_rho
from persona_agent.groups.ruler import Ruler
from persona_agent.groups.trials import (
    MEMBERS,
    MOST_NATS,
    SURE,
    SURE_OF_ONE,
    Halves,
    Trial,
    _kappa_of_all,
    _matched,
    _members,
    agreement,
    foretold,
    placed,
    try_null,
    try_number,
)
from persona_agent.schema.personas import FAIR, FIRM

from .planting import alike, mixes, visits

USERS = 120
PLANTED = np.arange(USERS) % 3


@cache
def tried(k: int = 3, *, exchanged: bool = False, share: float = 0.3, users: int = USERS) -> Trial:
    made, cohort = visits({"acts": mixes(np.arange(users) % 3, 4, share)}), alike(users)
    made = made.exchanged(np.random.default_rng(2), cohort) if exchanged else made
    ruler = Ruler.of(made, ("acts",), (), cohort)
    return try_number(made, cohort, ruler, settle_rho(ruler.profiles(made, cohort), k, 0), k, 0)


def test_planted_personas_come_back() -> None:
    """Every planted persona is firm, for users it was not made from, and in other users; its home foretells the other half."""
    trial = tried()
    made = visits({"acts": mixes(PLANTED, 4, 0.3)})
    profiles = Ruler.of(made, ("acts",), (), alike(USERS)).profiles(made, alike(USERS))
    assert adjusted_rand_score(PLANTED, placed(trial.model.chances(profiles), made.per_user)) > 0.9
    assert (trial.tested.kappa > 0.6).all()
    assert (trial.tested.low > 0.4).all()
    assert (trial.tested.low < trial.tested.kappa).all()
    assert (trial.tested.refits > 0.85).all()
    assert trial.tested.chance == pytest.approx(1 / 3, abs=0.1)
    assert trial.tested.random == pytest.approx(trial.tested.time, abs=0.2)
    assert trial.kappa > 0.6
    assert trial.gain.mean() > 0.5


def test_nothing_comes_back_of_an_exchanged_log() -> None:
    """The same visits exchanged between users: kappa about 0, and the first half foretells nothing of the other."""
    trial = tried(exchanged=True)
    assert (trial.tested.kappa < 0.2).all()
    assert (trial.tested.low < 0.05).all()
    assert trial.gain.mean() < 0.02


def test_null_logs_reach_nothing() -> None:
    """The personas of exchanged logs have a kappa about 0 and no gain, over the users of both folds together."""
    made = visits({"acts": mixes(PLANTED, 4, 0.3)})
    ruler = Ruler.of(made, ("acts",), (), alike(USERS))
    rho = settle_rho(ruler.profiles(made, alike(USERS)), 3, 0)
    for seed in range(4):
        kappa, _, gain = try_null(made, alike(USERS), ruler, rho, 3, seed)
        assert kappa.shape == (3,)
        assert kappa.mean() < 0.1
        assert gain < 0.05


def test_what_personas_carry_is_the_gain_of_their_users() -> None:
    """All of them carry the whole gain, none nothing, and each its share."""
    trial = tried()
    each = [trial.carried(np.arange(3) == g) for g in range(3)]
    assert trial.carried(np.ones(3, dtype=bool)) == pytest.approx(trial.gain)
    assert (trial.carried(np.zeros(3, dtype=bool)) == 0).all()
    assert sum(each) == pytest.approx(trial.gain)
    assert min(of.mean() for of in each) > 0


def test_the_chances_of_halves_say_whether_the_other_half_agrees() -> None:
    """Halves that are surer are right more often, and as many chances stand as halves that place somebody."""
    trial = tried()
    assert len(trial.sure) == len(trial.alike)
    assert len(trial.sure) <= 2 * USERS
    assert (trial.sure >= SURE).all()
    middle = np.median(trial.sure)
    assert trial.alike[trial.sure > middle].mean() > trial.alike[trial.sure <= middle].mean()


def test_a_half_that_places_nobody_is_a_miss() -> None:
    """Two of four are placed alike, one in another persona, one not at all: both ways, two of seven... and chance is by size."""
    a, b = np.array([0, 0, 0, 1]), np.array([0, 0, 1, -1])
    share, chance, kappa = agreement(Halves.certain(a, b), 2)
    # Persona 0: three by the first half and two by the second, of which two of each agree. Persona 1: one of each, none agree.
    assert share.tolist() == [4 / 5, 0]
    assert chance.tolist() == [5 / 7, 2 / 7]
    assert kappa == pytest.approx([(4 / 5 - 5 / 7) / (2 / 7), -(2 / 7) / (5 / 7)])
    more, _, _ = agreement(Halves.certain(np.append(a, [1] * 5), np.append(b, [-1] * 5)), 2)
    assert more[1] == 0


def test_members_are_sure_and_the_other_half_need_only_place_them() -> None:
    """Of four users whom halves place in persona 0, those count as members that a half is sure of; the other half may be less
    sure, and is a miss where it places them elsewhere or nowhere. Chance is the persona's share of all that are placed.
    """
    sides = Halves(np.array([[0, 0, 0, 0], [0, 1, -1, 0]]), np.array([[0.9, 0.8, 0.9, 0.6], [0.6, 0.6, 0.4, 0.6]]))
    share, chance, kappa = agreement(sides, 2, np.array([0.8, 0.8]))
    assert share.tolist() == [1 / 3, 0]
    assert chance.tolist() == [6 / 7, 1 / 7]
    assert kappa[0] == pytest.approx((1 / 3 - 6 / 7) / (1 / 7))
    assert agreement(sides, 2)[0][0] == 4 / 6


def test_fewer_are_members_where_personas_shade_into_each_other() -> None:
    """Personas far apart take whoever is likelier theirs than not; those that shade into each other only come back fairly with
    members that are clear. Where nothing is apart, no few lucky members are picked.
    """
    apart, shading, alike_all = (tried(share=share, users=480) for share in (0.6, 0.16, 0.0))
    assert (apart.members == SURE).all()
    assert set(shading.members) <= set(MEMBERS)
    assert (shading.members > SURE).any()
    assert (shading.firm.kappa >= FAIR).any()
    assert (shading.firm.kappa >= shading.tested.kappa).all()
    assert (alike_all.members == SURE).all()
    assert (alike_all.firm.kappa < FAIR).all()


@pytest.mark.parametrize(("comes_back", "sure"), [(0.65, 0.8), (0.4, 0.95), (1.0, SURE)])
def test_members_are_as_many_as_come_back_fairly(comes_back: float, sure: float) -> None:
    """The least chance at which a persona is fair, where more likely ones come back more often; where it never is, that at which
    it comes back best.
    """
    steps = np.repeat(MEMBERS, 200)
    again = np.array(
        [i % 200 < 200 * min(comes_back * (0.5 + step / 2) if comes_back < 1 else 1, 1) for i, step in enumerate(steps)]
    )
    # As many are of a second persona, whom both halves place there, so that chance is a half.
    label = np.stack([np.zeros(len(steps), dtype=np.int64), np.where(again, 0, 1)])
    sides = Halves(
        np.hstack([label, np.ones((2, len(steps)), dtype=np.int64)]),
        np.hstack([[steps, np.zeros(len(steps))], np.ones((2, len(steps)))]),
    )
    found = _members(sides, 2)
    kappas = [agreement(sides, 2, np.full(2, least))[2][0] for least in MEMBERS]
    fair = [least for least, kappa in zip(MEMBERS, kappas, strict=True) if kappa >= FAIR]
    assert found[0] == (fair[0] if fair else MEMBERS[int(np.argmax(kappas))])
    assert found[0] == sure


@pytest.mark.parametrize(("unsure", "least"), [(60, 0.6), (130, SURE)])
def test_firm_members_are_taken_where_that_leaves_few_out(unsure: int, least: float) -> None:
    """All together come back fairly, the sure ones firmly: these are members where they are three quarters of all."""
    chance = np.repeat([SURE, 0.8], [unsure, 200])
    again = np.concatenate([np.zeros(unsure, dtype=bool), np.arange(200) % 50 < 31])
    others = 2 * len(chance)  # of a second persona, so that chance is a third
    label = np.stack([np.zeros(len(chance), dtype=np.int64), np.where(again, 0, -1)])
    sides = Halves(
        np.hstack([label, np.ones((2, others), dtype=np.int64)]),
        np.hstack([np.stack([chance, chance]), np.ones((2, others))]),
    )
    fair, firm = (agreement(sides, 2, np.full(2, sure))[2][0] for sure in (SURE, 0.8))
    assert FAIR <= fair < FIRM <= firm
    assert _members(sides, 2)[0] == least


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=80))
def test_kappa_is_cohens_where_everybody_is_placed(pairs: list[tuple[int, int]]) -> None:
    """Scott's pi in truth, since both halves share one chance: it is Cohen's kappa of the pairs taken both ways."""
    a, b = np.array(pairs).T
    if len({*a.tolist(), *b.tolist()}) < 2:
        return
    both = np.concatenate([a, b]), np.concatenate([b, a])
    assert _kappa_of_all(Halves.certain(a, b), np.full(3, SURE)) == pytest.approx(cohen_kappa_score(*both))


def test_few_visits_place_nobody_who_is_not_sure() -> None:
    """A user with one visit must be surer; one with none is in no persona."""
    chances = np.array([[0.6, 0.4], [0.6, 0.4], [0.8, 0.2], [0.45, 0.4], [0.9, 0.1]])
    assert SURE < 0.6 < SURE_OF_ONE < 0.8
    assert placed(chances, np.array([2, 1, 1, 5, 0])).tolist() == [0, -1, 0, -1, -1]
    assert placed(chances, np.array([2, 1, 1, 5, 0]), np.array([0.8, 0.5])).tolist() == [-1, -1, 0, -1, -1]


@given(st.permutations(range(4)))
def test_personas_of_other_users_are_matched_by_their_members(order: list[int]) -> None:
    """Whatever the numbers that a fold's model gave them, each is the one whose members it shares."""
    own = np.repeat(np.arange(4), 10)
    assert _matched(np.array(order)[own], own, 4)[np.array(order)].tolist() == [0, 1, 2, 3]


def test_one_user_says_no_more_than_a_bound() -> None:
    """Whatever one user's half tells, it counts for MOST_NATS at most, either way; who has no home counts for nothing."""
    told = np.array([[900.0, 0.0], [-900.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    assert foretold(told, np.array([0, 0, 1, -1])).tolist() == [MOST_NATS, -MOST_NATS, 2, 0]
