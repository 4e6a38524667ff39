"""Questions for the things that most users have to do with: “What is the most viewed page?”, “Which film is watched most?”.

In: a question, what was spotted in it, the acts of the log with their things, commonest first, and the act that it names. Out: a
measure a thing. Promises: only things that the log's vocabulary may tell, of the act that is named, if one is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..schema import Condition, Measure
from ..write.question import Act
from .everywhere import OPEN
from .spotting import Spotted
from .words import set_of_words

MOST = 3  # things: what comes behind is asked for by its name
FORM = re.compile(
    r"\b(?:which|what|the|our|name|list|show)\b.*\b(?:most|top|popular|favou?rite|common|commonest|best)\b",
    re.IGNORECASE,
)
USED = set_of_words("top popular favourite favorite common commonest best name list show")


def commonest_things(question: str, spotted: Spotted, acts: Sequence[Act], action: str) -> list[Measure]:
    """The share of users who have to do with each of the commonest things; nothing where these are not asked for."""
    if "thing" not in spotted.units or spotted.names_more or not FORM.search(question):
        return []
    things = dict.fromkeys(thing for act, thing in acts if thing and action in ("", act))
    did = [Condition(field="action", op="is", value=[action])] if action else []
    return [
        Measure(
            unit="users",
            steps=[[*did, Condition(field="object", op="in", value=[thing])]],
            statistic="share",
            versus="matched",
            says=OPEN,
        )
        for thing in list(things)[:MOST]
    ]
