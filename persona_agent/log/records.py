"""Files into records: each record's line, bytes and parsed value.

Takes an `Input` and its `Layout`; gives `Record`s in file order. Promises: a record that cannot be read is given with the
reason why and takes no other record with it; headers and blank lines are no records; the bytes are the record's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from ..ids import canonical_json
from .access import access_records
from .cells import Dialect, not_in_encoding, table_rows, too_long
from .consent import Consent
from .databases import KINDS, database_rows
from .elements import split_elements
from .inputs import Input, open_bytes
from .layouts import Layout
from .lines import Overlong, split_lines, without_cr
from .parquet import parquet_rows
from .shapes import as_list
from .values import EXACT, Rejected
from .vendors import VENDORS, Vendor
from .xes import xes_events

NO_CONSENT = "no_consent"
EACH = 10_000  # members of lists in records that begin on one line are numbered apart


class Record(NamedTuple):
    """`n` counts from 0 among the records that begin on `line`; `value` is the record, or why there is none; `aside` says why
    it is no behaviour.
    """

    line: int
    n: int
    raw: bytes
    value: dict[str, Any] | Rejected
    aside: str = ""


def read_records(item: Input, layout: Layout) -> Iterator[Record]:
    """Every record of a file, the broken ones too; of a vendor's layout, the plain records that each of its own holds."""
    records = _file_records(item, layout)
    if layout.vendor:
        return _of_vendor(records, VENDORS[layout.vendor])
    return _each(records, layout.each) if layout.each else records


def _of_vendor(records: Iterator[Record], vendor: Vendor) -> Iterator[Record]:
    line = n = 0
    for record in records:
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
    """The records of a file as they stand, without those that may not be read."""
    records = _all_records(item, layout)
    return _with_consent(records, Consent(layout.consent)) if layout.consent else records


def _with_consent(records: Iterator[Record], consent: Consent) -> Iterator[Record]:
    """Of a record without consent there is nothing but the line."""
    refused = Rejected(NO_CONSENT, f"{consent.column} does not say yes")
    for record in records:
        may = not isinstance(record.value, Rejected) and consent.given(record.value)
        yield record if may else Record(record.line, record.n, b"", refused)


def _all_records(item: Input, layout: Layout) -> Iterator[Record]:
    if layout.format == "parquet":
        return _of_rows(parquet_rows(item))
    if layout.format in KINDS:
        return _of_rows(database_rows(item, layout.format, layout.query))
    return _xes_records(item) if layout.format == "xes" else _text_records(item, layout)


def _of_rows(rows: Iterator[tuple[int, bytes, dict[str, Any]]]) -> Iterator[Record]:
    for line, raw, row in rows:
        yield Record(line, 0, raw, row)


def _xes_records(item: Input) -> Iterator[Record]:
    line = n = 0
    with open_bytes(item) as stream:
        for at, event in xes_events(stream, item.name):
            n, line = (n + 1 if at == line else 0), at
            yield Record(line, n, canonical_json(event).encode(), event)


def _text_records(item: Input, layout: Layout) -> Iterator[Record]:
    with open_bytes(item, layout.encoding) as stream:
        if layout.format == "json":
            for line, n, raw in split_elements(stream, layout.start, inside=layout.inside):
                yield Record(line, n, raw, _parse_json(raw))
        elif layout.format == "jsonl":
            for line, held in split_lines(stream, first=item.line):
                raw = held if type(held) is Overlong else without_cr(held)
                if raw and not raw.isspace():
                    yield Record(line, 0, raw, _parse_json(raw))
        elif layout.format == "access":
            for line, raw, request, aside in access_records(stream):
                yield Record(line, 0, raw, request, aside)
        else:
            header, dialect = layout.header, Dialect(layout.delimiter, layout.escaped, layout.nothing)
            rows = table_rows(stream, dialect, len(header), first=layout.first, headless=layout.headless)
            for line, raw, cells in rows:
                value = cells if isinstance(cells, Rejected) else dict(zip(header, cells, strict=True))
                yield Record(line, 0, raw, value)


def _parse_json(raw: bytes) -> dict[str, Any] | Rejected:
    if type(raw) is Overlong:
        return too_long()
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return _why_not_json(raw, error)
    return value if type(value) is dict else Rejected("not_an_object", "the record is not a JSON object")


def _why_not_json(raw: bytes, error: orjson.JSONDecodeError) -> Rejected:
    try:
        raw.decode()
    except UnicodeDecodeError as fault:
        return not_in_encoding(fault)
    return Rejected("json", f"the record is not valid JSON: {error.msg}")
