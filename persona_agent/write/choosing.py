"""With which persona to try something first: code's choice by what a trial could show, and what speaks for any choice.

In: personas with a suggestion, or with something to watch. Out: them in the order in which they are worth a trial; reasons.
Promises: where anybody has a suggestion only those with one are looked at; every reason is counted and holds of nobody more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..schema import Persona, ToWatch
from ..words.english import first_trials as words
from ..words.english.trial_sizes import part_seen, worth_a_trial

PAID = 0.2  # of what a visit brings in: the largest change that a page or a message is believed to bring about there
FIRM_ENOUGH = ("firm", "fair")  # to plan with: borders that are soft let one half's members into the other's trial


def watch_of(persona: Persona) -> ToWatch | None:
    """What a trial with the persona would watch, with today's figure."""
    told = persona.suggestion or persona.trial
    return told if told and told.watched and told.watched.truth and told.watched.truth.value is not None else None


def ranked(people: Sequence[Persona]) -> list[Persona]:
    """Those that something can be tried with, the first to try first: firm enough, then those whose trial would show a change
    that something could bring about, then those judged by what users bring in (readers who pay for a trial ask for that, and
    believe in none that sees nothing under PAID), then the value that they bring in, or how many they are: a trial is chosen by
    what it would be worth, and not by its ease. Of equal ones the smallest change for its figure.
    """
    able = [p for p in people if watch_of(p)]
    able = [p for p in able if p.suggestion] or able
    return sorted(able, key=_rank)


def _rank(persona: Persona) -> tuple[bool, bool, bool, float, float]:
    shows = worth_a_trial(watch_of(persona))
    paid = _pays(persona) and _relative(persona) <= PAID
    return not firm_enough(persona), not shows, not paid, -_weight(persona), _relative(persona)


def firm_enough(persona: Persona) -> bool:
    """May somebody plan with it?"""
    return persona.status == "published" and persona.firmness is not None and persona.firmness.word in FIRM_ENOUGH


def reasons(persona: Persona, people: Sequence[Persona]) -> str:
    """What speaks for this one, in a sentence: in what it comes first among those that are firm enough, where it is."""
    able = ranked(people)
    firm = firm_enough(persona)
    peers = [p for p in able if firm_enough(p)] if firm else able
    told = []
    if firm and len(peers) == 1 < len(able):
        told.append(words.ALONE)
    telling = [p for p in peers if worth_a_trial(watch_of(p))]
    valued = persona.size.share_value is not None
    if _first(persona, peers, _weight):
        told.append(words.BRINGS if valued else words.LARGEST)
    elif persona in telling and _first(persona, telling, _weight):
        told.append(words.BRINGS_OF_TELLING if valued else words.LARGEST_OF_TELLING)
    if persona in telling and _pays(persona) and not all(map(_pays, telling)):
        told.append(words.PAYS if sum(map(_pays, telling)) > 1 else words.ALONE_PAYS)
    alone = len(peers) > 1 and len(telling) == 1  # the others' trials would show nothing
    if persona in telling and (alone or _first(persona, telling, lambda p: -_relative(p))):
        told.append(words.SEES)
    if firm and _first(persona, peers, _kappa):
        told.append(words.FIRMEST)
    if _first(persona, peers, _apart):
        told.append(words.FURTHEST)
    among = "" if len(peers) == len(able) or len(peers) == 1 else words.PLANNED
    return words.why(told, among if firm else words.LOOSE, alone=len(able) == 1)


def _first(persona: Persona, peers: Sequence[Persona], by: Callable[[Persona], float]) -> bool:
    """Is it above all others, where there are any?"""
    return len(peers) > 1 and all(by(persona) > by(p) for p in peers if p.id != persona.id)


def _relative(persona: Persona) -> float:
    """The smallest change that its members would show, in parts of the figure."""
    watch = watch_of(persona)
    part = part_seen(watch) if watch else None
    return float("inf") if part is None else part


def _pays(persona: Persona) -> bool:
    """Is its trial judged by the value of visits?"""
    watch = watch_of(persona)
    bar = watch.watched if watch else None
    claim = next((c for c in persona.claims if bar and c.id == bar.claim), None)
    measure = bar.measure if bar and bar.measure else claim.measure if claim else None
    return measure is not None and measure.of == "total value"


def _apart(persona: Persona) -> float:
    """How many times the others' figure is its own, or its own is theirs; 0 where there are no others."""
    watch = watch_of(persona)
    truth = watch.watched.truth if watch and watch.watched else None
    if truth is None or not truth.value or not truth.matched:
        return 0.0
    return max(truth.value, truth.matched) / min(truth.value, truth.matched)


def _kappa(persona: Persona) -> float:
    firm = persona.firmness
    return firm.kappa if firm and firm.kappa is not None else -1.0


def _weight(persona: Persona) -> float:
    share = persona.size.share_value
    return persona.size.share_users if share is None else share
