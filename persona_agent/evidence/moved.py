"""Do the claims of one log still hold in a later one: holds, weakened, refuted, or cannot be told.

In: two corpora, a claim of the older one and its group, and the groups that stand for it in the newer one. Out: `Moved`, with
both figures. What is tested is the move against the claim: how far the value (of a comparison, the difference to comparable
others) went to the other side, beyond the errors of both logs. Where several groups stand for the persona, the one that shows
least counts, so that a group cut a little differently changes nothing. Promises: over all claims of a comparison the share of
changes that are none is held at FALSE_CHANGES (Benjamini & Hochberg 1995); of shares that fewer than five users decide no figure,
test or outcome tells more than their bound (`at_bounds`); a claim that got stronger holds; a claim about
what the newer log does not have at all cannot be told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import ndtr

from ..options import DEFAULT_MIN_CLAIM_USERS
from ..schema import OF_VISITS, Condition, Measure, Says, is_held_against_before
from ..words.english.grammar import a_or_an
from ..words.floors import FEW
from .answers import Measured, known
from .at_bounds import at_bounds
from .conditions import is_about_themes, meets
from .corpus import Binder, Corpus, Population
from .evaluation import UnsupportedMeasure, compares, evaluate
from .intervals import Z_TWO_SIDED
from .quantifiers import ABOUT_RELATIVE, BOUNDED, HOW_OFTEN, difference, rounded, tolerance, verdict
from .replication import grows_with_time

MovedOutcome = Literal["holds", "weakened", "refuted", "cannot_tell"]
FALSE_CHANGES = 0.05  # of the claims that are said to have changed: the usual bound
AS_LONG = 0.1  # of the length of a log, within which another is as long
SEASONS = frozenset({"date", "month"})
THEMES_LEFT = 0.1  # of the lines whose things had a theme, that may have none now
# Of these lines, that must have one still for a comparison to be asked of them alone: half of what is done is about a half of it.
THEMES_ENOUGH = 0.5
NARROWED = "counted, in both logs, over things that have a theme of the earlier one"


@dataclass(frozen=True)
class Moved:
    """What a claim comes to in the newer log: `was` and `now` (None: it cannot be asked there), `p` how often chance alone
    moves it as far against what it says, `shown` whether the newer log shows by itself what it says; `others` where
    comparable others moved, and the group did not. `why` says why it cannot be told.
    """

    outcome: MovedOutcome
    was: Measured
    now: Measured | None = None
    p: float | None = None
    shown: bool = False
    others: bool = False
    why: str = ""


def moved(old: Corpus, new: Corpus, measure: Measure, was: Population, now: Sequence[Population]) -> Moved:
    """The claim of `measure` in both; its outcome is provisional until all are `settled`. `now` are the groups that stand for
    it.
    """
    why = _unasked(old, new, measure)
    narrowed = not why and is_about_themes(measure) and _themed(old, new) < 1 - THEMES_LEFT
    measure = _of_themed(measure) if narrowed else measure
    before = at_bounds(evaluate(old, measure, was))
    if why or not known(before.value) or before.n < FEW or not now:
        return Moved("cannot_tell", before, why=why or "nobody stands for the group in the later log")
    try:
        after = [(at_bounds(m), m) for m in (evaluate(new, measure, population) for population in now)]
    except UnsupportedMeasure as error:
        return Moved("cannot_tell", before, why=error.message.rstrip("."))
    whole = [
        (m, e) for m, e in after if known(m.value) and m.n >= DEFAULT_MIN_CLAIM_USERS and _others_enough(measure, m)
    ]
    enough = [m for m, _ in whole]
    if not enough:
        return Moved("cannot_tell", before, after[0][0], why="too few users stand for the group in the later log")
    longer = grows_with_time(measure) and not _as_long(old, new)
    if longer and not compares(measure):
        return Moved("cannot_tell", before, enough[0], why="its figure grows with the length of a log")
    ps = [_against(measure, before, m, longer=longer) for m in enough]
    if None in ps:
        return Moved("cannot_tell", before, enough[0], why="too few users for an interval")
    # Where a few decide, it is shown if it would be in the middle of what is told of them, or at its far end.
    showing = [m for m, exact in whole if _shown(measure, m, exact)]
    others = compares(measure) and not longer and all(_own_stayed(measure.says, before, m) for m in enough)
    p = max(p for p in ps if p is not None)
    # Whose figures are printed shows what is said of them.
    now_of = (showing or enough)[0]
    return Moved("holds", before, now_of, p, bool(showing), others, why=NARROWED if narrowed else "")


def _shown(measure: Measure, told: Measured, exact: Measured) -> bool:
    return any(verdict(measure, m)[0] == "true" for m in (told, at_bounds(exact, furthest=True)))


def settled(found: Sequence[Moved], measures: Sequence[Measure]) -> list[Moved]:
    """The outcomes of all claims of a comparison, false changes held at FALSE_CHANGES over all of them."""
    asked = [m.p for m in found if m.p is not None]
    bar = false_discovery_bar(asked, FALSE_CHANGES)
    return [m if m.p is None else _settled(m, measure, m.p <= bar) for m, measure in zip(found, measures, strict=True)]


def false_discovery_bar(p: Sequence[float], rate: float) -> float:
    """The largest p that is rejected where false discoveries are to be at most `rate` of all; −1 for none."""
    ordered = np.sort(np.asarray(p, dtype=np.float64))
    passing = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / max(len(ordered), 1))
    return float(ordered[passing[-1]]) if len(passing) else -1.0


def _settled(found: Moved, measure: Measure, beyond_chance: bool) -> Moved:
    if not beyond_chance:
        why = found.why if found.shown else "the later log does not show it, and the move may be chance"
        return replace(found, outcome="holds" if found.shown else "cannot_tell", why=why)
    if not found.shown and measure.says.alike and found.now and verdict(measure, found.now)[0] != "false":
        return replace(
            found, outcome="cannot_tell", why="the later log shows neither that they are alike nor that they differ"
        )
    if not found.shown:
        return replace(found, outcome="refuted")
    return replace(found, outcome="weakened" if _far(measure, found) else "holds")


def _far(measure: Measure, found: Moved) -> bool:
    """More than a tenth of what was said: in a long log chance is small, and so may be what is beyond it."""
    assert found.now is not None
    if measure.says.alike:  # and still is: there is no less of nothing
        return False
    if compares(measure):
        was, now = difference(found.was), difference(found.now)
        return was is not None and now is not None and abs(was[0] - now[0]) > ABOUT_RELATIVE * abs(was[0])
    before, after = found.was.value or 0.0, found.now.value or 0.0
    return abs(before - after) > tolerance(found.was, before) and rounded(before) != rounded(after)


def _against(measure: Measure, before: Measured, after: Measured, *, longer: bool) -> float | None:
    """How often chance alone moves it as far against what it says; None where no interval tells. Where the later log is
    `longer`, or shorter, and the figure grows with time, that chance alone puts the difference on the other side.
    """
    now = _tested(measure, after)
    was = (0.0, 0.0) if longer else _tested(measure, before)
    if now is None or was is None:
        return None
    error = math.hypot(now[1], was[1])
    z = (
        (now[0] - was[0]) / error
        if error > 0
        else math.copysign(math.inf, now[0] - was[0])
        if now[0] != was[0]
        else 0.0
    )
    side = _side(measure.says)
    return float(2 * ndtr(-abs(z))) if side == 0 else float(ndtr(side * z))


def _tested(measure: Measure, measured: Measured) -> tuple[float, float] | None:
    """What is tested, with its standard error."""
    if compares(measure):
        gap = difference(measured)
        return None if gap is None else (gap[0], _error(*gap[1]))
    if measured.value is None or measured.ci is None:
        return None
    return measured.value, measured.se if measured.se is not None else _error(*measured.ci)


def _error(low: float, high: float) -> float:
    return (high - low) / (2 * Z_TWO_SIDED)


def _side(says: Says) -> int:
    """1 where a claim says that something is much, −1 that it is little, 0 that it is just so."""
    word = says.quantifier
    if word in BOUNDED or word in HOW_OFTEN:
        wanted = BOUNDED.get(word) or HOW_OFTEN[word]
        return 1 if wanted.high == 1 else -1 if wanted.low == 0 else 0
    more = {"all", "at_least", "more_than_others"}
    less = {"none", "at_most", "less_than_others"}
    said = word or says.comparator or ""
    return 1 if said in more else -1 if said in less else 0


def _own_stayed(says: Says, before: Measured, after: Measured) -> bool:
    """Did the group's own figure stay, or move with the claim, as far as one can tell?"""
    if before.ci is None or after.ci is None or before.value is None or after.value is None:
        return False
    error = math.hypot(_error(*before.ci), _error(*after.ci))
    if says.alike:
        return abs(after.value - before.value) < Z_TWO_SIDED * error
    return _side(says) * (after.value - before.value) > -Z_TWO_SIDED * error


def _others_enough(measure: Measure, measured: Measured) -> bool:
    if not compares(measure):
        return True
    return measured.other is not None and known(measured.other.value) and measured.other.n >= DEFAULT_MIN_CLAIM_USERS


def _as_long(old: Corpus, new: Corpus) -> bool:
    lengths = [(c.days[1] - c.days[0]).days + 1 if c.days else 0 for c in (old, new)]
    return abs(lengths[0] - lengths[1]) <= AS_LONG * max(lengths)


# --- what a later log cannot be asked ---


def _unasked(old: Corpus, new: Corpus, measure: Measure) -> str:
    """Why the later log cannot be asked; empty where it can."""
    fields = {c.field for c in measure.conditions}
    if measure.window is not None or fields & SEASONS or measure.statistic == "trend":
        return "it is about a time of the earlier log"
    if measure.unit == "memories":
        return "what users come for is found anew in each log"
    if is_about_themes(measure) and _themed(old, new) < (
        THEMES_ENOUGH if _compares_things(measure) else 1 - THEMES_LEFT
    ):
        return "many things of the later log are in none of the earlier one's themes"
    for name, query in _needed(measure):
        if not _is_there(new, name, *query):
            return f"nothing in the later log has {name}: it was renamed, or nobody does it any more"
    return ""


def _needed(measure: Measure) -> Iterator[tuple[str, tuple[str, Binder]]]:
    """What must be in a log for a claim to be asked, each with the SQL test of a line."""
    for c in measure.conditions:
        if c.op in ("is", "in", "contains") and c.field not in OF_VISITS and not is_held_against_before(c.field):
            binder = Binder()
            yield f"{_told(c)}", (meets([c], binder), binder)
    for field in sorted(measure.kept_fields):
        binder = Binder()
        there = Condition(field=field, op="not_in", value=[""])
        name = field.removeprefix("properties.")
        yield f"{a_or_an(name)} {name}", (meets([there], binder), binder)


def _told(c: Condition) -> str:
    values = " or ".join(f"“{v}”" for v in c.value[:3])
    return f"{c.field.removeprefix('properties.')} {values}"


def _is_there(corpus: Corpus, name: str, test: str, binder: Binder) -> bool:
    key = f"there {name}"
    if key not in corpus.memo:
        # Of fewer than five users it is as if it were not there: whoever asks would hear whether anybody has it.
        users = corpus.rows(f"SELECT DISTINCT u FROM lines l WHERE {test}", binder)["u"].astype(np.int64)
        corpus.memo[key] = corpus.people.heads(users) >= FEW
    return bool(corpus.memo[key])


def _compares_things(measure: Measure) -> bool:
    """A share of things against that of others: new things that have no theme are none of either, and leave it as it is."""
    return compares(measure) and measure.unit == "things" and measure.statistic == "share" and not measure.where


def _of_themed(measure: Measure) -> Measure:
    return measure.model_copy(update={"where": [Condition(field="theme", op="not_in", value=[""])]})


def _themed(old: Corpus, new: Corpus) -> float:
    """Of the lines that had a theme, the share that has one still."""
    shares = []
    for corpus in (old, new):
        if "themed" not in corpus.memo:
            rows = corpus.rows(
                "SELECT avg((l.theme IS NOT NULL)::INTEGER) AS x FROM lines l WHERE l.object IS NOT NULL", Binder()
            )
            corpus.memo["themed"] = float(rows["x"][0])
        shares.append(float(corpus.memo["themed"]))
    return shares[1] / shares[0] if shares[0] else 1.0
