"""Which habits stand beside the personas: those that no card tells already.

In: the habits of a briefing, personas with their cards, and the names of the log. Out: at most MOST habits, strongest first; none
where no persona is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..schema import HabitBeside, Names, Persona
from ..words.english.readings import reading
from .briefing import BesideBriefing

MOST = 6  # more is a catalogue, and the seventh is small


def habits_on_no_card(habits: Sequence[BesideBriefing], personas: Sequence[Persona], names: Names) -> list[HabitBeside]:
    """Without what a bar of a card is about, where most who have the habit are members of its persona."""
    told = {p.id: _told_by_bars(p, names) for p in personas if p.status != "withheld"}
    kept = [h.habit for h in habits if not told.get(h.mostly or "", set()) & set(h.facts)]
    return kept[:MOST] if told else []


def _told_by_bars(persona: Persona, names: Names) -> set[str]:
    """What the bars of a persona's card are about."""
    own = {c.id: c.measure for c in persona.claims}
    bars = persona.card.bars if persona.card else []
    measures = [bar.measure or own.get(bar.claim) for bar in bars]
    readings = [reading(m, names) for m in measures if m is not None]
    return {fact for r in readings if r is not None for fact in r.facts}
