"""Accounts as the unit: groups of accounts, floors for accounts and persons alike, sessions and forgetting a person's."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.errors import InputError, UsageError
from persona_agent.evidence.corpus import People
from persona_agent.evidence.loading import open_corpus
from persona_agent.groups.gathering import find_memories
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report import CitedLine, personas_markdown, show_persona, shown_in_nouns
from persona_agent.schema.nouns import ACCOUNT, Nouns
from persona_agent.store import Store
from persona_agent.words.its_nouns import said, shielded
from persona_agent.words.wording import percent
from persona_agent.write.beforehand import above_floor
from persona_agent.write.vocabulary import vocabulary_of

from .conftest import SMALL_OPTIONS

ACCOUNTS: dict[str, Any] = {"mapping": {"account": "company", "user": "user"}, "unit": "account"}


@pytest.fixture(scope="module")
def companies_log(small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small log in which each user is a company of two persons, who take turns by the minute."""
    path = tmp_path_factory.mktemp("companies") / "companies.jsonl"
    rows = []
    for line in small_log.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and type(row.get("timestamp")) is str and row.get("user") and row.get("action"):
            person = (
                f"{row['user']}-{row['timestamp'][15:16]}" if row["timestamp"][15:16] in "01" else f"{row['user']}-2"
            )
            rows.append({**row, "user": person, "company": f"Firm {row['user']}"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def companies_run(companies_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A run by accounts on that log."""
    out = tmp_path_factory.mktemp("accounts") / "out"
    return commands.run(Options(inputs=(str(companies_log),), out=out, **SMALL_OPTIONS, **ACCOUNTS), Silent())


def read(path: Path, out: Path, **more: Any) -> list[tuple[Any, ...]]:
    options = Options(inputs=(str(path),), workers=1, **more)
    read_log(find_log(options), options, Store.create(out), Silent())
    return duckdb.sql(f"SELECT line, user, person, session FROM '{out}/events.parquet' ORDER BY line").fetchall()


def write(path: Path, rows: list[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def at(minute: int) -> str:
    return f"2025-01-01T10:{minute:02}:00Z"


def test_cards_are_of_accounts_and_name_the_persons(companies_run: RunResult) -> None:
    """Sizes count companies, with persons beside them; texts say accounts; claims hold when counted again."""
    found = companies_run.personas
    assert (found.unit, found.counts["users"]) == ("account", 120)
    assert found.counts["persons"] > 100
    shown = [p for p in found.personas if p.status != "withheld"]
    assert sum(p.size.users for p in shown) <= 120
    assert abs(sum(p.size.persons or 0 for p in shown) - found.counts["persons"]) <= 5 * len(shown)  # told in fives
    card = shown_in_nouns(found.nouns, show_persona, shown[0], 80)
    of = percent(shown[0].size.share_users)
    assert f"{shown[0].size.users} accounts ({of}) · {shown[0].size.persons} persons" in card
    assert f"120 accounts with {found.counts['persons']} persons" in companies_run.text().replace("\n", " ")
    assert commands.check(companies_run.out, None, [], Silent(), 1).failures == []


def test_no_page_speaks_of_users(companies_run: RunResult) -> None:
    """But for names of the program's options and files."""
    out = companies_run.out
    page = re.sub(
        r"<(script|style).*?</\1>|<[^>]*>", " ", (out / "report.html").read_text(encoding="utf-8"), flags=re.S
    )
    for text in (companies_run.text(), (out / "personas.md").read_text(encoding="utf-8"), page):
        assert re.findall(r".{20}\b[Uu]sers?\b.{20}", text) == []
    words = [
        v for p in companies_run.personas.personas for c in p.claims for v in (c.text, c.counter and c.counter.says)
    ]
    assert not any(re.search(r"\busers?\b", text) for text in words if text)


def test_sessions_are_a_persons(tmp_path: Path) -> None:
    """Two persons of one account who share a session id, or have none, are in sessions of their own."""
    rows = [
        {"user": user, "company": "a", "timestamp": at(minute), "action": "see", **({"session": "s"} if given else {})}
        for given in (True, False)
        for minute, user in enumerate(["p", "q", "p", "q"], start=1 if given else 31)
    ]
    found = read(write(tmp_path / "log.jsonl", rows), tmp_path / "out", mapping={"account": "company"}, unit="account")
    assert len({account for _, account, _, _ in found}) == 1
    assert len({session for *_, session in found}) == 4
    assert all(len({p for _, _, p, s in found if s == session}) == 1 for *_, session in found)


def test_a_person_is_forgotten_and_the_account_stays(
    companies_log: Path, companies_run: RunResult, tmp_path: Path
) -> None:
    """Lines and memories of that person go, those of the other stay; read again, the person stays out."""
    out = shutil.copytree(companies_run.out, tmp_path / "out")
    made = companies_run
    rows = [json.loads(line) for line in companies_log.read_text(encoding="utf-8").splitlines()]
    person = rows[0]["user"]
    company = rows[0]["company"]
    assert any(r["user"] != person for r in rows if r["company"] == company)
    gone = commands.forget(person, [out], Silent()).runs[str(out)]
    assert gone.lines > 0
    assert gone.memories > 0
    persons = duckdb.sql(f"SELECT count(DISTINCT person), count(DISTINCT user) FROM '{out}/events.parquet'").fetchall()[
        0
    ]
    assert persons == (made.exact.counts["persons"] - 1, 120)
    left = duckdb.sql(f"""
      SELECT count(*) FROM (SELECT unnest(lines) AS l FROM '{out}/memories.parquet') m
      ANTI JOIN '{out}/events.parquet' e ON e.file = m.l.file AND e.line = m.l.line AND e.n = m.l.n""").fetchall()[0]
    assert left == (0,)
    assert duckdb.sql(f"SELECT count(*) FROM '{out}/users.parquet'").fetchall()[0] == (120,)
    assert commands.check(out, None, [], Silent(), 1).failures == []
    with pytest.raises(UsageError, match="holds no event"):
        commands.forget(person, [out], Silent())


def test_duplicates_and_machines_are_told_by_persons(tmp_path: Path) -> None:
    """What two persons of an account do in the same second is no repeat."""
    rows = [
        {"user": user, "company": "a", "timestamp": "2025-01-01T10:00:01Z", "action": "see", "object": f"x{i}"}
        for i in range(30)
        for user in ("p", "q")
    ]
    found = read(write(tmp_path / "log.jsonl", rows), tmp_path / "out", mapping={"account": "company"}, unit="account")
    assert len(found) == len(rows)


def test_an_accounts_name_is_no_word(tmp_path: Path) -> None:
    """It is masked where it stands in a text, and a record without an account is rejected."""
    rows = [
        {"user": f"p{i}", "company": "Acme GmbH", "timestamp": at(i), "action": "open", "object": "plan of Acme GmbH"}
        for i in range(10)
    ]
    path = write(tmp_path / "log.jsonl", [*rows, {"user": "p", "timestamp": at(11), "action": "open"}])
    options = Options(inputs=(str(path),), mapping={"account": "company"}, unit="account", workers=1)
    found = read_log(find_log(options), options, Store.create(tmp_path / "out"), Silent())
    assert found.codes == {"no_account": 1}
    told = duckdb.sql(f"SELECT DISTINCT object FROM '{tmp_path}/out/events.parquet'").fetchall()
    assert told == [("plan of [account]",)]


def test_the_column_and_the_unit_go_together(tmp_path: Path) -> None:
    """Neither is taken without the other; a column that is not there is named."""
    with pytest.raises(UsageError, match="needs the column"):
        Options(unit="account")
    with pytest.raises(UsageError, match="is for a log of accounts"):
        Options(mapping={"account": "company"})
    path = write(tmp_path / "log.jsonl", [{"user": "p", "timestamp": at(1), "action": "see"}])
    with pytest.raises(InputError, match="no such column"):
        find_log(Options(inputs=(str(path),), mapping={"account": "company"}, unit="account"))


def test_a_thing_of_few_persons_is_no_thing_however_many_accounts(tmp_path: Path) -> None:
    """What one adviser opens in seven companies is in no vocabulary; what each of seven persons opens is."""
    rows = [
        {"user": user, "company": f"c{i}", "timestamp": at(i), "action": "open", "object": thing}
        for i in range(7)
        for user, thing in (("adviser", "tax file"), (f"p{i}", "plan"))
    ]
    path, out = write(tmp_path / "log.jsonl", rows), tmp_path / "out"
    options = Options(inputs=(str(path),), mapping={"account": "company"}, unit="account", workers=1)
    store = Store.create(out)
    read_log(find_log(options), options, store, Silent())
    find_memories(store, options, Silent())
    with store.connect() as connection:
        corpus = open_corpus(connection, store, options, store, [], [])
        assert vocabulary_of(corpus, options, []).objects == ["plan"]


def people(persons: list[list[int]]) -> People:
    nothing = np.zeros(len(persons), dtype=np.int64)
    return People(nothing, nothing, nothing, nothing > 0, {}, [np.array(p, dtype=np.int64) for p in persons])


@pytest.mark.parametrize(
    ("persons", "shown"),
    [
        ([[i] for i in range(25)], True),
        ([list(range(10)), list(range(10, 20)), list(range(20, 30))], False),
        ([[0]] * 25, False),
        ([[i, 99] for i in range(19)] + [[99]], True),
        ([[i % 19] for i in range(40)], False),
    ],
)
def test_floors_hold_for_accounts_and_for_persons(persons: list[list[int]], shown: bool) -> None:
    """25 accounts of one person each are shown, 30 persons in 3 accounts are not, nor one person in 25 accounts."""
    group = np.arange(len(persons))
    assert bool(above_floor([group], len(persons), 20, people(persons).heads)) is shown


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(2, 30))
def test_a_floor_of_users_is_what_it_was(sizes: list[int], floor: int) -> None:
    """Without accounts: each shown group is at the floor, and so is everybody else together, or there is nobody else."""
    edges = np.cumsum([0, *sizes])
    groups = [np.arange(a, b) for a, b in pairwise(edges)]
    shown = above_floor(groups, int(edges[-1]), floor)
    assert all(len(groups[g]) >= floor for g in shown)
    rest = int(edges[-1]) - sum(len(groups[g]) for g in shown)
    assert rest == 0 or rest >= floor or not shown


@given(st.text())
def test_users_are_called_users(text: str) -> None:
    """Without a unit of its own a text stays byte for byte what it is."""
    assert said(text, None) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Users of this log, a user's day, 3 users.", "Accounts of this log, an account's day, 3 accounts."),
        ("use “user settings” and {size.users} of users", "use “user settings” and {size.users} of accounts"),
        ("--map user=uid, user.name, user_id, superusers", "--map user=uid, user.name, user_id, superusers"),
        ('<td class="user">a user</td>', '<td class="user">an account</td>'),
        (shielded("the users page") + " of users", "the users page of accounts"),
    ],
)
def test_the_words_of_accounts(text: str, told: str) -> None:
    """The program's own word changes; quotes, slots, names, classes and guarded texts do not."""
    assert said(text, Nouns(people=ACCOUNT)) == told


def test_names_of_the_log_stay(companies_run: RunResult) -> None:
    """A label or a line of the log with the word in it is shown as it is."""
    found = companies_run.personas
    first = found.personas[0].model_copy(update={"label": "User settings"})
    named = found.model_copy(update={"personas": [first, *found.personas[1:]]})
    cited = first.claims[0].citations[0]
    line = CitedLine("u1", "2025-01-01 10:00", "invite", "new users", "")
    text = personas_markdown(named, {(cited.file, cited.line, cited.n): line})
    assert "User settings" in text
    assert "new users" in text
    assert "\ue000" not in text
