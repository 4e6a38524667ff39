"""Columns that are not used although they could be the object, the session or an amount: for a person to say.

Takes the table `property_values` (user, key, value, how often and for how long) of sampled events; gives what each column could
be. Promises: a column is judged by how its values are shared among users, not by its name, but for numbers that names tell to be
no amounts. What is so plain that it is used unasked, taking.py decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import duckdb

from ..errors import InputError
from ..options import NO_VALUE
from .events import MIN_COVERAGE, MIN_NUMBERS, NUMERIC_SHARE, counts_nothing
from .guessing import parts_of_name
from .keys import pointer
from .owned import LINES, SHARE, USERS, sample_size
from .vendors.common import words

THINGS = 20  # values of an object, at least; fewer are kinds of something, which serve as fields
SHARED = 0.5  # of them are met with several users, or of their lines
SEVERAL = 0.5  # of users with three lines have several: else the column says who they are, or where
VISIT = 1.5  # events of a session on average; fewer are ids of events
LASTING = "INTERVAL 4 HOUR"  # an evening's shopping at a shop; an order that is packed, sent and paid for takes longer
BRIEF = 0.95  # of the values that come back do so within that: else they number orders or cases, and no visits

# A number with a currency, thousands or a decimal comma.
_SPELLED = "[^0-9a-zA-Z]{0,3}[0-9][0-9.,  '']*[^0-9a-zA-Z]{0,3}([A-Z]{3})?"
_SHARES = f"""
WITH lines AS (SELECT key, sum(n) AS lines, avg((try_cast(value AS DOUBLE) IS NOT NULL)::INT) AS numeric,
                      avg(regexp_full_match(value, '{_SPELLED}')::INT) AS spelled,
                      count(DISTINCT value) AS different
               FROM property_values GROUP BY key),
     by_value AS (SELECT key, value, count(*) AS users, sum(n) AS n, max(lasts) AS lasts FROM property_values GROUP BY ALL),
     of_values AS (SELECT key, avg((users > 1)::INT) AS shared, sum(n) FILTER (users > 1) / sum(n) AS often,
                          avg((users = 1)::INT) AS alone, avg(n) AS n,
                          coalesce(avg((lasts <= {LASTING})::INT) FILTER (n > 1), 0) AS brief
                   FROM by_value GROUP BY key),
     by_user AS (SELECT key, "user", count(*) AS different, sum(n) AS n FROM property_values GROUP BY ALL),
     of_users AS (SELECT key, avg((different > 1)::INT) AS several FROM by_user WHERE n >= {LINES}
                  GROUP BY key HAVING count(*) >= {USERS})
SELECT key, lines, numeric, spelled, different, shared, coalesce(often, 0) AS often, alone, n, brief,
       coalesce(several, 0) AS several
FROM lines JOIN of_values USING (key) LEFT JOIN of_users USING (key) ORDER BY key
"""
# What a visit is called by those who sell: its name alone, or with a word for its key.
_VISITS = frozenset(
    words(
        """
        basket order invoice receipt ticket transaction trans cart checkout trip visit purchase sale bill
        korb warenkorb bon beleg rechnung bestellung panier commande facture recibo pedido factura carrello ordine
        """
    )
)
KEYS = frozenset(words("id ids key number no nr num nbr nummer numero uuid guid code hash"))


def columns_of(value: str | None) -> set[str]:
    """The columns that the expression of a value may name."""
    return {part.removeprefix("properties.").strip() for part in re.split(r"[*+/()]|-", value or "")}


def check_value(connection: duckdb.DuckDBPyConnection, value: str | None) -> list[str]:
    """InputError where a column that a value is counted by holds no number in any event; says where some hold none."""
    said = []
    for column in sorted(columns_of(value)):
        if not column or column[0].isdecimal() or value == NO_VALUE:  # numbers may stand in it too
            continue
        held = "json_extract_string(properties, ?)"
        ((filled, numbers),) = connection.execute(
            f"SELECT count({held}), count(try_cast({held} AS DOUBLE)) FROM staging", [pointer(column)] * 2
        ).fetchall()
        if not numbers:
            what = "words and no number" if filled else "nothing"
            raise InputError(
                f"--value: the column {column!r} holds {what} in all events.",
                hint="Name a column of numbers, as `inspect` lists them; a currency beside a number makes it a word.",
            )
        if numbers < filled:
            said.append(
                f"{filled - numbers:,} of {filled:,} values of {column} are no numbers: their lines are worth nothing"
            )
    return said


def find_unused(
    connection: duckdb.DuckDBPyConnection, mapping: Collection[str], used: Collection[str]
) -> dict[str, str]:
    """What columns could be, but for those that are `used`: `object` and `session` where these fields are not in `mapping`, or
    hardly any event has an object, and `amount`.
    """
    ((events, filled),) = connection.execute("SELECT count(*), count(*) FILTER (object <> '') FROM staging").fetchall()
    free = {name for name in ("object", "session") if name not in mapping}
    free |= {"object"} if 2 * filled < events else set()
    found = could_be(connection, free, sample_size(connection))
    return {column: could for column, could in found.items() if column not in used}


def could_be(
    connection: duckdb.DuckDBPyConnection, free: Collection[str], events: int, visit: float = VISIT
) -> dict[str, str]:
    """What each column of `property_values` could be, of the fields that are `free`; the table is of so many events, `visit` of
    them to a session at least.
    """
    found, tails = dict[str, str](), dict[str, str]()
    for key, lines, numeric, spelled, different, shared, often, alone, n, brief, several in connection.execute(
        _SHARES
    ).fetchall():
        rare = lines < MIN_COVERAGE * events
        if numeric >= NUMERIC_SHARE or spelled >= NUMERIC_SHARE:
            amount = different >= MIN_NUMBERS and not counts_nothing(key) and alone < SHARE
            if amount and (rare or numeric < NUMERIC_SHARE):
                found[key] = "amount"
        elif "object" in free and not rare and different >= THINGS and several >= SEVERAL:
            if shared >= SHARED:
                found[key] = "object"
            elif often >= SHARED:
                tails[key] = "object"
        if "session" in free and not rare and alone >= SHARE and several >= SEVERAL and n >= visit and brief >= BRIEF:
            found[key] = "session"
    # Of some things a few are met by many users, and many by one: without others, lines say that these are shared.
    return found if "object" in found.values() else tails | found


def is_visit(path: str) -> bool:
    """Whether a name says so: `basket_id`, `InvoiceNo`, `receipt`."""
    parts = parts_of_name(path)
    return not _VISITS.isdisjoint(parts) and (parts[-1] in _VISITS or parts[-1] in KEYS)
