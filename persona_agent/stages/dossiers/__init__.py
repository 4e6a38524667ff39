"""Dossiers: what a writer may know of a group, every candidate claim measured and true.

`propose` finds what could be said, `brief` measures it, drops what does not hold or repeats, and puts it into words.
"""

from .briefing import About, brief, candidate, facets_of
from .proposals import Proposal, propose, readable

__all__ = ["About", "Proposal", "brief", "candidate", "facets_of", "propose", "readable"]
