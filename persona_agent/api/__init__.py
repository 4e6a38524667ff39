"""The program as a library: logs and data frames in, a `Run` and its numbers out.

Takes options as keywords, as an `Options`, or as both, of which keywords win; neither the environment nor `persona-agent.toml`
is read. Promises: nothing is printed and no process is started unless asked for (`progress`, `workers`); it works where an
event loop is running; whatever cannot be done is an error of `persona_agent.errors`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, overload

from pydantic import ValidationError

from ..commands import (
    auditing,
    checking,
    diffing,
    estimating,
    expecting,
    inspecting,
    measuring,
    refereeing,
    running,
    showing,
)
from ..commands.checking import CheckResult
from ..commands.estimating import Estimate
from ..commands.expecting import ExpectResult
from ..commands.inspecting import Inspection
from ..commands.measuring import Evaluated
from ..errors import UsageError
from ..folders import new_temporary_folder, temporary_folder
from ..log.frames import is_frame, paths_of, was_frame
from ..loops import beside_loop
from ..options import Options
from ..progress import PlainLines, Progress, Silent
from ..schema import Audit, Changes, Claim, GroupTests, Measure
from ..store import Store
from .finished import Run

__all__ = ["arun", "audit", "check", "diff", "estimate", "evaluate", "expect", "inspect", "load", "run", "test_groups"]

WORKERS = 1  # a library starts no process unasked

Out = str | PathLike[str]
# A path, a glob, a data frame, or a list of either.
LogSource = Any
# Lists of user ids by a name, a table of users and groups (a path or a data frame), or a `Run`.
Groups = Any
# An object that is told, or True for plain lines on stderr.
Heard = Progress | bool | None


def run(
    log: LogSource,
    out: Out | None = None,
    *,
    progress: Heard = None,
    options: Options | None = None,
    **changes: Any,
) -> Run:
    """Personas of a log, written to the folder `out`, or to a private one that lives as long as the `Run`.

    `log` is a path, a glob or a data frame (pandas, polars, Arrow, a duckdb relation), or a list of these; every field of
    `Options` is a keyword. `groups` are yours, as a path or frame of users and groups, and `groups_by`, `against`, `outcome` and
    `at` as on the command line. An unchanged run is not made again.
    """
    with _with_groups(changes) as given, paths_of(log) as paths:
        asked = _options(options, given, out)
        temporary = "out" not in asked.model_fields_set
        folder = new_temporary_folder() if temporary else asked.out
        try:
            made = running.run(asked.but(inputs=paths, out=folder), _heard(progress))
        except BaseException:
            if temporary:
                shutil.rmtree(folder, ignore_errors=True)
            raise
    return Run(folder, made.personas, made.run.get("failures", []), temporary=temporary, seal_key=asked.seal_key)


async def arun(
    log: LogSource,
    out: Out | None = None,
    *,
    progress: Heard = None,
    options: Options | None = None,
    **changes: Any,
) -> Run:
    """The same without holding up the event loop; where it is cancelled, no model is asked any more."""
    return await beside_loop(partial(run, log, out, progress=progress, options=options, **changes))


def load(out: Out, *, seal_key: Out | None = None) -> Run:
    """A finished run from its folder; StoreError where there is none. Its `seal` says whether all is as you sealed it, with the
    secret in `seal_key` or your own.
    """
    personas, _ = showing.finished(Path(out))
    failures = Store.open(Path(out)).read_json("run.json").get("failures", [])
    return Run(Path(out), personas, failures, seal_key=None if seal_key is None else Path(seal_key))


def inspect(log: LogSource, *, progress: Heard = None, options: Options | None = None, **changes: Any) -> Inspection:
    """What a run would read: columns and what they are taken for, rejects, what is set aside, properties."""
    asked = _options(options, changes)
    with paths_of(log) as paths:
        return inspecting.inspect(asked.but(inputs=paths), _heard(progress))


def estimate(log: LogSource, *, progress: Heard = None, options: Options | None = None, **changes: Any) -> Estimate:
    """Calls, tokens and cost of a run; no model is asked."""
    asked = _options(options, changes)
    with paths_of(log) as paths:
        return estimating.estimate(asked.but(inputs=paths), _heard(progress))


@overload
def evaluate(
    log: LogSource,
    measure: Measure | Mapping[str, Any] | str,
    *,
    groups: None = None,
    progress: Heard = None,
    options: Options | None = None,
    **changes: Any,
) -> Evaluated: ...


@overload
def evaluate(
    log: LogSource,
    measure: Measure | Mapping[str, Any] | str,
    *,
    groups: Groups,
    progress: Heard = None,
    options: Options | None = None,
    **changes: Any,
) -> dict[str, Evaluated]: ...


def evaluate(
    log: LogSource,
    measure: Measure | Mapping[str, Any] | str,
    *,
    groups: Groups = None,
    progress: Heard = None,
    options: Options | None = None,
    **changes: Any,
) -> Evaluated | dict[str, Evaluated]:
    """What one measure (an object, a mapping, or JSON text) comes to over everyone, with the lines for and against.

    With `groups` from anywhere (lists of user ids by a name, a file or a frame of users and groups, a `Run`), it is asked of
    each, and the answers come by name; only then can it have `versus`.
    """
    asked, question = _options(options, changes), _measure(measure)
    with paths_of(log) as paths:
        found = measuring.measure_groups(asked.but(inputs=paths), question, _groups(groups), _heard(progress))
    return found if groups is not None else found[measuring.ALL]


def test_groups(
    log: LogSource, groups: Groups, *, progress: Heard = None, options: Options | None = None, **changes: Any
) -> GroupTests:
    """Groups from anywhere, as for `evaluate`, on trial: do they come back in the other half of the same users' visits, by time
    and at random, above chance and null logs; do members land in their own group; what do the groups foretell; are they just
    one field; how many users could be tested?
    """
    asked = _options(options, changes)
    with paths_of(log) as paths:
        return refereeing.test_groups(asked.but(inputs=paths), _groups(groups), _heard(progress))


test_groups.__test__ = False  # type: ignore[attr-defined]  # no test, whoever imports it by name


def check(
    run: Run | Out, claim: Claim | str | None = None, *, at: LogSource = None, progress: Heard = None
) -> CheckResult:
    """Every claim of a run (or one) counted again, without a model, on the log as it is now, which is `at` if it moved or was
    a data frame. Whether claims hold in a later log is what `diff` says.
    """
    out, seal_key = (run.out, run.seal_key) if isinstance(run, Run) else (Path(run), None)
    name, heard = claim.id if isinstance(claim, Claim) else claim, _heard(progress)
    if at is None and any(map(was_frame, Store.open(out).read_json("run.json")["paths"])):
        raise UsageError(
            "This run was made from a data frame, of which nothing is kept.",
            hint="Hand it in again: check(run, at=frame).",
        )
    with paths_of([] if at is None else at) as paths:
        return checking.check(out, name, paths, heard, WORKERS, seal_key)


def diff(old: Run | Out, new: Run | LogSource, *, progress: Heard = None) -> Changes:
    """What changed from one run to a later one, or to a later log (a path, a glob, a data frame): personas that grew, shrank,
    split, merged, came or went beyond chance, every claim with both figures, and how many users moved. No model is asked.
    """
    earlier, seal_key = (old.out, old.seal_key) if isinstance(old, Run) else (Path(old), None)
    with paths_of(str(new.out) if isinstance(new, Run) else new) as paths:
        made = diffing.diff(earlier, paths, _heard(progress), workers=WORKERS, seal_key=seal_key)
    return made.changes


def expect(run: Run | Out, file: Out, *, since: Run | Out | None = None, progress: Heard = None) -> ExpectResult:
    """A run held against a file of expectations; with `since`, ids in the file are those of that run. `findings` name each
    with its figure, and whether it is met.
    """
    out, seal_key = (run.out, run.seal_key) if isinstance(run, Run) else (Path(run), None)
    before = None if since is None else since.out if isinstance(since, Run) else Path(since)
    return expecting.expect(out, Path(file), _heard(progress), before, seal_key)


def audit(
    personas: Run | Out,
    log: LogSource,
    out: Out | None = None,
    *,
    groups: Groups = None,
    progress: Heard = None,
    options: Options | None = None,
    **changes: Any,
) -> Audit:
    """Anyone's personas (a Markdown or JSON file, a text of several lines or of JSON, a run) held against a log by a `model`
    that turns words into measures; where each statement of a JSON document has its own `measure`, without one.

    With `groups` from anywhere, as for `evaluate`, sections and rows that begin with a group's name are held against its
    users. Written to the folder `out` too, if there is one.
    """
    asked = _options(options, changes, out)
    said: Path | str = personas.out if isinstance(personas, Run) else Path(personas)
    if isinstance(personas, str) and ("\n" in personas or personas.lstrip().startswith("{")):
        said = personas
    with paths_of(log) as paths, temporary_folder() as folder:
        into = asked.out if "out" in asked.model_fields_set else Path(folder)
        return auditing.audit(said, asked.but(inputs=paths, out=into), _heard(progress), _groups(groups))


def _groups(given: Groups) -> Groups:
    return given.out if isinstance(given, Run) else given


def _options(given: Options | None, changes: Mapping[str, Any], out: Out | None = None) -> Options:
    """The options of a call; UsageError for one that cannot be used."""
    if "inputs" in changes:
        raise UsageError("There is no option 'inputs' here.", hint="The log is an argument of its own.")
    asked = (given or Options()).but(**changes, **({} if out is None else {"out": out}))
    return asked if asked.workers else asked.but(workers=WORKERS)


@contextmanager
def _with_groups(changes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The options with a path in the place of a frame of groups, for as long as the block, and a day in that of a date."""
    given = dict(changes)
    if isinstance(given.get("at"), date):
        given["at"] = given["at"].isoformat()[:10]
    if not is_frame(given.get("groups")):
        yield given
        return
    with paths_of(given["groups"]) as (path,):
        yield {**given, "groups": Path(path)}


def _heard(progress: Heard) -> Progress:
    if isinstance(progress, bool) or progress is None:
        return PlainLines() if progress else Silent()
    return progress


def _measure(given: Measure | Mapping[str, Any] | str) -> Measure:
    if isinstance(given, Measure):
        return given
    try:
        return Measure.model_validate_json(given) if isinstance(given, str) else Measure.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"That is no measure: {f'{where}: ' if where else ''}{first['msg']}.") from None
