"""Cards: which facts they draw, and that all personas are held side by side by the same measures."""

from __future__ import annotations

import re
from typing import Any

from persona_agent.commands.running import RunResult
from persona_agent.evidence import Population
from persona_agent.report import drawn
from persona_agent.schema import Claim, Condition, Measure, Names, Persona
from persona_agent.words.english.asked_labels import any_reading
from persona_agent.words.english.readings import reading
from persona_agent.write.briefs import Briefed
from persona_agent.write.cards.bars import (
    LONGEST_SAID,
    MOST_BARS,
    CardFact,
    _otherwise,
    end_of_order,
    facts_of_card,
    find_tension,
    plainer,
)
from persona_agent.write.cards.making import _CardSubject, _told_once

BANNED = re.compile(r"do more than .* of what they do|comparable others|[a-z]_[a-z]|everyone else", re.IGNORECASE)


def test_a_bar_is_borne_by_a_claim(world_run: RunResult) -> None:
    """Each bar names an accepted claim of its persona and has its figures or those of the same question asked plainly."""
    for p in world_run.personas.personas:
        assert p.card is not None
        claims = {c.id: c for c in p.claims}
        assert len(p.card.bars) <= MOST_BARS
        for bar in p.card.bars:
            claim = claims[bar.claim]
            assert claim.measure is not None
            assert (bar.measure is None) == (bar.truth is None)
            if bar.measure is not None:
                plain = plainer(claim.measure) or end_of_order(claim.measure)
                assert plain is not None
                assert bar.measure.steps == plain.steps


def test_what_an_order_ends_with_is_a_fact_of_its_own(world_run: RunResult) -> None:
    """“A, then B” asks plainly whether visits include B; a claim that a bar tells so stands in no line about orders as well."""
    first, then = ([{"field": "action", "op": "is", "value": [act]}] for act in ("open", "close"))
    asked = {"unit": "sessions", "statistic": "share", "versus": "matched", "says": {"comparator": "more_than_others"}}
    order = Measure.model_validate(asked | {"where": first, "steps": [first, then], "ordered": True})
    assert end_of_order(order) == Measure.model_validate(asked | {"steps": [then]})
    assert end_of_order(order.model_copy(update={"where": []})) is None
    assert end_of_order(Measure.model_validate(asked | {"steps": [then]})) is None
    for p in world_run.personas.personas:
        if p.card and p.card.path:
            assert all(bar.claim != p.card.path.claim for bar in p.card.bars)


def test_one_fact_is_one_bar(world_run: RunResult) -> None:
    """No two bars of a card speak of the same act, time or amount."""
    for p in world_run.personas.personas:
        claims = {c.id: c for c in p.claims}
        seen: set[str] = set()
        for bar in p.card.bars if p.card else []:
            told = reading(bar.measure or measure_of(claims[bar.claim].measure))
            assert told is not None
            assert not seen & told.facts
            seen |= told.facts


def test_words_of_a_card_are_plain(world_run: RunResult) -> None:
    """No label, name or sentence holds a raw event string, a share of a share or “comparable others”; all have a unit."""
    for p in world_run.personas.personas:
        bars = p.card.bars if p.card else []
        for text in [p.label, p.one_liner.text, *(b.label for b in bars)]:
            assert not BANNED.search(text), text
        assert "“" not in p.label
        assert len(p.label.split()) <= 6
        assert all(b.unit for b in bars if b.form == "share")


def test_all_stand_side_by_side(world_run: RunResult) -> None:
    """Every row has a cell for every shown persona, and the persona whose fact it is has the figure of its card."""
    shown = [p for p in world_run.personas.personas if p.status != "withheld"]
    rows = world_run.personas.compared or []
    assert rows
    for row in rows:
        assert [c.persona for c in row.cells] == [p.id for p in shown]
    for p in shown:
        for bar in p.card.bars if p.card else []:
            claim = next(c for c in p.claims if c.id == bar.claim)
            row = next((r for r in rows if r.label == bar.label and r.unit == bar.unit), None)
            if row is None:
                continue
            cell = next(c for c in row.cells if c.persona == p.id)
            assert cell.truth.value == (bar.truth or claim.truthfulness).value


def test_the_shares_of_the_first_page_add_up(world_run: RunResult) -> None:
    """Shown personas and those that are not placed are all users, to the rounding of fives."""
    personas = world_run.personas
    assert personas.first_page is not None
    shown = sum(p.size.users for p in personas.personas if p.status != "withheld")
    rest = sum(left.users for left in personas.first_page.not_placed)
    assert abs(shown + rest - personas.counts["users"]) <= 5 * (len(personas.personas) + 2)


def test_a_page_says_nothing_that_nobody_would_say(world_run: RunResult) -> None:
    """What is read of a card before anything is opened: no share of a share, no “comparable others”, no raw event string, no
    heading without words under it, and no bar twice.
    """
    html = (world_run.out / "report.html").read_text(encoding="utf-8")
    cards = re.findall(r"<article .*?</article>", html, re.DOTALL)
    assert cards
    for card in cards:
        seen = re.sub(
            r"<(details|template|svg)\b.*?</\1>", "", card.split('<details class="evidence"')[0], flags=re.DOTALL
        )
        assert not re.search(r"<h3>[^<]*</h3>\s*(<h3|<ul></ul>|<p>\s*</p>|</article>)", seen)
        text = re.sub(r"<[^>]+>", " ", seen)
        assert not BANNED.search(text), BANNED.search(text)
        bars = re.findall(r'<th scope="row">(.*?)<a ', seen)
        assert len(bars) == len(set(bars))
    legends = html.count("<dt>comparable others</dt>") + html.count("have no comparable others")
    assert html.count("comparable others") <= 1 + legends + html.count("<template") * 2


def measure_of(measure: Measure | None) -> Measure:
    assert measure is not None
    return measure


def test_who_does_not_fit_is_said_in_few_words_or_by_the_bar(world_run: RunResult) -> None:
    """What a member does otherwise is told where people would read it to its end; else the page has the bar's label."""
    upload = {"field": "action", "op": "is", "value": ["upload"]}
    more = [
        {"field": f"properties.{name}", "op": "is", "value": [name]} for name in ("kind", "place", "device", "brand")
    ]
    compared = {"versus": "matched", "says": {"comparator": "more_than_others"}}
    claim = next(c for p in world_run.exact.personas for c in p.claims)
    for steps, told in (([[upload]], True), ([[upload, *more], [upload, *more]], False)):
        measure = Measure.model_validate({"unit": "sessions", "statistic": "share", "steps": steps, **compared})
        fact = CardFact(claim, measure, claim.truthfulness, any_reading(measure), own=False)
        said = _otherwise(fact, Names())
        assert said.startswith("do no ") != told
        assert len(said.split()) <= LONGEST_SAID + 3, "than others do"


MORE = {"versus": "matched", "says": {"comparator": "less_than_others"}}


def test_in_what_they_are_as_others_corrects_a_card_and_is_no_bar(world_run: RunResult, world_briefed: Briefed) -> None:
    """Of a share of things, an act that they do more, or a number it stands under who does not fit, with others’ figure; it is
    no bar, though a writer asks for one. The same figure said of them alone is no misfit.
    """
    persona = next(p for p in world_run.exact.personas if p.card and p.card.bars and p.card.bars[0].measure is None)
    claim = next(c for c in persona.claims if persona.card and c.id == persona.card.bars[0].claim)
    group = next(b.dossier.group for b in world_briefed.groups if b.context.id == persona.id)
    corpus, population = world_briefed.corpus, Population(group)
    act = next(str(c.value[0]) for p in world_run.exact.personas for c in _tests(p) if c.field == "action")
    step = [{"field": "action", "op": "is", "value": [act]}]
    alike = {"versus": "matched", "says": {"comparator": "as_others"}}
    seen = [{"field": "met_before", "op": "in", "value": ["yes", "no"]}]
    again = [[{"field": "met_before", "op": "is", "value": ["yes"]}]]
    asked: list[tuple[dict[str, Any], str]] = [
        ({"unit": "things", "statistic": "share", "where": seen, "steps": again}, "30 % of the things"),
        ({"unit": "sessions", "statistic": "share", "steps": [step]}, "30 %"),
        ({"unit": "sessions", "statistic": "median", "of": "gap"}, "visits are 0.3 days apart"),
        ({"unit": "sessions", "statistic": "median", "of": "things"}, "0.3"),
    ]
    for question, told in asked:
        measure = Measure.model_validate(question | alike)
        truth = claim.truthfulness.model_copy(update={"value": 0.3, "matched": 0.31, "bound": None})
        made = claim.model_copy(update={"id": f"{persona.id}.c99", "measure": measure, "truthfulness": truth})
        card = _with(persona, made)
        facts = facts_of_card(corpus, card, population, [made.id, claim.id])
        assert facts
        assert all(f.claim.id != made.id for f in facts)
        bar = find_tension(card, corpus.names, [CardFact(made, measure, truth, any_reading(measure), own=True), *facts])
        assert bar is not None
        shown = card.model_copy(update={"card": persona.card and persona.card.model_copy(update={"tension": bar})})
        said = drawn.tension(shown)
        assert said is not None
        assert told in said[0]
        assert said[0].endswith(", as with others (31 %)." if "%" in told else ", as with others (0.31).")
    reading = persona.model_copy(update={"misreading": "A fixed order"})
    apart = made.model_copy(update={"measure": Measure.model_validate(asked[0][0] | MORE)})
    corrected = _with(reading, apart)
    assert find_tension(_with(persona, apart), corpus.names, facts) is None
    told_with = corrected.card and corrected.card.model_copy(
        update={"tension": find_tension(corrected, corpus.names, facts)}
    )
    said = drawn.tension(corrected.model_copy(update={"card": told_with}))
    assert said is not None, "what a writer says that it corrects may be apart from others as well"
    assert said[0].startswith("“A fixed order” is not so: 30 % of the things")
    assert said[0].endswith(" (others 31 %).")
    plain = Measure.model_validate(question | {"says": {"comparator": "about", "value": 0.3}})
    assert find_tension(_with(persona, made.model_copy(update={"measure": plain})), corpus.names, facts) is None


def _tests(persona: Persona) -> list[Condition]:
    return [c for claim in persona.claims if claim.measure for step in claim.measure.steps for c in step]


def _with(persona: Persona, claim: Claim) -> Persona:
    return persona.model_copy(update={"claims": [*persona.claims, claim], "tension": claim.id})


def test_what_things_of_a_kind_come_to_is_no_share(world_run: RunResult) -> None:
    """A price of things of one theme is told by how many times as large it is: it is no part of what somebody buys."""
    claim = next(c for p in world_run.exact.personas for c in p.claims if c.truthfulness.matched is not None)
    measure = Measure.model_validate(
        {
            "unit": "events",
            "statistic": "median",
            "of": "value",
            "steps": [[{"field": "theme", "op": "is", "value": ["tea"]}]],
            "versus": "matched",
            "says": {"comparator": "more_than_others"},
        }
    )
    truth = claim.truthfulness.model_copy(update={"value": 20.0, "matched": 2.0})
    fact = CardFact(claim, measure, truth, any_reading(measure), own=False)
    assert fact.reading.form != "share"
    assert fact.strength > 0


def test_a_fact_of_several_cards_stands_where_it_is_strongest(world_run: RunResult) -> None:
    """Of two cards that would draw one fact the one with the wider gap does; the other keeps it only where it has three bars."""
    first, second = [p for p in world_run.exact.personas if p.status != "withheld"][:2]
    claim = next(c for c in first.claims if c.measure is not None and c.truthfulness.matched is not None)

    def facts(*gaps: float) -> list[CardFact]:
        """Facts about acts a, b, c … with these gaps."""
        made = []
        for act, gap in zip("abcd", gaps, strict=False):
            measure = Measure.model_validate(
                {
                    "unit": "sessions",
                    "statistic": "share",
                    "steps": [[{"field": "action", "op": "is", "value": [act]}]],
                    "versus": "matched",
                    "says": {"comparator": "more_than_others"},
                }
            )
            truth = claim.truthfulness.model_copy(update={"value": 0.3 + gap, "matched": 0.3})
            made.append(CardFact(claim, measure, truth, any_reading(measure), own=False))
        return made

    def drawn(*cards: list[CardFact]) -> list[int]:
        told = [_CardSubject(p, f, Population(0)) for p, f in zip((first, second), cards, strict=True)]
        return [len(t.facts) for t in _told_once(told)]

    assert drawn(facts(0.4, 0.3, 0.3, 0.2), facts(0.2)) == [4, 1]
    assert drawn(facts(0.4, 0.1, 0.1, 0.1), facts(0.2, 0.3)) == [3, 2]
    assert drawn(facts(0.2, 0.1, 0.1), facts(0.4, 0.3, 0.3)) == [3, 3]
