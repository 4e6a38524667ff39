"""A model's suggestions, entry by entry, into the codebook that rules proposed and a person corrected.

In: the codebook, what a model suggests, what a person's file says. Out: the codebook with what may be taken, and in a sentence
each what was refused. Promises: nothing that is not in the log, no name that says who somebody is or a sensitive topic, no name
that another thing has; what a person said stays; where an entry is refused, that of the rules stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from ..schema.nouns import KINDS, Noun, Nouns
from ..schema.suggestions import SuggestedAct, SuggestedCodebook, SuggestedField, SuggestedNouns
from .book import Codebook, DescribedAct, DescribedField, DescribedTheme
from .edits import LONGEST_UNIT
from .usable import FORBIDDEN, clashing, unusable, unusable_noun

OWN_EVENTS = 0.2  # of all events that must stay users' own: else nothing would be left to tell them apart by
TAKEN_FOR_NONE = "a model takes it for no thing of its own"


class Refusals(list[str]):
    """What was not taken, in a sentence each."""

    def because(self, what: str, why: str) -> None:
        self.append(f"{what}: {why}")


def with_suggestions(
    book: Codebook,
    suggested: SuggestedCodebook,
    things: Collection[str],
    themes: Mapping[str, str],
    said: Mapping[str, Any],
) -> tuple[Codebook, Refusals]:
    """`things` are those that the model was shown, `themes` its names by code's; `said` is what a person's file says, by its
    keys.
    """
    refused = Refusals()
    names = Counter(_folded(entry.name) for part in (book.acts, book.fields, book.themes) for entry in part.values())
    acts = _acts(book, suggested.acts, {n.lower() for n in said.get("acts", {})}, names, refused)
    fields = _fields(book, suggested.fields, said.get("fields", {}), names, refused)
    called = _themes(book.themes, themes, said.get("themes", {}), names, refused)
    known = {*things, *book.artefacts}
    artefacts = {obj: TAKEN_FOR_NONE for obj in suggested.artefacts if obj in known and obj not in book.artefacts}
    artefacts = {} if "artefacts" in said else artefacts
    kept = [c for c in book.categories if fields[c].use == "category"] if "categories" not in said else book.categories
    nouns = _nouns(book.nouns, suggested.nouns, said.get("nouns", {}), refused)
    update = {"nouns": nouns, "acts": acts, "fields": fields, "themes": called, "categories": kept}
    return book.model_copy(update={**update, "artefacts": {**book.artefacts, **artefacts}}), refused


def _acts(
    book: Codebook, suggested: list[SuggestedAct], said: Collection[str], names: Counter[str], refused: Refusals
) -> dict[str, DescribedAct]:
    known, acts = {n.lower(): n for n in book.acts}, dict(book.acts)
    for entry in suggested:
        act = known.get(entry.act.lower())
        if act is None:
            refused.because(f"“{entry.act}”", "the log has no such act")
        elif entry.act.lower() not in said:
            acts[act] = _act(acts[act], act, entry, known, names, refused)
    own = {
        name: sum(a.events for a in of.values() if a.doer == "user")
        for name, of in (("before", book.acts), ("after", acts))
    }
    if own["after"] < min(OWN_EVENTS * sum(a.events for a in acts.values()), own["before"]):
        refused.because("who does what", "too little would be left that users do themselves")
        acts = {
            n: a.model_copy(update={"doer": book.acts[n].doer, "follows": book.acts[n].follows})
            for n, a in acts.items()
        }
    return acts


def _act(
    act: DescribedAct,
    spelled: str,
    entry: SuggestedAct,
    known: Mapping[str, str],
    names: Counter[str],
    refused: Refusals,
) -> DescribedAct:
    follows = known.get((entry.follows or "").lower())
    # What follows no act is a side effect of nothing, and what somebody does is none.
    effect = entry.doer == "system" and follows is not None and follows != spelled
    doer = entry.doer if entry.doer != "system" or effect else act.doer
    name = _name(act.name, entry.name, f"“{spelled}”", names, refused)
    return act.model_copy(
        update={
            "name": name,
            "doer": doer,
            "follows": follows if effect else act.follows if doer == act.doer else None,
            "clock": act.clock and entry.clock,  # a date has no hour, whoever says so
        }
    )


def _fields(
    book: Codebook, suggested: list[SuggestedField], said: Collection[str], names: Counter[str], refused: Refusals
) -> dict[str, DescribedField]:
    fields = dict(book.fields)
    for entry in suggested:
        field = fields.get(entry.field)
        if field is None:
            refused.because(f"“{entry.field}”", "the log has no such field")
            continue
        if entry.field in said:
            continue
        # That each user has one value was counted; users are told apart within such a field, so no model may take it for nothing.
        use = entry.use if entry.use != "as it is" and field.use != "of the user" else field.use
        unit = field.unit if use == "amount" else None
        if use == "amount" and entry.unit is not None and entry.unit != field.unit:
            unit = entry.unit if _is_unit(entry.unit) else field.unit
            if unit != entry.unit:
                refused.because(f"“{entry.field}”", f"“{entry.unit}” is no unit")
        name = _name(field.name, entry.name, f"“{entry.field}”", names, refused)
        fields[entry.field] = field.model_copy(update={"name": name, "unit": unit, "use": use})
    return fields


def _nouns(nouns: Nouns, suggested: SuggestedNouns, said: Collection[str], refused: Refusals) -> Nouns:
    """Words for people, visits and lines, each kind where both of its words can be taken and are nothing else's."""
    for kind in KINDS:
        noun: Noun = getattr(suggested, kind)
        noun = Noun(one=" ".join(noun.one.split()), many=" ".join(noun.many.split()))
        if kind in said or noun == getattr(nouns, kind):
            continue
        new = nouns.model_copy(update={kind: noun})
        why = unusable_noun(noun.one) or unusable_noun(noun.many) or clashing(new)
        if why:
            refused.because(f"{kind} as “{noun.one}”, “{noun.many}”", why)
        else:
            nouns = new
    return nouns


def _is_unit(unit: str) -> bool:
    return (
        bool(unit.strip()) and len(unit) <= LONGEST_UNIT and not FORBIDDEN.search(unit) and not unusable(unit.strip())
    )


def _name(old: str, new: str, what: str, names: Counter[str], refused: Refusals) -> str:
    """The new name where it can stand in a text and nothing else has it; else the old one."""
    new = " ".join(new.split())
    if _folded(new) == _folded(old):
        return old
    why = unusable(new) or ("something else is called so" if names[_folded(new)] else "")
    if why:
        refused.because(f"{what} as “{new}”", why)
        return old
    names[_folded(old)] -= 1
    names[_folded(new)] += 1
    return new


def _themes(
    themes: Mapping[str, DescribedTheme],
    suggested: Mapping[str, str],
    said: Collection[str],
    names: Counter[str],
    refused: Refusals,
) -> dict[str, DescribedTheme]:
    """What code sorted things into, by other names."""
    found = dict(themes)
    for theme, new in suggested.items():
        if theme in found and theme not in said:
            name = _name(found[theme].name, new, f"the theme “{theme}”", names, refused)
            found[theme] = found[theme].model_copy(update={"name": name})
    return found


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
