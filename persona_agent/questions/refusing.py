"""Which questions ask who somebody is, which ask why, and which ask what somebody would do.

In: a question, the words in the names of the log. Out: why it is refused, or nothing. A word that is in a name of the log asks
about that thing (“family calendar”); a protected topic is refused whatever the log names.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ..log.sensitive import topics
from ..redaction import NAMES, looks_like_instruction
from ..words.sentences import identity_words

# The names under which columns say who somebody is, as words of a question; and the ways to ask for the commonest without them.
TRAIT = re.compile(rf"(?<![a-z])(?:{'|'.join(NAMES)})(?![a-z])", re.IGNORECASE)
ASKED_PLAINLY = re.compile(
    r"\bhow (?:old|young|rich|poor|healthy|religious|educated)\b|\b(?:male|female) or\b|\bwhat age|\bwhere .* (?:born|from)\b"
    r"|\bhow much .* earn\b|\bwhich (?:country|nation) .* from\b|\bwho .* vote",
    re.IGNORECASE,
)
WOULD = re.compile(r"\b(?:would|will|going to|might they|could they be)\b", re.IGNORECASE)
REFUSED = "This is not answered: {}. Nothing about who somebody is is inferred from what they do."


def refusal(question: str, words: Collection[str]) -> str:
    """Why a question is not answered; empty where it may be."""
    topic = topics().of(question)
    if topic:
        return REFUSED.format(f"it asks about {topic.replace('_', ' ')}, which the law protects")
    named = [w for w in identity_words(question) if w.lower() not in words]
    named += [m.group(0) for m in TRAIT.finditer(question) if m.group(0).lower() not in words]
    named += [m.group(0) for m in ASKED_PLAINLY.finditer(question)]
    if named:
        return REFUSED.format(f"“{named[0]}” asks who somebody is")
    return REFUSED.format("it speaks to a model") if looks_like_instruction(question) else ""
