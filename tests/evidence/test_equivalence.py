"""“As others”: where a group is surely no more and no less than others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from persona_agent.evidence import Measured, Moved, Population, against, distinguishes, gate, judge_measured, settled
from persona_agent.evidence.intervals import rate_interval
from persona_agent.evidence.quantifiers import alike_margin, verdict
from persona_agent.evidence.replication import again
from persona_agent.schema import Measure, Says

from .logs import event, load
from .test_quantifiers import against as beside
from .test_quantifiers import claim
from .test_verdicts import GOOD, ready

ALIKE = claim(comparator="as_others", versus="matched", unit="things")
MORE = claim(comparator="more_than_others", versus="matched", unit="things")
ERRORS = st.just(0.0) | st.floats(1e-6, 0.2)
LESS = claim(comparator="less_than_others", versus="matched", unit="things")


def rate(value: float, se: float, n: int = 400) -> Measured:
    """A mean of users' shares."""
    ci = (max(0.0, value - 1.96 * se), min(1.0, value + 1.96 * se))
    return Measured("things", "share", value=value, n=n, units=9 * n, ci=ci, se=se)


def matched_with(here: Measured, others: Measured, everyone: Measured | None = None, **more: Any) -> Measured:
    """Beside comparable others, of whom the claim is."""
    return replace(beside(here, everyone or others, others), **{"other": others, **more})


@pytest.mark.parametrize(
    ("here", "others", "se", "label"),
    [
        (0.40, 0.41, 0.010, "true"), (0.40, 0.40, 0.031, "not_enough"), (0.40, 0.41, 0.025, "not_enough"),
        (0.40, 0.50, 0.010, "false"), (0.40, 0.43, 0.002, "false"), (0.43, 0.40, 0.002, "false"),
        (0.06, 0.063, 0.004, "true"), (0.02, 0.06, 0.002, "false"), (0.06, 0.063, 0.013, "not_enough"),
        (0.02, 0.021, 0.010, "not_enough"), (0.94, 0.937, 0.004, "true"), (0.98, 0.94, 0.002, "false"),
    ],
)  # fmt: skip
def test_shares_are_alike_within_the_margin(here: float, others: float, se: float, label: str) -> None:
    """Five points of a share, a third of a small one or of the rest of a large one: all of the interval within it is true, all
    outside false, and false too where they surely differ by less; a border inside is not enough.
    """
    assert verdict(ALIKE, matched_with(rate(here, se), rate(others, se / 10)))[0] == label


@pytest.mark.parametrize(
    ("here", "ci", "others", "label"),
    [
        (7.0, (6.8, 7.6), 7.5, "true"), (6.0, (6.0, 6.0), 6.0, "true"), (7.0, (5.5, 8.0), 7.5, "not_enough"),
        (5.0, (4.9, 5.1), 7.5, "false"), (12.0, (11.5, 12.5), 7.5, "false"),
    ],
)  # fmt: skip
def test_numbers_are_alike_within_a_sixth(here: float, ci: tuple[float, float], others: float, label: str) -> None:
    """Of a typical number a sixth of the others' figure is the margin."""
    mine = Measured("users", "median", value=here, n=300, units=300, ci=ci)
    theirs = Measured("users", "median", value=others, n=900, units=900, ci=(others, others))
    asked = claim(comparator="as_others", versus="matched", statistic="median", of="properties.quantity")
    found = matched_with(mine, theirs)
    if ci == (6.8, 7.6):
        theirs = replace(theirs, ci=(7.0, 7.9))
        found = matched_with(mine, theirs)
    assert verdict(asked, found)[0] == label


def test_comparable_others_decide() -> None:
    """Alike to comparable others holds whatever all others are; alike to all others must hold against comparable ones too."""
    here, alike, apart = rate(0.40, 0.01), rate(0.40, 0.002), rate(0.20, 0.002)
    everyone = claim(comparator="as_others", versus="everyone_else", unit="things")
    assert verdict(ALIKE, matched_with(here, alike, apart))[0] == "true"
    assert verdict(everyone, beside(here, apart, alike))[0] == "false"
    assert verdict(everyone, beside(here, alike, apart))[0] == "false"
    assert verdict(everyone, beside(here, alike, alike))[0] == "true"


def test_without_enough_others_nothing_is_alike() -> None:
    """No others, four of them, or members of whom most have no comparable ones, are not enough."""
    here = rate(0.40, 0.01)
    few = rate(0.40, 0.002, n=4)
    assert verdict(ALIKE, here)[0] == "not_enough"
    assert verdict(ALIKE, matched_with(here, few))[0] == "not_enough"
    assert verdict(ALIKE, matched_with(here, rate(0.40, 0.002), unmatched=0.6))[0] == "not_enough"
    nobody = rate(0.0, 0.0)
    assert verdict(ALIKE, matched_with(rate(0.001, 0.001), nobody))[0] == "not_enough"


@given(
    st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), ERRORS, ERRORS,
    st.sampled_from(["matched", "everyone_else"]),
)  # fmt: skip
def test_nothing_is_alike_and_apart(
    here: float, others: float, everyone: float, se: float, theirs: float, versus: str
) -> None:
    """Of one result never two of more, less and as others are true, however small the errors."""
    all_others, fair = rate(everyone, theirs), rate(others, theirs)
    found = beside(rate(here, se), all_others, fair)
    found = replace(found, other=fair if versus == "matched" else all_others)
    asked = [m.model_copy(update={"versus": versus}) for m in (ALIKE, MORE, LESS)]
    assert sum(verdict(m, found)[0] == "true" for m in asked) <= 1


def test_who_differs_by_the_margin_is_hardly_ever_called_alike() -> None:
    """In worlds whose groups differ by just the margin, about one in twenty is said to be alike; where they do not differ, and
    are large, almost all are.
    """
    rng = np.random.default_rng(7)

    def drawn(mean: float, n: int) -> Measured:
        own = rng.beta(4 * mean, 4 * (1 - mean), n)
        se, ci = rate_interval(float(own.mean()), float(own.var()), n)
        return Measured("things", "share", value=float(own.mean()), n=n, units=n, ci=ci, se=se)

    margin = alike_margin(rate(0.3, 0.0))
    border = [verdict(ALIKE, matched_with(drawn(0.3 + margin, 300), drawn(0.3, 900)))[0] for _ in range(800)]
    same = [verdict(ALIKE, matched_with(drawn(0.3, 1_200), drawn(0.3, 2_400)))[0] for _ in range(200)]
    assert border.count("true") <= 0.075 * len(border)
    assert same.count("true") >= 0.9 * len(same)


def test_it_needs_others() -> None:
    """A measure that says so of nobody in particular is refused."""
    with pytest.raises(ValidationError, match="needs 'versus'"):
        Measure(unit="users", statistic="share", says=Says(comparator="as_others"))


def test_it_holds_again_within_a_wider_margin() -> None:
    """On other users twice the margin is room enough, though both figures moved; a wide interval is not asked; a large difference
    does not hold.
    """
    first = matched_with(rate(0.40, 0.01), rate(0.41, 0.002))
    alike = Measure(unit="sessions", statistic="share", versus="matched", says=Says(comparator="as_others"))

    def second(here: float, others: float, se: float) -> bool | None:
        found = again(alike, first, matched_with(rate(here, se), rate(others, se / 10)), 5)
        return found.holds if found else None

    assert second(0.48, 0.41, 0.02) is True
    assert second(0.60, 0.62, 0.02) is True
    assert second(0.55, 0.41, 0.02) is False
    assert second(0.41, 0.41, 0.08) is None


def test_it_sets_nobody_apart() -> None:
    """However many bits it has, a claim that they are as others is none that distinguishes, of groups found or given."""
    alike = ready(measure=ALIKE, information_bits=0.9)
    assert not distinguishes(alike)
    assert distinguishes(ready(measure=MORE, information_bits=0.9))
    assert gate([alike] * 6, **GOOD)[0] == "withheld"
    assert gate([alike] * 6, **GOOD, given=True)[0] == "withheld"
    assert gate([alike] * 4 + [ready(measure=MORE)] * 2, **GOOD)[0] == "published"


def moved_to(now: Measured, p: float, *, shown: bool) -> str:
    was = matched_with(rate(0.40, 0.01), rate(0.40, 0.002))
    return settled([Moved("holds", was, now, p, shown)], [ALIKE])[0].outcome


def test_a_later_log_refutes_it_only_where_they_differ() -> None:
    """Still alike holds, however sure a small move is; a difference refutes it; what tells neither cannot be told."""
    here = rate(0.42, 0.01)
    assert moved_to(matched_with(here, rate(0.41, 0.002)), 1e-6, shown=True) == "holds"
    assert moved_to(matched_with(here, rate(0.20, 0.002)), 1e-6, shown=False) == "refuted"
    assert moved_to(matched_with(rate(0.44, 0.03), rate(0.40, 0.002)), 1e-6, shown=False) == "cannot_tell"


def test_a_log_in_which_two_groups_do_the_same() -> None:
    """Counted over a log it is true of who opens as often as others, with lines on both sides, and false of who opens more."""

    def visits(u: int, opens: int) -> list[dict[str, Any]]:
        return [
            event(f"u{u:03}", 100 * u + v, 1440 * v, "open" if (v + u) % 4 < opens else "view", session=f"s{u}.{v}")
            for v in range(8)
        ]

    log = [e for u in range(300) for e in visits(u, 3 if 100 <= u < 110 else 2)]
    corpus = load(log, {1: [f"u{u:03}" for u in range(100)], 2: [f"u{u:03}" for u in range(100, 110)]})
    step = [{"field": "action", "op": "is", "value": ["open"]}]
    asked = Measure(
        unit="sessions", steps=[step], statistic="share", versus="matched", says={"comparator": "as_others"}
    )
    same, apart = (judge_measured(corpus, asked, Population(g)) for g in (1, 2))
    assert (same.truthfulness.label, same.truthfulness.value) == ("true", 0.5)
    assert (apart.truthfulness.label, apart.alignment.label) == ("false", "full")
    case = against(corpus, asked, same.measured, Population(1))
    assert (case.n_support, case.n_contra) == (400, 400)
    assert case.lines
    assert same.citations
