"""What a finished run tells whom: lowered floors first, exact figures in private files, of given groups the log's users alone."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.ids import user_hash
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store
from tests.conftest import SMALL_OPTIONS

# PRIVACY.md names these; tables and arrays hold users and lines.
EXACT = {"run.json", "users.parquet", "dossiers.json", "briefing.json", "codebook.yaml"}
LOWERED = "Protection lowered"


def records(log: Path) -> list[dict[str, Any]]:
    lines = log.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith('{"user": "c') and line.endswith("}")]


def as_log(rows: list[dict[str, Any]], to: Path) -> Path:
    to.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return to


def test_lowered_protections_are_said_first(small_log: Path, tmp_path: Path) -> None:
    """A floor of eight and kept topics are said on the first page, before anything else that speaks for caution and before the
    cards, on each page and in what is printed; the topic's lines are there, and without the option they are not.
    """
    rows = [{**row, "object": "insulin pump"} if i % 9 == 0 else row for i, row in enumerate(records(small_log))]
    log = str(as_log(rows, tmp_path / "log.jsonl"))
    kept = commands.run(Options(inputs=(log,), out=tmp_path / "kept", keep="sensitive", **SMALL_OPTIONS), Silent())
    plain = commands.run(Options(inputs=(log,), out=tmp_path / "plain", **SMALL_OPTIONS), Silent())
    for run, sensitive in ((kept, True), (plain, False)):
        html, markdown = ((run.out / name).read_text(encoding="utf-8") for name in ("report.html", "personas.md"))
        html = re.sub(r"<style.*?</style>|<script.*?</script>", "", html, flags=re.DOTALL)
        for page, before, cards in (
            (html, '<section class="flags"', "<article"),
            (markdown, "**What this does not support**", "\n## "),
            (run.text(), "\n! ", "\nVerified"),
        ):
            first = page.index(LOWERED)
            between = re.sub(r"<[^>]*>|What this does not support|[*!\s-]", "", page[page.index(before) : first])
            assert between == "", "another caution comes first"
            assert first < page.find(cards) or cards == "\nVerified"
            assert ("faith" in page[first : first + 600]) == sensitive
        said = run.personas.provenance.lowered
        assert any("8 users" in text for text in said)
        assert len(said) == 1 + sensitive
        count = f"SELECT count(*) FROM '{run.out}/events.parquet' WHERE object = 'insulin pump'"
        assert (duckdb.sql(count).fetchall()[0][0] > 100) == sensitive


def test_exact_numbers_of_users_stand_in_private_files_alone(small_log: Path, tmp_path: Path) -> None:
    """119 users: the number stands in run.json and in no file that is for reading, nor do the exact sizes of groups."""
    gone = records(small_log)[0]["user"]
    log = as_log([row for row in records(small_log) if row["user"] != gone], tmp_path / "log.jsonl")
    made = commands.run(Options(inputs=(str(log),), out=tmp_path / "out", **SMALL_OPTIONS), Silent())
    assert made.run["counts"]["users"] == 119
    label = Store.open(made.out).read_arrays("groups.npz")["label"]
    sizes = [n for n in np.bincount(label[label >= 0]).tolist() if n % 5]
    exact = {str(n) for n in (119, *sizes)}
    texts = {
        p.name: p.read_text(encoding="utf-8")
        for p in made.out.iterdir()
        if p.suffix in (".json", ".md", ".html", ".yaml")
    }
    assert {"personas.json", "personas.md", "report.html", "codebook.yaml", "findings.json"} <= texts.keys()
    for name in texts.keys() - EXACT:
        told = re.findall(r"(?<![\w.#:-])(\d+)(?= (?:users|members|of them)\b)|\"users\": (\d+)", texts[name])
        assert not exact & {a or b for a, b in told}, name
    assert made.out.stat().st_mode & 0o077 == 0


def test_of_given_groups_only_the_logs_users_are_kept(small_log: Path, tmp_path: Path) -> None:
    """Who is not in the log, and what else stands in the table, is in no file of the run; ids are keyed hashes."""
    users = sorted({row["user"] for row in records(small_log)})
    rows = [f"{user},{'early' if i % 2 else 'late'},+49 30 {i:06d},secret note {i}" for i, user in enumerate(users)]
    rows += [f"stranger-{i},late,+49 40 {i:06d},hidden note" for i in range(30)]
    groups = tmp_path / "groups.csv"
    groups.write_text("\n".join(["user,segment,telephone,remark", *rows]) + "\n", encoding="utf-8")
    options = Options(
        inputs=(str(small_log),), out=tmp_path / "out", groups=groups, min_users=8, value="properties.spent"
    )
    made = commands.run(options, Silent())
    store = Store.open(made.out)
    kept = {str(u) for u in store.read_arrays("given.npz")["users"].tolist()}
    assert kept == {user_hash(store.key(), user) for user in users}
    held = b"".join(path.read_bytes() for path in made.out.iterdir() if path.is_file())
    for path in made.out.glob("*.npz"):
        with np.load(path, allow_pickle=False) as arrays:
            held += b" ".join(str(arrays[name].tolist()).encode() for name in arrays.files)
    for word in ("stranger-", "secret note", "hidden note", "+49", "remark", *users):
        assert word.encode() not in held, word


def test_a_column_in_which_acts_differ_is_told_here_and_not_of_a_few(
    small_run: RunResult, small_log: Path, tmp_path: Path
) -> None:
    """Of a brand that two groups choose apart cards tell where no prompt leaves this machine; the brand of four users is on no
    page, and a column of who people are on none either, however well it tells the groups apart.
    """
    rng, nth, key = random.Random(1), dict[str, int](), Store.open(small_run.out).key()
    sql = f"SELECT user FROM '{small_run.out}/users.parquet' WHERE persona_id = 'p1'"
    members = {user for (user,) in duckdb.sql(sql).fetchall()}
    rows = []
    for i, row in enumerate(records(small_log)):
        first = user_hash(key, row["user"]) in members
        few = nth.setdefault(row["user"], len(nth)) < 4 and i % 3 > 0
        weights = [0.9, 0.1] if first else [0.1, 0.9]
        brand = "Zwick" if few else rng.choices(["Acme", "Borel"], weights)[0]
        rows.append({**row, "brand": brand, "gender": "femalex" if first else "malex"})
    log = as_log(rows, tmp_path / "log.jsonl")
    made = commands.run(Options(inputs=(str(log),), out=tmp_path / "out", **SMALL_OPTIONS), Silent())
    pages = "".join((made.out / n).read_text(encoding="utf-8") for n in ("personas.json", "personas.md", "report.html"))
    assert "Acme" in pages or "Borel" in pages
    assert not [word for word in ("Zwick", "femalex", "malex") if word in pages]


def test_facts_answer_what_an_assessment_asks(written: Path) -> None:
    """Purpose, columns kept and dropped, what was masked, floors, where the key is, how long it is kept, and which host got how
    much: of a run that a model wrote, as the run itself has them.
    """
    told = commands.facts(written).as_json()
    run = json.loads((written / "run.json").read_text())
    calls = commands.egress(written).calls
    assert calls
    assert told["hosts"] == [
        {
            "host": calls[0]["host"],
            "for": calls[0]["server"],
            "calls": len(calls),
            "bytes": sum(c["bytes"] for c in calls),
        }
    ]
    assert told["purpose"].startswith("not given")
    assert {"portions", "spent"} <= set(told["columns kept"])
    assert told["columns dropped, as they say who somebody is"] == run["facts"]["read"]["withheld"]
    assert told["identifiers masked"] == run["facts"]["read"]["redacted"]
    floors = told["floors, in users"]
    assert (floors["a card"], floors["a claim"], floors["a text that a model sees"]) == (8, 5, 3)
    assert "until you delete" in told["kept"]
    assert "in this folder" in told["key of the user hashes"]


def test_what_one_user_lost_is_no_number(small_log: Path, tmp_path: Path) -> None:
    """One user opted out, one has seven lines on a topic that is set aside, one three broken ones: no page and no published count
    says how many, and a run without the seven lines says the same.
    """
    rows = records(small_log)
    gone = rows[0]["user"]
    (tmp_path / "gone.txt").write_text(f"{gone}\n")
    left_out = sum(row["user"] == gone for row in rows)
    user, at = rows[-1]["user"], "2024-05-02T10:00:0"
    topic = [{**rows[-1], "timestamp": f"{at}{i}Z", "action": "search", "object": "hiv clinic"} for i in range(7)]
    told = []
    for name, more in (("with", topic), ("without", [])):
        log = as_log([*rows, *more], tmp_path / f"{name}.jsonl")
        with log.open("a", encoding="utf-8") as file:
            file.writelines(f'{{"user": "{user}", broken {i}\n' for i in range(3))
        out = tmp_path / name
        options = Options(inputs=(str(log),), out=out, opt_out=tmp_path / "gone.txt", **SMALL_OPTIONS)
        made = commands.run(options, Silent())
        shared = tmp_path / f"{name}.html"
        commands.export(out, share=shared)
        counts = made.personas.counts
        assert made.run["counts"]["set_aside"] == left_out + len(more)
        pages = [shared, *(out / page for page in ("personas.md", "report.html", "personas.json"))]
        texts = [re.findall(r"[^.\n<>\"]*\brecords? w[^.\n<>\"]*", path.read_text(encoding="utf-8")) for path in pages]
        said = {text.strip() for found in texts for text in found if "set aside" in text or "rejected" in text}
        assert said, "nothing is said of it at all"
        assert not [text for text in said if re.search(rf"\b(?:3|7|{left_out}|{left_out + 7})\b", text)], said
        told.append((said, counts["rejected"], counts["set_aside"]))
    assert told[0] == told[1]
