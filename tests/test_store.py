"""The store's databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_a_database_shows_no_bar_of_its_own() -> None:
    """DuckDB's progress bar is on by default and off in `open_database`; only store.py calls `duckdb.connect`."""
    script = (
        "import duckdb; from persona_agent.store import open_database\n"
        "for c in (duckdb.connect(), open_database()):\n"
        "    print(c.execute(\"SELECT current_setting('enable_progress_bar')\").fetchall()[0][0])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["True", "False"]
    code = [p for folder in ("persona_agent", "evals") for p in (ROOT / folder).rglob("*.py")]
    opened = [p.name for p in code if "duckdb.connect(" in p.read_text(encoding="utf-8")]
    assert opened == ["store.py"]
