"""Lines for and against a claim that no measure decides, and how much of what people come for claims speak of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.coverage import memory_coverage
from persona_agent.evidence import Population, showable, two_sided
from persona_agent.evidence.corpus import Corpus
from persona_agent.schema import Condition, Measure, Says
from tests.evidence.logs import event, load

WORDS = ["buy", "view", "quit", "mug", "plate", "secret"]


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Counts of a few words, as unit vectors."""
    found = np.array([[t.split().count(w) + 1e-3 for w in WORDS] for t in texts], dtype=np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def corpus() -> Corpus:
    """Eight users who buy mugs, six who quit plates, one with a thing of his own; half of the lines are in memories."""
    log = [event(f"u{i}", i, i, "buy", memory=f"m{i}") for i in range(8)]
    log += [event(f"u{i}", 20 + i, 20 + i, "quit", object="plate") for i in range(6)]
    log += [event("u9", 40, 40, "view", object="secret diary", text="my own words", memory="m9")]
    log += [event(f"u{i}", 50 + i, 50 + i, "view", object="", text="best mug") for i in range(3)]
    return load(log, {1: [f"u{i}" for i in range(10)]})


def test_what_few_share_is_not_shown(corpus: Corpus) -> None:
    """Only actions, objects and texts that enough users share are shown, with five lines each at most."""
    shown = showable(corpus, Population(1), floor=5, quoted=3)
    assert {(s.action, s.object, s.text) for s in shown} == {
        ("buy", "mug", None), ("quit", "plate", None), ("view", None, None), ("view", None, "best mug"),
    }  # fmt: skip
    assert all(len(s.seqs) <= 5 for s in shown)


def test_lines_come_from_both_sides_and_are_not_those_cited(corpus: Corpus) -> None:
    """Lines near the claim and near its denial come, each once and none that is cited."""
    shown = showable(corpus, Population(1), floor=5, quoted=3)
    cited = shown[0].seqs[:1]
    near, far = two_sided(shown, "buy mug", "quit plate", embed, cited)
    assert near[0][0].action == "buy"
    assert far[0][0].action == "quit"
    seqs = [seq for _, seq in (*near, *far)]
    assert len(set(seqs)) == len(seqs)
    assert not set(seqs) & set(cited)
    assert two_sided([], "a", "b", embed, []) == ([], [])


def test_memory_coverage(corpus: Corpus) -> None:
    """Coverage is the share of memories that some claim matches: none, eight of nine, all; undefined without memories."""

    def does(action: str) -> Measure:
        step = [Condition(field="action", op="is", value=[action])]
        return Measure(unit="users", steps=[step], statistic="share", says=Says(quantifier="most"))

    assert memory_coverage(corpus, [], Population(1)) == 0
    assert memory_coverage(corpus, [does("buy")], Population(1)) == pytest.approx(8 / 9)
    assert memory_coverage(corpus, [does("buy"), does("view"), does("quit")], Population(1)) == 1
    assert memory_coverage(load([event("u1", 1)], {1: ["u1"]}), [does("buy")], Population(1)) is None
