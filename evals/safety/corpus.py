"""A seeded corpus of texts with identifiers in them, and of texts that only look so.

In: a seed. Out: items of a type, each in a sentence as logs have them. Made here, by rule, from no real person: numbers pass
the checks that real ones pass (Luhn, the IBAN's remainder), keys have the forms that vendors publish.
"""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import numpy as np

EACH = 200
USER = "moodle394"  # the event's own user in the texts of that type


@dataclass(frozen=True)
class Item:
    """A text, and what of it must be gone (nothing where it only looks so)."""

    kind: str
    text: str
    secret: str | None


class _Maker:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def pick(self, *options: str) -> str:
        return str(options[int(self.rng.integers(len(options)))])

    def digits(self, n: int, first: str = "123456789") -> str:
        return self.pick(*first) + "".join(str(d) for d in self.rng.integers(0, 10, n - 1))

    def letters(self, n: int, alphabet: str = string.ascii_letters + string.digits) -> str:
        return "".join(alphabet[i] for i in self.rng.integers(0, len(alphabet), n))

    def email(self) -> str:
        name = self.pick("jane.doe", "j_smith", "maria+news", "o.connor", "li.wei99", "x.y-z")
        return f"{name}{self.digits(2)}@{self.pick('example.com', 'mail.example.co.uk', 'uni-example.de', 'example.travel')}"

    def phone(self) -> str:
        return self.pick(
            f"+44 20 {self.digits(4)} {self.digits(4)}",
            f"+49 (0)30 {self.digits(7)}",
            f"({self.digits(3, '23456789')}) {self.digits(3, '23456789')}-{self.digits(4)}",
            f"+1-{self.digits(3, '23456789')}-{self.digits(3, '23456789')}-{self.digits(4)}",
            f"0{self.digits(2, '23')} {self.digits(4)} {self.digits(4)}",
            f"07{self.digits(9)}",
            f"0049 {self.digits(3)} {self.digits(7)}",
            f"tel: {self.digits(8)}",
        )

    def card(self) -> str:
        start = self.pick("4", "51", "55", "34", "6011")
        length = 15 if start == "34" else 16
        body = start + self.digits(length - len(start) - 1, string.digits)
        digit = next(d for d in string.digits if _luhn(body + d))
        number = body + digit
        groups = (
            (number[:4], number[4:10], number[10:]) if length == 15 else tuple(number[i : i + 4] for i in (0, 4, 8, 12))
        )
        return self.pick(number, " ".join(groups), "-".join(groups))

    def ipv4(self) -> str:
        return ".".join(str(n) for n in self.rng.integers(1, 255, 4))

    def ipv6(self) -> str:
        groups = [f"{n:x}" for n in self.rng.integers(1, 0xFFFF, 8)]
        return self.pick(":".join(groups), f"{groups[0]}:{groups[1]}::{groups[2]}", f"fe80::{groups[3]}:{groups[4]}")

    def iban(self) -> str:
        country, length = ("DE", 22) if self.rng.random() < 0.5 else ("FR", 27)
        body = self.digits(length - 4, string.digits)
        numeric = "".join(str(int(c, 36)) for c in body + country + "00")
        number = f"{country}{98 - int(numeric) % 97:02d}{body}"
        return self.pick(number, " ".join(number[i : i + 4] for i in range(0, length, 4)))

    def jwt(self) -> str:
        parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": self.digits(9), "n": self.letters(6)}]
        head, body = (base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)
        return f"{head}.{body}.{self.letters(43)}"

    def key(self) -> str:
        upper = string.ascii_uppercase + string.digits
        return self.pick(
            f"AKIA{self.letters(16, upper)}",
            f"ghp_{self.letters(36)}",
            f"sk-proj-{self.letters(40)}",
            f"xoxb-{self.digits(11)}-{self.letters(24)}",
            f"AIza{self.letters(35)}",
            f"sk_live_{self.letters(24)}",
            f"glpat-{self.letters(20)}",
            f"SG.{self.letters(22)}.{self.letters(43)}",
        )

    def url(self) -> tuple[str, str]:
        value = self.letters(10, string.ascii_lowercase)
        name = self.pick("token", "q", "email", "session", "ref")
        return f"https://shop.example.com/{self.pick('a', 'cart/pay', 'x.html')}?{name}={value}&page=2", value

    def coordinates(self) -> str:
        lat, lon = float(self.rng.uniform(-89, 89)), float(self.rng.uniform(-179, 179))
        return f"{lat:.5f}, {lon:.5f}"

    def id(self) -> str:
        return self.pick(
            str(UUID(int=int.from_bytes(self.rng.bytes(16), "big"), version=4)),
            ":".join(f"{n:02x}" for n in self.rng.integers(0, 256, 6)),
        )


FRAMES = (
    "{x}", "please write to {x} today", "login failed for {x}", "order note: {x}, thanks", "({x})", "search {x} near me",
    "paid with {x}.",
)  # fmt: skip


def identifiers(seed: int = 7, each: int = EACH) -> list[Item]:
    """Texts with one identifier each."""
    make = _Maker(seed)
    makers: dict[str, Callable[[], str]] = {
        "e-mail": make.email, "phone": make.phone, "card": make.card, "IPv4": make.ipv4, "IPv6": make.ipv6, "IBAN": make.iban,
        "JWT": make.jwt, "key": make.key, "coordinates": make.coordinates, "UUID or MAC": make.id,
    }  # fmt: skip
    items = [_framed(make, kind, of()) for kind, of in makers.items() for _ in range(each)]
    for _ in range(each):
        url, value = make.url()
        items.append(Item("URL parameter", make.pick("{x}", "open {x} now", "from {x}").format(x=url), value))
        frame = make.pick("User {x} viewed the course", "graded {x}", "profile of {x}", "sent to user with id '394'")
        items.append(Item("own user id", frame.format(x=USER), USER if "{x}" in frame else "'394'"))
    return items


def look_alikes(seed: int = 11, each: int = EACH) -> list[Item]:
    """Texts that hold no identifier."""
    make = _Maker(seed)
    makers: dict[str, Callable[[], str]] = {
        "order number": lambda: make.pick(f"order {make.digits(8)}", f"#{make.digits(6)}", f"PO-{make.digits(7)}"),
        "version": lambda: make.pick(
            f"v{make.digits(1)}.{make.digits(2)}.{make.digits(1)}", f"version 10.0.{make.digits(3)}.{make.digits(2)}",
            f"Chrome/{make.digits(3)}.0.{make.digits(4)}.{make.digits(2)}",
        ),
        "time": lambda: make.pick(
            "2024-05-01 10:22:31", "12:30:45", "01/05/2024", "2024-05-01T10:22:31Z", "20240501",
        ),
        "product code": lambda: make.pick(
            f"{make.digits(5)}{make.pick('A', 'B', '')}", f"SKU-{make.letters(3).upper()}-{make.digits(4)}",
            f"EAN {_ean(make.digits(12))}",
        ),
        "price or size": lambda: make.pick(
            f"£{make.digits(3)}.{make.digits(2)}", f"{make.digits(2)} x {make.digits(3)} cm", "1,299.00 EUR",
        ),
        "words": lambda: make.pick(
            "set of 3 tins", "24/7 support", "route 66 sign", "9 to 5", "top 100 list", "3.5 stars", "1st birthday",
        ),
    }  # fmt: skip
    return [_framed(make, kind, of(), secret=False) for kind, of in makers.items() for _ in range(each)]


def _framed(make: _Maker, kind: str, value: str, *, secret: bool = True) -> Item:
    return Item(kind, make.pick(*FRAMES).format(x=value), value.removeprefix("tel: ") if secret else None)


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _ean(twelve: str) -> str:
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(twelve))
    return twelve + str(-total % 10)
