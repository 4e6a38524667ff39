"""Items of known answer, hidden among what a critic is asked, so that one who agrees with everything is found out.

In: the dossier's own measured candidates. Out: a text whose measure code knows; a sentence that says something else than
the claim it is said to rest on; a claim that its lines do not show. Promises: drawn by the content of the call (`salt`),
so the same call has the same canaries in every run, and a call that is asked again gets others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ...evidence import Shown
from ...schema import Candidate, Claim
from ...words.wording import printed
from .deciding import CritiqueContext

LINES = 3  # of something else, under a claim that they do not show; a round number
PLAIN = ("act", "sessions", "thing", "hours")


@dataclass(frozen=True)
class Sentence:
    """A sentence that is not borne by the claim it rests on."""

    text: str
    claim: str


def known_text(context: CritiqueContext, salt: str, taken: Sequence[Claim]) -> Candidate | None:
    """A candidate in words that code rendered, about something that no asked claim is about."""
    asked = {c.template for c in taken}
    fit = [c for c in _plain(context) if c.template not in asked and c.form in ("users", "sessions")]
    return _drawn(fit, salt)


def unborne_sentence(context: CritiqueContext, salt: str) -> Sentence | None:
    """What one candidate says, said to rest on another that is about something else."""
    fit = [c for c in _plain(context) if c.form == "users"]
    said = _drawn(fit, salt)
    others = [c for c in fit if said and c.topic != said.topic and not _share_words(c.said, said.said)]
    claim = _drawn(others, salt + "claim")
    if said is None or claim is None:
        return None
    return Sentence(shown_text(said), shown_text(claim))


def unshown_claim(context: CritiqueContext, salt: str) -> tuple[str, list[Shown]] | None:
    """“Some of them <something>”, with lines of something else."""
    things = [c for c in _plain(context) if c.topic.kind in ("act", "thing") and c.form == "users"]
    claim = _drawn(things, salt)
    if claim is None:
        return None
    words = set(claim.said.lower().replace("“", " ").replace("”", " ").replace(":", " ").split())
    other = [line for line in context.showable if not words & set(line.words.lower().split())]
    chosen = sorted(other, key=lambda line: _place(line.words, salt))[:LINES]
    return (f"Some of them {claim.said}.", chosen) if len(chosen) == LINES else None


def shown_text(candidate: Candidate) -> str:
    """The candidate's words with its numbers."""
    r = candidate.result
    text = candidate.template.replace("{value}", printed(candidate.measure, r.value))
    return text.replace("{matched}", printed(candidate.measure, r.matched)).replace(
        "{raw}", printed(candidate.measure, r.raw)
    )


def _plain(context: CritiqueContext) -> list[Candidate]:
    return [c for c in context.dossier.candidates if not c.fallen and c.topic.kind in PLAIN and c.said]


def _share_words(one: str, other: str) -> bool:
    a, b = (set(x.lower().replace("“", " ").replace("”", " ").replace(":", " ").split()) for x in (one, other))
    return (
        len((a & b) - {"use", "come", "to", "at", "least", "once", "of", "what", "they", "do", "more", "than", "and"})
        > 0
    )


def _drawn(fit: Sequence[Candidate], salt: str) -> Candidate | None:
    return min(fit, key=lambda c: _place(c.template, salt)) if fit else None


def _place(text: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()
