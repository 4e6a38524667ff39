"""The codebook of a run from which somebody was taken: counted again over those who stay, with what a person had said of it.

    codebook_before ─ events are rewritten ─▶ codebook_after ─▶ codebook.yaml, NamedLog

In: a finished run before and after. Out: the file and the facts of the stage `name`. Promises: what fewer than five users now
share is in neither; what a person had changed stays wherever its act, field or object does, also in an edited file that no run
has read yet, which stays unread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..ids import content_hash
from ..log.reading import ReadLog
from ..manifest import CODEBOOK
from ..options import Options
from ..store import Store
from .book import Codebook, DescribedAct, DescribedField, DescribedTheme, edited_names
from .edits import read_corrections, with_corrections
from .naming import NamedLog, proposal, shared_objects
from .paper import codebook_text


@dataclass(frozen=True)
class BeforeForgetting:
    """What was proposed before and what the run went by; `edited` is a file that says something else."""

    proposed: Codebook
    told: NamedLog
    edited: Codebook | None


def codebook_before(store: Store, options: Options, facts: Mapping[str, Any]) -> BeforeForgetting | None:
    """What is to be carried over, from a run's facts; None where it has no codebook. UsageError: an edited file that cannot be
    read, before anything is gone.
    """
    if "name" not in facts:
        return None
    told, path, edited = NamedLog(**facts["name"]), store.path(CODEBOOK), None
    proposed = proposal(store, options, ReadLog(**facts["read"]), grouped=True)
    if path.is_file() and content_hash(path.read_text(encoding="utf-8", errors="replace")) != told.digest:
        edits = read_corrections(path)
        book = with_corrections(proposed, edits, shared_objects(store, edits.page.artefacts))
        zone, about = edits.page.zone, edits.page.about
        update = {"about": about, **({"zone": book.zone.model_copy(update=zone.model_dump())} if zone else {})}
        edited = book.model_copy(update=update)
    return BeforeForgetting(proposed, told, edited)


def codebook_after(store: Store, options: Options, facts: Mapping[str, Any], was: BeforeForgetting) -> NamedLog:
    """The codebook over those who stay, as codebook.yaml."""
    proposed = proposal(store, options, ReadLog(**facts["read"]), grouped=True)
    before = Codebook.model_validate(was.told.book)
    shared = shared_objects(store, {**before.artefacts, **(was.edited.artefacts if was.edited else {})})
    book = carry_over(was.proposed, before, proposed, shared)
    file = book if was.edited is None else carry_over(was.proposed, was.edited, proposed, shared)
    text = codebook_text(file)
    store.write_text(CODEBOOK, text)
    digest = content_hash(text) if was.edited is None else was.told.digest
    return NamedLog(edited_names(proposed, book, options.value).model_dump(), book.model_dump(mode="json"), digest)


def carry_over(before: Codebook, said: Codebook, after: Codebook, shared: set[str]) -> Codebook:
    """The proposal `after` with what `said` changed in the proposal `before`; `shared` are objects that may be named."""
    same, was = {n.lower(): n for n in after.acts}, {n.lower(): n for n in before.acts}
    acts, fields = dict(after.acts), dict(after.fields)
    for name, act in said.acts.items():
        if (now := same.get(name.lower())) and (then := was.get(name.lower())):
            acts[now] = _act(before.acts[then], act, after.acts[now], same)
    for name, field in said.fields.items():
        if name in before.fields and name in after.fields:
            fields[name] = _field(before.fields[name], field, after.fields[name], after.fields)
    kept = said.categories != before.categories
    return after.model_copy(
        update={
            "about": said.about,
            "zone": said.zone,
            "nouns": said.nouns,
            "acts": acts,
            "fields": fields,
            "places": [n for n in said.places if n in after.fields] if said.places != before.places else after.places,
            "categories": [n for n in said.categories if n in after.fields] if kept else after.categories,
            "themes": _themes(said, after),
            "artefacts": _artefacts(before.artefacts, said.artefacts, after.artefacts, shared),
        }
    )


def _act(before: DescribedAct, said: DescribedAct, after: DescribedAct, acts: Mapping[str, str]) -> DescribedAct:
    changes = _changes(before, said)
    if changes.get("follows"):
        changes["follows"] = acts.get(changes["follows"].lower())
    return after.model_copy(update=changes)


def _field(
    before: DescribedField, said: DescribedField, after: DescribedField, known: Collection[str]
) -> DescribedField:
    changes = _changes(before, said)
    if changes.get("repeats") not in {None, "object", "action", *known}:
        changes["repeats"] = None
    return after.model_copy(update=changes)


def _themes(said: Codebook, after: Codebook) -> dict[str, DescribedTheme]:
    """Themes as they are now, by the names that a person gave them."""
    named = {name: said.themes.get(name, theme).name for name, theme in after.themes.items()}
    return {name: theme.model_copy(update={"name": named[name]}) for name, theme in after.themes.items()}


def _artefacts(
    before: Mapping[str, str], said: Mapping[str, str], after: Mapping[str, str], shared: set[str]
) -> dict[str, str]:
    """Those that a person named or put otherwise as they were, the others as they are proposed now."""
    own = {obj: why for obj, why in said.items() if obj in shared and before.get(obj) != why}
    new = {obj: why for obj, why in after.items() if obj in said or obj not in before}
    return {**new, **own}


def _changes(before: DescribedAct | DescribedField, said: DescribedAct | DescribedField) -> dict[str, Any]:
    plain = before.model_dump()
    return {name: value for name, value in said.model_dump().items() if value != plain[name]}
