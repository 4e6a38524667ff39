"""What makes an edition of all cards unusable as a whole, for the editor to mend.

In: an edition, and what it is about. Out: problems in sentences. Promises: what is wrong with one text alone is for its reader to
say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from ..schema import TENTH_ID, Edition
from ..words.wording import SLOT
from .edited_habits import check_habits

MOST_WORDS = 12  # of what to try, in a cell of the table
LONGEST_LABEL = 14  # words of what a bar counts: two more than are asked for
LONGEST_NAME = 5  # words of a name: one more than is asked for
LONGEST_REASON = 28  # words of why one is tried first: three more than are asked for
SKIPPED = 3  # names with one word in common: of two it may be the point
MOST_SENTENCES = 3  # of the first page
MOST_UNSUPPORTED = 4


def check_edition(
    names: Mapping[str, str], spare: Collection[str], habits: Collection[str], edition: Edition
) -> list[str]:
    """What makes an edition of cards, called `names` by their ids, unusable as a whole; `spare` are those with another
    suggestion, `habits` ids of what stands beside them. What is wrong with one text is for its reader to say.
    """
    named, ids = [c.persona for c in edition.cards], list(names)
    problems = [f"cards: there is no persona {i!r}" for i in named if i not in ids]
    problems += [f"cards: {i!r} is there twice" for i in sorted(set(named)) if named.count(i) > 1]
    chosen = [*((c.persona, c.suggestion) for c in edition.cards), (TENTH_ID, edition.tenth)]
    without = [i for i, suggestion in chosen if suggestion == "other" and i not in spare]
    problems += [f"cards: {i} has no other suggestion" for i in without]
    for card in edition.cards:
        if len(card.attempt.template.split()) > MOST_WORDS:
            problems.append(f"cards: what to try with {card.persona} has more than {MOST_WORDS} words")
        if len(card.label.template.split()) > LONGEST_NAME:
            problems.append(f"cards: the name of {card.persona} has more than {LONGEST_NAME} words")
        for bar in card.bars:
            if len(bar.label.split()) > LONGEST_LABEL or SLOT.search(bar.label):
                problems.append(f"cards: the label of {bar.claim} has a slot, or more than {LONGEST_LABEL} words")
    problems += check_habits(habits, edition.habits, LONGEST_NAME, MOST_WORDS)
    reason = edition.first.reason.template
    if reason.strip() and edition.first.persona not in ids:
        problems.append(f"first: there is no persona {edition.first.persona!r}")
    if len(reason.split()) > LONGEST_REASON:
        problems.append(f"first: the reason has more than {LONGEST_REASON} words")
    new = {**names, **{c.persona: c.label.template for c in edition.cards if c.label.template and c.persona in names}}
    problems += [
        f"cards: “{word}” stands in {n} of {len(new)} names and tells none apart" for word, n in _shared(new.values())
    ]
    if len(edition.page) > MOST_SENTENCES:
        problems.append(f"page: {len(edition.page)} sentences are too many, {MOST_SENTENCES} at most")
    if len(edition.unsupported) > MOST_UNSUPPORTED:
        problems.append(f"unsupported: {len(edition.unsupported)} are too many, {MOST_UNSUPPORTED} at most")
    return problems


def _shared(names: Collection[str]) -> list[tuple[str, int]]:
    """Words of four letters and more that stand in more than half of the names, and in three at least, with how many: whoever
    reads the list skips them.
    """
    words = Counter(word for name in names for word in set(re.findall(r"\w{4,}", name.casefold())))
    return [(word, n) for word, n in words.items() if n >= SKIPPED and 2 * n > len(names)]
