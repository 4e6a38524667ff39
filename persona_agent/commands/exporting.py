"""`export`: a finished run as a page without log lines, or its claims and sizes as a table.

In: the folder of a run and a file to write. Out: the file. Promises: what is in it is what the run may forward, without a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import StoreError, UsageError
from ..folders import create_private
from ..report.called import called
from ..report.handing_on import claims_csv, shared_html
from ..runs import names_of
from ..store import Store
from .results import SealedResult
from .showing import personas_of, seal_of


@dataclass(frozen=True)
class Exported(SealedResult):
    """The files that were written, and how those of the run stand to their seal."""

    files: list[Path]

    def text(self) -> str:
        return "\n".join(str(file) for file in self.files)

    def as_json(self) -> dict[str, Any]:
        return {"files": [str(file) for file in self.files], "seal": self.seal.standing}


def export(out: Path, share: Path | None = None, csv: Path | None = None, seal_key: Path | None = None) -> Exported:
    """Writes what is asked for; UsageError where nothing is, or a file is there already."""
    store = Store.open(out)
    if share is None and csv is None:
        raise UsageError(
            "Nothing to export.",
            hint="--share FILE.html writes a page without log lines, --csv FILE a table, --cohort TOOL users.",
        )
    personas, seal = called(personas_of(store), names_of(store)), seal_of(out, seal_key)
    made = [(share, shared_html), (csv, claims_csv)]
    files = [(path, render(personas)) for path, render in made if path is not None]
    for path, _ in files:  # before any is written
        refuse_existing(path)
    for path, text in files:
        write_new(path, text)
    return Exported([path for path, _ in files], seal=seal)


def refuse_existing(path: Path | None) -> None:
    """UsageError for a file that is there, before anything is worked out for it."""
    if path is not None and path.exists():
        raise UsageError(f"{str(path)!r} is there already.", hint="Name another file.")


def write_new(path: Path, text: str) -> None:
    """A file that was not there, its owner's alone until somebody hands it on; UsageError where it is."""
    try:
        create_private(path, text.encode())
    except FileExistsError:
        raise UsageError(f"{str(path)!r} is there already.", hint="Name another file.") from None
    except OSError as error:
        raise StoreError(f"{str(path)!r} cannot be written: {error.strerror}.") from None
