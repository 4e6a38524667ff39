"""`run`: the story of the program, log files in, checked personas out.

    read ─▶ gather ─▶ name ─▶ group ─▶ brief ─▶ write (draft ⇄ critique) ─▶ report

    Log ─▶ ReadLog ─▶ GatheredMemories ─▶ NamedLog ─▶ UserGroups ─▶ Briefing ─▶ Written ─▶ PersonaSet

What a stage makes is in a file of its own before the next begins, with the hash of what it was made from in run.json: a
stage whose hash is unchanged is not run again, and no answered call is asked again. `runs` says what each hash covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import resources
from ..codebook import (
    Codebook,
    Edits,
    NamedLog,
    Suggested,
    confirmed_since,
    given_edits,
    has_themes,
    name_log,
    proposal,
    refuse_unread_edits,
    suggest,
    suggest_themes,
)
from ..edits import edits_from, joined, read_edits, write_edits
from ..engines import Engine, open_engine
from ..errors import ProviderError
from ..groups.gathering import GatheredMemories, find_memories
from ..groups.grouping import UserGroups, group_users
from ..groups.saving import load_groups, save_groups
from ..log.given import given_digest
from ..log.given_groups import GIVEN
from ..log.losses import stop_at_losses
from ..log.mentions import refuse_told_users
from ..log.reading import Log, ReadLog, as_found, find_log, read_log
from ..models.opening import check_models, with_recording
from ..option_fields import refuse_no_groups
from ..options import Options
from ..progress import Progress
from ..redaction import mask
from ..report import Lines, first_screen, shown
from ..report.called import called
from ..report.crossing import find_crossed
from ..report.finishing import finish
from ..runs import RunState
from ..schema import KeptIds, Names, PersonaSet
from ..store import Store
from ..words.group_names import refuse_who
from ..write.briefing import load_briefing, save_briefing
from ..write.briefs import brief_groups, open_briefing, open_groups
from ..write.loop import write_personas
from ..write.writing import Written, counted_with, usage
from .comparing import RunSide
from .continuing import continue_run, kept_ids, read_as_before, run_before, run_digest, share_key, without_changes
from .results import Result
from .showing import finished

REPORT = "report.html"
KEY_WITHIN = (
    "the key of the user hashes lies in the folder of the run: whoever has a copy of it and your user ids can tell who is in "
    "which group; --key FILE keeps it elsewhere"
)


@dataclass(frozen=True)
class RunResult(Result):
    """A finished run: where it is, its personas, the cited lines, run.json, and whether nothing had to be done. `exact` are the
    personas with figures that no file holds; of a run that was left as it is, those of its file.
    """

    out: Path
    personas: PersonaSet
    lines: Lines
    run: dict[str, Any]
    reused: bool
    exact: PersonaSet

    def text(self) -> str:
        unchanged = "Nothing has changed since this run: it was left as it is. --fresh does it again."
        return "\n\n".join(
            [first_screen(called(self.personas, self.names)), *([unchanged] if self.reused else []), self.report]
        )

    def as_json(self) -> dict[str, Any]:
        return {**self.run, "report": self.report, "reused": self.reused}

    @property
    def names(self) -> Names:
        """What a person called acts and fields."""
        return Names.model_validate(self.run.get("facts", {}).get("name", {}).get("names", {}))

    @property
    def report(self) -> str:
        """The page to open."""
        return str(self.out / REPORT)

    @property
    def remarks(self) -> Sequence[str]:
        failures = [f"partial: {failure}" for failure in self.run.get("failures", [])]
        return [*failures, "What could not be had is asked for again by the same command."] if failures else []

    @property
    def exit_status(self) -> int:
        if self.run.get("status") == "partial":
            return ProviderError.exit_status
        return 0 if shown(self.personas) else 1


def run(options: Options, progress: Progress) -> RunResult:
    """Everything from log files to a report in `options.out`."""
    refuse_no_groups(options)
    options, edits = given_edits(with_recording(options, progress))
    check_models(options)
    before = run_before(options, progress)
    options = read_as_before(options, before)
    log = find_log(options)
    options = as_found(options, log)
    refuse_who({mask(name)[0] for name in log.given.group.values()} if log.given else ())
    with Store.create(options.out, options.max_disk).alone() as store:
        if options.key:
            store.keep_key_at(options.key)
        share_key(store, options)
        if not options.key and not store.key_path.exists():
            progress.note(KEY_WITHIN)
        return run_in(store, options, log, progress, edits, before)


def _begun(store: Store, options: Options, log: Log, digests: dict[str, str]) -> RunState:
    """The state of the run, with what was sent to have the log."""
    return RunState.begin(store, options, log.fingerprints(), [log.source.sent()] if log.source else [], digests)


def _say_told(store: Store, options: Options, this: RunState) -> None:
    """Nothing that was said of the run is in its file before it is known to name none of its users."""
    refuse_told_users(store, options)
    this.state.update(purpose=options.purpose, config=options.hashed())


def run_in(
    store: Store,
    options: Options,
    log: Log,
    progress: Progress,
    edits: Edits | None = None,
    before: RunSide | None = None,
) -> RunResult:
    """The stages of a run, in a directory that nobody else works in; `before` is the one that it follows."""
    refuse_unread_edits(store, options)
    _take_edits(store, options)
    this = _begun(store, options, log, _digests(edits, log, before))
    if this.is_complete():
        _confirm_zone(store, options, this, edits)
        personas, lines = finished(store.out)
        return RunResult(store.out, personas, lines, this.state, reused=True, exact=personas)
    with open_engine(options.engine, options.workers) as engine:
        with this.stage("read", progress) as todo:
            if todo:
                # Of an earlier run: read_log would take it for that of a run that is read again.
                store.path(GIVEN).unlink(missing_ok=True)
                this.record("read", asdict(read_log(log, options, store, progress, engine)))
            found = ReadLog(**this.facts("read"))
            stop_at_losses(found.losses, found.codes, allowed=options.allow_rejects)
        _say_told(store, options, this)
        with this.stage("gather", progress) as todo:
            if todo:
                this.record("gather", asdict(find_memories(store, options, progress, engine)))
            gathered = GatheredMemories(**this.facts("gather"))
        with this.stage("name", progress) as todo:
            if todo:
                proposed = proposal(store, options, found)
                by_model = suggest(store, options, proposed, progress)
                named = name_log(store, options, found, edits, proposed=proposed, by_model=by_model)
                this.record("name", asdict(named))
                options = _with_less_to_spend(options, by_model)
            else:
                _confirm_zone(store, options, this, edits)
            named = NamedLog(**this.facts("name"))
            for why in named.refused if todo else ():
                progress.note(f"the codebook keeps what rules say of {why}")
        options = options.but(within=named.given.field(options.within)) if options.within else options
        find_crossed(store, options, named.given)
        with this.stage("group", progress) as todo:
            if todo:
                save_groups(store, group_users(store, options, gathered, Codebook.model_validate(named.book)))
            groups = load_groups(store)
        if not has_themes(store, named):
            spent, by_model = named.by_model, suggest_themes(store, options, named.by_model, groups.themes, progress)
            options = _with_less_to_spend(options, by_model, spent)
            named = name_log(store, options, found, edits, grouped=True, by_model=by_model)
            this.amend("name", asdict(named))
        ids = kept_ids(before, store, groups, Codebook.model_validate(named.book))
        written = counted_with(_write(store, options, this, groups, progress, engine, named.given, ids), named.by_model)
        with this.stage("report", progress):
            personas, lines, exact = _finish(
                store, options, this, found, groups, written, named.given, before, ids, progress
            )
            this.complete(exact.counts, usage(written), written.failures)
    return RunResult(store.out, personas, lines, this.state, reused=False, exact=exact)


def _digests(edits: Edits | None, log: Log, before: RunSide | None) -> dict[str, str]:
    """What was read beside the log, by the names of `READ_BESIDES`."""
    of_book = {"codebook": edits.digest} if edits and edits.digest else {}
    return {**of_book, **given_digest(log.given), **run_digest(before)}


def _take_edits(store: Store, options: Options) -> None:
    """What people changed on earlier pages, here and in the file that is given, before anything is read."""
    edits = read_edits(store)
    if options.edits is not None:
        write_edits(store, joined(edits, edits_from(options.edits)))


def _with_less_to_spend(options: Options, by_model: Suggested | None, before: Suggested | None = None) -> Options:
    """The options with what a call that named the log, after those of `before`, has left of the cap."""
    if options.max_cost is None or by_model is None:
        return options
    spent, known = ((b.usage.get("cost_usd") or 0.0 if b else 0.0) for b in (by_model, before))
    return options.but(max_cost=max(options.max_cost - (spent - known), 0.0))


def _confirm_zone(store: Store, options: Options, this: RunState, edits: Edits | None) -> None:
    """A person who names the zone that was taken for granted changes nothing but that the codebook says so."""
    facts = this.state["facts"].get("name")
    if facts and confirmed_since(options, NamedLog(**facts)):
        was, read = NamedLog(**facts), ReadLog(**this.facts("read"))
        grouped = has_themes(this.store, was)
        this.amend("name", asdict(name_log(store, options, read, edits, grouped=grouped, by_model=was.by_model)))


def _write(
    store: Store,
    options: Options,
    this: RunState,
    groups: UserGroups,
    progress: Progress,
    engine: Engine,
    names: Names,
    ids: KeptIds,
) -> Written:
    """The personas of the groups."""
    with ExitStack() as block:
        with this.stage("brief", progress) as todo:
            corpus = block.enter_context(open_groups(store, options, groups, engine, names))
            if todo:
                save_briefing(store, brief_groups(store, options, corpus, groups, progress, ids))
            briefed = open_briefing(store, options, corpus, groups, load_briefing(store), progress)
        with this.stage("write", progress):
            written = write_personas(store, options, briefed, progress)
    return written


def _finish(
    store: Store,
    options: Options,
    this: RunState,
    found: ReadLog,
    groups: UserGroups,
    written: Written,
    names: Names,
    before: RunSide | None,
    ids: KeptIds,
    progress: Progress,
) -> tuple[PersonaSet, Lines, PersonaSet]:
    """Every page; of a run that follows another with what changed."""
    without_changes(store)
    made = finish(store, options, this.run_id, found, groups, written, names, progress)
    if before is None:
        return made
    personas, lines, exact, taken_over = continue_run(before, store, options, ids, made[2], names)
    this.record("since", taken_over.model_dump(mode="json"))
    return personas, lines, exact


def demo_options(out: Path) -> Options:
    """The bundled, synthetic log, written by code: no model is asked."""
    folder = resources.demo_log()
    return Options(
        inputs=(str(folder / "events.jsonl.gz"),),
        out=out,
        value="properties.spent",
        timezone="UTC",
    )
