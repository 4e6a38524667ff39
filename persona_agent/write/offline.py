"""The writer that needs no model: claims chosen from a dossier's statistics alone.

In: a `Dossier`. Out: a `Draft` of some of the dossier's candidates, each in its own words; its name and sentence are made with
the card (`write.cards`), when what holds over all users is known. It is never revised, since it has said what it could. It is
the default, what stands in where a model's own words fall, and the baseline that a language model must beat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..options import DISTINGUISHING_BITS
from ..schema import EVERYONE, NO_NAMES, Dossier, Draft, DraftClaim, DraftGap, DraftSentence, ProposedClaim
from ..words.english.readings import reading
from .nearness import near_habit

MAX_CLAIMS = 14  # of a card that code writes
MIN_CLAIMS = 8  # filled up to, two more than the gate asks for, since some fall over all users
MAX_FACE = 7  # claims that set a group apart
MAX_FORMED = 4  # claims that tell what formed the group
MAX_ASKED = 3  # claims that are there because of the question
WORTH_A_LINE = 0.02  # bits, for claims beyond MIN_CLAIMS; not tuned
NEW_ENOUGH = 0.15  # of a claim's answers, the part that no chosen claim foretells
FACETS = ("behaviour", "journey", "preference", "rhythm", "friction")
NAMELESS = DraftSentence(template="No habit of their own", claim_ids=[])
NONE = DraftSentence(template="", claim_ids=[])
HOW_MANY = DraftSentence(template="{size.users} users, {size.share_users} of all.", claim_ids=[])


def write(dossier: Dossier) -> Draft:
    """A draft of one persona, or of the page about everyone."""
    return _everyone(dossier) if dossier.group == EVERYONE else _persona(dossier)


def _everyone(dossier: Dossier) -> Draft:
    """All that holds, in the order in which it was asked: there is nobody to compare with."""
    chosen: list[ProposedClaim] = []
    for c in dossier.candidates:
        if c.withdrawal is None and all(c.topic != other.topic for other in chosen):
            chosen.append(c)
    return Draft(
        label=DraftSentence(template="Everyone", claim_ids=[]),
        one_liner=HOW_MANY,
        narrative=[],
        claims=_taken(chosen),
        bars=[],
        unfit=NONE,
        hypotheses=[],
        suggestions=[],
        not_known=[],
    )


def _taken(candidates: Iterable[ProposedClaim]) -> list[DraftClaim]:
    """The candidates in their own words."""
    return [DraftClaim(id=c.id, text=None, kind=None, measure=None, lines=[]) for c in candidates]


def _persona(dossier: Dossier) -> Draft:
    standing = [c for c in dossier.candidates if c.withdrawal is None]
    face = choose_face(dossier, standing)
    formed = [c for c in _telling(standing) if c.by_construction and _defines(c)][:MAX_FORMED]
    tension = _tension(standing, face)
    asked = [c for c in _telling(standing) if c.id in dossier.asked][:MAX_ASKED]
    first = [*face, *(c for c in formed if c not in face), *([tension] if tension else [])]
    asked = [c for c in _telling(standing) if c.id in dossier.asked and all(c.topic != f.topic for f in first)]
    chosen = _filled(dossier, [*first, *asked[:MAX_ASKED]], standing)
    fallen = [c for c in dossier.candidates if c.withdrawal]
    return Draft(
        label=NAMELESS,
        one_liner=HOW_MANY,
        narrative=[],
        claims=_taken([*chosen, *fallen]),
        bars=[c.id for c in face],
        unfit=NONE.model_copy(update={"claim_ids": [tension.id]}) if tension else NONE,
        hypotheses=[],
        suggestions=[],
        not_known=not_known(dossier, face),
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


def _tension(standing: Sequence[ProposedClaim], face: Sequence[ProposedClaim]) -> ProposedClaim | None:
    """What a reader would not expect of the group: what some members do otherwise, else in what it is as others are, near the
    first of what sets it apart.
    """
    sayable = [c for c in standing if reading(c.measure, NO_NAMES)]
    unlike = next((c for c in sayable if _unlike(c) and c.by_construction), None)
    if unlike or not face:
        return unlike
    near = near_habit(standing, face[:1])
    return next((c for c in sayable if c.measure.says.alike and c.id in near), None)


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


def not_known(dossier: Dossier, face: Sequence[ProposedClaim]) -> list[DraftGap]:
    """What the claims leave open; facets without a claim are listed by code."""
    gaps = []
    if not face:
        gaps.append("Whether anything but what formed the group sets them apart.")
    if dossier.told is None:
        gaps.append("How a visit of theirs runs: none has enough different steps to tell.")
    return [DraftGap(text=gap, claim_ids=[]) for gap in gaps]


def _sets_apart(c: ProposedClaim) -> bool:
    return not _unlike(c) and not c.measure.says.alike and (c.information_bits or 0.0) >= DISTINGUISHING_BITS


def _unlike(c: ProposedClaim) -> bool:
    return c.topic.kind == "unlike"


def _defines(c: ProposedClaim) -> bool:
    """May a label rest on it: an amount, or an act that they do more and that most of them do?"""
    if _unlike(c):
        return False
    share = 0.5 if c.form == "users" else 0.0
    more = c.measure.says.comparator == "more_than_others" and (c.truthfulness.value or 0.0) > share
    return c.topic.kind == "amount" or more


def _telling(candidates: Iterable[ProposedClaim]) -> list[ProposedClaim]:
    return sorted(candidates, key=lambda c: (-(c.information_bits or 0.0), int(c.id[1:])))
