"""Pages in the words of their unit: what is printed says "accounts" where a log is told by accounts (`words.units`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from ..schema import PersonaSet
from ..schema.measures import Value
from ..words.units import said, shielded
from .cited import Lines

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
    ]
)
# Names of the log that pages show without quotes; a session and a question are told in others' words.
OF_LOG = frozenset(
    [
        "label",
        "label_now",
        "labels",
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


def in_words_of_its_unit(personas: PersonaSet) -> PersonaSet:
    """The texts of the set in the words of its unit: the same set where users are the unit."""
    if personas.unit is None:
        return personas
    return PersonaSet.model_validate(_with(personas.model_dump(), "", PROGRAM, lambda text: said(text, personas.unit)))


def in_unit(render: Render[P]) -> Render[P]:
    """A page that speaks of accounts where they are the unit; of log lines and names nothing changes."""

    @wraps(render)
    def rendered(personas: PersonaSet, *args: P.args, **more: P.kwargs) -> str:
        return shown_in_unit(personas.unit, render, personas, *args, **more)

    return cast("Render[P]", rendered)


def shown_in_unit(unit: str | None, render: Callable[..., str], value: Value, *args: Any, **more: Any) -> str:
    """What `render` makes of the value and of cited lines, in the words of the unit."""
    if unit is None:
        return render(value, *args, **more)
    kept = type(value).model_validate(_with(value.model_dump(), "", OF_LOG, shielded))
    told = [_guarded_lines(arg) if isinstance(arg, dict) else arg for arg in args]
    return said(render(kept, *told, **more), unit)


def _guarded_lines(lines: Lines) -> Lines:
    return {
        (shielded(file), line, n): replace(
            cited, action=shielded(cited.action), object=shielded(cited.object), text=shielded(cited.text)
        )
        for (file, line, n), cited in lines.items()
    }


def _with(value: Any, key: str, keys: frozenset[str], change: Callable[[str], str]) -> Any:
    """Plain values with every text changed that stands under one of the keys, however deep."""
    if isinstance(value, str):
        return change(value) if key in keys else value
    if isinstance(value, dict):
        inside = key if key in keys else ""
        return {k: _with(v, inside or k, keys, change) for k, v in value.items()}
    return [_with(v, key, keys, change) for v in value] if isinstance(value, list | tuple) else value
