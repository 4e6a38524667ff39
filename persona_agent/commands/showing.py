"""`show`: a finished run, as it stands."""

from __future__ import annotations

from pathlib import Path

from ..errors import StoreError
from ..report import Lines
from ..report.finishing import cited_lines
from ..schema import PersonaSet
from ..store import Store


def show(out: Path) -> tuple[PersonaSet, Lines]:
    """The personas of a finished run, with the lines that they cite."""
    store = Store.open(out)
    if not store.path("personas.json").is_file():
        raise StoreError(f"The run in {str(out)!r} did not finish.", hint="Run the same command again: it goes on.")
    personas = PersonaSet.model_validate(store.read_json("personas.json"))
    return personas, cited_lines(store, personas)
