"""Prompts are versioned data, and data inside a prompt stays data.

`<stage>/vN.md` files come in, rendered texts go out: the program's own, or those of a folder that a caller names.
Promised: a released version (one with a digest in `versions.toml`) is never used altered; a missing or an unknown variable
is an error, not a blank; what `enclose` gives cannot close its own delimiter.

versions.toml: a table per stage, `v1 = "<hex sha256 of v1.md>"`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from .. import resources
from ..errors import PersonaAgentError
from ..ids import canonical_json

MARK_CHARS = 16  # 64 bits: nobody can write a line that holds the digest of what encloses it
STAGES = (  # of a run
    "codebook", "themes", "investigate", "draft", "own", "revise", "edit", "restate", "judge", "measures",
)  # fmt: skip
AUDIT_STAGES = ("audit", "members", "measures")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of one stage's prompt; `name` (`draft/v1`) and `sha256` go into the run's provenance."""

    name: str
    text: str
    sha256: str

    def render(self, **values: str) -> str:
        """The text with each `$name` replaced. Values are not searched for names; `$$` is a dollar sign."""
        template = Template(self.text)
        wanted = set(template.get_identifiers())
        if not template.is_valid() or wanted != set(values):
            odd = sorted(wanted ^ set(values))
            raise PersonaAgentError(
                f"Prompt {self.name!r} and its values do not fit: {', '.join(map(repr, odd)) or 'a stray $'}."
            )
        return template.substitute(values)


def load_prompt(stage: str, folder: Path | None = None) -> Prompt:
    """The highest released prompt of a stage (`measures`). Raises where it is missing or was altered."""
    folder = folder or resources.prompts()
    released = _released(folder).get(stage, {})
    version = max(released, key=_number, default="v1")
    path = folder / stage / f"{version}.md"
    if not path.is_file():
        raise PersonaAgentError(f"Prompt {stage}/{version} does not exist.")
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    if released.get(version, digest) != digest:
        raise PersonaAgentError(
            f"Prompt {stage}/{version} was altered after its release.", hint="Make it a new version."
        )
    return Prompt(f"{stage}/{version}", raw.decode(), digest)


def digests(stages: Iterable[str], folder: Path | None = None) -> dict[str, str]:
    """Name → sha256 of each stage's prompt: what a run, an audit or a recording says that it asked with."""
    return {p.name: p.sha256 for p in (load_prompt(stage, folder) for stage in stages)}


def enclose(data: Any) -> str:
    """`data` as canonical JSON between two lines of a mark that its own text decides, so that it cannot hold the mark.

    Normalise texts before (redaction does): lone surrogates have no UTF-8.
    """
    text = canonical_json(data)
    mark = hashlib.sha256(text.encode()).hexdigest()[:MARK_CHARS]
    if mark in text:
        raise PersonaAgentError("The enclosed data holds the delimiter made from it.")
    return f"<data {mark}>\n{text}\n</data {mark}>"


def _released(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / "versions.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _number(version: str) -> int:
    return int(version.removeprefix("v"))
