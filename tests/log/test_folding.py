"""Names of acts: ids in them are folded, and what only looks like one stays."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

ACTS = ("view_page", "rate_page", "share", "report_error")
PAGES = ("red fox", "grey owl", "old oak", "tall reed", "wild goose", "stag beetle", "barn swallow", "brown hare",
         "river trout", "wood ant", "marsh frog", "lynx")  # fmt: skip


def read(tmp_path: Path, names: Iterable[str], objects: str = "") -> tuple[dict[str, set[str]], list[str]]:
    """Acts with their objects, and notes, of a log of 60 users in which one name follows the other."""
    with (tmp_path / "a.csv").open("w", newline="") as file:
        rows = (
            (f"u{i * 7 % 60}", f"2024-03-{1 + i % 28:02}T10:{i % 60:02}:{i % 59:02}Z", n, objects)
            for i, n in enumerate(names)
        )
        csv.writer(file).writerows([("user_id", "timestamp", "action", "object"), *rows])
    options = Options(inputs=(str(tmp_path / "a.csv"),), out=tmp_path / "out")
    store = Store.create(options.out)
    found = read_log(find_log(options), options, store, Silent())
    rows = duckdb.sql(f"SELECT DISTINCT action, object FROM '{store.path('events.parquet')}'").fetchall()
    acts: dict[str, set[str]] = {}
    for act, thing in rows:
        acts.setdefault(act, set()).add(thing)
    return acts, found.notes


def dressed(dress: Callable[[str, str, int], str], n: int = 600) -> list[str]:
    draw = random.Random(5)
    return [dress(draw.choice(ACTS), draw.choice(PAGES), i) for i in range(n)]


def joined(text: str) -> str:
    return text.replace(" ", "_")


UUIDS = random.Random(3)


@pytest.mark.parametrize(
    ("dress", "acts"),
    [
        (lambda act, page, i: f"{act}_{joined(page)}_{i:05}", ACTS),
        (lambda act, page, i: f"{act}:{i * 7_919 % 65_536:04x}{i:06x}", ACTS),
        (lambda act, page, i: f"/n/{i}/{act}", [f"/n/{act}" for act in ACTS]),
        (lambda act, page, i: f"{act.partition('_')[0]}_{i}_done", ["view_done", "rate_done", "share_done", "report_done"]),
        (lambda act, page, i: f"{act}_{joined(page)}_{UUID(int=UUIDS.getrandbits(128))}", ACTS),
        (lambda act, page, i: joined(f"{act} {page}").title().replace("_", "") + str(i),
         ["ViewPage", "RatePage", "Share", "ReportError"]),
        (lambda act, page, i: f"{act}-{joined(page)}-" + "".join(UUIDS.choices("bcdfghjk", k=7)), ACTS),
    ],
)  # fmt: skip
def test_ids_in_names_are_folded(dress: Callable[[str, str, int], str], acts: list[str], tmp_path: Path) -> None:
    """At the end, in the middle, in paths and camel case, as numbers, hex, UUIDs and letters; what stood behind the act is the
    object.
    """
    found, notes = read(tmp_path, dressed(dress))
    assert sorted(found) == sorted(acts)
    assert all("" not in things for things in found.values())
    assert any("folded" in note for note in notes)


def test_things_of_names_are_objects_only_where_there_are_no_others(tmp_path: Path) -> None:
    """Objects of the log's own stay; else the things are they, without the number of the event."""
    names = dressed(lambda act, page, i: f"{act}_{joined(page)}_{i:05}")
    assert read(tmp_path, names)[0]["share"] == set(PAGES)
    assert read(tmp_path, names, "Garden")[0] == {act: {"Garden"} for act in ACTS}


def test_names_that_people_share_stay(tmp_path: Path) -> None:
    """Steps, levels, codes and versions, and things with a number that many users meet."""
    names = [
        "404",
        "500",
        "ga4_view",
        "h1_click",
        *(f"step_{n}" for n in range(1, 7)),
        *(f"level{n}" for n in range(1, 31)),
    ]
    names += [f"week_{n}_quiz" for n in range(1, 13)]
    found, notes = read(tmp_path, [name for _ in range(25) for name in names])
    assert set(found) == set(names)
    assert notes == []


def test_steps_beside_ids_stay(tmp_path: Path) -> None:
    """Of two places in a name the one with few values is kept."""
    found, _ = read(tmp_path, [f"order_{1000 + 3 * i}_step_{i % 4}" for i in range(400)])
    assert set(found) == {f"order_step_{n}" for n in range(4)}


def test_what_cannot_be_folded_is_said(tmp_path: Path) -> None:
    """Free text in the place of acts."""
    words = [f"{a}{b}{c}" for a in "klmnprst" for b in "aeiou" for c in "bdfgklmz"]
    found, notes = read(tmp_path, words)
    assert len(found) == len(words)
    assert "320 names for 320 events" in notes[0]
