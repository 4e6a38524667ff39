"""What personas tell of users, and what not, beside tiers of how lately, how often and how much: a finding, and its figures.

In: an `AccountedFor`. Out: texts, empty where it is not clear. Promises: nothing is said where intervals meet, and every figure
is one that the set holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...schema import Accounted, AccountedFor, Compared
from ..money import SIGNS, with_unit
from ..wording import percent
from .cards import figure, lowered
from .grammar import capital

TITLE = "What personas tell"
TIMES = 2.0  # as much as personas, from which tiers tell so much more that another list is worth keeping
# Of how users differ: less is no reason to look at personas, nor at tiers. One in twenty, as for `alike.LITTLE`.
TELLING = 0.05
HARDLY = 0.01  # below which a share is not told: “0 %” reads as an error
WORTH = {"value": "who is worth more", "activity": "who does more"}
LATER = {"value": "what they bring in", "activity": "how much they do"}
PAST = {"value": "worth how much", "activity": "with how much in them"}


def finding_of(told: AccountedFor | None) -> str:
    """“Personas tell what to show, not who is worth more.”"""
    best = _clear(told)
    return f"Personas tell {_what_for(best)}, not {WORTH[told.of]}." if told and best else ""


def finding_with_ends(told: AccountedFor | None, rows: Sequence[Compared], names: Mapping[str, str]) -> str:
    """The same with what it is seen by: “What sets personas apart most: lines of a visit, 34 for “Long lists” and 4 for “Few
    different things”; they tell how to serve whom, not who is worth more.” `names` are those of the personas by their ids.
    """
    best, finding = _clear(told), finding_of(told)
    row = next((r for r in rows if best and r.measure == best.measure), None)
    cells = [c for c in row.cells if c.truth.value is not None and c.persona in names] if row else []
    if row is None or len(cells) < 2:
        return finding
    least, most = (end(cells, key=lambda c: c.truth.value or 0.0) for end in (min, max))
    high, low = (figure(row.form, c.truth.value, c.truth.bound, of=row.measure) for c in (most, least))
    # What a share is of is said with the first of the two; a sign of money stands with both.
    alone = row.unit if row.unit.partition(" ")[0] in SIGNS.values() else ""
    unit = "" if row.unit and row.unit.rpartition(" ")[2] in row.label.lower().split() else row.unit
    ends = (
        f"{with_unit(high, unit)} for “{names[most.persona]}” and {with_unit(low, alone)} for “{names[least.persona]}”"
    )
    return f"What sets personas apart most: {lowered(row.label)}, {ends}; {lowered(finding).replace('personas', 'they', 1)}"


def shares_told(told: AccountedFor | None) -> str:
    """“Of how users differ in what they bring in over the second half of the log, personas account for 6 %, …”"""
    best = _clear(told)
    if told is None or best is None:
        return ""
    part, past = shares_by_slot(told), f"how lately, how often, {PAST[told.of]}"
    return (
        f"Of how users differ in {LATER[told.of]} over the second half of the log, personas account for {part['told_later']}, "
        f"{told.tiers} tiers by earlier visits ({past}) for {part['tiers_later']}. "
        f"Personas account for most, {part['told']}, of how they differ in this: {lowered(best.label)}."
    )


def told_in_short(told: AccountedFor | None) -> str:
    """What a board can repeat: what personas are for, and what tells more of who will be worth more."""
    best = _clear(told)
    if told is None or best is None:
        return ""
    part, past = shares_by_slot(told), f"how lately, how often, {PAST[told.of]}"
    return (
        f"{capital(_what_for(best))}, not {WORTH[told.of]}: earlier visits ({past}) explain {part['tiers_later']} of how users "
        f"later differ in {LATER[told.of]}, personas {part['told_later']}."
    )


def shares_by_slot(told: AccountedFor | None) -> dict[str, str]:
    """The shares that `shares_told` tells, by what a slot calls them."""
    best = _clear(told)
    if told is None or best is None:
        return {}
    shares = {"told": best.personas, "told_later": told.later.personas, "tiers_later": told.later.tiers}
    return {name: percent(part[0]) if part[0] >= HARDLY else "hardly anything" for name, part in shares.items()}


def _clear(told: AccountedFor | None) -> Accounted | None:
    """The fact of a card that personas tell most of, where they surely tell more of it than of what users bring in later, and
    tiers of their past surely tell more of that.
    """
    if told is None or not told.facts:
        return None
    best = max(told.facts, key=lambda row: row.personas[0])
    (own, _, most), (share, low, _) = told.later.personas, told.later.tiers
    beaten = low > max(most, TELLING) and share >= TIMES * own
    return best if beaten and best.personas[1] > max(most, TELLING) else None


def _what_for(best: Accounted) -> str:
    fields = {c.field for c in best.measure.conditions} if best.measure else set[str]()
    if fields & {"hour", "weekday"}:
        return "when to reach whom"
    return "what to show" if fields & {"object", "theme"} else "how to serve whom"
