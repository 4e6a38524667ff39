"""`audit` from a file of statements to its verdicts, on the recorded critic of the suite's arm B."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from evals.critics import stranger
from evals.suite import Fixtures
from persona_agent.cli import status
from persona_agent.options import DEFAULT_MIN_CLAIM_USERS

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Fixtures(ROOT / "fixtures")
LOG = "library"


@pytest.fixture(scope="module")
def planted() -> dict[str, Any]:
    return stranger.cases_of(LOG)


@pytest.fixture(scope="module")
def audited(planted: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The folder of an audit made on the command line, and how it ended."""
    folder = tmp_path_factory.mktemp("audit")
    told = [
        {"name": p["name"], "users": p["users"], "statements": [s["text"] for s in p["statements"]]}
        for p in planted["personas"]
    ]
    (folder / "personas.json").write_text(json.dumps({"personas": told}))
    recording = ROOT / "fixtures" / "evals" / "audit" / LOG
    arguments = [str(folder / "personas.json"), FIXTURES.log(planted["log"]), "-o", str(folder / "out")]
    return folder / "out", status(["referee", "--document", *arguments, "--replay", str(recording)])


@pytest.fixture(scope="module")
def statements(audited: tuple[Path, int], planted: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each planted statement with what the audit made of it."""
    made = json.loads((audited[0] / "audit.json").read_text())
    return [
        (case, said)
        for p, q in zip(planted["personas"], made["personas"], strict=True)
        for case, said in zip(p["statements"], q["statements"], strict=True)
    ]


def test_it_ends_with_one_where_a_statement_is_wrong(audited: tuple[Path, int]) -> None:
    """The exit status is 1."""
    assert audited[1] == 1


def test_every_statement_is_there_with_its_words(statements: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Each statement is in audit.json in its own words, and all outcomes but errors occur."""
    assert all(case["text"] == said["text"] for case, said in statements)
    assert {said["outcome"] for _, said in statements} == {
        "supported", "contradicted", "artefact", "cannot_tell", "not_testable",
    }  # fmt: skip


def test_what_was_planted_is_told_from_what_is_true(
    statements: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    """True statements are supported and planted ones are not, in over 90 %; no statement about who people are is supported."""
    scored = [(c, s) for c, s in statements if "void" not in c]
    right = [(s["outcome"] == "supported") == (c["kind"] in stranger.CONTROLS) for c, s in scored]
    assert sum(right) / len(right) > 0.9
    who = [s["outcome"] for c, s in scored if c["kind"] == "7"]
    assert who
    assert "supported" not in who


def test_supported_statements_have_lines_and_the_page_shows_them(
    audited: tuple[Path, int], statements: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    """A supported statement has lines, unless hardly anybody does it (nobody, or fewer than claims may be about); the page names
    all four outcomes.
    """
    shown = (audited[0] / "audit.md").read_text()
    for case, said in statements:
        if said["outcome"] == "supported":
            few = all(part["result"]["value"] == 0 or part["result"].get("bound") == "under" for part in said["parts"])
            assert said["lines"] or few, case["text"]
    assert all(words in shown for words in ("supported", "contradicted", "an artefact", "not testable"))


def ever_did(m: dict[str, Any] | None) -> bool:
    """A share of users who did one named thing at least once."""
    if m is None or m["unit"] != "users" or m["statistic"] != "share" or m["feature"] or m["absent"] or m["where"]:
        return False
    plain = all(c["op"] == "is" and c["field"] in ("action", "object") for c in m["steps"][0]) if m["steps"] else False
    return plain and len(m["steps"]) == 1 and m["at_least"] == 1


def test_shares_are_those_of_a_count_of_ones_own(
    statements: list[tuple[dict[str, Any], dict[str, Any]]], planted: dict[str, Any]
) -> None:
    """Shares of users who ever did a thing are, to whole per cent, those counted in the log's lines, for more than 30 parts; of
    fewer than five users, who did or who did not, it is said that they are fewer.
    """
    with gzip.open(FIXTURES.log(planted["log"]), "rt") as file:
        events = [json.loads(line) for line in file if line.startswith('{"user"') and line.endswith("}\n")]
    users = {s["id"]: set(p["users"]) for p in planted["personas"] for s in p["statements"]}
    counted = 0
    for case, said in statements:
        for part in said["parts"]:
            if part["result"]["value"] is None or not ever_did(part["measure"]):
                continue
            wanted = {c["field"]: {str(v).lower() for v in c["value"]} for c in part["measure"]["steps"][0]}
            did = {e["user"] for e in events if all(str(e.get(k)).lower() in v for k, v in wanted.items())}
            mine = users[case["id"]]
            few = {"under": did & mine, "over": mine - did}.get(part["result"].get("bound", ""))
            if few is not None:
                assert len(few) < DEFAULT_MIN_CLAIM_USERS, case["text"]
            else:
                assert part["result"]["value"] == pytest.approx(len(did & mine) / len(mine), abs=0.0051), case["text"]
            counted += 1
    assert counted > 30
