"""Habits across the personas in Markdown: rows of the table of all, and a small card each.

In: a set of personas. Out: blocks of text. Promises: a set without habits gives none of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..schema import PersonaSet
from ..words.english import attempts, habits_told
from .markup import code, escaped, table


def habit_rows_in_table(personas: PersonaSet) -> Iterator[list[str]]:
    """Rows of the table of all, behind those in which everybody is counted once."""
    cards = habits_told.habit_cards(personas.habits or [])
    if cards:
        yield [f"*{habits_told.IN_THE_TABLE}*"]
    for card in cards:
        (users, _), (share, _), *_ = card.sizes
        firm = ": ".join(card.firm)
        yield [
            f"{escaped(card.name)} {code(card.id)}",
            f"{users} ({share})",
            card.value,
            escaped(firm),
            escaped(card.last),
        ]


def habit_blocks(personas: PersonaSet) -> Iterator[str]:
    """Each as a small card."""
    cards = habits_told.habit_cards(personas.habits or [])
    if cards:
        yield "---"
        yield f"## {habits_told.TITLE}"
        yield habits_told.WHAT_THEY_ARE
    for card in cards:
        yield f"### {escaped(card.name)} {code(card.id)}"
        yield f"*{escaped(card.sentence)}*" if card.sentence else ""
        (users, called), *shares = card.sizes
        sizes = [f"**{users}** {called}", *(f"{figure} {of}" for figure, of in shares)]
        yield " · ".join([*sizes, escaped(": ".join(card.firm_on_card))])
        yield table(habits_told.APART_HEAD, [[escaped(cell) for cell in row] for row in card.bars])
        yield escaped(card.few)
        yield f"**{attempts.TITLE}.** {escaped(card.attempt)}" if card.attempt else ""


def further_habits_table(personas: PersonaSet) -> Iterator[str]:
    """Those that no card tells, as a table behind the cards: whoever decides by these needs none of them."""
    further = habits_told.habit_rows(habits_told.further_habits(personas.habits or []))
    if further:
        yield f"### {habits_told.FURTHER}"
        yield habits_told.WHAT_THEY_ARE
        yield table(habits_told.HEAD, [[escaped(cell) for cell in row] for row in further])
