"""Log files to events.parquet, rejects.jsonl and set_aside.jsonl, redacted on the way.

The log is read in shares, each by a pure function that leaves its redacted events in a file of its own; what one share cannot
know (what is found twice, what no person did, the order of users) is settled over all of them. Nothing is written before
it has been redacted; raw user ids come back from a share in memory, because their order is the order of the events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from itertools import chain
from shlex import quote
from typing import Any

import duckdb

from ..engines import Engine, LocalEngine
from ..errors import InputError
from ..fields import NOTHING
from ..folders import open_private
from ..ids import user_hash
from ..options import NO_VALUE, Options
from ..progress import Progress
from ..redaction import Redactor, find_names
from ..store import Store, forgotten
from . import (
    SHARE_BYTES,
    SHOWN_LINES,
    Account,
    Input,
    ReadOptions,
    Share,
    Survey,
    file_sha256,
    file_stamp,
    resolve_inputs,
    settle_log,
    shares,
    stop_if_empty,
    stop_if_mostly_rejected,
    survey,
)
from .given import GivenGroups, read_groups
from .giving import AFTERWARDS, give_groups
from .identity import Devices, settle_devices, unread
from .lists import lists_as_told
from .losses import find_losses
from .mentions import mask_others
from .optouts import are_out, keep_opted_out, kept_out, meant, read_opt_outs
from .owned import drop_own_objects, own_columns, sample_properties
from .sensitive import told_topics
from .sessions import cut_days, dated_acts, write_events
from .sharing import PARTS, Shared, join_parts, read_share, write_line, write_rejects
from .staging import staging
from .stored import count_stored
from .told_people import columns_of_people
from .unused import check_value, columns_of, find_unused
from .warehouses import Source, fetch, is_address

Ids = dict[str, str] | None  # where to leave the raw ids behind hashes


@dataclass(frozen=True)
class Log:
    """What is to be read: the files, what they look like, how to read them, the stamps by which a change is noticed, the model
    that finds names, the columns that are counted alone, the database that it is of, if it is of one, the readings of the
    list of who opted out, the keyed hashes of who did so before, and the groups that a file gives.
    """

    inputs: list[Input]
    options: ReadOptions
    found: Survey
    stamps: list[tuple[int, int]]
    names: str | None = None
    declared: tuple[str, ...] = ()
    source: Source | None = None
    opted: tuple[frozenset[str], ...] = ()
    given: GivenGroups | None = None
    left_out: frozenset[str] = frozenset()

    def fingerprints(self) -> list[dict[str, str]]:
        return [{"path": item.name, "sha256": file_sha256(item)} for item in self.inputs]

    def unasked_visits(self, options: Options) -> str:
        """The column of sessions, where no person named it."""
        return "" if "session" in dict(options.mapping) else self.found.mapping.get("session", "")

    def check(self) -> None:
        """InputError if a file is no longer the one that was looked at: half of it would be of another log."""
        for item, stamp in zip(self.inputs, self.stamps, strict=True):
            if file_stamp(item) != stamp:
                raise InputError(
                    f"{item.name} changed while it was read.", hint="Run again on a copy, or when nothing writes to it."
                )


@dataclass(frozen=True)
class ReadLog:
    """What reading found. Counts are of records, but for `events` and `users`; `files` counts records by file, `codes` those
    rejected by code, `reasons` what was set aside or found twice by reason, `redacted` masked identifiers by kind.
    `times_are` is the zone of times without offset, `dates_only` acts whose times are dates (`all_dated`: all are), `withheld`
    columns that say who somebody is, `ids` those that are ids of users under another name, `unused` what columns could be that
    were not used (object, session, amount), `notes` what else a person should know, `losses` where rejects are no random part
    of the log, `topics` what was set aside as sensitive. Where accounts are the unit, `users` are accounts and `persons` those
    behind them. `at_work` says why these are people at work, if they are; `columns` are those of users, sessions and things,
    `clock` what a column tells of the clocks of times without offset (log/clock_columns.py).
    """

    records: int
    with_events: int
    rejected: int
    set_aside: int
    duplicates: int
    naive_timestamps: int
    files: dict[str, int]
    codes: dict[str, int]
    reasons: dict[str, int]
    events: int
    users: int
    first: str | None
    last: str | None
    times_to_the_minute: bool
    dates_only: list[str]
    times_are: str
    redacted: dict[str, int]
    withheld: list[str]
    ids: list[str]
    unused: dict[str, str]
    notes: list[str]
    losses: list[str]
    topics: list[dict[str, Any]]
    persons: int | None = None
    at_work: str = ""
    worth: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    all_dated: bool = False
    clock: dict[str, Any] = field(default_factory=dict)


def find_log(options: Options) -> Log:
    """The files that the options name; InputError or UsageError where they cannot be read as a log."""
    addressed = any(map(is_address, options.inputs))
    source = fetch(options.inputs, options.query, here=options.local) if addressed else None
    said, none = dict(options.mapping), {name for name, column in options.mapping if column == NOTHING}
    reading = ReadOptions(
        mapping={name: column for name, column in said.items() if name not in none},
        without=frozenset(none),
        format=options.format,
        allow_rejects=options.allow_rejects,
        keep=frozenset(options.keep),
        query=None if source else options.query,
        encoding=options.encoding,
        stitch=options.stitch,
        consent=options.consent,
        act=options.act,
        each=options.each,
        lists=options.lists,
        time_format=options.time_format,
        zone=options.timezone if options.times_are == "local" else "",
    )
    inputs = [source.item] if source else resolve_inputs(options.inputs)
    stamps = [file_stamp(item) for item in inputs]
    find_names(options.names)  # what cannot be had is said before the log is read
    found, opted = survey(inputs, reading), tuple[frozenset[str], ...]()
    reading = replace(reading, act=found.act or None)
    if options.opt_out is not None:
        opted = tuple(read_opt_outs(options.opt_out, found.mapping["user"]))
        reading = replace(reading, opt_out=frozenset[str]().union(*opted))
    column = found.mapping["account" if options.unit == "account" else "user"]
    given = None if options.groups is None else read_groups(options.groups, column, options.timezone)
    return Log(inputs, reading, found, stamps, options.names, options.declared, source, opted, given)


def read_log(
    log: Log, options: Options, store: Store, progress: Progress, engine: Engine | None = None, raw: Ids = None
) -> ReadLog:
    """events.parquet, rejects.jsonl and set_aside.jsonl, and what was found over all; `raw` gets the ids behind the hashes."""
    zone, accounts = log.options.zone or "UTC", options.unit == "account"
    with store.empty_folder(PARTS) as folder:
        # The hour that comes twice is told by the lines before it.
        parts = shares(log.inputs, log.found.layouts, SHARE_BYTES, whole=bool(log.options.zone))
        account, redactor = Account(), Redactor(store.key())
        first_rejects, lost, devices, gone = list[str](), Counter[tuple[str, str]](), Devices(), set[str]()
        for done in _read_all(parts, log, store, progress, engine or LocalEngine(options.workers)):
            store.check_disk()
            account.add(done.account)
            redactor.add(done.users, done.masked, done.withheld)
            first_rejects, gone = first_rejects + done.first_rejects, gone | done.gone
            lost += done.lost
            devices.add(done.devices)
            stop_if_mostly_rejected(account, log.options, first_rejects[:SHOWN_LINES])
        stop_if_empty(account, first_rejects[:SHOWN_LINES])
        log.check()
        keep_opted_out(store, log.opted)
        opted = meant(log.opted, gone, users := redactor.users())
        left = {*opted.users, *gone, *are_out(users, log.left_out, store), *kept_out(users, store)}
        with store.connect() as connection, open_private(store.path("set_aside.jsonl")) as aside:
            join_parts(folder, parts, "aside", aside)
            staging(connection, [folder / f"{p.number}.parquet" for p in parts])
            redactor.add((), mask_others(connection, users))
            losses = find_losses(connection, lost, log.options.zone)
            said = _leave_all_out(connection, store, left, devices, account, stitch=log.options.stitch)
            sample_properties(connection)
            (ids, named), of_people = own_columns(connection), columns_of_people(connection)
            unused = find_unused(connection, log.found.mapping, {*ids, *of_people, *columns_of(options.value)})
            write_rejects(folder, parts, store, redactor, named)
            progress.note("looking for duplicates and what is not behaviour")
            notes = [*check_value(connection, options.value), *drop_own_objects(connection, store.key())]
            notes += settle_log(connection, frozenset(options.keep), account, lambda s: write_line(aside, asdict(s)))
            notes = [note for note in (*log.found.said, opted.note, *said, *_unheard(log, account), *notes) if note]
            topics = [] if "sensitive" in options.keep else told_topics(connection)
            days = cut_days(connection, zone, log.unasked_visits(options))
            notes += [*_given(connection, store, options, log, account), *days]
            for note in (*losses, *notes, "sorting by user and time"):
                progress.note(note)
            account.check()
            dates_only, ranks, without = dated_acts(connection, zone), redactor.ranks(), [*ids, *of_people]
            write_events(store, connection, ranks, accounts=accounts, without=without, dates_only=dates_only)
            counted = count_stored(connection, zone, accounts, bool(account.naive_timestamps or log.options.zone))
    (raw if raw is not None else {}).update(redactor.ids())
    return ReadLog(
        **_account(account),
        **counted,
        redacted={kind: n for kind, n in sorted(redactor.counts.items()) if n},
        withheld=sorted({*redactor.withheld, *of_people}),
        ids=ids,
        unused=unused,
        dates_only=dates_only,
        notes=notes,
        losses=losses,
        topics=topics,
        **_told_beforehand(log.found),
    )


def _told_beforehand(found: Survey) -> dict[str, Any]:
    """What the first look at the log told of all of it."""
    columns = {name: found.mapping[name] for name in ("user", "session", "object") if name in found.mapping}
    return {"at_work": found.at_work, "worth": found.worth, "columns": columns}


def as_found(options: Options, log: Log) -> Options:
    """The options with what the log tells where nobody did: fields that values decided, and the act of all rows; staff mode,
    where it is of people at work and no purpose speaks against it; what a line is worth; which fields hold several values.
    """
    if log.found.lists and not options.lists:
        options = options.but(lists=lists_as_told(log.found.lists))
    if log.found.taken or (log.found.act and not options.act):
        taken = {name: log.found.mapping[name] for name in log.found.taken}
        options = options.but(mapping={**dict(options.mapping), **taken}, act=log.found.act or None)
    if log.found.at_work and options.no_staff is None and not options.staff:
        options = options.but(staff=True)
    if options.value in (None, NO_VALUE):
        options = options.but(value=log.found.worth or None if options.value is None else None)
    return options


def _read_all(parts: Sequence[Share], log: Log, store: Store, progress: Progress, engine: Engine) -> Iterator[Shared]:
    """What every share held, in order, with progress in records of about so many."""
    one = partial(read_share, found=log.found, options=log.options, store=store, names=log.names, declared=log.declared)
    if len(parts) == 1:
        yield one(parts[0], heard=lambda n: progress.update(n, None, "records"))
        return
    size = sum(part.size for part in parts)
    records = read_so_far = 0
    for part, shared in zip(parts, engine.map(one, parts), strict=True):
        records, read_so_far = records + shared.account.records, read_so_far + part.size
        progress.update(records, round(records * size / max(read_so_far, 1)), "records, estimated")
        yield shared


def _given(
    connection: duckdb.DuckDBPyConnection, store: Store, options: Options, log: Log, account: Account
) -> list[str]:
    """Given groups onto the log, whose events at the date of an outcome and after it are set aside; says what is left out."""
    said, after = give_groups(connection, store, options, log.given)
    _count_out(account, AFTERWARDS, after)
    return said


def _leave_all_out(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    opted: Iterable[str],
    devices: Devices,
    account: Account,
    *,
    stitch: bool,
) -> list[str]:
    """The events go of those who opted out or were forgotten, and of their devices; returns what is to be said of devices."""
    left_out = {"opt_out": [user_hash(store.key(), user) for user in opted], "forgotten": list(forgotten(store))}
    left, said = settle_devices(connection, devices, [*chain(*left_out.values())], stitch)
    _count_out(account, "opt_out", left)
    for reason, users in left_out.items():
        _leave_out(connection, users, account, reason)
    return said


def _unheard(log: Log, account: Account) -> Iterator[str]:
    """What is said of records without a user, where nobody said what to do with them."""
    decided = log.options.stitch or any(one.vendor for one in log.found.layouts)
    if (empty := log.found.passed_over) and not decided:
        device = log.found.mapping["user"]
        yield (
            f"most records have no {empty}, so users are told apart by {device}: one person may be several. --stitch joins those "
            f"that were seen with a {empty}; --map {quote(f'user={empty}')} reads the records alone that have one"
        )
    if others := log.found.colleagues:
        named = " and ".join(others)
        about = f"--map user={quote(others[0])} is about them"
        yield f"{named}: who works on a case is a person, and no thing; it was left out. {about}"
    yield from unread(log.found.anonymous, log.found.mapping["user"], 0 if decided else account.codes["no_user"])


def _leave_out(connection: duckdb.DuckDBPyConnection, users: Sequence[str], account: Account, reason: str) -> None:
    """The events of these users go; they are not listed line by line."""
    if not users:
        return
    row = connection.execute("SELECT count(*) FROM staging WHERE user IN (SELECT unnest(?))", [users]).fetchone()
    connection.execute("DELETE FROM staging WHERE user IN (SELECT unnest(?))", [users])
    _count_out(account, reason, int(row[0]) if row else 0)


def _count_out(account: Account, reason: str, records: int) -> None:
    if records:
        account.with_events -= records
        account.set_aside += records
        account.reasons[reason] += records


def _account(account: Account) -> dict[str, Any]:
    values = {f.name: getattr(account, f.name) for f in fields(account)}
    return {k: dict(sorted(v.items())) if isinstance(v, Counter) else v for k, v in values.items()}
