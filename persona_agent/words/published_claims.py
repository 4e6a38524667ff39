"""A claim as a card shows it: its figures, its text with these, the case against, and the rounds that it went through.

In: exact claims. Out: published ones. Promises: those of floors; what is published is published again as it is.
"""

from __future__ import annotations

import re
from typing import Literal

from ..schema import Claim, Counter, Measure, Round
from .floors import (
    FEW,
    FEWER,
    in_steady_steps,
    of_users,
    published_replications,
    published_truth,
    said_in_step,
    step_of,
    to_step,
    whole_number,
    with_rounded_counts,
)
from .wording import SLOT, claim_values, fill

# What the units of a case against do (evidence.witnesses): of nobody there are no such words, so of a few there are none either.
DOING = re.compile(r" (?:do|do not|went the other way|are not about .*|have (?:more|less) than .*)$")
FIRST = r"none|(?:all but )?(?:those of )?fewer than (?:five|[\d,]+)(?: users,)?"
OF = re.compile(rf"^(?:({FIRST})|([\d,]+)) of ([\d,]+) (.*)$")
WITH = re.compile(r"with ([\d,]+) (\w+)$")


def published_claim(claim: Claim) -> Claim:
    """The claim as a card shows it; its text holds the figures that are shown."""
    truth = published_truth(claim.truthfulness, claim.measure)
    few = claim.counter is not None and (claim.counter.few or _few_units(claim.counter)) is not None
    # In more digits than a bound has, it is of the same few; once published nothing says so, and it is gone.
    bits = None if truth.bound or few else claim.information_bits
    again = published_replications(claim.replication, claim.measure, bounded=truth.bound is not None)
    made = claim.model_copy(
        update={
            "truthfulness": truth,
            "measure": claim.measure and said_as_shown(claim.measure),
            "replication": again,
            "counter": published_counter(claim.counter, claim.measure, claim.truthfulness.n),
            "information_bits": None if bits is None else round(bits, 1 if bits >= 1 else 2),
            "alignment": claim.alignment.model_copy(update={"reason": with_rounded_counts(claim.alignment.reason)}),
        }
    )
    values = claim_values(made)
    fills = claim.measure is not None and set(SLOT.findall(claim.template)) <= set(values)
    text = fill(claim.template, values) if fills else claim.text
    why = claim.withdrawal
    return made.model_copy(
        update={
            "text": text,
            "withdrawal": why.model_copy(update={"why": with_rounded_counts(why.why)}) if why else None,
            "rounds": [
                Round(
                    text=text if r.text == claim.text else r.text, findings=[with_rounded_counts(f) for f in r.findings]
                )
                for r in claim.rounds
            ],
        }
    )


def said_as_shown(measure: Measure) -> Measure:
    """The measure with a share that is said (“about 0.702”) in whole per cent, as its text prints it; more digits are a count."""
    says = measure.says
    if measure.statistic != "share" or says.comparator != "about" or says.value is None:
        return measure
    return measure.model_copy(update={"says": says.model_copy(update={"value": round(says.value, 2)})})


def published_counter(counter: Counter | None, measure: Measure | None, users: int) -> Counter | None:
    """The case against without what tells of a few of the `users` behind it: users are told in fives, from five on, what they
    left in steps of about what five of them leave. There is none where fewer than five make both sides, nobody included.
    """
    counter = counter_of_five(counter, measure, users)
    if counter is None or measure is None:
        return counter
    of_users_alone = _counts_users(measure)

    def step(of: Counter, n: int) -> int:
        # Two counts, with a user and without, must not tell what that user left; each unit is somebody's, so that a step is of
        # five units at least.
        return step_of(1.0 if of_users_alone else max(_counted_in(of) / max(n, 1), 1.0))

    found = in_steady_steps(
        step(counter, users), lambda s: _in_step(counter, s), lambda told: step(told, of_users(users))
    )[1]
    return found.model_copy(update={"lines": []}) if found.n_contra is None else found


def counter_of_five(counter: Counter | None, measure: Measure | None, users: int) -> Counter | None:
    """The case against with exact counts, but of sides of five users and more alone; none where both together are of fewer."""
    if counter is None or measure is None:
        return counter
    sides = (counter.n_support, counter.n_contra)
    if users < FEW or (None not in sides and sum(n or 0 for n in sides) < FEW):
        return None
    few = counter.few or _few_units(counter)
    return counter if few is None else _of_few(counter, few, _counts_users(measure))


def _counts_users(measure: Measure) -> bool:
    """Are the units of a case against users, whatever unit the figure is of (evidence.witnesses)?"""
    return measure.unit == "users" or measure.statistic in ("sum", "distinct", "trend")


def _few_units(counter: Counter) -> Literal["support", "contra"] | None:
    """The side of fewer than five units, where it is not known of how many users they are."""
    if counter.n_contra is not None and counter.n_contra < FEW:
        return "contra"
    return "support" if counter.n_support is not None and counter.n_support < FEW else None


def _of_few(counter: Counter, few: Literal["support", "contra"], of_users_alone: bool) -> Counter:
    """The same where fewer than five users stand on a side: nobody like four, in words and in numbers."""
    found = OF.match(counter.says)
    if found is None or counter.n_support is None or counter.n_contra is None:
        return counter.model_copy(update={"few": None})  # as it was published
    units, rest = counter.n_support + counter.n_contra, found.group(4)
    what = DOING.sub("", rest) if few == "contra" else rest
    who = FEWER if of_users_alone else f"those of {FEWER} users,"
    says = f"{who if few == 'contra' else f'all but {who}'} of {units:,} {what}"
    n_support, n_contra = (units, None) if few == "contra" else (None, units)
    return Counter(says=says, n_support=n_support, n_contra=n_contra, lines=[])


def _counted_in(counter: Counter) -> int:
    """All units that a case against speaks of."""
    found, among = OF.match(counter.says), WITH.search(counter.says)
    told = [n for n in (counter.n_support, counter.n_contra) if n is not None]
    return max(sum(told), *(whole_number(m[i]) for m, i in ((found, 3), (among, 1)) if m), 0)


def _in_step(counter: Counter, step: int) -> Counter:
    """The same with its counts in such steps."""
    says, found = counter.says, OF.match(counter.says)
    if found:
        few, some, many, rest = found.groups()
        if some is not None:
            few = FEWER if whole_number(some) < FEW else said_in_step(whole_number(some), step)
        says = f"{FEWER if few == 'none' else few} of {to_step(whole_number(many), step):,} {rest}"
    says = WITH.sub(
        lambda m: f"with {FEWER if whole_number(m[1]) < FEW else said_in_step(whole_number(m[1]), step)} {m[2]}", says
    )
    counted = {"n_support": _counted(counter.n_support, step), "n_contra": _counted(counter.n_contra, step)}
    return counter.model_copy(update={"says": says, **counted})


def _counted(n: int | None, step: int) -> int | None:
    """None stands for few: fewer than five, or than half of a step."""
    return None if n is None or n < FEW else to_step(n, step) or None
