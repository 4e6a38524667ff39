"""Safeguards that `evals.mutations` takes out: each is still where the mutation looks for it."""

from __future__ import annotations

import subprocess
import sys


def test_mutations_find_what_they_change() -> None:
    """In a process of their own, all changes are made; that a number falls for each, `python -m evals.mutations` shows."""
    script = "from evals.mutations import MUTATIONS\nfor m in MUTATIONS: m.change()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
