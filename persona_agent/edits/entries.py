"""edits.yaml: one entry for each text or claim that a person changed, sorted, readable, and mergeable line by line.

In: a file, or entries. Out: the same as the other. Promises: an id never changes; what does not fit names the file, the line and
the key; what is written reads back as it was; two files are joined without losing an entry, or an error names what both change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from ..codebook.yamlfile import LineNumbers, parsed
from ..errors import UsageError
from ..ids import content_hash
from ..manifest import EDITS
from ..schema import Measure
from ..schema.measures import Value
from ..store import Store
from .digests import digest_of

VERSION = 1  # of the form of the file; another is refused, not guessed at
LONGEST_FILE = 2_000_000  # characters; a thousand entries are some hundred thousand
AT = r"^(?:p\d+|t)\.(name|sentence|s[1-9]\d*|try|whom|stop|c[1-9]\d*|new)$"
WRITTEN = ("at", "text", "verdict", "own_words", "locked", "note")  # of an entry, by a person and nobody else
FILLED_IN = ("measure", "rests_on")  # by the program, where a person did not
HEAD = """\
# What people changed on these pages. `persona-agent edit OUT …` writes this file, and so may you; then `persona-agent edit OUT`
# holds it to the rules. Entries are sorted, their ids never change. `text` has slots for figures, `said` is how it last read,
# `was` is the program's own text, `of` and `claims` find the persona again in a later run.
version: 1
edits:
"""


class Entry(Value):
    """What a person did at one place. `at` is the persona and the place: name, sentence, s1…, try, whom, stop, a claim, or `new`
    for a claim of their own. `of` and `claims` (digests) say which persona was meant, `rests_on` the measures of the claims under
    the words, by their ids then; `measure` is that of the claim itself. `own_words` may be published although nothing shows them.
    """

    at: str = Field(pattern=AT)
    of: str = ""
    claims: str = ""
    text: str = ""
    said: str = ""
    was: str = ""
    rests_on: dict[str, Measure] = {}
    measure: Measure | None = None
    verdict: Literal["accepted", "rejected"] | None = None
    own_words: bool = False
    locked: bool = False
    note: str = ""

    @field_validator("rests_on", mode="before")
    @classmethod
    def _measures(cls, given: Any) -> Any:
        return {k: read_measure(v) for k, v in given.items()} if isinstance(given, Mapping) else given

    @field_validator("measure", mode="before")
    @classmethod
    def _measure(cls, given: Any) -> Any:
        return read_measure(given)

    @model_validator(mode="after")
    def _does_something(self) -> Entry:
        if not (self.text or self.measure or self.verdict or self.locked or self.note):
            raise ValueError("it changes nothing: it needs a text, a measure, a verdict, locked or a note")
        if self.at.endswith(".new") and self.measure is None:
            raise ValueError("a new claim needs a measure")
        return self

    @property
    def persona(self) -> str:
        return self.at.partition(".")[0]

    @property
    def part(self) -> str:
        return self.at.partition(".")[2]


@dataclass(frozen=True)
class PersonEdits:
    """The entries of a file by id, and where they stand in it."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    lines: LineNumbers | None = None

    def with_entry(self, name: str, entry: Entry | None) -> PersonEdits:
        """The same with this entry, or without it."""
        rest = {k: v for k, v in self.entries.items() if k != name}
        return PersonEdits({**rest, name: entry} if entry else rest)


NO_EDITS = PersonEdits()


def id_of(entry: Entry) -> str:
    """The id of a new entry: the place, and a hash of what stood there, or of what is claimed."""
    what = digest_of(entry.measure) if entry.part == "new" and entry.measure else entry.was
    return f"{entry.at}-{content_hash([entry.of, what]).removeprefix('sha256:')[:6]}"


def read_edits(store: Store) -> PersonEdits:
    """What people changed in a run; nothing where there is no file."""
    path = store.path(EDITS)
    return edits_from(path) if path.is_file() else NO_EDITS


def edits_from(path: Path) -> PersonEdits:
    """The entries of a file; UsageError with the line of what cannot be used."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LONGEST_FILE + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"Cannot read the edits {str(path)!r}: {why}.") from None
    return parsed_edits(str(path), text)


def parsed_edits(name: str, text: str) -> PersonEdits:
    """The entries of a text that was read from a file called so."""
    if len(text) > LONGEST_FILE:
        raise UsageError(f"The edits {name!r} are longer than {LONGEST_FILE:,} characters.")
    values, lines = parsed(name, text)
    if not isinstance(values, dict) or values.get("version") != VERSION or set(values) - {"version", "edits"}:
        raise lines.error((), f"edits have the keys version ({VERSION}) and edits, and no other.")
    rows = values.get("edits") or {}
    if not isinstance(rows, dict):
        raise lines.error(("edits",), "edits are a list of ids with what was done at each.")
    return PersonEdits({name: _entry(name, row, lines) for name, row in rows.items()}, lines)


def write_edits(store: Store, edits: PersonEdits) -> None:
    """The file, sorted by id; where nothing is left, it says so and stays."""
    blocks = [_block(name, entry) for name, entry in sorted(edits.entries.items())]
    store.write_text(EDITS, HEAD + ("\n".join(blocks) if blocks else "  {}\n"))


def forget_in_edits(store: Store, user: str) -> None:
    """A user's id goes out of what people wrote, as far as it stands there as a word."""
    edits, word = read_edits(store), re.compile(rf"(?<!\w){re.escape(user)}(?!\w)", re.IGNORECASE)

    def without(entry: Entry) -> Entry:
        texts = {name: word.sub("[forgotten]", getattr(entry, name)) for name in ("text", "said", "was", "note")}
        return entry.model_copy(update=texts)

    if edits.entries:
        write_edits(store, PersonEdits({name: without(entry) for name, entry in edits.entries.items()}))


def joined(mine: PersonEdits, theirs: PersonEdits) -> PersonEdits:
    """All entries of both; UsageError where one id stands for two things. What the program filled in is no difference."""
    both = [n for n in mine.entries if n in theirs.entries and not _alike(mine.entries[n], theirs.entries[n])]
    if both:
        raise UsageError(
            f"Two files of edits change {', '.join(sorted(both))}, and not alike.",
            hint="Merge them, as you would any text, and give the one that holds.",
        )
    return PersonEdits({**theirs.entries, **mine.entries}, theirs.lines)


def _alike(mine: Entry, theirs: Entry) -> bool:
    """Did people write the same?"""
    filled_in = [name for name in FILLED_IN if getattr(mine, name) and getattr(theirs, name)]
    return all(getattr(mine, name) == getattr(theirs, name) for name in (*WRITTEN, *filled_in))


def read_measure(given: Any) -> Any:
    """A measure, or one as JSON text; without `says` it says what is counted."""
    if isinstance(given, str):
        given = json.loads(given)
    if isinstance(given, Mapping) and "says" not in given:
        given = {**given, "says": {"comparator": "about", "value": 0.0}}
    return given


def written_measure(measure: Measure) -> str:
    """One line of JSON without what goes without saying."""
    return json.dumps(measure.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)


def _block(name: str, entry: Entry) -> str:
    row = entry.model_dump(mode="json", exclude_defaults=True)
    if entry.rests_on:
        row["rests_on"] = {k: written_measure(m) for k, m in sorted(entry.rests_on.items())}
    if entry.measure is not None:
        row["measure"] = written_measure(entry.measure)
    text: str = yaml.safe_dump({name: row}, sort_keys=False, allow_unicode=True, width=float("inf"))
    return "".join(f"  {line}\n" for line in text.splitlines())


def _entry(name: str, row: Any, lines: LineNumbers) -> Entry:
    at = ("edits", name)
    if not isinstance(row, dict):
        raise lines.error(at, f"{name}: say what was done there: at, text, …")
    try:
        return Entry.model_validate(row)
    except (ValidationError, ValueError) as error:
        if not isinstance(error, ValidationError):
            raise lines.error(at, f"{name}: its measure is no JSON: {error}.") from None
        first = error.errors()[0]
        path = tuple(part for part in first["loc"] if part != "[key]")
        if first["type"] == "extra_forbidden":
            raise lines.error((*at, *path), f"{path[-1]}: there is no such key.", _keys()) from None
        what = ".".join(map(str, path)) or name
        raise lines.error((*at, *path), f"{what}: {str(first['msg']).removeprefix('Value error, ')}.") from None


def _keys() -> str:
    return f"Keys here: {', '.join(Entry.model_fields)}."
