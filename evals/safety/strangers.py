"""Texts as logs hold them, with identifiers in the forms that strangers use, by somebody who had not seen the rules.

In: a seed. Out: items of a type, in many more spellings, scripts, escapes and options than corpus.py has. Written, forms and
all, by a language model that was told the types and saw nothing of this repository; changed since for style alone. Nothing in
it is live or of a person: values are drawn, and pass the checks that real ones pass.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import random
import re
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

from .corpus import Item
from .tables import (
    ADDRESSES,
    CARD_GAPS,
    CARDS,
    CLASSES,
    COMMON,
    COORDS,
    FRAMES,
    GRIDS,
    IBAN_GAPS,
    IBANS,
    IPV4S,
    IPV6S,
    JWT_CLAIMS,
    JWT_HEADS,
    KEYS,
    LOOK_ALIKES,
    MAIL_ATS,
    MAIL_DOMAINS,
    MAIL_LOCALS,
    MAIL_NAMES,
    NAME_FORMS,
    NAMES,
    PHONES,
    URL_BASES,
    URL_TAILS,
    URL_VALUES,
)

WIDE, ARABIC = (str.maketrans("0123456789", digits) for digits in ("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"))
ENCODERS: dict[str, Callable[[str], str]] = {
    "": str,
    "q": lambda s: quote(s, safe=""),
    "+": quote_plus,
    "j": lambda s: json.dumps(s)[1:-1],
    "l": str.lower,
    "J": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "U": str.upper,
    "w": lambda s: s.translate(WIDE),
    "a": lambda s: s.translate(ARABIC),
    "s": lambda s: s.replace(" ", "_"),
    "k": lambda s: s.lower().replace(" ", "-"),
}
CHECKS: dict[str, Callable[[str], str]] = {  # check digits; gs1 is that of EAN, UPC, ISBN-13, SSCC and USPS numbers
    "luhn": lambda s: str(-sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(s))) % 10),
    "gs1": lambda s: str(-sum(int(d) * (3 - i % 2 * 2) for i, d in enumerate(reversed(s))) % 10),
    "isbn10": lambda s: "0123456789X"[-sum(int(d) * (10 - i) for i, d in enumerate(s)) % 11],
    "s10": lambda s: "50987654321"[sum(int(d) * w for d, w in zip(s[2:], (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11],
    "ups": lambda s: str(-sum((ord(c) - (48 if c < "A" else 63)) % 10 * (1 + i % 2) for i, c in enumerate(s[2:])) % 10),
}
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STAMPS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%fZ", "[%d/%b/%Y:%H:%M:%S +0000]", "%b %d %H:%M:%S", "%H:%M:%S"]


def expand(pattern: str, rng: random.Random) -> str:
    """Draw one string of the pattern language."""

    def run(found: re.Match[str]) -> str:
        pool = CLASSES.get(found[2], found[2]) if found[2] else "0-9"
        pool = re.sub("(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), pool)
        low, _, high = (found[3] or "1").partition(",")
        return "".join(rng.choices(pool, k=rng.randint(int(low), int(high or low))))

    chosen = re.sub(r"<([^<>]*\|[^<>]*)>", lambda m: rng.choice(m[1].split("|")), pattern)
    return re.sub(r"(#|\[([^]]+)])(?:\{(\d+(?:,\d+)?)})?", run, chosen)


def fill(frame: str, value: str, rng: random.Random) -> tuple[str, str]:
    """Put the value at the frame's mark; give the text, and the secret as it is spelled there."""
    moment = datetime(2021, 1, 1) + timedelta(seconds=rng.uniform(0, 1.5e8))
    frame = frame.replace("<T>", moment.strftime(rng.choice(STAMPS))).replace("<N>", str(rng.randint(1, 2999)))
    start, mark, end = re.split(r"\{([q+jJlUwask]?)}", frame)
    parts = f"{value}§".split("§")[:3] if "§" in value else ["", value, ""]
    before, secret, after = map(ENCODERS[mark], parts)
    return start + before + secret + after + end, secret


def tracking(row: str, rng: random.Random) -> str:
    """A parcel, book or article number with its right check digit."""
    check, pattern = row.split(" ", 1)
    before, asks, after = expand(pattern, rng).partition("?")
    return before + (CHECKS[check](re.sub("[^0-9A-Z]", "", before)) if asks else "") + after


def email(rng: random.Random) -> str:
    """An address at an invented domain."""
    given, family = rng.choice(MAIL_NAMES).split()
    local = expand(rng.choice(MAIL_LOCALS).format(g=given, f=family, i=given[0]), rng)
    at, dot = rng.choice(MAIL_ATS).split("|")
    cases: list[Callable[[str], str]] = [str, str, str, str, str.title, str.upper]
    case = rng.choice(cases)
    return case(f"{local}@{expand(rng.choice(MAIL_DOMAINS), rng)}").replace(".", dot).replace("@", at)


def card(rng: random.Random) -> str:
    """A Luhn-valid card number, grouped as its brand is."""
    length, prefix = rng.choice(CARDS).split()
    body = expand(expand(prefix, rng).ljust(int(length) - 1, "#"), rng)
    cut = r"(.{4})(.{6})(.+)" if length in ("14", "15") else r"(.{4})(.{4})(.{4})(.{0,4})(.*)"
    [groups] = re.findall(cut, body + CHECKS["luhn"](body))
    return rng.choice(CARD_GAPS).join(filter(None, groups))


def iban(rng: random.Random) -> str:
    """A mod-97-valid IBAN."""
    country, pattern = rng.choice(IBANS).split()
    bban = expand(pattern, rng)
    check = 98 - int("".join(str(int(c, 36)) for c in f"{bban}{country}00")) % 97
    return rng.choice(IBAN_GAPS).join(re.findall(".{1,4}", f"{country}{check:02}{bban}"))


def ipv4(rng: random.Random) -> str:
    """An IPv4 address, a third of them private."""
    start = rng.choice([[10, 0], [192, 168], [172, 17], *[[rng.randint(11, 223), rng.randrange(256)]] * 6])
    parts = [*start, rng.randrange(256), rng.randint(1, 254)]
    return rng.choice(IPV4S).format(
        ip=".".join(map(str, parts)),
        dash="-".join(map(str, parts)),
        padded=".".join(f"{n:03}" for n in parts),
        port=rng.randint(80, 65535),
    )


def ipv6(rng: random.Random) -> str:
    """An IPv6 address with some groups nought or short."""
    gap = rng.choice([0, 0, 3, 5])
    tail = [rng.choice([0, rng.randrange(256), *[rng.randrange(65536)] * 3]) for _ in range(6 - gap)] + [0] * gap
    last = rng.randint(1, 65535 >> gap)
    whole, ula, link = (
        ipaddress.IPv6Address(":".join(f"{g:x}" for g in [*[*head, *tail][:7], last]))
        for head in ([rng.randint(0x2001, 0x2C0F)], [rng.randint(0xFD00, 0xFDFF)], [0xFE80, 0, 0, 0])
    )
    full, v4 = whole.exploded, ".".join(str(rng.randint(1, 254)) for _ in range(4))
    return rng.choice(IPV6S).format(
        c=whole,
        x=full,
        C=str(whole).upper(),
        X=full.upper(),
        ula=ula,
        ll=link,
        v4=v4,
        loose=re.sub(r"\b0{1,3}(?=\w)", "", full),
        port=rng.randint(80, 9999),
    )


def jwt(rng: random.Random) -> str:
    """A token of header, claims and random bytes for a signature."""
    size, head = rng.choice(JWT_HEADS).split(" ", 1)
    at = rng.randrange(16 * 10**8, 19 * 10**8)
    claims = {c: at if c in ("iat", "exp") else f"u{rng.randrange(at)}" for c in rng.choice(JWT_CLAIMS).split()}
    parts = head.encode(), json.dumps(claims, separators=(",", ":")).encode(), rng.randbytes(int(size))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def key(rng: random.Random) -> str:
    """A key of some vendor; those of GitHub and npm end in their checksum."""
    drawn = expand(rng.choice(KEYS), rng)
    if re.match("gh[opsu]_|npm_", drawn):
        crc = zlib.crc32(drawn[4:34].encode())
        drawn = drawn[:34] + "".join(BASE62[crc // 62**i % 62] for i in range(5, -1, -1))
    return drawn


def coordinates(rng: random.Random) -> str:
    """A place anywhere between 55 degrees south and north, or a grid reference."""
    field: dict[str, Any] = {}
    places = rng.choice([4, 5, 6, 6, 7, 14])
    for i, names, sides, top in ((1, "la A ns nru", "N,с. ш.,S,ю. ш.", 54), (2, "lo O ew eru", "E,в. д.,W,з. д.", 179)):
        d, m, s, south = rng.randint(0, top), rng.randrange(60), rng.uniform(0, 59.4), rng.random() < 0.3
        size, minus = d + m / 60 + s / 3600, "-" * south
        plain = f"{size:.{places}f}"
        field |= dict(zip(names.split(), (minus + plain, plain, *sides.split(",")[2 * south :]), strict=False))
        field |= {
            f"d{i}": d,
            f"m{i}": m,
            f"s{i}": s,
            f"f{i}": m + s / 60,
            f"C{i}": minus + plain.replace(".", ","),
            f"i{i}": f"{'-' if south else '+'}{size:0{6 + i}.4f}",
        }
    return rng.choice(COORDS).format(**field) if rng.random() < 0.88 else expand(rng.choice(GRIDS), rng)


def person(rng: random.Random) -> str:
    """A name put together from one culture's given and family names."""
    order, honours, *names = rng.choice(NAMES).split("; ")
    given, family = (rng.choice(pool.split()).replace("_", " ") for pool in names)
    called = {"gf": rng.choice([family, f"{given} {family}"]), "fg": family + given, "fG": f"{family} {given}"}[order]
    fields = {
        "g": given,
        "f": family,
        "F": family.upper(),
        "i": given[0],
        "m": rng.choice("ABEJLMT"),
        "h": rng.choice(honours.split("|")).replace("_", f"§{called}§"),
    }
    return rng.choice(NAME_FORMS[order]).format(**fields)


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "e-mail": email,
    "phone": lambda rng: expand(rng.choice(PHONES), rng),
    "card": card,
    "IPv4": ipv4,
    "IPv6": ipv6,
    "IBAN": iban,
    "JWT": jwt,
    "key": key,
    "coordinates": coordinates,
    "person name": person,
    "URL parameter": lambda rng: (
        rng.choice(URL_BASES) + rng.choice(URL_TAILS).replace("V", f"§{expand(rng.choice(URL_VALUES), rng)}§")
    ),
    "postal address": lambda rng: expand(rng.choice(ADDRESSES).replace("NR", "[1-9]#<||a|b>"), rng),
}


def draw(kind: str, make: Callable[[random.Random], str], seed: int, each: int) -> list[tuple[str, str]]:
    """Different texts of one kind with their values: `each`, or fewer should the tables hold no more."""
    rng, found = random.Random(f"{seed}/{kind}"), dict[str, str]()
    for _ in range(each * 40):
        text, value = fill(rng.choice(FRAMES[kind] * 2 + COMMON), make(rng), rng)
        if len(text) <= 300 and text.count(value) == 1 and len(found) < each:
            found[text] = value
    return list(found.items())


def identifiers(seed: int = 1, each: int = 200) -> list[Item]:
    """Texts that hold one identifier each."""
    return [Item(kind, *pair) for kind, make in MAKERS.items() for pair in draw(kind, make, seed, each)]


def look_alikes(seed: int = 2, each: int = 200) -> list[Item]:
    """Texts that hold none."""

    def make(kind: str) -> Callable[[random.Random], str]:
        spell = tracking if kind.startswith("tracking") else expand
        return lambda rng: spell(rng.choice(LOOK_ALIKES[kind]), rng)

    return [Item(kind, text, None) for kind in LOOK_ALIKES for text, _ in draw(kind, make(kind), seed, each)]
