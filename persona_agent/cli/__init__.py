"""The command line: parse, call, print.

Data goes to stdout, progress and errors to stderr. Promised: every error that a person can cause is one line that says
what mends it, never a traceback; exit codes are those of `errors`, 130 when interrupted and 141 when the reader of stdout
went away. What a command needs is imported when it runs, so that `--help` is quick.
"""

from __future__ import annotations

import os
import sys

import click

from ..errors import PersonaAgentError, StoreError
from .app import app
from .command import edited
from .output import complain

INTERRUPTED = 130  # as a shell counts SIGINT
PIPE_CLOSED = 141  # as a shell counts SIGPIPE


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
        code = _invoke(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        _close_stdout()
        return PIPE_CLOSED
    except Exception as error:
        # duckdb turns Ctrl-C in the middle of a query into an error of its own.
        return _interrupted() if type(error).__name__ == "InterruptException" else _failed(error, arguments)
    return code


def _invoke(arguments: list[str]) -> int:
    # Click's own `main` would choose other exit codes.
    try:
        with app.make_context("persona-agent", arguments) as context:
            code: int = app.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return code


def _interrupted() -> int:
    complain("Interrupted. Run the same command again: what is finished is kept, and it goes on from there.")
    return INTERRUPTED


def _failed(error: Exception, arguments: list[str]) -> int:
    if os.environ.get("PERSONA_AGENT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, PersonaAgentError):
        first, *more = (error.hint or "").split("\n")  # a hint may be a list; what it quotes has no ends of lines
        complain(f"error: {error.message} {first}".rstrip(" "))
        for line in more:
            complain(f"  {line}")
        if isinstance(error, StoreError) and (told := edited(arguments, str(error))):
            complain(told)  # a file that somebody put there may be no file of any run
        return error.exit_status
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if told := edited(arguments):
        complain(f"error: {told}")
        return StoreError.exit_status
    complain(
        f"error: This is a fault of persona-agent itself ({type(error).__name__}). Please report it in the project's issue "
        "tracker with the command you ran; PERSONA_AGENT_DEBUG=1 shows where it happened."
    )
    return 1


def _close_stdout() -> None:
    """Without this, Python would complain once more when it flushes stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
