"""`mcp`: the referee, and finished runs, as tools for an agent.

`questions` keeps, bounds and remembers what was asked; `of_log` answers about a log, `of_run` about a finished run, both as
`told`; `server` offers them by the Model Context Protocol, on stdio or on a port of this machine.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...options import Options
from ...progress import Progress
from ..loopback import check_port

if TYPE_CHECKING:
    from .server import Served


def serve(options: Options, *, groups: Path | None, lines: bool, http: int | None, progress: Progress) -> Served:
    """Answers until the client is gone (stdio) or somebody stops it; UsageError where the SDK is not installed."""
    if find_spec("mcp") is None:
        raise UsageError("`mcp` needs the Model Context Protocol's SDK.", hint="pip install 'persona-agent[mcp]'")
    check_port(http, "--http")
    served: Served = import_module(".server", __name__).serve(
        options, groups=groups, lines=lines, http=http, progress=progress
    )
    return served
