"""What a person can ask of the program, each from its options to its result.

`run` makes a run directory; `show`, `check`, `check_on`, `forget` and `egress` work on one; `inspect`, `estimate` and `audit`
read a log.
"""

from .auditing import audit
from .checking import CheckResult, LaterResult, check, check_on
from .egress import egress
from .estimating import Estimate, estimate
from .forgetting import Forgotten, forget
from .inspecting import inspect
from .running import RunResult, demo_options, run
from .showing import show

__all__ = [
    "CheckResult",
    "Estimate",
    "Forgotten",
    "LaterResult",
    "RunResult",
    "audit",
    "check",
    "check_on",
    "demo_options",
    "egress",
    "estimate",
    "forget",
    "inspect",
    "run",
    "show",
]
