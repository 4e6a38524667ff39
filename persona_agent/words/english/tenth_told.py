"""The card about the tenth of users who bring in most: its name, how firm it is, and what is counted of them beside its claims.

In: `TenthFigures`, and the labels of personas that are shown. Out: texts. Promises: nothing is said of fewer than five users.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ...schema import TENTH_ID, PartOf, Quiet, TenthAgain, TenthChange, TenthFigures, Window
from ...schema.personas import FAIR, FIRM, SOFT
from ..floors import FEW
from ..wording import percent
from .grammar import listed
from .trial_sizes import length_of
from .value_sources import MORE

NAME = "The tenth that brings in most"
BESIDE = "By what they brought in over the whole log; each is counted among the personas as well"
SORTED_BY = "what each brought in over the whole log, of which they are the tenth with most"
THEIR_CARD = "Their card"
MORE_OF_THEM = "More of them"
WORDS = (("firm", FIRM), ("fair", FAIR), ("soft", SOFT))
LOOSE = "hardly firm"
MOST_PARTS = 2  # of the personas: more are not taken in
STANDS_OUT = 0.08  # of them, or of all users where they are fewer: of smaller personas chance decides how many are here


def tenth_firmness(figures: TenthFigures) -> tuple[str, str]:
    """How firm it is to be one of them: a word, and the figure behind it."""
    again = figures.again
    return _word(again), (
        f"of the {again.users:,} who are the tenth by the earlier half of the log, {percent(again.same)} are it again by the "
        f"later half, by chance {percent(again.chance)}"
    )


def tenth_on_card(figures: TenthFigures) -> tuple[str, str]:
    """The same for the head of the card."""
    again = figures.again
    return _word(again), f"{percent(again.same)} land here again by the later half of the log"


def _word(again: TenthAgain) -> str:
    kappa = (again.same - again.chance) / max(1 - again.chance, 1e-9)
    return next((word for word, least in WORDS if kappa >= least), LOOSE)


def tenth_note(log: Window) -> str:
    """Whom the bars of the card are held against, and in which time."""
    half = f"the half of the log’s time{length_of(log, halves=2)} that did not pick them"
    return f"Counted over {half}; “others” are all other users."


def tenth_rows(figures: TenthFigures, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Title and text of what a card tells of them beside claims; `labels` of the personas that are shown, by their ids."""
    more, _ = _parts_apart(figures.parts, labels)
    known = any(p.persona in labels for p in figures.parts)
    return [
        ("How long it lasts", _lasting(figures.again)),
        *([("Which personas they are from", _from(more, labels))] if known else []),
    ]


def tenth_beside(figures: TenthFigures, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What else is counted of them, which stands with the evidence."""
    _, fewer = _parts_apart(figures.parts, labels)
    less = f"Fewer than expected are from {_part(fewer, labels[fewer.persona], named=True)}." if fewer else ""
    rows = [("How much hangs on few", _few(figures.to_lose)), ("Who went quiet", _quiet(figures.quiet))]
    return [*rows, *([("From which personas few are", less)] if less else [])]


def tenth_changed(told: TenthChange) -> str:
    """How much they bring in, then and now; that nothing else of them is compared."""
    card = f"“{NAME}” ({TENTH_ID})"
    if not told.alike:
        return f"{card} is not compared: the two runs are not known to count the value alike (--value)."
    was, now = _brought_in(told.users_was, told.share_was), _brought_in(told.users_now, told.share_now)
    if not (was and now):
        run, other, known = ("later", "earlier", was) if was else ("earlier", "later", now)
        return f"{card} is of the {other} run alone, in which it is {known}; the {run} run tells nothing of them."
    has = (
        ""
        if told.card_was and told.card_now
        else f" The {'earlier' if told.card_now else 'later'} run has no card of them."
    )
    return (
        f"{card}: {was}, now {now}. Who they are was found anew in each log, their claims are not compared, and chance was not "
        f"reckoned with.{has}"
    )


def _brought_in(users: int | None, share: float | None) -> str:
    return "" if users is None or share is None else f"{users:,} users with {percent(share)} of the value"


def _lasting(again: TenthAgain) -> str:
    # In fives: of fewer than five who did, or did not, no number is told.
    few = {1.0: "all but fewer than five", 0.0: "fewer than five"}
    came = few.get(again.came) or percent(again.came)
    return (
        f"The tenth before {_day(again.day)} brought in {percent(again.value)} of the value from then on, and {came} of them "
        "came again."
    )


def _parts_apart(parts: list[PartOf], labels: Mapping[str, str]) -> tuple[list[PartOf], PartOf | None]:
    """The personas that they are in beyond their share of all users, furthest first, and the one that they are least in."""
    known = sorted((p for p in parts if p.persona in labels), key=lambda p: p.all - p.them)
    more = [p for p in known if p.them >= MORE * p.all and p.them >= STANDS_OUT][:MOST_PARTS]
    least = known[-1] if known else None
    few = least is None or least.all < MORE * least.them or least.all < STANDS_OUT
    return more, None if few else least


def _from(more: list[PartOf], labels: Mapping[str, str]) -> str:
    first = listed([_part(p, labels[p.persona], named=i == 0) for i, p in enumerate(more)])
    return f"More than expected are from {first}." if more else "From all personas, about as users are."


def _part(part: PartOf, label: str, *, named: bool = False) -> str:
    """““Hearts” (18 % of them, 9 % of all users)”; whose the figures are is said once."""
    them, all_ = ("of them", "of all users") if named else ("", "")
    return f"“{label}” ({f'{percent(part.them)} {them}'.strip()}, {f'{percent(part.all)} {all_}'.strip()})"


def _few(to_lose: int | None) -> str:
    if to_lose is None:
        return "Fewer than five bring in a tenth of all value."
    return f"The {to_lose:,} largest bring in a tenth of all value."


def _quiet(quiet: Quiet) -> str:
    told = []
    if quiet.unseen >= FEW:
        told.append(
            f"{quiet.unseen:,} of them, with {percent(quiet.unseen_value)} of all value, were not seen in the last quarter of "
            f"the log, from {_day(quiet.since)} on"
        )
    if min(quiet.longer, quiet.tested - quiet.longer) >= FEW:
        told.append(
            f"{quiet.longer:,} of the {quiet.tested:,} who came three times or more were, when the log ended, away for longer "
            "than ever"
        )
    if not told:
        return "Fewer than five of them had gone quiet when the log ended."
    return f"{'; '.join(told)}."


def _day(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found.day} {found:%b %Y}"
