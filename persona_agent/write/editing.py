"""The set as a whole: parallel names, what to try in a phrase, and the first page in sentences.

In: the cards of a run, open models. Out: the cards and the page as an editor words them. Promises: no fact changes, and no figure
is written; without a writer and a critic nothing is edited; every text is read by the critic, and what falls keeps what stood
before it (of the page: code's own).
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..errors import ProviderError
from ..models.base import Request
from ..models.opening import Models
from ..models.prompts import enclose, load_prompt
from ..schema import TENTH_ID, Bar, Chosen, Edited, EditedCard, Edition, Persona, Sentence, TenthCard, Try, Vocabulary
from ..words.english.cards import hardly_apart
from ..words.english.piled_up import asked_first
from ..words.english.value_sources import where_it_is
from ..words.money import with_unit
from ..words.wording import SLOT, claim_values, fill
from .briefs import Brief, Briefed
from .cards import Cards
from .choosing import ranked, reasons
from .critique import Critic, CriticsMaterial, Text, TextToRead, bench_of, read_texts
from .edited_texts import (
    EditedText,
    WholeLog,
    bars_to_label,
    facts_of_page,
    fill_on_card,
    fill_on_page,
    known_of_page,
    relabelled,
    shown_cards,
    told_by_personas,
    tried,
    values_of,
)

# Of an answer: names, phrases and seven sentences take about 600, and a model that thinks needs room.
MAX_TOKENS = 6_000
MOST_WORDS = 12  # of what to try, in a cell of the table
LONGEST_LABEL = 14  # words of what a bar counts: two more than are asked for
LONGEST_NAME = 5  # words of a name: one more than is asked for
LONGEST_REASON = 28  # words of why one is tried first: three more than are asked for
SKIPPED = 3  # names with one word in common: of two it may be the point
MOST_SENTENCES = 3  # of the first page
MOST_UNSUPPORTED = 4
SUBJECT = "all personas"
FIRST = "first"  # where the reason of what to try first stands


@dataclass(frozen=True)
class EditedCards:
    """Cards as edited, the first page's own texts, what could not be had, and the card of the tenth, of which an editor sees
    what to try alone.
    """

    cards: Cards
    page: Edited | None = None
    errors: list[str] = field(default_factory=list)
    tenth: TenthCard | None = None


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
    if models.writer is None or models.critic is None or not people:
        return EditedCards(cards, tenth=unedited)
    briefs = {b.context.id: b for b in briefed.groups}
    known = briefed.briefing
    whole = WholeLog(
        int(known.shares["users"]),
        about,
        known.top_tenth,
        hardly_apart(cards.compared),
        cards.accounted,
        asked_first(known.findings.concentrations, people),
        briefed.corpus.names,
    )
    try:
        request = edit_request(whole, briefed.briefing.vocabulary, people, cards.spare, tenth)
        spare = {*cards.spare, *([TENTH_ID] if tenth and tenth.spare else [])}
        edition = await models.asker.ask(
            models.writer, request, partial(check_edition, {p.id: p.label for p in people}, spare)
        )
    except ProviderError as error:
        if error.fatal or error.code == "recording":
            raise
        return EditedCards(cards, errors=[f"the set was not edited: {error.message}"], tenth=unedited)
    critics = {i: Critic(models.critic, models.asker, b.embed) for i, b in briefs.items()}
    edited = await _apply(edition, people, briefs, critics, cards, whole)
    return replace(edited, tenth=tenth.telling(other=edition.tenth == "other")) if tenth else edited


def edit_request(
    whole: WholeLog,
    log: Vocabulary,
    people: Sequence[Persona],
    spare: Mapping[str, Try],
    tenth: WrittenTenth | None = None,
) -> Request:
    """The one call over the set; `spare` is what else could be tried, by persona."""
    days = log.model_dump(include={"first_day", "last_day", "timezone"})
    product: dict[str, Any] = {"product": whole.about} if whole.about else {}
    product |= {"nouns": nouns} if (nouns := whole.called.nouns.told()) else {}
    shown = {k.removeprefix("set."): v for k, v in values_of(people, whole).items() if k.startswith("set.")}
    shown |= {"sources": where_it_is(whole.top)} if whole.top else {}
    shown |= {"alike": whole.alike} if whole.alike else {}
    shown |= {"tells": tells} if (tells := told_by_personas(whole)) else {}
    shown |= {"piles": " ".join(pile.question for pile in whole.piles)} if whole.piles else {}
    able = [p for p in ranked(people) if p.suggestion]
    first = {"first": {"persona": able[0].id, "reason": reasons(able[0], people)}} if able else {}
    beside = tried(tenth.card.persona, tenth.spare) if tenth else {}
    own = {"tenth": beside} if beside.get("suggestion") else {}
    data = {**product, "log": days, "cards": shown_cards(people, spare), **own, "set": shown, **first}
    return Request(
        "edit", SUBJECT, (("system", load_prompt("edit").text), ("user", enclose(data))), Edition, MAX_TOKENS
    )


def check_edition(names: Mapping[str, str], spare: Collection[str], edition: Edition) -> list[str]:
    """What makes an edition of cards, called `names` by their ids, unusable as a whole; `spare` are those with another
    suggestion. What is wrong with one text is for its reader to say.
    """
    named, ids = [c.persona for c in edition.cards], list(names)
    problems = [f"cards: there is no persona {i!r}" for i in named if i not in ids]
    problems += [f"cards: {i!r} is there twice" for i in sorted(set(named)) if named.count(i) > 1]
    chosen = [*((c.persona, c.suggestion) for c in edition.cards), (TENTH_ID, edition.tenth)]
    without = [i for i, suggestion in chosen if suggestion == "other" and i not in spare]
    problems += [f"cards: {i} has no other suggestion" for i in without]
    for card in edition.cards:
        if len(card.attempt.template.split()) > MOST_WORDS:
            problems.append(f"cards: what to try with {card.persona} has more than {MOST_WORDS} words")
        if len(card.label.template.split()) > LONGEST_NAME:
            problems.append(f"cards: the name of {card.persona} has more than {LONGEST_NAME} words")
        for bar in card.bars:
            if len(bar.label.split()) > LONGEST_LABEL or SLOT.search(bar.label):
                problems.append(f"cards: the label of {bar.claim} has a slot, or more than {LONGEST_LABEL} words")
    reason = edition.first.reason.template
    if reason.strip() and edition.first.persona not in ids:
        problems.append(f"first: there is no persona {edition.first.persona!r}")
    if len(reason.split()) > LONGEST_REASON:
        problems.append(f"first: the reason has more than {LONGEST_REASON} words")
    new = {**names, **{c.persona: c.label.template for c in edition.cards if c.label.template and c.persona in names}}
    problems += [
        f"cards: “{word}” stands in {n} of {len(new)} names and tells none apart" for word, n in _shared(new.values())
    ]
    if len(edition.page) > MOST_SENTENCES:
        problems.append(f"page: {len(edition.page)} sentences are too many, {MOST_SENTENCES} at most")
    if len(edition.unsupported) > MOST_UNSUPPORTED:
        problems.append(f"unsupported: {len(edition.unsupported)} are too many, {MOST_UNSUPPORTED} at most")
    return problems


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
    page, more = await _page(edition, named, fallen, briefs, critics[people[0].id], whole)
    by_id = {p.id: p for p in named}
    labels = {a.label: b.label for p in people for a, b in zip(_bars(p), _bars(by_id[p.id]), strict=True)}
    rows = [row.model_copy(update={"label": labels.get(row.label, row.label)}) for row in cards.compared]
    told = cards.accounted and relabelled(cards.accounted, labels)
    personas = [by_id.get(p.id, p) for p in cards.personas]
    kept = replace(cards, personas=personas, compared=rows, accounted=told)
    return EditedCards(kept, page, [*errors, *more])


def _choosing(persona: Persona, new: EditedCard | None, spare: Try | None) -> Persona:
    """With the suggestion that no other card tells as well, as far as the editor sees one."""
    other = spare is not None and new is not None and new.suggestion == "other"
    return persona.model_copy(update={"suggestion": spare}) if other else persona


def _bars(persona: Persona) -> list[Bar]:
    return persona.card.bars if persona.card else []


def _drawn(label: str, bar: Bar) -> str:
    """“Three bags or more, when they buy bags: 81 %, others 43 %.”"""
    return f"{label}: {with_unit(f'{{{bar.claim}.value}}', bar.unit)}, others {{{bar.claim}.matched}}."


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
        persona = persona.model_copy(update={"card": persona.card.model_copy(update={"bars": said})})
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


def _shared(names: Collection[str]) -> list[tuple[str, int]]:
    """Words of four letters and more that stand in more than half of the names, and in three at least, with how many: whoever
    reads the list skips them.
    """
    words = Counter(word for name in names for word in set(re.findall(r"\w{4,}", name.casefold())))
    return [(word, n) for word, n in words.items() if n >= SKIPPED and 2 * n > len(names)]


def _distinct(before: Sequence[Persona], after: Sequence[Persona]) -> list[Persona]:
    """No two names alike: where the new ones are, all that changed go back."""
    names = [p.label.casefold() for p in after]
    if len(set(names)) == len(names):
        return list(after)
    return [new.model_copy(update={"label": old.label}) for old, new in zip(before, after, strict=True)]
