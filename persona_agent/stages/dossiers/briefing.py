"""Proposals to a dossier: what may be said of a group, measured, in words, with nothing that does not hold.

In: a corpus and a group with its sizes and intents. Out: a `Dossier` whose candidates are all true of the whole log.
Code decides what each measure says: more or less than the others where the difference is real and large enough to be
worth a sentence, otherwise the strongest quantifier that holds. Numbers are slots; ids are c1…cn in a total order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...evidence import (
    Corpus,
    Measured,
    Population,
    best_quantifier,
    bits_of,
    evaluate,
    same_units,
    satisfying_units,
    say,
    tenths,
    truthfulness,
    verdict,
)
from ...schema import (
    Candidate,
    Comparator,
    Dossier,
    Facet,
    Feature,
    IntentShare,
    LogState,
    Measure,
    Quantifier,
    Says,
    Size,
)
from .proposals import Proposal, propose, users_share

WORTH_POINTS = 0.08  # a difference between shares smaller than this is not worth a sentence
WORTH_RATIO = 1.25
RHYTHM_DAYS = 3
RHYTHM_SHARE = 0.3
JOURNEY_STEPS = 3


@dataclass(frozen=True)
class About:
    """What is known of a group before anything is measured; `blocks` are the features that it was made from."""

    group: int
    state: LogState
    noun: str
    size: Size
    formed_by: list[str]
    blocks: frozenset[int]
    intents: list[IntentShare]
    intent_labels: dict[int, str]
    outside_intents: float


def brief(corpus: Corpus, about: About, amounts: Sequence[str], allow: Sequence[str], facets: list[Facet]) -> Dossier:
    """The dossier of one group."""
    population = Population(about.group)
    candidates: list[Candidate] = []
    for proposal in propose(corpus, about.group, amounts, allow):
        built = proposal.forms in about.blocks
        found = candidate(corpus, proposal, population, built, f"c{len(candidates) + 1}")
        if found is not None:
            candidates.append(found)
    candidates = _without_repeats(corpus, candidates, population)
    return Dossier(
        group=about.group,
        state=about.state,
        noun=about.noun,
        size=about.size,
        formed_by=about.formed_by,
        intents=about.intents,
        intent_labels=about.intent_labels,
        facets=facets,
        candidates=candidates,
        outside_intents=about.outside_intents,
    )


def _without_repeats(corpus: Corpus, candidates: list[Candidate], population: Population) -> list[Candidate]:
    """The candidates without those that hold for the same members as a more telling one, or for just the others."""
    everyone = satisfying_units(corpus, users_share([]), population)
    kept: list[Candidate] = []
    sets: list[np.ndarray] = []
    for c in sorted(candidates, key=lambda c: (-(c.information_bits or 0.0), int(c.id[1:]))):
        if c.measure.unit == "users" and c.measure.statistic == "share":
            these = satisfying_units(corpus, c.measure, population)
            if any(same_units(these, s) or same_units(np.setdiff1d(everyone, these), s) for s in sets):
                continue
            sets.append(these)
        kept.append(c)
    return sorted(kept, key=lambda c: int(c.id[1:]))


def candidate(
    corpus: Corpus, proposal: Proposal, population: Population, by_construction: bool, name: str
) -> Candidate | None:
    """The proposal with what it says and what came out; None where nothing worth saying holds."""
    measured = evaluate(corpus, proposal.measure, population)
    for says in _sayings(proposal.measure, measured):
        measure = proposal.measure.model_copy(update={"says": says})
        label, reason = verdict(measure, measured)
        if label == "true" and _worth_saying(says, measured):
            return Candidate(
                id=name,
                kind=proposal.kind,
                topic=proposal.topic,
                short=proposal.short,
                template=_template(proposal.said, measure, says),
                measure=measure,
                by_construction=by_construction,
                result=truthfulness(measured, label, reason),
                information_bits=bits_of(corpus, measure, measured, population),
            )
    return None


def facets_of(corpus: Corpus, candidates: Sequence[Proposal]) -> list[Facet]:
    """The facets that this log can show (METRICS 5), over all users."""
    days = _share_of_everyone(corpus, "active_days", RHYTHM_DAYS)
    steps = _share_of_everyone(corpus, "steps_per_session", JOURNEY_STEPS)
    kinds = {p.kind for p in candidates}
    can: dict[Facet, bool] = {
        "behaviour": True,
        "preference": "preference" in kinds,
        "rhythm": days >= RHYTHM_SHARE,
        "friction": "friction" in kinds,
        "journey": steps > 0.5 and "journey" in kinds,
    }
    return [facet for facet, there in can.items() if there]


def _share_of_everyone(corpus: Corpus, feature: str, at_least: float) -> float:
    measure = users_share([], feature=Feature.model_validate({"name": feature, "op": "at_least", "value": at_least}))
    everyone = measure.model_copy(update={"versus": None})
    return evaluate(corpus, everyone, Population()).value or 0.0


def _worth_saying(says: Says, measured: Measured) -> bool:
    """What nobody does, or everybody does here as elsewhere, fills a card without telling anything."""
    if says.quantifier in ("none", "hardly_any"):
        return False
    other = measured.other.value if measured.other else None
    return not (says.quantifier in ("all", "almost_all") and other is not None and other >= 0.9)


def _sayings(measure: Measure, measured: Measured) -> list[Says]:
    """What the measure might say, most telling first."""
    said = []
    comparison = _comparison(measure, measured)
    if comparison is not None:
        said.append(Says(comparator=comparison))
    if measure.statistic == "median" and measured.value is not None:
        said.append(Says(comparator="about", value=measured.value))
    word = best_quantifier(measured) if measure.statistic == "share" else None
    if word is not None:
        said.append(Says(quantifier=word, value=float(tenths(measured)) if word == "n_in_ten" else None))
    return said


def _comparison(measure: Measure, measured: Measured) -> Comparator | None:
    here, there = measured.value, measured.other.value if measured.other else None
    if here is None or there is None:
        return None
    if measure.statistic == "share":
        worth = abs(here - there) >= WORTH_POINTS
    else:
        worth = max(here, there) >= WORTH_RATIO * max(min(here, there), 1e-9)
    if not worth:
        return None
    return "more_than_others" if here > there else "less_than_others"


def _template(said: str, measure: Measure, says: Says) -> str:
    if measure.statistic == "median":
        more = {
            "more_than_others": ", more than the others' {matched}",
            "less_than_others": ", less than the others' {matched}",
        }
        return f"{_capital(said)}{more.get(says.comparator or '', '')}."
    if measure.unit == "sessions":
        return _session_template(said, says)
    if says.comparator is not None:
        return f"{{value}} of them {said}, against {{matched}} of the others."
    return f"{_capital(_word(says))} of them {said} ({{value}})."


def _session_template(said: str, says: Says) -> str:
    if says.comparator is not None:
        how = "more often than for others" if says.comparator == "more_than_others" else "less often than for others"
        return f"{_capital(said.format(how=how))}: {{value}} of a user's sessions on average, against {{matched}}."
    return f"{_capital(said.format(how=_word(says)))} ({{value}} of a user's sessions on average)."


def _word(says: Says) -> str:
    assert says.quantifier is not None
    quantifier: Quantifier = says.quantifier
    return say(quantifier, says.value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
