"""Habits beside the personas in words: what each is called, whom it is about, and how it comes back.

In: habits with their figures, as they may be shown. Out: texts for small cards and for a table. Promises: a label holds no
figure, and is that of a bar of a card wherever a bar has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...schema import HabitBeside, Measure, Names
from ...schema.faces import HabitFact
from ...schema.personas import FIRM
from ..money import SIGNS, with_unit
from ..published_habits import published_habit
from ..wording import percent
from .cards import figure, lowered
from .first_pages import FIRM_WORDS
from .grammar import capital
from .orders_told import kept_in
from .persona_names import NameFact
from .readings import reading
from .spoken import Reading
from .visiting import few_carry

LEAST = 0.005  # below it a share prints as 0 %
TITLE, FURTHER = "Habits across the personas", "Further habits"
HEAD = ("habit", "users", "theirs", "all others", "found again by the other half")
APART_HEAD = ("", "these users", "all others")
WHAT_THEY_ARE = (
    "Whoever is here may be in any persona, or in none; picked by one half of their visits and measured on the other."
)
TAG = "A habit across the personas: whoever has it may be in any of these, or in none"
IN_THE_TABLE = "Habits across these: their users are in the rows above as well"
COUNTED_TITLE = "How it is counted"
COUNTED = (
    "Users are picked by one half of their visits, and measured on the other, both ways; all others are the users who came "
    "twice or more and were not picked. The share is of those picked by one half whom the other half finds again, and by chance "
    "of all. “persona-agent check OUT” counts all of it again."
)
WHO_IS_IN = "How many they are is by all of their visits."
AGAIN = "found again by their other visits"


@dataclass(frozen=True)
class HabitCard:
    """What a page tells of a habit: how many they are and how firm that is, bars of (what, theirs, all others), and
    how it is counted; a card says what the head of a column says in a table.
    """

    id: str
    name: str
    sentence: str
    sizes: list[tuple[str, str]]
    firm: tuple[str, str]
    firm_on_card: tuple[str, str]
    bars: list[tuple[str, str, str]]
    attempt: str
    few: str
    counted: list[str]

    @property
    def value(self) -> str:
        """Their share of the value, where there is one."""
        return self.sizes[2][0] if self.sizes[2:] else ""

    @property
    def last(self) -> str:
        """The last cell of their row in the table of all: what to try, else the habit with its figures."""
        what, here, others = self.bars[0]
        return self.attempt or f"{what}: {here}, all others {others}"


def habit_cards(habits: Sequence[HabitBeside]) -> list[HabitCard]:
    """All but those that an editor left to a table."""
    return [_card(habit) for habit in habits if habit.card]


def further_habits(habits: Sequence[HabitBeside]) -> list[HabitBeside]:
    """Those without a card."""
    return [h for h in habits if not h.card]


def _card(habit: HabitBeside) -> HabitCard:
    said = habit.said
    value = [] if habit.share_value is None else [(percent(habit.share_value), "of value")]
    return HabitCard(
        id=habit.id,
        name=habit_name(habit),
        sentence=said.sentence if said else "",
        sizes=[(f"{habit.users:,}", "users"), (percent(habit.share_users), "of users"), *value],
        firm=habit_in_brief(habit),
        firm_on_card=habit_firmness(habit, f" {AGAIN}"),
        bars=habit_bars(habit),
        attempt=said.attempt if said else "",
        few="" if habit.top_five is None else few_carry(habit.top_five),
        counted=[COUNTED, f"The habit that picks them: {habit.label}. {WHO_IS_IN}"],
    )


def habit_name(habit: HabitBeside) -> str:
    """What a page calls it: by an editor's name, else by code's own, else as the bar that code draws, of a number with which end
    of it is theirs.
    """
    end = f"{'High' if habit.more else 'Low'} {lowered(habit.label)}" if habit.form == "number" else habit.label
    return (habit.said.label if habit.said else "") or habit.name or end


def name_by_code(habit: HabitBeside, names: Names) -> str:
    """A name as a persona of that one fact would have, from the bar's words; empty where these lend none."""
    told = habit_words(habit.measure, names)
    fact = told and NameFact(told, habit.more != habit.measure.changes_place, habit.here)
    return capital(fact.alone or fact.compared) if fact else ""


def habit_firmness(habit: HabitBeside, again: str = "") -> tuple[str, str]:
    """“firm”, “52 %, by chance 8 %”: as personas are called firm, by what is beyond chance; `again` says what the share is of."""
    kappa = (habit.back - habit.chance) / max(1 - habit.chance, LEAST)
    return FIRM_WORDS[
        "firm" if kappa >= FIRM else "fair"
    ], f"{percent(habit.back)}{again}, {percent(habit.chance)} by chance"


def habit_in_brief(habit: HabitBeside) -> tuple[str, str]:
    """The same for the table of all, whose head says what the figures are."""
    return habit_firmness(habit)[0], f"{percent(habit.back)} ({percent(habit.chance)})"


def habit_bars(habit: HabitBeside) -> list[tuple[str, str, str]]:
    """(what, their figure, that of all others): the habit itself, then what else is so of its users."""
    facts: list[HabitFact] = [habit, *habit.also]
    return [(f.label, with_unit(_figure(f, f.here), f.unit), _with_sign(_figure(f, f.others), f.unit)) for f in facts]


def habit_words(measure: Measure, names: Names) -> Reading | None:
    """The measure in the words of a bar; a changed place is told as the change, which no bar has a measure for."""
    steps = [[c.model_copy(update={"value": ["yes"]}) for c in step] for step in measure.steps]
    kept = measure.model_copy(update={"steps": steps})
    if measure.kept_fields and kept != measure and (place := kept_in(kept, names)):
        told = reading(kept, names)
        return told and replace(told, label=capital(f"another {place} than the visit before"))
    return reading(measure, names)


def habit_values(habits: Sequence[HabitBeside]) -> dict[str, str]:
    """The slots of a page about habits: `{b1.here}`, `{b1.users}`."""
    found: dict[str, str] = {}
    for habit in map(published_habit, habits):
        _, here, others = habit_bars(habit)[0]
        told = {"here": here, "others": others, "users": f"{habit.users:,}", "share_users": percent(habit.share_users)}
        told |= {} if habit.share_value is None else {"share_value": percent(habit.share_value)}
        found |= {f"{habit.id}.{name}": text for name, text in told.items()}
    return found


def habit_facts(habits: Sequence[HabitBeside]) -> Iterator[str]:
    """What any text of a page may rest on: every habit with its figures."""
    for habit in map(published_habit, habits):
        size = f"{habit.users:,} users, {percent(habit.share_users)} of all"
        value = "" if habit.share_value is None else f", who bring in {percent(habit.share_value)} of the value"
        told = "; ".join(f"{what}: {here}, all others {others}" for what, here, others in habit_bars(habit))
        yield f"“{habit_name(habit)}”, a habit beside the personas, of {size}{value}: {told}."


def habit_rows(habits: Iterable[HabitBeside]) -> list[tuple[str, str, str, str, str]]:
    """(habit, users, their figure, that of all others, how it comes back), those first whose figures are furthest apart."""
    return [
        (
            _told_apart(habit),
            f"{habit.users:,}",
            with_unit(_figure(habit, habit.here), habit.unit),
            _with_sign(_figure(habit, habit.others), habit.unit),
            habit_firmness(habit)[1],
        )
        for habit in sorted(habits, key=_times, reverse=True)
    ]


def _told_apart(habit: HabitBeside) -> str:
    """Of a number which end it is: two ends of one have one label."""
    return f"{habit.name}: {lowered(habit.label)}" if habit.form == "number" and habit.name else habit.label


def _times(habit: HabitBeside) -> float:
    """How many times the one figure is the other; what prints as 0 % counts as a half of one."""
    least, most = sorted(max(figure, LEAST) for figure in (habit.here, habit.others))
    return most / least


def _figure(habit: HabitFact, value: float) -> str:
    return figure(habit.form, value, of=habit.measure)


def _with_sign(told: str, unit: str) -> str:
    """A unit is said once, a sign of money each time."""
    sign = unit.partition(" ")[0]
    return with_unit(told, sign) if sign in SIGNS.values() else told
