"""What answers on users give away together: nobody learns that a count of one to four is two."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from persona_agent.commands.running import RunResult
from persona_agent.edits.counting import Counting
from persona_agent.questions.everywhere import Unasked, answering_cards, figures_of
from persona_agent.questions.shares_told import LEAST_TOLD_OF, share_told
from persona_agent.runs import names_of, options_of
from persona_agent.schema import Condition, Measure, Says, Truthfulness
from persona_agent.store import Store
from persona_agent.words.floors import FEW, published_truth
from persona_agent.write.vocabulary import acts_of

FEW_COUNTS = {1, 2, 3, 4}
EVER = Measure(
    unit="users",
    steps=[[Condition(field="object", op="is", value=["a"])]],
    statistic="share",
    says=Says(quantifier="most"),
)
Told = tuple[float | None, str | None, tuple[float, float] | None] | None


@cache
def told(k: int, n: int) -> Told:
    """All that an answer says of k of n users."""
    exact = Truthfulness(label="true", score=1.0, value=k / n, n=n, ci=None, reason=f"{k} of {n} users")
    found = share_told(published_truth(exact, EVER), exact, {})
    return None if found is None else (found.value, found.bound, found.ci)


@pytest.mark.parametrize("n", [20, 23, 35, 47])
def test_two_conditions_tell_no_count_under_five(n: int) -> None:
    """Whoever asks of this, of that, of either, of both, and of each without the other, and knows how many users there are, is
    left with four counts or more wherever it must be one to four; so for all sets of a group.
    """
    asked = [(1, 0, 1), (0, 1, 1), (1, 1, 1), (0, 0, 1), (1, 0, 0), (0, 1, 0)]  # of only this, only that, both
    parts = [p for p in product(range(n + 1), repeat=3) if sum(p) <= n]
    may_be: dict[tuple[Told, ...], list[tuple[int, ...]]] = {}
    for part in parts:
        heard = tuple(told(int(np.dot(q, part)), n) for q in asked)
        may_be.setdefault(heard, []).append(part)
    for left in may_be.values():
        for count in product((0, 1), repeat=3):
            values = {int(np.dot(count, part)) for part in left}
            assert not values <= FEW_COUNTS or len(values) >= FEW - 1


EITHER = [
    [int(any(c[i] for i in s)) for c in product((0, 1), repeat=3)] for r in (1, 2, 3) for s in combinations(range(3), r)
]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=8, max_size=8).filter(lambda parts: sum(parts) >= LEAST_TOLD_OF))
def test_unions_of_three_conditions_tell_no_count_under_five(parts: list[int]) -> None:
    """All answers on one, either and any of three conditions, put together by integer programming with the number of users: no
    count of one to four of any of them is left with one value.
    """
    n = sum(parts)
    ways = [[k for k in range(n + 1) if told(k, n) == told(int(np.dot(q, parts)), n)] for q in EITHER]
    known = LinearConstraint([*EITHER, [1] * 8], [*map(min, ways), n], [*map(max, ways), n])
    for pair in combinations(range(8), 2):
        for count in ([pair[0]], [pair[1]], list(pair)):
            if sum(parts[i] for i in count) not in FEW_COUNTS:
                continue
            of = np.isin(np.arange(8), count).astype(float)
            ends = [
                milp(sign * of, constraints=known, integrality=np.ones(8), bounds=Bounds(0, n)).fun for sign in (1, -1)
            ]
            assert round(ends[0]) < round(-ends[1])


def test_answers_on_users_are_in_steps_of_five(small_run: RunResult) -> None:
    """Of a share of users every figure of an answer follows from steps of five: the value, and with it the interval; figures that
    count the same users once more are left out, and the reason has no number.
    """
    store = Store.open(small_run.out)
    options = options_of(store.read_json("run.json"), (), ("log", "groups", "models")).but(out=small_run.out)
    cards, seen = answering_cards(small_run.personas), 0
    with closing(Counting(store, options, names_of(store))) as counting:
        things = list(dict.fromkeys(o for _, o in acts_of(counting.corpus) if o))[:8]
        for pair in combinations(things, 2):
            asked = EVER.model_copy(update={"steps": [[Condition(field="object", op="in", value=list(pair))]]})
            found = figures_of(counting, cards, asked)
            assert not isinstance(found, Unasked)
            for truth in (f.truth for f in found if f.truth and not f.claim):
                assert (truth.whole, truth.pooled, truth.unmatched) == (None, None, None)
                if truth.bound is None:
                    seen += 1
                    assert truth.value in {round(FEW * k / truth.n, 2) for k in range(truth.n // FEW + 1)}
                    assert not any(sign.isdigit() for sign in truth.reason)
    assert seen
