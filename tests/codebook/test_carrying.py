"""What a person had said of a codebook, after somebody was forgotten."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from persona_agent import commands
from persona_agent.codebook import CODEBOOK, Codebook, DescribedAct, DescribedField, Zone
from persona_agent.codebook.carrying import carry_over
from persona_agent.commands.running import RunResult
from persona_agent.progress import Silent
from persona_agent.schema.nouns import Noun, Nouns
from persona_agent.store import Store

BEFORE = Codebook(
    zone=Zone(name="UTC", confirmed=False),
    acts={
        "view": DescribedAct(name="view", users=9),
        "seen": DescribedAct(name="seen", doer="system", follows="rare", users=9),
        "rare": DescribedAct(name="rare", users=5),
    },
    fields={"aisle": DescribedField(name="aisle", use="category"), "price": DescribedField(name="price")},
    categories=["aisle"],
    places=["aisle"],
    artefacts={"unknown": "it spreads 90 times", "nobody's": "it spreads 80 times"},
)
AFTER = BEFORE.model_copy(
    update={
        "acts": {"View": DescribedAct(name="view", users=8), "seen": DescribedAct(name="seen", users=8)},
        "fields": {"aisle": BEFORE.fields["aisle"]},
        "artefacts": {"unknown": "it spreads 40 times"},
    }
)


def test_what_nobody_changed_is_as_proposed_now() -> None:
    """Without edits the new proposal stands, artefacts and side effects that are no longer proposed are gone."""
    assert carry_over(BEFORE, BEFORE, AFTER, {"unknown", "nobody's"}) == AFTER


def test_what_a_person_said_stays_where_its_thing_does() -> None:
    """A name follows the act however it is now spelled; of what few users now share nothing is left."""
    said = BEFORE.model_copy(
        update={
            "about": "a shop",
            "zone": Zone(name="Asia/Tokyo", confirmed=True),
            "nouns": Nouns(people=Noun(one="reader", many="readers")),
            "acts": {
                "view": DescribedAct(name="looked"),
                "seen": DescribedAct(name="seen", doer="product", follows="view"),
                "rare": DescribedAct(name="quokka"),
            },
            "fields": {
                "aisle": DescribedField(name="aisle", use="field", repeats="price"),
                "price": DescribedField(name="wombat"),
            },
            "categories": ["price", "aisle"],
            "places": [],
            "artefacts": {"unknown": "a till's default", "few": "theirs"},
        }
    )
    made = carry_over(BEFORE, said, AFTER, {"unknown"})
    assert (made.about, made.zone, made.nouns) == ("a shop", said.zone, said.nouns)
    assert made.acts == {
        "View": DescribedAct(name="looked", users=8),
        "seen": DescribedAct(name="seen", doer="product", follows="View", users=8),
    }
    assert made.fields == {"aisle": DescribedField(name="aisle", use="field", repeats=None)}
    assert (made.categories, made.places) == (["aisle"], [])
    assert made.artefacts == {"unknown": "a till's default"}


def test_forget_counts_the_codebook_again(small_run: RunResult, tmp_path: Path) -> None:
    """The counts of the file are those of the events that are left; where somebody had edited it, the edits stay."""
    user, before = known_user(small_run), counts((small_run.out / CODEBOOK).read_text())
    for edited in (False, True):
        out = shutil.copytree(small_run.out, tmp_path / str(edited))
        path = out / CODEBOOK
        if edited:
            path.write_text(path.read_text().replace("about: null", "about: A kitchen"))
        commands.forget(user, [out], Silent())
        text = path.read_text()
        assert sorted(counts(text)) == sorted(
            duckdb.sql(
                f"""SELECT count(*), count(DISTINCT user) FROM '{out}/events.parquet' GROUP BY lower(action)
                    HAVING count(DISTINCT user) >= 5"""
            ).fetchall()
        )
        assert sum(n for n, _ in counts(text)) < sum(n for n, _ in before)
        shares = {p["id"]: p["size"] for p in json.loads((out / "personas.json").read_text())["personas"]}
        for persona, users, events in duckdb.sql(
            f"""SELECT persona_id, count(DISTINCT user) / (SELECT count(DISTINCT user) FROM '{out}/events.parquet'),
                       count(*) / (SELECT count(*) FROM '{out}/events.parquet')
                FROM '{out}/events.parquet' JOIN '{out}/users.parquet' USING (user) WHERE persona_id IS NOT NULL GROUP BY 1"""
        ).fetchall():
            assert shares[persona]["share_users"] == pytest.approx(users, abs=0.006)
            assert shares[persona]["share_activity"] == pytest.approx(events, abs=0.006)
        assert ("about: A kitchen" in text) == edited
        facts = Store(out).read_json("run.json")["facts"]["name"]
        assert (facts["names"]["acts"], facts["names"]["fields"]) == ({}, {})
        assert facts["book"]["about"] is None


def counts(text: str) -> list[tuple[int, int]]:
    """Events and users of each act, as a codebook's comments tell them."""
    found = re.findall(r"# ([\d,]+) events of ([\d,]+) users", text)
    return [(int(n.replace(",", "")), int(users.replace(",", ""))) for n, users in found]


def known_user(run: RunResult) -> str:
    """The raw id of a user whom the run knows."""
    log = Path(run.run["paths"][0])
    rows = []
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return str(next(row["user"] for row in rows if isinstance(row, dict) and row.get("user")))
