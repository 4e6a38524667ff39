"""The words of a question that mean something by themselves, and those in the names of a log."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ..schema import NO_NAMES, Names, Reply
from ..schema.nouns import KINDS, USUAL_NOUNS, Nouns
from ..words.its_nouns import said
from ..words.lexicon import NUMBER_WORDS
from ..words.wording import act_words, readable
from ..write.question import EMPTY, WORD


def set_of_words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


LEAST = re.compile(r"\b(?:least|hardly|never|seldom|rarely|fewest|lowest|leave out|without)\b", re.IGNORECASE)
# Words that say how much, how many, how good or beside whom, of nothing that is named, and words for whom a log is of. In a log
# that has one as a name it means that.
VAGUE = set_of_words(
    "best better good bad worse worst well nice great matter matters important interesting lot going compare others other "
    "kind thing things anything something everything anybody someone know think say mean normal typical special happen happens "
    "differ differs different differently distinct distinguish distinguishes unlike "
    "hardly least never ever often seldom rarely fewest lowest highest too also just mostly main mainly usual "
    "log logs data person come comes you your yours include includes "
    "visitor visitors reader readers buyer buyers member members learner learners player players account accounts"
)


def in_programs_words(question: str, nouns: Nouns, known: Collection[str]) -> str:
    """The question with “user”, “visit” and “line” for what its log calls them, but for a noun that names of the log have too."""
    for kind in KINDS:
        own, usual = getattr(nouns, kind), getattr(USUAL_NOUNS, kind)
        for noun, word in ((own.many, usual.many), (own.one, usual.one)):
            if noun != word and noun not in known:
                question = re.sub(rf"\b{re.escape(noun)}\b", word, question, flags=re.IGNORECASE)
    return question


def in_words_of_log(reply: Reply, nouns: Nouns) -> Reply:
    """The reply as the pages of its log say it."""
    facts = [f.model_copy(update={"text": said(f.text, nouns)}) for f in reply.facts]
    own = {name: said(getattr(reply, name), nouns) for name in ("says", "read_as", "needed", "back")}
    return reply.model_copy(update={**own, "facts": facts})


def content_words(question: str) -> list[str]:
    """Words that are neither grammar nor about groups as such."""
    return [w for w in dict.fromkeys(WORD.findall(question.lower())) if w not in EMPTY]


def is_vague(word: str, known: Collection[str]) -> bool:
    return word in NUMBER_WORDS or (word in VAGUE and word not in known)


def log_words(acts: Sequence[tuple[str, str | None]], names: Names = NO_NAMES) -> frozenset[str]:
    """The words in the names of acts and things, also in what a person calls them."""
    told = {act_words(a, names) for a, _ in acts} | {readable(n) for act in acts for n in act if n}
    return frozenset(w for name in told for w in WORD.findall(name.lower()))
