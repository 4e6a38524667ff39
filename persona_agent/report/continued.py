"""A run that follows another: its personas under the names that they had, and three lines of what changed.

In: a set, and the changes since the run before. Out: the set as its pages show it. Promises: a name stays only with the same
group, and while everything that was said of it then and can be asked still holds; no two cards have one name; the same values
give the same set.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..schema import Changes, PersonaSet, Since
from ..schema.told_edits import mark_behind
from ..words.english.changes_told import front_lines
from .front import first_page_of

KEPT = ("same", "grown", "shrunk")


def with_kept_names(changes: Changes) -> Changes:
    """The changes with the names of the earlier run wherever the later one keeps them."""
    refuted = {c.persona for c in changes.claims if c.outcome == "refuted"}
    kept = {r.now: r.label for r in changes.personas if r.now and r.outcome in KEPT and r.was not in refuted}
    others = {label for name, label in changes.new.labels.items() if name not in kept}
    kept = {name: label for name, label in kept.items() if label not in others}
    rows = [r.model_copy(update={"label_now": None}) if r.now in kept else r for r in changes.personas]
    new = changes.new.model_copy(update={"labels": {**changes.new.labels, **kept}})
    return changes.model_copy(update={"new": new, "personas": rows})


def continued(exact: PersonaSet, changes: Changes) -> PersonaSet:
    """The set under its kept names, with what changed."""
    labels = {p.id: mark_behind(changes.new.labels.get(p.id, p.called)) for p in exact.personas}
    renamed = {p.label: labels[p.id][0] for p in exact.personas if labels[p.id][0] != p.label}
    cards = [p.model_copy(update=dict(zip(("label", "named"), labels[p.id], strict=True))) for p in exact.personas]
    grids = exact.grids and [
        g.model_copy(update={"rows": [r.model_copy(update={"label": renamed.get(r.label, r.label)}) for r in g.rows]})
        for g in exact.grids
    ]
    edited = exact.edited and exact.edited.worded(lambda text: _said(text, renamed))
    since = Since(run_id=changes.old.run_id, sentences=front_lines(changes))
    made = exact.model_copy(update={"personas": cards, "grids": grids, "edited": edited, "since": since})
    front = exact.first_page
    return made.model_copy(update={"first_page": front and first_page_of(made, front.mended)})


def _said(text: str, renamed: Mapping[str, str]) -> str:
    for old, new in renamed.items():
        text = text.replace(old, new)
    return text
