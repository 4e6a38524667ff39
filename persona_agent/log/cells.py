"""Tables of texts: which line is the header, how cells are parted and quoted, and each row's cells.

Takes lines; gives a `Dialect` and rows of cells. Promises: a quote that is never closed, and a row of another width, cost
themselves alone; a backslash quotes only where rows say so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, islice
from typing import BinaryIO

from .blanks import BLANK_ROWS, blank_spellings
from .lines import BOM, LINE_LIMIT, CsvSplitter, NumberedLine, Overlong, Unclosed, split_lines
from .separators import DELIMITERS, SPACES, WIDE, cells_parted, find_separator
from .values import Rejected

HEADLESS_ROWS = 20  # that must hold numbers where the first does too, at least; fewer show nothing
COMMENTS = 100  # lines above a header; a round number
HEADER_LINES = 100  # that one header may span; a round number
ROWS_SEEN = 20_000  # lines in which a quote behind a backslash is looked for: titles with inches in them are not rare
NULL = "\\N"  # what databases write for nothing

_STAND_IN = "\ufdd0"  # one sign for a longer separator beside quotes; Unicode keeps it out of texts
# Excel's first line, and the rules that clients of databases draw.
_NO_ROW = re.compile(rb'"?sep=.{1,2}?"?\s*|[-+|=:\s]{3,}').fullmatch
# A number or a time in figures.
_NUMERIC = re.compile(r"\s*[-+]?\d[\d.,:/\-+ ]*(T\d[\d.:+\-]*)?(Z| ?UTC)?\s*").fullmatch
# The csv module refuses cells over 128 kB, which is less than a record may have here.
csv.field_size_limit(2 * LINE_LIMIT)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What parts cells, whether a backslash quotes the sign behind it, as MySQL has it, and what a cell says of `nothing`."""

    delimiter: str
    escaped: bool = False
    nothing: frozenset[str] = frozenset((NULL,))

    def splitter(self, width: int | None) -> CsvSplitter:
        """What joins the lines of a row; of a header, whose width is not known yet, `width` is None."""

        def fits(raw: bytes) -> bool:
            cells = self.cells(raw, strict=True)
            return width is None or (not isinstance(cells, Rejected) and len(cells) == width)

        return CsvSplitter(self.delimiter.encode() or b",", fits, escaped=self.escaped)

    def cells(self, raw: bytes, *, strict: bool = False) -> list[str] | Rejected:
        """The cells of a row, or why there are none."""
        if type(raw) is Unclosed:
            return Rejected("quote", "a quoted field begins here and does not end where a row could end")
        if type(raw) is Overlong or not raw:
            return too_long()
        try:
            text = raw.decode()
            found = self._parted(text, strict)
        except UnicodeDecodeError as error:
            return not_in_encoding(error)
        except (csv.Error, StopIteration) as error:
            return Rejected("csv", f"the row is not valid CSV: {error}")
        if not any(spelled in text for spelled in self.nothing):
            return found
        return ["" if cell.strip() in self.nothing else cell for cell in found]

    def read(self, text: str) -> list[str] | None:
        """The cells of a line, None where it is no row of its own."""
        try:
            return self._parted(text, strict=True)
        except (csv.Error, StopIteration):
            return None

    def _parted(self, text: str, strict: bool) -> list[str]:
        if self.escaped and "\\" in text:
            nothing = re.compile(rf"(^|{re.escape(self.delimiter)})\\N(?={re.escape(self.delimiter)}|$)")
            text = nothing.sub(r"\1", text)
            return next(csv.reader((text,), delimiter=self.delimiter, strict=strict, escapechar="\\"))
        if self.delimiter in (SPACES, WIDE) or ('"' not in text and "\r" not in text):
            return cells_parted(text, self.delimiter)
        if len(self.delimiter) == 1:
            return next(csv.reader((text,), delimiter=self.delimiter, strict=strict))
        plain = text.replace(_STAND_IN, "").replace(self.delimiter, _STAND_IN)
        found = next(csv.reader((plain,), delimiter=_STAND_IN, strict=strict))
        return [cell.replace(_STAND_IN, self.delimiter) for cell in found]


@dataclass(frozen=True, slots=True)
class Head:
    """The cells of a table's first row, the line on which it begins, and the table's dialect; whether the row is `headless`,
    one of data as the others are.
    """

    cells: list[str] | Rejected
    line: int
    dialect: Dialect
    headless: bool = False


def find_head(stream: BinaryIO, format: str) -> Head | None:
    """The first row of a table, below lines of comment; None for a table without any."""
    lines = (line for line in split_lines(stream) if not line[1].isspace() and line[1])
    peek = _first_lines(lines)
    if not peek:
        return None
    number, first = peek[0]
    quoted_away = b"".join(first.split(b'"')[::2]).decode(errors="replace")
    dialect = Dialect("\t" if format == "tsv" else max(DELIMITERS, key=quoted_away.count))
    upper = [*peek, *islice(lines, HEADER_LINES)]
    if format != "tsv":
        rows = [line.removeprefix(BOM) for _, line in upper if not _NO_ROW(line)]
        dialect = Dialect(find_separator(rows, dialect.delimiter, dialect.read) or dialect.delimiter)
    cells = dialect.cells(next(dialect.splitter(None).split(iter(upper)))[1])
    if isinstance(cells, Rejected):
        return Head(cells, number, dialect)
    if first.lstrip().startswith(b"#"):
        cells = [cells[0].lstrip("# "), *cells[1:]]
    seen = [line for _, line in (*upper, *islice(lines, ROWS_SEEN))]
    quoting = [line for line in seen if b'\\"' in line]
    dialect = Dialect(dialect.delimiter, _is_escaped(quoting, dialect.delimiter, len(cells)))
    headless = _is_data(cells, [dialect.cells(line) for _, line in upper[1:]])
    below = [row for row in map(dialect.cells, seen[1 : BLANK_ROWS + 1]) if not isinstance(row, Rejected)]
    blank = blank_spellings([row for row in below if len(row) == len(cells)], _NUMERIC)
    return Head(cells, number, replace(dialect, nothing=dialect.nothing | blank), headless)


def table_rows(
    stream: BinaryIO, dialect: Dialect, width: int, *, first: int, headless: bool
) -> Iterator[tuple[int, bytes, list[str] | Rejected]]:
    """Each row's line, bytes and cells, from line `first` on, without the header that stands there unless it is `headless`."""
    lines = dropwhile(lambda line: line[0] < first, split_lines(stream))
    rows = dialect.splitter(width).split(lines)
    filled = (row for row in rows if row[1] and not row[1].isspace())
    for line, raw in islice(filled, 0 if headless else 1, None):
        cells = dialect.cells(raw)
        if not isinstance(cells, Rejected) and len(cells) != width:
            cells = Rejected("fields", f"the row has {len(cells)} fields where the header has {width}")
        yield line, raw, cells


def not_in_encoding(error: UnicodeDecodeError) -> Rejected:
    """Why a record's bytes are no text."""
    told = f"byte {error.start + 1} of the record is not in the encoding of the rest; --encoding names another"
    return Rejected("encoding", told)


def too_long() -> Rejected:
    """Why a record is not read at all."""
    return Rejected("too_long", f"the record is longer than {LINE_LIMIT >> 20} MB")


def _first_lines(lines: Iterator[NumberedLine]) -> list[NumberedLine]:
    """The first line of a table, below those that begin with `#`; the last of them where it has as many cells, as a header."""
    signs, comments = [sign.encode() for sign in DELIMITERS], list[NumberedLine]()
    for line in lines:
        if _NO_ROW(line[1].removeprefix(BOM)) and len(comments) < COMMENTS:
            continue
        if not line[1].removeprefix(BOM).lstrip().startswith(b"#") or len(comments) == COMMENTS:
            columns = max(map(line[1].count, signs))
            if comments and columns and max(map(comments[-1][1].count, signs)) == columns:
                return [comments[-1], line]
            return [line]
        comments.append(line)
    return comments[:1]


def _is_data(first: Sequence[str], rows: Sequence[list[str] | Rejected]) -> bool:
    """Whether the first row is one of data: a number or time where all others have one, nowhere a name above such. Numbers that
    count columns are names, as data frames have them.
    """
    others = [row for row in rows if not isinstance(row, Rejected) and len(row) == len(first)]
    if len(others) < HEADLESS_ROWS or [cell for cell in first if cell] in _counted(len(first)):
        return False
    columns = [{_NUMERIC(cell) is not None for cell in column if cell} for column in zip(*others, strict=True)]
    of_numbers = [cell for cell, kinds in zip(first, columns, strict=True) if cell and kinds == {True}]
    return bool(of_numbers) and all(_NUMERIC(cell) for cell in of_numbers)


def _counted(width: int) -> list[list[str]]:
    return [[str(n) for n in range(start, start + names)] for names in (width, width - 1) for start in (0, 1)]


def _is_escaped(rows: Iterable[bytes], delimiter: str, width: int) -> bool:
    """Whether rows with a quote behind a backslash are whole more often where it quotes than where it is a plain sign: a folder
    of Windows may end in one.
    """
    plain, escaped = Dialect(delimiter), Dialect(delimiter, escaped=True)
    counts = [(_is_whole(plain, row, width), _is_whole(escaped, row, width)) for row in rows]
    return sum(e for _, e in counts) > sum(p for p, _ in counts)


def _is_whole(dialect: Dialect, row: bytes, width: int) -> bool:
    cells: Sequence[str] | Rejected = dialect.cells(row, strict=True)
    return not isinstance(cells, Rejected) and len(cells) == width
