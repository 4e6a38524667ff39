"""Which lines of a log users are told apart by, read from a log file as a run reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.codebook import Codebook, DescribedAct
from persona_agent.codebook.naming import proposal
from persona_agent.groups.coded import ReadLines, local, read_lines
from persona_agent.groups.cohorts import cohort_field
from persona_agent.groups.gathering import ACTIONS, find_memories
from persona_agent.log.events import load_columns, open_events, properties
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

USERS, START = 20, datetime(2024, 3, 4, 9, tzinfo=UTC)


def records() -> Iterator[dict[str, Any]]:
    """A shop's customers: four visits each of a click, its receipt and a mailing; every fifth mailing is a visit of its own. A
    customer has a gender, a course and an age; two have a flag of theirs; sizes and prices vary by click.
    """
    for u in range(USERS):
        for v in range(4):
            when = START + timedelta(days=v, hours=u % 5)
            own = {"gender": "fm"[u % 2], "course": f"c{u % 4}", "age": 20 + u}
            for i, act in enumerate(("click", "receipt", "mailing")):
                yield {
                    "user_id": f"u{u:02}", "timestamp": (when + timedelta(seconds=20 * i)).isoformat(), "action": act,
                    "object": f"thing {(u + v) % 6}",
                    "properties": own | {"size": "sml"[(u * v) % 3], "price": 1.5 + (u + v) % 7}
                    | ({"flag": "yes"} if u < 2 else {}),
                }  # fmt: skip
        yield {
            "user_id": f"u{u:02}", "timestamp": (START + timedelta(days=9)).isoformat(), "action": "mailing",
            "object": "news", "properties": {"course": f"c{u % 4}"},
        }  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Codebook]:
    folder = tmp_path_factory.mktemp("lines")
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records()))
    options = Options(inputs=(str(path),), out=folder / "out", workers=1)
    store = Store.create(options.out)
    read = read_log(find_log(options), options, store, Silent())
    find_memories(store, options)
    return store, proposal(store, options, read)


def read(
    log: tuple[Store, Codebook], timezone: str = "UTC", without: list[str] | None = None, **acts: Any
) -> ReadLines:
    """The lines, where the codebook says of acts what is given here, and that all others are the user's own."""
    store, book = log
    told = {name: DescribedAct(name=name, **acts.get(name, {})) for name in book.acts}
    with store.connect() as connection:
        open_events(connection, store)
        columns = load_columns(connection, store.path(ACTIONS))
        known = {p.name: p for p in properties(connection)}
        return read_lines(connection, columns, book.model_copy(update={"acts": told}), known, timezone, without or [])


def test_all_acts_of_users_are_lines(log: tuple[Store, Codebook]) -> None:
    """Where all acts are the user's own, every event is a line, and every session a visit."""
    lines = read(log).lines
    assert len(lines.user) == USERS * (4 * 3 + 1)
    assert len(lines.start) == USERS * 5
    assert lines.n_users == USERS


def test_what_others_do_is_no_line(log: tuple[Store, Codebook]) -> None:
    """Acts of the product and of the system, and what follows another act, are left out; a visit of which nothing else is left
    is none.
    """
    found = read(log, mailing={"doer": "product"}, receipt={"follows": "click"})
    acts = {found.actions[a] for a in found.lines.action.tolist()}
    assert acts == {"click"}
    assert len(found.lines.start) == USERS * 4
    assert found.lines.visit.max() == USERS * 4 - 1
    system = read(log, receipt={"doer": "system"})
    assert {system.actions[a] for a in system.lines.action.tolist()} == {"click", "mailing"}


def test_nothing_that_is_of_a_user_tells_users_apart(log: tuple[Store, Codebook]) -> None:
    """What is declared of people, what is of a user rather than of an act, and what two users have is no field and no amount;
    what acts have is, unless it is named.
    """
    found = read(log)
    assert set(found.fields) | {found.category} == {"size", None}
    assert set(found.lines.amounts) == {"price"}
    assert not read(log, without=["size"]).fields


def test_lines_hold_what_the_log_says(log: tuple[Store, Codebook]) -> None:
    """Codes of acts, things and fields stand for the log's own values, in the order of users and time."""
    found, lines = read(log, mailing={"doer": "product"}), read(log, mailing={"doer": "product"}).lines
    want = [r for r in records() if r["action"] != "mailing"]
    assert [found.actions[a] for a in lines.action] == [r["action"] for r in want]
    assert [found.objects[o] for o in lines.object] == [r["object"] for r in want]
    assert [found.fields["size"][c] for c in lines.fields["size"]] == [r["properties"]["size"] for r in want]
    assert lines.amounts["price"].tolist() == [r["properties"]["price"] for r in want]


def test_hours_are_of_the_wall_clock(log: tuple[Store, Codebook]) -> None:
    """In another zone visits start as many hours later, and in the month of UTC all the same."""
    here, there = read(log).lines, read(log, "Asia/Tokyo").lines
    assert (there.start - here.start == 9 * 3_600_000_000).all()
    assert (there.stratum == here.stratum).all()
    assert here.clocked.all()


@given(st.datetimes(datetime(2023, 1, 1), datetime(2025, 1, 1)), st.sampled_from(["Europe/London", "America/New_York"]))
def test_local_time_is_the_zones_own_through_summer_and_winter(when: datetime, zone: str) -> None:
    """Any moment has the wall clock that Python's own zones give it, on both sides of a change of clocks."""
    from zoneinfo import ZoneInfo

    moment = when.replace(tzinfo=UTC)
    ts = np.array([(moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)])
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    assert local(ts, zone).tolist() == [(wall - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)]


def test_the_hour_that_clocks_skip_is_skipped() -> None:
    """Through a spring night in London, half past midnight is followed by half past two."""
    start = int(datetime(2024, 3, 31, 0, 30, tzinfo=UTC).timestamp()) * 1_000_000
    hours = local(start + np.arange(3) * 3_600_000_000, "Europe/London") % 86_400_000_000 // 3_600_000_000
    assert hours.tolist() == [0, 2, 3]


def apart(log: tuple[Store, Codebook]) -> str | None:
    store, book = log
    with store.connect() as connection:
        open_events(connection, store)
        columns = load_columns(connection, store.path(ACTIONS))
        known = {p.name: p for p in properties(connection)}
        return cohort_field(connection, columns, book, known, np.ones(USERS, dtype=bool))


def test_users_who_meet_are_no_cohorts(log: tuple[Store, Codebook]) -> None:
    """All courses share the same things."""
    assert apart(log) is None


def test_users_who_never_meet_are_cohorts(tmp_path: Path) -> None:
    """Where each course has things of its own, users are told apart within it."""
    path = tmp_path / "log.jsonl"
    own = [r | {"object": f"{r['properties']['course']} {r['object']}"} for r in records()]
    path.write_text("".join(json.dumps(record) + "\n" for record in own))
    options = Options(inputs=(str(path),), out=tmp_path / "out", workers=1)
    store = Store.create(options.out)
    facts = read_log(find_log(options), options, store, Silent())
    find_memories(store, options)
    assert apart((store, proposal(store, options, facts))) == "course"
