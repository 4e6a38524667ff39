"""Views are counts and means of visits, and visits can be cut, halved and exchanged."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.groups import CodedLines, Visits, visits_of
from persona_agent.groups.views import BLOCK, DAY, HISTORIES, USUAL, summed

from .planting import visits

Row = tuple[int, int, int, int, int, int]  # user, visit of the user, act, thing (−1: none), field (−1: none), amount

ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(0, 2),
        st.integers(-1, 4),
        st.integers(-1, 2),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=60,
)


def lines_of(rows: list[Row]) -> CodedLines:
    """The rows as lines, sorted by user and visit; each visit starts at an hour and a day of its own."""
    rows = sorted(rows, key=lambda r: r[:2])
    user, _, act, thing, field, amount = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    pairs = sorted({r[:2] for r in rows})
    visit = np.array([pairs.index(r[:2]) for r in rows], dtype=np.int64)
    start = np.array([(17 * i) * DAY // 24 for i in range(len(pairs))], dtype=np.int64)
    turn = np.array([sum(q[0] == p[0] for q in pairs[:i]) for i, p in enumerate(pairs)], dtype=np.int64)
    return CodedLines(
        user, visit, start, np.arange(len(pairs)) % 3 > 0, act, thing, thing, {"kind": field}, {"spent": amount * 1.0},
        np.zeros(len(pairs), dtype=np.int64), 4, turn,
    )  # fmt: skip


def once_of(rows: list[Row]) -> list[list[Row]]:
    """By visit, the first row of each act on each thing."""
    rows = sorted(rows, key=lambda r: r[:2])
    found: dict[tuple[int, int], dict[tuple[int, int], Row]] = {}
    for row in rows:
        found.setdefault(row[:2], {}).setdefault(row[2:4], row)
    return [list(of_visit.values()) for _, of_visit in sorted(found.items())]


@given(ROWS)
def test_counts_are_the_lines_of_a_visit_by_value(rows: list[Row]) -> None:
    """Acts, things, fields, and whether there is an amount, as a loop over the rows counts them: the same act on the same thing
    counts once a visit, and what has no value nowhere.
    """
    made = visits_of(lines_of(rows))
    columns = {"acts": 2, "things": 3, "field kind": 4}
    for v, of_visit in enumerate(once_of(rows)):
        for name, at in columns.items():
            want = Counter(row[at] for row in of_visit if row[at] >= 0)
            got = made.counts[name][v].toarray().ravel()
            assert {i: n for i, n in enumerate(got.tolist()) if n} == dict(want)
        if "any spent" in made.counts:
            want = Counter(int(row[5] != 0) for row in of_visit)
            assert made.counts["any spent"][v].toarray().ravel().tolist() == [want[0], want[1]]
    share = np.mean([row[5] != 0 for of_visit in once_of(rows) for row in of_visit])
    assert ("any spent" in made.counts) == (0.02 < share < 0.98)


@given(ROWS)
def test_hours_and_weekends_are_those_of_the_start(rows: list[Row]) -> None:
    """One count a visit: its block of three hours where it has an hour, and whether it began on a Saturday or Sunday."""
    lines = lines_of(rows)
    made = visits_of(lines)
    for v, (start, clocked) in enumerate(zip(lines.start.tolist(), lines.clocked.tolist(), strict=True)):
        hours = made.counts["hours"][v].toarray().ravel()
        assert hours.sum() == clocked
        assert not clocked or hours[start % DAY // BLOCK] == 1
        when = np.datetime64(start, "us").astype(object)
        assert made.counts["weekend"][v].toarray().ravel().argmax() == (when.weekday() > 4)


@given(ROWS)
def test_numbers_are_means_over_the_lines_of_a_visit(rows: list[Row]) -> None:
    """Size, how well known things are, and the share met before beyond that of histories as long, as a loop over the rows has
    them; NaN where there is none.
    """
    made, of_visit = visits_of(lines_of(rows)), once_of(rows)
    size = [np.log(len(of)) for of in of_visit]
    assert made.numbers["size"] == pytest.approx(size)
    if all(row[3] < 0 for of in of_visit for row in of):
        assert "popularity" not in made.numbers
        return
    users = {t: len({r[0] for r in rows if r[3] == t}) for t in {r[3] for r in rows}}
    met: dict[int, list[int]] = {}
    lines: list[tuple[int, int, bool]] = []  # visit, length of history, met before
    for v, of in enumerate(of_visit):
        kept = [row[3] for row in of if row[3] >= 0]
        known = [np.log(users[thing]) for thing in kept]
        assert made.numbers["popularity"][v] == pytest.approx(np.mean(known) if known else np.nan, nan_ok=True)
        before = met.setdefault(of[0][0], [])
        lines += [(v, int(HISTORIES * np.log2(len(before))), thing in before) for thing in kept if before]
        before += kept
    usual = {h: np.mean([again for _, own, again in lines if own == h]) for _, h, _ in lines}
    for v in range(len(of_visit)):
        more = [again - usual[h] for own, h, again in lines if own == v]
        assert made.numbers["again"][v] == pytest.approx(np.mean(more) if more else np.nan, nan_ok=True)


def test_who_comes_often_has_no_habit_by_that() -> None:
    """Of users who all draw from the same things, those of forty visits meet again no more than those of eight, beyond what
    their histories give them.
    """
    rng = np.random.default_rng(0)
    visits_of_user = np.where(np.arange(80) % 2, 40, 8)
    visit = np.arange(visits_of_user.sum())
    user = np.repeat(np.arange(80), visits_of_user)
    thing, nothing = rng.integers(0, 30, len(visit)), np.zeros(len(visit), dtype=np.int64)
    made = visits_of(CodedLines(user, visit, nothing, nothing > 0, nothing, thing, thing, {}, {}, nothing, 80, nothing))
    again, there = made.numbers["again"], ~np.isnan(made.numbers["again"])
    mean = np.array([again[there & (user == u)].mean() for u in range(80)])
    often, seldom = mean[visits_of_user == 40].mean(), mean[visits_of_user == 8].mean()
    assert abs(often - seldom) < 0.03


def test_a_price_is_told_against_what_its_thing_usually_has() -> None:
    """An amount that things explain becomes how dear they are and how far above their middle the visit is; one that they do
    not explain is told as it is. Zeros are in neither.
    """
    n = 40
    user, thing = np.repeat(np.arange(n), 4), np.tile(np.arange(4), n)
    price = np.exp(thing * 2.0) * np.where(user % 2, 1.5, 1.0)
    much = np.exp((user % 2) * 3.0)
    lines = CodedLines(
        user, user, np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool), user * 0, thing, thing, {},
        {"price": price, "much": np.where(thing == 0, 0.0, much)}, np.zeros(n, dtype=np.int64), n, user[::4] * 0,
    )  # fmt: skip
    made = visits_of(lines)
    assert {name for name in made.numbers if name.endswith("price")} == {
        "dear price",
        "against usual price",
        "spread price",
    }
    against = made.numbers["against usual price"]
    assert against[1::2] - against[::2] == pytest.approx(np.log(1.5))
    assert np.ptp(made.numbers["dear price"]) < 1e-12
    assert made.numbers["much much"] == pytest.approx((np.arange(n) % 2) * 3.0)
    assert "any price" not in made.counts
    assert made.counts["any much"].toarray().tolist() == [[1, 3]] * n


def test_a_rare_thing_has_no_usual_price() -> None:
    """Below USUAL lines there is none, and the visit has no such number."""
    user = np.arange(USUAL * 3)
    thing = np.where(user < USUAL - 1, 0, np.where(user < 2 * USUAL, 1, 2))
    nothing = np.zeros(len(user), dtype=np.int64)
    price = np.exp(thing * 2.0 + 0.01 * (user % 3))
    made = visits_of(
        CodedLines(
            user, user, nothing, nothing > 0, nothing, thing, thing, {}, {"price": price}, nothing, len(user), nothing
        )
    )
    assert (np.isnan(made.numbers["dear price"]) == (thing == 0)).all()


def test_parts_of_the_visits_keep_what_was_in_them() -> None:
    """`of_users` renumbers users in their order, `only` keeps all users and some visits; sums and means are those of the rest."""
    rng = np.random.default_rng(0)
    made = visits({"acts": rng.dirichlet(np.ones(4), 12)}, {"size": rng.normal(size=12)})
    users = np.array([2, 3, 7])
    part = made.of_users(users)
    assert part.n_users == 3
    assert (summed(part, ["acts"])["acts"] == summed(made, ["acts"])["acts"][users]).all()
    first = made.place < 4
    some = made.only(first)
    assert some.n_users == 12
    assert (some.per_user == 4).all()
    assert some.numbers["size"].tolist() == made.numbers["size"][first].tolist()


def as_rows(made: Visits, which: np.ndarray) -> list[tuple[float, ...]]:
    both = np.column_stack([made.counts["acts"].toarray(), made.numbers["size"]])
    return sorted(map(tuple, both[which].tolist()))


def test_a_null_log_keeps_visits_whole_and_within_their_month_and_cohort() -> None:
    """Each month of each cohort has the same visits, in another order; every user has as many as before."""
    rng = np.random.default_rng(1)
    made = visits({"acts": rng.dirichlet(np.ones(4), 40)}, {"size": rng.normal(size=40)})
    cohort = np.arange(40) % 2
    null = made.exchanged(np.random.default_rng(3), cohort)
    for month in np.unique(made.stratum):
        for c in range(2):
            here = (made.stratum == month) & (cohort[made.user] == c)
            assert as_rows(null, here) == as_rows(made, here)
    assert (null.numbers["size"] != made.numbers["size"]).mean() > 0.8
    assert (null.user == made.user).all()


def test_a_cohort_of_one_user_exchanges_nothing_between_months() -> None:
    """With a cohort each, a null log has each user's own visits of each month."""
    made = visits({"acts": np.random.default_rng(1).dirichlet(np.ones(4), 8)}, {"size": np.zeros(8)})
    null = made.exchanged(np.random.default_rng(3), np.arange(8))
    for u in range(8):
        for month in np.unique(made.stratum):
            here = (made.user == u) & (made.stratum == month)
            assert as_rows(null, here) == as_rows(made, here)
