"""ZIP archives and XES: each log in them is read, and what is made to harm is refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from persona_agent.errors import InputError
from persona_agent.log import archives
from persona_agent.log.inputs import Input
from persona_agent.log.parquet import parquet_rows
from persona_agent.store import open_database
from tests.log.test_events import HEADER, Reading, good, write

XES = b"""<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
 <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
 <global scope="event"><string key="concept:name" value="unknown"/></global>
 <trace>
  <string key="concept:name" value="case 7"/><int key="amount" value="500"/>
  <event>
   <string key="org:resource" value="clerk 1"/><string key="concept:name" value="check"/>
   <date key="time:timestamp" value="2024-05-01T10:00:00.000+02:00"/>
   <float key="cost" value="1.5"><string key="unit" value="EUR"/></float><boolean key="urgent" value="true"/>
  </event><event><string key="org:resource" value="clerk 2"/><string key="concept:name" value="sign &amp; send"/>
   <date key="time:timestamp" value="2024-05-01T11:00:00Z"/></event>
 </trace>
</log>
"""


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_each_log_of_an_archive_is_a_file_of_its_own(tmp_path: Path) -> None:
    """Members of any kind, packed again or not, with their names; what is no log is passed over."""
    members = {
        "in/a.jsonl": b"\n".join(good(2)),
        "b.csv.gz": gzip.compress(HEADER + b"c,2024-05-01T10:00:00Z,view,\n"),
        "__MACOSX/._a.jsonl": b"x",
        "readme.txt": b"hello",
    }
    found = Reading(write(tmp_path, "export.zip", zipped(members)))
    assert found.account.files == {"export.zip/in/a.jsonl": 2, "export.zip/b.csv.gz": 1}
    assert sorted(found.column("user")) == ["c", "u0", "u1"]


def test_an_only_member_is_read_whatever_its_name(tmp_path: Path) -> None:
    """Exports are often called nothing in particular; the archive is found in a folder, too."""
    write(tmp_path, "logs/export.zip", zipped({"data": b"\n".join(good(3))}))
    assert len(Reading(tmp_path / "logs").events) == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (zipped({"a.zip": zipped({"a.jsonl": good(1)[0]})}), "an archive within an archive"),
        (zipped({"a.txt": b"x", "b.txt": b"y"}), "holds no log: 'a.txt', 'b.txt'"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "is a spreadsheet"),
        (zipped({"a.jsonl": good(1)[0]})[:60], "damaged or cut short"),
    ],
    ids=["nested", "no log", "spreadsheet", "cut"],
)
def test_an_archive_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, told: str) -> None:
    """Each with the file and what to do."""
    with pytest.raises(InputError, match=told):
        Reading(write(tmp_path, "export.zip", content))


@pytest.mark.parametrize("name", ["a.zip", "a.csv.gz", "b.zip"])
def test_what_unpacks_beyond_any_log_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb is stopped by its ratio, in an archive by what the archive says and by what comes out, packed twice or not."""
    monkeypatch.setattr(archives, "SMALL", 1 << 20)
    much = HEADER + b"a,2024-05-01T10:00:00Z,view,\n" * 200_000
    packed = gzip.compress(much)
    content = {"a.zip": zipped({"a.csv": much}), "a.csv.gz": packed, "b.zip": zipped({"a.csv.gz": packed})}[name]
    with pytest.raises(InputError, match="which no log does"):
        Reading(write(tmp_path, name, content))


def test_xes_is_read_by_its_keys(tmp_path: Path) -> None:
    """The case is the session, the resource the user; attributes of the case stand beside, those of attributes do not."""
    found = Reading(write(tmp_path, "log.xes.gz", gzip.compress(XES)))
    first, second = found.events
    assert (first["user"], first["action"], first["session"], first["line"], first["n"]) == (
        "clerk 1",
        "check",
        "case 7",
        7,
        0,
    )
    assert first["properties"] == {"case:amount": 500, "cost": 1.5, "urgent": True}
    assert (second["user"], second["action"], second["line"]) == ("clerk 2", "sign & send", 11)
    assert second["ts"] - first["ts"] == 3 * 3_600 * 10**6


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'<!DOCTYPE log [<!ENTITY a "a"><!ENTITY b "&a;&a;">]>\n' + XES.partition(b"\n")[2], "declares entities"),
        (XES[:-20], "is not XES"),
        (b"<log><trace>" + b"<event>" * 40 + b"</event>" * 40 + b"</trace></log>", "does not end"),
    ],
)
def test_xml_that_is_no_log_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    """Entities could grow without end, elements within elements too; what is cut short says where."""
    with pytest.raises(InputError, match=told):
        Reading(write(tmp_path, "log.xes", content))


def test_a_wide_table_is_looked_at_by_its_values(tmp_path: Path) -> None:
    """Of records with thousands of values fewer are looked at, and none is lost."""
    record = {"user": "a", "timestamp": "2024-05-01T10:00:00Z", "action": "view", **{f"p{n}": n for n in range(3_000)}}
    lines = [json.dumps(record | {"user": f"u{n}"}).encode() for n in range(150)]
    found = Reading(write(tmp_path, "a.jsonl", b"\n".join(lines)))
    assert len(found.events) == 150
    assert {c.filled for c in found.survey.columns} == {100}


def parquet(path: Path, rows: str) -> Input:
    with open_database() as connection:
        connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    return Input(path, path.name)


@pytest.mark.parametrize("text", ["repeat('a', 100000)", "[repeat('a', 100000)]", "{'a': repeat('a', 100000)}"])
def test_a_parquet_file_that_unpacks_beyond_any_log_is_refused(text: str, tmp_path: Path) -> None:
    """A text that is kept once and stands in every row is counted as often, also inside of a list; nothing of it is read."""
    bomb = parquet(tmp_path / "bomb.parquet", f"SELECT 'u' AS user, {text} AS action FROM range(4000)")
    with pytest.raises(InputError, match="unpacks to more than 250 times"):
        next(iter(parquet_rows(bomb)))


def test_a_parquet_file_whose_texts_repeat_as_those_of_logs_do_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts that stand in many rows are no bomb: how long they are is asked where it could be one."""
    monkeypatch.setattr("persona_agent.log.parquet.SMALL", 1000)
    drawn = "hash(i) % 50 AS user, 1700000000 + hash(i + 1) % 100000000 AS at"
    many = f"SELECT {drawn}, 'user ' || hash(i + 2) % 500 AS name, 'save a thing' AS action FROM range(20000) t(i)"
    assert sum(1 for _ in parquet_rows(parquet(tmp_path / "log.parquet", many))) == 20_000
