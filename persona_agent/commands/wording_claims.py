"""A statement in a person's words to one measure, by a model that sees no line and no count (the prompt of `audit`)."""

from __future__ import annotations

from ..edits.counting import Counting
from ..errors import UsageError
from ..evidence import Unwritable, measure_from
from ..log.events import properties
from ..loops import run_coroutine
from ..models.opening import open_models
from ..options import DEFAULT_MIN_CLAIM_USERS, Options
from ..progress import Progress
from ..schema import EVERYONE, Measure, StatedMeasures, Vocabulary
from ..store import Store
from ..write.vocabulary import vocabulary_of
from .auditing.outcomes import Basis
from .auditing.statement_calls import answered, audit_call, misread
from .auditing.statements import Statement

TRIES = 2  # as an audit: a call whose known text is misread is asked once more


def vocabulary(counting: Counting, options: Options) -> Vocabulary:
    """What can be asked of the log of a finished run."""
    corpus = counting.corpus
    amounts = [p.name for p in properties(corpus.connection) if p.is_amount]
    return vocabulary_of(corpus, options, amounts)


def measure_of_words(
    store: Store, options: Options, counting: Counting, persona: str, text: str, progress: Progress
) -> Measure:
    """What the words ask; UsageError where that is no one thing that a log can show."""
    corpus, population = counting.counted_on(persona)
    group = population.group
    basis = Basis(
        corpus,
        vocabulary(counting, options),
        EVERYONE if group is None else group,
        DEFAULT_MIN_CLAIM_USERS,
    )
    statement = Statement("1", text, "edit")
    for attempt in range(TRIES):
        call = audit_call(basis, "edit", [statement], attempt)

        async def ask() -> StatedMeasures:
            async with open_models(store, options, lambda _: None, progress.note) as models:
                found: StatedMeasures = await models.asker.ask(models.asked, call.request)  # noqa: B023
                return found

        answer = run_coroutine(ask())
        if misread(basis, call, answer):
            continue
        read = answered(call, answer).get("1")
        beyond, unaskable = (read.beyond.strip(), read.unaskable.strip()) if read else ("", "")
        if read is None or not read.of_them or beyond or unaskable or read.members or len(read.parts) != 1:
            why = f": no log can show “{beyond}”" if beyond else f": no measure says “{unaskable}”" if unaskable else ""
            raise UsageError(
                f"That is not one thing that this log can show{why}.", hint="Say one thing that can be counted."
            )
        try:
            return measure_from(read.parts[0].measure, call.log)
        except Unwritable as error:
            raise UsageError(f"It cannot be asked of this log: {error}.") from None
    raise UsageError("The model misread a text whose measure is known, twice.", hint="Name another model.")
