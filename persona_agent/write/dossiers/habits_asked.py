"""Which habits are asked about beside the personas: the ends of what a visit is like, and of what it is about.

In: a corpus, and the numeric properties in use. Out: habits, each with the words that a bar has for it. Promises: the same list
for a log whatever its groups; what people have no plain words for is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...evidence import AskedHabit, Binder, Corpus
from ...evidence.conditions import values_expression
from ...evidence.habit_cases import FEWEST
from ...log.sensitive import topics
from ...redaction import looks_like_instruction
from ...schema import Measure, Says
from ...words.english.habits_told import habit_words
from ...words.english.kinds_told import AND_THE_LIKE
from .amounts import amounts, worth
from .habits import breadth, place_inquiries, rhythm
from .inquiries import CATEGORIES, comparing_measure, same

ASKED = Says(comparator="at_least", value=0)


def asked_habits(corpus: Corpus, names: Sequence[str]) -> list[AskedHabit]:
    """All habits to ask about; `names` are the numeric properties."""
    found = []
    for measure in _measures(corpus, names):
        plain = measure.model_copy(update={"versus": None, "says": ASKED})
        told = habit_words(plain, corpus.names)
        if told is not None and not told.label.endswith(AND_THE_LIKE):  # what has no name of its own is no habit
            found += [AskedHabit(told.label, told.unit, plain, more, told.facts) for more in _ends(plain)]
    return found


def _ends(measure: Measure) -> tuple[bool, ...]:
    """Less of a value that few lines have is nothing to see, less of one part of the day is more of another, and a place has a
    measure for either end.
    """
    timed = any(c.field == "hour" for step in measure.steps for c in step)
    valued = measure.unit in ("events", "things") and measure.statistic == "share"
    return (True,) if timed or valued or measure.kept_fields else (True, False)


def _measures(corpus: Corpus, names: Sequence[str]) -> Iterator[Measure]:
    for inquiry in place_inquiries(corpus):
        yield inquiry.measure
        other = [[c.model_copy(update={"value": ["no"]}) for c in step] for step in inquiry.measure.steps]
        yield inquiry.measure.model_copy(update={"steps": other})
    yield from (i.measure for i in rhythm(corpus) if i.topic.kind != "gap")
    yield from (i.measure for i in breadth(corpus))
    yield from (i.measure for i in amounts(corpus, names) if i.topic.kind in ("any", "amount"))
    if corpus.valued and (brought := worth(corpus)).statistic == "median":
        yield brought
    for theme in _values(corpus, "theme"):
        yield comparing_measure("things", [[same("theme", theme)]])
    for name in corpus.names.categories[::-1][:CATEGORIES]:
        for value in _values(corpus, f"properties.{name}"):
            yield comparing_measure("events", [[same(f"properties.{name}", value)]])


def _values(corpus: Corpus, field: str) -> list[str]:
    """Values of a field that users enough have, of those that were not set aside."""
    binder = Binder()
    sql = f"""WITH v AS (SELECT l.u, unnest({values_expression(field, binder)}) AS value FROM lines l
                       WHERE l.u NOT IN (SELECT u FROM held))
    SELECT value FROM v WHERE value IS NOT NULL GROUP BY value HAVING count(DISTINCT u) >= {binder.bind(FEWEST)} ORDER BY value"""
    rows = corpus.connection.execute(sql, binder.values).fetchall()
    return [value for (value,) in rows if topics().of(value) is None and not looks_like_instruction(value)]
