"""The page of `review`: who gets in, and that all that is changed there is changed by `edit`."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from evals.bench import brain
from evals.bench.server import Replies, chat
from persona_agent import commands
from persona_agent.commands import loopback
from persona_agent.commands.allowing import Allowance
from persona_agent.commands.running import RunResult
from persona_agent.errors import UsageError
from persona_agent.manifest import EDITS, SEALED, file_digests, verify, write_sealed
from persona_agent.models.base import Answer, Request
from persona_agent.models.ledger import LEDGER, Ledger
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Draft, PersonaSet
from persona_agent.seal import find_seal, open_seal
from persona_agent.store import Store
from persona_agent.words.wording import printed

pytest.importorskip("starlette", reason="needs the extra serve")
from persona_agent.commands.reviewing import review_app, review_desk

PORT, TOKEN = 8765, "a token"
HERE = f"http://127.0.0.1:{PORT}"
COOKIE = {"cookie": f"persona_agent_review_{PORT}={TOKEN}"}
MINE = {**COOKIE, "origin": HERE, "content-type": "application/json"}
HOSTILE = '<img src=x onerror="alert(1)"></textarea><script>alert(2)</script>'


@pytest.fixture(scope="module")
def out(small_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small run in a folder of its own, sealed there."""
    folder = shutil.copytree(small_run.out, tmp_path_factory.mktemp("reviewed") / "out")
    store = Store.open(folder)
    write_sealed(store, store.read_json("run.json"), file_digests(store, SEALED), open_seal(None, folder))
    return folder


@pytest.fixture(scope="module")
def app(out: Path) -> Any:
    return review_app.guarded(review_desk.ReviewDesk(out, Options(), Silent()), PORT, TOKEN)


def asked(app: Any, *calls: tuple[str, str, dict[str, str], Any]) -> list[httpx.Response]:
    """What the application answers to requests, in order: method, path, headers, JSON or bytes."""

    async def all_of() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            return [await call(client, *what) for what in calls]

    call: Callable[..., Awaitable[httpx.Response]] = _call
    return asyncio.run(all_of())


async def _call(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], body: Any
) -> httpx.Response:
    content = {"content": body} if isinstance(body, bytes | None) else {"json": body}
    return await client.request(method, path, headers=headers, **content)  # type: ignore[arg-type]


def post(app: Any, path: str, **body: Any) -> dict[str, Any]:
    (answer,) = asked(app, ("POST", path, MINE, body))
    found: dict[str, Any] = answer.json()
    return found


def read(out: Path) -> PersonaSet:
    return PersonaSet.model_validate_json((out / "personas.json").read_text(encoding="utf-8"))


def seen(app: Any, at: str) -> str:
    """The version of a place that the page shows now."""
    (page,) = asked(app, ("GET", "/", COOKIE, None))
    found = re.search(rf'id="{re.escape(at)}" data-at="[^"]*" data-seen="(\w+)"', page.text)
    assert found is not None, at
    return found[1]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 401),
        ("GET", "/?token=another", {}, 401),
        ("GET", "/", {"cookie": f"persona_agent_review_{PORT}=another"}, 401),
        ("GET", "/report", {}, 401),
        ("GET", "/", {**COOKIE, "host": "evil.example"}, 421),
        ("GET", "/", {**COOKIE, "host": f"127.0.0.1.evil.example:{PORT}"}, 421),
        ("GET", "/", {**COOKIE, "host": "127.0.0.1:1"}, 421),
        ("GET", "/", {**COOKIE, "origin": "http://evil.example"}, 403),
        ("POST", "/edit", {k: v for k, v in MINE.items() if k != "origin"}, 403),
        ("POST", "/edit", {**MINE, "origin": "null"}, 403),
        ("POST", "/edit", {**MINE, "origin": "http://127.0.0.1:1"}, 403),
        ("POST", "/edit", {**MINE, "origin": f"http://localhost:{PORT}"}, 403),
        ("GET", "/", {**COOKIE, "host": f"localhost:{PORT}"}, 200),
        ("POST", "/edit", {**MINE, "content-type": "text/plain"}, 415),
        ("POST", "/edit", {k: v for k, v in MINE.items() if k != "cookie"}, 401),
        ("GET", "/edit", COOKIE, 405),
        ("GET", "/", COOKIE, 200),
    ],
)
def test_nothing_is_answered_but_to_this_persons_browser(
    app: Any, out: Path, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """No or a wrong token, another Host (DNS rebinding), another Origin or none, no JSON: refused, and nothing is written."""
    body = b'{"at": "p1.name", "text": "Taken over", "own_words": true}' if method == "POST" else None
    (answer,) = asked(app, (method, path, headers, body))
    assert answer.status_code == status
    assert "Taken over" not in (out / "personas.json").read_text(encoding="utf-8")


def test_the_token_becomes_a_cookie_and_leaves_the_address(app: Any) -> None:
    """The first address answers with a cookie that no script reads and no other site sends, and leads to one without a token."""
    (answer,) = asked(app, ("GET", f"/?token={TOKEN}", {}, None))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "domain" not in cookie.lower()


def test_the_page_loads_nothing_and_is_framed_by_nobody(app: Any) -> None:
    """The policy allows no host but its own, and no address of another host stands in the page."""
    for answer in asked(app, ("GET", "/", COOKIE, None), ("GET", "/report", COOKIE, None)):
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe" not in policy
        assert re.findall(r'(?:src|href)="(?!#|/)[^"]*"', answer.text) == []


def test_a_change_is_an_edit(app: Any, out: Path) -> None:
    """Tried, it is written nowhere; refused, with what would have to change; mended, it is what `edit` keeps, under the seal."""
    first = read(out).personas[0]
    claim = next(c for c in first.claims if c.id in first.one_liner.claim_ids and c.truthfulness.bound is None)
    value = printed(claim.measure, claim.truthfulness.value)
    at, said = f"{first.id}.sentence", f"Of their visits {first.one_liner.text[:1].lower()}{first.one_liner.text[1:]}"
    wrong = said.replace(value, "97 %")
    for path in ("/try", "/edit"):
        assert f"{value}, not 97 %" in " ".join(post(app, path, at=at, text=wrong)["refused"])
    assert post(app, "/try", at=at, text=said)["refused"] == []
    assert not (out / EDITS).exists()

    done = post(app, "/edit", at=at, seen=seen(app, at), text=said)
    assert (done["refused"], done["reads"]) == ([], f"{said} ({done['mark']})")
    assert done["mark"] in done["main"]
    (told,) = commands.edit(out, None, Options(), Silent()).edits
    assert (told.at, told.outcome) == (at, "kept")
    assert verify(Store.open(out), find_seal(None)).standing == "verified"
    assert post(app, "/edit", at=at, undo=told.id)["refused"] == []
    assert read(out).personas[0].one_liner.text == first.one_liner.text


def test_two_windows_lose_nothing(app: Any, out: Path) -> None:
    """What was changed since a window looked at it is not written over; another place of the same card is no conflict."""
    name, claim = "p2.name", read(out).personas[1].claims[0].id
    old, of_claim = seen(app, name), seen(app, claim)
    assert post(app, "/edit", at=name, seen=old, note="mine")["refused"] == []
    late = post(app, "/edit", at=name, seen=old, note="theirs")
    assert "changed since" in late["refused"][0]
    assert "Note: mine" in late["main"]
    assert post(app, "/edit", at=claim, seen=of_claim, verdict="accepted")["refused"] == []
    assert {e.note for e in read(out).edits or []} == {"mine", ""}


def test_hostile_text_stays_text(app: Any, out: Path) -> None:
    """Markup in a note or in words is on the page as text, or refused; what is no change of the kind that is known is refused."""
    post(app, "/edit", at="p1.name", note=HOSTILE)
    assert post(app, "/try", at="p1.name", text=HOSTILE, own_words=True)["refused"]
    (page,) = asked(app, ("GET", "/", COOKIE, None))
    assert page.text.count("<script") == 1
    assert "<img" not in page.text
    large = b'{"at": "p1.name", "text": "' + b"x" * review_app.MOST_BYTES + b'"}'
    answers = asked(
        app,
        ("POST", "/edit", MINE, {"at": "p1.name", "shell": "rm"}),
        ("POST", "/edit", MINE, b"["),
        ("POST", "/edit", MINE, large),
        ("POST", "/edit", MINE, {"at": "../run.json", "note": "x"}),
    )
    assert [a.status_code for a in answers] == [422, 422, 413, 200]
    assert "No persona is called" in answers[3].json()["refused"][0]


def test_the_edits_of_somebody_else_are_joined(app: Any, out: Path, tmp_path: Path) -> None:
    """Their entries stand or are conflicts with the reason, none is lost; where both changed one text, it is named and nothing is
    written.
    """
    theirs = shutil.copytree(out, tmp_path / "theirs")
    card = read(out).personas[0]
    commands.edit(theirs, commands_change(card.claims[-1].id, verdict="rejected"), Options(), Silent())
    text = (theirs / EDITS).read_text(encoding="utf-8")
    wrong = text.replace(
        "edits:\n", "edits:\n  p1.s9-000000:\n    at: p1.sentence\n    text: They come in 97 % of cases.\n", 1
    )
    done = post(app, "/join", name="theirs.yaml", text=wrong)
    assert done["refused"] == []
    outcomes = {e.id: e.outcome for e in read(out).edits or []}
    assert outcomes["p1.s9-000000"] == "conflict"
    assert card.claims[-1].id not in {c.id for c in read(out).personas[0].claims}
    before = (out / EDITS).read_bytes()
    assert post(app, "/join", name="theirs.yaml", text=wrong)["refused"] == []
    assert (out / EDITS).read_bytes() == before
    again = post(app, "/join", name="theirs.yaml", text=wrong.replace("97 %", "96 %"))
    assert "p1.s9-000000" in again["refused"][0]
    assert "theirs.yaml, line 1" in post(app, "/join", name="theirs.yaml", text="version: 1\nnothing: 2")["refused"][0]
    assert (out / EDITS).read_bytes() == before


def commands_change(at: str, **asked: Any) -> Any:
    from persona_agent.commands.changing import Change

    return Change(at, **asked)


def test_models_cost_what_is_allowed_for_the_whole_review(out: Path) -> None:
    """What answers cost since it began is taken off --max-cost, and never more."""
    allowance = Allowance(Store.open(out), Options(model="openai/brain", price="1,1", max_cost=0.5))
    ledger = Ledger(out / LEDGER)
    request = Request("judge", "p1", (("user", "x"),), Draft)
    for n, left in ((1, 0.2), (2, 0.0)):
        ledger.keep(f"key {n}", "openai/brain", request, Answer("{}", "host", 1, 1, 0.3))
        assert allowance.left().max_cost == pytest.approx(left)
    ledger.close()


def test_words_leave_when_they_are_saved_and_not_while_they_are_typed(small_run: RunResult, tmp_path: Path) -> None:
    """Pages and words that are tried ask no model that was named; saved words do, and without a model nothing is asked at all."""
    folder = shutil.copytree(small_run.out, tmp_path / "out")
    words = "They come because it is cheap."
    with Replies(lambda body: chat(brain.answer(body))) as server:
        named = Options(model="openai/brain", critic_model="openai/brain", base_url=server.url, timeout=20)
        for options, asks in ((Options(), False), (named, True)):
            app = review_app.guarded(review_desk.ReviewDesk(folder, options, Silent()), PORT, TOKEN)
            for length in range(4, len(words), 3):
                post(app, "/try", at="p1.sentence", text=words[:length], own_words=True)
                post(app, "/try", at="p1", text=words[:length])
            asked(app, ("GET", "/", COOKIE, None), ("GET", "/report", COOKIE, None))
            assert server.bodies == []
            post(app, "/edit", at="p1.sentence", seen=seen(app, "p1.sentence"), text=words, own_words=True)
            assert bool(server.bodies) == asks


def test_nothing_listens_for_another_machine() -> None:
    """On every address of this machine but 127.0.0.1 a connection is refused."""
    with loopback.listening(None, "--port") as here:
        assert here.getsockname()[0] == "127.0.0.1"
        port = here.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)}
        for other in {"127.0.0.2", *own} - {"127.0.0.1"}:
            with pytest.raises(OSError):
                socket.create_connection((str(other), port), timeout=5)


def test_a_port_that_cannot_be_used_is_said(out: Path) -> None:
    """A port that needs rights is refused before anything is opened."""
    with pytest.raises(UsageError, match="--port 80 is no port"):
        commands.review(out, Options(), 80, Silent())
