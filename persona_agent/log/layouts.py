"""Which format a file has, and how records stand in it.

Takes an `Input` and what a person says of it; gives its `Layout`. Promises: a file is known by its first bytes before its name,
and one that cannot be read by what is known of it is an InputError that names the option which says more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import orjson

from ..errors import InputError, UsageError
from .access import is_access_log
from .cells import NULL, find_head
from .databases import KINDS, database_kind
from .elements import wrapped_array
from .encodings import find_encoding, utf_8_or
from .inputs import Input, bare_suffix, open_bytes
from .lines import BOM
from .separators import DELIMITERS, SPACES, WIDE
from .values import Rejected
from .vendors import VENDORS, Vendor

FILES = ("jsonl", "json", "csv", "tsv", "parquet", "xes", "access")
FORMATS = (*FILES, *KINDS, *VENDORS)
LINEWISE = (".jsonl", ".ndjson")
HEAD = 1 << 20  # a megabyte: the format shows in the first records, and one of a whole-file JSON array may be long
PEEKED = 50  # lines behind a broken first one in which a whole JSON object still means JSON lines; a round number
XES = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<log[\s>]").match
COUNTED = "column_{}"  # the name of a column that has none, by its place from 1
# Of the lines, and as many at least: fewer are listed as rejects, more are a part of the log that is missing.
HURT_SHARE, HURT_LINES = 0.01, 20


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read. A table's cells are parted by `delimiter` and `escaped` by backslashes; `nothing` is what they
    say where they hold nothing. `query` says which rows
    of a database; `inside` is where the elements of a whole-file JSON
    array begin, if it is one; `vendor` has the layout of the records, if they are some vendor's; a `headless` table has its
    names from there. Every member of the list at `each` is a record. A table begins on its line `first`. `encoding` is that of
    a text that is not UTF-8; `consent` is where records say that they may be read.
    """

    format: str
    delimiter: str = ""
    escaped: bool = False
    header: tuple[str, ...] = ()
    start: int = 0
    inside: bool = False
    vendor: str = ""
    headless: bool = False
    query: str | None = None
    each: str = ""
    first: int = 1
    encoding: str = ""
    consent: str = ""
    nothing: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The encoding of the file by name; "" where it is no text."""
        return self.encoding or ("utf-8" if self.format in ("jsonl", "json", "csv", "tsv", "access") else "")


def find_layout(item: Input, format: str | None, query: str | None = None, encoding: str | None = None) -> Layout:
    """The layout of a file, by `format` if it is given (a vendor's says nothing of the file), else by its first bytes and
    its name; InputError where it is in an encoding that cannot be told and is not given.
    """
    if format in VENDORS:
        return replace(find_layout(item, None, query, encoding), vendor=format)
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
    if format == "xes" or (format is None and (bare_suffix(item) == ".xes" or XES(head))):
        return Layout("xes")
    encoding = _encoding(item) if encoding is None else utf_8_or(encoding)
    if encoding:
        with open_bytes(item, encoding) as stream:
            head = stream.read(HEAD)
    return replace(_text_layout(item, format, head, encoding), encoding=encoding)


def said_of_tables(inputs: Sequence[Input], layouts: Sequence[Layout]) -> Iterator[str]:
    """What a person should know of tables that are not what tables usually are."""
    for item, layout in zip(inputs, layouts, strict=True):
        if layout.headless and not layout.vendor and (names := layout.header)[0] == COUNTED.format(1):
            yield f"the table {item.name} has no header: its columns are {names[0]} to {names[-1]}"
        if layout.delimiter and layout.delimiter not in DELIMITERS:
            sign = {SPACES: "spaces", WIDE: "two spaces and more"}.get(layout.delimiter)
            yield f"the cells of {item.name} are parted by {sign or repr(layout.delimiter)}"
        if blank := sorted(layout.nothing - {NULL}):
            yield f"{' and '.join(f'“{spelled}”' for spelled in blank)} stands for nothing in {item.name}"


def _encoding(item: Input) -> str:
    """The encoding of a text; where too few of its lines are hurt by it, they are rejected one by one."""
    found = find_encoding(partial(open_bytes, item))
    if found.encoding or found.share < HURT_SHARE or found.lines < HURT_LINES:
        return found.encoding
    told = f"; {found.likely[0]} would give {found.example[:80]!r}" if found.likely else ""
    raise InputError(
        f"{item.name} is not in UTF-8 ({found.share:.0%} of its lines), and its encoding cannot be told{told}.",
        hint=f"Say --encoding NAME: {', '.join(found.likely) or 'windows-1252, gbk or the like'}.",
    )


def _text_layout(item: Input, format: str | None, head: bytes, encoding: str) -> Layout:
    text = head.removeprefix(BOM).lstrip()
    suffix = bare_suffix(item)
    if format == "access" or (format is None and is_access_log(text)):
        return Layout("access")
    if format is None:
        is_json = suffix in (".jsonl", ".ndjson", ".json") or (
            suffix not in (".csv", ".tsv") and text[:1] in (b"{", b"[")
        )
        format = "jsonl" if is_json else "tsv" if suffix == ".tsv" else "csv"
        if is_json and _is_document(text, suffix):
            format = "json"
    if format == "json":
        return _document_layout(head, len(head) - len(text))
    return Layout(format) if format == "jsonl" else _table_layout(item, format, encoding)


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


def _table_layout(item: Input, format: str, encoding: str) -> Layout:
    with open_bytes(item, encoding) as stream:
        head = find_head(stream, format)
    if head is None:
        return Layout(format)
    cells, dialect = head.cells, head.dialect
    table = Layout(format, dialect.delimiter, dialect.escaped, first=head.line, nothing=dialect.nothing)
    if isinstance(cells, Rejected):
        raise InputError(f"The header of {item.name} cannot be read: {cells.reason}.")
    for vendor in VENDORS.values():
        if vendor.header and _lacks_header(cells, vendor):
            return replace(table, header=vendor.header, headless=True)
    if head.headless:
        return replace(table, header=tuple(COUNTED.format(place) for place, _ in enumerate(cells, 1)), headless=True)
    names = tuple(name.strip() or COUNTED.format(place) for place, name in enumerate(cells, 1))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            f"The header of {item.name} names {', '.join(map(repr, twice))} more than once.",
            hint="Give every column its own name.",
        )
    return replace(table, header=names)


def _lacks_header(cells: Sequence[str], vendor: Vendor) -> bool:
    """As many fields as a vendor's table without header has, and none of them a name of its."""
    return len(cells) == len(vendor.header) and not set(cells) & set(vendor.header[:8])
