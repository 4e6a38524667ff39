"""A measure for a population as SQL: which units there are, which are selected, and which satisfy it.

In: schema.Measure and a Population. Out: `Compiled`: the common table expressions `ev` (the population's events in the
window, with a flag per step) and `units` (unit, u, selected, satisfied, x), to which a caller adds one SELECT; together
they are one parameterised statement.

Windows. A user counts in a window only if it could be observed there: if it was first seen by the window's last day.
Such a user without an event in the window is a unit that did nothing in it; it satisfies a measure that asks for nothing
but absence. Other units are there only through their events in the window.

Passes (several steps). Within a unit, events stand by ts, file, line, n. An event *completes* the steps if a sequence
e1 < e2 < … < e meets step 1, 2, … and the last (ordered), or if every step is met by some event up to and including it
(unordered; one event may meet several steps), the first of them at most `within` seconds earlier. Of all such sequences
that end at e the one with the latest start counts. Walking through the unit, a pass is counted at every completing
event whose sequence starts after the end of the pass counted before; that is the largest number of passes that do not
overlap. `absent` steps of an ordered measure must not occur after the pass that reaches `at_least`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..schema import Condition, Measure, Window
from .conditions import feature_holds, meets, met_expression, number_expression, text_expression
from .corpus import Binder, Ints, Population, users_of
from .usual import usual_table
from .visits import relation

_UNIT_COLUMN = {"users": "l.u", "sessions": "l.s", "memories": "l.m", "events": "l.seq", "things": "l.thing"}
_BEFORE = "(PARTITION BY unit ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
_UP_TO = "(PARTITION BY unit ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"

# The median of the days from one active day to the next; null for a unit with one active day.
_DAYS = "list_sort(list_distinct(list(date) FILTER (s0)))"
_GAPS = f"list_median(list_transform(list_zip({_DAYS}[2:], {_DAYS}[:-2]), lambda d: CAST(d[1] - d[2] AS DOUBLE)))"

# Of a visit, the part of its amounts that the thing of which there is most has.
_BIGGEST = """
SELECT unit, min(u) AS u, bool_or(w) AS selected, bool_or(s0) AS satisfied,
       max(x) FILTER (thing IS NOT NULL) / sum(x) AS x
FROM (SELECT unit, thing, min(u) AS u, bool_or(w) AS w, bool_or(s0) AS s0, sum(x) FILTER (s0 AND x > 0) AS x
      FROM ev GROUP BY unit, thing) GROUP BY unit
"""


@dataclass(frozen=True)
class Compiled:
    """`ctes` opens a statement (`WITH …`); `matching` tests one row of `ev`: does it meet a step (or `where`)?"""

    ctes: str
    matching: str
    binder: Binder


def compile_measure(
    measure: Measure,
    population: Population,
    *,
    users: Ints | None = None,
    idle: bool = True,
    usual: Mapping[str, float] | None = None,
) -> Compiled:
    """SQL for the units of one population, or of the `users` of it alone; UsageError where a number is not finite.

    `idle`: whether users that could be observed in the window, but did nothing in it, are units. `usual`: the amount that is
    usual for each object, for numbers `relative` to it; without it they are unknown, which matters to whoever reads them alone.
    """
    binder = Binder()
    whose = _whose(population, users, binder)
    parts = [f"ev AS ({_events(measure, whose, binder, usual or {})})"]
    passes = _needs_passes(measure)
    if passes:
        parts += _passes(measure, binder)
    units = _units(measure, passes, binder)
    if idle and measure.unit == "users" and measure.window is not None:
        parts += [f"active AS ({units})", f"seen AS ({_observable(measure.window, whose, binder)})"]
        units = f"FROM active UNION ALL {_idle(measure)}"
    parts.append(f"units AS ({units})")
    # Without steps every event matches; lines that bear on the claim are then those that selected the unit.
    matching = " OR ".join(f"e.s{i}" for i in range(len(measure.steps))) or "e.w"
    return Compiled("WITH " + ",\n".join(parts), f"({matching})", binder)


def halves(measure: Measure, days: tuple[date, date]) -> tuple[Measure, Measure]:
    """The measure in the first and in the second half of its window, of `days` where the window is open."""
    window = measure.window or Window()
    first = date.fromisoformat(window.start) if window.start else days[0]
    last = date.fromisoformat(window.end) if window.end else days[1]
    middle = first + timedelta(days=(last - first).days // 2)
    parts = (Window(start=str(first), end=str(middle)), Window(start=str(middle + timedelta(days=1)), end=str(last)))
    one, two = (measure.model_copy(update={"window": part}) for part in parts)
    return one, two


def _whose(population: Population, users: Ints | None, binder: Binder) -> str:
    """SQL test on `l.u`: does the event count?"""
    if users is None:
        return users_of(population, binder)
    return f"l.u IN (SELECT unnest({binder.bind([int(u) for u in users])}::INTEGER[]))"


def _observable(window: Window, whose: str, binder: Binder) -> str:
    """Users first seen by the end of the window."""
    ends = f"HAVING min(l.date) <= TRY_CAST({binder.bind(window.end)} AS DATE)" if window.end is not None else ""
    return f"SELECT l.u FROM lines l WHERE {whose} GROUP BY l.u {ends}"


def _idle(measure: Measure) -> str:
    """Users that did nothing in the window, as rows of `units`."""
    absence = bool(measure.absent) and not measure.steps and measure.feature is None and measure.at_least == 1
    counted = measure.of.partition(" ")[0] in {"matches", "things", "total"} or measure.statistic in {"sum", "distinct"}
    x = "CAST(0 AS DOUBLE)" if counted and measure.statistic != "cadence" else "CAST(NULL AS DOUBLE)"
    selected, satisfied = str(not measure.where).lower(), str(absence).lower()
    return (
        f"SELECT u AS unit, u, {selected} AS selected, {satisfied} AS satisfied, {x} AS x "
        "FROM seen WHERE u NOT IN (SELECT unit FROM active)"
    )


def _events(measure: Measure, whose: str, binder: Binder, usual: Mapping[str, float]) -> str:
    unit = _UNIT_COLUMN[measure.unit]
    columns = [f"{unit} AS unit", "l.u", "coalesce(l.s, -1) AS session", "l.seq", "l.us"]
    columns.append(f"{meets(measure.where, binder)} AS w")
    columns += [f"{meets(step, binder)} AS s{i}" for i, step in enumerate(measure.steps or [[]])]
    columns += [f"{meets(step, binder)} AS a{i}" for i, step in enumerate(measure.absent)]
    columns.append(f"{_nearness(measure, binder)} AS nearness")
    columns.append(f"{_value(measure, binder)} AS x")
    columns += ["l.object AS thing"] if _of_biggest(measure) else []
    if measure.statistic == "cadence" and not measure.feature:
        columns.append("l.date")
    if measure.feature:
        columns += ["l.s", "l.date", "l.object", "l.action", f"{_of_clocks(measure.feature.where or [], binder)} AS f"]
        columns.append(f"{number_expression(measure.feature.field, binder) if measure.feature.field else 'NULL'} AS fx")
    source = f"{relation(measure, whose, binder)} l"
    if _relative(measure):
        source += f" LEFT JOIN {usual_table(usual, binder)} p ON p.object = l.object"
    window = _in_window(measure.window, binder)
    return f"SELECT {', '.join(columns)} FROM {source} WHERE {whose} AND {window} AND {unit} IS NOT NULL"


def _of_clocks(where: Sequence[Condition], binder: Binder) -> str:
    """Whether an event meets conditions; unknown where they ask for its hour and its time has no clock."""
    test = meets(where, binder)
    return f"CASE WHEN l.hour IS NOT NULL THEN {test} END" if any(c.field == "hour" for c in where) else test


def _value(measure: Measure, binder: Binder) -> str:
    """What of an event is counted, added or told apart."""
    if measure.of in {"matches", "things"}:
        return "l.object" if measure.statistic == "distinct" or measure.of == "things" else "NULL"
    if measure.statistic == "distinct" and measure.of != "value":
        return text_expression(measure.of, binder)
    x = number_expression(measure.field, binder)
    return f"CASE WHEN {x} > 0 AND p.usual > 0 THEN {x} / p.usual END" if _relative(measure) else x


def _relative(measure: Measure) -> bool:
    return measure.of.startswith("relative ")


def _of_biggest(measure: Measure) -> bool:
    return measure.of.startswith("biggest ")


def _nearness(measure: Measure, binder: Binder) -> str:
    """How many conditions of the step that it fits best an event meets."""
    counts = [met_expression(step, binder) for step in [*measure.steps, *measure.absent]]
    return f"greatest({', '.join(counts)})" if counts else "0"


def _in_window(window: Window | None, binder: Binder) -> str:
    tests = []
    if window and window.start is not None:
        tests.append(f"l.date >= TRY_CAST({binder.bind(window.start)} AS DATE)")
    if window and window.end is not None:
        tests.append(f"l.date <= TRY_CAST({binder.bind(window.end)} AS DATE)")
    return f"coalesce({' AND '.join(tests)}, false)" if tests else "true"


def _needs_passes(measure: Measure) -> bool:
    return len(measure.steps) > 1 or (measure.ordered and bool(measure.absent))


def _units(measure: Measure, passes: bool, binder: Binder) -> str:
    if measure.unit == "events":
        x = _of_event(measure)
        return f"SELECT unit, u, w AS selected, s0 AS satisfied, CAST({x} AS DOUBLE) AS x FROM ev e"
    if _of_biggest(measure):
        return _BIGGEST
    x = _of_unit(measure)
    source = "ev e LEFT JOIN passes p USING (unit)" if passes else "ev e"
    return (
        "SELECT unit, min(u) AS u, bool_or(w) AS selected, "
        f"{_satisfied(measure, passes, binder)} AS satisfied, CAST({x} AS DOUBLE) AS x FROM {source} GROUP BY unit"
    )


def _of_unit(measure: Measure) -> str:
    """The unit's own number."""
    if measure.statistic == "cadence":
        return _GAPS
    if measure.statistic == "distinct" or measure.of == "things":
        return "count(DISTINCT x) FILTER (s0)"
    if measure.of == "matches":
        return "count(*) FILTER (s0)"
    total = measure.statistic == "sum" or measure.of.startswith("total ")
    return "coalesce(sum(x) FILTER (s0), 0)" if total else "median(x) FILTER (s0)"


def _of_event(measure: Measure) -> str:
    if measure.statistic == "cadence":
        return "NULL"
    if measure.statistic == "distinct" or measure.of == "things":
        return "CAST(s0 AND x IS NOT NULL AS INTEGER)"
    if measure.of == "matches":
        return "CAST(s0 AS INTEGER)"
    total = measure.statistic == "sum" or measure.of.startswith("total ")
    return "CASE WHEN s0 THEN coalesce(x, 0) ELSE 0 END" if total else "CASE WHEN s0 THEN x END"


def _satisfied(measure: Measure, passes: bool, binder: Binder) -> str:
    if passes:
        tests = ["coalesce(any_value(p.done), false)"]
    elif measure.at_least == 1:
        tests = ["bool_or(s0)"]
    else:
        tests = [f"count(*) FILTER (s0) >= {binder.bind(measure.at_least)}"]
    for i in range(len(measure.absent)):
        after = f"a{i} AND seq > p.ending" if measure.ordered else f"a{i}"
        tests.append(f"NOT coalesce(bool_or({after}), false)")
    if measure.feature:
        tests.append(feature_holds(measure.feature, binder))
    return " AND ".join(tests)


def _passes(measure: Measure, binder: Binder) -> list[str]:
    """CTEs that end in `passes(unit, done, ending)`, by way of `spans(unit, start, seq)` of completing events."""
    steps = [f"s{i}" for i in range(len(measure.steps))]
    parts = [f"hits AS (SELECT unit, seq, us, {', '.join(steps)} FROM ev WHERE {' OR '.join(steps)})"]
    parts += _ordered_spans(len(steps)) if measure.ordered else _unordered_spans(len(steps))
    if measure.within is not None:
        seconds = binder.bind(measure.within)
        timely = f"(c.us - h.us) / 1e6 <= {seconds}"
        parts.append(f"spans AS (SELECT c.* FROM complete c JOIN hits h ON h.seq = c.start WHERE {timely})")
    else:
        parts.append("spans AS (FROM complete)")
    parts.append(f"passes AS ({_reach(measure.at_least, binder)})")
    return parts


def _ordered_spans(n: int) -> list[str]:
    # start{i}: the latest start of a sequence that ends with this event as its step i.
    parts = ["c0 AS (SELECT *, CASE WHEN s0 THEN seq END AS start0 FROM hits)"]
    for i in range(1, n):
        latest = f"max(start{i - 1}) OVER {_BEFORE}"
        parts.append(f"c{i} AS (SELECT *, CASE WHEN s{i} THEN {latest} END AS start{i} FROM c{i - 1})")
    last = f"start{n - 1}"
    parts.append(f"complete AS (SELECT unit, {last} AS start, seq, us FROM c{n - 1} WHERE {last} IS NOT NULL)")
    return parts


def _unordered_spans(n: int) -> list[str]:
    latest = ", ".join(f"max(CASE WHEN s{i} THEN seq END) OVER {_UP_TO} AS last{i}" for i in range(n))
    found = " AND ".join(f"last{i} IS NOT NULL" for i in range(n))
    start = f"least({', '.join(f'last{i}' for i in range(n))})"
    return [
        f"c0 AS (SELECT unit, seq, us, {latest} FROM hits)",
        f"complete AS (SELECT unit, {start} AS start, seq, us FROM c0 WHERE {found})",
    ]


def _reach(at_least: int, binder: Binder) -> str:
    if at_least == 1:
        return "SELECT unit, true AS done, min(seq) AS ending FROM spans GROUP BY unit"
    k = binder.bind(at_least)
    # The state is [passes so far, end of the last]; it stands still once `at_least` is reached.
    step = f"CASE WHEN a[1] < {k} AND x[1] > a[2] THEN [a[1] + 1, x[2]] ELSE a END"
    walk = f"list_reduce(list([start, seq]::BIGINT[] ORDER BY seq), lambda a, x: {step}, [0, -1]::BIGINT[])"
    return f"SELECT unit, r[1] >= {k} AS done, r[2] AS ending FROM (SELECT unit, {walk} AS r FROM spans GROUP BY unit)"
