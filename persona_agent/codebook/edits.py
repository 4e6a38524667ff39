"""A codebook that a person wrote or corrected, read back and checked.

In: the path of a file, later the codebook that rules propose for the log. Out: the codebook with what the file says instead.
Promises: whatever is not in the log, misspelt, named like something else, or says who somebody is or a sensitive topic is a
UsageError that names the file and the line; what a file leaves out is as proposed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import StrictBool, StrictStr, ValidationError, field_validator

from ..errors import UsageError
from ..ids import content_hash
from ..redaction import looks_like_instruction, mask
from ..schema.measures import Value
from ..schema.nouns import USUAL_NOUNS, Noun, Nouns
from .book import Codebook, Doer, Use, merged
from .usable import FORBIDDEN, clashing, spelled_nouns, unusable, unusable_noun
from .yamlfile import LineNumbers, Place, parsed

LONGEST_UNIT = 16  # characters; units are short, and stand behind every figure
LONGEST_ABOUT = 500  # the same; a few sentences, which every prompt repeats
LONGEST_FILE = 2_000_000  # characters; thousands of acts and fields are some hundred thousand


class ZoneEdit(Value):
    name: StrictStr
    confirmed: StrictBool = True


class ActEdit(Value):
    name: StrictStr = ""
    doer: Doer = "user"
    clock: StrictBool = True
    follows: StrictStr | None = None


class FieldEdit(Value):
    name: StrictStr = ""
    unit: StrictStr | None = None
    use: Use = "field"
    repeats: StrictStr | None = None


class ThemeEdit(Value):
    name: StrictStr = ""


class Page(Value):
    """A codebook file: every part may be left out."""

    about: StrictStr | None = None
    zone: ZoneEdit | None = None
    nouns: Nouns = USUAL_NOUNS
    acts: dict[StrictStr, ActEdit] = {}
    fields: dict[StrictStr, FieldEdit] = {}
    categories: list[StrictStr] = []
    places: list[StrictStr] = []
    artefacts: dict[StrictStr, StrictStr] = {}
    themes: dict[StrictStr, ThemeEdit] = {}

    @field_validator("about")
    @classmethod
    def _without_identifiers(cls, text: str | None) -> str | None:
        return None if text is None else mask(text)[0]  # as of --about


@dataclass(frozen=True)
class Edits:
    """What a file says, and where."""

    path: Path
    page: Page
    lines: LineNumbers

    @property
    def digest(self) -> str:
        """Of what it says: comments and the order of keys change nothing."""
        return content_hash(self.said)

    @property
    def said(self) -> dict[str, Any]:
        return self.page.model_dump(mode="json", exclude_unset=True)


def read_corrections(path: Path) -> Edits:
    """A file as far as it can be checked without the log."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LONGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"Cannot read the codebook {str(path)!r}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The codebook {str(path)!r} is not UTF-8.") from None
    if len(text) > LONGEST_FILE:
        raise UsageError(f"The codebook {str(path)!r} is longer than {LONGEST_FILE:,} characters.")
    values, lines = parsed(str(path), text)
    if values is not None and not isinstance(values, dict):
        raise lines.error((), "a codebook is a list of keys like about, zone, acts and fields.")
    try:
        page = Page.model_validate(values or {})
    except ValidationError as error:
        raise _wrong(error, lines) from None
    if page.zone:
        _check_zone(page.zone.name, lines)
    for kind, number, word in spelled_nouns(page.nouns):
        if why := unusable_noun(word):
            raise lines.error(("nouns", kind, number), f"{word!r} cannot be a noun: {why}.")
    if page.about is not None and (len(page.about) > LONGEST_ABOUT or looks_like_instruction(page.about)):
        raise lines.error(("about",), f"say in at most {LONGEST_ABOUT} characters what the product is.")
    return Edits(path, page, lines)


def with_corrections(proposed: Codebook, edits: Edits, objects: Collection[str] | None = None) -> Codebook:
    """The proposal with what the file says instead; `objects` are those of the artefacts that the log has."""
    said = edits.said
    for of_options in ("zone", "about"):  # naming.given_edits has put them where the whole run sees them
        said.pop(of_options, None)
    acts, lines, entries = {n.lower(): n for n in proposed.acts}, edits.lines, dict[str, Any]()
    for name, entry in said.get("acts", {}).items():
        spelled = entries[_act(name, acts, lines, ("acts", name))] = dict(entry)
        if spelled.get("follows") is not None:
            spelled["follows"] = _act(spelled["follows"], acts, lines, ("acts", name, "follows"))
            if spelled["follows"].lower() == name.lower():
                raise lines.error(("acts", name, "follows"), f"{name!r} cannot follow itself.")
    for name in said.get("fields", {}):
        _known(name, proposed.fields, lines, ("fields", name), "field or amount")
    for of in ("categories", "places"):
        for i, name in enumerate(said.get(of, [])):
            _known(name, proposed.fields, lines, (of, i), "field")
    for name in said.get("artefacts", {}):
        if objects is not None:
            _known(name, objects, lines, ("artefacts", name), "object")
    said["acts"], said["themes"] = entries, _themes(proposed, said.get("themes", {}), lines)
    book = merged(proposed, said)
    _check_nouns_and_fields(book, edits.lines)
    _check_names(proposed, book, edits.lines)
    return book


def _known(name: str, known: Collection[str], lines: LineNumbers, at: Place, what: str) -> None:
    """UsageError at a path where the log has no such thing."""
    if name in known:
        return
    near = get_close_matches(name, known, 1)
    raise lines.error(
        at,
        f"the log has no {what} {name!r}, or fewer than five users have it.",
        f"Did you mean {near[0]!r}?" if near else "The codebook of a run, or `inspect`, lists those that there are.",
    )


def _act(name: str, acts: Mapping[str, str], lines: LineNumbers, at: Place) -> str:
    """The act as the log spells it, whatever the case."""
    if name.lower() not in acts:
        _known(name, acts.values(), lines, at, "act")
    return acts[name.lower()]


def _themes(proposed: Codebook, said: Mapping[str, dict[str, Any]], lines: LineNumbers) -> dict[str, Any]:
    """Entries of themes that there are. Of another grouping's a file may still list some; a name that a person gave to one is an
    error, once themes are known.
    """
    for name, entry in said.items():
        if proposed.themes and name not in proposed.themes and entry.get("name", name) != name:
            near = get_close_matches(name, proposed.themes, 1)
            hint = f"Did you mean {near[0]!r}?" if near else "The codebook of the run lists those that there are."
            raise lines.error(("themes", name), f"things were sorted anew, and there is no theme {name!r}.", hint)
    return {name: entry for name, entry in said.items() if name in proposed.themes}


def _check_nouns_and_fields(book: Codebook, lines: LineNumbers) -> None:
    if why := clashing(book.nouns):
        raise lines.error(("nouns",), f"{why}.", "Each is one word, and another one in the plural.")
    for name, field in book.fields.items():
        at = ("fields", name)
        if field.unit is not None and field.use != "amount":
            raise lines.error(
                (*at, "unit"), f"{name!r} has a unit, but is no amount.", "Say `use: amount`, or `unit: null`."
            )
        if field.unit is not None and (
            len(field.unit) > LONGEST_UNIT or FORBIDDEN.search(field.unit) or not field.unit.strip()
        ):
            raise lines.error((*at, "unit"), f"{field.unit!r} is no unit: a short word like USD, seconds or items.")
        if field.repeats is not None and (
            field.repeats == name or field.repeats not in {*book.fields, "object", "action"}
        ):
            raise lines.error(
                (*at, "repeats"), f"{name!r} repeats {field.repeats!r}, which is no other field of the log."
            )


def _check_names(proposed: Codebook, book: Codebook, lines: LineNumbers) -> None:
    """Names that a person gave: each can stand in a sentence, and no two things have one."""
    owner: dict[str, tuple[str, str]] = {}
    new: list[tuple[tuple[str, str], str]] = []
    parts: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
        ("acts", book.acts, proposed.acts),
        ("fields", book.fields, proposed.fields),
        ("themes", book.themes, proposed.themes),
    ]
    for part, entries, before in parts:
        for key, entry in entries.items():
            if entry.name != before[key].name:
                new.append(((part, key), entry.name))
            else:
                owner.setdefault(_folded(entry.name), (part, key))
    for at, name in sorted(new, key=lambda x: lines.at.get((*x[0], "name"), 0)):
        if why := unusable(name):
            raise lines.error((*at, "name"), f"{name!r} cannot be a name: {why}.")
        other = owner.setdefault(_folded(name), at)
        if other != at:
            raise lines.error((*at, "name"), f"{at[1]!r} and {other[1]!r} would both be called {name!r}.")


def _check_zone(name: str, lines: LineNumbers) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise lines.error(
            ("zone", "name"), f"there is no time zone {name!r}.", "Name one like Europe/Berlin."
        ) from None


def _wrong(error: ValidationError, lines: LineNumbers) -> UsageError:
    """The first thing that does not fit, with its line."""
    first = error.errors()[0]
    path = tuple(part for part in first["loc"] if part != "[key]")
    name = ".".join(map(str, path))
    if first["type"] == "extra_forbidden":
        inner: dict[str, type[Value]] = {"zone": ZoneEdit, "acts": ActEdit, "fields": FieldEdit, "themes": ThemeEdit}
        known = inner.get(str(path[0]), Noun if len(path) > 2 else Nouns) if len(path) > 1 else Page
        return lines.error(path, f"{name}: there is no such key.", f"Keys here: {', '.join(known.model_fields)}.")
    return lines.error(path, f"{name}: {first['input']!r}: {first['msg'][:1].lower()}{first['msg'][1:]}.")


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
