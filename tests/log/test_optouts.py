"""Who opted out: every common form of a list, whom it means, and that nothing of them is kept."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.errors import InputError
from persona_agent.log.optouts import Named, meant, read_opt_outs
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

FORMS = {
    "one a line": "u1\nu2\n",
    "windows": "u1\r\nu2\r\n",
    "quoted": '"u1"\n"u2"\n',
    "a comment": "# who asked\nu1\n\n u2 \n",
    "a header": "User_ID\nu1\nu2\n",
    "a table": 'when,uid\n2024-01-02,"u1"\n2024-01-03,"u2"\n',
    "semicolons": '"Kundennummer";"Name"\n"u1";"Poe, Sam"\n"u2";"Roe"\n',
    "the first column": "u1\t2024-01-02\nu2\t2024-01-03\n",
    "answers": "user_id,opted_out\nu1,true\nu3,false\nu2,Yes\n",
    "a JSON list": '["u1", "u2"]',
    "JSON objects": '[{"user": "u1", "since": 3}, {"user": "u2", "since": 4}]',
    "JSON in an object": '{"opted_out": [{"id": "u1"}, {"id": "u2"}]}',
    "JSON by id": '{"u1": true, "u2": true, "u3": false}',
    "bullets below a key": "gone:\n  - u1\n  - u2\n",
    "numbers": "1. u1\n2. u2\n",
    "one line": "u1, u2\n",
    "one line of semicolons": "u1;u2",
    "single quotes": "'u1'\n'u2'\n",
    "brackets": "<u1>\n<u2>\n",
    "a list of Python's": "['u1', 'u2']",
    "rows for a database": "('u1'),\n('u2')\n",
    "a comma behind each": "u1,\nu2,\n",
    "a drawn table": "| user_id | when |\n|---------|------|\n| u1 | 2024-01-02 |\n| u2 | 2024-01-03 |\n",
    "days first": "2024-01-02,u1\n2024-01-03,u2\n",
    "a key of people": "name|customer_no\nPoe|u1\nRoe|u2\n",
    "JSON deep down": '{"data": {"users": {"a": {"user_id": "u1"}, "b": {"user_id": "u2"}}}}',
    "JSON lines": '{"uid": "u1"}\n{"uid": "u2"}\n',
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_forms(form: str, encoding: str, tmp_path: Path) -> None:
    """A form, or an encoding of it, is read as anything but the two ids in it."""
    path = tmp_path / "gone"
    path.write_bytes(FORMS[form].encode(encoding))
    assert read_opt_outs(path, "uid") == [{"u1", "u2"}]


def zipped(content: bytes, *names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, lzma.compress, lambda content: zipped(content, "gone.txt")]
)
@pytest.mark.parametrize("name", ["gone.txt.packed", "gone"])
def test_a_packed_list_is_unpacked(pack: Callable[[bytes], bytes], name: str, tmp_path: Path) -> None:
    """Packed as logs may be, whatever the file is called, it lists whom it lists, and these are left out of a run's log."""
    path = tmp_path / name
    path.write_bytes(pack(b"user_id\nu1\nu2\n"))
    assert read_opt_outs(path, "uid") == [{"u1", "u2"}]
    log = tmp_path / "log.csv"
    log.write_text("user,time,action\n" + "".join(f"u{n % 4},2024-05-01T10:0{n}:00Z,open\n" for n in range(8)))
    options = Options(inputs=(str(log),), out=tmp_path / "out", opt_out=path, workers=1)
    assert read_log(find_log(options), options, Store.create(options.out), Silent()).users == 2


def test_what_cannot_be_unpacked_is_said(tmp_path: Path) -> None:
    """A list that is cut short, and an archive of two of them: nobody would be left out by it."""
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"u1\nu2\n" * 500)[:-12])
    (tmp_path / "two.zip").write_bytes(zipped(b"u1\n", "a.txt", "b.csv"))
    for name, why in (("cut.gz", "damaged or cut short"), ("two.zip", "holds 2 lists")):
        with pytest.raises(InputError, match=why):
            read_opt_outs(tmp_path / name, "uid")


def test_numbers_and_other_letters(tmp_path: Path) -> None:
    """An id is not what the log's reader makes of it: `17.0` is 17."""
    path = tmp_path / "gone"
    path.write_text("[17, 18.0]")
    assert read_opt_outs(path, "uid") == [{"17", "18"}]
    path.write_text("uid\n17.0\n0018\n")
    assert read_opt_outs(path, "uid") == [{"17", "0018"}]


@pytest.mark.parametrize(
    ("encoding", "ids"),
    [
        ("cp1252", ["müller", "größe"]),
        ("cp1251", ["иван петров", "алексей"]),
        ("gbk", ["张伟", "王芳"]),
        ("shift_jis", ["山田太郎"]),
        ("utf-16-le", ["u1", "u2"]),
    ],
)
def test_an_encoding_is_told_by_the_log(encoding: str, ids: list[str], tmp_path: Path) -> None:
    """A few short names in an older encoding are taken for those of another, though the log has them."""
    path = tmp_path / "gone"
    path.write_bytes("\n".join(["id", *ids, ""]).encode(encoding))
    assert meant(read_opt_outs(path, "uid"), set(), [*ids, "somebody else"]).users == sorted(ids)


@settings(max_examples=60, deadline=None)
@given(ids=st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9_.@-]{3,20}", fullmatch=True), min_size=1, unique=True))
def test_any_ids_in_any_form(ids: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Some id is lost, or added, in one of the forms."""
    path = tmp_path_factory.mktemp("forms") / "gone"
    texts = ("\n".join(["uid", *ids]), json.dumps(ids), "\n".join(json.dumps({"n": 1, "uid": i}) for i in ids))
    for text in texts:
        path.write_text(text)
        assert read_opt_outs(path, "uid") == [set(ids)]


def test_whom_a_list_means() -> None:
    """Case counts though no two ids differ by it alone, or does not though two do; ids that are nobody's are not said."""
    assert meant([frozenset({"ANN", "zoe"})], set(), ["ann", "bob"]).users == ["ann"]
    assert "1 of the 2 ids" in meant([frozenset({"ANN", "zoe"})], set(), ["ann", "bob"]).note
    assert meant([frozenset({"bob", "ANN"})], {"bob"}, ["ann", "Ann"]).users == []
    assert "names nobody" in meant([frozenset()], set(), ["ann"]).note
    assert meant([], set(), ["ann"]).note == ""
    with pytest.raises(InputError, match="None of the 1 ids"):
        meant([frozenset({"zoe"})], set(), ["ann"])


def test_named_in_what_no_one_could_read() -> None:
    """An id in a broken line is not seen, or a part of a word is taken for one."""
    names = Named(["Ann", "auth0|7"])
    assert names('{"user": "ANN", "time') and names("x;auth0|7;y") and not names("annual report")
    assert (
        names(r'{"u\u0073er": "\u0041nn" x')
        and names("%41nn;y")
        and names(r"\x41nn;y")
        and names(r"A\u{6e}n;y")
        and names("\u0410nn;y")
        and names("Ａｎｎ;y")
        and not names("Ａnnual %20 report")
    )


def test_nothing_is_kept_of_who_opted_out(tmp_path: Path) -> None:
    """A line of theirs, good or rejected, in the log's spelling or another, is in an event, a list or a count of rejects."""
    rows = [
        {
            "user": f"U{i % 4}",
            "timestamp": f"2024-05-{1 + i % 27:02}T10:00:{i % 60:02}Z",
            "action": "open",
            "object": f"t{i}",
        }
        for i in range(60)
    ]
    rows += [
        {**rows[1], "timestamp": "never", "object": "kept out"},
        {**rows[2], "timestamp": "never", "object": "seen"},
    ]
    log = tmp_path / "log.jsonl"
    broken = ['{"user": "U1", "object": "kept out"', '{"user": "U3", "object": "kept out"']
    log.write_text("\n".join([*map(json.dumps, rows), *broken]) + "\n")
    (tmp_path / "gone.csv").write_text("id,why\nu1,asked\nU3,asked\nu9,asked\n")
    options = Options(inputs=(str(log),), out=tmp_path / "out", opt_out=tmp_path / "gone.csv")
    store = Store.create(tmp_path / "out")
    found = read_log(find_log(options), options, store, Silent())
    assert (found.users, found.reasons["opt_out"]) == (2, 30)
    assert any("1 of the 3 ids" in note for note in found.notes)
    assert duckdb.sql(f"SELECT count(*) FROM '{tmp_path}/out/events.parquet'").fetchall() == [(30,)]
    left = "".join((tmp_path / "out" / name).read_text() for name in ("rejects.jsonl", "set_aside.jsonl"))
    assert "kept out" not in left and "opt_out" not in left and "seen" in left
