"""Which cards a question names, by id or by name: it is answered of these alone.

In: a question, the cards that it may be answered from, the words in the names of the log. Out: the cards, and the question
without their names. Promises: a name whose words the log has as well names no card, since an act or a thing may be meant; nor
does a name of one word, but in quotes: “new” is asked of much.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ..schema import Persona
from ..write.question import WORD

ID = r"(?<![\w'’.]){}(?![\w'’]|\.\w)"  # no t of “don't”, no p1 of p1.c2
LABEL = r"(?<!\w)(?:the\s+)?{}(?!\w)"
IN_QUOTES = r"[“\"‘']{}[”\"’']"


def cards_named(question: str, cards: Sequence[Persona], known: Collection[str]) -> tuple[list[Persona], str]:
    """The cards that it names, none where it names none; and what it asks of them."""
    found, rest = set[str](), question
    for card in sorted(cards, key=lambda p: -len(p.label)):  # of two names the longer first: the other may stand in it
        rest, n = re.subn("|".join(_names(card, known)), " ", rest, flags=re.IGNORECASE)
        found |= {card.id} if n else set()
    return [p for p in cards if p.id in found], " ".join(rest.split())


def _names(card: Persona, known: Collection[str]) -> Iterator[str]:
    label = re.sub(r"^the\s+", "", card.label.strip(), flags=re.IGNORECASE)
    words = WORD.findall(label.lower())
    if words and not set(words) <= set(known):
        yield (LABEL if len(label.split()) > 1 else IN_QUOTES).format(re.escape(label))
    yield ID.format(card.id)
