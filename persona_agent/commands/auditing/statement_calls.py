"""Statements as requests: one call for a dozen, to a critic that sees no line and no count.

In: statements, what stands in the log, other sentences of their document. Out: `AuditCall`, and what its answer is worth.
Promises: one text of each call is code's own, and an answer that misreads it is worth nothing; of long lists of names those are
told that come near the words of the statements, if as many users share them as must of any name; of the document no more than
CONTEXT.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import UsageError
from ...evidence import Unwritable, measure_from, result_of
from ...models.base import Request
from ...models.prompts import enclose, load_prompt
from ...schema import EVERYONE, Measure, Restatements, StatedMeasures, Vocabulary
from ...words.wording import percent, printed
from ...write.vocabulary import all_names
from .outcomes import MAX_TOKENS, Basis
from .statements import Statement

# Of the text of code's that a reader is tried with: acts of plain names, and a round share that nothing of the log is behind.
COMMONEST, HELD_AGAINST = 20, 0.4
# Characters of the document beside the statements: some 2,000 tokens, as much as the answers to a dozen of them.
CONTEXT = 8_000
NAMED = 40  # names a list beyond its commonest, such as come near the words of the statements; as many as twice a field's own
LETTERS = 4  # of a word that says what a thing is: shorter ones tie others together in most languages


@dataclass(frozen=True)
class AuditCall:
    """One call: the statements by neutral id, code's own among them with its measure, and what it was told of the log."""

    request: Request
    log: Vocabulary
    asked: Mapping[str, Statement]
    canary: str | None
    known: Measure | None


def audit_call(
    basis: Basis,
    subject: str,
    statements: Sequence[Statement],
    attempt: int,
    beside: Sequence[str] = (),
    whom: str = "",
) -> AuditCall:
    """The call for these statements about `whom`, a name; `beside` are other sentences of the document, nearest first, and
    `attempt` chooses the canary.
    """
    salt = _hash(*sorted(s.text for s in statements), str(attempt))
    text, known = _known_text(basis.vocabulary, salt)
    rows = [(s.text, s) for s in statements] + ([(text, None)] if known else [])
    rows.sort(key=lambda r: _hash(salt, r[0]))
    items = [
        {"id": f"t{i}", "text": text, **({"under": s.under} if s is not None and s.under else {})}
        for i, (text, s) in enumerate(rows, start=1)
    ]
    asked_of = with_named(basis, [s.text for s in statements])
    data: dict[str, Any] = {"log": asked_of.model_dump(), "document": _up_to(CONTEXT, beside)}
    data |= {"whom": whom or ("all users" if basis.group == EVERYONE else "these users"), "statements": items}
    request = Request(
        stage="audit",
        subject=subject,
        messages=(
            ("system", load_prompt("audit").render(measures=load_prompt("measures").text)),
            ("user", enclose(data)),
        ),
        schema=StatedMeasures,
        max_tokens=MAX_TOKENS,
    )
    asked = {f"t{i}": s for i, (_, s) in enumerate(rows, start=1) if s is not None}
    canary = next((f"t{i}" for i, (_, s) in enumerate(rows, start=1) if s is None), None)
    return AuditCall(request, asked_of, asked, canary, known)


def misread(basis: Basis, call: AuditCall, answer: StatedMeasures) -> bool:
    """Did the critic get the text wrong whose measure code knows?"""
    if call.canary is None or call.known is None:
        return False
    item = next((i for i in answer.items if i.id == call.canary), None)
    more = item is None or not item.of_them or item.members or item.beyond.strip() or item.unaskable.strip()
    if item is None or more or len(item.parts) != 1:
        return True
    try:
        read = measure_from(item.parts[0].measure, basis.vocabulary)
        found = result_of(basis.corpus, read, basis.population, basis.floor)[0]
    except (Unwritable, UsageError):
        return True
    own = result_of(basis.corpus, call.known, basis.population, basis.floor)[0]
    return printed(call.known, found.value) != printed(call.known, own.value) or found.label != own.label


def answered(call: AuditCall, answer: StatedMeasures) -> dict[str, Restatements]:
    """The answer by the statements' own ids; what was answered twice is not answered."""
    ids = [i.id for i in answer.items]
    return {call.asked[i.id].id: i for i in answer.items if i.id in call.asked and ids.count(i.id) == 1}


def with_named(basis: Basis, texts: Sequence[str]) -> Vocabulary:
    """The vocabulary with such names of its cut lists as share a word with the texts, nearest first."""
    said = {stem for text in texts for stem in _stems(text)}

    def near(known: list[str], column: str) -> list[str]:
        if not said:
            return known
        fit = [(sum(w in said for w in own) / len(own), name) for name, own in _names(basis, column, set(known))]
        return [*known, *(name for share, name in sorted(fit, key=lambda f: (-f[0], f[1]))[:NAMED] if share)]

    log = basis.vocabulary
    fields = [f.model_copy(update={"values": near(f.values, f.name)}) for f in log.fields]
    return log.model_copy(
        update={"actions": near(log.actions, "action"), "objects": near(log.objects, "object"), "fields": fields}
    )


def _names(basis: Basis, column: str, known: set[str]) -> list[tuple[str, list[str]]]:
    """The names of a column that are not known, each with its words."""
    if column not in basis.names:
        basis.names[column] = all_names(basis.corpus, column)
    return [(name, own) for name in basis.names[column] if name not in known and (own := _stems(name))]


def _stems(text: str) -> list[str]:
    """Words of LETTERS letters or more, as two forms of one are alike: in small letters, without a plural's s."""
    return [w.removesuffix("s") for w in re.findall(rf"[^\W\d_]{{{LETTERS},}}", text.lower())]


def _up_to(most: int, texts: Sequence[str]) -> list[str]:
    """The first of the texts, up to so many characters in all."""
    taken: list[str] = []
    for text in dict.fromkeys(texts):
        most -= len(text)
        if most < 0:
            break
        taken.append(text)
    return taken


def _known_text(vocabulary: Vocabulary, salt: str) -> tuple[str, Measure | None]:
    """A text in code's words about an act of the log. It depends on the names in the log alone, not on what is counted."""
    if not vocabulary.actions:
        return "", None
    act = min(vocabulary.actions[:COMMONEST], key=lambda a: _hash(salt, "canary", a))
    known = Measure.model_validate(
        {
            "unit": "sessions",
            "steps": [[{"field": "action", "op": "is", "value": [act]}]],
            "statistic": "share",
            "says": {"comparator": "at_most", "value": HELD_AGAINST},
        }
    )
    return f"Less than {percent(HELD_AGAINST)} of their sessions have the act “{act}” in them.", known


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
