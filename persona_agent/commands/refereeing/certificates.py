"""A certificate: what a referee found, of which log, groups and document, by which program; sealed as a run is.

In: verdicts and the files that they are of. Out: one JSON file, and later whether it is as it was sealed and whether files at
hand are those that it is of. Promises: it holds no line of the log and no user; it names files without their folders; without the
secret of whoever made it nothing is vouched for, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ... import __version__
from ...errors import InputError, UsageError
from ...folders import open_private
from ...ids import record_hash
from ...manifest import Standing
from ...report import plain, wrapped
from ...report.terminal import WIDTH
from ...schema import Audit, GroupTests
from ...seal import find_seal, open_seal
from ...words.wording import printed
from ..auditing.printing import counted_outcomes
from ..open_log import OpenLog
from ..results import Result

KIND = "persona-agent certificate"
PACKAGE = Path(__file__).resolve().parents[2]
NOT_YOURS = "Not sealed by you: nothing is vouched for. Ask whoever made it to check it."
SAYS: dict[str, str] = {
    "verified": "Verified: the certificate is as you sealed it.",
    "changed": "NOT AS IT WAS SEALED: the certificate has changed.",
    "not_yours": NOT_YOURS,
}


@dataclass(frozen=True)
class CertificateResult(Result):
    """How a certificate stands to its seal, of which files it is (`same`: those at hand that are, `other`: those that are none of
    them), and what it says.
    """

    standing: Standing
    certificate: dict[str, Any] = field(repr=False)
    same: Sequence[str] = ()
    other: Sequence[str] = ()

    def text(self) -> str:
        made, says = self.certificate, SAYS[self.standing]
        files = [f"{what}: {f['file']} sha256 {f['sha256']}" for what, f in _files(made)]
        outcomes = made.get("outcomes") or {}
        told = [counted_outcomes(outcomes)] if outcomes else []
        told += [f"{g['name']}: {g['says']}" for g in made.get("groups_found", [])]
        at_hand = [f"{name} is the one that was certified" for name in self.same]
        at_hand += [f"{name} IS NONE OF THE FILES THAT WERE CERTIFIED" for name in self.other]
        head = f"By persona-agent {made.get('program')}; read by {made.get('judged_by') or 'nobody: groups alone'}."
        return "\n".join(line for text in (says, head, *files, *at_hand, *told) for line in wrapped(plain(text), WIDTH))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def exit_status(self) -> int:
        return 1 if self.standing == "changed" or self.other else 0


def is_certificate(path: Path) -> bool:
    """A file, where the folder of a run would be one."""
    return path.is_file()


def write_certificate(
    path: Path,
    opened: OpenLog,
    audit: Audit | None,
    tests: GroupTests | None,
    files: dict[str, tuple[str, bytes] | None],
) -> None:
    """The certificate at `path`; `files` are the name and content of document and groups. UsageError if it cannot be written."""
    log = [{"file": Path(f["path"]).name, "sha256": f["sha256"]} for f in opened.log.fingerprints()]
    seal = open_seal(opened.options.seal_key, path)
    made: dict[str, Any] = {
        "kind": KIND,
        "program": __version__,
        "program_sha256": program_digest(),
        "log": log,
        **{what: {"file": f[0], "sha256": sha256(f[1]).hexdigest()} for what, f in files.items() if f},
        "options": opened.options.hashed(),
        "judged_by": audit.judged_by if audit else None,
        "prompts": audit.prompts if audit else {},
        "outcomes": audit.outcomes if audit else {},
        "verdicts": _verdicts(audit) if audit else [],
        "groups_found": [g.model_dump() for g in tests.groups] if tests else [],
        "groups_say": tests.says if tests else [],
        "sealed_by": seal.name,
    }
    made = json.loads(json.dumps(made))  # as it will be read
    text = json.dumps({**made, "code": seal.code(made)}, indent=1, ensure_ascii=False)
    try:
        with open_private(path) as file:  # who hands it on says to whom
            file.write(text + "\n")
    except OSError as error:
        raise UsageError(f"--certificate {str(path)!r} cannot be written: {error.strerror}.") from None


def check_certificate(path: Path, at: Sequence[str], seal_key: Path | None = None) -> CertificateResult:
    """Is a certificate as it was sealed, and are the files of `at` those that it is of? InputError where it is none."""
    made = _read(path)
    code = made.pop("code", "")
    seal = find_seal(seal_key)
    mine = bool(seal.secret) and made.get("sealed_by") == seal.name
    standing: Standing = "not_yours" if not mine else "verified" if seal.is_mine(made, code) else "changed"
    certified = {f["sha256"] for _, f in _files(made)}
    found = {name: _digest(Path(name)) for name in at}
    same = [name for name, digest in found.items() if digest in certified]
    return CertificateResult(standing, made, same, [name for name in found if name not in same])


def program_digest() -> str:
    """Of the program's own files: two of one version may differ."""
    found = sha256()
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in (".py", ".j2", ".css", ".js") and file.is_file():
            found.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def _verdicts(audit: Audit) -> list[dict[str, Any]]:
    return [
        {
            "id": s.id, "of": p.name, "text": s.text, "where": s.where, "outcome": s.outcome, "reason": s.reason,
            "measured": [
                {
                    "words": x.words,
                    "value": printed(x.measure, x.result.value),
                    "interval": x.result.ci,
                    "others": x.result.matched,
                    "users": x.result.n,
                    "set_aside": x.set_aside.holds if x.set_aside else None,
                    "measure": x.measure.model_dump(exclude_defaults=True) if x.measure else None,
                }
                for x in s.parts
            ],
        }
        for p in audit.personas
        for s in p.statements
    ]  # fmt: skip


def _files(made: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Every file that a certificate is of, with what it is."""
    found = [("log", f) for f in made.get("log", [])]
    return found + [(what, made[what]) for what in ("groups", "document") if isinstance(made.get(what), dict)]


def _read(path: Path) -> dict[str, Any]:
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        made = None
    if not isinstance(made, dict) or made.get("kind") != KIND:
        raise InputError(
            f"{str(path)!r} is neither the folder of a run nor a certificate.",
            hint="`run` makes the one, `referee --certificate FILE` the other.",
        )
    return made


def _digest(path: Path) -> str:
    if not path.is_file():
        raise UsageError(f"There is no file {str(path)!r}.", hint="Name the log, the groups or the document.")
    return record_hash(path.read_bytes())
