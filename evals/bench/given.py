"""An analyst's figures of segments, and what a run of the same segments says: `python -m evals.bench.given OUT FACTS`.

In: the folder of a run with `--groups`, and a file of facts (`evals/cases/analyst`), each of a group, with the analyst's figure
and that of others, and the measure that asks the same. Out: a row a fact in Markdown: theirs, ours, where ours stands (a card's
bars, its claims, its head), or why it does not; a last line counts them. Promises: nothing is fitted or written; where no card
tells a fact, the figure is counted anew from the events of the run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from persona_agent.commands.comparing import RunSide, finished_side
from persona_agent.errors import PersonaAgentError
from persona_agent.evidence import Corpus, Population, judge_measured
from persona_agent.evidence.loading import open_corpus
from persona_agent.schema import Measure, Persona, Truthfulness
from persona_agent.store import Store
from persona_agent.words.wording import percent

ROUNDED = (
    0.1  # of a figure, within which two count as the same: orders there are days, here visits, and themes are others
)
LEFT = "in the log, not told"
POINTS = 0.03  # the same of shares


@dataclass(frozen=True)
class Row:
    """A fact: the analyst's figures, ours, and where ours stands."""

    group: str
    says: str
    theirs: tuple[float | None, float | None]
    ours: tuple[float | None, float | None]
    where: str
    why: str = ""
    share: bool = True

    @property
    def agrees(self) -> bool:
        theirs, ours = self.theirs[0], self.ours[0]
        if theirs is None or ours is None:
            return False
        return abs(ours - theirs) <= max(ROUNDED * abs(theirs), POINTS if abs(theirs) <= 1 else 0)


def rows_of(side: RunSide, facts: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """A row for each fact, in the order of the file."""
    with side.store.connect() as connection:
        corpus = open_corpus(connection, side.store, side.options, side.store, side.groups, [], halves=side.halves)
        for fact in facts:
            yield _row(corpus, side, fact)


def _row(corpus: Corpus, side: RunSide, fact: Mapping[str, Any]) -> Row:
    theirs = (fact.get("theirs"), fact.get("others"))
    persona = next((p for p in side.personas.personas if p.label.startswith(fact["group"])), None)
    share = fact.get("measure", {}).get("statistic", "share") == "share"

    def row(value: float | None, others: float | None, where: str, why: str = "") -> Row:
        return Row(fact["group"], fact["says"], theirs, (value, others), where, why, share)

    if persona is None:
        return row(None, None, "no card", "the run has no such group")
    if "size" in fact:
        value = persona.top_five if fact["size"] == "top_five" else getattr(persona.size, fact["size"])
        return row(value, None, "head of the card" if value is not None else "not told")
    if "measure" not in fact:
        return row(None, None, "cannot be asked", fact["why"])
    found = _told(persona, [fact["measure"], *fact.get("like", [])])
    if found is not None and persona.status != "withheld":
        where, truth = found
        return row(truth.value, truth.matched, where)
    truth = _counted(corpus, side.ids[persona.id], fact)
    return row(truth.value, truth.matched, LEFT, "" if truth.label == "true" else truth.reason)


def _told(persona: Persona, measures: Sequence[Mapping[str, Any]]) -> tuple[str, Truthfulness] | None:
    """The claim of a card that asks one of these measures, the first of them first; and where it stands."""
    bars = {b.claim for b in persona.card.bars} if persona.card else set()
    for n, wanted in enumerate(measures):
        for claim in persona.claims:
            if claim.measure is not None and _question(claim.measure.model_dump()) == _question(
                _whole(wanted).model_dump()
            ):
                return (
                    f"{'bar' if claim.id in bars else 'claim'} `{claim.id}`{' (near to it)' if n else ''}",
                    claim.truthfulness,
                )
    return None


def _counted(corpus: Corpus, group: int, fact: Mapping[str, Any]) -> Truthfulness:
    """The figure over the log, against comparable others."""
    theirs, others = fact["theirs"], fact.get("others")
    less = others is not None and theirs < others
    says = {"comparator": "less_than_others" if less else "more_than_others"}
    measure = _whole({**fact["measure"], "versus": "matched", "says": says})
    return judge_measured(corpus, measure, Population(group)).truthfulness


def _whole(measure: Mapping[str, Any]) -> Measure:
    says = {"comparator": "more_than_others"}
    return Measure.model_validate({"statistic": "share", "versus": "matched", "says": says, **measure})


def _question(measure: Mapping[str, Any]) -> str:
    """What is asked, whatever is said of it and whomever it is held against; which act a line is of is left out."""
    kept = {k: v for k, v in measure.items() if k not in ("says", "versus")}
    return json.dumps(kept, sort_keys=True)


def _figure(value: float | None, share: bool) -> str:
    if value is None:
        return "–"
    return percent(value) if share else f"{value:,.3g}"


def _pair(pair: tuple[float | None, float | None], share: bool) -> str:
    return _figure(pair[0], share) + (f" v {_figure(pair[1], share)}" if pair[1] is not None else "")


def printed(rows: Sequence[Row]) -> Iterator[str]:
    yield "| segment | what | theirs | ours | where |"
    yield "|---|---|---|---|---|"
    for r in rows:
        why = f": {r.why}" if r.why else ""
        yield f"| {r.group} | {r.says} | {_pair(r.theirs, r.share)} | {_pair(r.ours, r.share)} | {r.where}{why} |"
    told = [r for r in rows if r.where.startswith(("bar", "claim", "head"))]
    left = [r for r in rows if r.where == LEFT]
    count = Counter(r.where for r in rows)
    yield ""
    yield (
        f"{len(told)} of {len(rows)} are told by our cards, {sum(r.agrees for r in told)} of these within a tenth; "
        f"{len(left)} are in the log and not told ({sum(r.agrees for r in left)} of these within a tenth), "
        f"{count['cannot be asked']} no measure asks."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. 0 if it was made, else the status of the error."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench.given", description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("facts", type=Path, metavar="FACTS")
    asked = parser.parse_args(arguments)
    try:
        facts = yaml.safe_load(asked.facts.read_text(encoding="utf-8"))["facts"]
        print("\n".join(printed(list(rows_of(finished_side(Store.open(asked.out)), facts)))))
    except PersonaAgentError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
