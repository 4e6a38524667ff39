"""Users who are in another persona than before, in numbers that may be told.

Where somebody is now is said by the rule of the earlier run, unless it is in a group that came since: a later run that divides
users otherwise moves nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...groups.following import Followed
from ...schema import GroupChange, Move, Moves
from ...words.floors import FEW, of_users, share
from ...words.hiding import hidden_cells
from .sides import RunSide

Ints = NDArray[np.int64]
GONE_FROM = "-"  # before an id of the earlier run that the later one does not have
MOST_FLOWS = 8  # more are nothing that anybody reads


def moves_of(old: RunSide, new: RunSide, groups: Sequence[GroupChange], found: Followed) -> Moves | None:
    """Of the users of both logs who were in a persona; None where they are fewer than five. Who is in a part of a persona
    that was split, or in what it was merged into, has stayed.
    """
    before, now = _persona_of(old), _where(old, new, groups, found)
    there = set(new.halves[0])
    again = [(before[u], now.get(u)) for u in before if u in there]
    if len(again) < FEW:
        return None
    same: dict[str, set[str | None]] = {r.was: {_known(r)} for r in groups if r.was}
    placed = [(was, to) for was, to in again if to is not None]
    stayed = share(sum(to in same.get(was, ()) for was, to in placed) / max(len(placed), 1)) or 0.0
    alike = _alike([old, new])
    fresh = {r.now for r in groups if r.outcome == "new"}
    # Where as many stay as two halves of one log put alike, whoever is elsewhere may be so by chance.
    moved = alike is None or stayed < alike
    flows = [flow for flow in _flows(again, same) if moved or flow.to in fresh]
    return Moves(users=of_users(len(placed)), stayed=stayed, alike=alike, flows=flows)


def _where(old: RunSide, new: RunSide, groups: Sequence[GroupChange], found: Followed) -> dict[str, str]:
    """The persona of each user of the later log: one that is new, else that of the earlier run's rule, under its id of now."""
    fresh = {r.now for r in groups if r.outcome == "new"}
    called = {r.was: _known(r) for r in groups if r.was}
    by_group = {g: called.get(name, name) for name, g in old.ids.items()}
    own = _persona_of(new)
    placed = zip(new.halves[0], found.placed_old.tolist(), strict=True)
    now = {user: own[user] if own.get(user) in fresh else by_group.get(g, "") for user, g in placed}
    return {user: name for user, name in now.items() if name}


def _known(row: GroupChange) -> str:
    """The id of a persona of the earlier run in the later one; its own, marked, where that has none."""
    return row.now or f"{GONE_FROM}{row.was}"


def _persona_of(side: RunSide) -> dict[str, str]:
    return {user: name for name, g in side.ids.items() for user in side.groups[g]}


def _flows(again: list[tuple[str, str | None]], same: Mapping[str, set[str | None]]) -> list[Move]:
    """Those from one persona to another that five users and more made, with what sums would give away left out."""
    rows = sorted({was for was, _ in again})
    columns = sorted({to or "" for _, to in again})
    counts = np.zeros((len(rows), len(columns)), dtype=np.int64)
    for was, to in again:
        counts[rows.index(was), columns.index(to or "")] += 1
    hidden = hidden_cells(counts, FEW)
    if hidden is None:
        return []
    told = [
        Move(was=rows[i], to=columns[j] or None, users=of_users(int(counts[i, j])))
        for i, j in zip(*np.nonzero(~hidden), strict=True)
        if (columns[j] or None) not in same.get(rows[i], ()) and not columns[j].startswith(GONE_FROM)
    ]
    return sorted(told, key=lambda move: (-move.users, move.was, move.to or ""))[:MOST_FLOWS]


def _alike(sides: list[RunSide]) -> float | None:
    """The share of users that two halves of their visits to one log put alike: how surely anybody is placed."""
    both = [side.halves[1] for side in sides]
    agree: Ints = np.concatenate([h[(h >= 0).all(axis=1)] for h in both])
    return share(float((agree[:, 0] == agree[:, 1]).mean())) if len(agree) else None
