"""One fact is one claim, over a whole draft: what the gate counts when a writer cuts one fact into many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from evals.bench.written import written_from
from persona_agent.schema import Draft, DraftClaim, DraftSentence, Measure, Persona, Says
from persona_agent.write.briefs import Brief, Briefed
from persona_agent.write.critique import Critique, Notebook, critique
from persona_agent.write.drafts import Outcome, make_persona
from persona_agent.write.offline import NONE
from persona_agent.write.writing import settle_outcome


@pytest.fixture(scope="module")
def brief(world_briefed: Briefed) -> Brief:
    """The largest group of a planted world."""
    return world_briefed.groups[0]


def drafted(brief: Brief, measures: Sequence[Measure]) -> tuple[Persona, Critique]:
    """The card that a draft of these measures alone comes to, in code's words."""
    claims = [
        DraftClaim(id=f"n{i}", text=None, kind=None, measure=written_from(m), lines=[])
        for i, m in enumerate(measures, start=1)
    ]
    nothing = DraftSentence(template="{size.users} users.", claim_ids=[])
    draft = Draft(
        label=nothing, one_liner=nothing, narrative=[], claims=claims, bars=[], unfit=NONE, hypotheses=[],
        suggestions=[], not_known=[],
    )  # fmt: skip
    context = replace(brief.context, words_checked=False)
    found = asyncio.run(critique(context, draft, Notebook(), None, brief.by_code))
    outcome = Outcome(draft, found.claims, found.sentences, list(found.claims.values()), [], [])
    settled = settle_outcome(brief, outcome)
    return make_persona(context.corpus, brief.dossier, settled, brief.placement), found


def shares(step: list[dict[str, Any]], **more: Any) -> Measure:
    asked = {"unit": "users", "statistic": "share", "says": {"comparator": "about", "value": 0}, **more}
    return Measure(**{"steps": [step], **asked})


def act(name: str) -> dict[str, Any]:
    return {"field": "action", "op": "is", "value": [name]}


def hour(h: int, last: int | None = None) -> dict[str, Any]:
    return {"field": "hour", "op": "between", "value": [float(h), float(h if last is None else last)]}


def test_one_rhythm_cut_into_hours_is_one_fact(brief: Brief) -> None:
    """Twelve hours and spans of one day, as users, visits and lines, tell one fact or two, and the card is withheld for it."""
    spans = [(h, h) for h in range(9, 15)] + [(h, h + 2) for h in range(9, 15)]
    measures = [shares([hour(*span)], unit=("users", "sessions", "events")[i % 3]) for i, span in enumerate(spans)]
    persona, found = drafted(brief, measures)
    assert persona.status == "withheld"
    assert any("different fact" in r for r in persona.reasons)
    redundant = [c for c in found.claims.values() if c.withdrawal and c.withdrawal.label == "redundant"]
    assert len(redundant) >= 10
    assert len(persona.claims) <= 2


def test_every_other_hour_is_the_same_rhythm(brief: Brief) -> None:
    """Six hours with one between, of whatever unit, are no six facts."""
    units = ("users", "sessions", "events")
    persona, _ = drafted(brief, [shares([hour(h)], unit=units[i % 3]) for i, h in enumerate(range(8, 20, 2))])
    assert len(persona.claims) <= 2
    assert persona.status == "withheld"


def test_23_measures_of_one_fact_count_once(brief: Brief) -> None:
    """Every way to ask after one act leaves one claim."""
    name = brief.dossier.acts[0]
    step = [act(name)]
    measures = [shares(step, unit=unit, at_least=n) for unit in ("users", "sessions") for n in range(1, 7)]
    measures += [shares(step, unit=unit, versus="matched") for unit in ("users", "sessions", "events")]
    spent = {"name": "share_of_events", "where": step, "op": "above"}
    measures += [
        Measure(
            unit="users", statistic="share", says={"comparator": "about", "value": 0}, feature={**spent, "value": v}
        )
        for v in (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
    ]
    measures += [Measure(unit="users", statistic="share", says={"comparator": "about", "value": 0}, absent=[step])]
    assert len(measures) == 23
    persona, found = drafted(brief, measures)
    standing = [c for c in found.claims.values() if c.status == "accepted"]
    assert len(standing) <= 2, [c.text for c in standing]
    assert persona.status == "withheld"


def test_what_cannot_fail_and_what_is_not_there_are_refused(brief: Brief) -> None:
    """“All come at some hour” and “none do a thing that is not in the log” are no claims, of any group."""
    everyone = {"says": {"quantifier": "all"}}
    nobody = Measure(
        unit="users", statistic="share", says={"quantifier": "none"},
        steps=[[{"field": "object", "op": "is", "value": ["a yacht"]}]],
    )  # fmt: skip
    never = Measure(
        unit="users", statistic="share", says={"quantifier": "all"},
        absent=[[{"field": "object", "op": "in", "value": ["a yacht", "a zeppelin"]}]],
    )  # fmt: skip
    _, found = drafted(brief, [shares([hour(0, 23)], **everyone), nobody, never])
    assert {str(c.withdrawal) for c in found.claims.values()} == {
        "not_checkable: its measure cannot fail, or cannot hold"
    }
    assert all("yacht" not in c.model_dump_json() for c in found.claims.values() if c.status == "accepted")


def test_what_sets_a_group_apart_is_not_as_with_others(brief: Brief) -> None:
    """A writer's claim that they are as others falls where they surely do more or less, whichever is said first."""
    standing = [c for c in brief.dossier.candidates if c.withdrawal is None]
    apart = next(c.measure for c in standing if c.measure.says.sets_apart)
    alike = apart.model_copy(update={"says": Says(comparator="as_others")})
    for measures, name in (([apart, alike], "n2"), ([alike, apart], "n1")):
        _, found = drafted(brief, measures)
        fallen = {i: c.withdrawal.label for i, c in found.claims.items() if c.withdrawal}
        assert fallen == {name: "false"}
        assert ", as with comparable others (" in found.claims[name].text
