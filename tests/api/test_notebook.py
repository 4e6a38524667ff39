"""docs/notebook.ipynb: its cells run, and it is kept without their results."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
LOG = Path("fixtures") / "logs" / "library.jsonl.gz"


def half_of(log: Path, path: Path) -> None:
    """The lines of every other user."""
    with gzip.open(log, "rt", encoding="utf-8") as file:
        lines = [line for line in file if line.startswith('{"user"') and line.endswith("}\n")]
    users = sorted({json.loads(line)["user"] for line in lines})
    kept = set(users[::2])
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(line for line in lines if json.loads(line)["user"] in kept)


def test_the_notebook_runs_from_a_frame_to_the_lines_of_a_claim(tmp_path: Path) -> None:
    """Every cell runs in a kernel in a folder like the notebook's own, beside half of its log; the lines shown for a claim are
    the rows of the frame.
    """
    import nbclient  # two seconds to import, here alone
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    (tmp_path / "docs").mkdir()
    half_of(ROOT / LOG, tmp_path / LOG)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path / "docs")}}
    )
    client.execute(env=environ)
    said = {cell.source.split("\n")[0]: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    assert not [o for outputs in said.values() for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert "personas, which differ most in" in said["run = pa.run(frame)"][-1].data["text/html"]
    failures = said["before = pa.check(run, at=frame)"][-1].data["text/plain"]
    assert failures.startswith("([]")
    assert "has changed since it was cited" in failures
