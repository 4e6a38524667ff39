"""A claim from one state to the next (schema.Claim names the states).

In: a claim. Out: the same claim, further on. Promises: a claim that is withdrawn says why, in `withdrawal` and in the
history of its rounds; what was withdrawn once never stands again in the same round.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..schema import Claim, Round, Withdrawal


def mark_judged(claim: Claim, by: str, **changes: object) -> Claim:
    """The claim as a critic has read it; `changes` are what the reading gave."""
    return claim.model_copy(update={**changes, "state": "judged", "judged_by": by})


def withdraw(claim: Claim, why: Withdrawal, *, earlier: Sequence[Round] = (), **changes: object) -> Claim:
    """The claim, withdrawn for this reason: nobody has to read it any more. `earlier` are the rounds to keep before this one."""
    rounds = [*earlier, Round(text=claim.text, findings=[str(why)])]
    state = "settled" if claim.state == "settled" else "judged"
    return claim.model_copy(
        update={**changes, "state": state, "status": "withdrawn", "withdrawal": why, "rounds": rounds}
    )
