"""Each safeguard of the evidence, taken away on purpose: a named test must turn red."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from persona_agent.evidence import evaluation as measures
from persona_agent.evidence import facets, matching, quantifiers, queries, witnesses
from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.evaluation import evaluate

from . import test_crossing, test_facets, test_matching, test_quantifiers
from .logs import event, load

Patch = pytest.MonkeyPatch


def matching_off(patch: Patch) -> None:
    """All others count alike."""

    def everybody(
        people: Any, measure: Any, answered: Any, here: Any, there: Any, held: Any = None, among: Any = None
    ) -> matching.Pairing:
        others = there & answered
        return matching.Pairing(others / max(int(others.sum()), 1), here & answered, others, 0.0)

    patch.setattr(measures, "match", everybody)


def observability_off(patch: Patch) -> None:
    """Users count in a window whether or not they were there to be seen."""
    patch.setattr(
        queries, "_observable", lambda window, whose, binder: f"SELECT DISTINCT l.u FROM lines l WHERE {whose}"
    )


def users_and_events_swapped(patch: Patch) -> None:
    patch.setitem(queries._UNIT_COLUMN, "users", "l.seq")


def wilson_off(patch: Patch) -> None:
    """A share stands for itself, however few are behind it."""
    patch.setattr(quantifiers, "wilson", lambda k, n, z=0.0: (k / n, k / n))


def by_construction_off(patch: Patch) -> None:
    patch.setattr(facets, "_steps", lambda measure: iter(()))


def witnesses_of_another_group(patch: Patch) -> None:
    patch.setattr(witnesses, "_spoken", lambda side, also=None: np.flatnonzero(~side))


def busy_users_weigh_no_more() -> None:
    log = [event("u1", i, action="buy") for i in range(9)] + [event("u2", 20)]
    found = evaluate(load(log, {}), test_matching.ask(versus=None, says={"quantifier": "most"}), Population())
    assert (found.value, found.n) == (0.5, 2)


def lines_are_the_groups_own() -> None:
    log = [event(f"u{i}", i, action="buy") for i in range(10)]
    corpus = load(log, {1: [f"u{i}" for i in range(5)]})
    measure = test_matching.ask(versus=None, says={"quantifier": "all"})
    side = witnesses.supporting(corpus, measure, evaluate(corpus, measure, Population(1)), Population(1))
    found = witnesses.citations(corpus, side)
    assert [c.line for c in found] == [0, 1, 2, 3, 4]


def exposure_is_no_behaviour() -> None:
    log = [e for i in range(80) for e in test_matching.visits(f"u{i}", 0, 9, i % 4 != 0)]
    log += [e for i in range(80, 120) for e in test_matching.visits(f"u{i}", 0, 9, i % 4 != 0)]
    log += [e for i in range(120, 400) for e in test_matching.visits(f"u{i}", 0, 1, i % 10 == 0)]
    corpus = load(log, {1: [f"u{i}" for i in range(80)]})
    test_matching.test_who_is_seen_longer_does_not_do_more(corpus)


def a_word_needs_its_bound() -> None:
    test_quantifiers.test_how_many("most", None, 12, 20, "not_enough")


def a_definition_is_tagged() -> None:
    test_facets.test_what_formed_the_groups_is_tagged({"steps": [test_facets.BUY]}, test_facets.FORMED, True)


def crossing_off(patch: Patch) -> None:
    patch.setattr(Corpus, "cross", lambda self, population: None)


def what_chose_the_members_is_no_finding() -> None:
    test_crossing.test_what_only_chose_the_members_vanishes(0)


MUTATIONS: list[tuple[Callable[[Patch], None], Callable[[], None]]] = [
    (matching_off, exposure_is_no_behaviour),
    (observability_off, test_facets.test_observability_newcomers_are_not_asked_about_spring),
    (users_and_events_swapped, busy_users_weigh_no_more),
    (wilson_off, a_word_needs_its_bound),
    (by_construction_off, a_definition_is_tagged),
    (crossing_off, what_chose_the_members_is_no_finding),
    (witnesses_of_another_group, lines_are_the_groups_own),
]


@pytest.mark.parametrize(("mutation", "named"), MUTATIONS, ids=[m.__name__ for m, _ in MUTATIONS])
def test_a_safeguard_taken_away_is_noticed(
    mutation: Callable[[Patch], None], named: Callable[[], None], monkeypatch: Patch
) -> None:
    """The named test passes, and fails once the safeguard is taken away."""
    named()
    mutation(monkeypatch)
    with pytest.raises(AssertionError):
        named()
