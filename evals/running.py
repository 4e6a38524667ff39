"""The whole run: suites by name, their jobs in two processes, one report of numbers.

In: names of suites, where the fixtures are. Out: a report as JSON values: versions of prompts, code, data and libraries, the
source of each recording, and every number; nothing in it depends on time, machine or order. Promises: a job that fails
makes errors, not zeros; what was never recorded is not measured, and neither met nor missed; a quality figure never rests on
a handwritten recording.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import persona_agent
from persona_agent import resources
from persona_agent.errors import PersonaAgentError, UsageError
from persona_agent.progress import Progress
from persona_agent.runs import versions

from .asking import PROMPTS, prompts_of
from .recordings import sources
from .results import Number, worse
from .suite import Failed, Fixtures, Job, Suite, suite_of

NAMES = ("groups", "personas", "critic", "reader", "prediction", "narrative")
ON_REQUEST = ("habits",)  # some minutes, in which most numbers rest on one method that is being built
WORKERS = 2
HERE = Path(__file__).resolve().parent
BASELINE = HERE / "baseline.json"
SCHEMA_VERSION = 1

Report = dict[str, Any]


@dataclass(frozen=True)
class Regression:
    """A number that is worse than in the baseline, and how."""

    suite: str
    name: str
    how: str


def chosen(names: Sequence[str]) -> list[Suite]:
    """The suites of these names, those of NAMES without any; UsageError for one that is not there."""
    known = (*NAMES, *ON_REQUEST)
    unknown = [n for n in names if n not in known]
    if unknown:
        raise UsageError(f"There is no suite {unknown[0]!r}.", hint=f"Suites: {', '.join(known)}.")
    return [suite_of(import_module(f".suites.{n}", __package__)) for n in known if n in (names or NAMES)]


def fixtures_in(folder: Path | None) -> Fixtures:
    """The repository's fixtures, or those in `folder`; UsageError where there are none."""
    found = folder or HERE.parent / "fixtures"
    if not (found / "logs").is_dir():
        raise UsageError(
            f"{str(found)!r} holds no logs: the installed package comes without the suite's logs and answers.",
            hint="Clone the repository and run there, or give its folder with --fixtures.",
        )
    return Fixtures(found)


def run(suites: Sequence[Suite], fixtures: Fixtures, progress: Progress, workers: int = WORKERS) -> Report:
    """Every number of these suites."""
    jobs = {(s.name, j.name): j for s in suites for j in s.jobs(fixtures, s.data)}
    lacking = {k: names for k, job in jobs.items() if (names := fixtures.lacks(job))}
    results = _results({k: job for k, job in jobs.items() if k not in lacking}, progress, workers)
    made: dict[str, Any] = {}
    for suite in suites:
        own = {name: r for (of, name), r in results.items() if of == suite.name}
        unread = {name: names for (of, name), names in lacking.items() if of == suite.name}
        numbers = suite.numbers(own, suite.data) if own or not unread else []
        made[suite.name] = {
            "title": suite.title,
            "numbers": {n.name: n.as_json() for n in numbers},
            "failed": {name: r.why for name, r in own.items() if isinstance(r, Failed)},
            "not_measured": unread,
        }
        _check_names(suite.name, numbers)
    return {
        "schema_version": SCHEMA_VERSION,
        "versions": {
            **versions(),
            "code": code_version(),
            "prompts": _prompts(),
            "cases": digest(HERE.joinpath("cases").rglob("*")),
            "logs": digest([*fixtures.folder.joinpath("logs").glob("*.gz"), Path(fixtures.log("demo"))]),
        },
        "recordings": sources(fixtures),
        "suites": made,
    }


def regressions(report: Report, baseline: Report) -> list[Regression]:
    """Numbers of the baseline's that are now worse than its interval, or gone; suites that were not run are left out."""
    found = []
    for name, suite in report["suites"].items():
        before = baseline["suites"].get(name, {"numbers": {}})["numbers"]
        for key, past in before.items():
            now = suite["numbers"].get(key)
            how = "it is no longer there" if now is None else worse(now, past)
            if how:
                found.append(Regression(name, key, how))
    return found


def _results(jobs: Mapping[tuple[str, str], Job], progress: Progress, workers: int) -> dict[tuple[str, str], Any]:
    """What every job returned, the longest begun first; a failed one is `Failed`."""
    results: dict[tuple[str, str], Any] = {}
    order = sorted(jobs, key=lambda k: (-jobs[k].seconds, k))
    # A fork of a process in which faiss or duckdb have started threads may hang.
    context = multiprocessing.get_context("spawn")
    progress.stage("eval")
    # All of a pool are started at once, and each takes seconds to import what jobs need.
    with ProcessPoolExecutor(max_workers=max(min(workers, len(jobs)), 1), mp_context=context) as pool:
        futures: dict[Future[Any], tuple[str, str]] = {
            pool.submit(_guarded, jobs[k].of, tuple(jobs[k].arguments)): k for k in order
        }
        try:
            for i, future in enumerate(as_completed(futures), start=1):
                results[futures[future]] = future.result()
                progress.update(i, len(jobs), "jobs")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {k: results[k] for k in jobs}


def _guarded(of: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """A job in its own process, quiet and without a network to reach."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    try:
        return of(*arguments)
    except (PersonaAgentError, OSError) as error:
        return Failed(str(error))


def _check_names(suite: str, numbers: Sequence[Number]) -> None:
    names = [n.name for n in numbers]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise PersonaAgentError(f"The suite {suite!r} gives {twice[0]!r} twice.")


def _prompts() -> dict[str, str]:
    """Every prompt that a number may rest on."""
    return prompts_of(p.name for folder in (resources.prompts(), PROMPTS) for p in folder.iterdir() if p.is_dir())


def code_version() -> str:
    """The hash of all code that numbers come from: the package and the suite."""
    package = Path(persona_agent.__file__).resolve().parent
    return digest([*package.rglob("*.py"), *HERE.rglob("*.py")])


def digest(paths: Iterable[Path]) -> str:
    """One hash of files by name and content; caches do not count."""
    found = hashlib.sha256()
    for path in sorted(p for p in paths if p.is_file() and "__pycache__" not in p.parts):
        found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return "sha256:" + found.hexdigest()
