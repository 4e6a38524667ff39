"""Names of personas: a habit in two to five words, from the two most telling facts that are true of most members.

In: readings of what sets groups apart, with the side and figure of each. Out: names. A name begins with what is done or taken
(“Printing”, “Jumbo and lunch bags”, “Large quantities”) and ends with how or when (“before ten”, “one or two at a time”,
“, seldom borrowing”). Of facts that are a part of what they do it says that there is more or less of them, of two where it can
(“More produce, less grocery”). Promises: no two personas of a run have one name, nor one first word where another name is to be
had; a name says nothing often or seldom that is not; it holds no quotation marks and nothing of the log but names of acts and
kinds of things, as the codebook says them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .cards import lowered
from .kinds_told import AND_THE_LIKE
from .spoken import Reading

LONGEST_NAME = 5  # words: more are not said in a meeting
EASY_NAME = 4  # words that are kept in mind
FEWEST_WORDS = 2
# What a candidate loses, in places of the ranking of facts: a single fact tells half; two acts are harder to keep in mind than an
# act and its time; a fifth word is a burden; a name that begins as another does is confused with it; a kind of things that is a
# small part of all is only more of it than others have; what they do less of is no habit that anybody pictures.
ONE_FACT, TWO_ACTS, LONG, ONE_WORD, LIKE_ANOTHER, PART, LEFT_OUT = 1.5, 1.5, 0.5, 2.0, 2.0, 1.5, 3.0
PARTS_OF_WORDS = re.compile(r"[\s+/|]+")  # “completed+resolved” is read as two words
ALIKE = frozenset(["more", "less", "fewer", "often"])  # words that begin many names and set none apart
KINDS = ("theme ", "properties.")  # as readings name facts
HALF = 0.5  # of visits, to be called what they do; below, what they often do
OFTEN, SELDOM = 0.3, 0.15  # of visits: as readers take the words (lexicon.QUANTIFIERS), seldom a little more
ONES, DOZEN, TEN = 2.5, 12.0, 10.0  # of each thing at a time
OF_COMING = frozenset(
    ["often", "seldom"]
)  # a visit comes, and nothing in it: “Long lists often” would say that lists do
MUCH = 0.15  # of what they turn to, from which a kind of things may stand for them


@dataclass(frozen=True)
class NameFact:
    """A fact that may lend to a name: whether the group does more of it, its figure, and whether it is true of most of them."""

    reading: Reading
    more: bool
    value: float
    of_most: bool = True

    @property
    def head(self) -> str:
        """What a name begins with; empty where it lends nothing."""
        numbered = self._numbered()
        head = numbered[0] if numbered else _side(self.reading.head, more=self.more)
        return head.removesuffix(AND_THE_LIKE) if self._is_so(head) else ""

    @property
    def alone(self) -> str:
        """The same where nothing follows."""
        return f"{self.head} of each" if self._numbered() else self.head

    @property
    def compared(self) -> str:
        """What it is beside others: “More produce”."""
        return _side(self.reading.compared, more=self.more)

    @property
    def is_a_part(self) -> bool:
        """Is it of a kind that is little of what they turn to, or of a part of them?"""
        return not self.of_most or (any(fact.startswith(KINDS) for fact in self.reading.facts) and self.value < MUCH)

    @property
    def tail(self) -> str:
        """What a name ends with."""
        numbered = self._numbered()
        if numbered:
            return numbered[1]
        if self.reading.act and self.reading.form == "share":
            often = self.more and self.value >= OFTEN
            seldom = not self.more and self.value <= SELDOM
            return f", {'often' if often else 'seldom'} {self.reading.act}" if often or seldom else ""
        return _side(self.reading.tail, more=self.more)

    def _is_so(self, head: str) -> bool:
        """Is what it says of how often true, as readers take the words?"""
        if self.reading.form != "share":
            return True
        return not (
            (head.startswith("Often ") and self.value < OFTEN) or (head.startswith("Seldom ") and self.value > SELDOM)
        )

    def _numbered(self) -> tuple[str, str] | None:
        """Of pieces of a thing, where people have words for so many."""
        if not self.reading.pieces:
            return None
        if not self.more and self.value <= ONES:
            return "One or two", "one or two at a time"
        if self.more and self.value in (TEN, DOZEN):
            word = "ten" if self.value == TEN else "dozen"
            return f"{word.capitalize()}s", f"by the {word}"
        return None


def names_for(personas: Sequence[Sequence[NameFact]], taken: Collection[str]) -> list[str]:
    """A name for each persona, whose facts stand strongest first; empty where nothing lends itself. `taken` are in use."""
    used, found = set(taken), []
    for told in personas:
        first_words = {_first(name) for name in used}
        ranked = sorted(_candidates(told), key=lambda c: (c[0] + LIKE_ANOTHER * (_first(c[1]) in first_words), c[1]))
        name = next((name for _, name in ranked if name not in used), "")
        used |= {name} - {""}
        found.append(name)
    return found


def _candidates(told: Sequence[NameFact]) -> Iterator[tuple[float, str]]:
    """Names with how far each is from the best: the places of its facts, and what it loses."""
    for i, begins in enumerate(told):
        yield from _beside_others(told, i)
        if begins.head and not begins.is_a_part:
            yield _ranked(i + ONE_FACT + i / 100, begins.alone)
            for j, ends in enumerate(told):
                said_twice = begins.head.startswith("Often ") and ends.tail in OF_COMING
                if ends.tail and not said_twice and not begins.reading.facts & ends.reading.facts:
                    act = ends.tail.startswith(",")
                    places = (i + j) / 2 + TWO_ACTS * act + i / 100
                    ending = f", coming {ends.tail}" if ends.tail in OF_COMING else ends.tail
                    yield _ranked(places, f"{begins.head}{'' if ending.startswith(',') else ' '}{ending}")
        elif not begins.head and begins.tail and not begins.tail.startswith(","):
            share = begins.value if begins.more else 1 - begins.value
            mostly = begins.reading.form != "share" or share > HALF
            if mostly or share >= OFTEN:
                yield _ranked(i + ONE_FACT + LONG, f"{'Coming' if mostly else 'Often'} {begins.tail}")


def _beside_others(told: Sequence[NameFact], i: int) -> Iterator[tuple[float, str]]:
    """Names that say of what there is more or less, beginning with the fact at i: alone, and with one more."""
    begins = told[i]
    if not begins.compared or (begins.head and not begins.is_a_part):
        return
    lost = PART + LEFT_OUT * (not begins.more) + i / 100
    yield _ranked(i + ONE_FACT + lost, begins.compared)
    for j, other in enumerate(told):
        if other.compared and not begins.reading.facts & other.reading.facts:
            yield _ranked((i + j) / 2 + lost + (j < i), f"{begins.compared}, {lowered(other.compared)}")


def _ranked(places: float, name: str) -> tuple[float, str]:
    words = len(PARTS_OF_WORDS.split(name))
    if words > LONGEST_NAME:
        return places + 10 * LONG, name
    return places + LONG * (words > EASY_NAME) + ONE_WORD * (words < FEWEST_WORDS), name


def _first(name: str) -> str:
    words = [word.rstrip(",").lower() for word in name.split(" ")]
    return next((word for word in words if word not in ALIKE), words[0])


def _side(pair: tuple[str, str], *, more: bool) -> str:
    return pair[0] if more else pair[1]
