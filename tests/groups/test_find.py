"""Users to personas: found where they are, as many as there are, and not where they are not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from persona_agent.groups import Grouping, Visits, by_intents, find_groups, trials
from persona_agent.groups.find import ALMOST, AS_SURE, NEARLY, NUMBERS_MORE, NullBar, _chosen
from persona_agent.schema.personas import FAIR, FIRM, SOFT

from .planting import alike, mixes, visits

# Of the package, the function of that name hides the module.
find = import_module("persona_agent.groups.find")
USERS = 150
HELD = np.random.default_rng(5).permutation(USERS) >= 0.7 * USERS


@pytest.fixture(autouse=True)
def fewer_nulls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight null logs a number say the same here as twenty, in less time."""
    monkeypatch.setattr("persona_agent.groups.find.NULLS", 8)


def classes(k: int, share: float = 0.6) -> tuple[np.ndarray, Visits]:
    """So many classes by acts, beside a view and a number in which all are alike."""
    planted = np.arange(USERS) % k
    views = {"acts": mixes(planted, k + 1, share), "hours": np.full((USERS, 8), 1 / 8)}
    return planted, visits(views, {"size": np.zeros(USERS)})


@cache
def found(k: int) -> Grouping:
    return find_groups(
        classes(k)[1], alike(USERS), {"course": np.arange(USERS) % k, "device": np.arange(USERS) // 75}, 0
    )


@pytest.mark.parametrize("k", [2, 4])
def test_planted_personas_are_found(k: int) -> None:
    """As many as were planted, with an agreement over 0.85; all of them firm, over what null logs reach."""
    grouping = found(k)
    assert (grouping.state, grouping.chosen) == ("groups", k)
    inside = grouping.label >= 0
    assert inside.mean() > 0.9
    assert adjusted_rand_score((np.arange(USERS) % k)[inside], grouping.label[inside]) > 0.85
    assert {f.word for f in grouping.firmness} == {"firm"}
    assert grouping.in_use == ["acts"]
    assert grouping.null_kappa is not None
    assert all((f.low or 0) > grouping.null_kappa for f in grouping.firmness)


def test_figures_of_firmness_hold_together() -> None:
    """Members and tested are counted from the labels; the word follows from kappa, its lower end and null logs."""
    grouping = found(4)
    for g, f in enumerate(grouping.firmness):
        assert f.members == f.tested == (grouping.label == g).sum()
        assert f.kappa is not None
        word = "firm" if f.kappa >= FIRM else "fair" if f.kappa >= FAIR else "soft" if f.kappa >= SOFT else "none"
        assert f.word == (word if (f.low or 0) > (f.null or 0) else "none")
    assert [o.k for o in grouping.options] == sorted(o.k for o in grouping.options)
    assert next(o.label for o in grouping.options if o.k == grouping.chosen).tolist() == grouping.label.tolist()


def test_personas_of_a_number_are_found() -> None:
    """Two classes that differ in the size of visits alone, by that view alone."""
    planted = np.arange(USERS) % 2
    grouping = find_groups(
        visits({"acts": np.full((USERS, 4), 0.25)}, {"size": planted * 2.5}), alike(USERS), {}, 0, wanted=2
    )
    assert (grouping.state, grouping.in_use) == ("groups", ["size"])
    assert adjusted_rand_score(planted, grouping.label) > 0.85


@pytest.mark.parametrize("seed", range(2))
def test_a_null_log_has_none(seed: int) -> None:
    """Where all users are alike, and where the visits of planted personas were exchanged, the state is none, and the reason
    says why; a number that is asked for changes nothing.
    """
    planted = classes(3)[1]
    level = visits({"acts": np.full((USERS, 4), 0.25)}, {"size": np.zeros(USERS)}, seed)
    for made in (level, planted.exchanged(np.random.default_rng(seed), alike(USERS))):
        grouping = find_groups(made, alike(USERS), {}, seed, wanted=3 if seed == 0 else None)
        assert grouping.state == "none"
        assert "comes back" in grouping.reason or "foretells" in grouping.reason
        assert (grouping.label == -1).all()
        assert (grouping.halves == -1).all()


@pytest.mark.parametrize("seed", range(2))
def test_a_pair_gives_way_to_three_that_all_hold(seed: int) -> None:
    """Of three planted classes two are much alike: told as one, that pair foretells no less than all three do, and all three
    come back, so that they are found.
    """
    planted = np.arange(120) % 3
    acts = np.array([[0.85, 0.03, 0.03, 0.09], [0.05, 0.5, 0.36, 0.09], [0.05, 0.36, 0.5, 0.09]])
    grouping = find_groups(visits({"acts": acts[planted]}, seed=seed, per_user=40), alike(120), {}, 0)
    gain = {o.k: o.gain for o in grouping.options}
    assert gain[3] == pytest.approx(gain[2], abs=0.01)
    assert grouping.chosen == 3
    assert adjusted_rand_score(planted, grouping.label) > 0.85


@pytest.mark.parametrize("seed", [0, 2])
def test_a_pair_stays_where_of_more_not_all_hold(seed: int) -> None:
    """Users stand anywhere between two ends, few of them in the middle: a third persona there foretells a little more of users,
    but does not come back, and the two ends are told.
    """
    place = (np.arange(USERS) + 0.5) / USERS
    towards = np.where(place < 0.5, place**1.5, 1 - (1 - place) ** 1.5)[:, None]
    acts = towards * [0.2, 0.8] + (1 - towards) * [0.8, 0.2]
    grouping = find_groups(visits({"acts": acts}, seed=seed, per_user=16), alike(USERS), {}, 0)
    gain = {o.k: o.gain for o in grouping.options}
    assert gain[3] > gain[2]
    assert grouping.chosen == 2
    assert all(f.word != "none" for f in grouping.firmness)


@pytest.mark.parametrize(("foretold", "chosen"), [(NEARLY + 0.01, 3), (NEARLY - 0.01, 2)])
def test_a_pair_gives_way_only_where_nearly_as_much_is_foretold(foretold: float, chosen: int) -> None:
    """Three that all hold are taken where they foretell four fifths of what the pair does, and not where they foretell less, or
    one of them does not hold. A pair of which one does not hold stays for nothing.
    """
    assert NEARLY == 0.8
    three, pair = on_trial(3, foretold), on_trial(2, 1.0)
    every = [(t, np.ones(t.k, dtype=bool), NullBar(0.0, 0.0, 0.0)) for t in (pair, three)]
    assert _chosen(every)[0].k == chosen
    first, *_ = every
    assert _chosen([first, (three, np.arange(3) > 0, first[2])])[0].k == 2
    broken = (pair, np.arange(2) > 0, first[2])
    assert _chosen([broken, (on_trial(4, 1.0), np.arange(4) > 0, first[2])])[0].k == 4


@pytest.mark.parametrize(
    ("foretold", "kappa", "all_hold", "chosen"),
    [
        (ALMOST + 0.01, AS_SURE + 0.01, True, 4),
        (ALMOST - 0.01, 1.0, True, 3),
        (1.0, AS_SURE - 0.01, True, 3),
        (1.0, 1.0, False, 3),
    ],
)
def test_finer_personas_are_taken_where_all_hold_and_little_is_lost(
    foretold: float, kappa: float, all_hold: bool, chosen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With numbers that weigh more: one more persona of two that are tried, unless one does not come back, one comes back less
    surely, or they foretell less; never of a log without numbers, nor where the best ones do not all hold.
    """
    asked: list[tuple[int, float]] = []

    def tried(*given: Any) -> trials.Trial:
        *_, k, _, weight = given
        asked.append((k, weight))
        trial = on_trial(k, foretold if k == 4 else 0.1)
        trial = replace(trial, tested=replace(trial.tested, kappa=np.append(np.ones(k - 1), kappa)))
        return trial if all_hold else replace(trial, tested=replace(trial.tested, refits=np.arange(k) / k))

    monkeypatch.setattr(find, "try_number", tried)
    monkeypatch.setattr(find, "_bar", lambda *_: NullBar(0.0, 0.0, 0.0))
    sample, best = classes(3)[1], on_trial(3, 1.0)

    def finer(log: Visits, real: np.ndarray) -> tuple[trials.Trial, np.ndarray, NullBar] | None:
        return find._finer(log, alike(USERS), None, {}, best, real, 0)

    found = finer(sample, np.ones(3, dtype=bool))
    assert (found[0].k if found else 3) == chosen
    assert [k for k, _ in asked] == [5, 4]
    assert {weight for _, weight in asked} == {NUMBERS_MORE}
    assert finer(sample, np.arange(3) > 0) is None
    assert finer(replace(sample, numbers={}), np.ones(3, dtype=bool)) is None


def on_trial(k: int, nats: float) -> trials.Trial:
    """So many personas, of which each foretells as many nats of every user."""
    home, each = np.arange(USERS) % k, np.ones(k)
    tested, same = trials.Tested(each, each, each / k, each, each, each), np.ones(USERS, dtype=bool)
    return trials.Trial(k, None, each / 2, tested, tested, np.full(USERS, nats), home, same * 1.0, same, 1.0)


def test_too_few_users_that_came_back() -> None:
    """Forty users are too few to test, and so are many who came once; the reason says how many came back."""
    few = find_groups(visits({"acts": np.full((40, 4), 0.25)}), alike(40), {}, 0)
    once = find_groups(visits({"acts": np.full((90, 4), 0.25)}, per_user=1), alike(90), {}, 0)
    assert (few.state, once.state) == ("none", "none")
    assert "only 40 of the users" in few.reason
    assert "only 0 of the users" in once.reason


def test_a_wanted_number_is_made() -> None:
    """Three personas are made of four planted ones where three are asked for; the others stand as options."""
    grouping = find_groups(classes(4)[1], alike(USERS), {}, 0, wanted=3)
    assert (grouping.state, grouping.chosen, len(grouping.firmness)) == ("groups", 3, 3)
    assert {2, 3, 4} <= {o.k for o in grouping.options}


def test_users_outside_of_the_fit_change_nothing_and_are_placed() -> None:
    """With other visits of held-out users every figure and everybody else's persona is the same; they are placed in the
    planted ones, by a model that never saw them.
    """
    planted, made = classes(3)
    one = find_groups(made, alike(USERS), {}, 0, fit=~HELD)
    other = visits(
        {"acts": mixes(planted[::-1].copy(), 4), "hours": np.full((USERS, 8), 1 / 8)}, {"size": planted * 9.0}, 7
    )
    theirs = HELD[made.user]
    mine, yours = ~theirs[:, None], theirs[:, None]
    mixed = replace(
        made,
        counts={n: (c.multiply(mine) + other.counts[n].multiply(yours)).tocsr() for n, c in made.counts.items()},
        numbers={n: np.where(theirs, other.numbers[n], x) for n, x in made.numbers.items()},
        stratum=np.where(theirs, made.stratum + 7, made.stratum),
    )
    two = find_groups(mixed, alike(USERS), {}, 0, fit=~HELD)
    assert (one.state, one.chosen, one.reason) == (two.state, two.chosen, two.reason)
    assert (one.views, one.null_kappa, one.null_gain) == (two.views, two.null_kappa, two.null_gain)
    assert [(o.k, o.kappa, o.gain) for o in one.options] == [(o.k, o.kappa, o.gain) for o in two.options]
    assert [(f.kappa, f.low, f.refits) for f in one.firmness] == [(f.kappa, f.low, f.refits) for f in two.firmness]
    for name in ("label", "certainty", "halves"):
        assert (getattr(one, name)[~HELD] == getattr(two, name)[~HELD]).all()
    assert (one.label[HELD] != two.label[HELD]).any()
    assert adjusted_rand_score(planted[HELD], one.label[HELD]) > 0.8


def test_cohorts_that_never_meet_are_told_apart_within() -> None:
    """Two cohorts with acts of their own: within them the two planted personas are found, and are no cohort; without, what
    cohorts do sets users apart.
    """
    cohort, planted = np.arange(USERS) % 2, np.arange(USERS) // 2 % 2
    acts = np.zeros((USERS, 8))
    acts[np.arange(USERS)[:, None], 4 * cohort[:, None] + np.arange(4)] = 0.25
    made = visits({"acts": acts, "hours": mixes(planted, 4)})
    within = find_groups(made, cohort, {"course": cohort}, 0)
    assert within.in_use == ["hours"]
    assert adjusted_rand_score(planted, within.label) > 0.85
    assert within.just["course"] < 0.05
    assert "acts" in find_groups(made, alike(USERS), {"course": cohort}, 0, wanted=2).in_use


def test_personas_that_are_a_field_are_said_to_be() -> None:
    """A field that is the personas has an index over 0.5, another one none."""
    just = found(4).just
    assert just["course"] > 0.8
    assert just["device"] < 0.1


def test_certainty_rises_with_the_chance_and_is_a_chance() -> None:
    """Certainty is how often the other half agreed: between 0 and 1, 0 for nobody placed, and never lower for the surer."""
    planted = np.arange(USERS) % 3
    grouping = find_groups(visits({"acts": mixes(planted, 4, 0.3)}), alike(USERS), {}, 0, wanted=3)
    inside, chance = grouping.label >= 0, grouping.profile.max(axis=1)
    assert ((grouping.certainty >= 0) & (grouping.certainty <= 1)).all()
    assert (grouping.certainty[~inside] == 0).all()
    order = np.argsort(chance[inside], kind="stable")
    assert (np.diff(grouping.certainty[inside][order]) >= 0).all()
    assert grouping.certainty[inside].mean() < chance[inside].mean() + 0.05


def test_halves_are_placed_by_every_other_visit() -> None:
    """Both halves mostly give the planted persona; the second half changes with the visits of even place alone."""
    planted, made = classes(3)
    grouping = find_groups(made, alike(USERS), {}, 0, wanted=3)
    for side in grouping.halves.T:
        inside = side >= 0
        assert inside.mean() > 0.8
        assert adjusted_rand_score(grouping.label[inside], side[inside]) > 0.6
    assert len(set(planted[grouping.label == grouping.label[0]].tolist())) <= 2


def test_a_sample_of_users_carries_large_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer users fitted than there are, everybody is placed all the same."""
    monkeypatch.setattr("persona_agent.groups.find.MAX_FITTED_USERS", 90)
    planted, made = classes(3)
    grouping = find_groups(made, alike(USERS), {}, 0, wanted=3)
    assert len(grouping.label) == USERS
    assert adjusted_rand_score(planted, grouping.label) > 0.8


def test_occasions_take_users_above_their_expected_share() -> None:
    """Each occasion holds the users whose share of it is above what all have."""
    memories = np.array([[9.0, 1.0], [1.0, 9.0], [5.0, 5.0], [8.0, 2.0]])
    assert [g.tolist() for g in by_intents(memories)] == [[0, 3], [1, 2]]
