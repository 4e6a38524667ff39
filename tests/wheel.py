"""The program as others get it: the wheel, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def install(folder: Path) -> None:
    """Builds the wheel and puts it into an environment, both in the folder; its dependencies are this environment's."""
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)], ROOT)
    (wheel,) = folder.glob("*.whl")
    run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], folder)
    python = folder / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], folder)
    site = run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).strip()
    # A .pth adds to the end of the path, and .pth files found there (our editable install's) are not read.
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))


def run(command: list[str], folder: Path, more: Mapping[str, str] | None = None) -> str:
    """Standard output of a command that must succeed, in an environment without keys, proxies or paths of ours."""
    environ = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8", **(more or {})}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
