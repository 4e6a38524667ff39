"""The figures of a trial, which no writer may guess.

In: a suggestion, or a claim to watch where nobody suggests anything, on an open corpus. Out: the same with the figure of its
measure today, the smallest change that half of the members against the other half would show, how many users a worthwhile change
takes, and what the group brings. Promises: a suggestion whose claims are gone goes with them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...evidence import Binder, Corpus, Population
from ...evidence.smallest_change import trial_of
from ...schema import Bar, Claim, Persona, ToWatch, Try
from ...words.english.asked_labels import any_reading
from ...words.english.readings import reading
from ...words.english.trial_sizes import worth_a_trial
from .bars import CardFact, fact_of


def suggested(corpus: Corpus, persona: Persona, population: Population) -> Try | None:
    """The persona's suggestion with its figures; None where it has none, or a claim that it names does not stand."""
    told, claims = persona.suggestion, {c.id: c for c in persona.claims}
    if told is None or not {told.measure, *told.claim_ids} <= set(claims):
        return None
    figures = _figures(corpus, claims[told.measure], population)
    return told if figures is None else told.model_copy(update=dict(figures))


def figures_to_watch(corpus: Corpus, persona: Persona, claims: Sequence[str], population: Population) -> ToWatch | None:
    """What a trial with the group would watch, where nothing is suggested: the first of the `claims` of whose figure a
    trial would show a change that something could bring about, or the first where there is none.
    """
    known = {c.id: c for c in persona.claims}
    first: ToWatch | None = None
    for claim in claims:
        found = _figures(corpus, known[claim], population) if claim in known else None
        if worth_a_trial(found):
            return found
        first = first or found
    return first


def _figures(corpus: Corpus, claim: Claim, population: Population) -> ToWatch | None:
    fact = fact_of(corpus, claim, population)
    measure, truth = (fact.measure, fact.truth) if fact else (claim.measure, claim.truthfulness)
    if measure is None or truth.value is None:
        return None
    trial = trial_of(corpus, measure, population, truth.value)
    return ToWatch(
        measure=claim.id,
        watched=_watched(claim, fact, corpus),
        smallest=trial.smallest,
        tested=trial.tested,
        needed=trial.needed,
        days=trial.days,
        figure=trial.figure,
        brings=_brings(corpus, population),
        currency=corpus.names.currency if corpus.valued else None,
    )


def _watched(claim: Claim, fact: CardFact | None, corpus: Corpus) -> Bar | None:
    """The fact that is watched, in the plainest words that there are."""
    if fact is not None:
        return fact.bar().model_copy(update={"measure": fact.measure, "truth": fact.truth})
    if claim.measure is None:
        return None
    told = reading(claim.measure, corpus.names) or any_reading(claim.measure, corpus.names)
    bare = Bar(claim=claim.id, label=told.label, unit=told.unit, form=told.form)
    return bare.model_copy(update={"measure": claim.measure, "truth": claim.truthfulness})


def _brings(corpus: Corpus, population: Population) -> float | None:
    """What the members' lines come to in the value that was given."""
    if not corpus.valued:
        return None
    binder = Binder()
    members = f"SELECT u FROM places WHERE g = {binder.bind(population.group or 0)}"
    row = corpus.connection.execute(f"SELECT sum(value) FROM lines WHERE u IN ({members})", binder.values).fetchone()
    return float(row[0]) if row and row[0] is not None else None
