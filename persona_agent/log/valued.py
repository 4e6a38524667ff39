"""What a line of a log is worth, by the columns that it has: pieces times the price of one, or a column of money spent.

In: the first records, the names of their numeric properties and of the mapping. Out: an expression as `--value` takes it, or an
empty text. Promises: by names alone nothing is decided: a worth must stand on lines of one act (or carts would count as sales),
and a sum that is alike on all lines of a visit is that of the whole order, which adding up would count many times.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .plan import dig
from .values import cell_value

_PIECES = re.compile(r"(^|[_\W])(quantity|qty|units|pieces|menge|anzahl|cantidad|quantit[eé])$", re.IGNORECASE)
_PRICE = re.compile(r"(^|[_\W])(price|preis|prix|precio)([_\W]|$)", re.IGNORECASE)
# A price that nobody paid, or that is of more than one piece.
_NO_PRICE = re.compile(r"list|original|old|avg|average|mean|total|shelf|max|min|before|cost", re.IGNORECASE)
_MONEY = re.compile(
    r"(^|[_\W])(sales?_?(value|amount)|sales$|revenue|spent|spend|turnover|umsatz|line_?(total|amount|value)|item_?(total|revenue))"
    r"([_\W]|$)",
    re.IGNORECASE,
)
# Of the lines with a worth, those of the commonest act and of what undoes it; as `main_act` of the codebook.
ONE_ACT = 0.9
FEWEST = 20  # lines that must have one: fewer show nothing
ALIKE = 0.8  # of visits with several lines, those on which a sum is alike: then it is the order's
LINES = 3  # of a visit in which sums may be alike by chance


def worth_of(records: Sequence[dict[str, Any]], numeric: Iterable[str], mapping: Mapping[str, str]) -> str:
    """The expression; empty where columns do not tell, or tell it in two ways."""
    names = list(dict.fromkeys(numeric))
    pieces = [n for n in names if _PIECES.search(n)]
    prices = [n for n in names if _PRICE.search(n) and not _NO_PRICE.search(n)]
    sums = [n for n in names if _MONEY.search(n) and not _PIECES.search(n)]
    if len(sums) == 1 and _of_one_act(records, sums, mapping) and not _of_orders(records, sums[0], mapping):
        return sums[0] if sums[0].isidentifier() else ""
    if not sums and len(pieces) == len(prices) == 1 and _of_one_act(records, [*pieces, *prices], mapping):
        return f"{pieces[0]}*{prices[0]}" if all(n.isidentifier() for n in (*pieces, *prices)) else ""
    return ""


def _of_one_act(records: Sequence[dict[str, Any]], names: Sequence[str], mapping: Mapping[str, str]) -> bool:
    """Do the lines that bring something in belong to one act?"""
    acts = Counter[str]()
    for record in records:
        found = [_number(record, name) for name in names]
        if all(v is not None for v in found) and all(v > 0 for v in found if v is not None):
            acts[str(dig(record, mapping.get("action", "")))] += 1
    return acts.total() >= FEWEST and acts.most_common(1)[0][1] >= ONE_ACT * acts.total()


def _of_orders(records: Sequence[dict[str, Any]], name: str, mapping: Mapping[str, str]) -> bool:
    """Is it alike on all lines of a visit?"""
    visits = defaultdict[tuple[str, str], list[float]](list)
    key = [mapping[f] for f in ("user", "session" if "session" in mapping else "timestamp")]
    for record in records:
        value = _number(record, name)
        if value is not None:
            visits[str(dig(record, key[0])), str(dig(record, key[1]))].append(value)
    several = [values for values in visits.values() if len(values) >= LINES]
    return bool(several) and sum(len(set(v)) == 1 for v in several) >= ALIKE * len(several)


def _number(record: dict[str, Any], name: str) -> float | None:
    value = dig(record, name)
    value = dig(record, f"properties.{name}") if value is None else value
    value = cell_value(value) if isinstance(value, str) else value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
