"""Files into records: which format a file has, and each record's line, bytes and parsed value.

Takes an `Input`; gives `Record`s in file order. Promises: a record that cannot be read is given with the reason why
and takes no other record with it; headers and blank lines are no records; the bytes are the record's own.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, islice
from typing import Any, BinaryIO, NamedTuple

import orjson

from ..errors import InputError, UsageError
from .databases import KINDS, database_kind, database_rows
from .elements import split_elements, wrapped_array
from .inputs import Input, bare_suffix, open_bytes
from .lines import BOM, LINE_LIMIT, CsvSplitter, NumberedLine, Overlong, Unclosed, split_lines, without_cr
from .parquet import parquet_rows
from .shapes import as_list
from .values import EXACT, Rejected
from .vendors import VENDORS, Vendor

FILES = ("jsonl", "json", "csv", "tsv", "parquet")
FORMATS = (*FILES, *KINDS, *VENDORS)
DELIMITERS = (",", ";", "\t", "|")
LINEWISE = (".jsonl", ".ndjson")
HEAD = 1 << 20  # a megabyte: the format shows in the first records, and one of a whole-file JSON array may be long
PEEKED = 50  # lines behind a broken first one in which a whole JSON object still means JSON lines; a round number
COMMENTS = 100  # lines above a header; a round number
EACH = 10_000  # members of lists in records that begin on one line are numbered apart

# The csv module refuses cells over 128 kB, which is less than a record may have here.
csv.field_size_limit(2 * LINE_LIMIT)


class Record(NamedTuple):
    """`n` counts from 0 among the records that begin on `line`; `value` is the record, or why there is none; `aside` says why
    it is no behaviour.
    """

    line: int
    n: int
    raw: bytes
    value: dict[str, Any] | Rejected
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read. `query` says which rows of a database; `inside` is where the elements of a whole-file JSON
    array begin, if it is one; `vendor` has the layout of the records, if they are some vendor's; a `headless` table has its
    names from there. Every member of the list at `each` is a record. A table begins on its line `first`.
    """

    format: str
    delimiter: str = ""
    header: tuple[str, ...] = ()
    start: int = 0
    inside: bool = False
    vendor: str = ""
    headless: bool = False
    query: str | None = None
    each: str = ""
    first: int = 1


def find_layout(item: Input, format: str | None, query: str | None = None) -> Layout:
    """The layout of a file, by `format` if it is given (a vendor's says nothing of the file), else by its first bytes and
    its name.
    """
    if format in VENDORS:
        return replace(find_layout(item, None, query), vendor=format)
    with open_bytes(item) as stream:
        head = stream.read(HEAD)
    kind = format if format in KINDS else database_kind(head)
    if kind:
        return Layout(kind, query=query)
    if query is not None:
        raise UsageError(
            f"--query asks a database, and {item.name} is none.", hint="It is for duckdb and SQLite files."
        )
    if format == "parquet" or (format is None and head.startswith(b"PAR1")):
        return Layout("parquet")
    text = head.removeprefix(BOM).lstrip()
    suffix = bare_suffix(item)
    if format is None:
        is_json = suffix in (".jsonl", ".ndjson", ".json") or (
            suffix not in (".csv", ".tsv") and text[:1] in (b"{", b"[")
        )
        format = "jsonl" if is_json else "tsv" if suffix == ".tsv" else "csv"
        if is_json and _is_document(text, suffix):
            format = "json"
    if format == "json":
        return _document_layout(head, len(head) - len(text))
    return Layout(format) if format == "jsonl" else _table_layout(item, format)


def read_records(item: Input, layout: Layout) -> Iterator[Record]:
    """Every record of a file, the broken ones too; of a vendor's layout, the plain records that each of its own holds."""
    if not layout.vendor:
        records = _file_records(item, layout)
        yield from _each(records, layout.each) if layout.each else records
        return
    vendor, line, n = VENDORS[layout.vendor], 0, 0
    for record in _file_records(item, layout):
        n = n if record.line == line else 0
        line = record.line
        for found in _plain(vendor, record):
            yield found._replace(n=n)
            n += 1


def _each(records: Iterator[Record], path: str) -> Iterator[Record]:
    """Each member of the list at `path` with what else its record holds; told apart as events of one record are."""
    *outer, name = path.split(".")
    for record in records:
        if isinstance(record.value, Rejected):
            yield record
            continue
        held: Any = record.value
        for part in outer:
            held = held.get(part) if type(held) is dict else None
        found = as_list(held.get(name)) if type(held) is dict else None
        if found is None:
            yield record._replace(value=Rejected("no_list", f"{path} is no list"))
            continue
        for i, member in enumerate(found):
            raw = record.raw if len(found) == 1 else record.raw + b"\n%d" % i
            yield record._replace(n=record.n * EACH + i, raw=raw, value=_with(record.value, outer, name, member))


def _with(value: dict[str, Any], outer: Sequence[str], name: str, member: Any) -> dict[str, Any]:
    if not outer:
        return {**value, name: member}
    return {**value, outer[0]: _with(value[outer[0]], outer[1:], name, member)}


def _plain(vendor: Vendor, record: Record) -> Iterator[Record]:
    if isinstance(record.value, Rejected):
        yield record
        return
    found = list(vendor.events(record.value))
    if any(type(f.fields["user"]) is float and abs(f.fields["user"]) >= EXACT for f in found):
        found = list(vendor.events(json.loads(record.raw)))
    if not found:
        yield record._replace(value=Rejected("no_event", f"the record holds no event of {vendor.name}'s"))
    for i, f in enumerate(found):
        # Events of one record are told apart, or they would count as copies of each other.
        raw = record.raw if len(found) == 1 else record.raw + b"\n%d" % i
        yield record._replace(raw=raw, value=f.fields, aside=f.aside)


def _file_records(item: Input, layout: Layout) -> Iterator[Record]:
    if layout.format == "parquet":
        for line, raw, row in parquet_rows(item):
            yield Record(line, 0, raw, row)
        return
    if layout.format in KINDS:
        for line, raw, row in database_rows(item, layout.format, layout.query):
            yield Record(line, 0, raw, row)
        return
    with open_bytes(item) as stream:
        if layout.format == "json":
            for line, n, raw in split_elements(stream, layout.start, inside=layout.inside):
                yield Record(line, n, raw, _parse_json(raw))
        elif layout.format == "jsonl":
            for line, held in split_lines(stream, first=item.line):
                raw = held if type(held) is Overlong else without_cr(held)
                if raw and not raw.isspace():
                    yield Record(line, 0, raw, _parse_json(raw))
        else:
            yield from _table_records(stream, layout)


def _is_document(text: bytes, suffix: str) -> bool:
    """Whether JSON that begins with `text` is one document rather than one value per line."""
    first, _, rest = text.partition(b"\n")
    first = first.strip()
    if first[:1] not in (b"[", b"{"):
        return False
    try:
        orjson.loads(first)
    except orjson.JSONDecodeError:
        if suffix in LINEWISE:
            return first[-1:] in (b"[", b"{") and not any(map(_is_object, rest.split(b"\n", PEEKED)[:PEEKED]))
        return first[-1:] in (b"[", b"{", b",", b":") or first[:1] == b"[" or not rest
    if rest.strip() or suffix in LINEWISE:
        return False
    return first[:1] == b"[" or wrapped_array(first) is not None


def _is_object(line: bytes) -> bool:
    try:
        return type(orjson.loads(line)) is dict
    except orjson.JSONDecodeError:
        return False


def _document_layout(head: bytes, start: int) -> Layout:
    if head[start : start + 1] == b"[":
        return Layout("json", start=start + 1, inside=True)
    inner = wrapped_array(head[start:]) if head[start : start + 1] == b"{" else None
    return Layout("json", start=start) if inner is None else Layout("json", start=start + inner, inside=True)


def _table_layout(item: Input, format: str) -> Layout:
    with open_bytes(item) as stream:
        lines = (line for line in split_lines(stream) if not line[1].isspace() and line[1])
        peek = _first_lines(lines)
        if not peek:
            return Layout(format)
        quoted_away = b"".join(peek[0][1].split(b'"')[::2]).decode(errors="replace")
        delimiter = "\t" if format == "tsv" else max(DELIMITERS, key=quoted_away.count)
        header_lines = CsvSplitter(delimiter.encode(), lambda _: True).split(iter([*peek, *islice(lines, 100)]))
        _, raw = next(header_lines)
    cells = _cells(raw, delimiter)
    for vendor in VENDORS.values():
        if vendor.header and not isinstance(cells, Rejected) and _lacks_header(cells, vendor):
            return Layout(format, delimiter, vendor.header, headless=True, first=peek[0][0])
    if isinstance(cells, Rejected):
        raise InputError(f"The header of {item.name} cannot be read: {cells.reason}.")
    if peek[0][1].lstrip().startswith(b"#"):
        cells = [cells[0].lstrip("# "), *cells[1:]]
    names = tuple(name.strip() or f"column_{place}" for place, name in enumerate(cells, 1))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            f"The header of {item.name} names {', '.join(map(repr, twice))} more than once.",
            hint="Give every column its own name.",
        )
    return Layout(format, delimiter, names, first=peek[0][0])


def _first_lines(lines: Iterator[NumberedLine]) -> list[NumberedLine]:
    """The first line of a table, below those that begin with `#`; the last of them where it has as many cells, as a header."""
    signs, comments = [sign.encode() for sign in DELIMITERS], list[NumberedLine]()
    for line in lines:
        if not line[1].removeprefix(BOM).lstrip().startswith(b"#") or len(comments) == COMMENTS:
            columns = max(map(line[1].count, signs))
            if comments and columns and max(map(comments[-1][1].count, signs)) == columns:
                return [comments[-1], line]
            return [line]
        comments.append(line)
    return comments[:1]


def _lacks_header(cells: Sequence[str], vendor: Vendor) -> bool:
    """As many fields as a vendor's table without header has, and none of them a name of its."""
    return len(cells) == len(vendor.header) and not set(cells) & set(vendor.header[:8])


def _table_records(stream: BinaryIO, layout: Layout) -> Iterator[Record]:
    header, delimiter, width = layout.header, layout.delimiter, len(layout.header)

    def fits(raw: bytes) -> bool:
        cells = _cells(raw, delimiter, strict=True)
        return not isinstance(cells, Rejected) and len(cells) == width

    lines = dropwhile(lambda line: line[0] < layout.first, split_lines(stream))
    records = CsvSplitter(delimiter.encode() or b",", fits).split(lines)
    filled = (record for record in records if record[1] and not record[1].isspace())
    for line, raw in islice(filled, 0 if layout.headless else 1, None):
        cells = _cells(raw, delimiter)
        if isinstance(cells, Rejected):
            yield Record(line, 0, raw, cells)
        elif len(cells) != width:
            reason = f"the row has {len(cells)} fields where the header has {width}"
            yield Record(line, 0, raw, Rejected("fields", reason))
        else:
            yield Record(line, 0, raw, dict(zip(header, cells, strict=True)))


def _cells(raw: bytes, delimiter: str, *, strict: bool = False) -> list[str] | Rejected:
    if type(raw) is Unclosed:
        return Rejected("quote", "a quoted field begins here and does not end where a row could end")
    try:
        text = raw.decode() if type(raw) is not Overlong else ""
        if not text:
            return _too_long()
        if '"' not in text and "\r" not in text:
            return text.split(delimiter)
        return next(csv.reader((text,), delimiter=delimiter, strict=strict))
    except UnicodeDecodeError as error:
        return _not_utf8(error)
    except csv.Error as error:
        return Rejected("csv", f"the row is not valid CSV: {error}")


def _parse_json(raw: bytes) -> dict[str, Any] | Rejected:
    if type(raw) is Overlong:
        return _too_long()
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return _why_not_json(raw, error)
    return value if type(value) is dict else Rejected("not_an_object", "the record is not a JSON object")


def _why_not_json(raw: bytes, error: orjson.JSONDecodeError) -> Rejected:
    try:
        raw.decode()
    except UnicodeDecodeError as fault:
        return _not_utf8(fault)
    return Rejected("json", f"the record is not valid JSON: {error.msg}")


def _not_utf8(error: UnicodeDecodeError) -> Rejected:
    return Rejected("encoding", f"byte {error.start + 1} of the record is not UTF-8")


def _too_long() -> Rejected:
    return Rejected("too_long", f"the record is longer than {LINE_LIMIT >> 20} MB")
