"""Questions whose answer would be of another kind than a share by persona: a number of users, a day of the week, a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..schema import Measure
from .sizes import WHO

GROUP = r"(?:groups?|personas?|segments?|kinds?|types?|ones?)"
OF_WHO = rf"(?:\w+ ){{0,2}}{WHO}\b"
HOW_MANY_WHO = re.compile(
    rf"\b(?:how many|number of) {OF_WHO}|\b(?:share|percent(?:age)?|proportion|part|fraction|%) of {OF_WHO}",
    re.IGNORECASE,
)
# “Which language …”, and not “which group …”, “which customers …”, nor “what do they …”.
NO_NAME = rf"(?!{WHO}\b|{GROUP}\b|do\b|does\b|did\b|share\b|part\b)"
VERB = r"(?:is|are|was|were|has|have|had|gets?|got|do|does|did|sells?|sold|brings?)"
WHICH_ONE = re.compile(rf"\b(?:which|what) {NO_NAME}(?:\w+ ){{1,4}}?{VERB}\b", re.IGNORECASE)


def asks_for_another(question: str, counted: Sequence[Measure]) -> str:
    """What a question asks for that no share by persona tells, in words; empty where it may be what was `counted`."""
    if HOW_MANY_WHO.search(question):
        return "" if any(m.unit == "users" for m in counted) else "how many or which part of them all"
    return "which of several, of all users together" if WHICH_ONE.search(question) else ""
