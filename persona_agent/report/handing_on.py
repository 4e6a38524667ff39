"""A report for people who may not see log lines, and a table of claims and grids for who goes on counting.

In: a set as it may be forwarded. Out: a page, or CSV. Promises: no line of the log, no place of one and no visit is in either;
counts keep their floors; no cell of a table begins as a formula would.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ..schema import TENTH_ID, Claim, Grid, Persona, PersonaSet
from ..words.english import crossed
from ..words.english.readings import reading
from .html import report_html
from .phrasing import shown
from .teams import only_counted

# What a spreadsheet would run; some take the signs of full width for these.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
COLUMNS = (
    "persona", "name", "status", "users", "share_of_users", "share_of_activity", "share_of_value", "claim", "what", "text",
    "unit", "statistic", "value", "bound", "low", "high", "others", "n",
    "n_are",
)  # fmt: skip
# Whom `n` counts, each once. A figure that compares is of whoever one half of their visits puts here, member or not: these may be
# more than the persona has, or fewer, since it takes two visits.
MEMBERS = "members"
PLACED = "users whom one half of their visits puts here"
OF_TIME = "users who are of it by one half of the time"


def shared_html(personas: PersonaSet) -> str:
    """The report with what was counted, and none of the lines that it was counted from."""
    return report_html(without_lines(personas), {}, with_lines=False)


def claims_csv(personas: PersonaSet) -> str:
    """A row for each claim of what is shown, with the size of its persona; shares are fractions."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    everyone = [personas.everyone] if personas.everyone else []
    cards = [*shown(personas), *everyone, *personas.tenths]
    table.writerows([spreadsheet_text(x) for x in row] for p in cards for row in _rows(p))
    table.writerows(
        [spreadsheet_text(x) for x in row] for grid in personas.grids or [] for row in _grid_rows(grid, personas)
    )
    return text.getvalue()


def without_lines(personas: PersonaSet) -> PersonaSet:
    """The set with every card counted, and nothing of a single line or visit."""
    everyone = only_counted(personas.everyone) if personas.everyone else None
    tenth = personas.tenth and personas.tenth.model_copy(update={"persona": only_counted(personas.tenth.persona)})
    counted = [only_counted(p) for p in personas.personas]
    return personas.model_copy(update={"personas": counted, "everyone": everyone, "tenth": tenth})


def _rows(p: Persona) -> Iterator[list[object]]:
    size = p.size
    head = [p.id, p.called, p.status, size.users, size.share_users, size.share_activity, size.share_value]
    for c in p.claims:
        whom = MEMBERS if c.truthfulness.whole is None else OF_TIME if p.id == TENTH_ID else PLACED
        yield [*head, *_told(c), whom]
    if not p.claims:
        yield [*head, *([None] * (len(COLUMNS) - len(head)))]


def _grid_rows(grid: Grid, personas: PersonaSet) -> Iterator[list[object]]:
    """A row for each cell that is told; `what` is the column of the grid."""
    status = {p.id: p.status for p in personas.personas}
    for row in grid.rows:
        head = [row.persona, row.label, status.get(row.persona or ""), row.users, None, None, None, None]
        for column, cell in zip(grid.columns, row.cells, strict=True):
            if cell.share is not None:
                what = f"{crossed.grid_title(grid)}: {column}"
                yield [
                    *head,
                    what,
                    "",
                    "of them",
                    "share",
                    cell.share,
                    None,
                    cell.low,
                    cell.high,
                    None,
                    row.users,
                    MEMBERS,
                ]


def _told(c: Claim) -> list[object]:
    t, m = c.truthfulness, c.measure
    said = reading(m) if m else None
    what, unit = (said.label, said.unit) if said else ("", "")
    low, high = t.ci or (None, None)
    return [c.id, what, c.text, unit, m.statistic if m else "", t.value, t.bound, low, high, t.matched, t.n]


def spreadsheet_text(value: object) -> object:
    """A text that a spreadsheet takes for text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
