"""A forgotten user's id, out of what people wrote of a run and what its pages took from that.

In: a set of personas, or the files of a run, and a raw id. Out: the same with [forgotten] where the id stood as a word of its
own: in names, sentences, notes and questions, in what the run was told (--about, --question, --purpose) and in the purposes of
what was given out. Promises: measures, claims and names of acts stay, which are counted of five users and more; numbers of one or
two digits and years are left, which mean something else nearly always.
"""

from __future__ import annotations

import re
from typing import Any

from ..manifest import EXPORTS
from ..option_fields import TOLD
from ..redaction.owners import WEAK
from ..schema import PersonaSet
from ..store import Store

FORGOTTEN_WORD = "[forgotten]"
# Of personas.json what a person, or a run before, may have worded.
WORDED = ("label", "text", "answer", "unknown", "unsupported", "sentences", "notes", "note", "reasons", "did", "why")
COUNTED = ("claims", "withdrawn", "grids", "findings", "compared", "journeys", "measure")
ABOUT = re.compile(r"^about:.*(?:\n[ ].*)*", re.MULTILINE)


def unsay(personas: PersonaSet, user: str) -> PersonaSet:
    """The set without the id in its words."""
    word = _word(user)
    return PersonaSet.model_validate(_without(personas.model_dump(mode="json"), word)) if word else personas


def unsay_in_files(store: Store, user: str) -> None:
    """The same in run.json, codebook.yaml and the list of what was given out."""
    word = _word(user)
    if word is None:
        return
    run = store.read_json("run.json")
    config = {
        k: word.sub(FORGOTTEN_WORD, v) if k in TOLD and isinstance(v, str) else v for k, v in run["config"].items()
    }
    store.write_json("run.json", {**_purposes(run, word), "config": config})
    if store.path("codebook.yaml").is_file():
        text = store.path("codebook.yaml").read_text(encoding="utf-8")
        store.write_text("codebook.yaml", ABOUT.sub(lambda m: word.sub(FORGOTTEN_WORD, m[0]), text))
    if store.path(EXPORTS).is_file():
        store.write_json(EXPORTS, _purposes(store.read_json(EXPORTS), word))


def _word(user: str) -> re.Pattern[str] | None:
    return None if WEAK.fullmatch(user) else re.compile(rf"(?<!\w){re.escape(user)}(?!\w)", re.IGNORECASE)


def _without(value: Any, word: re.Pattern[str], worded: bool = False) -> Any:
    if isinstance(value, dict):
        return {k: v if k in COUNTED else _without(v, word, worded or k in WORDED) for k, v in value.items()}
    if isinstance(value, list):
        return [_without(v, word, worded) for v in value]
    return word.sub(FORGOTTEN_WORD, value) if worded and isinstance(value, str) else value


def _purposes(value: Any, word: re.Pattern[str]) -> Any:
    """The same for what is called `about` or `purpose`, at any depth."""
    if isinstance(value, dict):
        told = {
            k: word.sub(FORGOTTEN_WORD, v) for k, v in value.items() if k in ("about", "purpose") and isinstance(v, str)
        }
        return {k: told[k] if k in told else _purposes(v, word) for k, v in value.items()}
    return [_purposes(v, word) for v in value] if isinstance(value, list) else value
