"""What a writer is told of the measure of its suggestion, where no trial with the group would show a change that an act can make.

In: a draft whose claims are decided. Out: a `Finding` for the next revision, or nothing. Promises: it is said once a persona, and
nothing falls by it: which figure the act moves only its writer knows, and where none serves better the card says that these are
too few.
"""

from __future__ import annotations

from ..evidence.smallest_change import trial_of
from ..schema import Claim
from ..words.english.trial_sizes import MOST_CHANGE, length_told
from ..words.wording import percent
from .critique import Critique, CritiqueContext, Notebook
from .drafts import Finding

MEASURE = "try.measure"
NEVER = "no change at all"
MOST_OTHERS = 6  # figures that a writer is told, the steadiest first: more are not weighed


def remark_on_trial(context: CritiqueContext, best: Critique, notebook: Notebook) -> Finding | None:
    """What a trial would show of the suggestion's measure and of the other claims that stand, the steadiest first."""
    told = best.draft.suggestion
    claim = best.claims.get(told.measure) if told else None
    if told is None or claim is None or notebook.remarked or told.measure not in best.standing:
        return None
    part, days = _seen(context, claim)
    if part is not None and part <= MOST_CHANGE:
        return None
    notebook.remarked = True
    others = {i: _seen(context, c)[0] for i, c in best.claims.items() if i in best.standing and i != told.measure}
    able = sorted((part, i) for i, part in others.items() if part is not None and part <= MOST_CHANGE)
    listed = ", ".join(f"{i} {percent(part)}" for part, i in able[:MOST_OTHERS]) or "none"
    least = NEVER if part is None else f"no change under {percent(part)} of the figure"
    why = (
        f"half of them against the other half would show {least} in {length_told(days or 0)}, and an act changes less. "
        "Where the act moves another figure of the card as well, give the suggestion anew with that one as its measure; where it "
        f"moves none, leave it. From which change on others would show: {listed}"
    )
    return Finding(MEASURE, claim.text, why)


def _seen(context: CritiqueContext, claim: Claim) -> tuple[float | None, int | None]:
    """The smallest change that a trial would show, in parts of the figure, and how many days it takes; of what users ever did
    nothing is told, which only rises.
    """
    measure, value = claim.measure, claim.truthfulness.value
    if measure is None or value is None or (measure.unit == "users" and measure.statistic == "share"):
        return None, None
    trial = trial_of(context.corpus, measure, context.population, value)
    return (trial.smallest / (trial.figure or value) if trial.smallest else None), trial.days
