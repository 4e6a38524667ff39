"""One share of a log, read by a pure function that leaves its redacted events, its rejects and what is set aside in files.

Raw user ids come back in memory, because their order is the order of the events; nothing is written before it has been redacted.
"""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from ..folders import open_private
from ..ids import user_hash
from ..redaction import Redactor, find_names
from ..store import Store, forgotten, write_parquet
from . import MOST_EVENTS, SHOWN_LINES, Account, ReadOptions, Reject, Share, Survey, parse_events
from .identity import Devices
from .losses import DOER
from .optouts import Named, forgotten_in_any_case, is_kept_out
from .sensitive import topics
from .staging import stage_batches, staging

PARTS = ".parts"
READ_MEMORY = "512MB"  # for each worker's database; beyond it, it spills to the folder of the run
# Objects made before cycles among them are looked for. Records hold none, and the events of one batch (parsing.BATCH) are some
# objects each: at Python's own 700 every batch would be looked through many times, an eighth of all that reading takes.
COLLECTED = 500_000


@dataclass(frozen=True)
class Shared:
    """What one share held: its account, how often each kind of identifier was masked, columns that went, raw user ids, those of
    users who opted out, the first rejects, how many rejects have each value, and the hashes of devices.
    """

    account: Account
    masked: dict[str, int]
    withheld: set[str]
    users: list[str]
    gone: set[str]
    first_rejects: list[str]
    lost: Counter[tuple[str, str]]
    devices: Devices


def read_share(
    share: Share,
    *,
    found: Survey,
    options: ReadOptions,
    store: Store,
    names: str | None = None,
    declared: tuple[str, ...] = (),
    heard: Callable[[int], None] | None = None,
) -> Shared:
    """The redacted events of one share to a file of its number, its rejects and what is set aside beside it."""
    key = store.key()
    folder, account = store.path(PARTS), Account()
    redactor = Redactor(key, find_names(names), declared, keys=found.keys)
    first_rejects, lost, gone = list[str](), Counter[tuple[str, str]](), set[str]()
    exact, folded, names_them = set(forgotten(store)), forgotten_in_any_case(store), Named(options.opt_out)
    here, devices = replace(found, layouts=share.layouts), Devices()
    with (
        _rarely_collected(),
        store.connect(memory=READ_MEMORY, threads=1) as connection,
        (folder / f"{share.number}.rejects").open("w", encoding="utf-8") as rejects,
        (folder / f"{share.number}.aside").open("w", encoding="utf-8") as aside,
    ):

        def on_reject(reject: Reject) -> None:
            if len(first_rejects) < SHOWN_LINES:
                first_rejects.append(str(reject))
            if not (
                names_them(reject.raw)
                or any(k == "user" and is_kept_out(v, key, exact, folded) for k, v in reject.traits)
            ):
                told = "sensitive" in options.keep or topics().of(reject.raw) is None
                raw = redactor.mask_raw(reject.raw) if told else ""
                write_line(rejects, {**reject.place(), "raw": raw})
            for kind, value in reject.traits:
                lost[kind, user_hash(key, value) if kind == "user" else redactor.mask_raw(value)] += 1
            if {"act", "user"} <= (traits := dict(reject.traits)).keys():
                lost[DOER, f"{redactor.mask_raw(traits['act'])}\0{user_hash(key, traits['user'])}"] += 1

        batches = parse_events(
            share.inputs,
            here,
            options,
            account,
            on_reject=on_reject,
            on_set_aside=lambda record: write_line(aside, asdict(record)),
            on_opt_out=gone.add,
            progress=heard,
            from_start=share.number == 0,
            devices=devices,
        )
        staging(connection)
        done = share.number * MOST_EVENTS
        for batch in batches:
            stage_batches(connection, redactor.redact(batch), done)
            done += len(batch)
        write_parquet(connection, folder / f"{share.number}.parquet", "FROM staging ORDER BY ord")
    users = [*redactor.users(), *sorted({user for _, user in devices.seen})]
    hashes = devices.hashed(partial(user_hash, key))
    return Shared(account, redactor.counts, redactor.withheld, users, gone, first_rejects, lost, hashes)


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """Inside the block, Python looks for cycles only after COLLECTED new objects; outside it is as it was."""
    before = gc.get_threshold()
    gc.set_threshold(max(COLLECTED, before[0]) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def write_line(file: TextIO, value: dict[str, Any]) -> None:
    file.write(json_line(value))


def json_line(value: dict[str, Any]) -> str:
    """A line of rejects.jsonl or set_aside.jsonl."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n"


def join_parts(
    folder: Path, parts: Sequence[Share], what: str, into: TextIO, change: Callable[[str], str] | None = None
) -> None:
    for part in parts:
        with (folder / f"{part.number}.{what}").open(encoding="utf-8") as lines:
            into.writelines(lines if change is None else map(change, lines))


def write_rejects(folder: Path, parts: Sequence[Share], store: Store, redactor: Redactor, named: list[str]) -> None:
    redactor.add_aliases(named)
    with open_private(store.path("rejects.jsonl")) as rejects:
        join_parts(folder, parts, "rejects", rejects, partial(_masked_again, redactor))


def _masked_again(redactor: Redactor, line: str) -> str:
    """A reject with the ids of all users of the log masked: its own share knew only some."""
    reject = json.loads(line)
    return json_line({**reject, "raw": redactor.mask_raw(reject["raw"])})
