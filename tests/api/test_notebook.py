"""docs/notebook.ipynb: its cells run, and it is kept without their results."""

from __future__ import annotations

import os
from pathlib import Path

import nbclient
import nbformat

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def test_the_notebook_runs_from_a_frame_to_the_lines_of_a_claim() -> None:
    """Every cell runs in a kernel in the folder of the notebook; the lines shown for a claim are the rows of the frame."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )
    client.execute(env=environ)
    said = {cell.source.split("\n")[0]: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    assert not [o for outputs in said.values() for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert "personas, told apart most by" in said["run = pa.run(frame)"][-1].data["text/html"]
    failures = said["before = pa.check(run, at=frame)"][-1].data["text/plain"]
    assert failures.startswith("([]")
    assert "has changed since it was cited" in failures
