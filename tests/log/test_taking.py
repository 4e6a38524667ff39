"""Fields that no name tells, by the values of columns: used unasked where one column alone can be it, and said."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_agent.errors import InputError, UsageError
from persona_agent.log.events import open_events
from persona_agent.log.reading import Log, as_found, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

Column = Callable[[int, random.Random], object]
USERS, TRIPS, LINES = 25, 6, 4
FIRST = datetime(2024, 3, 1, 9)


def trip_of(n: int) -> int:
    return n // LINES


def shopper(n: int, _: random.Random) -> str:
    return f"{700 + trip_of(n) % USERS}"


def at(n: int, _: random.Random) -> str:
    """Each trip is within a few minutes, a day and more after the one before of the same shopper."""
    return str(FIRST + timedelta(days=trip_of(n) // USERS, minutes=17 * (trip_of(n) % USERS) + n % LINES))


def item(_: int, rng: random.Random) -> int:
    return rng.randrange(120)


def log(folder: Path, **columns: Column) -> tuple[Path, list[dict[str, object]]]:
    """A table of 600 lines: 25 shoppers, six trips each, four lines a trip."""
    rng = random.Random(7)
    rows = [{name: make(n, rng) for name, make in columns.items()} for n in range(USERS * TRIPS * LINES)]
    for row in rows:
        if "sku" in row:
            sku = int(str(row["sku"]))
            row |= {"wording": f"{['kilo', 'box', 'pack'][sku % 3]} of sort {sku // 2}", "size": f"{sku % 90} g"}
            row |= {"aisle": f"aisle {'abcdef'[sku % 6]}"}
    path = folder / "a.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path, rows


def found(path: Path, **options: Any) -> Log:
    return find_log(Options(inputs=(str(path),), **options))


def test_a_till_is_read_without_a_word(tmp_path: Path) -> None:
    """Who, when, what and which visit are told by values; ids of things are said by what each is called, and all rows are one
    act, which `said` names with the options that say otherwise.
    """
    columns: dict[str, Column] = {
        "card_no": shopper,
        "sold": at,
        "bon_nr": lambda n, _: 90_000 + trip_of(n),
        "sku": item,
    }
    path, rows = log(tmp_path, **columns, pieces=lambda n, _: 1 + n % 3, spent=lambda n, _: 1.25 + n % 7)
    one = found(path)
    assert one.found.mapping == {"user": "card_no", "timestamp": "sold", "object": "wording", "session": "bon_nr"}
    assert one.found.act == one.options.act == "buy"
    columns_said, act_said = one.found.said
    assert all(f"{c} as the {f}" in columns_said for f, c in one.found.mapping.items())
    assert "--map session=none" in columns_said and "--act TEXT" in act_said
    options = as_found(Options(inputs=(str(path),), out=tmp_path / "out"), one)
    assert (dict(options.mapping), options.act) == (one.found.mapping, "buy")
    assert not find_log(options).found.said  # what the run keeps says it all: nothing is told anew
    read = read_log(one, options, Store.create(options.out), Silent())
    assert read.events == len(rows) and set(one.found.said) <= set(read.notes) and read.unused == {}


@pytest.mark.parametrize(
    ("asked", "session", "thing"),
    [
        ("session=none", None, "wording"),
        ("object=sku", "bon_nr", "sku"),
        ("session=till", "till", "wording"),
    ],
)
def test_what_a_person_maps_stays(asked: str, session: str | None, thing: str, tmp_path: Path) -> None:
    """`none` is no column, and an id that was asked for is not said in words."""
    columns: dict[str, Column] = {
        "card_no": shopper,
        "sold": at,
        "bon_nr": lambda n, _: 90_000 + trip_of(n),
        "sku": item,
    }
    path, _ = log(tmp_path, **columns, till=lambda n, _: n % 4)
    mapping = found(path, mapping=asked).found.mapping
    assert (mapping.get("session"), mapping["object"]) == (session, thing)
    with pytest.raises(UsageError, match="user=none"):
        found(path, mapping="user=none")


def test_one_text_is_the_thing(tmp_path: Path) -> None:
    """Without anything of money the act says no more than that it was taken; a coarser text of the same is no second choice."""
    columns: dict[str, Column] = {
        "MemberNumber": shopper,
        "Day": at,
        "wares": lambda n, rng: f"ware {rng.randrange(60)}",
    }
    path, _ = log(tmp_path, **columns)
    text = path.read_text().splitlines()
    path.write_text("\n".join([f"{text[0]},shelf", *(f"{row},shelf {int(row.split()[-1]) // 2}" for row in text[1:])]))
    one = found(path).found
    assert (one.mapping, one.act) == ({"user": "MemberNumber", "timestamp": "Day", "object": "wares"}, "take")


@pytest.mark.parametrize(
    ("column", "marks", "act"), [("stars", 5, "rate"), ("stars", 5_000, "take"), ("shelf", 5, "take")]
)
def test_rows_with_a_mark_for_the_thing_are_ratings(column: str, marks: int, act: str, tmp_path: Path) -> None:
    """By the name of a column of few different numbers; what else is numbered is no mark."""
    columns: dict[str, Column] = {
        "card_no": shopper,
        "sold": at,
        "wares": lambda n, rng: f"ware {rng.randrange(60)}",
        column: lambda n, rng: rng.randrange(marks),
    }
    path, _ = log(tmp_path, **columns)
    assert found(path).found.act == act


def test_several_that_may_be_it_stop_with_a_whole_command(tmp_path: Path) -> None:
    """Two keys of people: nothing is chosen, and what is typed then is told at once, likeliest first, each with a reason; with it
    the log is read.
    """
    path, _ = log(tmp_path, household_no=shopper, policyholder=lambda n, rng: f"h{n // 8 % 30}", sold=at, sku=item)
    with pytest.raises(InputError) as error:
        found(path)
    added, *why = (error.value.hint or "").splitlines()
    assert added.startswith("Add --map user=household_no,timestamp=sold --act TEXT")
    assert [w.partition(":")[0] for w in why] == ["user=household_no", "or user=policyholder"]
    assert all("key of people" in w for w in why)
    assert found(path, mapping="user=household_no,timestamp=sold", act="order").found.mapping["object"] == "wording"


def test_times_of_people_and_of_other_things_are_not_when(tmp_path: Path) -> None:
    """A date that is one a person is not when something was done; nor is one of two, nor what is named for another end."""
    ware: dict[str, Column] = {"client_id": shopper, "ware": lambda n, rng: f"ware {rng.randrange(60)}"}
    others: list[dict[str, Column]] = [
        {"joined": lambda n, _: f"2020-01-{1 + trip_of(n) % USERS:02}"},
        {"sold": at, "sent": at},
        {"expires": at},
    ]
    for more in others:
        path, _ = log(tmp_path, **ware, **more)
        with pytest.raises(InputError, match="No column was found for timestamp"):
            found(path)
    path, _ = log(tmp_path, **ware, sold=at, expires=at)
    assert found(path).found.mapping["timestamp"] == "sold"


def test_where_a_step_has_one_stamp_its_end_is_when_it_was(tmp_path: Path) -> None:
    """A process log of cases and tasks needs no option; beside another column of times, an end is none."""
    case: dict[str, Column] = {
        "caseid": lambda n, _: f"c{n // 3}",
        "task": lambda n, _: ["open", "wait", "close"][n % 3],
        "user": shopper,
    }
    path, _ = log(tmp_path, **case, end_timestamp=at)
    mapping = found(path).found.mapping
    assert (mapping["timestamp"], mapping["action"], mapping["session"]) == ("end_timestamp", "task", "caseid")
    path, _ = log(tmp_path, **case, seen=at, end_timestamp=at)
    assert found(path).found.mapping["timestamp"] == "seen"


def test_rows_without_a_thing_or_of_people_are_no_act(tmp_path: Path) -> None:
    """A row a person, or nothing that it is done to: the run stops and says what to add."""
    path, _ = log(tmp_path, client_id=shopper, sold=at, channel=lambda n, _: ["web", "shop"][n % 2])
    with pytest.raises(InputError) as error:
        found(path)
    assert (error.value.hint or "").startswith("Add --map timestamp=sold --act TEXT")
    path, _ = log(tmp_path, client_id=lambda n, _: n, sold=at, ware=lambda n, rng: f"ware {rng.randrange(60)}")
    with pytest.raises(InputError, match="No column was found for timestamp and action"):
        found(path)


def test_an_order_that_takes_days_is_no_visit(tmp_path: Path) -> None:
    """Its lines are of one user and its name says order; they are days apart."""
    columns: dict[str, Column] = {"user_id": shopper, "time": at, "event": lambda n, _: "abcd"[n % 4], "item": item}
    path, _ = log(tmp_path, **columns, order_id=lambda n, _: f"o{trip_of(n) % USERS}-{trip_of(n) // USERS // 2}")
    assert "session" not in found(path).found.mapping
    path, _ = log(tmp_path, **columns, order_id=lambda n, _: f"o{trip_of(n)}")
    assert found(path).found.mapping["session"] == "order_id"


def test_a_visit_is_told_in_a_log_that_is_in_no_order(tmp_path: Path) -> None:
    """Of a part of its lines, at random, most numbers are met once; those without a pause between them share it. A number that
    each line has for itself is called like a visit's and is none.
    """
    columns: dict[str, Column] = {"card_no": shopper, "sold": at, "ware": lambda n, rng: f"ware {rng.randrange(30)}"}
    path, _ = log(tmp_path, **columns, basket_id=lambda n, _: 90_000 + trip_of(n), receipt=lambda n, _: 7 * n)
    head, *lines = path.read_text().splitlines()
    some = random.Random(3).sample(lines, len(lines) // 5)
    assert len({line.split(",")[3] for line in some}) > len(some) / 1.5
    path.write_text("\n".join([head, *some]))
    assert found(path).found.mapping.get("session") == "basket_id"
    path.write_text("\n".join(",".join([*line.split(",")[:3], line.split(",")[4]]) for line in [head, *some]))
    assert "session" not in found(path).found.mapping


def test_of_two_times_the_line_begins_at_the_first(tmp_path: Path) -> None:
    """When something was opened, and not when it was closed; a day of joining is before both, and is no line's."""
    columns: dict[str, Column] = {
        "client_id": shopper,
        "joined": lambda n, _: f"2020-01-{1 + trip_of(n) % USERS:02}",
        "closed": lambda n, rng: str(datetime.fromisoformat(at(n, rng)) + timedelta(seconds=90)),
        "opened": at,
        "ware": lambda n, rng: f"ware {rng.randrange(60)}",
    }
    one = found(log(tmp_path, **columns)[0]).found
    assert one.mapping["timestamp"] == "opened" and "with which each line begins" in one.taken["timestamp"]


KEYED = {
    "person": shopper,
    "timestamp": at,
    "eventType": lambda n, _: "abcd"[n % 4],
    "hikeId": lambda _, rng: 40_000 + rng.randrange(60),
    "regionId": lambda n, _: 5_000 + n % 40,
    "mood": lambda _, rng: f"feeling number {rng.randrange(50)}",
}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*KEYED]))
def test_the_one_key_of_things_is_the_thing(order: list[str], tmp_path: Path) -> None:
    """Before a text that describes the visit, and whatever the order of columns; a key of a place is none."""
    path, _ = log(tmp_path, **{("user_id" if name == "person" else name): KEYED[name] for name in order})
    one = found(path).found
    assert one.mapping["object"] == "hikeId" and "the one key of things" in one.taken["object"]
    assert found(path) == found(path)


def test_of_two_keys_of_things_neither_is_taken(tmp_path: Path) -> None:
    """Unless one settles the other, as a hike settles its trail."""
    path, _ = log(tmp_path, user_id=shopper, **KEYED, trekId=lambda _, rng: rng.randrange(70))
    assert "hikeId" != found(path).found.mapping.get("object") != "trekId"


def test_a_title_beside_a_key_is_the_thing(tmp_path: Path) -> None:
    """The key is called what the text beside it says, in a log whose columns are otherwise told by their names."""
    columns: dict[str, Column] = {"user_id": shopper, "timestamp": at, "event": lambda n, _: "abcd"[n % 4]}
    path, _ = log(tmp_path, **columns, article_id=item)
    lines = path.read_text().splitlines()
    told = [
        f"{line},headline of {['many', 'few', 'some', 'all'][int(line.split(',')[3]) % 4]} no {line.split(',')[3]}"
        for line in lines[1:]
    ]
    path.write_text("\n".join([f"{lines[0]},headline", *told]))
    assert found(path).found.mapping["object"] == "headline"


def test_long_numbers_of_things_are_no_cards(tmp_path: Path) -> None:
    """Of ids of nineteen digits a tenth pass the test of a card's number: all are kept, so that no two things become one. A
    column of cards is masked, whatever it is called.
    """
    rng = np.random.default_rng(3)

    def luhn(digits: str) -> str:
        total = sum(d - 9 if d > 9 else d for i, c in enumerate(reversed(digits)) for d in [int(c) * (2 - i % 2)])
        return digits + str(-total % 10)

    for cards in (False, True):
        ids = [
            f"4{rng.integers(10**13, 10**14)}" if cards else f"{rng.integers(10**18, 9 * 10**18)}" for _ in range(90)
        ]
        ids = [luhn(one) for one in ids] if cards else ids
        path = tmp_path / f"{cards}.csv"
        rows = [
            f"u{u},2024-03-{1 + d:02}T10:{n:02}:07Z,view,{ids[int(rng.integers(90))]}"
            for u in range(40) for d in range(5) for n in range(3)
        ]  # fmt: skip
        path.write_text("\n".join(["user_id,timestamp,action,contentId", *rows]) + "\n")
        options = Options(inputs=(str(path),), out=tmp_path / f"out{cards}", workers=1)
        store, log = Store.create(options.out), find_log(options)
        assert log.found.mapping["object"] == "contentId"
        facts = read_log(log, options, store, Silent())
        with store.connect() as connection:
            open_events(connection, store)
            shown = {name for (name,) in connection.execute("SELECT DISTINCT object FROM events").fetchall()}
        assert (shown <= set(ids), facts.redacted.get("card", 0) > 0) == (not cards, cards)
