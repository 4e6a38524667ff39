"""Concentrations worth a look: amounts of a visit that pile up, steps in how many come, acts that change after a date.

In: a corpus. Out: `Findings`, each with the figure and what its surroundings suggest. Everything must hold in either half of the
users that groups are made from; users set aside are opened once, after everything was chosen. Promises: in a log that is smooth
at most one in twenty has a finding (tests/evidence/test_concentrations.py); of people at work nothing over time is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..schema import Concentration, Findings
from ..words.wording import field_words
from .corpus import Bools, Corpus
from .pile_ups import PartOfUsers, among, pile_ups
from .shifts import changes, steps

NO_GROUPS: Mapping[str, int] = {}


def concentrations(
    corpus: Corpus,
    amounts: Sequence[str],
    groups: Mapping[str, int] = NO_GROUPS,
    parts: Sequence[PartOfUsers] = (),
) -> Findings:
    """What is not smooth in a log; `amounts` are the numeric properties of its lines. What piles up is looked for in `groups`, by
    the ids of their personas, and among `parts` of the users as well.
    """
    halves = _halves(corpus)
    found: list[Concentration] = []
    looks = 0
    # A field that is the value is not looked at twice.
    others = [name for name in amounts if not corpus.valued or field_words(name, corpus.names) != corpus.names.value]
    fields = (["value"] if corpus.valued else []) + [f"properties.{name}" for name in others]
    for field in fields:
        made, tried = _piled_up(corpus, field, halves)
        # What is paid may be a field of its own beside the value: the same sums are not told twice.
        known = {(c.low, c.high, c.users, c.across) for c in found}
        found += [c for c in made if (c.low, c.high, c.users, c.across) not in known]
        looks += tried
    if not corpus.staff and corpus.days is not None:
        for made, tried in (steps(corpus, halves), changes(corpus, halves)):
            found += made
            looks += tried
    found = [among(corpus, c, groups, parts) for c in found]
    return Findings(concentrations=found, fields=fields, looks=looks, openings=1 if found else 0)


def pile_ups_of(corpus: Corpus, field: str) -> list[Concentration]:
    """Where what visits come to piles up."""
    return _piled_up(corpus, field, _halves(corpus))[0]


def _piled_up(corpus: Corpus, field: str, halves: tuple[Bools, Bools, Bools]) -> tuple[list[Concentration], int]:
    known: dict[str, tuple[list[Concentration], int]] = corpus.memo.setdefault("pile ups", {})
    if field not in known:
        known[field] = pile_ups(corpus, field, halves)
    return known[field]


def _halves(corpus: Corpus) -> tuple[Bools, Bools, Bools]:
    """Every other user of those that groups are made from, the rest of them, and those set aside."""
    held = corpus.people.held_out
    place = np.cumsum(~held)
    return ~held & (place % 2 == 0), ~held & (place % 2 == 1), held
