"""What `assign` gives: a row a user, and in words how many are where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...report import plain, wrapped
from ...report.terminal import WIDTH
from ...words.wording import percent
from ..results import SealedResult

TOO_FEW = "too few lines"
NOT_LIKELY = "no persona is likely enough"
LEANS = "leans to "  # and the id of the persona that is likelier than not, if not surely enough
NO_RULE = "no rule holds"
Rows = dict[str, NDArray[Any]]  # a row a user, by column


@dataclass(frozen=True)
class Assigned(SealedResult):
    """`rows` by column: `user` (a keyed hash, or the raw id), `persona` (None: not placed), `name`, `certainty` (the share
    of such users whom the other half of their visits puts there too), `why` not, and by the id of each persona how likely
    the model takes it to be; rules have neither certainty nor scores, and who is not placed has none. `names` are those of
    the personas that are shown, `file` is where the rows were written, if they were; `rules` and `sql` were asked for.
    """

    rows: Rows
    names: Mapping[str, str]
    by: str
    out: Path
    noted: Sequence[str] = ()
    file: Path | None = None
    rules: str = ""
    sql: str = ""

    @property
    def users(self) -> int:
        return len(self.rows["user"])

    @property
    def counts(self) -> dict[str, int]:
        """Users of each persona that is shown."""
        return {p: int((self.rows["persona"] == p).sum()) for p in self.names}

    def text(self) -> str:
        placed = "the model" if self.by == "model" else "the rules"
        lines = [
            *wrapped(f"{_users(self.users)}, placed by {placed} of {str(self.out)!r}. Nothing was fitted.", WIDTH),
            "",
        ]
        lines += [f"{p:<4} {n:>9,}  {self._share(n):>10}  {plain(self.names[p])}" for p, n in self.counts.items()]
        without = self.users - sum(self.counts.values())
        lines.append(f"{'not placed':<14} {without:,} ({self._share(without)}){self._why()}")
        lines += [line for note in self.noted for line in ("", *wrapped(note, WIDTH))]
        lines += ["", *(text.rstrip() for text in (self.rules, self.sql) if text)] if self.rules or self.sql else []
        said = f"Written: {self.file}" if self.file else "--to FILE.csv or FILE.parquet writes a row for each user."
        return "\n".join([*lines, "", said])

    def _share(self, n: int) -> str:
        return percent(n / self.users) if self.users else "0 %"

    def _why(self) -> str:
        reasons = (TOO_FEW, NOT_LIKELY, NO_RULE)
        told = [(int((self.rows["why"] == why).sum()), why) for why in reasons]
        leaning = sum(str(why).startswith(LEANS) for why in self.rows["why"].tolist())
        told.insert(1, (leaning, "lean to one"))
        return ": " + ", ".join(f"{n:,} {why}" for n, why in told if n) if any(n for n, _ in told) else ""

    def as_json(self) -> dict[str, Any]:
        """How many are where; who, stands in the file alone."""
        return {
            "users": self.users,
            "personas": self.counts,
            "not_placed": self.users - sum(self.counts.values()),
            "by": self.by,
            "file": str(self.file) if self.file else None,
            "notes": list(self.noted),
            **({"rules": self.rules} if self.rules else {}),
            **({"sql": self.sql} if self.sql else {}),
            "seal": self.seal.standing,
        }


def _users(n: int) -> str:
    return f"{n:,} user" if n == 1 else f"{n:,} users"


def as_objects(values: Sequence[Any]) -> NDArray[Any]:
    """Texts, None among them, as a column."""
    return np.array(values, dtype=object)
