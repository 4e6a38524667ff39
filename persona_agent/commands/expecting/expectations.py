"""personas_expect.yaml: what a team expects of its personas.

    personas:
      p2: {share: {at_least: 5 %}, firm: fair}
      each: {users: {at_least: 30}}
    claims:
      p1.c3: holds
      p1.c4: {at_least: 20 %}
    count: {at_least: 3, at_most: 6}

In: a file. Out: `Expectations`, with the line of each. Promises: whatever cannot be used is an error that names the file, the
line and the key; nothing is expected that is not written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, model_validator

from ...codebook.yamlfile import LineNumbers, parsed
from ...errors import InputError, UsageError
from ...schema.measures import Value

LONGEST_FILE = 100_000  # characters: a thousand expectations
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")
EACH = "each"
Firm = Literal["soft", "fair", "firm"]
KEYS = "Keys are personas, claims and count."


def _number(value: Any) -> Any:
    """“5 %” is .05."""
    found = PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(found[1]) / 100 if found else value


def _share(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 1:
        raise ValueError(f"a share is at most 1: write {value:g} %")
    return _number(value)


Number = Annotated[float, BeforeValidator(_number)]
ShareOfUsers = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]


class NumberBounds(Value):
    """Both ends are included."""

    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _some(self) -> NumberBounds:
        if self.at_least is None and self.at_most is None:
            raise ValueError("say at_least, at_most, or both")
        return self


class ShareBounds(NumberBounds):
    at_least: ShareOfUsers | None = None
    at_most: ShareOfUsers | None = None


class ExpectedPersona(Value):
    """`users` and `share` of users; `firm` is the least word of firmness."""

    users: NumberBounds | None = None
    share: ShareBounds | None = None
    firm: Firm | None = None

    @model_validator(mode="after")
    def _some(self) -> ExpectedPersona:
        if self.users is None and self.share is None and self.firm is None:
            raise ValueError("say users, share or firm")
        return self


PersonaName = Annotated[str, StringConstraints(pattern=r"^(p\d+|each)$")]
ClaimName = Annotated[str, StringConstraints(pattern=r"^p\d+\.c\d+$")]


class ExpectationFile(Value):
    personas: dict[PersonaName, ExpectedPersona] = {}
    claims: dict[ClaimName, Literal["holds", "not refuted"] | NumberBounds] = {}
    count: NumberBounds | None = None


@dataclass(frozen=True)
class Expectations:
    page: ExpectationFile
    lines: LineNumbers


def read_expectations(path: Path) -> Expectations:
    """InputError where there is no such file; UsageError, with the line, where it cannot be used."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{str(path)!r} cannot be read: {why}.", hint="Name a YAML file of expectations.") from None
    if len(text) > LONGEST_FILE:
        raise UsageError(f"{path.name} has more than {LONGEST_FILE:,} characters.")
    values, lines = parsed(path.name, text)
    if not isinstance(values, dict) or not values:
        raise lines.error((), "expectations stand under personas, claims and count.", KEYS)
    try:
        return Expectations(ExpectationFile.model_validate(values), lines)
    except ValidationError as error:
        raise _wrong(error, lines) from None


def _wrong(error: ValidationError, lines: LineNumbers) -> UsageError:
    """The first thing that does not fit, with its line."""
    first = max(error.errors(), key=lambda e: len(e["loc"])) if len(error.errors()) > 1 else error.errors()[0]
    path = tuple(part for part in first["loc"] if part not in ("[key]", "NumberBounds") and "[" not in str(part))
    name = ".".join(map(str, path))
    if first["type"] == "extra_forbidden":
        hint = KEYS if len(path) == 1 else "Of a persona: users, share, firm. Of a figure: at_least, at_most."
        return lines.error(path, f"{name}: there is no such key.", hint)
    if first["type"] == "string_pattern_mismatch":
        known = "p2 or each" if path and path[0] == "personas" else "p1.c3"
        return lines.error(path, f"{name}: that names none.", f"Write {known}.")
    if path and path[0] == "claims" and len(path) == 2:
        return lines.error(
            path, f"{name}: {first['input']!r} is no expectation.", "Write holds, not refuted, or {at_least: 20 %}."
        )
    said = first["msg"].removeprefix("Value error, ")
    return lines.error(path, f"{name}: {first['input']!r}: {said[:1].lower()}{said[1:]}.")
