"""A set of personas as it may be forwarded: what stands in personas.json, personas.md and report.html.

In: exact personas and the lines that they cite. Out: the same without what tells of a few (`words.floors`): counts of users
in fives, months of fewer than five users left out, lines against only where five users stand behind them. Exact figures stay
in run.json, users.parquet, dossiers.json and briefing.json.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..schema import (
    Answered,
    AskedMeasure,
    Audit,
    AuditedPart,
    AuditedPersona,
    AuditedStatement,
    Citation,
    Claim,
    Compared,
    Counter,
    Coverage,
    Declared,
    DraftedPublished,
    Findings,
    Journey,
    KOption,
    Persona,
    PersonaSet,
    Replications,
    Scores,
    Sentence,
    TenthCard,
    Truthfulness,
)
from ..words.floors import (
    FEW,
    in_fives,
    of_users,
    published_replications,
    published_size,
    published_truth,
    share,
    share_in_fives,
    steady_step,
    to_step,
    with_rounded_counts,
)
from ..words.published_claims import published_claim, published_counter
from ..words.published_habits import published_habit
from ..words.wording import SLOT, claim_values, fill, size_values
from .cited import Lines, key
from .front import edited_again, first_page_of
from .published_cards import (
    published_all_at_once,
    published_card,
    published_figures,
    published_firmness,
    published_held,
    published_suggestion,
    published_top_tenth,
    published_unplaced,
    published_visit,
)
from .tenth_pages import published_figures_of_tenth

OF_EVENTS = ("records", "with_events", "events", "sessions", "memories")
OF_LOSSES = ("rejected", "set_aside", "duplicates")  # of which one user may have all: told in the steps of records
FEWER_USERS = "fewer than five users, of whom nothing is told"
OF_USERS = ("users", "persons", "leaning_users", "unassigned_users", "suppressed_users")


def published(personas: PersonaSet, lines: Lines) -> PersonaSet:
    """What may be forwarded of a set; published again it stays as it is."""
    of_memories, of_visits = (
        steady_step(personas.counts.get(left, 0), personas.counts.get("users", 0)) for left in ("memories", "sessions")
    )
    choice, front = personas.k_choice, personas.first_page
    made = personas.provenance
    told = personas.model_copy(
        update={
            "counts": published_counts(personas.counts),
            "coverage": _coverage(personas.coverage, personas.counts.get("users", 0)),
            "k_choice": choice and choice.model_copy(update={"options": [_option(o) for o in choice.options]}),
            "is_it_just": [j.model_copy(update={"ami": round(j.ami, 2)}) for j in personas.is_it_just],
            "groups_xy": [g.model_copy(update={"xy": _place(g.xy)}) for g in personas.groups_xy],
            "intents": [
                i.model_copy(
                    update={
                        "users": of_users(i.users),
                        "memories": to_step(i.memories, of_memories),
                        "xy": _place(i.xy),
                    }
                )
                for i in personas.intents
            ],
            "ungrouped": personas.ungrouped
            and personas.ungrouped.model_copy(update={"tested": of_users(personas.ungrouped.tested)}),
            "everyone": personas.everyone and published_persona(personas.everyone, lines, of_visits),
            "personas": [published_persona(p, lines, of_visits) for p in personas.personas],
            "compared": personas.compared and [_compared(row) for row in personas.compared],
            "unplaced": personas.unplaced and published_unplaced(personas.unplaced),
            "tenth": personas.tenth
            and TenthCard(
                persona=published_persona(personas.tenth.persona, lines, of_visits),
                figures=published_figures_of_tenth(personas.tenth.figures, personas.tenth.persona.size.users),
            ),
            "all_at_once": personas.all_at_once and published_all_at_once(personas.all_at_once),
            "top_tenth": personas.top_tenth and published_top_tenth(personas.top_tenth),
            "habits": personas.habits and [published_habit(habit) for habit in personas.habits],
            "held": personas.held and [published_held(value) for value in personas.held],
            "provenance": made.model_copy(
                update={
                    "notes": [with_rounded_counts(note) for note in made.notes],
                    "redaction": {kind: of_users(found) for kind, found in made.redaction.items()},
                }
            ),
        }
    )
    told = told.model_copy(update={"edited": edited_again(told)})
    return told.model_copy(
        update={"first_page": front and first_page_of(told, [with_rounded_counts(m) for m in front.mended])}
    )


def published_counts(counts: dict[str, int]) -> dict[str, int]:
    """Users in fives; what users left in steps of about what five of them leave."""
    n = max(counts.get("users", 0), 1)
    users = {name: of_users(counts[name]) for name in OF_USERS if name in counts}
    left = {name: to_step(counts[name], steady_step(counts[name], n)) for name in OF_EVENTS if name in counts}
    of_records = steady_step(counts.get("records", 0), n)
    lost = {name: to_step(counts[name], of_records) for name in OF_LOSSES if name in counts}
    return {**counts, **users, **left, **lost}


def _coverage(covered: Coverage, users: int) -> Coverage:
    """Users to the nearest five, in whole per cent; where so few are on no card, or on any, that none are told, it is as if
    nobody were, and of what these did nothing is told: else one would hear whether there is somebody.
    """
    shares = {name: share(getattr(covered, name)) for name in ("activity", "value")}
    of_fives = {name: share_in_fives(getattr(covered, name), users) for name in ("users", "leaning")}
    if of_fives["users"] in (0.0, 1.0):
        shares = {name: None if part is None else of_fives["users"] for name, part in shares.items()}
    return covered.model_copy(update={**of_fives, **shares})


def _option(option: KOption) -> KOption:
    """A number of personas that was tried, in the digits that are printed."""
    figures = {name: None if (x := getattr(option, name)) is None else round(x, 2) for name in ("kappa", "gain")}
    return option.model_copy(update={**figures, "merges": with_rounded_counts(option.merges)})


def _place(xy: tuple[float, float]) -> tuple[float, float]:
    """A place of a map no finer than it is drawn."""
    return round(xy[0], 2), round(xy[1], 2)


def _scores(scores: Scores) -> Scores:
    return scores.model_copy(
        update={"information": None if scores.information is None else round(scores.information, 2)}
    )


def published_persona(persona: Persona, lines: Lines, of_visits: int) -> Persona:
    """One card, its sentences filled with the figures that are shown; `of_visits`: the step in which visits are told."""
    size = published_size(persona.size)

    def told(claim: Claim) -> Claim:
        found = published_claim(claim)
        return found.model_copy(update={"counter": _of_five(found.counter, lines)}) if claim.measure else found

    claims = [told(c) for c in persona.claims]
    values = {k: v for c in claims for k, v in claim_values(c).items() if "." in k} | size_values(size)
    return persona.model_copy(
        update={
            "size": size,
            "reasons": [with_rounded_counts(reason) for reason in persona.reasons],
            # One in a hundred stands for less as well: of a few hundred memories one is one user's.
            "intents": [i.model_copy(update={"share": max(round(i.share, 2), 0.01)}) for i in persona.intents],
            "one_liner": _filled(persona.one_liner, values),
            "narrative": [_filled(s, values) for s in persona.narrative],
            "sizes_over_time": [
                p.model_copy(update={"users": of_users(p.users)}) for p in persona.sizes_over_time if p.users >= FEW
            ],
            "claims": claims,
            "misreading": persona.misreading if persona.tension in {c.id for c in claims} else None,
            "hypotheses": [told(c) for c in persona.hypotheses],
            "withdrawn": [told(c) for c in persona.withdrawn],
            "contrasting": persona.contrasting if _users(persona.contrasting, lines) >= FEW else [],
            "stability": share(persona.stability),
            "scores": DraftedPublished(
                drafted=_scores(persona.scores.drafted), published=_scores(persona.scores.published)
            ),
            "journeys": [_journey(j, persona.claims, of_visits) for j in persona.journeys],
            "declared": [_declared(d) for d in persona.declared],
            "firmness": persona.firmness and published_firmness(persona.firmness),
            "visit": persona.visit and published_visit(persona.visit, {c.id for c in claims}),
            "top_five": share(persona.top_five),
            "suggestion": persona.suggestion and published_suggestion(persona.suggestion, {c.id for c in claims}),
            "trial": persona.trial and published_figures(persona.trial, {c.id for c in claims}),
            "card": persona.card and published_card(persona.card, {c.id: c for c in claims}),
        }
    )


def _journey(journey: Journey, claims: Sequence[Claim], of_visits: int) -> Journey:
    """A journey as often as its claim says that it is: two roundings of one number would tell more of it than one."""
    for c in claims:
        if c.measure is None or c.counter is None or journey.support != (c.counter.n_support or 0):
            continue
        if [str(step[0].value[0]) for step in c.measure.steps] == journey.steps:
            told = published_counter(c.counter, c.measure, c.truthfulness.n)
            return journey.model_copy(update={"support": (told and told.n_support) or 0})
    return journey.model_copy(update={"support": to_step(journey.support, of_visits)})


def published_audit(audit: Audit, lines: Lines) -> Audit:
    """An audit as it may be forwarded. Whoever writes the statements chooses the questions, and lists of users with them: of
    fewer than five nothing is told but that they are fewer.
    """
    personas = [_audited(p, audit.users - p.members, lines) for p in audit.personas]
    outcomes = {name: sum(p.outcomes.get(name, 0) for p in personas) for name in audit.outcomes}
    return audit.model_copy(update={"users": of_users(audit.users), "personas": personas, "outcomes": outcomes})


def _audited(persona: AuditedPersona, others: int, lines: Lines) -> AuditedPersona:
    few = persona.members < FEW
    statements = [_nothing_of(s) if few else _told(s, others, lines) for s in persona.statements]
    if not few:
        how = with_rounded_counts(persona.how)
        return persona.model_copy(update={"members": of_users(persona.members), "how": how, "statements": statements})
    outcomes = {**dict.fromkeys(persona.outcomes, 0), "not_testable": len(statements)}
    return persona.model_copy(update={"members": 0, "how": FEWER_USERS, "statements": statements, "outcomes": outcomes})


def _nothing_of(statement: AuditedStatement) -> AuditedStatement:
    of_nobody: dict[str, object] = {
        "outcome": "not_testable",
        "reason": FEWER_USERS,
        "parts": [],
        "lines": [],
        "counter": None,
    }
    return statement.model_copy(update={**of_nobody, "tells_nothing": False})


def _told(statement: AuditedStatement, others: int, lines: Lines) -> AuditedStatement:
    measures = [part.measure for part in statement.parts if part.measure]
    counter = statement.counter
    if counter is not None and measures:
        counter = _of_five(published_counter(counter, measures[0], statement.parts[0].result.n), lines)
    parts = [_told_part(part, others) for part in statement.parts]
    reasons = {
        f"{was.result.label}: {was.result.reason}": now.result for was, now in zip(statement.parts, parts, strict=True)
    }
    told = reasons.get(statement.reason)
    reason = statement.reason if told is None else f"{told.label}: {told.reason}"
    return statement.model_copy(
        update={
            "reason": in_fives(reason),
            "parts": parts,
            "lines": statement.lines if _users(statement.lines, lines) >= FEW else [],
            "counter": counter,
        }
    )


def published_findings(findings: Findings) -> Findings:
    """What was found and asked, with figures as cards tell them; what no five users answer has none."""

    def told(asked: AskedMeasure, one: Answered) -> Answered:
        truth = published_truth(one.result, asked.measure)
        return one.model_copy(update={"result": truth, "information_bits": _bits(one.information_bits, truth)})

    rows = [a.model_copy(update={"answers": [told(a, one) for one in a.answers]}) for a in findings.asked]
    return findings.model_copy(update={"asked": rows})


def _bits(bits: float | None, truth: Truthfulness) -> float | None:
    """Information as it is printed, beside a figure that is told."""
    return None if bits is None or truth.value is None or truth.bound else round(bits, 2)


def _compared(row: Compared) -> Compared:
    cells = [c.model_copy(update={"truth": published_truth(c.truth, row.measure)}) for c in row.cells]
    return row.model_copy(update={"cells": cells})


def _told_part(part: AuditedPart, others: int) -> AuditedPart:
    """Its figures, and those of the `others` where they are five or more: who is left out of a list is among them."""
    truth = part.result.model_copy(update={"raw": None, "matched": None} if others < FEW else {})
    if truth.label == "not_enough":
        truth = truth.model_copy(update={"value": None, "ci": None})
    shares = part.measure is not None and part.measure.statistic == "share"
    value = part.others_value if others >= FEW else None
    again = published_replications(Replications(held_out=part.set_aside), part.measure).held_out
    truth = published_truth(truth, part.measure)
    return part.model_copy(
        update={
            "result": truth,
            "information_bits": _bits(part.information_bits, truth),
            "set_aside": again if others >= FEW or again is None else again.model_copy(update={"matched": None}),
            "others_value": share(value) if shares or value is None else float(f"{value:.3g}"),
        }
    )


def _declared(column: Declared) -> Declared:
    values = [v.model_copy(update={"users": of_users(v.users)}) for v in column.values]
    return column.model_copy(update={"values": values, "other": of_users(column.other)})


def _filled(sentence: Sentence, values: dict[str, str]) -> Sentence:
    known = set(SLOT.findall(sentence.template)) <= set(values)
    return sentence.model_copy(update={"text": fill(sentence.template, values)}) if known else sentence


def _of_five(counter: Counter | None, lines: Lines) -> Counter | None:
    """Lines against only where five users stand behind them: units may be many and of one."""
    if counter is None or _users(counter.lines, lines) >= FEW:
        return counter
    return counter.model_copy(update={"lines": []})


def _users(citations: Sequence[Citation], lines: Lines) -> int:
    return len({lines[key(c)].user for c in citations if key(c) in lines})
