"""Whether a log tells of people at work, by the columns that it has.

In: the mapping, the names of all columns, and the first records. Out: why it does, in words, or an empty text. Promises: it is
decided by what the user column is (a resource of a process, an employee), or by cases that pass through many hands, never by what
anybody did.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .column_names import bare
from .guessing import WORKERS, is_case, is_process

# What columns of those who work are called; a customer, a member or a visitor never is.
_STAFF = re.compile(
    r"employee|\bstaff|worker|\bclerk|operator|technician|dispatcher|\bcashier|\bnurse|\bphysician|associate_?id"
    r"|mitarbeiter|sachbearbeiter|empleado|employé",
    re.IGNORECASE,
)
HANDS_SHARE = 0.2  # of the cases with several records, those of several users; a visit or an order has one
HANDS_CASES = 10  # fewer cases may be shared by chance: a family, a lent account


def at_work(mapping: Mapping[str, str], columns: Collection[str], records: Iterable[Mapping[str, Any]]) -> str:
    """Why the users of this log are people at work; empty where nothing says so."""
    user = mapping.get("user", "")
    name = user.rpartition(".")[2]
    process = is_process(columns)
    if bare(name) == "orgresource" or (process and bare(name) in {bare(w) for w in WORKERS}):
        return f"users are the resources of a process (column {user!r})"
    if _STAFF.search(name):
        return f"users are people at work (column {user!r})"
    case = mapping.get("session", "")
    if process and is_case(case) and _pass_through_hands(user, case, records):
        return f"cases pass through many hands (column {case!r})"
    return ""


def _pass_through_hands(user: str, case: str, records: Iterable[Mapping[str, Any]]) -> bool:
    hands, times = defaultdict[str, set[str]](set), defaultdict[str, int](int)
    for record in records:
        if record.get(case) not in (None, "") and record.get(user) not in (None, ""):
            hands[str(record[case])].add(str(record[user]))
            times[str(record[case])] += 1
    several = [name for name, n in times.items() if n > 1]
    shared = sum(len(hands[name]) > 1 for name in several)
    return len(several) >= HANDS_CASES and shared >= HANDS_SHARE * len(several)
