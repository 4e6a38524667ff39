"""What all users add up to: told as shares of it, held against plain sums, and held back where a few users make it up."""

from __future__ import annotations

import csv
import random
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.questions.named_times import times_named
from persona_agent.questions.totals import asked_form
from persona_agent.schema import Reply
from tests.conftest import once

Row = dict[str, str]
FIGURE = re.compile(r"^(?:“(.+?)”|([^:]+)): (?:about ([\d,]+) \w+, )?(−?\d+) %")


def rows() -> list[Row]:
    """90 customers over three years: more orders each year and in November; gains on desks, losses on chairs."""
    rng = random.Random(11)
    made = []
    for customer in range(90):
        for year in (2021, 2022, 2023):
            for order in range(rng.randrange(1, 3) + (year - 2021)):
                month = 11 if rng.random() < 0.4 else rng.randrange(1, 13)
                day = date(year, month, rng.randrange(1, 28)) if order else date(year, 1, 2) + timedelta(days=customer)
                for kind in rng.sample(["Desks", "Chairs", "Lamps"], 2):
                    sales = rng.randrange(1000, 9000) / 100
                    profit = sales * {"Desks": 0.3, "Chairs": -0.05, "Lamps": 0.1}[kind] * rng.uniform(0.5, 1.5)
                    made.append(
                        {
                            "Order ID": f"o{customer}-{year}-{order}", "Order Date": day.isoformat(),
                            "Customer ID": f"c{customer:03}", "Kind": kind,
                            "Product Name": f"{kind[:-1].lower()} {rng.randrange(6)}", "Sales": f"{sales:.2f}",
                            "Profit": f"{profit:.4f}",
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
        commands.run(Options(inputs=(str(folder / "orders.csv"),), out=folder / "out", act="buy"), Silent())

    return shutil.copytree(once(tmp_path_factory, "totals", make) / "out", tmp_path_factory.mktemp("totals") / "out")


def ask(out: Path, question: str) -> Reply:
    return commands.ask(out, question, Options(), Silent()).reply


def told(reply: Reply) -> dict[str, int]:
    """The per cent of each part that a reply tells."""
    assert reply.came == "answered", reply
    found = [FIGURE.match(f.text) for f in reply.facts if not f.text.startswith("From ")]
    return {m[1] or m[2]: int(m[4].replace("−", "-")) for m in found if m}


def shares(of: Callable[[Row], str], amount: Callable[[Row], float]) -> dict[str, int]:
    """The same from the rows."""
    sums = defaultdict[str, float](float)
    for row in rows():
        sums[of(row)] += amount(row)
    whole = sum(sums.values())
    return {name: round(100 * x / whole) for name, x in sums.items()}


def year_of(row: Row) -> str:
    return row["Order Date"][:4]


def sales_of(row: Row) -> float:
    return float(row["Sales"])


def orders_by(of: Callable[[Row], str]) -> Counter[str]:
    return Counter(of(row) for row in {r["Order ID"]: r for r in rows()}.values())


def test_a_total_is_told_as_shares_of_it(out: Path) -> None:
    """Which brings in most, by the value and by another amount, and losses with their sign."""
    expected = shares(lambda r: r["Kind"], sales_of)
    for question in ("Which kind brings in the most?", "Which Kind sells best?", "Which kind has the highest sales?"):
        assert told(ask(out, question)) == expected
    profit = told(ask(out, "Which kind brings in the most profit?"))
    assert profit == shares(lambda r: r["Kind"], lambda r: float(r["Profit"]))
    assert profit["Chairs"] < 0


def test_a_finely_measured_column_is_an_amount(out: Path) -> None:
    """“Profit” hardly repeats a value, and is no key: its part is told, and its usual size on such a line."""
    reply = ask(out, "How much profit do we make on desks?")
    assert reply.unknown == []
    assert told(reply)["Desks"] == shares(lambda r: r["Kind"], lambda r: float(r["Profit"]))["Desks"]
    assert any("usual Profit" in f.text for f in reply.facts)


def test_years_are_told_and_how_they_grew(out: Path) -> None:
    """Orders of two years, and from one to the other; of a year alone the part; of one that the log has not, that."""
    reply = ask(out, "How did orders grow from 2021 to 2023?")
    counted = orders_by(year_of)
    assert told(reply) == {y: round(100 * counted[y] / counted.total()) for y in ("2021", "2023")}
    change = round(100 * (counted["2023"] / counted["2021"] - 1))
    assert reply.facts[-1].text.startswith(f"From 2021 to 2023: {change} % more.")
    assert told(ask(out, "How many sales in 2022?")) == {"2022": shares(year_of, sales_of)["2022"]}
    missing = ask(out, "How did orders grow from 2021 to 2031?")
    assert (missing.came, missing.facts) == ("cannot", [])
    assert "no 2031" in missing.says
    march = told(ask(out, "How many orders in March 2022?"))
    assert march == {"March 2022": round(100 * orders_by(lambda r: r["Order Date"][:7])["2022-03"] / counted.total())}


def test_the_month_in_which_most_is_done(out: Path) -> None:
    """Ranked, each with its part of all orders."""
    found = told(ask(out, "In which month do they buy most?"))
    assert next(iter(found)) == "November"
    counted = orders_by(lambda r: r["Order Date"][5:7])
    assert found["November"] == round(100 * counted["11"] / counted.total())
    assert len(found) == 12


def test_what_one_customer_does_is_still_a_median(out: Path) -> None:
    """“Usually”, “on average” and a year beside what one spends are no sums of all."""
    for question in ("What do customers usually spend on desks?", "What do they spend in 2022?"):
        facts = ask(out, question).facts
        assert facts[0].measure is not None, question


def test_the_best_customers_are_those_who_bring_in_most(out: Path) -> None:
    """Of 90 customers no tenth is large enough to be told of, and the question is asked back; nobody is named."""
    reply = ask(out, "Who are our best customers?")
    assert reply.came in ("unclear", "answered")
    assert not any("c0" in f.text for f in reply.facts)


def test_in_a_log_of_one_act_naming_it_asks_how_often_they_come(out: Path) -> None:
    """Every line is that act; who came again is told of in words of its own."""
    (most,) = ask(out, "Who buys most?").facts
    usual = sorted(Counter(r["Customer ID"] for r in {r["Order ID"]: r for r in rows()}.values()).values())
    assert f"the usual number of orders of a customer: {usual[len(usual) // 2]}" in most.text
    (again,) = ask(out, "Do customers come back?").facts
    assert "came for a second order" in again.text


@pytest.mark.parametrize(
    ("question", "period", "years"),
    [
        ("How did orders grow from March 2016 to May 2017?", "month of a year", ("2016-03", "2017-05")),
        ("Which day of the week is busiest?", "weekday", ()),
        ("How many visits per month?", "month", ()),
        ("What is the average order in 2016?", "", ()),
        ("Who prints in the morning?", "", ()),
    ],
)
def test_periods_are_read(question: str, period: str, years: tuple[str, ...]) -> None:
    """By their names; an average is of no period."""
    form = asked_form(question)
    assert (form.period, form.years) == (period, years)


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("Who buys in 2016?", ["2016-01-01", "2016-12-31"]),
        ("Who buys in February 2016?", ["2016-02-01", "2016-02-29"]),
        ("Who buys from 2016 to 2017?", ["2016-01-01", "2017-12-31"]),
        ("Who buys since 2016?", ["2016-01-01"]),
        ("Who buys before March 2017?", ["2017-02-28"]),
    ],
)
def test_years_are_days_of_a_condition(question: str, days: list[str]) -> None:
    """From the first to the last, or one end of it."""
    (found,), _ = times_named(question)
    assert (found.field, found.value) == ("date", days)
