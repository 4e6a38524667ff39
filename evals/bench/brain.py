"""A model on loopback that answers the program's prompts from what stands in them, for timings and tests of whole runs; no
quality figure rests on it.

It drafts from the dossier's own claims, says one thing too many, mends it when told, and reads sentences closely enough
to find what is hidden among them.
"""

from __future__ import annotations

import json
import re
from typing import Any

from . import close_reader

BLOCK = re.compile(r"<data \w+>\n(.*?)\n</data \w+>", re.DOTALL)


def answer(body: dict[str, Any]) -> str:
    """The JSON text that answers one chat completion request."""
    name = body["response_format"]["json_schema"]["schema"]["title"]
    made: Any = {"Draft": draft, "Revision": revision, "Restatement": restatement, "Verdicts": verdicts,
                 "Edition": edition}[name]  # fmt: skip
    return json.dumps(made(body))


def blocks(body: dict[str, Any]) -> list[Any]:
    text = "\n".join(m["content"] for m in body["messages"] if m["role"] == "user")
    return [json.loads(block) for block in BLOCK.findall(text)]


def draft(body: dict[str, Any]) -> dict[str, Any]:
    group = blocks(body)[1]
    apart = [c for c in group["claims"] if c.get("apart")]
    chosen = [*apart, *(c for c in group["claims"] if c not in apart)][:14]
    told = [{"template": slots(c), "claim_ids": [c["id"]]} for c in chosen[:5]]
    return {
        "label": {"template": "Emily, 34", "claim_ids": []},
        "one_liner": told[0],
        "narrative": told,
        "claims": [{"id": c["id"], "text": None, "kind": None, "measure": None, "lines": []} for c in chosen],
        "bars": [c["id"] for c in apart[:5]],
        "unfit": None,
        "hypotheses": [],
        "suggestion": None,
        "not_known": [{"text": "What they do elsewhere.", "claim_ids": [chosen[0]["id"]]}],
    }  # fmt: skip


def revision(body: dict[str, Any]) -> dict[str, Any]:
    first = blocks(body)[1]["claims"][0]
    label = {"place": "label", "template": slots(first), "claim_ids": [first["id"]]}
    return {"claims": [], "dropped": [], "texts": [label], "bars": None, "suggestion": None}


def edition(body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """It leaves all as it is."""
    return {"cards": [], "page": [], "unsupported": []}


def restatement(body: dict[str, Any]) -> dict[str, Any]:
    return {"items": [{"id": t["id"], "measure": None, "denial": "no"} for t in blocks(body)[0]["texts"]]}


def verdicts(body: dict[str, Any]) -> dict[str, Any]:
    [asked] = blocks(body)
    return {
        "lines": [
            {"claim": c["id"], "line": line["id"], "verdict": "neither"} for c in asked["claims"] for line in c["lines"]
        ],
        "texts": close_reader.verdicts(asked),
    }


def slots(claim: dict[str, Any]) -> str:
    text: str = claim["text"]
    for slot in ("value", "matched", "n"):
        text = text.replace(f"{{{slot}}}", f"{{{claim['id']}.{slot}}}")
    return text
