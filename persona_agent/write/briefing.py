"""What is known of each group before anybody writes: plain values, and the file that keeps them for a resumed run.

In: dossiers and what stands behind them. Out: `Briefing`, briefing.json, and the same briefing from it. Promises: nothing in
it depends on who writes or judges.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..errors import StoreError
from ..evidence import Formed, Shown
from ..schema import Dossier, Findings, HabitBeside, TenthFigures, TopTenth, Unplaced, Vocabulary
from ..schema.told_fields import HeldValue
from ..store import Store
from .dossiers import DrawnBy
from .drafts import Placement
from .question import QuestionReading

BRIEFING = "briefing.json"
NOTHING_FOUND = Findings(concentrations=[], looks=0, openings=0)


@dataclass(frozen=True)
class GroupBriefing:
    """What writing about one group rests on: its dossier, what it was formed by, its place among the others, the numbers in
    the corpus of the lines that the dossier shows, by their ids in it, and all lines that may be looked up.
    """

    dossier: Dossier
    formed: Formed
    placement: Placement
    lines: Mapping[str, int]
    showable: Sequence[Shown]


@dataclass(frozen=True)
class TenthBriefing:
    """What writing about the tenth that brings in most rests on, and what is counted of them beside its claims."""

    group: GroupBriefing
    figures: TenthFigures


@dataclass(frozen=True)
class BesideBriefing:
    """A habit that some keep, and the persona that half of them or more are members of, or else the tenth that has a card; None
    where they are spread. `facts` say what it is about, as those of bars do.
    """

    habit: HabitBeside
    mostly: str | None
    facts: list[str]


@dataclass(frozen=True)
class Briefing:
    """What is known of all groups above the floor, largest first, and of everyone where there is a page about everyone.

    `of_group` is the persona of each group, None for groups below the floor, whose users are counted as `suppressed`.
    `tenth` is there where those who bring in most have a card. `unplaced` are users in none
    of the groups above the floor, where groups were found; `beside` are habits, strongest first; `drawn_by` is by what visits are
    near to each other; `held` are fields of the user in which groups differ.
    """

    vocabulary: Vocabulary
    groups: list[GroupBriefing]
    everyone: GroupBriefing | None
    of_group: list[str | None]
    intent_labels: dict[int, str]
    suppressed: int
    shares: dict[str, Any]
    asked: QuestionReading | None
    findings: Findings = NOTHING_FOUND
    top_tenth: TopTenth | None = None
    unplaced: Unplaced | None = None
    tenth: TenthBriefing | None = None
    beside: Sequence[BesideBriefing] = ()
    drawn_by: DrawnBy = ((), None)
    held: Sequence[HeldValue] = ()


def save_briefing(store: Store, briefing: Briefing) -> None:
    """briefing.json. Names keep their order, which is the order in which they are told."""
    values = _adapter().dump_python(briefing, mode="json")
    store.write_text(BRIEFING, json.dumps(values, ensure_ascii=False) + "\n")


def load_briefing(store: Store) -> Briefing:
    """The briefing of a run; StoreError where its file is missing or damaged."""
    try:
        return _adapter().validate_python(store.read_json(BRIEFING))
    except ValidationError as error:
        raise StoreError(
            f"{str(store.path(BRIEFING))!r} is damaged: {error.errors()[0]['msg']}.", hint="Run again with --fresh."
        ) from None


@cache
def _adapter() -> TypeAdapter[Briefing]:
    return TypeAdapter(Briefing)
