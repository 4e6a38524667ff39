"""Repeats: a period that is there twice with shifted times counts once, and habits are no repeats."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from persona_agent.log.reading import ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

DAY = 86_400
START = 1_700_000_000
Row = tuple[str, int, str, str]  # user, seconds, act, object


def term(users: int = 12, seed: int = 4) -> list[Row]:
    """Sixty acts a user over ninety days, to the minute, in visits."""
    draw, rows = random.Random(seed), list[Row]()
    for user in range(users):
        for _ in range(15):
            at = START + 60 * draw.randrange(90 * 24 * 60)
            for _ in range(4):
                rows.append((f"u{user}", at, draw.choice("abc"), f"thing {draw.randrange(20)}"))
                at += 60 * draw.randrange(12)
    return rows


def read(tmp_path: Path, *files: list[Row], **options: tuple[str, ...]) -> ReadLog:
    for number, rows in enumerate(files):
        lines = [
            "user_id,timestamp,action,object",
            *(f"{u},{t},{a},{o}" for u, t, a, o in sorted(rows, key=lambda r: r[1])),
        ]
        (tmp_path / f"{number}.csv").write_text("\n".join(lines))
    settings = Options(inputs=(str(tmp_path / "*.csv"),), out=tmp_path / "out", **options)
    return read_log(find_log(settings), settings, Store.create(settings.out), Silent())


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda r, flip: (r[0], r[1] + 365 * DAY, *r[2:]), 700),
        (lambda r, flip: (f"other {r[0]}", r[1] + 120 * DAY + 3_600, *r[2:]), 700),
        (lambda r, flip: None if flip < 0.08 else (r[0], r[1] + 365 * DAY, *r[2:]), 620),
        (lambda r, flip: (r[0], r[1] + 365 * DAY, r[2], r[3] if flip < 0.7 else f"{r[3]} 2024"), 700),
    ],
)
def test_a_moved_copy_is_set_aside(change: Callable[[Row, float], Row | None], least: int, tmp_path: Path) -> None:
    """Moved by a year, under other ids, with lines missing, with objects renamed: hardly a line of it is left, and the note and
    the option that undoes it are there; what came before stays.
    """
    flip = random.Random(9)
    first = term()
    copy = [row for r in first if (row := change(r, flip.random()))]
    found = read(tmp_path, first, copy)
    assert least <= found.reasons["repeat"] <= len(copy)
    assert found.events + found.duplicates >= len(first)
    assert any("they were set aside as repeat" in note for note in found.notes)
    assert "repeat" not in read(tmp_path, first, copy, keep=("repeat",)).reasons


def test_habits_and_schedules_are_no_repeats(tmp_path: Path) -> None:
    """Another term of the same people, visits at the same minutes every week, mail that is sent to everybody each Monday."""
    weekly = [(u, t + week * 7 * DAY, a, o) for u, t, a, o in term()[:60] for week in range(14)]
    mail = [
        (f"m{u}", START + week * 7 * DAY + 5 * n, "mail", f"part {n}")
        for u in range(40)
        for week in range(6)
        for n in range(9)
    ]
    later = [(u, t + 365 * DAY, a, o) for u, t, a, o in term(seed=5)]
    assert "repeat" not in read(tmp_path, term(), later, weekly, mail).reasons
