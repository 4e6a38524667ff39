"""The table of all personas in Markdown: a row each, then whoever is in none of them, then habits beside them.

In: a set and its first page. Out: a table. Promises: everybody is counted in one row above the habits; a column that nobody has
anything for is not there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..schema import FirstPage, NotPlaced, Persona, PersonaSet
from ..words.wording import percent
from . import drawn
from . import phrasing as words
from .habit_pages import habit_rows_in_table
from .markup import code, escaped, table

OF_VALUE = 2  # the column of what lines are worth


def table_of_all(personas: PersonaSet, front: FirstPage) -> Iterator[str]:
    """A row a persona, then whoever is in none, then habits beside them; what nobody has makes no column."""
    seen, column, beside = words.shown(personas), drawn.last_column(personas), drawn.column_beside(personas)
    if not seen:
        return
    head = [
        personas.noun,
        drawn.how_many(seen),
        "of value",
        drawn.how_firm(seen),
        column,
        *([beside] if beside else []),
    ]
    rows = [
        *(_row(p, column) for p in seen),
        *(_left(left, words.without_card(personas, left)) for left in front.not_placed),
        *habit_rows_in_table(personas),
    ]
    full = [(row + [""] * len(head))[: len(head)] for row in rows]
    if all(p.size.share_value is None for p in seen):
        head, *full = ([*row[:OF_VALUE], *row[OF_VALUE + 1 :]] for row in (head, *full))
    yield table(head, full)


def _row(p: Persona, column: str) -> list[str]:
    word, figure = drawn.firm_in_brief(p)
    last = drawn.to_do(p, column)
    return [
        f"{escaped(p.label)} {code(p.id)}{' (pattern only)' if p.status == 'pattern' else ''}",
        _users(p),
        words.of_value(p),
        escaped(": ".join(part for part in (word, figure) if part)),
        escaped(last.text) if last else "",
        escaped(last.beside) if last else "",
    ]


def _left(left: NotPlaced, called: str) -> list[str]:
    value = "" if left.value is None else percent(left.value)
    return [called, f"{left.users:,} ({percent(left.share)})", value, escaped(left.why)]


def _users(persona: Persona) -> str:
    """“610 (17 %) + 25”: the users of a row of the table of all, and how many more lean to it."""
    size = persona.size
    return f"{size.users:,} ({percent(size.share_users)}){f' + {size.leaning:,}' if size.leaning else ''}"
