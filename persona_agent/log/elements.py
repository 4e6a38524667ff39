"""Bytes of one JSON document into its elements, without parsing the document.

Takes a byte stream; gives `(line, n, raw bytes)`: the element's first physical line, its place among the elements that
begin on that line, and its own bytes. Promises: at most one element (`LINE_LIMIT`) and one chunk are held, the result
does not depend on how the bytes arrive, and every byte up to the closing bracket that is not space or comma is in some
element, so that what is broken is rejected rather than passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from .lines import CHUNK, KEPT, LINE_LIMIT, Overlong

Element = tuple[int, int, bytes]

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+([{}\[\]])", re.DOTALL).match
_TO_TEXT = re.compile(rb"[\s,]*+").match
_SCALAR = re.compile(rb"(?:" + _STRING + rb'|[^",\s\[\]{}]++)++', re.DOTALL).match
_OPENING, _END, _QUOTE = b"{[", ord("]"), ord('"')


def split_elements(stream: BinaryIO, start: int, *, inside: bool, chunk: int = CHUNK) -> Iterator[Element]:
    """The elements from byte `start` on: of the array that stands open there if `inside`, else whole values one after
    the other until the bytes end.
    """
    return _Scanner(stream, start, inside, chunk).elements()


def wrapped_array(head: bytes) -> int | None:
    """Where the elements begin in a document that is one object around one array of objects; None for any other."""
    position, depth, starts = head.index(b"{") + 1, 1, []
    while depth and (found := _TO_BRACKET(head, position)):
        position = found.end()
        opens = head[position - 1] in _OPENING
        if depth == 1 and head[position - 1 : position] == b"[" and head[position:].lstrip()[:1] == b"{":
            starts.append(position)
        depth += 1 if opens else -1
    return starts[0] if len(starts) == 1 else None


class _Scanner:
    """A window on the stream: `held` are its bytes, `at` the place reached in them, `line` the line of that place."""

    def __init__(self, stream: BinaryIO, start: int, inside: bool, chunk: int) -> None:
        self._stream, self._inside, self._chunk = stream, inside, chunk
        self._held, self._at, self._line = b"", 0, 1
        while len(self._held) < start and self._more():
            pass
        self._pass(start)

    def elements(self) -> Iterator[Element]:
        last_line, n = 0, 0
        while self._to_next():
            line = self._line
            raw = self._bracketed() if self._held[self._at] in _OPENING else self._scalar()
            n = n + 1 if line == last_line else 0
            last_line = line
            yield line, n, raw

    def _to_next(self) -> bool:
        """Stands on the next element's first byte, or says that there is none."""
        while True:
            if text := _TO_TEXT(self._held, self._at):
                self._pass(text.end() - self._at)
            if self._at < len(self._held):
                return not (self._inside and self._held[self._at] == _END)
            if not self._more():
                return False

    def _bracketed(self) -> bytes:
        """The object or array that begins here, or all that is left where it never ends."""
        size, depth, kept = 0, 0, b""
        while True:
            if found := _TO_BRACKET(self._held, self._at + size):
                size = found.end() - self._at
                depth += 1 if self._held[self._at + size - 1] in _OPENING else -1
                if depth == 0:
                    return self._take(size, kept)
                continue
            if self._left() > LINE_LIMIT:
                kept = kept or self._held[self._at :][:KEPT]
                if not size:
                    return self._rest(kept)
                self._pass(size)
                size = 0
            if not self._more():
                return self._take(self._left(), kept)

    def _scalar(self) -> bytes:
        """A number, word, string or stray bracket."""
        while True:
            found = _SCALAR(self._held, self._at)
            size = found.end() - self._at if found else 0
            # At a quote, the string's end is still to come.
            if size < self._left() and self._held[self._at + size] != _QUOTE:
                return self._take(size or 1, b"")
            if self._left() > LINE_LIMIT:
                return self._rest(self._held[self._at :][:KEPT])
            if not self._more():
                return self._take(size or 1, b"")

    def _rest(self, kept: bytes) -> bytes:
        """Reads past a string that does not end: nothing behind it could be told apart."""
        self._pass(self._left())
        while self._more():
            self._pass(self._left())
        return Overlong(kept)

    def _left(self) -> int:
        return len(self._held) - self._at

    def _take(self, size: int, kept: bytes) -> bytes:
        raw = self._held[self._at : self._at + size]
        self._pass(size)
        return Overlong(kept) if kept else Overlong(raw[:KEPT]) if size > LINE_LIMIT else raw

    def _pass(self, size: int) -> None:
        self._line += self._held.count(b"\n", self._at, self._at + size)
        self._at += size

    def _more(self) -> bool:
        piece = self._stream.read(self._chunk)
        self._held = self._held[self._at :] + piece
        self._at = 0
        return bool(piece)
