"""What a line is worth, by the columns of a log."""

from typing import Any

import pytest

from persona_agent.log.valued import worth_of

MAPPING = {"user": "user", "timestamp": "at", "action": "did"}


def lines(n: int = 40, did: str = "buy", **columns: Any) -> list[dict[str, Any]]:
    """Lines of visits of four, whose columns take the given numbers in turn."""
    return [
        {
            "user": f"u{i // 8}",
            "at": f"2024-05-{i // 4 + 1:02}",
            "did": did,
            **{k: v[i % len(v)] for k, v in columns.items()},
        }
        for i in range(n)
    ]


@pytest.mark.parametrize(
    ("columns", "worth"),
    [
        ({"quantity": [1, 2, 3], "unit_price_gbp": [2.5, 1.25]}, "quantity*unit_price_gbp"),
        ({"qty": ["1", "2"], "Price": ["2.5", "3"]}, "qty*Price"),
        ({"sales_value_usd": [1.5, 2, 3], "quantity": [1, 2]}, "sales_value_usd"),
        ({"Sales": [1.5, 2, 3], "Quantity": [1, 2], "Profit": [0.5, -1, 2]}, "Sales"),
        ({"quantity": [1, 2], "list_price": [2, 3]}, ""),
        ({"price": [2, 3]}, ""),
        ({"revenue": [10, 10, 10, 10, 7, 7, 7, 7]}, ""),
    ],
    ids=[
        "pieces and price",
        "as cells",
        "money alone",
        "sales",
        "a price nobody paid",
        "a price alone",
        "a sum of the order",
    ],
)
def test_the_worth_of_a_line_is_told_by_columns_that_hold_what_was_paid(
    columns: dict[str, list[Any]], worth: str
) -> None:
    """Pieces times a price, or money spent; not a price of something looked at, nor the sum of a whole order on each line."""
    assert worth_of(lines(**columns), columns, MAPPING) == worth


def test_what_was_put_into_a_cart_is_no_sale() -> None:
    """Where two acts have a price and pieces, neither is taken for what was paid."""
    both = [*lines(did="add", quantity=[1, 2], price=[3]), *lines(did="buy", quantity=[1], price=[3])]
    assert not worth_of(both, ["quantity", "price"], MAPPING)
