"""A grid of personas against a field in words: its title, its columns, its cells."""

from __future__ import annotations

from itertools import pairwise

from ...schema import Grid, GridCell
from ..wording import percent
from .cards import short_number
from .grammar import capital, doing

OTHER, UNKNOWN, NONE = "another", "not said", "none"
EVER, NEVER = "at least once", "never"
REST, ALL = "Not placed", "All of them"
HIDDEN = "–"


def grid_title(grid: Grid) -> str:
    """“Personas by plan, as declared”."""
    field = doing(grid.field) if grid.kind == "act" else grid.field
    how = {
        "declared": ", as declared",
        "act": "",
        "field": ", as on most of their lines",
        "amount": ", each one's usual",
    }
    return f"By {field}{how[grid.kind]}"


def note(grid: Grid) -> str:
    """What the table leaves out, and why."""
    few = f"of fewer than {grid.floor} users"
    if not grid.rows:
        return f"Not told: every way to tell it would tell {few}."
    hidden = any(cell.share is None for row in grid.rows for cell in row.cells)
    left = f" {capital(HIDDEN)} stands for a cell {few}, and for those that would give it away." if hidden else ""
    return f"Shares of the users of each row, with their 95 % intervals.{left}"


def share_and_interval(told: GridCell) -> tuple[str, str]:
    """A share and its interval: “48 %”, “41 to 55”."""
    if told.share is None or told.low is None or told.high is None:
        return HIDDEN, ""
    return percent(told.share), f"{percent(told.low).removesuffix(' %')} to {percent(told.high).removesuffix(' %')}"


def band_names(cuts: list[float]) -> list[str]:
    """The bands between cuts: “up to 2”, “over 2 to 6”, “over 6”."""
    told = [short_number(cut) for cut in cuts]
    between = [f"over {low} to {high}" for low, high in pairwise(told)]
    return [f"up to {told[0]}", *between, f"over {told[-1]}"]
