"""What a writer is told of trials: from which change on the figure of each claim would show it.

In: candidates of a dossier. Out: parts of their figures. Promises: a claim of which a trial would show only what no act brings
about is left out; where nothing else serves a suggestion, its card says that these are too few.
"""

from __future__ import annotations

from ..evidence.smallest_change import trial_of
from ..schema import Claim
from ..words.english.trial_sizes import could_be_brought_about
from ..words.wording import percent
from .critique import CritiqueContext


def told_of_trials(context: CritiqueContext) -> dict[str, str]:
    """From which change on, in parts of the figure, a trial with the group would show it: of the candidates of which it would
    show one that something could bring about.
    """
    kept: dict[str, dict[str, str]] = context.corpus.memo.setdefault("told of trials", {})
    if context.id not in kept:
        parts = {c.id: _part_seen(context, c) for c in context.dossier.candidates if c.withdrawal is None}
        kept[context.id] = {i: percent(part) for i, part in parts.items() if part is not None}
    return kept[context.id]


def _part_seen(context: CritiqueContext, claim: Claim) -> float | None:
    """The smallest change that a trial would show, in parts of the figure; None where no act brings about so much, and of what
    users ever did, which only rises.
    """
    measure, value = claim.measure, claim.truthfulness.value
    if measure is None or value is None or (measure.unit == "users" and measure.statistic == "share"):
        return None
    trial = trial_of(context.corpus, measure, context.population, value)
    if trial.smallest is None:
        return None
    figure = trial.figure or value
    could = could_be_brought_about(trial.smallest, figure, is_share=measure.statistic == "share")
    return trial.smallest / figure if could else None
