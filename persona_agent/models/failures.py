"""What went wrong between us and a model, in a sentence, and whether the same request may succeed later.

In: an exception of the openai SDK, or of litellm, whose exceptions are made of the same classes. Out: a `ProviderError`, or
`Refused` where a server took offence at the request itself, so that the caller can ask in another way. Promise: no message
holds a key, not even one that a server repeats.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from ..errors import ProviderError

SHOWN = 240  # characters of what a server said: one line, without its page of HTML
SHORTEST_KEY = 6  # a shorter value of a variable called …KEY is no secret, and masking it would garble words
LIKE_A_KEY = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|key|csk|fw|r8)[-_][\w*.-]{6,}|\bAIza[\w*-]{10,}|\b(?:AKIA|ASIA)\w{12,}|(?i:\bbearer\s+)[\w*.~+/=-]{6,}"
    r"|(?i:(?<=key=)|(?<=token=))[^\s&\"']+"
)
HOLDS_A_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL")
WRONG_KEY = re.compile(r"(?i)api key not valid|api_key_invalid|invalid api key")  # Gemini says so with status 400
FILTERED = re.compile(r"content_filter|content management policy|ResponsibleAIPolicy")
TOO_LONG = re.compile(
    r"(?i)context[ _](?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens"
)
TAG = re.compile(r"<[^<>]*>")
# How long to wait where only words say so, and what a span of time looks like in them and in headers.
SPAN = r"((?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|h|hours?|m|min|mins|minutes?|s|sec|secs|seconds?)(?![a-z])\s*)+)"
WAIT = re.compile(rf"(?i)\b(?:try|retry|wait|again|available|reset\w*)\b[^.]{{0,40}}?{SPAN}")
PART = re.compile(r"(?i)(\d+(?:\.\d+)?)\s*(ms|milli|h|m|s)")
SECONDS = {"ms": 0.001, "milli": 0.001, "h": 3600.0, "m": 60.0, "s": 1.0}
ASK_TO_WAIT = (429, 503)  # of another fault, when limits are reset says nothing
EPOCH = 1e9  # seconds since 1970; a wait is never that long
NO_CREDIT = re.compile(r"insufficient_quota|exceeded your current quota|credit balance")


class Refused(ProviderError):
    """The request as it was put cannot be answered; `about` is all that the server said, in lower case."""

    def __init__(self, message: str, *, about: str) -> None:
        super().__init__(message)
        self.about = about


class Kind(NamedTuple):
    """What a status means for the request, and for all others."""

    says: str
    retryable: bool = False
    fatal: bool = False
    hint: str | None = None


KINDS = {
    400: Kind("refused the request"),
    401: Kind("does not accept the key", fatal=True, hint="Is the right key set? `models` lists the variables."),
    402: Kind("wants to be paid first", fatal=True),
    403: Kind("denies access", fatal=True, hint="Is the key allowed to use this model?"),
    404: Kind("knows no such model or address", fatal=True, hint="Check the model's name and --base-url."),
    408: Kind("took too long", retryable=True),
    409: Kind("was busy with a conflicting request", retryable=True),
    422: Kind("refused the request"),
    429: Kind("asks for a pause", retryable=True),
}
OUR_FAULT, THEIR_FAULT = Kind("refused the request"), Kind("has a fault of its own", retryable=True)
HELP = "`models --try` makes one small call to see what it takes."
OUT_OF_CREDIT = Kind("says that the account has no credit left", fatal=True)


def failure(error: Exception, name: str, host: str) -> ProviderError:
    """The exception as a `ProviderError` about the model `name` at `host`."""
    import openai

    who, causes = f"{name} at {host}", list(_chain(error))
    if ours := next((cause for cause in causes if isinstance(cause, ProviderError)), None):
        return ours
    response = next((c.response for c in reversed(causes) if _is_status(c)), None)
    if response is not None:
        return _answered(response.status_code, _said(error), response.headers, who)
    if any(isinstance(cause, TimeoutError | openai.APITimeoutError) for cause in causes):
        return ProviderError(f"{who} gave no answer in time.", hint="Give it longer: --timeout.", retryable=True)
    if transport := next((cause for cause in causes if _is_transport(cause)), None):
        return _unreachable(transport, name, host)
    if garbled := next((c for c in causes if isinstance(c, json.JSONDecodeError)), None):
        return ProviderError(f"{who} sent what is no JSON: {shown(str(garbled))}.", retryable=True)
    if isinstance(error, openai.APIStatusError):  # litellm's own, made without asking anyone
        return _answered(error.status_code, _said(error), {}, who)
    said = shown(str(error)) or "nothing more is known"
    return ProviderError(f"{who} cannot be asked: {type(error).__name__}: {said}.", hint=HELP)


def reported(body: Mapping[str, Any], name: str, host: str) -> ProviderError:
    """An error that came with status 200, as gateways send them."""
    code = body.get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 502
    return _answered(status, str(body.get("message") or dict(body)), {}, f"{name} at {host}")


def shown(text: str) -> str:
    """What a server said on one line, cut short, without keys and tags."""
    plain = TAG.sub(" ", text) if "<html" in text[:200].lower() or "<!doctype" in text[:200].lower() else text
    line = " ".join("".join(ch if ch.isprintable() else " " for ch in masked(plain)).split()).rstrip(".")
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def masked(text: str) -> str:
    """The text without the secrets of this environment and without what looks like a key."""
    secrets = (v for k, v in os.environ.items() if HOLDS_A_SECRET.search(k.upper()) and len(v) >= SHORTEST_KEY)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "[key]")
    return LIKE_A_KEY.sub("[key]", text)


def asked_wait(headers: Mapping[str, str], said: str) -> float | None:
    """Seconds that a server asks us to wait, wherever it says so: `retry-after`, else its words, else when a limit is reset."""
    told = retry_after(headers)
    if told is None and (words := WAIT.search(said)):
        told = _span(words[1])
    return told if told is not None else limit_reset(headers)


def limit_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until the limits are reset that have nothing left, of all limits where none says so: `x-ratelimit-reset-…` of
    OpenAI's kind (1m30s, 120ms), in seconds, as a time since 1970, or as a date (Anthropic).
    """
    told = {name.lower(): value.strip() for name, value in headers.items() if "ratelimit" in name.lower()}
    waits = {name: wait for name, value in told.items() if "reset" in name and (wait := _until(value)) is not None}
    spent = [wait for name, wait in waits.items() if told.get(name.replace("reset", "remaining")) == "0"]
    return max(spent or waits.values(), default=None)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks us to wait: `retry-after-ms`, or `retry-after` in seconds or as a date."""
    told = {name.lower(): value.strip() for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        if re.fullmatch(r"\d+(\.\d+)?", told.get(name, "")):
            return float(told[name]) / unit
    try:
        until = parsedate_to_datetime(told.get("retry-after", ""))
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _until(text: str) -> float | None:
    """Seconds until what a reset header tells."""
    now = datetime.now(UTC).timestamp()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        number = float(text)
        at = number / 1000 if number > EPOCH * 1000 else number
        return max(0.0, at - now) if at > EPOCH else number
    if PART.match(text):
        return _span(text)
    try:
        return max(0.0, datetime.fromisoformat(text).astimezone(UTC).timestamp() - now)
    except ValueError:
        return None


def _span(text: str) -> float:
    return sum(float(number) * SECONDS[unit.lower()] for number, unit in PART.findall(text))


def _mend(said: str) -> str | None:
    """What a person can do about a refusal that is not about how we asked."""
    if FILTERED.search(said):
        return "A content filter of the provider's stopped it: set the filter lower there, or use another model."
    if TOO_LONG.search(said):
        return (
            "Questions and answers are cut to what a model holds with --context TOKENS; or use a model that holds more."
        )
    return None


def _answered(status: int, said: str, headers: Mapping[str, str], who: str) -> ProviderError:
    kind = KINDS.get(status, OUR_FAULT if status < 500 else THEIR_FAULT)
    if status == 429 and NO_CREDIT.search(said):
        kind = OUT_OF_CREDIT
    elif status == 400 and WRONG_KEY.search(said):
        status, kind = 401, KINDS[401]
    message = f"{who} {kind.says} ({status}): {shown(said)}." if said else f"{who} {kind.says} ({status})."
    if status in (400, 404, 413, 422):
        refused = Refused(message, about=said.lower())
        refused.hint, refused.fatal = _mend(said) or kind.hint, kind.fatal
        return refused
    read = asked_wait if status in ASK_TO_WAIT else lambda headers, _: retry_after(headers)
    wait = read(headers, said) if kind.retryable else None
    return ProviderError(message, hint=kind.hint, retryable=kind.retryable, retry_after=wait, fatal=kind.fatal)


def _chain(error: BaseException | None) -> Iterator[Any]:
    """The exception and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_status(error: BaseException) -> bool:
    """Did a server answer? Its own answer is at the end of the chain; litellm puts others, with other statuses, before it."""
    made_up = type(error).__module__.startswith("litellm")
    return not made_up and any(kind.__name__ in ("HTTPStatusError", "APIStatusError") for kind in type(error).__mro__)


def _is_transport(error: BaseException) -> bool:
    # By name: openai speaks through httpx2, litellm through httpx, and both have these classes.
    return isinstance(error, OSError) or any(kind.__name__ == "TransportError" for kind in type(error).__mro__)


def _said(error: Any) -> str:
    """What the server said, with the name of the parameter that it complains about."""
    body = error.body if isinstance(error.body, Mapping) else _embedded(str(error))
    inner = body.get("error", body)
    told = inner if isinstance(inner, Mapping) else body
    text = str(told.get("message") or told.get("detail") or inner or error)
    extra = [str(told[k]) for k in ("param", "code") if told.get(k) and str(told[k]) not in text]
    return f"{text} ({', '.join(extra)})" if extra else text


def _embedded(text: str) -> Mapping[str, Any]:
    """The JSON that litellm's messages quote."""
    try:
        found = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _unreachable(transport: BaseException, name: str, host: str) -> ProviderError:
    why = shown(str(transport)) or type(transport).__name__
    hint = "Is the server running, and is this its address (--base-url)?"
    return ProviderError(f"{name} cannot be reached at {host}: {why}.", hint=hint, retryable=True)
