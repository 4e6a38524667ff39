"""Who asks of a group hears of nobody, of one and of four in it the same, whatever is counted, on either side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import persona_agent as pa

from .refereed import OPTIONS

USERS, GROUP, DOERS = 120, 60, range(5)
GROUPS = {"Ours": [f"u{i}" for i in range(GROUP)], "Theirs": [f"u{i}" for i in range(GROUP, USERS)]}
SHARES: list[list[dict[str, Any]]] = [[{"field": "action", "op": "is", "value": ["share"]}]]
OFTEN = {"name": "n_events", "op": "at_least", "value": 1}
MORE = {"says": {"comparator": "more_than_others"}, "versus": "matched"}
OF_BASE = {"where": SHARES[0], "feature": OFTEN}
TREND = {"unit": "sessions", "statistic": "trend", "steps": SHARES}
ASKED: list[dict[str, Any]] = [
    {**TREND, **MORE},
    {**TREND, "unit": "users", **MORE},
    {**TREND, "says": {"comparator": "at_least", "value": 0.1}},
    {"unit": "users", "statistic": "share", **OF_BASE, "says": {"quantifier": "few"}},
    {"unit": "users", "statistic": "share", **OF_BASE, **MORE},
    {"unit": "sessions", "statistic": "share", "where": SHARES[0], "steps": SHARES, "says": {"quantifier": "often"}},
    {"unit": "users", "statistic": "sum", "of": "properties.spent", "steps": SHARES, **MORE},
    {"unit": "events", "statistic": "median", "of": "properties.spent", "steps": SHARES, **MORE},
]


def write_world(path: Path, doers: int) -> str:
    """Two groups of sixty users with eight visits: the first `doers` of one share in half of theirs, seven of the other once."""
    rows = []
    for user in range(USERS):
        for visit in range(8):
            shares = (user < doers and visit % 2 == 0) or (GROUP <= user < GROUP + 7 and visit == 0)
            for line, act in enumerate(("look", "read" if user < GROUP else "buy", "share" if shares else "sort")):
                at = f"2024-03-{1 + 3 * visit:02d}T{8 + user // 60:02d}:{user % 60:02d}:{line:02d}Z"
                row = {"user": f"u{user}", "timestamp": at, "action": act, "object": f"t{(user + line) % 5}"}
                rows.append(json.dumps(row | {"spent": 3 + user % 4}))
    path.write_text("\n".join(rows))
    return str(path)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    folder = tmp_path_factory.mktemp("doers")
    return {k: write_world(folder / f"{k}.jsonl", k) for k in DOERS}


def audited(log: str) -> Any:
    """What an audit says of either group; of whom else lines are cited goes with who they are, not with how many."""
    said = [{"text": f"t{i}", "measure": measure} for i, measure in enumerate(ASKED)]
    text = json.dumps({"personas": [{"name": name, "statements": said} for name in GROUPS]})
    made = pa.audit(text, log, groups=GROUPS, **OPTIONS).model_dump(mode="json", include={"personas", "outcomes"})
    for statement in (s for p in made["personas"] for s in p["statements"]):
        statement.pop("lines")
        if statement["counter"]:
            statement["counter"].pop("lines")
    return made


def test_an_audit_tells_nobody_from_one_or_four(logs: dict[int, str]) -> None:
    """Verdicts, reasons, figures, and the case against with the users that it is among, are the same for none to four doers."""
    found = [audited(logs[k]) for k in DOERS]
    assert all(f == found[0] for f in found)


def test_no_case_against_is_among_fewer_than_five(logs: dict[int, str]) -> None:
    """Of four whose share changed there is no case against; of more it is told in fives."""
    counters = [s["counter"] for p in audited(logs[4])["personas"] for s in p["statements"]]
    among = {int(c["says"].split(" of ")[-1].split(" ")[0]) for c in counters if c}
    assert among and all(n and n % 5 == 0 for n in among)


@pytest.mark.parametrize("asked", range(len(ASKED)))
def test_a_measure_of_ones_own_log_has_no_figure_of_a_few(logs: dict[int, str], asked: int) -> None:
    """`pa.evaluate`: of a base of fewer than five users there is no value, no number and no word that tells nobody from four."""
    of_base = {k: pa.evaluate(logs[k], ASKED[asked], groups=GROUPS)["Ours"] for k in (0, 1, 4)}
    if asked < 3 or ASKED[asked]["statistic"] == "sum":  # of all sixty: exact, but for the case against
        assert all("4 of" not in e.says_against and "1 of" not in e.says_against for e in of_base.values())
        return
    told = {(e.value, e.n, e.matched, e.raw, e.label, e.reason, e.says_against, *e.lines) for e in of_base.values()}
    assert len(told) == 1


def test_one_other_user_has_no_figure(logs: dict[int, str]) -> None:
    """Where all but one are the group, whether that one did it is told by no figure of others."""
    measure = {"unit": "users", "statistic": "share", "steps": SHARES, **MORE}
    told = set()
    for target in (0, 9):
        rest = [f"u{i}" for i in range(USERS) if i != target]
        found = pa.evaluate(logs[1], measure, groups={"Rest": rest})["Rest"]
        assert (found.matched, found.raw) == (None, None)
        told.add(found.reason)
    assert told == {"fewer than five others, 5 are needed"}
