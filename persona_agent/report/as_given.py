"""Cards of groups that were given, under the names that they were given.

In: a set as it was written, and whose groups they are. Out: the set with their names, which no writer saw. Promises: what a
writer called a group stands behind its name, where anything sets it apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..log.given_groups import Cohorts
from ..schema import Dossier, Given, Persona, PersonaSet
from ..words.english.cards import lowered
from ..words.group_names import shown_names
from ..write.cards.making import NO_NAME


def as_given(
    personas: PersonaSet, given: Cohorts | None, of_group: Sequence[str | None], dossiers: Sequence[Dossier] = ()
) -> PersonaSet:
    """The same set where groups were found; what its `dossiers` say after who gave the groups is what the log shows of that."""
    if given is None:
        return personas
    names = shown_names(given.names)
    called = {p: names[g] for g, p in enumerate(of_group) if p}
    against = None if given.against is None else names[given.names.index(given.against)]
    small = [names[g] for g, p in enumerate(of_group) if p is None] or None
    made_of = list(dict.fromkeys(said for d in dossiers for said in d.formed_by[1:])) or None
    told = Given(by=given.by, made_of=made_of, against=against, day=given.day, own_days=given.own_dates, small=small)
    return personas.model_copy(
        update={"given": told, "personas": [_named(p, called.get(p.id)) for p in personas.personas]}
    )


def _named(persona: Persona, name: str | None) -> Persona:
    if name is None:
        return persona
    nameless = persona.status == "withheld" or persona.label.startswith(NO_NAME)
    habit = "" if nameless else f": {lowered(persona.label)}"
    return persona.model_copy(update={"label": name + habit})
