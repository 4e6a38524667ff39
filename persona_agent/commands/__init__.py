"""What a person can ask of the program, each from its options to its result.

`run` makes a run directory; `show`, `check`, `check_on`, `forget` and `egress` work on one; `inspect`, `estimate`, `evaluate` and
`audit` read a log.
"""

from .auditing import audit
from .checking import CheckResult, LaterResult, check, check_on
from .egress import egress
from .estimating import Estimate, estimate
from .evaluating import Evaluated, evaluate
from .forgetting import Forgotten, forget
from .inspecting import inspect
from .running import RunResult, demo_options, run
from .showing import CitedLine, find_claim, find_persona, personas_of, read_lines, show

__all__ = [
    "CheckResult",
    "CitedLine",
    "Estimate",
    "Evaluated",
    "Forgotten",
    "LaterResult",
    "RunResult",
    "audit",
    "check",
    "check_on",
    "demo_options",
    "egress",
    "estimate",
    "evaluate",
    "find_claim",
    "find_persona",
    "forget",
    "inspect",
    "personas_of",
    "read_lines",
    "run",
    "show",
]
