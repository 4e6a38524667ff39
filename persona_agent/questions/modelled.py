"""A question read by a model: it writes measures, or what would be needed, or a question back; code counts and words the answer.

In: a question, a desk, an open model. Out: a `Reply`. Promises: the model sees names and claims of the pages and no line; it
writes no figure that is told, and words of its own are held to the rules that a person's are; what the law protects is refused
before it is asked.
"""

from __future__ import annotations

from ..edits.bounds import never
from ..evidence import Unwritable, measure_from
from ..models.base import Request
from ..models.opening import Models
from ..models.prompts import enclose, load_prompt
from ..schema import NO_NAMES, Reply, ReplyFigure, Vocabulary, WrittenReply
from ..words.sentences import examine_open
from .answering import NEEDED_WOULD, NO_PRECEDENT, PRECEDENT, AnswerSources, how_counted, unclear
from .everywhere import EVERYBODY, Unasked, figures_of, of_all_users
from .refusing import refusal
from .words import log_words

MAX_TOKENS = 4_000  # of an answer: three measures take about 800, and a model that thinks needs room
MOST_MEASURES = 3
SUBJECT = "a question"


async def answer_by(models: Models, desk: AnswerSources, vocabulary: Vocabulary, question: str) -> Reply:
    """What the run says to a question that a model reads."""
    question = " ".join(question.split())
    if why := refusal(question, log_words(desk.acts, desk.names)):
        return Reply(question=question, came="refused", says=why)
    read: WrittenReply = await models.asker.ask(models.asked, request_of(desk, vocabulary, question))
    if read.kind == "unclear":
        back = _own(read.back)
        return unclear(desk, question).model_copy(update={"back": back}) if back else unclear(desk, question)
    if read.kind == "cannot":
        return Reply(question=question, came="cannot", says="The log cannot say.", needed=_own(read.needed))
    facts, why = _facts(desk, vocabulary, read)
    would = read.kind == "precedent"
    if not facts:
        if would and not why:
            return Reply(question=question, came="no_precedent", says=NO_PRECEDENT, needed=NEEDED_WOULD)
        says = f"The log cannot say: {why}." if why else "The log cannot say."
        return Reply(question=question, came="cannot", says=says, needed=_own(read.needed))
    return Reply(
        question=question,
        came="precedent" if would else "answered",
        says=PRECEDENT if would else how_counted(facts),
        facts=facts,
        needed=NEEDED_WOULD if would else "",
    )


def request_of(desk: AnswerSources, vocabulary: Vocabulary, question: str) -> Request:
    """The one call."""
    data = {
        "log": vocabulary.model_dump(),
        # The names of given groups are somebody's own words, which no model reads.
        "groups": {p.id: p.id if desk.personas.given else p.label for p in desk.cards},
        "claimed": {c.id: c.text for p in desk.cards for c in p.claims},
        "question": question,
    }
    rules = load_prompt("ask").render(measures=load_prompt("measures").text)
    return Request("ask", SUBJECT, (("system", rules), ("user", enclose(data))), WrittenReply, MAX_TOKENS)


def _facts(desk: AnswerSources, vocabulary: Vocabulary, read: WrittenReply) -> tuple[list[ReplyFigure], str]:
    """The figures of its measures, and why the first that has none has none."""
    facts, why = list[ReplyFigure](), ""
    for written in read.measures[:MOST_MEASURES]:
        try:
            measure = measure_from(written, vocabulary)
            found = figures_of(desk.counting, desk.cards, measure)
        except Unwritable as error:
            found = Unasked(str(error))
        if isinstance(found, Unasked):
            why = why or found.why
        else:
            alone = [f.persona for f in found] == [EVERYBODY]
            everybody = None if alone else of_all_users(desk.counting, desk.cards, measure)
            facts += [*([everybody] if everybody else []), *found]
    return facts, why


def _own(text: str) -> str:
    """Words of the model's, where nothing is against them: they have no figure and name nobody."""
    said = " ".join(text.split())
    wrong = never(said, "sentence") or examine_open(said, [], called=NO_NAMES).wrong if said else ["nothing"]
    return "" if wrong else said
