"""A suggestion whose measure no trial would move: its writer is told once, with what others would show, and decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from persona_agent.evidence.smallest_change import HalvesTest
from persona_agent.models.ask import Asker
from persona_agent.models.ledger import Ledger
from persona_agent.models.opening import Models
from persona_agent.schema import Dossier, Draft, DraftClaim, DraftSuggestion, Measure, Revision
from persona_agent.write import trial_remarks
from persona_agent.write.briefs import Brief, Briefed
from persona_agent.write.drafts import Outcome
from persona_agent.write.loop import refine
from persona_agent.write.overview import Overview
from tests.scripted import NOTHING, Reader, Scripted, striking, writer

TOO_MUCH, LITTLE = 0.6, 0.15  # of the figure, that a trial would show


@pytest.fixture(scope="module")
def brief(world_briefed_for_models: Briefed) -> Brief:
    return world_briefed_for_models.groups[0]


def two(brief: Brief) -> list[str]:
    """Claims of visits, lines or things that stand."""
    able = [c for c in brief.dossier.candidates if c.withdrawal is None and c.truthfulness.value]
    return [c.id for c in able if c.measure.unit != "users"][:2]


def suggesting(measure: str) -> DraftSuggestion:
    return DraftSuggestion(
        text="Offer it first.",
        whom="those who come for it",
        measure=measure,
        stop="Stop if they leave.",
        claim_ids=[measure],
    )


def run(
    brief: Brief, monkeypatch: pytest.MonkeyPatch, shows: Callable[[str], float | None], revision: Revision
) -> tuple[Outcome, Scripted]:
    """One persona whose suggestion watches the first of two claims; `shows` is the part of its figure that a trial sees."""
    names = two(brief)
    measures = {c.measure.model_dump_json(): c.id for c in brief.dossier.candidates}

    def trial(_: object, measure: Measure, __: object, today: float) -> HalvesTest:
        part = shows(measures.get(measure.model_dump_json(), ""))
        return HalvesTest(None if part is None else part * today, 100, None, 84)

    def change(_: Dossier, draft: Draft) -> Draft:
        have = {c.id for c in draft.claims}
        more = [DraftClaim(id=n, text=None, kind=None, measure=None, lines=[]) for n in names if n not in have]
        return draft.model_copy(update={"suggestion": suggesting(names[0]), "claims": [*draft.claims, *more]})

    monkeypatch.setattr(trial_remarks, "trial_of", trial)
    reader, by = Reader(), writer(change, lambda _: revision)
    reader.learn(brief.context)
    by.dossier = brief.dossier
    critic = Scripted("scripted/critic", {"restate": reader.restate, "judge": striking})
    models = Models(by, critic, Asker(Ledger(None)))
    context = replace(brief.context, words_checked=True)
    return asyncio.run(refine(models, replace(brief, context=context), 3, Overview({}, {}))), by


def remarks(by: Scripted) -> list[str]:
    """What its writer is told of a trial, one a round in which it is."""
    asked = [r.messages[-1][1] for r in by.asked if r.stage == "revise"]
    return [line for text in asked for line in text.split("\n") if line.startswith(f"- {trial_remarks.MEASURE}")]


@pytest.mark.parametrize("least", [TOO_MUCH, None])
def test_the_writer_may_watch_another_figure(
    brief: Brief, monkeypatch: pytest.MonkeyPatch, least: float | None
) -> None:
    """It is told how large a change it takes, and from which on others would show, the steadiest first."""
    noisy, steady = two(brief)
    told = suggesting(steady).model_copy(update={"claim_ids": [noisy, steady]})
    revision = NOTHING.model_copy(update={"suggestion": told})
    outcome, by = run(brief, monkeypatch, lambda name: LITTLE if name == steady else least, revision)
    assert outcome.draft.suggestion == told
    [said] = remarks(by)
    shown = "no change at all" if least is None else "no change under 60 % of the figure"
    assert f"would show {shown} in 12 weeks" in said
    assert f"{steady} 15 %" in said.partition("others would show: ")[2]


def test_a_writer_who_keeps_it_is_asked_no_more(brief: Brief, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing falls by it: the suggestion stands with its own measure."""
    outcome, by = run(brief, monkeypatch, lambda _: TOO_MUCH, NOTHING)
    assert outcome.draft.suggestion == suggesting(two(brief)[0])
    assert {"try.text", "try.whom", "try.stop"} <= set(outcome.sentences)
    [said] = remarks(by)
    assert said.endswith("others would show: none")


def test_nothing_is_said_of_a_measure_that_a_trial_would_show(brief: Brief, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of the figure is worth a trial; nobody is asked again for it."""
    outcome, by = run(brief, monkeypatch, lambda _: 1 / 3, NOTHING)
    assert outcome.draft.suggestion == suggesting(two(brief)[0])
    assert remarks(by) == []
