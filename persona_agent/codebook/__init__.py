"""The codebook: what this log is, in the words of whoever made it.

    events ─ propose ─▶ Codebook ─ a person's edits ─▶ Codebook, Names ─▶ codebook.yaml

What the product is about, a plain name for every act, field and amount with its unit, who does each act, which times have a
clock, which fields sort objects and which are bookkeeping, and what looks like an artefact of the data. Rules propose it from
the events alone; a model that writes may suggest better names, and what belongs together; a person corrects the file, and
`--codebook` reads it back. Promises: nothing in it is a value that fewer than
five users share; the same events give the same codebook; texts change by what a person edited, and by nothing else.
"""

from ..manifest import CODEBOOK
from .book import Codebook, DescribedAct, DescribedField, Zone, edited_names
from .carrying import BeforeForgetting, codebook_after, codebook_before
from .edits import Edits, read_corrections, with_corrections
from .naming import (
    NamedLog,
    confirmed_since,
    given_edits,
    has_themes,
    name_codebook,
    name_log,
    proposal,
    refuse_unread_edits,
)
from .paper import codebook_text, doubt
from .proposing import propose
from .suggesting import Suggested, suggest, suggest_themes
from .theme_book import keep_shared_things, load_themes, save_themes
from .usable import unusable

__all__ = [
    "CODEBOOK",
    "BeforeForgetting",
    "Codebook",
    "DescribedAct",
    "DescribedField",
    "Edits",
    "NamedLog",
    "Suggested",
    "Zone",
    "codebook_after",
    "codebook_before",
    "codebook_text",
    "confirmed_since",
    "doubt",
    "edited_names",
    "given_edits",
    "has_themes",
    "keep_shared_things",
    "load_themes",
    "name_codebook",
    "name_log",
    "proposal",
    "propose",
    "read_corrections",
    "refuse_unread_edits",
    "save_themes",
    "suggest",
    "suggest_themes",
    "unusable",
    "with_corrections",
]
