"""In what the personas of a run hardly differ, although whoever hears of groups looks for it there: what a visit is worth and how
much it holds, how soon the next one comes, the weekend.

In: the personas that are shown, on an open corpus. Out: rows of the table of all of them, with what their persona accounts for.
Promises: figures are those of the table's other rows; nothing that a card draws as a difference is among them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

import numpy as np

from ...evidence import Corpus, Population, answers, explained, not_asked, question
from ...schema import Cell, Compared, Measure, Says
from ...words.english.readings import reading
from ...words.english.spoken import Reading
from ..dossiers.amounts import worth_inquiries
from ..dossiers.habits import breadth, rhythm
from .bars import in_group

LOOKED_FOR = ("worth", "session", "gap", "week")  # kinds of questions, what a reader asks first first
# Between the largest and the smallest figure: under half as much again, or fewer points than lend a card its name.
NEAR, POINTS = 1.5, 0.08
LITTLE = 0.05  # of the differences between users: a twentieth, which nobody would see in a list of members
MOST = 2  # told; a list of likenesses is nobody's question
ASKED = Says(comparator="at_least", value=0)


def alike(corpus: Corpus, shown: Sequence[tuple[str, Population]], drawn: Collection[str]) -> list[Compared]:
    """Rows for `shown`, personas by id; `drawn` are the questions that cards draw."""
    if len(shown) < 2:
        return []
    rows = (_row(corpus, measure, told, shown) for measure, told in _looked_for(corpus, drawn))
    return [row for row in rows if row is not None][:MOST]


def _looked_for(corpus: Corpus, drawn: Collection[str]) -> Iterator[tuple[Measure, Reading]]:
    asked = [i for i in chain(worth_inquiries(corpus), breadth(corpus), rhythm(corpus)) if i.topic.kind in LOOKED_FOR]
    for inquiry in sorted(asked, key=lambda i: LOOKED_FOR.index(i.topic.kind)):
        told = reading(inquiry.measure, corpus.names)
        if told is not None and not not_asked(corpus, inquiry.measure) and question(inquiry.measure) not in drawn:
            yield inquiry.measure.model_copy(update={"versus": None, "says": ASKED}), told


def _row(corpus: Corpus, measure: Measure, told: Reading, shown: Sequence[tuple[str, Population]]) -> Compared | None:
    own = answers(corpus, measure).samples()
    samples = [own[corpus.people.mask(population) & ~np.isnan(own)] for _, population in shown]
    share = explained(samples)
    if share is None or share > LITTLE:
        return None
    cells = [Cell(persona=persona, truth=in_group(corpus, measure, population)) for persona, population in shown]
    if not _near(told.form, [cell.truth.value or 0.0 for cell in cells]):
        return None
    return Compared(
        label=told.label, unit=told.unit, form=told.form, measure=measure, cells=cells, explained=round(share, 2)
    )


def _near(form: str, values: Sequence[float]) -> bool:
    return max(values) - min(values) <= POINTS if form == "share" else 0 < max(values) <= NEAR * min(values)
