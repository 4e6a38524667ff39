"""Pages in the nouns of a codebook: nothing that people read says users, visits or lines where the log has others."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.api import Run
from persona_agent.codebook import CODEBOOK
from persona_agent.commands.running import RunResult
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report import fitted, wrapped
from persona_agent.report.handing_on import shared_html
from persona_agent.schema import PersonaSet
from persona_agent.schema.nouns import Noun, NounsOfLog
from persona_agent.words.its_nouns import said
from tests.conftest import SMALL_OPTIONS

FILE = """
nouns:
  people: {one: household, many: households}
  visit: {one: order, many: orders}
  line: {one: step of it, many: steps of it}
"""
MARKUP = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL)
# Of lines only the evidence is left: those for and against a claim, those that somebody reads.
OF_THE_LOG = re.compile(
    r"[Ll]ines (?:for|against)\b|\blines: \w|more lines|last lines|with (?:its|the) lines|read the lines|of its lines|its lines"
    r"|The lines of the order|at most \d+ lines a claim|the line in it|\bline\s+time\b|exact copies of a line",
)


@pytest.fixture(scope="module")
def called(small_run: RunResult, small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The small run again with nouns of its own: groups stay, words change."""
    folder = tmp_path_factory.mktemp("called")
    out, file = shutil.copytree(small_run.out, folder / "out"), folder / "nouns.yaml"
    file.write_text(FILE)
    return commands.run(Options(inputs=(str(small_log),), out=out, codebook=file, **SMALL_OPTIONS), Silent())


def pages(run: RunResult) -> Iterator[tuple[str, str]]:
    """All that people read, as plain text, by what it is."""
    out = run.out
    yield "terminal", run.text().replace(str(out), "")
    yield "personas.md", (out / "personas.md").read_text(encoding="utf-8")
    yield "codebook", "\n".join(re.findall("#.*events of.*", (out / CODEBOOK).read_text(encoding="utf-8")))
    html = {
        "report": (out / "report.html").read_text(encoding="utf-8"),
        "shared": shared_html(run.personas),
        "notebook": Run(out, run.personas, [])._repr_html_(),
    }
    yield from ((name, unescape(MARKUP.sub(" ", text))) for name, text in html.items())
    shown = next(p for p in run.personas.personas if p.status != "withheld")
    for name in (shown.id, *(c.id for c in [*shown.claims, *shown.withdrawn])):
        yield name, commands.show(out, name).text()


def test_no_page_says_what_the_codebook_says_otherwise(called: RunResult) -> None:
    """Nowhere a user, a visit or a session; a line is only what speaks for or against a claim."""
    for name, text in pages(called):
        assert re.findall(r".{0,40}\b(?:[Uu]ser|[Vv]isit|[Ss]ession)s?\b.{0,40}", text) == [], name
        left = OF_THE_LOG.sub("", text)
        assert re.findall(r".{0,40}\b(?:of their|\d|a|of|their) lines?\b.{0,40}", left) == [], name


def test_each_noun_stands_on_the_pages_in_both_numbers(called: RunResult) -> None:
    """One and many of each; the article as it is spoken."""
    text = " ".join(" ".join(text.split()) for _, text in pages(called))
    for word in ("household's", "households", "an order", "orders"):
        assert re.search(rf"\b{word}\b", text), word
    assert not re.search(r"\ba orders?\b|\ban households?\b|orders's", text)


def test_programs_read_users_all_the_same(called: RunResult, small_run: RunResult) -> None:
    """Keys, counts and measures are what they were; the set says its nouns; everything counts anew."""
    found, before = called.personas, small_run.personas
    assert found.nouns == NounsOfLog(
        people=Noun(one="household", many="households"),
        visit=Noun(one="order", many="orders"),
        line=Noun(one="step of it", many="steps of it"),
        kept=found.nouns.kept if found.nouns else (),
    )
    assert before.nouns is None
    assert (found.counts, found.by) == (before.counts, "users")
    measures = [[c.measure for p in s.personas for c in p.claims] for s in (found, before)]
    assert measures[0] == measures[1]
    assert PersonaSet.model_validate(found.model_dump()) == found
    assert commands.check(called.out, None, [], Silent(), 1).failures == []


@pytest.mark.parametrize("width", [60, 80])
def test_long_nouns_break_lines_sooner(width: int) -> None:
    """Lines are as wide as asked with nouns longer than the program's words; a line that cannot be broken narrows no other, and
    without nouns nothing is broken anew.
    """
    words = "visits of users " * 40
    nouns = NounsOfLog(people=Noun(one="club member", many="club members"))

    def render(room: int) -> str:
        return said("\n".join(wrapped(words, room)), nouns) + "\n" + "x" * 90

    lines = fitted(nouns, width, render).split("\n")
    assert [len(line) for line in lines if len(line) > width] == [90]
    assert max(len(line) for line in lines[:-1]) > width - 20
    assert fitted(None, width, render) == render(width)
