"""Numbers in words, and values from arithmetic."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from persona_agent.errors import UsageError
from persona_agent.evidence import Binder, value_sql
from persona_agent.schema import Measure, Names, Says
from persona_agent.words.wording import (
    TIMES_USUAL,
    act_words,
    field_words,
    fill,
    number,
    percent,
    printed,
    quoted,
    renamed,
    unit_of_slot,
)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.001, "under 1 %"), (0.05, "5 %"), (0.654, "65 %"), (0.999, "over 99 %"), (1, "100 %")],
)
def test_percent(share: float, said: str) -> None:
    """A share is printed in whole per cent, and as under 1 or over 99 where it is not quite none or all."""
    assert percent(share) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (12, "12"), (4.25, "4.25"), (0.333333, "0.333"), (1234.5, "1,230"), (7.0, "7")]
)
def test_number(value: float, said: str) -> None:
    """A number is printed with three digits and no trailing noughts."""
    assert number(value) == said


@example(0.0625)
@given(st.floats(min_value=0.0001, max_value=1e9))
def test_number_keeps_three_digits(value: float) -> None:
    """A printed number is within half a per cent of its value."""
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=0.0051)


def test_fill_needs_every_slot() -> None:
    """Each slot takes its value; a slot without one is an error."""
    assert fill("{a.value} of {b}", {"a.value": "1", "b": "2"}) == "1 of 2"
    with pytest.raises(KeyError):
        fill("{missing}", {})


def evaluate(expression: str, properties: str) -> float | None:
    binder = Binder()
    sql = value_sql(expression, binder)
    row = duckdb.connect().execute(f"SELECT {sql} FROM (SELECT '{properties}' AS properties)", binder.values).fetchone()
    return row[0] if row else None


def test_value_is_arithmetic_over_properties() -> None:
    """Products, brackets, signs and dotted names are computed; division by nought and missing properties are null."""
    assert evaluate("properties.quantity * properties.price", '{"quantity": 3, "price": 2.5}') == 7.5
    assert evaluate("-(a.b - 1) / 2", '{"a.b": 5}') == -2
    assert evaluate("x / y", '{"x": 1, "y": 0}') is None
    assert evaluate("missing * 2", '{"x": 1}') is None


@pytest.mark.parametrize(
    "bad", ["a; DROP TABLE x", "__import__('os')", "a if b else c", "'text'", "a ** 2", "", "True"]
)
def test_value_is_nothing_but_arithmetic(bad: str) -> None:
    """SQL, calls, conditions, texts, powers and truth values are usage errors."""
    with pytest.raises(UsageError):
        value_sql(bad, Binder())


def test_acts_are_called_as_a_person_called_them() -> None:
    """A name of the codebook wins whatever the case of the act, and the log's spelling stays where there is none."""
    names = Names(acts={"add_to_cart": "put in the basket"}, fields={"sales_usd": "sales (USD)"})
    assert act_words("Add_To_Cart", names) == "put in the basket"
    assert act_words("Add_To_Cart") == "Add To Cart"
    assert field_words("sales_usd", names) == "sales (USD)"
    assert field_words("sales_usd") == "sales usd"
    assert quoted("add_to_cart", "rye_loaf", names) == "“put in the basket: rye loaf”"


def test_quoted_acts_of_a_text_are_renamed() -> None:
    """Acts in quotation marks get their names, alone or on a thing; names that were given, and what is not quoted, stay."""
    names = Names(acts={"add_to_cart": "purchase", "purchase": "bought"})
    assert renamed("They “add to cart: rye loaf”, then “Add to cart”.", names) == (
        "They “purchase: rye loaf”, then “purchase”."
    )
    assert renamed("They “purchase” and add to cart.", names) == "They “purchase” and add to cart."
    assert renamed("They “purchase”.", Names()) == "They “purchase”."


def test_what_is_told_in_times_the_usual_reads_as_one_says_it() -> None:
    """From twice the usual on in times, below in per cent; a template that says “of the usual” fits both."""
    measure = Measure(
        unit="events", statistic="median", of="relative properties.quantity", says=Says(comparator="about", value=4.0)
    )
    assert [printed(measure, x) for x in (4.0, 2.0, 1.9, 0.87)] == ["4 times", "2 times", "190 %", "87 %"]
    told = f"Quantity of a thing: {{value}} {unit_of_slot(TIMES_USUAL)}, others {{matched}}."
    assert (
        fill(told, {"value": "4 times", "matched": "100 %"}) == "Quantity of a thing: 4 times the usual, others 100 %."
    )
    assert fill(told, {"value": "87 %", "matched": "1"}) == "Quantity of a thing: 87 % of the usual, others 1."
    assert unit_of_slot("of their visits") == "of their visits"
