"""Claims of a finished run, scored: how many, whether they hold again, whether they are true, what they miss.

In: a `PersonaSet`; for planted worlds also who was planted where, a corpus of a large independent draw of the same
world, and its facts. Out: counts, rates and lists. Promises: nothing is averaged away (what could not be decided is
counted apart, never as held or right); truth is decided on users that the program has never seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from persona_agent.evidence import Corpus, Population, UnsupportedMeasure, distinguishes, evaluate, verdict
from persona_agent.evidence.answers import Measured
from persona_agent.evidence.intervals import wilson
from persona_agent.evidence.quantifiers import alike_margin, difference
from persona_agent.ids import canonical_json
from persona_agent.schema import Claim, Measure, Persona, PersonaSet

from ..worlds import World
from ..worlds.facts import Fact
from .scoring import label_of_planted, places
from .scoring import personas as planted_personas

SHOWN = ("published", "pattern")


@dataclass(frozen=True)
class Rate:
    """`hits` of `n`; `unknown` could not be decided and are in neither."""

    hits: int
    n: int
    unknown: int = 0

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.hits + other.hits, self.n + other.n, self.unknown + other.unknown)

    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, as if claims were independent."""
        return wilson(self.hits, self.n)


@dataclass(frozen=True)
class Decided:
    """A published claim in the large draw; `right` is None where it could not be asked there."""

    claim: str
    text: str
    right: bool | None
    label: str
    why: str


def shown(personas: PersonaSet) -> list[Persona]:
    return [p for p in personas.personas if p.status in SHOWN]


def accepted(persona: Persona) -> list[Claim]:
    return [c for c in persona.claims if c.status == "accepted"]


def published(personas: PersonaSet) -> list[tuple[str, Claim]]:
    """Accepted claims of shown personas, each with its persona's id."""
    return [(p.id, c) for p in shown(personas) for c in accepted(p)]


def drafted(personas: PersonaSet) -> int:
    """Claims of all personas before anything was withdrawn."""
    return sum(len(accepted(p)) + len(p.withdrawn) for p in personas.personas)


def statuses(personas: PersonaSet) -> dict[str, int]:
    found: Counter[str] = Counter(p.status for p in personas.personas)
    return {status: found[status] for status in (*SHOWN, "withheld")}


def withdrawn(personas: PersonaSet) -> dict[str, int]:
    """Withdrawn claims of all personas by the label of their withdrawal."""
    return dict(sorted(Counter(labels(c for p in personas.personas for c in p.withdrawn)).items()))


def labels(claims: Iterable[Claim]) -> list[str]:
    """Why each of these was withdrawn."""
    return [c.withdrawal.label for c in claims if c.withdrawal]


def question(measure: Measure) -> str:
    """The measure without what is said of it."""
    return canonical_json(measure.model_dump(mode="json", exclude={"says"}))


def telling(persona: Persona) -> int:
    """Distinguishing claims; those that ask the same question count once."""
    found = [c for c in accepted(persona) if distinguishes(c)]
    return len({question(c.measure) for c in found if c.measure is not None})


def replication(personas: PersonaSet, where: Literal["held_out", "last_quarter"]) -> Rate:
    """How many published claims hold again; those that nobody could ask again are unknown."""
    found = [
        c.replication.held_out if where == "held_out" else c.replication.last_quarter for _, c in published(personas)
    ]
    known = [r.holds for r in found if r is not None]
    return Rate(sum(known), len(known), len(found) - len(known))


def contradictions(personas: PersonaSet) -> list[str]:
    """Pairs of shown personas that are both said to have more of the same. Of two groups one must be wrong; of several
    both may be right, each against its own comparable others.
    """
    more: dict[str, list[Claim]] = {}
    for _, claim in published(personas):
        if claim.measure is not None and claim.measure.says.comparator == "more_than_others":
            more.setdefault(question(claim.measure), []).append(claim)
    return [
        f"{a.id} “{a.text}” and {b.id} “{b.text}”"
        for claims in more.values()
        for a, b in combinations(claims, 2)
        if a.id.partition(".")[0] != b.id.partition(".")[0]
    ]


def artefact(personas: PersonaSet) -> str | None:
    """The first claim withdrawn as an artefact, in full."""
    for persona in personas.personas:
        for claim in persona.withdrawn:
            if claim.withdrawal and claim.withdrawal.label == "artefact":
                truth = claim.truthfulness
                return (
                    f"{claim.id} of {persona.id}, {persona.label}: {claim.text}\n"
                    f"      value {_number(truth.value)}, all others {_number(truth.raw)}, "
                    f"comparable others {_number(truth.matched)}\n      {claim.withdrawal}"
                )
    return None


def planted_of(world: World, key: bytes, users: Sequence[str], persona_of: Sequence[str | None]) -> dict[str, int]:
    """The planted persona that most users of each persona come from. `users` are hashes under the run's `key`,
    `persona_of` their personas.
    """
    ids = sorted({p for p in persona_of if p is not None})
    code = np.array([ids.index(p) if p is not None else -1 for p in persona_of], dtype=np.int64)
    label = label_of_planted(places(world, key, users), code)
    truth = planted_personas(world)
    found = {name: Counter(truth[label == i].tolist()) for i, name in enumerate(ids)}
    return {name: min(c, key=lambda p: (-c[p], p)) for name, c in found.items() if c}


def judge(corpus: Corpus, claims: Sequence[tuple[str, Claim]], planted: Mapping[str, int]) -> list[Decided]:
    """Each claim asked of the planted persona in a large draw, whose groups are the planted personas."""
    return [_judged(corpus, claim, planted.get(persona)) for persona, claim in claims]


def _judged(corpus: Corpus, claim: Claim, group: int | None) -> Decided:
    measure = claim.measure
    if measure is None or group is None:
        return Decided(claim.id, claim.text, None, "error", "no measure, or nobody of its persona was planted")
    try:
        measured = evaluate(corpus, measure, Population(group))
    except UnsupportedMeasure as error:
        return Decided(claim.id, claim.text, None, "not_checkable", str(error))
    label, why = verdict(measure, measured)
    same = measure.says.sets_apart and label not in ("false", "artefact") and _same_side(measure, measured)
    right = _as_alike(measured) if measure.says.alike else label == "true" or same
    return Decided(claim.id, claim.text, right, label, why)


def _same_side(measure: Measure, measured: Measured) -> bool:
    gap = difference(measured)
    return gap is not None and (gap[0] > 0 if measure.says.comparator == "more_than_others" else gap[0] < 0)


def _as_alike(measured: Measured) -> bool:
    """Is the difference within what is as with others? In a large draw any difference is sure."""
    gap = difference(measured)
    return gap is not None and measured.other is not None and abs(gap[0]) <= alike_margin(measured.other)


def precision(decided: Sequence[Decided], *, strict: bool = False) -> Rate:
    """Right claims of those that could be decided; `strict` counts only what is labelled true there."""
    known = [d.right and (d.label == "true" or not strict) for d in decided if d.right is not None]
    return Rate(sum(known), len(known), len(decided) - len(known))


def missed(facts: Sequence[Fact], claims: Sequence[tuple[str, Claim]], planted: Mapping[str, int]) -> list[Fact]:
    """Facts that no published claim of the right persona tells, in the right direction."""

    def told(fact: Fact) -> bool:
        return any(planted.get(persona) == fact.persona and fact.told_by(claim) for persona, claim in claims)

    return [fact for fact in facts if not told(fact)]


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"
