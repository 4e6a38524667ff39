"""Behaviour logs in, personas out, and every sentence of a persona can be checked against log lines.

    import persona_agent as pa

    run = pa.run(frame)
    run.claim("p1.c2").lines

What is public is listed in `__all__` and loaded when it is first used, so that importing this costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import arun, audit, check, diff, estimate, evaluate, expect, inspect, load, run, test_groups
    from .api.finished import Run
    from .errors import (
        BudgetError,
        InputError,
        OutputError,
        PersonaAgentError,
        ProviderError,
        RecordingError,
        StoreError,
        UsageError,
    )
    from .options import Options
    from .schema import Claim, Measure, Persona

__version__ = "0.1.0"
__all__ = [
    "BudgetError",
    "Claim",
    "InputError",
    "Measure",
    "Options",
    "OutputError",
    "Persona",
    "PersonaAgentError",
    "ProviderError",
    "RecordingError",
    "Run",
    "StoreError",
    "UsageError",
    "__version__",
    "arun",
    "audit",
    "check",
    "diff",
    "estimate",
    "evaluate",
    "expect",
    "inspect",
    "load",
    "run",
    "test_groups",
]

_ELSEWHERE = {
    "Options": ".options",
    "Run": ".api.finished",
    "Claim": ".schema",
    "Measure": ".schema",
    "Persona": ".schema",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _ELSEWHERE.get(name) or (".errors" if name.endswith("Error") else ".api")
    globals()[name] = found = getattr(import_module(home, __name__), name)
    return found


def __dir__() -> list[str]:
    return __all__
