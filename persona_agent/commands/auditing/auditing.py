"""Anyone's personas against a log: each statement supported, contradicted, an artefact, or not testable, with lines.

In: a file of personas (ours, another tool's, a team's own), a log, a model that turns words into measures. Out: an
`Audit`, and audit.json and audit.md in the folder of the audit. Promises: a model never sees a line and never counts; who
a persona is about is a list of users in the file, the memberships of a run, or a measure that is printed, never a guess;
what could not be asked is an error and not an outcome.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InputError, OutputError, ProviderError, UsageError
from ...evidence import Corpus, Population, satisfying_users
from ...evidence.loading import open_corpus
from ...groups.gathering import find_memories
from ...ids import user_hash
from ...log.events import open_events, properties
from ...log.reading import find_log, read_log
from ...models.opening import Models, check_models, describe, open_models, with_recording
from ...models.prompts import AUDIT_STAGES, load
from ...options import DEFAULT_MIN_CLAIM_USERS, OFFLINE, Options
from ...progress import Progress
from ...report.finishing import lines_at
from ...runs import memberships_of
from ...schema import (
    EVERYONE,
    SCHEMA_VERSION,
    Audit,
    AuditedPersona,
    AuditedStatement,
    Measure,
    Memberships,
    Outcome,
    PersonaSet,
    StatedMeasures,
    Vocabulary,
)
from ...store import Store
from ...write.vocabulary import vocabulary_of
from . import statements
from .page import audit_markdown, cited_by
from .statements import Read, Stated
from .stating import BATCH, Asked, Bench, answered, decided, failed, members_request, membership, misread, stating

TRIES = 2  # a call whose known text is misread, and ids that are missing, are asked for once more
OUTCOMES: tuple[Outcome, ...] = ("supported", "contradicted", "artefact", "not_testable", "error")
FIRST_USERS = "SELECT user FROM events GROUP BY user ORDER BY min(i)"


@dataclass(frozen=True)
class Whom:
    """The users that a persona is held against, by their hashes; None where it is held against everyone."""

    users: Sequence[str] | None
    how: str
    measure: Measure | None = None


def audit(personas: Path, options: Options, progress: Progress) -> Audit:
    """Anyone's personas against a log, statement by statement; InputError and UsageError before anything is asked."""
    options = with_recording(options, progress)
    check_models(options)
    if options.model == OFFLINE and options.replay is None:
        raise UsageError(
            "An audit needs a model that turns words into measures.", hint="Name one with --model; `models` lists them."
        )
    read = statements.read_personas(personas)
    found = find_log(options)
    store = Store.create(options.out)
    _take_key(personas, store)
    progress.stage("read")
    read_log(found, options, store, progress)
    find_memories(store, options)
    progress.stage("ask")
    made, prompts = asyncio.run(_ask(personas, read, options, store, progress))
    store.write_text("audit.json", made.model_dump_json(indent=1) + "\n")
    lines = lines_at(store, cited_by(made))
    store.write_text("audit.md", audit_markdown(made, lines))
    describe(options, prompts, [], made.model_dump(mode="json", include={"outcomes", "usage"}))
    return made


async def _ask(
    path: Path, read: Read, options: Options, store: Store, progress: Progress
) -> tuple[Audit, dict[str, str]]:
    answers = 0

    def counted(_: object) -> None:
        nonlocal answers
        answers += 1
        progress.update(answers, None, "answers")

    prompts = {p.name: p.sha256 for p in (load(stage) for stage in AUDIT_STAGES)}
    errors: list[str] = []
    async with open_models(store, options, counted) as models:
        with _corpus(store, options, []) as (corpus, vocabulary, hashes):
            whom = await _whom(path, read, store, models, corpus, vocabulary, hashes, errors)
        with _corpus(store, options, [w.users or [] for w in whom]) as (corpus, vocabulary, hashes):
            tasks = [
                _persona(models, persona, w, _bench(corpus, vocabulary, g, w), f"a{g + 1}", errors)
                for g, (persona, w) in enumerate(zip(read.personas, whom, strict=True))
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
        personas=list(audited),
        outcomes=_counts(s for p in audited for s in p.statements),
        skipped=list(read.skipped),
        unasked=errors,
        usage={
            "calls": models.asker.totals.calls,
            "prompt_tokens": models.asker.totals.prompt_tokens,
            "completion_tokens": models.asker.totals.completion_tokens,
        },
    )
    return made, prompts


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


def _bench(corpus: Corpus, vocabulary: Vocabulary, group: int, whom: Whom) -> Bench:
    g = EVERYONE if whom.users is None else group
    return Bench(corpus, vocabulary, g, DEFAULT_MIN_CLAIM_USERS, whom.measure)


async def _whom(
    path: Path,
    read: Read,
    store: Store,
    models: Models,
    corpus: Corpus,
    vocabulary: Vocabulary,
    hashes: Sequence[str],
    errors: list[str],
) -> list[Whom]:
    """The users of each persona: listed in the file, of the run that wrote it, or picked by a measure."""
    of_run = _memberships_of_run(path, read)
    known = set(hashes)
    whom: dict[int, Whom] = {}
    for i, persona in enumerate(read.personas):
        if of_run is not None:
            whom[i] = Whom(of_run[i], "the users that the run put into it")
        elif persona.users is not None:
            mine = [h for h in (user_hash(store.key(), u) for u in persona.users) if h in known]
            missing = len(set(persona.users)) - len(set(mine))
            how = "the users that the file lists" + (f", of whom {missing:,} are not in this log" if missing else "")
            whom[i] = Whom(mine, how)
    open_ = {f"w{i}": i for i in range(len(read.personas)) if i not in whom}
    asked = [(name, read.personas[i].name, read.personas[i].about) for name, i in open_.items()]
    answers = await _members(models, vocabulary, asked, errors) if asked else None
    items = {m.id: m for m in answers.items} if answers else {}
    for name, i in open_.items():
        if name not in items:
            whom[i] = Whom(None, "nobody could say whom it is about: it is held against all users")
            continue
        measure, why = membership(vocabulary, items[name])
        if measure is None:
            whom[i] = Whom(None, f"held against all users: {why}")
        else:
            fit = np.flatnonzero(satisfying_users(corpus, measure, Population(EVERYONE))).tolist()
            whom[i] = Whom([hashes[u] for u in fit], f"the users that fit its description: {why}", measure)
    return [whom[i] for i in range(len(read.personas))]


async def _members(
    models: Models, vocabulary: Vocabulary, asked: Sequence[tuple[str, str, str]], errors: list[str]
) -> Memberships | None:
    try:
        answer: Memberships = await models.asker.ask(models.asked, members_request(vocabulary, asked))
    except ProviderError as error:
        errors.append(_unless_fatal(error))
        return None
    return answer


async def _persona(
    models: Models, persona: Stated, whom: Whom, at: Bench, name: str, errors: list[str]
) -> AuditedPersona:
    asked = [Asked(s.id, s.text, s.where, s.under) for s in persona.statements]
    calls = -(-len(asked) // BATCH)
    batches = [asked[len(asked) * i // calls : len(asked) * (i + 1) // calls] for i in range(calls)]
    done = await asyncio.gather(*(_batch(models, at, f"{name}.{i}", b, errors) for i, b in enumerate(batches, start=1)))
    found = [s for batch in done for s in batch]
    members = len(whom.users) if whom.users is not None else len(at.corpus.people.first_day)
    return AuditedPersona(
        name=persona.name,
        members=members,
        how=whom.how,
        membership=whom.measure,
        statements=found,
        outcomes=_counts(found),
    )


async def _batch(
    models: Models, at: Bench, subject: str, statements: Sequence[Asked], errors: list[str]
) -> list[AuditedStatement]:
    """One call for a dozen statements, once more for what is missing; what is missing then is an error."""
    left = {s.id: s for s in statements}
    done: dict[str, AuditedStatement] = {}
    why = "the model gave no usable answer"
    for attempt in range(TRIES):
        if not left:
            break
        call = stating(at, subject, list(left.values()), attempt)
        try:
            answer: StatedMeasures = await models.asker.ask(models.asked, call.request)
        except ProviderError as error:
            why = _unless_fatal(error)
            break
        if misread(at, call, answer):
            why = "the model misread a text whose measure is known, twice"
            continue
        read = answered(call, answer)
        done |= {i: decided(at, left[i], read[i]) for i in read}
        left = {i: s for i, s in left.items() if i not in done}
    if left:
        errors.append(why)
    return [done[s.id] if s.id in done else failed(s, why) for s in statements]


def _memberships_of_run(path: Path, read: Read) -> list[list[str]] | None:
    """The members of each persona where the file is that of a finished run of ours, else None."""
    folder = path if path.is_dir() else path.parent
    if not (folder / "users.parquet").is_file() or not (folder / "personas.json").is_file():
        return None
    if path.is_file() and path.name != "personas.json":
        return None
    store = Store.open(folder)
    ids = [p.id for p in PersonaSet.model_validate(store.read_json("personas.json")).personas]
    groups, of_persona, _ = memberships_of(store)
    if len(ids) != len(read.personas):
        raise InputError(f"{str(folder)!r}: personas.json and users.parquet are not of the same run.")
    return [groups[of_persona[i]] if i in of_persona else [] for i in ids]


def _take_key(path: Path, store: Store) -> None:
    """A run's memberships are hashes under its key."""
    folder = path if path.is_dir() else path.parent
    if (folder / "users.parquet").is_file() and (folder / ".key").is_file():
        shutil.copyfile(folder / ".key", store.path(".key"))
        store.path(".key").chmod(0o600)


def _counts(found: Iterator[AuditedStatement] | Sequence[AuditedStatement]) -> dict[str, int]:
    counted: Mapping[str, int] = Counter(s.outcome for s in found)
    return {outcome: counted[outcome] for outcome in OUTCOMES}


def _unless_fatal(error: ProviderError) -> str:
    """One refused request costs what it asked about; a wrong key costs the audit."""
    if error.fatal or error.code == "recording":
        raise error
    return (
        error.message if isinstance(error, OutputError) else f"the model could not be asked: {error.message}"
    ).rstrip(".")
