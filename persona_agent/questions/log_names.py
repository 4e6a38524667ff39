"""What a question may name beside acts and things: fields of the log with their values, and amounts.

In: a run's log, its vocabulary and the names that a person gave. Out: `NamesInLog`. Promises: values are those that five users
share, commonest first; a field that no card may tell is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..evidence import Corpus
from ..schema import Names, Vocabulary
from ..words.money import PRICES, is_sum
from ..words.wording import field_words, spelled_worth
from ..write.vocabulary import themes_of

# Of what a column holds of things, and no word for them.
OF_A_THING = frozenset(
    [
        "id",
        "name",
        "title",
        "code",
        "key",
        "no",
        "nr",
        "number",
        "description",
        "desc",
        "label",
        "text",
        "path",
        "url",
        "uri",
        "object",
        "sku",
    ]
)
TOKEN = re.compile(r"[^\W_]+")
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class FieldInLog:
    """A field whose values are names; `field` as a condition has it, `of_user` where each user holds one value, `stays` where a
    visit holds one (a region, a store).
    """

    field: str
    called: str
    values: tuple[str, ...]
    of_user: bool
    stays: bool


@dataclass(frozen=True)
class AmountInLog:
    """A numeric field; `optional` where many lines have none of it (a discount), so that having one is something. `is_value`: it
    is what a line is worth.
    """

    field: str
    called: str
    optional: bool
    is_value: bool

    @property
    def is_sum(self) -> bool:
        """Is it what people spend, whatever the log calls it?"""
        return self.is_value and (" × " in self.called or is_sum(self.called))

    @property
    def is_cost(self) -> bool:
        """Is it what one thing costs, or a rate?"""
        return bool(PRICES & set(stems(self.called)))


@dataclass(frozen=True)
class NamesInLog:
    """`untold` are columns of which no card tells: keys, names of people, bookkeeping; `things` are words for what acts are done
    to.
    """

    fields: tuple[FieldInLog, ...] = ()
    amounts: tuple[AmountInLog, ...] = ()
    themes: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    things: tuple[str, ...] = ()

    @property
    def value(self) -> AmountInLog | None:
        return next((a for a in self.amounts if a.is_value), None)


NOTHING_NAMED = NamesInLog()


def names_in_log(
    corpus: Corpus, vocabulary: Vocabulary, names: Names, columns: Sequence[str], thing: str = ""
) -> NamesInLog:
    """The names of a finished run's log, of which these are all `columns`, and `thing` the one of what acts are done to."""
    held = {name: set(getattr(names, name)) for name in ("of_user", "places")}
    fields = tuple(
        FieldInLog(
            field=f"properties.{name}",
            called=field_words(name, names),
            values=tuple(f.values),
            of_user=name in held["of_user"],
            stays=name in held["places"],
        )
        for f in vocabulary.fields
        if f.values and (name := f.name.removeprefix("properties."))
    )
    amounts = [
        AmountInLog(f"properties.{a.name}", field_words(a.name, names), optional=a.low == 0, is_value=False)
        for a in vocabulary.amounts
        if a.name != (vocabulary.value or "").removeprefix("properties.")
    ]
    if vocabulary.value:
        called = names.value or spelled_worth(vocabulary.value)
        amounts.append(AmountInLog(_value_field(vocabulary.value), called, optional=_is_rare(corpus), is_value=True))
    told = {*(f.field for f in fields), *(a.field for a in amounts)}
    untold = [name for name in columns if f"properties.{name}" not in told]
    return NamesInLog(fields, tuple(amounts), tuple(themes_of(corpus)), tuple(untold), things_called(thing))


def things_called(column: str) -> tuple[str, ...]:
    """What a column calls the things that it holds: `page_title` pages, `stationId` stations."""
    own = [w for w in stems(column.rpartition(".")[2]) if w not in OF_A_THING]
    return (own[-1],) if own else ()


def _value_field(value: str) -> str:
    """The field that holds what a line is worth; of what is reckoned from several the value itself."""
    name = value.removeprefix("properties.")
    return f"properties.{name}" if TOKEN.search(name) and not re.search(r"[*/+()]", name) else "value"


def _is_rare(corpus: Corpus) -> bool:
    """Is half of all lines, or more, worth nothing?"""
    row = corpus.connection.execute("SELECT median(coalesce(value, 0)) FROM lines").fetchone()
    return bool(row) and not row[0]


def stems(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, without the s of a plural."""
    return tuple(w.lower().removesuffix("s") for w in TOKEN.findall(CAPITAL.sub(" ", name)))
