"""Habits beside the personas as small cards: what an editor is shown of them, and what stands of its words.

In: habits with their figures, an edition. Out: rows of a prompt, texts for a critic, habits with a name. Promises: an editor
sees no finer figure than a page shows, and counts nothing; what falls leaves code's label, or nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..schema import HabitBeside, Names
from ..schema.drafts import EditedHabit
from ..schema.faces import HabitSaid
from ..words.english.habits_told import habit_bars, habit_facts, habit_firmness
from ..words.published_habits import published_habit
from ..words.sentences import examine, examine_open
from ..words.wording import SLOT, percent
from .critique import TextToRead
from .critique.slots import TextKind
from .edited_texts import EditedText

LONGEST_SENTENCE = 16  # words of what is seen of a habit: four more than are asked for


def shown_habits(habits: Sequence[HabitBeside], homes: Mapping[str, str]) -> list[dict[str, Any]]:
    """The habits as an editor sees them; `homes` are names of personas that half of their users or more are members of."""
    return [_shown(published_habit(h), homes.get(h.id, "")) for h in habits]


def _shown(habit: HabitBeside, home: str) -> dict[str, Any]:
    bars = [{"what": what, "here": here, "others": others} for what, here, others in habit_bars(habit)]
    size = {"users": f"{habit.users:,}", "share_users": percent(habit.share_users)}
    value = {} if habit.share_value is None else {"share_value": percent(habit.share_value)}
    mostly = {"mostly_in": home} if home else {}
    return {"id": habit.id, "bars": bars, "size": size | value, "firm": ": ".join(habit_firmness(habit)), **mostly}


def check_habits(habits: Collection[str], edited: Sequence[EditedHabit], name: int, attempt: int) -> Iterator[str]:
    """What makes an edition unusable: habits that are not there, and texts of too many words, or with a slot."""
    ids = [h.habit for h in edited]
    yield from (f"habits: there is no habit {i!r}" for i in ids if i not in habits)
    yield from (f"habits: {i!r} is there twice" for i in sorted(set(ids)) if ids.count(i) > 1)
    for h in edited:
        texts = {"name": (h.label, name), "sentence": (h.sentence, LONGEST_SENTENCE), "phrase": (h.attempt, attempt)}
        for what, (text, most) in texts.items():
            if len(text.split()) > most or SLOT.search(text):
                yield f"habits: the {what} of {h.habit} has a slot, or more than {most} words"


def texts_of_habits(
    habits: Sequence[HabitBeside], edited: Sequence[EditedHabit], called: Names
) -> dict[str, EditedText]:
    """The texts of those with a name, by place (`b1.label`, `b1.sentence`, `b1.attempt`), each as its reader gets it."""
    facts = {h.id: tuple(habit_facts([h.model_copy(update={"said": None})])) for h in habits}
    found: dict[str, EditedText] = {}
    for new in (e for e in edited if e.habit in facts and e.label.strip()):
        kinds: list[tuple[str, TextKind, str]] = [
            ("label", "name", new.label),
            ("sentence", "motto", new.sentence),
            ("attempt", "suggestion", new.attempt),
        ]
        for place, kind, text in ((p, k, t.strip()) for p, k, t in kinds if t.strip()):
            open_text = kind == "suggestion"
            read = examine_open(text, [], called=called) if open_text else examine(text, [], None, called=called)
            said = TextToRead(kind, text, facts[new.habit], tuple(read.look_at))
            found[f"{new.habit}.{place}"] = EditedText(said, read.wrong)
    return found


def said_of_habits(
    habits: Sequence[HabitBeside], texts: Mapping[str, EditedText], standing: Collection[str], names: Collection[str]
) -> list[HabitBeside]:
    """The habits with what stands of their words; a name that somebody else has is none."""
    taken = {name.casefold() for name in names}
    found: list[HabitBeside] = []
    for habit in habits:
        own = {
            place: texts[p].said.text if (p := f"{habit.id}.{place}") in standing else ""
            for place in HabitSaid.model_fields
        }
        worded = f"{habit.id}.label" in texts
        if own["label"].casefold() in taken:
            own["label"] = ""
        taken |= {own["label"].casefold()} - {""}
        said = HabitSaid(**own) if worded else None
        found.append(habit.model_copy(update={"card": habit.card and worded, "said": said}))
    return found
