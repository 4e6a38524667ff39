"""Ids of users in what a person writes about a run, and in what a log says of others."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from persona_agent.batches import Batch
from persona_agent.commands.running import RunResult
from persona_agent.log.mentions import mask_others, mask_users
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.redaction import Redactor
from persona_agent.store import Store


def test_ids_of_users_are_masked_wherever_they_stand(small_run: RunResult, small_log: Path) -> None:
    """As a word, in any case, with a sentence's signs around it; nobody's id, numbers and years stay as they are."""
    one = json.loads(next(line for line in small_log.read_text().splitlines() if line.startswith('{"user"')))["user"]
    store = Store.open(small_run.out)
    for said in ("What does {} do?", "“{}” comes late.", "({}), and others", "{}'s evenings", "they like {}."):
        assert mask_users(store, said.format(one)) == (said.format("[user]"), 1)
        assert mask_users(store, said.format(one.upper()))[1] == 1
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in one)
    for other in (wide, f"{one[:2]}\u200b{one[2:]}", f"{one[:1]}\u00ad{one[1:]}"):
        assert mask_users(store, f"What does {other} do?") == ("What does [user] do?", 1)
    letters = [*one]
    parted = (
        "-".join(letters),
        f"{one[:2]}_{one[2:]}",
        f"({one[:-1]}/{one[-1:]})",
        f"\u00bb{one[:3]}\u00b7{one[3:]}\u00ab",
    )
    for other in (
        *parted,
        f"\u0441/{one[:3]}~{one[3:]}",
        f"{one[:-1]}\\x{ord(one[-1]):02x}",
        f"\\u{{{ord(one[0]):x}}}{one[1:]}",
    ):
        masked, n = mask_users(store, f"What does {other} do?")
        assert n == 1 and "[user]" in masked
        assert not {*re.findall(r"\w+", one)} & {*re.findall(r"\w+", masked)}
    for said in ("Who came 12 times in 2024?", f"Who is x{one}y?", "", "a b c", "2024-03-31", "who-comes/late"):
        assert mask_users(store, said) == (said, 0)


def test_ids_of_other_users_in_a_log_are_masked() -> None:
    """In acts, things and texts, in any case, as words of their own; numbers, short ids, parts of words and words without a digit
    stay, whoever is called so.
    """
    said = [
        ("visit acct0008x", "profile of ACCT0008X", "@acct0008x's friend, acct0008x."),
        ("visit", "100234", "order u7 of anneliese"),
        ("visit xacct0008x", None, None),
    ]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE staging (action VARCHAR, object VARCHAR, text VARCHAR)")
        connection.executemany("INSERT INTO staging VALUES (?, ?, ?)", said)
        assert mask_others(connection, ["acct0008x", "100234", "u7", "anneliese"]) == {"user": 3}
        masked = ("visit [user]", "profile of [user]", "@[user]'s friend, [user].")
        assert connection.execute("FROM staging").fetchall() == [masked, *said[1:]]


@pytest.mark.parametrize(
    "spelt",
    ["maria%2Ek003", "maria%252Ek003", "maria\\u002ek003", "maria&#46;k003", "maria&#x2E;k003", "m%61ria.k00%33"],
)
def test_an_id_in_escapes_is_masked_in_a_log(spelt: str) -> None:
    """A reader of a page, or its browser, reads the escape; a text with escapes and no id stays as it is."""
    said = [(f"Re: {spelt}", f"by maria.k003, {spelt}", "tea%20cup 100%25 &amp; caf\\u00e9 24")]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE staging (action VARCHAR, object VARCHAR, text VARCHAR)")
        connection.executemany("INSERT INTO staging VALUES (?, ?, ?)", said)
        mask_others(connection, ["maria.k003", "maria.k004"])
        assert connection.execute("FROM staging").fetchall() == [("Re: [user]", "by [user], [user]", said[0][2])]


@pytest.mark.parametrize("spelt", ["maria%2Ek003", "maria\\u002ek003", "maria&#46;k003"])
def test_an_own_id_in_escapes_is_masked(spelt: str) -> None:
    """In a further column as well, where only a user's own id is masked; another user's text is not taken for it."""
    redactor = Redactor(key=b"k" * 32)
    given = Batch(user=["other.k009", "maria.k003"], action=["see", "see"], properties=[{"ref": f"of {spelt}"}] * 2)
    blank = {name: [""] * 2 for name in ("object", "text")} | {name: [None] * 2 for name in ("session", "account")}
    batch = redactor.redact(replace(given, **blank))
    assert batch.properties == [{"ref": f"of {spelt}"}, {"ref": "of [user]"}]


def test_amounts_are_no_ids(tmp_path: Path) -> None:
    """Where ids are plain numbers, those of amounts and of what is known to be counted stay as they are written."""
    path = tmp_path / "log.jsonl"
    with path.open("w") as file:
        for user in (406, 480, 512, 2406):
            for i in range(3):
                row = {
                    "user": str(user),
                    "timestamp": f"2024-03-0{1 + i}T10:00:00Z",
                    "action": "buy",
                    "object": f"o{i}",
                }
                file.write(json.dumps(row) + "\n")
    store = Store.create(tmp_path / "out")
    options = Options(inputs=(str(path),), out=tmp_path / "out", workers=1)
    read_log(find_log(options), options, store, Silent())
    said = "2,406 spend £480 or $512, 480 of them 406 % more; user 406 and no. 2406 do not."
    told = "2,406 spend £480 or $512, 480 of them 406 % more; user [user] and no. [user] do not."
    assert mask_users(store, said, [480]) == (told, 2)
    assert mask_users(store, "480 of them")[0] == "[user] of them"
