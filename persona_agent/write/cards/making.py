"""Cards of all personas of a run, and what lets them be held side by side.

In: personas with their claims decided, on an open corpus, and what of their words is code's own. Out: the same with cards,
names and sentences in plain words, and every fact measured in every persona that is shown. Promises: what a model wrote and
a critic read stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...evidence import Corpus, Population, accounted_for, question, standardised
from ...schema import (
    EVERYONE,
    AccountedFor,
    AllAtOnce,
    Bar,
    Card,
    Cell,
    Compared,
    NotKnown,
    Path,
    Persona,
    Says,
    Sentence,
    Try,
)
from ...words.english import cards as words
from ...words.english.mixes_told import said_mix
from ...words.english.open_questions import open_questions
from ...words.english.persona_names import KINDS, NameFact, names_for
from ...words.english.spoken import Reading
from ...words.wording import claim_values, fill, printed_value
from .alike import alike
from .all_at_once import all_at_once
from .bars import FEWEST_BARS, CardFact, facts_of_card, find_tension, find_unfit, in_group, of_most, paths, plainer
from .cores import core_of
from .everyone_card import everyone_card
from .strips import strip
from .suggested_figures import figures_to_watch, suggested

MOST_ROWS = 14  # of the table of all personas: as many as a page shows without scrolling
LENDS_A_NAME = 0.08  # of a fact's strength: a name that a few points lend is forgotten, or taken for all of the group
OF_ALL = 0.3  # of members, of whom a sentence about all may say that they ever did it: "often" of lexicon.QUANTIFIERS
ASKED = Says(comparator="at_least", value=0)
# Hours between the earliest and the latest card: “around noon” and “around 2 pm” are one time of day to a reader.
ONE_TIME = 2
NO_NAME = "No habit of their own"


@dataclass(frozen=True)
class ByCode:
    """What code must word of a persona, since no model did, and what put its members together; `bars` are the claims that a
    writer chose to draw, None where code chooses.
    """

    label: bool
    one_liner: bool
    sorted_by: list[str]
    bars: Sequence[str] | None = None


@dataclass(frozen=True)
class Cards:
    """Personas with their cards, in the order in which they came, and what lets all of them be judged; `spare` are other
    suggestions than those that cards tell, by persona, with their figures.
    """

    personas: list[Persona]
    everyone: Persona | None
    compared: list[Compared]
    accounted: AccountedFor | None = None
    all_at_once: AllAtOnce | None = None
    spare: Mapping[str, Try] = field(default_factory=dict)


@dataclass(frozen=True)
class _CardSubject:
    persona: Persona
    facts: list[CardFact]
    population: Population


def make_cards(
    corpus: Corpus,
    personas: Sequence[Persona],
    everyone: Persona | None,
    groups: Mapping[str, int],
    by_code: Mapping[str, ByCode],
    *,
    spare: Mapping[str, Try] | None = None,
    anew: bool = True,
) -> Cards:
    """`groups` are the numbers of the personas' groups in the corpus, `spare` what else could be tried with them; names and
    sentences are made where they are made anew.
    """
    told = [
        _CardSubject(p, facts_of_card(corpus, p, _of(groups, p), by_code[p.id].bars), _of(groups, p)) for p in personas
    ]
    told = _told_once(told) if anew else told
    named = _named(corpus, told, by_code) if anew else told
    asking = _all_asking(corpus, named, by_code) if anew else named
    made = _without_common_hour([_carded(corpus, t, by_code[t.persona.id]) for t in asking])
    alone = everyone and everyone_card(corpus, everyone, reworded=by_code[everyone.id].one_liner)
    others = {p.id: p.model_copy(update={"suggestion": (spare or {}).get(p.id)}) for p in made}
    figured = {i: other for i, p in others.items() if (other := suggested(corpus, p, _of(groups, p)))}
    tried = [(p.id, _of(groups, p)) for p in made if p.suggestion and p.status != "withheld"]
    return Cards(
        made, alone, _compared(corpus, named), _accounted(corpus, named), all_at_once(corpus, tried), spare=figured
    )


def cards_again(
    corpus: Corpus, personas: Sequence[Persona], everyone: Persona | None, groups: Mapping[str, int]
) -> Cards:
    """The cards of personas whose claims were counted anew; names and sentences stay."""
    pages = [*personas, *([everyone] if everyone else [])]
    known = {p.id: groups.get(p.id, EVERYONE) for p in pages}
    kept = {p.id: _kept(p) for p in pages}
    return make_cards(corpus, personas, everyone, known, kept, anew=False)


def _kept(persona: Persona) -> ByCode:
    """Nothing is worded anew; what a model wrote, and only a model writes a narrative, keeps its choice of bars."""
    card = persona.card
    bars = [b.claim for b in card.bars] if card and persona.narrative else None
    return ByCode(label=False, one_liner=False, sorted_by=card.sorted_by if card else [], bars=bars)


def _of(groups: Mapping[str, int], persona: Persona) -> Population:
    return Population(groups[persona.id])


def _named(corpus: Corpus, told: Sequence[_CardSubject], by_code: Mapping[str, ByCode]) -> list[_CardSubject]:
    """With names and sentences by code, no two alike. Those that are shown are named first."""
    taken = {t.persona.label for t in told if not by_code[t.persona.id].label}
    unnamed = sorted((t for t in told if by_code[t.persona.id].label), key=lambda t: t.persona.status == "withheld")
    names = names_for([_lending(corpus, t) for t in unnamed], taken)
    label = {t.persona.id: name or NO_NAME for t, name in zip(unnamed, names, strict=True)}
    seen = Counter(label.values())
    found: dict[str, Persona] = {}
    for t in told:
        p, code = t.persona, by_code[t.persona.id]
        if code.label:
            own = label[p.id]
            p = p.model_copy(update={"label": own if seen[own] == 1 else f"{own} ({p.id})"})
        if t.facts and (code.one_liner or _shares_a_share(p)):
            p = p.model_copy(update={"one_liner": _sentence(t.facts)})
        found[p.id] = p
    return [replace(t, persona=found[t.persona.id]) for t in told]


def _lending(corpus: Corpus, told: _CardSubject) -> list[NameFact]:
    """The facts that may lend to a name: strong ones that are true of most members; where none of these does, the others, which
    are then told as a part of what they are about.
    """
    strong = [f for f in told.facts if f.strength >= LENDS_A_NAME]
    of_all = [_lent(f, of_most=True) for f in strong if of_most(corpus, f, told.population)]
    if any(f.head or f.tail or f.compared for f in of_all):
        return of_all
    # A kind of things says more of them than one of these, and what they do more than what they leave.
    others = sorted(told.facts, key=lambda f: not (f.more and any(s.startswith(KINDS) for s in f.reading.facts)))
    return [_lent(f, of_most=False) for f in others]


def _lent(fact: CardFact, *, of_most: bool) -> NameFact:
    return NameFact(fact.reading, fact.more, fact.truth.value or 0.0, of_most)


def _shares_a_share(persona: Persona) -> bool:
    """Does its sentence rest on a claim whose figure nobody would say aloud?"""
    return any(c.id in persona.one_liner.claim_ids and c.measure and plainer(c.measure) for c in persona.claims)


def _sentence(found: Sequence[CardFact]) -> Sentence:
    """Of the first two facts that a sentence can tell."""
    sayable = [f for f in found if f.reading.clause and (f.own or "{v}" not in f.reading.clause)]
    # What they do before what they leave, and last what few of them ever did: a sentence is of all.
    first = sorted(sayable, key=lambda f: (_of_few(f), not f.more))[:2]
    template = words.sentence([(f.reading, f.more, f"{{{f.claim.id}.value}}", printed_value(f.claim)) for f in first])
    values = {k: v for f in first for k, v in claim_values(f.claim).items() if "." in k}
    return Sentence(template=template, text=fill(template, values), claim_ids=[f.claim.id for f in first])


def _of_few(fact: CardFact) -> bool:
    ever = fact.measure.unit == "users" and fact.reading.form == "share"
    return ever and fact.more and (fact.truth.value or 0.0) < OF_ALL


def _told_once(told: Sequence[_CardSubject]) -> list[_CardSubject]:
    """A fact that several cards would draw stands on the card where it is strongest; on others only where they have few."""
    shown = [t for t in told if t.persona.status != "withheld"]
    best = {
        key: max((f.strength, -i) for i, t in enumerate(shown) for f in t.facts if question(f.measure) == key)
        for key in {question(f.measure) for t in shown for f in t.facts}
    }
    left = {t.persona.id: list(t.facts) for t in told}
    for i, t in enumerate(shown):
        again = sorted((f for f in t.facts if best[question(f.measure)] != (f.strength, -i)), key=lambda f: f.strength)
        for fact in again[: max(len(t.facts) - FEWEST_BARS, 0)]:
            left[t.persona.id].remove(fact)
    return [replace(t, facts=left[t.persona.id]) for t in told]


def _all_asking(corpus: Corpus, told: Sequence[_CardSubject], by_code: Mapping[str, ByCode]) -> list[_CardSubject]:
    """With their open questions; what one card asks, another asks only where its facts leave nothing else open."""
    found: list[_CardSubject] = []
    for t in told:
        elsewhere = {gap.text for f in found for gap in f.persona.not_known if gap.facet is None}
        found.append(_asking(corpus, t, by_code[t.persona.id], elsewhere))
    return found


def _asking(corpus: Corpus, told: _CardSubject, code: ByCode, elsewhere: Collection[str]) -> _CardSubject:
    """With what its facts leave open, where code words the card: one that a model wrote ends with its own question, or none."""
    p = told.persona
    if code.bars is not None:
        return told
    own = [gap for gap in p.not_known if gap.facet is not None or not (code.label and told.facts)]
    known = {gap.text for gap in own}
    facts_told = [(f.reading, f.more) for f in told.facts]
    asked = [q for q in open_questions(facts_told, corpus.names, elsewhere) if q not in known]
    gaps = [*own, *(NotKnown(facet=None, text=question) for question in asked)]
    return replace(told, persona=p.model_copy(update={"not_known": gaps}))


def _carded(corpus: Corpus, told: _CardSubject, code: ByCode) -> Persona:
    p, found, population = told.persona, told.facts, told.population
    ordered = paths(corpus, p, population, {f.claim.id for f in found})
    watched, suggestion = _watched(found), suggested(corpus, p, population)
    trial = None if suggestion else figures_to_watch(corpus, p, watched, population)
    shown = p.status != "withheld"
    return p.model_copy(
        update={
            "suggestion": suggestion,
            "trial": trial,
            "card": Card(
                bars=[_bar(corpus, f, population) if shown else f.bar() for f in found],
                strip=strip(corpus, [f.measure for f in found], population),
                path=Path(claim=ordered[0].claim.id, steps=list(ordered[0].reading.steps)) if ordered else None,
                unfit=find_unfit(corpus, found, population),
                tension=find_tension(p, corpus.names, found),
                watch=trial.measure if trial else next(iter(watched), None),
                sorted_by=code.sorted_by,
            ),
        }
    )


def _without_common_hour(made: Sequence[Persona]) -> list[Persona]:
    """An hour around which visits begin on all cards alike tells nobody's habit, and is told on none."""
    hours = [p.visit.hour for p in made if p.status != "withheld" and p.visit and p.visit.hour is not None]
    if len(hours) < 2 or max(hours) - min(hours) > ONE_TIME:
        return list(made)
    return [p.model_copy(update={"visit": p.visit and p.visit.model_copy(update={"hour": None})}) for p in made]


def _bar(corpus: Corpus, fact: CardFact, population: Population) -> Bar:
    """The bar of a fact, with what the surest members come to, and whether it is just the group's mix of something."""
    mix = standardised(corpus, fact.measure, population)
    if mix is not None:
        about, of = said_mix(mix.field, mix.kind, corpus.names)
        mix = mix.model_copy(update={"about": about, "mix": of})
    core = core_of(corpus, fact, population)
    return fact.bar().model_copy(update={"core": core, "standardised": mix})


def _watched(found: Sequence[CardFact]) -> list[str]:
    """Claims whose figure may tell first whether the group changes: figures of visits, days or money before those of who ever did
    a thing, which can only rise, and of when they come, which moves last.
    """
    moving = [f for f in found if f.measure.unit != "users" or f.measure.statistic != "share"]
    untimed = [f for f in moving if not {"hour", "weekday"} & f.reading.facts]
    return [f.claim.id for f in sorted(untimed or moving or found, key=lambda f: not f.more)]


def _compared(corpus: Corpus, told: Sequence[_CardSubject]) -> list[Compared]:
    """Every fact of a shown card in every shown persona, the strongest of each card first; then in what they hardly differ."""
    seen = [t for t in told if t.persona.status != "withheld"]
    rows: dict[str, tuple[Reading, CardFact]] = {}
    for fact in _in_turn([t.facts for t in seen]):
        rows.setdefault(question(fact.measure), (fact.reading, fact))
    told_apart = [
        Compared(
            label=told.label,
            unit=told.unit,
            form=told.form,
            measure=fact.measure.model_copy(update={"versus": None, "says": ASKED}),
            cells=[Cell(persona=t.persona.id, truth=in_group(corpus, fact.measure, t.population)) for t in seen],
        )
        for told, fact in list(rows.values())[:MOST_ROWS]
        if len(seen) > 1
    ]
    drawn = {question(fact.measure) for t in seen for fact in t.facts}
    return [*told_apart, *alike(corpus, [(t.persona.id, t.population) for t in seen], drawn)]


def _accounted(corpus: Corpus, told: Sequence[_CardSubject]) -> AccountedFor | None:
    """What the personas that are shown account for, of the first fact of each, no fact twice."""
    seen = [t for t in told if t.persona.status != "withheld"]
    first = {question(f.measure): f for t in seen for f in t.facts[:1]}
    asked = [(f.reading.label, f.measure.model_copy(update={"versus": None, "says": ASKED})) for f in first.values()]
    return accounted_for(corpus, [t.population for t in seen], asked)


def _in_turn(cards: Sequence[Sequence[CardFact]]) -> Iterator[CardFact]:
    for place in range(max(map(len, cards), default=0)):
        yield from (found[place] for found in cards if place < len(found))
