"""What stands behind a claim, as a page, a Markdown file and a terminal show it: its figures, where they come from, its verdict.

In: a claim. Out: pairs of term and text, not escaped. Promises: a figure says whether it is a mean or a median over users or a
count, since a mean of users' shares and a count of all their visits need not add up.
"""

from __future__ import annotations

from ..evidence import about_activity
from ..schema import Claim, Counter, Replication, Round
from ..words.counted import COMPARED, OF_ACTIVITY, measure_words
from ..words.english.grammar import plural
from ..words.english.mixes_told import TITLE
from ..words.wording import percent, printed, printed_value
from .phrasing import KIND


def facts_of_claim(claim: Claim, just: str = "") -> list[tuple[str, str]]:
    """What stands behind a claim, as pairs of term and text; `just` says whether its bar is just what they do, where or when."""
    found = [("kind", KIND[claim.kind] + (" (what they were sorted by)" if claim.by_construction else ""))]
    found += _numbers(claim)
    found += [(TITLE.lower(), just)] if just else []
    found += [(f"on {name}", _replicated(claim, r)) for name, r in _replications(claim)]
    if claim.measure:
        found.append(("measure", _compared(claim, measure_words(claim.measure))))
    found.append(("verdict", _verdict(claim)))
    if claim.counter:
        found.append(("the case against", _against(claim, claim.counter)))
    if len(claim.rounds) > 1:
        found += [(f"round {i}", _round(r)) for i, r in enumerate(claim.rounds, start=1)]
    if claim.hypothesis:
        found += [("rival", claim.hypothesis.rival), ("test", claim.hypothesis.how_to_test)]
    return found


def _numbers(claim: Claim) -> list[tuple[str, str]]:
    truth, found = claim.truthfulness, []
    if truth.value is not None:
        interval = f" (95 % interval {' to '.join(printed(claim.measure, x) for x in truth.ci)})" if truth.ci else ""
        found.append(("value", f"{printed_value(claim)}, {_over(claim)} {plural(truth.n, 'user')}{interval}"))
    for name, value, whom in (
        ("comparable others", truth.matched, "matched"),
        ("all others", truth.raw, "everyone_else"),
    ):
        # Where all others are comparable, as on the card of the tenth that brings in most, they are told once.
        twice = whom == "matched" and claim.measure and claim.measure.versus == "everyone_else" and value == truth.raw
        if value is not None and not twice:
            found.append((name, f"{printed(claim.measure, value)}: {_compared(claim, COMPARED[whom])}"))
    if truth.unmatched is not None and truth.unmatched >= 0.005:  # below, it would print as 0 %
        found.append(("without a comparable other", f"{percent(truth.unmatched)} of them, who are not compared"))
    if truth.pooled is not None and claim.measure:
        found.append(("pooled", f"{percent(truth.pooled)} of all their {claim.measure.unit}, counted together"))
    if claim.information_bits is not None:
        found.append(("information", f"{claim.information_bits:.2f} bits, at the interval's nearer bound"))
    return found


def _compared(claim: Claim, told: str) -> str:
    """Whom it is held against, where that hangs on what is asked."""
    alone = claim.measure is not None and about_activity(claim.measure)
    return told.replace(COMPARED["matched"], OF_ACTIVITY) if alone else told


def _over(claim: Claim) -> str:
    """How a value comes from its users: who makes many visits weighs in it as much as who makes one."""
    m = claim.measure
    if m is None or m.statistic == "trend":
        return "from"
    if m.statistic in ("median", "cadence"):
        return "the median over"
    return "of" if m.statistic == "share" and m.unit == "users" else "the mean over"


def _replications(claim: Claim) -> list[tuple[str, Replication]]:
    again = claim.replication
    pairs = [("users not looked at", again.held_out), ("the last quarter", again.last_quarter)]
    return [(name, r) for name, r in pairs if r is not None]


def _replicated(claim: Claim, again: Replication) -> str:
    against = f" against {printed(claim.measure, again.matched)}" if again.matched is not None else ""
    moved = _says_so(claim, again)
    fails = f"{moved}, with another figure" if moved else "does not hold"
    holds = "holds" if again.holds else fails
    if again.value is None:
        return f"{holds}, from {plural(again.n, 'user')}; its figure would tell of fewer than five"
    return f"{holds}: {printed(claim.measure, again.value)}{against}, from {plural(again.n, 'user')}"


def _says_so(claim: Claim, again: Replication) -> str:
    """Which way the difference is where that is as the claim says it, and the figure alone is another: 28 % against 2 % is still
    more, though it was 32 %. Empty where it is not.
    """
    comparator, here, there = claim.measure and claim.measure.says.comparator, again.value, again.matched
    if here is None or there is None or here == there or comparator not in ("more_than_others", "less_than_others"):
        return ""
    more = comparator == "more_than_others"
    return ("still more" if more else "still less") if (here > there) == more else ""


def _against(claim: Claim, counter: Counter) -> str:
    """The case against. In it visits are counted whoever they are of, so that it and a mean over users need not add up."""
    m = claim.measure
    counted = m is not None and m.unit != "users" and m.statistic in ("share", "median")
    return f"{counter.says}, all of theirs counted together" if counted and counter.n_contra != 0 else counter.says


def _verdict(claim: Claim) -> str:
    by = "counted by code" if claim.judged_by == "code" else f"judged by {claim.judged_by}"
    truth = claim.truthfulness
    why = f" ({truth.reason})" if truth.reason else ""
    return f"{truth.label.replace('_', ' ')}{why}; lines: {claim.alignment.label.replace('_', ' ')}; {by}"


def _round(told: Round) -> str:
    """What a claim said once, and what was found."""
    return f"“{told.text}”: {'; '.join(told.findings) or 'accepted'}"
