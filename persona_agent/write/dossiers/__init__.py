"""Dossiers: what a writer may know of a group, every candidate claim measured and true.

`list_inquiries` finds what could be asked, `make_dossier` measures it, drops what does not hold or repeats, and puts the
rest into words.
"""

from .dossier import About, list_inquiries, make_dossier, propose_claim
from .inquiries import Inquiry
from .of_everyone import about_all
from .typical import DrawnBy, as_told, part_of_day, visit_of
from .visit_of_card import visit_again, with_visit

__all__ = [
    "About",
    "DrawnBy",
    "Inquiry",
    "about_all",
    "as_told",
    "list_inquiries",
    "make_dossier",
    "part_of_day",
    "propose_claim",
    "visit_again",
    "visit_of",
    "with_visit",
]
