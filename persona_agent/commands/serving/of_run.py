"""Answers about a finished run, for an agent that reads it.

In: the folder of a run. Out: `told`. Promises: what stands in personas.json, and no more: its figures are rounded already;
lines go out only where the server was started with `--lines`; a run that is not as it was sealed says so in every list; a
question is answered by code, and read by a model only where the server was started with one, for `--max-cost` in all; the run
that this one is held against is named by who starts the server, never by a client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...errors import UsageError
from ...options import Options
from ...progress import Progress
from ...report import shown
from ...report.called import called
from ...report.cited import key
from ...report.phrasing import window_words
from ...report.shown_lines import lines_at
from ...report.tenth_pages import (
    BESIDE,
    beside_of_tenth,
    firm_of,
    is_tenth,
    lead_of_tenth,
    note_of_tenth,
    rows_of_tenth,
)
from ...runs import names_of
from ...schema import Changes, Claim, ClaimChange, Persona, PersonaSet
from ...store import Store
from ...words.english import changes_told as words
from ..allowing import Allowance
from ..continuing import changes_of
from ..diffing import changed
from ..replying import ask
from ..showing import find_claim, find_persona, personas_of, seal_of
from . import told
from .visits_told import lines_told

# Claims of what changed that are listed, those that moved first: what an agent reads at once. A run has some seventy, and most
# hold.
MOST_CLAIMS = 30
MOVED_FIRST = ("refuted", "weakened", "cannot_tell", "holds")


@dataclass
class RunDesk:
    """A finished run that is open for questions; of `options` those count that name a model, a seal key, and the run before."""

    out: Path
    lines: bool
    options: Options

    @property
    def _set(self) -> PersonaSet:
        store = Store.open(self.out)
        return called(personas_of(store), names_of(store))

    def list_personas(self) -> told.Personas:
        """All of them, those first that are shown; the tenth that brings in most last, which is beside them."""
        found = self._set
        on_page = {p.id for p in shown(found)}
        pages = [*([found.everyone] if found.everyone else []), *found.personas, *found.tenths]
        return told.Personas(
            state=found.state,
            personas=[
                told.PersonaInList(
                    id=p.id,
                    **_called(found, p),
                    sentence=_sentence(found, p),
                    users=p.size.users,
                    share=p.size.share_users,
                    firm=_firm(found, p),
                    shown=p.id in on_page or p.id not in {one.id for one in found.personas},
                    beside=is_tenth(found, p),
                )
                for p in pages
            ],
            seal=self._seal,
            next=["get_persona", "compare", "ask", "what_changed"],
        )

    def get_persona(self, name: str) -> told.PersonaCard:
        """One card, with the ids of its claims."""
        found = self._set
        p = find_persona(found, name)
        hidden = p.status == "withheld"
        return told.PersonaCard(
            id=p.id,
            **_called(found, p),
            sentence="" if hidden else _sentence(found, p),
            story=[] if hidden else _story(found, p),
            claims=[] if hidden else [_in_card(c) for c in _claims(p)],
            reasons=list(p.reasons),
            next=["get_claim"] if is_tenth(found, p) else ["get_claim", "compare"],
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
        named = [find_persona(found, name) for name in names]
        if any(is_tenth(found, p) for p in named):
            raise UsageError(
                "The tenth that brings in most is compared with no persona: it is held against all others, over other days.",
                hint="`get_persona` has its card, `ask` its figures beside theirs.",
            )
        wanted = [p.id for p in named or shown(found)]
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

    def what_changed(self, progress: Progress) -> told.WhatChanged:
        """This run against the one before it: that of `--since`, of the server or of the run itself."""
        found = self._changes(progress)
        claims = sorted(found.claims, key=lambda c: MOVED_FIRST.index(c.outcome))
        flows = found.moves.flows if found.moves else []
        return told.WhatChanged(
            earlier=window_words(found.old.window),
            later=window_words(found.new.window),
            says=words.front_lines(found),
            personas=[
                told.ChangedPersona(outcome=p.outcome, was=p.was, now=p.now, says=words.group_sentence(found, p))
                for p in found.personas
            ],
            outcomes={name: len(rows) for name, rows in words.by_outcome(found.claims).items()},
            claims=[_changed_claim(c) for c in claims[:MOST_CLAIMS]],
            not_listed=len(claims[MOST_CLAIMS:]),
            moved=[words.move_sentence(found, move) for move in flows],
            notes=found.notes,
            seal=self._seal,
            next=["get_persona", "get_claim"],
        )

    def ask(self, question: str, progress: Progress) -> told.AnswerOfRun:
        """A question in words, as the command `ask` answers it."""
        made = ask(self.out, question, self._allowance.left(), progress)
        r = made.reply
        return told.AnswerOfRun(
            came=r.came,
            says=r.says,
            read_as=r.read_as,
            facts=[
                told.FactOfAnswer(
                    persona=f.persona,
                    claim=f.claim,
                    text=f.text,
                    figures=told.CountedFigures(**told.counted_figures(f.truth), against="") if f.truth else None,
                )
                for f in r.facts
            ],
            not_in_log=r.unknown,
            not_counted_with_it=r.aside,
            needed=r.needed,
            back=r.back,
            seal=made.seal.says,
            next=["get_claim"] if any(f.claim for f in r.facts) else ["list_personas"],
        )

    @cached_property
    def _allowance(self) -> Allowance:
        return Allowance(Store.open(self.out), self.options)

    @property
    def _seal(self) -> str:
        return seal_of(self.out, self.options.seal_key).says

    def _changes(self, progress: Progress) -> Changes:
        later = Store.open(self.out)
        if self.options.since is not None:
            seals = [seal_of(out, self.options.seal_key) for out in (self.options.since, self.out)]
            return changed(Store.open(self.options.since), later, progress, seals)
        found = changes_of(later)
        if found is None and self._set.since:
            raise UsageError(
                words.FORGOTTEN, hint="Whoever starts the server may name the earlier run: mcp OUT --since EARLIER."
            )
        if found is None:
            raise UsageError(
                "This run is held against no other.",
                hint="Whoever starts the server may name an earlier run: mcp OUT --since EARLIER.",
            )
        return found

    def _lines(self, claim: Claim, *, against: bool) -> list[str]:
        if not self.lines or self._set.staff is not None:
            return []
        cited = (claim.counter.lines if claim.counter else []) if against else claim.citations
        return lines_told(lines_at(Store.open(self.out), {key(c) for c in cited}), cited)


def _called(found: PersonaSet, persona: Persona) -> dict[str, str]:
    """The name of a card: that of a given group is somebody's own words, which an agent may not take for ours."""
    given = found.given and persona.id != "p0"
    return {"name": persona.id, "from_log_name": persona.called} if given else {"name": persona.called}


def _sentence(found: PersonaSet, persona: Persona) -> str:
    """What a card says first: of the tenth what the first page says of them, where nobody said it better."""
    return persona.one_liner.text or (lead_of_tenth(found) if is_tenth(found, persona) else "")


def _story(found: PersonaSet, persona: Persona) -> list[str]:
    """What a card says more, without claims of its own behind it on that of the tenth."""
    rows = [*rows_of_tenth(found), *beside_of_tenth(found)] if is_tenth(found, persona) else []
    told = [f"{title}: {text}" for title, text in rows]
    beside = [f"{BESIDE}.", note_of_tenth(found)] if told else []
    return [*(s.text for s in persona.narrative), *told, *beside]


def _firm(found: PersonaSet, persona: Persona) -> str | None:
    if is_tenth(found, persona):
        return firm_of(found, persona)[0]
    return persona.firmness.word if persona.firmness else None


def _changed_claim(c: ClaimChange) -> told.ChangedClaim:
    return told.ChangedClaim(
        id=c.id,
        persona=c.persona,
        outcome=c.outcome,
        text=c.text,
        was=c.was,
        now=c.now,
        bound_was=c.bound_was,
        bound_now=c.bound_now,
        others_was=c.others_was,
        others_now=c.others_now,
        why=c.why,
    )


def _claims(persona: Persona) -> list[Claim]:
    return [*persona.claims, *persona.hypotheses]


def _in_card(claim: Claim) -> told.ClaimInCard:
    t = claim.truthfulness
    return told.ClaimInCard(id=claim.id, text=claim.text, status=claim.status, value=t.value, others=t.matched)
