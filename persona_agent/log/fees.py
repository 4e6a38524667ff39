"""Fees: postage, discounts and the like, which nobody likes or buys, told by how they are charged.

Takes the staged events; adds rows to the table `dropped`. A fee stands in a log of things that have a price: its own price varies
freely, or is taken off; its code is unlike those of products; it comes once an order, a single one, beside other things.
Promises: a word alone makes no fee (`manual` and `sample` are documents elsewhere): it takes one such sign beside it, two without
it; the same rows give the same result, whatever their order in the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from .keys import pointer
from .owned import sample_size

# Events of whole users, beside all orders with a named fee: shares are then known to within half a point.
COVERAGE = 0.3  # of sampled events, if a number is to be a price or a piece count; as for amounts of groups
THINGS = 20  # that have lines enough to be compared with; among fewer nothing is usual
LINES = 10  # of a thing, before its lines say what is usual
STEADY = 4.0  # largest over smallest price of the usual thing, at most; a shop's is 2
APART = 2.0  # so many times more must prices differ from thing to thing
FREE = 10.0  # largest over smallest price; more than 99 of 100 things of a shop have
ODD_CODES = 0.02  # of things have a code of this form: few enough to be no range of products; or two
TAKEN_OFF = 0.95  # of a fee's lines are below zero, where a thing comes back now and then
ONCE = 0.9  # of a fee's lines are single pieces in an order of their own, where half of a thing's are at most
ALONE = 0.2  # of its orders hold nothing else, at most
ORDER_LINES = 1.5  # lines of one user at one time on average, where times are those of orders
IN_ORDERS = 0.1  # of all orders hold it, where no piece count tells that it comes alone
UNNAMED_LINES = 20  # of a fee that no word names, before its price says something

# Whole texts only: POSTAGE is a fee, a POSTAGE STAMP TIN is a thing.
_FEES = "|".join(
    (
        r"([a-z0-9&/.'-]+ ){0,3}(postage|carriage|shipping|delivery|freight)",
        r"(postage|shipping|delivery) (and|&|\+) (packing|packaging|handling)",
        r"(postage|carriage|shipping|delivery|freight|packing|handling)( (fee|charge|cost)s?)?( [a-z]{2,3})?",
        r"p ?& ?p",
        r"([a-z0-9&/.'-]+ ){0,3}(fees?|charges?|surcharges?)",
        r"([a-z0-9&/.'-]+ ){0,3}commission",
        r"manual( (entry|adjustment|correction))?",
        r"([a-z0-9&/.'%-]+ ){0,2}discounts?( [0-9.]+ ?%?)?",
        r"adjust(ment)?s?( (by|for|of|to|bad) .*)?|(price|stock|bad debt) adjustments?|bad debts?|write[- ]?offs?",
        r"((sales|import|value added|local|state|city) )?(vat|gst|tax|duty)( [0-9.]+ ?%?)?",
        r"((free|product) )?samples?",
        r"([a-z0-9.]+ )?gift ?(voucher|certificate)s?( [^a-z]*)?|vouchers?( [^a-z]*)?",
        r"credit notes?|store credits?|refunds?|rounding( (difference|adjustment))?",
    )
)
# On a page that is called "Shipping" someone reads; a fee stands in a transaction.
_LOOKING = r"view|click|visit|open|read|search|brows|page|screen|scroll|hover|impression"

_SOLD = """
CREATE OR REPLACE TEMP TABLE sold AS
WITH looking AS (
    SELECT action FROM (SELECT DISTINCT action FROM staging) WHERE regexp_matches(lower(action), $looking)
), rest AS (
    SELECT ord, "user", ts, object, properties FROM staging ANTI JOIN looking USING (action) ANTI JOIN dropped USING (ord)
    WHERE object <> ''
), named AS (
    SELECT object FROM (SELECT DISTINCT object FROM rest) WHERE regexp_full_match(lower(trim(object)), $fees)
), charged AS (
    SELECT DISTINCT "user", ts FROM rest SEMI JOIN named USING (object)
), chosen AS (
    SELECT "user" FROM (SELECT "user", count(*) AS n FROM rest GROUP BY "user")
    QUALIFY sum(n) OVER (ORDER BY "user" ROWS UNBOUNDED PRECEDING) - n < $size
)
SELECT rest.*, object IN (FROM named) AS named, "user" IN (FROM chosen) AS chosen
FROM rest WHERE "user" IN (FROM chosen) OR ("user", ts) IN (FROM charged)
"""
# Of all properties at once: by their paths each event would be parsed once for each.
_NUMBERS = f"""
WITH held AS (
    SELECT object, unnest(json_keys(properties)) AS key, unnest(json_extract_string(properties, '$.*')) AS value FROM sold
), v AS (
    SELECT key, object, try_cast(value AS DOUBLE) AS x FROM held
), o AS (
    SELECT key, object, count(x) AS n, avg((x < 0)::INT) AS below, avg((abs(x) = 1)::INT) AS single,
           max(abs(x)) / min(nullif(abs(x), 0)) AS ratio
    FROM v GROUP BY key, object HAVING n > 0
), usual AS (
    SELECT key, count(*) AS things, median(ratio) AS ratio, median(single) AS single, median(below) AS below
    FROM o WHERE n >= {LINES} GROUP BY key
), spread AS (
    SELECT key, count(x) / (SELECT count(*) FROM sold) AS coverage,
           quantile_cont(abs(x), 0.95) / nullif(quantile_cont(abs(x), 0.05), 0) AS ratio, bool_and(x = round(x)) AS whole
    FROM v GROUP BY key
), kinds AS (
    SELECT usual.*, usual.ratio <= {STEADY} AND spread.ratio >= {APART} * usual.ratio AS priced,
           whole AND usual.single <= 0.5 AS pieces
    FROM usual JOIN spread USING (key) WHERE things >= {THINGS} AND coverage >= {COVERAGE}
)
SELECT o.object, o.n, kinds.priced AND o.ratio >= {FREE} AS free,
       (kinds.priced OR kinds.pieces) AND o.below >= {TAKEN_OFF} AND kinds.below < 0.5 AND o.n > 1 AS off,
       kinds.pieces AND o.single >= {ONCE} AS single, kinds.priced, kinds.pieces
FROM o JOIN kinds USING (key)
"""
_CODES = f"""
WITH v AS (SELECT DISTINCT object, json_extract_string(properties, $path) AS code FROM sold),
     o AS (SELECT object, any_value(code) AS code FROM v WHERE code IS NOT NULL GROUP BY object HAVING count(*) = 1),
     f AS (SELECT object, regexp_replace(regexp_replace(code, '[0-9]+', '9', 'g'), '[[:alpha:]]+', 'A', 'g') AS form FROM o),
     all_of AS (SELECT count(DISTINCT object) AS objects FROM v),
     told AS (SELECT count(*) AS things, count(DISTINCT code) AS codes, any_value(objects) AS objects FROM o, all_of)
SELECT object FROM f, told WHERE things >= {THINGS} AND things >= 0.9 * objects AND codes >= 0.9 * things
QUALIFY count(*) OVER (PARTITION BY form) <= greatest(2, {ODD_CODES} * things)
"""
_ORDERS = f"""
WITH lines AS (
    SELECT *, count(*) OVER (PARTITION BY "user", ts) AS things
    FROM (SELECT "user", ts, object, chosen, count(*) AS n FROM sold GROUP BY ALL)
), orders AS (SELECT count(DISTINCT ("user", ts)) AS orders, sum(n) AS lines FROM lines WHERE chosen)
SELECT object, count(*) FILTER (chosen) / any_value(orders) AS share FROM lines, orders WHERE lines >= {ORDER_LINES} * orders
GROUP BY object HAVING count(*) >= {ONCE} * sum(n) AND avg((things = 1)::INT) <= {ALONE}
"""


def drop_fees(connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> None:
    """Events whose object is a fee; `keys` are the names of the events' properties."""
    connection.execute(_SOLD, {"looking": _LOOKING, "fees": _FEES, "size": sample_size(connection)})
    found = sorted(_fees(connection, keys))
    connection.execute("DROP TABLE sold")
    connection.execute(
        """INSERT INTO dropped
           WITH looking AS (
               SELECT action FROM (SELECT DISTINCT action FROM staging) WHERE regexp_matches(lower(action), ?)
           )
           SELECT ord, 'set_aside', 'fees' FROM staging ANTI JOIN looking USING (action) ANTI JOIN dropped USING (ord)
           WHERE object IN (SELECT unnest(?::VARCHAR[]))""",
        [_LOOKING, found],
    )


def _fees(connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> Iterator[str]:
    free, off, single, odd = set[str](), set[str](), set[str](), set[str]()
    lines: dict[str, int] = {}
    priced = pieces = False
    for thing, n, is_free, is_off, is_single, of_price, of_pieces in connection.execute(_NUMBERS).fetchall():
        lines[thing] = max(n, lines.get(thing, 0))
        for signs, found in ((free, is_free), (off, is_off), (single, is_single)):
            if found:
                signs.add(thing)
        priced, pieces = priced or bool(of_price), pieces or bool(of_pieces)
    if not priced:
        return
    for key in keys:
        odd |= {thing for (thing,) in connection.execute(_CODES, {"path": pointer(key)}).fetchall()}
    joined = {
        thing
        for thing, share in connection.execute(_ORDERS).fetchall()
        if thing in single or (not pieces and share >= IN_ORDERS)
    }
    named = {thing for (thing,) in connection.execute("SELECT DISTINCT object FROM sold WHERE named").fetchall()}
    yield from named & (free | off | odd | joined)
    for thing in (free | off) - named:
        if sum(thing in signs for signs in (free, off, odd, joined)) > 1 and lines[thing] >= UNNAMED_LINES:
            yield thing
