"""What the README and the pages of docs/ show works: commands and Python are run, quoted outputs come out, links lead somewhere.

A block of `sh` is a list of commands, one of `console` has commands behind `$` and under each what it prints (`…` stands for
what is left out), one of `python` shares its names with the others of its page. A block with a title is a file that the page
tells the reader to write. Blocks of a page are run in their order in a folder with the logs of fixtures/. Where a page begins
with `demo`, its folder holds that run already. A comment before a block, which readers do not see, says why it is not run.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from persona_agent.cli import status
from tests.thinning import FIXTURES, thinned

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RUN = {"sh", "console", "python"}
SHOWN = {"text", "json", "yaml", "sql", "csv", "toml"}
NOT_RUN = re.compile(r"<!-- not run: (.+) -->")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
TITLE = re.compile(r'title="([^"]+)"')
# What makes the run that tests share, and where: made before, such a command says at once that it is done.
DEMO = {
    "persona-agent demo\n": "demo-out",
    "persona-agent demo -o out": "out",
    "-o out --value properties.spent": "out",
}
SHELL = set("|&;<>()")  # words of these alone make a line one for a shell
# Blocks that are not run, by their reason: a block more is a line changed here.
LEFT_OUT = {
    "asks a database server": 1,
    "asks a model": 2,
    "measures for minutes or hours": 13,
    "serves until it is stopped": 2,
    "sets up": 2,
}
# Of how many users of a log one is read here, so that a run takes a second or two: some twenty-five stay.
EVERY = {"library.jsonl.gz": 8, "moodle_edify.csv.gz": 8, "online_retail.csv.gz": 25}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it is (or an empty text), why it is not run (likewise), and its lines."""

    language: str
    title: str
    reason: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    reason = ""
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block" and (said := NOT_RUN.match(token.content)):
            reason = said[1]
        elif token.type == "fence":
            language, _, rest = token.info.partition(" ")
            title = TITLE.search(rest)
            yield Block(language, title[1] if title else "", reason, token.content)
            reason = ""


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled logs, all but the demo's with a part of their users."""
    folder = tmp_path_factory.mktemp("docs")
    for name in ("demo", "vendors"):
        (folder / name).symlink_to(FIXTURES / name)
    (folder / "logs").mkdir()
    for name, every in EVERY.items():
        made = thinned(f"logs/{name}", every, folder)
        (folder / "logs" / name).write_bytes(gzip.compress(made.read_bytes(), 1))
    return folder


@pytest.fixture
def folder(fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "fixtures").symlink_to(fixtures)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.mark.parametrize("page", [pytest.param(p, id=p.stem) for p in PAGES])
def test_what_a_page_shows_works(page: Path, folder: Path, request: pytest.FixtureRequest) -> None:
    """Every block of commands and of Python that is not marked runs without an error, and what a page says that a command
    prints, it prints.
    """
    text = page.read_text(encoding="utf-8")
    for out in {where for command, where in DEMO.items() if command in text}:
        shutil.copytree(request.getfixturevalue("demo_folder") / "demo-out", folder / out)
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block.title:
            (folder / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "python" and not block.reason:
            exec(compile(block.text, page.name, "exec"), names)
        elif block.language in RUN and not block.reason:
            for command, printed in commands(block):
                said = run(command, fails="error:" in printed)
                assert told(printed, said), f"{command}\n--- printed:\n{said}\n--- but {page.name} says:\n{printed}"


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with what the page says that it prints."""
    if block.language not in ("sh", "console"):
        return
    if block.language == "sh":
        joined = block.text.replace("\\\n", " ")
        yield from ((line, "") for line in joined.splitlines() if line.strip() and not line.startswith("#"))
        return
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        n = next(n for n in range(1, len(lines) + 1) if whole("".join(lines[:n])))
        yield "".join(lines[:n]).replace("\\\n", " "), "".join(lines[n:])


def whole(command: str) -> bool:
    """Whether a shell would not wait for more of it."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.endswith("\\\n")


def run(command: str, *, fails: bool = False) -> str:
    """What a command prints; it must end in an error if it `fails`, else not. Ours run in this process, others in a shell."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    named = dict(word.split("=", 1) for word in itertools.takewhile(lambda word: "=" in word, words))
    ours = words[len(named)] == "persona-agent" and not any(set(word) <= SHELL for word in words if word)
    return here(words[len(named) + 1 :], named, fails=fails) if ours else in_a_shell(command)


def here(arguments: list[str], environ: dict[str, str], *, fails: bool) -> str:
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        for name, value in environ.items():
            patch.setenv(name, value)
        code = status(arguments)
    # 1 is no persona that could be shown, or a statement that does not hold: of a part of a log that may be so.
    ended = "error:" in err.getvalue() if fails else code in (0, 1) and "error:" not in err.getvalue()
    assert ended, f"{arguments}: {code}, {err.getvalue()}"
    return out.getvalue() + err.getvalue()


def in_a_shell(command: str) -> str:
    done = subprocess.run(["bash", "-euc", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def told(printed: str, said: str) -> bool:
    """Whether the parts of a quoted output stand in another in their order, whatever blanks are between words."""
    rest = " ".join(said.split())
    for part in filter(None, (" ".join(part.split()) for part in printed.split("…"))):
        _, found, rest = rest.partition(part)
        if not found:
            return False
    return True


def test_every_block_has_a_language_and_is_run_or_counted() -> None:
    """No block is without a language that is known, and as many as are counted here are not run, for these reasons."""
    found = [(page.name, block) for page in PAGES for block in blocks(page)]
    assert [(name, block.text[:60]) for name, block in found if block.language not in RUN | SHOWN] == []
    assert Counter(block.reason for _, block in found if block.reason) == LEFT_OUT


def test_the_site_is_made_and_no_link_of_it_leads_nowhere(tmp_path: Path) -> None:
    """What `make docs` does: all pages are in its list, links and anchors are there, and no page takes anything from a host."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    made = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stderr
    taken = re.compile(r'<(?:script|img|link rel="stylesheet")[^>]* (?:src|href)="(?:https?:)?//')
    assert [page.name for page in tmp_path.glob("*.html") if taken.search(page.read_text(encoding="utf-8"))] == []


def test_links_of_pages_outside_of_the_site_lead_somewhere() -> None:
    """The README's links, and those of fixtures/, name files."""
    pages = [ROOT / "README.md", ROOT / "fixtures" / "README.md"]
    links = [(page, link) for page in pages for link in LINK.findall(page.read_text(encoding="utf-8"))]
    assert [link for page, link in links if not link.startswith("http") and not (page.parent / link).exists()] == []


def test_the_readme_is_short_and_has_one_path() -> None:
    """At most 150 lines; the commands that it has run are `inspect` and `run`, and all others stand behind their --help."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
    shown = [command for block in blocks(ROOT / "README.md") if not block.reason for command, _ in commands(block)]
    assert [shlex.split(command)[:2] for command in shown if command.startswith("persona")] == [
        ["persona-agent", "inspect"],
        ["persona-agent", "run"],
    ]
