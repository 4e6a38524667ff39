"""Sessions: a session is one user's, whatever other users call theirs."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from persona_agent.evidence import Corpus, Population, evaluate
from persona_agent.groups.gathering import find_memories
from persona_agent.log.events import coded_events, field_of, find_texts
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Condition, Feature, Measure, Says
from persona_agent.store import Store
from tests.tables import database


def table(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def gathered(path: Path, tmp_path: Path) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
    """Which column is what, the account of reading, and the counts of gathering."""
    options = Options(inputs=(str(path),), out=tmp_path / "out")
    store, log = Store.create(options.out), find_log(options)
    facts = read_log(log, options, store, Silent())
    return log.found.mapping, asdict(facts), asdict(find_memories(store, options))


def visits(users: int, each: int) -> list[tuple[str, str, str, str, int]]:
    """Users take turns, each in their visits number 1 to `each`, two acts a visit."""
    return [
        (f"u{user}", f"2024-03-{visit:02}T{user % 20:02}:{minute:02}:07Z", act, f"thing {(user + visit) % 4}", visit)
        for visit in range(1, each + 1)
        for user in range(users)
        for minute, act in ((0, "look"), (5, "buy"))
    ]


def test_a_counter_of_visits_is_a_session_of_its_user(tmp_path: Path) -> None:
    """30 users with visits 1 to 4 have 120 sessions, under each name that such a counter has."""
    for name in ("session_id", "visitNumber", "ga_session_number"):
        path = table(tmp_path / "a.csv", ["user_id", "timestamp", "action", "object", name], visits(30, 4))
        mapping, facts, counts = gathered(path, tmp_path)
        assert mapping["session"] == name
        assert (facts["users"], counts["sessions"]) == (30, 120)


def test_sessions_are_coded_by_user_and_name() -> None:
    """Codes of sessions, and what their events share, are told apart by user where the names are the same."""
    connection = database()
    connection.execute(
        """CREATE TABLE events AS SELECT i, user, 's1' AS session, TIMESTAMP '2024-01-01' + INTERVAL 1 SECOND * i AS ts,
           'look' AS action, '' AS object, json_object('via', user) AS properties
           FROM (VALUES (0, 'a'), (1, 'a'), (2, 'b')) AS t(i, user)"""
    )
    find_texts(connection)
    assert coded_events(connection, 0, 3)["session"].tolist() == [0, 0, 1]
    code, names = field_of(connection, "session", "via")
    assert (code.tolist(), names) == ([0, 1], ["a", "b"])


def test_a_flattened_export_of_ga4_is_read_by_its_columns(tmp_path: Path) -> None:
    """Objects, prices and sessions of plain columns are kept; rows with nested members are GA4's layout as before."""
    rows = [(u, t, a, o, s, 2.5 + i, "phone") for i, (u, t, a, o, s) in enumerate(visits(5, 3))]
    header = ["user_pseudo_id", "event_timestamp", "event_name", "item", "ga_session_id", "price", "device"]
    path = table(tmp_path / "a.csv", header, rows)
    mapping, facts, counts = gathered(path, tmp_path)
    assert mapping == dict(zip(("user", "timestamp", "action", "object", "session"), header[:5], strict=True))
    assert (facts["users"], counts["sessions"]) == (5, 15)
    path = tmp_path / "out" / "events.parquet"
    stored = duckdb.sql(f"SELECT properties FROM '{path}' LIMIT 1").fetchall()
    assert json.loads(stored[0][0]) == {"price": 2.5, "device": "phone"}
    nested = {"user_pseudo_id": "a", "event_timestamp": 1714557600000000, "event_name": "buy", "event_params": []}
    other = tmp_path / "b.jsonl"
    other.write_text(json.dumps(nested))
    assert find_log(Options(inputs=(str(other),))).found.layouts[0].vendor == "ga4"


def test_a_case_is_cut_by_hand(tmp_path: Path) -> None:
    """Under the names of process mining, and plain ones, a case of three hands is three sessions."""
    rows = [
        (f"c{case}", step, f"{10 + hand}", f"2024-03-01T09:{case:02}:{hand:02}.5+02:00")
        for case in range(6)
        for hand, step in enumerate(("submit", "check", "decide"))
    ]
    for header in (
        ["case:concept:name", "concept:name", "org:resource", "time:timestamp"],
        ["case", "activity", "resource", "timestamp"],
    ):
        mapping, facts, counts = gathered(table(tmp_path / "a.csv", header, rows), tmp_path)
        assert mapping == dict(zip(("session", "action", "user", "timestamp"), header, strict=True))
        assert (facts["users"], counts["sessions"]) == (3, 18)


def test_dates_without_a_clock_touch_no_session(tmp_path: Path) -> None:
    """Looks before and after midnight are one session, though a bill is dated between them; bills have a session a day, and the
    event says that its time has no clock. Without such acts the file has no such column.
    """
    looks = [
        (f"u{u}", f"2024-03-{day:02}T{at}", "look") for u in range(6) for day, at in ((4, "23:50:07"), (5, "00:05:11"))
    ]
    bills = [(f"u{u}", f"2024-03-{day:02}", "bill") for u in range(6) for day in (5, 5, 6)]
    out = tmp_path / "out" / "events.parquet"
    for rows, sessions in (([*looks, *bills], 18), (looks, 6)):
        _, facts, counts = gathered(table(tmp_path / "a.csv", ["user_id", "timestamp", "action"], rows), tmp_path)
        assert (counts["sessions"], facts["dates_only"]) == (sessions, ["bill"] if rows != looks else [])
        columns = {name for name, *_ in duckdb.sql(f"DESCRIBE FROM '{out}'").fetchall()}
        assert ("clock" in columns) == (rows != looks)
        if "clock" in columns:
            told = duckdb.sql(f"SELECT DISTINCT action, clock FROM '{out}' ORDER BY action").fetchall()
            assert told == [("bill", False), ("look", True)]


def test_dates_have_a_weekday_and_no_hour() -> None:
    """A bill dated on a Tuesday is of that day in every zone; of what a user does by hours, it is no part."""
    connection = database()
    connection.execute(
        """CREATE TABLE events AS SELECT *, 's' AS session, '' AS object, '' AS text, '{}' AS properties, 'a' AS file, 0 AS n,
           line::VARCHAR AS hash FROM (VALUES ('u', 1, 'bill', TIMESTAMP '2024-03-05', false),
           ('u', 2, 'look', TIMESTAMP '2024-03-05 14:00:00', true)) AS t("user", line, action, ts, clock)"""
    )
    connection.execute("CREATE TABLE memory_lines (memory_id VARCHAR, file VARCHAR, line BIGINT, n INTEGER)")
    connection.execute('CREATE TABLE memories (memory_id VARCHAR, "user" VARCHAR, intent INTEGER)')
    connection.execute('CREATE TABLE members (group_id INTEGER, "user" VARCHAR)')
    corpus = Corpus.prepare(connection, "America/New_York")
    rows = connection.execute("SELECT action, weekday, hour, date::VARCHAR FROM lines ORDER BY seq").fetchall()
    assert rows == [("bill", 2, None, "2024-03-05"), ("look", 2, 9, "2024-03-05")]
    morning = [Condition(field="hour", op="between", value=[8, 10])]
    spent = Feature(name="share_of_events", op="above", value=0.9, where=morning)
    asked = Measure(unit="users", feature=spent, statistic="share", says=Says(comparator="at_least", value=0))
    assert evaluate(corpus, asked, Population()).value == 1.0


def test_ids_that_number_days_are_no_visits(tmp_path: Path) -> None:
    """Users come mornings and evenings under one id a day: cut by pauses, which is said, unless a person names the column. Ids of
    visits are kept, also where nobody comes twice a day.
    """
    header = ["user_id", "timestamp", "action", "object", "session_id"]

    def rows(hours: Sequence[int], id_of_hour: dict[int, str]) -> list[tuple[str, ...]]:
        return [
            (f"u{user}", f"2024-03-{day:02}T{hour:02}:{minute:02}:07Z", act, f"thing {(user + day) % 4}",
             f"{user}-{day}{id_of_hour.get(hour, '')}")
            for user in range(30) for day in range(1, 6) for hour in hours
            for minute, act in ((user % 20, "look"), (user % 20 + 9, "buy"))
        ]  # fmt: skip

    for hours, ids, sessions, told in (
        ([9, 19], {}, 300, True),
        ([9, 19], {19: "b"}, 300, False),
        ([9], {}, 150, False),
    ):
        _, facts, counts = gathered(table(tmp_path / "a.csv", header, rows(hours, ids)), tmp_path)
        assert counts["sessions"] == sessions, hours
        assert any("numbers days" in note for note in facts["notes"]) == told
    path = table(tmp_path / "a.csv", header, rows([9, 19], {}))
    options = Options(inputs=(str(path),), out=tmp_path / "out", mapping=(("session", "session_id"),))
    store = Store.create(options.out)
    assert not any("numbers days" in note for note in read_log(find_log(options), options, store, Silent()).notes)
    assert find_memories(store, options).sessions == 150
