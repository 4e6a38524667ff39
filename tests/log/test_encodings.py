"""Texts that are not UTF-8: read where their encoding is certain, else asked for, and never half read without a word."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.errors import InputError, UsageError
from persona_agent.log.lines import LINE_LIMIT
from persona_agent.options import Options
from persona_agent.progress import Silent
from tests.log.test_events import Reading, write

GOODS = {
    "cp1252": ["Blumentöpfe", "Gießkanne", "Gemüse", "Körbe", "Möbel"],
    "cp1251": ["корзина", "книга", "заказ", "поиск", "доставка"],
    "cp1250": ["książka", "żółty", "świat", "łódź", "następny"],
    "gbk": ["购物车", "商品", "订单", "搜索", "配送"],
    "shift_jis": ["カート", "注文", "検索", "商品", "ボタン"],
    "utf-16": ["Gemüse", "книга"],
    "utf-16-le": ["Gemüse", "книга"],
    "utf-32": ["Gemüse", "книга"],
    "utf-8-sig": ["Gemüse", "книга"],
}


def table(goods: list[str], rows: int = 60) -> str:
    lines = (f"u{n % 9};2024-05-{n % 28 + 1:02} 10:00:{n % 60:02};view;{goods[n % len(goods)]}" for n in range(rows))
    return "\n".join(["user;timestamp;action;object", *lines])


@pytest.mark.parametrize("encoding", GOODS)
def test_an_encoding_is_found_and_lines_keep_their_numbers(tmp_path: Path, encoding: str) -> None:
    """Every row has its object as it was written, on the line that it was written on."""
    goods = GOODS[encoding]
    found = Reading(write(tmp_path, "a.csv", table(goods).encode(encoding)))
    assert [(e["line"], e["object"]) for e in found.events] == [(n + 2, goods[n % len(goods)]) for n in range(60)]
    assert found.rejects == []


def test_words_with_an_ending_in_their_middle_are_no_hebrew(tmp_path: Path) -> None:
    """Few Cyrillic words, one of them on nearly all lines, are letters of Hebrew too, but with those that only end a word."""
    goods = ["корзина"] * 40 + ["страница", "кнопка", "книга"]
    found = Reading(write(tmp_path, "a.csv", table(goods, 43).encode("cp1251")))
    assert [e["object"] for e in found.events] == goods


def test_the_hash_of_a_line_is_that_of_its_text(tmp_path: Path) -> None:
    """A log that was saved in another encoding has the same lines: what was cited is found again."""
    text = table(GOODS["cp1252"])
    plain = Reading(write(tmp_path, "a.csv", text.encode())).column("hash")
    packed = gzip.compress(text.encode("cp1252"))
    assert Reading(write(tmp_path, "b.csv.gz", packed)).column("hash") == plain
    assert Reading(write(tmp_path, "c.csv", text.encode("utf-16"))).column("hash") == plain


def test_letters_behind_the_first_megabyte_count(tmp_path: Path) -> None:
    """A log whose names come late would lose these lines alone."""
    ascii_only, late = table(["lamp"], 30_000), table(GOODS["cp1252"]).partition("\n")[2]
    found = Reading(write(tmp_path, "a.csv", f"{ascii_only}\n{late}".encode("cp1252")))
    assert found.rejects == [] and found.events[-1]["object"] == "Möbel"


def test_what_is_not_certain_is_asked_for(tmp_path: Path) -> None:
    """Two encodings take each other's capitals for small letters: the error names both and the option, which reads it."""
    path = write(tmp_path, "a.csv", table(["КОРЗИНА", "КНИГА", "ЗАКАЗ", "ПОИСК"]).encode("cp1251"))
    with pytest.raises(InputError, match=r"--encoding NAME: .*cp1251") as caught:
        Reading(path)
    assert "u1" not in str(caught.value)
    assert Reading(path, encoding="cp1251").events[0]["object"] == "КОРЗИНА"
    with pytest.raises(UsageError, match="--encoding 'klingon' is unknown"):
        Options(inputs=(str(path),), encoding="klingon")


def test_a_few_damaged_lines_do_not_change_the_encoding(tmp_path: Path) -> None:
    """A record of UTF-8 that was cut within a letter is rejected; the others keep their letters."""
    lines = table(["Gemüse", "книга"]).encode().split(b"\n")
    lines[5] = lines[5][:-1] + b"\xff"
    found = Reading(write(tmp_path, "a.csv", b"\n".join(lines)))
    assert found.codes == ["encoding"] and found.rejects[0].line == 6 and len(found.events) == 59


def test_what_an_encoding_does_not_know_costs_its_record(tmp_path: Path) -> None:
    """Byte 81 is nothing in Windows-1252."""
    lines = table(GOODS["cp1252"]).encode("cp1252").split(b"\n")
    lines[3] += b"\x81"
    found = Reading(write(tmp_path, "a.csv", b"\n".join(lines)), encoding="cp1252")
    assert found.codes == ["encoding"] and len(found.events) == 59


def test_inspect_says_the_encoding(tmp_path: Path) -> None:
    """Who sees strange letters can see why."""
    path = write(tmp_path, "a.csv", table(GOODS["cp1251"]).encode("cp1251"))
    assert commands.inspect(Options(inputs=(str(path),)), Silent()).files[0]["encoding"] == "cp1251"


# Backslashes


def test_backslashes_before_quotes_are_read_where_rows_say_so(tmp_path: Path) -> None:
    """MySQL's export: quotes, commas, line ends and nothing, each as it writes them."""
    content = (
        b'user,timestamp,action,object\n"a","2024-05-01 10:00:00","view","12\\" lamp, \\"best\\""\n'
        b'"b","2024-05-01 10:00:01","view","two\\\nlines"\n"c","2024-05-01 10:00:02","view",\\N\n'
    )
    found = Reading(write(tmp_path, "a.csv", content))
    assert found.column("object") == ['12" lamp, "best"', "two lines", ""] and found.column("line") == [2, 3, 5]


def test_a_folder_may_end_in_a_backslash(tmp_path: Path) -> None:
    """Where quotes are doubled, a backslash is a plain sign."""
    rows = b'"a",2024-05-01T10:00:00Z,"open","C:\\dir\\"\nb,2024-05-01T10:00:01Z,open,"x ""y"""\n'
    assert Reading(write(tmp_path, "a.csv", b"user,timestamp,action,object\n" + rows)).column("object") == [
        "C:\\dir\\",
        'x "y"',
    ]


def test_a_line_limit_holds_in_any_encoding(tmp_path: Path) -> None:
    """A record too long to be one is rejected, whatever it is written in."""
    long = table(["lamp"], 3) + "\n" + "x" * (LINE_LIMIT + 10)
    assert Reading(write(tmp_path, "a.csv", long.encode("utf-16"))).codes == ["too_long"]
