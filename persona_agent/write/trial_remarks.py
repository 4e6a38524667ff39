"""What a writer is told of trials: from which change on the figure of each claim would show it, and again where the measure of
its suggestion shows none that an act can make.

In: candidates of a dossier; a draft whose claims are decided. Out: parts of the figures by claim; a `Finding` for the next
revision, or nothing. Promises: it is said once a persona, and
nothing falls by it: which figure the act moves only its writer knows, and where none serves better the card says that these are
too few.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    own = _seen(context, claim)
    if own.able:
        return None
    notebook.remarked = True
    others = {i: _seen(context, c) for i, c in best.claims.items() if i in best.standing and i != told.measure}
    able = sorted((seen.part, i) for i, seen in others.items() if seen.able and seen.part is not None)
    listed = ", ".join(f"{i} {percent(part)}" for part, i in able[:MOST_OTHERS]) or "none"
    least = NEVER if own.part is None else f"no change under {percent(own.part)} of the figure"
    less = (
        "an act changes less" if own.part is None or own.part > MOST_CHANGE else "the share has no room to rise by it"
    )
    why = (
        f"half of them against the other half would show {least} in {length_told(own.days or 0)}, and {less}. "
        "Where the act moves another figure of the card as well, give the suggestion anew with that one as its measure; where it "
        f"moves none, leave it. From which change on others would show: {listed}"
    )
    return Finding(MEASURE, claim.text, why)


def trials_told(context: CritiqueContext) -> dict[str, str]:
    """From which change on, in parts of the figure, a trial with the group would show it: of the candidates of which it would
    show one that something could bring about.
    """
    kept: dict[str, dict[str, str]] = context.corpus.memo.setdefault("trials told", {})
    if context.id not in kept:
        seen = {c.id: _seen(context, c) for c in context.dossier.candidates if c.withdrawal is None}
        kept[context.id] = {i: percent(t.part) for i, t in seen.items() if t.able and t.part is not None}
    return kept[context.id]


@dataclass(frozen=True)
class _ClaimTrial:
    """The smallest change that a trial of `days` would show, in parts of the figure; could something bring it about (`able`)?"""

    part: float | None = None
    days: int | None = None
    able: bool = False


def _seen(context: CritiqueContext, claim: Claim) -> _ClaimTrial:
    """What a trial would show of a claim; nothing of what users ever did, which only rises."""
    measure, value = claim.measure, claim.truthfulness.value
    if measure is None or value is None or (measure.unit == "users" and measure.statistic == "share"):
        return _ClaimTrial()
    trial = trial_of(context.corpus, measure, context.population, value)
    if trial.smallest is None:
        return _ClaimTrial(days=trial.days)
    part = trial.smallest / (trial.figure or value)
    room = measure.statistic != "share" or trial.smallest <= 1 - value
    return _ClaimTrial(part, trial.days, able=room and part <= MOST_CHANGE)
