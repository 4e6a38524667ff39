"""Places: fields that hold one value in a visit, and to whose values users come back: a store, a branch, a device, a seat.

In: a connection with the table `long` (traits.py), the fields as described. Out: names of fields. Of such a field no value by
itself tells much of a user, and there may be hundreds; what users differ in is how they move over them (the value of the visit
before again, or another one). What is the same for a user in all visits (a country), what numbers visits (an invoice) and what
passes for good (a week) is none. Promises: no value is looked up, told or kept.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ..log.sensitive import topics
from .book import DescribedField

ONE_VALUE = 0.95  # of visits of several lines hold one value; tills and exports mix a few
FEWEST_VISITS = 50  # of several lines: in a log of visits of one line each field holds one value, and none is a place
FEWEST_VALUES = 3  # of two values a user's share of either tells how much they change
SEVERAL = 0.2  # of users with several visits hold several values: else it says who they are
BACK = 0.2  # of changes of value lead to one that the user had before: weeks, versions and invoices go on for good
MOST = 2  # fields, those of most events: one more of the same visits is mostly the same place under another name

VISITS = """
WITH v AS (SELECT name, user, session, count(*) AS n, count(DISTINCT value) AS d, arg_min(value, i) AS value, min(i) AS i
           FROM long WHERE name IN (SELECT unnest($names::VARCHAR[])) GROUP BY ALL),
b AS (SELECT *, lag(value) OVER w AS before, row_number() OVER (PARTITION BY name, user, value ORDER BY i) > 1 AS again
      FROM v WINDOW w AS (PARTITION BY name, user ORDER BY i)),
u AS (SELECT name, user, count(DISTINCT value) > 1 AS several FROM v GROUP BY ALL HAVING count(*) > 1),
s AS (SELECT name, avg(several::INTEGER) AS several FROM u GROUP BY name)
SELECT name, count(*) FILTER (n > 1) AS visits, avg((d = 1)::INTEGER) FILTER (n > 1) AS one, any_value(several) AS several,
       avg(again::INTEGER) FILTER (before <> value) AS back
FROM b JOIN s USING (name) GROUP BY name
"""


def find_places(connection: duckdb.DuckDBPyConnection, fields: Mapping[str, DescribedField]) -> list[str]:
    """Fields that are places, those of most events first."""
    names = [name for name, field in fields.items() if _may_be(name, field)]
    rows = connection.execute(VISITS, {"names": names}).fetchall() if names else []
    found = {
        name
        for name, visits, one, several, back in rows
        if visits >= FEWEST_VISITS and one >= ONE_VALUE and several >= SEVERAL and (back or 0.0) >= BACK
    }
    return [name for name in names if name in found][:MOST]


def _may_be(name: str, field: DescribedField) -> bool:
    """Nothing that sorts objects, tells what another field tells, is a number of something or touches what the law protects."""
    what = field.use in ("field", "bookkeeping") and field.repeats is None and field.values >= FEWEST_VALUES
    return what and topics().of(name) is None
