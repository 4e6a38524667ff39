"""How long a server asks us to wait, wherever it says so.

In: the headers of a refusal, what it says in words, and its body. Out: seconds, None where it does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# What a span of time looks like in words and in headers, and which words say that it is to be waited for.
UNIT = r"(?:ms|milliseconds?|d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)"
SPAN = rf"((?:\d+(?:\.\d+)?\s*{UNIT}(?![a-z])[\s,]*(?:and\s+)?)+)"
ASKS = r"try|retry\w*|wait\w*|again|available|allowed|next|reset\w*|cool\w*|back ?off|delay|pause\w*|sleep"
WAIT = re.compile(rf"(?i)\b(?:{ASKS})\b[^.]{{0,40}}?\b{SPAN}|{SPAN}(?:before|until)\b")
BARE = re.compile(r"(?i)\bretry[-_ ]?after\b['\"]?\s*[:=]?\s*(\d+(?:\.\d+)?)\b(?!\s*[a-z])")
ONE = re.compile(r"(?i)\b(?:a|an|one)\s+(?=second|minute|hour|day)")
PART = re.compile(r"(?i)(\d+(?:\.\d+)?)\s*(ms|milli|d|h|m|s)")
SECONDS = {"ms": 0.001, "milli": 0.001, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
RETRY = re.compile(r"(?:x-ms-)?retry[-_ ]?(?:after|delay|in)[-_ ]?(ms|milliseconds)?(?:s|sec|seconds)?")
RESET = re.compile(r"(?:reset|\bt)\s*=\s*(\d+(?:\.\d+)?)")  # within one header for all that there is to say of a limit
EPOCH = 1e9  # seconds since 1970; a wait is never that long


def asked_wait(headers: Mapping[str, str], said: str, body: Any = None) -> float | None:
    """Seconds that a server asks us to wait: where it tells so, else until a limit is reset."""
    resets = (limit_reset(place) for place in [headers, *_mappings(body)])
    told = told_wait(headers, said, body)
    return told if told is not None else next((wait for wait in resets if wait is not None), None)


def told_wait(headers: Mapping[str, str], said: str, body: Any = None) -> float | None:
    """Seconds that a server tells us to wait: in `retry-after` or a field of the body that is called so, else in its words."""
    fields = (wait for place in [headers, *_mappings(body)] if (wait := retry_after(place)) is not None)
    return next(fields, _in_words(said))


def limit_reset(headers: Mapping[str, Any]) -> float | None:
    """Seconds until the limits are reset that have nothing left, of all limits where none says so: `x-ratelimit-reset-…` of
    OpenAI's kind (1m30s, 120ms), in seconds, as a time since 1970, or as a date (Anthropic).
    """
    told = {n.lower(): str(v).strip() for n, v in headers.items() if "ratelimit" in re.sub("[-_]", "", n.lower())}
    waits = {name: wait for name, value in told.items() if "reset" in name and (wait := _until(value)) is not None}
    waits |= {name: float(inner[1]) for name, value in told.items() if (inner := RESET.search(value))}
    spent = [wait for name, wait in waits.items() if told.get(name.replace("reset", "remaining")) == "0"]
    return max(spent or waits.values(), default=None)


def retry_after(headers: Mapping[str, Any]) -> float | None:
    """Seconds that a field asks us to wait: `retry-after` and what is called like it, in seconds, milliseconds if its name
    says so, as a span or as a date.
    """
    found: dict[bool, float] = {}
    for name, value in headers.items():
        if (named := RETRY.fullmatch(name.lower())) and (wait := _until(str(value).strip())) is not None:
            exact = bool(named[1])
            found[exact] = wait / 1000 if exact and not PART.match(str(value)) else wait
    return found.get(True, found.get(False))


def _in_words(said: str) -> float | None:
    text = ONE.sub("1 ", said)
    if words := WAIT.search(text):
        return _span(words[1] or words[2])
    return float(bare[1]) if (bare := BARE.search(text)) else None


def _until(text: str) -> float | None:
    """Seconds until what a header tells."""
    now = datetime.now(UTC)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        number = float(text)
        at = number / 1000 if number > EPOCH * 1000 else number
        return max(0.0, at - now.timestamp()) if at > EPOCH else number
    if PART.match(text) and re.fullmatch(rf"(?i){SPAN}", text):
        return _span(text)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            until = read(text)
        except ValueError:
            continue
        return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
    return None


def _span(text: str) -> float:
    return sum(float(number) * SECONDS[unit.lower()] for number, unit in PART.findall(text))


def _mappings(body: Any) -> Iterator[Mapping[str, Any]]:
    """All objects of a body."""
    if isinstance(body, Mapping):
        yield body
    for inner in body.values() if isinstance(body, Mapping) else body if isinstance(body, list) else ():
        yield from _mappings(inner)
