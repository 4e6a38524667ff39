"""What is to be planted in arm B, decided by code before anybody writes a word: `python -m evals.planting RUN LOG OUT`.

In: a finished offline run and its log. Out: one JSON file a log: personas with their members (raw ids) and, for each,
briefs: what a statement must say, its error type or control, and the measure that says the same, run over the log. A
language model that judges nothing words them (`say` is all it is shown). Promises: a brief is kept only if the log gives
the verdict that its type needs, so a planted error is an error and a clean control is true; which claims are taken is a
matter of hashes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from persona_agent.commands.checking import read_again
from persona_agent.evidence.loading import open_corpus
from persona_agent.ids import user_hash
from persona_agent.log.reading import find_log
from persona_agent.progress import Silent
from persona_agent.runs import halves_of, memberships_of, options_of
from persona_agent.schema import Dossier
from persona_agent.store import Store

from .bench import shuffled
from .critics.briefs import Brief, BriefContext
from .critics.numbers_and_times import (
    invented_who,
    leap,
    over_general,
    wrong_count,
    wrong_direction,
    wrong_order,
    wrong_time,
)
from .critics.things_and_others import (
    artefacts,
    clean,
    contradicting,
    denominator,
    leaked,
    near_miss,
    of_everybody,
    ordered,
    stale,
)

EACH = 2  # briefs a persona and type
MORE = {"2": 4, "18": 10}  # what few personas offer is taken where it is
CLEAN = {"easy": 2, "paraphrased": 2, "rounded": 2, "surprising": 4}

ERRORS: dict[str, Sequence[Callable[[BriefContext], Iterator[Brief]]]] = {
    "1": [wrong_count], "2": [wrong_direction], "3": [over_general], "7": [invented_who], "8": [leap],
    "9": [wrong_time, wrong_order], "10": [stale], "11": [leaked], "13": [contradicting], "14": [ordered],
    "15": [denominator], "16": [near_miss], "17": [of_everybody], "18": [artefacts],
}  # fmt: skip


def briefs(at: BriefContext) -> list[Brief]:
    """All briefs of a persona that hold what their type needs, no true claim used for two of one type."""
    found: list[Brief] = []
    for kind, makers in ERRORS.items():
        kept: list[Brief] = []
        for make in makers:
            kept += _kept(at, make(at), MORE.get(kind, EACH) // len(makers), kept)
        found += kept
    for how, many in CLEAN.items():
        found += _kept(at, clean(at, how), many, found if how != "surprising" else [])
    return found


def _kept(at: BriefContext, made: Iterator[Brief], most: int, before: Sequence[Brief]) -> list[Brief]:
    kept: list[Brief] = []
    taken = {b.base for b in before if b.kind in CLEAN or not before}
    for brief in made:
        if len(kept) == most:
            break
        if brief.base in taken:
            continue
        if brief.measure is None or at.label(brief.measure) in brief.expected:
            kept.append(brief)
            taken.add(brief.base)
    return kept


def plant(out: Path, log: Path) -> dict[str, Any]:
    """The briefs of a finished run, as one JSON value."""
    store = Store.open(out)
    options = options_of(store.read_json("run.json"), (str(log),))
    groups, ids, held_out = memberships_of(store)
    dossiers = [Dossier.model_validate(d) for d in store.read_json("dossiers.json")]
    personas = {p["id"]: p for p in store.read_json("personas.json")["personas"]}
    raw = {user_hash(store.key(), u): u for u in _raw_users(log)}
    made = []
    with read_again(store, find_log(options), options, Silent()) as (connection, now, _):
        corpus = open_corpus(connection, now, options, store, groups, held_out, halves=halves_of(store))
        for name, group in sorted(ids.items()):
            dossier = next(d for d in dossiers if d.group == group)
            others = [d for d in dossiers if d.group != group]
            at = BriefContext(corpus, group, dossier, others, f"{log.name} {name}")
            rows = [
                {
                    "id": f"{name}.{i}",
                    "kind": b.kind,
                    "say": b.say,
                    "gold": b.measure.model_dump(mode="json", exclude_defaults=True) if b.measure else None,
                    "label": at.label(b.measure) if b.measure else "not_checkable",
                }
                for i, b in enumerate(sorted(briefs(at), key=lambda b: at.order(b.say)), start=1)
            ]
            users = sorted(raw[u] for u in groups[group] if u in raw)
            made.append({"id": name, "label": personas[name]["label"], "users": users, "briefs": rows})
    return {"log": log.name, "value": options.value, "personas": made}


def _raw_users(log: Path) -> set[str]:
    if log.name.endswith(".csv.gz"):
        return {r["user_id"] for r in shuffled.load(log)}
    text = gzip.decompress(log.read_bytes()).decode()
    return set(re.findall(r'"(?:user|user_id)": ?"([^"]+)"', text))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.planting", description=__doc__.split("\n\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("log", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.write_text(json.dumps(plant(given.run, given.log), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
