"""Pages in the nouns of their log: what is printed says "households" where its codebook does (`words.its_nouns`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from ..schema import PersonaSet
from ..schema.measures import Value
from ..schema.nouns import Nouns
from ..words.its_nouns import said, shielded
from .cited import Lines
from .shown_lines import FEW_SAY_SO

P = ParamSpec("P")
Render = Callable[Concatenate[PersonaSet, P], str]
# Texts that the program writes, in which names of the log stand in quotes.
PROGRAM = frozenset(
    [
        "template",
        "text",
        "says",
        "reason",
        "why",
        "rival",
        "how_to_test",
        "findings",
        "reasons",
        "notes",
        "lowered",
        "merges",
        "answer",
        "sentences",
        "unsupported",
        "mended",
        "whom",
        "stop",
        "phrase",
        "how",
        "rule",
        "prize",
        "sources",
        "tells",
        "by_field",
        "sentence",
        "attempt",
    ]
)
# What the program calls cards and facts, which its sentences quote.
MADE = frozenset(["label", "label_now", "labels", "name", "clause"])
# Names of the log that pages show without quotes; a session and a question are told in others' words.
OF_LOG = frozenset(
    [
        "label",
        "label_now",
        "labels",
        "name",
        "steps",
        "field",
        "column",
        "value",
        "file",
        "act",
        "thing",
        "question",
        "declared",
        "about",
        "clause",
        "mix",
        "looked",
    ]
)


def with_labels_in_its_nouns(personas: PersonaSet) -> PersonaSet:
    """The set with its names and labels in the nouns of its log, before sentences quote them."""
    if personas.nouns is None:
        return personas
    plain = _with(personas.model_dump(), "", MADE, lambda text: said(text, personas.nouns))
    return PersonaSet.model_validate(plain)


def in_its_nouns(personas: PersonaSet) -> PersonaSet:
    """The texts of the set in the nouns of its log: the same set where these are the program's own."""
    if personas.nouns is None:
        return personas
    return PersonaSet.model_validate(_with(personas.model_dump(), "", PROGRAM, lambda text: said(text, personas.nouns)))


def in_nouns(render: Render[P]) -> Render[P]:
    """A page in the nouns of its log; of log lines and names nothing changes."""

    @wraps(render)
    def rendered(personas: PersonaSet, *args: P.args, **more: P.kwargs) -> str:
        return shown_in_nouns(personas.nouns, render, personas, *args, **more)

    return cast("Render[P]", rendered)


def shown_in_nouns(nouns: Nouns | None, render: Callable[..., str], value: Value, *args: Any, **more: Any) -> str:
    """What `render` makes of a value whose texts are in these nouns, and of cited lines."""
    if nouns is None:
        return render(value, *args, **more)
    # The texts of a set are in its nouns already: what is left to be told is what the page itself says.
    kept = type(value).model_validate(_with(value.model_dump(), "", PROGRAM | OF_LOG, shielded))
    told = [_guarded_lines(arg, nouns) if isinstance(arg, dict) else arg for arg in args]
    return said(render(kept, *told, **more), nouns)


def _guarded_lines(lines: Lines, nouns: Nouns) -> Lines:
    """Lines as they are in the log; what the program says in place of a text is in the nouns."""
    few = said(FEW_SAY_SO, nouns)

    def held(text: str) -> str:
        return shielded(few if text == FEW_SAY_SO else text)

    return {
        (shielded(file), line, n): replace(
            cited, action=held(cited.action), object=held(cited.object), text=held(cited.text)
        )
        for (file, line, n), cited in lines.items()
    }


def _with(value: Any, key: str, keys: frozenset[str], change: Callable[[str], str]) -> Any:
    """Plain values with every text changed that stands under one of the keys, however deep."""
    if isinstance(value, str):
        return change(value) if key in keys else value
    if isinstance(value, dict):
        inside = key if key in keys else ""
        # What is asked of the log is no text, whatever it stands in.
        return {k: v if inside and k == "measure" else _with(v, inside or k, keys, change) for k, v in value.items()}
    return [_with(v, key, keys, change) for v in value] if isinstance(value, list | tuple) else value
