"""Small logs and every kind of measure, drawn by hypothesis or by a seed, and the tables that hold them."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
from hypothesis import strategies as st

from persona_agent.evidence.corpus import Corpus
from persona_agent.log.placed_halves import PlacedHalves
from persona_agent.schema import Measure
from tests.tables import database, insert

START = datetime(2024, 3, 30, 21, 30)  # the night in which Paris goes over to summer time
HOSTILE = ["a'b", 'a"b', "100%", "_", "\\", "$.x", "'; DROP TABLE lines; --", "~1/~0", "x*", "0", "$", "é"]
ACTIONS = ["view", "Buy", "quit", "'; DROP TABLE lines; --"]
OBJECTS = ["mug", "MUG", "plate", "", *HOSTILE]
NAMES = ["k", "K", "a.b", *[name for name in HOSTILE if '"' not in name]]
SAYS = {"quantifier": "most"}

COLUMNS = """CREATE OR REPLACE TABLE events ("user" VARCHAR, session VARCHAR, ts TIMESTAMP, action VARCHAR,
    object VARCHAR, text VARCHAR, properties VARCHAR, file VARCHAR, line BIGINT, n INTEGER, hash VARCHAR, value DOUBLE)"""


def event(user: str, line: int, minutes: float = 0, action: str = "view", **more: Any) -> dict[str, Any]:
    """One event of a log; `minutes` after the start."""
    base = {
        "user": user, "session": "s", "ts": START + timedelta(minutes=minutes), "action": action, "object": "mug",
        "text": "", "properties": "{}", "file": "log.csv", "line": line, "n": 0, "value": None, "memory": None,
    }  # fmt: skip
    made = {**base, **more}
    return {**made, "hash": hashlib.sha256(f"{user}{line}".encode()).hexdigest()}


def load(
    log: list[dict[str, Any]],
    members: dict[int, list[str]],
    zone: str = "UTC",
    connection: duckdb.DuckDBPyConnection | None = None,
    halves: dict[str, tuple[int, int]] | None = None,
    chances: dict[str, tuple[float, float]] | None = None,
) -> Corpus:
    """The tables of a log, prepared; `halves` are the groups of a user by the odd and by the even ones of its visits, `chances`
    how likely these are (1: all).
    """
    con = connection or database()
    con.execute(COLUMNS)
    columns = [row[0] for row in con.execute("DESCRIBE events").fetchall()]
    con.execute("CREATE OR REPLACE TABLE memory_lines (memory_id VARCHAR, file VARCHAR, line BIGINT, n INTEGER)")
    con.execute('CREATE OR REPLACE TABLE memories (memory_id VARCHAR, "user" VARCHAR, intent INTEGER)')
    con.execute('CREATE OR REPLACE TABLE members (group_id INTEGER, "user" VARCHAR)')
    insert(con, "events", [tuple(e[c] for c in columns) for e in log])
    insert(con, "memory_lines", [(e["memory"], e["file"], e["line"], e["n"]) for e in log if e["memory"]])
    insert(con, "memories", sorted({(e["memory"], e["user"], 0) for e in log if e["memory"]}))
    insert(con, "members", [(group, user) for group, users in members.items() for user in users])
    if not halves:
        return Corpus.prepare(con, zone)
    groups = np.array(list(halves.values()), dtype=np.int64).reshape(-1, 2)
    sure = np.array([(chances or {}).get(u, (1.0, 1.0)) for u in halves])
    return Corpus.prepare(con, zone, halves=PlacedHalves(list(halves), groups, sure))


def seeded(seed: int, users: int = 14, events: int = 8) -> list[dict[str, Any]]:
    """A log that is the same for the same seed."""
    rng = random.Random(seed)
    log: list[dict[str, Any]] = []
    for i in range(users):
        name = f"u{(i * 7919) % 1000}"
        for minutes in sorted(rng.choice(range(0, 4000, 20)) for _ in range(rng.randint(1, events))):
            k = rng.choice([1, 2, "3", 12.5, "text", None])
            memory = rng.choice([None, f"{name}.a", f"{name}.b"])
            made: dict[str, Any] = {
                "session": rng.choice(["s1", "s2", "s3", None]),
                "object": rng.choice(["mug", "MUG", "plate", ""]),
            }
            made |= {"properties": json.dumps({"k": k}), "memory": memory, "value": rng.choice([None, 1.0, 5.0])}
            log.append(event(name, len(log) + 2, minutes, rng.choice(["view", "Buy", "quit"]), **made))
    return log


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A log in file order whose keyed hashes are in another order than the file."""
    log: list[dict[str, Any]] = []
    for user in draw(st.permutations(["u9", "u1", "u5", "u3"])):
        for minutes in sorted(draw(st.lists(st.sampled_from([0, 0, 1, 30, 90, 200, 1500, 45000]), max_size=6))):
            properties = draw(st.dictionaries(st.sampled_from([*NAMES, 'a"b']), PROPERTY, max_size=3))
            made = {
                "session": draw(st.sampled_from(["s1", "s2", None])), "object": draw(st.sampled_from([None, *OBJECTS])),
                "text": draw(st.sampled_from(["", *HOSTILE])), "properties": json.dumps(properties),
                "memory": draw(st.sampled_from([None, f"{user}.a", f"{user}.b"])),
                "value": draw(st.sampled_from([None, -1.0, 2.5])),
            }  # fmt: skip
            log.append(event(user, len(log) // 2 + 2, minutes, draw(st.sampled_from(ACTIONS)), n=len(log) % 2, **made))
    return log


LISTS = [json.dumps(["Text", 'a"b', "\\"]), json.dumps(["more text", "2"]), '["text', "[1, 2]"]
PROPERTY = st.sampled_from([1, 2.5, -3, "2", "1e2", "", "text", "TEXT", None, True, *HOSTILE, *LISTS])
NUMBERS = st.sampled_from([-3.0, 0.0, 1.0, 2.5, 100.0])


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    field = draw(st.sampled_from(["action", "object", "text", "hour", "weekday", "month", "date", "name", "number"]))
    if field in {"hour", "weekday", "month"}:
        return numeric(draw, field, st.integers(0, 23).map(float))
    if field == "number":
        return numeric(draw, "properties." + draw(st.sampled_from(NAMES)), NUMBERS)
    if field == "date":
        days = st.sampled_from(["2024-03-30", "2024-03-31", "2024-04-01", "2024-05-01"])
        op = draw(st.sampled_from(["is", "in", "not_in", "between", "at_least", "at_most", "contains"]))
        return {"field": field, "op": op, "value": values(draw, op, days)}
    if field == "name":
        field, texts = "properties." + draw(st.sampled_from(NAMES)), st.sampled_from(["2", "text", "", *HOSTILE])
    else:
        texts = st.sampled_from({"action": ACTIONS, "object": OBJECTS, "text": HOSTILE}[field])
    op = draw(st.sampled_from(["is", "in", "not_in", "contains"]))
    return {"field": field, "op": op, "value": values(draw, op, texts)}


def numeric(draw: st.DrawFn, field: str, numbers: st.SearchStrategy[float]) -> dict[str, Any]:
    op = draw(st.sampled_from(["is", "in", "not_in", "between", "at_least", "at_most"]))
    return {"field": field, "op": op, "value": values(draw, op, numbers)}


def values(draw: st.DrawFn, op: str, one: st.SearchStrategy[Any]) -> list[Any]:
    count = {"between": 2, "in": 2, "not_in": 2}.get(op, 1)
    return [draw(one) for _ in range(count)]


@st.composite
def features(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(
        ["active_days", "span_days", "n_events", "n_objects", "repeat_share", "steps_per_session", "share_of_events",
         "median_of", "total_of"]
    ))  # fmt: skip
    where = draw(STEP) if name == "share_of_events" else draw(st.none() | STEP)
    field = draw(st.sampled_from(["value", "properties.k"])) if name in ("median_of", "total_of") else None
    op = draw(st.sampled_from(["at_least", "at_most", "above", "below", "equals"]))
    op = "between" if name == "total_of" and draw(st.booleans()) else op
    upper = draw(st.sampled_from([1, 3])) if op == "between" else None
    value = draw(st.sampled_from([0, 0.5, 1, 2]))
    return {"name": name, "where": where, "field": field, "op": op, "value": value, "upper": upper}


STEP = st.lists(conditions(), min_size=1, max_size=2)


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    """Any measure of the supported kinds."""
    unit = draw(st.sampled_from(["users", "sessions", "memories", "events"]))
    statistic = draw(st.sampled_from(["share", "share", "share", "median"]))
    small = unit == "events" or statistic == "median"
    steps = draw(st.lists(STEP, max_size=1 if small else 3))
    asked: dict[str, Any] = {"unit": unit, "statistic": statistic, "steps": steps, "says": SAYS}
    asked["where"] = draw(st.lists(conditions(), max_size=1))
    asked["window"] = draw(st.sampled_from([None, None, {"start": "2024-03-31"}, {"end": "2024-03-31"}]))
    if statistic == "median":
        asked["of"] = draw(st.sampled_from(["matches", "value", "properties.k"]))
    if not small:
        asked["absent"] = draw(st.lists(STEP, max_size=1))
        asked["at_least"] = draw(st.sampled_from([1, 1, 2]))
        asked["feature"] = draw(st.none() | features())
        if steps:
            asked["ordered"] = draw(st.booleans())
            asked["within"] = draw(st.sampled_from([None, 60.0, 5400.0]))
    return Measure(**asked)


WINDOWS = st.sampled_from([
    None, None, None, {"start": "2024-04-05"}, {"end": "2024-04-20"}, {"start": "2024-04-01", "end": "2024-04-30"},
    {"start": "2024-03-31", "end": "2024-03-31"}, {"start": "2024-05-20", "end": "2025-01-01"}, {},
])  # fmt: skip
DAYS = [0, 0, 1, 2, 3, 4, 5, 6, 8, 9, 13, 21, 30, 34, 48, 63]  # after the start: March to June
FEW = st.sampled_from(["text", "TEXT", "", "2", 2])


@st.composite
def long_logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A log in file order over three months of users who begin at different times and come more or less often."""
    log: list[dict[str, Any]] = []
    alike = draw(st.booleans())  # whether several users share a stratum
    for user in draw(st.permutations(["u9", "u1", "u5", "u3", "u7", "u2", "u4"])):
        first = draw(st.sampled_from([0, 0, 0, 30] if alike else [0, 0, 0, 1, 30, 34]))
        low, high = (1, 3) if alike else draw(st.sampled_from([(0, 9), (2, 9), (4, 9)]))
        after = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=low, max_size=high)))
        for minutes in sorted((first + day) * 1440 + draw(st.sampled_from([0, 0, 60, 400])) for day in after):
            made = {
                "session": draw(st.sampled_from(["s1", "s2", None])),
                "object": draw(st.sampled_from([None, "", "mug", "MUG", "plate", "é", "É"])),
                "text": draw(st.sampled_from(["", "one", "Two"])),
                "properties": json.dumps(
                    draw(st.dictionaries(st.sampled_from(["k", "a.b"]), FEW | PROPERTY, max_size=2))
                ),
                "memory": draw(st.sampled_from([None, f"{user}.a", f"{user}.b"])),
                "value": draw(st.sampled_from([None, 0.0, -1.0, 2.5, float("inf"), float("nan")])),
            }
            log.append(
                event(user, len(log) + 2, minutes, draw(st.sampled_from(["view", "Buy", "buy", "quit"])), **made)
            )
    return log


@st.composite
def usual(draw: st.DrawFn) -> dict[str, Any]:
    """A condition that a long log often meets, or any."""
    wanted = {
        "action": ["VIEW", "buy"],
        "object": ["mug", "plate", "é"],
        "text": ["two"],
        "properties.k": ["text", "2"],
    }
    field = draw(st.sampled_from(sorted(wanted)))
    op = draw(st.sampled_from(["is", "contains", "not_in"]))
    met = st.just({"field": field, "op": op, "value": [draw(st.sampled_from(wanted[field]))]})
    return draw(met | met | met | conditions())


USUAL_STEP = st.lists(usual(), min_size=1, max_size=1) | st.lists(usual(), min_size=1, max_size=2)


@st.composite
def statistics_measures(draw: st.DrawFn, *kinds: str, versus: str | None = None) -> Measure:
    """A measure of one of these statistics, over windows that leave users without an event."""
    statistic = draw(st.sampled_from(kinds))
    unit = draw(st.sampled_from(["users", "users", "sessions", "memories", "events"]))
    asked: dict[str, Any] = {"unit": unit, "statistic": statistic, "says": SAYS, "versus": versus}
    asked |= {"window": draw(WINDOWS), "where": draw(st.just([]) | st.just([]) | st.lists(usual(), max_size=1))}
    if statistic not in {"share", "trend"} or unit == "events":
        asked["steps"] = draw(st.lists(USUAL_STEP, max_size=1))
        asked["of"] = draw(st.sampled_from(["matches", "value", "properties.k"]))
        return Measure(**asked)
    return Measure(**asked, **draw(whole()))


@st.composite
def whole(draw: st.DrawFn) -> dict[str, Any]:
    """What only shares and trends look at: several steps, what is absent, how often, and a feature."""
    steps = draw(st.just([]) | st.lists(USUAL_STEP, max_size=1) | st.lists(USUAL_STEP, max_size=2))
    asked: dict[str, Any] = {"steps": steps, "absent": draw(st.just([]) | st.lists(USUAL_STEP, max_size=1))}
    asked |= {"at_least": draw(st.sampled_from([1, 1, 2])), "feature": draw(st.none() | st.none() | features())}
    if steps:
        asked |= {"ordered": draw(st.booleans()), "within": draw(st.sampled_from([None, 5400.0, 200000.0]))}
    return asked
