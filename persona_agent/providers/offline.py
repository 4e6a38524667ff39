"""The model that needs no key: it writes personas from a dossier's statistics alone.

In: a request whose context is a `Dossier`. Out: a `Draft` that chooses among the dossier's candidates and says nothing
else, so every sentence is as true as its claim. It is the embedded default, and the baseline that a language model must
beat. 0 tokens, host `local`.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import ProviderError
from ..schema import Candidate, Dossier, Draft, DraftSentence
from .base import Answer, Request

MAX_CLAIMS = 14
MAX_FACE = 7
MAX_SENTENCES = 6
MAX_PER_KIND = 5
DISTINGUISHING = 0.05
ONE_OF_A_KIND = ("hours", "days", "objects", "events", "span", "never", "then", "sessions", "much")
LARGE = ("all", "almost_all", "most")
ORDER = ("behaviour", "journey", "preference", "rhythm", "friction")


class Offline:
    """Answers `draft` requests."""

    name = "offline"

    def answer(self, request: Request) -> Answer:
        if not isinstance(request.context, Dossier):
            raise ProviderError(f"offline cannot answer {request.stage!r}: it writes from a dossier only.")
        return Answer(write(request.context), "local", 0, 0, 0.0)


def write(dossier: Dossier) -> Draft:
    """A draft of one persona."""
    chosen = choose(dossier.candidates)
    face = [c for c in _telling(chosen) if not c.by_construction][:MAX_FACE]
    return Draft(
        label=label(dossier, chosen),
        one_liner=one_liner(chosen),
        narrative=[DraftSentence(template=_slots(c), claim_ids=[c.id]) for c in _told(chosen, face)],
        claims=[c.id for c in chosen],
        face=[c.id for c in face],
        tension=_tension(face),
        hypotheses=[],
        not_known=not_known(chosen),
    )


def choose(candidates: Iterable[Candidate]) -> list[Candidate]:
    """At most MAX_CLAIMS candidates: what sets the group apart beyond what formed it, then the most telling of each kind,
    then the most telling of all, without two that say nearly the same.
    """
    ranked = _telling(candidates)
    apart = [c for c in ranked if not c.by_construction and (c.information_bits or 0) >= DISTINGUISHING]
    kinds = [next((c for c in ranked if c.kind == kind), None) for kind in ORDER]
    chosen: list[Candidate] = []
    for c in [*apart[:MAX_FACE], *(c for c in kinds if c is not None), *ranked]:
        families = [_family(x) for x in chosen]
        full = sum(x.kind == c.kind for x in chosen) >= MAX_PER_KIND
        repeated = _family(c) in families and _family(c)[0] in ONE_OF_A_KIND
        if c not in chosen and not full and not repeated and len(chosen) < MAX_CLAIMS:
            chosen.append(c)
    return chosen


def label(dossier: Dossier, chosen: list[Candidate]) -> str:
    """What formed the group if that is an amount, else what they do more than others, else what they come for."""
    amounts = [c for c in _telling(chosen) if c.by_construction and c.measure.statistic == "median"]
    if amounts:
        return _capital(" and ".join(f"{c.short} about {significant(c.result.value)}" for c in amounts[:2]))
    acts = sorted((c for c in _telling(chosen) if c.short.startswith("“")), key=lambda c: not c.by_construction)
    more = [c.short for c in acts if c.measure.says.comparator == "more_than_others"]
    if more:
        return _capital(
            f"more {' and '.join(dict.fromkeys(more[:1] + [s for s in more[1:] if not _alike(s, more[0])][:1]))}"
        )
    main = dossier.intents[0].intent if dossier.intents else -1
    return _capital(dossier.intent_labels.get(main, "like everybody else"))


def significant(value: float | None) -> str:
    """Three significant digits, as claims print them."""
    return "unknown" if value is None else f"{float(f'{value:.3g}'):,g}"


def _alike(one: str, other: str) -> bool:
    """Do two names share their action or their object?"""
    a, b = one.strip("“”").split(": "), other.strip("“”").split(": ")
    return bool(set(a) & set(b))


def one_liner(chosen: list[Candidate]) -> DraftSentence:
    """The most telling claim that holds for more than half of the group; size stands for itself if there is none."""
    for c in _telling(chosen):
        if c.measure.unit == "users" and c.measure.statistic == "share" and (c.result.value or 0) > 0.5:
            return DraftSentence(template=f"{{size.users}} users: {_lower(_slots(c))}", claim_ids=[c.id])
    return DraftSentence(template="{size.users} users, {size.share_users} of all.", claim_ids=[])


def not_known(chosen: list[Candidate]) -> list[str]:
    """What the claims leave open; facets without a claim are listed by code."""
    gaps = []
    if not any(c.information_bits for c in chosen if not c.by_construction):
        gaps.append("Whether anything but what formed the group sets them apart.")
    return gaps


def _telling(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: (-(c.information_bits or 0.0), int(c.id[1:])))


def _told(chosen: list[Candidate], face: list[Candidate]) -> list[Candidate]:
    """The face first, then what formed the group, each in the order in which a story is told."""
    formed = [c for c in _telling(chosen) if c.by_construction]
    told = [*face[: MAX_SENTENCES - 2], *formed][:MAX_SENTENCES]
    return sorted(told, key=lambda c: (ORDER.index(c.kind), int(c.id[1:])) if c.kind in ORDER else (9, 0))


def _tension(face: list[Candidate]) -> str | None:
    return next((c.id for c in face if c.measure.says.comparator == "less_than_others"), None)


def _family(c: Candidate) -> tuple[str, ...]:
    words = tuple(c.topic.split(" "))
    return words[:1] if words[0] in ONE_OF_A_KIND else words


def _slots(c: Candidate) -> str:
    return c.template.replace("{value}", f"{{{c.id}.value}}").replace("{matched}", f"{{{c.id}.matched}}")


def _capital(text: str) -> str:
    return next((text[:i] + ch.upper() + text[i + 1 :] for i, ch in enumerate(text) if ch.isalpha()), text)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
