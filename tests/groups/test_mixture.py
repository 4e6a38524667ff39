"""The mixture finds the classes that were planted, and is as sure as there are visits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import adjusted_rand_score

from persona_agent.groups import Visits
from persona_agent.groups.mixture import LEAST_RHO, Mixture, Profiles, effective_counts, fit, settle_rho
from persona_agent.groups.ruler import Ruler

from .planting import alike, mixes, visits

USERS = 150
PLANTED = np.arange(USERS) % 3


def profiles(made: Visits) -> Profiles:
    n = made.n_users
    return Ruler.of(made, tuple(made.counts), tuple(made.numbers), alike(n)).profiles(made, alike(n))


def fitted(made: Visits, k: int = 3, seed: int = 0) -> tuple[Profiles, Mixture]:
    found = profiles(made)
    return found, fit(found, k, settle_rho(found, k, seed), seed)


def label(made: Visits, k: int = 3) -> np.ndarray:
    found, model = fitted(made, k)
    return model.chances(found).argmax(axis=1)


def test_classes_of_a_mix_are_found() -> None:
    """Three classes that differ in one view of counts, beside a view in which all are alike."""
    made = visits({"acts": mixes(PLANTED, 4), "hours": np.full((USERS, 8), 1 / 8)})
    assert adjusted_rand_score(PLANTED, label(made)) > 0.9


def test_classes_of_a_number_are_found() -> None:
    """Three classes that differ in a number alone."""
    made = visits({"acts": np.full((USERS, 4), 0.25)}, {"size": PLANTED * 2.0})
    assert adjusted_rand_score(PLANTED, label(made)) > 0.9


def test_several_views_are_read_together() -> None:
    """Four classes that no one view tells apart: two by two views of two sides each."""
    planted = np.arange(USERS) % 4
    made = visits({"acts": mixes(planted % 2, 4), "hours": mixes(planted // 2, 8)})
    assert adjusted_rand_score(planted, label(made, 4)) > 0.85
    assert adjusted_rand_score(planted, label(visits({"acts": mixes(planted % 2, 4)}), 4)) < 0.6


def test_the_same_every_time() -> None:
    """The same profiles and seed give the same model to the last bit."""
    made = visits({"acts": mixes(PLANTED, 4)}, {"size": PLANTED * 1.0})
    (_, one), (_, two) = fitted(made), fitted(made)
    assert (one.tilts["acts"] == two.tilts["acts"]).all()
    assert (one.mean == two.mean).all()
    assert one.likelihood == two.likelihood


def test_the_order_of_users_changes_nobody() -> None:
    """With users in another order everyone is with the same others."""
    made = visits({"acts": mixes(PLANTED, 4)}, {"size": PLANTED * 1.0})
    order = np.random.default_rng(4).permutation(USERS)
    place = np.argsort(order)
    rows = np.argsort(place[made.user], kind="stable")
    other = Visits(
        place[made.user][rows], USERS, made.stratum[rows],
        {name: c[rows] for name, c in made.counts.items()}, {name: x[rows] for name, x in made.numbers.items()},
        made.turn[rows],
    )  # fmt: skip
    assert adjusted_rand_score(label(made), label(other)[place]) > 0.97


def test_more_visits_mean_surer() -> None:
    """The chance of a user's likeliest class rises with visits, on average, and no user has more chance than there is."""
    made = visits({"acts": mixes(PLANTED, 4, 0.3)}, per_user=20)
    ruler = Ruler.of(made, ("acts",), (), alike(USERS))
    _, model = fitted(made)
    sure = [
        model.chances(ruler.profiles(made.only(made.place < n), alike(USERS))).max(axis=1).mean() for n in (1, 3, 8, 20)
    ]
    assert sure == sorted(sure)
    assert sure[0] < 0.75 < sure[-1] < 1
    nothing = model.chances(ruler.profiles(made.only(made.place < 0), alike(USERS)))
    assert nothing == pytest.approx(np.tile(np.exp(model.prior), (USERS, 1)))


def test_what_is_expected_makes_no_class() -> None:
    """A profile that is what was expected has everybody's chance in every class: told as 0 on average, whatever it is."""
    found, model = fitted(visits({"acts": mixes(PLANTED, 4)}))
    usual = Profiles({"acts": found.expected["acts"] * 1000}, found.expected, found.means, found.seen, found.noise)
    told = model.told(usual)
    assert (told <= 1e-9).all(), "nobody's mix is likelier in a class than in everybody's, by Jensen"


def test_lines_that_are_copies_count_once() -> None:
    """With each line written ten times ρ is near 1, and ten lines are worth little more than one; drawn apart ρ is low."""
    rng = np.random.default_rng(0)
    drawn = visits({"acts": np.full((USERS, 6), 1 / 6)})
    one = np.eye(6)[rng.integers(0, 6, USERS)]
    base = profiles(drawn)
    copies = Profiles({"acts": one * 10}, base.expected, base.means, base.seen, base.noise)
    assert settle_rho(base, 2, 0)["acts"] < 0.05
    rho = settle_rho(copies, 2, 0)["acts"]
    assert rho > 0.6
    assert effective_counts(copies.counts["acts"], rho).sum(axis=1).max() < 1.6


@given(arrays.arrays(np.float64, (4, 3), elements=st.integers(0, 50).map(float)), st.floats(LEAST_RHO, 0.9))
def test_lines_are_worth_at_most_their_number(counts: np.ndarray, rho: float) -> None:
    """n lines are worth n ÷ (1 + (n − 1)·ρ): one line is one, no more than 1 ÷ ρ however many, and the mix stays."""
    worth = effective_counts(counts, rho)
    n = counts.sum(axis=1)
    assert (worth.sum(axis=1) <= np.minimum(n, 1 / rho) + 1e-9).all()
    assert worth.sum(axis=1)[n == 1] == pytest.approx(1)
    assert worth * n[:, None] == pytest.approx(counts * worth.sum(axis=1)[:, None])


def test_numbers_of_more_weight_decide_who_is_in_which_class() -> None:
    """Acts and a number that tell users apart crosswise: two classes follow the acts, and the number where it weighs more. What
    a class foretells is told with all views alike, and a fitted model keeps its weight.
    """
    by_acts, by_number = np.arange(USERS) % 2, np.arange(USERS) // 75
    made = visits({"acts": mixes(by_acts, 3, 0.5)}, {"size": by_number * 1.5})
    found = profiles(made)
    rho = settle_rho(found, 2, 0)
    agreed = {}
    for weight in (1.0, 10.0):
        model = fit(found, 2, rho, 0, weight=weight)
        assert model.weight == weight
        label = model.chances(found).argmax(axis=1)
        agreed[weight] = [adjusted_rand_score(own, label) for own in (by_acts, by_number)]
        assert model.told(found) == pytest.approx(replace(model, weight=1.0).told(found))
    assert agreed[1.0][0] > 0.8 > 0.2 > agreed[1.0][1]
    assert agreed[10.0][1] > 0.8 > 0.2 > agreed[10.0][0]
