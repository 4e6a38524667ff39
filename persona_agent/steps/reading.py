"""Log files to events.parquet, rejects.jsonl and set_aside.jsonl, redacted on the way.

Nothing is written before it has been redacted: batches go from the reader through the redactor into a database in
memory, which spills (redacted) to the run directory if it must.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TextIO

import duckdb

from ..config import Settings
from ..errors import InputError, UsageError
from ..progress import Progress
from ..stages.events import (
    Account,
    Input,
    ReadOptions,
    Reject,
    SetAside,
    Survey,
    file_sha256,
    read,
    resolve_inputs,
    settle,
    survey,
)
from ..stages.redaction import Redactor
from ..store import STAGING, Store, stage_batches, write_events


@dataclass(frozen=True)
class Log:
    """What is to be read: the files, what they look like, and how to read them."""

    inputs: list[Input]
    options: ReadOptions
    found: Survey

    def fingerprints(self) -> list[dict[str, str]]:
        return [{"path": item.name, "sha256": file_sha256(item)} for item in self.inputs]


def find_log(settings: Settings) -> Log:
    """The files that the settings name; InputError or UsageError where they cannot be read as a log."""
    options = ReadOptions(
        mapping=dict(settings.mapping),
        format=settings.format,
        allow_rejects=settings.allow_rejects,
        opt_out=_opted_out(settings.opt_out),
        keep=frozenset(settings.keep),
        query=settings.query,
    )
    inputs = resolve_inputs(settings.inputs)
    return Log(inputs, options, survey(inputs, options))


def read_log(log: Log, settings: Settings, store: Store, progress: Progress) -> dict[str, Any]:
    """events.parquet, rejects.jsonl and set_aside.jsonl; returns the account as JSON values."""
    redactor, account = Redactor(store.key()), Account()
    with (
        store.connect() as connection,
        store.path("rejects.jsonl").open("w", encoding="utf-8") as rejects,
        store.path("set_aside.jsonl").open("w", encoding="utf-8") as aside,
    ):
        connection.execute(STAGING)
        _fill(connection, log, account, redactor, rejects, aside, progress)
        progress.note("looking for duplicates and what is not behaviour")
        settle(connection, frozenset(settings.keep), account, lambda s: _write(aside, asdict(s)))
        account.check()
        if account.with_events == 0:
            raise InputError("No record is left after setting aside.", hint="See set_aside.jsonl and --keep REASON.")
        write_events(store, connection, redactor.ranks())
        counted = _count(connection)
    return {**_account(account), **counted, "redacted": dict(sorted(redactor.counts.items()))}


def _fill(
    connection: duckdb.DuckDBPyConnection,
    log: Log,
    account: Account,
    redactor: Redactor,
    rejects: TextIO,
    aside: TextIO,
    progress: Progress,
) -> None:
    def on_reject(reject: Reject) -> None:
        _write(rejects, {**asdict(reject), "raw": redactor.mask_raw(reject.raw)})

    def on_set_aside(record: SetAside) -> None:
        _write(aside, asdict(record))

    done = 0
    batches = read(
        log.inputs,
        log.found,
        log.options,
        account,
        on_reject=on_reject,
        on_set_aside=on_set_aside,
        progress=lambda n: progress.update(n, None, "records"),
    )
    for batch in batches:
        stage_batches(connection, redactor.redact(batch), done)
        done += len(batch)


def _count(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    row = connection.execute(
        "SELECT count(*), count(DISTINCT user), min(ts)::VARCHAR, max(ts)::VARCHAR, "
        "bool_and(second(ts) = 0 AND microsecond(ts) = 0) FROM staging"
    ).fetchone()
    events, users, first, last, to_the_minute = row or (0, 0, None, None, None)
    return {"events": events, "users": users, "first": first, "last": last, "times_to_the_minute": bool(to_the_minute)}


def _account(account: Account) -> dict[str, Any]:
    values = {f.name: getattr(account, f.name) for f in fields(account)}
    return {k: dict(sorted(v.items())) if isinstance(v, Counter) else v for k, v in values.items()}


def _write(file: TextIO, value: dict[str, Any]) -> None:
    file.write(json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n")


def _opted_out(path: Path | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"Cannot read the opt-out list {str(path)!r}: {error.strerror}.") from None
    return frozenset(line.strip() for line in lines if line.strip())
