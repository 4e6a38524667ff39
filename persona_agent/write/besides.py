"""Which habits stand beside the personas: those that no card tells already.

In: the habits of a briefing, personas with their cards, and the names of the log. Out: at most MOST habits, strongest first; none
where no persona is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..schema import HabitBeside, Names, Persona
from ..words.english.habits_told import name_by_code
from ..words.english.readings import reading
from .briefing import BesideBriefing

MOST = 6  # more is a catalogue, and the seventh is small
# Of what they do, from which a share is a habit by itself: “mostly other things, with some signs among them” is no card, and of
# less something else has to be so of its users.
A_THIRD = 1 / 3
# Times as much as others, from which it is one at any share: baby food is 7 % of what some households buy, and under 1 % of what
# others do. A shop's signs and hot water bottles (6 to 8 times) are one taste among several of their buyers.
TIMES = 10.0


def habits_on_no_card(
    habits: Sequence[BesideBriefing], personas: Sequence[Persona], names: Names, tenth: Persona | None = None
) -> list[BesideBriefing]:
    """Without what a bar of a card is about, where most who have the habit are members of its persona, or of the `tenth`."""
    shown = [p for p in personas if p.status != "withheld"]
    told = {p.id: _told_by_bars(p, names) for p in (*shown, *([tenth] if tenth else []))}
    kept = [h for h in habits if not told.get(h.mostly or "", set()) & set(h.facts)]
    called = [
        {"id": f"b{i}", "name": name_by_code(h.habit, names), "card": _tells_enough(h.habit)}
        for i, h in enumerate(kept[:MOST], start=1)
    ]
    named = [replace(h, habit=h.habit.model_copy(update=c)) for h, c in zip(kept, called, strict=False)]
    return named if shown else []


def _tells_enough(habit: HabitBeside) -> bool:
    """Is there enough for a card?"""
    return bool(habit.also) or habit.form == "number" or habit.here >= min(A_THIRD, TIMES * habit.others)


def _told_by_bars(persona: Persona, names: Names) -> set[str]:
    """What the bars of a persona's card are about."""
    own = {c.id: c.measure for c in persona.claims}
    bars = persona.card.bars if persona.card else []
    measures = [bar.measure or own.get(bar.claim) for bar in bars]
    readings = [reading(m, names) for m in measures if m is not None]
    return {fact for r in readings if r is not None for fact in r.facts}
