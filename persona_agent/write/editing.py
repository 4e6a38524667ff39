"""The set as a whole: parallel names, what to try in a phrase, and the first page in sentences.

In: cards, open models. Out: the cards and the page as an editor words them. Promises: without a writer and a critic nothing is
edited; what falls keeps what stood before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..models.opening import Models
from ..schema import Edited
from .briefs import Briefed
from .cards import Cards


@dataclass(frozen=True)
class EditedCards:
    """Cards as edited, the first page's own texts, and what could not be had."""

    cards: Cards
    page: Edited | None = None
    errors: list[str] = field(default_factory=list)


async def edit(models: Models, about: str | None, briefed: Briefed, cards: Cards) -> EditedCards:
    """The cards as an editor leaves them."""
    return EditedCards(cards)
