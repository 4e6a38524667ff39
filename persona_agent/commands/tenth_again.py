"""The card about the tenth of users who bring in most, counted again: by `check` against what stands, by `forget` over who stays.

In: a corpus as it is now, the personas of a run. Out: what differs, or the card anew; None where it is no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..evidence import Corpus, Population, tenth_corpus, tenth_figures, top_tenth
from ..report.tenth_pages import published_figures_of_tenth
from ..schema import TENTH, TENTH_ID, Persona, PersonaSet, TenthCard
from ..words.english.tenth_told import NAME
from ..write.cards import cards_again


def corpus_of_tenth(corpus: Corpus, personas: PersonaSet) -> Corpus | None:
    """The log with the tenth as its group, where a run has their card."""
    return tenth_corpus(corpus, top_tenth(corpus)) if personas.tenth else None


def figures_differ(
    corpus: Corpus, tenth: Corpus | None, personas: PersonaSet, groups: Mapping[str, int]
) -> Iterator[dict[str, str]]:
    """What the card says beside its claims, where it is not so; `groups` by the ids of their personas."""
    if personas.tenth is None:
        return
    told = personas.tenth
    if tenth is None:
        yield {"claim": TENTH_ID, "problem": "no tenth of users weighs enough for a card"}
        return
    members = int(tenth.people.mask(Population(TENTH)).sum())
    now = published_figures_of_tenth(tenth_figures(corpus, tenth, dict(groups)), members)
    was, is_now = told.figures.model_dump(), now.model_dump()
    for name in was:
        if was[name] != is_now[name]:
            yield {"claim": TENTH_ID, "problem": f"its figures ({name}) were {was[name]}, are {is_now[name]}"}
    by_a_person = any(e.at == f"{TENTH_ID}.name" and e.outcome != "conflict" for e in personas.edits or [])
    if told.persona.label != NAME and not by_a_person:
        yield {"claim": TENTH_ID, "problem": f"it is not called “{NAME}”"}


def card_again(
    corpus: Corpus,
    personas: PersonaSet,
    groups: Mapping[str, int],
    again: Callable[[Corpus, Persona, Population], Persona],
) -> TenthCard | None:
    """The card over those who stay, whose persona is counted `again`."""
    tenth = corpus_of_tenth(corpus, personas)
    if tenth is None or personas.tenth is None:
        return None
    counted = again(tenth, personas.tenth.persona, Population(TENTH))
    if counted.status == "withheld":
        return None
    made = cards_again(tenth, [counted], None, {TENTH_ID: TENTH}).personas[0]
    return TenthCard(persona=made, figures=tenth_figures(corpus, tenth, dict(groups)))
