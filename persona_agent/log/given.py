"""Groups that somebody gives: which user is in which, how sure that is, and from which date on.

In: a table with a column of users and one of groups, and perhaps one of certainty and one of dates (`at`): CSV with any usual
separator, JSON, JSON lines or Parquet, packed or not, in any encoding; or a data frame. A list of users alone is one group, which
is called as its file. Out: `GivenGroups` by raw user id, and
`GivenMembership` for the users of a log. Promises: an id is what the log's reader would make of it; who stands in two groups, or
under two dates, is in none, and counted; a column or a group that says who somebody is makes no groups; no raw id is in any
message.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UsageError
from ..ids import content_hash, user_hash
from ..redaction import mask, says_who
from .cells import NULL
from .column_names import bare
from .encodings import find_encoding
from .frames import paths_of
from .guessing import NAMES
from .inputs import Input, open_bytes
from .optouts import OTHER_NAMES
from .parquet import parquet_rows
from .separators import DELIMITERS
from .times import Clock, TimeForm, Undecided, decide_form
from .values import Rejected, as_id, cell_id, clean
from .vendors.common import words

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
GivenRow = tuple[int, Mapping[str, Any]]

GROUP = words(
    """
    group segment cohort cluster persona groups segments cohorts group_name segment_name cohort_name cluster_name persona_name
    group_id segment_id cohort_id cluster_id persona_id label class tier bucket variant arm assignment outcome plan status
    """
)
CERTAINTY = words("certainty probability prob confidence posterior")
AT = words("at date at_date as_of cut cut_off cutoff cut_date cutoff_date index_date when since timestamp time")
NOTHING = ("", "nan", "null", "none", NULL.lower())
NAME_LIMIT = 60  # characters of a group's name: more does not fit beside others on a page
MOST_GROUPS = 50  # more are values of some field, and no segments: no page of cards could be read
_PARQUET = b"PAR1"
_COLUMNS = (
    "A column of user ids named as in the log, and one named group; certainty and at (a date) if there are any. A file with the "
    "users alone is one group."
)
LISTED = "listed"  # what a list without a file name is called


@dataclass(frozen=True)
class GivenGroups:
    """The group of each user by raw id, with its certainty (0 to 1) and the date it holds at (microseconds since 1970 UTC), each
    only where the table has it. `by` is the column that names groups, empty where all users of a list are one; `rows` are all
    rows; `no_user` counts rows without an id, `no_group` users without a group, `no_date` those without a date where others
    have one, `several` those in two groups or under two dates: all of them are in none.
    """

    group: Mapping[str, str]
    by: str
    rows: int
    certainty: Mapping[str, float] = field(default_factory=dict)
    at: Mapping[str, int] = field(default_factory=dict)
    no_user: int = 0
    no_group: int = 0
    no_date: int = 0
    several: int = 0


def given_digest(given: GivenGroups | None) -> dict[str, str]:
    """What a file of groups says, as a digest under the name of its option; nothing where there is none."""
    return {} if given is None else {"groups": content_hash(asdict(given))}


@dataclass(frozen=True)
class GivenMembership:
    """Given groups on the users of a log. `names` of the groups, those with most users first; of each user its group (`label`, −1
    for none), `certainty` (1 where none is given, 0 in no group) and date (`at`, −1 for none). `unknown` are given users whom
    the log does not have, `without` users of the log who are in no group.
    """

    names: list[str]
    label: Ints
    certainty: Reals
    at: Ints
    unknown: int
    without: int


def read_groups(source: Any, column: str = "user", zone: str = "UTC") -> GivenGroups:
    """The groups of a file or frame; `column` is the log's own name for users, `zone` that of dates without offset. UsageError or
    InputError where they cannot be read, or where they are made of who somebody is.
    """
    with paths_of(source) as paths:
        if len(paths) != 1:
            raise UsageError("Groups are read from one table.", hint=_COLUMNS)
        path = Path(paths[0])
        item = Input(path, mask(path.name)[0])
        rows = list(_rows(item, column))
        if not rows:
            raise InputError(f"{item.name} has no rows.", hint=_COLUMNS)
        return _given(item.name, rows, _roles(item.name, [*rows[0][1]], column), zone)


def place(given: GivenGroups, key: bytes, users: Sequence[str]) -> GivenMembership:
    """The users of a log, by their keyed hashes, in given groups; InputError where none of them is in any."""
    number = {user: i for i, user in enumerate(users)}
    found = {number[hashed]: raw for raw in given.group if (hashed := user_hash(key, raw)) in number}
    if not found:
        raise InputError(
            f"None of the {len(given.group):,} users with a group is a user of this log.",
            hint="Give ids as they stand in the log's column of users; `inspect` shows which that is.",
        )
    sizes = Counter(given.group[raw] for raw in found.values())
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    code = {name: i for i, name in enumerate(names)}
    label = np.full(len(users), -1, dtype=np.int64)
    at = np.full(len(users), -1, dtype=np.int64)
    certainty = np.zeros(len(users))
    for i, raw in found.items():
        label[i] = code[given.group[raw]]
        at[i] = given.at.get(raw, -1)
        certainty[i] = given.certainty.get(raw, 1.0)
    return GivenMembership(names, label, certainty, at, len(given.group) - len(found), len(users) - len(found))


@dataclass(frozen=True)
class _Roles:
    """Which column is what; "" where there is none: of groups, where all users are one."""

    user: str
    group: str
    certainty: str = ""
    at: str = ""


def _given(name: str, rows: Sequence[GivenRow], roles: _Roles, zone: str) -> GivenGroups:
    clock = Clock(_form(name, roles.at, rows, zone)) if roles.at else None
    group, certainty, at = dict[str, str](), dict[str, float](), dict[str, int]()
    listed, dateless, several, no_user = set[str](), set[str](), set[str](), 0
    for line, row in rows:
        user = as_id(_cell(row.get(roles.user)))
        if user is None or user.lower() in NOTHING:
            no_user += 1
            continue
        listed.add(user)
        if (called := _group_name(row.get(roles.group)) if roles.group else _called_as(name)) is None:
            continue
        if group.setdefault(user, called) != called:
            several.add(user)
        if roles.certainty and (sure := _share(row.get(roles.certainty), name, line, roles.certainty)) is not None:
            certainty[user] = sure
        if clock is not None:
            when = _time(clock, row.get(roles.at), name, line, roles.at)
            if when is None:
                dateless.add(user)
            elif at.setdefault(user, when) != when:
                several.add(user)
    out = several | dateless
    kept = {user: called for user, called in group.items() if user not in out}
    _check_number(name, roles.group, {*kept.values()})
    return GivenGroups(
        kept,
        roles.group,
        len(rows),
        {user: share for user, share in certainty.items() if user in kept},
        {user: when for user, when in at.items() if user in kept},
        no_user=no_user,
        no_group=len(listed) - len(group),
        no_date=len(dateless - several),
        several=len(several),
    )


def _check_number(name: str, column: str, groups: set[str]) -> None:
    if not groups:
        raise InputError(f"{name} puts nobody into a group.", hint=_COLUMNS)
    if len(groups) > MOST_GROUPS:
        raise InputError(
            f"{name}, column {column!r}: {len(groups):,} groups, where {MOST_GROUPS} can be told of.",
            hint="Fold them into fewer, or name the column of groups `group`.",
        )


def _roles(name: str, columns: Sequence[str], column: str) -> _Roles:
    """Which column is what, by its name; without names, the first is the user and the second the group."""
    left = {bare(c): c for c in reversed(columns) if c and not c.startswith("Unnamed: ")}

    def take(names: Iterable[str]) -> str:
        return next((left.pop(one) for one in map(bare, names) if one in left), "")

    user = take([column, column.rpartition(".")[2], *NAMES["user"], *OTHER_NAMES])
    certainty, at = take(CERTAINTY), take(AT)
    group = take(GROUP)
    if user and not group and not left:
        return _Roles(user, "", certainty, at)
    if not user or (not group and len(left) != 1):
        shown = ", ".join(mask(c)[0] for c in columns if c)
        missing = "users" if not user else "groups"
        raise InputError(f"{name}, line 1: no column of {missing} can be told among {shown}.", hint=_COLUMNS)
    group = group or next(iter(left.values()))
    refuse_attribute(group)
    return _Roles(user, group, certainty, at)


def refuse_attribute(column: str) -> None:
    """UsageError for a column that says who somebody is: no group is made of it."""
    if says_who(column):
        raise UsageError(
            f"Groups cannot be made of {column!r}: such a column says who somebody is, not what anybody does.",
            hint=f"Group by what was done; --map declared={column} counts the column on cards of other groups.",
        )


def _rows(item: Input, column: str) -> Iterator[GivenRow]:
    """Numbers and cells of the rows of a table."""
    if item.path.is_dir() or not item.path.exists():
        raise UsageError(f"There is no file {str(item.path)!r} of groups.", hint="Check the path.")
    with open_bytes(item) as stream:
        packed = stream.read(len(_PARQUET)) == _PARQUET
    if packed:
        yield from ((number, row) for number, _, row in parquet_rows(item))
        return
    found = find_encoding(lambda: open_bytes(item))
    with open_bytes(item, found.encoding or next(iter(found.likely), "")) as stream:
        text = stream.read().decode(errors="replace").removeprefix("\ufeff")
    yield from _json_rows(text, item.name) if text.lstrip()[:1] in ("[", "{") else _table_rows(text, item.name, column)


def _json_rows(text: str, name: str) -> Iterator[GivenRow]:
    listed = text.lstrip().startswith("[")
    parts = [(1, text)] if listed else [(n, part) for n, part in enumerate(text.splitlines(), start=1) if part.strip()]
    for line, part in parts:
        try:
            held = json.loads(part)
        except ValueError as error:
            raise InputError(f"{name}, line {line}: no JSON: {error}.", hint=_COLUMNS) from None
        for number, row in enumerate(held if listed else [held], start=1 if listed else line):
            if not isinstance(row, dict):
                raise InputError(f"{name}, row {number}: no object with a user and a group.", hint=_COLUMNS)
            yield number, row


def _table_rows(text: str, name: str, column: str) -> Iterator[GivenRow]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    filled = (row for row in reader if any(cell.strip() for cell in row))
    header = [cell.strip() for cell in next(filled, [])]
    known = {bare(cell) for cell in header}
    of_users = {bare(n) for n in (column, column.rpartition(".")[2], *NAMES["user"], *OTHER_NAMES)}
    if len(header) == 1 and not known & of_users:
        yield 1, {"user": header[0]}
        header = ["user"]
    if len(header) == 2 and not known & (of_users | {bare(n) for n in GROUP}):
        yield 1, dict(zip(("user", "group"), header, strict=True))
        header = ["user", "group"]
    for row in filled:
        if any(cell.strip() for cell in row[len(header) :]):  # a name with the delimiter in it would lose its end
            raise InputError(
                f"{name}, line {reader.line_num}: {len(row)} values, where the table has {len(header)} columns.",
                hint=f"Put what holds a {delimiter!r} in double quotes.",
            )
        yield reader.line_num, dict(zip(header, row, strict=False))


def _cell(value: Any) -> Any:
    return cell_id(value.strip()) if isinstance(value, str) else value


def _group_name(value: Any) -> str | None:
    """A group's name on one line, in a bounded number of characters; None where there is none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    called = clean(str(as_id(_cell(value)) or ""))[:NAME_LIMIT].rstrip()
    return None if called.lower() in NOTHING else called


def _called_as(file: str) -> str:
    """What all users of a list are called: as its file, without its ending."""
    called = _group_name(re.sub(r"[\W_]+", " ", file.partition(".")[0]).strip())
    return LISTED if called is None or called.startswith("frame") else called


def _share(value: Any, name: str, line: int, column: str) -> float | None:
    text = str("" if value is None else value).strip()
    if text.lower() in NOTHING:
        return None
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise InputError(
            f"{name}, line {line}, column {column!r}: no number from 0 to 1.",
            hint="Give how sure the group is as 0.8 or 80 %, or leave the column out.",
        )
    return share


def _form(name: str, column: str, rows: Sequence[GivenRow], zone: str) -> TimeForm:
    values = [row.get(column) for _, row in rows]
    try:
        form = decide_form(values[:1000], values)
    except Undecided as undecided:
        raise InputError(
            f"{name}, column {column!r}: {undecided.value!r} may be day first or month first.", hint="Write 2024-03-31."
        ) from None
    return replace(form, zone=zone)


def _time(clock: Clock, value: Any, name: str, line: int, column: str) -> int | None:
    """Microseconds of a date; None where there is none."""
    if value is None or str(value).strip().lower() in NOTHING:
        return None
    try:
        return clock.read(value)[0]
    except Rejected as rejected:
        raise InputError(
            f"{name}, line {line}, column {column!r}: {rejected.reason}.", hint="Write 2024-03-31."
        ) from None
