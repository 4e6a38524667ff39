"""What a page, a Markdown file and a terminal all say of a run, in words. Nothing here is escaped: whoever shows it does.

A `PersonaSet` and its claims come in; plain sentences and pairs of term and text go out. Numbers are printed as claims
print them.
"""

from __future__ import annotations

import re
from datetime import date

from ..schema import Claim, Concentration, EditTold, Given, NotPlaced, Persona, PersonaSet, Window
from ..words.english import visiting
from ..words.english.cards import WHO_IS_SUREST, short_number, unknown_words
from ..words.english.grammar import plural
from ..words.english.piled_up import asked_first, more_than_around, pile_told
from ..words.wording import number, percent

SOLID = 0.75  # Hennig's (2007) bound for a stable cluster
MOSTLY = 0.5  # adjusted mutual information above which the groups are mostly that field; as in groups/find.py
MOST_GAPS = 2  # on a card: what a reader would ask next, not all that is not known
FAR = (
    1.5  # times the share of users, or the other way round: a share of activity that is nearer says nothing new. Round
)
EDITS_TITLE = "What people changed on these pages"
FINDINGS_TITLE = "Worth a look: what is not smooth in this log; nobody knows why from it"
METHOD = (
    "Actions that stand together in a visit became memories; memories alike became what people come for.",
    "Users whose mix of these is alike became groups, if halves of their own visits foretell each other better than chance.",
    "For each group a writer drafted claims, each with a measure that code ran over the whole log.",
    "A claim that is false, too small to know, or gone among comparable others was withdrawn; it is listed with its reason.",
    "What is shown was asked again of users set aside beforehand, and of the last quarter of the time.",
)
ASKED = "Before any card, the writer put {asked} questions to the log, of all groups at once; the cards tell {told} of them."
KIND = {
    "behaviour": "what they do",
    "preference": "what they choose",
    "rhythm": "when they do it",
    "friction": "where it hurts",
    "journey": "in which order they do it",
    "goal_hypothesis": "what they may be after",
}
REASON = {
    "artefact": "artefact: it goes away among comparable users",
    "false": "false over all users, though it held on those it was made from",
    "not_enough": "not enough users to know",
}
STATUS = {
    "published": "published",
    "pattern": "a pattern only: do not plan on its borders",
    "withheld": "withheld",
}


GIVEN_METHOD = (
    "Actions that stand together in a visit became memories; memories alike became what people come for.",
    "Groups were given. How well the log tells them apart was asked of half of each user's visits, by what other users do.",
)


def compared_with(personas: PersonaSet) -> str:
    """Who “others” are."""
    given = personas.given
    whom = f"users of “{given.against}”" if given and given.against else "users outside the group"
    when = (
        "were looked at for about as long"
        if given and given.own_days
        else f"came in the same {personas.same_time or 'month'}"
    )
    if given and not given.is_outcome:
        return f"{whom} who {when} and who are there about as much, by lines, visits and days"
    lately = ", had been there about as lately before the date" if given and given.is_outcome else ""
    return f"{whom} who {when}{lately} and were active on about as many days (for how often they come: who {when})"


def surest_half(personas: PersonaSet) -> str:
    """Who “the surest half” are, where a card tells of them."""
    told = any(bar.core for p in shown(personas) for bar in (p.card.bars if p.card else []))
    return f" “The surest half” are {WHO_IS_SUREST}." if told else ""


def alike_in(given: Given, same_time: str | None) -> str:
    """What users of different outcomes have in common before the date; `same_time` as of a `PersonaSet`."""
    first = "how long they were looked at" if given.own_days else f"the {same_time or 'month'} in which they first came"
    return f"{first}, how lately they had been there, and on how many days they were active"


def shown(personas: PersonaSet) -> list[Persona]:
    """Those that passed the gate, as published or, after these, as pattern: a page does not begin with what it trusts least."""
    return sorted((p for p in personas.personas if p.status != "withheld"), key=lambda p: p.status == "pattern")


def without_card(personas: PersonaSet, left: NotPlaced) -> str:
    """What a table calls users of whom there is no card: who is in a given group was placed by whoever gave it."""
    return "No card" if personas.given else "Lean to one" if left.leans else "Not placed"


def withheld(personas: PersonaSet) -> list[Persona]:
    return [p for p in personas.personas if p.status == "withheld"]


def headline(personas: PersonaSet) -> str:
    """What of a log without a persona that is shown comes first: its state."""
    if personas.state == "none":
        return "This log does not fall into groups"
    return f"{_divided(personas)}, but no {personas.noun} can be shown"


def like_for_like(text: str) -> str:
    """The text where “others” mean the comparable ones, as a page says once."""
    return text.replace("comparable others", "others")


def counted_users(personas: PersonaSet) -> str:
    """“2,480 users”; where accounts are the unit, with the persons behind them."""
    users, persons = plural(personas.counts.get("users", 0), "user"), personas.counts.get("persons")
    return users if persons is None else f"{users} with {plural(persons, 'person')}"


def mostly_sentence(personas: PersonaSet) -> str:
    """What these groups are under another name; empty where they are not."""
    fields = [just.field for just in personas.is_it_just if just.ami > MOSTLY]
    return f"These groups are mostly {' and '.join(fields)} under another name." if fields and shown(personas) else ""


def withdrawn_by_reason(personas: PersonaSet) -> list[tuple[str, int, str]]:
    """Why claims were withdrawn, how many for each reason, and one of them in full; of withheld personas too."""
    found: dict[str, list[str]] = {}
    for claim in (c for p in personas.personas for c in p.withdrawn):
        if claim.withdrawal:
            found.setdefault(claim.withdrawal.label, []).append(f"{claim.text} {claim.withdrawal.why}")
    rows = [(REASON.get(r, r.replace("_", " ")), len(told), told[0]) for r, told in found.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def window_words(window: Window) -> str:
    """“1 to 31 May 2025”, as short as it can be."""
    start, end = (date.fromisoformat(d) if d else None for d in (window.start, window.end))
    if start is None or end is None:
        return f"since {_day(start)}" if start else f"until {_day(end)}" if end else "all of its time"
    if start == end:
        return _day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {_day(end)}"
    return f"{start.day} {start:%b} to {_day(end)}" if start.year == end.year else f"{_day(start)} to {_day(end)}"


def sizes(persona: Persona) -> list[tuple[str, str]]:
    """Figures of a card with what they are of; of activity only where it is far from the share of users."""
    size = persona.size
    of = f" ({percent(size.share_users)})" if size.share_users < 1 else ""
    found = [(f"{size.users:,}", f"{plural(size.users, 'user').split()[1]}{of}")]
    if size.persons is not None:
        found.append((f"{size.persons:,}", plural(size.persons, "person").split()[1]))
    if max(size.share_activity, size.share_users) >= FAR * min(size.share_activity, size.share_users):
        found.append((percent(size.share_activity), "of the activity"))
    return [*found, (percent(size.share_value), "of the value")] if size.share_value is not None else found


def claim_or_none(persona: Persona, claim_id: str | None) -> Claim | None:
    known = {c.id: c for c in [*persona.claims, *persona.hypotheses, *persona.withdrawn]}
    return known.get(claim_id or "")


def declared(p: Persona) -> list[str]:
    """What is declared of a group, column by column, with the shares of its members."""
    told = []
    for column in p.declared:
        n = max(sum(v.users for v in column.values) + column.other, 1)
        values = [f"“{v.value}” {percent(v.users / n)} ({v.users:,})" for v in column.values]
        rest = (
            [f"another or not said {percent(column.other / n)} ({column.other:,})"] if column.other and values else []
        )
        told.append(f"{column.column}: {', '.join([*values, *rest]) or 'no value of enough users to be told'}")
    return told


BESIDE = (
    "Figures are means over users, who all weigh the same. In a bar the fill is all users, the line in it the 95 % interval, the "
    "mark across it what stands beside the figure; bars under one heading have one scale. By chance: what is left where the "
    "lines of a month are exchanged between visits, the order within a visit is drawn anew, or visits are exchanged between "
    "users. § opens the evidence."
)
PARTS = {
    "name": "the name",
    "sentence": "the first sentence",
    "try": "what to try",
    "whom": "with whom to try it",
    "stop": "when to stop trying",
    "new": "a claim",
}
DID = {
    "worded": "in a person's words",
    "proposed": "proposed by a person",
    "accepted": "accepted by a person",
    "rejected": "left out by a person",
    "locked": "locked by a person",
    "noted": "noted by a person",
}


def edit_told(edit: EditTold) -> str:
    """What a person changed, and whether it stands; of a conflict nothing of their words is told."""
    head, _, part = edit.at.partition(".")
    place = PARTS.get(part) or (f"claim {edit.at}" if part.startswith("c") else "a sentence")
    note = f" Their note: {edit.note}" if edit.note else ""
    if edit.outcome == "conflict":
        return f"{head}, {place}: {DID[edit.did]}, and it does not stand here: {edit.why}.{note}"
    anew = ", checked again with new figures" if edit.outcome == "verified" else ""
    return f"{head}, {place}: {DID[edit.did]}{anew}{f' ({edit.mark})' if edit.mark else ''}.{note}"


def finding(personas: PersonaSet, found: Concentration) -> str:
    """Something that is not smooth, as a question, and whether users set aside show it too."""
    again, question = found.again, f"{_question(personas, found)} {more_than_around(found)}".strip()
    if again.holds is None or again.ratio is None:
        return f"{question} Too few users were set aside to see whether it is so among them."
    return f"{question} It is {'' if again.holds else 'not surely '}so among users set aside ({short_number(again.ratio)} times)."


def worth_asking(personas: PersonaSet) -> list[str]:
    """For the first page: what is asked of the whole log."""
    found = personas.findings.concentrations if personas.findings else []
    return [_question(personas, c) for c in asked_first(found, shown(personas))]


def _question(personas: PersonaSet, found: Concentration) -> str:
    called = "group" if personas.given else "persona"
    return pile_told(found, {p.id: p.label for p in shown(personas)}, called)


def gaps(p: Persona) -> list[str]:
    """What a card says that nobody knows: what is asked of this card alone, and no more than two of it."""
    return [no_question(gap.text) for gap in p.not_known if gap.facet is None][:MOST_GAPS]


def unknown_told(p: Persona) -> str:
    """The same as it goes on from the lead of its paragraph."""
    return unknown_words(gaps(p))


def no_question(text: str) -> str:
    """“Whether it is read?” is none, nor is “How they read it?”: they are what nobody knows."""
    return re.sub(r"\?$", ".", text)


def have_bars(personas: PersonaSet) -> bool:
    """Whether any card holds figures against those of others."""
    return any(p.card.bars for p in shown(personas) if p.card)


def why_withheld(persona: Persona) -> str:
    """The first reason as a sentence."""
    reason = persona.reasons[0] if persona.reasons else "no reason is on record"
    reason = re.sub(r"distinguishing (claims?)", r"\1 to set them apart", reason)
    return f"{reason[:1].upper()}{reason[1:]}."


def claim_of(personas: PersonaSet, claim_id: str) -> Claim | None:
    """A claim by its id, of any page."""
    return next((c for p in _pages(personas) for c in p.claims if c.id == claim_id), None)


def of_whom(personas: PersonaSet, claim_id: str) -> str:
    return next((p.label for p in _pages(personas) if any(c.id == claim_id for c in p.claims)), "")


def _pages(personas: PersonaSet) -> list[Persona]:
    return [*([personas.everyone] if personas.everyone else []), *shown(personas), *personas.tenths]


def method(personas: PersonaSet) -> list[str]:
    """How a set was made, step by step; with how many questions a writer asked, where one did."""
    asked, told = (personas.counts.get(f"questions_{name}", 0) for name in ("asked", "told"))
    first = METHOD[:2] if personas.given is None else GIVEN_METHOD
    return [*first, *([ASKED.format(asked=asked, told=told)] if asked else []), *METHOD[2:]]


def provenance(personas: PersonaSet) -> list[tuple[str, str]]:
    """How a set was made, as pairs of term and text."""
    made = personas.provenance
    found = [
        ("run", personas.run_id),
        ("models", ", ".join(f"{role}: {name}" for role, name in sorted(made.models.items())) or "none"),
        (
            "prompts",
            ", ".join(f"{stage} ({digest[:12]})" for stage, digest in sorted(made.prompt_versions.items())) or "none",
        ),
        ("seed", str(made.seed)),
        ("counts", ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in sorted(personas.counts.items()))),
        (
            "model calls",
            ", ".join(f"{k.replace('_', ' ')} {number(v)}" for k, v in sorted(made.ledger.items())) or "none",
        ),
        ("masked", ", ".join(plural(n, kind) for kind, n in sorted(made.redaction.items())) or "no identifiers found"),
    ]
    return [*found, *[("note", note) for note in made.notes]]


def _divided(personas: PersonaSet) -> str:
    n = personas.counts.get("groups", len(personas.personas))
    if personas.by == "intents":
        return f"Users of this log come for {plural(n, 'thing')}"
    if personas.given is not None:
        return f"{plural(n, 'group')} {'was' if n == 1 else 'were'} given"
    return f"This log falls into {plural(n, 'group')}"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else ""


def visit_title(persona: Persona) -> str:
    """What stands above a visit, or above what is told where none is."""
    if persona.visit is None:
        return ""
    return (
        visiting.visit_title(persona.visit) if len(visit(persona)) > (persona.top_five is not None) else visiting.WORTH
    )


def choice_of_visit(persona: Persona) -> str:
    """How the visit of a card was chosen, where it is one that was."""
    if persona.visit is None or not persona.visit.lines:
        return ""
    bars = persona.card.bars if persona.card else []
    return visiting.visit_chosen(persona.visit, [bar.label for bar in bars if bar.claim in persona.visit.shows])


def of_value(persona: Persona) -> str:
    """The share of all value in the table; what hangs on few of them stands on the card."""
    return "–" if persona.size.share_value is None else percent(persona.size.share_value)


def visit(persona: Persona) -> list[str]:
    """A visit of the group, and what visits of theirs usually come to; nothing where there is none."""
    found = persona.visit and visiting.as_claimed(persona.visit, persona.claims)
    heavy = [visiting.few_carry(persona.top_five)] if persona.top_five else []
    if found is None:
        return []
    told_elsewhere = [*persona.card.bars, *filter(None, [persona.card.tension])] if persona.card else []
    bars = {bar.claim for bar in told_elsewhere}
    measures = [c.measure for c in persona.claims if c.id in bars and c.measure is not None]
    told = {m.of for m in measures if m.unit == "sessions" and m.statistic != "share"}
    if not found.steps:
        return [*filter(None, [visiting.visit_figures(found, told, visiting.bars_of_card(persona))]), *heavy]
    usually = visiting.visit_usually(found, told)
    return [visiting.visit_steps(found), *([usually] if usually else []), *heavy]
