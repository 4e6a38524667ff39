"""A writer that puts a statement into every text that it may write, and a critic that tells the truth of each: what is published.

In: statements, each with what is wrong with it; a finished run. Out: for every statement and every field in which it was written,
whether a file or a page would have it. Promises: the loop, the checks and the cards are the real ones; the critic reads closely
(`bench.close_reader`) and knows each statement's own fault, so what is published is the program's failure and not the reader's.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from persona_agent.errors import ProviderError
from persona_agent.groups.saving import load_groups
from persona_agent.loops import run_coroutine
from persona_agent.models.ask import Asker
from persona_agent.models.base import Answer, Request
from persona_agent.models.ledger import Ledger
from persona_agent.models.opening import Models
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Draft, Measure
from persona_agent.store import Store
from persona_agent.write import loop
from persona_agent.write.briefs import Brief, Briefed, briefed_groups
from persona_agent.write.edited_habits import LONGEST_SENTENCE
from persona_agent.write.edition_checks import LONGEST_NAME, LONGEST_REASON, MOST_WORDS
from persona_agent.write.writing import assemble

from ..bench import close_reader
from ..bench.written import written_from

Fault = Literal["who", "why", "more", "none"]
BLOCK = re.compile(r"<data \w+>\n(.*?)\n</data \w+>", re.DOTALL)
SLOTS = ("value", "matched", "raw", "n")
LINES = ("e1", "e2", "e3")
STRIDE = 7  # statements between the beginnings of two runs, so that each comes into many fields
OWN_CLAIMS = 3  # of each kind: on lines, on a measure of something else, and a dossier's in own words
KEPT_CLAIMS = 14  # of a dossier, with these: a draft of more is no usable answer


@dataclass(frozen=True)
class Statement:
    """A sentence and what a careful reader has against it, none if it may stand."""

    text: str
    fault: Fault

    @property
    def key(self) -> str:
        return plain(self.text)


@dataclass
class WorstWriter:
    """Writes the next statement into every text. `written` counts in which field each was written."""

    statements: Sequence[Statement]
    drafts: Mapping[str, Draft]
    start: int = 0
    name: str = "worst/writer"
    host: str = "127.0.0.1:1"
    written: dict[tuple[str, str], int] = field(default_factory=dict)

    async def answer(self, request: Request) -> Answer:
        ways = {"investigate": self._ask, "draft": self._draft, "revise": self._revise, "edit": self._edit}
        if request.stage not in ways:
            raise ProviderError(f"{self.name} writes cards alone")
        made = ways[request.stage](request)
        return Answer(json.dumps(made), self.host, 100, 10, 0.0)

    async def aclose(self) -> None:
        pass

    def _next(self, place: str, words: int = 99) -> str:
        """The next statement that a form with so many words takes."""
        while len((statement := self.statements[self.start % len(self.statements)]).text.split()) > words:
            self.start += 1
        self.start += 1
        self.written[statement.text, place] = self.written.get((statement.text, place), 0) + 1
        return statement.text

    def _ask(self, request: Request) -> dict[str, Any]:  # noqa: ARG002
        asked = [{"id": f"q{i}", "why": self._next("why it asks"), "measure": c["measure"]}
                 for i, c in enumerate(self._unrelated("why it asks"), start=1)]  # fmt: skip
        return {"questions": asked, "done": True}

    def _draft(self, request: Request) -> dict[str, Any]:
        by_code = self.drafts[request.subject]
        kept = [c.model_dump() for c in by_code.claims[OWN_CLAIMS:KEPT_CLAIMS]]
        reworded = [{**c.model_dump(), "text": self._next("claim reworded")} for c in by_code.claims[:OWN_CLAIMS]]
        rest = [c["id"] for c in kept[:2]]
        own = {"kind": "behaviour", "measure": None, "lines": list(LINES)}
        blind = [{"id": f"n{i}", "text": self._next("claim on lines"), **own} for i in range(1, OWN_CLAIMS + 1)]
        return {
            "label": self._said("label", rest),
            "one_liner": self._said("one_liner", rest),
            "narrative": [self._said("narrative", rest) for _ in range(4)],
            "claims": [*kept, *reworded, *blind, *self._unrelated()],
            "bars": rest,
            "unfit": self._said("unfit", rest[:1]),
            "hypotheses": [self._guess(rest) for _ in range(2)],
            "suggestions": [self._suggestion(rest)],
            "not_known": [{"text": self._next("not known"), "claim_ids": rest} for _ in range(2)],
        }

    def _unrelated(self, place: str = "claim on a measure") -> list[dict[str, Any]]:
        measures = [Measure(unit="users", statistic="share", says={"comparator": "about", "value": 0}, steps=[[c]])
                    for c in ({"field": "hour", "op": "is", "value": [h]} for h in (10.0, 14.0, 19.0))]  # fmt: skip
        return [
            {"id": f"n{i}", "text": self._next(place), "kind": None, "lines": [],
             "measure": written_from(m).model_dump()}
            for i, m in enumerate(measures, start=OWN_CLAIMS + 1)
        ]  # fmt: skip

    def _revise(self, request: Request) -> dict[str, Any]:
        """Other statements in the same places."""
        rest = [c.id for c in self.drafts[request.subject].claims[OWN_CLAIMS : OWN_CLAIMS + 2]]
        places = [
            "label",
            "one_liner",
            "s1",
            "s2",
            "s3",
            "s4",
            "unfit",
            "h1.text",
            "h1.rival",
            "h1.test",
            "gap1",
            "gap2",
        ]
        texts = [{"place": p, "template": self._next(f"revised {p}"), "claim_ids": rest} for p in places]
        return {
            "claims": [],
            "dropped": [],
            "texts": texts,
            "bars": None,
            "suggestions": [self._suggestion(rest)],
        }

    def _edit(self, request: Request) -> dict[str, Any]:
        cards = json.loads(BLOCK.findall(request.messages[1][1])[0])["cards"]
        claims = {c["id"]: list(c["claims"])[:2] for c in cards}
        every = [c for ids in claims.values() for c in ids]
        return {
            "cards": [
                {
                    "persona": p,
                    "label": self._said("edited name", ids, LONGEST_NAME),
                    "suggestion": "first",
                    "attempt": self._said("edited phrase", ids, MOST_WORDS),
                    "bars": [],
                }
                for p, ids in claims.items()
            ],
            "habits": self._habits(request),
            "tenth": "first",
            "page": [self._said("first page", every) for _ in range(3)],
            "first": {"persona": cards[0]["id"], "reason": self._said("first to try", every, LONGEST_REASON)},
            "unsupported": [{"text": self._next("unsupported"), "claim_ids": every[:1]} for _ in range(4)],
        }

    def _habits(self, request: Request) -> list[dict[str, str]]:
        told = json.loads(BLOCK.findall(request.messages[1][1])[0]).get("habits", [])
        return [
            {
                "habit": h["id"],
                "label": self._next("name of a habit", LONGEST_NAME),
                "sentence": self._next("sentence of a habit", LONGEST_SENTENCE),
                "attempt": self._next("phrase of a habit", MOST_WORDS),
            }
            for h in told
        ]

    def _said(self, place: str, rest: list[str], words: int = 99) -> dict[str, Any]:
        return {"template": self._next(place, words), "claim_ids": rest}

    def _guess(self, rest: list[str]) -> dict[str, Any]:
        test = {"rival": self._next("rival"), "how_to_test": self._next("test")}
        return {"text": self._next("guess"), "rests_on": rest, "test": test}

    def _suggestion(self, rest: list[str]) -> dict[str, Any]:
        texts = {part: self._next(f"suggestion {part}") for part in ("text", "whom", "stop")}
        return {**texts, "measure": rest[0], "claim_ids": rest}


class HonestCritic:
    """Knows the fault of each statement, the measure of each text that code rendered, and reads everything else closely."""

    name, host = "honest/critic", "127.0.0.1:2"

    def __init__(self, statements: Sequence[Statement], known: Mapping[str, Measure]) -> None:
        self._faults = {s.key: s.fault for s in statements}
        self._known = known

    async def answer(self, request: Request) -> Answer:
        [asked] = [json.loads(b) for b in BLOCK.findall(request.messages[1][1])]
        made = self._restate(asked) if request.stage == "restate" else self._judge(asked)
        return Answer(json.dumps(made), self.host, 100, 10, 0.0)

    async def aclose(self) -> None:
        pass

    def _restate(self, asked: dict[str, Any]) -> dict[str, Any]:
        measures = {t["id"]: self._known.get(t["text"]) for t in asked["texts"]}
        items = [
            {"id": i, "measure": written_from(m).model_dump() if m else None, "denial": "they do something else"}
            for i, m in measures.items()
        ]
        return {"items": items}

    def _judge(self, asked: dict[str, Any]) -> dict[str, Any]:
        lines = [(c["id"], line["id"]) for c in asked["claims"] for line in c["lines"]]
        facts = {f["id"]: f["text"] for f in asked["facts"]}
        return {
            "lines": [{"claim": c, "line": line, "verdict": "neither"} for c, line in lines],
            "texts": [self._verdict(t, facts) for t in asked["texts"]],
        }

    def _verdict(self, row: dict[str, Any], facts: dict[str, str]) -> dict[str, Any]:
        fault = self._faults.get(plain(row["text"]))
        if fault is None:
            return close_reader.verdict(row, facts)
        said = {f"says_{kind}": row["text"] if kind == fault else "" for kind in ("who", "why", "more")}
        return {"id": row["id"], "follows_from": row["facts"][:1] if fault == "none" else [], **said}


@dataclass(frozen=True)
class Row:
    """`written` texts with this fault in so many fields, and statements that were `published`."""

    fault: Fault
    written: int
    fields: int
    published: list[str]


def run_worst_case(
    out: Path, options: Options, statements: Sequence[Statement], times: int, *, critic: bool = True
) -> list[Row]:
    """The cards of a finished run's groups, written `times` by the worst writer, each time from another statement on."""
    store = Store.open(out)
    judged = options.but(model=WorstWriter.name, critic_model=HonestCritic.name if critic else "offline")
    found: set[str] = set()
    written: dict[tuple[str, str], int] = {}
    with briefed_groups(store, judged, load_groups(store), Silent()) as briefed:
        known = known_texts(briefed.all)
        for start in range(times):
            drafts = {b.context.id: b.by_code for b in briefed.all}
            writer = WorstWriter(statements, drafts, start * STRIDE, written=written)
            models = Models(writer, HonestCritic(statements, known) if critic else None, Asker(Ledger(None)))
            cards = _written(models, judged, briefed)
            whole = plain(json.dumps(cards, ensure_ascii=False))
            told = plain(json.dumps([_without_guesses(card) for card in cards], ensure_ascii=False))
            found |= {s.text for s in statements if s.key in (told if s.fault == "why" else whole)}
    faults = {s.text: s.fault for s in statements}
    return [
        Row(
            fault,
            sum(n for (text, _), n in written.items() if faults[text] == fault),
            len({place for text, place in written if faults[text] == fault}),
            sorted(text for text in found if faults[text] == fault),
        )
        for fault in sorted(set(faults.values()))
    ]


def _written(models: Models, options: Options, briefed: Briefed) -> list[Any]:
    """All that a run would publish of its cards and its page."""
    told, outcomes, edited = run_coroutine(loop._write_all(models, options, briefed))
    made = assemble(told, outcomes, edited, models.asker)
    cards = [p.model_dump(mode="json") for p in [*made.personas, *([made.everyone] if made.everyone else [])]]
    return [*cards, edited.page.model_dump(mode="json") if edited.page else None, made.failures]


def _without_guesses(card: Any) -> Any:
    """A card without what may say why."""
    return {k: v for k, v in card.items() if k != "hypotheses"} if isinstance(card, dict) else card


def known_texts(briefs: Sequence[Brief]) -> dict[str, Measure]:
    """The measure of every text that code rendered for these groups, by the text as a critic is asked it."""
    return {blank(c.template): c.measure for b in briefs for c in b.dossier.candidates}


def blank(template: str) -> str:
    for slot in SLOTS:
        template = template.replace(f"{{{slot}}}", "▢")
    return template


def plain(text: str) -> str:
    """Without case, spacing and last point, so that a text is known again in another."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip(" .").casefold()
