"""From personas whose claims are decided to the cards that people read: bars, strip, path, who does not fit, names.

`make_cards` looks at all personas at once, so that no two names are alike and every bar is measured in every group.
"""

from .making import ByCode, Cards, cards_again, make_cards

__all__ = ["ByCode", "Cards", "cards_again", "make_cards"]
