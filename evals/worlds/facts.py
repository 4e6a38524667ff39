"""What is true of each planted persona of a world with `facts`: habits declared as data, with the claims that say them.

In: a `Spec`. Out: `Fact`s, whose shares are computed from the generator's parameters and never from a log. Promises: a
fact holds of the persona as planted, and against the other personas of the same world in its `direction`; `about` looks
at a measure alone, never at a claim's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from persona_agent.schema import Claim

from .about import EVENING, About, acts, compares, evening, lean, often, order, repeats, steps_of, weekend
from .domains import DOMAINS, Domain
from .generator import (
    FACT_HABITS,
    FACT_KINDS,
    FAILURES,
    INTERLEAVED,
    NOISE,
    RITUAL_SHARE,
    RITUALS,
    Spec,
    never,
    unfinished,
)

FactKind = Literal["share", "rhythm", "order", "absence", "friction", "repeat"]
Direction = Literal["more", "less", "never"]

PERSONAS = {"personas": 5, "unequal": 5, "two": 2}
MAIN, SECOND, REST = 0.70, 0.22, 0.02  # the rows of the generator's mixes, which sum to 1
USER_SPREAD, SESSION_SPREAD = 1.5, 2.0  # standard deviations of the hour
ANY_WEEKEND = 2 / 7
EPISODE = 4.5  # steps of an episode, on average
# Of the session that goes beyond a user's number of events: (1 + variance ÷ mean²) ÷ 2 of its length.
LAST_SESSION = 0.59


@dataclass(frozen=True)
class Fact:
    """`share` is the share or rate that `says` describes: of events, sessions or users, or a ratio for how often.

    `about` is 1 where a larger value of the measure means more of it, −1 where it means less, 0 where the measure is of
    something else. `relative`: only a comparison with others says it, no share of the persona alone.
    """

    name: str
    persona: int
    kind: FactKind
    says: str
    about: About
    direction: Direction
    share: float
    relative: bool = False

    def told_by(self, claim: Claim) -> bool:
        """Does the claim speak of this fact, in the right direction?"""
        measure = claim.measure
        if measure is None or (self.relative and not compares(measure.says)):
            return False
        return self.about(measure) * lean(measure.says) == (1 if self.direction == "more" else -1)


def facts_of(spec: Spec) -> list[Fact]:
    """The facts of the personas planted in such a world; none where none are declared."""
    if not spec.facts or spec.kind not in FACT_KINDS:
        return []
    domain = DOMAINS[spec.domain]
    return [fact for persona in range(PERSONAS[spec.kind]) for fact in _of_persona(persona, domain, spec.events)]


def _of_persona(persona: int, domain: Domain, events: int) -> list[Fact]:
    habits = FACT_HABITS[persona]
    main = list(domain.intents)[persona]
    found = [
        Fact(
            "main",
            persona,
            "share",
            f"mostly come to {main}",
            steps_of(*_own(domain, main)),
            "more",
            _main_share(persona, domain),
        )
    ]
    if habits.hour is not None and int(habits.hour) in EVENING:
        share = 1 - NormalDist(habits.hour, (USER_SPREAD**2 + SESSION_SPREAD**2) ** 0.5).cdf(min(EVENING))
        found.append(Fact("evening", persona, "rhythm", "are there in the evening, after 6 pm", evening, "more", share))
    if habits.weekend > ANY_WEEKEND:
        found.append(Fact("weekend", persona, "rhythm", "come at weekends", weekend, "more", habits.weekend))
    if habits.often != 1:
        more = habits.often > 1
        says = "come more often than others" if more else "come less often than others"
        way: Direction = "more" if more else "less"
        found.append(
            Fact("often", persona, "rhythm", says, often, way, _visits_ratio(persona, domain, events), relative=True)
        )
    if habits.favourite:
        says = "keep coming back to the same things"
        share = _favourite_share(habits.favourite, domain, main)
        found.append(Fact("favourites", persona, "repeat", says, repeats, "more", share, relative=True))
    if habits.first == 1:
        a, b = (step.action for step in RITUALS[domain.name])
        found.append(Fact("order", persona, "order", f"always {a} before they {b}", order(a, b), "more", 1.0))
    return found + _absent_or_failing(persona, domain)


def _absent_or_failing(persona: int, domain: Domain) -> list[Fact]:
    habits, found = FACT_HABITS[persona], []
    if "noise" in habits.without:
        action = never(domain)
        found.append(Fact("never", persona, "absence", f"never {action} anything", acts(action), "never", 0.0))
    if "finish" in habits.without:
        start, end = unfinished(domain)
        says = f"{start}, but never {end}"
        found.append(Fact("unfinished", persona, "absence", says, acts(end), "never", 0.0))
    if habits.error >= 0.5:
        action, _ = FAILURES[domain.name]
        says = f"see an error after every other {action}"
        found.append(Fact("errors", persona, "friction", says, acts("see error"), "more", habits.error))
    return found


def _main_share(persona: int, domain: Domain) -> float:
    """The main intent's share of the steps taken."""
    return _taken(MAIN, SECOND) / (1 - _skipped(persona, domain))


def _skipped(persona: int, domain: Domain) -> float:
    """The share of its intents' steps that a persona leaves out: the last one of its second intent, or none."""
    intents = list(domain.intents.values())
    leaves = (persona + 2) % len(intents) == 0 and "finish" in FACT_HABITS[persona].without
    return _taken(SECOND, MAIN) / len(intents[0]) if leaves else 0.0


def _visits_ratio(persona: int, domain: Domain, events: int) -> float:
    """Sessions of its users ÷ those of a user without habits: sessions go on until the user's events are there."""

    def visits(n: float, skipped: float) -> float:
        steps = (1 + INTERLEAVED) * EPISODE * (1 - skipped) + 2 * RITUAL_SHARE
        return n / (steps / (1 - NOISE)) + LAST_SESSION

    return visits(events * FACT_HABITS[persona].often, _skipped(persona, domain)) / visits(events, 0)


def _taken(share: float, other: float) -> float:
    """An intent's share of episodes: two of one session are never of the same intent."""
    both = share + other * share / (1 - other) + 4 * REST * share / (1 - REST)
    return ((1 - INTERLEAVED) * share + INTERLEAVED * both) / (1 + INTERLEAVED)


def _favourite_share(favourite: float, domain: Domain, intent: str) -> float:
    """How often a step is on the user's usual object, which chance picks too; over the steps of one intent."""
    by_chance = [1 / len(step.objects) for step in domain.intents[intent]]
    return favourite + (1 - favourite) * sum(by_chance) / len(by_chance)


def _own(domain: Domain, intent: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The actions, and actions with an object, that nothing but this intent has."""
    mine = domain.intents[intent]
    others = [s for name, steps in domain.intents.items() if name != intent for s in steps] + list(domain.noise)
    actions = {s.action for s in mine} - {s.action for s in others}
    pairs = {(s.action, o) for s in mine for o in s.objects} - {(s.action, o) for s in others for o in s.objects}
    return actions, pairs
