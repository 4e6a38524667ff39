"""Words and comparators at their boundaries."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from persona_agent.evidence.answers import Measured
from persona_agent.evidence.intervals import wilson
from persona_agent.evidence.quantifiers import best_quantifier, rounded, say, tenths, verdict
from persona_agent.schema import Measure


def claim(quantifier: str | None = None, value: float | None = None, **asked: Any) -> Measure:
    comparator = asked.pop("comparator", None)
    says = {"quantifier": quantifier, "comparator": comparator, "value": value}
    return Measure(**{"unit": "users", "statistic": "share", "says": says, **asked})


def share(k: int, n: int, **more: Any) -> Measured:
    made: dict[str, Any] = {"value": k / n if n else None, "n": n, "units": n, "satisfying": k, "ci": wilson(k, n)}
    return Measured("users", "share", **{**made, **more})


def against(here: Measured, others: Measured, matched: Measured | None = None, **more: Any) -> Measured:
    """The result beside everyone else, and beside comparable others (the same, unless given)."""
    fair = matched or others
    return replace(here, **{"other": others, "everyone": others, "matched": fair, "paired": here, **more})


def rate(median: float | None, users: int = 10) -> Measured:
    return Measured(
        "sessions", "share", value=0.4, n=50, units=300, satisfying=90, pooled=0.3, ci=(0.3, 0.5), se=0.05,
        median_user_rate=median, n_users_with_3=users,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "tenth", "k", "n", "label"),
    [
        ("all", None, 30, 30, "true"), ("all", None, 29, 30, "false"),
        ("none", None, 0, 30, "true"), ("none", None, 1, 30, "false"),
        ("most", None, 12, 20, "not_enough"), ("most", None, 8, 10, "true"), ("most", None, 10, 20, "false"),
        ("most", None, 9, 20, "false"), ("most", None, 600, 1000, "true"), ("most", None, 502, 1000, "not_enough"),
        ("almost_all", None, 94, 100, "not_enough"), ("almost_all", None, 95, 100, "true"),
        ("almost_all", None, 89, 100, "false"), ("almost_all", None, 30, 30, "true"),
        ("almost_all", None, 20, 20, "not_enough"),
        ("few", None, 10, 100, "true"), ("few", None, 15, 100, "not_enough"), ("few", None, 21, 100, "false"),
        ("hardly_any", None, 2, 100, "not_enough"), ("hardly_any", None, 1, 100, "true"),
        ("hardly_any", None, 6, 100, "false"),
        ("half", None, 45, 100, "true"), ("half", None, 55, 100, "true"),
        ("half", None, 44, 100, "false"), ("half", None, 56, 100, "false"),
        ("a_third", None, 28, 100, "true"), ("a_third", None, 38, 100, "true"),
        ("a_third", None, 39, 100, "false"), ("a_third", None, 27, 100, "false"),
        ("n_in_ten", 7, 70, 100, "true"), ("n_in_ten", 7, 65, 100, "true"), ("n_in_ten", 7, 64, 100, "false"),
        ("n_in_ten", 7, 75, 100, "false"), ("n_in_ten", 10, 99, 100, "false"), ("n_in_ten", 0, 1, 100, "false"),
        ("most", None, 4, 4, "not_enough"), ("most", None, 0, 0, "not_enough"), ("none", None, 0, 0, "not_enough"),
    ],
)  # fmt: skip
def test_how_many(word: str, tenth: float | None, k: int, n: int, label: str) -> None:
    """Each word is true, false or not enough at its bounds, by the interval where it needs one."""
    assert verdict(claim(word, tenth), share(k, n))[0] == label


@pytest.mark.parametrize(
    ("word", "median", "label"),
    [
        ("usually", 0.51, "true"), ("usually", 0.5, "false"), ("often", 0.3, "true"), ("often", 0.29, "false"),
        ("sometimes", 0.1, "true"), ("sometimes", 0.3, "true"), ("sometimes", 0.31, "false"), ("sometimes", 0.09, "false"),
        ("rarely", 0.09, "true"), ("rarely", 0.1, "false"), ("usually", None, "not_enough"), ("often", math.nan, "not_enough"),
    ],
)  # fmt: skip
def test_how_often(word: str, median: float | None, label: str) -> None:
    """A word for a habit is decided by the median user's share of sessions."""
    assert verdict(claim(word, unit="sessions"), rate(median))[0] == label


def test_words_stay_with_their_units() -> None:
    """Words of how many go with users, words of how often with sessions of five users or more; neither with a median."""
    assert verdict(claim("most", unit="sessions"), rate(0.9))[0] == "not_checkable"
    assert verdict(claim("usually"), share(90, 100))[0] == "not_checkable"
    assert verdict(claim("usually", unit="sessions"), rate(0.9, users=4))[0] == "not_enough"
    assert verdict(claim("most"), Measured("users", "median", value=3, n=9, units=9))[0] == "not_checkable"


@pytest.mark.parametrize(
    ("comparator", "value", "label"),
    [
        ("at_least", 0.6, "true"), ("at_least", 0.61, "false"), ("at_most", 0.6, "true"), ("at_most", 0.59, "false"),
        ("about", 0.55, "true"), ("about", 0.65, "true"), ("about", 0.66, "false"), ("equals", 0.6, "true"),
        ("equals", 0.6004, "true"), ("equals", 0.601, "false"), ("at_least", math.nan, "not_enough"),
        ("at_most", math.inf, "not_enough"),
    ],
)  # fmt: skip
def test_comparators(comparator: str, value: float, label: str) -> None:
    """At least, at most, about and equals at their bounds; NaN and infinity are not enough."""
    assert verdict(claim(comparator=comparator, value=value), share(60, 100))[0] == label


def test_about_is_relative_beyond_shares() -> None:
    """About 40 days holds for 44 and about 39 does not: a tenth, not points."""
    found = Measured("users", "median", value=44.0, n=50, units=50, ci=(40, 48))
    assert verdict(claim(comparator="about", value=40, statistic="median"), found)[0] == "true"
    assert verdict(claim(comparator="about", value=39, statistic="median"), found)[0] == "false"


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_undefined_is_never_true(value: float | None) -> None:
    """Without a finite value every claim is not enough."""
    for says in [{"quantifier": "none"}, {"comparator": "at_most", "value": 1}, {"comparator": "less_than_others"}]:
        measure = Measure(unit="users", statistic="share", versus="everyone_else", says=says)
        assert verdict(measure, Measured("users", "share", value=value, n=50, units=50))[0] == "not_enough"


def test_more_than_others_needs_an_interval_without_zero() -> None:
    """More than others is true beyond the interval, false the other way round, not enough within it or without others."""
    more = claim(comparator="more_than_others", versus="everyone_else")
    less = claim(comparator="less_than_others", versus="everyone_else")
    apart = against(share(70, 100), share(40, 100))
    assert verdict(more, apart)[0] == "true"
    assert verdict(less, apart)[0] == "false"
    assert verdict(more, against(share(55, 100), share(50, 100)))[0] == "not_enough"
    assert verdict(more, against(share(70, 100), share(0, 0)))[0] == "not_enough"
    assert verdict(more, against(share(70, 100), share(0, 4)))[0] == "not_enough"
    assert verdict(more, share(70, 100))[0] == "not_enough"


def test_averaged_shares_compare_too() -> None:
    """Shares averaged over users are compared by their own intervals."""

    def mean(value: float) -> Measured:
        return Measured("sessions", "share", value=value, n=40, units=400, ci=(value - 0.1, value + 0.1), se=0.05)

    more = claim(comparator="more_than_others", versus="everyone_else", unit="sessions")
    assert verdict(more, against(mean(0.6), mean(0.3)))[0] == "true"
    assert verdict(more, against(mean(0.4), mean(0.3)))[0] == "not_enough"


@pytest.mark.parametrize(
    ("here", "everyone", "matched", "unmatched", "label"),
    [
        (60, 30, 30, 0.0, "true"), (60, 30, 44, 0.0, "true"), (60, 30, 50, 0.0, "artefact"),
        (60, 30, 60, 0.0, "artefact"), (60, 30, 80, 0.0, "artefact"), (60, 30, 30, 0.4, "true"),
        (60, 30, 30, 0.6, "not_enough"), (60, 55, 30, 0.0, "not_enough"),
    ],
)  # fmt: skip
def test_a_difference_must_survive_matching(
    here: int, everyone: int, matched: int, unmatched: float, label: str
) -> None:
    """A difference that comparable others do not bear is an artefact; with half of members unmatched there is not enough."""
    more = claim(comparator="more_than_others", versus="everyone_else")
    found = against(share(3 * here, 300), share(3 * everyone, 300), share(3 * matched, 300), unmatched=unmatched)
    assert verdict(more, found)[0] == label


def test_against_comparable_others_alone() -> None:
    """Against comparable others alone their difference decides; everyone must be there all the same."""
    more = claim(comparator="more_than_others", versus="matched")
    few = share(90, 300)
    found = against(share(180, 300), share(170, 300), few)
    assert verdict(more, replace(found, other=few))[0] == "true"
    assert verdict(more, replace(found, other=None, everyone=None))[0] == "not_enough"


@pytest.mark.parametrize(
    ("k", "n", "word"),
    [(30, 30, "all"), (0, 30, "none"), (98, 100, "almost_all"), (1, 200, "hardly_any"), (50, 100, "half"), (33, 100, "a_third"),
     (70, 100, "n_in_ten"), (19, 20, "most"), (3, 100, "few"), (1, 10, "n_in_ten"), (4, 4, None), (0, 0, None)],
)  # fmt: skip
def test_the_strongest_word_that_holds(k: int, n: int, word: str | None) -> None:
    """The word found is the strongest, its verdict is true, and where none holds there is none."""
    found = best_quantifier(share(k, n))
    assert found == word
    if found:
        tenth = float(tenths(share(k, n))) if found == "n_in_ten" else None
        assert verdict(claim(found, tenth), share(k, n))[0] == "true"


def test_how_often_words_for_the_writer() -> None:
    """A median user's share has its word, from usually to rarely, or none."""
    words = [best_quantifier(rate(median)) for median in (0.8, 0.4, 0.2, 0.05, None)]
    assert words == ["usually", "often", "sometimes", "rarely", None]


def test_words_are_english() -> None:
    """Words, tenths and rounded numbers as they are printed; what is undefined is a question mark or nothing."""
    assert [say("almost_all"), say("half"), say("hardly_any"), say("often")] == [
        "almost all", "about half", "hardly any", "often",
    ]  # fmt: skip
    assert [say("n_in_ten", 7), say("n_in_ten", math.nan)] == ["seven in ten", "? in ten"]
    assert [rounded(0.12345), rounded(1234567.0), rounded(-0.0), rounded(math.nan), rounded(None)] == [
        "0.123", "1.23e+06", "0", None, None,
    ]  # fmt: skip
