"""`inspect`: what is said of a log before anything is made of it."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent


@pytest.mark.parametrize(("clock", "alone"), [("", True), (" 00:00:00", True), (" 12:30:00", False)])
def test_how_finely_times_are_given(clock: str, alone: bool, tmp_path: Path) -> None:
    """Dates alone are no times to the minute, and nobody is asked for their offset."""
    days = [(date(2024, 3, 1) + timedelta(days=i)).isoformat() for i in range(60)]
    with (tmp_path / "log.csv").open("w", newline="") as file:
        rows = [(f"u{i % 12}", f"{days[i % 60]}{clock}", "look", f"thing {i % 5}") for i in range(120)]
        csv.writer(file).writerows([("user_id", "timestamp", "action", "object"), *rows])
    found = commands.inspect(Options(inputs=(str(tmp_path / "log.csv"),)), Silent())
    assert found.window.get("dates_alone", False) is alone
    assert ("to_the_minute" in found.window) is not alone
    assert any("no offset" in note for note in found.notes) is not alone
    assert found.window["start"] == (days[0] if alone else f"{days[0]}{clock}")
