"""Ids of users in what a person writes about a run, and in what a log says of others."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb

from persona_agent.commands.running import RunResult
from persona_agent.log.mentions import mask_others, mask_users
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
