"""What an identifier looks like: rules of a pattern and a check, each with its type.

A normalised text comes in; the text with `[type]` in place of each identifier and the types found come out. What is
written in escapes (percent signs, those of JSON and HTML, digits of other scripts) is looked for in what they spell as
well. Promised: linear time (possessive or bounded repeats everywhere), and a fixed point: `mask(mask(text))` is `mask(text)`.
Checks
keep look-alikes whole: order numbers fail Luhn or the issuers' ranges, bar codes have a check digit of their own,
versions stand behind a word that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from itertools import pairwise
from typing import NamedTuple
from unicodedata import normalize

from . import forms, national, phones
from .spelling import may_be_encoded, spelled

# Masking one thing can lay bare another; so often at most.
PASSES = 8
PLACEHOLDERS = frozenset(
    [
        "account",
        "address",
        "card",
        "coordinates",
        "credentials",
        "email",
        "iban",
        "id",
        "ip",
        "name",
        "national",
        "other",
        "phone",
        "token",
        "user",
        "value",
    ]
)

Match = re.Match[str]


class IdentifierRule(NamedTuple):
    """`check` gives what stands in the match's place. The rest is what a text must hold for the pattern to be worth a
    search: so many digits, a word so long, one of two marks.
    """

    kind: str
    pattern: re.Pattern[str]
    check: Callable[[Match], str] | None = None
    digits: int = 0
    word: int = 0
    mark: str = ""
    or_mark: str = "\0"


def normalise(text: str) -> str:
    """NFKC without control, bidi, zero-width and tag characters; line breaks and tabs become spaces."""
    if text.isascii() and text.isprintable():
        return text
    return normalize("NFKC", SURROGATES.sub("\ufffd", INVISIBLE.sub("", BREAKS.sub(" ", text))))


def mask(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with its identifiers masked, and their types, in the order of the rules."""
    if not CANDIDATE.search(text) and (text.isascii() or not may_be_encoded(text)):
        return text, ()
    masked, found = _masked(text)
    if may_be_encoded(masked):
        spelt_out, more = _masked(normalise(spelled(masked)))
        if more:
            return spelt_out, (*found, *more)
    return masked, found


def _masked(text: str) -> tuple[str, tuple[str, ...]]:
    found: list[str] = []
    for _ in range(PASSES):
        before = text
        digits = sum(map(text.count, "0123456789"))
        word = max(map(len, text.split()), default=0)
        for rule in RULES:
            if digits >= rule.digits and word >= rule.word and (rule.mark in text or rule.or_mark in text):
                text = _apply(rule, text, found)
        # What one rule masks can lay bare what another looks for.
        if text == before:
            break
    return text, tuple(found)


def _apply(rule: IdentifierRule, text: str, found: list[str]) -> str:
    mark = f"[{rule.kind}]"

    def sub(match: Match) -> str:
        masked = mark if rule.check is None else rule.check(match)
        found.extend([rule.kind] * (masked.count(mark) - match[0].count(mark)))
        return masked

    return rule.pattern.sub(sub, text)


def _query(match: Match) -> str:
    return forms.QUERY_VALUE.sub("=[value]", match[0])


def _email(match: Match) -> str:
    last = match[0].rpartition(".")[2].lower()
    is_domain = len(last) > 1 and (last.isalpha() or last.startswith("xn--")) and last not in FILE_ENDINGS
    return "[email]" if is_domain else match[0]


def _object_id(match: Match) -> str:
    return "[id]" if 4 <= sum(c.isdigit() for c in match[0]) <= 21 else match[0]


def _blob(match: Match) -> str:
    """A random text, or a path in which a part is one; but for the hash of a change to code, which names no secret."""
    if forms.SHA1.fullmatch(match[0]) and forms.OF_CODE.search(
        match.string[max(0, match.start() - 24) : match.start()]
    ):
        return match[0]
    if _is_random(match[0]):
        return "[token]"
    return forms.PART.sub(lambda part: "[token]" if _is_random(part[0]) else part[0], match[0])


def _is_random(text: str) -> bool:
    """Random characters change between digits, capitals and small letters all the time; words and paths do not."""
    kinds = ["0" if c.isdigit() else "A" if c.isupper() else "a" for c in text if c.isalnum()]
    changes = sum(a != b for a, b in pairwise(kinds))
    one_case = text.isalnum() and len(set(kinds)) < 3
    return "0" in kinds and changes > len(kinds) * (0.2 if one_case else 0.42)


def _iban(match: Match) -> str:
    compact = re.sub("[ ._-]", "", match[0])
    number = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
    return "[iban]" if int(number) % 97 == 1 else match[0]


def _cards(match: Match) -> str:
    """A card's groups may stand among other numbers: look at every run of groups, longest first."""
    parts = re.split("([ ._/-]+)", match[0])
    start = 0
    while start < len(parts):
        for end in range(min(len(parts), start + 13), start, -2):
            if _is_card(parts[start:end:2]):
                parts[start:end] = ["[card]"]
                break
        start += 2
    return "".join(parts)


def _is_card(groups: list[str]) -> bool:
    digits = "".join(groups)
    # Of eight are two groups between which stood a sign that nobody sees.
    if len(groups) > 1 and not (len(groups) > 2 and all(3 <= len(group) <= 6 or len(group) == 8 for group in groups)):
        return False
    if not (forms.ISSUERS.fullmatch(digits) and _checks(digits, 2)):
        return False
    return len(digits) != 13 or not _checks(digits, 3)  # a 13-digit bar code


def _checks(digits: str, weight: int) -> bool:
    """Luhn (weight 2, of two-digit products the sum of digits) or EAN (weight 3)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (weight if place % 2 else 1)
        total += value - 9 if weight == 2 and value > 9 else value
    return total % 10 == 0


def _coordinates(match: Match) -> str:
    """Latitude first or, as GeoJSON has it, last."""
    one, other = sorted(abs(float(part.replace(",", "."))) for part in match.groups())
    return "[coordinates]" if one <= 90 and other <= 180 else match[0]


def _ip(match: Match) -> str:
    text = match[0] if match[0].endswith("::") else match[0].rstrip(":.")
    before = match.string[max(0, match.start() - 24) : match.start()]
    if forms.OF_VERSION.search(before) or not any(c.isdigit() for c in text):
        return match[0]
    try:
        ip_address(forms.LEADING_ZEROS.sub("", text) if ":" not in text else text)
    except ValueError:
        return match[0]
    return "[ip]" + match[0][len(text) :]


def _phone(match: Match) -> str:
    number = match[1]
    digits = "".join(c for c in number if c.isdigit())
    if not 7 <= len(digits) <= 15 or forms.DATE.match(number) or forms.DECIMAL.fullmatch(number):
        return match[0]
    if number.startswith(("0", "(0")) and (len(digits) < 9 or _is_isbn(number)):
        return match[0]
    return match[0].replace(number, "[phone]")


def _grouped_phone(match: Match) -> str:
    before = match.string[max(0, match.start() - national.BEFORE) : match.start()]
    if national.THING.search(before) or forms.DATE.match(match[1]) or _is_isbn(match[1]):
        return match[0]
    return match[0].replace(match[1], "[phone]") if phones.is_phone(match[1]) else match[0]


def _national(match: Match) -> str:
    return "[national id]" if national.is_national_id(match) else match[0]


def _is_isbn(number: str) -> bool:
    if len(number) != 10 or not number.isdecimal():
        return False
    return sum(int(digit) * (10 - place) for place, digit in enumerate(number)) % 11 == 0


FILE_ENDINGS = frozenset(
    ["avif", "css", "gif", "htm", "html", "ico", "jpeg", "jpg", "js", "json", "pdf", "png", "svg", "webp"]
)
BREAKS = re.compile(r"[\t\n\r\v\f\x85\u2028\u2029]+")
INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e0fff]"
)
SURROGATES = re.compile(r"[\ud800-\udfff]")
# A text without any of these holds no identifier; a key of letters alone has its vendor's mark.
CANDIDATE = re.compile(
    r"[\d@=_]|::|eyJ|earer |A[KS]IA|AIza|ya29\.|glpat-|xox[a-z]-|[sp]k-|SG\.|LTAI|HRKU-|NRAK-|://|///"
    r"|[(\[](?:at|ät)[)\]]| dot |%40|&#|\\u",
    re.IGNORECASE,
)

RULES = (
    IdentifierRule("credentials", re.compile(forms.CREDENTIALS), mark="://"),
    IdentifierRule("value", re.compile(forms.QUERY), _query, mark="="),
    IdentifierRule("value", re.compile(forms.BARE_QUERY), lambda match: match[1] + "?[value]", mark="//"),
    IdentifierRule("token", re.compile(forms.PEM), mark="-----BEGIN "),
    IdentifierRule("token", re.compile(forms.HOOK), mark="hooks"),
    IdentifierRule("token", re.compile(forms.KEYS), word=16),
    IdentifierRule("token", re.compile(forms.SECRET, re.I), lambda match: match[1] + "[token]"),
    IdentifierRule("id", re.compile(forms.UUID, re.I), word=36),
    IdentifierRule("id", re.compile(forms.MAC, re.I), word=17, mark=":"),
    IdentifierRule("id", re.compile(forms.OBJECT_ID, re.I), _object_id, word=24),
    IdentifierRule(
        "iban",
        re.compile(rf"(?<![a-z0-9])(?=[a-z]{{2}}[0-9]{{2}})(?:{forms.IBAN})(?![a-z0-9])", re.I | re.A),
        _iban,
        digits=2,
    ),
    IdentifierRule("token", re.compile(forms.BLOB), _blob, digits=1, word=32),
    IdentifierRule("email", re.compile(forms.EMAIL), _email, mark="@", or_mark="%40"),
    IdentifierRule("email", re.compile(forms.EMAIL_AT, re.I), _email, mark="(", or_mark="["),
    IdentifierRule("email", re.compile(forms.EMAIL_DOT, re.I), mark=" dot "),
    IdentifierRule("card", re.compile(forms.CARD), _cards, digits=12),
    IdentifierRule("coordinates", re.compile(forms.COORDINATES), _coordinates, digits=8, mark="."),
    IdentifierRule("coordinates", re.compile(forms.GOOGLE), _coordinates, digits=8, mark="!3d"),
    IdentifierRule("coordinates", re.compile(forms.COMMA_COORDINATES), _coordinates, digits=8, mark=","),
    IdentifierRule("coordinates", re.compile(forms.LABELLED, re.I), lambda match: match[1] + "[coordinates]", digits=4),
    IdentifierRule(
        "coordinates", re.compile(forms.PLANE, re.I), lambda match: match[1] + "[coordinates]", digits=6, mark="="
    ),
    IdentifierRule("coordinates", re.compile(forms.HEMISPHERES), digits=6),
    IdentifierRule("coordinates", re.compile(forms.PLUS_CODE), mark="+", or_mark="///"),
    IdentifierRule("coordinates", re.compile(forms.GEOHASH), mark="geohash"),
    IdentifierRule("ip", re.compile(forms.IN_HOST, re.I), lambda match: match[1] + "[ip]", digits=4, mark="-"),
    IdentifierRule("ip", re.compile(forms.IPV6, re.I), _ip, digits=1, mark=":"),
    IdentifierRule("ip", re.compile(forms.IPV4, re.I), _ip, digits=4, mark="."),
    *(IdentifierRule("phone", re.compile(pattern, re.I), _phone, digits=7) for pattern in forms.PHONES),
    IdentifierRule("national id", re.compile(national.FORM, re.I), _national, digits=4),
    IdentifierRule("phone", re.compile(phones.FORM), _grouped_phone, digits=9),
    IdentifierRule("other user", re.compile(forms.OTHER, re.I), lambda match: match[1] + "[other user]", digits=1),
)
