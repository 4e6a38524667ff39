"""What is near a group's habit: what a reader takes for granted once the habit is told.

In: candidates of a dossier, and those of them that set the group apart. Out: how near each is. Promises: only what measures name
is looked at; what most candidates name, such as the one act of a shop, brings nothing near.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..evidence.facts import subject
from ..schema import Measure, ProposedClaim

MOST = 0.5  # of the candidates: what these name is near everything


def near_habit(candidates: Sequence[ProposedClaim], apart: Sequence[ProposedClaim]) -> dict[str, float]:
    """By a claim's id the bits of the most telling of `apart` that names an act, thing, theme, field or number that it names too;
    what shares nothing with any is left out.
    """
    about = {c.id: named_in(c.measure) for c in candidates}
    seen = Counter(name for names in about.values() for name in names)
    common = {name for name, n in seen.items() if n > MOST * len(about)}
    strongest: dict[tuple[str, str], float] = {}
    for c in apart:
        for name in named_in(c.measure) - common:
            strongest[name] = max(strongest.get(name, 0.0), c.information_bits or 0.0)
    near = {name: [strongest[n] for n in names if n in strongest] for name, names in about.items()}
    return {name: max(bits) for name, bits in near.items() if bits}


def named_in(measure: Measure) -> set[tuple[str, str]]:
    """What a measure is about, with the number that it is of and the fields of the log that it looks at."""
    of = {("of", measure.field)} if measure.of != "matches" else set()
    fields = {("of", c.field) for c in measure.conditions if c.field.startswith("properties.")}
    return {name for name in subject(measure) if name[0] != "opens_visit"} | of | fields
