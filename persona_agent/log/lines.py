"""Bytes into physical lines, and lines into CSV records.

Takes a byte stream; gives `(line, raw bytes)` pairs, line counted from 1 and the terminator taken off. Promises: the
result does not depend on how the bytes arrive, no more than one line (at most `LINE_LIMIT`) is held, and a quote that
is never closed costs its own line only.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO

CHUNK = 1 << 20  # bytes read at once; a round number
LINE_LIMIT = 16 << 20  # 16 MB: what is longer is no record but a broken file, and would be held in memory
QUOTED_LINES = 1_000  # lines that one quoted cell may span; a quote that is still open then was never closed
QUOTED_BYTES = 1 << 20  # the same in bytes, for long lines
KEPT = 2_000  # bytes of an overlong record, enough to show where it is
BOM = b"\xef\xbb\xbf"

NumberedLine = tuple[int, bytes]


class Overlong(bytes):
    """The first bytes of a record that is longer than `LINE_LIMIT`; the rest was read past and let go."""


class Unclosed(bytes):
    """A line on which a quoted field begins that does not end where a record could end."""


def split_lines(
    stream: BinaryIO, *, first: int = 1, chunk: int = CHUNK, limit: int = LINE_LIMIT
) -> Iterator[NumberedLine]:
    """Every physical line, blank ones too, without its line feed, numbered from `first`; a byte order mark is taken off
    line 1.
    """
    number, held, overlong = first, b"", False
    while piece := stream.read(chunk):
        begun, *rest = piece.split(b"\n")
        held = held if overlong else held + begun
        if not overlong and len(held) > limit + 1:
            overlong, held = True, held[:KEPT]
        if not rest:
            continue
        yield number, _finished(held, number, overlong, limit)
        last = rest.pop()
        for line in rest:
            number += 1
            yield number, line
        number, held, overlong = number + 1, last, False
    if held:
        yield number, _finished(held, number, overlong, limit)


def _finished(line: bytes, number: int, overlong: bool, limit: int) -> bytes:
    line = line.removeprefix(BOM) if number == 1 else line
    return Overlong(line[:KEPT]) if overlong or len(line) > limit else line


def without_cr(line: bytes) -> bytes:
    """`line` without the first half of a Windows line end."""
    return line[:-1] if line.endswith(b"\r") else line


class CsvSplitter:
    """Joins the lines of quoted fields that span several. `fits` says whether a joined record has the header's width:
    where it does not, the quote was a slip of that line, which is given as `Unclosed`, and the next line starts anew. In
    `escaped` tables a backslash takes the quote behind it for a sign.
    """

    def __init__(self, delimiter: bytes, fits: Callable[[bytes], bool], *, escaped: bool = False) -> None:
        self._fits = fits
        sign = re.escape(delimiter)
        plain = b"[^" + sign + b"]" if len(delimiter) == 1 else b"(?:(?!" + sign + rb")[\s\S])"
        other, rest = b'(?!")' + plain, plain + b"*+"
        inside = (rb'(?:[^"\\]++|\\[\s\S]|"")*+"' if escaped else b'(?:[^"]++|"")*+"') + rest
        cell = b'(?:"' + inside + b"|" + other + rest + b"|)"
        cells = b"(?:" + cell + sign + b")*+" + cell
        self._whole = re.compile(cells).fullmatch
        self._closing = re.compile(inside + b"(?:" + sign + cells + b")?+").fullmatch

    def split(self, lines: Iterator[NumberedLine]) -> Iterator[NumberedLine]:
        waiting: deque[NumberedLine] = deque()
        while True:
            number, line = waiting.popleft() if waiting else next(lines, (0, b""))
            if not number:
                return
            if b'"' not in line or type(line) is Overlong or self._whole(line):
                yield number, line if type(line) is Overlong else without_cr(line)
            else:
                yield number, self._join(line, waiting, lines)

    def _join(self, line: bytes, waiting: deque[NumberedLine], lines: Iterator[NumberedLine]) -> bytes:
        """The record that begins on `line`; lines looked at in vain go back to `waiting`."""
        taken, size = 0, len(line)
        while taken < QUOTED_LINES and size < QUOTED_BYTES:
            if taken == len(waiting):
                following = next(lines, None)
                if following is None:
                    break
                waiting.append(following)
            piece = waiting[taken][1]
            taken, size = taken + 1, size + len(piece) + 1
            if type(piece) is Overlong:
                break
            if self._closing(piece):
                record = without_cr(b"\n".join([line, *(waiting[i][1] for i in range(taken))]))
                if not self._fits(record):
                    break
                for _ in range(taken):
                    waiting.popleft()
                return record
        return Unclosed(without_cr(line))
