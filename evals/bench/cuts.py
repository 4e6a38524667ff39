"""Groups cut by the very thing that is then told of them, in a world where everybody does alike.

In: a null world. Out: of comparisons that are surely so over the whole log, because their group is the users who happened to do
most of it, how many the program calls true. Promises: each half of a user's visits is cut as the whole is, by itself; the other
half knows nothing of that cut.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from persona_agent.evidence import Corpus, Population, judge_measured
from persona_agent.evidence.evaluation import answers
from persona_agent.evidence.loading import open_corpus
from persona_agent.log.placed_halves import PlacedHalves
from persona_agent.options import Options
from persona_agent.schema import Condition, Measure, Says

from ..worlds import Spec, generate
from .found import found

COMMONEST = "SELECT action FROM lines WHERE action IS NOT NULL GROUP BY 1 ORDER BY count(DISTINCT u) DESC, 1 LIMIT 12"
MOST = 1 / 3  # of users, who are the group


def compared(spec: Spec) -> tuple[int, int]:
    """(told as true, all): a comparison for each of the commonest acts, of the users who do it in most of their visits."""
    with tempfile.TemporaryDirectory(prefix="cuts-") as folder:
        log = generate(spec).write(Path(folder) / "log.jsonl")
        store, groups = found(log, Path(folder) / "out")
        n = len(groups.users)
        unplaced = PlacedHalves(groups.users, np.zeros((n, 2), dtype=np.int64), np.zeros((n, 2)))
        with store.connect() as connection:
            options = Options(inputs=(str(log),), out=store.out)
            corpus = open_corpus(connection, store, options, store, [groups.users], [], halves=unplaced)
            measures = [_more(act) for (act,) in connection.execute(COMMONEST).fetchall()]
            cut = _cut_by(corpus, measures)
            judged = [judge_measured(cut, m, Population(g)).truthfulness.label for g, m in enumerate(measures)]
    return judged.count("true"), len(judged)


def _cut_by(corpus: Corpus, measures: Sequence[Measure]) -> Corpus:
    """The corpus with a group for each measure, of those who have most of it: over the whole log, and by the other half."""
    halved = corpus.cross(Population(0))
    assert halved is not None and corpus.halves is not None
    whole = {g: _most(answers(corpus, m).samples()) for g, m in enumerate(measures)}
    halves = {g: _most(answers(halved, m).samples()) for g, m in enumerate(measures)}
    other = {g: mask.reshape(-1, 2)[:, ::-1].ravel() for g, mask in halves.items()}
    people, placed = replace(corpus.people, groups=whole), replace(corpus.halves, groups=other)
    return replace(corpus, people=people, halves=placed, memo={})


def _more(act: str) -> Measure:
    """They do it in more of their visits than comparable others do."""
    step = [Condition(field="action", op="is", value=[act])]
    says = Says(comparator="more_than_others")
    return Measure(unit="sessions", steps=[step], statistic="share", versus="matched", says=says)


def _most(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(users,) the third with the highest shares; who has no visit is not among them."""
    return np.asarray(np.nan_to_num(shares, nan=-1.0) > np.nanquantile(shares, 1 - MOST))
