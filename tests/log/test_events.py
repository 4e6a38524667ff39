"""Reading: every trap of real logs costs its own record only, and every record is accounted for."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from persona_agent.errors import InputError, UsageError
from persona_agent.ids import record_hash
from persona_agent.log import (
    Account,
    Input,
    ReadOptions,
    Reject,
    SetAside,
    file_sha256,
    parse_events,
    resolve_inputs,
    settle_log,
    stop_if_empty,
    stop_if_mostly_rejected,
    survey,
)
from persona_agent.log.databases import database_kind
from persona_agent.log.elements import split_elements
from persona_agent.log.lines import CsvSplitter, split_lines
from persona_agent.log.times import timestamp
from persona_agent.log.values import Rejected, as_id, cell_value, clean
from tests.tables import database

GOOD = b'{"user":"u%d","timestamp":"2024-05-01T10:00:0%dZ","action":"view"}'
MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"PAR1")
HEADER = b"user,timestamp,action,object\n"


class Reading:
    """What came out of one reading: events as dicts, the account, the rejects."""

    def __init__(self, *paths: str | Path, **options: Any) -> None:
        chosen = ReadOptions(**options)
        inputs = resolve_inputs(paths)
        self.survey = survey(inputs, chosen)
        self.account = Account()
        self.rejects: list[Reject] = []
        self.set_aside: list[SetAside] = []
        self.events: list[dict[str, Any]] = []
        for batch in parse_events(
            inputs,
            self.survey,
            chosen,
            self.account,
            on_reject=self.rejects.append,
            on_set_aside=self.set_aside.append,
        ):
            columns = {name: getattr(batch, name) for name in batch.__slots__}
            self.events += [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        self.account.check()
        first = list(map(str, self.rejects[:3]))
        stop_if_mostly_rejected(self.account, chosen, first)
        stop_if_empty(self.account, first)

    @property
    def codes(self) -> list[str]:
        return [reject.code for reject in self.rejects]

    def column(self, name: str) -> list[Any]:
        return [event[name] for event in self.events]


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def good(count: int) -> list[bytes]:
    return [GOOD % (i, i % 10) for i in range(count)]


def one(folder: Path, **record: Any) -> dict[str, Any]:
    whole = {"user": "a", "timestamp": "2024-05-01T10:00:00Z", "action": "view", **record}
    return Reading(write(folder, "one.jsonl", json.dumps(whole).encode())).events[0]


# Files


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", b""), ("a.csv", b""), ("a.csv", HEADER), ("a.jsonl", b"\n \n"), ("a.json", b"[]")]
)
def test_log_without_records_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    """Empty files, blank lines, a lone header and an empty array are errors that say that there are no records."""
    with pytest.raises(InputError, match="holds no records"):
        Reading(write(tmp_path, name, content))


def test_bom_crlf_blank_lines_and_no_final_newline(tmp_path: Path) -> None:
    """Line numbers count blank lines, and users and hashes are those of the bare lines, in JSON and in CSV."""
    first, second, third = good(3)
    found = Reading(write(tmp_path, "a.jsonl", b"\xef\xbb\xbf" + first + b"\r\n\r\n" + second + b"\n  \n" + third))
    assert found.column("line") == [1, 3, 5]
    assert found.column("hash") == [record_hash(line) for line in (first, second, third)]
    table = Reading(write(tmp_path, "b.csv", b"\xef\xbb\xbf" + HEADER[:-1] + b"\r\nu1,2024-05-01,view,x\r\n"))
    assert table.column("user") == ["u1"]
    assert table.column("hash") == [record_hash(b"u1,2024-05-01,view,x")]


def test_compressed_files_read_as_plain_ones(tmp_path: Path) -> None:
    """Files packed with gzip, bzip2 and xz have the lines of the plain file."""
    plain = b"\n".join(good(3))
    for name, pack in (("a.jsonl.gz", gzip.compress), ("a.jsonl.bz2", bz2.compress), ("a.xz", lzma.compress)):
        assert Reading(write(tmp_path, name, pack(plain))).column("line") == [1, 2, 3]


def test_damaged_archives_are_named(tmp_path: Path) -> None:
    """Half of a gzip file is an error that says that it is cut short."""
    packed = gzip.compress(b"\n".join(good(500)))
    with pytest.raises(InputError, match="cut short"):
        Reading(write(tmp_path, "a.jsonl.gz", packed[: len(packed) // 2]))


def test_zstd_is_refused_with_the_mend_or_read(tmp_path: Path) -> None:
    """A .zst file is an error that names zst or says that the file is damaged."""
    with pytest.raises(InputError, match=r"zst|damaged"):
        Reading(write(tmp_path, "a.jsonl.zst", b"\x28\xb5\x2f\xfd" + bytes(20)))


def test_several_files_folders_and_globs_are_read_once_in_order(tmp_path: Path) -> None:
    """Files given by name, glob and folder are read once each, in the order of their names; a README is left out."""
    for name in ("b/2.jsonl", "a/1.jsonl"):
        write(tmp_path, name, b"\n".join(good(2)))
    write(tmp_path, "a/README.md", b"not a log")
    inputs = resolve_inputs([tmp_path / "*" / "*.jsonl", tmp_path, tmp_path / "a" / "1.jsonl"])
    assert [item.name for item in inputs] == ["a/1.jsonl", "b/2.jsonl"]
    found = Reading(tmp_path)
    assert found.column("file") == ["a/1.jsonl"] * 2 + ["b/2.jsonl"] * 2
    assert found.account.files == {"a/1.jsonl": 2, "b/2.jsonl": 2}


def test_one_file_is_named_by_its_basename(tmp_path: Path) -> None:
    """A single file has its basename as name, and its hash is of its bytes."""
    path = write(tmp_path, "deep/down/log.jsonl", good(1)[0])
    assert [item.name for item in resolve_inputs([path])] == ["log.jsonl"]
    assert file_sha256(Input(path, "log.jsonl")) == record_hash(good(1)[0])


def test_missing_files_are_errors(tmp_path: Path) -> None:
    """A file that is not there and a glob that matches none are errors."""
    for pattern in ("nothing.csv", "*.jsonl"):
        with pytest.raises(InputError, match="no file"):
            resolve_inputs([tmp_path / pattern])


# JSON


def test_broken_lines_are_rejected_with_their_codes(tmp_path: Path) -> None:
    """Each kind of broken line is rejected with its code and line number, and the good lines around are events."""
    bad = {
        b'{"user": "x\xff"}': "encoding",
        b"[1, 2]": "not_an_object",
        b"7": "not_an_object",
        b'{"user": ': "json",
        b'{"user":"a","timestamp":"2024-05-01","action":"x","v":NaN}': "json",
        b'{"timestamp":"2024-05-01","action":"x"}': "no_user",
        b'{"user":"a","action":"x"}': "no_timestamp",
        b'{"user":"a","timestamp":"2024-05-01","action":" "}': "no_action",
        b'{"user":"a","timestamp":"soon","action":"x"}': "timestamp",
        b"[" * 5000: "json",
        b'{"user":' + b"9" * 6000 + b"}": "json",
    }
    found = Reading(write(tmp_path, "a.jsonl", b"\n".join([*good(20), *bad, *good(1)])))
    assert found.codes == list(bad.values())
    assert [reject.line for reject in found.rejects] == list(range(21, 21 + len(bad)))
    assert found.column("line")[-1] == 21 + len(bad)
    assert found.account.codes["json"] == 4


def test_a_20_mb_line_costs_only_itself(tmp_path: Path) -> None:
    """The line is rejected as `too_long` with 500 characters of it; lines around it are events with their numbers."""
    lines = [good(1)[0], b'{"user":"' + b"x" * (20 << 20) + b'"}', *good(2)]
    found = Reading(write(tmp_path, "a.jsonl", b"\n".join(lines)))
    assert found.codes == ["too_long"]
    assert len(found.rejects[0].raw) == 500
    assert found.column("line") == [1, 3, 4]


def test_whole_file_json_reports_first_lines(tmp_path: Path) -> None:
    """An element of an array has the line on which it begins and the hash of its text; a bad one has its line."""
    first, second = ('{\n  "user": "a",\n  "timestamp": 1714557600,\n  "action": "} [ view \\" "\n}', '{"user":7}')
    text = f"[\n{first},\n\n 3, {second}, {second}\n,{first}]\n"
    found = Reading(write(tmp_path, "a.json", text.encode()), allow_rejects=True)
    assert [(event["line"], event["n"]) for event in found.events] == [(2, 0), (9, 0)]
    assert found.column("hash") == [record_hash(first.encode())] * 2
    assert [(reject.line, reject.code) for reject in found.rejects] == [
        (8, "not_an_object"),
        (8, "no_timestamp"),
        (8, "no_timestamp"),
    ]


def test_one_line_arrays_number_their_elements(tmp_path: Path) -> None:
    """Elements on one line have the same line number and are counted from 0."""
    found = Reading(write(tmp_path, "a.json", b"[" + b",".join(good(3)) + b"]"))
    assert [(event["line"], event["n"]) for event in found.events] == [(1, 0), (1, 1), (1, 2)]


@pytest.mark.parametrize("glue", [b", ", b",\n"])
def test_an_object_around_one_array_is_unwrapped(tmp_path: Path, glue: bytes) -> None:
    """The objects of `events` are the records, whatever other fields stand before and after it."""
    text = b'{"next": null, "tags": [1],' + glue[1:] + b'"events": [' + glue.join(good(2)) + b'], "total": 2}'
    assert Reading(write(tmp_path, "a.json", text)).column("user") == ["u0", "u1"]


def test_objects_printed_over_several_lines_follow_each_other(tmp_path: Path) -> None:
    """Each object is a record, with the line on which it begins."""
    text = "\n".join(json.dumps(json.loads(line), indent=2) for line in good(2))
    assert Reading(write(tmp_path, "a.json", text.encode())).column("line") == [1, 6]


def test_a_cut_document_gives_what_is_whole(tmp_path: Path) -> None:
    """Whole elements are events, and the half one at the end is rejected as `json` with its line."""
    found = Reading(write(tmp_path, "a.json", b"[" + b",\n".join(good(3)) + b',\n{"user": "a'))
    assert (len(found.events), found.codes, found.rejects[0].line) == (3, ["json"], 4)


def test_users_as_numbers_are_exact(tmp_path: Path) -> None:
    """`123` and `123.0` are one user, long ids keep each digit and 007 its zeros; true, null, [] and NaN are nobody."""
    spelled = {"123": "123", "123.0": "123", "9007199254740993": "9007199254740993", "1" * 25: "1" * 25, '" 7 "': "7"}
    lines = [b'{"user":%s,"timestamp":1714557600,"action":"x"}' % raw.encode() for raw in spelled]
    assert Reading(write(tmp_path, "a.jsonl", b"\n".join(lines))).column("user") == list(spelled.values())
    table = Reading(write(tmp_path, "b.csv", HEADER + b"17850.0,2024-05-01,view,x\n007,2024-05-01,view,x\n"))
    assert table.column("user") == ["17850", "007"]
    nobody: list[Any] = [True, None, [], float("nan"), ""]
    assert [as_id(value) for value in nobody] == [None] * 5


# CSV


def test_duplicate_headers_are_named(tmp_path: Path) -> None:
    """A header with one name twice is an error that names it."""
    with pytest.raises(InputError, match=r"'price' more than once"):
        Reading(write(tmp_path, "a.csv", b"user,timestamp,action,price,price\na,2024-05-01,x,1,2\n"))


def test_quoted_newlines_belong_to_their_record(tmp_path: Path) -> None:
    """A quoted field of two lines is one record with the hash of both, and the next record has line 4."""
    row = b'a,2024-05-01,say,"one\r\ntwo ""quoted"", three"'
    found = Reading(write(tmp_path, "a.csv", HEADER + row + b'\r\nb,2024-05-02,view,5" pipe\r\n'))
    assert found.column("object") == ['one two "quoted", three', '5" pipe']
    assert found.column("line") == [2, 4]
    assert found.events[0]["hash"] == record_hash(row)


def test_a_stray_quote_costs_only_its_line(tmp_path: Path) -> None:
    """Two rows with an unclosed quote are rejected as `quote`, and the other 2,498 are events."""
    rows = [b"u%d,2024-05-01,view,x" % i for i in range(2500)]
    rows[3] = b'u3,2024-05-01,view,"x'
    rows[9] = b'u9,2024-05-01,view,"quoted"'
    rows[2000] = b'u3,2024-05-01,view,"x'
    found = Reading(write(tmp_path, "a.csv", HEADER + b"\n".join(rows)))
    assert [(reject.line, reject.code) for reject in found.rejects] == [(5, "quote"), (2002, "quote")]
    assert len(found.events) == 2498


def test_rows_of_another_width_are_rejected(tmp_path: Path) -> None:
    """A row with a field too few is rejected as `fields`."""
    found = Reading(write(tmp_path, "a.csv", HEADER + b"a,2024-05-01,x,y\na,2024-05-01,x\na,2024-05-01,x,y\n"))
    assert found.codes == ["fields"]


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t", b"|"])
def test_delimiters_are_sniffed(tmp_path: Path, delimiter: bytes) -> None:
    """Tables with comma, semicolon, tab and bar have the same columns."""
    rows = [b"user,timestamp,action,object", b'a,2024-05-01,view,"x"']
    content = b"\n".join(row.replace(b",", delimiter) for row in rows)
    assert Reading(write(tmp_path, "a.csv", content)).column("object") == ["x"]


def test_csv_numbers_become_numbers_and_names_stay(tmp_path: Path) -> None:
    """Plain numbers are numbers; zeros in front, exponents and 16 digits stay text; JSON in a cell is its fields."""
    cells = {
        "12": 12,
        "-1.50": -1.5,
        "007": "007",
        "1234567890123456": "1234567890123456",
        "1e5": "1e5",
        "0": 0,
        "": "",
    }
    assert {cell: cell_value(cell) for cell in cells} == cells
    content = b'user,timestamp,action,price,properties\na,2024-05-01,x,2.5,"{""os"":""Linux"",""n"":3}"\n'
    found = Reading(write(tmp_path, "a.csv", content))
    assert found.column("properties") == [{"price": 2.5, "os": "Linux", "n": 3}]
    assert found.survey.numeric == ("price", "n")


# Columns


def test_columns_are_found_by_usual_names_at_any_depth(tmp_path: Path) -> None:
    """Each role is found in a nested record by a usual name, and what is left over is properties."""
    record = {
        "context": {"user": {"id": "a"}, "page": {"title": "Home"}},
        "eventName": "view",
        "occurredAt": "2024-05-01T10:00:00Z",
        "properties": {"search_term": "lamp", "sessionId": 5, "price": 2.5, "tags": ["a", "b"], "deep": {"x": 1}},
    }
    found = Reading(write(tmp_path, "a.jsonl", json.dumps(record).encode()))
    assert found.survey.mapping == {
        "user": "context.user.id",
        "timestamp": "occurredAt",
        "action": "eventName",
        "object": "context.page.title",
        "text": "properties.search_term",
        "session": "properties.sessionId",
    }
    event = found.events[0]
    assert (event["user"], event["session"], event["text"]) == ("a", "5", "lamp")
    assert event["properties"] == {"price": 2.5, "tags": '["a","b"]', "deep.x": 1}


def test_key_value_lists_are_read_as_objects(tmp_path: Path) -> None:
    """GA4's lists of keys and values are fields: the session is that of the user, and the page's title is the object."""
    record = {
        "user_id": None,
        "user_pseudo_id": "p",
        "event_timestamp": 1714557600000000,
        "event_name": "view",
        "event_params": [
            {"key": "ga_session_id", "value": {"string_value": None, "int_value": 9}},
            {"key": "page_title", "value": {"string_value": "Home", "int_value": None}},
        ],
    }
    event = Reading(write(tmp_path, "a.jsonl", json.dumps(record).encode())).events[0]
    assert (event["user"], event["session"], event["object"], event["properties"]) == ("p", "p.9", "Home", {})


def test_a_mark_of_repetition_is_no_value(tmp_path: Path) -> None:
    """A dash and “-,,-” in a cell stand for no value or the one above; stars, signs of money, a plus and words are values."""
    path = tmp_path / "ledger.csv"
    cells = ["-,,-", "--", "***", "$$", "+", "He", "-5"]
    rows = [f'u{n},2024-05-01T10:00:0{n}Z,loan,"{cell}"' for n, cell in enumerate(cells)]
    path.write_text("\n".join(["user,timestamp,action,shelf", *rows]))
    held = [e["properties"].get("shelf") for e in Reading(path).events]
    assert held == [None, None, "***", "$$", "+", "He", -5]


def test_missing_columns_name_the_mend(tmp_path: Path) -> None:
    """Missing columns are exit 3 with the roles, the columns that are there and a whole --map, with which the log is read; each
    column that is proposed has its reason.
    """
    path = write(tmp_path, "a.csv", b"who_email,when_at,kind\na@x,2024-05-01,view\nb@x,2024-05-01,buy\n")
    with pytest.raises(InputError) as caught:
        Reading(path)
    assert "No column was found for user and action." in caught.value.message
    assert "who_email (text, 2 different), when_at (times" in caught.value.message
    added, *why = (caught.value.hint or "").splitlines()
    assert added == "Add --map user=who_email,timestamp=when_at,action=kind"
    assert why == ["user=who_email: a key of people, text, 2 different", "action=kind: text, 2 different"]
    assert caught.value.exit_status == 3
    mapping = dict(pair.split("=") for pair in added.removeprefix("Add --map ").split(","))
    assert Reading(path, mapping=mapping).column("user") == ["a@x", "b@x"]


def test_wrong_maps_are_errors(tmp_path: Path) -> None:
    """A map to a column that is not there, a role that is none and an unknown format are errors."""
    path = write(tmp_path, "a.csv", HEADER + b"a,2024-05-01,view,x\n")
    with pytest.raises(InputError, match="mean --map object=object"):
        Reading(path, mapping={"object": "objekt"})
    with pytest.raises(UsageError, match="no field"):
        Reading(path, mapping={"usr": "user"})
    with pytest.raises(UsageError, match="not known"):
        Reading(path, format="xml")


def test_an_id_that_repeats_is_no_event_id(tmp_path: Path) -> None:
    """An `event_id` of three values in thirty records is not taken for the id of events."""
    lines = [json.dumps({**json.loads(line), "event_id": i % 3}).encode() for i, line in enumerate(good(30))]
    assert "event_id" in Reading(write(tmp_path, "a.jsonl", b"\n".join(lines))).survey.missing


def test_parquet_rows_are_records(tmp_path: Path) -> None:
    """Rows are numbered records with times in UTC; structs, dates and JSON are properties, NaN is none."""
    path = tmp_path / "a.parquet"
    duckdb.sql(
        f"""COPY (SELECT i AS user_id, TIMESTAMPTZ '2024-05-01 12:00:00+02' AS time, 'view' AS event,
                  {{'k': i}} AS extra, CASE WHEN i = 2 THEN 'NaN'::DOUBLE ELSE 1.5 END AS price,
                  DATE '2024-05-01' AS day, '{{"os":"X"}}' AS params
            FROM range(1, 4) t(i)) TO '{path}'"""
    )
    found = Reading(path)
    assert found.column("line") == [1, 2, 3]
    assert found.column("ts") == [1714557600000000] * 3
    assert found.events[1]["properties"] == {"extra.k": 2, "day": "2024-05-01", "os": "X"}
    assert found.account.naive_timestamps == 0


# Values


def test_times_of_every_spelling_agree() -> None:
    """A moment in any unit or spelling is one time, a bare date is naive, and what is no time is rejected."""
    moment = 1714557600
    spellings: list[Any] = [moment, moment * 10**3, moment * 10**6, moment * 10**9, float(moment), f"{moment * 1000}"]
    spellings += [
        "2024-05-01T10:00:00Z",
        "2024-05-01 12:00:00+02:00",
        "2024-05-01 10:00:00 UTC",
        "2024-05-01 12:00 +0200",
    ]
    assert {timestamp(value) for value in spellings} == {(moment * 10**6, False)}
    assert timestamp("2024-05-01") == (1714521600000000, True) == timestamp("20240501")
    assert timestamp(1714557600.25) == (1714557600250000, False)
    for value in (0, -5, 10**30, "yesterday", "", True, [1], "99999999", float("inf"), "2024-13-01", "1" * 400):
        with pytest.raises(Rejected):
            timestamp(value)


def test_naive_times_are_counted(tmp_path: Path) -> None:
    """Of two records the one without an offset is counted as naive."""
    lines = [b'{"user":"a","timestamp":"2024-05-01T10:00","action":"x"}', good(1)[0]]
    assert Reading(write(tmp_path, "a.jsonl", b"\n".join(lines))).account.naive_timestamps == 1


def test_lines_out_of_order_keep_their_order(tmp_path: Path) -> None:
    """Events come in the order of their lines, not of their times."""
    found = Reading(write(tmp_path, "a.jsonl", b"\n".join(reversed(good(5)))))
    assert found.column("user") == ["u4", "u3", "u2", "u1", "u0"]
    assert found.column("line") == [1, 2, 3, 4, 5]


def test_text_is_normalised(tmp_path: Path) -> None:
    """Ligatures, blanks and invisible characters are mended in names and values; 2,000 characters are left at most."""
    assert clean("ﬁne\u202e  te\u200bxt\n\tnow\x00 \U000e0041") == "fine text now"
    assert len(clean("é " * 5000)) <= 2000
    event = one(tmp_path, object="a\u2066b\n c", extra="x\u200b", **{"na\u200bme": 1})
    assert (event["object"], event["properties"]) == ("ab c", {"extra": "x", "name": 1})


@given(st.text())
def test_cleaning_is_settled_after_one_pass(text: str) -> None:
    """Cleaning a cleaned text changes nothing."""
    assert clean(clean(text)) == clean(text)


def test_deep_nesting_does_not_break(tmp_path: Path) -> None:
    """A record nested 800 deep is an event."""
    deep: Any = 1
    for _ in range(400):
        deep = {"d": [deep]}
    line = b'{"user":"a","timestamp":1714557600,"action":"x","deep":' + json.dumps(deep).encode() + b"}"
    assert Reading(write(tmp_path, "a.jsonl", line)).account.with_events == 1


def test_opted_out_users_are_set_aside(tmp_path: Path) -> None:
    """A record of a user on the opt-out list is set aside with that reason; if no other is left, it is an error."""
    found = Reading(write(tmp_path, "a.jsonl", b"\n".join(good(3))), opt_out=frozenset({"u1"}))
    assert found.column("user") == ["u0", "u2"]
    assert (found.set_aside, found.account.reasons) == ([], {"opt_out": 1})
    with pytest.raises(InputError, match="None of the 3"):
        Reading(tmp_path / "a.jsonl", opt_out=frozenset({"u0", "u1", "u2"}))


def test_a_mostly_broken_log_is_an_error(tmp_path: Path) -> None:
    """6 of 11 rejected is an error that names the first of them and --allow-rejects, with which the log is read."""
    path = write(tmp_path, "a.jsonl", b"\n".join([*good(5), *[b"{broken"] * 6]))
    with pytest.raises(InputError, match=r"6 of the first 11 records.*a\.jsonl:6: .*--allow-rejects"):
        Reading(path)
    assert Reading(path, allow_rejects=True).account.rejected == 6
    with pytest.raises(InputError, match=r"a\.csv:2"):
        Reading(write(tmp_path, "a.csv", HEADER + b"x\n" * 5))


def test_a_broken_log_stops_early(tmp_path: Path) -> None:
    """Of 5,400 lines, mostly broken, the first 1,000 are read before the error."""
    path = write(tmp_path, "a.jsonl", b"\n".join([*good(400), *[b"{broken"] * 5000]))
    with pytest.raises(InputError, match="of the first 1,000 records"):
        Reading(path)


# Whatever the bytes


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 9), st.binary(max_size=40)), max_size=12), st.booleans())
def test_good_lines_survive_any_neighbours(parts: list[int | bytes], forced: bool) -> None:
    """Between any bytes, good lines are events with their numbers, and each line that is not blank is a record."""
    lines = [GOOD % (part, part) if isinstance(part, int) else part.replace(b"\n", b"{") for part in parts]
    head = b"\n".join(lines)[:16]
    assume(not head.startswith(MAGIC) and not database_kind(head))
    with TemporaryDirectory() as folder:
        path = write(Path(folder), "a.jsonl", b"\n".join(lines))
        if not any(isinstance(part, int) for part in parts):
            with pytest.raises(InputError):
                Reading(path, format="jsonl" if forced else None, mapping={})
            return
        found = Reading(path, format="jsonl" if forced else None, allow_rejects=True)
    expected = [number for number, part in enumerate(parts, 1) if isinstance(part, int)]
    assert found.column("line") == expected
    first = {b"\xef\xbb\xbf"} & set(lines[:1])
    assert found.account.records == sum(1 for line in lines if line.strip(b" \t\r\n\x0b\x0c")) - len(first)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.just(b"u,2024-05-01,view,x"), st.binary(max_size=30), st.text('",\n\r;a', max_size=9))))
def test_tables_of_any_bytes_are_accounted_for(parts: list[bytes | str]) -> None:
    """With any rows after it the first row is an event, and each rejected row is counted once."""
    lines = [part.encode() if isinstance(part, str) else part for part in parts]
    with TemporaryDirectory() as folder:
        path = write(Path(folder), "a.csv", HEADER + b"u,2024-05-01,view,first\n" + b"\n".join(lines))
        found = Reading(path, allow_rejects=True)
    assert found.events[0]["object"] == "first"
    assert found.account.rejected == len(found.rejects)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=20), st.text('{}[]",\\: \n1', max_size=9))))
def test_documents_of_any_bytes_are_accounted_for(parts: list[bytes | str]) -> None:
    """With anything after it the first element of an array is an event at its line, and every record is counted."""
    tail = b",".join(part.encode() if isinstance(part, str) else part for part in parts)
    with TemporaryDirectory() as folder:
        found = Reading(write(Path(folder), "a.json", b"[\n" + good(1)[0] + b",\n" + tail), allow_rejects=True)
    assert found.events[0]["line"] == 2


@settings(deadline=None)
@given(st.lists(st.text('{}[]",\\: \n1aé', max_size=12).map(str.encode)), st.integers(1, 9))
def test_chunks_do_not_matter(parts: list[bytes], size: int) -> None:
    """Lines and elements are the same in blocks of any size, and the lines together are the file."""
    content = b"\xef\xbb\xbf" + b"\n".join(parts)

    def whole_and_chunked(split: Any) -> tuple[list[Any], list[Any]]:
        return list(split(1 << 20)), list(split(size))

    whole, chunked = whole_and_chunked(lambda chunk: split_lines(io.BytesIO(content), chunk=chunk))
    assert whole == chunked
    assert b"\n".join(line for _, line in whole) == content[3:].removesuffix(b"\n")
    for inside in (True, False):
        whole, chunked = whole_and_chunked(
            lambda chunk, inside=inside: split_elements(io.BytesIO(content), 3, inside=inside, chunk=chunk)
        )
        assert whole == chunked


def test_csv_splitter_joins_only_what_fits() -> None:
    """Lines between quotes are one row if it has the header's width, and rows of their own if not."""
    lines = [(1, b'"a'), (2, b"b"), (3, b'c"'), (4, b"d")]
    assert list(CsvSplitter(b",", lambda raw: True).split(iter(lines))) == [(1, b'"a\nb\nc"'), (4, b"d")]
    assert list(CsvSplitter(b",", lambda raw: False).split(iter(lines))) == lines


# Settling


def staged(rows: Iterable[dict[str, Any]]) -> tuple[duckdb.DuckDBPyConnection, Account]:
    """A staging table; rows are given by what differs from a plain event of a second each."""
    connection = database()
    connection.execute(
        """CREATE TABLE staging (file VARCHAR, line BIGINT, n INTEGER, hash VARCHAR, "user" VARCHAR, session VARCHAR,
           ts TIMESTAMP, action VARCHAR, object VARCHAR, text VARCHAR, properties VARCHAR, event_id VARCHAR,
           ord BIGINT)"""
    )
    account = Account()
    values = []
    for place, row in enumerate(rows):
        properties = json.dumps(row.get("properties", {}))
        moment = row.get("ts", place * place + 1)
        ids = ["a", place + 1, 0, row.get("hash", str(place)), row.get("user", "u"), None, moment]
        texts = [row.get("action", "purchase"), row.get("object", "LAMP"), "", properties, row.get("event_id"), place]
        values.append(ids + texts)
    account.records = account.with_events = len(values)
    for start in range(0, len(values), 500):
        part = values[start : start + 500]
        connection.execute(
            "INSERT INTO staging SELECT v[1], v[2]::BIGINT, v[3]::INT, v[4], v[5], v[6], "
            "make_timestamp(1714521600000000 + v[7]::BIGINT * 1000000), v[8], v[9], v[10], v[11], v[12], v[13]::BIGINT "
            "FROM (SELECT unnest(?) AS v)",
            [[[None if cell is None else str(cell) for cell in value] for value in part]],
        )
    return connection, account


def settled(rows: Iterable[dict[str, Any]], *keep: str) -> tuple[dict[int, str], Account]:
    """The lines that went, with their reasons."""
    connection, account = staged(rows)
    gone: list[SetAside] = []
    settle_log(connection, frozenset(keep), account, gone.append)
    left = {line for (line,) in connection.execute("SELECT line FROM staging").fetchall()}
    assert left == set(range(1, account.records + 1)) - {record.line for record in gone}
    assert len(left) == account.with_events
    return {record.line: record.reason for record in gone}, account


def test_repeated_event_ids_are_duplicates() -> None:
    """A record that has the id, user, time and act of another is its repeat; one that has no id is by its text."""
    again = {"event_id": "x", "ts": 7}
    rows = [
        again,
        {"event_id": "y"},
        again,
        {**again, "action": "return"},
        {"hash": "1", "ts": 9},
        {"hash": "1", "ts": 9},
    ]
    gone, account = settled(rows)
    assert gone == {3: "event_id", 6: "exact_copy"}
    assert (account.duplicates, account.set_aside) == (2, 0)


@pytest.mark.parametrize("other", [{"user": "v", "ts": 1}, {"ts": 7_777}])
def test_ids_that_start_again_name_no_record(other: dict[str, Any]) -> None:
    """Where ids occur with several users or times, none is a name: copies alone go, and a note says so."""
    rows = [{"event_id": str(i), "ts": 1, **(other if i // 10 else {})} for i in range(20)]
    rows = [{**row, "event_id": str(i % 10)} for i, row in enumerate(rows)]
    connection, account = staged([*rows, {**rows[3], "hash": "3"}])
    notes = settle_log(connection, frozenset(), account, lambda record: None)
    assert (account.with_events, account.duplicates) == (20, 1)
    assert "10 of 10 ids" in notes[0]


def test_one_odd_id_does_not_undo_the_others() -> None:
    """What was sent again goes although its clock was put right anew; an id that comes back an hour later is another's."""
    rows = [{"event_id": str(i % 30), "ts": i % 30 + 1} for i in range(60)]
    retried = {**rows[-2], "ts": rows[-2]["ts"] + 2}
    gone, _ = settled([*rows[:-2], retried, {**rows[-1], "ts": 3_600}])
    assert gone == dict.fromkeys(range(31, 60), "event_id")


def test_exact_copies_are_duplicates_where_times_are_fine() -> None:
    """Copies go at times that are finer than those of their act in their file; what is to the minute stays."""
    copy = {"hash": "same", "ts": 61}
    assert settled([copy, {}, copy])[0] == {3: "exact_copy"}
    whole = [{"ts": 60 * place, "hash": f"{place // 2}"} for place in (2, 2, 4, 6, 6)]
    assert settled(whole)[0] == {}
    fine = [{"action": "look", "ts": 60 * place + place % 7} for place in range(30)]
    assert settled([*whole, *fine])[0] == {}
    hours = [{"ts": 60 * place} for place in range(30)]
    assert settled([copy, *hours, copy])[0] == {32: "exact_copy"}


FEES = [
    "POSTAGE",
    "DOTCOM POSTAGE",
    "CARRIAGE",
    "Next Day Carriage",
    "Bank Charges",
    "AMAZON FEE",
    "Manual",
    "Discount",
]
FEES += ["Adjust bad debt", "Adjustment by Peter", "shipping", "Delivery charge", "Postage & packing", "VAT", "VAT 20%"]
FEES += ["CRUK Commission", "SAMPLES", "Dotcomgiftshop Gift Voucher £10.00", "PACKING CHARGE", "sales tax"]
THINGS = [
    "POSTAGE STAMP TIN",
    "FRENCH CARRIAGE LANTERN",
    "COFFEE MUG",
    "TOFFEE CUP",
    "ZINC HEART LATTICE CHARGER LARGE",
]
THINGS += [
    "CERAMIC MONEY BANK",
    "Manual coffee grinder",
    "Gift card holder",
    "VINTAGE POST OFFICE CABINET",
    "TAXI MODEL",
]


def sold(thing: str, order: int, price: float, pieces: int, **codes: str) -> dict[str, Any]:
    properties = {"unit_price": price, "quantity": pieces, **codes}
    return {"user": f"u{order % 40}", "ts": 7_919 * order, "object": thing, "properties": properties}


def a_shop(coded: bool = True) -> list[dict[str, Any]]:
    """200 orders of three things each, of 30 things with a price, a piece count and perhaps a code."""
    return [
        sold(
            f"THING {n}", order, 1.0 + n * (1.0 + order % 2 / 10), 2 + (order + n) % 5,
            **({"code": f"{20_000 + n}"} if coded else {}),
        )
        for order in range(200)
        for n in ((order * 3) % 30, (order * 3 + 7) % 30, (order * 3 + 14) % 30)
    ]  # fmt: skip


def test_fees_are_set_aside_and_things_stay() -> None:
    """What a word calls a fee and has the code of no thing is one, things with like names are not; with `fees` kept, or at a page
    view, fees stay too.
    """
    shop = a_shop()
    fees = [sold(name, n, 5.0, 2, code="-".join("M" * (n + 1))) for n, name in enumerate(FEES)]
    things = [sold(name, n, 5.0, 2, code=f"{90_000 + n}") for n, name in enumerate(THINGS)]
    gone, _ = settled([*fees, *things, *shop])
    assert gone == dict.fromkeys(range(1, len(fees) + 1), "fees")
    assert settled([*fees, *shop], "fees")[0] == {}
    looked_at = [{**row, "action": "page_view"} for row in fees]
    assert settled([*looked_at, *shop])[0] == {}


def test_a_word_alone_is_no_fee() -> None:
    """A manual is a document where nothing has a price, and where it is priced and sold as things are; how long it was read is
    no price.
    """
    names = ["manual", "sample", "voucher", "report", *(f"paper {n}" for n in range(30))]
    edits = [{"user": f"u{i % 30}", "ts": 61 * i, "action": "export", "object": names[i % 34]} for i in range(680)]
    assert settled(edits)[0] == {}
    timed = [{**row, "properties": {"seconds": 3 + (i * 7_919) % 900}} for i, row in enumerate(edits)]
    assert settled(timed)[0] == {}
    assert settled([*a_shop(), *(sold("Manual", n, 30.0, 2 + n % 5, code="20077") for n in range(40))])[0] == {}


@pytest.mark.parametrize(
    ("name", "coded"), [("Shipping", False), ("Discount", False), ("Delivery", True), ("Versandkosten", True)]
)
def test_a_fee_is_charged_as_no_thing_is(name: str, coded: bool) -> None:
    """Once an order, at any price, or taken off: with a word for it one sign is enough, without one it takes two."""
    price = {"Delivery": lambda n: 4.95, "Discount": lambda n: -1.0}.get(name, lambda n: 1.0 + 7 * (n % 13))
    fees = [sold(name, n, price(n), 1, **({"code": "20099"} if coded else {})) for n in range(0, 200, 2)]
    assert settled([*fees, *a_shop(coded)])[0] == dict.fromkeys(range(1, 101), "fees")


def test_the_system_is_no_user() -> None:
    """An account with four times the events of the next that does what nobody else does is one; a person who leads or has an
    act of their own is not, nor is anyone among few.
    """
    people = [{"user": f"p{i % 40}", "ts": 997 * i} for i in range(2_000)]
    lead = [{"user": "big", "ts": 61 * i + i % 7} for i in range(250)]
    own = [{**row, "action": "sync"} if i % 5 == 0 else row for i, row in enumerate(lead)]
    assert settled([*own, *people])[0] == dict.fromkeys(range(1, 251), "automation")
    assert settled([*own[:190], *people])[0] == {}
    assert settled([*lead, *people])[0] == {}
    assert settled([*lead, {"user": "big", "action": "sync"}, *people])[0] == {}
    two = [{**row, "user": f"big{i % 2}"} for i, row in enumerate([*own, *own])]
    assert settled([*two, *people])[0] == dict.fromkeys(range(1, 501), "automation")
    assert settled([*own, *people[:200]][:250] + [{"user": f"p{i % 8}", "ts": 997 * i} for i in range(400)])[0] == {}


def test_chains_that_no_person_is_fast_enough_for() -> None:
    """From thing to thing ten times in a row within a second each; many things at one time are one step."""
    people = [{"user": f"p{i % 40}", "ts": 997 * i} for i in range(2_400)]
    fast = [{"user": "c", "ts": 90_000 + 3_600 * (i // 20) + i % 20, "object": f"page {i}"} for i in range(100)]
    assert settled([*fast, *people])[0] == dict.fromkeys(range(1, 101), "automation")
    assert settled([*({**row, "object": "LAMP"} for row in fast), *people])[0] == {}
    assert settled([*({**row, "ts": row["ts"] // 20} for row in fast), *people])[0] == {}
    assert settled([{**row, "user": f"p{i % 4}"} for i, row in enumerate(fast * 4)])[0] == {}
    # Just half of the events in chains of just ten steps, which begin where a stretch of ten seconds ends.
    half = [{**row, "ts": 90_009 + 7_200 * (i // 10) + i % 10} for i, row in enumerate(fast[:50])]
    slow = [{**row, "ts": 900_000 + 3_600 * i} for i, row in enumerate(fast[50:])]
    assert settled([*half, *slow, *people])[0] == dict.fromkeys(range(1, 101), "automation")
    assert settled([*half[10:], *slow, *people])[0] == {}


def test_programs_are_set_aside_by_what_they_say() -> None:
    """Records whose origin or agent is a program are set aside, people's are not; with `automation` kept none is."""
    marks = [{"origin": "cli"}, {"meta.Source_Type": "Cron"}, {"$user_agent": "Mozilla (compatible; Googlebot/2.1)"}]
    marks += [{"user_agent": "HeadlessChrome/120"}, {"agent": "python-spider/1"}]
    people = [{"origin": "web"}, {"user_agent": "CUBOT_X18 Android"}, {"note": "cron"}, {"origin": "client"}, {}]
    rows = [{"properties": properties} for properties in marks + people]
    assert settled(rows)[0] == dict.fromkeys(range(1, len(marks) + 1), "automation")
    assert settled(rows, "automation")[0] == {}


def test_users_who_act_by_the_clock_are_set_aside() -> None:
    """A user who acts every five minutes is set aside; one of daily visits and one of a single burst are not."""
    clock = [{"user": "clock", "ts": 300 * i} for i in range(220)]
    daily = [{"user": "daily", "ts": 86_400 * i + i % 7 * 3_600} for i in range(220)]
    burst = [{"user": "burst", "ts": 7 + i // 200} for i in range(220)]
    gone, _ = settled(clock + daily + burst)
    assert gone == dict.fromkeys(range(1, 221), "automation")
    assert settled([{"user": "daily", "ts": 86_400 * i} for i in range(220)])[0] == {}


def test_one_account_cannot_be_the_log() -> None:
    """1,100 records of one user beside sixty others are set aside as `flood`; 999 are not, nor 1,100 beside forty."""
    people = [{"user": f"p{i % 60}"} for i in range(600)]
    gone, account = settled([{"user": "flood"}] * 1100 + people)
    assert gone == dict.fromkeys(range(1, 1101), "flood")
    assert account.reasons == {"flood": 1100}
    assert settled([{"user": "heavy"}] * 999 + people)[0] == {}
    assert settled([{"user": "flood"}] * 1100 + people[:40])[0] == {}


def test_a_record_goes_for_one_reason_only() -> None:
    """A record to which several reasons apply is counted under one of them."""
    by_program = {"object": "church service", "properties": {"origin": "cron"}}
    copy = {"hash": "x", "ts": 7}
    rows: list[dict[str, Any]] = [copy, {**copy, **by_program}, {"object": "church service"}, by_program]
    connection, account = staged(rows)
    gone: list[SetAside] = []
    settle_log(connection, frozenset(), account, gone.append)
    assert [(record.line, record.reason) for record in gone] == [(2, "exact_copy")]
    assert account.reasons == {"exact_copy": 1, "sensitive": 2}
    assert (account.with_events, account.duplicates, account.set_aside) == (1, 1, 2)


def test_nothing_left_is_an_error() -> None:
    """A log of a sensitive topic alone is an error that names --keep."""
    connection, account = staged([{"object": "prayers"}])
    with pytest.raises(InputError, match="--keep"):
        settle_log(connection, frozenset(), account, lambda record: None)
