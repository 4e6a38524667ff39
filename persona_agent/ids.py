"""Identity is content: the same thing gets the same id in every run.

Takes values, gives hashes. Promises: `canonical_json` is one spelling per value (sorted keys, no spaces, UTF-8), and
user hashes depend on the run's secret key, so they never join two runs or reach a prompt.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

USER_HASH_CHARS = 16  # 64 bits: among a billion users, two with one hash are a chance of one in forty


def canonical_json(value: Any) -> str:
    """One spelling for one JSON value; NaN is refused because it has none."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(value: Any) -> str:
    """`sha256:` and the hex digest of the canonical JSON of `value`."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode()).hexdigest()


def record_hash(raw: bytes) -> str:
    """Hex sha256 of a record's raw bytes, as citations carry it."""
    return hashlib.sha256(raw).hexdigest()


def user_hash(key: bytes, raw_user: str) -> str:
    """Keyed hash of a raw user id: 16 hex characters of HMAC-SHA256, so a list of known ids cannot be tried without `key`."""
    return "u" + hmac.new(key, raw_user.encode(), hashlib.sha256).hexdigest()[:USER_HASH_CHARS]


def session_hash(key: bytes, raw_session: str) -> str:
    """Keyed hash of a vendor's session id."""
    return "s" + hmac.new(key, b"session\0" + raw_session.encode(), hashlib.sha256).hexdigest()[:USER_HASH_CHARS]


def event_id(file: str, line: int, n: int) -> str:
    """`file:line`, or `file:line#n` for the second and later events that begin on one line (`n` counts from 0)."""
    return f"{file}:{line}" if n == 0 else f"{file}:{line}#{n}"
