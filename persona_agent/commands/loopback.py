"""A port of this machine that one person's programs may ask, and nobody else.

In: a port, or none for a free one. Out: the socket, the addresses that it has, a secret. Promises: nothing listens for another
machine; a secret is made anew each time, and cannot be guessed.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence
from http import HTTPStatus

from ..errors import UsageError

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 1024, 65_535  # those that need no rights


def check_port(port: int | None, option: str) -> None:
    """UsageError where a port needs rights, or is none."""
    if port is not None and not FIRST_PORT <= port <= LAST_PORT:
        raise UsageError(f"{option} {port} is no port.", hint=f"Name one from {FIRST_PORT} to {LAST_PORT}.")


def listening(port: int | None, option: str) -> socket.socket:
    """A socket on this port, or on a free one; UsageError where it is taken."""
    check_port(port, option)
    try:
        return socket.create_server((HOST, port or 0))
    except OSError:
        raise UsageError(f"{option} {port}: the port cannot be used.", hint="Name another.") from None


def hosts_of(port: int) -> list[str]:
    """What a browser or a client of this machine calls the port: any other name is a stranger's that leads here."""
    return [f"{HOST}:{port}", f"localhost:{port}"]


def refused_as(hosts: Sequence[str], origins: Sequence[str], port: int, *, needs_origin: bool) -> HTTPStatus | None:
    """Why a request is not answered, by all its Host and Origin headers (of two, one is a stranger): 421 for another Host, a name
    that leads here (DNS rebinding) among them; 403 for another Origin, or for none where one is needed. None: it is ours.
    """
    ours = hosts_of(port)
    if [*hosts] not in [[host] for host in ours]:
        return HTTPStatus.MISDIRECTED_REQUEST
    if (origins or needs_origin) and [*origins] != [
        f"http://{hosts[0]}"
    ]:  # of two names of this machine each may be another's
        return HTTPStatus.FORBIDDEN
    return None


def new_token() -> str:
    """256 bits, for an address or a header."""
    return secrets.token_urlsafe(32)
