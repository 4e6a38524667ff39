"""Users, and sets of them: who is in which group, of which fold, first seen when.

In: user codes. Out: masks over all users. Promises: a population without users is a mask without true, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..schema import EVERYONE

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NOBODY = np.zeros(0, dtype=np.int64)

Fold = Literal["fit", "held_out"]


# About the same time is the same month; where so few users come in a month that hardly anybody would have a partner who was
# active on as many days, it is the same quarter, or year.
PERIODS: dict[int, Literal["month", "quarter", "year"]] = {1: "month", 3: "quarter", 12: "year"}
PARTNERS = 10  # users of a period, on average, from which most have one; round


def months_alike(users: int, start: str, end: str) -> int:
    """How many months are about the same time, one of PERIODS, for so many users from the day `start` to the day `end`."""
    first, last = (int(day[:4]) * 12 + int(day[5:7]) for day in (start, end))
    return next((months for months in PERIODS if users * months >= PARTNERS * (last - first + 1)), max(PERIODS))


def longer_period(users: int, start: str, end: str) -> Literal["quarter", "year"] | None:
    """What users who came at about the same time have in common, where it is not the month."""
    found = PERIODS[months_alike(users, start, end)]
    return None if found == "month" else found


@dataclass(frozen=True)
class Population:
    """Whose events count: a group's users, everyone outside of it, or all (`group` is None), of one fold or of both. The others
    of a group's `core` are everyone outside of the group.
    """

    group: int | None = None
    outside: bool = False
    fold: Fold | None = None
    core: bool = False

    def __post_init__(self) -> None:
        if self.outside and self.group is None:
            raise UsageError("Nobody is outside of everyone.", hint="Name the group whose others are meant.")
        if self.core and (self.outside or self.group is None):
            raise UsageError("Only a group has a core.", hint="Name the group.")

    def others(self) -> Population | None:
        """Everyone who is not in this group; None for the population of all."""
        return None if self.group is None else Population(self.group, not self.outside, self.fold)

    def of(self, fold: Fold) -> Population:
        """Those of its users that belong to one fold."""
        return Population(self.group, self.outside, fold, self.core)


@dataclass(frozen=True)
class Amounts:
    """(users,) how many lines, visits and days each has, and the local days since 1970 of the first and the last."""

    lines: Ints
    visits: Ints
    days: Ints
    first: Ints
    last: Ints


@dataclass(frozen=True)
class People:
    """What is known of every user, by user code: local days since 1970, months since year 0 (or quarters, or
    years: PERIODS), who is where, and where users are accounts the codes of the persons in each. `owner`, where these are
    halves of users, is the user that each is of, and `cores` has of each group the halves that are surely in it. `leaning` is the
    group that each leans to who is in none (−1: none). `against` is the group that others are held against, in place of
    everybody outside of them. `amounts` are how much there is of each user, where that may be what put them into a group that
    was given, `amounts_beside` the same without the lines that such a group is made of, where there are such.
    """

    first_day: Ints
    first_seen: Ints
    active_days: Ints
    held_out: Bools
    groups: Mapping[int, Bools]
    cores: Mapping[int, Bools] = field(default_factory=dict, kw_only=True)
    persons: Sequence[Ints] | None = None
    owner: Ints | None = None
    leaning: Ints | None = None
    against: int | None = None
    amounts: Amounts | None = None
    amounts_beside: Amounts | None = None

    def behind(self, mask: Bools) -> int | None:
        """How many persons are in the accounts of a mask; None where users are persons."""
        if self.persons is None:
            return None
        return len(np.unique(np.concatenate([_NOBODY, *(self.persons[u] for u in np.flatnonzero(mask).tolist())])))

    def heads(self, users: Ints) -> int:
        """What a floor is held against: so many users, or of accounts and the persons in them what is fewer."""
        if self.persons is None:
            return len(users)
        mask = np.zeros(len(self.first_day), dtype=bool)
        mask[users] = True
        return min(len(users), self.behind(mask) or 0)

    def lean_to(self, group: int) -> int:
        """How many users who are in no group lean to this one."""
        return 0 if self.leaning is None or group == EVERYONE else int((self.leaning == group).sum())

    def mask(self, population: Population) -> Bools:
        """(users,) true for the users of a population."""
        n = len(self.first_day)
        if population.group is None:
            found = np.ones(n, dtype=bool)
        else:
            known = self.cores if population.core else self.groups
            members = known.get(population.group, np.zeros(n, dtype=bool))
            found = self._outside(population.group, members) if population.outside else members
        if population.fold is None:
            return found
        return np.asarray(found & (self.held_out if population.fold == "held_out" else ~self.held_out))

    def _outside(self, group: int, members: Bools) -> Bools:
        if self.against is None or group == self.against:
            return ~members
        return self.groups.get(self.against, np.zeros_like(members)) & ~members
