"""Anyone's personas against a log: each statement supported, contradicted, an artefact, or not testable, with lines.

In: a file of personas (ours, another tool's, a team's own), a log, a model that turns words into measures. Out: an
`Audit`, and audit.json and audit.md in the folder of the audit. Promises: a model never sees a line and never counts; who
a persona is about is a list of users in the file, the memberships of a run, or a measure that is printed, never a guess;
what could not be asked is an error and not an outcome.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...errors import ProviderError, StoreError, UsageError
from ...evidence import Corpus
from ...evidence.loading import open_corpus
from ...groups.gathering import find_memories
from ...log.events import open_events, properties
from ...log.reading import as_found, find_log, read_log
from ...loops import result_of
from ...manifest import verify
from ...models.opening import Models, check_models, describe, open_models, with_recording
from ...models.prompts import AUDIT_STAGES, digests
from ...options import DEFAULT_MIN_CLAIM_USERS, OFFLINE, Options
from ...progress import Progress
from ...report.publishing import published_audit
from ...report.shown_lines import lines_at
from ...schema import (
    EVERYONE,
    SCHEMA_VERSION,
    Audit,
    AuditedPersona,
    AuditedStatement,
    Outcome,
    StatedMeasures,
    Vocabulary,
)
from ...seal import find_seal
from ...store import Store
from ...write.vocabulary import vocabulary_of
from .documents import Document, read_document
from .outcomes import BATCH, Basis, answered, audit_call, decided, failed, misread, why_unasked
from .printing import audit_markdown, cited_by
from .statements import StatedPersona, Statement
from .whom import Whom, users_of

TRIES = 2  # a call whose known text is misread, and ids that are missing, are asked for once more
OUTCOMES: tuple[Outcome, ...] = ("supported", "contradicted", "artefact", "not_testable", "error")
FIRST_USERS = "SELECT user FROM events GROUP BY user ORDER BY min(i)"


def audit(personas: Path, options: Options, progress: Progress) -> Audit:
    """Anyone's personas against a log, statement by statement; InputError and UsageError before anything is asked."""
    options = with_recording(options, progress)
    check_models(options)
    if options.model == OFFLINE and options.replay is None:
        raise UsageError(
            "An audit needs a model that turns words into measures.", hint="Name one with --model; `models` lists them."
        )
    document = read_document(personas)
    found = find_log(options)
    options = as_found(options, found)
    store = Store.create(options.out)
    if run := _run_of(personas):
        _stop_at_forgery(run, options, progress)
        store.path(".key").unlink(missing_ok=True)
        store.take_key_of(Store.open(run))
    progress.stage("read")
    read_log(found, options, store, progress)
    find_memories(store, options)
    progress.stage("ask")
    made, prompts = result_of(_ask(personas, document, options, store, progress))
    lines = lines_at(store, cited_by(made))
    made = published_audit(made, lines)
    store.write_text("audit.json", made.model_dump_json(indent=1) + "\n")
    store.write_text("audit.md", audit_markdown(made, lines))
    describe(options, prompts, [], made.model_dump(mode="json", include={"outcomes", "usage"}))
    return made


async def _ask(
    path: Path, document: Document, options: Options, store: Store, progress: Progress
) -> tuple[Audit, dict[str, str]]:
    answers = 0

    def counted(_: object) -> None:
        nonlocal answers
        answers += 1
        progress.update(answers, None, "answers")

    prompts = digests(AUDIT_STAGES)
    errors: list[str] = []
    async with open_models(store, options, counted, progress.note) as models:
        with _corpus(store, options, []) as (corpus, vocabulary, hashes):
            whom = await users_of(path, document, store, models, corpus, vocabulary, hashes, errors)
        if options.staff:
            _stop_below(whom, options.floor)
        with _corpus(store, options, [w.users or [] for w in whom]) as (corpus, vocabulary, hashes):
            tasks = [
                _persona(models, persona, w, _basis(corpus, vocabulary, g, w), f"a{g + 1}", errors)
                for g, (persona, w) in enumerate(zip(document.personas, whom, strict=True))
            ]
            audited = await asyncio.gather(*tasks)
            row = corpus.connection.execute("SELECT count(DISTINCT u), count(*) FROM lines").fetchone() or (0, 0)
    made = Audit(
        schema_version=SCHEMA_VERSION,
        personas_file=path.name,
        judged_by=options.model,
        prompts=prompts,
        users=row[0],
        events=row[1],
        personas=[_without_lines(p) for p in audited] if options.staff else list(audited),
        outcomes=_counts(s for p in audited for s in p.statements),
        skipped=list(document.skipped),
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


@contextmanager
def _corpus(
    store: Store, options: Options, groups: Sequence[Sequence[str]]
) -> Iterator[tuple[Corpus, Vocabulary, list[str]]]:
    with store.connect() as connection:
        open_events(connection, store)
        amounts = [p.name for p in properties(connection) if p.is_amount]
        hashes = [user for (user,) in connection.execute(FIRST_USERS).fetchall()]
        corpus = open_corpus(connection, store, options, store, groups, [])
        yield corpus, vocabulary_of(corpus, options, amounts), hashes


def _basis(corpus: Corpus, vocabulary: Vocabulary, group: int, whom: Whom) -> Basis:
    g = EVERYONE if whom.users is None else group
    return Basis(corpus, vocabulary, g, DEFAULT_MIN_CLAIM_USERS, whom.measure)


async def _persona(
    models: Models, persona: StatedPersona, whom: Whom, basis: Basis, name: str, errors: list[str]
) -> AuditedPersona:
    asked = persona.statements
    calls = -(-len(asked) // BATCH)
    batches = [asked[len(asked) * i // calls : len(asked) * (i + 1) // calls] for i in range(calls)]
    done = await asyncio.gather(
        *(_batch(models, basis, f"{name}.{i}", b, errors) for i, b in enumerate(batches, start=1))
    )
    found = [s for batch in done for s in batch]
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
    models: Models, basis: Basis, subject: str, statements: Sequence[Statement], errors: list[str]
) -> list[AuditedStatement]:
    """One call for a dozen statements, once more for what is missing; what is missing then is an error."""
    left = {s.id: s for s in statements}
    done: dict[str, AuditedStatement] = {}
    why = "the model gave no usable answer"
    for attempt in range(TRIES):
        if not left:
            break
        call = audit_call(basis, subject, list(left.values()), attempt)
        try:
            answer: StatedMeasures = await models.asker.ask(models.asked, call.request)
        except ProviderError as error:
            why = why_unasked(error)
            break
        if misread(basis, call, answer):
            why = "the model misread a text whose measure is known, twice"
            continue
        read = answered(call, answer)
        done |= {i: decided(basis, left[i], read[i]) for i in read}
        left = {i: s for i, s in left.items() if i not in done}
    if left:
        errors.append(why)
    return [done[s.id] if s.id in done else failed(s, why) for s in statements]


def _run_of(path: Path) -> Path | None:
    """The run whose personas these are: memberships in it are hashes under its key."""
    folder = path if path.is_dir() else path.parent
    return folder if (folder / "users.parquet").is_file() and (folder / "run.json").is_file() else None


def _stop_at_forgery(run: Path, options: Options, progress: Progress) -> None:
    """StoreError where a run is not as it was sealed: an audit rests on who it says is in which group."""
    found = verify(Store.open(run), find_seal(options.seal_key))
    if found.standing == "changed":
        raise StoreError(found.says, hint="`check` says in what its cards differ. Audit a copy of what you trust.")
    progress.note(found.says)


def _counts(found: Iterator[AuditedStatement] | Sequence[AuditedStatement]) -> dict[str, int]:
    counted: Mapping[str, int] = Counter(s.outcome for s in found)
    return {outcome: counted[outcome] for outcome in OUTCOMES}
