"""Losses: rejects that take a part of the log that is not random are found, and stop a run."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from persona_agent.errors import InputError
from persona_agent.log.losses import stop_at_losses
from persona_agent.log.reading import ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

Row = tuple[str, int, str]  # user, hour, act


def found_in(tmp_path: Path, broken: Callable[[Row], bool], files: int = 1) -> ReadLog:
    """What reading finds in 1,200 lines of 60 users, of which some have a time that none can read."""
    chance = random.Random(7)
    for number in range(files):
        lines = ["user_id,timestamp,action"]
        for i in range(1_200 // files):
            row = (f"u{i % 60}", chance.randrange(24), chance.choice(["look", "buy", "ask"]))
            sign = "~" if broken((f"{number}" if files > 1 else row[0], row[1], row[2])) else ""
            lines.append(f"{row[0]},2024-05-{1 + i % 28:02}T{row[1]:02}:15:07{sign},{row[2]}")
        (tmp_path / f"{number}.csv").write_text("\n".join(lines))
    options = Options(inputs=(str(tmp_path / "*.csv"),), out=tmp_path / "out")
    return read_log(find_log(options), options, Store.create(options.out), Silent())


@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        ("hour '9'", lambda row: row[1] == 9),
        ("act 'ask'", lambda row: row[2] == "ask"),
        ("user 'u", lambda row: row[0] == "u7"),
    ],
)
def test_a_part_that_is_lost_is_named(kind: str, broken: Callable[[Row], bool], tmp_path: Path) -> None:
    """The kind of value, its lines and the share of others are told; a run stops unless it is allowed."""
    found = found_in(tmp_path, broken)
    assert len(found.losses) == 1
    assert kind in found.losses[0]
    assert "(100%), and 0% of the other lines" in found.losses[0]
    with pytest.raises(InputError, match="no fair part") as error:
        stop_at_losses(found.losses, found.codes, allowed=False)
    assert "--allow-rejects" in (error.value.hint or "")
    stop_at_losses(found.losses, found.codes, allowed=True)


@pytest.mark.parametrize(
    ("codes", "said", "unsaid"),
    [
        ({"no_action": 90, "timestamp": 2}, "--map action=COLUMN", "--time-format"),
        ({"timestamp": 90, "no_action": 2}, "--time-format", "--map"),
        ({"quote": 90}, "mend the log, or go on", "--map"),
    ],
)
def test_the_mend_is_of_what_was_rejected(codes: dict[str, int], said: str, unsaid: str) -> None:
    """Whoever lost lines without an act is not sent to look at times."""
    with pytest.raises(InputError) as error:
        stop_at_losses(["90 of 100 lines were rejected"], codes, allowed=False)
    assert said in (error.value.hint or "")
    assert unsaid not in (error.value.hint or "")


def test_a_lost_file_is_named(tmp_path: Path) -> None:
    """One of several files with half of its lines rejected."""
    flip = random.Random(3)
    found = found_in(tmp_path, lambda row: row[0] == "2" and flip.random() < 0.5, files=4)
    assert any("file '2.csv'" in loss for loss in found.losses)


def test_rejects_by_chance_stop_nothing(tmp_path: Path) -> None:
    """A tenth of the lines at random is no part, whatever single users and hours happened to lose."""
    flip = random.Random(5)
    found = found_in(tmp_path, lambda row: flip.random() < 0.1)
    assert found.rejected > 80
    assert found.losses == []


def test_what_can_be_told_of_a_time_that_none_can_read(tmp_path: Path) -> None:
    """The weekday too, where a date stands in it; and the hour of lines that are no records."""
    days = [(i, f"2024-05-{1 + i % 28:02}") for i in range(1_120)]
    rows = [f"u{i % 60},{day}T{i % 24:02}:15:07{'~' if i % 28 % 7 == 2 else ''},look" for i, day in days]
    (tmp_path / "log.csv").write_text("\n".join(["user_id,timestamp,action", *rows]))
    broken = [
        f'{{"user_id": "u{i % 60}", "timestamp": "{day} {i % 24:02}:15:07", "action": "look"{"}" * (i % 24 != 9)}'
        for i, day in days
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(broken))
    for name, lost in (("log.csv", "weekday 'Friday'"), ("log.jsonl", "hour '9'")):
        options = Options(inputs=(str(tmp_path / name),), out=tmp_path / f"{name}.out")
        found = read_log(find_log(options), options, Store.create(options.out), Silent())
        assert [lost in loss for loss in found.losses] == [True]
