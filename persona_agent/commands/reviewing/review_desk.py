"""What the page of `review` asks for, done by `edit`.

In: the folder of a run, options that may name models, a change. Out: the page, or `ChangeTold`, what code says. Promises: every
change goes through `edit`, one at a time; a change of a place that has changed since it was looked at is refused, with the page
as it is now; what models cost stays under `--max-cost` from the first change to the last.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ...edits import parsed_edits, read_edits
from ...edits.entries import LONGEST_FILE
from ...errors import PersonaAgentError
from ...models.opening import check_models
from ...options import Options
from ...progress import Progress
from ...report import report_html
from ...report.called import called
from ...report.review_page import review_html, review_main
from ...report.reviewed import Review, review_of, version_of
from ...report.shown_lines import cited_lines
from ...runs import names_of
from ...schema import EditTold
from ...store import Store
from ...words.english.grammar import plural
from ..allowing import Allowance
from ..changing import Change, edit
from ..edit_result import EditResult
from ..showing import personas_of, seal_of

LONGEST = 4_000  # characters of a field: ten times what has room on a page
CHANGED_SINCE = (
    "This was changed since you looked at it, in another window or by a command. The page has it as it is now. Your words are "
    "still in the box: save again to put them in its place."
)


class ChangeAsked(BaseModel):
    """A change of a place whose version was `seen`; `undo` is the id of an edit that is taken back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: str = Field(max_length=40)
    seen: str = Field(default="", max_length=40)
    text: str = Field(default="", max_length=LONGEST)
    rests_on: list[str] = Field(default=[], max_length=100)
    measure: str | None = Field(default=None, max_length=LONGEST)
    verdict: Literal["accepted", "rejected"] | None = None
    own_words: bool = False
    locked: bool | None = None
    note: str | None = Field(default=None, max_length=LONGEST)
    undo: str = Field(default="", max_length=60)

    def change(self) -> Change:
        """The same for `edit`."""
        return Change(
            self.undo or self.at,
            self.text,
            tuple(self.rests_on),
            self.measure,
            self.verdict,
            self.own_words,
            self.locked,
            self.note,
            bool(self.undo),
        )


class JoinAsked(BaseModel):
    """The edits of somebody else, as the text of a file called `name`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=255)
    text: str = Field(max_length=LONGEST_FILE)


class ChangeTold(BaseModel):
    """What code says to a change: why it is `refused`, or how `at` reads now with its `mark`; `main` is the page, if any."""

    refused: list[str] = []
    at: str = ""
    reads: str = ""
    mark: str = ""
    main: str = ""


class ReviewDesk:
    """One run under review. Its methods may be called from several threads."""

    def __init__(self, out: Path, options: Options, progress: Progress) -> None:
        check_models(options)
        self.out, self._options, self._progress = out, options, progress
        self._allowance = Allowance(Store.open(out), options)
        self._alone = Lock()
        self._review()  # says what is wrong with the folder before anybody opens the page

    def page(self) -> str:
        return review_html(self._review())

    def report(self) -> str:
        """The report, made anew: of the folder's own file nobody knows here who wrote it."""
        store = Store.open(self.out)
        personas = personas_of(store)
        return report_html(called(personas, names_of(store)), cited_lines(store, personas))

    def edits(self) -> list[EditTold]:
        """What became of everything that was changed."""
        return personas_of(Store.open(self.out)).edits or []

    def tried(self, asked: ChangeAsked) -> ChangeTold:
        """What code says to a text; nothing is written and no model asked."""
        if "." not in asked.at:
            return ChangeTold()  # a claim is counted when it is proposed, and words are turned into one by a model
        with self._alone:
            try:
                made = edit(self.out, asked.change(), self._options, self._progress, keep=False)
            except PersonaAgentError as error:
                return ChangeTold(refused=[str(error)])
        return ChangeTold(refused=made.refused, at=made.at, reads=made.reads, mark=made.mark)

    def changed(self, asked: ChangeAsked) -> ChangeTold:
        """The change made, or why it may not stand."""
        with self._alone:
            try:
                if asked.seen and asked.seen != self._version(asked.at):
                    return ChangeTold(refused=[CHANGED_SINCE], main=self._main())
                return self._told(edit(self.out, asked.change(), self._allowance.left(), self._progress))
            except PersonaAgentError as error:
                return ChangeTold(refused=[str(error)])

    def joined(self, asked: JoinAsked) -> ChangeTold:
        """Somebody else's edits among those of this run, each held to the rules."""
        with self._alone:
            try:
                theirs = parsed_edits(asked.name, asked.text)
                made = edit(self.out, None, self._allowance.left(), self._progress, theirs=theirs)
            except PersonaAgentError as error:
                return ChangeTold(refused=[str(error)])
            mine = [e for e in made.edits if e.id in theirs.entries]
            conflicts = sum(e.outcome == "conflict" for e in mine)
            do_not = f"{conflicts} of them not standing here" if conflicts else "and all stand"
            return ChangeTold(reads=f"{plural(len(mine), 'change')} joined, {do_not}.", main=self._main())

    def _told(self, made: EditResult) -> ChangeTold:
        if made.refused:
            return ChangeTold(refused=made.refused)
        return ChangeTold(at=made.at, reads=made.reads, mark=made.mark, main=self._main())

    def _version(self, at: str) -> str:
        store = Store.open(self.out)
        return version_of(personas_of(store), read_edits(store).entries, at)

    def _main(self) -> str:
        return review_main(self._review())

    def _review(self) -> Review:
        store = Store.open(self.out)
        return review_of(store, personas_of(store), self._options, seal_of(self.out, self._options.seal_key))
