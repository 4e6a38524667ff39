"""`referee`: groups and a document from anywhere, held against a log.

In: options, groups, a document, or both. Out: audit.json and audit.md where there is a document, groups.json where there are
groups, and referee.html with the verdicts in the margin of the document; on request a sealed certificate. Promises: the log
is read once; groups are tested before a word about them is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ProviderError, UsageError
from ...options import Options
from ...progress import Progress
from ...report import plain, wrapped
from ...report.cited import Lines
from ...report.terminal import WIDTH
from ...schema import Audit, GroupTests
from ...store import Store
from ...words.english.trials_told import members_told
from ..auditing import audit_markdown, audit_screen
from ..auditing.verifying import (
    audit_on,
    checked,
    document,
    made_from,
    needs_model,
    run_with,
    stop_at_forgery,
    without_ids,
)
from ..open_log import open_log
from ..results import Result
from .certificates import write_certificate
from .group_trials import try_groups
from .page import verdicts_page

PAGE = "referee.html"


@dataclass(frozen=True)
class Refereed(Result):
    """What was found, and where it is written."""

    groups: GroupTests | None
    audit: Audit | None
    out: Path
    certificate: Path | None = None

    def text(self) -> str:
        parts = []
        if self.groups:
            told = [line for says in self.groups.says for line in wrapped(says, WIDTH)]
            rows = [line for g in self.groups.groups for line in _row(g.name, members_told(g.members), g.says)]
            parts.append("\n".join([*told, "", *rows]))
        if self.audit:
            parts.append(audit_screen(self.audit, WIDTH))
        files = [str(self.out / PAGE), *([str(self.certificate)] if self.certificate else [])]
        return "\n\n".join([*parts, "\n".join(files)])

    def as_json(self) -> dict[str, Any]:
        return {
            "groups": self.groups and self.groups.model_dump(mode="json"),
            "audit": self.audit and self.audit.model_dump(mode="json"),
            "page": str(self.out / PAGE),
            "certificate": None if self.certificate is None else str(self.certificate),
        }

    @property
    def remarks(self) -> Sequence[str]:
        return [f"partial: {why}" for why in self.audit.unasked] if self.audit else []

    @property
    def exit_status(self) -> int:
        """1 where a statement is contradicted or an artefact, or a group does not come back."""
        outcomes = self.audit.outcomes if self.audit else {}
        if outcomes.get("error"):
            return ProviderError.exit_status
        gone = any(g.word == "none" for g in self.groups.groups) if self.groups else False
        return 1 if gone or outcomes.get("contradicted") or outcomes.get("artefact") else 0


def referee(
    options: Options,
    *,
    groups: Path | None,
    personas: Path | None,
    certificate: Path | None,
    progress: Progress,
) -> Refereed:
    """Groups tested, and each statement of a document decided; UsageError before anything is read where neither is named."""
    if groups is None and personas is None:
        raise UsageError("There is nothing to judge.", hint="Name --groups FILE, --document FILE, or both.")
    options = checked(options, progress)
    if personas is not None:
        read = document(personas)  # what cannot be read is said before the log is
        if groups is not None or not personas.is_dir():
            needs_model(read, options, grouped=groups is not None)
    store = Store.create(options.out)
    stop_at_forgery([made_from(groups), run_with(personas) if personas else None], options, progress)
    opened = open_log(options, store, progress, [groups, run_with(personas) if personas else None])
    tests, members = None, None
    if groups is not None:
        names, label = opened.labels(groups)
        tests = try_groups(opened, names, label, progress)
        users = opened.seen.users
        members = {n: [users[u] for u in (label == g).nonzero()[0].tolist()] for g, n in enumerate(names)}
        store.write_text("groups.json", tests.model_dump_json(indent=1) + "\n")
    made: Audit | None = None
    lines: Lines = {}
    if personas is not None:
        made, lines = audit_on(opened, personas, members, progress)
        store.write_text("audit.json", made.model_dump_json(indent=1) + "\n")
        store.write_text("audit.md", audit_markdown(made, lines))
    shown = None if personas is None else without_ids(document(personas, list(members or ())), store)
    store.write_text(PAGE, verdicts_page(made, tests, shown, personas or Path(), lines))
    if certificate is not None:
        files = {"document": _content(personas), "groups": _content(groups)}
        write_certificate(certificate, opened, made, tests, files)
    return Refereed(tests, made, options.out, certificate)


def _content(path: Path | None) -> tuple[str, bytes] | None:
    """The name and content of a file, or of the personas of a run."""
    if path is None:
        return None
    file = path / "personas.json" if path.is_dir() else path
    return file.name, file.read_bytes()


def _row(name: str, members: str, says: str) -> list[str]:
    return [*wrapped(f"{plain(name)} ({members})", WIDTH), *wrapped(says, WIDTH, "    ")]
