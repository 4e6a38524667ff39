"""A claim from one state to the next (schema.Claim names the states).

In: a claim. Out: the same claim, further on. Promises: a claim that is withdrawn says why, in `withdrawal` and in its
rounds, and no critic is asked about it any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..schema import Claim, Round, Withdrawal


def leave_to_critic(claim: Claim, **changes: object) -> Claim:
    """The claim as a draft in somebody's own words, which a critic must read."""
    return claim.model_copy(update={**changes, "state": "drafted"})


def mark_judged(claim: Claim, by: str, **changes: object) -> Claim:
    """The claim as a critic has read it; `changes` are what the reading gave."""
    return claim.model_copy(update={**changes, "state": "judged", "judged_by": by})


def mark_settled(claim: Claim, **changes: object) -> Claim:
    """The claim with its lines and all else that a card shows of it; its topic was for choosing, and no file holds it."""
    return claim.model_copy(update={**changes, "state": "settled", "topic": None})


def withdraw(claim: Claim, why: Withdrawal, *, earlier: Sequence[Round] = (), **changes: object) -> Claim:
    """The claim, withdrawn for this reason. `earlier` are the rounds to keep before the one in which it fell."""
    rounds = [*earlier, Round(text=claim.text, findings=[str(why)])]
    state = "settled" if claim.state == "settled" else "judged"
    return claim.model_copy(
        update={**changes, "state": state, "status": "withdrawn", "withdrawal": why, "rounds": rounds}
    )
