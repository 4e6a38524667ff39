"""Items of known answer, hidden among what a critic is asked: who lets all stand, refuses all or skims is found out.

In: true facts of the card at hand, in words that code rendered; a salt. Out: sentences that code made of these facts, some true
and some spoiled in one of six ways, each as near to the truth as it can be; for claims without a measure, one with lines that do
not show it. Promises: drawn by the content of the call (`salt`), so the same call has the same canaries in every run, and a call
that is asked again gets others; a true one follows from its fact alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ...evidence import Shown
from ...schema import Claim, ProposedClaim
from ...words.wording import claim_values, fill, printed, printed_value, renamed
from .deciding import CritiqueContext

LINES = 3  # of something else, under a claim that they do not show; a round number
PLAIN = ("act", "sessions", "thing", "hours")
SPOILED = 6  # of a call: one of each kind; who reads half of them passes 1 call of 64 (docs/method.md, The critic)
TRUE = 2  # of a call: who refuses what differs from its fact in words alone decides nothing either
NEAR = (3, 4, 6, 7, 9, 11)  # points by which a share is off: not seen without looking
OFF = (0.8, 1.2, 1.3, 0.7)  # of a number

Spoil = Literal["figure", "all", "others", "reversed", "cause", "identity", "true"]
KINDS: tuple[Spoil, ...] = ("figure", "all", "others", "reversed", "cause", "identity")
SHARE = re.compile(r"^(\d{1,3}) %$")
NUMBER = re.compile(r"^([\d,]+(?:\.\d+)?)( \w+)?$")
WHY = (
    "to save time", "because it is quicker", "so as not to forget", "out of habit", "since they trust it",
    "to be on the safe side", "as they find it easier", "to keep costs down",
)  # fmt: skip
# Said of people, from plain to a hint: who reads closely sees that no line of a log shows it.
WHO = (
    "these parents", "these students", "these pensioners", "these nurses", "these young professionals",
    "these newcomers to the country", "these churchgoers", "these housewives",
)  # fmt: skip
HINTS = (
    "between two school runs", "after the night shift", "with a baby on the arm", "on a tight budget", "before Friday prayers",
    "between lectures", "since they retired", "at their age",
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A true fact: `text` as it stands among facts, `said` of `whom` (“them”, “their visits”), its figure and that of comparable
    others as they are printed; a `number` is an amount, else a share. `more`: do they more than others; None if nobody compares.
    `at` begins every sentence of it, where facts are of several groups.
    """

    text: str
    said: str
    whom: str
    value: str
    others: str | None
    more: bool | None
    number: bool = False
    at: str = ""


@dataclass(frozen=True)
class Canary:
    """A text of known answer, the fact that it is said to rest on, how it is spoiled, and whether it is put as a question."""

    text: str
    fact: str
    spoil: Spoil
    asks: bool = False


def known_facts(context: CritiqueContext, claims: Mapping[str, Claim]) -> list[Known]:
    """True facts of a card in code's words, those that it claims first, then those of its dossier."""
    shown = {c.template: c for c in claims.values() if c.status == "accepted"}
    found = [(c.template in shown, c) for c in context.dossier.candidates if c.withdrawal is None and c.said]
    ranked = sorted(found, key=lambda f: not f[0])
    told = [_known(context, c, shown.get(c.template, c)) for _, c in ranked]
    return [known for known in told if known is not None]


def drawn_texts(known: Sequence[Known], salt: str, *, asks: bool = False) -> list[Canary]:
    """The canaries of one call: SPOILED, of as many kinds as the facts allow, and TRUE; none where there is no fact. `asks`: the
    call has questions, so some of these are put as such.
    """
    if not known:
        return []
    order = sorted(KINDS, key=lambda kind: _place(kind, salt))
    made: list[Canary] = []
    for turn in range(SPOILED):
        for i, kind in enumerate(order):
            if len(made) < SPOILED and (found := _spoiled(known, kind, f"{salt}{turn}.{i}", made)):
                made.append(found)
    first, *more = _true(known, salt)
    may_ask = [*(c for c in made if c.spoil == "identity"), *more]
    return [_asking(c, known, salt) if asks and c in may_ask else c for c in [*made, first, *more]]


def known_text(context: CritiqueContext, salt: str, taken: Sequence[Claim]) -> ProposedClaim | None:
    """A candidate in words that code rendered, about something that no asked claim is about."""
    asked = {c.template for c in taken}
    fit = [c for c in _plain(context) if c.template not in asked and c.form in ("users", "sessions")]
    return min(fit, key=lambda c: _place(c.template, salt), default=None)


def unshown_claim(context: CritiqueContext, salt: str) -> tuple[str, list[Shown]] | None:
    """“Some of them <something>”, with lines of something else."""
    things = [c for c in _plain(context) if c.topic.kind in ("act", "thing") and c.form == "users"]
    claim = min(things, key=lambda c: _place(c.template, salt), default=None)
    if claim is None:
        return None
    words = set(claim.said.lower().replace("“", " ").replace("”", " ").replace(":", " ").split())
    other = [line for line in context.showable if not words & set(line.words.lower().split())]
    chosen = sorted(other, key=lambda line: _place(line.words, salt))[:LINES]
    return (f"Some of them {claim.said}.", chosen) if len(chosen) == LINES else None


def _known(context: CritiqueContext, candidate: ProposedClaim, claim: Claim) -> Known | None:
    whom = {"users": "them", "sessions": "their visits", "number": ""}.get(candidate.form)
    t, measure = claim.truthfulness, claim.measure
    if whom is None or measure is None or t.value is None or t.bound is not None:
        return None
    if measure.where or measure.absent or measure.feature:
        return None  # a figure of some of their visits: a sentence that says less of whose it is would be no true one
    says = measure.says
    compares = says.sets_apart and t.matched is not None and measure.versus == "matched"
    value, others = printed_value(claim), printed(measure, t.matched)
    if _off(value, 0) is None or value == others or says.alike:  # a figure a little off may be that of others
        return None
    return Known(
        text=fill(claim.template, claim_values(claim)),
        said=renamed(candidate.said, context.corpus.names),
        whom=whom,
        value=value,
        others=others if compares else None,
        more=says.comparator == "more_than_others" if compares else None,
        number=candidate.form == "number",
    )


def _spoiled(known: Sequence[Known], kind: Spoil, salt: str, made: Sequence[Canary]) -> Canary | None:
    """A sentence of one fact, spoiled so; no two alike, and facts that no canary is made of first."""
    used = [c.fact for c in made]
    taken = {c.text for c in made}
    facts = sorted(known, key=lambda k: (used.count(k.text), _place(k.text, salt)))
    for fact in facts:
        for text in sorted(WAYS[kind](fact, salt), key=lambda t: _place(t, salt)):
            if fact.at + _capital(text) not in taken and text != fact.text:
                return Canary(fact.at + _capital(text), fact.text, kind)
    return None


def _true(known: Sequence[Known], salt: str) -> Iterator[Canary]:
    facts = sorted(known, key=lambda k: _place(k.text, f"{salt}true"))
    for i in range(TRUE):
        fact = facts[i % len(facts)]
        ways = sorted(_sentences(fact), key=lambda t: _place(t, f"{salt}{i}"))
        yield Canary(fact.at + _capital(ways[i % len(ways)]), fact.text, "true")


def _asking(canary: Canary, known: Sequence[Known], salt: str) -> Canary:
    """Every other one as a question that the log leaves open, about somebody or about them."""
    fact = next(k for k in known if k.text == canary.fact)
    if fact.number or _draw(salt + canary.text) % 2:
        return canary
    people = WHO[_draw(salt + "asks") % len(WHO)] if canary.spoil == "identity" else "they"
    said = fact.said if fact.whom == "them" else f"have visits that {fact.said}"
    return replace(canary, text=f"Whether {people} {said} elsewhere as well.", asks=True)


def _sentences(k: Known, value: str = "", others: str = "", whom: str = "") -> list[str]:
    """The fact in other words than its own, with its figures or these."""
    value, others, whom = value or k.value, others or k.others or "", whom or k.whom
    if k.number:
        alone = [f"{k.said} comes to {value}."]
        return [f"{k.said} is {value} here; comparable others have {others}.", *alone] if others else alone
    if not others:
        return [f"{value} is the share of {whom} that {k.said}.", f"Of {whom}, {value} {k.said}."]
    return [
        f"{value} of {whom} {k.said}; for comparable others it is {others}.",
        f"For comparable others it is {others}, here {value} of {whom} {k.said}.",
        f"Of {whom}, {value} {k.said}, where comparable others come to {others}.",
    ]


def _figure(k: Known, salt: str) -> list[str]:
    """A figure that is a little off: theirs, or that of others."""
    other = _off(k.value, _draw(salt))
    found = _sentences(k, value=other) if other and other != k.others else []
    wrong = _off(k.others, _draw(salt + "others")) if k.others else None
    return found + [t for t in _sentences(k, others=wrong or "") if wrong and wrong != k.value and wrong in t]


def _all(k: Known, salt: str) -> list[str]:  # noqa: ARG001
    """All, or nearly all, for some."""
    share = SHARE.match(k.value)
    if k.number or share is None or int(share[1]) >= 85:
        return []
    found = [f"All of {k.whom} {k.said}.", f"Almost all of {k.whom} {k.said}."]
    return [*found, f"Most of {k.whom} {k.said}."] if int(share[1]) < 45 else found


def _others(k: Known, salt: str) -> list[str]:  # noqa: ARG001
    """A figure that has lost whose it is."""
    if k.others is None:
        return []
    if k.number:
        return [f"{k.said} is {k.others}.", f"For all users alike, {k.said[:1].lower()}{k.said[1:]} is {k.value}."]
    everybody = "all users" if k.whom == "them" else "all visits of all users"
    return [f"{k.others} of {k.whom} {k.said}.", f"{k.value} of {everybody} {k.said}."]


def _reversed(k: Known, salt: str) -> list[str]:  # noqa: ARG001
    """The group and the others have changed places."""
    if k.others is None:
        return []
    swapped = _sentences(k, value=k.others, others=k.value)
    if k.number:
        return swapped
    fewer, whose = "fewer" if k.more else "more", "" if k.whom == "them" else "those of "
    return [*swapped, f"{fewer} of {k.whom} {k.said} than of {whose}comparable others."]


def _cause(k: Known, salt: str) -> list[str]:
    """A true sentence, and why."""
    return [f"{text[:-1]}, {WHY[_draw(salt) % len(WHY)]}." for text in _sentences(k)]


def _identity(k: Known, salt: str) -> list[str]:
    """A true sentence about somebody."""
    who, hint = WHO[_draw(salt) % len(WHO)], HINTS[_draw(salt + "hint") % len(HINTS)]
    hinted = [f"{text[:-1]}, {hint}." for text in _sentences(k)]
    return hinted if k.number or k.whom != "them" else [*hinted, *_sentences(k, whom=who)]


WAYS: dict[Spoil, Callable[[Known, str], list[str]]] = {
    "figure": _figure, "all": _all, "others": _others, "reversed": _reversed, "cause": _cause, "identity": _identity,
}  # fmt: skip


def _off(printed_figure: str, draw: int) -> str | None:
    """Another figure near this one; None where it is no plain figure."""
    if share := SHARE.match(printed_figure):
        there, points = int(share[1]), NEAR[draw % len(NEAR)]
        down = there + points > 99 or (draw // 7 % 2 == 1 and there > points + 1)
        return f"{there - points if down else there + points} %"
    number = NUMBER.match(printed_figure)
    if number is None:
        return None
    value = float(number[1].replace(",", ""))
    other = f"{float(f'{value * OFF[draw % len(OFF)]:.2g}'):g}"
    other = other if other != number[1] else f"{value + 1:g}"
    return f"{other}{number[2] or ''}"


def _plain(context: CritiqueContext) -> list[ProposedClaim]:
    return [c for c in context.dossier.candidates if c.withdrawal is None and c.topic.kind in PLAIN and c.said]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _draw(salt: str) -> int:
    return int(_place("", salt)[:8], 16)


def _place(text: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()
