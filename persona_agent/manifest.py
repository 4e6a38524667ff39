"""The manifest of a run: digests of the files that it left, in run.json, under a seal.

In: a run folder and a `Seal`. Out: run.json with the manifest, and later whether all is still as it was. Promises: the code
covers the whole of run.json and, by digest, every file that `check`, `show` and the report rest on; the ledger by what
it holds, whatever pages of its file that is in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any, Literal

from .errors import StoreError
from .models.ledger import LEDGER, Ledger
from .seal import Seal
from .store import KEY, OPTED_OUT, Store

RUN, MANIFEST = "run.json", "manifest"
# Proposed to people to be edited: nothing rests on the file itself, for what a run went by stands in run.json.
CODEBOOK = "codebook.yaml"
# What people changed on the pages, and the personas as the program made them, on which it is merged again.
EDITS, UNEDITED = "edits.yaml", "unedited.json"
BY_PEOPLE = (CODEBOOK, EDITS)
THEMES = "themes.parquet"
PLACING = "placing.npz"
EXPORTS = ".exports.json"
QUESTIONS = "questions.jsonl"  # that the run was asked
# What a run may leave that something rests on; files of its stages and of its end among them.
SEALED = (
    EDITS, EXPORTS, ".forgotten", KEY, OPTED_OUT, UNEDITED, ".users.parquet", "actions.parquet", "briefing.json", "changes.html",
    "changes.json", "changes.md", CODEBOOK, "dossiers.json", "events.parquet", "findings.json", "given.npz", "groups.npz", LEDGER,
    "memories.parquet", "personas.json", "personas.md", PLACING, QUESTIONS, "rejects.jsonl", "report.html", "set_aside.jsonl",
    THEMES, "users.parquet",
)  # fmt: skip
MAY_GO = {KEY, "briefing.json", "dossiers.json", "findings.json", "groups.npz"}
FORGED = "NOT AS IT WAS SEALED"
VERIFIED = "Verified: all files are as this run left them."
EDITED = "Verified: all files are as this run left them, but for {}, edited since and not read yet."
OLDER = f"{RUN} is of an older run than the one that you sealed last in this folder"
ANOTHERS = "you sealed a run in this folder, and this is not it"
NOT_YOURS = "Not sealed by you: this is what the folder says. `check` counts its cards again."

TO_MEND = "`check` says in what its cards differ. Make the run again with --fresh, or work on a copy that is as it was sealed."
RUN_CHANGED = f"{RUN} has changed"
# In a manifest: what was found wrong before a command changed the run, which is then not sealed again.
BROKEN = "broken"
UNFINISHED = "Not finished: what its stages left is as it was, and what was asked since is not sealed yet."

Standing = Literal["verified", "changed", "not_yours", "unfinished"]


NOT_SEALED = " is not of the run that was sealed"


@dataclass(frozen=True)
class Verification:
    """How a run folder stands to its seal: `verified`; `changed` since, with what in `problems`; `not_yours`, where no
    secret of this user sealed it, which says nothing for or against it; or `unfinished`, where a run stopped between two seals
    and its ledger has grown since the first. `edited`: files that people are asked to edit, and somebody has since.
    """

    standing: Standing
    problems: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """One line."""
        if self.standing == "changed":
            return f"{FORGED}: {'; '.join(self.problems)}."
        if self.standing == "not_yours":
            return NOT_YOURS
        if self.standing == "unfinished":
            return UNFINISHED
        return EDITED.format(" and ".join(self.edited)) if self.edited else VERIFIED


AS_SEALED = Verification("verified")


def file_digests(store: Store, names: Iterable[str]) -> dict[str, str]:
    """The digest of each of these files that is there."""
    places = {name: place_of(store, name) for name in names}
    return {name: _digest(place) for name, place in places.items() if place.is_file()}


def place_of(store: Store, name: str) -> Path:
    """Where a file of the run is: in its folder, but for a key that is kept apart, which stands in the manifest as `.key`."""
    return store.key_path if name == KEY else store.path(name)


def write_sealed(store: Store, run: Mapping[str, Any], files: Mapping[str, str], seal: Seal) -> dict[str, Any]:
    """run.json with the digests of `files`, sealed."""
    manifest = {"sealed_by": seal.name, "files": dict(sorted(files.items()))}
    sealed = json.loads(json.dumps({**run, MANIFEST: manifest}))  # as it will be read
    code = seal.code(sealed)
    written = {**sealed, MANIFEST: {**manifest, "code": code}}
    with seal.remembered(store.out, code):
        store.write_json(RUN, written)
    return written


def seal_again(store: Store, run: Mapping[str, Any], before: Verification, seal: Seal) -> None:
    """run.json after a command changed a finished run. What was not verified before is not vouched for afterwards; what had
    changed keeps its broken seal, with what was wrong, so that no later command forgets it.
    """
    if before.standing == "changed":
        store.write_json(RUN, {**run, MANIFEST: {**(run.get(MANIFEST) or {}), BROKEN: list(before.problems)}})
        return
    vouches = seal if before.standing == "verified" else Seal(b"", seal.file)
    write_sealed(store, run, file_digests(store, SEALED), vouches)


def refuse_changed(found: Verification, what: str, hint: str) -> None:
    """StoreError for a run that is not as it was sealed: nothing is built on it. `what` says which."""
    if found.standing == "changed":
        raise StoreError(f"{what}: {found.says}", hint=hint)


def is_sealed(run: Mapping[str, Any], seal: Seal) -> bool:
    """Is this run.json as a run with this seal wrote it?"""
    manifest = dict(run.get(MANIFEST) or {})
    code = manifest.pop("code", "")
    return seal.is_mine({**run, MANIFEST: manifest}, code)


def is_newest(store: Store, run: Mapping[str, Any], seal: Seal) -> bool:
    """Is this run.json what was sealed last in its folder, as far as that was written down?"""
    last = seal.last_codes(store.out) if seal.secret else []
    return not last or (run.get(MANIFEST) or {}).get("code") in last


def are_as_sealed(store: Store, run: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Are these files there, with the digests that stand in this run.json? A codebook may have been edited: what it says is
    compared where it is read.
    """
    sealed, wanted = (run.get(MANIFEST) or {}).get("files", {}), list(names)
    now = file_digests(store, wanted)
    return all(name in now and (name == CODEBOOK or now[name] == sealed.get(name)) for name in wanted)


def verify(store: Store, seal: Seal) -> Verification:
    """Are all files of a run as it left them, and is it the last that was sealed in its folder? Those files that only a resumed
    run reads may be gone.
    """
    run = store.read_json(RUN)
    manifest = run.get(MANIFEST) or {}
    if not seal.secret or manifest.get("sealed_by") != seal.name:
        return Verification("not_yours") if is_newest(store, run, seal) else Verification("changed", (ANOTHERS,))
    if not is_sealed(run, seal):
        known = manifest.get(BROKEN)
        return Verification("changed", tuple(map(str, known)) if isinstance(known, list) and known else (RUN_CHANGED,))
    if not is_newest(store, run, seal):
        return Verification("changed", (OLDER,))
    sealed: dict[str, str] = dict(manifest["files"])
    now = file_digests(store, {*SEALED, *sealed})
    edited = tuple(n for n in BY_PEOPLE if n in now and now[n] != sealed.get(n))
    for name in edited:
        del now[name]
        sealed.pop(name, None)
    if CODEBOOK not in now:
        sealed.pop(CODEBOOK, None)  # proposed to people, who may not want it
    grown = run.get("status") == "running" and now.get(LEDGER) not in (None, sealed.get(LEDGER))
    if grown:
        del now[LEDGER]
        sealed.pop(LEDGER, None)
    problems = [f"{name} is gone" for name in sealed if name not in now and name not in MAY_GO]
    problems += [f"{name} has changed" for name in sealed if name in now and now[name] != sealed[name]]
    problems += [f"{name}{NOT_SEALED}" for name in now if name not in sealed]
    standing: Standing = "changed" if problems else "unfinished" if grown else "verified"
    return Verification(standing, tuple(sorted(problems)), edited)


def _digest(path: Path) -> str:
    """Of the ledger what it holds: reading it may already move pages of its file."""
    if path.name != LEDGER:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    try:
        ledger = Ledger(path)
    except StoreError:
        return ""
    try:
        return ledger.digest()
    except StoreError:
        return ""
    finally:
        ledger.close()
