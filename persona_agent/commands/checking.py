"""`check`: every accepted claim of a run again, against the log as it is now, without a model.

The log is read anew with the run's own options and key into a folder that is thrown away; memberships come from
users.parquet and memories from memories.parquet, so nothing is clustered again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from ..errors import UsageError
from ..evidence import Corpus, Population, on_later_log, recompute
from ..evidence.loading import open_corpus
from ..folders import temporary_folder
from ..log.events import open_events
from ..log.reading import Log, find_log, read_log
from ..options import Options
from ..progress import Progress
from ..report import plain
from ..runs import memberships_of, options_of, users_file
from ..schema import EVERYONE, Claim, PersonaSet
from ..store import Store
from ..words.wording import claim_values, fill
from .results import Result

TARGET = 0.85  # of the claims that a later log can test, the share that should hold again


@dataclass(frozen=True)
class CheckResult(Result):
    """`failures` name a claim and its problem; `warnings` are about files; `checked` counts claims."""

    failures: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checked: int = 0

    def text(self) -> str:
        failed = len({failure["claim"] for failure in self.failures})
        return "\n".join(
            [
                *(f"warning: {plain(warning)}" for warning in self.warnings),
                *(f"{plain(failure['claim'])}: {plain(failure['problem'])}" for failure in self.failures),
                f"{self.checked:,} checked, {self.checked - failed:,} hold, {failed:,} do not.",
            ]
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def exit_status(self) -> int:
        return 1 if self.failures else 0


@dataclass(frozen=True)
class LaterResult(Result):
    """Claims on a later log: `claims` names each with its text and what came out (null: it cannot be asked there).
    `users` of the run are in that log, `unknown` users of it were in no group and are left out.
    """

    claims: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    hold: int = 0
    users: int = 0
    unknown: int = 0

    @property
    def share(self) -> float | None:
        return self.hold / self.asked if self.asked else None

    @property
    def enough(self) -> bool:
        return self.share is not None and self.share >= TARGET

    def text(self) -> str:
        share = f" ({100 * self.share:.0f} %)" if self.share is not None else ""
        return "\n".join(
            [
                *(f"{plain(c['claim'])}: {_came_out(c['again'])}. {plain(c['text'])}" for c in self.claims),
                f"{self.hold:,} of {self.asked:,} claims that this log can test hold{share}; "
                f"{self.users:,} users of the run are in it, {self.unknown:,} others were left out.",
            ]
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "share": self.share}

    @property
    def exit_status(self) -> int:
        return 0 if self.enough else 1


def check(
    out: Path, claim: str | None, at: Sequence[str], progress: Progress, workers: int | None = None
) -> CheckResult:
    """Every accepted claim of a run (or one) again, against the log as it is now (`at`: where it is, if it moved)."""
    store = Store.open(out)
    run = store.read_json("run.json")
    wanted = _wanted(store, claim)
    options = options_of(run, tuple(at)).but(workers=workers)
    found = find_log(options)
    warnings = _changed_files(run["inputs"], found.fingerprints())
    groups, ids, held_out = memberships_of(store)
    failures: list[dict[str, str]] = []
    with read_again(store, found, options, progress) as (connection, now):
        corpus = open_corpus(connection, now, options, store, groups, held_out)
        for i, (persona_id, one) in enumerate(wanted, start=1):
            failures += _problems(corpus, one, _population(persona_id, ids))
            progress.update(i, len(wanted), "claims")
    return CheckResult(failures, warnings, len(wanted))


def check_on(
    out: Path, claim: str | None, log: Sequence[str], progress: Progress, workers: int | None = None
) -> LaterResult:
    """The same claims on a later log. Memberships are the run's own: users that it did not know are left out."""
    store = Store.open(out)
    wanted = _wanted(store, claim)
    options = options_of(store.read_json("run.json"), tuple(log)).but(workers=workers)
    groups, ids, held_out = memberships_of(store)
    known = _known(store)
    claims: list[dict[str, Any]] = []
    with read_again(store, find_log(options), options, progress) as (connection, now):
        users = {user for (user,) in connection.execute("SELECT DISTINCT user FROM events").fetchall()}
        corpus = open_corpus(connection, now, options, store, groups, held_out, known)
        for i, (persona_id, one) in enumerate(wanted, start=1):
            found = on_later_log(corpus, one, _population(persona_id, ids))
            claims.append({"claim": one.id, "text": one.text, "again": found.model_dump() if found else None})
            progress.update(i, len(wanted), "claims")
    asked = [c["again"] for c in claims if c["again"]]
    here = len(users & set(known))
    return LaterResult(claims, len(asked), sum(a["holds"] for a in asked), here, len(users) - here)


@contextmanager
def read_again(
    store: Store, found: Log, options: Options, progress: Progress
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Store]]:
    """The log read with the run's key into a folder that is thrown away, its events open."""
    with temporary_folder() as folder:
        now = Store.create(folder)
        now.take_key_of(store)
        if store.path(".forgotten").is_file():
            shutil.copyfile(store.path(".forgotten"), now.path(".forgotten"))
        progress.stage("read")
        read_log(found, options, now, progress)
        progress.stage("check")
        with now.connect() as connection:
            open_events(connection, now)
            yield connection, now


def _came_out(again: dict[str, Any] | None) -> str:
    return "cannot be asked" if again is None else "holds" if again["holds"] else "does not hold"


def _wanted(store: Store, claim: str | None) -> list[tuple[str, Claim]]:
    personas = PersonaSet.model_validate(store.read_json("personas.json"))
    wanted = [(p, c) for p, c in _claims(personas) if claim is None or c.id == claim]
    if claim is not None and not wanted:
        known = ", ".join(c.id for _, c in _claims(personas)) or "none"
        raise UsageError(f"No accepted claim is called {claim!r}.", hint=f"Accepted claims: {known}.")
    return wanted


def _population(persona_id: str, ids: dict[str, int]) -> Population:
    return Population(EVERYONE if persona_id == "p0" else ids[persona_id])


def _known(store: Store) -> list[str]:
    path = str(users_file(store)).replace("'", "''")
    with store.connect() as connection:
        return [user for (user,) in connection.execute(f"SELECT user FROM read_parquet('{path}')").fetchall()]


def _problems(corpus: Corpus, claim: Claim, population: Population) -> list[dict[str, str]]:
    found = [d.says for d in recompute(corpus, claim, population)]
    if fill(claim.template, claim_values(claim)) != claim.text:
        found.append("its text does not say what its template and value give")
    return [{"claim": claim.id, "problem": says} for says in found]


def _claims(personas: PersonaSet) -> Iterable[tuple[str, Claim]]:
    for persona in [*personas.personas, *([personas.everyone] if personas.everyone else [])]:
        for claim in persona.claims:
            yield persona.id, claim


def _changed_files(before: list[dict[str, str]], now: list[dict[str, str]]) -> list[str]:
    was, is_now = {i["path"]: i["sha256"] for i in before}, {i["path"]: i["sha256"] for i in now}
    gone = [f"{path} is no longer among the files" for path in was if path not in is_now]
    new = [f"{path} was not there when the run was made" for path in is_now if path not in was]
    other = [f"{path} has changed since the run" for path, h in is_now.items() if path in was and was[path] != h]
    return gone + new + other
