"""run.json: what a run was made from, how far it is, and what can be reused of it.

A stage's hash covers the files read (by content), the options that matter to it, the versions, and the stages before it.
A stage whose hash is unchanged and whose file is there is not run again; a changed one is, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from . import __version__
from .ids import content_hash, record_hash
from .models.prompts import STAGES, load
from .options import OFFLINE, Options, told
from .progress import Progress
from .schema import SCHEMA_VERSION, Draft, Restatement, Revision, Verdicts
from .store import Store

READING = ("mapping", "declared", "format", "query", "keep", "allow_rejects", "opt_out", "names")
GATHERING = ("seed", "embedding")
FILES = {"read": "events.parquet", "gather": "memories.parquet"}
LIBRARIES = ("duckdb", "faiss-cpu", "igraph", "numpy", "scikit-learn", "scipy", "wordllama")


class Run:
    """The state of one run directory, written to run.json as it changes."""

    def __init__(self, store: Store, state: dict[str, Any], before: dict[str, Any]) -> None:
        self.store, self.state, self._before = store, state, before

    @classmethod
    def begin(cls, store: Store, options: Options, inputs: list[dict[str, str]]) -> Run:
        """The state of a run that starts now, next to what an earlier one left in the same directory."""
        given, made_by = options.hashed(), versions()
        gone = record_hash(options.opt_out.read_bytes()) if options.opt_out else None
        before = store.read_json("run.json") if store.path("run.json").is_file() and not options.fresh else {}
        reading = content_hash([inputs, [given[o] for o in READING], gone, given["seed"], made_by])
        gathering = content_hash([reading, [given[o] for o in GATHERING]])
        run_id = content_hash([inputs, given, gone, made_by, prompts_in_use(options), _asked()])
        state: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "run_id": run_id,
            "status": "running",
            "inputs": inputs,
            "paths": list(options.inputs),
            "counts": {},
            "usage": {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0},
            "models": {"writer": options.model, "critic": options.judges},
            "config": given,
            "timings": {},
            "versions": made_by,
            "stages": {"read": reading, "gather": gathering, "group": run_id, "write": run_id, "report": run_id},
        }
        run = cls(store, state, before)
        for stage in FILES:
            if run._unchanged(stage):
                state.setdefault("facts", {})[stage] = before.get("facts", {}).get(stage, {})
        return run

    def is_complete(self) -> bool:
        """Is there nothing to do: the same run, finished before?"""
        same = self._before.get("run_id") == self.state["run_id"] and self._before.get("status") == "complete"
        if same and all(self.store.path(n).is_file() for n in ("personas.json", "report.html", *FILES.values())):
            self.state = self._before
            return True
        return False

    @contextmanager
    def stage(self, name: str, progress: Progress) -> Iterator[bool]:
        """Yields whether the stage has to run; run.json says that it is done only when it is."""
        progress.stage(name)
        todo = name not in FILES or not self._unchanged(name)
        if not todo:
            progress.note("unchanged, used again")
        elif self._before.get("stages", {}).get(name) not in (None, self.state["stages"][name]):
            progress.note("what it was made from has changed: made anew")
        if todo and name in FILES:
            self.store.path(FILES[name]).unlink(missing_ok=True)
        started = time.monotonic()
        yield todo
        self.state["timings"][name] = round(time.monotonic() - started, 3)
        self._save()

    def record(self, stage: str, facts: dict[str, Any]) -> None:
        """What a stage found, kept for a resumed run."""
        self.state.setdefault("facts", {})[stage] = facts

    def facts(self, stage: str) -> dict[str, Any]:
        found: dict[str, Any] = self.state.get("facts", {}).get(stage, {})
        return found

    def complete(self, counts: dict[str, int], usage: dict[str, Any], failures: list[str]) -> None:
        """`failures`: what could not be had; a run with any is partial, and tries again when it is started again."""
        self.state.update(status="partial" if failures else "complete", counts=counts, usage=usage, failures=failures)

    def _unchanged(self, stage: str) -> bool:
        done = self._before.get("facts", {}).get(stage)
        same = self._before.get("stages", {}).get(stage) == self.state["stages"][stage]
        return bool(done) and same and self.store.path(FILES[stage]).is_file()

    def _save(self) -> None:
        # Stages that this run has not reached yet must not look done.
        done = {k: v for k, v in self.state["stages"].items() if k not in FILES or k in self.state.get("facts", {})}
        self.store.write_json("run.json", {**self.state, "stages": done})


def prompts_in_use(options: Options) -> dict[str, str]:
    """Stage → version and digest of the prompts that this run may send; none where no model is asked."""
    if options.model == options.judges == OFFLINE:
        return {}
    stages = (*STAGES, "question") if options.question else STAGES
    return {p.name: p.sha256 for p in (load(stage) for stage in stages)}


def _asked() -> str:
    """What the answers have to fit: another schema is another question."""
    return content_hash([m.model_json_schema() for m in (Draft, Revision, Restatement, Verdicts)])


def versions() -> dict[str, str]:
    return {"persona_agent": __version__, **{name: version(name) for name in LIBRARIES}}


def memberships_of(store: Store) -> tuple[list[list[str]], dict[str, int], list[str]]:
    """User hashes by group, the group of each persona, and the held-out users, from users.parquet."""
    path = str(store.path("users.parquet")).replace("'", "''")
    with store.connect() as connection:
        rows = connection.execute(
            f"""SELECT m."group", m.persona_id, list(user) FROM
            (SELECT user, unnest(memberships) AS m FROM read_parquet('{path}')) GROUP BY ALL ORDER BY 1"""
        ).fetchall()
        held = connection.execute(f"SELECT user FROM read_parquet('{path}') WHERE fold = 'held_out'").fetchall()
    groups: list[list[str]] = [[] for _ in range(max((g for g, _, _ in rows), default=-1) + 1)]
    for g, _, users in rows:
        groups[g] = users
    return groups, {p: g for g, p, _ in rows if p}, [user for (user,) in held]


def options_of(run: dict[str, Any], log: tuple[str, ...]) -> Options:
    """The options that the run was made with, as far as its log and groups rest on them; `log` replaces its inputs."""
    config: dict[str, Any] = run["config"]
    kept = [name for name in Options.model_fields if name in config and told(name)["group"] in ("log", "groups")]
    return Options(inputs=log or run["paths"], **{name: config[name] for name in kept})
