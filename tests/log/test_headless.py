"""Tables without a header, and tables whose cells runs of spaces part: read where lines are sure, and said."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.errors import InputError
from persona_agent.log.cells import find_head
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

FIRST = date(2024, 3, 1)
NAMES = ["client", "day", "pieces", "spent"]


def orders(lines: int = 900) -> list[list[str]]:
    """Who bought when, how many pieces and for how much: 60 buyers who come back."""
    return [
        [f"{n % 60:05}", f"{FIRST + timedelta(days=n // 20):%Y%m%d}", str(1 + n % 7), f"{3 + n * 37 % 90}.{n % 10}0"]
        for n in range(lines)
    ]


def wide(row: list[str]) -> str:
    return f" {row[0]} {row[1]} {row[2]:>2} {row[3]:>7}"


@pytest.mark.parametrize("parted", [wide, ",".join, ";".join, "\t".join])
def test_orders_without_names_are_read(tmp_path: Path, parted: Callable[[list[str]], str]) -> None:
    """Every line is one event, the first too; what was taken as what is said, with the places of the columns."""
    rows, out = orders(), Store.create(tmp_path / "out")
    (path := tmp_path / "orders.txt").write_text("\n".join(map(parted, rows)) + "\n")
    options = Options(inputs=(str(path),))
    log = find_log(options)
    assert log.found.mapping == {"user": "column_1", "timestamp": "column_2"} and log.found.act == "record"
    read = read_log(log, options, out, Silent())
    assert (read.events, read.users, read.rejected) == (900, 60, 0)
    assert any("no header" in note and "column_1 to column_4" in note for note in read.notes)
    assert any("parted by spaces" in note for note in read.notes) == (parted is wide)
    assert any("one act, “record”" in note for note in read.notes)
    with out.connect() as connection:
        events = str(out.path("events.parquet"))
        spent = "sum(json_extract_string(properties, '$.column_4')::DECIMAL(9, 2))"
        assert connection.execute(f"SELECT {spent}::DOUBLE FROM read_parquet('{events}')").fetchall() == [
            (pytest.approx(sum(float(row[3]) for row in rows)),)
        ]


def test_a_header_stays_one(tmp_path: Path) -> None:
    """Above cells parted by spaces too, where it has as many names."""
    for parted in (wide, ",".join):
        (path := tmp_path / "orders.txt").write_text("\n".join(map(parted, [NAMES, *orders()])) + "\n")
        log = find_log(Options(inputs=(str(path),)))
        assert log.found.mapping == {"user": "client", "timestamp": "day"} and log.found.act == "buy"
        assert not any("no header" in said for said in log.found.said)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["n", "t", "w"]), min_size=2, max_size=6), st.booleans(), st.integers(0, 1))
def test_the_first_row_is_data_where_it_has_numbers_as_others(kinds: list[str], headed: bool, start: int) -> None:
    """Words alone never tell; names above numbers do, and so do numbers that count the columns."""
    made = {
        "n": lambda n: f"{n * 31 % 97}.5",
        "t": lambda n: f"2024-03-{1 + n % 28:02} 10:{n % 60:02}",
        "w": lambda n: f"w{n % 9}",
    }
    rows = [[made[kind](n) for kind in kinds] for n in range(40)]
    names = [f"name {place}" for place in range(len(kinds))]

    def headless(first: list[list[str]]) -> bool:
        head = find_head(io.BytesIO("\n".join(map(",".join, [*first, *rows])).encode()), "csv")
        return head is not None and head.headless

    assert headless([names] if headed else []) == (not headed and {*kinds} != {"w"})
    assert not headless([[str(start + place) for place in range(len(kinds))]])
    assert not headless([["", *(str(start + place) for place in range(len(kinds) - 1))]])
    assert find_head(io.BytesIO("\n".join(map(",".join, rows[:15])).encode()), "csv").headless is False  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "lines",
    [
        [f"user {n % 9} opened door {n}" + " again" * (n % 2) for n in range(50)],  # prose
        [f"{n} 5" for n in range(50)],  # two words
        [f"a{n} b 'c, d'" for n in range(50)],
        [f"a{n} b c" for n in range(15)],
    ],
)
def test_what_may_be_prose_is_not_parted_by_spaces(lines: list[str]) -> None:
    """A sentence has as many words as the next one now and then; it is no row."""
    head = find_head(io.BytesIO("\n".join(lines).encode()), "csv")
    assert head is not None and head.dialect.delimiter != " "


def test_an_error_names_places_where_columns_have_no_names(tmp_path: Path) -> None:
    """With what each holds and the whole option to type, which then reads the table."""
    rows = [
        [f"k{n % 40}", f"v{n * 7 % 40}", f"2024-03-{1 + n // 40:02} 10:{n % 60:02}:00", f"do {n % 5}"]
        for n in range(800)
    ]
    (path := tmp_path / "a.csv").write_text("\n".join(map(",".join, rows)) + "\n")
    with pytest.raises(InputError, match=r"no header, so its columns are counted. Columns found: column_1") as told:
        find_log(Options(inputs=(str(path),)))
    assert "--map user=" in (told.value.hint or "") and "timestamp=column_3" in (told.value.hint or "")
    asked = {"user": "column_1", "timestamp": "column_3", "action": "column_4"}
    assert find_log(Options(inputs=(str(path),), mapping=asked)).found.layouts[0].headless
