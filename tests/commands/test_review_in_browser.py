"""The page of `review` in a real browser, on a port of this machine: what a person does there, and what a stranger cannot."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from persona_agent import commands
from persona_agent.commands import loopback
from persona_agent.commands.running import RunResult
from persona_agent.manifest import EDITS
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import PersonaSet
from persona_agent.schema.told_edits import FIGURES_ONLY
from persona_agent.words.wording import printed
from tests.test_browser import CHROMIUM, SERIOUS, browser

uvicorn = pytest.importorskip("uvicorn", reason="needs the extra serve")
playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: make .venv installs it")
from persona_agent.commands.reviewing import review_app, review_desk  # noqa: E402

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: install the system's package `chromium`"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
__all__ = ["browser"]  # a fixture


class Page:
    """A window on the review, with what it said and asked for."""

    def __init__(self, browser: Any, url: str, width: int = 1280) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=False)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.watch(self.page)
        self.page.goto(url)

    def watch(self, page: Any) -> None:
        page.on("console", lambda m: self.said.append(m.text))
        page.on("pageerror", lambda e: self.said.append(str(e)))
        page.on("request", lambda r: self.asked.append(r.url))

    def spot(self, at: str) -> Any:
        return self.page.locator(f'section[data-at="{at}"]')

    def type_at(self, at: str, text: str) -> None:
        self.spot(at).locator("[data-do=edit]").click()
        self.spot(at).locator("form[data-for=text] textarea").fill(text)


@pytest.fixture
def reviewed(small_run: RunResult, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a review of the small run, and the run's folder."""
    out = shutil.copytree(small_run.out, tmp_path / "out")
    desk = review_desk.ReviewDesk(out, Options(), Silent())
    with loopback.listening(None, "--port") as here:
        port, token = here.getsockname()[1], loopback.new_token()
        serving = uvicorn.Server(uvicorn.Config(review_app.guarded(desk, port, token), log_level="error"))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [here]})
        thread.start()
        while not serving.started:
            time.sleep(0.02)
        yield f"http://{loopback.HOST}:{port}/?token={token}", out
        serving.should_exit = True
        thread.join()


def read(out: Path) -> PersonaSet:
    return PersonaSet.model_validate_json((out / "personas.json").read_text(encoding="utf-8"))


def test_a_person_reviews_a_run(browser: Any, reviewed: tuple[str, Path]) -> None:
    """Code's verdict shows while one types, what is refused says why and keeps the words, mended it stands with its mark, a draft
    survives a reload, the keyboard does for all of it, a second window writes over nothing, axe finds no serious fault on a
    wide and a narrow screen, and nobody is asked for anything but the review itself.
    """
    url, out = reviewed
    first = read(out).personas[0]
    claim = next(c for c in first.claims if c.id in first.one_liner.claim_ids and c.truthfulness.bound is None)
    value = printed(claim.measure, claim.truthfulness.value)
    said = f"Of their visits {first.one_liner.text[:1].lower()}{first.one_liner.text[1:]}"
    at, expect = f"{first.id}.sentence", playwright.expect
    one, two = Page(browser, url), Page(browser, url, width=390)
    assert "token" not in one.page.url

    one.type_at(at, said.replace(value, "97 %"))
    verdict = one.spot(at).locator(".verdict")
    expect(verdict).to_contain_text(f"Does not hold: {value}, not 97 %")
    assert not (out / EDITS).exists()
    one.page.keyboard.press("Control+Enter")
    expect(verdict).to_contain_text("Publish it all the same")
    one.page.reload()
    box = one.spot(at).locator("form[data-for=text] textarea")
    expect(box).to_have_value(said.replace(value, "97 %"))
    box.fill(said)
    one.page.keyboard.press("Control+Enter")
    expect(one.spot(at).locator(".sign", has_text=FIGURES_ONLY)).to_be_visible()
    expect(one.page.locator("#said")).to_contain_text("Saved.")
    assert read(out).personas[0].one_liner.text == f"{said} ({FIGURES_ONLY})"

    two.type_at(at, "Something else.")
    two.spot(at).locator("button[type=submit]").first.click()
    expect(two.spot(at).locator(".verdict")).to_contain_text("changed since you looked at it")
    expect(two.spot(at).locator("form[data-for=text] textarea")).to_have_value("Something else.")
    two.page.keyboard.press("Escape")
    expect(two.spot(at).locator(".text")).to_have_text(said)

    last = first.claims[-1].id
    one.spot(last).locator("[data-do=reject]").focus()
    one.page.keyboard.press("Enter")
    expect(one.page.locator("#done")).to_contain_text(f"claim {last}: left out by a person")
    expect(one.spot(last)).to_have_count(0)
    for window in (one, two):
        assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert [u for u in window.asked if not u.startswith(url.partition("/?")[0])] == []
        assert window.said == []
    axe_finds_nothing(browser, url)
    for window in (one, two):
        window.context.close()


def axe_finds_nothing(browser: Any, url: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(url)
    page.locator("[data-do=edit]").first.click()
    page.evaluate("document.querySelectorAll('details').forEach((d, i) => { d.open = i < 4; })")
    found = axe.Axe().run(page).response["violations"]
    assert [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in SERIOUS] == []
    context.close()


def test_another_page_of_the_same_browser_changes_nothing(browser: Any, reviewed: tuple[str, Path]) -> None:
    """A page of another origin, in the browser that has the cookie, can post nothing, read nothing and frame nothing."""
    url, out = reviewed
    window = Page(browser, url)
    home, before = url.partition("?")[0], (out / "personas.json").read_bytes()
    stranger = window.context.new_page()
    stranger.goto("data:text/html,<p>hello")
    attack = """async (home) => {
      const body = JSON.stringify({at: "p1.name", text: "Taken over", own_words: true});
      const ask = (more) => fetch(home + "edit", {method: "POST", body, credentials: "include", ...more})
        .then(() => "sent", () => "failed");
      const found = [await ask({mode: "no-cors"}), await ask({headers: {"Content-Type": "application/json"}})];
      return [...found, await fetch(home, {credentials: "include"}).then((r) => r.text(), () => "failed")];
    }"""
    assert stranger.evaluate(attack, home)[1:] == ["failed", "failed"]
    stranger.set_content(f'<iframe src="{home}"></iframe>')
    stranger.wait_for_timeout(300)
    assert all("Review" not in frame.content() for frame in stranger.frames[1:])
    assert (out / "personas.json").read_bytes() == before
    assert commands.edit(out, None, Options(), Silent()).edits == []
    window.context.close()
