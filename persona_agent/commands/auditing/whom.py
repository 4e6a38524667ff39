"""Whom a persona is about: a list of users in the document, the memberships of a run, or a measure that picks them.

In: a document, the log's corpus, a model that is asked about those personas whose users nothing lists. Out: `Whom` for each
persona. Promises: never a guess: how the users were found is said, a measure that picked them is kept, and a persona of
which nobody could say it is held against everyone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InputError, ProviderError
from ...evidence import Corpus, Population, Unwritable, measure_from, satisfying_users
from ...ids import user_hash
from ...models.base import Request
from ...models.opening import Models
from ...models.prompts import enclose, load_prompt
from ...runs import memberships_of
from ...schema import EVERYONE, Measure, Membership, Memberships, PersonaSet, Vocabulary
from ...store import Store
from .documents import Document
from .markdown_documents import group_named
from .outcomes import MAX_TOKENS, why_unasked
from .statements import StatedPersona


@dataclass(frozen=True)
class Whom:
    """The users that a persona is held against, by their hashes; None where it is held against everyone."""

    users: Sequence[str] | None
    how: str
    measure: Measure | None = None


async def users_by_persona(
    path: Path | None,
    document: Document,
    store: Store,
    models: Models,
    corpus: Corpus,
    vocabulary: Vocabulary,
    hashes: Sequence[str],
    errors: list[str],
    groups: Mapping[str, Sequence[str]] | None = None,
) -> list[Whom]:
    """The users of each persona of the document at `path` (None for a text); `hashes` are all users of the log in the
    corpus's order. Where `groups` are given, a persona is about the group whose name it begins with, or about everyone.
    """
    if groups is not None:
        return [_of_group(p.name, groups) for p in document.personas]
    of_run = _memberships_of_run(path, document)
    if of_run is not None:
        return [Whom(users, "the users that the run put into it") for users in of_run]
    personas = document.personas
    listed = {i: _listed(p.users, store, hashes) for i, p in enumerate(personas) if p.users is not None}
    asked = {f"w{i}": p for i, p in enumerate(personas) if i not in listed}
    read = await _asked_about(models, vocabulary, asked, errors) if asked else {}
    picked = {
        i: _picked(read.get(f"w{i}"), corpus, vocabulary, hashes) for i in range(len(personas)) if i not in listed
    }
    return [whom for _, whom in sorted((listed | picked).items())]


def _memberships_of_run(path: Path | None, document: Document) -> list[list[str]] | None:
    """The members of each persona where the file is that of a finished run of ours, else None."""
    if path is None:
        return None
    folder = path if path.is_dir() else path.parent
    if not (folder / "users.parquet").is_file() or not (folder / "personas.json").is_file():
        return None
    if path.is_file() and path.name != "personas.json":
        return None
    store = Store.open(folder)
    ids = [p.id for p in PersonaSet.model_validate(store.read_json("personas.json")).personas]
    groups, of_persona, _ = memberships_of(store)
    if len(ids) != len(document.personas):
        raise InputError(f"{str(folder)!r}: personas.json and users.parquet are not of the same run.")
    return [groups[of_persona[i]] if i in of_persona else [] for i in ids]


def _of_group(name: str, groups: Mapping[str, Sequence[str]]) -> Whom:
    named = group_named(name, list(groups))
    if named is None:
        return Whom(None, "no group is called so: it is held against all users")
    return Whom(groups[named], f"the users of the group “{named}”")


def _listed(users: Sequence[str], store: Store, hashes: Sequence[str]) -> Whom:
    known = set(hashes)
    mine = [h for h in (user_hash(store.key(), u) for u in users) if h in known]
    missing = len(set(users)) - len(set(mine))
    return Whom(
        mine, "the users that the file lists" + (f", of whom {missing:,} are not in this log" if missing else "")
    )


async def _asked_about(
    models: Models, vocabulary: Vocabulary, personas: dict[str, StatedPersona], errors: list[str]
) -> dict[str, Membership]:
    """What a model says of each persona, by the id that it was asked about under."""
    try:
        answer: Memberships = await models.asker.ask(models.asked, _request(vocabulary, personas))
    except ProviderError as error:
        errors.append(why_unasked(error))
        return {}
    return {m.id: m for m in answer.items}


def _request(vocabulary: Vocabulary, personas: dict[str, StatedPersona]) -> Request:
    rows = [{"id": i, "name": p.name, "description": p.about} for i, p in personas.items()]
    return Request(
        stage="members",
        subject="personas",
        messages=(
            ("system", load_prompt("members").render(measures=load_prompt("measures").text)),
            ("user", enclose({"log": vocabulary.model_dump(), "personas": rows})),
        ),
        schema=Memberships,
        max_tokens=MAX_TOKENS,
    )


def _picked(read: Membership | None, corpus: Corpus, vocabulary: Vocabulary, hashes: Sequence[str]) -> Whom:
    if read is None:
        return Whom(None, "nobody could say whom it is about: it is held against all users")
    measure, why = _membership(vocabulary, read)
    if measure is None:
        return Whom(None, f"held against all users: {why}")
    fit = np.flatnonzero(satisfying_users(corpus, measure, Population(EVERYONE))).tolist()
    return Whom([hashes[u] for u in fit], f"the users that fit its description: {why}", measure)


def _membership(vocabulary: Vocabulary, read: Membership) -> tuple[Measure | None, str]:
    """The question that picks a persona's users, or None and why there is none."""
    if read.measure is None:
        return None, read.why.strip() or "its description names nothing that a log could show of a user"
    try:
        measure = measure_from(read.measure, vocabulary)
    except Unwritable as error:
        return None, f"its description cannot be asked of this log: {error}"
    if measure.unit != "users":
        return None, "its description speaks of single visits, not of users"
    return measure.model_copy(update={"statistic": "share", "versus": None}), read.why.strip()
