"""The one door through which requests to models and embeddings leave, for every SDK.

In: an HTTP request of httpx. Out: its response. Promises: `routes.leave` has told of it and allowed it first; the way it
takes is the way that was told, because proxies are looked up there and nowhere else; no redirect of a call of ours is
followed. Certificates are checked as httpx does (SSL_CERT_FILE and SSL_CERT_DIR are heeded).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from ..errors import ProviderError
from .routes import Route, is_ours, leave, not_followed


class Gate(httpx.BaseTransport):
    """For clients that wait."""

    def __init__(self, verify: ssl.SSLContext | bool = True) -> None:
        self._ways = _Ways(httpx.HTTPTransport, verify)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        route = leave(str(request.url))
        with _named(route):
            response: httpx.Response = self._ways.by(route).handle_request(request)
        if elsewhere := _redirected(request, response):
            response.close()
            raise elsewhere
        return response

    def close(self) -> None:
        for way in self._ways.taken():
            way.close()


class AsyncGate(httpx.AsyncBaseTransport):
    """For clients of an event loop."""

    def __init__(self, verify: ssl.SSLContext | bool = True) -> None:
        self._ways = _Ways(httpx.AsyncHTTPTransport, verify)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        route = leave(str(request.url))
        with _named(route):
            response: httpx.Response = await self._ways.by(route).handle_async_request(request)
        if elsewhere := _redirected(request, response):
            await response.aclose()
            raise elsewhere
        return response

    async def aclose(self) -> None:
        for way in self._ways.taken():
            await way.aclose()


class _Ways:
    """Connections by the proxy that they go through, opened when they are first used."""

    def __init__(self, make: Callable[..., Any], verify: ssl.SSLContext | bool) -> None:
        self._make, self._verify = make, verify
        self._open: dict[str | None, Any] = {}

    def by(self, route: Route) -> Any:
        if route.proxy not in self._open:
            try:
                self._open[route.proxy] = self._make(verify=self._verify, proxy=route.proxy)
            except (ValueError, ImportError) as error:
                raise ProviderError(
                    f"The proxy {route.host} that the environment names cannot be used: {str(error).split('.')[0]}.",
                    hint=f"Name an HTTP proxy, or add {route.server} to NO_PROXY.",
                    fatal=True,
                ) from None
        return self._open[route.proxy]

    def taken(self) -> list[Any]:
        """All of them, which are then forgotten."""
        ways, self._open = list(self._open.values()), {}
        return ways


@contextmanager
def _named(route: Route) -> Iterator[None]:
    """Where a proxy stands between, what fails on the way names it: it may be the proxy that fails."""
    try:
        yield
    except httpx.TransportError as error:
        if route.proxy is None or isinstance(error, httpx.TimeoutException):
            raise
        raise ProviderError(
            f"{route.server} cannot be reached through the proxy {route.host}: {error}.",
            hint=f"HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names that proxy; NO_PROXY={route.server} goes without it.",
            retryable=True,
        ) from error


def _redirected(request: httpx.Request, response: httpx.Response) -> ProviderError | None:
    if not (is_ours() and response.has_redirect_location):
        return None
    return not_followed(str(request.url), str(request.url.join(response.headers["location"])))
