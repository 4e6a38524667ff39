"""The writer that needs no model: personas from a dossier's statistics alone.

In: a `Dossier`. Out: a `Draft` that chooses among the dossier's candidates and says nothing else, so every sentence is as
true as its claim; it is never revised, since it has said what it could. It is the default, what stands in where a model's
own words fall, and the baseline that a language model must beat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..options import DISTINGUISHING_BITS
from ..schema import (
    EVERYONE,
    Dossier,
    Draft,
    DraftClaim,
    DraftHypothesis,
    DraftSentence,
    HypothesisTest,
    ProposedClaim,
)
from ..words.wording import readable
from .patterns import GOALS, LEAVES, LEAVES_VALUE, LESS, LINES, MORE, NUMBER, SESSIONS, THINGS, TIMES, TYPICAL

MAX_CLAIMS = 14  # of a card that code writes
MIN_CLAIMS = 8  # filled up to, two more than the gate asks for, since some fall over all users
MAX_FACE = 7  # comparisons side by side on a card
MAX_FORMED = 4  # claims that tell what formed the group
MAX_ASKED = 3  # claims that are there because of the question
MAX_SENTENCES = 8  # of a narrative
MAX_GOALS = 2  # guesses on a card, as in drafts/card.py
WORTH_A_LINE = 0.02  # bits, for claims beyond MIN_CLAIMS; not tuned
NEW_ENOUGH = 0.15  # of a claim's answers, the part that no chosen claim foretells
FACETS = ("behaviour", "journey", "preference", "rhythm", "friction")


def write(dossier: Dossier) -> Draft:
    """A draft of one persona, or of the page about everyone."""
    return _everyone(dossier) if dossier.group == EVERYONE else _persona(dossier)


def _everyone(dossier: Dossier) -> Draft:
    """What most of them do, what many of them do, and what goes wrong: there is nobody to compare with."""
    ranked = sorted(dossier.candidates, key=lambda c: (abs((c.truthfulness.value or 0.0) - 0.6), int(c.id[1:])))
    users = [c for c in ranked if c.form == "users"]
    chosen: list[ProposedClaim] = []
    for c in [*(c for f in FACETS for c in [x for x in ranked if x.kind == f][:2]), *users, *ranked]:
        if len(chosen) < MAX_CLAIMS and all(c.topic != other.topic for other in chosen):
            chosen.append(c)
    first = next((c for c in users if (c.truthfulness.value or 0.0) > 0.5), None)
    said = [DraftSentence(template=_sentence(c, 0), claim_ids=[c.id]) for c in chosen if c is not first]
    size = DraftSentence(template="{size.users} users, all of them on one page.", claim_ids=[])
    return Draft(
        label=DraftSentence(template="Everyone", claim_ids=[]),
        one_liner=DraftSentence(template=_sentence(first, 0), claim_ids=[first.id]) if first else size,
        narrative=said[: MAX_SENTENCES - 1],
        claims=_taken([*chosen, *([first] if first and first not in chosen else [])]),
        face=[],
        tension=None,
        hypotheses=[],
        not_known=[],
        questions=[],
    )


def _taken(candidates: Iterable[ProposedClaim]) -> list[DraftClaim]:
    """The candidates in their own words."""
    return [DraftClaim(id=c.id, text=None, kind=None, measure=None, lines=[]) for c in candidates]


def _persona(dossier: Dossier) -> Draft:
    standing = [c for c in dossier.candidates if c.withdrawal is None]
    face = choose_face(dossier, standing)
    formed = [c for c in _telling(standing) if c.by_construction and _defines(c)][:MAX_FORMED]
    tension = next((c for c in standing if _unlike(c) and c.by_construction), None)
    asked = [c for c in _telling(standing) if c.id in dossier.asked][:MAX_ASKED]
    first = [*face, *(c for c in formed if c not in face), *([tension] if tension else [])]
    asked = [c for c in _telling(standing) if c.id in dossier.asked and all(c.topic != f.topic for f in first)]
    chosen = _filled(dossier, [*first, *asked[:MAX_ASKED]], standing)
    fallen = [c for c in dossier.candidates if c.withdrawal]
    return Draft(
        label=label(dossier, face, formed),
        one_liner=one_liner(dossier, face, formed),
        narrative=narrative(dossier, face, formed, chosen)[:MAX_SENTENCES],
        claims=_taken([*chosen, *fallen]),
        face=[c.id for c in face],
        tension=tension.id if tension else None,
        hypotheses=goals(face or formed, dossier.place),
        not_known=not_known(dossier, face, formed),
        questions=[],
    )


def choose_face(dossier: Dossier, candidates: Sequence[ProposedClaim]) -> list[ProposedClaim]:
    """At most MAX_FACE claims that set the group apart.

    Chosen one by one, each with the most information × novelty: the part of its answers that the claims chosen before do
    not foretell.
    """
    overlap = {frozenset((r.one, r.other)): r.overlap for r in dossier.related}
    left = [c for c in _telling(candidates) if _sets_apart(c)]
    face: list[ProposedClaim] = []
    while left and len(face) < MAX_FACE:
        novelty = {c.id: 1 - max((overlap.get(frozenset((c.id, f.id)), 0.0) for f in face), default=0.0) for c in left}
        best = max(left, key=lambda c: ((c.information_bits or 0.0) * novelty[c.id], -int(c.id[1:])))
        if novelty[best.id] >= NEW_ENOUGH:
            face.append(best)
        left = [c for c in left if c.topic != best.topic and c is not best]
    return face


def _filled(dossier: Dossier, chosen: list[ProposedClaim], candidates: Sequence[ProposedClaim]) -> list[ProposedClaim]:
    """The chosen ones, one of every facet that the log can show, and then the most telling up to MAX_CLAIMS."""
    ranked = _telling(candidates)
    missing = [f for f in FACETS if f in dossier.facets and all(c.kind != f for c in chosen)]
    facets = [next((c for c in ranked if c.kind == f), None) for f in missing]
    for c in [*(c for c in facets if c is not None), *ranked]:
        wanted = c.kind in missing or len(chosen) < MIN_CLAIMS or (c.information_bits or 0.0) >= WORTH_A_LINE
        if wanted and len(chosen) < MAX_CLAIMS and not _unlike(c) and all(c.topic != other.topic for other in chosen):
            chosen = [*chosen, c]
    return chosen


def label(dossier: Dossier, face: Sequence[ProposedClaim], formed: Sequence[ProposedClaim]) -> DraftSentence:
    """The acts that formed the group, with the habit that sets it apart most; acts and amounts, never people."""
    acts = _acts(formed) or _acts([c for c in face if _defines(c)])
    habit = next((c for c in face if _habit(c)), None)
    head = " and ".join(_named(c, dossier) for c in acts)
    if not head:
        main = dossier.intents[0].intent if dossier.intents else -1
        head = dossier.intent_labels.get(main, "like everybody else")
    rests_on = [c.id for c in [*acts, *([habit] if habit else [])]]
    return DraftSentence(template=_capital(f"{head}, {habit.short}" if habit else head), claim_ids=rests_on)


def one_liner(dossier: Dossier, face: Sequence[ProposedClaim], formed: Sequence[ProposedClaim]) -> DraftSentence:
    """The most telling claim that holds for more than half of the group; size stands for itself if there is none."""
    size = dossier.size
    amount = next((c for c in formed if c.topic.kind == "amount"), None)
    if amount and size.share_value is not None and not 2 / 3 < size.share_value / max(size.share_users, 1e-9) < 3 / 2:
        brings = "{size.share_users} of users bring {size.share_value} of the value"
        text = f"{brings}, and {amount.said} is {{{amount.id}.value}}."
        return DraftSentence(template=text, claim_ids=[amount.id])
    for c in [*face, *formed]:
        if c.form == "users" and _more(c) and (c.truthfulness.value or 0) > 0.5:
            return DraftSentence(template=_sentence(c, dossier.place + 1), claim_ids=[c.id])
    leaves = LEAVES_VALUE if size.share_value is not None else LEAVES
    return DraftSentence(template=leaves[(dossier.place + 1) % len(leaves)], claim_ids=[])


def narrative(
    dossier: Dossier, face: Sequence[ProposedClaim], formed: Sequence[ProposedClaim], chosen: Sequence[ProposedClaim]
) -> list[DraftSentence]:
    """What formed the group, what sets it apart in the order of a story, where it hurts, what leaves with it."""
    hurts = [c for c in chosen if c.kind == "friction" and c not in face][:1]
    told = sorted(
        (c for c in face[: MAX_SENTENCES - 3] if c not in formed[:1]),
        key=lambda c: FACETS.index(c.kind) if c.kind in FACETS else len(FACETS),
    )
    sentences = [
        DraftSentence(template=_sentence(c, dossier.place + i), claim_ids=[c.id])
        for i, c in enumerate([*formed[:1], *told, *hurts])
    ]
    leaves = LEAVES_VALUE if dossier.size.share_value is not None else LEAVES
    return [*sentences, DraftSentence(template=leaves[dossier.place % len(leaves)], claim_ids=[])]


def goals(claims: Sequence[ProposedClaim], place: int) -> list[DraftHypothesis]:
    """What they may be after, for the most telling claims: never a finding, always with a rival and a test."""
    found: dict[str, DraftHypothesis] = {}
    for c in claims:
        theme = "mishap" if c.kind == "friction" and c.topic.kind != "never" else c.topic.kind
        if theme in GOALS and theme not in found and _more(c):
            text, rival, test = GOALS[theme][place % len(GOALS[theme])]
            found[theme] = DraftHypothesis(
                text=text, rests_on=[c.id], test=HypothesisTest(rival=rival, how_to_test=test)
            )
    return list(found.values())[:MAX_GOALS]


def not_known(dossier: Dossier, face: Sequence[ProposedClaim], formed: Sequence[ProposedClaim]) -> list[str]:
    """What the claims leave open; facets without a claim are listed by code."""
    gaps = []
    if not face:
        gaps.append("Whether anything but what formed the group sets them apart.")
    for c in [*face, *formed][:1]:
        if c.form == "users" and (c.truthfulness.value or 1.0) < 0.9:
            gaps.append(f"What tells those of them who {c.said} from those who do not.")
    if dossier.told is None:
        gaps.append("How a session of theirs runs: none has enough different steps to tell.")
    return gaps


def _sets_apart(c: ProposedClaim) -> bool:
    return not _unlike(c) and (c.information_bits or 0.0) >= DISTINGUISHING_BITS


def _unlike(c: ProposedClaim) -> bool:
    return c.topic.kind == "unlike"


def _defines(c: ProposedClaim) -> bool:
    """May a label rest on it: an amount, or an act that they do more and that most of them do?"""
    if _unlike(c):
        return False
    share = 0.5 if c.form == "users" else 0.0
    more = c.measure.says.comparator == "more_than_others" and (c.truthfulness.value or 0.0) > share
    return c.topic.kind == "amount" or more


def _habit(c: ProposedClaim) -> bool:
    """Can a label end with it: a habit that most of them have, more than others do?"""
    return c.topic.is_a_habit and c.form == "users" and _more(c) and (c.truthfulness.value or 0) > 0.5


def _acts(claims: Sequence[ProposedClaim]) -> list[ProposedClaim]:
    """One amount, or up to two acts, that a label can name: whole acts before single things, no act twice."""
    amount = next((c for c in claims if c.topic.kind == "amount"), None)
    if amount is not None:
        return [amount]
    named: list[ProposedClaim] = []
    for c in sorted(claims, key=lambda c: c.topic.kind == "thing"):
        if c.topic.names_an_act and not any(_names(c) & _names(n) for n in named):
            named.append(c)
    return named[:2]


def _named(c: ProposedClaim, dossier: Dossier) -> str:
    if c.topic.kind != "amount":
        return c.short
    of = f"“{dossier.acts[0]}” with a {c.short}" if dossier.acts else c.short
    return f"{of} of about {{{c.id}.value}}"


def _names(c: ProposedClaim) -> set[str]:
    """The action that it is about and the parts of the object's name (`file: unit 1`), as a reader sees them."""
    values = [str(v) for step in c.measure.steps for condition in step for v in condition.value]
    return {part for value in values for part in readable(value).split(": ")}


def _sentence(c: ProposedClaim, place: int) -> str:
    """The claim in one of the patterns for its form, its numbers as slots."""
    comparator = c.measure.says.comparator
    if comparator == "about" and c.form == "number":
        return _in_slots(c, TYPICAL[place % len(TYPICAL)])
    if comparator not in ("more_than_others", "less_than_others"):
        return c.template.replace("{value}", f"{{{c.id}.value}}").replace("{matched}", f"{{{c.id}.matched}}")
    patterns = {"sessions": SESSIONS, "lines": LINES, "things": THINGS, "times": TIMES, "number": NUMBER}.get(
        c.form, MORE if comparator == "more_than_others" else LESS
    )
    return _in_slots(c, patterns[place % len(patterns)])


def _in_slots(c: ProposedClaim, pattern: str) -> str:
    said = pattern.replace("{Said}", _capital(c.said)).replace("{said}", c.said)
    return said.replace("{v}", f"{{{c.id}.value}}").replace("{m}", f"{{{c.id}.matched}}")


def _more(c: ProposedClaim) -> bool:
    return c.measure.says.comparator in ("more_than_others", "about", None)


def _telling(candidates: Iterable[ProposedClaim]) -> list[ProposedClaim]:
    return sorted(candidates, key=lambda c: (-(c.information_bits or 0.0), int(c.id[1:])))


def _capital(text: str) -> str:
    return next((text[:i] + ch.upper() + text[i + 1 :] for i, ch in enumerate(text) if ch.isalpha()), text)
