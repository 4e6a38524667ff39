"""Anyone's personas as statements: Markdown or JSON, ours, another tool's, or what a workshop wrote on a wall.

In: a file. Out: `Read`: personas, each with its name, what says who they are, and its statements with their places; and all
that was not taken for a statement, with the reason. Promises: nothing is lost silently, nothing is cut short; whatever the
file, the only error is an InputError that names the place and the mend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import InputError

MARKDOWN = frozenset({".md", ".markdown", ".txt"})
NAMES = ("name", "label", "title", "persona", "persona_name", "id")
ABOUTS = ("about", "description", "summary", "bio", "one_liner", "overview", "who")
MEMBERS = ("users", "members", "user_ids")
TEXTS = ("text", "statement", "description")
OURS = ("one_liner", "narrative", "claims")  # what of our own cards states something
ABBREVIATIONS = ("e.g.", "i.e.", "vs.", "approx.", "etc.", "no.")
EVERYONE = "Everyone"

HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.*)$")
TITLED = re.compile(r"^(?:\*\*|__)([^*_]{1,40}?)(?::(?:\*\*|__)|(?:\*\*|__):)\s*(.*)$")
RULE = re.compile(r"^\s*(?:[-*_]\s*){3,}$")
CELLS_RULE = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")
IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
MARKS = re.compile(r"(\*\*|__|`|~~)|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"”’)]))\s+(?=[A-Z0-9“\"‘(])")
NOT_TEXT = re.compile(r"^(https?://\S+|\S+\.(png|jpe?g|gif|svg|webp))$", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """One sentence or bullet: `id` is 1.3 for the third of the first persona, `under` the heading or key above it."""

    id: str
    text: str
    where: str
    under: str = ""


@dataclass(frozen=True)
class Stated:
    """One persona as somebody wrote it. `about` says who they are; `users` are its members where the file lists them."""

    name: str
    about: str
    users: tuple[str, ...] | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Read:
    """A file's personas, and what of it is no statement, each with its place and why."""

    personas: tuple[Stated, ...]
    skipped: tuple[str, ...]


@dataclass
class _Persona:
    name: str
    about: list[str] = field(default_factory=list)
    users: tuple[str, ...] | None = None
    said: list[tuple[str, str, str]] = field(default_factory=list)  # text, where, under


def read_personas(path: Path) -> Read:
    """The personas of a file, or of the personas.json of a folder."""
    path = path / "personas.json" if path.is_dir() else path
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            f"There is no {str(path)!r}.", hint="Name a Markdown or JSON file, or the folder of a run."
        ) from None
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: byte {error.start} is no UTF-8.", hint="Save the file as UTF-8.") from None
    skipped: list[str] = []
    json_ = _is_json(path, text)
    found = _of_json(path.name, _parsed(path, text), skipped) if json_ else _of_markdown(path.name, text, skipped)
    made = [_stated(i, p) for i, p in enumerate(found, start=1)]
    for p in made:
        if not p.statements:
            skipped.append(f"{path.name}: “{p.name}” states nothing")
    personas = tuple(p for p in made if p.statements)
    if not personas:
        raise InputError(
            f"{path.name}: it holds no statement.",
            hint="Write each persona under a heading, one statement a line or bullet.",
        )
    return Read(personas, tuple(skipped))


def _stated(i: int, p: _Persona) -> Stated:
    said = [Statement(f"{i}.{j}", text, where, under) for j, (text, where, under) in enumerate(p.said, start=1)]
    return Stated(p.name, " ".join(p.about), p.users, tuple(said))


def _is_json(path: Path, text: str) -> bool:
    if path.suffix.lower() in {".json", ".jsonl"}:
        return True
    return path.suffix.lower() not in MARKDOWN and text.lstrip()[:1] in {"{", "["}


def _parsed(path: Path, text: str) -> Any:
    """The value of a JSON file, or the list of those of a JSONL file."""
    rows = text.splitlines() if path.suffix.lower() == ".jsonl" else [text]
    values = []
    for i, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            values.append(json.loads(row))
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1) + i - 1
            what = getattr(error, "msg", "it is nested too deeply")
            raise InputError(
                f"{path.name}:{line}: this is not JSON: {what}.", hint="Mend the line, or save as Markdown."
            ) from None
    return values if path.suffix.lower() == ".jsonl" else values[0] if values else None


def sentences(text: str) -> list[str]:
    """The sentences of a text, whitespace normalised; quoted parts and abbreviations are not cut."""
    found: list[str] = []
    for part in SENTENCE_END.split(_spaced(text)):
        before = found[-1] if found else ""
        open_quote = before.count("“") > before.count("”") or before.count('"') % 2 == 1
        if found and (open_quote or before.lower().endswith(ABBREVIATIONS)):
            found[-1] = f"{before} {part}"
        elif part.strip():
            found.append(part.strip())
    return found


def _plain(text: str) -> str:
    """Without Markdown's marks, whitespace normalised."""
    return _spaced(MARKS.sub("", LINK.sub(r"\1", IMAGE.sub(" ", text))))


def _spaced(text: str) -> str:
    """Without control characters, whitespace normalised."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


# Markdown


def _of_markdown(name: str, text: str, skipped: list[str]) -> list[_Persona]:
    lines = list(_body(name, text, skipped))
    levels = [len(m.group(1)) for _, line in lines if (m := HEADING.match(line))]
    top = next((k for k in sorted(set(levels)) if levels.count(k) > 1), min(levels, default=0))
    found: list[_Persona] = [] if levels else [_Persona(EVERYONE)]
    under, listed = "", False
    for number, line in lines:
        where, heading = f"{name}:{number}", HEADING.match(line)
        if heading and len(heading.group(1)) == top:
            found.append(_Persona(_plain(heading.group(2)) or EVERYONE))
            under, listed = "", False
        elif heading and len(heading.group(1)) > top and found:
            under, listed = _plain(heading.group(2)), True
        elif heading:
            skipped.append(f"{where}: “{_plain(heading.group(2))}” is a title")
        elif not found:
            skipped.append(f"{where}: “{_plain(line)}” stands before the first persona")
        else:
            under, listed = _add_line(found[-1], where, line, under, listed)
    return found


def _add_line(persona: _Persona, where: str, line: str, under: str, listed: bool) -> tuple[str, bool]:
    """One line of a persona's body; what it stands under now, and whether the description is over."""
    item, row = ITEM.match(line), line.strip().startswith("|")
    said = item.group(1) if item else line
    listed = listed or bool(item) or row
    if titled := TITLED.match(said.strip()):
        title, rest = _plain(titled.group(1)), titled.group(2)
        if not rest.strip():
            return title, True
        persona.said += [(s, where, title) for s in ([_plain(rest)] if item else sentences(_plain(rest))) if s]
    elif row:
        cells = [_plain(c) for c in line.strip().strip("|").split("|")]
        text = ": ".join(c for c in cells if c)
        persona.said += [(text, where, under)] if text else []
    elif item:
        persona.said += [(_plain(said), where, under)] if _plain(said) else []
    else:
        quote = line.lstrip().startswith(">")
        text = line.lstrip().lstrip("> ") if quote else line
        persona.said += [(s, where, "Quote" if quote else under) for s in sentences(_plain(text))]
        persona.about += [] if listed or quote else sentences(_plain(text))
    return under, listed


def _body(name: str, text: str, skipped: list[str]) -> Iterator[tuple[int, str]]:
    """Lines that may state something, with their numbers; the rest is listed as skipped."""
    fence = comment = False
    lines = text.splitlines()
    front = _front_matter(lines)
    if front:
        skipped.append(f"{name}:1: front matter of {front} lines")
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if number <= front or not bare:
            continue
        if bare.startswith(("```", "~~~")):
            fence = not fence
            skipped += [f"{name}:{number}: code"] if fence else []
        elif fence:
            continue
        elif comment or bare.startswith("<!--"):
            skipped += [] if comment else [f"{name}:{number}: a comment"]
            comment = "-->" not in bare
        elif RULE.match(line) or (bare.startswith("|") and CELLS_RULE.match(line)):
            skipped.append(f"{name}:{number}: a rule")
        elif not _plain(line):
            skipped.append(f"{name}:{number}: {'an image' if IMAGE.search(line) else 'no words'}")
        else:
            yield number, line


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines of front matter there are."""
    if not lines or lines[0].strip() != "---":
        return 0
    return next((i for i, line in enumerate(lines[1:], start=2) if line.strip() == "---"), 0)


# JSON


def _of_json(name: str, value: Any, skipped: list[str]) -> list[_Persona]:
    place, rows = _persona_rows(value)
    if not rows:
        raise InputError(
            f"{name}: it holds no persona.", hint='Write {"personas": [{"name": …, "statements": [ … ]}]}.'
        )
    ours = isinstance(value, Mapping) and "schema_version" in value
    return [_of_object(f"{name}: {place}[{i}]", row, ours, i, skipped) for i, row in enumerate(rows)]


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


def _of_object(where: str, row: Mapping[str, Any], ours: bool, i: int, skipped: list[str]) -> _Persona:
    name = next((k for k in NAMES if isinstance(row.get(k), str) and row[k].strip()), None)
    about = next((k for k in ABOUTS if k in row and _text_of(row[k])), None)
    members = next((k for k in MEMBERS if _ids(row.get(k)) is not None), None)
    persona = _Persona(_spaced(str(row[name])) if name else f"Persona {i + 1}")
    persona.users = _ids(row[members]) if members else None
    persona.about = sentences(_text_of(row[about])) if about else []
    for key, value in row.items():
        if key in (name, members):
            continue
        if ours and key not in OURS:
            skipped.append(f"{where}.{key}: not a statement of the card")
        else:
            _add_value(persona, f"{where}.{key}", value, "" if key == about else str(key).replace("_", " "), skipped)
    return persona


def _add_value(persona: _Persona, where: str, value: Any, under: str, skipped: list[str]) -> None:
    """Strings wherever they are; an item of a list is one statement, a long text is its sentences."""
    if isinstance(value, str):
        if NOT_TEXT.match(value.strip()):
            skipped.append(f"{where}: an address, not a statement")
        else:
            persona.said += [(s, where, under) for s in sentences(value)]
    elif isinstance(value, Mapping) and (text := _text_of(value)):
        persona.said.append((_spaced(text), where, under))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _add_value(persona, f"{where}.{key}", inner, str(key).replace("_", " "), skipped)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            if isinstance(inner, str) and _spaced(inner) and not NOT_TEXT.match(inner.strip()):
                persona.said.append((_spaced(inner), f"{where}[{i}]", under))
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
