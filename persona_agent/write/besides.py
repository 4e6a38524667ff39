"""Which habits stand beside the personas: those that no card tells already.

In: the habits of a briefing, and personas with their cards. Out: at most MOST habits, strongest first; none where no persona is
shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..evidence import same_subject
from ..schema import HabitBeside, Measure, Persona
from .briefing import BesideBriefing

MOST = 6  # more is a catalogue, and the seventh is small


def habits_on_no_card(habits: Sequence[BesideBriefing], personas: Sequence[Persona]) -> list[HabitBeside]:
    """Without what the bars of a card are about whose persona most who have the habit are members of."""
    told = {p.id: _drawn(p) for p in personas if p.status != "withheld"}
    kept = [h.habit for h in habits if not any(same_subject(h.habit.measure, m) for m in told.get(h.mostly or "", []))]
    return kept[:MOST] if told else []


def _drawn(persona: Persona) -> list[Measure]:
    """What the bars of a persona's card measure."""
    own = {c.id: c.measure for c in persona.claims}
    bars = persona.card.bars if persona.card else []
    return [m for m in (bar.measure or own.get(bar.claim) for bar in bars) if m is not None]
