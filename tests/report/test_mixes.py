"""Is it just …? One sentence on a card, in full with the evidence, within floors, on each page alike."""

from __future__ import annotations

from typing import Any

import pytest

from persona_agent.report import drawn, personas_markdown, report_html, show_claim, show_persona
from persona_agent.report.publishing import published_persona
from persona_agent.schema import NO_NAMES, Names, Persona, PersonaSet, Standardised
from persona_agent.words.english.mixes_told import said_mix
from tests.factories import lines_of, persona_set

MIX: dict[str, Any] = {
    "field": "department", "kind": "category", "verdict": "not", "expected": 0.3204, "explained": 0.1111, "low": 0.0222,
    "high": 0.2, "looked": ["department", "store_id", "hour"], "about": "what they buy", "mix": "the same departments",
}  # fmt: skip


def with_mixes(*mixes: dict[str, Any] | None) -> tuple[PersonaSet, Persona]:
    """The first persona's bars, each with what is said of a mix."""
    personas = persona_set()
    first = personas.personas[0]
    assert first.card is not None
    made = [None if m is None else Standardised.model_validate({**MIX, **m}) for m in mixes]
    bars = [b.model_copy(update={"standardised": m}) for b, m in zip(first.card.bars, made, strict=False)]
    told = first.model_copy(update={"card": first.card.model_copy(update={"bars": bars})})
    return personas.model_copy(update={"personas": [told, *personas.personas[1:]]}), told


def test_a_mix_that_moves_nothing_is_left_to_the_evidence() -> None:
    """Others would be where they are, whatever part of the difference that is: a card has no line of it."""
    for verdict in ("not", "partly", "mostly"):
        _, first = with_mixes({"expected": 0.3, "verdict": verdict}, None, None)
        assert drawn.just(first) == []
    _, moved = with_mixes({"expected": 0.32, "verdict": "partly"}, None, None)
    assert len(drawn.just(moved)) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {},
            "After 8 pm: not just what they buy; others with the same departments would be at 32 %.",
        ),
        (
            {"verdict": "mostly", "expected": 0.44},
            "After 8 pm: mostly what they buy; others with the same departments would be at 44 %.",
        ),
        (
            {"verdict": "partly", "expected": 0.36, "about": "a matter of stores", "mix": "the same stores"},
            "After 8 pm: partly a matter of stores; others with the same stores would be at 36 %.",
        ),
    ],
)  # fmt: skip
def test_a_card_says_in_one_sentence_whether_it_is_just_that(changes: dict[str, Any], said: str) -> None:
    """Others with the group's mix beside the group, in whole per cent with their unit; the same on all pages."""
    personas, first = with_mixes(changes, None, None)
    assert drawn.just(first) == [(said, first.card.bars[0].claim if first.card else "")]
    lines = lines_of(personas)
    assert said in report_html(personas, lines).replace("\u00a0", " ")
    assert said.replace("After 8 pm: ", "") in personas_markdown(personas, lines).replace("\\", "")
    assert said.split("; ")[0] in show_persona(first)


def test_the_first_bar_that_can_be_told_and_every_bar_that_mostly_is() -> None:
    """One sentence, of the first bar with an answer; of a later one only where at least half of it is the mix."""
    mostly = {"verdict": "mostly"}
    for mixes, places in (
        ((None, {}, {}), [1]),
        (({}, {}, mostly), [0, 2]),
        ((None, mostly, mostly), [1, 2]),
        ((None,) * 3, []),
    ):
        _, first = with_mixes(*mixes)
        assert first.card is not None
        assert [claim for _, claim in drawn.just(first)] == [first.card.bars[i].claim for i in places]


def test_the_evidence_has_all_figures_of_every_bar() -> None:
    """The part of the difference with its interval and what else was looked at, behind the claim of each bar."""
    personas, first = with_mixes({}, {"explained": 0.04}, None)
    assert first.card is not None
    lines = lines_of(personas)
    html, text = report_html(personas, lines).replace("\u00a0", " "), personas_markdown(personas, lines)
    for part in ("0.11 of the difference (95 % interval 0.02 to 0.20)", "0.04 of the difference"):
        assert part in html and part in text
    claim = next(c for c in first.claims if c.id == first.card.bars[0].claim)
    shown = " ".join(show_claim(claim, lines, just=drawn.just_of(first, claim.id)).split())
    assert "others would have 32 % of what they do, where they have 30 % and the group 48 %" in shown
    assert "also looked at: store id and hour" in shown
    assert drawn.just_of(first, first.card.bars[2].claim) == ""


def test_figures_of_a_mix_are_shown_as_those_of_a_claim() -> None:
    """In whole per cent; beside a figure that would tell of fewer than five, none at all."""
    personas, first = with_mixes({}, None, {})
    assert first.card is not None
    last = first.card.bars[2].claim
    few = [
        c.model_copy(update={"truthfulness": c.truthfulness.model_copy(update={"value": 0.99, "n": 100})})
        if c.id == last
        else c
        for c in first.claims
    ]
    shown = published_persona(first.model_copy(update={"claims": few}), lines_of(personas), of_visits=5).card
    assert shown is not None
    mix = shown.bars[0].standardised
    assert mix is not None
    assert (mix.expected, mix.explained, mix.low, mix.high) == (0.32, 0.11, 0.02, 0.2)
    assert shown.bars[2].standardised is None


@pytest.mark.parametrize(
    ("field", "kind", "names", "said"),
    [
        ("department", "category", Names(main_act="buy"), ("what they buy", "the same departments")),
        ("theme", "theme", Names(main_act="buy"), ("what they buy", "the same kinds of things")),
        ("department", "category", NO_NAMES, ("what they turn to", "the same departments")),
        ("store_id", "field", NO_NAMES, ("a matter of stores", "the same stores")),
        ("c", "field", Names(fields={"c": "Channel"}), ("a matter of channels", "the same channels")),
        ("hour", "hour", NO_NAMES, ("when in the day they come", "the same hours")),
        ("weekday", "weekday", NO_NAMES, ("on which days they come", "the same days of the week")),
    ],
)
def test_a_field_is_called_as_people_call_it(field: str, kind: str, names: Names, said: tuple[str, str]) -> None:
    """What things are sorted by is what they buy; a number of a shop is the shop; a codebook's name is kept."""
    assert said_mix(field, kind, names) == said


def test_not_just_when_is_no_line_of_a_card() -> None:
    """That it is not just their hours stands with the evidence; that it mostly is, on the card as well."""
    hours = {"field": "hour", "kind": "hour", "about": "when in the day they come", "mix": "the same hours"}
    _, first = with_mixes(hours, MIX, None)
    assert [claim for _, claim in drawn.just(first)] == [first.card.bars[1].claim if first.card else ""]
    assert drawn.just_of(first, first.card.bars[0].claim if first.card else "").startswith("not just when in the day")
    _, mostly = with_mixes({**hours, "verdict": "mostly"}, None, None)
    assert len(drawn.just(mostly)) == 1
