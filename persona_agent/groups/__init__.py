"""Users to personas: what tells them apart and comes back, into how many, and who is in which.

    lines ─ views ─▶ Visits ─ screen ─▶ what comes back ─ try numbers ─▶ Trial ─ null logs ─▶ Grouping

A profile is counts and means over a user's visits, in views: themes of things, acts, fields, parts of the day and week, size of
a visit, amounts on their own and against what is usual. A mixture places users; what it finds must come back in the other half
of the same users' visits, for users that it was not made from, and foretell it better than in logs whose visits were exchanged
between users. Activity and tenure are no view. Promises: deterministic for a seed, and independent of user hashes.
"""

from .find import Grouping, Option, find_groups
from .occasions import by_intents, occasion_stability
from .views import Background, CodedLines, Visits, visits_of

__all__ = [
    "Background",
    "CodedLines",
    "Grouping",
    "Option",
    "Visits",
    "by_intents",
    "find_groups",
    "occasion_stability",
    "visits_of",
]
