"""The report: the same story on a page, in Markdown and in a terminal, with log text that stays text."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from persona_agent.report import (
    charts,
    cited,
    first_screen,
    personas_markdown,
    plain,
    report_html,
    show_claim,
    show_persona,
    wrapped,
)
from persona_agent.report import html as report_page
from persona_agent.report.claim_facts import facts_of_claim
from persona_agent.report.flags import flags
from persona_agent.report.front import first_page_of
from persona_agent.report.html import bar, hash_of
from persona_agent.report.markup import escaped
from persona_agent.report.phrasing import window_words
from persona_agent.schema import IsItJust, Measure, PersonaSet, Question, Replication, Replications, Says
from persona_agent.words.counted import COMPARED, OF_ACTIVITY
from tests.factories import everyone, hostile, lines_of, persona_set

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)> <a href="javascript:alert(1)">x</a>',
    "]]></style><style>*{display:none}</style>{{ 7*7 }}{% raw %}",
    "![x](https://evil.example/x.png) [y](javascript:z) <https://evil.example> https://evil.example www.evil.example",
    "# heading | cell | `code` *em* ~~gone~~ @team #12 a@b.example",
    "```\n1. one\n- two\n> three\n| a | b |\n|---|---|\n---\n===",
    "\x1b[31mred\x1b]0;title\x07\x9b2J\u202eright\u200bto left\r[bold]x[/bold]",
    "wide 文字" * 30,
    "",
]

MARKDOWN_TAGS = set(re.findall(r"\w+", "h1 h2 h3 p ul li strong em code hr table thead tbody tr th td"))


class Page(HTMLParser):
    """Tags with attributes, and the text outside of the style sheet."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        self.text += "" if self._inside in ("style", "script") else data

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]


def page(personas: PersonaSet, text: str | None = None) -> Page:
    return Page(report_html(personas, lines_of(personas, text)))


def terminal(personas: PersonaSet, text: str | None = None) -> str:
    lines = lines_of(personas, text)
    people = [*personas.personas, *([personas.everyone] if personas.everyone else [])]
    claims = [c for p in people for c in [*p.claims, *p.hypotheses, *p.withdrawn]]
    shown = [first_screen(personas), *map(show_persona, people), *(show_claim(c, lines) for c in claims)]
    return "\n".join(shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_log_text_is_no_markup_on_the_page(text: str) -> None:
    """With hostile text in every field the page has no other tags, handlers, sources or links than without, and the text is
    there.
    """
    allowed = {tag for tag, _ in page(persona_set()).tags} | {"br"}
    found = page(hostile(persona_set(), text), text)
    assert {tag for tag, _ in found.tags} <= allowed
    assert not [name for _, attrs in found.tags for name in attrs if name.startswith("on") or name in {"src", "style"}]
    assert all(re.fullmatch(r"#(main|p\d+(\.[ch]\d+)?)", href) for href in found.values("href"))
    if text.strip() and "\n" not in text and "\r" not in text:
        assert text.replace(" %", "\u00a0%") in found.text


@pytest.mark.parametrize("text", HOSTILE)
def test_log_text_is_no_markup_in_markdown(text: str) -> None:
    """With hostile text in every field the Markdown renders to the plain tags alone, without a link or a mention."""
    personas = hostile(persona_set(), text)
    markdown = personas_markdown(personas, lines_of(personas, text))
    rendered = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown)
    tags = {tag for tag, _ in Page(rendered).tags}
    assert tags <= MARKDOWN_TAGS
    assert "://" not in re.sub("`[^`]*`", "", markdown)
    assert not re.search(r"[@#]\w", re.sub("`[^`]*`", "", markdown))


@pytest.mark.parametrize("text", HOSTILE)
def test_log_text_cannot_steer_a_terminal(text: str) -> None:
    """With hostile text in every field no control or format character is printed."""
    shown = terminal(hostile(persona_set(), text), text)
    bad = {ch for ch in shown if ch != "\n" and unicodedata.category(ch) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert bad == set()


@pytest.mark.parametrize("text", ["word " * 60, "x" * 300, "文字" * 100, "é" * 90, HOSTILE[6]])
def test_a_terminal_line_has_80_columns(text: str) -> None:
    """Long and wide texts are wrapped at 80 columns."""
    shown = terminal(hostile(persona_set(), text), text)
    wide = [sum(1 + (unicodedata.east_asian_width(ch) in "WF") for ch in line) for line in shown.splitlines()]
    assert max(wide) <= 80


def test_markdown_reads_as_written() -> None:
    """Text with Markdown's own signs renders to itself."""
    for text in ["a*b_c `d` <e> & f|g [h](i) ~j~ $k$", "1. first", "- dash", "# no heading", "+1", "=="]:
        rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(escaped(text))
        assert Page(rendered).text.strip().replace("\u2060", "") == text


def test_the_page_loads_nothing() -> None:
    """The page has no address, import or call that fetches, and one script."""
    html = report_html(persona_set(), lines_of(persona_set()))
    assert not re.search(r"https?:|[\"'(]//|url\(|@import|<script [^>]|<link|fetch\(|XMLHttp|import\(|eval\(", html)
    assert html.count("<script>") == 1


def test_the_policy_allows_this_style_sheet_and_script_only() -> None:
    """The policy comes first and has the hashes of the page's own style and script, and nothing else."""
    html = report_html(persona_set(), {})
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    policy = next(attrs["content"] for tag, attrs in Page(html).tags if "http-equiv" in attrs and tag == "meta")
    assert style is not None
    assert script is not None
    assert policy == (
        f"default-src 'none'; style-src '{hash_of(style.group(1))}'; script-src '{hash_of(script.group(1))}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_every_link_leads_somewhere_and_ids_are_single() -> None:
    """Each link is to an id of the page, and no id is there twice."""
    found = page(persona_set())
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    assert {href.removeprefix("#") for href in found.values("href")} <= set(ids)


def test_every_claim_shows_both_sides() -> None:
    """Page, Markdown and terminal have each line for and against a claim, and what the case against says."""
    personas = persona_set()
    claim = personas.personas[0].claims[0]
    counter = claim.counter
    assert counter is not None
    texts = page(personas).text, personas_markdown(personas, lines_of(personas)), show_claim(claim, lines_of(personas))
    for text in texts:
        for citation in [*claim.citations, *counter.lines]:
            assert f"{citation.file}:{citation.line}" in text
        assert counter.says in text.replace("\u00a0", " ")


def test_a_figure_says_what_it_is_of() -> None:
    """A share of visits is told as a mean over users, and visits that speak against it as counted together."""
    claims = [c for p in persona_set().personas for c in p.claims if c.measure and c.measure.unit == "sessions"]
    claim = next(c for c in claims if c.measure and c.measure.statistic == "share" and c.counter and c.counter.n_contra)
    told = dict(facts_of_claim(claim))
    assert "the mean over" in told["value"]
    assert told["the case against"].endswith("counted together")


def test_what_is_still_more_holds_with_another_figure() -> None:
    """28 % against 2 % is still more than others, though it was 32 %: so nobody is told that it fails."""
    claims = [c for p in persona_set().personas for c in p.claims if c.measure and c.truthfulness.matched is not None]
    claim = next(c for c in claims if c.measure and c.measure.says.comparator == "more_than_others")
    for value, matched, said in ((0.28, 0.02, "still more, with another figure: "), (0.02, 0.28, "does not hold: ")):
        again = Replication(holds=False, value=value, matched=matched, n=330)
        late = claim.model_copy(update={"replication": Replications(held_out=None, last_quarter=again)})
        assert dict(facts_of_claim(late))["on the last quarter"].startswith(said)


def test_user_hashes_are_short() -> None:
    """Eight characters of a user's hash are on the page, the whole is not."""
    personas = persona_set()
    lines = lines_of(personas)
    html = report_html(personas, lines)
    assert all(line.user not in html and line.user[:8] in html for line in list(lines.values())[:5])


def test_the_first_words_say_what_state_the_log_is_in() -> None:
    """The first sentence says how many personas and what tells them apart, or that there are none, or what all users do, and then
    the last that there are no groups; page, Markdown and terminal begin with it.
    """
    said = {
        "2,480 users, 3 Mar to 25 May 2025: 3 personas, which differ most in repeating quizzes": persona_set(),
        "2,480 users, 3 Mar to 25 May 2025: most of them open": everyone(),
        "This log falls into 4 groups, but no persona can be shown": persona_set(personas=[]),
    }
    for first, personas in said.items():
        assert first_page_of(personas, []).sentences[0].startswith(first)
        assert f"<h1>{first[:40]}" in report_html(personas, {})
        assert first[:40] in personas_markdown(personas, {}).split("\n\n")[1]
        assert first_screen(personas).startswith(first[:40])
    assert first_page_of(everyone(), []).sentences[-1].startswith("This log does not fall into groups: 2,480 users")


def test_a_log_without_groups_shows_everyone() -> None:
    """Page, Markdown and terminal tell of all users."""
    personas = everyone()
    assert "All users of this log" in page(personas).text
    assert "All users of this log" in personas_markdown(personas, {})
    assert "most of them open a lesson again within a" in first_screen(personas)
    assert "withheld" not in page(personas).text


def test_withheld_personas_are_listed_with_reasons() -> None:
    """Page and Markdown have the reasons of withheld personas and claims."""
    personas = persona_set()
    for text in (page(personas).text, personas_markdown(personas, {})):
        assert "2 distinguishing claims, 3 are needed" in text
        assert "artefact: against others seen first" in text


def test_red_flags() -> None:
    """Each state of a run has its flags and no others; reasons are said to be listed where some are."""
    names = [flag.title for flag in flags(persona_set())]
    assert names == ["Mostly course", "Soft borders"]
    fallen = persona_set().personas[0]
    few = fallen.model_copy(
        update={"claims": fallen.claims[:1], "size": fallen.size.model_copy(update={"users": 21}), "status": "pattern"}
    )
    names = [flag.title for flag in flags(persona_set(personas=[few], is_it_just=[]))]
    assert names == ["Small", "Many withdrawn"]
    assert [flag.title for flag in flags(everyone())] == ["No groups"]
    nothing = next(flag for flag in flags(persona_set(personas=[])) if flag.title == "Nothing to show")
    assert "reasons are listed" not in nothing.text
    held = fallen.model_copy(update={"status": "withheld"})
    nothing = next(flag for flag in flags(persona_set(personas=[held])) if flag.title == "Nothing to show")
    assert "reasons are listed" in nothing.text


def test_the_bar_adds_up() -> None:
    """The bar's pieces are 100 % with the unassigned users last; occasions have none."""
    pieces = bar(persona_set())
    assert sum(piece.width for piece in pieces) == pytest.approx(100, abs=0.05)
    assert pieces[-1].colour == 0
    assert bar(persona_set(by="intents", noun="occasion")) == []


def test_a_line_that_is_missing_is_named() -> None:
    """Each cited line that is not there is named as missing, for and against."""
    personas = persona_set()
    claim = personas.personas[0].claims[0]
    assert show_claim(claim, {}).count("not in events.parquet") == 12 + 5
    assert cited(personas) >= {(c.file, c.line, c.n) for c in claim.citations}


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2025-05-01", "2025-05-31", "1 to 31 May 2025"),
        ("2025-03-03", "2025-05-25", "3 Mar to 25 May 2025"),
        ("2010-12-01", "2011-12-09", "1 Dec 2010 to 9 Dec 2011"),
        ("2025-05-01", "2025-05-01", "1 May 2025"),
        (None, "2025-05-01", "until 1 May 2025"),
        (None, None, "all of its time"),
    ],
)
def test_windows_in_words(start: str | None, end: str | None, said: str) -> None:
    """A window reads as its days, months and years, and as what is known where an end is not."""
    window = persona_set(window={"start": start, "end": end}).window
    assert window_words(window) == said


def test_the_same_values_give_the_same_bytes() -> None:
    """A persona set that went through JSON, and lines in another order, give the same page and Markdown."""
    personas, lines = persona_set(), lines_of(persona_set())
    again = PersonaSet.model_validate_json(personas.model_dump_json())
    assert report_html(personas, lines) == report_html(again, dict(reversed(lines.items())))
    assert personas_markdown(personas, lines) == personas_markdown(again, lines)


def test_a_figure_and_its_sign_stay_together() -> None:
    """A line is not broken between a figure and its sign, and control characters are blanked."""
    assert list(wrapped("aaaa 36 % b", 7)) == ["aaaa", "36 % b"]
    assert plain("a\tb\x1bc") == "a b\ufffdc"


def test_a_page_stays_small_and_says_what_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit fewer lines are on the page, and it says how many of how many."""
    personas, lines = persona_set(), lines_of(persona_set())
    whole = report_html(personas, lines)
    monkeypatch.setattr(report_page, "LIMIT", len(whole.encode()) - 1)
    less = report_html(personas, lines)
    assert len(less) < len(whole)
    assert re.search(r"Lines for it: \d+ of \d+", less)
    assert "lines a claim are on this page" in less
    assert "lines a claim are on this page" not in whole


def test_marks_stay_in_their_box_and_say_what_they_are() -> None:
    """Marks lie within the chart, name their users, and the largest is the largest persona's."""
    points = [{"persona_id": p, "xy": [x, 0.3]} for p, x in (("p1", 0.2), ("p2", -4.0), ("p3", 0.9))]
    personas = persona_set(groups_xy=points)
    colours = {p.id: 1 for p in personas.personas}
    marks = [*charts.groups_map(personas, colours), *charts.intents_map(personas)]
    assert marks
    for mark in marks:
        assert 0 <= mark.x <= charts.WIDE
        assert 0 <= mark.y <= charts.HIGH
        assert "user" in mark.text
    largest = max(charts.groups_map(personas, colours), key=lambda m: m.r)
    assert largest.name == max(personas.personas, key=lambda p: p.size.users * (p.status != "withheld")).id


def test_what_is_asked_is_answered_on_the_first_screen() -> None:
    """Page, Markdown and terminal have the question with its answer."""
    claim = persona_set().personas[0].claims[0]
    asked = Question(text="Who prints?", answer="1 claim speaks to it.", claims=[claim.id], unknown=[])
    personas = persona_set(question=asked)
    for text in (page(personas).text, personas_markdown(personas, {}), first_screen(personas)):
        assert "Who prints?" in text
        assert "1 claim speaks to it." in " ".join(text.split())


def test_a_command_to_paste_does_not_run_what_a_log_says() -> None:
    """A field is named by strangers: what a shell would do with its name stands in quotation marks."""
    just = IsItJust(field="$(touch x); plan", ami=0.9)
    told = flags(persona_set().model_copy(update={"is_it_just": [just]}))
    assert any("--within '$(touch x); plan'" in flag.text for flag in told)


def test_who_the_others_are_is_told_as_they_were_matched() -> None:
    """What asks how often somebody comes is held against others of the same time, on however many days; anything else is not."""
    claim = next(
        c for p in persona_set().personas for c in p.claims if c.measure and c.truthfulness.matched is not None
    )
    often = Measure(
        unit="sessions", statistic="median", of="gap", says=Says(comparator="more_than_others"), versus="matched"
    )
    for measure, alone in ((claim.measure, False), (often, True)):
        told = " ".join(text for _, text in facts_of_claim(claim.model_copy(update={"measure": measure})))
        assert (OF_ACTIVITY in told) == alone
        assert (COMPARED["matched"] in told) != alone
