"""Where the files are that come with the program: prompts and the demo's data.

In a checkout they are top-level folders, in an installed wheel they are in `persona_agent/_data/`. Promised: never
depends on the current directory; a missing folder is an error that says what to do.
"""

from __future__ import annotations

from pathlib import Path

from .errors import PersonaAgentError

PACKAGE = Path(__file__).resolve().parent


def prompts() -> Path:
    """The folder of `versions.toml` and `<stage>/vN.md`."""
    return _folder("prompts", "prompts")


def demo_log() -> Path:
    """The folder of the demo's log."""
    return _folder("demo", "fixtures/demo")


def skill() -> str:
    """What an agent is told of the tools of `mcp`: docs/skill.md."""
    for file in (PACKAGE / "_data" / "skill.md", PACKAGE.parent / "docs" / "skill.md"):
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise PersonaAgentError("The program's skill.md is missing.", hint="Install persona-agent again.")


def _folder(installed: str, checkout: str) -> Path:
    # The wheel's own folder first: beside an installed package, `prompts` could be anyone's.
    for folder in (PACKAGE / "_data" / installed, PACKAGE.parent / checkout):
        if folder.is_dir():
            return folder
    raise PersonaAgentError(f"The program's {installed!r} folder is missing.", hint="Install persona-agent again.")
