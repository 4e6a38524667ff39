"""What is told of all users: where a fact stands on their page, its label, what its figure is of, its part of a sentence.

In: a measure, the names that a person gave, and how the log spells what it holds in lower case. Out: a `ToldFact`; None where
people have no plain words for it. Names of the log stand in quotation marks, as the log spells them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...schema import Beside, Carried, Condition, Measure, Names, Section, Ungrouped
from ..money import unit_of_money, with_unit
from ..wording import act_words, field_words, percent, theme_words
from .asked_labels import any_reading
from .conditions_told import OPENS
from .grammar import capital, doing, listed, plural, with_article
from .hours import COUNT, when
from .orders_told import kept_in
from .readings import FLAGS, OF_THEM, reading
from .spoken import LATER
from .worth_told import worth_name

HEADINGS: dict[Section, str] = {
    "often": "How often and how much",
    "do": "What they do",
    "what": "What they turn to",
    "together": "What goes together",
    "again": "What they come back to",
    "order": "What follows what",
    "when": "When they come",
}
CARRIED = "What the busiest carry"
PARTS = {0.1: "tenth", 0.2: "fifth", 0.25: "quarter"}
OF_VISITS = "of visits"
IN, LIKE = " in ", "things like"
RETURNED = 60  # users who came twice, that it takes to look for groups; as PER_CLASS of groups
OF_VISIT = ("gap", "minutes")  # numbers that are printed with their unit
LONGEST_ROW = 12  # words: what takes a sentence to say is a claim, and no row of a table
SPACE = re.compile(r"\s+")
MUCH = 1.15  # times chance, from which a sentence says so
Spell = Mapping[str, str]
Worded = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class ToldFact:
    """`clause` is what the fact adds to a sentence, {v} its figure; empty where it adds nothing."""

    section: Section
    label: str
    unit: str
    form: str
    clause: str = ""


def told_of_all(m: Measure, names: Names, spell: Spell, zone: str) -> ToldFact | None:
    """The measure as the page about everyone tells it; hours are said to be of a `zone`."""
    known = (
        _often(m)
        or _returning(m, spell, names)
        or _together(m, names, spell)
        or _begun(m, zone)
        or _held(m, names, spell)
    )
    return known or _other(m, names)


def _often(m: Measure) -> ToldFact | None:
    if m.unit != "users" or m.where or m.absent or m.feature or len(m.steps) != 1:
        return None
    step = m.steps[0]
    if step == [OPENS] and m.statistic == "median" and m.of == "matches":
        return ToldFact("often", "Visits of a user", "visits", "number", "usually {v} visits each")
    if step == [OPENS] and m.statistic == "share" and m.at_least == 2:
        return ToldFact("often", "Came for a second visit", OF_THEM, "share", "{v} came back for a second visit")
    if m.statistic == "share" and len(step) == 1 and step[0].field == "date" and step[0].op == "between":
        first, last = (date.fromisoformat(str(v)) for v in step[0].value)
        return ToldFact("often", f"Came from {first:%B} to {last:%B %Y}", OF_THEM, "share")
    return None


def _returning(m: Measure, spell: Spell, names: Names) -> ToldFact | None:
    if m.unit == "things" and m.where == LATER:
        clause = "{v} of what a later visit holds was in an earlier one"
        return ToldFact("again", "In an earlier visit already", "of the things in later visits", "share", clause)
    place = kept_in(m, names)
    if place:
        label, clause = (
            f"The same {place} as the visit before",
            f"{{v}} of later visits have the {place} of the visit before",
        )
        return ToldFact("again", label, "of later visits", "share", clause)
    met = Condition(field="met_before", op="is", value=["yes"])
    if m.unit == "users" and m.statistic == "share" and len(m.where) == 1 and m.steps == [[*m.where, met]]:
        name = _name(m.where[0], spell, names)
        clause = f"{{v}} of those with {name} come back to it"
        return ToldFact("again", f"Back to {name} in a later visit", "of those who ever had it", "share", clause)
    return None


def _together(m: Measure, names: Names, spell: Spell) -> ToldFact | None:
    if m.unit != "sessions" or m.statistic != "share" or len(m.where) != 1 or m.absent or m.feature or m.at_least > 1:
        return None
    last = m.steps[-1] if m.steps else []
    if len(last) != 1 or m.where[0].op != "is" or last[0].op != "is":
        return None
    one, other = _name(m.where[0], spell, names), _name(last[0], spell, names)
    if m.ordered and m.steps[0] == m.where:
        label, clause = f"{capital(one)}, then {other}", f"{other} follows in {{v}} of visits with {one}"
        return ToldFact("order", label, "of visits with the first", "share", clause)
    if len(m.steps) == 1:
        clause = f"{{v}} of visits with {one} hold {other} too"
        return ToldFact("together", f"{capital(other)} where there is {one}", "of these visits", "share", clause)
    return None


def _begun(m: Measure, zone: str) -> ToldFact | None:
    """Hours and days in which visits begin."""
    step = _one_step(m)
    timed = when(step)
    if OPENS not in step or not timed or len(step) != 2:
        return None
    timed += f" ({zone})" if any(c.field == "hour" for c in step) else ""
    return ToldFact("when", capital(timed), OF_VISITS, "share", f"{{v}} of visits begin {timed}")


def _held(m: Measure, names: Names, spell: Spell) -> ToldFact | None:
    """A value, a thing or an act in their visits."""
    step = _one_step(m)
    if m.where or len(step) != 1 or step[0].op != "is":
        return None
    name = _name(step[0], spell, names)
    section: Section = "do" if step[0].field == "action" else "what"
    return ToldFact(section, capital(name), OF_VISITS, "share", f"{name}{IN}{{v}}")


def _one_step(m: Measure) -> Sequence[Condition]:
    """What one line of a visit must be; empty where a measure is of anything else."""
    plain = m.unit == "sessions" and m.statistic == "share" and len(m.steps) == 1 and m.at_least == 1
    return m.steps[0] if plain and not (m.absent or m.feature) else []


def _other(m: Measure, names: Names) -> ToldFact | None:
    """What any card tells: amounts, length and value of visits, what an investigation asked."""
    told = reading(m, names)
    if told is None and m.statistic != "share":
        told = any_reading(m, names)
    if told is None or len(told.label.split()) > LONGEST_ROW:
        return None
    acts = any(c.field == "action" for step in m.steps for c in step)
    section: Section = "order" if told.steps else "often" if told.form == "number" else "do" if acts else "what"
    return ToldFact(section, told.label, told.unit, told.form, _of_a_visit(m, told.unit, names))


def _of_a_visit(m: Measure, unit: str, names: Names) -> str:
    """A number of a visit as a part of a sentence: “4 lines a visit”, “a sales value of 3.98 a visit”."""
    if m.unit != "sessions":
        return ""
    if m.of == "gap":
        return "{v} apart"
    if m.field == "value" and not m.of.startswith("biggest "):
        return f"{with_article(worth_name(names))} of {with_unit('{v}', unit_of_money(names.currency))} a visit"
    return "{v} a visit" if m.of in OF_VISIT else f"{{v}} {unit} a visit"


def _name(c: Condition, spell: Spell, names: Names) -> str:
    """A name of the log in quotation marks, as the log spells it or a person called it; of a field that sorts nothing with its
    name.
    """
    value = str(c.value[0])
    if c.field == "action":
        return doing(act_words(value, names))
    if c.field == "theme":
        return f"{LIKE} “{theme_words(value, names)}”"
    name = f"“{SPACE.sub(' ', spell.get(value, value)).strip()}”"
    bare = c.field.removeprefix("properties.")
    sorts = bare == c.field or bare in names.categories
    if not sorts and FLAGS.get(value.lower()):
        return f"“{field_words(bare, names)}”"
    return name if sorts else f"{field_words(bare, names)} {name}"


def beside(found: Beside) -> str:
    """“by chance 9 %”."""
    said = {"chance": "by chance {}", "even": "spread evenly {}", "before": "before {}", "users": "{} of users ever"}
    return said[found.kind].format(percent(found.value))


def usually(clauses: Sequence[str]) -> str:
    """How often and how much, as a sentence."""
    return capital(f"{listed(list(clauses))}.")


def usually_and_back(clauses: Sequence[str]) -> str:
    """The same, where the last is how many came back."""
    return capital("; ".join([*([listed(list(clauses[:-1]))] if clauses[:-1] else []), f"{clauses[-1]}."]))


def mostly(clauses: Sequence[str]) -> str:
    """What they turn to, or do, as a sentence: “Saving is in 38 % of visits, printing in 36 % and browsing in 33 %.”"""
    name, _, share = clauses[0].rpartition(IN)
    are = "are" if name.startswith(LIKE) else "is"
    return capital(f"{listed([f'{name} {are} in {share} of visits', *clauses[1:]])}.")


def in_one_sentence(clauses: Sequence[str]) -> str:
    """Other clauses, as a sentence."""
    return capital(f"{'; '.join(clauses)}.") if clauses else ""


def back(more: bool) -> str:
    """Whether users have tastes of their own, with how much of a later visit they had met."""
    if more:
        return "They have things of their own: {v} of the things in later visits they had met before, more than chance has it."
    return "They come back to the same things hardly more than chance has it."


def carried_words(found: Carried) -> tuple[str, str]:
    """A label and its figure: “The tenth of users who carry most (390)”, “31 % of the lines”."""
    part = PARTS.get(found.part, percent(found.part))
    return f"The {part} of users who carry most ({found.users:,})", f"{percent(found.share)} of the {found.of}"


# Why groups that were found are not shown, by what keeps them back: of one, of several, of all of them; {s} is which.
KEPT_BACK: dict[str, tuple[str, str, str]] = {
    "few": (
        "{s} has too few users to be told of",
        "{s} have too few users to be told of",
        "each of them has too few users to be told of",
    ),
    "alike": (*("too little sets {s} apart from others",) * 2, "too little sets any of them apart from others"),
    "loose": (
        "users of {s} are not placed in it again by their other visits",
        "users of {s} are not placed in them again by their other visits",
        "users are not placed in the same group again by their other visits",
    ),
    "not_again": (*("other users do not give {s} again",) * 2, "other users do not give the same groups"),
    "lone": ("{s} holds most of the users, with no other to show beside it",) * 3,
    "unwritten": (*("{s} could not be written",) * 2, "none of them could be written"),
}


def none_shown(headline: str, kept_back: Mapping[str, int], fields: Sequence[str]) -> str:
    """Why no group is shown, so many for each reason, and of whom the page is; `fields` are what the groups mostly are."""
    total, told = sum(kept_back.values()), list[str]()
    for why, n in kept_back.items():
        many = COUNT[n - 1] if n <= len(COUNT) else f"{n:,}"
        which = "it" if total == 1 else many if told else f"{many} of them"
        said = KEPT_BACK[why]
        told.append((said[2] if n == total > 1 else said[n > 1]).format(s=which))
    if fields:
        told.append(f"they are mostly {listed(list(fields))} under another name")
    first = ", and ".join(part for part in (", ".join(told[:-1]), told[-1]) if part)
    return f"{headline}: {first}. What follows is of all users together."


def ungrouped(why: Ungrouped, users: int) -> str:
    """Why there are no groups, and what would help, in two sentences."""
    tested = plural(why.tested, "user")
    if why.why == "few_returned":
        few = (
            f"only {why.tested:,} of {plural(users, 'user')} came twice"
            if why.tested < users
            else f"there are {tested}"
        )
        # A part of the users is set aside, and users are told in fives: sixty and more may have come twice.
        needed = "a few more" if why.tested >= RETURNED else "some sixty who come twice"
        told = f"Groups were not looked for: {few}, and it takes {needed} to test whether groups are real."
        return f"{told} More users or a longer log would help; groups of your own can be looked at with --groups."
    if why.why == "nothing_returns":
        told = (
            "They do not fall into groups: what users do in one half of their visits does not come back in the other, "
            f"beyond chance (tested on {tested})."
        )
    else:
        told = (
            "They do not fall into groups: where one half of a user's visits puts them, the other half does not, beyond chance "
            f"(tested on {tested})."
        )
    return f"{told} More visits a user would help; groups of your own can be looked at with --groups."
