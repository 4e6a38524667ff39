"""Anyone's personas against a log: each statement supported, contradicted, an artefact, or not testable, with lines.

In: a file of personas (ours, another tool's, a team's own), a log, a model that turns words into measures. Out: an
`Audit`, and audit.json and audit.md in the folder of the audit. Promises: a model never sees a line and never counts; who
a persona is about is a list of users in the file, the memberships of a run, or a measure that is printed, never a guess;
what could not be asked is an error and not an outcome.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ...errors import ProviderError, UsageError
from ...evidence import Corpus
from ...evidence.loading import open_corpus
from ...groups.grouping import fit_fold
from ...log.events import open_events, properties
from ...log.mentions import mask_users
from ...loops import run_coroutine
from ...manifest import refuse_changed, verify
from ...models.opening import Models, check_models, describe, open_models, with_recording
from ...models.prompts import AUDIT_STAGES, digests
from ...options import DEFAULT_MIN_CLAIM_USERS, OFFLINE, Options
from ...progress import Progress
from ...report.cited import Lines
from ...report.publishing import published_audit
from ...report.shown_lines import lines_at
from ...schema import (
    EVERYONE,
    NO_NAMES,
    SCHEMA_VERSION,
    Audit,
    AuditedPersona,
    AuditedStatement,
    Names,
    StatedMeasures,
    StatementOutcome,
    Vocabulary,
)
from ...seal import find_seal
from ...store import Store
from ...write.vocabulary import vocabulary_of
from ..group_members import FIRST_USERS, Groups, members_of, run_of
from ..open_log import OpenLog, open_log
from .documents import Document, document_of, read_document, sentences_beside
from .outcomes import BATCH, Basis, decided, decided_by_itself, failed, undecided, why_unasked
from .printing import audit_markdown, cited_by
from .statement_calls import answered, audit_call, misread
from .statements import StatedPersona, Statement
from .whom import Whom, users_by_persona

TRIES = 2  # a call whose known text is misread, and ids that are missing, are asked for once more
OUTCOMES: tuple[StatementOutcome, ...] = (
    "supported",
    "contradicted",
    "artefact",
    "cannot_tell",
    "not_testable",
    "no_statement",
    "error",
)
SEVERAL = "it names several groups: say of each in a sentence of its own what is to be checked"
TEXT = "document"  # what a text that is no file is called in places
ITSELF = "the document itself"
BETWEEN = " \0 "  # texts that are looked through together; no reader lets this sign through


def audit(personas: Path | str, options: Options, progress: Progress, groups: Groups = None) -> Audit:
    """Anyone's personas (a file, the folder of a run, or a text) against a log, statement by statement, and about `groups` where
    these are given; InputError and UsageError before anything is asked.
    """
    options = checked(options, progress)
    run = run_with(personas) if isinstance(personas, Path) else None
    read = document(personas)  # what cannot be read is said before the log is
    if groups is None and not run:
        needs_model(read, options, grouped=False)
    store = Store.create(options.out)
    stop_at_forgery([run, made_from(groups)], options, progress)
    opened = open_log(options, store, progress, [groups, run])
    members = None if groups is None else members_of(store, groups, options)
    made, lines = audit_on(opened, personas, members, progress)
    store.write_text("audit.json", made.model_dump_json(indent=1) + "\n")
    store.write_text("audit.md", audit_markdown(made, lines))
    return made


def checked(options: Options, progress: Progress) -> Options:
    """The options with what a recording says; what would go wrong before the first call is raised."""
    options = with_recording(options, progress)
    check_models(options)
    return options


def document(personas: Path | str, groups: Sequence[str] = ()) -> Document:
    """The document in a file, in the folder of a run, or in a text."""
    if isinstance(personas, Path):
        return read_document(personas, groups)
    return document_of(Path(TEXT), personas, groups)


def needs_model(read: Document, options: Options, *, grouped: bool) -> None:
    """UsageError where words must be turned into measures and no model is there to do it."""
    itself = all(s.measure or len(s.groups) > 1 for p in read.personas for s in p.statements)
    if (itself and (grouped or all(p.users is not None for p in read.personas))) or options.replay is not None:
        return
    if options.model == OFFLINE:
        raise UsageError(
            "An audit needs a model that turns words into measures.",
            hint="Name one with --model (`models` lists them), or give each statement its own measure: docs/referee.md.",
        )


def audit_on(
    opened: OpenLog, personas: Path | str, groups: Mapping[str, Sequence[str]] | None, progress: Progress
) -> tuple[Audit, Lines]:
    """The audit on a log that is open, as it may be forwarded, with the lines that it shows."""
    options, store = opened.options, opened.store
    read = document(personas, list(groups or ()))
    path = personas if isinstance(personas, Path) else None
    if path is not None:  # a client that sends a text would hear of any id whether it is in the log
        read = without_ids(read, store, [len(members) for members in (groups or {}).values()])
    if groups is not None or path is None or run_with(path) is None:
        needs_model(read, options, grouped=groups is not None)
    progress.stage("ask")
    made, prompts = run_coroutine(_ask(path, read, opened, groups, progress))
    lines = lines_at(store, cited_by(made))
    made = published_audit(made, lines)
    describe(options, prompts, [], made.model_dump(mode="json", include={"outcomes", "usage"}))
    return made, lines


def without_ids(read: Document, store: Store, counts: Sequence[int] = ()) -> Document:
    """The document without the ids of the log's users in what it says; asked of the log once, for all texts. Numbers that are
    `counts` of something are left, and amounts.
    """
    said = [
        read.text,
        *(t for p in read.personas for t in (p.about, *(t for s in p.statements for t in (s.text, s.under)))),
    ]
    masked = iter(mask_users(store, BETWEEN.join(said), counts)[0].split(BETWEEN))
    text = next(masked)
    personas = [
        replace(
            p,
            about=next(masked),
            statements=tuple(replace(s, text=next(masked), under=next(masked)) for s in p.statements),
        )
        for p in read.personas
    ]
    return replace(read, personas=tuple(personas), text=text)


async def _ask(
    path: Path | None, read: Document, opened: OpenLog, groups: Mapping[str, Sequence[str]] | None, progress: Progress
) -> tuple[Audit, dict[str, str]]:
    answers, store, options = 0, opened.store, opened.options
    # Recorded audits were asked with the log's own names.
    names = NO_NAMES if groups is None else opened.names
    by_model = any(not s.measure and len(s.groups) < 2 for p in read.personas for s in p.statements)

    def counted(_: object) -> None:
        nonlocal answers
        answers += 1
        progress.update(answers, None, "answers")

    prompts = digests(AUDIT_STAGES)
    errors: list[str] = []
    async with open_models(store, options, counted, progress.note) as models:
        with opened_corpus(store, options, [], names) as (corpus, vocabulary, hashes):
            whom = await users_by_persona(path, read, store, models, corpus, vocabulary, hashes, errors, groups)
        if options.staff:
            _stop_below(whom, options.floor)
        aside = set_aside(hashes, options.seed) if groups is not None else []
        with opened_corpus(store, options, [w.users or [] for w in whom], names, aside) as (corpus, vocabulary, hashes):
            looked_up: dict[str, list[str]] = {}
            tasks = [
                _persona(models, read, persona, w, _basis(corpus, vocabulary, g, w, looked_up), f"a{g + 1}", errors)
                for g, (persona, w) in enumerate(zip(read.personas, whom, strict=True))
            ]
            audited = await asyncio.gather(*tasks)
            row = corpus.connection.execute("SELECT count(DISTINCT u), count(*) FROM lines").fetchone() or (0, 0)
    made = Audit(
        schema_version=SCHEMA_VERSION,
        personas_file=path.name if path else TEXT,
        judged_by=options.model if by_model else ITSELF,
        prompts=prompts,
        users=row[0],
        events=row[1],
        personas=[_without_lines(p) for p in audited] if options.staff else list(audited),
        outcomes=_counts(s for p in audited for s in p.statements),
        skipped=list(read.skipped),
        unasked=errors,
        usage=models.asker.totals.counts,
    )
    return made, prompts


def _stop_below(whom: Sequence[Whom], floor: int) -> None:
    """UsageError where a group of people at work is so small that its figures would be somebody's."""
    small = [len(w.users) for w in whom if w.users is not None and len(w.users) < floor]
    if small:
        raise UsageError(
            f"A group here has {min(small)} people at work, and nothing is counted of fewer than {floor}: staff mode.",
            hint="Audit larger teams. Where a purpose speaks for it: --no-staff PURPOSE.",
        )


def _without_lines(persona: AuditedPersona) -> AuditedPersona:
    """The persona with counts alone: no line of people at work is shown."""
    told = [
        s.model_copy(update={"lines": [], "counter": s.counter and s.counter.model_copy(update={"lines": []})})
        for s in persona.statements
    ]
    return persona.model_copy(update={"statements": told})


def set_aside(users: Sequence[str], seed: int) -> list[str]:
    """Three tenths of the users, drawn by code, whom nobody knew of who made the groups: those that a run sets aside."""
    return [user for user, inside in zip(users, fit_fold(len(users), seed), strict=True) if not inside]


@contextmanager
def opened_corpus(
    store: Store, options: Options, groups: Sequence[Sequence[str]], names: Names, aside: Sequence[str] = ()
) -> Iterator[tuple[Corpus, Vocabulary, list[str]]]:
    """The log with these groups, `aside` unseen; what can be asked of it; its users by hash, in the corpus's order."""
    with store.connect() as connection:
        open_events(connection, store)
        amounts = [p.name for p in properties(connection) if p.is_amount]
        hashes = [user for (user,) in connection.execute(FIRST_USERS).fetchall()]
        corpus = replace(open_corpus(connection, store, options, store, groups, aside), names=names)
        yield corpus, vocabulary_of(corpus, options, amounts), hashes


def _basis(corpus: Corpus, vocabulary: Vocabulary, group: int, whom: Whom, looked_up: dict[str, list[str]]) -> Basis:
    g = EVERYONE if whom.users is None else group
    return Basis(corpus, vocabulary, g, DEFAULT_MIN_CLAIM_USERS, whom.measure, looked_up)


async def _persona(
    models: Models, read: Document, persona: StatedPersona, whom: Whom, basis: Basis, name: str, errors: list[str]
) -> AuditedPersona:
    by_itself = {s.id: decided_by_itself(basis, s, s.measure) for s in persona.statements if s.measure}
    by_itself |= {s.id: undecided(s, SEVERAL) for s in persona.statements if len(s.groups) > 1}
    asked = [s for s in persona.statements if s.id not in by_itself]
    calls = -(-len(asked) // BATCH)
    batches = [asked[len(asked) * i // calls : len(asked) * (i + 1) // calls] for i in range(calls)]
    done = await asyncio.gather(
        *(
            _batch(models, basis, f"{name}.{i}", b, (persona.name, sentences_beside(read, persona, b)), errors)
            for i, b in enumerate(batches, start=1)
        )
    )
    by_id = by_itself | {s.id: s for batch in done for s in batch}
    found = [by_id[s.id] for s in persona.statements]
    members = len(whom.users) if whom.users is not None else len(basis.corpus.people.first_day)
    return AuditedPersona(
        name=persona.name,
        members=members,
        how=whom.how,
        membership=whom.measure,
        statements=found,
        outcomes=_counts(found),
    )


async def _batch(
    models: Models,
    basis: Basis,
    subject: str,
    statements: Sequence[Statement],
    of: tuple[str, Sequence[str]],
    errors: list[str],
) -> list[AuditedStatement]:
    """One call for a dozen statements `of` a persona by its name, other sentences beside them; once more for what is missing, and
    what is missing then is an error.
    """
    left = {s.id: s for s in statements}
    done: dict[str, AuditedStatement] = {}
    why = "the model gave no usable answer"
    for attempt in range(TRIES):
        if not left:
            break
        whom = "" if basis.group == EVERYONE else of[0]
        call = audit_call(basis, subject, list(left.values()), attempt, of[1], whom)
        try:
            answer: StatedMeasures = await models.asker.ask(models.asked, call.request)
        except ProviderError as error:
            why = why_unasked(error)
            break
        if misread(basis, call, answer):
            why = "the model misread a text whose measure is known, twice"
            continue
        read = answered(call, answer)
        done |= {i: decided(replace(basis, vocabulary=call.log), left[i], read[i]) for i in read}
        left = {i: s for i, s in left.items() if i not in done}
    if left:
        errors.append(why)
    return [done[s.id] if s.id in done else failed(s, why) for s in statements]


def run_with(path: Path) -> Path | None:
    """The run whose personas these are: memberships in it are hashes under its key."""
    folder = path if path.is_dir() else path.parent
    return folder if (folder / "users.parquet").is_file() and (folder / "run.json").is_file() else None


def made_from(groups: Groups) -> Path | None:
    """The run whose personas these groups are."""
    run = run_of(groups)
    return run.out if run else None


def stop_at_forgery(runs: Iterable[Path | None], options: Options, progress: Progress) -> None:
    """StoreError where a run is not as it was sealed: an audit rests on who it says is in which group."""
    for run in dict.fromkeys(filter(None, runs)):
        found = verify(Store.open(run), find_seal(options.seal_key))
        refuse_changed(
            found, repr(str(run)), hint="`check` says in what its cards differ. Audit a copy of what you trust."
        )
        progress.note(found.says)


def _counts(found: Iterator[AuditedStatement] | Sequence[AuditedStatement]) -> dict[str, int]:
    counted: Mapping[str, int] = Counter(s.outcome for s in found)
    return {outcome: counted[outcome] for outcome in OUTCOMES}
