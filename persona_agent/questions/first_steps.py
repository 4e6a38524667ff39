"""“What should we do first?”: whether a question, in the program's words, asks for that, and what the first page says to it.

In: a question, a set. Out: a `Reply`, None where it asks for something else. Promises: every figure is one that the first page
shows; of people at work nothing is tried, and it is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ..schema import PersonaSet, Reply, ReplyFigure
from ..words.english.first_trials import rows, trial_title
from .words import content_words, is_vague

WE_DO = re.compile(
    r"\b(?:should|could|can|shall|must|do) (?:we|i) (?:\w+ )?(?:do|try|test|start|begin)\b|\bwhat to (?:do|try|test)\b"
    r"|\bwhere to (?:start|begin)\b",
    re.IGNORECASE,
)
WHEN = frozenset(["first", "next", "now", "start", "try", "test", "today", "tomorrow"])
FIRST_OF_PAGE = "The first page says it:"
NOT_AT_WORK = "Nothing is tried on people at work: they cannot leave, and it would be known who they are."
NOTHING_TO_WATCH = "Nothing: no persona of this log has a figure whose change a trial would show."


def what_to_try(personas: PersonaSet, question: str, known: Collection[str]) -> Reply | None:
    """What to try first, where a question asks for no more than that."""
    asked = WE_DO.search(question)
    rest = content_words(WE_DO.sub(" ", question)) if asked else []
    if not asked or any(w not in WHEN and not is_vague(w, known) for w in rest):
        return None
    first = personas.first_page.first if personas.first_page else None
    if first is None:
        says = NOT_AT_WORK if personas.staff else NOTHING_TO_WATCH
        return Reply(question=question, came="cannot", says=says)
    told = [
        f"{trial_title(first)}: “{first.label}” ({first.persona}).",
        *(f"{what}: {text}" for what, text in rows(first)),
    ]
    facts = [ReplyFigure(persona=first.persona, claim=None, text=text, measure=None, truth=None) for text in told]
    return Reply(question=question, came="answered", says=FIRST_OF_PAGE, facts=facts)
