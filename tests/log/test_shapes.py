"""Shapes: JSON in any column, lists of acts, decimal commas, comments above a header, and records that programs wrote."""

from __future__ import annotations

import csv
import gc
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from persona_agent.errors import InputError
from persona_agent.log.reading import ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store
from tests.log.test_events import Reading, write


def read(path: Path, content: str | Iterable[dict[str, Any]], **options: Any) -> tuple[ReadLog, list[tuple[Any, ...]]]:
    """What reading found, and the events (action, object, properties) in their order."""
    text = content if isinstance(content, str) else "\n".join(map(json.dumps, content))
    path.write_text(text, encoding="utf-8")
    settings = Options(inputs=(str(path),), out=path.parent / "out", **options)
    store = Store.create(settings.out)
    found = read_log(find_log(settings), settings, store, Silent())
    rows = duckdb.sql(f"SELECT action, object, properties FROM '{store.path('events.parquet')}' ORDER BY ts, line, n")
    return found, [(action, thing, json.loads(held)) for action, thing, held in rows.fetchall()]


def table(*rows: tuple[Any, ...], delimiter: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return file.getvalue()


def test_json_in_a_column_of_any_name(tmp_path: Path) -> None:
    """Members can be mapped and are properties; a column that is JSON in some rows only stays text."""
    rows = [
        ("u1", "2024-05-01T10:00:07Z", "hit", '{"kind": "buy", "thing": {"name": "Lamp"}, "cost": 2.5}', "{left"),
        ("u2", "2024-05-01T10:00:09Z", "hit", '{"kind": "look", "thing": {"name": "Vase"}, "cost": 3}', '{"a": 1}'),
    ]
    text = table(("user_id", "time", "event", "blob", "note"), *rows)
    _, events = read(tmp_path / "a.csv", text, mapping=("action=blob.kind", "object=blob.thing.name"))
    assert events == [
        ("buy", "Lamp", {"event": "hit", "blob.cost": 2.5}),
        ("look", "Vase", {"event": "hit", "blob.cost": 3}),
    ]
    records = [dict(zip(("user_id", "time", "event", "blob"), row, strict=False)) for row in rows]
    assert read(tmp_path / "a.jsonl", records, mapping=("action=blob.kind",))[1][1][0] == "look"


def test_every_member_of_a_list_is_an_event(tmp_path: Path) -> None:
    """A log of visits names the list and its option; with it, acts, times and ids of visits are read."""
    visits = [
        {
            "visitor": f"v{n}",
            "deviceType": ("phone", "desk")[n % 2],
            "day": {
                "steps": [
                    {"verb": verb, "at_time": 1714557600 + 60 * n + i, "item": "Lamp"} for i, verb in enumerate(acts)
                ]
            },
        }
        for n, acts in enumerate((["look", "buy"], ["look"], []))
    ]
    with pytest.raises(InputError) as error:
        read(tmp_path / "a.jsonl", visits)
    assert "--each day.steps" in (error.value.hint or "")
    found, events = read(tmp_path / "a.jsonl", visits, each="day.steps", mapping=("timestamp=day.steps.at_time",))
    assert [event[:2] for event in events] == [("look", "Lamp"), ("buy", "Lamp"), ("look", "Lamp")]
    assert (found.users, found.records, found.duplicates) == (2, 3, 0)
    assert events[0][2] == {"deviceType": "phone"}
    text = table(("user", "time", "acts"), ("u1", "2024-05-01T10:00:07Z", '["look", "buy"]'))
    assert [e[0] for e in read(tmp_path / "a.csv", text, each="acts", mapping=("action=acts",))[1]] == ["look", "buy"]


def test_a_log_of_one_act(tmp_path: Path) -> None:
    """`act` names what every row tells; without it the option is proposed, and no column that is no act."""
    text = table(
        ("customer_id", "order_date", "product", "deviceType"),
        ("c1", "2024-05-01", "Lamp", "phone"),
        ("c2", "2024-05-02", "Vase", "desk"),
    )
    with pytest.raises(InputError) as error:
        read(tmp_path / "a.csv", text)
    assert (
        error.value.hint == "Add --act TEXT where all records are of one act (order, rating), or --map action=COLUMN."
    )
    assert [event[:2] for event in read(tmp_path / "a.csv", text, act="order")[1]] == [
        ("order", "Lamp"),
        ("order", "Vase"),
    ]


def test_decimal_commas_are_numbers(tmp_path: Path) -> None:
    """In a table parted by semicolons a column of such numbers is one, thousands and all; other texts stay."""
    header = ("Kunde", "Zeitpunkt", "Aktion", "Artikel", "Betrag", "Maß")
    rows = [
        ("k1", "13.05.2024 9:15", "gekauft", "Lampe", "1.012,50", "1,5 m"),
        ("k2", "14.05.2024 9:15", "gekauft", "Vase", "7", "2,5"),
    ]
    _, events = read(tmp_path / "a.csv", table(header, *rows, delimiter=";"), value="Betrag")
    assert events == [
        ("gekauft", "Lampe", {"Betrag": 1012.5, "Maß": "1,5 m"}),
        ("gekauft", "Vase", {"Betrag": 7, "Maß": "2,5"}),
    ]
    thousands = [("k1", "13.05.2024 9:15", "gekauft", "Lampe", "1,012", "x")]
    assert read(tmp_path / "a.csv", table(header, *thousands))[1][0][2]["Betrag"] == "1,012"


@pytest.mark.parametrize("above", ["# exported by a tool, on a day\n#\n", "#user_id,time,event,item\n"])
def test_comments_above_a_header(above: str, tmp_path: Path) -> None:
    """Lines that begin with `#` are passed over, unless the last of them is the header; lines keep their numbers."""
    row = "u1,2024-05-01T10:00:07Z,look,Lamp\n"
    header = "" if "user_id" in above else "user_id,time,event,item\n"
    found, events = read(tmp_path / "a.csv", above + header + row)
    assert (found.records, [event[:2] for event in events]) == (1, [("look", "Lamp")])


def test_what_programs_did_is_set_aside(tmp_path: Path) -> None:
    """By the record's flag, by the user's own name or kind; not by the name of a program that a person met."""
    base = {"created_at": "2024-05-01T10:00:07Z", "type": "push", "repo": {"name": "org/site"}}

    def actor(number: int, login: str, **more: Any) -> dict[str, Any]:
        return {**base, "actor": {"id": number, "login": login, "url": f"https://host.example/{login}", **more}}

    records = [
        actor(1, "kim"),
        actor(2, "lint[bot]"),
        actor(3, "robo", type="Bot"),
        {**actor(4, "lee"), "bot": True},
        {**actor(5, "ada"), "bot": False, "payload": {"user": {"login": "lint[bot]", "type": "Bot"}}},
    ]
    found, events = read(tmp_path / "a.jsonl", records)
    assert found.reasons == {"automation": 3}
    assert [event[:2] for event in events] == [("push", "org/site")] * 2
    assert read(tmp_path / "a.jsonl", records, keep=("automation",))[0].events == 5


@pytest.mark.parametrize(
    ("header", "mend"),
    [
        ("uid,when,device_type,browser_name", "Add --map timestamp=when --act TEXT"),
        ("customer,ordered,order_status,payment_method", "Add --map timestamp=ordered --act TEXT"),
        ("requester,opened,ticket_type,priority", "Add --map user=requester,timestamp=opened --act TEXT"),
        ("person,opened,what,clickAction", "Add --map timestamp=opened,action=clickAction"),
    ],
)
def test_a_proposal_is_a_command_that_names_only_what_may_be(tmp_path: Path, header: str, mend: str) -> None:
    """The kind of a device, the state of an order or the way of a payment is no act; what was seen is told, but no value."""
    rows = [f"u{n % 9},2024-05-{n % 28 + 1:02} 10:00:00,{'ab'[n % 2]}-secret,c{n % 3}" for n in range(60)]
    with pytest.raises(InputError) as error:
        Reading(write(tmp_path, "a.csv", "\n".join([header, *rows]).encode()))
    assert (error.value.hint or "").startswith(mend)
    assert "(text, 9 different)" in str(error.value) and "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("user,date,time,action", "u{u},2024-05-{d:02},{h:02}:07:0{u},see"),
        ("kunde;datum;uhrzeit;aktion", "u{u};{d}.5.2024;{h}:07:0{u};see"),
        ("user,joined,date,time,action", "u{u},2020-01-0{u},05/{d}/2024,{h}:07:0{u},see"),
    ],
)
def test_a_date_and_a_time_of_day_are_one_time(header: str, row: str, tmp_path: Path) -> None:
    """In columns of their own they are read together, and said; mornings are none of midnight's."""
    rows = [row.format(u=1 + n % 9, d=1 + n % 28, h=n % 24) for n in range(200)]
    path = write(tmp_path, "a.csv", "\n".join([header, *rows]).encode())
    found = Reading(path)
    assert sorted(event["ts"] // 3_600_000_000 % 24 for event in found.events) == sorted(n % 24 for n in range(200))
    assert any("a date and a time of day" in said for said in found.survey.said)


def test_a_day_without_its_time_of_day_is_no_midnight(tmp_path: Path) -> None:
    """Of dates and times of day in two columns a line that lacks the time of day is rejected, and kept with the reason."""
    rows = [f"u{n % 9},2024-05-{1 + n % 28:02},{'' if n % 12 == 5 else f'{n % 24}:07:05'},see" for n in range(120)]
    (tmp_path / "a.csv").write_text("\n".join(["user,day,time,action", *rows]))
    options = Options(inputs=(str(tmp_path / "a.csv"),), out=tmp_path / "out", workers=1, allow_rejects=True)
    store = Store.create(options.out)
    read = read_log(find_log(options), options, store, Silent())
    assert (read.events, read.rejected) == (110, 10)
    assert (options.out / "rejects.jsonl").read_text().count('"code": "timestamp"') == 10


def test_of_several_dates_none_is_joined(tmp_path: Path) -> None:
    """Where a date stands on each side of a time of day, nobody knows which it belongs to."""
    rows = [f"u{n % 9},2024-05-{1 + n % 28:02},{n % 24}:07:05,2024-06-{1 + n % 28:02},see" for n in range(60)]
    path = write(tmp_path, "a.csv", "\n".join(["user,begun,time,ended,action", *rows]).encode())
    with pytest.raises(InputError):
        Reading(path)


def test_a_table_of_thousands_of_filled_columns_is_read(tmp_path: Path) -> None:
    """All of its values at once would be more than a worker may hold: so many events are sampled as have so many values."""
    header = ["user", "timestamp", "action", "object", *(f"c{i}" for i in range(3_000))]
    rows = [
        [f"u{n % 20}", f"2024-05-01 10:{n % 60:02}:{n // 60:02}", "see", f"x{n % 7}", *["7"] * 3_000]
        for n in range(300)
    ]
    (tmp_path / "a.csv").write_text("\n".join(map(",".join, [header, *rows])))
    options = Options(inputs=(str(tmp_path / "a.csv"),), out=tmp_path / "out", workers=1)
    store = Store.create(options.out)
    assert read_log(find_log(options), options, store, Silent()).events == 300


def test_reading_leaves_the_collector_as_it_was(tmp_path: Path) -> None:
    """While a share is read cycles are looked for seldom, afterwards as often as before."""
    before = gc.get_threshold()
    path = write(tmp_path, "a.csv", b"user,timestamp,action\nu1,2024-05-01 10:00:01,see\n")
    options = Options(inputs=(str(path),), out=tmp_path / "out", workers=1)
    read_log(find_log(options), options, Store.create(options.out), Silent())
    assert gc.get_threshold() == before


@pytest.mark.parametrize(
    "clock", ["{h:02d}h{m:02d}", "{h:02d}{m:02d}", "{h}{m:02d}", "{h:02d}.{m:02d}", "{h} Uhr {m:02d}"]
)
def test_a_time_of_day_in_an_odd_form_names_the_column_of_dates(tmp_path: Path, clock: str) -> None:
    """The error names both columns and how to write the one; with a pattern, with the dates alone or written so, it is read."""
    header = ("user", "date", "time", "action", "due")
    hours = [(h, m) for h in range(9, 13) for m in (4, 37)]

    def log(form: str) -> str:
        rows = [(f"u{h}", "2024-05-01", form.format(h=h, m=m), "open", f"2024-06-{h:02d}") for h, m in hours]
        return table(header, *rows)

    with pytest.raises(InputError) as error:
        read(tmp_path / "a.csv", log(clock))
    assert "'time' was taken for the time and holds no date" in error.value.message
    assert "'date' holds the dates" in error.value.message
    assert "--map timestamp=date" in (error.value.hint or "")
    assert len(read(tmp_path / "b.csv", log(clock), mapping=("timestamp=date",))[1]) == len(hours)
    assert len(read(tmp_path / "c.csv", log("{h:02d}:{m:02d}"))[1]) == len(hours)


def test_times_that_cannot_be_read_are_told_as_such_where_no_column_has_dates(tmp_path: Path) -> None:
    """Without dates beside it nothing is said of two columns; where some times can be read, the others are rejects."""
    rows = [(f"u{n}", f"1{n}h04", "open") for n in range(8)]
    with pytest.raises(InputError, match="is no time that is known"):
        read(tmp_path / "a.csv", table(("user", "time", "action"), *rows))
    some = [(f"u{n}", "2024-05-01", f"2024-05-01T1{n % 10}:04:00Z" if n else "10h04", "open") for n in range(8)]
    found, events = read(tmp_path / "b.csv", table(("user", "date", "time", "action"), *some))
    assert (len(events), found.codes) == (7, {"timestamp": 1})
