"""What could be said of when, how often, how broadly and in which order a group acts, whatever its acts are.

In: a corpus and a group. Out: inquiries like those of inquiries.py. Parts of the day are cut where a quarter, half and three
quarters of the log's own visits have begun, so that a part means as much in a log of nights as in one of office hours; the
writer keeps the most telling one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...evidence import Binder, Corpus
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...schema import KEPT, Condition, Topic
from ...words.english.grammar import noun_of_lines
from ...words.english.hours import HAS_HOUR, made_by_users, of_visits
from ...words.english.orders_told import KEPT_OF, known_again, place_word
from ...words.wording import clock, quoted
from .inquiries import Inquiry, comparing_measure, middle, same, visits_share

PAIRS = 12  # of neighbouring actions, by the group's sessions and by everybody's
CLOCKED = 0.5  # of visits whose first line has an hour, for the hours of a log to be told
NIGHT_ENDS = 4  # the hour at which a day begins for whoever stayed up
QUARTERS = (0.25, 0.5, 0.75)  # of visits: the hours by which so many have begun are those worth telling
TINY = 1e-9  # in the place of none below a line, where what stands above is none too
OPENS = Condition(field="opens_visit", op="is", value=["yes"])


def rhythm(corpus: Corpus) -> Iterator[Inquiry]:
    """Hours and days on which visits begin, and the days between them; of visits that have an hour, and that users make."""
    cuts, (made, clocked) = _cuts(corpus), whose_visits(corpus)
    of_made, of_clocked = (of_visits(where, corpus.names) or "" for where in (made, clocked))
    for start, end, said in _parts(cuts):
        when = Condition(field="hour", op="between", value=[start, (end - 1) % 24])
        begin = visits_share([[OPENS, when]], where=clocked)
        yield Inquiry(Topic(kind="hours"), said, f"start {said}", begin, "sessions", of_clocked)
    weekend = visits_share([[OPENS, Condition(field="weekday", op="between", value=[6, 7])]], where=made)
    yield Inquiry(Topic(kind="week"), "at weekends", "start at weekends", weekend, "sessions", of_made)
    yield Inquiry(Topic(kind="gap"), "", "the usual time since the visit before", middle("sessions", "gap"), "number")


def breadth(corpus: Corpus) -> Iterator[Inquiry]:
    """How much and how many different things a visit holds, how long it takes, how much of it was met before."""
    size, said = middle("sessions", "matches"), f"the usual number of {noun_of_lines(corpus.names.main_act)} in a visit"
    yield Inquiry(Topic(kind="session", about="size"), "", said, size, "number")
    if _of_things(corpus):
        kinds = middle("sessions", "things")
        said = "the usual number of different things in a visit"
        yield Inquiry(Topic(kind="session", about="breadth"), "", said, kinds, "number")
    if _lasting(corpus):
        length = middle("sessions", "minutes")
        yield Inquiry(Topic(kind="minutes"), "", "the usual length of a visit", length, "number")
    later = [Condition(field="met_before", op="in", value=["yes", "no"])]
    again = comparing_measure("things", [[same("met_before", "yes")]], where=later)
    yield Inquiry(Topic(kind="repeats"), "the same things again", "were met in an earlier visit", again, "things")


def place_inquiries(corpus: Corpus) -> Iterator[Inquiry]:
    """How many visits have the store, the device, the branch of the visit before."""
    for name in corpus.names.places:
        field = f"{KEPT}properties.{name}"
        kept = visits_share([[same(field, "yes")]], where=known_again(field))
        again = f"the same {place_word(field, corpus.names)}"
        yield Inquiry(
            Topic(kind="place", about=name),
            f"{again} again",
            f"have {again} as the visit before",
            kept,
            "sessions",
            KEPT_OF,
        )


def journeys(corpus: Corpus, group: int) -> Iterator[Inquiry]:
    """What follows what in a visit."""
    for a, b in _pairs(corpus, group):
        first, then = [same("action", a)], [same("action", b)]
        one, two = quoted(a, names=corpus.names), quoted(b, names=corpus.names)
        onward = visits_share([first, then], ordered=True, where=first)
        yield Inquiry(Topic(kind="then", about=a), f"{one}, then {two}", f"hold {one}, {two} follows", onward, "times")


def whose_visits(corpus: Corpus) -> tuple[list[Condition], list[Condition]]:
    """What visits must hold whose days are told, and whose hours: an act of the user's own where some visits have none, an hour
    where some of the others have none.
    """
    made = made_by_users(corpus.names)
    if "visits" not in corpus.memo:
        done_to = [str(act).lower() for c in made for act in c.value]
        row = corpus.connection.execute(_NOT_MADE, [done_to]).fetchone()
        corpus.memo["visits"] = row or (0, 0)
    without_own, without_hour = corpus.memo["visits"]
    made = made if without_own else []
    return made, [*made, HAS_HOUR] if without_hour else made


def _of_things(corpus: Corpus) -> bool:
    """Does the middle user's middle visit hold any thing? In a log of acts alone none does: 0 different things tell nothing."""
    row = corpus.connection.execute(
        "SELECT median(m) FROM (SELECT u, median(m) AS m FROM (SELECT u, s, count(DISTINCT object) AS m FROM lines "
        "WHERE s IS NOT NULL GROUP BY u, s) GROUP BY u)"
    ).fetchone()
    return bool(row and row[0])


def _lasting(corpus: Corpus) -> bool:
    """Does the middle user's middle visit take any time? Where whole visits are stamped with one time, none does."""
    row = corpus.connection.execute(
        "SELECT median(m) FROM (SELECT u, median(m) AS m FROM (SELECT u, s, max(us) - min(us) AS m FROM lines "
        "WHERE s IS NOT NULL AND hour IS NOT NULL GROUP BY u, s) GROUP BY u)"
    ).fetchone()
    return bool(row and row[0])


def begun_by_hour(corpus: Corpus) -> tuple[NDArray[np.float64], float]:
    """(24,) visits that begin in each hour from the end of the night on, each user weighing the same, and the share of visits
    that have a clock at all.
    """
    known, every = np.zeros(24), 0.0
    for hour, share in corpus.connection.execute(_STARTS).fetchall():
        every += share
        if hour is not None:
            known[(hour - NIGHT_ENDS) % 24] += share
    return known, float(known.sum() / max(every, TINY))


def _cuts(corpus: Corpus) -> list[int]:
    """The hours by which a quarter, half and three quarters of the visits of the middle user have begun, counted from the end
    of the night; none where visits have no clock.
    """
    if "cuts" not in corpus.memo:
        begun, clocked = begun_by_hour(corpus)
        reached = np.cumsum(begun) / max(begun.sum(), TINY)
        places = [int(np.searchsorted(reached, q)) + 1 for q in QUARTERS] if clocked >= CLOCKED else []
        corpus.memo["cuts"] = [(place + NIGHT_ENDS) % 24 for place in sorted(set(places)) if place < 24]
    found: list[int] = corpus.memo["cuts"]
    return found


def _parts(cuts: list[int]) -> Iterator[tuple[int, int, str]]:
    """Parts of the day (from, up to, in words): before each cut but the last, after that, and from each to the next. Before the
    last would be all but what is after it: the same fact.
    """
    for cut in cuts[:-1]:
        yield NIGHT_ENDS, cut, f"before {clock(cut)}" if cut > NIGHT_ENDS else f"between 4 am and {clock(cut)}"
    for start, end in pairwise(cuts):
        yield start, end, f"between {clock(start)} and {clock(end)}"
    if cuts:
        yield cuts[-1], NIGHT_ENDS, f"after {clock(cuts[-1])}"


def _pairs(corpus: Corpus, group: int) -> list[tuple[str, str]]:
    """Neighbouring actions in the sessions of the group and of everybody: what a group leaves out, others do."""
    binder = Binder()
    sql = f"""
      WITH l AS (SELECT u, s, seq, action, u IN (SELECT u FROM places WHERE g = {binder.bind(group)}) AS here FROM lines
                 WHERE action IS NOT NULL AND s IS NOT NULL AND u NOT IN (SELECT u FROM held)),
      p AS (SELECT u, s, here, action AS a, lead(action) OVER (PARTITION BY s ORDER BY seq) AS b FROM l),
      c AS (SELECT a, b, count(DISTINCT s) AS n, count(DISTINCT s) FILTER (here) AS own, count(DISTINCT u) AS users
            FROM p WHERE b IS NOT NULL AND a <> b GROUP BY a, b),
      r AS (SELECT *, row_number() OVER (ORDER BY own DESC, a, b) AS by_own, row_number() OVER (ORDER BY n DESC, a, b) AS by_all
            FROM c WHERE users >= {binder.bind(FLOOR)})
      SELECT a, b FROM r WHERE (by_own <= {binder.bind(PAIRS)} AND own > 0) OR by_all <= {binder.bind(PAIRS)}
      ORDER BY by_own, by_all
    """
    return [(a, b) for a, b in corpus.connection.execute(sql, binder.values).fetchall()]


# At which hour visits begin, each user weighing the same.
_STARTS = """
  WITH v AS (SELECT u, s, arg_min(hour, seq) AS hour FROM (SELECT u, s, seq, hour FROM lines WHERE s IS NOT NULL) GROUP BY u, s),
  n AS (SELECT u, count(*) AS n FROM v GROUP BY u)
  SELECT hour, sum(1 / n) FROM v JOIN n USING (u) GROUP BY hour ORDER BY hour
"""
# Visits in which nothing is of the user's own, and those of the others that have no hour.
_NOT_MADE = """
  WITH v AS (SELECT s, count(*) FILTER (NOT own) AS others, count(*) FILTER (own) AS own, count(hour) FILTER (own) AS hours
             FROM (SELECT s, hour, NOT list_contains(?::VARCHAR[], lower(coalesce(action, ''))) AS own FROM lines
                   WHERE s IS NOT NULL) GROUP BY s)
  SELECT count(*) FILTER (own = 0), count(*) FILTER (own > 0 AND hours = 0) FROM v
"""
