"""Personas in JSON: a list of objects wherever it is, and every string in them, whatever its key.

In: the text of a file. Out: its personas, and what of it is no statement. Promises: no string is lost silently; of our own
cards only what states something is taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import InputError
from .statements import FoundPersona, sentences, spaced

NAMES = ("name", "label", "title", "persona", "persona_name", "id")
ABOUTS = ("about", "description", "summary", "bio", "one_liner", "overview", "who")
MEMBERS = ("users", "members", "user_ids")
TEXTS = ("text", "statement", "description")
MEASURE = "measure"  # what decides a text, beside it
OURS = ("one_liner", "narrative", "claims")  # what of our own cards states something
NOT_TEXT = re.compile(r"^(https?://\S+|\S+\.(png|jpe?g|gif|svg|webp))$", re.IGNORECASE)


def personas_of_json(path: Path, text: str, skipped: list[str]) -> list[FoundPersona]:
    """The personas of a JSON or JSONL file; InputError where there are none."""
    value = _parsed(path, text)
    place, rows = _persona_rows(value)
    if not rows:
        raise InputError(
            f"{path.name}: it holds no persona.", hint='Write {"personas": [{"name": …, "statements": [ … ]}]}.'
        )
    ours = isinstance(value, Mapping) and "schema_version" in value
    if isinstance(value, Mapping) and place:
        skipped += [f"{path.name}: {key}: not of a persona" for key in value if key != place]
    return [_of_object(f"{path.name}: {place}[{i}]", row, ours, i, skipped) for i, row in enumerate(rows)]


def _parsed(path: Path, text: str) -> Any:
    """The value of a JSON file, or the list of those of a JSONL file."""
    rows = text.splitlines() if path.suffix.lower() == ".jsonl" else [text]
    values = []
    for i, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            values.append(json.loads(row))
        except json.JSONDecodeError as error:
            raise InputError(
                f"{path.name}:{error.lineno + i - 1}: this is not JSON: {error.msg}.",
                hint="Mend the line, or save as Markdown.",
            ) from None
    return values if path.suffix.lower() == ".jsonl" else values[0] if values else None


def _persona_rows(value: Any) -> tuple[str, list[Mapping[str, Any]]]:
    """The list of personas, wherever it is."""
    if isinstance(value, list):
        return "", [v for v in value if isinstance(v, Mapping)]
    if not isinstance(value, Mapping):
        return "", []
    lists = {k: v for k, v in value.items() if isinstance(v, list) and v and all(isinstance(x, Mapping) for x in v)}
    if "personas" in lists:
        return "personas", lists["personas"]
    named = any(k in value for k in NAMES)
    if len(lists) == 1 and not named:
        return next(iter(lists.items()))
    return "", [value]


def _of_object(where: str, row: Mapping[str, Any], ours: bool, i: int, skipped: list[str]) -> FoundPersona:
    name = next((k for k in NAMES if isinstance(row.get(k), str) and row[k].strip()), None)
    about = next((k for k in ABOUTS if k in row and _text_of(row[k])), None)
    members = next((k for k in MEMBERS if _ids(row.get(k)) is not None), None)
    persona = FoundPersona(spaced(str(row[name])) if name else f"Persona {i + 1}")
    persona.users = _ids(row[members]) if members else None
    persona.about = sentences(_text_of(row[about])) if about else []
    for key, value in row.items():
        if key in (name, members):
            continue
        if ours and key not in OURS:
            skipped.append(f"{where}.{key}: not a statement of the card")
        else:
            # Beside the text of our own claims stand figures and reasons, which nobody would take for statements.
            beside = [] if ours else skipped
            _add_value(persona, f"{where}.{key}", value, "" if key == about else str(key).replace("_", " "), beside)
    return persona


def _add_value(persona: FoundPersona, where: str, value: Any, under: str, skipped: list[str]) -> None:
    """Strings wherever they are; an item of a list is one statement, a long text is its sentences."""
    if isinstance(value, str):
        if NOT_TEXT.match(value.strip()):
            skipped.append(f"{where}: an address, not a statement")
        else:
            persona.said += [(s, where, under) for s in sentences(value)]
    elif isinstance(value, Mapping) and (text := _text_of(value)):
        persona.said.append((spaced(text), where, under))
        if isinstance(value.get(MEASURE), Mapping):
            persona.measures[where] = value[MEASURE]
        skipped += [f"{where}.{key}: beside a text" for key in value if value[key] != text and key != MEASURE]
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _add_value(persona, f"{where}.{key}", inner, str(key).replace("_", " "), skipped)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            if isinstance(inner, str) and spaced(inner) and not NOT_TEXT.match(inner.strip()):
                persona.said.append((spaced(inner), f"{where}[{i}]", under))
            else:
                _add_value(persona, f"{where}[{i}]", inner, under, skipped)
    else:
        skipped.append(f"{where}: {json.dumps(value)} is no text")


def _text_of(value: Any) -> str:
    """A string, or the text of an object that holds one."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return next((value[k] for k in TEXTS if isinstance(value.get(k), str) and value[k].strip()), "")
    return ""


def _ids(value: Any) -> tuple[str, ...] | None:
    """User ids, if this is a list of strings or whole numbers."""
    if not isinstance(value, list) or not all(isinstance(v, str | int) and not isinstance(v, bool) for v in value):
        return None
    return tuple(str(v) for v in value)
