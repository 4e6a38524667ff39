"""What an identifier looks like: rules of a pattern and a check, each with its type.

A normalised text comes in; the text with `[type]` in place of each identifier and the types found come out. Promised:
linear time (possessive or bounded repeats everywhere), and a fixed point: `mask(mask(text))` is `mask(text)`. Checks
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

PASSES = 8
PERSON = "user|member|customer|client|visitor|student|learner|teacher|employee|patient|person|subscriber"
PLACEHOLDERS = frozenset(
    [
        "card",
        "coordinates",
        "credentials",
        "email",
        "iban",
        "id",
        "ip",
        "name",
        "other",
        "phone",
        "token",
        "user",
        "value",
    ]
)

Match = re.Match[str]


class Rule(NamedTuple):
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
    if not CANDIDATE.search(text):
        return text, ()
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


def kind_of_column(name: str) -> str | None:
    """The type of identifier that a column's values are by its name (`version`: none, though they look like an IP)."""
    return next((kind for kind, pattern in COLUMNS if pattern.search(name)), None)


def _apply(rule: Rule, text: str, found: list[str]) -> str:
    mark = f"[{rule.kind}]"

    def sub(match: Match) -> str:
        masked = mark if rule.check is None else rule.check(match)
        found.extend([rule.kind] * (masked.count(mark) - match[0].count(mark)))
        return masked

    return rule.pattern.sub(sub, text)


def _query(match: Match) -> str:
    return QUERY_VALUE.sub("=[value]", match[0])


def _email(match: Match) -> str:
    last = match[0].rpartition(".")[2].lower()
    is_domain = len(last) > 1 and (last.isalpha() or last.startswith("xn--")) and last not in FILE_ENDINGS
    return "[email]" if is_domain else match[0]


def _object_id(match: Match) -> str:
    return "[id]" if 4 <= sum(c.isdigit() for c in match[0]) <= 21 else match[0]


def _blob(match: Match) -> str:
    """Random characters change between digits, capitals and small letters all the time; words and paths do not."""
    text = match[0]
    kinds = ["0" if c.isdigit() else "A" if c.isupper() else "a" for c in text if c.isalnum()]
    changes = sum(a != b for a, b in pairwise(kinds))
    one_case = text.isalnum() and len(set(kinds)) < 3
    return "[token]" if "0" in kinds and changes > len(kinds) * (0.2 if one_case else 0.42) else text


def _iban(match: Match) -> str:
    compact = re.sub("[ -]", "", match[0])
    number = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
    return "[iban]" if int(number) % 97 == 1 else match[0]


def _cards(match: Match) -> str:
    """A card's groups may stand among other numbers: look at every run of groups, longest first."""
    parts = re.split("([ -])", match[0])
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
    if len(groups) > 1 and not (len(groups) > 2 and all(3 <= len(group) <= 6 for group in groups)):
        return False
    if not (ISSUERS.fullmatch(digits) and _checks(digits, 2)):
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
    return "[coordinates]" if abs(float(match[1])) <= 90 and abs(float(match[2])) <= 180 else match[0]


def _ip(match: Match) -> str:
    text = match[0] if match[0].endswith("::") else match[0].rstrip(":.")
    before = match.string[max(0, match.start() - 24) : match.start()]
    if OF_VERSION.search(before) or not any(c.isdigit() for c in text):
        return match[0]
    try:
        ip_address(text)
    except ValueError:
        return match[0]
    return "[ip]" + match[0][len(text) :]


def _phone(match: Match) -> str:
    number = match[1]
    digits = "".join(c for c in number if c.isdigit())
    if not 7 <= len(digits) <= 15 or DATE.match(number) or DECIMAL.fullmatch(number):
        return match[0]
    if number.startswith(("0", "(0")) and (len(digits) < 9 or _is_isbn(number)):
        return match[0]
    return match[0].replace(number, "[phone]")


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
CANDIDATE = re.compile(r"[0-9@=_]|::|eyJ|earer |A[KS]IA|AIza|ya29\.|glpat-|xox[a-z]-|[sp]k-|SG\.")

COLUMNS = [
    (kind, re.compile(rf"(?:^|[^a-z])(?:{pattern})$", re.IGNORECASE))
    for kind, pattern in (
        ("version", r"(?:\w{0,80}[_.]?)(?:version|build)"),
        ("email", r"e[_-]?mail(?:[_ ]?address)?"),
        ("phone", r"(?:phone|mobile|telephone|fax)[_ ]?(?:no|nr|number)|phone|telephone|msisdn"),
        ("name", r"(?:first|last|full|given|family|sur|user|nick|middle)[_ ]?names?"),
        ("ip", r"(?:user[_ ]?)?ip(?:[_ ]?address)?"),
        ("coordinates", r"lat|lng|lon|latitude|longitude"),
        (
            "id",
            rf"(?:{PERSON}|device|distinct|anonymous|cookie|session|pseudo|advertising|insert)[_ ]?ids?|fingerprint",
        ),
    )
]

QUERY_VALUE = re.compile(r"=(?!\[value\](?:[&;#]|$))[^&;#]+")
QUERY = r"[?#](?=[\w.%~\[\]$-]{1,64}=)[^\s\"'<>]*+"
CREDENTIALS = r"(?<=://)(?!\[credentials\]@)[^\s/@\"'<>]{1,256}+(?=@)"
KEYS = (
    r"(?<![\w-])(?:eyJ[\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}+|ya29\.[\w-]{20,}+"
    r"|gh[opsur]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[a-z]-[\w-]{10,}+|whsec_\w{16,}+"
    r"|(?:hf|npm)_[A-Za-z0-9]{20,}+|(?:sk|pk|rk)[_-](?:live|test|proj|ant|or)[_-][\w-]{8,}+|sk-[A-Za-z0-9]{20,}+"
    r"|SG\.[\w-]{16,}+\.[\w-]{16,}+)"
)
SECRET = (
    r"\b((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)=|bearer (?=[\w.~+/=-]{16}))"
    r"(?!\[)[^\s&;,\"'<>]{4,}+"
)
UUID = r"(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])"
MAC = r"(?<![\w:])[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?![\w:])"
OBJECT_ID = r"(?<![0-9a-z])[0-9a-f]{24}(?![0-9a-z])"
BLOB = r"(?<![\w+/=-])[A-Za-z0-9+/_=-]{32,}+"
EMAIL = r"(?<![\w.+-])[\w.+-]++(?:@|%40)[\w-]++(?:\.[\w-]++)++"
IBAN_LENGTHS = (
    "15NO 16BE 18DKFIFOGLNL 19MKSI 20ATBAEEKZLTLUXK 21CHHRLILV 22BGBHCRDEGBGEIEMERSVA 23AEGIILIQTL"
    " 24ADCZESMDPKROSASESKTNVG 25PT 26ISTR 27FRGRITMCMRSM 28ALAZBYCYDOGTHULBPL 29BREGPSQAUA 30JOKW 31MTSC 32LC"
)
IBAN = "|".join(
    rf"(?:{'|'.join(re.findall('..', row[2:]))})[0-9]{{2}}(?:[ -]?[a-z0-9]){{{int(row[:2]) - 4}}}"
    for row in IBAN_LENGTHS.split()
)
CARD = r"(?<![0-9])(?<![0-9]\.)[0-9](?:[ -]?[0-9]){11,}+"
ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}|62\d{14,17}"
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"
)
POINT = r"([+-]?[0-9]{1,3}\.[0-9]{3,}+)(?!\.[0-9])"
COORDINATES = rf"(?<![\w.]){POINT}\s?[,;/ ]\s?{POINT}"
IPV4 = r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\w|\.[0-9]|-(?:alpha|beta|rc|dev|snapshot))"
IPV6 = r"(?<![\w.])(?=[0-9a-f]{0,4}:)[0-9a-f:.]{2,45}+(?!\w)"
OF_VERSION = re.compile(
    r"(?:(?:^|[^a-z])v|ver|version|build|release|rev|firmware|sdk|chrome|firefox|safari|edge?|opera|opr|agent|chapter"
    r"|section|lecture|unit|figure|exercise)s?[ .:=/#-]{0,3}$",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\D?(?:[0-9]{1,2}([./-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?!\1?[0-9])|(?:19|20)[0-9]{2}([./-])[0-9]{1,2}\2[0-9]{1,2}(?![0-9]))"
)
DECIMAL = re.compile(r"\+?[0-9]+\.[0-9]+")
APART = r"(?<![\w.,/+-])"
PHONES = (
    r"(?<![\w+])(\+\(?[1-9](?:[ ./()-]{0,3}[0-9]){6,14})(?![0-9])",
    APART + r"(00[1-9](?:[ ./()-]{0,3}[0-9]){9,12})(?![0-9])",
    APART + r"(\(?0[1-9][0-9]{0,4}\)?(?:[ ./-]{1,2}[0-9]{2,8}){1,5})(?![0-9])",
    APART + r"((?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4})(?![\w-])",
    APART + r"(0[67][0-9]{8}|07[0-9]{9}|01[567][0-9]{8,9})(?![\w-])",
    r"\b(?:tel|telephone|phone|mobile|cell|call|fax|whatsapp|sms|telefon|handy|msisdn)\b[ :.#=-]{0,3}"
    r"(?:(?:no|nr|number|is|at|on|me|us)\b[ :.#=-]{0,3}){0,2}(\(?[0-9](?:[ ./()-]{0,2}[0-9]){6,14})(?![0-9])",
)
OTHER = (
    rf"\b((?:{PERSON})s?(?: with)?(?: the)?[ _-]?ids?[\"' :=#(]{{1,4}})"
    r"(?=[\w@.-]{0,80}[0-9])\w{1,80}+(?:[.@-]\w{1,80}+){0,8}+"
)
RULES = (
    Rule("credentials", re.compile(CREDENTIALS), mark="://"),
    Rule("value", re.compile(QUERY), _query, mark="="),
    Rule("token", re.compile(KEYS), word=16),
    Rule("token", re.compile(SECRET, re.I), lambda match: match[1] + "[token]", mark="=", or_mark="earer "),
    Rule("id", re.compile(UUID, re.I), word=36),
    Rule("id", re.compile(MAC, re.I), word=17, mark=":"),
    Rule("id", re.compile(OBJECT_ID, re.I), _object_id, word=24),
    Rule(
        "iban",
        re.compile(rf"(?<![a-z0-9])(?=[a-z]{{2}}[0-9]{{2}})(?:{IBAN})(?![a-z0-9])", re.I | re.A),
        _iban,
        digits=8,
    ),
    Rule("token", re.compile(BLOB), _blob, digits=1, word=32),
    Rule("email", re.compile(EMAIL), _email, mark="@", or_mark="%40"),
    Rule("card", re.compile(CARD), _cards, digits=12),
    Rule("coordinates", re.compile(COORDINATES), _coordinates, digits=8, mark="."),
    Rule("ip", re.compile(IPV6, re.I), _ip, digits=1, mark=":"),
    Rule("ip", re.compile(IPV4, re.I), _ip, digits=4, mark="."),
    *(Rule("phone", re.compile(pattern, re.I), _phone, digits=7) for pattern in PHONES),
    Rule("other user", re.compile(OTHER, re.I), lambda match: match[1] + "[other user]", digits=1),
)
