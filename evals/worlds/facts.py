"""What is true of each planted persona of a world with `facts`: habits declared as data, with the claims that say them.

In: a `Spec`. Out: `Fact`s, whose shares are computed from the generator's parameters and never from a log. Promises: a
fact holds of the persona as planted, and against the other personas of the same world in its `direction`; `about` looks
at a measure alone, never at a claim's words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from persona_agent.schema import Claim, Condition, Measure, Says

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
About = Callable[[Measure], int]

PERSONAS = {"personas": 5, "unequal": 5, "two": 2}
MAIN, SECOND, REST = 0.70, 0.22, 0.02  # the rows of the generator's mixes, which sum to 1
USER_SPREAD, SESSION_SPREAD = 1.5, 2.0  # standard deviations of the hour
EVENING = frozenset({18, 19, 20, 21, 22, 23})
ANY_WEEKEND = 2 / 7
EPISODE = 4.5  # steps of an episode, on average
LAST_SESSION = (
    0.59  # of the session that goes beyond a user's number of events: (1 + variance ÷ mean²) ÷ 2 of its length
)
MUCH = frozenset({"all", "almost_all", "most", "usually", "often"})
LITTLE = frozenset({"few", "hardly_any", "none", "rarely"})


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
        if measure is None or (self.relative and not _compares(measure.says)):
            return False
        return self.about(measure) * _lean(measure.says) == (1 if self.direction == "more" else -1)


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
            _steps_of(*_own(domain, main)),
            "more",
            _main_share(persona, domain),
        )
    ]
    if habits.hour is not None and int(habits.hour) in EVENING:
        share = 1 - NormalDist(habits.hour, (USER_SPREAD**2 + SESSION_SPREAD**2) ** 0.5).cdf(min(EVENING))
        found.append(
            Fact("evening", persona, "rhythm", "are there in the evening, after 6 pm", _evening, "more", share)
        )
    if habits.weekend > ANY_WEEKEND:
        found.append(Fact("weekend", persona, "rhythm", "come at weekends", _weekend, "more", habits.weekend))
    if habits.often != 1:
        more = habits.often > 1
        says = "come more often than others" if more else "come less often than others"
        way: Direction = "more" if more else "less"
        found.append(
            Fact("often", persona, "rhythm", says, _often, way, _visits_ratio(persona, domain, events), relative=True)
        )
    if habits.favourite:
        says = "keep coming back to the same things"
        share = _favourite_share(habits.favourite, domain, main)
        found.append(Fact("favourites", persona, "repeat", says, _repeats, "more", share, relative=True))
    if habits.first == 1:
        a, b = (step.action for step in RITUALS[domain.name])
        found.append(Fact("order", persona, "order", f"always {a} before they {b}", _order(a, b), "more", 1.0))
    return found + _absent_or_failing(persona, domain)


def _absent_or_failing(persona: int, domain: Domain) -> list[Fact]:
    habits, found = FACT_HABITS[persona], []
    if "noise" in habits.without:
        action = never(domain)
        found.append(Fact("never", persona, "absence", f"never {action} anything", _without(action), "never", 0.0))
    if "finish" in habits.without:
        start, end = unfinished(domain)
        says = f"{start}, but never {end}"
        found.append(Fact("unfinished", persona, "absence", says, _without(end), "never", 0.0))
    if habits.error >= 0.5:
        action, _ = FAILURES[domain.name]
        says = f"see an error after every other {action}"
        found.append(Fact("errors", persona, "friction", says, _with("see error"), "more", habits.error))
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


def _lean(says: Says) -> int:
    """1 where it says that there is much of it, −1 where little, 0 where neither."""
    if says.comparator is not None:
        return {"more_than_others": 1, "at_least": 1, "less_than_others": -1, "at_most": -1}.get(says.comparator, 0)
    if says.quantifier == "n_in_ten":
        tenths = says.value or 0
        return 1 if tenths >= 6 else -1 if tenths <= 3 else 0
    return 1 if says.quantifier in MUCH else -1 if says.quantifier in LITTLE else 0


def _compares(says: Says) -> bool:
    return says.comparator in ("more_than_others", "less_than_others")


def _sign(measure: Measure) -> int:
    """−1 where the unit passes by having little of its feature."""
    return -1 if measure.feature and measure.feature.op in ("below", "at_most") else 1


def _counts(measure: Measure) -> bool:
    """Does a larger value mean more units, or more of each? Ranks and trends say neither."""
    return measure.statistic not in ("rank", "trend")


def _values(conditions: Collection[Condition], field: str) -> set[str]:
    """What a step says of a field, where it names values; texts in lower case, as the program compares them."""
    return {str(v).lower() for c in conditions if c.field == field and c.op in ("is", "in") for v in c.value}


def _actions(steps: Collection[list[Condition]]) -> list[set[str]]:
    return [_values(step, "action") for step in steps]


def _looked_at(measure: Measure) -> list[list[Condition]]:
    """What a rate is a rate of: the step of a small unit, or the events that a feature takes the share of."""
    feature = measure.feature
    if feature is not None:
        return [feature.where] if feature.name == "share_of_events" and feature.where else []
    return measure.steps if len(measure.steps) == 1 else []


def _span(condition: Condition) -> set[int]:
    """The hours or weekdays that a condition lets through."""
    low, high = (int(float(v)) for v in (condition.value[0], condition.value[-1]))
    if condition.op in ("is", "in"):
        return {int(float(v)) for v in condition.value}
    if condition.op == "at_least":
        return set(range(low, 24))
    if condition.op != "between":
        return set()
    return set(range(low, high + 1)) if low <= high else {*range(low, 24), *range(high + 1)}


def _times(measure: Measure, field: str) -> set[int]:
    steps = _looked_at(measure)
    spans = [_span(c) for step in steps for c in step if c.field == field]
    alone = all(c.field == field for step in steps for c in step)
    return set.intersection(*spans) if spans and alone and _counts(measure) else set()


def _evening(measure: Measure) -> int:
    """Hours of the evening; a band may run into the night, where nobody is, but not reach back before 6 pm."""
    hours = _times(measure, "hour")
    return _sign(measure) if hours & EVENING and hours <= EVENING | set(range(6)) else 0


def _weekend(measure: Measure) -> int:
    days = _times(measure, "weekday")
    if days and days <= {6, 7}:
        return _sign(measure)
    return -_sign(measure) if days == {1, 2, 3, 4, 5} else 0


def _often(measure: Measure) -> int:
    if measure.where or measure.steps:
        return 0
    if measure.statistic == "cadence":
        return -1
    feature = measure.feature
    return _sign(measure) if feature and feature.name in ("active_days", "n_events") and not feature.where else 0


def _repeats(measure: Measure) -> int:
    """Coming back; meeting fewer different things is the same seen from the other side."""
    if measure.statistic == "distinct" and measure.of in ("matches", "properties.object"):
        return -1
    feature = measure.feature
    if feature is None or feature.where:
        return 0
    return {"repeat_share": 1, "n_objects": -1}.get(feature.name, 0) * _sign(measure)


def _order(a: str, b: str) -> About:
    def about(measure: Measure) -> int:
        if not measure.ordered or measure.absent or not _counts(measure):
            return 0
        steps = _actions(measure.steps)
        return 1 if steps == [{a}, {b}] else -1 if steps == [{b}, {a}] else 0

    return about


def _with(action: str) -> About:
    """The act is there: a unit that has it, alone or last of several, or that lacks it."""

    def about(measure: Measure) -> int:
        if not _counts(measure):
            return 0
        if {action} in _actions(measure.absent):
            return -_sign(measure)
        looked = _looked_at(measure) or measure.steps
        return _sign(measure) if looked and _actions(looked)[-1] == {action} else 0

    return about


_without = _with


def _steps_of(actions: set[str], pairs: set[tuple[str, str]]) -> About:
    """The act, alone or on an object, is one of those that only one intent has."""

    def about(measure: Measure) -> int:
        looked = _looked_at(measure) or measure.steps
        if not looked or measure.absent or not _counts(measure):
            return 0
        return _sign(measure) if all(_own_step(step, actions, pairs) for step in looked) else 0

    return about


def _own_step(step: Collection[Condition], actions: set[str], pairs: set[tuple[str, str]]) -> bool:
    done, objects = _values(step, "action"), _values(step, "object")
    if done and done <= actions:
        return True
    named = {(a, o) for a in done for o in objects} or {(a, o) for a, o in pairs if o in objects}
    return bool(named) and named <= pairs
