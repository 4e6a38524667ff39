"""What a person's words are held to, as a model's are, and what would have to change.

In: a text with its figures, the claims that it rests on. Out: why it may not stand, in plain English. Promises: who somebody is,
what the law protects, what identifies somebody and what a floor hides may never stand, whoever says so; figures, quoted names,
shares in words and comparisons are those of the claims, or the text may not stand.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ..log.sensitive import topics
from ..redaction import mask, speaks_to_a_model
from ..redaction.spelling import INVISIBLE_MARK, as_read, unmasked
from ..schema import Claim, Names, Size
from ..words.figures import MASK, NAME, shares_of
from ..words.group_names import alone_is_who
from ..words.sentences import examine, examine_open, identities
from ..words.wording import SLOT, claim_values, percent, printed_value
from ..write.critique.slots import OF_THE_LOG, TextKind

# Characters, as a page has room for them.
LONGEST: dict[TextKind, int] = {
    "name": 60,
    "motto": 400,
    "sentence": 400,
    "claim": 300,
    "guess": 300,
    "suggestion": 300,
    "gap": 300,
    "misreading": 100,
}
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069{}]")
WORD_ONLY = re.compile(r"^'([a-z][a-z ]*)' is (?:borne by|the share of) none")
FIGURE_ONLY = re.compile(r"^the figure (\d[\d,.]*) ?(%?) is in none")
NEVER_FORGED = re.compile(r"\bby a person\b", re.IGNORECASE)  # the mark is the program's to give
NOTHING_UNDER_IT = "it names no claim that shows it: add --rests-on, or --own-words to publish it as not verified"


def never(text: str, kind: TextKind) -> list[str]:
    """What may stand on no page, whoever vouches for it."""
    bare = NAME.sub(MASK, text)
    wrong = [f"it is longer than {LONGEST[kind]} characters"] if len(text) > LONGEST[kind] else []
    wrong += ["it has no word in it"] if not any(c.isalnum() for c in text) else []
    wrong += ["it has braces, or characters that nobody sees"] if _unseen(text) else []
    wrong += dict.fromkeys(why for form in as_read(bare) for why in identities(form))
    wrong += ["it says who somebody is"] if kind == "name" and alone_is_who(bare) and not wrong else []
    topic = next(filter(None, map(topics().of, as_read(text))), None)
    wrong += [f"it names what the law protects ({topic.replace('_', ' ')})"] if topic else []
    wrong += ["it holds what identifies somebody"] if any(mask(form)[1] for form in (text, unmasked(text))) else []
    wrong += ["it speaks to a model"] if speaks_to_a_model(*as_read(text)) else []
    return wrong + (["“by a person” is said by the program alone"] if NEVER_FORGED.search(text) else [])


def _unseen(text: str) -> bool:
    return bool(UNPRINTABLE.search(SLOT.sub("", text)) or INVISIBLE_MARK.search(text))


def objections_to(
    text: str,
    kind: TextKind,
    claims: Sequence[Claim],
    size: Size,
    *,
    acts: Collection[str] = (),
    called: Names,
    own_words: bool = False,
) -> list[str]:
    """What code has against a text, by the claims that it rests on. Words that need no claim (`own_words`) have no figure."""
    if kind not in OF_THE_LOG or (own_words and not claims):
        return examine_open(text, claims, names=acts, called=called).wrong
    if kind == "name" and not claims:
        return [NOTHING_UNDER_IT]
    return [objection_and_truth(why, claims) for why in examine(text, claims, size, names=acts, called=called).wrong]


def objection_and_truth(why: str, claims: Sequence[Claim]) -> str:
    """The objection, with what holds instead: “48 %, not most”."""
    word, figure = WORD_ONLY.match(why), FIGURE_ONLY.match(why)
    shares = [c for c in claims if next(shares_of(c), None) is not None]
    if word and shares:
        return f"{_or([printed_value(c) for c in shares])}, not {word[1]}"
    if figure and figure[2] and shares:
        said = float(figure[1].replace(",", "")) / 100
        nearest = min(shares, key=lambda c: abs(next(shares_of(c)) - said))
        return f"{printed_value(nearest)}, not {percent(said)}"
    return why


def slotted(text: str, claims: Sequence[Claim]) -> str:
    """The text with a slot in the place of each figure that just one claim prints, so that a later run can fill it anew."""
    of_slot: dict[str, list[str]] = {}
    for claim in claims:
        # Held against all others, these are its comparable others as well, and one figure would have two slots.
        twice = ".matched" if claim.measure and claim.measure.versus == "everyone_else" else ".n"
        for slot, value in claim_values(claim).items():
            if "." in slot and not slot.endswith((".n", twice)) and value != "unknown":
                of_slot.setdefault(value, []).append(slot)
    for value, slots in sorted(of_slot.items(), key=lambda x: -len(x[0])):
        if len(slots) == 1:
            text = re.sub(rf"(?<![\w.,{{]){re.escape(value)}(?![\w%}}])", f"{{{slots[0]}}}", text)
    return text


def _or(texts: Sequence[str]) -> str:
    once = list(dict.fromkeys(texts))
    return once[0] if len(once) == 1 else f"{', '.join(once[:-1])} or {once[-1]}"
