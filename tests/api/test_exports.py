"""What `persona_agent` exports, and what importing it loads."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

import persona_agent as pa

NAMES = [
    "BudgetError", "Claim", "InputError", "Measure", "Options", "OutputError", "Persona", "PersonaAgentError",
    "ProviderError", "RecordingError", "Run", "StoreError", "UsageError", "__version__",
    "arun", "audit", "check", "diff", "estimate", "evaluate", "expect", "inspect", "load", "run", "test_groups",
]  # fmt: skip


def printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_the_public_names_are_this_list() -> None:
    """`__all__` and `dir()` are the sorted list, each name is there, and errors are one tree."""
    assert pa.__all__ == NAMES == sorted(NAMES) == dir(pa)
    assert all(getattr(pa, name) is not None for name in NAMES)
    assert all(issubclass(getattr(pa, name), pa.PersonaAgentError) for name in NAMES if name.endswith("Error"))
    with pytest.raises(AttributeError, match="no attribute 'persona'"):
        pa.persona  # noqa: B018


def test_no_module_shadows_an_exported_name() -> None:
    """No module of the package has the name of an exported function, whose place it would take once imported."""
    assert {module.name for module in iter_modules(pa.__path__)} & set(NAMES) == set()


def test_every_error_of_the_tree_is_exported() -> None:
    """Each class of errors.py that a caller can meet has its name in the list."""
    errors = import_module("persona_agent.errors")
    assert {name for name in vars(errors) if name.endswith("Error")} <= set(NAMES)


def test_importing_loads_nothing_heavy() -> None:
    """After the import neither a dependency nor a module of our own is loaded, only the package itself."""
    code = "import sys; before = set(sys.modules); import persona_agent; print(*set(sys.modules) - before)"
    assert {name for name in printed(code).split() if name.split(".")[0] not in sys.stdlib_module_names} == {
        "persona_agent"
    }


def test_importing_sets_up_no_logging() -> None:
    """Loading every export leaves the root logger without a handler, at its level."""
    code = (
        "import logging, persona_agent as pa; [getattr(pa, name) for name in pa.__all__];"
        "print(logging.root.handlers, logging.root.level)"
    )
    assert printed(code) == "[] 30"
