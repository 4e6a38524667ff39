"""The tenth of users who bring in most, as a group that claims can be about: beside the groups of a run, and none of them.

In: a corpus and what `top_tenth` found. Out: the same log with that tenth as its one group, TENTH, or None where there is no card
about it; what is counted of its members; and what a first page tells of them, by the measures of that card. Promises: who brings
in most is chosen by what is told of them, so what they do more or less is measured where it did not choose them: users are
placed by one half of the log's time and measured on the other, both ways. They are held against all others. To match who came as
often would take away the half of what sets them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ..schema import TENTH, Condition, Measure, PartOf, Quiet, Says, TenthAgain, TenthFigures, TopTenth
from ..words.floors import FEW
from .corpus import Bools, Corpus, Population
from .evaluation import evaluate
from .intervals import Reals
from .people import People
from .top_tenth import FEWEST, PART, biggest, top_tenth
from .verdicts import truthfulness

# Of all value: twice their part of users. Below, who is in is a matter of degree, and a card would be of people like all others.
LEAST_SHARE = 0.2
VISITS = 3  # of a member, for the time away to be held against two pauses at least

OF_HALVES = """
SELECT u, CAST(coalesce(sum(value), 0) AS DOUBLE) AS whole, max(date) - DATE '1970-01-01' AS last,
       CAST(coalesce(sum(value) FILTER (date < $day), 0) AS DOUBLE) AS early, bool_or(date < $day) AS in_early,
       CAST(coalesce(sum(value) FILTER (date >= $day), 0) AS DOUBLE) AS late, bool_or(date >= $day) AS in_late
FROM lines GROUP BY u ORDER BY u
"""
PAUSES = """
WITH v AS (SELECT u, s, min(date) AS day FROM lines WHERE s IS NOT NULL GROUP BY u, s),
p AS (SELECT u, day - lag(day) OVER (PARTITION BY u ORDER BY day, s) AS pause FROM v)
SELECT u, count(*) AS visits, CAST(coalesce(max(pause), 0) AS DOUBLE) AS longest FROM p GROUP BY u ORDER BY u
"""

OPENS = Condition(field="opens_visit", op="is", value=["yes"])
# What a first page tells of them, asked as their card asks it.
SAYS = Says(comparator="more_than_others")
MIDDLES = {
    "visits": Measure(
        unit="users", statistic="median", of="matches", steps=[[OPENS]], versus="everyone_else", says=SAYS
    ),
    "worth": Measure(unit="sessions", statistic="median", of="total value", versus="everyone_else", says=SAYS),
    "lines": Measure(unit="sessions", statistic="median", of="matches", versus="everyone_else", says=SAYS),
}


@dataclass(frozen=True)
class _BroughtIn:
    """(users,) what each brings in over the log and in either half of it, and whether they are seen there; the day on which each
    was last seen, counted from 1970.
    """

    whole: Reals
    early: Reals
    late: Reals
    in_early: Bools
    in_late: Bools
    last: Reals


def tenth_corpus(corpus: Corpus, told: TopTenth | None) -> Corpus | None:
    """The log with the tenth as its group, cut in two by time. None where `told` does not weigh enough, in a log without amounts,
    of people at work or of given groups, and where too few bring in anything in one half to be placed by it.
    """
    if told is None or told.of != "value" or told.share < LEAST_SHARE or corpus.given or corpus.staff:
        return None
    if corpus.days is None or corpus.days[0] == corpus.days[1]:
        return None
    day = middle_day(corpus)
    rows = _halves(corpus, day)
    members, n = biggest(rows.whole), len(rows.whole)
    fewest = max(FEWEST, corpus.floor)
    if (
        corpus.people.heads(np.flatnonzero(members)) < fewest
        or min((rows.early > 0).sum(), (rows.late > 0).sum()) < n / PART
    ):
        return None
    by_early, by_late = biggest(rows.early), biggest(rows.late)
    placed = np.zeros(2 * n, dtype=bool)
    placed[0::2], placed[1::2] = by_late & rows.in_early, by_early & rows.in_late
    corpus.connection.execute("DELETE FROM places WHERE g = ?", [TENTH])
    corpus.connection.execute(
        "INSERT INTO places SELECT ?, unnest(?::INTEGER[])", [TENTH, np.flatnonzero(members).tolist()]
    )
    own = replace(_alike(corpus.people, 1), groups={TENTH: members}, cores={}, against=None)
    halves = replace(
        _alike(corpus.people, 2), groups={TENTH: placed}, cores={}, against=None, persons=None,
        owner=np.repeat(np.arange(n, dtype=np.int64), 2),
    )  # fmt: skip
    return replace(corpus, people=own, halves=halves, middle=day, memo={}, given=True)


def told_tenth(corpus: Corpus) -> TopTenth | None:
    """What the tenth brings in, with the medians of the half of the log that did not pick them wherever they have a card: who is
    picked by what a visit was worth comes to less in the next, and a page and a card that differ by this look wrong.
    """
    told = top_tenth(corpus)
    tenth = tenth_corpus(corpus, told)
    if told is None or tenth is None:
        return told
    found = {
        name: truthfulness(evaluate(tenth, measure, Population(TENTH)), "true", "") for name, measure in MIDDLES.items()
    }
    pairs = {name: None if t.value is None or t.matched is None else (t.value, t.matched) for name, t in found.items()}
    return told.model_copy(update={**pairs, "bringing": False, "by_halves": True})


def middle_day(corpus: Corpus) -> date:
    """The day with which the later half of the log begins."""
    assert corpus.days is not None
    first, last = corpus.days
    return first + timedelta(days=((last - first).days + 1) // 2)


def against_all(measure: Measure) -> Measure:
    """The measure as it is asked of the tenth: what compares is held against all others, who are all comparable there."""
    return measure.model_copy(update={"versus": "everyone_else"}) if measure.versus else measure


def tenth_figures(whole: Corpus, tenth: Corpus, groups: dict[str, int]) -> TenthFigures:
    """What is counted of the members of `tenth`; `groups` of the `whole` corpus by the ids of their personas."""
    members = tenth.people.mask(Population(TENTH))
    rows = _halves(tenth, middle_day(tenth))
    parts = [p for name, g in groups.items() if (p := _part(name, members, whole.people.mask(Population(g))))]
    return TenthFigures(
        again=_again(rows, middle_day(tenth)),
        parts=sorted(parts, key=lambda p: (-p.them, p.persona)),
        to_lose=_to_lose(rows.whole, members),
        quiet=_quiet(tenth, rows, members),
    )


def _again(rows: _BroughtIn, day: date) -> TenthAgain:
    before, after = biggest(rows.early), biggest(rows.late)
    return TenthAgain(
        day=str(day),
        users=int(before.sum()),
        same=round(float(after[before].mean()), 6),
        chance=round(float(after.mean()), 6),
        came=round(float(rows.in_late[before].mean()), 6),
        value=round(float(rows.late[before].sum()) / max(float(rows.late.sum()), 1e-9), 6),
    )


def _part(name: str, members: Bools, group: Bools) -> PartOf | None:
    """A persona that some of them are in; None of fewer than five, in it or out of it."""
    both = int((members & group).sum())
    if min(both, int(members.sum()) - both) < FEW:
        return None
    return PartOf(persona=name, them=round(both / int(members.sum()), 6), all=round(float(group.mean()), 6))


def _to_lose(whole: Reals, members: Bools) -> int | None:
    """The fewest who bring in a tenth of all value: the largest, until that is reached."""
    ranked = np.sort(whole[members])[::-1]
    fewest = int(np.searchsorted(np.cumsum(ranked), whole.sum() / PART)) + 1
    return fewest if fewest >= FEW else None


def _quiet(tenth: Corpus, rows: _BroughtIn, members: Bools) -> Quiet:
    assert tenth.days is not None
    first, last = tenth.days
    since = last - timedelta(days=(last - first).days // 4)
    found = tenth.connection.execute(PAUSES).fetchnumpy()
    visits, longest = np.zeros(len(members)), np.zeros(len(members))
    visits[found["u"]], longest[found["u"]] = found["visits"], found["longest"]
    tested = members & (visits >= VISITS)
    away = _since_1970(last) - rows.last
    unseen = members & (rows.last < _since_1970(since))
    return Quiet(
        since=str(since),
        unseen=int(unseen.sum()),
        unseen_value=round(float(rows.whole[unseen].sum() / rows.whole.sum()), 6),
        longer=int((tested & (away > longest)).sum()),
        tested=int(tested.sum()),
    )


def _halves(corpus: Corpus, day: date) -> _BroughtIn:
    rows = corpus.connection.execute(OF_HALVES, {"day": day}).fetchnumpy()
    numbers = {name: np.asarray(rows[name]).astype(np.float64) for name in ("whole", "early", "late", "last")}
    return _BroughtIn(**numbers, in_early=np.asarray(rows["in_early"], bool), in_late=np.asarray(rows["in_late"], bool))


def _since_1970(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _alike(people: People, parts: int) -> People:
    """Users in so many parts each, alike in when and how often they came: comparable others are then all others."""
    n = parts * len(people.first_day)
    nothing = np.zeros(n, dtype=np.int64)
    return replace(
        people, first_day=np.repeat(people.first_day, parts), first_seen=nothing, active_days=nothing,
        held_out=np.repeat(people.held_out, parts),
    )  # fmt: skip
