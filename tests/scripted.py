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

from persona_agent.evidence.written import STEPS
from persona_agent.models.base import Answer, Request
from persona_agent.schema import (
    Condition,
    Dossier,
    Draft,
    DraftSentence,
    Inquiries,
    Measure,
    Part,
    Revision,
    WrittenCondition,
    WrittenMeasure,
)
from persona_agent.write.offline import write

Say = Callable[[Request], BaseModel | str | Exception]
NO_MORE = Inquiries(questions=[], done=True)
NOTHING = Revision(claims=[], dropped=[], sentences=[], questions=[])
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
    """A critic that reads closely: it knows what a text measures from `known` (blank text → measure)."""

    def __init__(self) -> None:
        self.known: dict[str, Measure] = {}

    def learn(self, dossier: Dossier) -> None:
        self.known |= {blank(c.template): c.measure for c in dossier.candidates}

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
        return json.dumps(
            {
                "lines": [
                    {"claim": c["id"], "line": line["id"], "verdict": lines}
                    for c in asked["claims"]
                    for line in c["lines"]
                ],
                "sentences": [
                    {"id": s["id"], "says_more": (more or says_more)(s["text"], s["claims"]), "what": "a word too much"}
                    for s in asked["sentences"]
                ],
                "two_groups_in_one": False,
                "why_two_groups": "",
            }
        )

    def critic(self) -> Scripted:
        return Scripted("scripted/critic", {"restate": self.restate, "judge": self.judge})


def says_more(text: str, claims: list[str]) -> bool:
    """Crude, but never fooled by what code hides: a claim's text that is not among the sentence's own."""
    if not claims or text in claims or "{" in text:
        return False
    named = set(NAMES.findall(text))
    if named:  # all claims compare in the same words: what they name tells them apart
        return not any(named & set(NAMES.findall(c)) for c in claims)
    return not _shares(text, claims)


def _shares(text: str, claims: list[str]) -> bool:
    words = set(re.findall(r"[a-z]{4,}", text.lower()))
    return any(len(words & set(re.findall(r"[a-z]{4,}", c.lower()))) >= 5 for c in claims)


def written_from(measure: Measure) -> WrittenMeasure:
    """How a model would have written a measure (windows and several absent steps are left out)."""
    parts: list[tuple[Part, list[Condition]]] = [("where", measure.where)]
    parts += list(zip(STEPS, measure.steps, strict=False))
    parts += [("absent", step) for step in measure.absent[:1]]
    feature = measure.feature
    parts += [("counted", feature.where or [])] if feature else []
    return WrittenMeasure(
        unit=measure.unit,
        conditions=[
            WrittenCondition(part=part, field=c.field, op=c.op, values=[_text(v) for v in c.value])
            for part, conditions in parts
            for c in conditions
        ],
        in_order=measure.ordered,
        within_minutes=measure.within / 60 if measure.within else None,
        at_least=measure.at_least,
        feature=feature.name if feature else None,
        feature_field=feature.field if feature else None,
        feature_op=feature.op if feature else None,
        feature_value=feature.value if feature else None,
        statistic=measure.statistic,
        of=measure.of,
        against_others=measure.versus is not None,
        within_field=measure.within_field,
        says=measure.says.quantifier or measure.says.comparator or "about",
        says_value=measure.says.value,
    )


def _text(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float | int) else value
