"""The tenth of users who bring in most, in two runs: how much they bring in then and now. Their claims are not compared."""

from __future__ import annotations

from ...schema import TenthChange, TopTenth
from .sides import RunSide


def tenth_change(old: RunSide, new: RunSide) -> TenthChange | None:
    """None where neither run has a card of them."""
    was, now = _valued(old), _valued(new)
    if not old.personas.tenth and not new.personas.tenth:
        return None
    same_unit = was is None or now is None or was.currency == now.currency
    return TenthChange(
        users_was=was and was.users,
        users_now=now and now.users,
        share_was=was and was.share,
        share_now=now and now.share,
        card_was=old.personas.tenth is not None,
        card_now=new.personas.tenth is not None,
        alike=old.options.value == new.options.value and same_unit,
    )


def _valued(side: RunSide) -> TopTenth | None:
    """What a run tells of them; None where it counts what they do, and no value."""
    told = side.personas.top_tenth
    return told if told is not None and told.of == "value" else None
