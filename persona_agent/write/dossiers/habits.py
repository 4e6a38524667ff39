"""What could be said of when, how often, how broadly and in which order a group acts, whatever its acts are.

In: a corpus and a group. Out: inquiries like those of inquiries.py. Thresholds come in ladders; the writer keeps the
most telling rung of each.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...evidence import Binder, Corpus
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...schema import Condition, Measure, Topic
from ...words.wording import quoted
from .inquiries import PLACEHOLDER, Inquiry, feature, same, sessions_share, users_share

PAIRS = 12  # of neighbouring actions, by the group's sessions and by everybody's
OFTEN_FOLLOWS = 0.2  # in everybody's sessions; where something rarely follows, that it does not is no finding
BANDS = (
    ("between midnight and 6 am", "at night", 0, 5),
    ("between 6 and 10 am", "early in the day", 6, 9),
    ("between 10 am and 2 pm", "around midday", 10, 13),
    ("between 2 and 6 pm", "in the afternoon", 14, 17),
    ("between 6 and 10 pm", "in the evening", 18, 21),
    ("after 10 pm or before 4 am", "late at night", 22, 3),
)
# Of what somebody does; from the strong word to the weak one.
PARTS = ((1 / 2, "more than half"), (1 / 3, "more than a third"))


def rhythm() -> Iterator[Inquiry]:
    """Hours, days of the week, and how often somebody comes back."""
    for words, short, start, end in BANDS:
        when = [Condition(field="hour", op="between", value=[start, end])]
        for above, part in PARTS:
            spent = feature("share_of_events", "above", above, when)
            said = f"do {part} of what they do {words}"
            yield Inquiry(Topic(kind="hours"), short, said, users_share([], feature=spent))
    for first, last, short, days in (
        (6, 7, "at weekends", "at weekends"),
        (1, 5, "on weekdays", "from Monday to Friday"),
    ):
        when = [Condition(field="weekday", op="between", value=[first, last])]
        for above, part in ((0.5, "more than half"), (0.95, "nearly all")) if first == 1 else PARTS:
            spent = feature("share_of_events", "above", above, when)
            said = f"do {part} of what they do {days}"
            yield Inquiry(Topic(kind="week"), short, said, users_share([], feature=spent))
    for n in (2, 5, 10, 20):
        said = f"were active on at least {n} days"
        yield Inquiry(
            Topic(kind="days"), "on many days", said, users_share([], feature=feature("active_days", "at_least", n))
        )
    for n in (7, 30, 90):
        said = f"came back over at least {n} days"
        yield Inquiry(
            Topic(kind="span"), "over a long time", said, users_share([], feature=feature("span_days", "at_least", n))
        )
    pause = Measure(unit="users", statistic="cadence", versus="matched", says=PLACEHOLDER)
    yield Inquiry(Topic(kind="cadence"), "", "the typical number of days from one visit to the next", pause, "number")


def breadth() -> Iterator[Inquiry]:
    """How many different things, how much in all, how much of it again."""
    for n in (3, 10, 40, 100):
        test = feature("n_objects", "below", n)
        yield Inquiry(
            Topic(kind="objects"),
            "few different things",
            f"have met fewer than {n} different things",
            users_share([], feature=test),
        )
    for n in (10, 30, 100, 300):
        test = feature("n_events", "at_least", n)
        yield Inquiry(
            Topic(kind="events"), "a great deal", f"did at least {n} things in all", users_share([], feature=test)
        )
    for above, part in PARTS:
        test = feature("repeat_share", "above", above)
        said = f"spend {part} of what they do on things they have met before"
        yield Inquiry(Topic(kind="repeats"), "the same things again", said, users_share([], feature=test))
    size = Measure(unit="sessions", statistic="median", versus="matched", says=PLACEHOLDER)
    yield Inquiry(Topic(kind="session", about="size"), "", "the typical number of actions in a session", size, "number")
    kinds = Measure(unit="sessions", statistic="distinct", versus="matched", says=PLACEHOLDER)
    yield Inquiry(
        Topic(kind="session", about="breadth"),
        "",
        "the number of different things in an average session",
        kinds,
        "number",
    )
    for n in (3, 5):
        test = feature("steps_per_session", "at_least", n)
        said = f"take at least {n} different steps in an average session"
        yield Inquiry(Topic(kind="steps"), "many steps at a time", said, users_share([], feature=test))


def journeys(corpus: Corpus, group: int) -> Iterator[Inquiry]:
    """What follows what to the end of the visit, what is left out, and what somebody never comes to."""
    for a, b, follows in _pairs(corpus, group):
        first, then = [same("action", a)], [same("action", b)]
        one, two = quoted(a, names=corpus.names), quoted(b, names=corpus.names)
        said = f"they use {one}, {two} follows"
        onward = sessions_share([first, then], ordered=True, where=first)
        yield Inquiry(Topic(kind="then", about=a), f"{one}, then {two}", said, onward, "times")
        if follows >= OFTEN_FOLLOWS:
            said = f"they use {one}, no {two} follows"
            stopped = sessions_share([first], absent=[then], ordered=True, where=first)
            yield Inquiry(Topic(kind="then", about=a), "", said, stopped, "times")
        never = users_share([first], absent=[then])
        yield Inquiry(Topic(kind="never", about=a), "", f"have {one} but never {two}", never)


def _pairs(corpus: Corpus, group: int) -> list[tuple[str, str, float]]:
    """Neighbouring actions in the sessions of the group and of everybody (what a group leaves out, others do), and how
    often, in everybody's, the second comes next to the first.
    """
    binder = Binder()
    sql = f"""
      WITH l AS (SELECT u, s, seq, action, u IN (SELECT u FROM places WHERE g = {binder.bind(group)}) AS here FROM lines
                 WHERE action IS NOT NULL AND s IS NOT NULL AND u NOT IN (SELECT u FROM held)),
      p AS (SELECT u, s, here, action AS a, lead(action) OVER (PARTITION BY s ORDER BY seq) AS b FROM l),
      n AS (SELECT action AS a, count(DISTINCT s) AS sessions FROM l GROUP BY action),
      c AS (SELECT a, b, count(DISTINCT s) / any_value(sessions) AS follows, count(DISTINCT s) AS n,
                   count(DISTINCT s) FILTER (here) AS own, count(DISTINCT u) AS users
            FROM p JOIN n USING (a) WHERE b IS NOT NULL AND a <> b GROUP BY a, b),
      r AS (SELECT *, row_number() OVER (ORDER BY own DESC, a, b) AS by_own, row_number() OVER (ORDER BY n DESC, a, b) AS by_all
            FROM c WHERE users >= {binder.bind(FLOOR)})
      SELECT a, b, follows FROM r WHERE (by_own <= {binder.bind(PAIRS)} AND own > 0) OR by_all <= {binder.bind(PAIRS)}
      ORDER BY by_own, by_all
    """
    return [(a, b, float(share)) for a, b, share in corpus.connection.execute(sql, binder.values).fetchall()]
