"""Questions on what the first page says of a log: its fields and their values, amounts, times and units."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import pytest

from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.questions.log_names import FieldInLog, NamesInLog
from persona_agent.questions.named_times import times_named
from persona_agent.questions.spotting import spot
from persona_agent.schema import Measure, Reply
from tests.conftest import once

Row = dict[str, str]
THINGS = {
    "Furniture": ["oak desk", "pine shelf", "swivel stool"],
    "Paper Goods": ["note pad", "furniture polish cloth", "ring binder"],
    "Gadgets": ["desk lamp", "label maker", "pocket radio"],
}


def rows() -> list[Row]:
    """80 customers with some eight orders each: more discounts in the West, fewer orders at weekends."""
    rng = random.Random(5)
    made = []
    for customer in range(80):
        segment = ("Home Office", "Corporate", "Private")[customer % 3]
        day = date(2023, 1, 2) + timedelta(days=rng.randrange(40))
        for order in range(rng.randrange(6, 11)):
            day += timedelta(days=rng.randrange(10, 50))
            day += timedelta(days=2) if day.isoweekday() > 5 and rng.random() < 0.7 else timedelta()
            region = rng.choice(["West", "East", "South"])
            for _ in range(rng.randrange(1, 4)):
                category = rng.choice([*THINGS, "Paper Goods"])
                made.append(
                    {
                        "Order ID": f"o-{customer}-{order}", "Order Date": day.isoformat(), "Customer ID": f"c{customer:03}",
                        "Segment": segment, "Region": region, "Category": category,
                        "Product Name": rng.choice(THINGS[category]), "Sales": f"{rng.randrange(500, 9000) / 100:.2f}",
                        "Batch": f"b{rng.randrange(400)}",
                        "Discount": f"{rng.randrange(1, 8) / 20}" if rng.random() < (0.7 if region == "West" else 0.3) else "0",
                    }
                )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        with (folder / "orders.csv").open("w", newline="") as file:
            made = rows()
            table = csv.DictWriter(file, list(made[0]))
            table.writeheader()
            table.writerows(made)
        commands.run(Options(inputs=(str(folder / "orders.csv"),), out=folder / "out"), Silent())

    # A copy of this process's own: whoever asks keeps the question in the folder, and locks it for that.
    return shutil.copytree(once(tmp_path_factory, "orders", make) / "out", tmp_path_factory.mktemp("orders") / "out")


def ask(out: Path, question: str) -> Reply:
    return commands.ask(out, question, Options(), Silent()).reply


def first_figure(reply: Reply) -> float | None:
    """Of an answer, which has one."""
    assert reply.came == "answered", reply
    truth = reply.facts[0].truth
    assert truth is not None
    return truth.value


def of_customers(of: Callable[[list[Row]], float | None]) -> list[float]:
    """A figure for each customer, from their rows."""
    own: dict[str, list[Row]] = {}
    for row in rows():
        own.setdefault(row["Customer ID"], []).append(row)
    return [x for held in own.values() if (x := of(held)) is not None]


def orders_of(held: list[Row]) -> list[list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in held:
        found.setdefault(row["Order ID"], []).append(row)
    return list(found.values())


def share_of_orders(test: Callable[[Row], bool], among: Callable[[Row], bool] = lambda _: True) -> float:
    """The mean over customers of their share of orders with a row that passes, among orders with a row that passes `among`."""

    def one(held: list[Row]) -> float | None:
        own = [o for o in orders_of(held) if any(map(among, o))]
        return mean(any(map(test, o)) for o in own) if own else None

    return mean(of_customers(one))


def day_of(row: Row) -> date:
    return date.fromisoformat(row["Order Date"])


def share_of_lines(test: Callable[[Row], bool], among: Callable[[Row], bool]) -> float:
    def one(held: list[Row]) -> float | None:
        own = [r for r in held if among(r)]
        return mean(map(test, own)) if own else None

    return mean(of_customers(one))


def discounted(row: Row) -> bool:
    return row["Discount"] != "0"


def gaps(held: list[Row]) -> float:
    days = [day_of(o[0]) for o in orders_of(held)]
    return median((b - a).days for a, b in pairwise(days))


SHARES = {
    "What share of orders have a discount?": lambda: share_of_orders(discounted),
    "Which customers buy furniture most?": lambda: share_of_orders(lambda r: r["Category"] == "Furniture"),
    "Who shops at weekends?": lambda: share_of_orders(lambda r: day_of(r).isoweekday() > 5),
    "Do they order more in June?": lambda: share_of_orders(lambda r: day_of(r).month == 6),
    "Do people in the West use more discounts?": lambda: share_of_lines(discounted, lambda r: r["Region"] == "West"),
    "Do corporate customers buy more gadgets?": lambda: share_of_orders(
        lambda r: r["Category"] == "Gadgets", lambda r: r["Segment"] == "Corporate"
    ),
    "How many of the customers are Corporate?": lambda: mean(
        of_customers(lambda held: float(held[0]["Segment"] == "Corporate"))
    ),
}


@pytest.mark.parametrize("question", SHARES)
def test_fields_values_and_times_are_counted(out: Path, question: str) -> None:
    """The first figure is what the log's rows come to; a value of a field is not taken for a word in names of things."""
    reply = ask(out, question)
    assert first_figure(reply) == pytest.approx(SHARES[question](), abs=0.04 if "many of the" in question else 0.006)
    assert reply.read_as


MEDIANS = {
    "How many orders do they place?": lambda: median(of_customers(lambda held: float(len(orders_of(held))))),
    "How long is it between orders?": lambda: median(of_customers(gaps)),
    "How many lines are in an order?": lambda: median(
        of_customers(lambda held: median(len(o) for o in orders_of(held)))
    ),
    "How much do they spend on an order?": lambda: median(
        of_customers(lambda held: median(sum(float(r["Sales"]) for r in o) for o in orders_of(held)))
    ),
}


@pytest.mark.parametrize("question", MEDIANS)
def test_units_and_amounts_are_counted(out: Path, question: str) -> None:
    """In the nouns of the log, a singular too, and by any word for money where a line has a worth."""
    reply = ask(out, question)
    assert first_figure(reply) == pytest.approx(MEDIANS[question](), rel=0.01)
    assert "visit" not in reply.facts[0].text


def conditions(measure: Measure | None) -> set[tuple[str, str]]:
    assert measure is not None
    return {(c.field, str(v).lower()) for c in measure.conditions for v in c.value}


def test_a_field_is_told_by_its_values_and_a_comparison_by_both(out: Path) -> None:
    """Which value is a figure a value, the highest first; beside one value stands what all others come to."""
    regions = ask(out, "Which region has the most orders?").facts
    assert {v for f in regions for v in conditions(f.measure)} == {
        ("properties.Region", r) for r in ("west", "east", "south")
    }
    values = [f.truth.value or 0.0 for f in regions if f.truth]
    assert values == sorted(values, reverse=True)
    west, others = ask(out, "Do people in the West use more discounts?").facts
    assert west.measure and others.measure
    assert [m.where[0].op for m in (west.measure, others.measure)] == ["is", "not_in"]
    assert west.truth and others.truth and (west.truth.value or 0) > (others.truth.value or 0) + 0.2


def test_orders_of_a_segment_are_counted_and_said_to_be_theirs(out: Path) -> None:
    """“How many orders do … customers have?” is answered by their orders, one by one where several are named, and never by how
    many there are of them.
    """
    told = ask(out, "How many orders do Corporate and Private customers have?").facts
    assert [f.measure.unit for f in told if f.measure] == ["users", "users"]
    for fact, segment in zip(told, ("Corporate", "Private"), strict=True):

        def orders(held: list[Row], segment: str = segment) -> float | None:
            return len(orders_of(held)) if held[0]["Segment"] == segment else None

        assert f"of those who have a line with the Segment “{segment}”: {median(of_customers(orders)):g} " in fact.text


def test_in_total_is_of_a_customers_whole_log(out: Path) -> None:
    """Where nothing says by what it is to be split, it is what one customer comes to in all."""
    whole = ask(out, "How much do customers spend in total?")
    assert "total" not in whole.unknown
    assert "in all" in whole.facts[0].text


def test_a_name_in_brackets_is_what_is_meant(out: Path) -> None:
    """Words that explain it are said not to be understood, and take no answer away; what the log does not have is none."""
    reply = ask(out, "Which clients live near the frontier (West)?")
    assert first_figure(reply) is not None
    assert all("west" in f.text.lower() for f in reply.facts)
    assert "frontier" in reply.unknown
    assert ask(out, "Which clients live near the frontier (Zeppelin)?").came == "cannot"


def test_what_is_not_understood_is_said(out: Path) -> None:
    """What the log has no name for stands before the figures, or has none, and then what could be asked is named."""
    told = commands.ask(out, "Who shops at weekends?", Options(), Silent())
    assert told.reply.unknown == ["shops"]
    assert told.text().startswith("Nothing in the log is named like “shops”")
    reply = ask(out, "Which parrots do they keep?")
    assert (reply.came, reply.facts) == ("cannot", [])
    assert "Region" in reply.back or "Category" in reply.back
    assert "“Batch”" in ask(out, "Which batch do they buy?").says  # a column of which no card tells
    assert ask(out, "Who orders in the morning?").came == "cannot"  # these days have no clock


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("before ten in the morning", [("hour", [4.0, 9.0])]),
        ("after 4 pm", [("hour", [16.0, 3.0])]),
        ("after four", []),
        ("on Mondays and Fridays", [("weekday", [1.0, 5.0])]),
        ("Who may march in May?", [("month", [5.0])]),
        ("at weekends in December", [("weekday", [6.0, 7.0]), ("month", [12.0])]),
    ],
)
def test_times_are_read(question: str, told: list[tuple[str, list[float]]]) -> None:
    """By hour only where it is plain whether it is of the morning; months with their capital."""
    found, _ = times_named(question)
    assert [(c.field, list(c.value)) for c in found] == told


def test_a_name_of_a_thing_is_one_name() -> None:
    """A thing's name of several words names no day and no value beside it; of fields the longest name counts."""
    office = FieldInLog("properties.place", "place", ("Office", "Home Office"), of_user=True, stays=False)
    log = NamesInLog(fields=(office,))
    assert spot("Who opens the Sunday roast slot?", log, {"open"}).times
    assert not spot("Who opens the Sunday roast slot?", log, {"open"}, ["sunday roast slot"]).names_more
    assert spot("Who buys from a home office on Sundays?", log, set(), ["sunday roast slot"]).values == {
        office: ["Home Office"]
    }
    assert not spot("Who buys office chairs?", log, set(), ["office chair"]).values
    assert not spot("Who offices?", log, {"office"}).values  # an act's own word
