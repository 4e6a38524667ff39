"""A value that given groups are made of, and what is asked by whoever asks for it.

In: a measure. Out: whether it only repeats what put members into their groups. Promises: it is decided from the measure alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..schema import KEPT, SAME_AMOUNT, Measure

# Of members who have a value, above others who do (Youden's J): nineteen in twenty of what there is to tell. A list that is a few
# days older than the log still is what it was made of; no habit parts users so.
MADE_OF = 0.95

# How often a member has more than one of the others, or less (common-language effect size): so seldom the other way round that a
# number says who is in the group.
PARTS = 0.98


@dataclass(frozen=True)
class Defined:
    """Whoever ever has one of `values` (in lower case) in `field` is in a group that goes with it, and hardly anybody else.
    `inside` has, of each field that settles whether a line has it (the field itself among them), the values of such lines.
    `often`: of what those who have it do, the mean share of lines with it.
    """

    field: str
    values: frozenset[str]
    inside: Mapping[str, frozenset[str]]
    often: float

    @property
    def of_lines(self) -> bool:
        """Is it of some lines of a user, and not, as a country, of all of them?"""
        return len(self.values) == 1 and self.often < MADE_OF

    def asked_by(self, measure: Measure) -> bool:
        """Does a measure ask for what puts members into their groups, or for a share that this takes a part of?"""
        for c in measure.conditions:
            field = c.field.removeprefix(SAME_AMOUNT).removeprefix(KEPT)
            if field in self.inside and (c.op != "is" or {str(v).lower() for v in c.value} & self.inside[field]):
                return True
        fields = {c.field.removeprefix(SAME_AMOUNT).removeprefix(KEPT) for c in measure.conditions} | {measure.field}
        return measure.unit in ("events", "things") and bool(fields & set(self.inside))
