"""A question to a finished run, answered from what its log shows.

In: a question, the personas of the run, its log, an embedding. Out: a `Reply`. The words of the question are held against the
names of the log (`write.question`, with its thresholds). Promises: every figure and every word around it is code's; what the
log cannot say is said, with what would be needed; what they would do is answered by what they did, or by nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from ..edits.counting import Counting
from ..models.base import Embed
from ..schema import NO_NAMES, TENTH_ID, Claim, Names, Persona, PersonaSet, Reply, ReplyFigure
from ..schema.nouns import USUAL_NOUNS
from ..words.english.value_sources import where_it_is
from ..words.published_claims import published_claim
from ..words.wording import act_words, percent, readable
from ..write.question import WHY
from .best_users import asks_for_best
from .everywhere import Unasked, answering_cards, figures_of
from .first_steps import what_to_try
from .log_names import NOTHING_NAMED, NamesInLog
from .named_cards import cards_named
from .nearest_names import nearest_names
from .other_answers import asks_for_another
from .refusing import WOULD, refusal
from .sizes import asked_size
from .spotting import columns_named, spot
from .totals import asked_form, total_of, used_in_form
from .totals_told import told_total
from .understanding import ParsedQuestion, understand
from .words import LEAST, content_words, in_programs_words, in_words_of_log, is_vague, log_words

# Of the words of a question that mean something by themselves: where the log has names for fewer, it is about something else.
# Of two words one is enough where it is an act's own (“who saves recipes”, in a log of saving); else two of three, for at a half
# “which supermarket do they shop at” is answered by who prints a shopping list.
COVERED_BY_NAME, COVERED = 1 / 2, 2 / 3
MOST_FACTS = 6  # in a reply: as many personas as are held apart at a glance
MOST_OF_SEVERAL = 12  # where several things are counted of each
EXAMPLES = 3  # acts that a question back names
CANNOT_WHY = "Why somebody does something no log can say: it has acts, not reasons."
NEEDED_WHY = "Ask them, or try two ways and count which one they take."
JOINED = re.compile(r"(?<=\w)-(?=\w)")  # an e-book is no book
QUOTED = re.compile(r"[(“‘\"]([^()“”‘’\"]+)[)”’\"]")
PRECEDENT = "What they would do nobody can say; this is what they did in the nearest case:"
NO_PRECEDENT = "No precedent: nothing in this log is like it, and nobody here is spoken for."
NEEDED_WOULD = "A test: offer it to half of them, and count."
TWO = "The question names several acts, and not how they go together."
UNTOLD = (
    "of its column {} nothing is told: it has too many values, or was read as a key, a name or bookkeeping "
    "(codebook.yaml says how)."
)
OTHER = "It seems to ask {}; what could be counted is something else, and no answer to that."
NEEDED_OTHER = "--model, which reads questions of any form."
UNCLEAR = "The question names nothing that was counted."
COUNTED = "Counted over the whole log, against comparable others:"
COUNTED_OF_ALL = "Counted over the whole log:"
COUNTED_OF_TENTH = (
    "Counted of whoever is the tenth by one half of the log’s time, on the other half, against all others; beside the personas, "
    "in which they are counted as well:"
)
BY_WORTH, BY_LINES = "“best” as who brings in most", "“best” as who does most"
NOBODY_BY_NAME = "Who each of them is stands in no answer."


@dataclass(frozen=True)
class AnswerSources:
    """What a question is answered from: the cards, the log, names of acts with their things (commonest first)."""

    personas: PersonaSet
    counting: Counting
    embed: Embed
    acts: Sequence[tuple[str, str | None]]
    names: Names = NO_NAMES
    log: NamesInLog = NOTHING_NAMED
    cards: list[Persona] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        personas: PersonaSet,
        counting: Counting,
        embed: Embed,
        acts: Sequence[tuple[str, str | None]],
        names: Names = NO_NAMES,
        log: NamesInLog = NOTHING_NAMED,
    ) -> AnswerSources:
        return cls(personas, counting, embed, acts, names, log, answering_cards(personas))


def answer(desk: AnswerSources, question: str) -> Reply:
    """What the run says to a question, by code alone."""
    question = JOINED.sub("", " ".join(question.split()))
    return in_words_of_log(_answer(desk, question), desk.names.nouns).model_copy(update={"question": question})


def _answer(desk: AnswerSources, question: str) -> Reply:
    """The same in the program's words."""
    known = log_words(desk.acts, desk.names)
    if why := refusal(question, known):
        return Reply(question=question, came="refused", says=why)
    named, asked = cards_named(question, desk.cards, known)
    if not named:
        asked = in_programs_words(question, desk.names.nouns, log_words([(a, None) for a, _ in desk.acts], desk.names))
        best = what_to_try(desk.personas, asked, known) or _best(desk, asked)
        return best or _added_up(desk, asked, known) or _of_cards(desk, question, known)
    mine = replace(desk, cards=named)
    only = not _asked_words(asked, known)
    reply = _all_of(mine, asked) if only else _of_cards(mine, asked, known)
    read_as = [", ".join(f"“{p.label}” ({p.id}) alone" for p in named), reply.read_as]
    return reply.model_copy(update={"question": question, "read_as": ", ".join(text for text in read_as if text)})


def _asked_words(question: str, known: Collection[str]) -> list[str]:
    """Words that ask for something."""
    return [w for w in content_words(question) if not is_vague(w, known)]


def _all_of(desk: AnswerSources, question: str) -> Reply:
    """What cards claim, where nothing more is asked of them than what they are."""
    facts = [_as_fact(p, published_claim(c)) for p in desk.cards for c in p.claims][:MOST_FACTS]
    return Reply(question=question, came="answered", says=how_counted(facts), facts=facts)


def _best(desk: AnswerSources, question: str) -> Reply | None:
    """Who the best users are: the card of the tenth that brings in most, else what that tenth brings in."""
    if not asks_for_best(question):
        return None
    top = desk.personas.top_tenth
    said = [ReplyFigure(persona=None, claim=None, text=where_it_is(top), measure=None, truth=None)] if top else []
    card = next((p for p in desk.cards if p.id == TENTH_ID), None)
    if card is None and not said:
        return None
    facts = [*said, *([_as_fact(card, published_claim(c)) for c in card.claims][:MOST_FACTS] if card else [])]
    says = COUNTED_OF_TENTH if card else COUNTED_OF_ALL
    read_as = BY_WORTH if top is None or top.of == "value" else BY_LINES
    return Reply(question=question, came="answered", says=says, facts=facts, read_as=read_as, back=NOBODY_BY_NAME)


def _added_up(desk: AnswerSources, question: str, known: Collection[str]) -> Reply | None:
    """What all users add up to, where that is asked: the parts of it, and behind the part of a value its usual size."""
    form = asked_form(question)
    if not form or WHY.search(question) or WOULD.search(question):
        return None
    words = [w for w in _asked_words(form.rest, known) if not used_in_form(w)]
    reading = understand(form.rest, words, desk.acts, desk.embed, desk.names, desk.log)
    spotted = reading.spotted
    if reading.follows or reading.without or reading.either or len(reading.unknown) > len(words) / 2:
        return None
    if reading.on and not spotted.values:
        return None
    things = {o.lower(): readable(o) for _, o in desk.acts if o}
    acts = [a for a, o in desk.acts if o is None]
    of_orders = desk.names.nouns.visit != USUAL_NOUNS.visit
    total = total_of(form, spotted, desk.log, acts, reading.action, things, of_orders=of_orders)
    if total is None:
        return None
    reply = told_total(desk.counting.corpus, desk.log, total, question)
    told = [*spotted.told, *([] if total.by.startswith("properties.") else [f"by {total.by_called}"])]
    reply = reply.model_copy(
        update={"read_as": ", ".join(told), "unknown": list(reading.unknown) if reply.facts else []}
    )
    if not (total.beside and reading.counted and reply.facts):
        return reply
    usual, _ = _figures(desk, question, reading)
    return reply.model_copy(update={"facts": [*reply.facts, *usual]})


def _of_cards(desk: AnswerSources, question: str, known: Collection[str]) -> Reply:
    """What the cards of the desk say to a question that may be answered."""
    if WHY.search(question):
        return Reply(question=question, came="cannot", says=CANNOT_WHY, needed=NEEDED_WHY)
    question = in_programs_words(question, desk.names.nouns, log_words([(a, None) for a, _ in desk.acts], desk.names))
    names_fields = spot(question, desk.log, ()).names_more
    if not names_fields and (size := asked_size(desk.personas, desk.cards, question)):
        return Reply(question=question, came="answered", says="It was counted:", facts=size)
    words = _asked_words(question, known)
    reading = understand(question, words, desk.acts, desk.embed, desk.names, desk.log)
    if not (words or reading.measures):
        return unclear(desk, question)
    would = WOULD.search(question) is not None
    needed = 0.0 if _quotes(question, reading) else COVERED_BY_NAME if reading.by_name else COVERED
    if len(words) - len(reading.unknown) < needed * len(words) or not (reading.measures or reading.kinds):
        apart = [w for w in reading.unknown if w in known]
        if reading.action and apart and not would:
            return _not_together(desk, question, reading, apart)
        return nothing(desk, question, reading.unknown or tuple(words), would=would)
    if reading.either:
        return unclear(desk, question, reading.either)
    return _told(desk, question, reading, would=would)


def _quotes(question: str, reading: ParsedQuestion) -> bool:
    """Does it spell a name of the log in brackets or quotes? Who does says what is meant, and words around it explain it."""
    quoted = [set(content_words(found[1])) for found in QUOTED.finditer(question)]
    return any(words and words <= reading.spotted.words for words in quoted)


def _told(desk: AnswerSources, question: str, reading: ParsedQuestion, *, would: bool) -> Reply:
    """The figures of what the question is about, for all personas at once; of a side of behaviour, the claims on it."""
    facts, why = _figures(desk, question, reading)
    if not facts and why and why.instead:
        says = f"That is not told of them: {why.why}."
        return Reply(question=question, came="cannot", says=says, read_as=reading.read_as, needed=why.instead)
    if not facts and why and reading.counted:
        says = f"The log cannot say: {why.why}."
        return Reply(
            question=question, came="cannot", says=says, read_as=reading.read_as, back=what_could_be_asked(desk, [])
        )
    if not facts:
        return nothing(desk, question, reading.unknown, would=would)
    if not would and (other := asks_for_another(question, [f.measure for f in facts if f.measure])):
        says = f"{OTHER.format(other)} {how_counted(facts)}"
        return Reply(
            question=question, came="cannot", says=says, read_as=reading.read_as, facts=facts, needed=NEEDED_OTHER
        )
    return Reply(
        question=question,
        came="precedent" if would else "answered",
        says=PRECEDENT if would else how_counted(facts),
        read_as=reading.read_as,
        unknown=list(reading.unknown),
        aside=[] if why else list(reading.aside),
        facts=facts,
        needed=NEEDED_WOULD if would else "",
    )


def _figures(desk: AnswerSources, question: str, reading: ParsedQuestion) -> tuple[list[ReplyFigure], Unasked | None]:
    """The facts, and why none was counted where none was: of several measures those of each, of one those of the tenth beside."""
    asked = reading.measures[: max(2, MOST_OF_SEVERAL // max(1, len(desk.cards)))]
    counted = [figures_of(desk.counting, desk.cards, measure) for measure in asked]
    found = [facts for facts in counted if not isinstance(facts, Unasked)]
    why = next((c for c in counted if isinstance(c, Unasked)), None) if not found else None
    if not found:
        return ([] if reading.counted else claims_on(desk, reading)), why or Unasked("")
    if len(asked) > 1:
        told = [f for facts in found for f in facts if f.persona != TENTH_ID]
        one = len({f.persona for f in told}) == 1 and len(asked) > 2  # values of a field
        return (sorted(told, key=lambda f: -_value(f)) if one else told)[:MOST_OF_SEVERAL], None
    of_tenth = [f for f in found[0] if f.persona == TENTH_ID]  # beside the personas, in whose order it has no place
    facts = [f for f in found[0] if f.persona != TENTH_ID]
    return [*(facts[::-1] if LEAST.search(question) else facts)[:MOST_FACTS], *of_tenth], None


def _value(fact: ReplyFigure) -> float:
    return (fact.truth.value if fact.truth else None) or 0.0


def how_counted(facts: Sequence[ReplyFigure]) -> str:
    """Over what, and against whom."""
    if all(f.persona == TENTH_ID for f in facts):
        return COUNTED_OF_TENTH
    return COUNTED if any(f.truth and f.truth.matched is not None for f in facts) else COUNTED_OF_ALL


def claims_on(desk: AnswerSources, reading: ParsedQuestion) -> list[ReplyFigure]:
    """Claims of the cards that speak to a side of behaviour, those that tell most first."""
    found = [(p, c) for p in desk.cards for c in p.claims if c.kind in reading.kinds]
    found.sort(key=lambda pc: (-(pc[1].information_bits or 0.0), pc[1].id))
    return [_as_fact(p, published_claim(c)) for p, c in found]


def nothing(desk: AnswerSources, question: str, unknown: Sequence[str], *, would: bool) -> Reply:
    """That the log cannot say it, what would be needed, and what could be asked."""
    if not would and (columns := columns_named(question, desk.log.untold)):
        return _of_column(desk, question, columns)
    said = " or ".join(f"“{w}”" for w in unknown)
    needed = f"Something that records {said}." if said else "Something that records it."
    if would:
        return Reply(
            question=question, came="no_precedent", says=NO_PRECEDENT, unknown=list(unknown), needed=NEEDED_WOULD
        )
    says = f"The log cannot say: nothing in it is named like {said}." if said else "The log cannot say."
    back = what_could_be_asked(desk, unknown)
    return Reply(question=question, came="cannot", says=says, unknown=list(unknown), needed=needed, back=back)


def _of_column(desk: AnswerSources, question: str, columns: Sequence[str]) -> Reply:
    """That the log has it, and that nothing is told of it."""
    named = " or ".join(f"“{c}”" for c in columns)
    says = f"The log cannot say: {UNTOLD.format(named)}"
    return Reply(question=question, came="cannot", says=says, back=what_could_be_asked(desk, ()))


def _not_together(desk: AnswerSources, question: str, reading: ParsedQuestion, words: Sequence[str]) -> Reply:
    """That an act and a thing, both of which the log has, are not met together."""
    called, on = act_words(reading.action, desk.names), " ".join(words)
    says = f"The log cannot say: fewer than five users have “{called}” with “{on}” in the name of what it is done to."
    back = f"Who has “{on}” at all can be asked, and who does “{called}”."
    return Reply(question=question, came="cannot", says=says, read_as=reading.read_as, back=back)


def unclear(desk: AnswerSources, question: str, either: Sequence[str] = ()) -> Reply:
    """A question back: which of two acts is meant, or what could be asked about."""
    if either:
        named = " or ".join(f"“{act_words(a, desk.names)}”" for a in either)
        back = f"Which is to be counted, {named}? Or say “after”, “before” or “not” between two."
        return Reply(question=question, came="unclear", says=TWO, back=back)
    back = f"What is to be counted? {what_could_be_asked(desk, ())}"
    return Reply(question=question, came="unclear", says=UNCLEAR, back=back)


def what_could_be_asked(desk: AnswerSources, unknown: Sequence[str]) -> str:
    """What could be asked of this log."""
    return nearest_names(unknown, desk.log, desk.acts, desk.embed, desk.names)


def _as_fact(persona: Persona, claim: Claim) -> ReplyFigure:
    t = claim.truthfulness
    between = "" if t.ci is None or t.bound or claim.measure is None else f"; {t.n:,} users"
    return ReplyFigure(
        persona=persona.id,
        claim=claim.id,
        text=f"“{persona.label}” ({persona.id}, {percent(persona.size.share_users)} of users{between}): {claim.text}",
        measure=claim.measure,
        truth=t,
    )
