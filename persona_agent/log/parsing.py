"""Records into batches of events, and an account of every record.

Takes inputs and their survey; gives `Batch`es in reading order, and fills an `Account`. Promises: records =
with_events + rejected + set_aside + duplicates, always; one batch is held at a time, rejects are handed on as they are
met; a bad record costs itself only, and a log that is mostly bad is an InputError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ..batches import Batch
from ..errors import InputError
from ..ids import record_hash
from .identity import Devices
from .inputs import Input
from .layouts import Layout
from .losses import traits_of_line
from .mending import mostly_rejected
from .plan import Plan
from .records import NO_CONSENT, Record, read_records
from .survey import SHOWN_LINES, ReadOptions, Survey
from .values import Rejected

BATCH = 20_000  # events held at a time; a round number
# Before so many records a broken start of a log says little about the rest.
EARLY = 1_000
# Counted, never listed: by a list and the log, anybody could tell whose lines they are.
UNLISTED = frozenset(("opt_out", "forgotten", "sensitive"))
RAW_SHOWN = 500  # characters of a rejected record: enough to find it, and less to leak


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that is no event. `raw` is its text as it stood, at most 500 characters and not redacted; `traits` are kinds of
    values and values that it has all the same.
    """

    file: str
    line: int
    code: str
    reason: str
    raw: str
    traits: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"

    def place(self) -> dict[str, Any]:
        """Where it stands, and why it is no event."""
        return {"file": self.file, "line": self.line, "code": self.code, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that is not used. `kind` is `set_aside` or `duplicate`."""

    file: str
    line: int
    kind: str
    reason: str


@dataclass(slots=True)
class Account:
    """Where every record went; `files` counts records by file, `codes` rejects by code, `reasons` what was set aside
    or found twice by reason. `naive_timestamps` are events whose time had no offset and was taken as UTC.
    """

    records: int = 0
    with_events: int = 0
    rejected: int = 0
    set_aside: int = 0
    duplicates: int = 0
    naive_timestamps: int = 0
    files: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Account) -> None:
        """The records of another part of the log too."""
        for f in fields(self):
            mine = getattr(self, f.name)
            if isinstance(mine, Counter):
                mine.update(getattr(other, f.name))
            else:
                setattr(self, f.name, mine + getattr(other, f.name))

    def check(self) -> None:
        """Every record is somewhere, once."""
        assert self.records == self.with_events + self.rejected + self.set_aside + self.duplicates, self


def parse_events(
    inputs: Sequence[Input],
    survey: Survey,
    options: ReadOptions,
    account: Account,
    *,
    on_reject: Callable[[Reject], None] | None = None,
    on_set_aside: Callable[[SetAside], None] | None = None,
    on_opt_out: Callable[[str], None] | None = None,
    progress: Callable[[int], None] | None = None,
    from_start: bool = True,
    devices: Devices | None = None,
) -> Iterator[Batch]:
    """Every event of the inputs, about 20,000 to a batch. `devices` learns who was seen with which, `progress` is called with
    the records read so far, `on_opt_out` with the user of each record that is left out for it. A log that is mostly bad
    `from_start` is given up soon; what stands further on says little about it.
    """
    heard = (on_reject or _ignore, on_set_aside or _ignore, on_opt_out or _ignore)
    reader = _Reader(options, account, *heard, from_start)
    for item, layout in zip(inputs, survey.layouts, strict=True):
        cells = layout.format in ("csv", "tsv") and not layout.vendor
        anonymous = survey.anonymous if layout.vendor or options.stitch else ""
        plan = Plan(
            survey.mapping,
            survey.times,
            survey.shape,
            cells=cells,
            act=options.act or survey.act,
            anonymous=anonymous,
            devices=devices,
            without=survey.colleagues,
            lists=survey.lists,
            agents=survey.agents,
        )
        for batch in reader.file(item, layout, plan):
            yield batch
            if progress is not None:
                progress(account.records)
    if reader.rows:
        yield reader.batch()
    if progress is not None:
        progress(account.records)
    account.check()


def stop_if_mostly_rejected(account: Account, options: ReadOptions, first_rejects: Sequence[str]) -> None:
    """InputError where more records are rejected than not, unless a person allowed it."""
    if not options.allow_rejects and 2 * account.rejected > account.records:
        raise mostly_rejected(account.rejected, account.records, list(first_rejects))


def stop_if_empty(account: Account, first_rejects: Sequence[str]) -> None:
    """InputError where a log holds nothing to go on with."""
    if not account.records:
        raise InputError("The log holds no records.")
    if not account.with_events:
        lines = "; ".join(first_rejects)
        raise InputError(f"None of the {account.records:,} records is an event that may be used. {lines}".rstrip())


class _Reader:
    """The events of one reading, collected over the ends of files as rows of a `Batch`."""

    def __init__(
        self,
        options: ReadOptions,
        account: Account,
        on_reject: Callable[[Reject], None],
        on_set_aside: Callable[[SetAside], None],
        on_opt_out: Callable[[str], None],
        from_start: bool,
    ) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self._options, self._account = options, account
        self._on_reject, self._on_set_aside, self._on_opt_out = on_reject, on_set_aside, on_opt_out
        self._from_start, self._first_rejects = from_start, list[str]()

    def file(self, item: Input, layout: Layout, plan: Plan) -> Iterator[Batch]:
        """The batches that fill up while `item` is read."""
        name, opt_out, account = item.name, self._options.opt_out, self._account
        for record in read_records(item, layout):
            account.records += 1
            account.files[name] += 1
            try:
                if isinstance(record.value, Rejected):
                    raise record.value
                event = plan.event(record.raw, record.value)
            except Rejected as why:
                if why.code == NO_CONSENT:  # counted, and kept nowhere
                    account.set_aside += 1
                    account.reasons[NO_CONSENT] += 1
                    continue
                self._reject(name, record, why, plan)
                continue
            if opt_out and event.user in opt_out:
                self._opted_out(name, record, event.user)
                continue
            if "automation" not in self._options.keep and plan.is_machine(event):
                self._aside(name, record, "automation")
                continue
            if record.aside and record.aside not in self._options.keep:
                self._aside(name, record, record.aside)
                continue
            account.with_events += 1
            account.naive_timestamps += event.naive
            self.rows.append((name, record.line, record.n, record_hash(record.raw), *event[:-1]))
            if len(self.rows) >= BATCH:
                yield self.batch()

    def batch(self) -> Batch:
        """What was collected since the last one."""
        rows, self.rows = self.rows, []
        return Batch(*map(list, zip(*rows, strict=True)))

    def _reject(self, name: str, record: Record, why: Rejected, plan: Plan) -> None:
        raw = record.raw[: 4 * RAW_SHOWN].decode(errors="replace")[:RAW_SHOWN]
        known = plan.traits(record.value) if type(record.value) is dict else traits_of_line(raw, self._options.zone)
        traits = tuple(known)
        user = dict(traits).get("user")
        if user is not None and user in self._options.opt_out:
            self._opted_out(name, record, user)
            return
        reject = Reject(name, record.line, why.code, why.reason, raw, (("file", name), *traits))
        self._account.rejected += 1
        self._account.codes[why.code] += 1
        self._on_reject(reject)
        if len(self._first_rejects) < SHOWN_LINES:
            self._first_rejects.append(str(reject))
        if self._from_start and self._account.records >= EARLY:
            stop_if_mostly_rejected(self._account, self._options, self._first_rejects)

    def _aside(self, name: str, record: Record, reason: str) -> None:
        self._account.set_aside += 1
        self._account.reasons[reason] += 1
        if reason not in UNLISTED:
            self._on_set_aside(SetAside(name, record.line, "set_aside", reason))

    def _opted_out(self, name: str, record: Record, user: str) -> None:
        self._aside(name, record, "opt_out")
        self._on_opt_out(user)


def _ignore(_: object) -> None:
    """Nobody asked."""
