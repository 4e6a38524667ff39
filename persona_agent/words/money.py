"""Sums of money as people write them: “£300”, “300 CHF”."""

from __future__ import annotations

# Of currencies whose sign is read alike everywhere; the others keep their code.
SIGNS = {
    "GBP": "£",
    "EUR": "€",
    "USD": "$",
    "JPY": "¥",
    "INR": "₹",
    "ILS": "₪",
    "KRW": "₩",
    "UAH": "₴",
    "VND": "₫",
    "NGN": "₦",
}
NO_CURRENCY = "in value"  # of a value that no field says the currency of


def unit_of_money(currency: str | None) -> str:
    """The unit of a value: its sign, its code, or that it is value."""
    return SIGNS.get(currency or "", currency or NO_CURRENCY)


def with_unit(figure: str, unit: str) -> str:
    """A figure and its unit: a sign of money stands before, all else behind."""
    sign, _, rest = unit.partition(" ")
    if sign in SIGNS.values():
        return f"{sign}{figure}{f' {rest}' if rest else ''}"
    return f"{figure} {unit}" if unit else figure


def money(figure: str, currency: str | None) -> str:
    """“£300”, “300 CHF”, “300 in value”."""
    return with_unit(figure, unit_of_money(currency))
