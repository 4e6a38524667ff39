"""Addresses of servers: whether one leads to this machine, and how one is written down without its password.

In: a URL. Out: a host, a URL that may be printed and kept. Promises: what cannot be told apart from a password is never
given back, not in an error either.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from .errors import UsageError

SECRETS = ("password", "passwd", "pwd", "sslpassword", "token", "secret", "access_key", "private_key")
SIGNS = "/?#"  # end the part of a URL in which user and password stand


def is_local(base: str | None) -> bool:
    """Does the URL lead to this machine?"""
    return is_loopback(urlsplit(base).hostname or "") if base else False


def is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def parted(url: str) -> tuple[str, str, str | None, str]:
    """Scheme, user, password and the rest of a URL, each as it stands; UsageError where a password was not percent-encoded."""
    scheme, _, rest = url.partition("://")
    who, at, where = rest.rpartition("@")
    if any(sign in who for sign in SIGNS):
        raise UsageError(
            f"The {scheme}:// address cannot be taken apart: there is a / ? or # before its last @.",
            hint="Percent-encode the password (/ is %2F), or leave it out and set PGPASSWORD.",
        )
    user, colon, password = who.partition(":")
    return scheme, user, password if at and colon else None, where


def with_password(url: str) -> str:
    """The URL with user and password percent-encoded, so that a sign in either is not taken for an end of it."""
    scheme, user, password, where = parted(url)
    who = _encoded(user) + ("" if password is None else f":{_encoded(password)}")
    return f"{scheme}://{who}@{where}" if who else f"{scheme}://{where}"


def without_password(url: str) -> str:
    """The URL as it may be printed and kept; what is no URL is given back as it is."""
    if "://" not in url:
        return url
    scheme, user, _, where = parted(url)
    bare, mark, asked = where.partition("?")
    kept = [(name, value) for name, value in parse_qsl(asked, keep_blank_values=True) if not is_secret(name)]
    query = mark + urlencode(kept, quote_via=quote, safe="/") if kept else ""
    return f"{scheme}://{user}@{bare}{query}" if user else f"{scheme}://{bare}{query}"


def secrets_of(url: str) -> list[str]:
    """What of a URL must not be printed, as it stands and decoded, longest first."""
    _, _, password, where = parted(url)
    found = [password or "", *(value for name, value in parse_qsl(where.partition("?")[2]) if is_secret(name))]
    every = {text for secret in found if secret for text in (secret, unquote(secret), quote(unquote(secret), safe=""))}
    return sorted(every, key=len, reverse=True)


def is_secret(name: str) -> bool:
    """Whether a parameter of a URL is one that nobody else may read."""
    return any(secret in name.lower() for secret in SECRETS)


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="")
