"""Lines for and against a claim that no measure decides: the two-sided search (docs/contract.md, Labels).

In: a corpus, a group, the claim's text and its denial, an embedding. Out: lines of the group nearest to either, none of
them cited by the claim. Promises: the choice depends on the log and the texts alone; at most one line of a user for each
distinct text; lines that speak to a model are never evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ..models.base import Embed
from .corpus import Binder, Corpus, Population, users_of

NEAREST = 10  # lines to the claim and as many to its denial: what a critic can read with care
PER_TEXT = 5  # lines of one text that may be looked up, each of another user

# A thing or a text that few users share could name one of them, so that only what several share is shown.
_TEXTS = """
WITH l AS (SELECT * FROM lines l WHERE {whose} AND l.action IS NOT NULL),
shared AS (SELECT object FROM lines WHERE object IS NOT NULL GROUP BY object HAVING count(DISTINCT u) >= {floor}),
told AS (SELECT text FROM lines WHERE text IS NOT NULL GROUP BY text HAVING count(DISTINCT u) >= {quoted}),
s AS (SELECT l.seq, l.u, l.action, x.object, t.text FROM l
      LEFT JOIN shared x ON x.object = l.object LEFT JOIN told t ON t.text = l.text),
first AS (SELECT action, object, text, u, min(seq) AS seq FROM s GROUP BY ALL),
k AS (SELECT *, row_number() OVER (PARTITION BY action, object, text ORDER BY seq) AS k FROM first)
SELECT action, object, text, list(seq ORDER BY seq) AS seqs FROM k WHERE k <= {most} GROUP BY ALL ORDER BY min(seq)
"""


@dataclass(frozen=True)
class Shown:
    """What may be shown of some lines: the same action, thing and text, and the numbers (`seq`) of a few such lines."""

    action: str
    object: str | None
    text: str | None
    seqs: tuple[int, ...]

    @property
    def words(self) -> str:
        return " ".join(x.replace("_", " ") for x in (self.action, self.object, self.text) if x)


def showable(corpus: Corpus, population: Population, floor: int, quoted: int) -> list[Shown]:
    """Every distinct line of a population as it may be shown, with at most PER_TEXT of its lines, each of another user.

    A thing is left out unless `floor` users share it, a text unless `quoted` users do.
    """
    binder = Binder()
    sql = _TEXTS.format(
        whose=users_of(population, binder), floor=binder.bind(floor), quoted=binder.bind(quoted), most=PER_TEXT
    )
    rows = corpus.connection.execute(sql, binder.values).fetchall()
    return [Shown(action, obj, text, tuple(seqs)) for action, obj, text, seqs in rows]


def two_sided(
    lines: Sequence[Shown], claim: str, denial: str, embed: Embed, cited: Collection[int]
) -> tuple[list[tuple[Shown, int]], list[tuple[Shown, int]]]:
    """The NEAREST lines to the claim and to its denial, nearest first, none cited and none twice."""
    if not lines:
        return [], []
    vectors = embed([line.words for line in lines])
    wanted = embed([claim, denial])
    taken = set(cited)
    sides = []
    for vector in wanted:
        order = np.argsort(-(vectors @ vector), kind="stable")
        side: list[tuple[Shown, int]] = []
        for i in order.tolist():
            free = [s for s in lines[i].seqs if s not in taken]
            # Several lines of one text are several people who did it, but they are one kind of evidence.
            for seq in free[: max(1, NEAREST // 5)]:
                if len(side) < NEAREST:
                    side.append((lines[i], seq))
                    taken.add(seq)
            if len(side) == NEAREST:
                break
        sides.append(side)
    return sides[0], sides[1]
