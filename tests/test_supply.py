"""What the program rests on: pinned by digest, with its licences, in a bill of materials that the release writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
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
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in makefile


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
