"""The secret of the user hashes apart from the folder of the run, and what `facts` tells of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.cli import status
from persona_agent.errors import StoreError
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store
from tests.conftest import SMALL_OPTIONS


def test_the_key_lies_where_it_was_told(tmp_path: Path) -> None:
    """It is made there, its owner's alone; the folder holds none, and every store of the folder finds it."""
    store, key = Store.create(tmp_path / "out"), tmp_path / "keys" / "k"
    store.keep_key_at(key)
    assert Store(store.out).key() == key.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    assert key.read_bytes() not in b"".join(p.read_bytes() for p in store.out.iterdir())
    key.unlink()
    with pytest.raises(StoreError, match="key of this run is not at"):
        store.key()


def test_a_key_that_was_in_the_folder_is_moved(tmp_path: Path) -> None:
    """Hashes stay what they are; another key is refused, as is one that others can read, is short, or lies in the folder."""
    store, key = Store.create(tmp_path / "out"), tmp_path / "k"
    before = store.key()
    store.keep_key_at(key)
    assert store.key() == before
    assert not (store.out / ".key").exists()
    other = Store.create(tmp_path / "other")
    other.key()
    for path, says in ((key, "another key"), (other.out / "k", "lies in the folder")):
        with pytest.raises(StoreError, match=says):
            other.keep_key_at(path)
    for content, rights, says in ((b"short", 0o600, "fewer than 16"), (bytes(32), 0o644, "Others may read")):
        bad = tmp_path / says
        bad.write_bytes(content)
        bad.chmod(rights)
        with pytest.raises(StoreError, match=says):
            store.keep_key_at(bad)


def test_a_run_with_its_key_apart(tiny_log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The key is in no file of the folder, commands find it, `facts` says where; by default it says what a copy gives away."""
    out, key = tmp_path / "out", tmp_path / "key"
    asked = Options(inputs=(str(tiny_log),), out=out, key=key, purpose="to try it", **SMALL_OPTIONS)
    commands.run(asked, Silent())
    held = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert key.read_bytes() not in held
    assert commands.check(out, None, (str(tiny_log),), Silent()).failures == []
    assert status(["facts", str(out), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["purpose"] == "to try it"
    assert str(key) in facts["key of the user hashes"]
    assert facts["floors, in users"]["a card"] == asked.min_users
    assert facts["hosts"] == []
    assert key.read_bytes().hex() not in json.dumps(facts)
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    (copy / ".key-at").unlink()
    (copy / ".key").write_bytes(key.read_bytes())
    assert "whoever has a copy" in commands.facts(copy).text().replace("\n", " ")
