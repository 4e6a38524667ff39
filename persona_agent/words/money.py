"""Sums of money as people write them: “£300”, “3.98”, “300 CHF”; and which fields are such sums by their names."""

from __future__ import annotations

import re

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
# Codes of ISO 4217 that are no English words (ALL, TRY, CUP, MOP and the like are).
CURRENCIES = frozenset((
    "aed", "ars", "aud", "bgn", "brl", "cad", "chf", "clp", "cny", "czk", "dkk", "egp", "eur", "gbp",
    "hkd", "huf", "idr", "ils", "inr", "jpy", "krw", "kes", "mxn", "myr", "ngn", "nok", "nzd", "pen",
    "php", "pkr", "pln", "ron", "rub", "sar", "sek", "sgd", "thb", "twd", "uah", "usd", "vnd", "zar",
))  # fmt: skip
# Names of what one thing costs, of which people say that it is high or low, and of sums, which depend on how much there is of it.
COSTS = frozenset(["price", "fee", "cost", "fare"])
PRICES = COSTS | {"rate", "discount"}
SUMS = frozenset(["amount", "revenue", "spent", "spend", "income", "paid", "sales", "turnover"])
# Names of sums that are what is left of others: added up like these, and no other word for what people spend.
LEFT = frozenset(["profit", "margin", "earnings"])
_WORDS = re.compile(r"[^\W\d_]+")


def is_sum(name: str) -> bool:
    """Does a field's name say that it is a sum of money, and not the price of one thing?"""
    words = _words(name)
    return not words & PRICES and bool(words & SUMS)


def is_left(name: str) -> bool:
    """Does a field's name say that it is what is left of sums of money?"""
    words = _words(name)
    return not words & PRICES and bool(words & LEFT)


def is_money(name: str) -> bool:
    """Does a field's name say that it is money?"""
    words = _words(name)
    return bool(words & ((PRICES - {"rate"}) | SUMS | CURRENCIES))


def unit_of_money(currency: str | None) -> str:
    """The unit of a value: its sign or its code, empty where nobody knows it."""
    return SIGNS.get(currency or "", currency or "")


def with_unit(figure: str, unit: str) -> str:
    """A figure and its unit: a sign of money stands before, all else behind."""
    sign, _, rest = unit.partition(" ")
    if sign in SIGNS.values():
        return f"{sign}{figure}{f' {rest}' if rest else ''}"
    return f"{figure} {unit}" if unit else figure


def money(figure: str, currency: str | None) -> str:
    """“£300”, “300 CHF”, “300”."""
    return with_unit(figure, unit_of_money(currency))


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))}
