"""What a person changed on the pages of a run: kept in a file of its own, held to the rules, merged into every later run.

    edits.yaml ─▶ entries ─▶ anchors (whom and what each is about now) ─▶ merging (rules, counting) ─▶ PersonaSet

Promises: no entry is lost, each is `kept`, `verified` or a `conflict`; what a rule is against is on no page; the order of entries
changes nothing.
"""

from ..manifest import EDITS
from .entries import NO_EDITS, Entry, PersonEdits, edits_from, joined, parsed_edits, read_edits, write_edits
from .merging import Ground, merge
from .places import CardText, find_place, place_named, text_at, texts_of_card

__all__ = [
    "EDITS",
    "NO_EDITS",
    "CardText",
    "Entry",
    "Ground",
    "PersonEdits",
    "edits_from",
    "find_place",
    "joined",
    "merge",
    "parsed_edits",
    "place_named",
    "read_edits",
    "text_at",
    "texts_of_card",
    "write_edits",
]
