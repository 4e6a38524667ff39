"""Fields over which a group's mix may be all that a difference is: what things are sorted by, what holds for a whole visit, when.

In: a corpus and a measure. Out: the fields that may be asked of it, each with the code of its value on every line. Promises:
never a field that the measure itself is about, nor one of the sorts that are finer than that; of people at work no times; what
is declared of users is no field. A field of visits is known by what it does, not by its name: it is alike on the lines of a visit
(`ALIKE`), comes back in a later visit of a user (`COMES_BACK`, which numbers of visits do not), is not the same for everybody on
one day (`SAME`, a week's number), and most visits have it (`HELD`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..redaction import is_masked
from ..schema import SAME_AMOUNT, Measure, Unit
from .conditions import text_expression
from .corpus import Binder, Corpus, Ints
from .staff import TIMES

Kind = Literal["category", "theme", "field", "hour", "weekday"]
MOST_SORTS, MOST_OF_VISITS = (
    3,
    3,
)  # fields of either kind: each widens the interval of all, and most logs have one or two
MOST_VALUES = 500  # of a field of visits: shops of a chain; with more, few have enough others
LINES = 10_000  # of a log, by every nth visit, from which fields of visits are known: shares to within a point
ALIKE = 0.95  # of visits, beyond chance, on whose lines it is alike: a log misses a few, and visits run together
SAME = 0.98  # of days on which it is alike for all: a week's number
COMES_BACK = 0.1  # of pairs of visits after each other; of a shop among hundreds most do, of a number of visits none
HELD = 0.5  # of visits
SOME = 0.1  # of visits with the field, that have it on two lines or more: a single line is alike whatever it holds
HOURS = 2  # a band, as in a card's strip
OWN = "declared."

# Names of fields that hold for visits, from every nth session and the one after it. A field is looked at as a text, whatever it
# holds; what two visits drawn at random would have alike is not counted for it (Cohen's kappa).
_OF_VISITS = """
WITH l AS (SELECT u, s, date, properties FROM lines WHERE s % $every < 2 AND json_type(properties) = 'OBJECT'),
h AS (SELECT u, s, date, unnest(map_entries(CAST(properties::JSON AS MAP(VARCHAR, JSON)))) AS held FROM l),
v AS (SELECT held.key AS name, u, s, min(date) AS date, count(*) AS n, min(held.value::VARCHAR) AS low,
             max(held.value::VARCHAR) AS high
      FROM h WHERE held.value::VARCHAR NOT IN ('null', '""') AND NOT starts_with(held.key, $own) GROUP BY held.key, u, s),
p AS (SELECT *, lead(low) OVER w AS later, lead(s) OVER w = s + 1 AS next FROM v WINDOW w AS (PARTITION BY name, u ORDER BY s)),
d AS (SELECT name, avg((low = high)::INT) AS alike FROM (
        SELECT name, date, min(low) AS low, max(high) AS high FROM v GROUP BY name, date HAVING min(u) < max(u)) GROUP BY name),
c AS (SELECT name, sum((n / total) ** 2) AS chance FROM (
        SELECT name, low, count(*) AS n, sum(count(*)) OVER (PARTITION BY name) AS total FROM v GROUP BY name, low) GROUP BY name)
SELECT name FROM p JOIN d USING (name) JOIN c USING (name) GROUP BY name, alike, chance
HAVING avg((low = high)::INT) FILTER (n > 1) >= $alike + (1 - $alike) * chance AND chance < $alike
   AND count(*) FILTER (n > 1) >= $some * count(*)
   AND coalesce(avg((low = later)::INT) FILTER (next), 0) >= $back AND alike < $same
   AND count(DISTINCT low) <= $most AND count(*) >= $held * (SELECT count(DISTINCT s) FROM l WHERE s IS NOT NULL)
ORDER BY count(*) DESC, name
"""


@dataclass(frozen=True)
class MixField:
    """A field and what kind of one it is; `name` is a property, or `theme`, `hour`, `weekday`."""

    name: str
    kind: Kind

    def codes(self, corpus: Corpus, unit: Unit) -> Ints:
        """(lines,) the code of the value on each line, 0 for none; of a visit, that of its first line with one."""
        of_visit = unit == "sessions" and self.kind == "field"
        key = f"codes of {self.kind} {self.name}{' of visits' if of_visit else ''}"
        if key not in corpus.memo:
            corpus.memo[key] = self._of_visits(corpus) if of_visit else self._of_lines(corpus)
        found: Ints = corpus.memo[key]
        return found

    def _of_lines(self, corpus: Corpus) -> Ints:
        binder = Binder()
        value = self._value(binder)
        if self.kind in ("hour", "weekday"):
            sql = f"SELECT coalesce({value} + 1, 0) AS code FROM lines l ORDER BY seq"
        else:
            sql = f"""
              WITH c AS (SELECT seq, {value} AS v FROM lines l),
              n AS (SELECT v, row_number() OVER (ORDER BY v) AS code FROM (SELECT DISTINCT v FROM c WHERE v IS NOT NULL))
              SELECT coalesce(code, 0) AS code FROM c LEFT JOIN n USING (v) ORDER BY seq
            """
        return _narrow(corpus.rows(sql, binder)["code"])

    def _of_visits(self, corpus: Corpus) -> Ints:
        code = self.codes(corpus, "events")
        session = line_column(corpus, "s")
        held = np.flatnonzero((code > 0) & (session >= 0))[::-1]
        first = np.zeros(int(session.max(initial=0)) + 1, dtype=np.int32)
        first[session[held]] = code[held]  # backwards, so that the first line comes last
        return np.where(session >= 0, first[session], 0)

    def _value(self, binder: Binder) -> str:
        if self.kind == "hour":
            return f"l.hour // {HOURS}"
        if self.kind in ("weekday", "theme"):
            return f"l.{self.kind}"
        return text_expression(f"properties.{self.name}", binder)


def line_column(corpus: Corpus, column: Literal["s", "half"]) -> Ints:
    """(lines,) the session of each line, or the half of its user that it is of; −1 for none."""
    key = f"{column} of lines"
    if key not in corpus.memo:
        rows = corpus.rows(f"SELECT coalesce({column}, -1) AS code FROM lines ORDER BY seq", Binder())
        corpus.memo[key] = _narrow(rows["code"])
    found: Ints = corpus.memo[key]
    return found


def _narrow(codes: Ints) -> Ints:
    """Codes that are kept a line, in half of the room."""
    return np.asarray(codes.astype(np.int32))


def fields_for(corpus: Corpus, measure: Measure) -> list[MixField]:
    """The fields that may be asked of a measure: what things are first, when last."""
    about = {c.field.removeprefix(SAME_AMOUNT) for c in measure.conditions} | {measure.within_field or ""}
    if measure.feature is not None and measure.feature.field:
        about.add(measure.feature.field)
    dated = {"date", "month"} & about
    found: list[MixField] = []
    if measure.unit != "sessions" and not {"object", "text", "theme"} & about:
        found += _sorts(corpus, about)
    found += [f for f in _of_visits(corpus) if f"properties.{f.name}" not in about and f.name not in about]
    if not corpus.staff:
        found += [MixField(t, t) for t in ("hour", "weekday") if t in TIMES and not ({t} & about or dated)]
    return found


def _sorts(corpus: Corpus, about: set[str]) -> Iterator[MixField]:
    """What things are sorted by, in coarser sorts than the one that is asked about."""
    finest_first = corpus.names.categories
    asked = [i for i, name in enumerate(finest_first) if f"properties.{name}" in about or name in about]
    for name in finest_first[max(asked) + 1 if asked else 0 :][::-1][:MOST_SORTS]:
        yield MixField(name, "category")
    if not finest_first and _has_themes(corpus):
        yield MixField("theme", "theme")


def _has_themes(corpus: Corpus) -> bool:
    if "has themes" not in corpus.memo:
        sql = "SELECT count(*) FROM (SELECT 1 FROM lines WHERE theme IS NOT NULL LIMIT 1)"
        corpus.memo["has themes"] = corpus.connection.execute(sql).fetchone() == (1,)
    return bool(corpus.memo["has themes"])


def _of_visits(corpus: Corpus) -> list[MixField]:
    """The fields that hold for a whole visit, commonest first."""
    if "fields of visits" not in corpus.memo:
        ((lines,),) = corpus.connection.execute("SELECT count(*) FROM lines").fetchall()
        values = {
            "every": max(2, 2 * lines // LINES), "own": OWN, "alike": ALIKE, "same": SAME, "some": SOME,
            "back": COMES_BACK, "most": MOST_VALUES, "held": HELD,
        }  # fmt: skip
        names = [name for (name,) in corpus.connection.execute(_OF_VISITS, values).fetchall()]
        sorts = {*corpus.names.categories, corpus.made_of or ""}
        told = [n for n in names if n not in sorts and not is_masked(n)]
        corpus.memo["fields of visits"] = [MixField(n, "field") for n in told[:MOST_OF_VISITS]]
    found: list[MixField] = corpus.memo["fields of visits"]
    return found
