"""Models made by hand, for what a loop does with their answers: no quality figure rests on them.

A writer starts from what `offline` would write and changes what a test is about. A critic knows the measures of the
dossier's own candidates and reads sentences by whether their claims' words stand in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from evals.bench import close_reader
from evals.bench.written import written_from
from persona_agent.models.base import Answer, Request
from persona_agent.schema import (
    Dossier,
    Draft,
    DraftClaim,
    DraftSentence,
    Inquiries,
    Measure,
    Revision,
)
from persona_agent.write.critique import CritiqueContext, canaries
from persona_agent.write.critique.deciding import decide
from persona_agent.write.offline import write

Say = Callable[[Request], BaseModel | str | Exception]
NO_MORE = Inquiries(questions=[], done=True)
NOTHING = Revision(claims=[], dropped=[], texts=[], bars=None, suggestions=None)
NAMES = re.compile(r"“([^”]*)”")


class Scripted:
    """A provider whose answers are made by functions, by stage; what is not scripted is an error."""

    def __init__(self, name: str, say: Mapping[str, Say]) -> None:
        self.name, self.host = name, "127.0.0.1:1"
        self._say = say
        self.asked: list[Request] = []
        self.dossier: Dossier | None = None  # of the group whose card is asked for; a prompt shows only a part of it
        self.closed = 0

    async def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        said = self._say[request.stage](request)
        if isinstance(said, Exception):
            raise said
        text = said if isinstance(said, str) else said.model_dump_json()
        return Answer(text, self.host, 100, 10, 0.001)

    async def aclose(self) -> None:
        self.closed += 1


def writer(change: Callable[[Dossier, Draft], Draft] = lambda _, d: d, revise: Say = lambda _: NOTHING) -> Scripted:
    """Drafts what offline would with a sentence of its first claim, changed; revises as told."""

    def draft(_: Request) -> Draft:
        assert made.dossier
        drafted = write(made.dossier)
        return change(made.dossier, drafted.model_copy(update={"narrative": [told(made.dossier, drafted)]}))

    made = Scripted("scripted/writer", {"investigate": lambda _: NO_MORE, "draft": draft, "revise": revise})
    return made


def told(dossier: Dossier, draft: Draft) -> DraftSentence:
    """The first claim of a draft as a sentence: code writes none, and of a model a draft without one is not taken."""
    c = next(c for c in dossier.candidates if c.id == draft.claims[0].id)
    said = c.template.replace("{value}", f"{{{c.id}.value}}").replace("{matched}", f"{{{c.id}.matched}}")
    return DraftSentence(template=said, claim_ids=[c.id])


def data(request: Request) -> list[Any]:
    """The data blocks of a prompt."""
    text = "\n".join(t for role, t in request.messages if role == "user")
    return [json.loads(block) for block in re.findall(r"<data \w+>\n(.*?)\n</data \w+>", text, re.DOTALL)]


def blank(template: str) -> str:
    for slot in ("{value}", "{matched}", "{raw}", "{n}"):
        template = template.replace(slot, "▢")
    return template


class Reader:
    """A critic that reads closely: it knows what a text measures from `known` (blank text → measure), what is true of the groups
    whose dossiers it learnt, in the words in which a critic is tried, and which words say who somebody is.
    """

    def __init__(self) -> None:
        self.known: dict[str, Measure] = {}
        self.true: set[str] = set()

    def learn(self, context: CritiqueContext) -> None:
        dossier = context.dossier
        self.known |= {blank(c.template): c.measure for c in dossier.candidates}
        drafts = [DraftClaim(id=c.id, text=None, kind=None, measure=None, lines=[]) for c in dossier.candidates]
        claims = {d.id: decide(context, d, f"{context.id}.c{i}") for i, d in enumerate(drafts, start=1)}
        facts = [*canaries.known_facts(context, {}), *canaries.known_facts(context, claims)]
        told = [text for fact in facts for text in canaries._sentences(fact)]
        asked = [
            f"Whether they {f.said if f.whom == 'them' else f'have visits that {f.said}'} elsewhere as well."
            for f in facts
        ]
        self.true |= {text[:1].upper() + text[1:] for text in [*told, *asked]}

    def restate(self, request: Request) -> str:
        items = []
        for item in data(request)[0]["texts"]:
            measure = self.known.get(item["text"])
            written = written_from(measure).model_dump() if measure else None
            items.append({"id": item["id"], "measure": written, "denial": "they do something else"})
        return json.dumps({"items": items})

    def judge(
        self, request: Request, lines: str = "neither", more: Callable[[str, list[str]], bool] | None = None
    ) -> str:
        [asked] = data(request)
        facts = {f["id"]: f["text"] for f in asked["facts"]}
        return json.dumps(
            {
                "lines": [
                    {"claim": c["id"], "line": line["id"], "verdict": lines}
                    for c in asked["claims"]
                    for line in c["lines"]
                ],
                "texts": [self._verdict(t, [facts[f] for f in t["facts"]], more or says_more) for t in asked["texts"]],
            }
        )

    def _verdict(
        self, text: dict[str, Any], facts: list[str], more: Callable[[str, list[str]], bool]
    ) -> dict[str, Any]:
        said = text["text"]
        if said in self.true or said in facts:
            return {"id": text["id"], "follows_from": text["facts"], "says_more": "", "says_who": "", "says_why": ""}
        who = next((w for w in [*canaries.WHO, *canaries.HINTS, "Emily"] if w in said), "")
        why = next((w for w in canaries.WHY if w in said), "")
        beyond = "a word too much" if text["kind"] != "claim" and more(said, facts) else ""
        return {"id": text["id"], "follows_from": text["facts"], "says_more": beyond, "says_who": who, "says_why": why}

    def critic(self) -> Scripted:
        return Scripted("scripted/critic", {"restate": self.restate, "judge": self.judge})


def says_more(text: str, claims: list[str]) -> bool:
    """Crude, but never fooled by what code hides: a text that is none of its claims' own."""
    return text not in claims and "{" not in text


def striking(request: Request, *words: str) -> str:
    """The verdicts of a critic that finds what is hidden among the texts, lets all others stand but those that hold one of the
    words, and reads no lines.
    """
    [asked] = data(request)
    texts = close_reader.verdicts(asked, lambda *_: False)
    for row, verdict in zip(asked["texts"], texts, strict=True):
        if any(w in row["text"] for w in words):
            verdict["says_more"] = "a word too much"
    lines = [{"claim": c["id"], "line": e["id"], "verdict": "neither"} for c in asked["claims"] for e in c["lines"]]
    return json.dumps({"lines": lines, "texts": texts})
