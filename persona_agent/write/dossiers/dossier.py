"""From inquiries to a dossier: what may be said of a group, measured, in words, with nothing that does not hold.

In: a corpus and a group with its sizes and intents. Out: a `Dossier`. Everything is measured on the users that groups
were made from; the held-out users are left for replication. Code decides what each measure says: more or less than
comparable others where the difference is real and large enough to be worth a sentence, as comparable others where they are surely
alike, otherwise the strongest quantifier that holds. Numbers are slots; ids are c1…cn in a total order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...evidence import (
    Corpus,
    Facts,
    Formed,
    Measured,
    Population,
    answers,
    best_quantifier,
    bits_of,
    by_construction,
    cannot_fail,
    compares,
    cross_placed,
    kind_of,
    not_asked,
    over_whole_log,
    question,
    tells,
    truthfulness,
    verdict,
)
from ...log.opaque import names_a_key
from ...schema import (
    EVERYONE,
    Comparator,
    Dossier,
    Facet,
    IntentShare,
    LogState,
    Measure,
    ProposedClaim,
    Related,
    Says,
    Size,
    ToldSession,
    TruthLabel,
    Withdrawal,
)
from .amounts import amounts
from .bands import bands
from .habits import breadth, journeys, place_inquiries, rhythm
from .held import held
from .inquiries import Inquiry, acts, allowed, categories, named, themes, things, unlike
from .kinds import far_apart
from .orders import orders
from .phrases import FRACTIONS, parting_words, template

WORTH_POINTS = 0.08  # a difference between shares smaller than this is not worth a sentence
WORTH_RATIO = 1.25  # the same for numbers: a quarter more
KINDS = ("events", "things")  # of which a share is one of many: of an aisle, a brand, a theme
MOST_FALLEN = 3  # refuted comparisons that a card lists: examples, not an archive
NARROW_POINTS = 0.1  # a share that is known no better is not told by its figure
ALONE = 3.0  # times that room, on the page about everyone: a log of forty users has a middle user too
NEARLY_ALL = 0.95  # of everyone: what all do tells nobody anything
EVERYBODY = 0.9  # a share that the group and the others reach tells nothing of either
TAKEN_FOR_GRANTED = (0.05, 0.8)  # shares of which a reader may think that they are larger or smaller than elsewhere
ALIKE = 0.3  # correlation of two claims' answers from which the pair is noted
MIN_UNLIKE = 0.25  # of members: a rarer exception says nothing about the group
PLAIN = ("almost_all", "few", "hardly_any")


@dataclass(frozen=True)
class About:
    """What is known of a group before anything is measured; `formed` is what it was made from, `formed_by` the same in
    words; `acts` are its commonest actions, `told` is a session of it.
    """

    group: int
    state: LogState
    noun: str
    size: Size
    formed_by: list[str]
    formed: Formed
    intents: list[IntentShare]
    intent_labels: dict[int, str]
    outside_intents: float
    acts: list[str]
    told: ToldSession | None = None


def list_inquiries(
    corpus: Corpus,
    group: int,
    names: Sequence[str],
    allow: Sequence[str] = (),
    asked: Sequence[tuple[str, str | None]] = (),
    sorted_by: Sequence[str] = (),
) -> list[Inquiry]:
    """Inquiries for one group, in a total order. Of the properties, only numbers and what `allow` names come up; `asked` are
    the acts of a question, which come up however rare they are; `sorted_by` are the views that users were told apart by.
    """
    by_code = [
        *acts(corpus, group),
        *things(corpus, group),
        *amounts(corpus, names),
        *bands(corpus, names, sorted_by),
        *categories(corpus, group),
        *themes(corpus, group),
        *(p for name in allow for p in (held if _of_user(corpus, name) else allowed)(corpus, group, _bare(name))),
        *rhythm(corpus),
        *breadth(corpus),
        *place_inquiries(corpus),
        *orders(corpus, group, names),
        *journeys(corpus, group),
        *(unlike(corpus, group, names) if group != EVERYONE else ()),
    ]
    # A key tells a reader nothing, unless a question was about that thing.
    found = [*named(asked, corpus.names), *(p for p in by_code if not names_a_key(p.measure))]
    found = [p for p in found if not not_asked(corpus, p.measure)]
    seen: set[str] = set()
    return [p for p in found if not (question(p.measure) in seen or seen.add(question(p.measure)))]  # type: ignore[func-returns-value]


def _bare(name: str) -> str:
    return name.removeprefix("properties.")


def _of_user(corpus: Corpus, name: str) -> bool:
    return _bare(name) in corpus.names.of_user


def make_dossier(corpus: Corpus, about: About, inquiries: Sequence[Inquiry], facets: list[Facet]) -> Dossier:
    """The dossier of one group."""
    population = Population(about.group, fold=None if about.group == EVERYONE else "fit")
    parting = [i for i in inquiries if _parts(corpus, i, population)]
    made = list(_candidates(corpus, about, [i for i in inquiries if i not in parting], population))
    held = _without_repeats(corpus, [c for c in made if c.withdrawal is None], population)
    fallen = sorted((c for c in made if c.withdrawal), key=lambda c: (-_lost(c), str(c.topic)))[:MOST_FALLEN]
    candidates = [c.model_copy(update={"id": f"c{i}"}) for i, c in enumerate([*held, *fallen], start=1)]
    return Dossier(
        group=about.group,
        state=about.state,
        noun=about.noun,
        size=about.size,
        formed_by=[*about.formed_by, *(parting_words(i) for i in parting)],
        intents=about.intents,
        intent_labels=about.intent_labels,
        facets=facets,
        candidates=candidates,
        related=_related(corpus, [c for c in candidates if c.withdrawal is None], population),
        told=about.told,
        acts=about.acts,
        outside_intents=about.outside_intents,
    )


def _parts(corpus: Corpus, inquiry: Inquiry, population: Population) -> bool:
    """Is it what a given group was sorted by: does its answer say who is a member?"""
    given = corpus.given and population.group != EVERYONE
    return given and inquiry.measure.versus is not None and over_whole_log(corpus, inquiry.measure, population).parts


def propose_claim(
    corpus: Corpus, inquiry: Inquiry, population: Population, *, formed: bool
) -> tuple[ProposedClaim | None, ProposedClaim | None]:
    """The claim that the inquiry leads to, if anything worth saying holds; and what a plain comparison
    would have said, if a fair one refutes it.
    """
    asked = inquiry.measure if population.group != EVERYONE else inquiry.measure.model_copy(update={"versus": None})
    whole = over_whole_log(corpus, asked, population)
    placed = cross_placed(corpus, asked, population, whole) if tells(whole) else whole
    fallen = None
    for says in _sayings(asked, whole, placed, compares=inquiry.topic.kind != "unlike"):
        measure = asked.model_copy(update={"says": says})
        measured = placed if compares(measure) else whole
        label, reason = verdict(measure, measured)
        if label == "true" and _worth_saying(inquiry, says, measured) and not _sure_to_be(corpus, measure, measured):
            bits = bits_of(corpus, measure, population) if tells(whole) else 0.0
            return _proposed(inquiry, measure, measured, label, reason, formed, bits), fallen
        if label == "artefact":
            plain = measure.model_copy(update={"versus": "everyone_else"})
            fallen = _proposed(inquiry, plain, measured, label, reason, formed, None)
    return None, fallen


def _candidates(
    corpus: Corpus, about: About, inquiries: Sequence[Inquiry], population: Population
) -> Iterator[ProposedClaim]:
    for inquiry in inquiries:
        formed = by_construction(inquiry.measure, about.formed)
        found, fallen = propose_claim(corpus, inquiry, population, formed=formed)
        yield from (c for c in (found, fallen) if c is not None)


def _proposed(
    inquiry: Inquiry,
    measure: Measure,
    measured: Measured,
    label: TruthLabel,
    reason: str,
    formed: bool,
    bits: float | None,
) -> ProposedClaim:
    fell = label == "artefact"
    return ProposedClaim(
        kind=kind_of(measure),
        topic=inquiry.topic,
        short=inquiry.short,
        said=inquiry.said,
        form=inquiry.form,
        template=template(inquiry, measure),
        measure=measure,
        by_construction=formed,
        truthfulness=truthfulness(measured, label, reason),
        information_bits=bits,
        status="withdrawn" if fell else "accepted",
        withdrawal=Withdrawal(label="artefact", why=reason) if fell else None,
    )


def _lost(c: ProposedClaim) -> float:
    """How striking a refuted comparison would have looked."""
    return abs((c.truthfulness.value or 0.0) - (c.truthfulness.raw or 0.0)) / (
        1.0 if c.form != "number" else abs(c.truthfulness.raw or 1.0)
    )


def _without_repeats(corpus: Corpus, candidates: list[ProposedClaim], population: Population) -> list[ProposedClaim]:
    """The candidates without those that tell the fact of a more telling one."""
    ranked = sorted(candidates, key=lambda c: -(c.information_bits or 0.0))
    kept = {id(c) for c in Facts(corpus, population).different(ranked, lambda c: c.measure)}
    return [c for c in candidates if id(c) in kept]


def _related(corpus: Corpus, candidates: Sequence[ProposedClaim], population: Population) -> list[Related]:
    """Pairs whose answers go together over members and others alike, by their absolute correlation (of numbers' ranks)."""
    if len(candidates) < 2:
        return []
    columns = []
    everyone = corpus.people.mask(replace(population, group=None, outside=False))
    for c in candidates:
        own = answers(corpus, c.measure).samples()[everyone]
        own = np.where(np.isnan(own), np.nanmedian(own) if (~np.isnan(own)).any() else 0.0, own)
        columns.append(np.argsort(np.argsort(own, kind="stable"), kind="stable") if c.form == "number" else own)
    rows = np.array(columns, dtype=np.float64)
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)  # a constant answer goes with nothing
    strength = np.abs(rows @ rows.T)
    return [
        Related(one=candidates[i].id, other=candidates[j].id, overlap=round(float(strength[i, j]), 2))
        for i in range(len(candidates))
        for j in range(i + 1, len(candidates))
        if strength[i, j] >= ALIKE
    ]


def _worth_saying(inquiry: Inquiry, says: Says, measured: Measured) -> bool:
    """What nobody does, or everybody does here as elsewhere, fills a card without telling anything."""
    if inquiry.topic.kind == "unlike":
        return says.comparator == "at_least" and (says.value or 0.0) >= MIN_UNLIKE
    if says.quantifier in ("none", "hardly_any"):
        return False
    value, other = measured.value or 0.0, (measured.other.value if measured.other else None) or 0.0
    if says.alike:
        return measured.statistic != "share" or (TAKEN_FOR_GRANTED[0] <= value <= TAKEN_FOR_GRANTED[1])
    return not (says.quantifier in ("all", "almost_all") and other >= EVERYBODY)


def _sure_to_be(corpus: Corpus, measure: Measure, measured: Measured) -> bool:
    """Of everyone, who have no others: does it hold of nearly all or none whatever they do? Of a group a comparison decides."""
    if measure.versus is not None or measure.statistic != "share":
        return False
    value = measured.value or 0.0
    return not 1 - NEARLY_ALL <= value <= NEARLY_ALL or bool(cannot_fail(corpus, measure))


def _sayings(measure: Measure, measured: Measured, placed: Measured, *, compares: bool) -> list[Says]:
    """What the measure might say over the whole log, and of others as it was `placed`, most telling first."""
    said = []
    comparison = _comparison(measure, placed) if compares else None
    if comparison is not None:
        said.append(Says(comparator=comparison))
    # What is paid for a thing, or taken of it, is what is usual for it nearly everywhere: that it is so here is no news.
    if compares and measure.versus is not None and not measure.of.startswith("relative "):
        said.append(Says(comparator="as_others"))
    if measure.statistic == "share" and measure.unit == "users":
        said += _ranges(measured)
    elif _narrow(measured, alone=measure.versus is None):
        said.append(Says(comparator="about", value=float(f"{measured.value:.3g}")))
    return said


def _ranges(measured: Measured) -> list[Says]:
    """Of a share of users: a word where one holds, else the tightest simple fraction that the interval keeps to.

    A fraction is for good: “more than a third” will hold on more users of the same kind, “38 %” would not.
    """
    word = best_quantifier(measured)
    if word in PLAIN:
        return [Says(quantifier=word)]
    if measured.ci is None or measured.value is None:
        return []
    low, high = measured.ci
    over = [f for f in FRACTIONS if f <= low]
    under = [f for f in FRACTIONS if f >= high]
    other = measured.matched.value if measured.matched else None
    less = other is not None and other > measured.value
    said = [Says(comparator="at_least", value=max(over))] if over else []
    said += [Says(comparator="at_most", value=min(under))] if under else []
    return said[::-1] if less else said


def _narrow(measured: Measured, *, alone: bool) -> bool:
    """Is a typical number known to within a tenth, or a share to within ten points? What is told `alone`, its interval drawn, may
    be known less well: a share to within thirty points, a number however well.
    """
    value, ci = measured.value, measured.ci
    if value is None or ci is None:
        return False
    if alone and measured.statistic != "share":
        return True
    room = ALONE * NARROW_POINTS if alone else NARROW_POINTS if measured.statistic == "share" else abs(value) / 10
    return value - room <= ci[0] and ci[1] <= value + room


def _comparison(measure: Measure, measured: Measured) -> Comparator | None:
    """The side on which everyone else, or comparable others, are far enough to be worth a sentence."""
    here = measured.value
    for other in (measured.everyone, measured.matched):
        there = other.value if other else None
        if here is None or there is None:
            continue
        if measure.statistic == "share":
            of_kinds = measure.unit in KINDS and far_apart(here, there)
            worth = abs(here - there) >= WORTH_POINTS or of_kinds
        else:
            worth = max(here, there) >= WORTH_RATIO * max(min(here, there), 1e-9)
        if worth:
            return "more_than_others" if here > there else "less_than_others"
    return None
