"""The pages of a run with what people changed on them: edits.yaml merged into the personas as the program made them.

In: exact personas, the folder of the run. Out: the same with every edit that holds; unedited.json, on which the next is merged.
Promises: without edits nothing changes, and no file is written.
"""

from __future__ import annotations

from contextlib import closing

from ..edits import Ground, PersonEdits, merge, read_edits
from ..edits.counting import Counting, critic_of
from ..errors import StoreError
from ..log.mentions import names_a_user
from ..manifest import UNEDITED
from ..options import Options
from ..progress import Progress
from ..schema import Dossier, Names, PersonaSet
from ..store import Store
from .publishing import published
from .shown_lines import cited_lines

DOSSIERS = "dossiers.json"


def with_edits(
    store: Store, exact: PersonaSet, options: Options, names: Names, progress: Progress | None = None
) -> PersonaSet:
    """The set as people left it. The critic of the options reads their words where `progress` hears of it; else what it has read
    already stands.
    """
    edits = read_edits(store)
    if not edits.entries:
        store.path(UNEDITED).unlink(missing_ok=True)
        return exact
    base = published(exact, cited_lines(store, exact))
    store.write_text(UNEDITED, base.model_dump_json(indent=1) + "\n")
    return merge_edits(store, exact, edits, options, names, progress)


def merge_edits(
    store: Store,
    base: PersonaSet,
    edits: PersonEdits,
    options: Options,
    names: Names,
    progress: Progress | None = None,
) -> PersonaSet:
    """The set with these entries; nothing is written."""
    count = Counting(store, options, names)
    with closing(count):
        ground = Ground(
            names,
            _acts(store, base),
            count,
            critic_of(store, options, progress),
            lambda text: names_a_user(store, text),
        )
        return merge(base, edits, ground)


def _acts(store: Store, base: PersonaSet) -> dict[str, list[str]]:
    """Names that a card may quote beside those of its claims: the acts of its group, where its dossier is there still."""
    if not store.path(DOSSIERS).is_file():
        return {}
    try:
        rows = [Dossier.model_validate(row) for row in store.read_json(DOSSIERS)]
    except (StoreError, ValueError):
        return {}
    shown = [p.id for p in base.personas]
    return {name: row.acts for name, row in zip(shown, rows, strict=False)}
