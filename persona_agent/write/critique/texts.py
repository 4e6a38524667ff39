"""Texts as a critic is asked to read them, and what its answers are worth.

In: texts with the facts that they may rest on, true facts to make canaries of. Out: rows of a prompt without a word of who wrote
what; from the answer, what stands against each text. Promises: ids tell nothing; a text that was not answered once, or in a call
that missed a canary, is not read; a verdict is on a text and its facts, whatever place it stands in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...ids import content_hash
from ...schema import TextVerdict
from ...words.figures import MASK, NAME
from ...words.sentences import pointers
from .canaries import Canary, Known, drawn_texts
from .slots import OF_THE_LOG, TextKind

NOTHING = frozenset({"", "none", "nothing", "no", "n/a", "na", "-", "—", "null", "empty", "nobody", '""'})


@dataclass(frozen=True)
class TextToRead:
    """A text of a model's: what it is, its words with figures, the facts that it may rest on, and what a reader should look at. A
    claim without facts is tested by lines.
    """

    kind: TextKind
    text: str
    facts: tuple[str, ...]
    look_at: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same words on the same facts, whatever their spacing, case and last point."""
        said = re.sub(r"\s+", " ", self.text).strip(" .").casefold()
        return content_hash([self.kind, said, sorted(self.facts)])


@dataclass(frozen=True)
class TextBatch:
    """The part of a call that is texts: rows of the prompt, which text each id is, and which are canaries."""

    facts: list[dict[str, str]]
    texts: list[dict[str, Any]]
    places: Mapping[str, str]
    asked: Mapping[str, TextToRead]
    canaries: Mapping[str, Canary]

    def misses(self, answers: Sequence[TextVerdict]) -> bool:
        """Did the critic let a spoiled text stand, object to a true one, or leave one out?"""
        given = _once(answers)
        return any(i not in given or not _found_out(c, self._own(i, given[i])) for i, c in self.canaries.items())

    def objections(self, answers: Sequence[TextVerdict]) -> dict[str, list[str]]:
        """By place of each text that was answered once: why it may not stand, nothing if it may."""
        given = _once(answers)
        return {
            place: objections(self.asked[i], self._own(i, given[i])) for i, place in self.places.items() if i in given
        }

    def _own(self, i: str, verdict: TextVerdict) -> TextVerdict:
        """The verdict without ids that the text was not given."""
        row = next(t for t in self.texts if t["id"] == i)
        return verdict.model_copy(update={"follows_from": [f for f in verdict.follows_from if f in row["facts"]]})


def lay_out(texts: Mapping[str, TextToRead], known: Sequence[Known], always: Sequence[str], salt: str) -> TextBatch:
    """The rows of these texts (by place) among canaries. `always` are facts that any text may rest on, such as the size."""
    asks = any(t.kind == "gap" for t in texts.values())
    drawn = drawn_texts(known, salt, asks=asks) if texts else []
    rows: list[tuple[str, TextToRead, Canary | None]] = [(place, t, None) for place, t in texts.items()]
    for c in drawn:
        pointed = tuple(pointers(NAME.sub(MASK, c.text)))
        rows.append(("", TextToRead("gap" if c.asks else "sentence", c.text, (c.fact, *always), pointed), c))
    rows.sort(key=lambda r: _hash(salt, r[1].text, r[1].kind, r[0]))
    facts = sorted({fact for _, t, _ in rows for fact in t.facts}, key=lambda fact: _hash(salt, fact))
    ids = {fact: f"f{i}" for i, fact in enumerate(facts, start=1)}
    named = {f"t{i}": row for i, row in enumerate(rows, start=1)}
    return TextBatch(
        facts=[{"id": ids[fact], "text": fact} for fact in facts],
        texts=[_row(name, t, ids) for name, (_, t, _) in named.items()],
        places={name: place for name, (place, _, c) in named.items() if c is None},
        asked={name: t for name, (_, t, _) in named.items()},
        canaries={name: c for name, (_, _, c) in named.items() if c is not None},
    )


def objections(text: TextToRead, verdict: TextVerdict) -> list[str]:
    """Why a text may not stand, as one critic reads it."""
    who, why, more = (_said(x) for x in (verdict.says_who, verdict.says_why, verdict.says_more))
    found = [f"it says who somebody is: {who}"] if who else []
    if why and text.kind != "guess":
        found.append(f"it says why: {why}")
    if more:
        found.append(f"it says more than its claims: {more}")
    if text.kind in OF_THE_LOG and text.facts and not verdict.follows_from:
        against = text.kind == "misreading"  # which is told to be wrong
        found.append(
            "none of its claims speaks plainly against it" if against else "it follows from none of its claims"
        )
    return found


def _found_out(canary: Canary, verdict: TextVerdict) -> bool:
    """Is the verdict on a canary right? What is spoiled by a person must be found as such, since a guess may say all but that."""
    text = TextToRead("gap" if canary.asks else "sentence", canary.text, (canary.fact,))
    if canary.spoil == "identity":
        return bool(_said(verdict.says_who))
    return bool(objections(text, verdict)) == (canary.spoil != "true")


def _row(name: str, text: TextToRead, ids: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {"id": name, "kind": text.kind, "text": text.text, "facts": [ids[f] for f in text.facts]}
    return {**row, "look_at": list(text.look_at)} if text.look_at else row


def _once(answers: Sequence[TextVerdict]) -> dict[str, TextVerdict]:
    ids = [a.id for a in answers]
    return {a.id: a for a in answers if ids.count(a.id) == 1}


def _said(words: str) -> str:
    """What was said, empty where a model says that there is nothing."""
    return "" if words.strip().strip(".").casefold() in NOTHING else words.strip()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
