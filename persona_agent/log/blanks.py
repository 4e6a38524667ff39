"""What a table writes for nothing where it does not leave a cell empty: R's `NA`, `NULL` of databases, `NaN` of data frames.

Takes the first rows of a table; gives the spellings. Promises: a spelling counts only where it alone breaks a column of numbers
or times, so that a table which calls a country or a product so keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

# What programs that write tables put there (R, pandas, SQL clients, spreadsheets, Python), as they spell it.
SPELLED = frozenset(["NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NaT", "NULL", "null", "None", "nil"])
BLANK_ROWS = 5_000  # lines in which spellings are looked for: a second's reading of a wide table; a round number
BESIDE = 20  # numbers or times that stand beside one in its column, at least: fewer show no column of such


def blank_spellings(rows: Sequence[Sequence[str]], is_number: Callable[[str], object]) -> frozenset[str]:
    """The spellings that stand for nothing in rows of one width."""
    found = set[str]()
    for column in zip(*rows, strict=True):
        held = {cell.strip() for cell in column}
        spelled = held & SPELLED
        if spelled and all(is_number(cell) for cell in held - SPELLED if cell):
            numbers = sum(1 for cell in column if cell.strip() and cell.strip() not in SPELLED)
            found |= spelled if numbers >= BESIDE else set()
    return frozenset(found)
