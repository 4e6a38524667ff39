"""The set as a whole: parallel names, what to try in a phrase, and the first page in sentences.

In: the cards of a run, open models. Out: the cards and the page as an editor words them. Promises: no fact changes, and no figure
is written; without a writer and a critic nothing is edited; every text is read by the critic, and what falls keeps what stood
before it (of the page: code's own).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..errors import ProviderError
from ..models.base import Request
from ..models.opening import Models
from ..models.prompts import enclose, load_prompt
from ..schema import (
    TENTH_ID,
    Bar,
    Chosen,
    Edited,
    EditedCard,
    Edition,
    HabitBeside,
    Persona,
    Sentence,
    TenthCard,
    Try,
    Vocabulary,
)
from ..words.english.cards import hardly_apart
from ..words.english.habits_told import habit_name
from ..words.english.piled_up import asked_first
from ..words.english.value_sources import where_it_is
from ..words.money import with_unit
from ..words.wording import claim_values, fill, unit_of_slot
from .besides import habits_on_no_card
from .briefs import Brief, Briefed
from .cards import Cards
from .choosing import ranked, reasons
from .contrast import logged_in_part
from .critique import Critic, CriticsMaterial, Text, TextToRead, bench_of, read_texts
from .edited_habits import said_of_habits, shown_habits, texts_of_habits
from .edited_texts import (
    EditedText,
    WholeLog,
    bars_to_label,
    facts_of_page,
    fill_on_card,
    fill_on_page,
    known_of_page,
    piles_told,
    relabelled,
    shown_cards,
    told_by_personas,
    tried,
    values_of,
)
from .edition_checks import check_edition

# Of an answer: names, phrases and seven sentences take about 600, and a model that thinks needs room.
MAX_TOKENS = 6_000
SUBJECT = "all personas"
# Rows of the table of all, personas and habits: as many as a reader keeps apart. One habit may stand beside any personas.
MOST_ROWS_TOLD = 9
FIRST = "first"  # where the reason of what to try first stands


@dataclass(frozen=True)
class EditedCards:
    """Cards as edited, the first page's own texts, what could not be had, the card of the tenth, of which an editor sees what to
    try alone, and the habits beside them.
    """

    cards: Cards
    page: Edited | None = None
    errors: list[str] = field(default_factory=list)
    tenth: TenthCard | None = None
    habits: list[HabitBeside] = field(default_factory=list)


@dataclass(frozen=True)
class WrittenTenth:
    """The card of those who bring in most, and another suggestion than it tells, for an editor who sees all cards."""

    card: TenthCard
    spare: Try | None = None

    def telling(self, *, other: bool) -> TenthCard:
        """The card with the suggestion that is taken."""
        if not other or self.spare is None:
            return self.card
        persona = self.card.persona.model_copy(update={"suggestion": self.spare})
        return self.card.model_copy(update={"persona": persona})


async def edit_cards(
    models: Models, about: str | None, briefed: Briefed, cards: Cards, tenth: WrittenTenth | None = None
) -> EditedCards:
    """The cards as an editor leaves them; as they were where no model writes, nobody reads, or nothing is shown."""
    people, unedited = [p for p in cards.personas if p.status != "withheld"], tenth.card if tenth else None
    known = briefed.briefing
    beside = habits_on_no_card(
        known.beside, cards.personas, briefed.corpus.names, tenth.card.persona if tenth else None
    )
    habits = [h.habit for h in beside]
    if models.writer is None or models.critic is None or not people:
        return EditedCards(cards, tenth=unedited, habits=habits)
    briefs = {b.context.id: b for b in briefed.groups}
    whole = WholeLog(
        int(known.shares["users"]),
        about,
        known.top_tenth,
        hardly_apart(cards.compared),
        cards.accounted,
        asked_first(known.findings.concentrations, people),
        habits,
        briefed.corpus.names,
        logged_in_part(briefed.corpus),
    )
    names = {p.id: p.label for p in people}
    homes = {h.habit.id: names[h.mostly] for h in beside if h.mostly in names}
    try:
        request = edit_request(whole, known.vocabulary, people, cards.spare, tenth, homes)
        spare = {*cards.spare, *([TENTH_ID] if tenth and tenth.spare else [])}
        edition = await models.asker.ask(
            models.writer, request, partial(check_edition, names, spare, [h.id for h in habits])
        )
    except ProviderError as error:
        if error.fatal or error.code == "recording":
            raise
        return EditedCards(cards, None, [f"the set was not edited: {error.message}"], unedited, habits)
    critics = {i: Critic(models.critic, models.asker, b.embed) for i, b in briefs.items()}
    edited = await _apply(edition, people, briefs, critics, cards, whole)
    return replace(edited, tenth=tenth.telling(other=edition.tenth == "other")) if tenth else edited


def edit_request(
    whole: WholeLog,
    log: Vocabulary,
    people: Sequence[Persona],
    spare: Mapping[str, Try],
    tenth: WrittenTenth | None = None,
    homes: Mapping[str, str] | None = None,
) -> Request:
    """The one call over the set; `spare` is what else could be tried, by persona; `homes` are names of the personas that users
    of a habit are mostly of.
    """
    days = log.model_dump(include={"first_day", "last_day", "timezone"})
    product: dict[str, Any] = {"product": whole.about} if whole.about else {}
    product |= {"part": whole.part} if whole.part else {}
    product |= {"nouns": nouns} if (nouns := whole.called.nouns.told()) else {}
    shown = {k.removeprefix("set."): v for k, v in values_of(people, whole).items() if k.startswith("set.")}
    shown |= {"sources": where_it_is(whole.top)} if whole.top else {}
    shown |= {"alike": whole.alike} if whole.alike else {}
    shown |= {"tells": tells} if (tells := told_by_personas(whole)) else {}
    shown |= {"piles": " ".join(piles_told(people, whole))} if whole.piles else {}
    able = [p for p in ranked(people) if p.suggestion]
    first = {"first": {"persona": able[0].id, "reason": reasons(able[0], people)}} if able else {}
    beside = tried(tenth.card.persona, tenth.spare) if tenth else {}
    own: dict[str, Any] = {"tenth": beside} if beside.get("suggestion") else {}
    if habits := shown_habits(whole.habits, homes or {}):
        own |= {"habits": habits, "most_habits": _most_habits(people)}
    data = {**product, "log": days, "cards": shown_cards(people, spare), **own, "set": shown, **first}
    return Request(
        "edit", SUBJECT, (("system", load_prompt("edit").text), ("user", enclose(data))), Edition, MAX_TOKENS
    )


async def _apply(
    edition: Edition,
    people: Sequence[Persona],
    briefs: Mapping[str, Brief],
    critics: Mapping[str, Critic],
    cards: Cards,
    whole: WholeLog,
) -> EditedCards:
    """Names and phrases first, since the page is told with the names that stand."""
    new = {c.persona: c for c in edition.cards}
    people = [_choosing(p, new.get(p.id), cards.spare.get(p.id)) for p in people]
    edited = await asyncio.gather(*(_card(p, new.get(p.id), briefs[p.id], critics[p.id]) for p in people))
    named = _distinct(people, [p for p, _ in edited])
    errors = [error for _, found in edited for error in found]
    fallen = [
        (c.label.template, p.label) for p in named if (c := new.get(p.id)) and c.label.template not in ("", p.label)
    ]
    critic = critics[people[0].id]
    habits, unread = await _habits(edition, named, critic, briefs, whole)
    fallen += _fallen_names(edition, habits)
    page, more = await _page(edition, named, fallen, briefs, critic, replace(whole, habits=habits))
    by_id = {p.id: p for p in named}
    labels = {a.label: b.label for p in people for a, b in zip(_bars(p), _bars(by_id[p.id]), strict=True)}
    rows = [row.model_copy(update={"label": labels.get(row.label, row.label)}) for row in cards.compared]
    told = cards.accounted and relabelled(cards.accounted, labels)
    personas = [by_id.get(p.id, p) for p in cards.personas]
    kept = replace(cards, personas=personas, compared=rows, accounted=told)
    return EditedCards(kept, page, [*errors, *unread, *more], habits=habits)


async def _habits(
    edition: Edition, people: Sequence[Persona], critic: Critic, briefs: Mapping[str, Brief], whole: WholeLog
) -> tuple[list[HabitBeside], list[str]]:
    """The habits with what stands of their words."""
    texts = texts_of_habits(whole.habits, edition.habits[: _most_habits(people)], whole.called)
    bench = CriticsMaterial("habits", known_of_page(people, {i: b.context for i, b in briefs.items()}))
    standing, error = await _standing(critic, bench, texts, {})
    told = said_of_habits(whole.habits, texts, standing, [p.label for p in people])
    return told, [f"habits: {error}"] if error else []


def _most_habits(people: Sequence[Persona]) -> int:
    """How many habits may have a card beside these personas."""
    return max(MOST_ROWS_TOLD - len(people), 1)


def _fallen_names(edition: Edition, habits: Sequence[HabitBeside]) -> list[tuple[str, str]]:
    """New names of habits that do not stand, with what these are called."""
    new = {e.habit: e.label.strip() for e in edition.habits if e.label.strip()}
    return [(new[h.id], habit_name(h)) for h in habits if h.id in new and new[h.id] != habit_name(h)]


def _choosing(persona: Persona, new: EditedCard | None, spare: Try | None) -> Persona:
    """With the suggestion that no other card tells as well, as far as the editor sees one."""
    other = spare is not None and new is not None and new.suggestion == "other"
    return persona.model_copy(update={"suggestion": spare}) if other else persona


def _bars(persona: Persona) -> list[Bar]:
    return persona.card.bars if persona.card else []


def _drawn(label: str, bar: Bar) -> str:
    """“Three bags or more, when they buy bags: 81 %, others 43 %.”"""
    return f"{label}: {with_unit(f'{{{bar.claim}.value}}', unit_of_slot(bar.unit))}, others {{{bar.claim}.matched}}."


def _with_drawn(filled: EditedText, bar: Bar, persona: Persona) -> EditedText:
    """The label's text, resting on the bar as code draws it too."""
    # What the log spells may look like a slot, and is none.
    figures = fill(_drawn("", bar), {k: v for c in persona.claims for k, v in claim_values(c).items() if "." in k})
    return replace(filled, said=replace(filled.said, facts=(*filled.said.facts, f"{bar.label}{figures}")))


async def _card(persona: Persona, new: EditedCard | None, brief: Brief, critic: Critic) -> tuple[Persona, list[str]]:
    """The persona with the name, the phrase and the labels that stand."""
    if new is None:
        return persona, []
    told = {"label": Text("name", new.label.template, tuple(new.label.claim_ids))}
    if persona.suggestion is not None:
        ids = (*persona.suggestion.claim_ids, persona.suggestion.measure)
        told["attempt"] = Text("suggestion", new.attempt.template, tuple(dict.fromkeys(ids)))
    bars = {b.claim: b for b in bars_to_label(persona) if b.measure is None}
    labels = {b.claim: b.label for b in new.bars if b.claim in bars and b.label.strip()}
    # Read as it will stand, with its figures: a label that leaves out what these are of is told by them.
    told |= {c: Text("sentence", _drawn(label, bars[c]), (c,)) for c, label in labels.items()}
    texts = {place: fill_on_card(brief.context, persona, text) for place, text in told.items() if text.template.strip()}
    # A claim's own text has no sign of money: what code draws beside the figure is as true.
    texts |= {c: _with_drawn(texts[c], bars[c], persona) for c in labels if c in texts}
    texts = {place: filled for place, filled in texts.items() if filled.said.text != persona.label}
    bench = bench_of(brief.context, {c.id: c for c in persona.claims})
    standing, error = await _standing(critic, bench, texts, {})
    if "label" in standing:
        persona = persona.model_copy(update={"label": texts["label"].said.text})
    if "attempt" in standing and persona.suggestion is not None:
        phrase = texts["attempt"].said.text
        persona = persona.model_copy(update={"suggestion": persona.suggestion.model_copy(update={"phrase": phrase})})
    if persona.card is not None:
        said = [
            b.model_copy(update={"label": labels[b.claim] if b.claim in standing else b.label})
            for b in persona.card.bars
        ]
        odd = persona.card.tension
        if odd is not None and odd.claim in labels and odd.claim in standing:
            # A clause says it better than a label, but where it has names as the log spells them.
            clause = None if "“" in (odd.clause or "") else odd.clause
            odd = odd.model_copy(update={"label": labels[odd.claim], "clause": clause})
        persona = persona.model_copy(update={"card": persona.card.model_copy(update={"bars": said, "tension": odd})})
    watched = persona.suggestion.watched if persona.suggestion else None
    if persona.suggestion is not None and watched is not None and watched.claim in labels and watched.claim in standing:
        watched = watched.model_copy(update={"label": labels[watched.claim]})
        persona = persona.model_copy(update={"suggestion": persona.suggestion.model_copy(update={"watched": watched})})
    return persona, [f"{persona.id}: {error}"] if error else []


async def _page(
    edition: Edition,
    people: Sequence[Persona],
    fallen: Sequence[tuple[str, str]],
    briefs: Mapping[str, Brief],
    critic: Critic,
    whole: WholeLog,
) -> tuple[Edited | None, list[str]]:
    """The first page's texts that stand; where a new name fell, they say the old one."""

    def named(text: str) -> str:
        for new, old in fallen:
            text = text.replace(new, old)
        return text

    told = {
        f"s{i}": Text("sentence", named(s.template), tuple(s.claim_ids)) for i, s in enumerate(edition.page, start=1)
    }
    told |= {
        f"unsupported{i}": Text("gap", named(g.text), tuple(g.claim_ids))
        for i, g in enumerate(edition.unsupported, start=1)
    }
    first = edition.first
    if any(p.id == first.persona and p.suggestion for p in people):
        told[FIRST] = Text("sentence", named(first.reason.template), tuple(first.reason.claim_ids))
    texts = {place: fill_on_page(people, text, whole) for place, text in told.items() if text.template.strip()}
    known = known_of_page(people, {i: b.context for i, b in briefs.items()})
    bench = CriticsMaterial("page", known, facts_of_page(people, whole))
    standing, error = await _standing(critic, bench, texts, {})
    said = {
        place: Sentence(
            template=told[place].template, text=texts[place].said.text, claim_ids=list(told[place].claim_ids)
        )
        for place in standing
        if told[place].kind == "sentence"
    }
    unsupported = [texts[place].said.text for place in standing if told[place].kind == "gap"]
    chosen = Chosen(persona=first.persona, reason=said[FIRST]) if FIRST in said else None
    sentences = {int(place.removeprefix("s")): s for place, s in said.items() if place != FIRST}
    page = Edited(sentences=sentences, unsupported=unsupported, first=chosen) if said or unsupported else None
    return page, [f"first page: {error}"] if error else []


async def _standing(
    critic: Critic, bench: CriticsMaterial, texts: Mapping[str, EditedText], read: MutableMapping[str, list[str]]
) -> tuple[list[str], str]:
    """The places of texts that code has nothing against and the critic let stand; why others were not read, if they were not."""
    asked: dict[str, TextToRead] = {place: filled.said for place, filled in texts.items() if not filled.wrong}
    if not asked:
        return [], ""
    found = await read_texts(critic, bench, asked, read)
    unread = [wrong for place, wrong in found.items() if asked[place].key not in read]
    return [place for place, wrong in found.items() if not wrong], unread[0][0] if unread else ""


def _distinct(before: Sequence[Persona], after: Sequence[Persona]) -> list[Persona]:
    """No two names alike: where the new ones are, all that changed go back."""
    names = [p.label.casefold() for p in after]
    if len(set(names)) == len(names):
        return list(after)
    return [new.model_copy(update={"label": old.label}) for old, new in zip(before, after, strict=True)]
