"""Dossiers: what a writer may know of a group, every candidate claim measured and true.

`propose` finds what could be said, `make_dossier` measures it, drops what does not hold or repeats, and puts it into words.
"""

from .dossier import About, candidate, drop_questions, make_dossier, propose, taken_questions
from .proposals import Proposal, quoted
from .session import part_of_day, told_session

__all__ = [
    "About",
    "Proposal",
    "candidate",
    "drop_questions",
    "make_dossier",
    "part_of_day",
    "propose",
    "quoted",
    "taken_questions",
    "told_session",
]
