"""Views enter that come back in the other half of users' visits, and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from persona_agent.groups import Visits
from persona_agent.groups.screening import LEAST_R, Screened, halves_of_visits, screen

from .planting import alike, mixes, visits

USERS = 120


def planted(seed: int = 0) -> Visits:
    """Users keep to their acts and to the size of their visits; hours and amounts are anybody's."""
    who = np.arange(USERS) % 3
    return visits(
        {"acts": mixes(who, 4, 0.4), "hours": np.full((USERS, 8), 1 / 8)},
        {"size": who * 1.0, "much spent": np.zeros(USERS)},
        seed,
    )


@pytest.mark.parametrize("seed", range(1))
def test_what_users_keep_to_enters_and_noise_does_not(seed: int) -> None:
    """Acts and size come back by time and at random, above their bar; hours and amounts do not."""
    screened = screen(planted(seed), alike(USERS), seed)
    assert {name for name, r in screened.views.items() if r.enters} == {"acts", "size"}
    assert set(screened.counts) == {"acts"}
    assert screened.numbers == ["size"]
    for r in screened.views.values():
        assert r.enters == ((r.time + r.random) / 2 > r.null and min(r.time, r.random) > LEAST_R)
    assert min(screened.views["acts"].time, screened.views["acts"].random) > 0.4


def test_a_view_that_tells_under_a_fifth_of_the_other_half_stays_out_beside_good_ones() -> None:
    """Hours come back above null logs, but tell a sixth of users' other half: beside four views that tell three quarters
    they stay out, beside three they enter, since each counts where there are few. Hours that tell more than a fifth enter
    in any case.
    """
    who, other = np.arange(USERS) % 3, np.arange(USERS) // 3 % 3
    good = {name: mixes(np.roll(who, i), 4, 0.4) for i, name in enumerate(["acts", "things", "field a", "field b"])}
    three = dict(list(good.items())[1:])
    few, more, between = (
        screen(visits({**views, "hours": mixes(other, 8, share)}), alike(USERS), 0)
        for views, share in ((good, 0.1), (good, 0.15), (three, 0.1))
    )
    assert [tells(s, "hours") < 0.2 for s in (few, more, between)] == [True, False, True]
    assert all(s.views["hours"].time > s.views["hours"].null for s in (few, more, between))
    assert tells(more, "hours") < tells(more, "acts") / 2
    assert [s.views["hours"].enters for s in (few, more, between)] == [False, True, True]
    assert [set(s.counts) - set(good) for s in (few, more, between)] == [set(), {"hours"}, {"hours"}]


def tells(screened: Screened, view: str) -> float:
    """How much of the other half it tells, by time and at random."""
    return min(screened.views[view].time, screened.views[view].random)


def test_what_the_month_is_for_does_not_enter() -> None:
    """Users who come in one half of the year do what everybody does then: no view of theirs comes back beyond that."""
    made = planted()
    rng = np.random.default_rng(1)
    late = (np.arange(USERS) % 2)[made.user]
    stratum = late * 6 + made.stratum
    acts = np.array([rng.multinomial(5, mixes(stratum // 3, 5, 0.7)[v]) for v in range(len(made.user))], dtype=float)
    seasonal = replace(
        made,
        stratum=stratum,
        counts={"acts": sparse.csr_matrix(acts)},
        numbers={"size": late * 3.0 + made.numbers["much spent"]},
    )
    assert not any(r.enters for r in screen(seasonal, alike(USERS), 0).views.values())
    blind = replace(seasonal, stratum=np.zeros_like(stratum))
    assert all(r.enters for r in screen(blind, alike(USERS), 0).views.values())


def test_what_the_cohort_does_does_not_enter() -> None:
    """Where classes are cohorts, nothing within them comes back."""
    who = np.arange(USERS) % 3
    made = visits({"acts": mixes(who, 4)}, {"size": who * 2.0})
    assert not any(r.enters for r in screen(made, who, 0).views.values())
    assert all(r.enters for r in screen(made, alike(USERS), 0).views.values())


def test_exchanged_visits_come_back_for_nobody() -> None:
    """Of the planted log with visits exchanged no view enters."""
    null = planted().exchanged(np.random.default_rng(0), alike(USERS))
    assert not any(r.enters for r in screen(null, alike(USERS), 0).views.values())


def test_themes_that_do_not_come_back_are_left_out() -> None:
    """Of eight themes users keep to three; the view enters with those, and a theme of noise is not in it."""
    who = np.arange(USERS) % 3
    mix = np.hstack([0.5 * mixes(who, 3, 0.9), np.full((USERS, 5), 0.1)])
    screened = screen(visits({"things": mix}, per_user=16), alike(USERS), 0)
    kept = screened.counts["things"].tolist()
    assert {0, 1, 2} <= set(kept)
    assert len(kept) < 8
    part = screened.of(visits({"things": mix}))
    assert part.counts["things"].shape[1] == len(kept)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.integers(0, 99))
def test_halves_are_halves_of_every_user(per_user: list[int], seed: int) -> None:
    """Each user's visits are cut in two that differ by one at most: the first in time, every other one, or any."""
    user = np.repeat(np.arange(len(per_user)), per_user)
    turn = np.concatenate([np.arange(n) for n in per_user])
    made = Visits(user, len(per_user), user * 0, {}, {}, turn)
    for how in ("time", "alternate", "random"):
        half = halves_of_visits(made, how, np.random.default_rng(seed))
        inside = np.bincount(user[half], minlength=len(per_user))
        assert (np.abs(2 * inside - np.array(per_user)) <= 1).all()
        if how == "time":
            assert (made.place[half] < (made.per_user[user[half]] + 1) // 2).all()
        if how == "alternate":
            assert (made.place[half] % 2 == 0).all()
