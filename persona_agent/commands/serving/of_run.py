"""Answers about a finished run, for an agent that reads it.

In: the folder of a run. Out: `told`. Promises: what stands in personas.json, and no more: its figures are rounded already;
lines go out only where the server was started with `--lines`; a run that is not as it was sealed says so in every list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError
from ...report import shown
from ...report.called import called
from ...report.cited import key
from ...report.shown_lines import lines_at
from ...runs import names_of
from ...schema import Claim, Persona, PersonaSet
from ...store import Store
from ..showing import find_claim, find_persona, personas_of, seal_of
from . import told
from .visits_told import lines_told


@dataclass
class RunDesk:
    """A finished run that is open for questions."""

    out: Path
    lines: bool
    seal_key: Path | None = None

    @property
    def _set(self) -> PersonaSet:
        store = Store.open(self.out)
        return called(personas_of(store), names_of(store))

    def list_personas(self) -> told.Personas:
        """All of them, those first that are shown."""
        found = self._set
        on_page = {p.id for p in shown(found)}
        pages = [*([found.everyone] if found.everyone else []), *found.personas]
        return told.Personas(
            state=found.state,
            personas=[
                told.PersonaInList(
                    id=p.id,
                    name=p.label,
                    sentence=p.one_liner.text,
                    users=p.size.users,
                    share=p.size.share_users,
                    firm=p.firmness.word if p.firmness else None,
                    shown=p.id in on_page or p is found.everyone,
                )
                for p in pages
            ],
            seal=seal_of(self.out, self.seal_key).says,
            next=["get_persona", "compare"],
        )

    def get_persona(self, name: str) -> told.PersonaCard:
        """One card, with the ids of its claims."""
        p = find_persona(self._set, name)
        hidden = p.status == "withheld"
        return told.PersonaCard(
            id=p.id,
            name=p.label,
            sentence="" if hidden else p.one_liner.text,
            story=[] if hidden else [s.text for s in p.narrative],
            claims=[] if hidden else [_in_card(c) for c in _claims(p)],
            reasons=list(p.reasons),
            next=["get_claim", "compare"],
        )

    def get_claim(self, name: str) -> told.ClaimCard:
        """One claim with what was counted."""
        c = find_claim(self._set, name)
        t, again = c.truthfulness, c.replication.held_out
        return told.ClaimCard(
            **told.counted_figures(t),
            id=c.id,
            text=c.text,
            status=c.status,
            withdrawn_because=str(c.withdrawal) if c.withdrawal else None,
            held_out="not asked" if again is None else "holds" if again.holds else "does not hold",
            against=c.counter.says if c.counter else "",
            measure=c.measure,
            lines=[len(c.citations), len(c.counter.lines) if c.counter else 0],
            from_log_lines=self._lines(c, against=False),
            from_log_lines_against=self._lines(c, against=True),
        )

    def compare(self, names: Sequence[str]) -> told.ComparedPersonas:
        """The facts that every card was measured on, side by side."""
        found = self._set
        wanted = [find_persona(found, name).id for name in names] or [p.id for p in shown(found)]
        rows = [
            told.ComparedRow(
                fact=row.label,
                unit=row.unit,
                figures={c.persona: c.truth.value for c in row.cells if c.persona in wanted},
            )
            for row in found.compared or []
        ]
        if not rows:
            raise UsageError("This run compared no personas.", hint="`get_persona` has each card by itself.")
        return told.ComparedPersonas(personas=wanted, rows=rows)

    def _lines(self, claim: Claim, *, against: bool) -> list[str]:
        if not self.lines or self._set.staff is not None:
            return []
        cited = (claim.counter.lines if claim.counter else []) if against else claim.citations
        return lines_told(lines_at(Store.open(self.out), {key(c) for c in cited}), cited)


def _claims(persona: Persona) -> list[Claim]:
    return [*persona.claims, *persona.hypotheses]


def _in_card(claim: Claim) -> told.ClaimInCard:
    t = claim.truthfulness
    return told.ClaimInCard(id=claim.id, text=claim.text, status=claim.status, value=t.value, others=t.matched)
