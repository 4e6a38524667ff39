"""What a person can ask of the program, each from its options to its result.

`run` makes a run directory; `show`, `check`, `check_on`, `ask`, `edit`, `export`, `forget`, `facts` and `egress` work on one;
`inspect`, `estimate` and `audit` read a log; `list_models`, `try_named` and `evaluate` are about the program itself. A command is
loaded when it is first asked for: a list of models needs nothing of what a run needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assessing import facts
    from .auditing import audit
    from .changing import edit
    from .checking import check, check_on
    from .estimating import estimate
    from .evaluating import evaluate
    from .exporting import export
    from .inspecting import inspect
    from .reaching import forget
    from .replying import ask
    from .running import demo_options, run
    from .sending import egress
    from .showing import show
    from .trying import list_models, try_named

__all__ = [
    "ask",
    "audit",
    "check",
    "check_on",
    "demo_options",
    "edit",
    "egress",
    "estimate",
    "evaluate",
    "export",
    "facts",
    "forget",
    "inspect",
    "list_models",
    "run",
    "show",
    "try_named",
]
HOMES = {
    "ask": "replying",
    "audit": "auditing",
    "check": "checking",
    "check_on": "checking",
    "demo_options": "running",
    "edit": "changing",
    "egress": "sending",
    "estimate": "estimating",
    "evaluate": "evaluating",
    "export": "exporting",
    "facts": "assessing",
    "forget": "reaching",
    "inspect": "inspecting",
    "list_models": "trying",
    "run": "running",
    "show": "showing",
    "try_named": "trying",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{HOMES[name]}", __name__), name)
