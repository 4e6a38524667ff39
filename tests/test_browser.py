"""The report in a real browser: headless Chromium of the system, from disk, as a reader would open it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from persona_agent.commands.running import RunResult
from persona_agent.report import report_html
from persona_agent.report.front import first_page_of
from tests.factories import everyone, hostile, lines_of, persona_set, with_suggestion
from tests.report.test_report import HOSTILE

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: make .venv installs it")
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: install the system's package `chromium`"),
    # The driver leaves its loop to the interpreter's end.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


class Opened:
    """A page with what it said and asked for."""

    def __init__(self, browser: playwright.Browser, path: Path, **context: object) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **context})
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda m: self.said.append(m.text))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(path.as_uri())

    def at_top(self, selector: str) -> bool:
        """Is it inside of the window?"""
        box = self.page.locator(selector).first.bounding_box()
        view = self.page.viewport_size
        return box is not None and view is not None and 0 <= box["y"] < view["height"]


@pytest.fixture
def opened(browser: playwright.Browser, world_run: RunResult) -> Iterator[Opened]:
    found = Opened(browser, world_run.out / "report.html")
    yield found
    found.context.close()


def test_it_opens_from_disk_and_asks_for_nothing(opened: Opened) -> None:
    """The page's script runs, the console stays empty, and no address but the file itself is asked for."""
    opened.page.wait_for_timeout(300)
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("file:")] == []
    assert len(opened.asked) == 1
    assert opened.page.locator("html.js").count() == 1


def test_the_first_screen_needs_no_scrolling(opened: Opened) -> None:
    """Title, bar and the last of the personas end within the first 900 pixels."""
    for part in ("h1", ".bar", ".decide tbody tr:last-child"):
        box = opened.page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900, part
    assert opened.page.locator(".decide tbody tr").count() >= 2


def test_the_first_page_is_one_side_of_a4(browser: playwright.Browser, world_run: RunResult, tmp_path: Path) -> None:
    """Printed, all that decides stands on one side: in a PDF of the head alone there is one page, of a run and of a set with many
    flags and things put right, with six personas, what to try first, where the value is and two rows of who is not placed.
    """
    full = tmp_path / "report.html"
    mended = [f"{n} lines were put right in a way that takes a whole sentence to say." for n in range(4)]
    tenth = {"of": "value", "users": 250, "share": 0.38, "visits": [29, 8], "worth": [90, 30], "lines": [12, 4]}
    share = {"users": 900, "personas": [0.3, 0.25, 0.35], "tiers": [0, 0, 0.01]}
    later = {"measure": None, "users": 900, "personas": [0.02, 0, 0.04], "tiers": [0.3, 0.25, 0.35]}
    fact = {**share, "label": "Two thirds or more of a lesson, of visits with a lesson", "measure": None}
    accounted = {"of": "value", "tiers": 3, "later": later, "facts": [fact]}
    known = {"top_tenth": tenth, "unplaced": {"rare": 400, "visits": 5}, "accounted": accounted}
    made = with_suggestion(persona_set(**known))
    front = first_page_of(made, mended)
    assert front.first
    assert front.sources
    assert front.tells
    assert len(front.not_placed) == 2
    seen = [p for p in made.personas if p.status != "withheld"]
    six = [seen[i % len(seen)].model_copy(update={"id": f"p{i + 1}"}) for i in range(6)]
    full.write_text(report_html(made.model_copy(update={"first_page": front, "personas": six}), {}), encoding="utf-8")
    for path in (world_run.out / "report.html", full):
        found = Opened(browser, path)
        found.page.evaluate("document.querySelectorAll('main > :not(.first)').forEach((part) => part.remove())")
        pdf = found.page.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "15mm"))
        assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 1
        found.context.close()


def test_a_line_of_the_log_is_two_clicks_away(opened: Opened) -> None:
    """A reference of the first screen opens its claim at the top of the window, with lines for it in sight."""
    link = opened.page.locator(".decide .ref").first
    claim = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    row = f'[id="{claim}"] table.lines tbody tr'
    opened.page.locator(row).first.wait_for(state="visible")
    assert opened.at_top(f'[id="{claim}"] summary')
    assert opened.page.locator(f'[id="{claim}"] h5').all_inner_texts()[0].startswith("Lines for it")


def test_a_line_of_the_log_is_reached_by_keyboard(opened: Opened) -> None:
    """Enter on a reference focuses the opened claim and its lines are visible; Enter again closes it."""
    opened.page.locator(".decide .ref").first.focus()
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_timeout(100)
    focus = opened.page.evaluate("document.activeElement.tagName")
    assert focus == "SUMMARY"
    assert opened.page.locator("details.claim[open] table.lines tbody tr").first.is_visible()
    opened.page.keyboard.press("Enter")
    assert opened.page.locator("details.claim[open]").count() == 0


def test_a_deep_link_opens_its_claim(browser: playwright.Browser, world_run: RunResult) -> None:
    """The page's address with a claim's id opens that claim at the top of the window."""
    persona = next(p for p in world_run.personas.personas if p.status != "withheld")
    claim = persona.claims[-1].id
    found = Opened(browser, world_run.out / "report.html")
    found.page.goto(f"{(world_run.out / 'report.html').as_uri()}#{claim}")
    assert found.page.locator(f'[id="{claim}"]').get_attribute("open") is not None
    assert found.at_top(f'[id="{claim}"] summary')
    found.context.close()


def test_the_filter_finds_claims_and_says_how_many(opened: Opened, world_run: RunResult) -> None:
    """Words narrow the claims to those that hold them, with the count said; Escape shows all again; a kind shows that kind."""
    shown = opened.page.locator("details.claim:not([hidden])")
    every = shown.count()
    texts = [c.text for p in world_run.personas.personas if p.status != "withheld" for c in p.claims]
    name = next(m.group(1) for t in texts if (m := re.search("“([^”]+)”", t)))
    opened.page.fill("#find", f"{name} at least")
    some = shown.count()
    assert 0 < some < every
    assert opened.page.locator("#found").inner_text() == f"{some} of {every} claims"
    words = f"{name} at least".lower().split()
    assert all(word in (t or "").lower() for t in shown.all_text_contents() for word in words)
    opened.page.fill("#find", "no claim has these words")
    assert shown.count() == 0
    opened.page.press("#find", "Escape")
    assert shown.count() == every
    opened.page.select_option("#kind", "rhythm")
    assert {d.get_attribute("data-kind") for d in shown.all()} == {"rhythm"}


def test_a_link_into_what_the_filter_hides_shows_it(opened: Opened) -> None:
    """A reference to a claim that the filter hides makes it visible."""
    opened.page.fill("#find", "no claim has these words")
    link = opened.page.locator(".decide .ref").first
    link.click()
    claim = (link.get_attribute("href") or "").removeprefix("#")
    assert opened.page.locator(f'[id="{claim}"] summary').first.is_visible()


def test_a_card_is_copied_as_markdown(browser: playwright.Browser, world_run: RunResult) -> None:
    """The button puts the first card into the clipboard as Markdown without tags, and says so."""
    found = Opened(browser, world_run.out / "report.html", permissions=["clipboard-read", "clipboard-write"])
    button = found.page.locator("article button[data-copy]").first
    button.click()
    playwright.expect(button).to_have_text("Copied")
    text = found.page.evaluate("navigator.clipboard.readText()")
    first = next(p for p in world_run.personas.personas if p.status != "withheld")
    assert text.startswith("## ")
    assert first.id in text.splitlines()[0]
    assert "<" not in text.replace("&lt;", "")
    found.context.close()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "light"), (1440, "light"), (1440, "dark"), (390, "dark"),
    ],
)  # fmt: skip
def test_axe_finds_no_serious_fault(browser: playwright.Browser, world_run: RunResult, scheme: str, width: int) -> None:
    """axe reports no serious or critical fault, on a wide and a narrow screen, light and dark."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    found = Opened(
        browser, world_run.out / "report.html", color_scheme=scheme, viewport={"width": width, "height": 900},
        bypass_csp=True,
    )  # fmt: skip
    found.page.evaluate("document.querySelectorAll('details').forEach((d, i) => { d.open = i < 6; })")
    result = axe.Axe().run(found.page)
    faults = [
        f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in result.response["violations"] if v["impact"] in SERIOUS
    ]
    assert faults == []
    found.context.close()


@pytest.mark.parametrize("width", [1440, 768, 390, 320])
def test_nothing_is_wider_than_the_screen(browser: playwright.Browser, width: int, tmp_path: Path) -> None:
    """With 300 letters in every field the page is no wider than the window."""
    page = tmp_path / "report.html"
    wide = persona_set()
    page.write_text(report_html(hostile(wide, "x" * 300), lines_of(wide, "y" * 300)), encoding="utf-8")
    found = Opened(browser, page, viewport={"width": width, "height": 800})
    found.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width
    found.context.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(browser: playwright.Browser, text: str, tmp_path: Path) -> None:
    """With hostile text in every field no script but the page's own runs, nothing is loaded, no element comes in, and the
    title is visible.
    """
    page = tmp_path / "report.html"
    clean = persona_set()
    page.write_text(report_html(hostile(clean, text), lines_of(clean, text)), encoding="utf-8")
    found = Opened(browser, page)
    found.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found.page.fill("#find", text[:20])
    found.page.press("#find", "Escape")
    found.page.wait_for_timeout(100)
    assert found.said == []
    assert len(found.asked) == 1
    assert found.page.locator("script").count() == 1
    assert found.page.locator("img, iframe, object, embed, link, base, [onerror], [onload]").count() == 0
    assert found.page.locator("h1").is_visible()
    found.context.close()


def test_it_prints_cards_without_controls(browser: playwright.Browser, world_run: RunResult) -> None:
    """In print there are no tools and buttons, and the PDF has a page or more for each card."""
    found = Opened(browser, world_run.out / "report.html")
    found.page.emulate_media(media="print")
    assert found.page.locator(".tools").is_hidden()
    assert found.page.locator("button[data-copy]").first.is_hidden()
    assert found.page.locator("article h2").first.is_visible()
    pdf = found.page.pdf(format="A4")
    shown = sum(p.status != "withheld" for p in world_run.personas.personas)
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page") >= shown
    found.context.close()


def test_a_page_about_everyone_opens_too(browser: playwright.Browser, tmp_path: Path) -> None:
    """The page of a log without groups has one card and an empty console."""
    page = tmp_path / "report.html"
    page.write_text(report_html(everyone(), lines_of(everyone())), encoding="utf-8")
    found = Opened(browser, page)
    assert found.said == []
    assert found.page.locator("article").count() == 1
    found.context.close()


def test_it_reads_without_its_script(browser: playwright.Browser, world_run: RunResult) -> None:
    """Without JavaScript there are no tools; a mark of a bar leads to its claim, which opens to its lines."""
    found = Opened(browser, world_run.out / "report.html", java_script_enabled=False)
    assert found.page.locator(".tools").is_hidden()
    found.page.locator(".bars .ref").first.click()
    claim = (found.page.locator(".bars .ref").first.get_attribute("href") or "").removeprefix("#")
    found.page.locator(f'[id="{claim}"] > summary').click()
    assert found.page.locator("details.claim[open] table.lines").first.is_visible()
    found.context.close()
