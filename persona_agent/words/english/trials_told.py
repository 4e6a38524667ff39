"""What a trial of somebody's groups says, in sentences."""

from __future__ import annotations

from ...schema import GroupTest
from ..wording import percent

WORDS = {
    "firm": "comes back, firmly",
    "fair": "comes back",
    "soft": "comes back, but softly",
    "none": "does not come back",
    "untested": "could not be tested",
}
HARDLY = "comes back more than by chance, too little to plan with"


def members_told(n: int) -> str:
    """“45 users”, “fewer than five users”."""
    return f"{n:,} users" if n else "fewer than five users"


def group_says(test: GroupTest, floor: int) -> str:
    """“comes back: of those whom one half of their visits puts here, 64 % are put here by the other half (by chance 28 %)…”"""
    if test.word == "untested":
        few = test.members < floor
        why = f"it has fewer than {floor} users" if few else "too few of its users came twice"
        return f"{WORDS['untested']}: {why}."
    same, chance, own, by_chance = (percent(x or 0.0) for x in (test.same, test.chance, test.own, test.own_chance))
    halves = (
        f"of those whom one half of their visits puts here, {same} are put here by the other half, {chance} by chance "
        f"(kappa {_two(test.kappa)}, at least {_two(test.low)}; null logs stay under {_two(test.null)})"
    )
    given = f"what its members do puts {own} of their halves here, {by_chance} by chance"
    return f"{HARDLY if _a_little(test) else WORDS[test.word]}: {halves}; {given}."


def _a_little(test: GroupTest) -> bool:
    """Does a group without a word surely come back more than chance gives, as the one that was given?"""
    again = (test.low or 0.0) > max(test.null or 0.0, 0.0)
    own, chance = test.own or 0.0, test.own_chance or 0.0
    return test.word == "none" and again and chance < 1 and (own - chance) / (1 - chance) > (test.own_null or 0.0)


Gain = tuple[float, float, float, float]


def groups_say(
    users: int, tested: int, gain: Gain | None, mostly: str | None, within: str | None, *, foretells: bool
) -> list[str]:
    """What is so of all groups together; `gain` with the ends of its interval and the bar of null logs."""
    told = [f"{tested:,} of {users:,} users in a group could be tested: they came twice or more and did enough."]
    if gain is not None:
        nats, low, high, null = gain
        figures = f"{nats:.2f} nats a user (95 %: {low:.2f} to {high:.2f}; null logs stay under {null:.2f})"
        whether = "foretells the other, over everybody's mix" if foretells else "does not foretell the other"
        told.append(f"Through these groups one half of a user's visits {whether}: {figures}.")
    told.append(
        f"They are mostly the field “{mostly}” under other names." if mostly else "No one field of the log tells them."
    )
    if within:
        told.append(f"Users were told apart within “{within}”, whose values hardly share a thing.")
    return told


def _two(x: float | None) -> str:
    return "–" if x is None else f"{x:.2f}"
