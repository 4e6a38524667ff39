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
from typing import Any, NamedTuple

from ..errors import ProviderError
from .contexts import context_length, is_too_long, shortened
from .waits import asked_wait, retry_after, told_wait

LEADING = 500  # characters of an answer that say what it is
SHOWN = 240  # characters of what a server said: one line, without its page of HTML
SHORTEST_KEY = 6  # a shorter value of a variable called …KEY is no secret, and masking it would garble words
LIKE_A_KEY = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|key|csk|fw|r8)[-_][\w*.-]{6,}|\bAIza[\w*-]{10,}|\b(?:AKIA|ASIA)\w{12,}|(?i:\bbearer\s+)[\w*.~+/=-]{6,}"
    r"|(?i:(?<=key=)|(?<=token=))[^\s&\"']+"
)
HOLDS_A_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL")
WRONG_KEY = re.compile(r"(?i)api key not valid|api_key_invalid|invalid api key")  # Gemini says so with status 400
FILTERED = re.compile(
    r"(?i)content[ _-]?(?:filter|policy|management policy)|responsibleaipolicy|safety (?:system|filter|setting)|moderation"
    r"|\bflagged\b|data_?inspection|inappropriate content"
)
# A status does not always say what a server means: a request that is refused for its rate, for want of credit or of a model.
RATE = re.compile(r"(?i)rate[ _-]?limit|too many requests|throttl")
NO_CREDIT = re.compile(
    r"(?i)insufficient[ _](?:quota|balance|funds?|credits?)|billing_\w+|credit balance|spend\w* limit"
)
QUOTA = re.compile(
    r"(?i)exceeded (?:your|the) .{0,20}quota|out of credits?|no credits?|billing|payment required|monthly|usage limit"
)
TOO_LARGE = re.compile(
    r"(?i)request too large|too large for .{0,80}per (?:min|day)"
)  # for a rate: waiting is of no use
NO_MODEL = re.compile(
    r"(?i)not a valid model|no models? (?:is |are )?loaded|model\b.{0,60}\b(?:not found|does not exist)"
)
PAGE = re.compile(r"(?i)<!doctype html|<html|<head\b|<body\b")
TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^<>]*>", re.DOTALL | re.IGNORECASE)
ASK_TO_WAIT = (429, 503)  # of another fault, when limits are reset says nothing


class Refused(ProviderError):
    """The request as it was put cannot be answered; `about` is all that the server said, in lower case. `too_long`: it and its
    answer are longer than the model holds, which is `holds` tokens if the server says so.
    """

    def __init__(self, message: str, about: str, *, hint: str | None = None, fatal: bool = False) -> None:
        self.about, self.too_long = about.lower(), is_too_long(about)
        self.holds = context_length(about) if self.too_long else None
        # What mends it is part of what a persona that was not written tells of itself.
        message = f"{message} {shortened(self.holds)}" if self.too_long else message
        super().__init__(message, hint=None if self.too_long else hint, fatal=fatal)


class FailureKind(NamedTuple):
    """What a status means for the request, and for all others."""

    says: str
    retryable: bool = False
    fatal: bool = False
    hint: str | None = None


KINDS = {
    400: FailureKind("refused the request"),
    401: FailureKind("does not accept the key", fatal=True, hint="Is the right key set? `models` lists the variables."),
    402: FailureKind("wants to be paid first", fatal=True),
    403: FailureKind("denies access", fatal=True, hint="Is the key allowed to use this model?"),
    407: FailureKind(
        "is behind a proxy that wants to know who asks", fatal=True, hint="HTTPS_PROXY may hold its user and password."
    ),
    404: FailureKind("knows no such model or address", fatal=True, hint="Check the model's name and --base-url."),
    408: FailureKind("took too long", retryable=True),
    409: FailureKind("was busy with a conflicting request", retryable=True),
    422: FailureKind("refused the request"),
    429: FailureKind("asks for a pause", retryable=True),
}
OUR_FAULT, THEIR_FAULT = FailureKind("refused the request"), FailureKind("has a fault of its own", retryable=True)
HELP = "`models --try` asks one small question to see what it takes."
REFUSALS = (OUR_FAULT, KINDS[404])
FILTER = FailureKind("was stopped by a content filter", hint="Set the provider's filter lower, or use another model.")
PROXY = "A proxy or another server answers in the model's place. Is --base-url the address of its API? It often ends in /v1."
OUT_OF_CREDIT = FailureKind("says that no credit or quota is left, which waiting does not mend", fatal=True)


def failure(error: Exception, name: str, host: str) -> ProviderError:
    """The exception as a `ProviderError` about the model `name` at `host`."""
    import openai

    who, causes = f"{name} at {host}", list(_chain(error))
    if ours := next((cause for cause in causes if isinstance(cause, ProviderError)), None):
        return ours
    response = next((c.response for c in reversed(causes) if _is_status(c)), None)
    if response is not None:
        return _answered(response.status_code, _said(error), response.headers, who, _body(response))
    if any(isinstance(cause, TimeoutError | openai.APITimeoutError) for cause in causes):
        return ProviderError(f"{who} gave no answer in time.", hint="Give it longer: --timeout.", retryable=True)
    if transport := next((cause for cause in causes if _is_transport(cause)), None):
        return _unreachable(transport, name, host)
    if garbled := next((c for c in causes if isinstance(c, json.JSONDecodeError)), None):
        return ProviderError(f"{who} sent what is no JSON: {one_line(str(garbled))}.", retryable=True)
    if isinstance(error, openai.APIStatusError):  # litellm's own, made without asking anyone
        return _answered(error.status_code, _said(error), {}, who)
    said = one_line(str(error)) or "nothing more is known"
    return ProviderError(f"{who} cannot be asked: {type(error).__name__}: {said}.", hint=HELP)


def reported(body: Mapping[str, Any], name: str, host: str) -> ProviderError:
    """An error that came with status 200, as gateways send them."""
    code, said = str(body.get("code") or ""), str(body.get("message") or dict(body))
    said = said if not code or code in said else f"{said} ({code})"
    asks = any(kind.search(said) for kind in (RATE, NO_CREDIT, QUOTA))
    status = int(code) if re.fullmatch("[45]\\d\\d", code) else 429 if asks else 502
    return _answered(status, said, {}, f"{name} at {host}", body)


def one_line(text: str) -> str:
    """What a server said on one line, cut short, without keys and tags."""
    plain = TAG.sub(" ", text) if is_page(text) else text
    line = " ".join("".join(ch if ch.isprintable() else " " for ch in masked(plain)).split()).rstrip(".")
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def masked(text: str) -> str:
    """The text without the secrets of this environment and without what looks like a key."""
    secrets = (v for k, v in os.environ.items() if HOLDS_A_SECRET.search(k.upper()) and len(v) >= SHORTEST_KEY)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "[key]")
    return LIKE_A_KEY.sub("[key]", text)


def is_page(text: str) -> bool:
    """Is it a web page?"""
    return bool(PAGE.search(text[:LEADING]))


def _answered(status: int, said: str, headers: Mapping[str, str], who: str, body: Any = None) -> ProviderError:
    kind, told = _kind(status, said, headers, body), f": {one_line(said)}" if said else ""
    if is_page(said) and not is_too_long(said):
        kind = FailureKind("answered with a web page", kind.retryable, not kind.retryable, PROXY)
    message = f"{who} {kind.says} ({status}){told}."
    if kind in REFUSALS:
        return Refused(message, said, hint=kind.hint, fatal=kind.fatal)
    wait = None
    if kind.retryable:
        paused = status in ASK_TO_WAIT or kind is KINDS[429]
        wait = asked_wait(headers, said, body) if paused else retry_after(headers)
    return ProviderError(message, hint=kind.hint, retryable=kind.retryable, retry_after=wait, fatal=kind.fatal)


def _kind(status: int, said: str, headers: Mapping[str, str], body: Any) -> FailureKind:
    """What a status means, read with the words that came with it."""
    usual = KINDS.get(status, OUR_FAULT if status < 500 else THEIR_FAULT)
    if status >= 500 or status == 401:
        return usual
    if NO_CREDIT.search(said) or (status == 429 and QUOTA.search(said) and told_wait(headers, said, body) is None):
        return OUT_OF_CREDIT
    if status == 400 and WRONG_KEY.search(said):
        return KINDS[401]
    if status != 429 and FILTERED.search(said):
        return FILTER
    if TOO_LARGE.search(said):
        return OUR_FAULT
    if status in (400, 403) and RATE.search(said):
        return KINDS[429]
    return KINDS[404] if status == 400 and NO_MODEL.search(said) else usual


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
    text = str(told.get("message") or told.get("detail") or told.get("error") or inner or error)
    extra = [str(told[k]) for k in ("param", "code") if told.get(k) and str(told[k]) not in text]
    extra += [f"n_ctx {told['n_ctx']}"] if told.get("n_ctx") else []
    return f"{text} ({', '.join(extra)})" if extra else text


def _body(response: Any) -> Any:
    """All that came with a status, None where it is no JSON or was not read."""
    try:
        return response.json()
    except (ValueError, RuntimeError):
        return None


def _embedded(text: str) -> Mapping[str, Any]:
    """The JSON that litellm's messages quote."""
    try:
        found = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _unreachable(transport: BaseException, name: str, host: str) -> ProviderError:
    why = one_line(str(transport)) or type(transport).__name__
    hint = "Is the server running, and is this its address (--base-url)?"
    return ProviderError(f"{name} cannot be reached at {host}: {why}.", hint=hint, retryable=True)
