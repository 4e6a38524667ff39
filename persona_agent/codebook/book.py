"""`Codebook`: what a log is, as one value, and what of it a person changed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..log.unused import columns_of
from ..schema import Names
from ..schema.measures import Value
from ..schema.nouns import USUAL_NOUNS, Nouns, NounsOfLog
from ..words.its_nouns import own_pairs
from ..words.money import CURRENCIES
from ..words.wording import readable
from .unit_names import MONEY, NUMBER, SHARE

Doer = Literal["user", "product", "system"]
# What a property is for: told apart by it (amount), what objects are sorted by (category), what else an event holds (field),
# what its user is (of the user), or nothing that anybody does (bookkeeping).
Use = Literal["amount", "category", "field", "of the user", "bookkeeping"]


MOST_TOLD = 60  # values of a field by which acts are told: one of more names things, or is text. Not tuned
MAIN = 0.9  # of the lines of users, on one act: the things of a log are then those that this act is done to


class Zone(Value):
    """The time zone of hours and weekdays; `confirmed` where a person named it."""

    name: str
    confirmed: bool


class DescribedAct(Value):
    """`follows`: the act that this one is a side effect of; `with_act` and `share` say which act on the same thing it mostly
    goes with in one step of the log's clock, where that is not enough to call it one.
    """

    name: str
    doer: Doer = "user"
    clock: bool = True
    follows: str | None = None
    events: int = Field(default=0, exclude=True)
    users: int = Field(default=0, exclude=True)
    with_act: str | None = Field(default=None, exclude=True)
    share: float = Field(default=0.0, exclude=True)


class DescribedField(Value):
    """`repeats`: the field (or `object`, `action`) that tells the same; `values` and `coverage` are of a sample."""

    name: str
    unit: str | None = None
    use: Use = "field"
    repeats: str | None = None
    values: int = Field(default=0, exclude=True)
    coverage: float = Field(default=0.0, exclude=True)


class DescribedTheme(Value):
    """`things` is how many it has, `examples` are its commonest."""

    name: str
    things: int = Field(default=0, exclude=True)
    examples: list[str] = Field(default=[], exclude=True)


class Codebook(Value):
    """`acts` and `fields` by their names in the log, commonest first; `categories` are fields that sort objects, finest first;
    `places` are fields that hold one value in a visit, and to whose values users come back; `nouns` are what texts call people,
    their visits and the log's lines;
    `artefacts` are objects that look like no object, with why; `themes` are what objects are sorted by where no field does, by
    the names that code gave them: they are known when users have been grouped.
    """

    about: str | None = None
    zone: Zone
    nouns: Nouns = USUAL_NOUNS
    acts: dict[str, DescribedAct]
    fields: dict[str, DescribedField]
    categories: list[str] = []
    places: list[str] = []
    artefacts: dict[str, str] = {}
    themes: dict[str, DescribedTheme] = {}


def merged(proposed: Codebook, edits: dict[str, object]) -> Codebook:
    """The proposal with what a file says instead (already checked), as nested values by their keys."""
    plain = proposed.model_dump()
    for key, value in edits.items():
        if key in ("acts", "fields", "themes", "nouns") and isinstance(value, dict):
            for name, entry in value.items():
                plain[key][name] = {**plain[key][name], **entry}
        else:
            plain[key] = value
    book = Codebook.model_validate(plain)
    return book.model_copy(
        update={
            "acts": {n: _with_counts(book.acts[n], a) for n, a in proposed.acts.items()},
            "fields": {n: _with_sample(book.fields[n], f) for n, f in proposed.fields.items()},
            "themes": {n: t.model_copy(update={"name": book.themes[n].name}) for n, t in proposed.themes.items()},
        }
    )


def edited_names(proposed: Codebook, book: Codebook, value: str | None = None) -> Names:
    """What texts call otherwise than the log spells it: acts and themes that a person renamed, fields with another name or a
    unit. With the fields that sort objects or acts, the act that nearly all lines are of, the currency that a `value` is in, and
    objects that are none, of which no number is told.
    """
    acts = {
        n.lower(): a.name
        for n, a in book.acts.items()
        if a.name != proposed.acts[n].name or a.name.lower() != readable(n).lower()
    }
    fields = {n: worded(f) for n, f in book.fields.items() if worded(f) != readable(n)}
    themes = {n.lower(): t.name for n, t in book.themes.items() if t.name != n}
    return Names(
        acts=acts,
        fields=fields,
        categories=book.categories,
        sorts=[n for n, f in book.fields.items() if f.use == "field" and 2 <= f.values <= MOST_TOLD],
        themes=themes,
        main_act=_main_act(book),
        of_user=[n for n, f in book.fields.items() if f.use == "of the user" and 2 <= f.values <= MOST_TOLD],
        places=book.places,
        done_to=[act for act, a in book.acts.items() if a.doer == "product"],
        currency=_currency(book, value),
        value=_called(book, value),
        uncounted=[obj.lower() for obj in book.artefacts],
        in_parts=[n for n, f in book.fields.items() if f.unit == SHARE],
        nouns=NounsOfLog(**dict(book.nouns), kept=_kept(book) if book.nouns.told() else ()),
    )


def _kept(book: Codebook) -> tuple[str, ...]:
    """What of the names of acts, fields and themes holds a word that the program has for people, visits or lines."""
    parts = (book.acts, book.fields, book.themes)
    names = [*(entry.name for part in parts for entry in part.values()), *(readable(n) for part in parts for n in part)]
    return tuple(sorted({pair for name in names for pair in own_pairs(name)}))


def _main_act(book: Codebook) -> str | None:
    """The act that users do nearly all the time, as it is called."""
    done = [act for act in book.acts.values() if act.doer == "user" and act.follows is None]
    most = max(done, key=lambda act: act.events, default=None)
    return most.name if most and most.events and most.events >= MAIN * sum(act.events for act in done) else None


def _currency(book: Codebook, value: str | None) -> str | None:
    """The one currency that the fields of an expression are in; pieces and the like have units of their own."""
    of_value = (f.unit for name, f in book.fields.items() if name in columns_of(value) and f.unit)
    units = {unit.upper() for unit in of_value if unit.lower() in CURRENCIES}
    return next(iter(units)) if len(units) == 1 else None


def _called(book: Codebook, value: str | None) -> str | None:
    """The name of the one field that is the value; of what is reckoned from several there is none."""
    field = (value or "").removeprefix("properties.")
    return book.fields[field].name if field in book.fields else None


def worded(field: DescribedField) -> str:
    """A field's name with its unit, where it has one that can be read."""
    return (
        field.name
        if field.unit in (None, MONEY, NUMBER, SHARE) or field.unit.lower() in field.name.lower().split()
        else f"{field.name} ({field.unit})"
    )


def _with_counts(act: DescribedAct, of: DescribedAct) -> DescribedAct:
    same = {name: getattr(of, name) for name in ("events", "users", "with_act", "share")}
    return act.model_copy(update=same)


def _with_sample(field: DescribedField, of: DescribedField) -> DescribedField:
    return field.model_copy(update={"values": of.values, "coverage": of.coverage})
