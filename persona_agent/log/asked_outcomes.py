"""Outcomes: what users did or did not do after a date, as a person writes it.

    OUTCOME = WHAT [within N days]        WHAT = stopped | active | CONDITION [and CONDITION]…
    CONDITION = FIELD=VALUE | FIELD~TEXT | FIELD>=NUMBER | FIELD<=NUMBER

In: such a text; then staged events and a moment. Out: an `CohortOutcome`; the users who did it at that moment or after. FIELD is
action, object, text or a column of the log. Promises: texts are compared without regard to case; a value never becomes SQL.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import duckdb

from ..errors import UsageError
from ..redaction import says_who
from .events import property_path

FIELDS = ("action", "object", "text")
_WITHIN = re.compile(r"\s+within\s+([0-9]{1,5})\s+days?$", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_CONDITION = re.compile(r"([^=~<>]+?)\s*(>=|<=|=|~)\s*(.+)", re.DOTALL)
_HINT = "Write stopped, active, or FIELD=VALUE (FIELD~TEXT, FIELD>=NUMBER), perhaps with 'within 90 days'."
DAY = timedelta(days=1) // timedelta(microseconds=1)


@dataclass(frozen=True)
class OutcomeCondition:
    """One test on one field of an event."""

    field: str
    op: str
    value: str | float

    @property
    def told(self) -> str:
        return self.value if isinstance(self.value, str) else f"{self.value:g}"


@dataclass(frozen=True)
class CohortOutcome:
    """What is asked of the time after a date: whether anything was done (no `conditions`), or something that meets all of them;
    `days` bound that time, None where it is as long as the log. `names` are those of the users who did, and who did not.
    """

    conditions: tuple[OutcomeCondition, ...]
    days: int | None
    names: tuple[str, str]

    @property
    def of_activity(self) -> bool:
        """Is it about being there at all?"""
        return not self.conditions


def parse_outcome(text: str) -> CohortOutcome:
    """UsageError where the text is no outcome."""
    within = _WITHIN.search(text)
    days = int(within[1]) if within else None
    what = (text[: within.start()] if within else text).strip()
    if days == 0:
        raise UsageError(f"--outcome {text!r}: no day is left to do anything in.", hint="within 1 day or more.")
    if what.lower() in ("stopped", "active"):
        return CohortOutcome((), days, ("stayed", "stopped"))
    found = tuple(_condition(part, text) for part in _AND.split(what))
    told = " and ".join(f"{c.field}{c.op}{c.told}" for c in found)
    return CohortOutcome(found, days, (f"did {told}", f"did not {told}"))


def _condition(part: str, whole: str) -> OutcomeCondition:
    found = _CONDITION.fullmatch(part.strip())
    if found is None:
        raise UsageError(f"--outcome {whole!r}: {part.strip()!r} is no condition.", hint=_HINT)
    field, op, value = found[1].strip().removeprefix("properties."), found[2], found[3].strip()
    if says_who(field):
        raise UsageError(
            f"--outcome {whole!r}: {field!r} says who somebody is, and is no outcome of what was done.", hint=_HINT
        )
    if op in (">=", "<="):
        number = _number(value)
        if number is None:
            raise UsageError(f"--outcome {whole!r}: {value!r} is no number.", hint=_HINT)
        return OutcomeCondition(field, op, number)
    return OutcomeCondition(field, op, value)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def who_did(connection: duckdb.DuckDBPyConnection, outcome: CohortOutcome, who: str, at: int) -> set[str]:
    """Those of the column `who` of `staging` with an event that meets the outcome, `at` (microseconds) or after. UsageError where
    a field or value is nowhere in the log, or where the log ends before the outcome could be known.
    """
    row = connection.execute("SELECT epoch_us(max(ts)) FROM staging").fetchone()
    last = row[0] if row else 0
    left = (last - at) / DAY
    if left <= 0:
        raise UsageError("--at: the log ends before this date.", hint="Name a day within the log's time.")
    if outcome.days is not None and left + 1 < outcome.days:
        raise UsageError(
            f"--outcome: {outcome.days} days after --at are not in the log, {math.floor(left)} are.",
            hint=f"Write within {max(math.floor(left), 1)} days, or name an earlier day.",
        )
    tests, values = _tests(connection, outcome)
    tests.append("ts >= make_timestamp($at)")
    values["at"] = at
    if outcome.days is not None:
        tests.append("ts < make_timestamp($end)")
        values["end"] = at + outcome.days * DAY
    rows = connection.execute(f'SELECT DISTINCT "{who}" FROM staging WHERE {" AND ".join(tests)}', values).fetchall()
    return {user for (user,) in rows if user}


def _tests(connection: duckdb.DuckDBPyConnection, outcome: CohortOutcome) -> tuple[list[str], dict[str, Any]]:
    tests, values = list[str](), dict[str, Any]()
    for i, c in enumerate(outcome.conditions):
        given = {f"v{i}": c.value}
        if c.field in FIELDS:
            column = c.field
        else:
            column, given[f"f{i}"] = f"json_extract_string(properties, $f{i})", property_path(c.field)
        test = {
            "=": f"lower({column}) = lower($v{i})",
            "~": f"contains(lower({column}), lower($v{i}))",
            ">=": f"try_cast({column} AS DOUBLE) >= $v{i}",
            "<=": f"try_cast({column} AS DOUBLE) <= $v{i}",
        }[c.op]
        if not connection.execute(f"SELECT 1 FROM staging WHERE {test} LIMIT 1", given).fetchone():
            raise UsageError(
                f"--outcome: no event of the log has {c.field}{c.op}{c.told}.",
                hint="`inspect` lists the columns and the commonest acts of the log.",
            )
        tests.append(test)
        values |= given
    return tests, values
