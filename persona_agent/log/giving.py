"""Given groups on a log: who of its users is in which, and what of the log may be looked at to tell of them.

In: the staged events, the options, and what a file says. Out: `Cohorts` in given.npz, and the events cut at the date, where
there is one. Promises: of an outcome nothing that stands at its date or after stays among the events; a group that could only be
known afterwards is refused without a date; only users of the log are kept, as keyed hashes, and names of groups are masked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UsageError
from ..options import Options
from ..redaction import mask, says_who
from ..store import Store
from .asked_outcomes import FIELDS, parse_outcome, who_did
from .events import MAX_FIELD_VALUES, property_path
from .given import GivenGroups, GivenMembership, place, refuse_attribute
from .given_groups import Cohorts, load_given, only, save_given
from .values import clean

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

A_LIST = "a list of users"  # what groups are given by, where all users in a file are one
AFTERWARDS = "afterwards"  # why the events at a date and after it are set aside
CHANGING = 0.1  # of users with several values of a field: more than slips, moves or a lent account leave
KNOWN_AFTERWARDS = 0.95  # of what the commonest group leaves open, that the last day of a user tells
MOST_NEAR, NEAR = 3, 0.5  # fields that a mistyped one may have meant, and how alike they are (as for --map)
BEYOND_FIRST = 0.2  # so much more than the first day tells: groups of different times have other first days too


def give_groups(
    connection: duckdb.DuckDBPyConnection, store: Store, options: Options, given: GivenGroups | None
) -> tuple[list[str], int]:
    """Leaves given.npz, if groups are given, and cuts `staging` where they have a date; returns what a person should know, and
    how many events went. UsageError or InputError where the groups cannot be told of.
    """
    kept = load_given(store)
    if kept is not None:  # a log that is read again, for a run of such groups
        return [*_told(kept)], _cut(connection, kept, _who(options))[0]
    if given is None and not options.gives_groups:
        return [], 0
    who = _who(options)
    moment = None if options.at is None else _midnight(options.at, options.timezone)
    users = _users(connection, who)
    if given is not None:
        found = _of_file(connection, given, store.key(), users, who, moment)
    elif options.outcome is not None:
        assert moment is not None
        found = _of_outcome(connection, options.outcome, users, who, moment)
    else:
        found = _of_field(connection, options.groups_by or "", users, who, moment, options.floor)
    if moment is not None:
        found = replace(found, day=options.at, at=np.full(len(found.users), moment, dtype=np.int64))
    found = replace(found, against=_named(options.against, found.names))
    lines, left = _cut(connection, found, who)
    here = np.array([user in left for user in found.users], dtype=bool)
    counts = {**found.counts, "lines_after": lines, "afterwards": int((~here).sum())}
    found = only(replace(found, counts=counts), here)
    if len(found.names) < 2 and not any(counts.get(name) for name in ("without", "few", "several")):
        raise InputError("Given groups: all users are in one.", hint="There is nobody to hold them against.")
    save_given(store, found)
    return [*_told(found)], lines


def _who(options: Options) -> str:
    return "account" if options.unit == "account" else "user"


def _midnight(day: str, zone: str) -> int:
    """The beginning of a day in a zone, in microseconds since 1970 UTC."""
    begun = datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(zone))
    return int(begun.astimezone(UTC).timestamp()) * 1_000_000


def _users(connection: duckdb.DuckDBPyConnection, who: str) -> list[str]:
    rows = connection.execute(f'SELECT DISTINCT "{who}" FROM staging WHERE "{who}" IS NOT NULL ORDER BY 1').fetchall()
    return [user for (user,) in rows]


def _of_file(
    connection: duckdb.DuckDBPyConnection,
    given: GivenGroups,
    key: bytes,
    users: Sequence[str],
    who: str,
    moment: int | None,
) -> Cohorts:
    placed = place(given, key, users)
    counts = {name: getattr(given, name) for name in ("no_user", "no_group", "no_date", "several")}
    if not given.at and moment is None:
        _refuse_afterwards(connection, placed, users, who)
    at = placed.at if given.at and moment is None else np.full(len(users), -1, dtype=np.int64)
    names = _masked(placed.names)
    return Cohorts(
        "file",
        f"a table, column “{mask(clean(given.by))[0]}”" if given.by else A_LIST,
        names,
        *_members(users, placed.label, placed.certainty, at),
        {**counts, "unknown": placed.unknown, "without": placed.without},
    )


def _members(users: Sequence[str], label: Ints, certainty: Reals, at: Ints) -> tuple[list[str], Ints, Reals, Ints]:
    """Those who are in a group."""
    inside = label >= 0
    return (
        [user for user, kept in zip(users, inside.tolist(), strict=True) if kept],
        label[inside],
        certainty[inside],
        at[inside],
    )


def _of_outcome(
    connection: duckdb.DuckDBPyConnection, text: str, users: Sequence[str], who: str, moment: int
) -> Cohorts:
    outcome = parse_outcome(text)
    did = who_did(connection, outcome, who, moment)
    rows = connection.execute(
        f'SELECT DISTINCT "{who}" FROM staging WHERE ts < make_timestamp($at)', {"at": moment}
    ).fetchall()
    before = {user for (user,) in rows}
    label = np.array([0 if user in did else 1 for user in users if user in before], dtype=np.int64)
    if len(np.unique(label)) < 2:
        which = outcome.names[int(label[0])] if len(label) else "came before the date"
        raise UsageError(f"--outcome {text!r}: everybody {which}.", hint="Name another day, or another outcome.")
    people = [user for user in users if user in before]
    span = f" within {outcome.days} days" if outcome.days else ""
    names = [mask(clean(name + ("" if outcome.of_activity else span)))[0] for name in outcome.names]
    return _sorted(
        Cohorts(
            "outcome",
            f"what they did{span} after the date: “{mask(clean(text))[0]}”",
            names,
            people,
            label,
            np.ones(len(people)),
            np.full(len(people), moment, dtype=np.int64),
            {"afterwards_only": len(users) - len(people)},
            of_activity=outcome.of_activity,
        )
    )


def _of_field(
    connection: duckdb.DuckDBPyConnection, name: str, users: Sequence[str], who: str, moment: int | None, floor: int
) -> Cohorts:
    """A group for each value of a field that the floor of users have; of an outcome, the value that users mostly had at the date
    and after.
    """
    field = name.removeprefix("properties.")
    refuse_attribute(field)
    column = field if field in FIELDS else "json_extract_string(properties, $path)"
    values: dict[str, Any] = {} if field in FIELDS else {"path": property_path(field)}
    when = "" if moment is None else "AND ts >= make_timestamp($at)"
    if moment is not None:
        values["at"] = moment
    rows = connection.execute(
        f"""WITH v AS (SELECT "{who}" AS user, nullif({column}, '') AS value, count(*) AS n FROM staging
                       WHERE "{who}" IS NOT NULL {when} GROUP BY ALL)
            SELECT user, arg_max(value, (n, value)), count(*) FROM v WHERE value IS NOT NULL GROUP BY user""",
        values,
    ).fetchall()
    if not rows:
        raise UsageError(f"--groups-by: no event of the log has a field {name!r}.", hint=_nearest(connection, field))
    several = {user for user, _, n in rows if n > 1}
    if moment is None and len(several) > CHANGING * len(rows):
        raise UsageError(
            f"--groups-by {name!r}: {len(several):,} of {len(rows):,} users have more than one value of it. A field that "
            "changes with what users do is an outcome: whoever is in a group is there because of what is to explain it.",
            hint="Add --at DATE: groups are then by the value after the date, and what stands before it is told.",
        )
    kept = {user: clean(value) for user, value, _ in rows if moment is not None or user not in several}
    sizes = Counter({value: n for value, n in Counter(kept.values()).items() if n >= floor})
    few = sum(value not in sizes for value in kept.values())
    if not 1 <= len(sizes) <= MAX_FIELD_VALUES:
        raise UsageError(
            f"--groups-by {name!r}: {len(sizes):,} values of {floor} users or more, where 1 to {MAX_FIELD_VALUES} can be groups.",
            hint="Fold values into groups in a file, and give it with --groups.",
        )
    kept = {user: value for user, value in kept.items() if value in sizes}
    raw = sorted(sizes, key=lambda value: (-sizes[value], value))
    code = {value: i for i, value in enumerate(raw)}
    people = [user for user in users if user in kept]
    counts = {"several": 0 if moment is not None else len(several), "few": few, "without": len(users) - len(rows)}
    return Cohorts(
        "field",
        f"the field “{mask(clean(field))[0]}” of the log" + ("" if moment is None else ", as it was after the date"),
        _masked(raw),
        people,
        np.array([code[kept[user]] for user in people], dtype=np.int64),
        np.ones(len(people)),
        np.full(len(people), -1, dtype=np.int64),
        counts,
        field=field if field in FIELDS else f"properties.{field}",
    )


def _nearest(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The fields of the log that are called most alike."""
    sql = (
        "SELECT DISTINCT unnest(json_keys(properties)) AS name FROM staging WHERE json_valid(properties) ORDER BY name"
    )
    fields = [field for (field,) in connection.execute(sql).fetchall()] + list(FIELDS)
    called = {field.casefold(): mask(clean(field))[0] for field in fields if not says_who(field)}
    near = [called[close] for close in get_close_matches(name.casefold(), list(called), MOST_NEAR, NEAR)]
    listed = " or ".join(repr(field) for field in near)
    return f"Did you mean {listed}?" if near else "`inspect` lists the fields of the log."


def _sorted(found: Cohorts) -> Cohorts:
    """The groups with most users first."""
    sizes = np.bincount(found.label, minlength=len(found.names))
    order = np.argsort(-sizes, kind="stable")
    number = np.argsort(order)
    return replace(found, names=[found.names[i] for i in order], label=number[found.label].astype(np.int64))


def _masked(names: Sequence[str]) -> list[str]:
    """Names without identifiers, each another."""
    found, seen = [], Counter[str]()
    for name in names:
        plain = mask(clean(name))[0]
        seen[plain] += 1
        found.append(plain if seen[plain] == 1 else f"{plain} {seen[plain]}")
    return found


def _named(against: str | None, names: Sequence[str]) -> str | None:
    """The group that others are held against; UsageError where there is none of that name."""
    if against is None:
        return None
    wanted = mask(clean(against))[0].casefold()
    found = next((name for name in names if name.casefold() == wanted), None)
    if found is None:
        raise UsageError(f"--against {against!r}: no group is called so.", hint=f"Groups: {', '.join(names)}.")
    return found


def _refuse_afterwards(
    connection: duckdb.DuckDBPyConnection, placed: GivenMembership, users: Sequence[str], who: str
) -> None:
    """UsageError where groups are known from the last day of their users: these are outcomes, and what they did up to then is
    no fair account of how they came there.
    """
    rows = connection.execute(
        f'SELECT "{who}", epoch_us(min(ts)), epoch_us(max(ts)) FROM staging WHERE "{who}" IS NOT NULL GROUP BY 1 ORDER BY 1'
    ).fetchall()
    inside = placed.label >= 0
    first, last = (np.array([row[i] for row in rows], dtype=np.int64)[inside] for i in (1, 2))
    by_last, by_first = (_cut_tells(when, placed.label[inside]) for when in (last, first))
    if len(users) and by_last >= KNOWN_AFTERWARDS and by_last >= by_first + BEYOND_FIRST:
        raise UsageError(
            f"Given groups: the last day of a user tells {by_last:.0%} of which group it is in, so these are outcomes (who "
            "stopped, who stayed), and what is told of them would be the outcome itself: whoever was still there in December "
            "did what is done in December.",
            hint="Add --at DATE, the day from which on it was watched who came back, or a column `at`: only what stands before "
            "it is told.",
        )


def _cut_tells(when: Ints, label: Ints) -> float:
    """Of what the commonest group leaves open, the part that spans of time tell, one for each group (Goodman and Kruskal's
    lambda of the best cuts; each cut is the best beside those before it).
    """
    order = np.argsort(when, kind="stable")
    k = int(label.max(initial=0)) + 1
    hits = np.zeros((len(label) + 1, k), dtype=np.int64)
    hits[1:] = np.cumsum(np.eye(k, dtype=np.int64)[label[order]], axis=0)
    free = np.flatnonzero(np.append(np.diff(when[order]) > 0, False)) + 1  # users of one moment stay together
    edges, best = [0, len(label)], int(hits[-1].max(initial=0))
    most = best
    for _ in range(k - 1):
        # Some 400 places are tried: a better one between two of them would move fewer than one user in 400.
        tried = [(_right(hits, sorted([*edges, cut])), cut) for cut in free[:: max(len(free) // 400, 1)].tolist()]
        if not tried:
            break
        best, cut = max(tried)
        edges = sorted([*edges, cut])
    return (best - most) / max(len(label) - most, 1)


def _right(hits: Ints, edges: Sequence[int]) -> int:
    """Users whose group is the commonest of their span."""
    return int(sum((hits[b] - hits[a]).max() for a, b in pairwise(edges)))


def _cut(connection: duckdb.DuckDBPyConnection, found: Cohorts, who: str) -> tuple[int, set[str]]:
    """Takes what stands at the date or after out of `staging`; where each has a date of their own, whoever has none as well.
    Returns how many events went, and who is left.
    """
    gone = 0
    if found.own_dates:
        table = {"user": np.array(found.users, dtype=object), "until": found.at}
        connection.register("date_rows", table)
        connection.execute("CREATE OR REPLACE TEMP TABLE dates AS SELECT user::VARCHAR AS user, until FROM date_rows")
        connection.unregister("date_rows")
        kept = f'SELECT ord FROM staging s JOIN dates d ON s."{who}" = d.user WHERE epoch_us(s.ts) < d.until'
        gone = len(connection.execute(f"DELETE FROM staging WHERE ord NOT IN ({kept}) RETURNING 1").fetchall())
    elif found.is_outcome:
        moment = {"at": int(found.at.max())}
        gone = len(
            connection.execute("DELETE FROM staging WHERE ts >= make_timestamp($at) RETURNING 1", moment).fetchall()
        )
    left = set(_users(connection, who))
    if not left & set(found.users):
        raise UsageError("--at: nothing stands before this date.", hint="Name a later day.")
    return gone, left


def _told(found: Cohorts) -> Iterator[str]:
    """Who is in no group, and why."""
    n = found.counts
    if found.by == A_LIST:
        yield f"the file of groups names none: all users in it are one, “{found.names[0]}”, held against everybody else"
    said = {
        "unknown": "users with a given group are not in this log",
        "without": "users of the log are in no given group",
        "no_user": "rows of the file have no user",
        "no_group": "users of the file have no group",
        "several": "users stand in two groups or more, and are in none",
        "few": "users hold a value that too few hold for a group, and are in none",
        "no_date": "users of the file have no date, and are in no group",
        "afterwards": "users did nothing before the date, and are in no group",
        "afterwards_only": "users came first after the date, and are in no group",
    }
    for name, what in said.items():
        if n.get(name):
            yield f"{n[name]:,} {what}"
    if n.get("lines_after"):
        yield f"{n['lines_after']:,} records stand at the date or after, and are looked at for the outcome alone"
