"""Dossiers: what a writer may know of a group, every candidate claim measured and true.

`propose` finds what could be said, `brief` measures it, drops what does not hold or repeats, and puts it into words.
"""

from .dossier import About, brief, candidate, more_than_others, propose, without
from .proposals import Proposal, quoted
from .session import part_of_day, told_session

__all__ = [
    "About",
    "Proposal",
    "brief",
    "candidate",
    "more_than_others",
    "part_of_day",
    "propose",
    "quoted",
    "told_session",
    "without",
]
