"""What to try first, for the first page: an editor's choice where one stands, else code's.

In: a set. Out: a `FirstTrial`, None where nothing can be watched. Promises: every figure is one that the set shows; nothing is
tried on people at work.
"""

from __future__ import annotations

from ..schema import Edited, FirstTrial, Persona, PersonaSet
from ..words.english import first_trials as words
from ..words.english.trial_sizes import part_seen, worth_a_trial
from ..write.choosing import ranked, reasons, watch_of
from . import phrasing


def first_trial_of(personas: PersonaSet, edited: Edited | None) -> FirstTrial | None:
    """`edited`: an editor's texts with the figures that the set shows."""
    # Who stopped is not there to try anything with, and what came after a date is no habit that a trial moves.
    outcome = personas.given is not None and personas.given.is_outcome
    seen = [] if personas.staff or outcome else phrasing.shown(personas)
    able = ranked(seen)
    if not able:
        return None
    chosen = edited.first if edited else None
    # Whose trial would show nothing is no first choice while another's would.
    telling = [p for p in able if worth_a_trial(watch_of(p))] or able
    found = next((p for p in telling if chosen and p.id == chosen.persona and p.suggestion), None)
    first = _told(found or able[0], chosen.reason.text if chosen and found else reasons(able[0], seen))
    alone = [part for p in able if (watch := watch_of(p)) and worth_a_trial(watch) and (part := part_seen(watch))]
    together = words.all_together(personas.all_at_once, min(alone, default=None)) if personas.all_at_once else ""
    return first and first.model_copy(update={"together": together})


def _told(persona: Persona, why: str) -> FirstTrial | None:
    watch = watch_of(persona)
    if watch is None:
        return None
    return FirstTrial(
        persona=persona.id,
        label=persona.label,
        claim=watch.measure,
        text=words.act(persona),
        how=words.how(persona, watch),
        says=words.says(watch),
        prize=words.prize(persona, watch),
        rule=words.rule(persona, watch),
        why=why,
    )
