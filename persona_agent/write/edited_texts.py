"""Texts over all cards: what an editor is shown, and what its texts say with their figures.

In: personas with their cards. Out: rows of a prompt; texts filled, with what code has against them and the facts that they may
rest on. Promises: a slot that no card bears is wrong, and so is any other figure; figures are those that the cards show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..schema import NO_NAMES, AccountedFor, Bar, Concentration, HabitBeside, Names, Persona, TopTenth, Try
from ..words.english import cards as words
from ..words.english.attempts import sentences_of_try
from ..words.english.first_pages import firmness
from ..words.english.grammar import called_here
from ..words.english.habits_told import habit_facts, habit_name, habit_values
from ..words.english.piled_up import pile_told, round_sum
from ..words.english.trial_sizes import trial_shows
from ..words.english.value_sources import where_it_is
from ..words.english.what_they_tell import finding_of, shares_by_slot, shares_told
from ..words.sentences import examine, examine_open
from ..words.wording import SLOT, fill, percent, persona_values, size_values
from .choosing import ranked, reasons
from .critique import CritiqueContext, Known, Text, TextToRead, fill_text, known_facts

OF_A_CLAIM = re.compile(r"\.c\d+\.")
# What the words beside each name mean; an editor's last sentence says it of the groups at hand.
HOW_FAR_TO_TRUST = (
    "A group that is firm or fair is there again when one looks a second time and may be planned with; one that is soft, or a "
    "pattern only, may not. None says who a single user is."
)
TENTH = re.compile(r"\btenth\b", re.IGNORECASE)
MASK = "▢"  # a figure that is right by its slot, out of the sight of what looks for figures


@dataclass(frozen=True)
class EditedText:
    """A text as its reader gets it, and why it may not stand."""

    said: TextToRead
    wrong: list[str]


@dataclass(frozen=True)
class WholeLog:
    """What a page knows of the whole log: how many users, what it is said to be `about`, what the `top` tenth of users bring, in
    what personas are `alike` (empty where nothing is known of that), what they account for, and what the page asks (`piles`);
    the `habits` beside them, what things are `called`, and that visits may be logged in `part`.
    """

    users: int
    about: str | None = None
    top: TopTenth | None = None
    alike: str = ""
    accounted: AccountedFor | None = None
    piles: Sequence[Concentration] = ()
    habits: Sequence[HabitBeside] = ()
    called: Names = NO_NAMES
    part: str = ""


def values_of(people: Sequence[Persona], whole: WholeLog) -> dict[str, str]:
    """The slots of a page: those of every card, and of the set."""
    placed = sum(p.size.share_users for p in people)
    found = {"set.users": f"{whole.users:,}", "set.placed": percent(placed), "set.personas": f"{len(people)}"}
    if whole.top:
        found |= {"set.tenth_users": f"{whole.top.users:,}", "set.tenth_share": percent(whole.top.share)}
    found |= {f"set.{name}": text for name, text in shares_by_slot(whole.accounted).items()}
    for pile in [c for c in whole.piles if c.kind == "pile_up"][:1]:
        found |= {"set.pile": round_sum(pile), "set.pile_users": f"{pile.users:,}"}
    return {**found, **habit_values(whole.habits), **{k: v for p in people for k, v in persona_values(p).items()}}


def shown_cards(people: Sequence[Persona], spare: Mapping[str, Try]) -> list[dict[str, Any]]:
    """The cards as an editor sees them, each with what else could be tried."""
    return [_shown(p, spare.get(p.id)) for p in people]


def tried(persona: Persona, spare: Try | None) -> dict[str, str | None]:
    """What to try, and what else could be tried in its place."""
    told = persona.suggestion
    other = {"other": " ".join(sentences_of_try(spare))} if spare else {}
    return {"suggestion": " ".join(sentences_of_try(told)) if told else None, **other}


def fill_on_card(context: CritiqueContext, persona: Persona, text: Text) -> EditedText:
    """A name or a phrase of one card; its claims are those of the persona."""
    claims = {c.id: c for c in persona.claims}
    found = fill_text(context, text, claims, {})
    facts = tuple(claims[c].text for c in text.claim_ids if c in claims)
    return EditedText(TextToRead(text.kind, found.text, facts, tuple(found.look_at)), found.wrong)


def fill_on_page(people: Sequence[Persona], text: Text, whole: WholeLog) -> EditedText:
    """A text of the first page; its claims are those of any persona, and it may rest on what is known of the `whole`."""
    values = values_of(people, whole)
    claims = {c.id: (p, c) for p in people for c in p.claims}
    own = [claims[c][1] for c in text.claim_ids if c in claims]
    facts = tuple(_fact(claims[c][0], claims[c][1].text) for c in text.claim_ids if c in claims)
    unknown = [c for c in text.claim_ids if c not in claims]
    odd = sorted({s for s in SLOT.findall(text.template) if s not in values or text.kind == "gap"})
    if unknown or odd:
        wrong = [f"it rests on {', '.join(unknown)}, which no card claims"] if unknown else []
        wrong += [f"the slots {', '.join(odd)} are of no card"] if odd else []
        return EditedText(TextToRead(text.kind, text.template, facts), wrong)
    said = fill(text.template, values)
    borne = {f"{c.id}.{name}" for c in own for name in ("value", "matched", "raw", "n")}
    bare = SLOT.sub(lambda m: values[m.group(1)] if m.group(1) in borne else MASK, text.template)
    strange = sorted({s for s in SLOT.findall(text.template) if s not in borne and OF_A_CLAIM.search(s)})
    if whole.top and "{set.tenth_" in text.template:
        bare = TENTH.sub(MASK, bare)  # it is whom the slot's figure is of
    called, names = whole.called, {*(p.label for p in people), *map(habit_name, whole.habits)}
    found = (
        examine_open(bare, own, names=names, called=called)
        if text.kind == "gap"
        else examine(bare, own, None, names=names, called=called)
    )
    wrong = [
        *found.wrong,
        *([f"it has figures of {', '.join(strange)}, but does not rest on these"] if strange else []),
    ]
    # A sentence of the page may speak of all personas at once; a question is of whom it names.
    named = tuple(_size_fact(p) for p in people if p.label in said)
    sizes = (*_described(whole.about), *named) if text.kind == "gap" else facts_of_page(people, whole)
    return EditedText(TextToRead(text.kind, said, (*facts, *sizes), tuple(found.look_at)), wrong)


def facts_of_page(people: Sequence[Persona], whole: WholeLog) -> tuple[str, ...]:
    """What any text of the page may rest on: what the log is said to be, how large and how firm each persona is and what a trial
    with it would show, the names of all, where what is brought in comes from, in what they hardly differ, what they tell,
    where visits pile up, and the habits beside them.
    """
    values, names = values_of(people, whole), ", ".join(f"“{p.label}”" for p in people)
    every = f"All {values['set.users']} users of the log; {values['set.placed']} of them are in the personas {names}."
    every = f"{every}{called_here(whole.called.nouns)}"
    told = [where_it_is(whole.top) if whole.top else "", whole.alike, told_by_personas(whole)]
    told += piles_told(people, whole)
    sizes = [_size_fact(p) for p in people]
    told += habit_facts(whole.habits)
    facts = (every, HOW_FAR_TO_TRUST, *(fact for fact in told if fact), *sizes, *_trial_facts(people))
    return (*_described(whole.about), *facts)


def piles_told(people: Sequence[Persona], whole: WholeLog) -> list[str]:
    """What the page asks of sums that visits pile up at, with the names of personas."""
    return [pile_told(pile, {p.id: p.label for p in people}) for pile in whole.piles]


def told_by_personas(whole: WholeLog) -> str:
    """What personas tell of users and what not, with its figures; empty where that is not clear."""
    return f"{finding_of(whole.accounted)} {shares_told(whole.accounted)}".strip()


def relabelled(told: AccountedFor, labels: Mapping[str, str]) -> AccountedFor:
    """With facts called as their bars are now."""
    rows = [row.model_copy(update={"label": labels.get(row.label, row.label)}) for row in told.facts]
    return told.model_copy(update={"facts": rows})


def _trial_facts(people: Sequence[Persona]) -> Iterator[str]:
    for p in (p for p in people if p.suggestion):
        yield _fact(p, " ".join(trial_shows(p.suggestion)) if p.suggestion else "")
    yield from (_fact(p, reasons(p, people)) for p in ranked(people) if p.suggestion)


def _described(about: str | None) -> tuple[str, ...]:
    return (f"Whoever gave the log says what it is: “{about}”",) if about else ()


def known_of_page(people: Sequence[Persona], contexts: Mapping[str, CritiqueContext]) -> list[Known]:
    """True facts of all cards, each with the name of its persona, to try a reader with."""
    return [
        replace(known, text=_fact(p, known.text), at=_fact(p, ""))
        for p in people
        for known in known_facts(contexts[p.id], {c.id: c for c in p.claims})
    ]


def _fact(persona: Persona, text: str) -> str:
    return f"In “{persona.label}”: {text}"


def _size_fact(persona: Persona) -> str:
    told = size_values(persona.size)
    value = "" if persona.size.share_value is None else f" and {told['size.share_value']} of the value"
    word, figure = firmness(persona.firmness, persona.stability)
    users = f"{told['size.users']} users, {told['size.share_users']} of all"
    size = f"{users}, with {told['size.share_activity']} of all activity{value}"
    return _fact(persona, f"{size}; {': '.join(part for part in (word, figure) if part)}.")


def _shown(persona: Persona, spare: Try | None) -> dict[str, Any]:
    claims = {c.id: c for c in persona.claims}
    either = [persona, *([persona.model_copy(update={"suggestion": spare})] if spare else [])]
    bars = {b.claim: _bar(b, p) for p in either for b in bars_to_label(p)}
    size = {k.removeprefix("size."): v for k, v in size_values(persona.size).items() if v != "unknown"}
    firm = ": ".join(part for part in firmness(persona.firmness, persona.stability) if part)
    return {
        "id": persona.id,
        "name": persona.label,
        "sentence": persona.one_liner.text,
        "bars": list(bars.values()),
        "more": [s.text for s in persona.narrative],
        **tried(persona, spare),
        "size": size,
        "firm": firm,
        "only_a_pattern": persona.status == "pattern",
        "not_known": [gap.text for gap in persona.not_known if gap.facet is None],  # the others are code's, of any card
        "claims": {i: c.text for i, c in claims.items()},
    }


def bars_to_label(persona: Persona) -> list[Bar]:
    """The bars of a card, and where no bar has them the figure that corrects a belief, and what its suggestion watches: both are
    read aloud too.
    """
    bars = list(persona.card.bars) if persona.card else []
    corrects = persona.card.tension if persona.card and persona.misreading else None
    bars += [corrects] if corrects and corrects.claim not in {b.claim for b in bars} else []
    watched = persona.suggestion.watched if persona.suggestion else None
    if watched is None or watched.claim in {b.claim for b in bars}:
        return bars
    own = next((c.measure for c in persona.claims if c.id == watched.claim), None)
    # What is asked just as its claim asks it is read by the claim; else its figure is another.
    return [*bars, watched.model_copy(update={"measure": None}) if watched.measure == own else watched]


def _bar(bar: Bar, persona: Persona) -> dict[str, str]:
    claim = next(c for c in persona.claims if c.id == bar.claim)
    truth, of = bar.truth or claim.truthfulness, bar.measure or claim.measure
    # A slot prints a number without its unit: a writer who sees them as one leaves the unit out.
    number = bar.form == "number"
    here = words.figure(bar.form, truth.value, truth.bound, of=of) if number else words.here(bar.form, bar.unit, truth)
    told = {
        "what": bar.label,
        "here": here,
        "unit": bar.unit if number else "",
        "others": words.others(bar.form, truth, of),
    }
    return {"claim": bar.claim, **{k: v for k, v in told.items() if v}}
