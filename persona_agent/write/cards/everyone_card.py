"""The card of the page about everyone: what its claims tell, section by section, and what each figure is held against.

In: the page's persona with its claims decided, on an open corpus. Out: the same with bars, what the busiest carry, and where code
words it a sentence on how often and how much, and others on the rest. Promises: every bar is a claim's; what stands beside it
is counted on the same corpus.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...evidence import Binder, Corpus, Population, over_whole_log, truthfulness
from ...log.events import property_path
from ...log.lists import values_sql
from ...schema import EVERYONE, Bar, Beside, Card, Carried, Claim, Measure, Names, Persona, Section, Sentence
from ...words.english import everyone_told as words
from ...words.english.cards import of_one
from ...words.floors import FEW, published_truth
from ...words.wording import claim_values, fill, printed_value
from ..dossiers import of_everyone as asked
from ..dossiers.by_chance import orders_beyond_chance, pairs_beyond_chance
from ..dossiers.inquiries import users_share

ALL = Population(EVERYONE)
SECTIONS: dict[Section, int] = {
    "often": 7,
    "do": 4,
    "what": 6,
    "together": 2,
    "again": 2,
    "order": 2,
    "when": 2,
}  # bars of each
NAMED, USUAL = 3, 4  # things in a sentence, and numbers
PARTS = (0.1, 0.2, 0.25)  # of users, the least that is of FEW
MUCH_MORE = 2.5  # times their part: twice of it the busiest carry where all differ by chance alone
WATCHED: tuple[Section, ...] = ("often", "what", "when")


@dataclass(frozen=True)
class _Fact:
    claim: Claim
    measure: Measure
    told: words.ToldFact
    beside: Beside | None

    def bar(self) -> Bar:
        told = self.told
        form = "share" if told.form == "share" else "number"
        return Bar(
            claim=self.claim.id,
            label=told.label,
            unit=told.unit,
            form=form,
            section=told.section,
            beside=self.beside,
        )


def everyone_card(corpus: Corpus, persona: Persona, *, reworded: bool) -> Persona:
    """The page with its card; `reworded` where code makes its sentences."""
    found = _facts(corpus, persona)
    if reworded:
        said = _sentences(found, corpus.names)
        if said:
            persona = persona.model_copy(update={"one_liner": said[0], "narrative": said[1:]})
    card = Card(bars=[f.bar() for f in found], watch=_watch(found), carried=carried_by_busiest(corpus) or None)
    return persona.model_copy(update={"card": card})


def _facts(corpus: Corpus, persona: Persona) -> list[_Fact]:
    """The facts in the order of sections, as many of each as are read."""
    claims = [c for c in persona.claims if c.status == "accepted" and c.measure and c.truthfulness.value is not None]
    spell = spellings_in_log(corpus, [c.measure for c in claims if c.measure])
    found: dict[Section, list[_Fact]] = {section: [] for section in SECTIONS}
    for claim in claims:
        measure = claim.measure
        told = words.told_of_all(measure, corpus.names, spell, corpus.timezone) if measure else None
        if measure and told and len(found[told.section]) < SECTIONS[told.section]:
            found[told.section].append(_Fact(claim, measure, told, _beside(corpus, measure, told, claim)))
    for section in ("do", "what"):
        found[section].sort(key=lambda f: _commonest(f, corpus.names))
    return [f for section in SECTIONS for f in found[section]]


def _commonest(fact: _Fact, names: Names) -> tuple[int, float]:
    """Kinds, then things, then other fields; what is in most visits first."""
    return _rank(fact, names), -(fact.claim.truthfulness.value or 0.0)


def _rank(fact: _Fact, names: Names) -> int:
    field = next((c.field for step in fact.measure.steps for c in step), "")
    sorts = field == "theme" or field.removeprefix("properties.") in names.categories
    return 3 if fact.measure.unit != "sessions" else 0 if sorts else 1 if field in ("object", "action") else 2


def spellings_in_log(corpus: Corpus, measures: Sequence[Measure]) -> dict[str, str]:
    """How the log mostly spells things and values that measures name in lower case."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for m in measures:
        for c in (c for step in [m.where, *m.steps] for c in step):
            if c.field == "object" or c.field.startswith("properties."):
                wanted[c.field] |= {v for v in c.value if isinstance(v, str)}
    found: dict[str, str] = {}
    for field, values in wanted.items():
        binder = Binder()
        bare = field.removeprefix("properties.")
        name = "object" if field == "object" else f"json_extract_string(properties, {binder.bind(property_path(bare))})"
        sql = (
            f"SELECT lower(x) AS v, mode(x) FROM (SELECT unnest({values_sql(name)}) AS x FROM events) WHERE lower(x) IN "
            f"(SELECT unnest({binder.bind(sorted(values))}::VARCHAR[])) GROUP BY v"
        )
        found.update(corpus.connection.execute(sql, binder.values).fetchall())
    return found


def _beside(corpus: Corpus, measure: Measure, told: words.ToldFact, claim: Claim) -> Beside | None:
    value = claim.truthfulness.value or 0.0
    if told.section == "together":
        return _by_chance(value, _lift(corpus, measure))
    if told.section == "order":
        names = [str(step[0].value[0]) for step in measure.steps]
        lift = next((p.lift for p in orders_beyond_chance(corpus) if [p.one, p.other] == names), None)
        return _by_chance(value, lift)
    if told.section == "again" and not corpus.staff:
        chance = asked.chance_of_return(corpus, measure)
        return None if chance is None else Beside(kind="chance", value=round(chance, 2))
    if told.section == "when":
        even = asked.even_share(corpus, measure)
        return None if even is None else Beside(kind="even", value=round(even, 2))
    if told.section in ("do", "what") and measure.unit == "sessions":
        return _of_users(corpus, "users", users_share(measure.steps))
    spans = asked.quarters(corpus)
    if len(spans) >= asked.SHORTEST and measure.steps == asked.came_in(spans[-1]).steps:
        return _of_users(corpus, "before", asked.came_in(spans[asked.before_last(spans)]))
    return None


def _of_users(corpus: Corpus, kind: Literal["users", "before"], measure: Measure) -> Beside | None:
    """A share of users, where it tells of five of them or more, and leaves out as many."""
    alone = measure.model_copy(update={"versus": None})
    truth = published_truth(truthfulness(over_whole_log(corpus, alone, ALL), "true", ""), alone)
    return None if truth.value is None or truth.bound else Beside(kind=kind, value=truth.value)


def _by_chance(value: float, lift: float | None) -> Beside | None:
    """What chance has it, in the terms of the claim, where users weigh the same."""
    return None if lift is None else Beside(kind="chance", value=round(value / lift, 2))


def _lift(corpus: Corpus, measure: Measure) -> float | None:
    field = measure.where[0].field
    both = {str(measure.where[0].value[0]), str(measure.steps[0][0].value[0])}
    known = pairs_beyond_chance(corpus, field) if field in asked.paired_fields(corpus) else []
    return next((p.lift for p in known if {p.one, p.other} == both), None)


def carried_by_busiest(corpus: Corpus) -> list[Carried]:
    """What the tenth of users who do most carry, of the value where there is one, and of the lines; where that is much.
    Nothing of people at work.
    """
    if corpus.staff:
        return []
    found = []
    for of, amount in (("value", "sum(value)"), ("lines", "count(*)")):
        if of == "value" and not corpus.valued:
            continue
        rows = corpus.connection.execute(
            f"SELECT coalesce({amount}, 0) AS x FROM lines GROUP BY u ORDER BY x DESC"
        ).fetchall()
        each = [float(x) for (x,) in rows]
        part = next((p for p in PARTS if round(p * len(each)) >= FEW), None)
        if part is None or min(each) < 0 or sum(each) <= 0:
            continue
        users = round(part * len(each))
        share = sum(each[:users]) / sum(each)
        if share >= MUCH_MORE * part:
            found.append(Carried(of=of, part=part, users=users, share=round(share, 2)))
    return found


def _watch(found: Sequence[_Fact]) -> str | None:
    """A figure that can move: whether they come back, else the commonest thing, else when they come."""
    first = [f for f in found if f.told.section == "often" and f.told.form == "share"]
    rest = [f for section in WATCHED for f in found if f.told.section == section]
    return next((f.claim.id for f in [*first, *rest]), None)


def _sentences(found: Sequence[_Fact], names: Names) -> list[Sentence]:
    """How often and how much; what they turn to, and what goes with what; what comes back and when they come."""
    by: Mapping[Section, list[_Fact]] = defaultdict(list)
    for f in found:
        if f.told.clause:
            by[f.told.section].append(f)
    numbers = [f for f in by["often"] if f.told.form == "number"]
    sizes = [f for f in numbers if f.measure.of == "matches" and f.measure.unit == "sessions"]
    usual = [f for f in numbers if not (sizes and f.measure.of == "things")]  # as many lines are as many things
    usual = [f for f in usual if f.measure.of != "gap" or not _mostly_once(numbers)][:USUAL]
    came = [f for f in by["often"] if f.told.form == "share"][:1]
    ranks = [_rank(f, names) for f in by["what"]]
    kinds = [
        f
        for f, rank in zip(by["what"], ranks, strict=True)
        if rank == next((r for r in ranks if ranks.count(r) > 1), 1)
    ]
    made = [
        _said(words.usually_and_back if came else words.usually, [*usual, *came]),
        _said(words.mostly, by["do"][:NAMED] if len(by["do"]) > 1 else []),
        _said(words.mostly, kinds[:NAMED]),
    ]
    rest = [*by["together"][:1], *by["order"][:1], *by["when"][:1]]
    made.append(_said(words.in_one_sentence, rest))
    made += [_back(f) for f in by["again"] if f.measure.unit == "things" and f.beside]
    return [s for s in made if s]


def _mostly_once(numbers: Sequence[_Fact]) -> bool:
    """Do most come once? Then the time between two visits is of few, and no part of what is usual."""
    visits = next((f for f in numbers if f.measure.unit == "users" and f.measure.of == "matches"), None)
    return visits is not None and (visits.claim.truthfulness.value or 0.0) <= 1


def _back(fact: _Fact) -> Sentence:
    chance = fact.beside.value if fact.beside else 0.0
    said = words.back((fact.claim.truthfulness.value or 0.0) > words.MUCH * chance)
    template = said.replace("{v}", f"{{{fact.claim.id}.value}}")
    return Sentence(template=template, text=fill(template, dict(_values([fact]))), claim_ids=[fact.claim.id])


def _said(worded: words.Worded, facts: Sequence[_Fact]) -> Sentence | None:
    if not facts:
        return None
    clauses = [(f.claim.id, of_one(f.told.clause, printed_value(f.claim))) for f in facts]
    template = worded([clause.replace("{v}", f"{{{name}.value}}") for name, clause in clauses])
    values = dict(_values(facts))
    return Sentence(template=template, text=fill(template, values), claim_ids=[f.claim.id for f in facts])


def _values(facts: Sequence[_Fact]) -> Iterator[tuple[str, str]]:
    for f in facts:
        yield from ((k, v) for k, v in claim_values(f.claim).items() if "." in k)
