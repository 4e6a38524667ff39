"""What a card leaves open: questions that a reader asks next and that its log cannot answer, from the facts that it shows.

In: readings with the side on which the group is, and questions of other cards. Out: sentences. Promises: every question names
what its fact is about, and none guesses who anybody is or gives a reason; of a fact that leaves nothing open none is asked; one
is asked of a kind of fact, those of no other card first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ...schema import Names
from .amounts_told import VISITS
from .grammar import VERBS, takes_things
from .spoken import Reading
from .worth_told import SPENDING

MOST = 2  # on a card: more are not read
DIFFERENT = VISITS["things"][1]
TIMED = frozenset(["hour", "weekday"])
# Of facts that are told without a name of the log: where the group has more, and where less.
OF_KINDS: Mapping[str, tuple[str, str]] = {
    "breadth": (
        "Whether so many different things serve one purpose.",
        "Whether they get other things elsewhere, or do without.",
    ),
    "visit": (
        "Whether a long visit is one errand, or several.",
        "Whether a visit ends when they are done, or when they give up.",
    ),
    "how often": (
        "What they do in the time between two visits.",
        "What brings them back so soon.",
    ),
    "repeats": (
        "Whether they look for other things before they come back to the same.",
        "Whether they ever miss a thing that they met before.",
    ),
    "same amount": (
        "Whether they set the amount each time, or let it stand.",
        "What the amount depends on from one time to the next.",
    ),
    "lead": (
        "Whether they come for that one thing and take the rest along, or plan both.",
        "Whether any one thing brings them.",
    ),
    "total": ("Whether they add things to reach that sum.", "Whether they know of that sum."),
}


@dataclass(frozen=True)
class _OpenQuestion:
    kind: str
    text: str


def open_questions(told: Sequence[tuple[Reading, bool]], names: Names, elsewhere: Collection[str] = ()) -> list[str]:
    """At most MOST questions about facts, strongest first, each with whether the group does more of it; what stands `elsewhere`,
    on other cards, is asked only where nothing else is.
    """
    asked: dict[str, str] = {}
    for found in (_about(reading, names, more=more) for reading, more in told):
        if found is not None and (found.kind not in asked or asked[found.kind] in elsewhere):
            asked[found.kind] = found.text
    return sorted(asked.values(), key=lambda question: question in elsewhere)[:MOST]


def _about(r: Reading, names: Names, *, more: bool) -> _OpenQuestion | None:
    about = {fact.split(" ", 1)[0] for fact in r.facts}
    if r.act:
        done = f"What comes of {r.act}: there the log ends."
        return _OpenQuestion("act", done if more else f"Whether they do without {r.act}, or do it elsewhere.")
    if r.facts & TIMED:
        return _OpenQuestion("time", f"Whether they could come at other times than {r.what}.") if more else _less_at(r)
    if r.made:
        return _OpenQuestion("made", "Whether they come in other ways too, and are another user to the log then.")
    if r.pieces:
        many, few = "What becomes of so many of one thing.", "Whether they get more of the same thing elsewhere."
        return _OpenQuestion("pieces", many if more else few)
    if r.what and ("amount" in about):
        return _of_amount(r, names, more=more)
    if r.what and (about & {"theme"} or any(fact.startswith("properties.") for fact in r.facts) or r.what[:1] == "“"):
        return _OpenQuestion("kind", _elsewhere(r, names, more=more))
    if "kept" in about:
        which = r.what.removeprefix("the same ").partition(" as ")[0]
        changing = f"What decides which {which} it is each time."
        return _OpenQuestion("place", f"Whether another {which} would do as well for them." if more else changing)
    if "value" in about:
        spent = (names.main_act or "").lower() in SPENDING
        return _OpenQuestion("value", "How much they spend elsewhere.") if spent else None
    kinds = r.facts | ({"breadth"} if r.unit == DIFFERENT else frozenset())
    fact = next((fact for fact in OF_KINDS if fact in kinds), None)
    return None if fact is None else _OpenQuestion(fact, OF_KINDS[fact][0 if more else 1])


def _less_at(r: Reading) -> _OpenQuestion | None:
    return _OpenQuestion("time", f"What they do {r.what}, when others come.") if r.what else None


def _elsewhere(r: Reading, names: Names, *, more: bool) -> str:
    act = names.main_act.lower() if names.main_act else ""
    of_field = r.what.startswith("the ") and r.what.endswith("”")
    verb = act if act in VERBS else "use" if of_field else "turn to"
    return f"Whether they {verb} {r.what} elsewhere too." if more else f"Whether they {verb} {r.what} elsewhere."


def _of_amount(r: Reading, names: Names, *, more: bool) -> _OpenQuestion | None:
    """Of an amount that a thing has or has not, whether they choose by it; of how much there is of it the log tells all."""
    if not takes_things(names.main_act) or r.form != "share":
        return None
    act = (names.main_act or "").lower()
    with_it, without = f"Whether they would {act} the same without {r.what}.", f"Whether they see what has {r.what}."
    return _OpenQuestion("amount", with_it if more else without)
