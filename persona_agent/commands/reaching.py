"""`forget`: one person out of several runs and out of copies of their pages, and a list of what was not reached.

In: a raw user id, and places: run directories, files, folders of exports and recordings. Out: what went from each run and
from the files of users that it gave out, and where the person may still be. Promises: a file that is no copy of a page of
these runs is left as it is and listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..errors import StoreError, UsageError
from ..ids import record_hash, user_hash
from ..log.events import open_events
from ..manifest import AS_SEALED, Standing, verify
from ..models.ledger import LEDGER, Ledger
from ..progress import Progress
from ..runs import PAGES
from ..seal import Seal, find_seal
from ..store import Store
from .assigning import holds_user, mend_given_out, say_purposes_again
from .continuing import FILES as CHANGES
from .forgetting import Forgotten, forget_in, forget_in_served, keep_out_in, who_column
from .results import SealedResult
from .serving.kept_answers import keeps_answers_alone
from .serving.sealed_answers import ASKED

BEFORE_SIGNING_IN = (
    "rows of their devices from before they signed in: the log was read without --stitch, so these are other users; forget the "
    "ids of the devices too"
)

HEARD = "the agents that heard answers of {}, and what they wrote of them"
OF_CHANGES = "{}, a copy of what {} was: delete it, or write it anew with `diff`"


@dataclass(frozen=True)
class Reached(SealedResult):
    """What went, by run; `copies` of pages that were made anew; files of users that were `given` out and are now without
    this one; `unreached`: where the person may still be; `seal` is that of a run which is not as it was sealed, where one is.
    """

    remarked: ClassVar[frozenset[Standing]] = frozenset({"changed"})

    runs: dict[str, Forgotten]
    copies: list[str]
    unreached: list[str]
    given: Sequence[str] = ()

    def text(self) -> str:
        lines = [line for out, gone in self.runs.items() for line in (*_of(out, self.runs), gone.text())]
        lines += [f"copy made anew: {copy}" for copy in self.copies]
        lines += [f"no longer in: {file}" for file in self.given]
        return "\n".join([*lines, "Not reached, and yours to mend:", *(f"  {what}" for what in self.unreached)])

    def as_json(self) -> dict[str, Any]:
        return {
            "runs": {out: gone.as_json() for out, gone in self.runs.items()},
            "copies": self.copies,
            "given_out": list(self.given),
            "unreached": self.unreached,
        }


def forget(user: str, places: Sequence[Path], progress: Progress, seal_key: Path | None = None) -> Reached:
    """One person out of everything that is named; UsageError if no run among it knows such a user."""
    runs = [place for place in places if (place / "run.json").is_file()]
    if not runs:
        Store.open(places[0])  # says what is missing
    stopped = [out for out in runs if not ((out / "personas.json").is_file() or keeps_answers_alone(Store.open(out)))]
    if stopped:
        raise StoreError(
            f"The run in {str(stopped[0])!r} is not finished: nobody can be taken out of it.",
            hint="Delete the folder, and run again with --opt-out for whoever is to stay out; or finish the run first.",
        )
    known = [out for out in runs if _knows(Store.open(out), user)]
    if not known:
        told = ", ".join(repr(str(out)) for out in runs)
        raise UsageError(f"The run in {told} holds no event of that user.", hint="Give the id as in the log.")
    seal = find_seal(seal_key)
    inside = {out.resolve() for out in runs}  # a place may hold a run: that is forgotten in, and is no copy
    files = [
        file
        for place in places
        if place not in runs
        for file in _files(place)
        if not inside & {*file.resolve().parents}
    ]
    gone, stands = dict[str, Forgotten](), AS_SEALED
    copies, unreached, given, stale = list[str](), list[str](), list[str](), dict[Path, str]()
    for out in known:
        with Store.open(out).alone() as store:
            if keeps_answers_alone(store):
                gone[str(out)] = forget_in_served(store, user, seal)
                unreached += ["the log that was served", HEARD.format(out)]
                continue
            stale |= _copies_of_changes(store, files) if _has_events(store, user) else {}
            before, elsewhere, users = _pages(store), not_reached(store), _users(store)
            gone[str(out)] = _gone_from(store, user, progress, seal)
            after = verify(store, seal)
            sealed = after.standing == "verified"
            say_purposes_again(store, sealed=sealed)
            stands = after if after.standing == "changed" else stands
            mended, lost = mend_given_out(store, {user_hash(store.key(), user)} | users - _users(store), sealed=sealed)
            copies += _mended(store, before, files)
            given += mended
            unreached += [*elsewhere, *lost, *(f"whoever {file} was passed on to" for file in mended)]
    reached = {*copies, *given, *(str(Path(file).resolve()) for file in given)}
    unreached += [OF_CHANGES.format(file, name) for file, name in stale.items()]
    strangers = [file for file in files if file not in stale and not {str(file), str(file.resolve())} & reached]
    unreached += [f"{file}, which is no copy of a page of these runs" for file in strangers]
    return Reached(gone, copies, list(dict.fromkeys(unreached)), given, seal=stands)


def _gone_from(store: Store, user: str, progress: Progress, seal: Seal) -> Forgotten:
    """What went from a run; a user of a later log, whom a file names that it gave out, is in none of its own."""
    if _has_events(store, user):
        return forget_in(store, user, progress, seal)
    keep_out_in(store, user, seal)
    return Forgotten(0, 0, 0, 0, [], [])


def _users(store: Store) -> set[str]:
    with store.connect() as connection:
        open_events(connection, store)
        return {user for (user,) in connection.execute("SELECT DISTINCT user FROM events").fetchall()}


def _of(out: str, runs: Mapping[str, Forgotten]) -> list[str]:
    return [f"{out}:"] if len(runs) > 1 else []


def _knows(store: Store, user: str) -> bool:
    if keeps_answers_alone(store) and not store.path("events.parquet").is_file():
        return True  # what was read of the log is gone: nobody can tell, and who is named stays out
    return _has_events(store, user) or holds_user(store, user)


def _has_events(store: Store, user: str) -> bool:
    with store.connect() as connection:
        open_events(connection, store)
        hashed = user_hash(store.key(), user)
        found = connection.execute(f"SELECT 1 FROM events WHERE {who_column(connection)} = ? LIMIT 1", [hashed])
        return found.fetchone() is not None


def _files(place: Path) -> list[Path]:
    """The file, or those of a folder; links are not followed."""
    found = sorted(place.rglob("*")) if place.is_dir() else [place]
    return [file for file in found if file.is_file() and not file.is_symlink()]


def _pages(store: Store) -> dict[str, str]:
    """The names of the pages of the run by their digests."""
    return {record_hash(store.path(name).read_bytes()): name for name in PAGES if store.path(name).is_file()}


def _copies_of_changes(store: Store, files: Sequence[Path]) -> dict[Path, str]:
    """Copies of the pages of changes, which count the person and cannot be made anew from this run alone."""
    digests = {record_hash(store.path(n).read_bytes()): n for n in CHANGES if store.path(n).is_file()}
    return {file: name for file in files if (name := digests.get(record_hash(file.read_bytes())))}


def _mended(store: Store, before: Mapping[str, str], files: Sequence[Path]) -> list[str]:
    """Copies of the pages as they were become copies of what they are now."""
    found = [(file, name) for file in files if (name := before.get(record_hash(file.read_bytes())))]
    for file, name in found:
        file.write_bytes(store.path(name).read_bytes())
    return [str(file) for file, _ in found]


def not_reached(store: Store) -> list[str]:
    """Where the person may be besides this run: its log, whoever was sent something, recordings and copies."""
    run: dict[str, Any] = store.read_json("run.json")
    ledger = store.path(LEDGER)
    alone = any("--stitch" in note for note in run["facts"]["read"]["notes"])
    hosts = sorted({call["host"] for call in Ledger(ledger).all_sent()}) if ledger.is_file() else []
    agents = store.path(ASKED).is_file()
    return [
        *(f"the log {path}" for path in run["paths"]),
        *([BEFORE_SIGNING_IN] if alone else []),
        *(f"{host}, which was sent prompts of the run" for host in hosts),
        *([HEARD.format(store.out)] if agents else []),
        "runs made of it with --since, which keep its names and sentences: name them too, if they were not",
        "recordings of the run (--record), which hold its prompts: delete them, or record anew",
        "copies of its pages that were not named, and backups",
    ]
