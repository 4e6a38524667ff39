"""What a reader must know before believing a report, most important first. Texts are not escaped."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

from ..options import TEAM_FLOOR
from ..schema import Persona, PersonaSet
from ..words.english import first_pages
from ..words.english.grammar import plural
from . import phrasing as words
from .phrasing import SOLID, shown

SMALL_USERS = 50  # below, the 95 % interval of a share reaches 14 points to either side
AT_WORK = (
    f"Staff mode is on: no group of fewer than {TEAM_FLOOR} people is described, nobody's hours, days or pace are counted, "
    "nobody is followed over time, nobody's group is given out, and no line of anybody is shown."
)
MANY_WITHDRAWN = 0.25  # of the claims on shown cards; a round number


@dataclass(frozen=True, slots=True)
class Flag:
    """What a reader must know before believing a page."""

    title: str
    text: str


def flags(personas: PersonaSet) -> list[Flag]:
    """Every reason for caution, most important first."""
    staff = (
        [Flag("People at work", f"{personas.staff[:1].upper()}{personas.staff[1:]}. {AT_WORK}")]
        if personas.staff
        else []
    )
    lowered = [Flag("Protection lowered", text) for text in personas.provenance.lowered]
    found = [
        *staff,
        *lowered,
        *_given_flags(personas),
        *_state_flags(personas),
        *_field_flags(personas),
        *_persona_flags(personas),
        *_name_flags(personas),
    ]
    if personas.provenance.self_judged:
        found.append(Flag("Self-judged", "One model wrote these texts and judged them."))
    return found


def _state_flags(personas: PersonaSet) -> list[Flag]:
    if personas.state == "none" or (personas.everyone and not shown(personas)):
        told = "What stands here is of all users together, and of nobody in particular"
        title = "No groups" if personas.state == "none" else f"No {personas.noun}s"
        return [Flag(title, f"{told}: there is no {personas.noun} to show.")]
    found = []
    if not shown(personas):
        found.append(Flag("Nothing to show", _why_none(personas)))
    return found


def _given_flags(personas: PersonaSet) -> list[Flag]:
    """Whose groups these are, and what may not be read into an outcome."""
    given = personas.given
    if given is None:
        return []
    whom = f"the users of “{given.against}”" if given.against else "all others"
    text = (
        f"Who is in which group was given, by {given.by}; the log did not find these groups. What is told was counted over all "
        f"of their lines and held against comparable ones among {whom}."
    )
    if given.against:
        text += f" Wherever “all others” stand these are meant; “{given.against}” is held against everybody else."
    found = [Flag("Given groups", text)]
    if given.made_of:
        found.append(Flag("What they are made of", first_pages.made_of(given.made_of)))
    more = [(p.label.partition(": ")[0], p.how_much) for p in personas.personas if p.how_much]
    if more:
        found.append(Flag("Who is there more", first_pages.there_more(more)))
    if given.is_outcome:
        day = f"before {given.day}" if given.day else "before the date of each user"
        found.append(
            Flag(
                "Association, no cause",
                f"Only what stands {day} was looked at. What is told went together with what came after; nothing here says that "
                f"it led to it. Others are alike in {words.alike_in(given, personas.same_time)}.",
            )
        )
    return found


def _why_none(personas: PersonaSet) -> str:
    if personas.personas:
        return f"No {personas.noun} passed the gate; the reasons are listed."
    few = "Every group is of too few users to describe, or so large that it would leave too few others"
    return f"{few}: what little else there is would tell of these."


def _field_flags(personas: PersonaSet) -> list[Flag]:
    return [
        Flag(
            f"Mostly {just.field}",
            f"Who knows a user's {just.field} nearly knows the group ({just.ami:.2f} of 1, adjusted mutual information): what "
            f"is said may be of the {just.field}, not of the user.{'' if personas.given else _across(just.field)}",
        )
        for just in personas.is_it_just
        if just.ami > words.MOSTLY
    ]


def _across(field: str) -> str:
    return f" Run again with --within {quote(field)} to see what runs across it."


def _persona_flags(personas: PersonaSet) -> list[Flag]:
    seen = shown(personas)
    # Who is just inside of a firm one comes back there, and who is just outside is told to lean to it.
    loose = [p for p in seen if p.firmness is None or p.firmness.word != "firm"]
    shaky = [p for p in loose if p.stability is not None and p.stability < SOLID]
    small = [p for p in seen if p.size.users < SMALL_USERS]
    found = []
    if shaky:
        whose = "Of every group" if len(shaky) == len(seen) > 1 else _named(shaky)
        text = f"{whose}: who is just inside and who just outside depends on which users a group is made from."
        found.append(Flag("Soft borders", text))
    if small:
        found.append(Flag("Small", f"{_named(small)}: fewer than {SMALL_USERS} users, so intervals are wide."))
    fell, held = sum(len(p.withdrawn) for p in seen), sum(len(p.claims) for p in seen)
    if fell and fell / (fell + held) > MANY_WITHDRAWN:
        found.append(Flag("Many withdrawn", f"{fell:,} of {plural(fell + held, 'claim')} did not hold."))
    return found


def _name_flags(personas: PersonaSet) -> list[Flag]:
    """Which names a person gave, and what was checked of them: behind each it would be read as a part of it"""
    marks = dict.fromkeys(p.named for p in personas.cards if p.named)
    told = [f"{_named([p for p in personas.cards if p.named == mark])}: {mark}." for mark in marks]
    return [Flag("Names that a person gave", " ".join(told))] if told else []


def _named(personas: list[Persona]) -> str:
    return ", ".join(p.label for p in personas)
