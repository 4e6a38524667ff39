"""Personas against a field, an act or an amount that a person asked for: shares of members, without what tells of a few."""

from __future__ import annotations

from typing import Literal

from .measures import Value

Crossed = Literal["declared", "act", "field", "amount"]


class GridCell(Value):
    """The share of a row's users with its 95 % interval; all None where it is hidden, since it is of few or would give such a
    cell away.
    """

    share: float | None
    low: float | None
    high: float | None


class GridRow(Value):
    """`persona` is None for users on no card and for all together, of which `label` says which; `users` in fives."""

    persona: str | None
    label: str
    users: int
    cells: list[GridCell]


class Grid(Value):
    """Every user stands in one column. `rows` is empty where the columns cannot be told without telling of fewer than `floor`."""

    field: str
    kind: Crossed
    columns: list[str]
    rows: list[GridRow]
    floor: int
