"""A log means the same in whatever dress it comes: layout, time spelling, encoding, delimiter, quoting, compression."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.errors import InputError
from persona_agent.log.values import clean
from tests.log.test_events import Reading

# PERSONA_AGENT_DRESSES=2000 tries so many; a few at random are enough for every day.
DRESSES = int(os.environ.get("PERSONA_AGENT_DRESSES", "40"))
COLUMNS = ("user_id", "timestamp", "action", "item")
WORDS = {
    "utf-8": ["Grüße", "niño", "книга", "商品", "lamp"],
    "utf-8-sig": ["Grüße", "niño", "книга", "商品", "lamp"],
    "utf-16": ["Grüße", "niño", "книга", "商品", "lamp"],
    "utf-16-le": ["Grüße", "niño", "книга", "lamp"],
    "cp1252": ["Blumentöpfe", "Heckenschere", "Gießkanne", "Gemüse", "Möbel", "Tür", "Körbe", "Rasenmäher"],
    "cp1250": ["książka", "żółty", "świat", "łódź", "następny", "koszyk", "płatność", "zamówienie"],
    "cp1251": ["корзина", "книга", "заказ", "страница", "поиск", "доставка", "кнопка", "товар"],
    "gbk": ["购物车", "商品", "订单", "用户", "页面", "搜索", "配送", "收藏"],
}
CLOCKS: dict[str, Callable[[datetime], Any]] = {
    "iso": lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "space": lambda at: at.strftime("%Y-%m-%d %H:%M:%S"),
    "seconds": lambda at: int(at.timestamp()),
    "milliseconds": lambda at: int(at.timestamp()) * 1000,
    "day first": lambda at: at.strftime("%d.%m.%Y %H:%M:%S"),
    "month first": lambda at: at.strftime("%m/%d/%Y %I:%M:%S %p"),
    "without zeros": lambda at: f"{at.year}-{at.month}-{at.day} {at.hour}:{at:%M:%S}",
    "name of the month": lambda at: at.strftime("%d-%b-%Y %H:%M:%S"),
    "mail": format_datetime,
    "web server": lambda at: at.strftime("[%d/%b/%Y:%H:%M:%S +0000]"),
}


class Row(NamedTuple):
    user: str
    at: datetime
    action: str
    item: str


class Dress(NamedTuple):
    layout: str
    clock: str
    encoding: str
    delimiter: str
    quoting: str
    packing: str


def rows_of(words: list[str]) -> st.SearchStrategy[list[Row]]:
    """Rows of which one shows that a day above 12 stands in its place, and most have letters of their language."""
    first = datetime(2024, 1, 1, tzinfo=UTC)
    word = st.sampled_from(words)
    joint = st.sampled_from([" ", ", ", "; ", "\t", ' "', '" ', " | "])
    row = st.builds(
        Row,
        user=st.integers(1, 9).map("u{}".format),
        at=st.integers(0, 90 * 86_400).map(lambda s: first + timedelta(seconds=s)),
        action=st.sampled_from(["view", "buy", "look, twice", 'say "so"']),
        item=st.one_of(word, st.builds("{}{}{}".format, word, joint, word)),
    )
    shown = Row("u0", datetime(2024, 2, 25, 16, 30, tzinfo=UTC), 'say "so"', words[0])
    return st.lists(row, min_size=30, max_size=60).map(lambda rows: [shown, *rows])


dresses = st.builds(
    Dress,
    layout=st.sampled_from(["csv", "csv", "csv", "jsonl", "json", "wrapped", "parquet", "xes"]),
    clock=st.sampled_from(sorted(CLOCKS)),
    encoding=st.sampled_from(sorted(WORDS)),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from(["minimal", "all", "backslash"]),
    packing=st.sampled_from(["", ".gz", ".bz2", ".xz", ".zip"]),
)
logs = dresses.flatmap(lambda dress: st.tuples(st.just(dress), rows_of(WORDS[dress.encoding])))


@settings(max_examples=DRESSES)
@given(log=logs)
def test_a_log_means_the_same_in_any_dress(
    tmp_path_factory: pytest.TempPathFactory, log: tuple[Dress, list[Row]]
) -> None:
    """What is read is what was written; a row that is not read is a reject with its line and the reason."""
    dress, rows = log
    path = worn(tmp_path_factory.mktemp("log"), dress, rows)
    try:
        found = Reading(path, allow_rejects=True)
    except InputError as error:
        # An encoding that cannot be told is asked for, and read once it is given.
        assert "--encoding" in str(error), error
        found = Reading(path, allow_rejects=True, encoding=dress.encoding)
    read = sorted((e["user"], e["ts"], e["action"], e["object"]) for e in found.events)
    written = sorted((r.user, round(r.at.timestamp()) * 10**6, clean(r.action), clean(r.item)) for r in rows)
    if found.rejects:
        assert all(reject.code == "encoding" and reject.line > 0 for reject in found.rejects), found.rejects[0]
        assert set(read) <= set(written) and len(read) + len(found.rejects) == len(written)
    else:
        assert read == written


def worn(folder: Path, dress: Dress, rows: list[Row]) -> Path:
    """The log as a file."""
    records = [dict(zip(COLUMNS, (r.user, CLOCKS[dress.clock](r.at), r.action, r.item), strict=True)) for r in rows]
    suffix, content = {"csv": as_table, "parquet": as_parquet, "xes": as_xes}.get(dress.layout, as_json)(dress, records)
    path = folder / f"log.{suffix}{dress.packing}"
    if dress.packing == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"log.{suffix}", content)
    else:
        pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}.get(dress.packing, bytes)
        path.write_bytes(pack(content))
    return path


def as_table(dress: Dress, records: list[dict[str, Any]]) -> tuple[str, bytes]:
    text = io.StringIO(newline="")
    how: dict[str, Any] = {
        "minimal": {"quoting": csv.QUOTE_MINIMAL},
        "all": {"quoting": csv.QUOTE_ALL},
        "backslash": {"quoting": csv.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
    }[dress.quoting]
    writer = csv.DictWriter(text, COLUMNS, delimiter=dress.delimiter, **how)
    writer.writeheader()
    writer.writerows(records)
    return "csv", text.getvalue().encode(dress.encoding)


def as_json(dress: Dress, records: list[dict[str, Any]]) -> tuple[str, bytes]:
    if dress.layout == "jsonl":
        text = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    else:
        text = json.dumps(records if dress.layout == "json" else {"rows": records}, ensure_ascii=False, indent=1)
    return dress.layout.replace("wrapped", "json"), text.encode(dress.encoding)


def as_parquet(_: Dress, records: list[dict[str, Any]]) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), buffer)
    return "parquet", buffer.getvalue()


def as_xes(_: Dress, records: list[dict[str, Any]]) -> tuple[str, bytes]:
    keys = {"user_id": "org:resource", "timestamp": "time:timestamp", "action": "concept:name", "item": "item"}
    events = [
        "".join(f"<string key={quoteattr(keys[k])} value={quoteattr(str(v))}/>" for k, v in record.items())
        for record in records
    ]
    cases = "".join(f"<event>{event}</event>\n" for event in events)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<log><trace><string key="concept:name" value="c1"/>\n'
    return "xes", f"{head}{cases}</trace></log>".encode()
