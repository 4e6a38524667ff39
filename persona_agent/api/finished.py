"""A finished run in the hands of a program: its personas, claims with their lines, users, and the report."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from ..commands import assigning, changing, replying
from ..commands.assigning import STALE_AFTER
from ..commands.changing import Change
from ..commands.citing import LineOfClaim, read_cited_lines
from ..commands.edit_result import EditResult
from ..commands.showing import find_claim, find_persona, personas_of, seal_of
from ..edits.entries import read_measure
from ..errors import UsageError
from ..log.frames import paths_of
from ..manifest import Verification
from ..options import Options
from ..progress import Progress, Silent
from ..report import first_page, shown
from ..report.called import called
from ..report.phrasing import withheld
from ..runs import names_of
from ..schema import Claim, LogState, Measure, Persona, PersonaSet, Reply
from ..store import Store
from ..words.english.grammar import plural
from .tables import Table

REPORT, USERS = "report.html", "users.parquet"


class CitedClaim(Claim):
    """A claim with what stands in its lines, and in those against it."""

    lines: list[LineOfClaim]
    against: list[LineOfClaim]


class Run:
    """What a run found, in the folder `out`. `failures` say what could not be had of a model.

    A temporary folder is gone when this is, at the latest when the program ends, or when a `with` ends.
    """

    def __init__(
        self,
        out: Path,
        personas: PersonaSet,
        failures: list[str],
        *,
        temporary: bool = False,
        seal_key: Path | None = None,
    ) -> None:
        self.out, self.failures, self.persona_set, self.seal_key = out, failures, personas, seal_key
        self._gone = weakref.finalize(self, shutil.rmtree, out, ignore_errors=True) if temporary else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._gone is not None:
            self._gone()

    def __repr__(self) -> str:
        found = plural(len(self.personas), self.persona_set.noun)
        users = plural(self.persona_set.counts.get("users", 0), "user")
        seal = self.seal  # what cannot be trusted is said wherever a run is shown
        forged = f", {seal.says}" if seal.standing == "changed" else ""
        return f"<Run: {found} of {users}, in {str(self.out)!r}{forged}>"

    def _repr_html_(self) -> str:
        """The first page, as a notebook shows it; above it, what is not as it was sealed."""
        seal = self.seal
        forged = f"<p><strong>{escape(seal.says)}</strong></p>" if seal.standing == "changed" else ""
        return forged + first_page(called(self.persona_set, names_of(Store.open(self.out))))

    @property
    def personas(self) -> list[Persona]:
        """Those that passed the gate, by size."""
        return shown(self.persona_set)

    @property
    def withheld(self) -> list[Persona]:
        """Groups that are not described, each with its `reasons`."""
        return withheld(self.persona_set)

    @property
    def everyone(self) -> Persona | None:
        """All users on one page, where the log does not fall into groups."""
        return self.persona_set.everyone

    @property
    def state(self) -> LogState:
        """Whether the log falls into groups."""
        return self.persona_set.state

    @property
    def seal(self) -> Verification:
        """Whether the files of the folder are, now, as you sealed them, and what is not."""
        return seal_of(self.out, self.seal_key)

    @property
    def report(self) -> Path:
        """The report, a file of its own for a browser."""
        return self.out / REPORT

    def html(self) -> str:
        """The text of the report."""
        return self.report.read_text(encoding="utf-8")

    def claims(self) -> list[Claim]:
        """Every claim of what is shown."""
        pages = [*self.personas, *([self.everyone] if self.everyone else []), *self.persona_set.tenths]
        return [claim for persona in pages for claim in persona.claims]

    def persona(self, name: str) -> Persona:
        """The persona called so, shown or not; UsageError where there is none."""
        return find_persona(self.persona_set, name)

    def claim(self, name: str) -> CitedClaim:
        """The claim called so, also a hypothesis or a withdrawn one, with its lines; UsageError where there is none."""
        claim = find_claim(self.persona_set, name)
        store = Store.open(self.out)
        against = claim.counter.lines if claim.counter else []
        return CitedClaim(
            **dict(claim), lines=read_cited_lines(store, claim.citations), against=read_cited_lines(store, against)
        )

    def assign(
        self,
        log: Any = None,
        *,
        by: Literal["model", "rule"] = "model",
        ids: bool = False,
        purpose: str | None = None,
        stale_after: int = STALE_AFTER,
        opt_out: str | Path | None = None,
    ) -> Table:
        """A row for each user of `log` (a path, a glob, a data frame, or a list of these), or of the run: persona or none,
        with its certainty and the scores behind it, by the model as it stands. Raw `ids` are for a `purpose`, which the
        run's folder keeps. UsageError where nobody may be placed.
        """
        left = Path(opt_out) if opt_out is not None else None
        with paths_of(log) if log is not None else nullcontext(()) as paths:
            made = assigning.assign(
                self.out, paths, by=by, ids=ids, purpose=purpose, opt_out=left, seal_key=self.seal_key
            )  # fmt: skip
        if ids:
            assigning.note_given(self.out, purpose, stale_after, self.seal_key)
        return Table(made.rows, self)

    def ask(self, question: str, *, progress: Progress | None = None, **options: Any) -> Reply:
        """What the run says to a question, counted by code; `model=` and the like name who reads the question."""
        return replying.ask(self.out, question, self._options(options), progress or Silent()).reply

    def edit(
        self,
        at: str,
        text: str = "",
        *,
        rests_on: Sequence[str] = (),
        measure: Measure | Mapping[str, Any] | str | None = None,
        verdict: Literal["accepted", "rejected"] | None = None,
        own_words: bool = False,
        locked: bool | None = None,
        note: str | None = None,
        undo: bool = False,
        progress: Progress | None = None,
        **options: Any,
    ) -> EditResult:
        """A name (`p1.name`), a sentence, a suggestion or a claim changed, or, in `refused`, why it may not stand. The run has it
        from then on.
        """
        asked = Measure.model_validate(read_measure(measure)) if isinstance(measure, Mapping) else measure
        change = Change(at, text, tuple(rests_on), asked, verdict, own_words, locked, note, undo)
        done = changing.edit(self.out, change, self._options(options), progress or Silent())
        if not done.refused:
            self.persona_set = personas_of(Store.open(self.out))
        return done

    def _options(self, given: Mapping[str, Any]) -> Options:
        return Options(**{"seal_key": self.seal_key, **given})

    def users(self) -> Table:
        """Every user by a keyed hash, with persona, memberships and profile; UsageError where users are people at work."""
        if self.persona_set.staff is not None:
            raise UsageError(
                f"Who is in which group is not given out: {self.persona_set.staff}, so staff mode is on.",
                hint="It tells of teams. Where a purpose speaks for it, run again with no_staff='the purpose'.",
            )
        return Table(Store.open(self.out).path(USERS), self)
