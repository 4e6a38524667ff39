"""A log cut into shares that can be read apart from each other: whole files, and slices of large ones.

Takes inputs with their layouts; gives shares of about equal size, in reading order. Promises: where the cuts fall depends on
the files alone; only plain UTF-8 files with one record to a line are sliced, at the ends of lines, and every slice knows the
number of its first line; every record is in one share.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .inputs import Input, is_compressed, packed_size, read_error
from .layouts import Layout

SHARE_BYTES = 8 << 20  # small enough that every processor has work, large enough that starting a worker is worth it
CHUNK = 1 << 20  # bytes read at once while looking for the ends of lines
# Numbers of events in reading order leave so much room for each share.
MOST_EVENTS = 1 << 40


@dataclass(frozen=True, slots=True)
class Share:
    """The inputs of one share with their layouts, its place among the shares, and the bytes on disk."""

    number: int
    inputs: tuple[Input, ...]
    layouts: tuple[Layout, ...]
    size: int


def shares(inputs: Sequence[Input], layouts: Sequence[Layout], size: int, *, whole: bool = False) -> list[Share]:
    """Shares of about `size` bytes; a file that cannot be sliced, or none if they are to be `whole`, is in one, however large."""
    found: list[Share] = []
    held: list[tuple[Input, Layout]] = []
    full = 0
    for item, layout in zip(inputs, layouts, strict=True):
        for piece, length in _slices(item, layout, size, whole):
            held.append((piece, layout))
            full += length
            if full >= size:
                found.append(_share(len(found), held, full))
                held, full = [], 0
    if held:
        found.append(_share(len(found), held, full))
    return found


def _share(number: int, held: Sequence[tuple[Input, Layout]], size: int) -> Share:
    inputs, layouts = zip(*held, strict=True)
    return Share(number, inputs, layouts, size)


def _slices(item: Input, layout: Layout, size: int, whole: bool) -> Iterator[tuple[Input, int]]:
    with read_error(item):
        length = packed_size(item)
        if whole or layout.format != "jsonl" or layout.encoding or length < 2 * size or is_compressed(item):
            yield item, length
            return
        start, line = 0, 1
        # All of one length, so that processors are done at about the same time.
        for stop, lines in _line_ends(item, math.ceil(length / (length // size))):
            yield replace(item, start=start, stop=stop, line=line), stop - start
            start, line = stop, line + lines


def _line_ends(item: Input, size: int) -> Iterator[tuple[int, int]]:
    """Where slices of at least `size` bytes end, behind a line feed or with the file, and the line feeds in each."""
    with item.path.open("rb") as stream:
        at = lines = since = 0
        while piece := stream.read(CHUNK):
            if since + len(piece) >= size and (cut := piece.find(b"\n", max(0, size - since))) >= 0:
                yield at + cut + 1, lines + piece.count(b"\n", 0, cut + 1)
                lines, since = piece.count(b"\n", cut + 1), len(piece) - cut - 1
            else:
                lines, since = lines + piece.count(b"\n"), since + len(piece)
            at += len(piece)
        if since:
            yield at, lines
