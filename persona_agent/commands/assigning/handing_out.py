"""Files of users that a run gave out: written once, for whom and until when beside them, and found again by `forget`.

In: rows, or texts, of users. Out: files that were not there, readable by their owner alone; beside each that holds raw ids
`FILE.purpose.json`; in the folder of the run `.exports.json`, sealed with the rest. Promises: no file is overwritten, and none is
written where the name of another is taken; no raw id is given without a purpose; a file is on the list before its first byte, and
appears whole or not at all: what a kill leaves of it (`part_of`) goes with the next file, and with `forget`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ...errors import StoreError, UsageError
from ...folders import temporary_folder
from ...ids import user_hash
from ...manifest import EXPORTS, seal_again, verify
from ...report.handing_on import spreadsheet_text
from ...seal import find_seal
from ...store import Store, open_database, sql_literal, write_parquet
from .assigned import Rows

# Days: what people do changes with the season, and claims are tried on the last quarter of a log for the same reason.
STALE_AFTER = 90
# What begins as a formula would, and is none: signs and digits, which no cell and no name is called by.
ID = re.compile(r"[+-]?[0-9.-]+")
# What the column of ids of a tool's own import holds as it stands, or nobody would be found by it; no spreadsheet opens it.
TOOL_ID = re.compile(r"[+-]?[\w.@-]+")
# What reading a file raises that is no longer as it was written.
NOT_OURS = (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error, duckdb.Error)


@dataclass(frozen=True)
class GivenOut:
    """A file of users: `kind` is `users` or whom a cohort is for; with raw `ids`, or with keyed hashes; what it is for, when
    it was made, and the day after which it is stale. Without a `file` it was handed to a program.
    """

    file: str | None
    kind: str
    ids: bool
    purpose: str | None
    made: str
    stale_after: str

    @classmethod
    def now(cls, file: Path | None, kind: str, purpose: str | None, days: int, *, ids: bool) -> GivenOut:
        today = datetime.now(UTC).date()
        where = str(file.resolve()) if file is not None else None
        return cls(where, kind, ids, purpose, str(today), str(today + timedelta(days=days)))


def refuse_without_purpose(purpose: str | None, *, ids: bool) -> None:
    """UsageError for raw ids that nobody says what for."""
    if ids and not (purpose or "").strip():
        raise UsageError(
            "Raw ids are given out for a stated purpose alone.",
            hint='Add --purpose "a mail to people who may want it".',
        )


def give_out(store: Store, file: Path, rows: Rows, given: GivenOut, seal_key: Path | None) -> None:
    """The rows as CSV or Parquet, by the ending of the file; UsageError where that is neither, or the file is there."""
    refuse_file(file)
    give_files(store, [(file, csv_of(rows) if file.suffix.lower() == ".csv" else _parquet(rows))], [given], seal_key)


def give_files(
    store: Store, made: Sequence[tuple[Path, bytes]], given: Sequence[GivenOut], seal_key: Path | None
) -> None:
    """These files, each noted before it is there; UsageError where one is there already, and then none is written."""
    for file, _ in made:
        if os.path.lexists(file):
            raise UsageError(f"{str(file)!r} is there already.", hint="Name another file.")
    remember(store, given, seal_key)
    left = dict(zip([file for file, _ in made], given, strict=True))
    try:
        for file, content in made:
            _appear(file, content)
            del left[file]
    finally:
        if left:
            _never_given(store, left, seal_key)


def part_of(file: Path) -> Path:
    """Where a file is written until it is whole."""
    return file.with_name(f".{file.name}.part")


def _appear(file: Path, content: bytes) -> None:
    """A file of the owner's alone that is new, and whole as soon as it is there."""
    part = part_of(file)
    part.unlink(missing_ok=True)
    write_private(part, content)
    try:
        try:
            os.link(part, file)
        except FileExistsError:
            raise UsageError(f"{str(file)!r} is there already.", hint="Name another file.") from None
        except OSError:  # a disk without links: the name is taken first, and the whole file put in its place
            write_private(file, b"")
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _never_given(store: Store, left: Mapping[Path, GivenOut], seal_key: Path | None) -> None:
    """Takes back what was noted of files that were not written."""
    for file in left:
        if not os.path.lexists(file):
            Path(f"{file.resolve()}.purpose.json").unlink(missing_ok=True)
    _note(store, [one for one in given_out(store) if one not in left.values()], seal_key)


def sweep_parts(given: Iterable[GivenOut]) -> None:
    """What a killed command left of files that were given out goes."""
    for one in given:
        if one.file:
            part_of(Path(one.file)).unlink(missing_ok=True)


def refuse_file(file: Path) -> None:
    """UsageError for a file that could not be written, before a log is read for it."""
    if file.suffix.lower() not in (".csv", ".parquet"):
        raise UsageError(f"{str(file)!r} ends neither in .csv nor in .parquet.", hint="Name such a file.")
    if file.exists():
        raise UsageError(f"{str(file)!r} is there already.", hint="Name another file.")


def csv_of(rows: Rows, ids: re.Pattern[str] = ID) -> bytes:
    """No cell begins as a formula would, but what `ids` say."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(rows)
    columns = [[_cell(value, ids) for value in column.tolist()] for column in rows.values()]
    table.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def _cell(value: object, ids: re.Pattern[str]) -> object:
    if value is None or value != value:
        return ""
    return value if isinstance(value, str) and ids.fullmatch(value) else spreadsheet_text(value)


def typed(rows: Rows) -> str:
    """The rows of the table `given`: texts as texts also where there are none, a number that is not there as none."""
    held = [
        f'"{name}"::VARCHAR' if column.dtype == object else f'CASE WHEN NOT isnan("{name}") THEN "{name}" END'
        for name, column in rows.items()
    ]
    return f"SELECT {', '.join(f'{sql} AS {name}' for sql, name in zip(held, rows, strict=True))} FROM given"


def _parquet(rows: Rows) -> bytes:
    """As bytes, so that the file is new or not made at all; made where what a killed process left goes when the next begins."""
    try:
        with temporary_folder() as folder, open_database() as connection:
            connection.register("given", dict(rows))
            return write_parquet(connection, folder / "given.parquet", typed(rows)).read_bytes()
    except OSError as error:
        raise StoreError(f"A Parquet file cannot be made: {error.strerror}.") from None


def write_private(file: Path, content: bytes) -> None:
    """A file of the owner's alone; UsageError where it is there already."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(content)
    except FileExistsError:
        raise UsageError(f"{str(file)!r} is there already.", hint="Name another file.") from None
    except OSError as error:
        raise StoreError(f"{str(file)!r} cannot be written: {error.strerror}.") from None


def remember(store: Store, given: Collection[GivenOut], seal_key: Path | None) -> None:
    """Writes down what was given out, beside files with raw ids and in the folder of the run."""
    before = given_out(store)
    _note(store, [*before, *given], seal_key)
    sweep_parts(one for one in before if _is_noted(one))  # a list from elsewhere could name any file
    for one in given:
        if one.ids and one.file:
            _write_beside(one)


def _note(store: Store, all_of_them: Sequence[GivenOut], seal_key: Path | None) -> None:
    with store.alone():
        seal = find_seal(seal_key)
        before = verify(store, seal)
        store.write_json(EXPORTS, [asdict(one) for one in all_of_them])
        seal_again(store, store.read_json("run.json"), before, seal)


def _write_beside(one: GivenOut) -> None:
    """What the file is for, and until when, beside it; what lies there of an earlier one goes."""
    beside = Path(f"{one.file}.purpose.json")
    beside.unlink(missing_ok=True)
    write_private(beside, _json({k: v for k, v in asdict(one).items() if k != "file"}))


def say_purposes_again(store: Store, *, sealed: bool) -> None:
    """The notes beside files that were given out say what the list of the run says now; one that is gone stays so."""
    for one in given_out(store):
        if one.file and one.ids and Path(f"{one.file}.purpose.json").is_file() and (sealed or _is_noted(one)):
            _write_beside(one)


def _is_noted(one: GivenOut) -> bool:
    """Does the note beside the file say that it was given out so, on that day?"""
    if not one.file or not one.ids:
        return False
    try:
        told = json.loads(Path(f"{one.file}.purpose.json").read_text(encoding="utf-8"))
        return all(told[name] == getattr(one, name) for name in ("kind", "ids", "made", "stale_after"))
    except NOT_OURS:
        return False


def note_given(out: Path, purpose: str | None, days: int, seal_key: Path | None) -> None:
    """Writes down that a table with raw ids was handed to a program."""
    remember(Store.open(out), [GivenOut.now(None, "table", purpose, days, ids=True)], seal_key)


def given_out(store: Store) -> list[GivenOut]:
    """What the run gave out, oldest first."""
    return [GivenOut(**g) for g in store.read_json(EXPORTS)] if store.path(EXPORTS).is_file() else []


def mend_given_out(store: Store, gone: Collection[str], *, sealed: bool) -> tuple[list[str], list[str]]:
    """The users of these hashes out of every file that was given out: which files had one and are now without, and which could
    not be looked into. Where the list is not `sealed`, a folder from elsewhere could name any file: of those with raw ids only
    such are touched that say so themselves, by the note beside them.
    """
    mended, unreached = list[str](), list[str]()
    sweep_parts(one for one in given_out(store) if sealed or _is_noted(one))
    for one in given_out(store):
        found = _looked_into(store, one, gone) if sealed or not one.ids or _is_noted(one) else None
        if found is None:
            what = one.file or "a table handed to a program"
            unreached.append(f"{what}, given out on {one.made}{f' for: {one.purpose}' if one.purpose else ''}")
        elif one.file and found[0]:
            _in_place_of(Path(one.file), found[1])
            mended.append(one.file)
    return mended, list(dict.fromkeys(unreached))


def _in_place_of(file: Path, content: bytes) -> None:
    """Other content of a file that was given out, whole as soon as it is there, with the rights that the file has."""
    part, mode = part_of(file), file.stat().st_mode
    part.unlink(missing_ok=True)
    write_private(part, content)
    part.chmod(stat.S_IMODE(mode))
    part.replace(file)


def holds_user(store: Store, user: str) -> bool:
    """Is this user, who may be of a later log alone, in a file that the run gave out?"""
    gone = {user_hash(store.key(), user)}
    return any(found[0] for one in given_out(store) if (found := _looked_into(store, one, gone)))


def _looked_into(store: Store, one: GivenOut, gone: Collection[str]) -> tuple[int, bytes] | None:
    """How many users of these hashes go of a file, and the file without them; None where it cannot be looked into."""
    key = store.key()

    def goes(user: str) -> bool:
        return (user_hash(key, user) if one.ids else user) in gone

    try:
        return _without(one, goes)
    except NOT_OURS:
        return None


def _without(one: GivenOut, goes: Callable[[str], bool]) -> tuple[int, bytes] | None:
    """How many go of a file, and the file without them; None where there is none to look into."""
    if not one.file or Path(one.file).is_symlink() or not Path(one.file).is_file():
        return None
    path = Path(one.file)
    if path.suffix.lower() == ".parquet":
        return _parquet_without(path, goes)
    text = path.read_text(encoding="utf-8")
    if path.suffix.lower() == ".csv":
        return _csv_without(text, goes)
    return _json_without(text, goes)


def _parquet_without(path: Path, goes: Callable[[str], bool]) -> tuple[int, bytes]:
    with open_database() as connection:
        users = connection.execute(f"SELECT DISTINCT user FROM read_parquet({sql_literal(path)})").fetchall()
        gone = [user for (user,) in users if goes(user)]
        if not gone:
            return 0, b""
        query = f"FROM read_parquet({sql_literal(path)}) WHERE NOT list_contains($gone::VARCHAR[], user)"
        with temporary_folder() as folder:
            return len(gone), write_parquet(connection, folder / "kept.parquet", query, {"gone": gone}).read_bytes()


def _csv_without(text: str, goes: Callable[[str], bool]) -> tuple[int, bytes]:
    head, *rows = csv.reader(io.StringIO(text))
    kept = [row for row in rows if not (row and (goes(row[0]) or goes(row[0].removeprefix("'"))))]
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([head, *kept])
    return len(rows) - len(kept), made.getvalue().encode()


def _json_without(text: str, goes: Callable[[str], bool]) -> tuple[int, bytes]:
    """Of a text of JSON, or of one a line: members of lists that are such an id, or hold it as one."""
    gone = 0

    def left(value: Any) -> Any:
        nonlocal gone
        if isinstance(value, list):
            kept = [left(member) for member in value if not _is_of(member, goes)]
            gone += len(value) - len(kept)
            return kept
        return {name: left(held) for name, held in value.items()} if isinstance(value, dict) else value

    made = "".join(json.dumps(left(json.loads(line)), ensure_ascii=False) + "\n" for line in text.splitlines() if line)
    return gone, made.encode()


def _is_of(member: Any, goes: Callable[[str], bool]) -> bool:
    if isinstance(member, dict):
        member = member.get("$distinct_id") or member.get("userId")
    return isinstance(member, str) and goes(member)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
