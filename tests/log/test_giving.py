"""Given groups on a log: who is in which, what may be looked at, what is refused. One small log, which is read alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from persona_agent.errors import InputError, PersonaAgentError, UsageError
from persona_agent.log.asked_outcomes import parse_outcome
from persona_agent.log.given_groups import GIVEN, Cohorts, forget_given, load_given
from persona_agent.log.reading import ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

USERS = [f"user{i:02d}" for i in range(40)]
STOPPED = USERS[:15]  # nothing from May on
LATE = "late00"  # nothing before May
MAIL = "jo@example.org"  # a group's name that is an address


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty users from March to June; some stop before May, one comes after; `plan` rises in June, `source` stays."""
    rows: list[dict[str, Any]] = []
    for i, user in enumerate([*USERS, LATE]):
        months = (5, 6) if user == LATE else (3, 4) if user in STOPPED else (3, 4, 5, 6)
        for month in months:
            for day in (1 + i % 9, 15 + i % 9):
                plan = "pro" if month == 6 and i % 2 else "free"
                act = "upgrade" if month == 6 and i % 4 == 1 else "open"
                row = {"user": user, "timestamp": f"2024-{month:02d}-{day:02d}T10:00:{i % 60:02d}Z", "action": act}
                rows.append(
                    {**row, "object": f"page {i % 3}", "plan": plan, "source": "web" if i % 3 else "app", "n": day}
                )
    path = tmp_path_factory.mktemp("giving") / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(log: Path, out: Path, **given: Any) -> tuple[Store, ReadLog, Cohorts]:
    """The log read under these options, and the groups that it left."""
    options = Options(inputs=(str(log),), out=out, workers=1, **given)
    store = Store.create(out)
    found = read_log(find_log(options), options, store, Silent())
    cohorts = load_given(store)
    assert cohorts is not None
    return store, found, cohorts


def last_of(store: Store) -> str:
    (row,) = duckdb.sql(f"SELECT max(ts)::VARCHAR, count(*) FROM '{store.path('events.parquet')}'").fetchall()
    assert row is not None
    return str(row[0])


def listed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "groups.csv"
    path.write_text(text)
    return path


def test_nothing_from_the_date_on_is_left(log: Path, tmp_path: Path) -> None:
    """Of an outcome no event of the day or after it is among the events; what went is counted as set aside; who came only
    after it is in no group.
    """
    store, found, cohorts = read(log, tmp_path / "o", outcome="stopped", at="2024-05-01")
    assert last_of(store) < "2024-05-01"
    assert dict(zip(cohorts.names, np.bincount(cohorts.label).tolist(), strict=True)) == {"stayed": 25, "stopped": 15}
    assert found.reasons["afterwards"] == 25 * 4 + 4
    assert found.records == found.with_events + found.rejected + found.set_aside + found.duplicates
    assert any("came first after the date" in note for note in found.notes)


def test_outcomes_of_acts_and_windows(log: Path, tmp_path: Path) -> None:
    """Who did an act after the day is told from who did not, within so many days if asked; a window that the log does not hold,
    and a value that is nowhere, are refused.
    """
    _, _, cohorts = read(log, tmp_path / "a", outcome="action=upgrade", at="2024-05-01")
    assert int((cohorts.label == cohorts.names.index("did action=upgrade")).sum()) == sum(
        i % 4 == 1 for i in range(15, 40)
    )
    with pytest.raises(UsageError, match="everybody did not"):
        read(log, tmp_path / "b", outcome="action=upgrade within 20 days", at="2024-05-01")
    with pytest.raises(UsageError, match="400 days after --at are not in the log"):
        read(log, tmp_path / "c", outcome="stopped within 400 days", at="2024-05-01")
    with pytest.raises(UsageError, match="no event of the log has action=leave"):
        read(log, tmp_path / "d", outcome="action=leave", at="2024-05-01")
    with pytest.raises(UsageError, match="the log ends before"):
        read(log, tmp_path / "e", outcome="stopped", at="2025-05-01")


def test_a_cohort_known_afterwards_needs_a_date(log: Path, tmp_path: Path) -> None:
    """A list of who stopped and who stayed is refused without a date, with the reason and the option; with one it is taken, and
    cut. A list that the last day does not tell is taken as it is.
    """
    rows = "".join(f"{u},{'gone' if u in STOPPED else 'here'}\n" for u in USERS)
    path = listed(tmp_path, f"user,group\n{rows}{LATE},here\n")
    with pytest.raises(UsageError, match=r"these are outcomes.*Add --at DATE"):
        read(log, tmp_path / "o", groups=path)
    store, found, _ = read(log, tmp_path / "p", groups=path, at="2024-05-01")
    assert last_of(store) < "2024-05-01"
    assert "1 users did nothing before the date, and are in no group" in found.notes
    path = listed(tmp_path, "user,group\n" + "".join(f"{u},{i % 3}\n" for i, u in enumerate(USERS)))
    assert len(read(log, tmp_path / "q", groups=path)[2].names) == 3


def test_a_field_that_changes_needs_a_date(log: Path, tmp_path: Path) -> None:
    """Groups by a field of the user are taken; by one that changes in time they are refused without a date, and with one are by
    its value after it.
    """
    _, found, cohorts = read(log, tmp_path / "o", groups_by="source", min_users=5)
    assert not any("before the date" in note for note in found.notes)
    assert cohorts.names == ["web", "app"] and cohorts.field == "properties.source"
    with pytest.raises(UsageError, match=r"have more than one value of it.*Add --at DATE"):
        read(log, tmp_path / "p", groups_by="plan", min_users=5)
    store, _, cohorts = read(log, tmp_path / "q", groups_by="plan", at="2024-06-01", min_users=5)
    assert set(cohorts.names) == {"free", "pro"} and last_of(store) < "2024-06-01"
    with pytest.raises(UsageError, match="0 values of 30 users or more"):
        read(log, tmp_path / "s", groups_by="source", min_users=30)
    with pytest.raises(UsageError, match="no event of the log has a field 'colour'"):
        read(log, tmp_path / "r", groups_by="colour")


def test_a_mistyped_field_is_told_what_it_may_have_meant(log: Path, tmp_path: Path) -> None:
    """The fields that are called most alike, whatever the case of their letters."""
    for i, typed in enumerate(("Source", "sorce")):
        with pytest.raises(UsageError) as told:
            read(log, tmp_path / f"n{i}", groups_by=typed)
        assert told.value.hint == "Did you mean 'source'?"
    with pytest.raises(UsageError) as told:
        read(log, tmp_path / "n", groups_by="zzzzzz")
    assert told.value.hint == "`inspect` lists the fields of the log."


def test_dates_of_users(log: Path, tmp_path: Path) -> None:
    """Where each has a date of their own, their events end there; who is in no group is not looked at."""
    rows = "".join(f"{u},{'ab'[i % 2]},2024-0{4 + i % 2}-10\n" for i, u in enumerate(USERS[15:]))
    store, _, cohorts = read(log, tmp_path / "o", groups=listed(tmp_path, "user,group,at\n" + rows))
    assert cohorts.own_dates
    path = store.path("events.parquet")
    seen = duckdb.execute(f"SELECT user, max(ts) < '2024-05-10', count(*) FROM '{path}' GROUP BY user").fetchall()
    assert len(seen) == 25 and all(before for _, before, _ in seen)


def test_left_out_is_counted_and_names_are_masked(log: Path, tmp_path: Path) -> None:
    """Ids that the log does not have, users in no group and in two are said; only users of the log are kept, as hashes; a name
    that is an address is masked.
    """
    rows = "".join(f"{u},{MAIL if i % 2 else 'b'}\n" for i, u in enumerate(USERS[:30]))
    text = f"user,group\n{rows}{USERS[0]},c\nnobody,b\nsomebody,b\n"
    store, found, cohorts = read(log, tmp_path / "o", groups=listed(tmp_path, text))
    said = " ".join(found.notes)
    assert "2 users with a given group are not in this log" in said
    assert "12 users of the log are in no given group" in said
    assert "1 users stand in two groups or more" in said
    assert sorted(cohorts.names) == ["[email]", "b"]
    kept = store.path(GIVEN).read_bytes()
    assert MAIL.encode() not in kept and "user01".encode("utf-32-le") not in kept and b"user01" not in kept
    stay = set(cohorts.users[1:])
    forget_given(store, stay)
    after = load_given(store)
    assert after is not None and set(after.users) == stay


def test_read_again_is_cut_alike(log: Path, tmp_path: Path) -> None:
    """A log that is read again for a run, without the file of groups, gives the same events and notes."""
    rows = "".join(f"{u},{'ab'[i % 2]},2024-0{4 + i % 2}-10\n" for i, u in enumerate(USERS))
    store, found, _ = read(log, tmp_path / "o", groups=listed(tmp_path, "user,group,at\n" + rows))
    now = Store.create(tmp_path / "again")
    now.take_key_of(store)
    now.path(GIVEN).write_bytes(store.path(GIVEN).read_bytes())
    options = Options(inputs=(str(log),), out=tmp_path / "again", workers=1)
    again = read_log(find_log(options), options, now, Silent())
    assert again == found
    both = [f"SELECT * FROM '{s.path('events.parquet')}'" for s in (store, now)]
    assert duckdb.execute(f"{both[0]} EXCEPT ALL {both[1]}").fetchall() == []


def test_against(log: Path, tmp_path: Path) -> None:
    """The group to hold others against is found in any case; one that there is not is refused with those that there are."""
    assert read(log, tmp_path / "o", groups_by="source", min_users=5, against="WEB")[2].against == "web"
    with pytest.raises(UsageError, match="Groups: web, app"):
        read(log, tmp_path / "p", groups_by="source", min_users=5, against="tv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("went away", "'went away' is no condition"),
        ("plan=", "is no condition"),
        ("n>=many", "'many' is no number"),
        ("gender=f", "says who somebody is"),
        ("stopped within 0 days", "no day is left"),
    ],
)
def test_outcomes_that_cannot_be_read(text: str, said: str) -> None:
    """Each says what is wrong and how it is written."""
    with pytest.raises(UsageError, match=re.escape(said)) as error:
        parse_outcome(text)
    assert error.value.hint


def test_outcomes_are_read_as_written() -> None:
    """Conditions with their signs, several with `and`, and the days they are bounded to."""
    found = parse_outcome("action=buy and n>=3 and object~page within 90 days")
    assert [(c.field, c.op, c.value) for c in found.conditions] == [
        ("action", "=", "buy"),
        ("n", ">=", 3.0),
        ("object", "~", "page"),
    ]
    assert found.days == 90 and found.names[0] == "did action=buy and n>=3 and object~page"
    assert parse_outcome("stopped").of_activity and parse_outcome("active within 3 days").days == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"outcome": "stopped"}, "--outcome needs a date"),
        ({"groups_by": "plan", "outcome": "stopped", "at": "2024-05-01"}, "exclude each other"),
        ({"groups_by": "plan", "personas": 3}, "--personas is for finding them"),
        ({"groups_by": "gender"}, "says who somebody is"),
        ({"outcome": "stopped", "at": "May"}, "--at 'May' is no day"),
    ],
)
def test_options_that_do_not_go_together(given: dict[str, Any], said: str) -> None:
    """Refused by `Options`, with what mends it."""
    with pytest.raises(UsageError, match=re.escape(said)):
        Options(**given)


def test_a_list_of_users_is_held_against_everybody_else(log: Path, tmp_path: Path) -> None:
    """A file of users alone: what it is called, and that it is one group, is said."""
    path = tmp_path / "early_birds.csv"
    path.write_text("\n".join(["user", *USERS[: len(USERS) // 2]]))
    _, found, cohorts = read(log, tmp_path / "o", groups=path)
    assert (cohorts.names, cohorts.by, len(cohorts.users)) == (["early birds"], "a list of users", len(USERS) // 2)
    assert any("“early birds”, held against everybody else" in note for note in found.notes)


def test_one_group_of_everybody_is_refused(log: Path, tmp_path: Path) -> None:
    """There is nobody to hold it against."""
    text = "user,group\n" + "".join(f"{u},a\n" for u in [*USERS, LATE])
    with pytest.raises(InputError, match="all users are in one"):
        read(log, tmp_path / "o", groups=listed(tmp_path, text))
    assert issubclass(InputError, PersonaAgentError)
