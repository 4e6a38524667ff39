"""What models are asked for: a draft, its revision, a measure written from a text alone, verdicts on lines and sentences.

These schemas pass the strictest structured-output mode in use (every field required, null instead of absent, no free
form, shallow), so a measure is written flat: each condition says which part of the measure it belongs to. Code turns it
into a `Measure` (evidence.written).
"""

from __future__ import annotations

from typing import Literal

from .claims import HypothesisTest
from .measures import Facet, FeatureName, Unit, Value

MeasurePart = Literal["where", "step1", "step2", "step3", "absent", "counted"]
Operator = Literal["is", "in", "not_in", "contains", "between", "at_least", "at_most"]
WrittenStatistic = Literal["share", "median", "cadence", "trend", "sum", "distinct"]
SaysWord = Literal[
    "all", "almost_all", "n_in_ten", "most", "half", "a_third", "few", "hardly_any", "none",
    "usually", "often", "sometimes", "rarely",
    "at_least", "at_most", "about", "equals", "more_than_others", "less_than_others", "as_others",
]  # fmt: skip


class WrittenCondition(Value):
    """A condition and the part of the measure that it belongs to; several of one part must hold of one event."""

    part: MeasurePart
    field: str
    op: Operator
    values: list[str]


class WrittenMeasure(Value):
    """A measure as a model writes it; numbers are written as texts in conditions, `within_minutes` and so on are null
    where they do not apply. `within_field` is a field whose value comparable others share, `feature_upper` where `between` ends.
    """

    unit: Unit
    conditions: list[WrittenCondition]
    in_order: bool
    within_minutes: float | None
    at_least: int
    feature: FeatureName | None
    feature_field: str | None
    feature_op: Literal["at_least", "at_most", "above", "below", "equals", "between"] | None
    feature_value: float | None
    feature_upper: float | None
    statistic: WrittenStatistic
    of: str
    against_others: bool
    within_field: str | None
    says: SaysWord
    says_value: float | None


class DraftSentence(Value):
    """A sentence with slots ({c1.value}, {size.users}, …) and the claims that it rests on."""

    template: str
    claim_ids: list[str]


class DraftClaim(Value):
    """A claim that a draft makes: a candidate of the dossier by its id (`c3`), or the writer's own (`n1`).

    `text` are own words with slots ({value}, {matched}, {n}), null keeps the candidate's. An own claim has a measure, or
    else cites `lines` of the dossier (e1…); `kind` is asked for only where there is no measure.
    """

    id: str
    text: str | None
    kind: Facet | None
    measure: WrittenMeasure | None
    lines: list[str]


class DraftGuess(Value):
    """What they may be after: a rival that would look the same, and what would tell the two apart."""

    text: str
    rests_on: list[str]
    test: HypothesisTest


class DraftSuggestion(Value):
    """What a team could try, in an act (“Offer …”), with whom, and what would stop it: no figures.

    `measure` is the claim whose figure is watched; `claim_ids` are those that it starts from.
    """

    text: str
    whom: str
    measure: str
    stop: str
    claim_ids: list[str]


class DraftGap(Value):
    """A question that the log cannot answer, and the claims that raise it."""

    text: str
    claim_ids: list[str]


class Draft(Value):
    """What a writer returns: claims chosen or made, words around them, nothing counted.

    `bars` are the claims that the card draws; `unfit` is what a reader of the name will wrongly take for granted, and the claim
    that shows it is not so; `suggestions` are different acts, the best first, of which an editor who sees all cards takes one.
    """

    label: DraftSentence
    one_liner: DraftSentence
    narrative: list[DraftSentence]
    claims: list[DraftClaim]
    bars: list[str]
    unfit: DraftSentence
    hypotheses: list[DraftGuess]
    suggestions: list[DraftSuggestion]
    not_known: list[DraftGap]


class RevisedText(Value):
    """A text in place of another (`label`, `one_liner`, `s1`, `unfit`, `h1.text`, `try1.text`, `gap1`…); an empty template drops
    it.
    """

    place: str
    template: str
    claim_ids: list[str]


class Revision(Value):
    """What a writer returns when told what failed: claims in place of those that failed (or new ones), and texts.

    `bars` and `suggestions` take the place of the old ones; null leaves them.
    """

    claims: list[DraftClaim]
    dropped: list[str]
    texts: list[RevisedText]
    bars: list[str] | None
    suggestions: list[DraftSuggestion] | None


class EditedBar(Value):
    """What the figure of a card's bar counts, as one would say it; `claim` is the bar's."""

    claim: str
    label: str


class EditedCard(Value):
    """One persona's name, which of its suggestions to tell, that in a phrase for the table of all, and labels for its bars; an
    empty text, and a bar that is not named, keep what stands.
    """

    persona: str
    label: DraftSentence
    suggestion: Literal["first", "other"]
    attempt: DraftSentence
    bars: list[EditedBar]


class EditedHabit(Value):
    """A habit beside the personas as a small card: its name, in a sentence what is seen of it, in a phrase what to try with its
    users, all without figures; an empty name leaves it without a card.
    """

    habit: str
    label: str
    sentence: str
    attempt: str


class EditedFirst(Value):
    """The persona whose suggestion is to be tried first, and why this one; an empty reason leaves code's choice."""

    persona: str
    reason: DraftSentence


class Edition(Value):
    """What an editor makes of all cards: parallel names, small cards of habits, which suggestion the card of the tenth tells, the
    first page's sentences, what to try first, what the set does not support.
    """

    cards: list[EditedCard]
    habits: list[EditedHabit]
    tenth: Literal["first", "other"]
    page: list[DraftSentence]
    first: EditedFirst
    unsupported: list[DraftGap]


class Restated(Value):
    """One text as the critic understands it: the measure it states, null if no measure can, and its denial."""

    id: str
    measure: WrittenMeasure | None
    denial: str


class Restatement(Value):
    items: list[Restated]


class LineVerdict(Value):
    claim: str
    line: str
    verdict: Literal["supports", "contradicts", "neither"]


class TextVerdict(Value):
    """What the critic found in one text: the facts that it follows from (ids), what goes beyond these, what says or hints who
    somebody is, and what says why. Empty where there is nothing of the kind.
    """

    id: str
    follows_from: list[str]
    says_more: str
    says_who: str
    says_why: str


class Verdicts(Value):
    """What the critic found: a verdict for every line of every claim, and for every text."""

    lines: list[LineVerdict]
    texts: list[TextVerdict]
