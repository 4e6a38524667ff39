"""A column of local weeks, days or hours tells of which clocks times without offset are; no hour is moved by it."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from persona_agent.commands.inspecting import inspect
from persona_agent.log.reading import ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report import remarks
from persona_agent.store import Store

YORK, GREENWICH = ZoneInfo("America/New_York"), ZoneInfo("UTC")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Told = Callable[[datetime], object]


def week(at: datetime) -> int:
    return 1 + (at.timetuple().tm_yday - 1) // 7


def log_of(folder: Path, written: ZoneInfo, told: Told, days: int = 365, open_from: int = 0) -> str:
    """15,000 times in New York as clocks in `written` show them, with a column of what is `told` of the local time."""
    chance = random.Random(3)
    with (folder / "log.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["user_id", "timestamp", "action", "object", "counted"])
        for i in range(15_000):
            wall = datetime(2023, 1, 1) + timedelta(days=chance.randrange(days), hours=chance.randrange(open_from, 24))
            local = (
                (wall + timedelta(seconds=chance.randrange(3600))).replace(tzinfo=YORK).astimezone(UTC).astimezone(YORK)
            )
            shown = f"{local.astimezone(written):%Y-%m-%d %H:%M:%S}"
            table.writerow([f"u{i % 40}", shown, "look", f"thing {i % 30}", told(local)])
    return str(folder / "log.csv")


def read(path: str, **options: Any) -> tuple[ReadLog, Options]:
    settings = Options(inputs=(path,), out=Path(path).parent / "out", **options)
    return read_log(find_log(settings), settings, Store.create(settings.out), Silent()), settings


def moved(log: ReadLog, settings: Options) -> list[str]:
    """What the notes of a run say of times without zone."""
    written = SimpleNamespace(suppressed=0, notes=[], failures=[], personas=[], everyone=None)
    formed = SimpleNamespace(grouping=SimpleNamespace(reason="nothing", just={}), given=None)
    return [t for t in remarks.notes(log, formed, written, settings) if "name no zone" in t]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "told",
    [week, lambda at: NAMES[at.weekday()], lambda at: f"{at:%d.%m.%Y}", lambda at: at.hour],
    ids=["week", "day of the week", "date", "hour"],
)
def test_a_local_column_beside_times_in_utc_tells_their_clocks(told: Told, tmp_path: Path) -> None:
    """They change with clocks of New York, five hours behind UTC and in summer four."""
    log, settings = read(log_of(tmp_path, GREENWICH, told), timezone="America/New_York")
    assert log.clock == {"column": "counted", "offsets": [-5, -4]}
    [said] = moved(log, settings)
    assert said.endswith("The column counted changes at midnight of these clocks, so the hours are right.")


def test_another_zone_than_the_column_is_told(tmp_path: Path) -> None:
    """What was told by --timezone is kept, with the hour at which the column changes there."""
    log, settings = read(log_of(tmp_path, GREENWICH, week), timezone="Europe/London")
    [said] = moved(log, settings)
    assert "changes at 5 am of these clocks, so the hours are off unless its days begin then; --timezone of a" in said
    assert "are 5 hours behind UTC, 4 for a part of the year" in said
    assert settings.timezone == "Europe/London"


def test_a_local_column_beside_local_times_tells_no_zone(tmp_path: Path) -> None:
    """It changes at midnight as the times are written: both may be UTC, or both local, and the option for that is named."""
    log, settings = read(log_of(tmp_path, YORK, week), timezone="America/New_York")
    assert log.clock == {"column": "counted", "offsets": [0]}
    [said] = moved(log, settings)
    assert (
        "midnight of the times as they are written, so both are UTC, or both are local; --times-are local then." in said
    )


def test_local_times_that_are_told_so_are_not_doubted_and_others_are(tmp_path: Path) -> None:
    """Times that clocks of New York showed, told so; and times in UTC that were told to be local."""
    local = {"timezone": "America/New_York", "times_are": "local"}
    assert moved(*read(log_of(tmp_path, YORK, week), **local)) == []
    [said] = moved(*read(log_of(tmp_path, GREENWICH, week), **local))
    assert (
        "changes at 5 am of these clocks, so the hours are off" in said and "; --times-are utc puts them right." in said
    )


@pytest.mark.parametrize(
    ("told", "options"),
    [
        (lambda at: "all", {}),
        (lambda at: at.second % 7, {}),
        (lambda at: (at + timedelta(minutes=30)).isoformat(), {}),
        (week, {"open_from": 9}),
        (week, {"days": 6}),
    ],
    ids=["one value", "no calendar", "moments", "nobody is there at night", "no week ends"],
)
def test_what_settles_nothing_is_not_told(told: Told, options: dict[str, int], tmp_path: Path) -> None:
    """A column of one value, of anything, of moments; and one whose midnight could be at several offsets."""
    log, settings = read(log_of(tmp_path, GREENWICH, told, **options), timezone="America/New_York")
    assert log.clock == {}
    [said] = moved(log, settings)
    assert "If they were local already, every hour here is off" in said


def test_inspect_proposes_the_clocks_and_moves_nothing(tmp_path: Path) -> None:
    """Without --timezone what clocks the column is by; with it whether it agrees."""
    path = log_of(tmp_path, GREENWICH, week)

    def told(**options: Any) -> tuple[str, str]:
        found = inspect(Options(inputs=(path,), **options), Silent())
        return " ".join(found.notes), found.events_by_hour["zone"]

    notes, zone = told()
    assert zone == "UTC"
    assert (
        "if they are UTC, the column counted is by clocks that are 5 hours behind UTC, 4 for a part of the year"
        in notes
    )
    assert "changes at midnight of these clocks, so the hours are right" in told(timezone="America/New_York")[0]
