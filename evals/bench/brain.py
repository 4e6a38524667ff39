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
    made: Any = {
        "SuggestedCodebook": codebook,
        "SuggestedThemes": themes,
        "Inquiries": inquiries,
        "Draft": draft,
        "Revision": revision,
        "Edition": edition,
        "Restatement": restatement,
        "Verdicts": verdicts,
    }[name]
    return json.dumps(made(body))


def blocks(body: dict[str, Any]) -> list[Any]:
    text = "\n".join(m["content"] for m in body["messages"] if m["role"] == "user")
    return [json.loads(block) for block in BLOCK.findall(text)]


def codebook(body: dict[str, Any]) -> dict[str, Any]:
    """Nothing better than what rules say."""
    return {"nouns": blocks(body)[0]["nouns"], "acts": [], "fields": [], "artefacts": []}


def themes(_: dict[str, Any]) -> dict[str, Any]:
    """The names that code gave them."""
    return {"themes": []}


def inquiries(body: dict[str, Any]) -> dict[str, Any]:
    """One round of a question for each of the first acts, one round of what no log has, and no more."""
    told = blocks(body)
    acts = told[0]["log"]["actions"][:3] if len(told) == 1 else ["something that nobody does"]
    return {"questions": [asked(f"q{i}", act) for i, act in enumerate(acts, start=1)], "done": len(told) > 1}


def asked(name: str, act: str) -> dict[str, Any]:
    """How often an act is met twice in a visit."""
    condition = {"part": "step1", "field": "action", "op": "is", "values": [act]}
    measure = {
        "unit": "sessions", "conditions": [condition], "in_order": False, "within_minutes": None, "at_least": 2,
        "feature": None, "feature_field": None, "feature_op": None, "feature_value": None, "feature_upper": None,
        "statistic": "share", "of": "matches", "against_others": True, "within_field": None, "says": "about", "says_value": None,
    }  # fmt: skip
    return {"id": name, "why": "do they do it again at once?", "measure": measure}


def draft(body: dict[str, Any]) -> dict[str, Any]:
    claims = blocks(body)[1]["claims"]
    apart = [c for c in claims if c.get("apart")]
    chosen = [*apart[:8], *(c for c in claims if not c.get("apart"))][:12]
    told = [{"template": slots(c), "claim_ids": [c["id"]]} for c in chosen[:5]]
    first = [c["id"] for c in chosen[:2]]
    return {
        "label": {"template": "Emily, 34", "claim_ids": first[:1]},
        "one_liner": told[0],
        "narrative": told[1:],
        "claims": [{"id": c["id"], "text": None, "kind": None, "measure": None, "lines": []} for c in chosen],
        "bars": [c["id"] for c in apart[:5]],
        "unfit": {"template": "", "claim_ids": []},
        "hypotheses": [],
        "suggestions": [
            {
                "text": text, "whom": "those who come for it", "measure": first[0],
                "stop": "Stop if they leave sooner.", "claim_ids": first,
            }
            for text in ("Put it where they begin.", "Say it where they end.")
        ],
        "not_known": [{"text": "Whether they do so elsewhere.", "claim_ids": first[:1]}],
    }  # fmt: skip


def revision(body: dict[str, Any]) -> dict[str, Any]:
    first = blocks(body)[1]["claims"][0]
    label = {"place": "label", "template": slots(first), "claim_ids": [first["id"]]}
    return {"claims": [], "dropped": [], "texts": [label], "bars": None, "suggestions": None}


def edition(body: dict[str, Any]) -> dict[str, Any]:
    """Every name stays, what to try is said in a phrase, and the page begins with a claim of the first card."""
    cards = blocks(body)[0]["cards"]
    kept = {"template": "", "claim_ids": []}
    first, text = next(iter(cards[0]["claims"].items()))
    return {
        "cards": [
            {
                "persona": c["id"],
                "label": kept,
                "suggestion": "first",
                "attempt": {**kept, "template": "Put it where they begin"},
                "bars": [{"claim": bar["claim"], "label": bar["what"]} for bar in c["bars"][:1]],
            }
            for c in cards
        ],
        "habits": [],
        "tenth": "first",
        "page": [{"template": f"In “{cards[0]['name']}”: {text}", "claim_ids": [first]}],
        "first": {"persona": cards[0]["id"], "reason": {"template": text, "claim_ids": [first]}},
        "unsupported": [{"text": "Whether they would do so elsewhere.", "claim_ids": [first]}],
    }


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
    """What a claim counts, its figure as a slot, and what that is of."""
    return f"{claim['what']}: {{{claim['id']}.value}} {claim['of']}.".replace(" .", ".")
