"""Habits beside the personas: something that some users keep doing, whichever persona they are in, or none.

In: a corpus, and habits to ask about, each an end of a measure. Out: those by which users stand out who come back, measured on
the visits that did not pick them (habit_cases.py), and what else is so of these users there. Promises: what a habit is chosen by
are users who were not set aside, and by nothing that whole visits exchanged between users of a month would give; no figure is of
the visits that picked its users; the same log gives the same habits, whatever the run's key.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .corpus import Corpus, Ints
from .evaluation import question
from .few_carry import carried_by_five
from .habit_cases import (
    FEWEST,
    SAME_PEOPLE,
    TINY,
    AskedHabit,
    Case,
    FoundHabit,
    VisitHalves,
    contrast_of,
    middles_of,
    seen_apart,
)
from .intervals import Reals
from .visit_sums import VisitList, sums_of_measures, visits_in

ASKED_USERS = 3_000  # who choose habits: as many as personas are found in (groups.find.MAX_FITTED_USERS)
PART = 0.03  # of all who came twice, who must have a habit
NULLS = 20  # logs of exchanged visits, as personas are held against (groups.find)
MOST_ALSO = 3  # more facts of their users: with the habit they make the four bars of a small card
# Standard errors from all others, of what else is so: four at the least, since a user may stand there with both halves.
# With users drawn at random in the place of those of ten habits, 20 times, one fact passes at 4, and none at 5.
ALSO_BEYOND = 6.0


def habits_beside(corpus: Corpus, asked: Sequence[AskedHabit]) -> list[FoundHabit]:
    """The habits that hold, strongest contrast first; none are told of people at work and of given groups. They are chosen by
    users that were not set aside; figures are of all.
    """
    if corpus.staff or corpus.given or not asked:
        return []
    visits = visits_in(corpus)
    drawn = visits.of_users(_drawn(corpus, visits))
    found = _apart(recounted_habits(corpus, _chosen(corpus, asked, drawn), visits))
    with_more = _with_more(corpus, asked, [f.asked for f in found], drawn)
    return recounted_habits(corpus, with_more, visits)


def recounted_habits(corpus: Corpus, asked: Sequence[AskedHabit], visits: VisitList | None = None) -> list[FoundHabit]:
    """Those of the habits that are so of all users, with their figures, in the same order."""
    if not asked:
        return []
    on = VisitHalves.of(visits or visits_in(corpus))
    more = [also for a in asked for also in a.also]
    answers = {question(case.asked.measure): case.own_answers() for case in _cases(corpus, more, on)}
    measured = (case.measured(answers) for case in _cases(corpus, asked, on))
    found = sorted((f for f in measured if f is not None), key=lambda f: asked.index(f.asked))
    least = max(FEWEST, corpus.floor, PART * int(on.twice.sum()))
    heads = corpus.people.heads
    kept = [f for f in found if f.told.users >= least and heads(np.flatnonzero(f.users)) >= corpus.floor]
    return _with_value(corpus, kept)


def _with_value(corpus: Corpus, found: Sequence[FoundHabit]) -> list[FoundHabit]:
    """With what their users bring in of the value, where there is one, and whether that hangs on five of them."""
    if not corpus.valued or not found:
        return list(found)
    sql = "SELECT u, CAST(coalesce(sum(value), 0) AS DOUBLE) AS value FROM lines GROUP BY u ORDER BY u"
    rows = corpus.connection.execute(sql).fetchnumpy()
    value = np.zeros(len(found[0].users))
    value[np.asarray(rows["u"])] = np.asarray(rows["value"])
    worth = float(value.sum())
    if worth <= 0:
        return list(found)
    own = [value[f.users] for f in found]
    told = [{"share_value": round(float(w.sum()) / worth, 6), "top_five": carried_by_five(w)} for w in own]
    return [replace(f, told=f.told.model_copy(update=t)) for f, t in zip(found, told, strict=True)]


def _cases(corpus: Corpus, asked: Sequence[AskedHabit], on: VisitHalves) -> Iterator[Case]:
    """The ends of one measure after those of another."""
    ends = defaultdict[str, list[AskedHabit]](list)
    for a in asked:
        ends[question(a.measure)].append(a)
    for measure, sums in sums_of_measures(corpus, [own[0].measure for own in ends.values()], on.visits):
        yield from (Case(a, sums, on) for a in ends[question(measure)])


def _drawn(corpus: Corpus, visits: VisitList) -> Ints:
    """Users who came twice and were not set aside, at most ASKED_USERS of them."""
    users = np.flatnonzero((visits.per_user >= 2) & ~corpus.people.held_out)
    return np.sort(np.random.default_rng(7).permutation(users)[:ASKED_USERS]).astype(np.int64)


def _chosen(corpus: Corpus, asked: Sequence[AskedHabit], visits: VisitList) -> list[AskedHabit]:
    """The habits that come back in these users, beyond chance."""
    on = VisitHalves.of(visits)
    least = PART * int(on.twice.sum())
    exchanged = [on.exchanged(i) for i in range(NULLS)]
    cases = ((case, case.measured({})) for case in _cases(corpus, asked, on))
    return [
        case.asked
        for case, found in cases
        if found is not None and found.told.users >= least and case.beyond_chance(exchanged)
    ]


def _apart(found: Sequence[FoundHabit]) -> list[FoundHabit]:
    """The strongest first; of one end of one thing the strongest alone, and none whose users mostly have a stronger one."""
    kept: list[FoundHabit] = []
    for f in sorted(found, key=lambda f: (-round(f.strength, 6), question(f.told.measure), f.told.more)):
        if not any(_told_already(f, k) for k in kept):
            kept.append(f)
    return kept


def _told_already(habit: FoundHabit, kept: FoundHabit) -> bool:
    same_end = habit.asked.end == kept.asked.end and bool(habit.asked.facts & kept.asked.facts)
    return same_end or int((habit.users & kept.users).sum()) >= SAME_PEOPLE * int(habit.users.sum())


@dataclass(frozen=True)
class _More:
    """Something else that is so of the users of a habit, and how far it is from all others."""

    asked: AskedHabit
    strength: float


def _with_more(
    corpus: Corpus, asked: Sequence[AskedHabit], kept: Sequence[AskedHabit], visits: VisitList
) -> list[AskedHabit]:
    """The habits with what else to count of their users, chosen as they were by users who were not set aside: what is furthest
    from all others, about other things than the habit and than one another.
    """
    if not kept:
        return []
    on = VisitHalves.of(visits)
    cases = {case.asked.key: case for case in _cases(corpus, kept, on)}
    found: dict[str, list[_More]] = {a.key: [] for a in kept}
    once = {question(a.measure): a for a in asked}
    for other in _cases(corpus, list(once.values()), on):
        own = other.own_answers()
        for habit in kept:
            if not other.asked.facts & habit.facts:
                found[habit.key] += _seen_beside(other.asked, *cases[habit.key].parted(own))
    return [replace(habit, also=tuple(_furthest(found[habit.key]))) for habit in kept]


def _seen_beside(asked: AskedHabit, here: Reals, others: Reals) -> list[_More]:
    pair = middles_of(asked, here, others)
    if pair is None or not seen_apart(asked, *pair) or _deviations(asked, here, others) < ALSO_BEYOND:
        return []
    return [_More(asked, contrast_of(*pair, is_share=asked.is_share))]


def _deviations(asked: AskedHabit, here: Reals, others: Reals) -> float:
    """How many standard errors apart (Welch): shares as they are, numbers by their logarithms."""
    here, others = (x if asked.is_share else np.log(np.maximum(x, TINY)) for x in (here, others))
    error = math.sqrt(float(here.var()) / len(here) + float(others.var()) / len(others))
    return abs(float(here.mean() - others.mean())) / max(error, TINY)


def _furthest(found: Sequence[_More]) -> Iterator[AskedHabit]:
    told: set[str] = set()
    ranked = sorted(found, key=lambda b: (-round(b.strength, 6), question(b.asked.measure)))
    n = 0
    for beside in ranked:
        if n < MOST_ALSO and not beside.asked.facts & told:
            told |= beside.asked.facts
            n += 1
            yield beside.asked
