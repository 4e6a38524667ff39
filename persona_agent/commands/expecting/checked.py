"""Expectations held against a finished run.

In: the folder of a run, a file, and the run whose ids stand in the file (`since`), where it is another: an id is then that of its
persona there, wherever that is now. Out: an `ExpectResult`, one finding an expectation, with the figure. No model is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...progress import Progress
from ...report import WIDTH, plain, wrapped
from ...schema import Changes, Claim, ClaimChange, GroupChange, Measure, Persona, PersonaSet
from ...store import Store
from ...words.english.changes_told import OUTCOMES, by_one_rule, claim_figures, figure_told, group_sentence
from ...words.english.first_pages import FIRM_WORDS
from ...words.wording import number, percent, printed
from ..diffing import changed
from ..results import SealedResult
from ..showing import personas_of, seal_of
from .expectations import EACH, Expectations, ExpectedPersona, NumberBounds, read_expectations

MOST_NAMED = 12  # names in an error
FIRMNESS = ("none", "soft", "fair", "firm")


@dataclass(frozen=True)
class CheckedExpectation:
    """One expectation: `what` is expected, at which `line` of the file, the `figure` of the run, and whether it is met."""

    what: str
    line: int
    figure: str
    met: bool


@dataclass(frozen=True)
class ExpectResult(SealedResult):
    """All findings, in the order of the file, and how the run stands to its seal."""

    findings: tuple[CheckedExpectation, ...]
    file: str

    def text(self) -> str:
        rows = [
            line
            for f in self.findings
            for line in wrapped(
                f"{'met   ' if f.met else 'NOT MET'}  {self.file}:{f.line}  {plain(f.what)}: {plain(f.figure)}",
                WIDTH,
                "    ",
            )
        ]
        met = sum(f.met for f in self.findings)
        return "\n".join([*rows, f"{met:,} of {len(self.findings):,} expectations are met."])

    def as_json(self) -> dict[str, Any]:
        return {"findings": [asdict(f) for f in self.findings], "seal": self.seal.standing}

    @property
    def failed(self) -> bool:
        return not all(f.met for f in self.findings)


def expect(
    out: Path, file: Path, progress: Progress, since: Path | None = None, seal_key: Path | None = None
) -> ExpectResult:
    """Every expectation of the file, held against the run in `out`; UsageError names the file and the line that cannot be
    used.
    """
    asked = read_expectations(file)
    store = Store.open(out)
    seal, changes = seal_of(out, seal_key), None
    if since is not None:
        changes = changed(Store.open(since), store, progress, [seal_of(since, seal_key), seal])
    held = _CheckedRun(asked, personas_of(store), changes)
    return ExpectResult(tuple(held.findings()), file.name, seal=seal)


class _CheckedRun:
    """A run, and the changes since the one whose ids stand in the file."""

    def __init__(self, asked: Expectations, personas: PersonaSet, changes: Changes | None) -> None:
        self.asked, self.changes = asked, changes
        self.shown = [p for p in personas.personas if p.status != "withheld"]
        self.now = {p.id: p for p in personas.personas}
        every = [*self.shown, *([personas.everyone] if personas.everyone else [])]
        self.claims = {c.id: c for p in every for c in p.claims}
        self.changed = {c.id: c for c in changes.claims} if changes else {}

    def findings(self) -> Iterator[CheckedExpectation]:
        page = self.asked.page
        for name, wanted in page.personas.items():
            yield from self._of_each(wanted) if name == EACH else self._of_persona(name, wanted)
        for name, said in page.claims.items():
            yield self._of_claim(name, said)
        if page.count is not None:
            n = len(self.shown)
            yield self._finding(
                ("count",), f"{_between(page.count, number)} personas", f"{n:,}", _within(n, page.count)
            )

    def _finding(self, path: tuple[str | int, ...], what: str, figure: str, met: bool) -> CheckedExpectation:
        return CheckedExpectation(what, self.asked.lines.at.get(path, 1), figure, met)

    def _of_each(self, wanted: ExpectedPersona) -> Iterator[CheckedExpectation]:
        for persona in self.shown:
            yield from self._of_card(EACH, persona.id, persona, wanted)

    def _of_persona(self, name: str, wanted: ExpectedPersona) -> Iterator[CheckedExpectation]:
        place = ("personas", name)
        if self.changes is None:
            if name not in self.now:
                raise self.asked.lines.error(
                    place, f"the run has no persona {name!r}.", f"There are: {_listed(self.now)}."
                )
            yield from self._of_card(name, name, self.now[name], wanted)
            return
        row = next((r for r in self.changes.personas if r.was == name), None)
        if row is None:
            known = _listed(self.changes.old.labels)
            raise self.asked.lines.error(place, f"the run before has no persona {name!r}.", f"There are: {known}.")
        persona = self.now.get(row.now or "")
        if persona is None:
            yield self._finding(place, f"{name} is there", group_sentence(self.changes, row), met=False)
            return
        called = name if persona.id == name else f"{name} (now {persona.id})"
        yield from self._of_card(name, called, persona, wanted, row)

    def _of_card(
        self, key: str, called: str, persona: Persona, wanted: ExpectedPersona, row: GroupChange | None = None
    ) -> Iterator[CheckedExpectation]:
        size, place = persona.size, ("personas", key)
        if wanted.users:
            met = _within(size.users, wanted.users)
            yield self._finding(
                (*place, "users"), f"{called} has {_between(wanted.users, number)} users", f"{size.users:,}", met
            )
        if wanted.share:
            said = f"{called} has {_between(wanted.share, percent)} of users"
            met = _within(size.share_users, wanted.share)
            by_rule = f"; {ruled}" if row is not None and (ruled := by_one_rule(row)) else ""
            yield self._finding((*place, "share"), said, f"{percent(size.share_users)}{by_rule}", met)
        if wanted.firm:
            word = persona.firmness.word if persona.firmness else "none"
            met = FIRMNESS.index(word) >= FIRMNESS.index(wanted.firm)
            yield self._finding((*place, "firm"), f"{called} is at least {wanted.firm}", FIRM_WORDS[word], met)

    def _of_claim(self, name: str, said: str | NumberBounds) -> CheckedExpectation:
        place = ("claims", name)
        if self.changes is not None:
            return self._of_changed(name, said, self._known(name, self.changed))
        claim: Claim = self._known(name, self.claims)
        if isinstance(said, str):
            return self._finding(place, f"{name} {said}", claim.text, met=True)
        return self._bounded(name, said, claim.measure, claim.truthfulness.value, claim.truthfulness.bound)

    def _of_changed(self, name: str, said: str | NumberBounds, row: ClaimChange) -> CheckedExpectation:
        if not isinstance(said, str):
            return self._bounded(name, said, row.measure, row.now, row.bound_now)
        met = row.outcome == "holds" or (said == "not refuted" and row.outcome != "refuted")
        first = "" if row.outcome == said else f"{OUTCOMES[row.outcome]}. "
        figure = f"{first}{row.text} {claim_figures(row)}"
        return self._finding(("claims", name), f"{name} {said}", figure, met)

    def _bounded(
        self, name: str, said: NumberBounds, measure: Measure | None, value: float | None, bound: str | None
    ) -> CheckedExpectation:
        # Of a share that is told by its bound it has to hold whatever the few do.
        ends = (0.0, value) if bound == "under" else (value, 1.0) if bound else (value, value)
        met = value is not None and all(end is not None and _within(end, said) for end in ends)
        what = f"{name} is {_between(said, lambda x: printed(measure, x))}"
        return self._finding(("claims", name), what, figure_told(measure, value, bound), met)

    def _known(self, name: str, known: Any) -> Any:
        if name not in known:
            run = "the run" if self.changes is None else "the run before"
            raise self.asked.lines.error(
                ("claims", name), f"{run} has no claim {name!r}.", f"There are: {_listed(known)}."
            )
        return known[name]


def _within(value: float, bounds: NumberBounds) -> bool:
    low, high = bounds.at_least, bounds.at_most
    return (low is None or value >= low) and (high is None or value <= high)


def _between(bounds: NumberBounds, told: Any) -> str:
    low, high = bounds.at_least, bounds.at_most
    parts = [
        *([f"at least {told(low)}"] if low is not None else []),
        *([f"at most {told(high)}"] if high is not None else []),
    ]
    return " and ".join(parts)


def _listed(names: Any) -> str:
    told = list(names)
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return (", ".join(told[:MOST_NAMED]) or "none") + more
