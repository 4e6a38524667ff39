"""Which way a request takes, who is told before it leaves, and where it may not go.

In: a URL and the proxies of the environment. Out: a `Route`. Promises: a server on this machine is reached without a proxy;
whoever asks one (`bounded(here=True)`) reaches no other machine, whatever the server, a library or a name service says;
`telling` hears of every request before a byte of it leaves.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from ..addresses import is_local, is_loopback
from ..errors import ProviderError
from .hosts import address_of


@dataclass(frozen=True)
class Route:
    """`host` gets the bytes, `server` is whom they are for: two where a proxy of the environment stands between, and `proxy`
    is its URL, which may hold a password.
    """

    host: str
    server: str
    proxy: str | None = None


@dataclass
class Bounds:
    """A call of ours: whether it must stay on this machine, and whether a request of it has been seen."""

    here: bool
    seen: bool = False


RouteListener = Callable[[Route], None]
_told: ContextVar[RouteListener | None] = ContextVar("told", default=None)
_bounds: ContextVar[Bounds | None] = ContextVar("bounds", default=None)


@contextmanager
def telling(told: RouteListener) -> Iterator[None]:
    """Every request of the block is told before it leaves."""
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


@contextmanager
def bounded(*, here: bool) -> Iterator[Bounds]:
    """The requests of the block are ours: no redirect is followed, and with `here` no other machine is reached."""
    bounds = Bounds(here)
    token = _bounds.set(bounds)
    try:
        yield bounds
    finally:
        _bounds.reset(token)


def is_ours() -> bool:
    """Is a call of ours being made? Other users of the same library in this process are left alone."""
    return _bounds.get() is not None


def check_seen(bounds: Bounds, name: str) -> None:
    """ProviderError where a library has a way of its own to a provider: nobody could say where its requests go."""
    if not bounds.seen:
        raise ProviderError(
            f"{name} is asked by a way that cannot be watched.",
            hint="Put an OpenAI-compatible server before it, and use openai/NAME with --base-url.",
            fatal=True,
        )


def leave(url: str) -> Route:
    """The route of a request that is about to leave; ProviderError where it may not."""
    route, bounds = route_to(url), _bounds.get()
    if bounds is not None:
        bounds.seen = True
        if bounds.here and not _leads_here(url):
            raise ProviderError(
                f"{route.server} is not on this machine, and the server that was named is: nothing was sent.",
                fatal=True,
            )
    if told := _told.get():
        told(route)
    return route


def route_to(url: str) -> Route:
    """Through the proxy that the environment names for the URL, unless it leads to this machine or NO_PROXY holds it."""
    server = address_of(url)
    found = {} if is_local(url) else getproxies()
    proxy = found.get(urlsplit(url).scheme) or found.get("all")
    if not proxy or proxy_bypass(urlsplit(url).netloc.rpartition("@")[2]):
        return Route(server, server)
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    return Route(address_of(proxy), server, proxy)


def not_followed(url: str, target: str) -> ProviderError:
    """A server sends a request on: what it holds was meant for nobody else."""
    parts = urlsplit(target)
    there = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return ProviderError(
        f"{address_of(url)} sends its requests on to {there}: that is not followed, and nothing was sent there.",
        hint="If that server is to be asked, name it with --base-url.",
        fatal=True,
    )


def _leads_here(url: str) -> bool:
    """A name of this machine can lead elsewhere: what counts is what it stands for now."""
    host = urlsplit(url).hostname or ""
    if not is_local(url):
        return False
    try:
        return all(is_loopback(str(found[4][0])) for found in socket.getaddrinfo(host, None))
    except OSError:
        return True  # it leads nowhere, which the connection will say
