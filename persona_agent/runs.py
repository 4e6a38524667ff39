"""The run directory: which stage leaves which file, what it was made from, and what of it can be used again.

| stage  | file                                | holds                                                                     |
|--------|-------------------------------------|---------------------------------------------------------------------------|
| read   | `events.parquet`                    | every event used, redacted; users as keyed hashes, in the order of raw ids |
|        | `rejects.jsonl`, `set_aside.jsonl`  | records that were not used, with the reason                               |
| gather | `memories.parquet`                  | what each user came for, and when                                         |
|        | `actions.parquet`                   | each event in codes: user, session, time, text, memory and intent         |
| name   | `codebook.yaml`                     | what the log is: names, units, doers, categories; people correct it       |
| group  | `groups.npz`                        | what users are told apart by, who is in which group, and how sure that is |
|        | `themes.parquet`                    | what things are sorted by where no field does: the theme of each thing    |
|        | `placing.npz`                       | the frozen model, by which `assign` places users who come later           |
| brief  | `briefing.json`                     | what is known of each group before anybody writes                         |
| write  | `ledger.sqlite`                     | every answered model call, so that none is made twice                     |
| report | `users.parquet`                     | the group and the persona of each user                                    |
|        | `.users.parquet`                    | the same of people at work, for `check` and `forget` alone                |
|        | `dossiers.json`                     | what a writer was told of each group                                      |
|        | `findings.json`                     | what piles up, steps or changes in the log, as questions with figures     |
|        | `personas.json`, `.md`, `report.html` | the personas, for programs, for wikis, for people                       |
| people | `edits.yaml`, `unedited.json`       | what people changed on the pages, and the pages' personas without it      |
| all    | `run.json`                          | inputs and options, the hash of each stage that is done, counts, usage;   |
|        |                                     | the manifest: digests of all files, sealed (`manifest`)                   |
|        | `.key`, `.key-at`, `.lock`          | the secret of the hashes, or where it lies with `--key`; who is at work   |
|        | `.forgotten`, `.opted_out`          | who is to stay out, of later logs too                                     |
|        | `.exports.json`, `given.npz`        | files that `assign` and `export` gave out; who is in which given group    |
| agents | `asked.sqlite`, `asked.seal`       | what agents asked by `mcp` and were answered, and the seal of it          |
|        | `.gitignore`                        | that nothing of a run is committed by mistake                             |

A stage writes its own files and no others; only `forget` rewrites a finished run. The hash of a stage covers what STAGES
says. A stage whose hash is unchanged and whose files are as they were sealed is not run again; a changed one is, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from . import __version__
from .addresses import without_password
from .ids import content_hash, record_hash
from .log.given_groups import GIVEN
from .log.placed_halves import PlacedHalves, read_halves
from .manifest import (
    CODEBOOK,
    EDITS,
    MANIFEST,
    PLACING,
    SEALED,
    THEMES,
    are_as_sealed,
    file_digests,
    is_newest,
    is_sealed,
    place_of,
    write_sealed,
)
from .models import prompts
from .option_fields import NO_LISTS, TOLD
from .options import OFFLINE, Options, about_option
from .progress import Progress
from .redaction import mask_file
from .schema import SCHEMA_VERSION, Draft, Edition, Inquiries, Names, Restatement, Revision, Verdicts
from .schema.suggestions import SuggestedCodebook, SuggestedThemes
from .seal import Seal, open_seal
from .store import KEY, OPTED_OUT, Store, sql_literal


@dataclass(frozen=True)
class Stage:
    """A stage that is kept: `files` are what later stages read of it, `options` those that can change it. Its hash covers
    them, and the hash of the stage before it; that of the first covers the files read (by content), who opted out, and the
    versions of what computes.
    """

    files: tuple[str, ...]
    options: tuple[str, ...]


NOTHING_READ: Mapping[str, str] = MappingProxyType({})
READ_BESIDES = ("codebook", "groups", "since")  # whose digests stand in run.json
NAMED_BY = "named by"  # the model that suggests names and themes, where one writes
# What --timezone is where clocks in it showed the times or a date is one of it, else nothing.
ZONE_OF_TIMES = "zone of times"
GIVING = ("groups", "groups_by", "against", "outcome", "at")
STAGES = {
    "read": Stage(
        ("events.parquet", "rejects.jsonl", "set_aside.jsonl"),
        (
            "mapping",
            "declared",
            "format",
            "query",
            "encoding",
            "stitch",
            "consent",
            "each",
            "act",
            "lists",
            "keep",
            "allow_rejects",
            "opt_out",
            "names",
            "time_format",
            "times_are",
            ZONE_OF_TIMES,
            "unit",
            *GIVING,
        ),
    ),
    "gather": Stage(("memories.parquet", "actions.parquet"), ("embedding", "seed")),
    "name": Stage((CODEBOOK,), ("about", "timezone", "codebook", NAMED_BY)),
    "group": Stage(("groups.npz", THEMES, PLACING), ("by", "personas", "within", "seed")),
    "brief": Stage(("briefing.json",), ("value", "timezone", "question", "allow", "min_users", "staff", "since")),
}
PAGES = ("personas.json", "personas.md", "report.html")
# Writing and reporting depend on everything, and what is slow in them is kept call by call in the ledger. A finished run
# needs these; what only a resumed one reads (groups, briefing) may be gone.
FINISHED = ("events.parquet", *STAGES["gather"].files, *STAGES["group"].files[1:], *PAGES)
# Who is in which group; of people at work only `check` and `forget` may know, and no command or function gives it out.
USERS, PRIVATE_USERS = "users.parquet", ".users.parquet"
# Hashes of users, who is to stay out, who is in which given group: with others no stage is the same.
WHO = (KEY, ".forgotten", OPTED_OUT, GIVEN)
LIBRARIES = ("duckdb", "faiss-cpu", "igraph", "numpy", "scikit-learn", "scipy", "wordllama")


class RunState:
    """How far the run of one directory is, written to run.json whenever a stage is done."""

    def __init__(
        self, store: Store, state: dict[str, Any], before: dict[str, Any], hashes: dict[str, str], seal: Seal
    ) -> None:
        self.store, self.state, self._before, self._hashes, self._seal = store, state, before, hashes, seal
        self._files: dict[str, str] = {}
        self._given: set[Path] = set()
        # Asked before this run writes: from then on what an earlier one sealed is no more what was sealed last.
        mine = is_sealed(before, seal) if seal.secret else True
        self._vouched = mine and is_newest(store, before, seal)

    @classmethod
    def begin(
        cls,
        store: Store,
        options: Options,
        inputs: list[dict[str, str]],
        sent: Sequence[dict[str, Any]] = (),
        read: Mapping[str, str] = NOTHING_READ,
    ) -> RunState:
        """The state of a run that starts now, next to what an earlier one left in the same directory; `sent` left this machine
        to have the log. `read` are digests of what else was read, by name: what a person's codebook and groups say, the run
        before.
        """
        given, made_by, seal = options.hashed(), versions(), open_seal(options.seal_key, store.out)
        gone = _opted_out(options)
        before = store.read_json("run.json") if store.path("run.json").is_file() and not options.fresh else {}
        state: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "run_id": run_id_of(options, inputs, read),
            "status": "running",
            "inputs": inputs,
            "paths": [mask_file(without_password(path)) for path in options.inputs],
            "purpose": None,
            "counts": {},
            "usage": {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0},
            "models": {"writer": options.model, "critic": options.judges},
            "config": {k: None if k in TOLD else v for k, v in given.items()},  # said when users are known
            "zone_is_told": options.zone_is_told,
            "timings": {},
            "versions": made_by,
            "stages": {},
            "facts": {},
        }
        state.update({"sent": list(sent)} if sent else {}, **read)
        run = cls(store, state, before, _hashes({**options.hashed(), **read}, [inputs, gone, made_by]), seal)
        run._given = {options.codebook.resolve()} if options.codebook else set()
        state["facts"] = {name: facts for name, facts in before.get("facts", {}).items() if run._unchanged(name)}
        return run

    @property
    def run_id(self) -> str:
        found: str = self.state["run_id"]
        return found

    def is_complete(self) -> bool:
        """Is there nothing to do: the same run, finished before?"""
        same = self._before.get("run_id") == self.run_id and self._before.get("status") == "complete"
        needed = {*FINISHED, PRIVATE_USERS if self.state["config"].get("staff") else USERS}
        sealed = self._before.get(MANIFEST, {}).get("files", {})
        there = [name for name in sealed if place_of(self.store, name).is_file() or name in needed]
        unchanged = file_digests(self.store, [EDITS]).get(EDITS) == sealed.get(EDITS)
        if same and unchanged and needed <= set(there) and self._as_sealed(there):
            self.state, self._files = self._before, dict(sealed)
            return True
        return False

    @contextmanager
    def stage(self, name: str, progress: Progress) -> Iterator[bool]:
        """Yields whether the stage has to run; run.json says that it is done only when it is."""
        progress.stage(name)
        todo = not self._unchanged(name)
        if not todo:
            progress.note("unchanged, used again")
        elif name in STAGES:
            was = self._before.get("stages", {}).get(name)
            if was not in (None, self._hashes[name]):
                progress.note("what it was made from has changed: made anew")
            elif was is not None:
                progress.note("its files are not as you sealed them: made anew")
            self._save()  # what an earlier run says of the stage must not be taken for what this one leaves half done
            for file in (self.store.path(file) for file in STAGES[name].files):
                if file.resolve() not in self._given:  # what a person corrected is lost nowhere, whatever happens next
                    file.unlink(missing_ok=True)
        started = time.monotonic()
        yield todo
        took = self.state["timings"].get(name, 0.0) + time.monotonic() - started
        self.state["timings"][name] = round(took, 3)
        if name in STAGES:
            self.state["stages"][name] = self._hashes[name]
            self._files |= file_digests(self.store, (*STAGES[name].files, *WHO))
        if self.state["status"] != "running":
            self._files |= file_digests(self.store, [file for file in SEALED if file not in self._files])
        self._save()

    def record(self, stage: str, facts: dict[str, Any]) -> None:
        """What a stage found, kept for a resumed run."""
        self.state["facts"][stage] = facts

    def amend(self, stage: str, facts: dict[str, Any]) -> None:
        """The same where the stage was done before, and its files have been written again."""
        self.record(stage, facts)
        self._files |= file_digests(self.store, STAGES[stage].files)
        self._save()

    def facts(self, stage: str) -> dict[str, Any]:
        found: dict[str, Any] = self.state["facts"][stage]
        return found

    def complete(self, counts: dict[str, int], usage: dict[str, Any], failures: list[str]) -> None:
        """`failures`: what could not be had; a run with any is partial, and tries again when it is started again."""
        self.state.update(status="partial" if failures else "complete", counts=counts, usage=usage, failures=failures)

    def _save(self) -> None:
        self.state = write_sealed(self.store, self.state, self._files, self._seal)

    def _unchanged(self, name: str) -> bool:
        if name not in STAGES or self._before.get("stages", {}).get(name) != self._hashes[name]:
            return False
        sealed = self._before.get(MANIFEST, {}).get("files", {})
        who = [file for file in WHO if file in sealed or place_of(self.store, file).is_file()]
        return self._as_sealed((*STAGES[name].files, *who))

    def _as_sealed(self, files: Iterable[str]) -> bool:
        """Are these files there and as the earlier run sealed them? Where nothing can be sealed, digests alone decide."""
        return self._vouched and are_as_sealed(self.store, self._before, files)


def run_id_of(options: Options, inputs: list[dict[str, str]], read: Mapping[str, str]) -> str:
    """The hash of all that can change what a run finds: files by content, options, digests of what else was read, who opted
    out, versions, prompts, schemas.
    """
    asked = [prompts_in_use(options), _answers()]
    return content_hash([inputs, {**options.hashed(), **read}, _opted_out(options), versions(), *asked])


def _opted_out(options: Options) -> str | None:
    return record_hash(options.opt_out.read_bytes()) if options.opt_out else None


def _hashes(given: dict[str, Any], first: list[Any]) -> dict[str, str]:
    """The hash of each stage that is kept."""
    found, before = {}, content_hash(first)
    if given.get("times_are") == "local" or given.get("at") or given.get("groups"):
        given = {**given, ZONE_OF_TIMES: given["timezone"]}
    if given["model"] != OFFLINE:
        given = {**given, NAMED_BY: given["model"]}
    for name, stage in STAGES.items():
        kept = {option: given[option] for option in stage.options if option in given}
        before = found[name] = content_hash([before, kept])
    return found


def prompts_in_use(options: Options) -> dict[str, str]:
    """Stage → version and digest of the prompts that this run may send; none where no model is asked."""
    if options.model == options.judges == OFFLINE:
        return {}
    return prompts.digests((*prompts.STAGES, "question") if options.question else prompts.STAGES)


@cache
def _answers() -> str:
    """What the answers have to fit: another schema is another question. The same for all runs of a process."""
    asked = (SuggestedCodebook, SuggestedThemes, Inquiries, Draft, Revision, Edition, Restatement, Verdicts)
    return content_hash([m.model_json_schema() for m in asked])


def versions() -> dict[str, str]:
    return {"persona_agent": __version__, **{name: version(name) for name in LIBRARIES}}


def users_file(store: Store) -> Path:
    """Where it stands who is in which group."""
    return private if (private := store.path(PRIVATE_USERS)).is_file() else store.path(USERS)


def memberships_of(store: Store) -> tuple[list[list[str]], dict[str, int], list[str]]:
    """User hashes by group, the group of each persona, and the held-out users."""
    path = sql_literal(users_file(store))
    members = f"""SELECT m."group", m.persona_id, list(user)
                  FROM (SELECT user, unnest(memberships) AS m FROM {path}) GROUP BY ALL ORDER BY 1"""
    with store.connect() as connection:
        rows = connection.execute(members).fetchall()
        held = connection.execute(f"SELECT user FROM {path} WHERE fold = 'held_out'").fetchall()
    groups: list[list[str]] = [[] for _ in range(max((g for g, _, _ in rows), default=-1) + 1)]
    for g, _, users in rows:
        groups[g] = users
    return groups, {p: g for g, p, _ in rows if p}, [user for (user,) in held]


def halves_of(store: Store) -> PlacedHalves:
    """Where halves of visits put the users of a run; an older run does not say how surely, so its cores are whole groups."""
    with store.connect() as connection:
        return read_halves(connection, users_file(store))


def names_of(store: Store) -> Names:
    """The names that a person gave to acts and fields of the run."""
    return Names.model_validate(store.read_json("run.json").get("facts", {}).get("name", {}).get("names", {}))


def options_of(run: dict[str, Any], log: tuple[str, ...], about: Collection[str] = ("log", "groups")) -> Options:
    """The options that the run was made with, of these groups of them; `log` replaces its inputs. A zone that nobody told
    stays so, for pages say it, and a field of one value a cell.
    """
    unsaid = set() if run.get("zone_is_told", True) else {"timezone"}
    config = {k: v for k, v in {"lists": NO_LISTS, **run["config"]}.items() if k not in unsaid}
    kept = {
        name: config[name] for name in Options.model_fields if name in config and about_option(name)["group"] in about
    }
    return Options(inputs=log or run["paths"], **kept)
