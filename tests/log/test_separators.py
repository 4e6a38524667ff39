"""What parts the cells of a table: signs of one character and several, runs of spaces, and where none is certain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.errors import InputError
from persona_agent.log.cells import Dialect
from persona_agent.log.reading import Log, find_log, read_log
from persona_agent.log.separators import DELIMITERS, WIDE, find_separator
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

NAMES = ["user_id", "timestamp", "action", "object"]
LONG = ["::", "||", "~|~", "|:|", ";;", "\t|\t", "<>", "##", " - ", "^", "~", "\x01", "\x1f", "§"]


def rows(lines: int = 300) -> list[list[str]]:
    """Twelve users who do four things on things of several words, in no rhythm."""
    chance, first = Random(7), datetime(2024, 3, 1, 8)
    times = sorted(first + timedelta(seconds=chance.randrange(90 * 86_400)) for _ in range(lines))
    return [
        [
            f"u{chance.randrange(12)}",
            str(at),
            chance.choice(["see", "buy", "ask", "go"]),
            f"thing {chance.randrange(9)}",
        ]
        for at in times
    ]


def written(path: Path, parts: Sequence[str]) -> Path:
    path.write_text("".join(part + "\n" for part in parts), encoding="utf-8")
    return path


def read(path: Path, out: Path) -> tuple[Log, list[tuple[str, ...]]]:
    options = Options(inputs=(str(path),), workers=1)
    log, store = find_log(options), Store.create(out)
    assert read_log(log, options, store, Silent()).rejected == 0
    with store.connect() as connection:
        found = connection.execute(
            f"SELECT strftime(ts, '%Y-%m-%d %H:%M:%S'), action, object FROM '{out}/events.parquet' ORDER BY line"
        ).fetchall()
    return log, found


@pytest.mark.parametrize("sign", LONG)
@pytest.mark.parametrize("quoted", [False, True])
def test_other_signs_part_cells(sign: str, quoted: bool, tmp_path: Path) -> None:
    """Every row is read as it stands, quoted cells that hold the sign too, and the sign is said."""
    table = [NAMES, *rows()]
    if quoted:
        table = [[f'"{cell}"' for cell in row] for row in table]
        table[5][3] = f'"thing{sign}other"'
    path = written(tmp_path / "log.txt", [sign.join(row) for row in table])
    log, found = read(path, tmp_path / "out")
    assert [row[:2] for row in found] == [(row[1], row[2]) for row in rows()]
    if quoted and sign.isprintable():
        assert found[4][2].replace(" ", "") == f"thing{sign}other".replace(" ", "")
    assert any("are parted by" in said for said in log.found.said)


def test_ratings_as_they_are_published(tmp_path: Path) -> None:
    """`1::1193::5::978300760` without a header; beside names that hold bars and commas too."""
    lines = [f"{n // 25}::{n * 7 % 40}::{1 + n % 5}::{978300760 + 90 * n}" for n in range(1000)]
    log = find_log(
        Options(inputs=(str(written(tmp_path / "ratings.dat", lines)),), mapping={"user": "column_1"}, act="rate")
    )
    assert log.found.layouts[0].delimiter == "::" and log.found.mapping["timestamp"] == "column_4"
    films = [f"{n}::Film {n}, The (19{70 + n % 30})::Comedy|Drama{'|War' * (n % 3)}" for n in range(60)]
    assert find_separator([film.encode() for film in films], "|", Dialect("|").read) == "::"


@pytest.mark.parametrize("headed", [True, False])
def test_words_in_cells_that_runs_of_spaces_part(headed: bool, tmp_path: Path) -> None:
    """Two spaces part where one does not; an act of two words stays one."""
    made = [[user, when, f"{act} again" if n % 2 else act, thing] for n, (user, when, act, thing) in enumerate(rows())]
    table = [NAMES, *made] if headed else made
    path = written(tmp_path / "log.txt", ["".join(f"{cell:<24}" for cell in row).rstrip() for row in table])
    options = {} if headed else {"mapping": dict(zip(("user", "action"), ("column_1", "column_3"), strict=True))}
    log = find_log(Options(inputs=(str(path),), **options))
    assert log.found.layouts[0].delimiter == WIDE
    if headed:
        assert [row[1] for row in read(path, tmp_path / "out")[1]] == [row[2] for row in made]


def test_acts_that_hold_the_only_sign_are_not_guessed(tmp_path: Path) -> None:
    """One space parts cells and words alike: what was tried is said, and nothing is read."""
    lines = [f"{user} {when} {act} {'the ' * (n % 3)}{thing}" for n, (user, when, act, thing) in enumerate(rows())]
    with pytest.raises(InputError, match="longer sign or run of spaces"):
        find_log(Options(inputs=(str(written(tmp_path / "log.txt", lines)),)))


def test_usual_tables_stay_what_they_are() -> None:
    """Addresses, times and names of methods are no separators, however alike they are in all lines."""
    tables = {
        ",": [f"u{n},https://a.b/{n},https://c.d/{n},view" for n in range(60)],
        ";": [f"u{n};2024-01-01 10:00;A::b::c;x -- y -- z" for n in range(60)],
        "\t": [f"u{n}\t2024-01-01\t\tview" for n in range(60)],
        "|": [f"u{n}|2024-01-01|a - b - c|" for n in range(60)],
    }
    for usual, lines in tables.items():
        assert find_separator([line.encode() for line in lines], usual, Dialect(usual).read) == ""
    quoted = [f'u{n},"a, {n % 3 * "b, "}c",2024,https://x.y,https://z' for n in range(60)]
    assert find_separator([line.encode() for line in quoted], ",", Dialect(",").read) == ""
    few = [b"a::b::c"] * 10
    assert find_separator(few, ",", Dialect(",").read) == ""


CELL = st.from_regex(r"[a-z0-9][a-z0-9 ./-]{0,8}[a-z0-9]", fullmatch=True)


@settings(max_examples=40, deadline=None)
@given(
    sign=st.sampled_from([*DELIMITERS, "::", "~|~", "||", "##", "\x01", "^"]),
    cells=st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=25, max_size=40),
)
def test_any_cells_come_back(sign: str, cells: list[list[str]]) -> None:
    """What was joined by a sign is parted by it, whatever stands in the cells."""
    lines = [sign.join(row).encode() for row in cells]
    usual = max(DELIMITERS, key=sign.join(cells[0]).count)
    found = Dialect(find_separator(lines, usual, Dialect(usual).read) or usual)
    assert [found.cells(line) for line in lines] == cells


def test_lines_that_are_no_rows_above_a_header(tmp_path: Path) -> None:
    """Excel's `sep=;`, and the rules that clients of databases draw, are no header."""
    table = [";".join(row) for row in [NAMES, *rows()]]
    assert len(read(written(tmp_path / "a.csv", ["sep=;", *table]), tmp_path / "a")[1]) == 300
    drawn = ["+----+----+", *(f"| {' | '.join(row)} |" for row in [NAMES, *rows()])]
    assert len(read(written(tmp_path / "b.txt", drawn), tmp_path / "b")[1]) == 300
