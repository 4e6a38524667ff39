"""The command line: parse, call, print.

Data goes to stdout, progress and errors to stderr. Promised: every error that a person can cause is one line that says
what mends it, never a traceback; exit codes are those of `errors`, 130 when interrupted and 141 when the reader of stdout
went away. Heavy imports stand in the bodies of commands, so that `--help` is quick.
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from ..errors import PersonaAgentError, UsageError
from . import audit, check, estimate, eval, inspect, models, output, privacy, run, show

INTERRUPTED = 130  # as a shell counts SIGINT
NOT_IN_FILE = {"logs", "out", "fresh", "json", "help", "record", "replay"}  # of one call, not of a project
PIPE_CLOSED = 141  # as a shell counts SIGPIPE

app = typer.Typer(
    name="persona-agent",
    help="Behaviour logs in, personas out, and every sentence of a persona can be checked against log lines.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("inspect")(inspect.inspect)
app.command("show")(show.show)
app.command("check")(check.check)
app.command("audit")(audit.audit)
app.command("eval")(eval.evaluate)
app.command("demo")(run.demo)
app.command("estimate")(estimate.estimate)
app.command("models")(models.models)
app.command("egress")(privacy.egress)
app.command("forget")(privacy.forget)


def main() -> None:
    """The entry point: run a command, end with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character shows a question mark instead of ending the run.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
    sys.exit(status(sys.argv[1:]))


def status(arguments: list[str]) -> int:
    """The exit code of a command; whatever went wrong has been said on stderr."""
    try:
        _invoke(arguments)
        sys.stdout.flush()
    except typer.Exit as done:
        return done.exit_code
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        _close_stdout()
        return PIPE_CLOSED
    except Exception as error:
        # duckdb turns Ctrl-C in the middle of a query into an error of its own.
        return _interrupted() if type(error).__name__ == "InterruptException" else _failed(error)
    return 0


def _invoke(arguments: list[str]) -> None:
    # Typer's own `main` would print its kind of errors and choose exit codes that differ between its versions.
    command = get_command(app)
    with command.make_context("persona-agent", arguments, default_map=settings_file()) as context:
        command.invoke(context)


def settings_file() -> dict[str, dict[str, Any]]:
    """What `persona-agent.toml` in the current folder sets, for every command that has such an option.

    Options are spelled as on the command line without the dashes in front: `model = "openai/NAME"`.
    """
    path = Path("persona-agent.toml")
    if not path.is_file():
        return {}
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"persona-agent.toml cannot be read: {error}.") from None
    commands: Any = get_command(app)
    names = {name: {p.name for p in c.params} for name, c in commands.commands.items()}
    values = {key.replace("-", "_"): value for key, value in told.items()}
    for key in values:
        if not any(key in params for params in names.values()) or key in NOT_IN_FILE:
            raise UsageError(
                f"persona-agent.toml: there is no option {key.replace('_', '-')!r}.", hint="`run --help` lists them."
            )
    return {name: {k: v for k, v in values.items() if k in params} for name, params in names.items()}


def _interrupted() -> int:
    _say("Interrupted. Run the same command again: what is finished is kept, and it goes on from there.")
    return INTERRUPTED


def _failed(error: Exception) -> int:
    if os.environ.get("PERSONA_AGENT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, PersonaAgentError):
        _say(f"error: {error}")
        return error.exit_status
    usage: Any = error
    if hasattr(error, "show") and hasattr(error, "exit_code"):
        usage.show()
        return int(usage.exit_code)
    _say(
        f"error: This is a fault of persona-agent itself ({type(error).__name__}). Please report it in the project's issue "
        "tracker with the command you ran; PERSONA_AGENT_DEBUG=1 shows where it happened."
    )
    return 1


def _say(text: str) -> None:
    output.complain(text)


def _close_stdout() -> None:
    """Without this, Python would complain once more when it flushes stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
