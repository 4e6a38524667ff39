"""Events within something else: members of a list, of a holder of their data, or of an object that is no JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from persona_agent.errors import InputError
from persona_agent.log.reading import find_log, read_log
from persona_agent.log.survey import Survey
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

ACTS = ["open", "compare", "order", "rate"]
FIRST = datetime(2024, 3, 1, 8)


def visits(folder: Path, member: Callable[[int, str], dict[str, Any]]) -> Path:
    """240 visits of 30 people, three acts each, in a list of the visit's record; each act a minute after the one before."""
    lines = []
    for n in range(240):
        begun = FIRST + timedelta(hours=5 * n)
        acts = [member(3 * n + k, (begun + timedelta(minutes=k)).isoformat()) for k in range(3)]
        about = {
            "visit_id": f"v{n}",
            "member_id": f"m{n % 30}",
            "timestamp": begun.isoformat(),
            "device": {"type": "ab"[n % 2]},
        }
        lines.append(json.dumps({**about, "title": f"campaign {n % 8}", "steps": acts}))
    (path := folder / "visits.jsonl").write_text("\n".join(lines) + "\n")
    return path


def found(path: Path, **options: Any) -> Survey:
    return find_log(Options(inputs=(str(path),), **options)).found


def test_members_of_a_list_have_times_acts_and_things_of_their_own(tmp_path: Path) -> None:
    """Though what holds the list has columns of the same names; whose they are and which visit it was stays the holder's."""
    path = visits(tmp_path, lambda n, at: {"type": ACTS[n % 4], "title": f"thing {n * 7 % 25}", "timestamp": at})
    options, out = Options(inputs=(str(path),), each="steps"), Store.create(tmp_path / "out")
    log = find_log(options)
    named = {"user": "member_id", "session": "visit_id"}
    assert log.found.mapping == named | {
        "timestamp": "steps.timestamp",
        "action": "steps.type",
        "object": "steps.title",
    }
    assert read_log(log, options, out, Silent()).events == 720
    with out.connect() as connection:
        events = str(out.path("events.parquet"))
        rows = f"SELECT count(DISTINCT action), count(DISTINCT ts) FROM read_parquet('{events}')"
        assert connection.execute(rows).fetchall() == [(4, 720)]
    whole = find_log(Options(inputs=(str(path),), act="visit")).found.mapping
    assert (whole["timestamp"], whole["object"]) == ("timestamp", "title")


def lines(folder: Path, told: Callable[[int], dict[str, Any]]) -> Path:
    """900 lines of 30 people who come back."""
    (path := folder / "a.jsonl").write_text(
        "\n".join(
            json.dumps({"member_id": f"m{n % 30}", "timestamp": (FIRST + timedelta(hours=n)).isoformat(), **told(n)})
            for n in range(900)
        )
        + "\n"
    )
    return path


def test_the_type_of_held_data_is_proposed_and_that_of_a_device_is_not(tmp_path: Path) -> None:
    """A log whose acts are within is never taken for one of one act."""
    held = lines(tmp_path, lambda n: {"data": {"type": ACTS[n % 4], "item": f"thing {n * 7 % 25}"}})
    with pytest.raises(InputError, match="No column was found for action") as told:
        found(held)
    assert "--map action=data.type" in (told.value.hint or "")
    device = lines(tmp_path, lambda n: {"device": {"type": ACTS[n % 4]}, "item": f"thing {n * 7 % 25}"})
    assert (found(device).act, found(device).mapping["object"]) == ("take", "item")


def test_objects_that_are_no_json_are_no_thing(tmp_path: Path) -> None:
    """A dict as a program prints it holds more than a thing; the error says what was seen."""
    path = lines(tmp_path, lambda n: {"data": str({"kind": ACTS[n % 4], "item": f"thing {n * 7 % 25}"})})
    with pytest.raises(InputError, match="objects in a spelling that is not JSON"):
        found(path)


def test_lines_of_one_cell_are_said(tmp_path: Path) -> None:
    """What was tried, where a sign that nobody knows parts them."""
    (path := tmp_path / "a.dat").write_text(
        "\n".join(f"{n % 30} did {chr(32).join([chr(97 + n % 9)] * (1 + n % 3))}" for n in range(300)) + "\n"
    )
    with pytest.raises(
        InputError, match=r"no comma, semicolon, tab, \|, longer sign or run of spaces parts all of them"
    ):
        found(path)


def test_the_repository_is_the_thing_by_its_full_name(tmp_path: Path) -> None:
    """As web hooks of code hosts spell it; the sender's address is nobody's thing."""
    path = lines(
        tmp_path,
        lambda n: {
            "event_type": ACTS[n % 4],
            "sender": {"login": f"s{n % 30}", "html_url": f"https://host.example/s{n % 30}"},
            "repository": {"full_name": f"team/part-{n * 7 % 25}"},
        },
    )
    assert found(path).mapping["object"] == "repository.full_name"
