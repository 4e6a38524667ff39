"""Cells that are hidden stay hidden: no subtraction of what is told from any sum gives a small one away."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from persona_agent.words.hiding import Bools, Counts, hidden_cells

tables = st.tuples(st.integers(2, 5), st.integers(2, 5)).flatmap(
    lambda size: st.lists(
        st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


def possible(counts: Counts, hidden: Bools, row: int, column: int) -> tuple[float, float]:
    """The least and the most that a hidden cell can be for who knows all sums and all cells that are told."""
    cells = [tuple(at) for at in np.argwhere(hidden).tolist()]
    sums, known = [], []
    for axis in (0, 1):
        for line in range(counts.shape[axis]):
            sums.append([float(cell[axis] == line) for cell in cells])
            known.append(float(np.where(hidden, counts, 0).sum(axis=1 - axis)[line]))
    wanted = np.array([float(cell == (row, column)) for cell in cells])
    ends = [linprog(sign * wanted, A_eq=sums, b_eq=known, bounds=(0, None)).fun for sign in (1, -1)]
    return float(ends[0]), float(-ends[1])


@settings(max_examples=60)
@given(tables, st.integers(2, 8))
def test_no_small_cell_can_be_had_by_subtraction(rows: list[list[int]], floor: int) -> None:
    """Whatever the table: no cell that is told is under the floor, and each that is can be anything in a range of the floor's
    width.
    """
    counts = np.array(rows, dtype=np.int64)
    hidden = hidden_cells(counts, floor)
    if hidden is None:
        return
    assert (counts[~hidden] >= floor).all()
    for row, column in np.argwhere(counts < floor).tolist():
        low, high = possible(counts, hidden, row, column)
        assert high - low >= floor - 1e-6, (rows, floor, row, column)


def test_as_little_as_possible_is_hidden() -> None:
    """A table without a small cell is told whole; one small cell takes three more with it, the smallest that serve."""
    assert not hidden_cells(np.array([[9, 30], [40, 20]]), 5).any()  # type: ignore[union-attr]
    hidden = hidden_cells(np.array([[2, 50, 9], [40, 60, 30], [70, 80, 90]]), 5)
    assert np.argwhere(hidden).tolist() == [[0, 0], [0, 2], [1, 0], [1, 2]]


def test_what_cannot_be_hidden_is_not_told() -> None:
    """In one row or one column, or among small cells alone, a small cell is what is left of its sum."""
    for rows in ([[2, 50]], [[2], [50]], [[1, 2], [3, 60]]):
        assert hidden_cells(np.array(rows), 5) is None
