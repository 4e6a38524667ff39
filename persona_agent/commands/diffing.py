"""`diff`: what changed from one run to a later one, or to a later log.

In: the folder of a run, and that of a later one or a log. Out: a `DiffResult`, and pages where they are asked for. A log is
read and grouped first, under the options and the key of the run, into a folder that is thrown away. No model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..folders import temporary_folder
from ..log.optouts import keep_out_as
from ..manifest import Verification, verify
from ..progress import Progress
from ..report.changes_page import changes_html, changes_markdown, changes_screen
from ..runs import options_of
from ..schema import Changes
from ..seal import find_seal
from ..store import Store
from .comparing import compare, finished_side, followed
from .exporting import refuse_existing, write_new
from .results import Result, SealedResult, seal_remarks
from .running import run


@dataclass(frozen=True)
class DiffResult(Result):
    """What changed, how the files of each run stand to their seal (`seals`: of the earlier, of the later where it is one),
    and the pages that were written.
    """

    changes: Changes
    seals: tuple[Verification, ...]
    files: tuple[Path, ...] = ()

    def text(self) -> str:
        return "\n\n".join([changes_screen(self.changes), *("\n".join(map(str, f)) for f in [self.files] if f)])

    @property
    def remarks(self) -> Sequence[str]:
        return seal_remarks(self.seals, SealedResult.remarked)

    @property
    def exit_status(self) -> int:
        """A change is no failure; a run that is not as it was sealed is."""
        return 1 if any(seal.standing == "changed" for seal in self.seals) else 0

    def as_json(self) -> dict[str, Any]:
        return {**self.changes.model_dump(mode="json"), "seals": [seal.standing for seal in self.seals]}


def diff(
    old: Path,
    new: Sequence[str],
    progress: Progress,
    *,
    page: Path | None = None,
    markdown: Path | None = None,
    workers: int | None = None,
    seal_key: Path | None = None,
) -> DiffResult:
    """`new` is the folder of a run, or a log; UsageError where a page is there already."""
    for path in (page, markdown):
        refuse_existing(path)
    earlier = Store.open(old)
    seals: tuple[Verification, ...] = (verify(earlier, find_seal(seal_key)),)
    if len(new) == 1 and (Path(new[0]) / "run.json").is_file():
        later = Store.open(Path(new[0]))
        seals = (*seals, verify(later, find_seal(seal_key)))
        changes = changed(earlier, later, progress, seals)
    else:
        changes = _on_log(earlier, new, progress, workers, seals)
    made = [(page, changes_html), (markdown, changes_markdown)]
    files = [(path, render(changes)) for path, render in made if path is not None]
    for path, text in files:
        write_new(path, text)
    return DiffResult(changes, seals, tuple(path for path, _ in files))


def changed(earlier: Store, later: Store, progress: Progress, seals: Sequence[Verification]) -> Changes:
    """All that changed between two finished runs; `seals` of the earlier one, and of the later where it was not made just now."""
    if earlier.out.resolve() == later.out.resolve():
        raise UsageError("Both are the same run.", hint="Name an earlier one, then a later one.")
    progress.stage("compare")
    sealed = [seal.standing == "verified" for seal in seals]
    old, new = (finished_side(s, sealed=ok) for s, ok in zip((earlier, later), (*sealed, True), strict=False))
    return compare(old, new, followed(old, new))


def _on_log(
    earlier: Store, log: Sequence[str], progress: Progress, workers: int | None, seals: Sequence[Verification]
) -> Changes:
    """The same with a later log, of which a run is made first: by code, in a folder that is thrown away."""
    options = options_of(earlier.read_json("run.json"), tuple(log)).but(workers=workers)
    with temporary_folder() as folder:
        later = Store.create(folder)
        later.take_key_of(earlier)
        keep_out_as(later, earlier)
        run(options.but(out=folder), progress)
        return changed(earlier, later, progress, seals)
