"""What the program rests on: pinned by digest, with its licences, in a bill of materials that the release writes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_every_locked_package_has_digests_and_the_install_asks_for_them() -> None:
    """No requirement of the lock stands without a sha256, and `make` installs with --require-hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    pinned = [block for block in map(str.strip, blocks) if block]
    assert len(pinned) > 100
    assert [block.splitlines()[0] for block in pinned if "==" not in block or "--hash=sha256:" not in block] == []
    (litellm,) = [block.splitlines()[0].split("==")[1] for block in pinned if block.startswith("litellm==")]
    assert not litellm.startswith(("1.82.7", "1.82.8"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in makefile


def wheel_of(folder: Path, says: str) -> str:
    """A package `pinned` 1.0 with one module; returns the digest of its file."""
    info, module = "pinned-1.0.dist-info", f"SAYS = {says!r}\n"
    parts = {
        "pinned.py": module,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: pinned\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": f"pinned.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
    }
    folder.mkdir()
    file = folder / "pinned-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return sha256(file.read_bytes()).hexdigest()


def test_the_install_refuses_what_the_lock_does_not_name(tmp_path: Path) -> None:
    """The line by which `make` installs, with a lock of one package: the file of that digest is installed; another file under its
    name and version, and a package without a digest, are refused, and nothing of them is there.
    """
    pytest.importorskip("pip")
    right, other = wheel_of(tmp_path / "right", "right"), wheel_of(tmp_path / "other", "other")
    assert right != other
    bin_ = Path(sys.executable).parent
    told = subprocess.run(
        ["make", "-n", "-B", f"BIN={bin_}", f"READY={tmp_path}/ready", f"{tmp_path}/ready"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    (line,) = [line for line in told.splitlines() if "requirements.lock" in line and "pip install" in line]
    for n, (served, pinned, taken) in enumerate(
        (("right", f"pinned==1.0 --hash=sha256:{right}", True), ("other", f"pinned==1.0 --hash=sha256:{right}", False),
         ("right", "pinned==1.0", False))
    ):  # fmt: skip
        here = tmp_path / str(n)
        here.mkdir()
        (here / "requirements.lock").write_text(pinned + "\n")
        only = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(tmp_path / served),
            "PIP_TARGET": str(here / "site"),
            "PIP_NO_CACHE_DIR": "1",
        }
        done = subprocess.run(
            line, shell=True, cwd=here, env={**os.environ, **only}, capture_output=True, text=True, timeout=120
        )
        assert (done.returncode == 0) == taken, done.stderr
        assert (here / "site" / "pinned.py").exists() == taken


def targets(name: str) -> str:
    """What `make NAME` would do."""
    told = subprocess.run(["make", "-n", "READY=", name], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout


def test_the_release_writes_a_bill_of_materials_and_the_licences() -> None:
    """`make release` writes the bill of materials and the licences."""
    assert "dist/sbom.cdx.json" in targets("release")
    assert "dist/licences.md" in targets("release")
    assert "pip-licenses" in targets("licences")


def test_the_bill_names_what_the_program_rests_on(tmp_path: Path) -> None:
    """Every direct dependency stands in the CycloneDX file with its version; nothing of this machine does."""
    pytest.importorskip("cyclonedx_py")
    subprocess.run(
        # That the file is CycloneDX is checked by whoever makes a release; it takes twenty times as long as all else.
        ["make", f"BIN={Path(sys.executable).parent}", "READY=", f"DIST={tmp_path}", "SBOM_FLAGS=--no-validate", "sbom"],
        cwd=ROOT, capture_output=True, check=True, timeout=240,
    )  # fmt: skip
    file = tmp_path / "sbom.cdx.json"
    bill = json.loads(file.read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    versions = {part["name"].lower(): part["version"] for part in bill["components"]}
    assert {"duckdb", "httpx", "litellm", "openai", "pydantic"} <= versions.keys()
    assert str(ROOT) not in file.read_text(encoding="utf-8")
