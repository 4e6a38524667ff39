"""The visit that a card tells: of those near to the middle of its group one in which the card's bars show.

In: a persona with its card, on an open corpus. Out: the same with its visit. A bar *holds* in a visit where what it counts is so
of the visit as often as of the group, or further from others; of a number, where the visit's own is about the group's. It *shows*
where the steps that are told have it about as often, too: these are the visit's first ones, and others of it in the place of the
last as far as that takes. The first bar that can be asked of a visit must hold and show; of visits in which it does, one is taken
that shows most of the next, and the nearest of equals. Promises: nothing is told that the nearest visit may not tell; where the
first bar shows in no visit the card tells one put together from figures.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...evidence import Corpus
from ...evidence.in_visits import InVisit, in_visits
from ...schema import Persona, Visit
from .steps_shown import EDGE, BarAsked, in_order_told, seen_in, steps_chosen, to_be_told
from .typical import DrawnBy, counting, near_visits, of_figures, visit_of, visit_telling
from .visit_lines import LinesTold, lines_of_visit, steps_told

MOST_SHOWN = 4  # bars that are looked for: of a visit four things are read


def with_visit(corpus: Corpus, persona: Persona, group: int, drawn_by: DrawnBy) -> Persona:
    """The persona with the visit that its card is to tell; `drawn_by` as `visit_of` takes it."""
    if persona.visit is None or not persona.visit.lines:
        return persona
    visit = visit_for_bars(corpus, group, persona.visit, bars_asked(persona), drawn_by)
    return persona.model_copy(update={"visit": visit})


def visit_again(corpus: Corpus, group: int, persona: Persona, drawn_by: DrawnBy) -> Visit | None:
    """The visit of a persona, its claims as they stand, in a `corpus` that somebody has gone from: the same one with its figures
    anew, as long as it is there and all of its steps may still be told; else one drawn anew.
    """
    was, now = persona.visit, visit_of(corpus, group, *drawn_by)
    if was is None or now is None or not now.lines:
        return now if was else None
    bars = bars_asked(persona)
    if not was.lines or not _still_told(corpus, was):
        return visit_for_bars(corpus, group, now, bars, drawn_by)
    shows = [bar.claim for bar in bars if bar.claim in was.shows]
    return now.model_copy(update={"steps": was.steps, "more": was.more, "lines": was.lines, "shows": shows})


def _still_told(corpus: Corpus, was: Visit) -> bool:
    """Are its lines still those of one visit of a member, and may all that is told of them be told?"""
    places = {place.seq for place in corpus.locate(was.lines) if place is not None}
    found = corpus.connection.execute(_VISIT_OF, {"seqs": sorted(places)}).fetchall()
    if len(places) < len(was.lines) or len(found) != 1:
        return False
    told = [t for t in steps_told(corpus, lines_of_visit(corpus, found[0][0], None)) if places & {*t.lines}]
    same = sorted((t.step.act, t.step.thing) for t in told) == sorted((s.act, s.thing) for s in was.steps)
    return same and {seq for t in told for seq in t.lines} == places


def bars_asked(persona: Persona) -> list[BarAsked]:
    """The bars of a card, in its order, that still stand."""
    claims = {c.id: c for c in persona.claims if c.status == "accepted"}
    found = []
    for bar in persona.card.bars if persona.card else []:
        claim = claims.get(bar.claim)
        measure, truth = (
            (bar.measure, bar.truth) if bar.measure else (claim and claim.measure, claim and claim.truthfulness)
        )
        if claim and measure and truth and truth.value is not None and truth.matched is not None:
            found.append(BarAsked(claim.id, measure, truth.value, truth.value > truth.matched))
    return found


def visit_for_bars(corpus: Corpus, group: int, nearest: Visit, bars: Sequence[BarAsked], drawn_by: DrawnBy) -> Visit:
    """The visit in which the bars show, with `nearest`'s figures of all visits; where there is none for the first of them, one
    put together from figures. Of a card of which no bar can be asked of a visit, `nearest`.
    """
    near = near_visits(corpus, group, nearest, drawn_by)
    counted = counting(corpus, drawn_by[0])
    asked = _asked_of_visits(corpus, bars, near, counted)
    if not asked:
        return nearest
    holding = {s: [bar.holds(found.get(s)) for bar, found in asked] for s in near}
    best: tuple[tuple[int, list[bool]], Visit] | None = None
    # A sort that keeps the order of equals: the nearest of them is first.
    for s in sorted((s for s in near if holding[s][0]), key=lambda s: _most(holding[s]), reverse=True):
        if best is not None and _most(holding[s]) <= best[0]:
            break  # no later one holds more than the best one shows
        lines = lines_of_visit(corpus, s, counted)
        told = to_be_told(steps_told(corpus, lines))
        held = [(bar, found[s]) for (bar, found), holds in zip(asked, holding[s], strict=True) if holds]
        chosen, shown = _told_for(told, held, counted)
        shows = [bar.claim in shown for bar, _ in asked]
        if shows[0] and (best is None or _most(shows) > best[0]):
            visit = visit_telling(corpus, nearest, lines, [told[i] for i in chosen])
            best = _most(shows), visit.model_copy(update={"shows": shown})
    return best[1] if best else of_figures(corpus, group, drawn_by[1], nearest.hour) or nearest


def _most(shows: Sequence[bool]) -> tuple[int, list[bool]]:
    """By what visits are compared: how many bars they show, then which."""
    return sum(shows), list(shows)


def _asked_of_visits(
    corpus: Corpus, bars: Sequence[BarAsked], near: Sequence[int], counted: str | None
) -> list[tuple[BarAsked, dict[int, InVisit]]]:
    """The bars that visits are asked for, with what each comes to in them. What a few members ever did, or a fifth of visits
    hold, is asked only beside a first one, and only where it is read in the steps: else nobody sees why it is this visit and no
    nearer one.
    """
    asked: list[tuple[BarAsked, dict[int, InVisit]]] = []
    for bar in bars:
        first = bar.of_most or bar.measure.unit != "users"
        beside = bar.of_most or (bar.more and bar.read_in(counted))
        found = in_visits(corpus, bar.measure, near) if (beside if asked else first) else None
        if found is not None:
            asked.append((bar, found))
    return asked[:MOST_SHOWN]


def _told_for(
    told: Sequence[LinesTold], held: Sequence[tuple[BarAsked, InVisit]], counted: str | None
) -> tuple[list[int], list[str]]:
    """The places of the steps to tell for the bars that hold in a visit, in order, and the claims of those that show in them."""
    seen = [seen_in(told, bar, found, counted) for bar, found in held]
    chosen = in_order_told(told, steps_chosen(told, seen), seen)
    return chosen, [bar.claim for (bar, _), one in zip(held, seen, strict=True) if one.lacks(chosen) <= EDGE]


# The visits of members that lines are of.
_VISIT_OF = """
SELECT DISTINCT s FROM lines WHERE seq IN (SELECT unnest($seqs::BIGINT[])) AND s IN (SELECT s FROM own_visits)
"""
