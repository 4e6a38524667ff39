"""Fields of several values in a cell: told by their cells alone, held as lists, counted by value, and sorting things."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.codebook import propose
from persona_agent.commands.comparing.sides import finished_side
from persona_agent.commands.continuing import read_as_before
from persona_agent.commands.running import RunResult
from persona_agent.errors import UsageError
from persona_agent.evidence import over_whole_log
from persona_agent.evidence.corpus import Population
from persona_agent.groups.coded import coded, coded_lists, kinds_of
from persona_agent.log.guessing import Column
from persona_agent.log.lists import find_lists, listed_values, values_sql
from persona_agent.log.reading import as_found, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.runs import options_of
from persona_agent.schema import Measure
from persona_agent.store import Store
from tests.codebook.planted import START, Event, table
from tests.evidence.logs import event, load
from tests.tables import database

KINDS = ["drama", "comedy", "film noir", "war", "western", "musical", "crime", "sci-fi"]


def told(cells: Iterable[str]) -> str:
    """What parts the values of a column of these cells."""
    column = Column(filled=200, types={"text"}, numeric=False, timely=False, distinct={*cells})
    return dict(find_lists({"kinds": column}, {})).get("kinds", "")


def several(rng: np.random.Generator, most: int = 4) -> list[str]:
    return [str(kind) for kind in rng.choice(KINDS, int(rng.integers(1, most + 1)), replace=False)]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["|", ";", ",", "; ", " | "]), st.integers(0, 1_000))
def test_lists_are_told_by_what_parts_them(delimiter: str, seed: int) -> None:
    """Whatever the values and the spaces; in brackets too, as JSON and as other programs write them."""
    rng = np.random.default_rng(seed)
    cells = [several(rng) for _ in range(300)]
    assert told(delimiter.join(cell) for cell in cells) == delimiter.strip()
    assert told(json.dumps(cell) for cell in cells) == "["
    assert told(str(cell) for cell in cells) == "["


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=4, unique=True), min_size=1, max_size=200))
def test_few_cells_and_values_that_do_not_recombine_are_none(cells: list[list[str]]) -> None:
    """Where each cell has values of its own, it is whole; so is each of few."""
    own = ["|".join(f"{value}{n}" for value in cell) for n, cell in enumerate(cells)]
    assert told(own) == ""
    assert told(["|".join(cell) for cell in cells[:19]]) == ""


@pytest.mark.parametrize(
    "cells",
    [
        [f"The {a}, which {b} in {c} and never {a} again" for a in "abcd" for b in "efgh" for c in KINDS],  # one comma
        [f"{a} road {n}, {c}, {c[:2].upper()}" for n in range(40) for a in "ab" for c in KINDS[:3]],  # three places
        [f"{a}|{b}|{n % 7}" for a in KINDS for b in "xyz" for n in range(7)],
        [f"home|{a}|{a} {n}" if n % 2 else f"home|{a} {n}" for a in KINDS for n in range(30)],  # a tree
        [f"{n},{m:03}" if n % 2 else f"{n},{m:03},{m:03}" for n in range(1, 30) for m in range(8)],  # thousands
        KINDS * 9,
    ],
)
def test_sentences_addresses_keys_paths_and_numbers_stay_whole(cells: list[str]) -> None:
    """Cells whose commas part no values are no lists."""
    assert told(cells) == ""


@given(st.lists(st.text(st.characters(exclude_characters="|", exclude_categories=["C", "Z"]), min_size=1), max_size=5))
def test_what_is_held_has_each_value_once(values: list[str]) -> None:
    """As JSON, in order; the SQL gives them back, and any other text as itself."""
    held = listed_values("|".join(values), "|")
    assert held == (json.dumps([*dict.fromkeys(values)], ensure_ascii=False, separators=(",", ":")) if values else "")
    ((got, plain),) = (
        database()
        .execute(f"SELECT {values_sql('a')}, {values_sql('b')} FROM (SELECT ? AS a, ? AS b)", [held, "|"])
        .fetchall()
    )
    assert got == ([*dict.fromkeys(values)] or [""]) and plain == ["|"]


def test_a_log_is_read_with_its_lists(tmp_path: Path) -> None:
    """The field is said, and a share of lines is asked by a value that they hold among others."""
    rng = np.random.default_rng(1)
    films = [several(rng) for _ in range(60)]
    rows = [
        f"u{n % 30},{1_700_000_000 + 40_000 * n},see,film {f},{'|'.join(films[f])}"
        for n in range(900)
        for f in [n * 7 % 60]
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["user_id,time,action,title,kinds", *rows]))
    log = find_log(Options(inputs=(str(path),)))
    assert log.found.lists == {"kinds": "|"}
    assert any("kinds holds several values" in said for said in log.found.said)
    store = Store.create(tmp_path / "out")
    read_log(log, Options(inputs=(str(path),), out=tmp_path / "out"), store, Silent())
    with store.connect() as connection:
        events = str(store.path("events.parquet"))
        found = connection.execute(
            f"SELECT object, json_extract_string(properties, '$.kinds') FROM read_parquet('{events}')"
        )
        assert all(json.loads(held) == films[int(thing.split()[1])] for thing, held in found.fetchall())


def written(folder: Path, lines: int, delimiter: str = "|") -> Options:
    """A log of films of several kinds, and the options that read it."""
    rng = np.random.default_rng(1)
    films = [several(rng) for _ in range(60)]
    rows = (
        f"u{n % 30},{1_700_000_000 + 40_000 * n},see,{n * 7 % 60},{delimiter.join(films[n * 7 % 60])}"
        for n in range(lines)
    )
    (path := folder / f"{lines}{ord(delimiter)}.csv").write_text("\n".join(["user_id,time,action,title,kinds", *rows]))
    return Options(inputs=(str(path),), out=folder / "out")


def test_a_later_log_is_read_with_the_lists_of_the_run(tmp_path: Path) -> None:
    """Too few of its cells would tell them: a run keeps what it found, and what it did not find."""
    first, later = written(tmp_path, 900), written(tmp_path, 8)
    assert find_log(later).found.lists == {} and find_log(first).found.mapping["object"] == "title"
    for asked, lists in ((first, {"kinds": "|"}), (first.but(lists=("none",)), {}), (written(tmp_path, 900, "~"), {})):
        run = {"config": as_found(asked, find_log(asked)).hashed(), "paths": []}
        for log in (later, first):
            assert find_log(options_of(run, log.inputs)).found.lists == lists


def test_a_run_that_follows_another_is_read_with_its_lists(tmp_path: Path, tiny_run: RunResult) -> None:
    """Unless a person says which."""
    first, later = written(tmp_path, 900), written(tmp_path, 8)
    side = finished_side(Store.open(tiny_run.out))
    assert find_log(read_as_before(first, side)).found.lists == {}
    before = replace(side, options=side.options.but(lists=("kinds=|",)))
    assert find_log(read_as_before(later, before)).found.lists == {"kinds": "|"}
    assert read_as_before(later.but(lists=("none",)), before).lists == ("none",)
    assert read_as_before(later, None) == later


def test_lists_are_said_by_hand(tmp_path: Path) -> None:
    """Under the name of the column or of the property; a column that is not there is said."""
    few = written(tmp_path, 8, ";")
    assert find_log(few.but(lists=("kinds=;",))).found.lists == {"kinds": ";"}
    assert any("no column is called so" in said for said in find_log(few.but(lists=("kind=;",))).found.said)
    assert few.but(lists=("none",)).hashed() == few.hashed() != few.but(lists=("kinds=;",)).hashed()
    for wrong in ("kinds", "kinds=~", "=;"):
        with pytest.raises(UsageError, match="not of the form COLUMN=SIGN"):
            few.but(lists=(wrong,))


def test_a_share_of_lines_is_asked_by_one_value() -> None:
    """A value that is part of another is another; `not_in` is of lines that hold none of them."""
    cells = [["war"], ["war", "drama"], ["drama"], ["warfare", "drama"]]
    log = [event("u1", n, n, properties=json.dumps({"kinds": json.dumps(cell)})) for n, cell in enumerate(cells)]
    corpus = load(log, {1: ["u1"]})

    def share(op: str, *values: str) -> float | None:
        step = [{"field": "properties.kinds", "op": op, "value": list(values)}]
        asked = {"unit": "events", "steps": [step], "statistic": "share", "says": {"quantifier": "most"}}
        return over_whole_log(corpus, Measure.model_validate(asked), Population()).value

    assert (share("is", "War"), share("in", "war", "drama"), share("not_in", "drama")) == (0.5, 1.0, 0.25)
    assert share("contains", "warf") == 0.25


def test_things_are_sorted_by_lists() -> None:
    """A list that a thing settles is a category of as many values as the lists have; each line counts for all of its values."""
    rng = np.random.default_rng(4)
    films = [json.dumps(several(rng)) for _ in range(80)]
    events = [
        Event(f"u{u}", START + timedelta(hours=n), "see", f"film {f:02}", {"kinds": films[f]})
        for u in range(40)
        for n in range(20)
        for f in [int(rng.integers(80))]
    ]
    with table(events) as connection:
        book = propose(connection, zone="UTC", confirmed=True)
        names, code, lists = coded_lists(connection, "json_extract_string(properties, '$.kinds')")
        objects, thing = coded(connection, "object")
    assert book.categories == ["kinds"] and book.fields["kinds"].values == len(KINDS)
    assert names == sorted(KINDS) and lists is not None
    counts = np.asarray(kinds_of(lists)[code].sum(axis=0)).ravel()
    held = [json.loads(films[int(objects[t].split()[1])]) for t in thing.tolist()]
    assert counts.tolist() == [sum(kind in cell for cell in held) for kind in names]
    place = np.array([-1, 0, 0, 1, 1, -1, 2, 2])
    merged = np.asarray(kinds_of(lists, place)[code].sum(axis=0)).ravel()
    assert merged.tolist() == [counts[place == column].sum() for column in range(3)]
