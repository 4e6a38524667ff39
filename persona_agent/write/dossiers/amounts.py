"""What could be said of a group's amounts: whether and how much, against what is usual for the same thing; what a visit is worth.

In: a corpus and the numeric properties of its log. Out: inquiries like those of inquiries.py, the same for every group. An amount
that is often nothing is asked twice, as whether there is one and as how much where there is: a median over lines without a
discount says half a cent of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...evidence import Binder, Corpus, is_of_objects
from ...log.events import property_path
from ...schema import Condition, Measure, Topic
from ...words.english.grammar import with_article
from ...words.english.worth_told import of_visit, worth_name
from ...words.wording import field_words
from .inquiries import Inquiry, comparing_measure, middle

OFTEN_NOTHING = 0.1  # of an amount's lines: the middle amount would be of two kinds of lines. Not tuned
EARNING = 0.5  # of users' visits that have a value: of fewer the middle visit would be worth nothing


def amounts(corpus: Corpus, names: Sequence[str]) -> Iterator[Inquiry]:
    for name in names:
        field, words = f"properties.{name}", field_words(name, corpus.names)
        in_parts = name in corpus.names.in_parts
        some = [[Condition(field=field, op="not_in", value=[0])]]
        if _nothing(corpus, name) >= OFTEN_NOTHING:
            said, rest = f"has {with_article(words)}", f"the usual {words}, where there is one"
            yield Inquiry(Topic(kind="any", about=name), said, said, comparing_measure("events", some), "lines")
            yield Inquiry(
                Topic(kind="amount", about=name), words, rest, middle("users", field, some, in_parts=in_parts), "number"
            )
        else:
            yield Inquiry(
                Topic(kind="amount", about=name),
                words,
                f"the usual {words}",
                middle("users", field, in_parts=in_parts),
                "number",
            )
        if is_of_objects(corpus, field):
            said = f"their {words} as a part of what is usual for the same thing"
            yield Inquiry(Topic(kind="price", about=name), "", said, middle("users", f"relative {field}"), "number")
    if corpus.valued:
        yield from worth_inquiries(corpus)


def worth_inquiries(corpus: Corpus) -> Iterator[Inquiry]:
    """What a visit and what a user are worth, in a log that has values."""
    found = worth(corpus)
    said = f"the {'usual' if found.statistic == 'median' else 'average'} {of_visit(corpus.names)}"
    yield Inquiry(Topic(kind="worth"), "", said, found, "number")
    whole = comparing_measure("users", statistic="sum", of="value")
    said = f"the {worth_name(corpus.names)} of one of them in all"
    yield Inquiry(Topic(kind="value"), "", said, whole, "number")


def worth(corpus: Corpus) -> Measure:
    """What a visit is worth: in the middle, or where most visits bring nothing, on average."""
    if _earning(corpus) >= EARNING:
        return middle("sessions", "total value")
    return comparing_measure("sessions", statistic="sum", of="value")


def _nothing(corpus: Corpus, name: str) -> float:
    """The share of an amount's lines at which it is nothing."""
    binder = Binder()
    number = f"TRY_CAST(json_extract_string(properties, {binder.bind(property_path(name))}) AS DOUBLE)"
    row = corpus.connection.execute(f"SELECT avg(({number} = 0)::INTEGER) FROM lines", binder.values).fetchone()
    return float(row[0] or 0.0) if row else 0.0


def _earning(corpus: Corpus) -> float:
    row = corpus.connection.execute(
        "SELECT avg(own) FROM (SELECT avg(has) AS own FROM (SELECT u, s, coalesce(bool_or(value > 0), false)::INTEGER AS has "
        "FROM lines WHERE s IS NOT NULL GROUP BY u, s) GROUP BY u)"
    ).fetchone()
    return float(row[0] or 0.0) if row else 0.0
