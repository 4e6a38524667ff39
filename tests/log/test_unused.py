"""Columns that could be the object, the session or an amount, and were not used."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from persona_agent.errors import InputError
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store


def unused(tmp_path: Path, value: str | None = None, **columns: list[str]) -> dict[str, str]:
    """What columns could be, in a log of 20 users with twelve events each in four visits, of which nobody wants a thing taken."""
    rows = [(f"u{i % 20}", f"2024-03-{1 + i // 60:02}T10:{i % 60:02}:07Z", ("look", "buy")[i % 2]) for i in range(240)]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        named = [(*row, *(column[i] for column in columns.values())) for i, row in enumerate(rows)]
        csv.writer(file).writerows([("user_id", "timestamp", "action", *columns), *named])
    options = Options(
        inputs=(str(tmp_path / "a.csv"),),
        out=tmp_path / "out",
        value=value,
        mapping=None if "object" in columns else "object=none",
    )
    return read_log(find_log(options), options, Store.create(options.out), Silent()).unused


def test_columns_are_told_by_how_users_share_them(tmp_path: Path) -> None:
    """Things that users share and come back to, visits of one user, prices that some events have or that are spelled with a
    sign; not towns, kinds, ids of events, what makes the value, or an order that is still on
    its way the day after.
    """
    columns = {
        "gadget": [f"thing {i * 7 % 31}" for i in range(240)],
        "tour": [f"t{i % 20}-{i // 60}" for i in range(240)],
        "parcel": [f"p{i % 20}-{i // 80}" for i in range(240)],
        "cost": [f"${1 + i % 9}.50" for i in range(240)],
        "paid": [str(1 + i % 8) if i % 7 == 0 else "" for i in range(240)],
        "town": [f"town {i % 10}" for i in range(240)],
        "via": [("web", "app")[i % 2] for i in range(240)],
        "token": [f"x{i * 7_919}" for i in range(240)],
    }
    found = {"gadget": "object", "tour": "session", "cost": "amount", "paid": "amount"}
    assert unused(tmp_path, **columns) == found
    assert "paid" not in unused(tmp_path, "properties.paid*2", **columns)
    assert "gadget" not in unused(tmp_path, object=[f"page {i % 9}" for i in range(240)], gadget=columns["gadget"])


def test_a_value_is_a_number_or_an_error(tmp_path: Path) -> None:
    """A column of words, or one that is not there, is not passed over; single words among numbers are said."""
    for price, rows in (("cheap", 0), ("12 EUR", 0), ("7.5", 40)):
        lines = [f"u{n % 5},2024-05-01 10:{n:02}:01,see,{price if n else 'on demand'}" for n in range(41)]
        (tmp_path / "a.csv").write_text("\n".join(["user,timestamp,action,price", *lines]))
        for column in ("price", "prize"):
            options = Options(inputs=(str(tmp_path / "a.csv"),), out=tmp_path / "out", value=f"properties.{column}*2")
            store = Store.create(tmp_path / f"{price} {column}")
            if not rows or column == "prize":
                with pytest.raises(InputError, match=f"column '{column}' holds"):
                    read_log(find_log(options), options, store, Silent())
            else:
                notes = read_log(find_log(options), options, store, Silent()).notes
                assert "1 of 41 values of price are no numbers: their lines are worth nothing" in notes
