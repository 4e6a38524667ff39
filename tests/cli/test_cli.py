"""The command line: what is asked of the pipeline, what goes to which stream, and how a command ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from persona_agent import commands
from persona_agent.cli import output, status
from persona_agent.commands import showing
from persona_agent.commands.checking import CheckResult
from persona_agent.commands.inspecting import Inspection
from persona_agent.commands.running import RunResult
from persona_agent.errors import BudgetError, InputError, PersonaAgentError, ProviderError, StoreError, UsageError
from persona_agent.manifest import AS_SEALED
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report.front import first_page_of
from persona_agent.schema import NO_NAMES, PersonaSet
from tests.factories import everyone, lines_of, persona_set

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


@pytest.fixture
def asked(monkeypatch: Patch) -> list[Options]:
    """The options that a run was asked for; it answers with the made-up personas."""
    seen: list[Options] = []
    answer(monkeypatch, persona_set(), seen)
    return seen


def answer(monkeypatch: Patch, personas: PersonaSet, seen: list[Options], *, reused: bool = False) -> None:
    def run(options: Options, progress: Any) -> RunResult:
        seen.append(options)
        progress.stage("read")
        progress.update(10, None, "records")
        progress.note("a note")
        return RunResult(options.out, personas, {}, {"status": "complete"}, reused, personas)

    monkeypatch.setattr(commands, "run", run)


def fails(error: BaseException) -> Callable[..., Any]:
    def function(*_: Any, **__: Any) -> Any:
        raise error

    return function


def test_run_prints_the_first_screen_and_names_the_report(asked: list[Options], capsys: Capture) -> None:
    """stdout begins with the headline and ends with the report's path; stages, counts and notes go to stderr."""
    assert status(["run", "a.jsonl", "b.csv", "-o", "out"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("2,480 users, 3 Mar to 25 May 2025: 3 personas")
    assert printed.out.splitlines()[-1] == str(Path("out") / "report.html")
    assert printed.err == "read\n  10 records\n  a note\n"
    assert asked[0].inputs == ("a.jsonl", "b.csv")


def test_json_is_all_that_is_printed(asked: list[Options], capsys: Capture) -> None:
    """With --json stdout is one JSON object of status, report and whether the run was reused."""
    assert status(["run", "log", "-o", "out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "status": "complete",
        "report": str(Path("out") / "report.html"),
        "reused": False,
    }


def test_a_run_that_shows_no_persona_is_exit_1(monkeypatch: Patch, capsys: Capture) -> None:
    """Without a persona to show, the exit is 1; headline and report are printed all the same."""
    answer(monkeypatch, everyone(), [])
    assert status(["run", "log", "-o", "out"]) == 1
    printed = capsys.readouterr().out
    assert "This log does not fall into groups" in " ".join(printed.split())
    assert printed.splitlines()[-1].endswith("report.html")


def test_an_unchanged_run_says_so(monkeypatch: Patch, capsys: Capture) -> None:
    """A run that is reused prints that nothing has changed, and ends with 0."""
    answer(monkeypatch, persona_set(), [], reused=True)
    assert status(["run", "log", "-o", "out"]) == 0
    assert "Nothing has changed" in capsys.readouterr().out


def test_demo_runs_on_the_bundled_log(asked: list[Options], monkeypatch: Patch) -> None:
    """`demo` needs no argument and writes to demo-out, or to the folder of -o."""
    monkeypatch.setattr(commands, "demo_options", lambda out: Options(inputs=("demo",), out=out))
    assert status(["demo"]) == 0
    assert status(["demo", "-o", "there"]) == 0
    assert [options.out for options in asked] == [Path("demo-out"), Path("there")]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PersonaAgentError("No claim holds."), 1),
        (UsageError("No."), 2),
        (InputError("'log' is empty.", hint="Name another."), 3),
        (StoreError("In use."), 3),
        (ProviderError("Refused."), 4),
        (BudgetError("Too dear."), 5),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
        (RuntimeError("secret detail"), 1),
    ],
)
def test_how_a_failed_command_ends(
    error: BaseException, code: int, monkeypatch: Patch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each error has its exit code; one of the program is a line on stderr, of an unknown one its kind alone is told."""
    monkeypatch.delenv("PERSONA_AGENT_DEBUG", raising=False)
    monkeypatch.setattr(commands, "run", fails(error))
    monkeypatch.setattr("persona_agent.cli._close_stdout", lambda: None)
    assert status(["run", "log", "-o", "out"]) == code
    printed = capfd.readouterr()
    assert "Traceback" not in printed.err
    assert printed.out == ""
    if isinstance(error, PersonaAgentError):
        assert printed.err == f"error: {error}\n"
    if isinstance(error, KeyboardInterrupt):
        assert "same command again" in printed.err
    if isinstance(error, RuntimeError):
        assert "RuntimeError" in printed.err
        assert "secret detail" not in printed.err


def test_debug_shows_the_traceback(monkeypatch: Patch, capsys: Capture) -> None:
    """With PERSONA_AGENT_DEBUG=1 an unknown error is exit 1 with its traceback."""
    monkeypatch.setenv("PERSONA_AGENT_DEBUG", "1")
    monkeypatch.setattr(commands, "run", fails(RuntimeError("here")))
    assert status(["run", "log", "-o", "out"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_error_cannot_steer_the_terminal(monkeypatch: Patch, capsys: Capture) -> None:
    """Control and format characters in an error's text are printed as replacement characters."""
    monkeypatch.setattr(commands, "run", fails(InputError("\x1b[2Jlog\u202e")))
    assert status(["run", "log", "-o", "out"]) == 3
    assert capsys.readouterr().err == "error: \ufffd[2Jlog\ufffd\n"


def test_a_hint_of_several_lines_is_read_as_several(monkeypatch: Patch, capsys: Capture) -> None:
    """Each reason stands on a line of its own; what a message quotes of a log begins none."""
    monkeypatch.setattr(commands, "run", fails(InputError("No user\nhere.", hint="Add --map user=a\nuser=a: text")))
    assert status(["run", "log", "-o", "out"]) == 3
    assert capsys.readouterr().err == "error: No user\ufffdhere. Add --map user=a\n  user=a: text\n"


@pytest.mark.parametrize(
    "words",
    [
        "run",
        "run log",
        "run log -o out --by shelves",
        "run log -o out --personas 1",
        "run log -o out --personas many",
        "run log -o out --model anything",
        "run log -o out --record a --replay b",
        "run log -o out --price cheap --model openai/x",
        "run log -o out --max-rounds 0",
        "run log -o out --timezone Mars/Base",
        "run log -o out --timezone ../etc/passwd",
        "run log -o out --map user",
        "run log -o out --map person=uid",
        "run log -o out --map user=a,user=b",
        "run log -o out --keep dust",
        "run log -o out --nonsense",
        "inspect",
        "nonsense",
        "check",
        "show",
        "",
    ],
)
def test_wrong_usage_is_exit_2(words: str, asked: list[Options], capsys: Capture) -> None:
    """Each wrong command line ends with exit 2 and a message on stderr; stdout is empty, and nothing is run."""
    assert status(words.split()) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.strip()
    assert asked == []


def test_inspect_prints_sections(monkeypatch: Patch, capsys: Capture) -> None:
    """Text has aligned sections of at most 80 columns without control characters; --json has all values."""
    found = Inspection(
        files=[],
        mapping=[],
        columns=[{"column": "uid", "types": ["text"]}, {"column": "at", "types": ["text", "integer"]}],
        counts={"users": 2_480},
        window={"start": "2025-03-03", "end": None},
        notes=["word " * 40],
        naive_timestamps=3_000,
        dates_only=[],
        events_by_hour={},
        identifiers_masked={},
        columns_left_out=[],
        ids_left_out=[],
        columns_not_used={},
        set_aside={"reasons": {"fees": 12}, "samples": [{"raw": "\x1b[31m" + "x" * 200}]},
        rejects={},
        codebook={},
        properties=[],
    )
    monkeypatch.setattr(commands, "inspect", lambda options, progress: found)
    assert status(["inspect", "log", "--keep", "fees"]) == 0
    printed = capsys.readouterr().out
    assert "naive timestamps: 3,000" in printed
    assert "  users  2,480" in printed
    assert "  start  2025-03-03\n  end    none" in printed
    assert "  at      text, integer" in printed
    assert "identifiers masked\n  none" in printed
    assert "\x1b" not in printed
    assert max(map(len, printed.splitlines())) <= 80
    assert status(["inspect", "log", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found.as_json()


def test_show(monkeypatch: Patch, capsys: Capture) -> None:
    """`show` prints the set, a persona or a claim with lines for and against; a wrong name is exit 2."""
    personas = persona_set()
    monkeypatch.setattr(showing, "finished", lambda out: (personas, lines_of(personas)))
    monkeypatch.setattr(showing, "names_of", lambda store: NO_NAMES)
    monkeypatch.setattr(showing, "seal_of", lambda out, key: AS_SEALED)
    assert status(["show", "out"]) == 0
    assert capsys.readouterr().out.startswith(first_page_of(personas, []).sentences[0][:40])
    assert status(["show", "out", "p2"]) == 0
    assert "Readers of the forum" in capsys.readouterr().out
    assert status(["show", "out", "p2.c1"]) == 0
    shown = capsys.readouterr().out
    assert shown.index("Lines for: 12") < shown.index("Lines against: 5")
    assert status(["show", "out", "p4.c7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "withdrawn"
    for name in ("p9", "p9.c1", "p1.c99", "nonsense"):
        assert status(["show", "out", name]) == 2
        assert "p1" in capsys.readouterr().err


def test_check(monkeypatch: Patch, capsys: Capture) -> None:
    """A claim that fails is exit 1 and is in the JSON, a warning is 0 and printed; claim and --at reach the check."""
    asked: list[Any] = []
    results = [
        CheckResult(checked=3),
        CheckResult(checked=3, warnings=["a.jsonl has changed"]),
        CheckResult(checked=3, failures=[{"claim": "p1.c2", "problem": "0.4"}]),
    ]

    def check(out: Path, claim: str | None, at: tuple[str, ...], progress: Any, seal_key: Path | None) -> CheckResult:
        asked.append((out, claim, at))
        return results[len(asked) - 1]

    monkeypatch.setattr(commands, "check", check)
    assert status(["check", "out"]) == 0
    assert status(["check", "out", "p1.c2", "--at", "a", "--at", "b"]) == 0
    assert "warning: a.jsonl has changed" in capsys.readouterr().out.splitlines()
    assert status(["check", "out", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failures"] == [{"claim": "p1.c2", "problem": "0.4"}]
    assert asked == [(Path("out"), None, ()), (Path("out"), "p1.c2", ("a", "b")), (Path("out"), None, ())]


def test_progress_on_a_terminal(monkeypatch: Patch) -> None:
    """Brackets in a note are printed as they are, and with NO_COLOR nothing is red."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    with output.progress() as progress:
        progress.update(1, None, "before any stage")
        progress.stage("read [bold]log[/bold]")
        progress.update(5, 10, "records")
        progress.note("[red]a note[/red]")
        progress.stage("group")
    assert "[red]a note[/red]" in stderr.getvalue()
    assert "\x1b[31m" not in stderr.getvalue()


def test_silent_says_nothing(capsys: Capture) -> None:
    """Stages, counts and notes told to `Silent` print nothing."""
    silent = Silent()
    silent.stage("a")
    silent.update(1, 2, "b")
    silent.note("c")
    assert capsys.readouterr() == ("", "")


def test_help_imports_nothing_heavy() -> None:
    """`--help` ends with 0 and has imported no pydantic, duckdb, numpy, faiss, litellm, jinja2 or rich."""
    script = (
        "import sys; from persona_agent.cli import status; code = status(['--help']);"
        "print(sorted({'pydantic', 'duckdb', 'numpy', 'faiss', 'litellm', 'jinja2', 'rich'} & set(sys.modules)), code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_a_closed_pipe_is_quiet() -> None:
    """Where stdout is a closed pipe the exit is 141, and stderr is empty."""
    script = (
        "import sys; from persona_agent import cli\n"
        "sys.argv = ['persona-agent', '--help']\n"
        "sys.stdout.close(); sys.stdout = open(1, 'w', closefd=False); cli.main()"
    )
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=write, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_result_cannot_steer_the_terminal(capsys: Capture) -> None:
    """What a result quotes (a log, a file name) is inert where it is printed; lines and tabs stay, JSON stays what it is."""
    hostile = "esc\x1b[31mname\x9b2J\u202egpj.jsonl"
    output.write_output(f"the log {hostile}\n\tis read")
    assert capsys.readouterr().out == "the log esc\ufffd[31mname\ufffd2J\ufffdgpj.jsonl\n\tis read\n"
    output.write_json({"file": f"é{hostile}", "n": 1})
    told = capsys.readouterr().out
    assert not {"\x1b", "\x9b", "\u202e"} & set(told)
    assert json.loads(told) == {"file": f"é{hostile}", "n": 1}
