"""Judges that a critic must beat: always one answer, likeness to the lines, a model that reads lines and decides.

In: statements and the lines of the group that each is about. Out: what each judge says of each statement, written into its
row. Promises: a threshold is chosen on the dev part alone; a judge that sees lines sees the nearest ones, the same for the
plain and for the one with examples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from persona_agent.evidence import Corpus, Population, Shown, showable
from persona_agent.models.embeddings import load_embedding
from persona_agent.models.recording import META

from ..asking import ask_all, question
from ..suite import Fixtures

Row = dict[str, Any]
FLOOR, QUOTED = 5, 3
SEEN = 6  # lines that a judge sees for each statement
BATCH = 20
SHOTS = ("one_shot", "few_shot")
LIKENESS = ("lexical", "embedding")
WORD = re.compile(r"[a-z]{3,}")
COMMON = frozenset(
    [
        "the",
        "and",
        "for",
        "that",
        "they",
        "them",
        "their",
        "these",
        "this",
        "with",
        "from",
        "have",
        "has",
        "than",
        "more",
        "less",
        "least",
        "most",
        "not",
        "are",
        "was",
        "were",
        "who",
        "out",
        "use",
        "used",
        "uses",
        "users",
        "user",
        "group",
        "people",
        "once",
        "other",
        "others",
        "all",
        "any",
        "half",
        "third",
        "quarter",
        "share",
        "about",
        "over",
        "under",
    ]
)


class JudgedStatement(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    verdict: Literal["supported", "not_supported"]


class Judged(BaseModel):
    """A verdict for every statement."""

    model_config = ConfigDict(extra="forbid")
    items: list[JudgedStatement]


def lines_of(corpus: Corpus, population: Population) -> list[Shown]:
    """What the group did, as it may be shown."""
    return showable(corpus, population, FLOOR, QUOTED)


def add_similarities(rows: Sequence[Row], cases: Mapping[str, Any], lines: Sequence[Sequence[Shown]]) -> None:
    """Lexical overlap and embedding likeness of each statement with the nearest line of its group."""
    embed = load_embedding("wordllama").embed
    places = {p["name"]: i for i, p in enumerate(cases["personas"])}
    texts = [[s.words for s in own] for own in lines]
    vectors = [embed(t) if t else np.zeros((0, 1)) for t in texts]
    words = [[_words(t) for t in own] for own in texts]
    for row in rows:
        g = places[row["persona"]]
        near = vectors[g] @ embed([row["text"]])[0] if len(texts[g]) else np.zeros(0)
        row["likeness"] = {
            "embedding": float(near.max()) if len(near) else 0.0,
            "lexical": max((_overlap(_words(row["text"]), w) for w in words[g]), default=0.0),
        }
        order = np.argsort(-near, kind="stable")[:SEEN]
        row["lines"] = [texts[g][i] for i in order.tolist()]


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.lower())) - COMMON


def _overlap(statement: frozenset[str], line: frozenset[str]) -> float:
    return len(statement & line) / len(line) if line else 0.0


def add_asked(fixtures: Fixtures, recording: str, log: str, rows: Sequence[Row]) -> None:
    """What a model says that is shown a statement with lines, of the test part alone: with and without examples.

    Where these judges were not recorded, they are errored and the critic's own figures stand.
    """
    if fixtures.live is None and not (fixtures.recording(f"{recording}/{log}") / META).is_file():
        return
    test = [r for r in rows if r["part"] == "test"]
    batches = [test[i : i + BATCH] for i in range(0, len(test), BATCH)]
    requests = [
        question(shot, f"{log}.{i}", _shown(batch), Judged)
        for shot in SHOTS
        for i, batch in enumerate(batches, start=1)
    ]
    answers = ask_all(fixtures, f"{recording}/{log}", requests) if requests else []
    for k, answer in enumerate(answers):
        shot, batch = SHOTS[k // len(batches)], batches[k % len(batches)]
        given = {i.id: i.verdict == "supported" for i in answer.items} if isinstance(answer, Judged) else {}
        for i, row in enumerate(batch, start=1):
            row["said"][shot] = given.get(f"s{i}")
    for row in rows:
        row.pop("lines", None)


def _shown(batch: Sequence[Row]) -> dict[str, Any]:
    return {
        "statements": [{"id": f"s{i}", "text": r["text"], "lines": r["lines"]} for i, r in enumerate(batch, start=1)]
    }


def thresholds(rows: Sequence[Row]) -> dict[str, float]:
    """For each likeness the cut that is best on the dev part."""
    dev = [r for r in rows if r["part"] == "dev"]
    found = {}
    for name in LIKENESS:
        cuts = sorted({r["likeness"][name] for r in dev})
        found[name] = max(cuts, key=lambda c: (_balanced(dev, name, c), -c), default=0.0)
    return found


def decide(rows: Sequence[Row], cuts: Mapping[str, float]) -> None:
    """Turns likeness into a verdict: at the cut or above it, a statement is held to be true."""
    for row in rows:
        for name, cut in cuts.items():
            row["said"][name] = row["likeness"][name] >= cut


def _balanced(rows: Sequence[Row], name: str, cut: float) -> float:
    clean = [r["likeness"][name] >= cut for r in rows if r["clean"]]
    wrong = [r["likeness"][name] < cut for r in rows if not r["clean"]]
    return float((np.mean(clean) if clean else 0) + (np.mean(wrong) if wrong else 0)) / 2
