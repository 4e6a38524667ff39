"""A longer look at a log than its sample, for what hangs on how values come back.

Takes what reads its first records; gives columns as texts, a line at a time. Promises: nothing is read before it is asked for,
and nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from .inputs import Input
from .layouts import Layout
from .plan import dig
from .records import read_records
from .shapes import Shape, shaped
from .values import as_text

LOOKED_AT = 30_000  # records: a second's reading, in which users of a shop come back
FILLED = 0.95  # of lines have a thing's name or a visit's number; an order's number stands on the lines of orders alone

IN_ORDER = 0.99  # of lines have the earlier time first: a clock is put right now and then
AS_FINE = 0.5  # of the different times that a column has at most: of days of birth or joining there are fewer


def look_at(inputs: Sequence[Input], layouts: Sequence[Layout], shape: Shape) -> Iterator[dict[str, Any]]:
    """More of the log than the sample, as much of each file."""
    for item, layout in zip(inputs, layouts, strict=True):
        for record in islice(read_records(item, layout), LOOKED_AT // len(inputs)):
            if type(record.value) is dict:
                shaped(record.value, shape)
                yield record.value


class Lines:
    """A longer look at the log, taken when something hangs on it: the values of a column, in order."""

    def __init__(self, read: Callable[[], Iterable[dict[str, Any]]]) -> None:
        self._read = read
        self._texts: dict[str, list[str]] = {}

    @cached_property
    def records(self) -> Sequence[dict[str, Any]]:
        return list(self._read())

    def texts(self, path: str) -> list[str]:
        """The column as texts; "" where a record has none."""
        if path not in self._texts:
            self._texts[path] = [as_text(dig(record, path)) for record in self.records]
        return self._texts[path]

    def filled(self, path: str) -> bool:
        texts = self.texts(path)
        return sum(map(bool, texts)) >= FILLED * len(texts)


def begins(times: Mapping[str, Sequence[int | None]]) -> str:
    """Of several columns of times, the one at which each line begins: never later than any other that is as fine, and
    mostly earlier; "" without any.
    """

    def before(one: str, other: str) -> bool:
        both = [(a, b) for a, b in zip(times[one], times[other], strict=True) if a is not None and b is not None]
        return sum(a <= b for a, b in both) >= IN_ORDER * len(both) and 2 * sum(a < b for a, b in both) > len(both)

    different = {path: len({*held} - {None}) for path, held in times.items()}
    fine = [path for path, n in different.items() if n >= AS_FINE * max(different.values())]
    found = [one for one in fine if all(before(one, other) for other in fine if other != one)]
    return found[0] if len(found) == 1 else ""
