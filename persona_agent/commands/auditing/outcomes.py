"""Other people's statements about a group: what the log answers to the questions that their words were read as.

In: statements as plain text, what a critic read in them (`statement_calls`), a corpus, the users that a persona is about. Out:
the outcome of each statement (supported, contradicted, artefact, cannot be told, not testable). Promises: every number comes from
code; words that no log can decide, or that no measure says, keep a statement from being supported, whatever the rest comes to.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...errors import OutputError, ProviderError, UsageError
from ...evidence import (
    Corpus,
    Population,
    Unwritable,
    against,
    judge_measured,
    measure_from,
    question,
    refuse_invented,
    replicate,
    result_of,
)
from ...evidence.few import few_of_others, why_few_meet, without_few
from ...evidence.quantifiers import ABOUT_POINTS, ABOUT_RELATIVE
from ...evidence.told_verdicts import told_to_stranger
from ...schema import (
    EVERYONE,
    AuditedPart,
    AuditedStatement,
    Measure,
    Replication,
    Restatements,
    StatedPart,
    StatementOutcome,
    Statistic,
    Truthfulness,
    Vocabulary,
)
from ...words.floors import FEW, of_users, rounding
from ...words.wording import percent, printed
from .statements import Statement

MAX_TOKENS = 10_000  # of an answer, with room for BATCH statements of several parts; not tuned
BATCH = 14  # statements a call at most
EVERYBODY = 0.9  # a share that both sides reach tells nothing of either; as in write/critique
# “1.3 times” is said of 1.1 to 1.5: the ratio of two figures, each about right by ABOUT_RELATIVE, may lie so far off.
SO_MANY_TIMES = 0.15
UNDECIDABLE = "not_checkable"
OF_OTHERS = "it is of other users than those that it is held against"
# The means of what a median may be meant as, by what it is of: a number without a word for it is either.
MEANS: dict[str, tuple[Statistic, str]] = {"things": ("distinct", "matches"), "matches": ("sum", "matches")}
TOO_FEW_OTHERS = "that near to what is said of others fewer than five of them decide"
WORST_FIRST: tuple[StatementOutcome, ...] = (
    "error",
    "contradicted",
    "artefact",
    "not_testable",
    "cannot_tell",
    "supported",
    "no_statement",
)
OUTCOMES: dict[str, StatementOutcome] = {
    "true": "supported",
    "false": "contradicted",
    "artefact": "artefact",
    "not_enough": "cannot_tell",
    "conflict": "cannot_tell",
    "error": "error",
}


@dataclass(frozen=True)
class Basis:
    """What deciding about one persona rests on; `defined_by` is the question that picked its users, if one did, and `names` are
    those of the log's columns that were looked through, by column.
    """

    corpus: Corpus
    vocabulary: Vocabulary
    group: int
    floor: int
    defined_by: Measure | None = None
    names: dict[str, list[str]] = field(default_factory=dict)

    @property
    def population(self) -> Population:
        return Population(self.group)


def decided(basis: Basis, statement: Statement, read: Restatements) -> AuditedStatement:
    """The outcome of one statement, the worst of its parts, with its lines and the case against."""
    if not read.of_them:
        return undecided(statement, OF_OTHERS)
    parts = [_part(basis, p) for p in read.parts] + [_size(basis, said) for said in read.members]
    return _decided(basis, statement, parts, read.beyond.strip(), read.unaskable.strip())


def decided_by_itself(basis: Basis, statement: Statement, measure: Measure) -> AuditedStatement:
    """The outcome of a statement that says itself what decides it: nobody has read its words."""
    return _decided(basis, statement, [_measured_part(basis, statement.text, measure)])


def _decided(
    basis: Basis, statement: Statement, parts: list[AuditedPart], beyond: str = "", unaskable: str = ""
) -> AuditedStatement:
    outcomes: list[tuple[StatementOutcome, str]] = [
        (OUTCOMES.get(p.result.label, "not_testable"), f"{p.result.label}: {p.result.reason}") for p in parts
    ]
    held = {o for o, _ in outcomes} == {"supported"}
    rest = f"; the rest is supported: {parts[0].result.reason}" if held else ""
    if unaskable:
        outcomes.append(("not_testable", f"{UNDECIDABLE}: no measure says “{unaskable}”, though a log could{rest}"))
    if beyond:
        outcomes.append(("not_testable", f"{UNDECIDABLE}: no log of acts can show “{beyond}”{rest}"))
    if not outcomes:
        outcomes = [("no_statement", f"{UNDECIDABLE}: it asserts nothing of users that a log of acts can show")]
    outcome, reason = min(outcomes, key=lambda o: WORST_FIRST.index(o[0]))
    telling = next((i for i, o in enumerate(outcomes[: len(parts)]) if o[0] == outcome), None)
    measure = parts[telling].measure if telling is not None else None
    judged = judge_measured(basis.corpus, measure, basis.population, floor=basis.floor) if measure else None
    return AuditedStatement(
        id=statement.id,
        text=statement.text,
        where=statement.where,
        under=statement.under,
        outcome=outcome,
        reason=reason,
        parts=parts,
        beyond=beyond,
        unaskable=unaskable,
        lines=judged.citations if judged else [],
        counter=against(basis.corpus, measure, judged.measured, basis.population)
        # By the figure and not by its lines: of a change that nobody shares there are none.
        if judged and measure and (told := parts[telling or 0].result).value is not None and told.bound is None
        else None,
        tells_nothing=outcome == "supported" and all(_of_everybody(p) for p in parts),
    )


def undecided(statement: Statement, why: str, outcome: StatementOutcome = "not_testable") -> AuditedStatement:
    """A statement of which nothing is asked."""
    return AuditedStatement(
        id=statement.id,
        text=statement.text,
        where=statement.where,
        under=statement.under,
        outcome=outcome,
        reason=f"{UNDECIDABLE if outcome == 'not_testable' else outcome}: {why}",
        parts=[],
        beyond="",
        lines=[],
        counter=None,
    )


def failed(statement: Statement, why: str) -> AuditedStatement:
    """A statement that nobody could be asked about: an error, which is no outcome."""
    return undecided(statement, why, "error")


def why_unasked(error: ProviderError) -> str:
    """One refused request costs what it asked about, and this says why; a wrong key costs the audit."""
    if error.fatal or error.code == "recording":
        raise error
    return (
        error.message if isinstance(error, OutputError) else f"the model could not be asked: {error.message}"
    ).rstrip(".")


def _part(basis: Basis, part: StatedPart) -> AuditedPart:
    try:
        measure = measure_from(part.measure, basis.vocabulary)
    except (Unwritable, UsageError) as error:
        return _unasked(part.words, part.others_value, error)
    made = _measured_part(basis, part.words, measure, part.others_value, part.times_others)
    if part.either and made.result.label == "false" and measure.statistic == "median" and measure.of in MEANS:
        statistic, of = MEANS[measure.of]
        as_mean = measure.model_copy(update={"statistic": statistic, "of": of})
        mean = _measured_part(basis, part.words, as_mean, part.others_value, part.times_others)
        return mean if mean.result.label == "true" else made
    return made


def _size(basis: Basis, said: float) -> AuditedPart:
    """How many users there are, as a number or a part of all, against what is said of it."""
    people = basis.corpus.people
    n = of_users(int(people.mask(basis.population).sum()))
    share = 0 <= said <= 1
    # Either is said in round numbers: within a tenth, or half a hundredth of all users; and `n` is told in fives.
    room = max(ABOUT_RELATIVE * n, len(people.first_day) / 200 if share else 0.0) + FEW / 2
    holds = abs((said * len(people.first_day) if share else said) - n) <= room
    of_all = f"{percent(n / max(len(people.first_day), 1))} of all users"
    words = percent(said) if share else f"{said:,.0f}"
    result = Truthfulness(
        label="true" if holds else "false",
        score=float(holds),
        value=None,
        n=n,
        ci=None,
        reason=f"they are about {n:,} users, {of_all}, where “{words}” is said",
    )
    return AuditedPart(words=words, measure=None, others_value=None, result=result)


def _unasked(words: str, others_value: float | None, why: Exception) -> AuditedPart:
    nothing = _nothing(f"it cannot be asked of this log: {why}")
    return AuditedPart(words=words, measure=None, others_value=others_value, result=nothing)


def _measured_part(
    basis: Basis, words: str, measure: Measure, others_value: float | None = None, times_others: float | None = None
) -> AuditedPart:
    try:
        refuse_invented(measure, basis.vocabulary)
        if few := why_few_meet(basis.corpus, measure):
            raise Unwritable(few)
        result, bits = result_of(basis.corpus, measure, basis.population, basis.floor)
        result = told_to_stranger(basis.corpus, measure, basis.population, result)
    except (Unwritable, UsageError) as error:
        return _unasked(words, others_value, error)
    result = _beside_others(basis, measure, result)
    if basis.group == EVERYONE and measure.versus is not None:
        result = result.model_copy(update={"label": "not_enough", "score": 0.0, "reason": "there are no others here"})
    elif result.label == "true" and others_value is not None:
        result = _with_others(basis, measure, result, others_value)
    if result.label == "true" and times_others is not None and basis.group != EVERYONE:
        result = _times_others(measure, result, times_others)
    defines = basis.defined_by is not None and _predicate(measure) == _predicate(basis.defined_by)
    return AuditedPart(
        words=words,
        measure=measure,
        others_value=others_value,
        result=result,
        information_bits=bits,
        defines=defines,
        set_aside=_set_aside(basis, measure),
    )


def _beside_others(basis: Basis, measure: Measure, result: Truthfulness) -> Truthfulness:
    """The result with what it is among others, also where nothing is said of them; not beside a bound, since what everybody does
    less what all others do would be the figure that it hides.
    """
    if basis.group == EVERYONE or measure.versus is not None or result.value is None or measure.statistic == "trend":
        return result
    if result.bound is not None:
        return result
    asked = measure.model_copy(update={"versus": "matched"})
    beside = result_of(basis.corpus, asked, basis.population, basis.floor)[0]
    beside = without_few(basis.corpus, asked, basis.population, beside)
    return result.model_copy(update={name: getattr(beside, name) for name in ("matched", "raw", "unmatched")})


def _set_aside(basis: Basis, measure: Measure) -> Replication | None:
    """The same on the users set aside, where there are any; of what fewer than five of them decide only whether it holds, and
    that only where it does so whatever these do.
    """
    corpus, population = basis.corpus, basis.population.of("held_out")
    if not corpus.people.held_out.any() or (basis.group == EVERYONE and measure.versus is not None):
        return None
    found = replicate(corpus, measure, basis.population, basis.floor).held_out
    if found is None:
        return None
    told = told_to_stranger(corpus, measure, population, result_of(corpus, measure, population, basis.floor)[0])
    if told.value is not None and told.bound is None:
        return found if told.matched is not None else found.model_copy(update={"matched": None})
    by_bound = {
        "holds": told.label == "true",
        "value": None,
        "matched": None,
    }  # intervals would tell more than the bound
    return found.model_copy(update=by_bound) if told.label in ("true", "false") else None


def _with_others(basis: Basis, measure: Measure, result: Truthfulness, said: float) -> Truthfulness:
    """The result of what holds, where `said` of others is not about what comparable ones, or all of them, are told to come to; of
    what fewer than five of these decide it is held against the bound, as the figure of the group is.
    """
    room = ABOUT_POINTS if measure.statistic == "share" else ABOUT_RELATIVE * abs(said)
    told = [rounding(measure, result.n)(v) for v in (result.matched, result.raw) if v is not None]
    if any(abs(v - said) <= room + 1e-9 for v in told if v is not None):
        return result
    bounds = few_of_others(basis.corpus, measure, basis.population)
    if any(low <= said <= high for low, high in bounds):
        return result
    if not (told or bounds) or any(low - room <= said <= high + room for low, high in bounds):
        return result.model_copy(update={"label": "not_enough", "score": 0.0, "reason": TOO_FEW_OTHERS})
    found = " or ".join(printed(measure, v) for v in told) or "not so"
    reason = f"{printed(measure, said)} is said of others, where it is {found}"
    return result.model_copy(update={"label": "false", "score": 0.0, "reason": reason})


def _times_others(measure: Measure, result: Truthfulness, said: float) -> Truthfulness:
    """The result of what holds, where it is not about `said` times what comparable users, or all others, are told to come to."""
    round_to = rounding(measure, result.n)
    told = [round_to(v) for v in (result.matched, result.raw) if v is not None]
    value = None if result.value is None or result.bound is not None else round_to(result.value)
    ratios = [value / v for v in told if v and value is not None]
    if not ratios:
        return result.model_copy(update={"label": "not_enough", "score": 0.0, "reason": TOO_FEW_OTHERS})
    if any(abs(r - said) <= SO_MANY_TIMES * abs(said) + 1e-9 for r in ratios):
        return result
    reason = (
        f"it is {' or '.join(f'{r:.2g}' for r in dict.fromkeys(ratios))} times what it is with others, not {said:.3g}"
    )
    return result.model_copy(update={"label": "false", "score": 0.0, "reason": reason})


def _of_everybody(part: AuditedPart) -> bool:
    r = part.result
    if part.measure is None or part.measure.statistic != "share":
        return False
    other = r.matched if r.matched is not None else r.raw
    return r.value is not None and other is not None and min(r.value, other) >= EVERYBODY


def _predicate(measure: Measure) -> str:
    return question(measure.model_copy(update={"versus": None}))


def _nothing(why: str) -> Truthfulness:
    return Truthfulness(label=UNDECIDABLE, score=0.0, value=None, n=0, ci=None, reason=why)
