"""A part of the users of a bundled log, so that a run of it takes a second or two."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def thinned(name: str, every: int, folder: Path) -> Path:
    """One user in so many of a log, in the order in which they come, as a file without compression."""
    path = FIXTURES / name
    kept: dict[str, bool] = {}

    def stays(user: str) -> bool:
        return kept.setdefault(user, len(kept) % every == 0)

    out = folder / path.name.removesuffix(".gz")
    with (
        gzip.open(path, "rt", encoding="utf-8", newline="") as file,
        out.open("w", encoding="utf-8", newline="") as made,
    ):
        if path.name.endswith(".csv.gz"):
            rows, table = csv.reader(file), csv.writer(made)
            table.writerow(next(rows))
            table.writerows(row for row in rows if stays(row[0]))
        else:
            made.writelines(line for line in file if stays(user_of(line)))
    return out


def user_of(line: str) -> str:
    try:
        return str(json.loads(line).get("user"))
    except (ValueError, AttributeError):
        return ""
