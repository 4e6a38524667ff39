"""`assign` and cohorts: the frozen model gives the run's own places, rules are SQL, and nobody is given out who may not be."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from persona_agent import commands
from persona_agent.commands.assigning import Assigned, handing_out, ruling
from persona_agent.commands.assigning.for_tools import files_of
from persona_agent.commands.assigning.placeable import placeable
from persona_agent.commands.running import RunResult
from persona_agent.errors import UsageError
from persona_agent.folders import PREFIX
from persona_agent.groups.freezing import keep_shared_names, load_frozen, save_frozen
from persona_agent.groups.rules import find_rules, taken_for
from persona_agent.ids import user_hash
from persona_agent.manifest import SEALED, file_digests, write_sealed
from persona_agent.progress import Silent
from persona_agent.seal import find_seal
from persona_agent.store import Store, write_parquet

PURPOSE = "a mail to those who may want it"


@pytest.fixture
def out(small_run: RunResult, tmp_path: Path) -> Path:
    """A copy of the finished run on the small log, to write into."""
    return shutil.copytree(small_run.out, tmp_path / "run")


@pytest.fixture(scope="module")
def whole(small_run: RunResult, small_log: Path) -> Assigned:
    """The run's own log placed again."""
    return commands.assign(small_run.out, [str(small_log)])


def persona_of(made: Assigned) -> dict[str, str | None]:
    return dict(zip(made.rows["user"].tolist(), made.rows["persona"].tolist(), strict=True))


def written(log: Path, to: Path, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Path:
    """The records of a log as another."""
    lines = [line for line in log.read_text().splitlines() if line.startswith("{") and line.endswith("}")]
    records = [json.loads(line) for line in lines if '"user"' in line]
    kept = [made for record in records if (made := change(record))]
    to.write_text("".join(json.dumps(record) + "\n" for record in kept))
    return to


def raw_ids(log: Path) -> list[str]:
    """The ids of a log."""
    lines = [line for line in log.read_text().splitlines() if line.startswith("{") and line.endswith("}")]
    return sorted({json.loads(line)["user"] for line in lines if '"user"' in line})


def test_the_same_log_gives_the_runs_own_places(small_run: RunResult, whole: Assigned) -> None:
    """Persona, certainty and scores of every user are those of users.parquet, from the log and from the run's own events."""
    table = duckdb.read_parquet(str(small_run.out / "users.parquet"))
    own = table.select("user, persona_id, memberships, profile").fetchall()
    assert persona_of(whole) == {row[0]: row[1] for row in own}
    assert whole.rows["certainty"].tolist() == [row[2][0]["weight"] for row in own]
    groups = placeable(small_run.out).groups
    for persona, group in groups.items():
        assert whole.rows[persona].tolist() == [row[3][group] for row in own]
    again = commands.assign(small_run.out)
    assert all(np.array_equal(again.rows[name], column) for name, column in whole.rows.items())


def test_users_who_came_later_are_placed_as_their_likes(small_run: RunResult, small_log: Path, tmp_path: Path) -> None:
    """The lines of known users under new ids, in a log of their own, are placed where they were, and an act that the run did
    not know is counted and said; nothing of the run has changed.
    """
    before = {p.name: p.read_bytes() for p in small_run.out.iterdir() if p.is_file()}

    def as_new(record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "user": f"new-{record['user']}", "action": record["action"].replace("sync", "teleport")}

    later = written(small_log, tmp_path / "later.jsonl", as_new)
    made = commands.assign(small_run.out, [str(later)], ids=False)
    same = [
        p == q
        for p, q in zip(persona_of(made).values(), persona_of(commands.assign(small_run.out)).values(), strict=True)
    ]
    assert np.mean(same) > 0.95
    assert "the run did not know the act" in " ".join(made.noted)
    assert {p.name: p.read_bytes() for p in small_run.out.iterdir() if p.is_file()} == before


def test_nobody_who_opted_out_or_was_forgotten_is_in_a_later_log(out: Path, small_log: Path, tmp_path: Path) -> None:
    """Who opted out of the run (in any case, and though the first log had nobody of that id), who was forgotten in it, and
    who is in a newer list is in no row, and no list has to be there any more.
    """
    ids = raw_ids(small_log)
    gone, forgotten, newer, other = ids[0], ids[1], ids[2], ids[3]
    store = Store.open(out)
    handed = sorted({user_hash(store.key(), user.casefold()) for user in (gone.upper(), "nobody-yet")})
    store.write_json(".opted_out", handed)
    store.write_json(".forgotten", [user_hash(store.key(), forgotten)])
    write_sealed(store, store.read_json("run.json"), file_digests(store, SEALED), find_seal())

    def renamed(record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "user": {other: "Nobody-Yet"}.get(record["user"], record["user"])}

    later = written(small_log, tmp_path / "later.jsonl", renamed)
    listed = tmp_path / "newer.txt"
    listed.write_text(f"{newer}\nwho-is-not-there\n")
    made = commands.assign(out, [str(later)], ids=True, purpose=PURPOSE, opt_out=listed)
    assert set(made.rows["user"].tolist()) == set(ids) - {gone, forgotten, newer, other}


def test_people_at_work_are_not_placed(out: Path) -> None:
    """In staff mode neither `assign` nor a cohort gives anybody out, and says why."""
    store = Store.open(out)
    store.write_json("personas.json", {**store.read_json("personas.json"), "staff": "the user column is a resource"})
    with pytest.raises(UsageError, match="the user column is a resource, so staff mode is on"):
        commands.assign(out)
    with pytest.raises(UsageError, match="staff mode is on"):
        commands.export_cohorts(out, "csv", out / "cohorts", purpose=PURPOSE)


def test_who_leans_is_told_to_whom(out: Path) -> None:
    """The run's own log gives the users who lean to a persona in users.parquet, and the persona; the text counts them."""
    store = Store.open(out)
    made, label = commands.assign(out), {p["id"]: p["label"] for p in store.read_json("personas.json")["personas"]}
    groups = duckdb.sql(
        f"SELECT DISTINCT persona_id, \"group\" FROM '{out}/users.parquet' WHERE persona_id IS NOT NULL"
    ).fetchall()
    persona_of = {group: persona for persona, group in groups if persona in label}
    leaning = dict(duckdb.sql(f"SELECT user, leaning FROM '{out}/users.parquet' WHERE leaning >= 0").fetchall())
    expected = {user: f"leans to {persona_of[g]}" for user, g in leaning.items() if g in persona_of}
    told = {u: w for u, w in zip(made.rows["user"], made.rows["why"], strict=True) if str(w).startswith("leans to")}
    assert told == expected
    assert (f"{len(told)} lean to one" in made.text()) == bool(told)


def test_a_group_that_is_not_shown_is_nobodys(out: Path) -> None:
    """Members of a withheld persona are told from nobody else who is not placed: the same reason, no persona, no score."""
    store = Store.open(out)
    told = store.read_json("personas.json")
    hidden = next(p for p in told["personas"] if p["id"] == "p2")
    hidden["status"] = "withheld"
    store.write_json("personas.json", told)
    made = commands.assign(out)
    assert set(made.rows) == {"user", "persona", "name", "certainty", "why", "p1"}
    without = made.rows["persona"] == None  # noqa: E711 - of each
    assert 30 < without.sum() < 60
    assert np.isnan(made.rows["p1"][without]).all()
    assert set(made.rows["why"][without].tolist()) == {"no persona is likely enough"}


def test_rules_are_sql_over_the_logs_own_columns(small_run: RunResult, small_log: Path) -> None:
    """The statement, run by duckdb on the log itself, gives the users that `assign --by rule` gives, each in its persona."""
    clean = written(small_log, small_log.with_name("clean.jsonl"), lambda record: record)
    run = placeable(small_run.out)
    book = ruling.found_rules(run, Silent())
    said = ruling.own_sql(run, book, [str(clean)])
    assert not said.why
    with duckdb.connect() as database:
        theirs = dict(database.execute(said.sql).fetchall())
    made = commands.assign(small_run.out, [str(clean)], by="rule", ids=True, purpose=PURPOSE)
    ours = persona_of(made)
    assert theirs == {user: persona for user, persona in ours.items() if user in theirs}
    assert {persona for persona in theirs.values() if persona} == {"p1", "p2"}
    assert {user for user, persona in ours.items() if persona} <= set(theirs)


def test_rules_are_tried_on_users_outside_of_the_fit() -> None:
    """A planted rule of two conditions is found in the users of the fit, whatever the others are; these alone make its
    precision and recall, to the figure.
    """
    rng = np.random.default_rng(7)
    figures = rng.random((600, 5))
    inside = (figures[:, 1] >= 0.5) & (figures[:, 3] <= 0.2)
    persona = np.where(inside, "p1", None).astype(object)
    fit = np.arange(600) < 400
    (rule,) = find_rules(figures, [True] * 5, persona, fit, ["p1"], 0)
    assert {(c.feature, c.sense, c.value) for c in rule.conditions} == {(1, ">=", 0.5), (3, "<=", 0.2)}
    assert (rule.precision, rule.recall) == (1.0, 1.0)
    swapped = np.where(fit, persona, np.where(np.arange(600) < 420, "p1", None))
    (again,) = find_rules(figures, [True] * 5, swapped, fit, ["p1"], 0)
    assert again.conditions == rule.conditions
    named = taken_for([again], figures[~fit]) == "p1"
    member = swapped[~fit] == "p1"
    assert again.precision == (named & member).sum() / named.sum()
    assert again.recall == (named & member).sum() / member.sum()


ROWS = {
    "user": np.array(["97980cfea0067", "=cmd()"], dtype=object),
    "persona": np.array(["p1", "p1"], dtype=object),
    "name": np.array(["Power Users Q3"] * 2, dtype=object),
    "certainty": np.array([0.9, 0.8]),
}


def test_cohorts_are_as_the_tools_documentation_has_them() -> None:
    """Of each tool the documented example, with our values: the same members, the same types."""
    made = {
        kind: dict(files_of(kind, ROWS, {"app_id": "849238", "owner": "admin@example.com", "token": "T"}))  # type: ignore[arg-type]
        for kind in ("amplitude", "mixpanel", "posthog", "segment", "csv")
    }
    assert json.loads(made["amplitude"]["p1.json"]) == {
        "name": "Power Users Q3", "app_id": 849238, "id_type": "BY_USER_ID", "ids": ["97980cfea0067", "=cmd()"],
        "owner": "admin@example.com", "published": True,
    }  # fmt: skip
    (update, _) = json.loads(made["mixpanel"]["mixpanel.jsonl"])
    assert (update["$token"], update["$distinct_id"], update["$set"]["Persona"]) == (
        "T",
        "97980cfea0067",
        "Power Users Q3",
    )
    assert made["posthog"]["p1.csv"].decode().splitlines() == ["distinct_id", "97980cfea0067", "'=cmd()"]
    (call, _) = json.loads(made["segment"]["segment.jsonl"])["batch"]
    assert (call["type"], call["userId"], call["traits"]["persona"]) == ("identify", "97980cfea0067", "Power Users Q3")
    assert made["csv"]["cohorts.csv"].decode().splitlines()[0] == "user,persona,name,certainty"


def test_requests_are_no_longer_than_tools_take() -> None:
    """More users than a request holds are in several, each whole."""
    n = 250_001
    many = {
        "user": np.array([f"user-{i}" for i in range(n)], dtype=object),
        "persona": np.full(n, "p1", dtype=object),
        "name": np.full(n, "Many", dtype=object),
        "certainty": np.full(n, 0.5),
    }
    bodies = [json.loads(body) for _, body in files_of("amplitude", many, {"app_id": "1", "owner": "o"})]
    assert [len(body["ids"]) for body in bodies] == [100_000, 100_000, 50_001]
    few = {name: column[:5_000] for name, column in many.items()}
    ((_, text),) = files_of("segment", few, {})
    assert all(len(line) <= 500_000 for line in text.splitlines())
    assert sum(len(json.loads(line)["batch"]) for line in text.splitlines()) == 5_000
    ((_, text),) = files_of("mixpanel", few, {"token": "T"})
    assert [len(json.loads(line)) for line in text.splitlines()] == [2_000, 2_000, 1_000]


def test_a_cohort_under_the_floor_is_not_exported(out: Path, small_log: Path, tmp_path: Path) -> None:
    """Of a later log in which a persona has fewer users than the floor, no file has any of them, and that is said; what a
    tool needs is asked for.
    """
    ids = raw_ids(small_log)
    of, key = persona_of(commands.assign(out)), Store.open(out).key()
    placed = {user: of[user_hash(key, user)] for user in ids}
    few = {*[u for u in ids if placed[u] == "p1"][:3], *[u for u in ids if placed[u] == "p2"]}
    later = written(small_log, tmp_path / "later.jsonl", lambda r: r if r["user"] in few else None)
    made = commands.export_cohorts(out, "posthog", tmp_path / "cohorts", [str(later)], purpose=PURPOSE)
    assert [file.name for file in made.files] == ["p2.csv"]
    assert "p1 was left out" in made.text()
    with pytest.raises(UsageError, match="app_id and owner"):
        commands.export_cohorts(out, "amplitude", tmp_path / "a", purpose=PURPOSE)
    with pytest.raises(UsageError, match="purpose"):
        commands.export_cohorts(out, "csv", tmp_path / "b")


def test_forget_covers_what_was_given_out(out: Path, small_log: Path, tmp_path: Path) -> None:
    """A user who is forgotten is in no file that the run gave out; a file that is gone is listed; a user of a later log
    alone, who is in such a file, can be forgotten too, and stays out.
    """
    newcomer = "only-later"
    ids = raw_ids(small_log)

    def renamed(record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "user": newcomer if record["user"] == ids[0] else record["user"]}

    later = written(small_log, tmp_path / "later.jsonl", renamed)
    table, hashed, lost = tmp_path / "users.csv", tmp_path / "users.parquet", tmp_path / "lost.csv"
    commands.assign(out, to=hashed)
    commands.assign(out, [str(later)], to=table, ids=True, purpose=f"a letter to {ids[1]}, as she asked")
    commands.assign(out, to=lost)
    lost.unlink()
    cohorts = tmp_path / "cohorts"
    commands.export_cohorts(
        out, "amplitude", cohorts, [str(later)], purpose=PURPOSE, given=["app_id=1", "owner=o@example.com"]
    )
    made = commands.forget(ids[1], [out], Silent())
    mine = user_hash(Store.open(out).key(), ids[1])
    with table.open(newline="") as file:
        assert ids[1] not in {row["user"] for row in csv.DictReader(file)}
    assert mine not in {user for (user,) in duckdb.sql(f"SELECT user FROM '{hashed}'").fetchall()}
    assert not any(ids[1] in file.read_text() for file in cohorts.glob("*.json"))
    assert ids[1] not in Path(f"{table}.purpose.json").read_text()
    assert {str(table), str(hashed)} <= set(made.given)
    assert any(str(lost) in where for where in made.unreached)
    commands.forget(newcomer, [out], Silent())
    assert newcomer not in table.read_text()
    assert newcomer not in commands.assign(out, [str(later)], ids=True, purpose=PURPOSE).rows["user"].tolist()
    assert commands.show(out).seal.standing == "verified"


def test_the_frozen_model_keeps_no_name_of_few(out: Path) -> None:
    """After somebody was forgotten, things, acts and values that fewer than five users share are not in the model by name,
    and the others are as they were.
    """
    store = Store.open(out)
    frozen = load_frozen(store)
    assert frozen is not None
    rare = {**frozen.things, "only one of them": 1}
    save_frozen(store, replace(frozen, things=rare))
    keep_shared_names(store)
    kept = load_frozen(store)
    assert kept is not None
    assert "only one of them" not in kept.things
    assert kept.things == {name: code for name, code in frozen.things.items() if name in kept.things}
    assert np.array_equal(kept.placer.model.mean, frozen.placer.model.mean)
    assert len(kept.things) > 0.9 * len(frozen.things)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+49-151", "+49-151"),
        ("-7", "-7"),
        ("@SUM(1)", "'@SUM(1)"),
        *((cell, f"'{cell}") for cell in ("+B2", "-A1-A2", "@A1", "+TRUE", "＝1+1", "\t=1", "＋B2")),
    ],
)
def test_an_id_is_itself_unless_it_is_a_formula(value: str, cell: str) -> None:
    """Ids that only begin as a formula would are as in the log; those that a spreadsheet would run are quoted."""
    text = handing_out.csv_of({"user": np.array([value], dtype=object)}).decode()
    assert next(iter(csv.DictReader(text.splitlines())))["user"] == cell


def test_an_import_of_a_tool_holds_the_id_that_it_knows() -> None:
    """Users are found by their id there, also where that begins with a sign: the file is read by no spreadsheet."""
    rows = {n: np.array([v], dtype=object) for n, v in (("user", "-A1"), ("persona", "p1"), ("name", "x"))}
    assert dict(files_of("posthog", {**rows, "certainty": np.array([1.0])}, {})) == {"p1.csv": b"distinct_id\n-A1\n"}


def test_where_one_name_is_taken_no_file_is_written(out: Path, tmp_path: Path) -> None:
    """A later file that is there already is said before the first is written, and nothing is noted."""
    cohorts = tmp_path / "cohorts"
    cohorts.mkdir()
    (cohorts / "p2.csv").touch()
    with pytest.raises(UsageError, match="there already"):
        commands.export_cohorts(out, "posthog", cohorts, purpose=PURPOSE)
    assert [f.name for f in cohorts.iterdir()] == ["p2.csv"]
    assert handing_out.given_out(Store.open(out)) == []
    with pytest.raises(UsageError, match="there already"):
        commands.export(out, share=tmp_path / "page.html", csv=cohorts / "p2.csv")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process as only some systems have them")
def test_what_a_kill_leaves_of_raw_ids_is_known_and_goes(out: Path, small_log: Path, tmp_path: Path) -> None:
    """Killed with the ids written and the file not yet there, a command leaves them under a name that the run knows: the next
    file removes it, `forget` does, and lists the file.
    """
    file, ids = tmp_path / "ids.csv", raw_ids(small_log)
    part, given = handing_out.part_of(file), handing_out.GivenOut.now(file, "users", PURPOSE, 90, ids=True)

    def killed() -> None:
        if (child := os.fork()) == 0:
            handing_out.os.link = lambda *_: os._exit(9)  # type: ignore[assignment]
            handing_out.give_files(Store.open(out), [(file, ids[0].encode())], [given], None)
        os.waitpid(child, 0)

    killed()
    assert not file.exists() and ids[0] in part.read_text()
    assert Path(f"{file}.purpose.json").is_file()
    assert given in handing_out.given_out(Store.open(out))
    commands.assign(out, to=tmp_path / "next.csv")
    assert not part.exists()
    killed()
    made = commands.forget(ids[1], [out], Silent())
    assert not part.exists()
    assert any(str(file) in where for where in made.unreached)


def test_a_parquet_file_is_made_where_what_a_kill_leaves_is_swept(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file of ids lies in a temporary folder of this process, not beside the one that is asked for."""
    places = []

    def noted(connection: Any, path: Path, *more: Any) -> Path:
        places.append(path)
        return write_parquet(connection, path, *more)

    monkeypatch.setattr(handing_out, "write_parquet", noted)
    commands.assign(out, to=tmp_path / "users.parquet")
    assert [p.parent.name.startswith(PREFIX) for p in places] == [True]
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
