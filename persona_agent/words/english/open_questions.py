"""What a card leaves open: questions that a reader asks next and that its log cannot answer, from the facts that it shows.

In: readings with the side on which the group is. Out: sentences. Promises: no question guesses who anybody is or gives a reason;
one is asked of a kind of fact, so that no card asks the same twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...schema import Names
from .cards import lowered
from .grammar import VERBS
from .spoken import Reading

MOST = 2  # on a card: more are not read


def open_questions(told: Sequence[tuple[Reading, bool]], names: Names) -> list[str]:
    """At most MOST questions about facts, strongest first, each with whether the group does more of it."""
    asked = dict.fromkeys(question for reading, more in told for question in _about(reading, names, more=more))
    return list(asked)[:MOST]


def _about(r: Reading, names: Names, *, more: bool) -> Iterator[str]:
    about = {fact.split(" ", 1)[0] for fact in r.facts}
    if r.act:
        yield (
            f"What comes of {r.act}: the log ends where they have done it."
            if more
            else f"Whether they do without {r.act}, or do it elsewhere."
        )
    elif r.facts & {"hour", "weekday"}:
        yield "What they do at other times: the log has only what they do here."
    elif "theme" in about or (about == {"act"} and "“" in r.label):
        act = names.main_act.lower() if names.main_act else ""
        yield f"Whether the same holds of what they {act if act in VERBS else 'turn to'} elsewhere."
    elif r.pieces:
        yield "What becomes of so many of one thing." if more else "Whether they get more of the same elsewhere."
    elif "amount" in about:
        yield f"What they passed over: the log has no {lowered(r.label)} of what they left."
    elif "visit" in r.facts:
        yield "Whether a visit ends when they are done, or when they give up."
    elif "how often" in r.facts:
        yield "What they do between visits."
    elif "repeats" in r.facts:
        yield (
            "Whether they look for other things before they come back to the same."
            if more
            else ("Whether they ever miss a thing that they met before.")
        )
