"""Anyone's personas as statements: Markdown or JSON, ours, another tool's, or what a workshop wrote on a wall.

In: a file. Out: `Document`: personas, each with its name, what says who they are, and its statements with their places; and
all that was not taken for a statement, with the reason. Promises: nothing is lost silently, nothing is cut short; whatever
the file, the only error is an InputError that names the place and the mend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...errors import InputError
from ...redaction import mask
from ...schema import Measure
from .json_documents import personas_of_json
from .markdown_documents import EVERYONE, groups_named, personas_of_markdown
from .statements import FoundPersona, StatedPersona, Statement

MARKDOWN = frozenset({".md", ".markdown", ".txt"})
JSON = frozenset({".json", ".jsonl"})


@dataclass(frozen=True)
class Document:
    """A file's personas, what of it is no statement, each with its place and why, and its text."""

    personas: tuple[StatedPersona, ...]
    skipped: tuple[str, ...]
    text: str = ""


def read_document(path: Path, groups: Sequence[str] = ()) -> Document:
    """The personas of a file, or of the personas.json of a folder; `groups` are names that its headings may go by."""
    path = path / "personas.json" if path.is_dir() else path
    return document_of(path, text_of(path), groups)


def document_of(path: Path, text: str, groups: Sequence[str] = ()) -> Document:
    """The personas of a text, identifiers masked; `path` is what its places are called by."""
    skipped: list[str] = []
    text = text if is_json(path, text) else mask(text)[0]
    try:
        made = [_stated(i, found, groups) for i, found in enumerate(_read(path, text, skipped, groups), start=1)]
    except RecursionError:
        raise InputError(f"{path.name}: it is nested too deeply.", hint="Write its parts side by side.") from None
    skipped += [f"{path.name}: “{p.name}” states nothing" for p in made if not p.statements]
    personas = tuple(p for p in made if p.statements)
    if not personas:
        raise InputError(
            f"{path.name}: it holds no statement.",
            hint="Write each persona under a heading, one statement a line or bullet.",
        )
    return Document(personas, tuple(skipped), text)


def _read(path: Path, text: str, skipped: list[str], groups: Sequence[str]) -> list[FoundPersona]:
    if is_json(path, text):
        return personas_of_json(path, text, skipped)
    return personas_of_markdown(path, text, skipped, groups)


def text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            f"There is no {str(path)!r}.", hint="Name a Markdown or JSON file, or the folder of a run."
        ) from None
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: byte {error.start} is no UTF-8.", hint="Save the file as UTF-8.") from None


def is_json(path: Path, text: str) -> bool:
    if path.suffix.lower() in JSON:
        return True
    return path.suffix.lower() not in MARKDOWN and text.lstrip()[:1] in {"{", "["}


def sentences_beside(document: Document, persona: StatedPersona, asked: Sequence[Statement]) -> list[str]:
    """The other sentences of a document, those of the persona itself first, then those of nobody by name."""
    ids = {s.id for s in asked}
    ranked = sorted(document.personas, key=lambda p: 0 if p is persona else 1 if p.name == EVERYONE else 2)
    return [f"{s.under}: {s.text}" if s.under else s.text for p in ranked for s in p.statements if s.id not in ids]


def _stated(i: int, found: FoundPersona, groups: Sequence[str]) -> StatedPersona:
    everyone = found.name == EVERYONE
    said = [
        Statement(
            f"{i}.{j}",
            mask(text)[0],
            where,
            under,
            _measure(where, found.measures.get(where)),
            groups_named(text, groups) if everyone else (),
        )
        for j, (text, where, under) in enumerate(found.said, start=1)
    ]
    return StatedPersona(mask(found.name)[0], mask(" ".join(found.about))[0], found.users, tuple(said))


def _measure(where: str, given: Mapping[str, Any] | None) -> Measure | None:
    """What decides a statement, as its document says; InputError where it is no measure."""
    try:
        return None if given is None else Measure.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, (where, "measure", *first["loc"])))
        raise InputError(f"{at}: {first['msg']}.", hint="docs/contract.md says what a measure is.") from None
