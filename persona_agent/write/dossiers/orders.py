"""What could be said of how a visit is made up: its biggest thing, what comes back from one visit to the next, in which amounts,
and what a visit comes to.

In: a corpus, a group, the numeric properties of its log. Out: inquiries like those of inquiries.py. Amounts are those that count
things (typical.counting): nobody has a price in dozens. Values and bands are found in the data, never typed in: whole numbers at
which a group's or the others' lines pile up, and pile-ups of what visits are worth (evidence/pile_ups.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...evidence import Binder, Corpus, pile_ups_of
from ...log.events import property_path
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...schema import SAME_AMOUNT, Condition, Feature, Topic
from ...words.english.grammar import takes_things, turned_to
from ...words.english.orders_told import exactly, same_as_before, total_words
from ...words.wording import field_words, number
from .inquiries import Inquiry, comparing_measure, middle, same, visits_share
from .typical import counting

PILED_UP = 0.05  # of the lines of a group, or of the others, on one number: a pack that people know. Not tuned
MOST_PACKS = 2  # numbers of a group: more are a distribution again
SMALLEST_PACK = 2  # one of a thing is no pack; one or two are told together
EITHER = ["yes", "no"]


def orders(corpus: Corpus, group: int, names: Sequence[str]) -> Iterator[Inquiry]:
    # Twelve portions on a page are no pack: amounts are told so where nearly all is one act of taking, or brings something in.
    taken = corpus.valued or takes_things(corpus.names.main_act)
    counted = counting(corpus, names) if taken else None
    yield from _biggest(corpus, counted)
    before = [Condition(field="met_before", op="in", value=EITHER)]
    last = comparing_measure("things", [[same("met_last", "yes")]], where=before)
    yield Inquiry(Topic(kind="last"), "the same as last time", "were in the visit just before", last, "things")
    if counted is not None:
        yield _same_amount(corpus, counted)
        yield from _packs(corpus, group, counted)
    if corpus.valued:
        yield from _totals(corpus)


def _biggest(corpus: Corpus, counted: str | None) -> Iterator[Inquiry]:
    field = "value" if corpus.valued else f"properties.{counted}" if counted is not None else ""
    if field:
        of = field_words(field.removeprefix("properties."), corpus.names)
        said = f"the usual part of a visit's {of} that its biggest thing makes up"
        yield Inquiry(Topic(kind="biggest"), "", said, middle("sessions", f"biggest {field}"), "number")


def _same_amount(corpus: Corpus, name: str) -> Inquiry:
    """Of what comes again, how much comes in the amount of the last time."""
    field = f"{SAME_AMOUNT}properties.{name}"
    again = comparing_measure("things", [[same(field, "yes")]], where=[Condition(field=field, op="in", value=EITHER)])
    said = f"come in {same_as_before(field, corpus.names)}"
    of = f"the things that they {turned_to(corpus.names.main_act)} again"
    return Inquiry(Topic(kind="same", about=name), "", said, again, "things", of)


def _packs(corpus: Corpus, group: int, name: str) -> Iterator[Inquiry]:
    """Lines with exactly so many, or with one of two numbers of which one is twice the other."""
    found = _piled_up(corpus, group, name)
    doubles = [[x, 2 * x] for x in found if 2 * x in found]
    for values in [*([x] for x in found if x >= SMALLEST_PACK), *doubles]:
        lines = comparing_measure("events", [[_one_of(name, values)]])
        said = exactly(f"properties.{name}", values, corpus.names)
        about = f"{name} of {' or '.join(number(x) for x in values)}"
        yield Inquiry(
            Topic(kind="exact", about=about), said.removeprefix("are for "), said, lines, "lines", "their lines"
        )


def _one_of(name: str, values: list[float]) -> Condition:
    return Condition(field=f"properties.{name}", op="in" if len(values) > 1 else "is", value=values)


def _totals(corpus: Corpus) -> Iterator[Inquiry]:
    """How many visits come to a sum at which visits pile up, and to no less."""
    for band in pile_ups_of(corpus, "value"):
        if band.low is None or band.high is None:
            continue
        within = Feature(name="total_of", field="value", op="between", value=band.low, upper=band.high)
        least = Feature(name="total_of", field="value", op="at_least", value=band.low)
        for feature in (within, least):
            asked, said = visits_share([], feature=feature), total_words(feature, corpus.names)
            yield Inquiry(Topic(kind="total", about=f"{said}"), "", said, asked, "sessions")


def _piled_up(corpus: Corpus, group: int, name: str) -> list[float]:
    """Whole numbers that hold PILED_UP of the lines of the group's users or of the others', each user weighing the same; those in
    which the two differ most.
    """
    binder = Binder()
    here = f"u IN (SELECT u FROM places WHERE g = {binder.bind(group)})"
    sql = f"""
      WITH n AS (SELECT count(DISTINCT u) FILTER ({here}) AS own, count(DISTINCT u) AS everyone FROM {_table(corpus, name)}),
      c AS (SELECT x, count(*) FILTER ({here}) AS users, coalesce(sum(share) FILTER ({here}), 0) AS p,
                   coalesce(sum(share) FILTER (NOT {here}), 0) AS q FROM {_table(corpus, name)} GROUP BY x),
      d AS (SELECT x, p / greatest(own, 1) AS p, q / greatest(everyone - own, 1) AS q FROM c, n
            WHERE users >= {binder.bind(FLOOR)})
      SELECT x FROM d WHERE greatest(p, q) >= {binder.bind(PILED_UP)}
      ORDER BY abs(p - q) DESC, x LIMIT {binder.bind(MOST_PACKS)}
    """
    return [float(x) for (x,) in corpus.connection.execute(sql, binder.values).fetchall()]


def _table(corpus: Corpus, name: str) -> str:
    """A table (u, x, share) of the whole numbers on the lines of users that groups are made from, made once a corpus."""
    tables: dict[str, str] = corpus.memo.setdefault("packs", {})
    if name not in tables:
        tables[name], binder = f"packs_{len(tables)}", Binder()
        x = f"TRY_CAST(json_extract_string(properties, {binder.bind(property_path(name))}) AS DOUBLE)"
        corpus.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE {tables[name]} AS
            WITH c AS (SELECT u, {x} AS x, count(*) AS n FROM lines WHERE u NOT IN (SELECT u FROM held) GROUP BY ALL
                       HAVING x IS NOT NULL)
            SELECT u, x, n / sum(n) OVER (PARTITION BY u) AS share FROM c QUALIFY x = round(x) AND x > 0
            """,
            binder.values,
        )
    return tables[name]
