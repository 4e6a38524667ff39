"""A measure for a population as SQL: which units there are, which are selected, and which satisfy it.

In: schema.Measure and a Population. Out: `Compiled`: the common table expressions `ev` (the population's events in the
window, with a flag per step) and `units` (unit, u, selected, satisfied, x), to which a caller adds one SELECT; together
they are one parameterised statement. Promises: users without an event in the window are no units of it.

Passes (several steps). Within a unit, events stand by ts, file, line, n. An event *completes* the steps if a sequence
e1 < e2 < … < e meets step 1, 2, … and the last (ordered), or if every step is met by some event up to and including it
(unordered; one event may meet several steps), the first of them at most `within` seconds earlier. Of all such sequences
that end at e the one with the latest start counts. Walking through the unit, a pass is counted at every completing
event whose sequence starts after the end of the pass counted before; that is the largest number of passes that do not
overlap. `absent` steps of an ordered measure must not occur after the pass that reaches `at_least`.
"""

from __future__ import annotations

from dataclasses import dataclass

from persona_agent.evidence.conditions import feature_holds, meets, met, number
from persona_agent.evidence.corpus import Binder, Population, users_of
from persona_agent.schema import Measure, Window

_UNIT_COLUMN = {"users": "l.u", "sessions": "l.s", "memories": "l.m", "events": "l.seq"}
_BEFORE = "(PARTITION BY unit ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
_UP_TO = "(PARTITION BY unit ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"


@dataclass(frozen=True)
class Compiled:
    """`ctes` opens a statement (`WITH …`); `matching` tests one row of `ev`: does it meet a step (or `where`)?"""

    ctes: str
    matching: str
    binder: Binder


def compile_measure(measure: Measure, population: Population) -> Compiled:
    """SQL for the units of one population; UsageError where a number is not finite."""
    binder = Binder()
    parts = [f"ev AS ({_events(measure, population, binder)})"]
    passes = _needs_passes(measure)
    if passes:
        parts += _passes(measure, binder)
    parts.append(f"units AS ({_units(measure, passes, binder)})")
    # Without steps every event matches; lines that bear on the claim are then those that selected the unit.
    matching = " OR ".join(f"e.s{i}" for i in range(len(measure.steps))) or "e.w"
    return Compiled("WITH " + ",\n".join(parts), f"({matching})", binder)


def _events(measure: Measure, population: Population, binder: Binder) -> str:
    unit = _UNIT_COLUMN[measure.unit]
    columns = [f"{unit} AS unit", "l.u", "coalesce(l.s, -1) AS session", "l.seq", "l.us"]
    columns.append(f"{meets(measure.where, binder)} AS w")
    columns += [f"{meets(step, binder)} AS s{i}" for i, step in enumerate(measure.steps or [[]])]
    columns += [f"{meets(step, binder)} AS a{i}" for i, step in enumerate(measure.absent)]
    columns.append(f"{_nearness(measure, binder)} AS nearness")
    columns.append(f"{number(measure.of, binder) if measure.of != 'matches' else 'NULL'} AS x")
    if measure.feature:
        columns += ["l.s", "l.date", "l.object", "l.action", f"{meets(measure.feature.where or [], binder)} AS f"]
        columns.append(f"{number(measure.feature.field, binder) if measure.feature.field else 'NULL'} AS fx")
    window = _in_window(measure.window, binder)
    users = users_of(population, binder)
    return f"SELECT {', '.join(columns)} FROM lines l WHERE {users} AND {window} AND {unit} IS NOT NULL"


def _nearness(measure: Measure, binder: Binder) -> str:
    """How many conditions of the step that it fits best an event meets."""
    counts = [met(step, binder) for step in [*measure.steps, *measure.absent]]
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
        x = "CAST(s0 AS INTEGER)" if measure.of == "matches" else "CASE WHEN s0 THEN x END"
        return f"SELECT unit, u, w AS selected, s0 AS satisfied, CAST({x} AS DOUBLE) AS x FROM ev e"
    x = "count(*) FILTER (s0)" if measure.of == "matches" else "median(x) FILTER (s0)"
    source = "ev e LEFT JOIN passes p USING (unit)" if passes else "ev e"
    return (
        "SELECT unit, min(u) AS u, bool_or(w) AS selected, "
        f"{_satisfied(measure, passes, binder)} AS satisfied, CAST({x} AS DOUBLE) AS x FROM {source} GROUP BY unit"
    )


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
