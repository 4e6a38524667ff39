"""The page of `review` on a port of this machine, for one person's browser.

Promises: nothing is answered without the token, which the first address holds and a cookie after it; nothing for another Host (a
name of a stranger's that leads here) and nothing that another page asks for; no page may frame it; what is posted is JSON of a
bounded size. No request leaves this machine but those of the models that were named.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread
import uvicorn
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...edits import EDITS
from ...edits.entries import LONGEST_FILE
from ...options import Options
from ...progress import Progress
from ...report.review_page import review_policy
from ...schema import EditTold
from ...words.english.grammar import plural
from ..loopback import HOST, listening, new_token, refused_as
from ..results import Result
from .review_desk import ChangeAsked, ChangeTold, JoinAsked, ReviewDesk

T = TypeVar("T", bound=BaseModel)
MOST_BYTES = 4 * LONGEST_FILE + 10_000  # of a file of edits as JSON, in any alphabet
SECONDS_TO_END = 3  # for what is under way when somebody stops it
# The report has a policy of its own, by the digests of its style and script; none of these says less than it.
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STRANGERS = {
    HTTPStatus.MISDIRECTED_REQUEST: "This is no host of this page.\n",
    HTTPStatus.FORBIDDEN: "Another page asked for this.\n",
}
NO_TOKEN = "Open the address that `persona-agent review` printed: without its token nothing is answered.\n"


@dataclass(frozen=True)
class ReviewResult(Result):
    """What became of everything that was changed, when the review ended."""

    edits: Sequence[EditTold]
    out: Path

    def text(self) -> str:
        if not self.edits:
            return "Nobody has changed anything on these pages."
        conflicts = sum(e.outcome == "conflict" for e in self.edits)
        does_not = f" {conflicts} of them not standing here;" if conflicts else ""
        return f"{plural(len(self.edits), 'change')},{does_not} kept in {self.out / EDITS}."

    def as_json(self) -> dict[str, Any]:
        return {"edits": [e.model_dump(mode="json") for e in self.edits]}


def serve(out: Path, options: Options, port: int | None, progress: Progress) -> ReviewResult:
    """Answers until somebody stops it."""
    desk = ReviewDesk(out, options, progress)
    with listening(port, "--port") as here:
        port, token = here.getsockname()[1], new_token()
        progress.note("Open this address in a browser of this machine; Ctrl+C here ends it.")
        progress.note(f"http://{HOST}:{port}/?token={token}")
        config = uvicorn.Config(
            guarded(desk, port, token), log_level="warning", access_log=False, timeout_graceful_shutdown=SECONDS_TO_END
        )
        with suppress(KeyboardInterrupt):  # how it is meant to end
            uvicorn.Server(config).run(sockets=[here])
    return ReviewResult(desk.edits(), out)


def guarded(desk: ReviewDesk, port: int, token: str) -> ASGIApp:
    """The application on a port, for who has the token."""
    return Guard(app_of(desk), port, token)


def app_of(desk: ReviewDesk) -> Starlette:
    """The pages, and what they post."""

    async def page(_: Request) -> Response:
        return HTMLResponse(await _beside(desk.page), headers={"Content-Security-Policy": review_policy()})

    async def report(_: Request) -> Response:
        return HTMLResponse(await _beside(desk.report))

    async def icon(_: Request) -> Response:
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/report", report),
            Route("/favicon.ico", icon),
            Route("/try", _posted(ChangeAsked, desk.tried), methods=["POST"]),
            Route("/edit", _posted(ChangeAsked, desk.changed), methods=["POST"]),
            Route("/join", _posted(JoinAsked, desk.joined), methods=["POST"]),
        ]
    )


def _posted(kind: type[T], answer: Callable[[T], ChangeTold]) -> Callable[[Request], Awaitable[Response]]:
    async def posted(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return JSONResponse(ChangeTold(refused=["That is too large."]).model_dump(), 413)
        try:
            asked = kind.model_validate_json(body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            return JSONResponse(ChangeTold(refused=[f"{where}: {first['msg']}."]).model_dump(), 422)
        told = await _beside(partial(answer, asked))
        return JSONResponse(told.model_dump())

    return posted


async def _body(request: Request) -> bytes | None:
    """What was posted; None where it is more than MOST_BYTES."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > MOST_BYTES:
            return None
    return bytes(found)


async def _beside(work: Callable[[], Any]) -> Any:
    """What blocking work returns, in a thread."""
    return await anyio.to_thread.run_sync(work)


class Guard:
    """Lets through what this person's browser asks of its own accord: 421 for another Host, 401 without the token, 403 for what
    another page asks, 415 for what is no JSON. The address with the token becomes a cookie that no script reads, no other
    site sends, and the address loses it.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app, self._port, self._token = app, port, token
        self._cookie = f"persona_agent_review_{port}"  # of a port, since browsers share cookies among ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._answer(scope, Headers(scope=scope)) if scope["type"] == "http" else _refused(404, "Not found.\n")
        await (answer or self._app)(scope, receive, guarded)

    def _answer(self, scope: Scope, headers: Headers) -> Response | None:
        """What is said instead of the page, if anything is."""
        posts = scope["method"] == "POST"
        status = refused_as(headers.getlist("host"), headers.getlist("origin"), self._port, needs_origin=posts)
        if status is not None:
            return _refused(status, STRANGERS[status])
        given = QueryParams(scope["query_string"]).get("token")
        if given is not None and scope["path"] == "/" and self._is_token(given):
            return self._let_in()
        if not self._is_token(cookie_parser(headers.get("cookie", "")).get(self._cookie, "")):
            return _refused(401, NO_TOKEN)
        if posts and headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _refused(415, "What is posted is JSON.\n")
        return None

    def _let_in(self) -> Response:
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._cookie, self._token, path="/", httponly=True, samesite="strict")
        return answer

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(why, status)
