"""What is said before the first card: what is worth asking, and what was done to the times of the log."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from persona_agent.log.reading import ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report import personas_markdown, remarks, report_html
from persona_agent.report.phrasing import finding
from persona_agent.report.telling import in_its_nouns
from persona_agent.schema import Concentration, Condition, Findings, Measure, PersonaSet, Says
from persona_agent.schema.findings import PiledAmong
from persona_agent.schema.nouns import Noun, NounsOfLog
from persona_agent.store import Store
from tests.factories import lines_of, persona_set

TITLE = "Worth asking"
PILED = "400 users have visits worth £300 to £310, 100 worth £290 to £300: 4 times as many as … What happens at £300?"
CHANGED = "From 7 Apr, saving is in 30 % of visits, before in 10 %. What changed on that day?"


def concentration(kind: str, about: str, *, holds: bool | None = True, question: str = "Why is that?") -> Concentration:
    again = {"ratio": 3.9 if holds else 1.0, "holds": holds, "n": 300}
    band: dict[str, Any] = {"low": 300.0, "high": 310.0} if kind == "pile_up" else {"date": "2025-04-07"}
    values = {"kind": kind, "about": about, "users": 400, "expected": 100.0, "ratio": 4.0, "question": question}
    return Concentration.model_validate({**values, **band, "again": again})


def with_findings(*found: Concentration, size: float = 4) -> PersonaSet:
    """Personas whose visits usually come to `size` lines, and what was found beside them."""
    made = persona_set(findings=Findings(concentrations=list(found), looks=120, openings=1))
    usual = {"size": size, "currency": "GBP"}
    sized = [p.model_copy(update={"visit": p.visit and p.visit.model_copy(update=usual)}) for p in made.personas]
    return made.model_copy(update={"personas": sized})


def asked(personas: PersonaSet) -> list[str]:
    """What stands under the title in the file, of which the page holds every sentence in the same place."""
    file, page = personas_markdown(personas, lines_of(personas)), report_html(personas, lines_of(personas))
    block = file.partition(f"**{TITLE}**\n\n")[2].partition("\n\n")[0]
    told = [line.removeprefix("- ") for line in block.split("\n") if line]
    assert (TITLE in page) == (TITLE in file) == bool(told)
    section = page.partition(f"<h2>{TITLE}</h2>")[2].partition("</section>")[0]
    assert section.count("<li>") == len(told)
    for text in told:
        assert text in section.replace("\u00a0", " ")
    return told


def test_the_first_page_asks_about_what_piles_up_and_what_changed() -> None:
    """Sums that visits pile up at and acts that changed on a date are asked about in the words of the finding, before cards."""
    personas = with_findings(
        concentration("pile_up", "value", question=PILED), concentration("change", "save", question=CHANGED)
    )
    assert asked(personas) == [PILED, CHANGED]
    file = personas_markdown(personas, lines_of(personas))
    assert file.index(PILED) < file.index(f"## {personas.personas[0].label}")


@pytest.mark.parametrize(
    "other",
    [
        concentration("pile_up", "value", holds=False),
        concentration("pile_up", "value", holds=None),
        concentration("change", "save", holds=False),
        concentration("pile_up", "properties.quantity"),
        concentration("step", "users"),
    ],
    ids=["not among others", "too few others", "changed for a part", "another amount", "more users came"],
)
def test_what_is_not_sure_and_what_is_no_sum_is_no_question_for_the_first_page(other: Concentration) -> None:
    """What users set aside do not show, amounts that are no value and weeks in which more users came stay behind the cards,
    where each is told.
    """
    personas = with_findings(other, concentration("change", "save", question=CHANGED))
    assert asked(personas) == [CHANGED]
    assert other.question in personas_markdown(personas, lines_of(personas))


def test_what_visits_of_one_thing_come_to_is_its_price() -> None:
    """Where most groups come for one line, a sum that visits pile up at is no question; an act that changed still is."""
    found = concentration("pile_up", "value"), concentration("change", "save", question=CHANGED)
    assert asked(with_findings(*found, size=1)) == [CHANGED]
    assert asked(with_findings(*found[:1], size=1)) == []


def test_a_pile_up_names_the_personas_with_most_of_it_and_who_has_none() -> None:
    """By the names that they have now, in the nouns of the log, with their counts; who has no card is not named. What is asked of
    the log to count it again stays as it is.
    """
    measure = Measure(
        unit="users", statistic="share", of="matches", says=Says(comparator="at_least", value=0),
        steps=[[Condition(field="properties.country", op="is", value=["France"])]],
    )  # fmt: skip
    counts = {"users": 20, "across": 10, "visits": 50, "visits_across": 20, "ratio": 2.0}
    rows = [
        PiledAmong(persona="p1", shows="most", **counts),
        PiledAmong(persona="p2", shows="yes", **counts),
        PiledAmong(persona="p4", shows="least", **counts),
        PiledAmong(field="country", said="in France", measure=measure, shows="no", **{**counts, "visits": 15}),
    ]
    pile = concentration("pile_up", "value").model_copy(
        update={"round": 300.0, "across": 100, "visits": 1_090, "visits_across": 410, "currency": "GBP", "among": rows}
    )
    shop = NounsOfLog(people=Noun(one="customer", many="customers"), visit=Noun(one="order", many="orders"))
    personas = in_its_nouns(with_findings(pile).model_copy(update={"nouns": shop}))
    assert personas.findings is not None
    assert personas.findings.concentrations[0].among[3].measure == measure
    most = personas.personas[0].label
    assert asked(personas) == [
        "1,090 orders are worth £300 to £310, only 410 are worth £290 to £300. "
        f"Every persona shows it, “{most}” most (50 orders against 20); it does not show in France "
        "(15 orders against 20). What happens at £300?"
    ]
    behind = finding(personas, personas.findings.concentrations[0])
    assert "What happens at £300? It is 4 times as many users as the sums around it suggest. It is so among" in behind


def test_no_more_than_two_questions_stand_on_the_first_page() -> None:
    """Of three the first two."""
    found = [concentration("change", act, question=f"What of {act}?") for act in ("buying", "saving", "asking")]
    assert asked(with_findings(*found)) == ["What of buying?", "What of saving?"]


def read(folder: Path, times: Sequence[str], **options: Any) -> list[list[str]]:
    """What is said of a log with these times: to who decides by it, and in the notes of the run."""
    return told_of(*log_of(folder, times, **options))


def log_of(folder: Path, times: Sequence[str], **options: Any) -> tuple[ReadLog, Options]:
    folder.mkdir(exist_ok=True)
    with (folder / "log.csv").open("w", newline="") as file:
        rows = [(f"u{i % 7}", time, "look", f"thing {i % 3}") for i, time in enumerate(times)]
        csv.writer(file).writerows([("user_id", "timestamp", "action", "object"), *rows])
    settings = Options(inputs=(str(folder / "log.csv"),), out=folder / "out", **options)
    return read_log(find_log(settings), settings, Store.create(settings.out), Silent()), settings


def told_of(log: ReadLog, settings: Options) -> list[list[str]]:
    grouping = SimpleNamespace(reason="nothing", just={})
    written = SimpleNamespace(suppressed=0, notes=[], failures=[], personas=[], everyone=None)
    return [
        remarks.mended(log, settings),
        remarks.notes(log, SimpleNamespace(grouping=grouping, given=None), written, settings),
    ]


NAIVE = [f"2024-02-{1 + i // 2:02d} {7 + i % 2 * 6:02d}:30:{i:02d}" for i in range(40)]
MOVED = (
    "40 times name no zone: they were read as UTC, and hours are those of Europe/Rome. If they were local already, every hour "
    "here is off"
)


def test_times_that_a_zone_moves_are_told(tmp_path: Path) -> None:
    """Times without offset that are read as UTC and told in another zone are hours off: the first page says so, and the notes
    say what option would make it otherwise.
    """
    front, notes = read(tmp_path, NAIVE, timezone="Europe/Rome")
    assert f"{MOVED}." in front
    assert f"{MOVED}; --times-are local then." in notes


@pytest.mark.parametrize(
    ("times", "options"),
    [
        (NAIVE, {}),
        (NAIVE, {"timezone": "Europe/Rome", "times_are": "local"}),
        ([f"{time}+02:00" for time in NAIVE], {"timezone": "Europe/Rome"}),
        ([time[:10] for time in NAIVE], {"timezone": "Europe/Rome"}),
    ],
    ids=["told in UTC", "local clock", "offset", "dates alone"],
)
def test_times_that_no_zone_moves_are_not(times: Sequence[str], options: dict[str, Any], tmp_path: Path) -> None:
    """Where times are told as UTC, where the clock was the local one and where offsets are given, nothing is hours away."""
    said = [text for texts in read(tmp_path, times, **options) for text in texts]
    assert not [text for text in said if "every hour here is off" in text]


def test_what_columns_could_have_been_stands_with_the_method(tmp_path: Path) -> None:
    """Whoever decides by a page has no use for columns that were not read; whoever reads the log again has. What was set aside
    for one reason is told without its number twice.
    """
    log, settings = log_of(tmp_path, NAIVE)
    unused = {"unused": {"invoice": "session"}, "ids": ["card"]}
    lost = replace(log, **unused, records=20_000, users=1_000, set_aside=1_500, reasons={"fees": 1_500})
    page, notes = told_of(lost, settings)
    assert page == ["1,500 records were set aside as fees."]
    assert notes[-3:] == [
        *page,
        "Columns that are ids of users under another name were left out: card.",
        "Columns that were not read as what they could be: invoice may say which lines are one visit.",
    ]
    both = replace(lost, reasons={"fees": 1_000, "flood": 500})
    assert told_of(both, settings)[0] == [
        "1,500 records were set aside: 1,000 as fees, 500 of accounts that flood the log."
    ]


def test_what_a_note_tells_is_not_counted_once_more(tmp_path: Path) -> None:
    """An account that floods the log is told of with its number; the same number of records set aside tells nobody anything."""
    log, settings = log_of(tmp_path, NAIVE)
    said = "1,500 records (8 %) are of one account that holds more of the log than a person does: set aside"
    note = f"{said}; --keep flood counts them in"
    told = {"records": 20_000, "users": 1_000, "set_aside": 1_500, "reasons": {"flood": 1_500}, "notes": [note]}
    assert told_of(replace(log, **told), settings)[0] == [f"{said}."]


def test_dates_alone_are_no_times_to_the_minute(tmp_path: Path) -> None:
    """Nothing is asked about their offset, and they are called what they are."""
    said = " ".join(text for texts in read(tmp_path, [time[:10] for time in NAIVE]) for text in texts)
    assert "Times are given as dates alone" in said
    assert "no offset" not in said


def test_what_the_log_was_said_to_be_stands_first(tmp_path: Path) -> None:
    """A part of all rows tells little of how much anybody does: who decides by the page reads it before all that was mended."""
    about = "A shop; the log holds a random part of all rows"
    mended, _ = read(tmp_path, NAIVE, about=about)
    assert mended[0] == f"As it was described: “{about}”."
    without, _ = read(tmp_path / "without", NAIVE)
    assert mended[1:] == without
