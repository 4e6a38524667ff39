"""What a trial of somebody's groups reports."""

from __future__ import annotations

from typing import Literal

from .measures import Value


class GroupTest(Value):
    """One group. `tested` of `members` came twice and could be tested (users in fives, 0 for fewer than five). Of those whom one
    half of their visits puts here, `same` are put here by the other half, `chance` by chance; `kappa` is beyond chance, `low`
    the end of its 95 % interval, `null` what 95 % of null logs stay under; `random` is `same` for halves drawn at random. `own`
    is the share of its members' halves that are put here, `own_chance` by chance, `own_null` what 95 % of the largest of
    dealt-out names stay under, as a kappa. Null where it could not be tested.
    """

    name: str
    word: Literal["firm", "fair", "soft", "none", "untested"]
    says: str
    members: int
    tested: int
    same: float | None = None
    chance: float | None = None
    kappa: float | None = None
    low: float | None = None
    null: float | None = None
    random: float | None = None
    own: float | None = None
    own_chance: float | None = None
    own_null: float | None = None


class GroupTests(Value):
    """All groups of a source. `users` of the log are in one, `tested` of them could be tested, `without` are in none. `gain`
    is nats a user by which one half of the visits foretells the other through the groups, over everybody's mix, with its 95 %
    interval; `null_gain` what 95 % of null logs and of dealt-out labels stay under. `just`: how much each field tells of the
    groups (0 to 1), `mostly` the field that they mostly are. `within` is the field that users are told apart within, `views`
    what they are told apart by.
    """

    groups: list[GroupTest]
    users: int
    tested: int
    without: int
    gain: float | None
    gain_ends: tuple[float, float] | None
    null_gain: float | None
    foretells: bool
    just: dict[str, float]
    mostly: str | None
    within: str | None
    views: list[str]
    says: list[str]
