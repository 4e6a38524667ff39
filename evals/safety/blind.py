"""How much of two corpora is found that were written by somebody who had seen neither the rules nor the list of words.

`blind/identifiers.jsonl` holds texts of logs with one identifier each, and look-alikes; `blind/topics.jsonl` texts that name
a sensitive topic, and ordinary ones, of which the hard ones share words with a topic. Written by hand and by a seeded generator,
from general knowledge alone; numbers pass the checks that real ones pass, no person and no secret is real.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from persona_agent.log.sensitive import topics
from persona_agent.redaction.identifiers import mask, normalise

FOLDER = Path(__file__).with_name("blind")
ENOUGH, MOST_FALSE = 0.9, 0.02  # of identifiers with a form, and of each kind of look-alike
FORMLESS = ("person name", "postal address")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def is_masked(row: Mapping[str, Any]) -> bool:
    """Whether the identifier is gone; of a look-alike, whether anything was masked but the value of a parameter."""
    text, found = mask(normalise(row["text"]))
    if row["value"] is None:
        return bool({*found} - {"value"})
    return row["value"].lower() not in text.lower() and normalise(row["value"]).lower() not in text.lower()


def shares(found: Iterable[tuple[tuple[str, ...], bool]]) -> dict[tuple[str, ...], tuple[int, int]]:
    """Of each kind, how many were found and how many there are."""
    counted: defaultdict[tuple[str, ...], list[bool]] = defaultdict(list)
    for kind, is_found in found:
        counted[kind].append(is_found)
    return {kind: (sum(hits), len(hits)) for kind, hits in sorted(counted.items())}


def table() -> tuple[list[str], bool]:
    """Lines of Markdown tables, and whether identifiers with a form are found and look-alikes let alone."""
    texts, named = rows("identifiers"), rows("topics")
    real, alike = [r for r in texts if r["value"] is not None], [r for r in texts if r["value"] is None]
    of_type = shares(((r["type"],), is_masked(r)) for r in real)
    of_kind = shares(((r.get("subtype") or "",), is_masked(r)) for r in alike)
    lines = [*_listed("identifiers found", of_type), "", *_listed("look-alikes masked", of_kind), ""]
    lines += _crossed("identifiers found, by language", real, "type", is_masked)
    on_topic, ordinary = [r for r in named if r["topic"]], [r for r in named if not r["topic"]]
    lines += ["", *_crossed("topics found, by language", on_topic, "topic", is_sensitive), ""]
    kinds = ("ordinary", "ordinary, with a word of a topic")
    lines += _crossed(
        "taken for a topic", [{**r, "kind": kinds[bool(r["hard"])]} for r in ordinary], "kind", is_sensitive
    )
    good = all(n >= ENOUGH * of for (kind,), (n, of) in of_type.items() if kind not in FORMLESS)
    return lines, good and all(n <= MOST_FALSE * of for n, of in of_kind.values())


def is_sensitive(row: Mapping[str, Any]) -> bool:
    return topics().of(row["text"]) is not None


def _listed(title: str, found: Mapping[tuple[str, ...], tuple[int, int]]) -> list[str]:
    return [
        f"| {title} | |",
        "|---|---|",
        *(f"| {kind[0]} | {n} of {of} ({n / of:.3f}) |" for kind, (n, of) in found.items()),
    ]


def _crossed(
    title: str, texts: Sequence[Mapping[str, Any]], by: str, test: Callable[[Mapping[str, Any]], bool]
) -> list[str]:
    """A table of shares by kind and language, of the languages with ten texts and more."""
    of_language = shares(((r["language"],), True) for r in texts)
    languages = [name for (name,), (_, n) in of_language.items() if n >= 10]
    both = shares(((r[by], r["language"]), test(r)) for r in texts)
    all_of = shares(((r[by],), test(r)) for r in texts)
    lines = [f"| {title} | all | {' | '.join(languages)} |", "|---|---|" + "---|" * len(languages)]
    for (kind,), (n, of) in all_of.items():
        cells = [
            f"{both[kind, name][0]} of {both[kind, name][1]}" if (kind, name) in both else "–" for name in languages
        ]
        lines.append(f"| {kind} | {n / of:.3f} | {' | '.join(cells)} |")
    return lines
