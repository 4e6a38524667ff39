"""A visit put together from plain figures, where none that was may be shown: what it usually holds, when it is, of which kinds.

In: a corpus and a group. Out: a `Visit` without steps and lines; None where that is no more than how much it holds.
Promises: figures are of FLOOR users, and cross-placed where a run places users by halves of their visits; what is told beside
others is of FLOOR others too, and a kind of things of FLOOR members; nothing is of one visit.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...evidence import Corpus, Population, as_drawn, cross_placed, not_asked, over_whole_log
from ...evidence.answers import Measured
from ...log.sensitive import topics
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...schema import Measure, Visit, VisitFact
from ...words.english.grammar import noun_of_lines
from ...words.english.readings import reading
from .amounts import worth
from .habits import rhythm
from .inquiries import comparing_measure, middle, same
from .kinds import effect, far_apart
from .shares import telling_values

MOST_KINDS = 3  # more are not kept in mind
LOOKED_AT = 8  # kinds by how far the group's share is from others', of which some are what it has less of
APART = 0.05  # of visits: a smaller difference in when they come cannot be seen (WORTH_POINTS of a card's bars)


def composed_visit(corpus: Corpus, group: int, category: str | None, hour: int | None) -> Visit | None:
    """`category` is the property that sorts things where no themes do, `hour` that at which visits usually begin."""
    told = Population(group)
    size, things = (_middle(corpus, of, told) for of in ("matches", "things"))
    when = (i.measure for i in rhythm(corpus) if i.form == "sessions")
    times = _strongest((f for f in _facts(corpus, told, when) if abs(f.share - f.others) >= APART), 1)
    kinds = _telling_kinds(corpus, told, category)
    value = _measured(corpus, worth(corpus), told) if corpus.valued else None
    worthy = value is not None and _enough(value) and value.value
    if size is None or not (worthy or times or kinds or hour is not None):
        return None
    return Visit(
        steps=[],
        composed=True,
        more=0,
        size=size,
        things=things or 0.0,
        value=value.value if value and worthy else None,
        minutes=None,
        hour=hour,
        lines=[],
        currency=corpus.names.currency if corpus.valued else None,
        holds=noun_of_lines(corpus.names.main_act),
        times=times,
        kinds=kinds,
    )


def _telling_kinds(corpus: Corpus, told: Population, category: str | None) -> list[VisitFact]:
    """The kinds that the group has more of, by the one field that tells most: of two fields one is a part of the other."""
    names = list(dict.fromkeys([*corpus.names.categories[::-1], *([category] if category else [])]))
    found = []
    for field in [f"properties.{name}" for name in names] or ["theme"]:
        facts = _facts(corpus, told, _kinds(corpus, told.group or 0, field))
        found.append(_strongest((f for f in facts if f.share > f.others and far_apart(f.share, f.others)), MOST_KINDS))
    return max(found, key=lambda facts: sum(effect(f.share, f.others) for f in facts))


def _kinds(corpus: Corpus, group: int, field: str) -> Iterator[Measure]:
    for value in telling_values(corpus, group, field, LOOKED_AT):
        if topics().of(value) is None:
            yield comparing_measure("things" if field == "theme" else "events", [[same(field, value)]])


def _facts(corpus: Corpus, told: Population, asked: Iterator[Measure]) -> Iterator[VisitFact]:
    """What is so of the group and of comparable others, in words; where both are enough users."""
    for measure in asked:
        if not_asked(corpus, measure):
            continue
        found, said = _measured(corpus, measure, told), reading(measure, corpus.names)
        if found is not None and as_drawn(found):
            continue
        if said is None or found is None or not _enough(found) or found.matched is None or not said.what:
            continue
        if found.matched.n >= FLOOR:
            here, there = found.value or 0.0, found.matched.value or 0.0
            yield VisitFact(what=said.what, unit=said.unit, label=said.label, share=here, others=there)


def _strongest(facts: Iterator[VisitFact], most: int) -> list[VisitFact]:
    return sorted(facts, key=lambda f: (-effect(f.share, f.others), f.what))[:most]


def _middle(corpus: Corpus, of: str, told: Population) -> float | None:
    found = _measured(corpus, middle("sessions", of), told)
    return found.value if found and _enough(found) else None


def _measured(corpus: Corpus, measure: Measure, told: Population) -> Measured | None:
    return cross_placed(corpus, measure, told, over_whole_log(corpus, measure, told))


def _enough(found: Measured) -> bool:
    return found.value is not None and found.n >= FLOOR
