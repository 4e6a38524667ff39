"""What changed between two runs of one product: of personas, of claims, of who is in which."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, Literal

from pydantic import Field

from .measures import Measure, Value, Window
from .nouns import NounsOfLog

CHANGES_VERSION = 1  # of the form of changes.json; goes up when a field changes its meaning or goes

# `cut`: the later log was cut otherwise, of which nothing shows that people changed.
GroupOutcome = Literal["same", "grown", "shrunk", "split", "merged", "gone", "new", "cut"]
ClaimOutcome = Literal["holds", "weakened", "refuted", "cannot_tell"]

_given: Any = Field(default=None, exclude_if=lambda value: value is None)


class GroupChange(Value):
    """A persona of the earlier run, of the later one, or of both: `was` and `now` are its ids there. Users are told in fives,
    shares are of all users. `by_rule` is the share that it has in the other log by one rule for both, on the scale of its own
    share: in the later log where it `was`, else in the earlier. `chance` are the shares that the later log would have shown by
    chance alone, had nothing changed, and `p` how often chance does as much as was seen. `parts` are ids: of the later run for
    a split, of the earlier one for a merger.
    """

    outcome: GroupOutcome
    was: str | None
    now: str | None
    label: str
    label_now: str | None = _given
    users_was: int | None = None
    users_now: int | None = None
    share_was: float | None = None
    share_now: float | None = None
    by_rule: float | None = _given
    chance: tuple[float, float] | None = None
    p: float | None = None
    parts: list[str] = []


class ClaimChange(Value):
    """A claim of the earlier run, asked of both logs: `was` and `now` with comparable others beside them (`others_was`,
    `others_now`) where it compares, over so many users; where fewer than five do it, or leave it, `bound_was` and `bound_now` say
    on which side of the figure the share is, and no more is told. `others` where comparable others moved and the persona did not;
    `why` says why it cannot be told.
    """

    id: str
    persona: str
    text: str
    measure: Measure
    outcome: ClaimOutcome
    was: float | None
    now: float | None
    bound_was: Literal["over", "under"] | None = _given
    bound_now: Literal["over", "under"] | None = _given
    others_was: float | None = None
    others_now: float | None = None
    n_was: int
    n_now: int
    p: float | None = None
    others: bool = False
    why: str = ""


class Move(Value):
    """Users who were in one persona and are in another; `to` is an id of the later run, None: in none."""

    was: str
    to: str | None
    users: int


class Moves(Value):
    """Who is where, of the users of both logs who were in a persona: `users` in all, the share that `stayed`, and the share that
    lands alike by two halves of their visits to one log (`alike`), which is how surely anybody is placed. `flows` are those that
    may be told.
    """

    users: int
    stayed: float
    alike: float | None
    flows: list[Move]


class TenthChange(Value):
    """The tenth of users who bring in most, in both runs: how many they are and their share of all value, None where that is not
    known; and whether they have a card there. `alike` is false where the runs do not count the value alike, and nothing can be
    compared. Who they are is picked anew in each log.
    """

    users_was: int | None = None
    users_now: int | None = None
    share_was: float | None = None
    share_now: float | None = None
    card_was: bool
    card_now: bool
    alike: bool = True


class ComparedRun(Value):
    """One side: `labels` are the names of its personas by id; `not_sealed` where nobody here sealed the run, so that nothing
    vouches for what it says.
    """

    run_id: str
    window: Window
    users: int
    labels: dict[str, str]
    not_sealed: bool | None = _given


class Changes(Value):
    """All that changed from one run to a later one. `moves` is left out where users cannot be told again, or may not be
    (`notes` say why), `tenth` where neither run has a card of those who bring in most, or both are of one log.
    """

    schema_version: int = CHANGES_VERSION
    old: ComparedRun
    new: ComparedRun
    unit: Literal["account"] | None = _given
    nouns: NounsOfLog | None = _given
    personas: list[GroupChange]
    claims: list[ClaimChange]
    moves: Moves | None = _given
    tenth: TenthChange | None = _given
    notes: list[str] = []


class KeptIds(Value):
    """The ids that groups keep from the run before, by the number of the group; others are numbered from `last` on."""

    of_group: dict[int, str] = {}
    last: int = 0

    def named(self, groups: Sequence[int]) -> list[str]:
        """The ids of groups, largest first."""
        new = (f"p{i}" for i in count(self.last + 1))
        return [self.of_group.get(g) or next(new) for g in groups]


NO_IDS = KeptIds()


class Before(Value):
    """What a run took over of the one before it, and what has changed since."""

    ids: KeptIds
    changes: Changes


class Since(Value):
    """What a run says of the one before it: which, and what changed in three lines; in four where a run has a card of the tenth
    that brings in most.
    """

    run_id: str
    sentences: list[str]
