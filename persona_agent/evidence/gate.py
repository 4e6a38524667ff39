"""The gate: may a persona be shown, and what of a claim counts for it (docs/contract.md, The gate).

In: the accepted claims of a persona that tell different facts, and how firm the group is. Out: a status with reasons in plain
words. Promises: None and NaN never pass for a figure that was measured; what formed the group counts like anything else;
what is as with others tells the group from nobody.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

from ..options import DEFAULT_MIN_USERS, DISTINGUISHING_BITS
from ..schema import Claim, Firmness, LogState, Persona, PersonaStatus
from .information import distinguishing

MIN_FACTS = 6  # fewer make no card; not tuned
# Facts that distinguish, or one that tells as much as so many that barely do: a small one can be chance among some hundred
# questions asked of a group. Who comes by the hour has one fact, and a large one. With less a group is a pattern.
MIN_DISTINGUISHING = 2
MIN_OF_GIVEN = 1  # it is there whatever the log says of it, and one difference that holds on users set aside is news
LIKE_OTHERS = (
    "nothing that was counted sets them apart from comparable others, on users set aside as well: a list put together at random "
    "would look so"
)
UNTRIED = "what sets them apart could not be asked again of the users set aside, who are too few"
LOOSE = "its members do not land in it again by the other half of their visits, beyond chance"
NOT_AGAIN = "other users do not give the same group"
LONE = "no other group can be shown beside it"
UNWRITTEN = "it could not be written"
REFITS = 0.60  # Hennig's (2007) bound for a pattern; below, a cluster is not found again in other users
# The middle of the κ of .35 to .6 for which DISTINGUISHING_BITS is meant.
MIDDLE_KAPPA = 0.45
MOST = 0.6  # of users: with no other persona beside it, such a one tells what everybody does
TESTED = 1 / 3  # of the members, for a firmness that is more than soft to speak of the group

Hindrance = Literal["unwritten", "few", "loose", "not_again", "lone", "alike"]
# By a word of each reason, the most telling first; of all others it is that too little sets the group apart.
HINDRANCES: tuple[tuple[Hindrance, str], ...] = (
    ("unwritten", UNWRITTEN),
    ("few", r"\busers?, where"),
    ("loose", LOOSE),
    ("not_again", NOT_AGAIN),
    ("lone", LONE),
)


def gate(
    facts: Sequence[Claim],
    *,
    state: LogState,
    firmness: Firmness | None,
    stability: float | None,
    users: int,
    min_users: int = DEFAULT_MIN_USERS,
    given: bool = False,
) -> tuple[PersonaStatus, list[str]]:
    """May a persona be shown, and why not, in plain words. Run it after withdrawal, on claims that tell different facts.

    `firmness` may be unknown (None): then it withholds nothing, and `stability`, the mean best Jaccard over refits, stands for
    its own. Of a group that is `given`, firmness informs and withholds nothing, and one thing that sets it apart is an answer.
    """
    shown = [claim for claim in facts if counts(claim)]
    if given:
        found = sum(sets_given_apart(c) for c in shown)
        bars = [_few("users", users, min_users), None if found >= MIN_OF_GIVEN else _why_alike(shown)]
        return ("withheld", [bar for bar in bars if bar]) if any(bars) else ("published", [])
    least, told = _least_bits(firmness), [c.information_bits or 0.0 for c in shown if _again(c) and not _as_others(c)]
    refits = firmness.refits if firmness is not None else stability
    bars = [_state(state), _few("users", users, min_users), _few("different facts", len(shown), MIN_FACTS)]
    bars += [_tells_nothing(told, least), _loose(firmness), _not_found_again(refits)]
    reasons = [bar for bar in bars if bar]
    if reasons:
        return "withheld", reasons
    marks = [*(_soft(firmness) if firmness is not None else []), *_tells_little(told, least)]
    return ("pattern", marks) if marks else ("published", [])


def without_everybody(personas: Sequence[Persona]) -> list[Persona]:
    """The personas, where users stand in one each; but a lone one of most users is withheld: who is not in it is in none, and it
    tells what everybody does.
    """
    shown = [p for p in personas if p.status != "withheld"]
    if len(shown) != 1 or shown[0].firmness is None or shown[0].size.share_users <= MOST:
        return list(personas)
    share = f"{100 * shown[0].size.share_users:.0f} %"
    why = f"it holds {share} of the users, and {LONE}"
    lone = shown[0].model_copy(update={"status": "withheld", "reasons": [why]})
    return [lone if p is shown[0] else p for p in personas]


def hindrance_of(reasons: Sequence[str]) -> Hindrance:
    """What first of all keeps a persona from being shown: whether it could be written, is of enough users and is there at all
    come before how much is told of it.
    """
    said = "; ".join(reasons)
    return next((found for found, words in HINDRANCES if re.search(words, said)), "alike")


def counts(claim: Claim) -> bool:
    """Does a claim count for the gate: accepted, true, fully aligned, and no hypothesis?"""
    return claim.status == "accepted" and claim.truthfulness.label == "true" and claim.alignment.label == "full"


def distinguishes(claim: Claim) -> bool:
    """Does a settled claim set the group apart: enough bits on the users that groups were made from, and does it hold on users
    set aside? What nobody could ask of those does not count as held, and what is as with others sets nobody apart.
    """
    return not _as_others(claim) and distinguishing(claim.information_bits) and _again(claim)


def _as_others(claim: Claim) -> bool:
    return claim.measure is not None and claim.measure.says.alike


def _again(claim: Claim) -> bool:
    again = claim.replication.held_out
    return again is not None and again.holds


def _least_bits(firmness: Firmness | None) -> float:
    """Bits from which a claim distinguishes a group so firm. Members that half of the visits place elsewhere thin a difference to
    κ of it (attenuation, Spearman 1904), and bits to its square: what thins the group is in its firmness, and not counted twice.
    """
    kappa = firmness.kappa if firmness is not None else None
    if kappa is None or math.isnan(kappa):
        return DISTINGUISHING_BITS
    kappa = min(max(kappa, 0.0), MIDDLE_KAPPA)
    return DISTINGUISHING_BITS * (kappa / MIDDLE_KAPPA) ** 2


def _why_alike(shown: Sequence[Claim]) -> str:
    """Why a given group has no card: nothing sets it apart, or what does could not be tried on others."""
    untried = (
        c.measure is not None
        and c.measure.says.sets_apart
        and distinguishing(c.information_bits)
        and c.replication.held_out is None
        for c in shown
    )
    return UNTRIED if any(untried) else LIKE_OTHERS


def sets_given_apart(claim: Claim) -> bool:
    """Does a settled claim set a given group apart? Its members were placed by nobody's figures, so it is the comparison itself
    that must be claimed, and hold again: a share of the group alone would hold whatever others do.
    """
    return claim.measure is not None and claim.measure.says.sets_apart and distinguishes(claim)


def _state(state: LogState) -> str | None:
    return "this log does not fall into groups" if state == "none" else None


def _tells_nothing(told: Sequence[float], least: float) -> str | None:
    """Bits of claims that hold on users set aside: less in all than one that barely distinguishes? Whether there is a group at
    all is known from where its members land, and is not asked of its claims again; a card with nothing to tell is no card.
    """
    return None if 0 < least <= sum(told) else _few("distinguishing claims", 0, 1)


def _tells_little(told: Sequence[float], least: float) -> list[str]:
    """Why a group is a pattern alone: too few claims that distinguish it, and less in all than so many that barely do."""
    apart = [bits for bits in told if bits >= least]
    if sum(apart) >= MIN_DISTINGUISHING * least:
        return []
    return [f"little sets them apart: {_few('distinguishing claims', len(apart), MIN_DISTINGUISHING)}"]


def _few(what: str, found: int, needed: int) -> str | None:
    one = what.removesuffix("s") if found == 1 else what
    return f"{found} {one}, where {needed} {'is' if needed == 1 else 'are'} needed" if found < needed else None


def _loose(firmness: Firmness | None) -> str | None:
    if firmness is None or firmness.word != "none":
        return None
    return LOOSE


def _not_found_again(refits: float | None) -> str | None:
    if refits is None or math.isnan(refits):
        return "whether other users give the same group was not measured"
    # Held as it is told: nobody reads that 0.60 is below 0.6, and no more of it is known.
    if round(refits, 2) >= REFITS:
        return None
    return f"{NOT_AGAIN}: overlap {refits:.2f} is below {REFITS}"


def _soft(firmness: Firmness) -> list[str]:
    """Why a group that is shown is a pattern alone."""
    if firmness.tested < TESTED * firmness.members:
        return [f"soft: only {firmness.tested} of {firmness.members} users came often enough to be tested"]
    return ["soft: many members land elsewhere by the other half of their visits"] if firmness.word == "soft" else []
