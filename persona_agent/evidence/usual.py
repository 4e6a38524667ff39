"""What is usual for an object: the amount that its lines mostly have, so that another can be told as more or less than that.

In: a corpus and a numeric field (`value`, `properties.x`). Out: the usual amount by object, and whether the field is one that
objects have. The *usual* amount of an object is the median of the field over all lines of the log on it, amounts of nothing or
less left out; an object has one if five users did something with it. An amount *relative* to it is the amount divided by it. That
makes sense where amounts are mostly the object's (a price), not the user's (how many they take): where most of the variance of
their logarithms lies between objects.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from .conditions import number_expression
from .corpus import Binder, Corpus

OF_OBJECTS = 0.5  # of the variance of logarithms, between objects: more than half of what an amount is
COVERED = 0.5  # of lines with an amount are on objects with a usual one, or it is a measure of something rare
VARIES = 0.05  # of lines are off the usual amount by more than a hundredth: a list price that never moves tells nothing


def usual_amounts(corpus: Corpus, field: str) -> Mapping[str, float]:
    """The usual amount of every object that has one."""
    key = f"usual {field}"
    if key not in corpus.memo:
        binder = Binder()
        sql = f"""
          WITH x AS (SELECT l.object, l.u, {number_expression(field, binder)} AS x FROM lines l WHERE l.object IS NOT NULL)
          SELECT object, median(x) FROM x WHERE x > 0 GROUP BY object HAVING count(DISTINCT u) >= {binder.bind(FLOOR)}
          ORDER BY object
        """
        corpus.memo[key] = dict(corpus.connection.execute(sql, binder.values).fetchall())
    found: Mapping[str, float] = corpus.memo[key]
    return found


def is_of_objects(corpus: Corpus, field: str) -> bool:
    """Is an amount of this field mostly its object's, and yet not always the same?"""
    return goes_with_objects(corpus, field) and _off_the_usual(corpus, field)[1] >= VARIES


def goes_with_objects(corpus: Corpus, field: str) -> bool:
    """Is an amount of this field mostly its object's, as a price is, and not the user's, as how many they take?"""
    return _off_the_usual(corpus, field)[0]


def _off_the_usual(corpus: Corpus, field: str) -> tuple[bool, float]:
    """Whether amounts are mostly their objects', and the share of lines off the usual one."""
    key = f"of objects {field}"
    if key not in corpus.memo:
        binder = Binder()
        usual = usual_amounts(corpus, field)
        sql = f"""
          WITH x AS (SELECT l.object, {number_expression(field, binder)} AS x FROM lines l),
          p AS {usual_table(usual, binder)},
          y AS (SELECT object, ln(x) AS x, ln(usual) AS usual FROM x LEFT JOIN p USING (object) WHERE x > 0),
          o AS (SELECT object, count(*) AS n, var_pop(x) AS own FROM y WHERE usual IS NOT NULL GROUP BY object)
          SELECT (SELECT sum(n * own) / sum(n) FROM o), var_pop(x) FILTER (usual IS NOT NULL),
                 avg((usual IS NOT NULL)::INTEGER), avg((abs(x - usual) > 0.01)::INTEGER) FROM y
        """
        row = corpus.connection.execute(sql, binder.values).fetchone()
        own, total, covered, off = row if row and row[0] is not None else (0.0, 0.0, 0.0, 0.0)
        corpus.memo[key] = bool(own < (1 - OF_OBJECTS) * total and covered >= COVERED), float(off)
    found: tuple[bool, float] = corpus.memo[key]
    return found


def usual_table(usual: Mapping[str, float], binder: Binder) -> str:
    """A relation (object, usual) of bound values."""
    objects, amounts = binder.bind(list(usual)), binder.bind(list(usual.values()))
    return f"(SELECT unnest({objects}::VARCHAR[]) AS object, unnest({amounts}::DOUBLE[]) AS usual)"
