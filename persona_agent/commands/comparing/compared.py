"""Two runs compared: `Changes` of their personas, their claims, and of who is in which.

    follow (groups) ─▶ outcomes of groups ─┐
    moved (claims, both corpora) ──────────┼─▶ Changes
    flows (users of both) ─────────────────┘

In: an earlier and a later run. Promises: no figure of fewer than five users; of people at work nobody's movement; whatever is
said to have changed is more than chance, with false changes held at 5 % over the groups and over the claims.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import UsageError
from ...groups.both import read_both
from ...groups.following import Followed, follow
from ...log.given_groups import load_given
from ...schema import Changes, ClaimChange
from ...words.english.changes_told import (
    DRAWN_OTHERWISE,
    GROUPS_ANEW,
    KEYS_DIFFER,
    NOBODY_AGAIN,
    ONE_LOG,
    OVERLAP,
    PEOPLE_AT_WORK,
)
from .claim_outcomes import claim_changes
from .flows import moves_of
from .group_outcomes import group_changes
from .sides import RunSide
from .tenths import tenth_change


def followed(old: RunSide, new: RunSide) -> Followed:
    """The groups of the earlier run in the later one."""
    within = old.within if old.within == new.within else None
    views = set(old.views or []) | set(new.views or [])
    both = read_both((old.store, old.book), (new.store, new.book), old.options.timezone, views, within)
    same_key = bool(set(both.users[: both.n_old]) & set(both.users[both.n_old :]))
    return follow(both, old.groups, new.groups, same_key=same_key, called=_given_names(old, new))


def _given_names(old: RunSide, new: RunSide) -> tuple[list[str], list[str]] | None:
    """The names of the groups of both runs, where they were given in both."""
    given = [load_given(side.store) for side in (old, new)]
    if given[0] is None or given[1] is None:
        return None
    return given[0].names, given[1].names


def compare(old: RunSide, new: RunSide, found: Followed) -> Changes:
    """All that changed; UsageError where the one is of users and the other of accounts."""
    if old.personas.unit != new.personas.unit:
        raise UsageError("One of the runs is of users, the other of accounts.", hint="Compare two of the same unit.")
    staff = old.personas.staff is not None or new.personas.staff is not None
    shared = bool(_users(old) & _users(new))
    one_log = _inputs(old) == _inputs(new)
    groups = group_changes(old, new, found, one_log=one_log)
    gone = {row.was for row in groups if row.outcome == "gone" and row.was}
    claims = claim_changes(old, new, found, gone, same_key=shared)
    return Changes(
        old=old.period,
        new=new.period,
        unit=new.personas.unit,
        nouns=new.personas.nouns,
        personas=groups,
        claims=_of_one_log(claims) if one_log else claims,
        moves=moves_of(old, new, groups, found) if shared and not staff and not one_log else None,
        tenth=None if one_log else tenth_change(old, new),
        notes=[ONE_LOG] if one_log else _notes(old, new, staff=staff, shared=shared),
    )


def _of_one_log(claims: Sequence[ClaimChange]) -> list[ClaimChange]:
    """The claims of a log asked of itself: what comes out otherwise is of a group that was drawn otherwise."""
    drawn = {"outcome": "cannot_tell", "others": False, "why": DRAWN_OTHERWISE}
    return [c.model_copy(update=drawn) if c.outcome in ("weakened", "refuted") else c for c in claims]


def _inputs(side: RunSide) -> set[str]:
    """Digests of what a run read."""
    return {str(one["sha256"]) for one in side.store.read_json("run.json")["inputs"]}


def _users(side: RunSide) -> set[str]:
    return set(side.halves[0])


def _notes(old: RunSide, new: RunSide, *, staff: bool, shared: bool) -> list[str]:
    found: list[str] = []
    if staff:
        found.append(PEOPLE_AT_WORK)
    elif not shared:
        found.append(NOBODY_AGAIN if _same_key(old, new) else KEYS_DIFFER)
    if new.personas.window.start and old.personas.window.end and new.personas.window.start <= old.personas.window.end:
        found.append(OVERLAP)
    if old.views is None or new.views is None:
        found.append(GROUPS_ANEW)
    return found


def _same_key(old: RunSide, new: RunSide) -> bool:
    places: Sequence[RunSide] = (old, new)
    return all(side.store.key_path.is_file() for side in places) and old.store.key() == new.store.key()
