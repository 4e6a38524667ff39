"""Themes of things: a column of the log's lines, what a measure makes of it, and how a reader is told."""

from __future__ import annotations

from pathlib import Path

import duckdb

from persona_agent.codebook import load_themes, save_themes
from persona_agent.evidence import Corpus, Population, evaluate
from persona_agent.schema import Measure, Names, Says
from persona_agent.store import Store
from persona_agent.words.english.readings import reading

from .logs import event, load

THEMES = {"Bag, jumbo": ["LUNCH BAG", "Jumbo Bag"], "sign": ["tin sign"]}


def share(theme: str) -> Measure:
    step = [{"field": "theme", "op": "is", "value": [theme]}]
    return Measure.model_validate(
        {"unit": "things", "steps": [step], "statistic": "share", "says": Says(comparator="at_least", value=0)}
    )


def corpus(connection: duckdb.DuckDBPyConnection) -> Corpus:
    log = [
        event("u1", 0, object="lunch bag"),
        event("u1", 1, object="Lunch Bag"),
        event("u1", 2, object="tin sign"),
        event("u2", 0, object="jumbo bag"),
        event("u2", 1, object="rug"),
        event("u2", 2, object=""),
    ]
    rows = [(name, theme) for theme, things in THEMES.items() for name in things]
    connection.execute("CREATE OR REPLACE TABLE themed (object VARCHAR, theme VARCHAR)")
    connection.executemany("INSERT INTO themed VALUES (?, ?)", rows)
    connection.execute("CREATE OR REPLACE VIEW themes AS FROM themed")
    return load(log, {}, connection=connection)


def test_a_line_has_the_theme_of_its_thing() -> None:
    """Whatever the case, counted once a visit; a thing without a theme counts as a thing, a line without a thing does not."""
    made = corpus(duckdb.connect())
    found = evaluate(made, share("BAG, Jumbo"), Population())
    assert (found.units, found.satisfying, found.value) == (4, 2, 0.5)
    assert evaluate(made, share("rug"), Population()).value == 0


def test_the_file_gives_back_what_it_took(tmp_path: Path) -> None:
    """In order, and empty where a log has no themes."""
    store = Store.create(tmp_path)
    assert load_themes(store) == {}
    for themes in (THEMES, {}):
        save_themes(store, themes)
        assert load_themes(store) == themes


def test_a_reader_is_told_of_the_things_that_an_act_is_done_to() -> None:
    """By the theme's name, or as a person calls it; where no act is the main one, of the things of visits."""
    told = reading(share("bag, jumbo"), Names(main_act="purchase", themes={"bag, jumbo": "carriers"}))
    assert told is not None
    assert (told.label, told.unit) == ("Carriers", "of the things they purchase")
    plain = reading(share("bag, jumbo"), Names(main_act="course module viewed"))
    assert plain is not None
    assert (plain.label, plain.unit) == ("Bag, jumbo", "of the things in their visits")
