"""Dossiers side by side: what the others are about."""

from __future__ import annotations

from collections.abc import Sequence

from ..schema import Dossier
from ..words.wording import percent
from .offline import write


def with_others(dossiers: Sequence[Dossier]) -> list[Dossier]:
    """Each dossier with a line on what the other groups are about."""
    about = [_in_a_line(d) for d in dossiers]
    return [d.model_copy(update={"others": about[:i] + about[i + 1 :]}) for i, d in enumerate(dossiers)]


def _in_a_line(dossier: Dossier) -> str:
    """The group's size and what tells most about it, in words without numbers that only its own card may use."""
    draft = write(dossier)
    said = {c.id: c.said for c in dossier.candidates}
    acts = "; ".join(said[c] for c in draft.bars[:2])
    return (
        f"{percent(dossier.size.share_users)} of users: {acts or dossier.intent_labels.get(0, 'no habit of their own')}"
    )
