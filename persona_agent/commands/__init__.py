"""What a person can ask of the program, each from its options to its result.

`run` makes a run directory; `show`, `check`, `diff`, `expect`, `assign`, `ask`, `edit`, `review`, `export`, `export_cohorts`,
`forget`, `facts` and `egress` work on one; `inspect`, `estimate`, `referee`, `test_groups` and `audit` read a log; `list_models`,
`try_named` and `run_suites` are about the program itself. A command is loaded when it is first asked for: a list of models needs
nothing of what a run needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assessing import facts
    from .assigning import assign, export_cohorts
    from .auditing import audit
    from .changing import Change, edit
    from .checking import check
    from .diffing import diff
    from .estimating import estimate
    from .evaluating import run_suites
    from .expecting import expect
    from .exporting import export
    from .inspecting import inspect
    from .reaching import forget
    from .refereeing import check_certificate, is_certificate, referee, test_groups
    from .replying import ask
    from .reviewing import review
    from .running import demo_options, run
    from .sending import egress
    from .serving import serve
    from .showing import show
    from .trying import list_models, try_named

__all__ = [
    "Change",
    "ask",
    "assign",
    "audit",
    "check",
    "check_certificate",
    "demo_options",
    "diff",
    "edit",
    "egress",
    "estimate",
    "expect",
    "export",
    "export_cohorts",
    "facts",
    "forget",
    "inspect",
    "is_certificate",
    "list_models",
    "referee",
    "review",
    "run",
    "run_suites",
    "serve",
    "show",
    "test_groups",
    "try_named",
]
HOMES = {
    "Change": "changing",
    "ask": "replying",
    "assign": "assigning",
    "audit": "auditing",
    "check": "checking",
    "check_certificate": "refereeing",
    "demo_options": "running",
    "diff": "diffing",
    "edit": "changing",
    "egress": "sending",
    "estimate": "estimating",
    "run_suites": "evaluating",
    "expect": "expecting",
    "export": "exporting",
    "export_cohorts": "assigning",
    "facts": "assessing",
    "forget": "reaching",
    "inspect": "inspecting",
    "is_certificate": "refereeing",
    "list_models": "trying",
    "referee": "refereeing",
    "review": "reviewing",
    "run": "running",
    "serve": "serving",
    "show": "showing",
    "test_groups": "refereeing",
    "try_named": "trying",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{HOMES[name]}", __name__), name)
