"""The card about the tenth that brings in most, from a run to every page, and counted again."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from evals.bench import brain
from evals.bench.server import Replies, chat
from persona_agent.commands.checking import check
from persona_agent.commands.running import RunResult, demo_options, run
from persona_agent.commands.showing import find_claim, show
from persona_agent.commands.tenth_again import figures_differ
from persona_agent.errors import UsageError
from persona_agent.evidence import compares, tenth_corpus, top_tenth
from persona_agent.evidence.loading import open_corpus
from persona_agent.progress import Silent
from persona_agent.report.handing_on import claims_csv, shared_html
from persona_agent.report.html import report_html
from persona_agent.report.markdown import personas_markdown
from persona_agent.report.phrasing import shown
from persona_agent.report.terminal import first_screen
from persona_agent.runs import halves_of, memberships_of, options_of
from persona_agent.schema import PersonaSet, TenthCard
from persona_agent.store import Store
from persona_agent.words.english.tenth_told import MORE_OF_THEM, NAME, SORTED_BY
from persona_agent.words.english.visiting import visit_title as visiting_title
from tests.conftest import BRAIN


def card_of(personas: PersonaSet) -> TenthCard:
    assert personas.tenth is not None
    return personas.tenth


def test_a_run_has_their_card(demo_run: RunResult) -> None:
    """Beside the personas and none of them, with claims of its own against all others, each with lines."""
    card = card_of(demo_run.personas)
    assert card.persona.label == NAME
    assert card.persona.id == "t"
    assert card.persona not in shown(demo_run.personas)
    assert card.persona.card is not None
    drawn = [find_claim(demo_run.personas, bar.claim) for bar in card.persona.card.bars]
    assert drawn
    for claim in drawn:
        assert claim.measure is not None
        assert compares(claim.measure)
        assert claim.measure.versus == "everyone_else"
        assert claim.truthfulness.matched == claim.truthfulness.raw
        assert claim.citations
        assert claim.text.rstrip(".").endswith("all others")


def test_it_is_on_every_page(demo_run: RunResult) -> None:
    """The page and the Markdown file have it, and a way to it from the first page; a shared page has it without lines."""
    personas, lines = demo_run.personas, demo_run.lines
    claim = card_of(personas).persona.claims[0]
    page, markdown = report_html(personas, lines), personas_markdown(personas, lines)
    assert f'<a href="#t">{NAME}</a>' in page
    assert page.count('<article id="t"') == 1
    assert f'<details id="{claim.id}"' in page
    assert f"## {NAME} `t`" in markdown
    assert f"Their card: {NAME} `t`" in markdown
    assert "by the earlier half of the log" in page
    assert "by the earlier half of the log" in markdown
    assert f"{NAME} (t)" in " ".join(first_screen(personas).split())
    assert '<article id="t"' in shared_html(personas)
    assert 'class="lines"' not in shared_html(personas)
    rows = [row for row in csv.DictReader(io.StringIO(claims_csv(personas))) if row["persona"] == "t"]
    assert [row["claim"] for row in rows] == [c.id for c in card_of(personas).persona.claims]


def test_it_is_short(demo_run: RunResult) -> None:
    """Bars, how long it lasts, from which personas: what else is told is behind a click, and in the file with the claims."""
    personas, lines = demo_run.personas, demo_run.lines
    card = card_of(personas).persona
    visit = card.visit
    assert visit is not None
    title = visiting_title(visit)
    page = report_html(personas, lines).split('<article id="t"')[1].split("</article>")[0]
    seen, _, more = page.partition(f"<summary>{MORE_OF_THEM}</summary>")
    assert "How long it lasts" in seen
    assert title not in seen
    assert "how much hangs on few" not in seen
    assert title in more
    assert "how much hangs on few" in more
    face, _, evidence = personas_markdown(personas, lines).partition("## Claims in detail")
    face, evidence = (text.split(f"{NAME} `t`\n")[-1].split("\n## ")[0].split("\n### ")[0] for text in (face, evidence))
    assert "How long it lasts" in face
    assert title not in face
    assert title in evidence
    assert "who went quiet: " in evidence


def test_a_terminal_shows_it(demo_run: RunResult) -> None:
    """`show OUT t` and `show OUT t.c1`."""
    claim = card_of(demo_run.personas).persona.claims[0]
    told = show(demo_run.out, "t").text()
    assert "by the earlier half of the log" in " ".join(told.split())
    assert "Which personas they are from" in told
    assert "Lines for" in show(demo_run.out, claim.id).text()


def test_it_is_counted_again(demo_run: RunResult) -> None:
    """`check` counts its claims; a claim or a figure that is not the log's is noticed."""
    claim = card_of(demo_run.personas).persona.claims[0]
    found = check(demo_run.out, claim.id, (), Silent())
    assert (found.failures, found.checked) == ([], 1)
    store = Store.open(demo_run.out)
    groups, ids, held_out = memberships_of(store)
    options = options_of(store.read_json("run.json"), ())
    with store.connect() as connection:
        corpus = open_corpus(connection, store, options, store, groups, held_out, halves=halves_of(store))
        tenth = tenth_corpus(corpus, top_tenth(corpus))
        personas = demo_run.personas
        assert list(figures_differ(corpus, tenth, personas, ids)) == []
        card = card_of(personas)
        again = card.figures.again.model_copy(update={"same": 0.99})
        forged = card.model_copy(update={"figures": card.figures.model_copy(update={"again": again})})
        assert [
            f["claim"] for f in figures_differ(corpus, tenth, personas.model_copy(update={"tenth": forged}), ids)
        ] == ["t"]
        renamed = card.model_copy(update={"persona": card.persona.model_copy(update={"label": "Our best"})})
        assert [
            f["claim"] for f in figures_differ(corpus, tenth, personas.model_copy(update={"tenth": renamed}), ids)
        ] == ["t"]
        assert [f["claim"] for f in figures_differ(corpus, None, personas, ids)] == ["t"]


def test_a_small_log_has_none(small_run: RunResult) -> None:
    """A tenth of 120 users is too few; no page speaks of it."""
    assert small_run.personas.tenth is None
    assert NAME not in report_html(small_run.personas, small_run.lines)
    with pytest.raises(UsageError, match="No persona is called 't'"):
        show(small_run.out, "t")


def test_a_model_writes_of_them_as_of_any(demo_run: RunResult, tmp_path: Path) -> None:
    """Their draft is asked for and read as that of a persona; a suggestion names their claims; their name stays code's."""
    out = shutil.copytree(demo_run.out, tmp_path / "out")
    asked: list[str] = []

    def answer(body: Any) -> Any:
        asked.append(json.dumps(body))
        return chat(brain.answer(body))

    with Replies(answer) as server:
        found = run(demo_options(out).but(base_url=server.url, **BRAIN), Silent())
    card = card_of(found.personas)
    assert any(SORTED_BY in text for text in asked), "no draft of them was asked for"
    assert card.persona.label == NAME
    assert card.persona.suggestion is not None
    assert {card.persona.suggestion.measure, *card.persona.suggestion.claim_ids} <= {c.id for c in card.persona.claims}
    assert card.persona.suggestion.watched is not None
    assert card.figures == card_of(demo_run.personas).figures
