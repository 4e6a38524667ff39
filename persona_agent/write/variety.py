"""Dossiers side by side: what the others are about, and from where `offline` writes cards that do not read alike."""

from __future__ import annotations

from collections.abc import Sequence

from ..schema import Dossier, Draft
from ..words.sentences import same_openings, shared_skeletons
from ..words.wording import SLOT, percent
from .offline import write

MOST_SHARED = 0.3  # of the sentence patterns of two cards of a run
MOST_TRIES = 8  # places to start from, of which the least alike is taken


def with_others(dossiers: Sequence[Dossier]) -> list[Dossier]:
    """Each dossier with a line on what the other groups are about."""
    about = [_in_a_line(d) for d in dossiers]
    return [d.model_copy(update={"others": about[:i] + about[i + 1 :]}) for i, d in enumerate(dossiers)]


def _in_a_line(dossier: Dossier) -> str:
    """The group's size and what tells most about it, in words without numbers that only its own card may use."""
    draft = write(dossier)
    said = {c.id: c.said for c in dossier.candidates}
    acts = "; ".join(said[c] for c in draft.face[:2])
    return (
        f"{percent(dossier.size.share_users)} of users: {acts or dossier.intent_labels.get(0, 'no habit of their own')}"
    )


def vary_places(dossiers: Sequence[Dossier]) -> list[Dossier]:
    """The dossiers with places from which `offline` writes cards that read unlike those before them."""
    before: list[Draft] = []
    placed = []
    for i, dossier in enumerate(dossiers):
        tried = []
        for place in range(i, i + MOST_TRIES):
            at = dossier.model_copy(update={"place": place})
            tried.append((_alike(write(at), before), at))
            if not tried[-1][0]:
                break
        best = min(tried, key=lambda x: x[0])[1]
        before.append(write(best))
        placed.append(best)
    return placed


def _alike(draft: Draft, before: Sequence[Draft]) -> float:
    """By how much the draft shares more of its sentence patterns with another one than two cards may; 0 if it does not."""
    cards = [[SLOT.sub("1", s.template) for s in (d.one_liner, *d.narrative)] for d in (draft, *before)]
    shared = max((share for i, _, share in shared_skeletons(cards) if i == 0), default=0.0)
    openings = sum(i == 0 for i, _ in same_openings(cards))
    return openings + (shared if shared > MOST_SHARED else 0.0)
