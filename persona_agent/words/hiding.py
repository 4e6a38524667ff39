"""Which cells of a table of counts must not be told, so that rows and columns with their sums give no small one away.

In: counts by row and column, of which all sums are known, and a floor. Out: the cells to hide, or None where no choice of cells
is enough. A cell under the floor is hidden, none included, since none is a figure too; so are three more at the corners of a
rectangle with it, of which the two beside it hold the floor or more. Then the cell can be larger by the floor with every sum
unchanged: what is taken from two corners stands in the other two (complementary suppression, Cox 1980). Promises: whatever one
knows of all sums and of all cells that are told, the range in which a small cell may lie is as wide as the floor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]
Corner = tuple[int, int]


def hidden_cells(counts: Counts, floor: int) -> Bools | None:
    """(rows, columns) true where a cell is not told."""
    small = counts < floor
    hidden = small.copy()
    # The smallest first: what they need hidden serves the others.
    for row, column in sorted(zip(*np.nonzero(small), strict=True), key=lambda at: (counts[at], at)):
        corners = _cheapest(counts, hidden, floor, int(row), int(column))
        if corners is None:
            return None
        for corner in corners:
            hidden[corner] = True
    return hidden


def _cheapest(counts: Counts, hidden: Bools, floor: int, row: int, column: int) -> list[Corner] | None:
    """The three corners of a rectangle that hide fewest users more, of which those beside the cell hold the floor."""
    best: tuple[int, list[Corner]] | None = None
    for other in np.flatnonzero(counts[:, column] >= floor).tolist():
        for beside in np.flatnonzero(counts[row] >= floor).tolist():
            corners = [(row, beside), (other, column), (other, beside)]
            cost = sum(int(counts[c]) + 1 for c in corners if not hidden[c])
            if best is None or cost < best[0]:
                best = (cost, corners)
    return best[1] if best else None
