"""Given groups on the users of a log, as a run keeps them.

In: who is in which group. Out: given.npz, and the same from it. Promises: users stand in it as keyed hashes, groups by masked
names, and nobody who is not in the log.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..store import Store

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

GIVEN = "given.npz"
_FACTS = "facts"


@dataclass(frozen=True)
class Cohorts:
    """Given groups on the users of a log: `names` of the groups, those with most users first; of each of `users` (keyed hashes)
    the group, how sure it is, and the moment up to which it is looked at (microseconds, −1 for the whole log). `by` says in
    words what they are groups by, `field` which field of the log defines them, if one does; `against` is the group that others
    are held against; `day` the date of an outcome that all share, which `of_activity` says is to have been there at all.
    `counts` are of what is left out: rows without a user, users in several groups, and so on.
    """

    kind: Literal["file", "field", "outcome"]
    by: str
    names: list[str]
    users: list[str]
    label: Ints
    certainty: Reals
    at: Ints
    counts: dict[str, int]
    field: str | None = None
    against: str | None = None
    day: str | None = None
    of_activity: bool = False

    @property
    def is_outcome(self) -> bool:
        """Is behaviour before a date held against what came after it?"""
        return bool((self.at >= 0).any())

    @property
    def own_dates(self) -> bool:
        """Has each user a date of their own?"""
        return self.is_outcome and self.day is None


def save_given(store: Store, found: Cohorts) -> None:
    """given.npz."""
    facts = {name: value for name, value in asdict(found).items() if name not in ("users", "label", "certainty", "at")}
    arrays: dict[str, NDArray[Any]] = {
        _FACTS: np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8),
        "users": np.array(found.users, dtype=np.str_),
        "label": found.label,
        "certainty": found.certainty,
        "at": found.at,
    }
    store.write_arrays(GIVEN, arrays)


def load_given(store: Store) -> Cohorts | None:
    """The given groups of a run; None where its groups are found."""
    if not store.path(GIVEN).is_file():
        return None
    arrays = store.read_arrays(GIVEN)
    facts: dict[str, Any] = json.loads(arrays[_FACTS].tobytes())
    users: list[str] = arrays["users"].tolist()
    return Cohorts(**facts, users=users, label=arrays["label"], certainty=arrays["certainty"], at=arrays["at"])


def forget_given(store: Store, stay: set[str]) -> None:
    """Takes all users out of given.npz but those who stay."""
    found = load_given(store)
    if found is not None:
        save_given(store, only(found, np.array([user in stay for user in found.users], dtype=bool)))


def only(found: Cohorts, here: NDArray[np.bool_]) -> Cohorts:
    """The groups of some of their users."""
    users = [user for user, kept in zip(found.users, here.tolist(), strict=True) if kept]
    return replace(found, users=users, label=found.label[here], certainty=found.certainty[here], at=found.at[here])
