"""What each visit adds to a measure's answer: the sums that a user's answer by any part of the visits is made of.

In: a corpus, and measures that are shares or middle numbers. Out: `VisitList`, all visits in order, and for each measure a
`VisitSums` over them. Promises: one statement a measure, but one for all values of a field; each user is looked at alone, so
that parts of a log answer as the whole does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..schema import Condition, Measure
from .conditions import values_expression
from .corpus import Binder, Bools, Corpus, Ints, Population
from .evaluation import question
from .intervals import Reals
from .queries import compile_measure

ALL_USERS = Population()


@dataclass(frozen=True)
class VisitList:
    """(visits,) `session` and its user `u`, in order of users and time; `month` counts calendar months. Of the users `only`
    (None: of all) there are `n_users` codes. `known` keeps what was asked of these users.
    """

    session: Ints
    u: Ints
    month: Ints
    n_users: int
    only: Ints | None = None
    known: dict[str, VisitSums] = field(default_factory=dict, compare=False, repr=False)

    @property
    def place(self) -> Ints:
        """(visits,) from 0: which of its user's visits it is."""
        start = np.searchsorted(self.u, np.arange(self.n_users))
        return np.asarray(np.arange(len(self.u)) - start[self.u], dtype=np.int64)

    @property
    def per_user(self) -> Ints:
        return np.bincount(self.u, minlength=self.n_users).astype(np.int64)

    def of_users(self, users: Ints) -> VisitList:
        kept = np.isin(self.u, users)
        return replace(self, session=self.session[kept], u=self.u[kept], month=self.month[kept], only=users, known={})


@dataclass(frozen=True)
class VisitSums:
    """(visits,) `n` units of a visit and the sum `x` of what they come to: of a share those that satisfy it, of a number the
    logarithm of the visit's own, where it is above nothing.
    """

    x: Reals
    n: Reals

    def exchanged(self, content: Ints) -> VisitSums:
        """With what other visits hold, by their places."""
        return VisitSums(self.x[content], self.n[content])


def visits_in(corpus: Corpus) -> VisitList:
    """All visits of the log."""
    sql = """WITH v AS (SELECT u, s, min(date) AS day FROM lines WHERE s IS NOT NULL GROUP BY u, s)
    SELECT u, s, year(day) * 12 + month(day) AS month FROM v ORDER BY u, s"""
    rows = corpus.of_users(sql, Binder())
    session, u, month = (rows[name].astype(np.int64) for name in ("s", "u", "month"))
    return VisitList(session, u, month, len(corpus.people.first_day))


def sums_of_measures(
    corpus: Corpus, measures: Sequence[Measure], visits: VisitList
) -> Iterator[tuple[Measure, VisitSums]]:
    """Each measure with its sums, one at a time: of hundreds of values together they would be as large as the log. Those of one
    field follow all others.
    """
    of_field = defaultdict[tuple[str, str], list[Measure]](list)
    for measure in measures:
        condition = _one_value(measure)
        if condition is None:
            yield measure, _known(corpus, measure, visits)
        else:
            of_field[measure.unit, condition.field].append(measure)
    for (unit, name), asked in of_field.items():
        yield from _of_values(corpus, unit, name, asked, visits)


def _one_value(measure: Measure) -> Condition | None:
    """The condition of a measure that asks which share of lines, or of things, has one value."""
    plain = measure.statistic == "share" and measure.unit in ("events", "things") and len(measure.steps) == 1
    if not plain or measure.where or measure.absent or measure.feature or measure.window or len(measure.steps[0]) > 1:
        return None
    condition = measure.steps[0][0]
    sorts = condition.field == "theme" if measure.unit == "things" else condition.field.startswith("properties.")
    return condition if sorts and condition.op == "is" and isinstance(condition.value[0], str) else None


def _known(corpus: Corpus, measure: Measure, visits: VisitList) -> VisitSums:
    """The sums of any measure, of some users asked once: of all users they would be as large as the log."""
    if visits.only is None:
        return _asked(corpus, measure, visits)
    key = question(measure)
    if key not in visits.known:
        visits.known[key] = _asked(corpus, measure, visits)
    return visits.known[key]


def _asked(corpus: Corpus, measure: Measure, visits: VisitList) -> VisitSums:
    """The sums of any measure. What a user's units come to in the middle, a visit's do as well."""
    measure = measure.model_copy(update={"unit": "sessions"}) if measure.unit == "users" else measure
    compiled = compile_measure(measure, ALL_USERS, users=visits.only)
    session = "unit" if measure.unit == "sessions" else "l.s"
    source = "units" if measure.unit == "sessions" else "units JOIN lines l ON l.seq = unit"
    if measure.statistic == "share":
        tells = "count(*) AS n, count(*) FILTER (satisfied) AS x"
        sql = f"SELECT {session} AS s, {tells} FROM {source} WHERE selected AND {session} IS NOT NULL GROUP BY 1 ORDER BY 1"
    else:
        sql = f"SELECT {session} AS s, 1 AS n, ln(x) AS x FROM {source} WHERE selected AND x > 0 ORDER BY 1"
    rows = corpus.of_users(f"{compiled.ctes} {sql}", compiled.binder)
    return _over(visits, rows["s"].astype(np.int64), rows["x"].astype(np.float64), rows["n"].astype(np.float64))


def _over(visits: VisitList, session: Ints, x: Reals, n: Reals) -> VisitSums:
    """Sums of some sessions as sums of all visits; a visit of other users than those asked is left out."""
    at = _places(visits, session)
    found = VisitSums(np.zeros(len(visits.session)), np.zeros(len(visits.session)))
    found.x[at], found.n[at] = x, n
    return found


def _places(visits: VisitList, session: Ints) -> Ints:
    order = np.argsort(visits.session, kind="stable")
    return np.asarray(order[np.searchsorted(visits.session[order], session)], dtype=np.int64)


def _of_values(
    corpus: Corpus, unit: str, field: str, asked: Sequence[Measure], visits: VisitList
) -> Iterator[tuple[Measure, VisitSums]]:
    """The sums of all values of a field: of a visit's lines, or of the things that it is about."""
    values = [str(measure.steps[0][0].value[0]).lower() for measure in asked]
    count = "count(DISTINCT l.object)" if unit == "things" else "count(*)"
    binder = Binder()
    of_all = (
        f"WITH v AS (SELECT * FROM lines l WHERE {_whose(visits, binder)}) SELECT s, {count} AS n FROM v l GROUP BY s"
    )
    rows = corpus.of_users(of_all, binder)
    n = _over(visits, rows["s"].astype(np.int64), np.zeros(len(rows["s"])), rows["n"].astype(np.float64)).n
    binder = Binder()
    known = ", ".join(f"({binder.bind(value)}, {i})" for i, value in enumerate(values))
    sql = f"""WITH v AS (SELECT l.s, l.object, unnest(list_distinct({values_expression(field, binder)})) AS value FROM lines l
                       WHERE {_whose(visits, binder)}),
    k AS (SELECT * FROM (VALUES {known}) AS t(value, code))
    SELECT s, code, {count.replace("l.", "")} AS x FROM v JOIN k USING (value) GROUP BY s, code ORDER BY code, s"""
    rows = corpus.of_users(sql, binder)
    code, at, x = (
        rows["code"].astype(np.int64),
        _places(visits, rows["s"].astype(np.int64)),
        rows["x"].astype(np.float64),
    )
    for i, measure in enumerate(asked):
        own = np.zeros(len(n))
        own[at[code == i]] = x[code == i]
        yield measure, VisitSums(own, n)


def _whose(visits: VisitList, binder: Binder) -> str:
    """SQL test on `l`: is the line of a visit of these users?"""
    if visits.only is None:
        return "l.s IS NOT NULL"
    return f"l.s IS NOT NULL AND l.u IN (SELECT unnest({binder.bind(visits.only.tolist())}::INTEGER[]))"


def first_half(visits: VisitList) -> Bools:
    """(visits,) the first half of each user's visits in time."""
    return np.asarray(visits.place < (visits.per_user[visits.u] + 1) // 2)


def random_half(visits: VisitList, rng: np.random.Generator) -> Bools:
    """(visits,) a half of each user's visits, drawn."""
    order = np.lexsort((rng.random(len(visits.u)), visits.u))
    drawn = np.empty(len(order), dtype=np.int64)
    drawn[order] = visits.place
    return np.asarray((drawn + rng.integers(0, 2, visits.n_users)[visits.u]) % 2 == 0)
