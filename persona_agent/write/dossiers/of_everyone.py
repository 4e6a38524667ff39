"""What could be said of all users, in the order in which an analyst would: how often and how much, what they turn to, what goes
together and comes back, what follows what, when they come.

In: a corpus. Out: inquiries like those of inquiries.py. All users have no others, so a figure is asked only where it can differ
from something: from chance (by_chance.py), from an even spread over hours or days, from the quarter before, or where it is the
size of a thing that could be any size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from ...evidence import Corpus, Population, kind_of, not_asked, over_whole_log, question
from ...evidence.conditions import holds_lists
from ...log.opaque import names_a_key
from ...schema import EVERYONE, Condition, Measure, Topic
from ...words.english.readings import FLAGS
from ...words.value_words import value_words
from ...words.wording import clock, field_words, quoted, theme_words
from .amounts import amounts
from .by_chance import kept_by_chance, orders_beyond_chance, pairs_beyond_chance, returns
from .habits import CLOCKED, NIGHT_ENDS, OPENS, begun_by_hour, breadth, place_inquiries, whose_visits
from .inquiries import Inquiry, acts, middle, named, same, users_share, visits_share
from .shares import telling_values

ALL = Population(EVERYONE)
KINDS, THINGS, FIELDS = 4, 5, 2  # of each that are listed: what is commonest is what all know; more is an archive
TOGETHER, AGAIN, FOLLOWING, DAYS_TOLD = 3, 2, 3, 2
COMMON = 0.02  # of visits: rarer things are not what users turn to
HALF = 0.5  # of the visits begin in the hours that are told
LONGEST_DAY = 8  # hours: half of the visits in a third of the day is a habit, in more it is the day
WEEKS = 28  # days: in fewer a weekday is three dates
APART = 1.15  # times an even share, outside of the interval: what is nearer nobody plans by
SHORTEST = 2  # whole quarters, for one to be held against another
ENOUGH = 30  # users who ever had a thing, of whom some come back to it: of fewer the figure is bounded, not told
LATELY = 1.25  # times the quarter before, or a part of it as small


def about_all(
    corpus: Corpus, names: Sequence[str], allow: Sequence[str], asked: Sequence[tuple[str, str | None]]
) -> list[Inquiry]:
    """All inquiries, in order; `names` are the numeric properties, `allow` the columns that may be told, `asked` a question's
    acts.
    """
    by_code = [
        *_often(corpus, names),
        *_lately(corpus),
        *_what(corpus, allow),
        *_together(corpus),
        *_again(corpus),
        *_following(corpus),
        *_hours(corpus),
        *_days(corpus),
    ]
    seen: set[str] = set()
    found = [*named(asked, corpus.names), *(p for p in by_code if not names_a_key(p.measure))]
    found = [p for p in found if not not_asked(corpus, p.measure)]
    return [p for p in found if not (question(p.measure) in seen or seen.add(question(p.measure)))]  # type: ignore[func-returns-value]


def _often(corpus: Corpus, names: Sequence[str]) -> Iterator[Inquiry]:
    visits = middle("users", "matches", [[OPENS]])
    yield Inquiry(Topic(kind="often", about="visits"), "", "the usual number of visits of a user", visits, "number")
    again = users_share([[OPENS]], at_least=2)
    yield Inquiry(Topic(kind="often", about="again"), "a second visit", "came for a second visit", again)
    gap = middle("sessions", "gap")
    yield Inquiry(Topic(kind="gap"), "", "the usual time since the visit before", gap, "number")
    yield from (p for p in breadth(corpus) if p.topic.kind != "repeats")
    # Against what is usual for the same thing all users are at the usual.
    yield from (p for p in amounts(corpus, names) if p.topic.kind != "price")


def _lately(corpus: Corpus) -> Iterator[Inquiry]:
    """How many users came in the last whole quarter, where that is surely another number than before."""
    spans = quarters(corpus)
    if corpus.staff or len(spans) < SHORTEST:
        return
    last, before = came_in(spans[-1]), came_in(spans[before_last(spans)])
    now, then = (over_whole_log(corpus, m, ALL) for m in (last, before))
    if now.value is None or not then.value or now.ci is None or then.ci is None:
        return
    ratio, apart = now.value / then.value, now.ci[0] > then.ci[1] or now.ci[1] < then.ci[0]
    if apart and not 1 / LATELY < ratio < LATELY:
        said = f"came from {spans[-1][0].isoformat()} to {spans[-1][1].isoformat()}"
        yield Inquiry(Topic(kind="lately"), said, said, last)


def quarters(corpus: Corpus) -> list[tuple[date, date]]:
    """The whole quarters of a log, by the calendar."""
    if corpus.days is None:
        return []
    first, last = corpus.days
    found = []
    start = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    while start <= last:
        after = date(start.year + (start.month == 10), (start.month + 2) % 12 + 1, 1)
        end = after - timedelta(days=1)
        found += [(start, end)] if first <= start and end <= last else []
        start = after
    return found


def before_last(spans: Sequence[tuple[date, date]]) -> int:
    """Which quarter the last is held against: the same of the year before, else the one before."""
    return -5 if len(spans) >= 5 else -2


def came_in(span: tuple[date, date]) -> Measure:
    """The share of users who came in a span of days."""
    days = Condition(field="date", op="between", value=[d.isoformat() for d in span])
    return users_share([[days]])


def _what(corpus: Corpus, allow: Sequence[str]) -> Iterator[Inquiry]:
    """The commonest kinds, things, acts and values by the share of visits that hold them."""
    categories = [f"properties.{name}" for name in corpus.names.categories[-1:]]
    kinds = [(field, "category", KINDS) for field in categories] + [
        ("theme", "theme", KINDS),
        ("object", "thing", THINGS),
    ]
    for field, kind, most in kinds:
        for value in telling_values(corpus, EVERYONE, field, most, per="visits"):
            held = visits_share([[same(field, value)]])
            if (over_whole_log(corpus, held, ALL).value or 0.0) >= COMMON:
                name = value_in_quotes(corpus, field, value)
                about = f"{field.removeprefix('properties.')} {value}"
                yield Inquiry(Topic(kind=kind, about=about), name, f"include {name}", held, "sessions")
    yield from acts(corpus, EVERYONE)
    told = [n for n in (name.removeprefix("properties.") for name in allow) if n not in corpus.names.categories]
    for name in told[:FIELDS]:
        for value in telling_values(corpus, EVERYONE, f"properties.{name}", FIELDS, per="visits"):
            if FLAGS.get(value.lower()) is False:  # what is not so is no more than what yes leaves
                continue
            held = visits_share([[same(f"properties.{name}", value)]])
            said = f"include a line with “{value_words(name, value)}” as {field_words(name, corpus.names)}"
            yield Inquiry(Topic(kind="field", about=f"{name} {value}"), said, said, held, "sessions")


def value_in_quotes(corpus: Corpus, field: str, value: str) -> str:
    """A value as a text names it, in quotation marks."""
    return f"“{theme_words(value, corpus.names) if field == 'theme' else value_words(field, value)}”"


def paired_fields(corpus: Corpus) -> list[str]:
    """The fields whose values are paired, finest first; what one thing holds together goes together by itself."""
    sorts = (f"properties.{name}" for name in corpus.names.categories)
    return ["object", *[field for field in sorts if not holds_lists(corpus, field)][:1], "theme"]


def _together(corpus: Corpus) -> Iterator[Inquiry]:
    for field in paired_fields(corpus):
        used: set[str] = set()
        for pair in pairs_beyond_chance(corpus, field):
            if len(used) >= 2 * TOGETHER or used & {pair.one, pair.other}:
                continue
            used |= {pair.one, pair.other}
            one, other = (value_in_quotes(corpus, field, v) for v in (pair.one, pair.other))
            both = visits_share([[same(field, pair.other)]], where=[same(field, pair.one)])
            about = f"{pair.one} {pair.other}"
            said, of = f"include {other}", f"their visits with {one}"
            yield Inquiry(Topic(kind="together", about=about), f"{other} with {one}", said, both, "sessions", of)


def _again(corpus: Corpus) -> Iterator[Inquiry]:
    """How much of a later visit was met before, whether its place is that of the visit before, and the things that bring their
    users back: each where it surely does more than chance has it.
    """
    repeats = [p for p in breadth(corpus) if p.topic.kind == "repeats"]
    yield from (p for p in [*repeats, *place_inquiries(corpus)] if _beyond_chance(corpus, p.measure))
    found = []
    for value, chance in returns(corpus)[1].items():
        met = [same("object", value), same("met_before", "yes")]
        back = users_share([met], where=[same("object", value)])
        measured = over_whole_log(corpus, back, ALL)
        if measured.n >= ENOUGH and measured.ci and measured.ci[0] > APART * chance:
            found.append((-measured.ci[0] / max(chance, COMMON), value, back))
    for _, value, back in sorted(found)[:AGAIN]:
        name = value_in_quotes(corpus, "object", value)
        said, of = "come back to it in a later visit", f"those with {name}"
        yield Inquiry(Topic(kind="back", about=value), name, said, back, of=of)


def chance_of_return(corpus: Corpus, measure: Measure) -> float | None:
    """What a figure of what comes back would be by chance; None where nobody knows."""
    if measure.kept_fields:
        return kept_by_chance(corpus, next(iter(measure.kept_fields)))
    overall, each = returns(corpus)
    return overall if measure.unit == "things" else each.get(str(measure.where[0].value[0]))


def _beyond_chance(corpus: Corpus, measure: Measure) -> bool:
    """Does the interval leave chance well below it?"""
    chance, measured = chance_of_return(corpus, measure), over_whole_log(corpus, measure, ALL)
    return bool(chance is not None and measured.ci and measured.ci[0] > APART * chance)


def _following(corpus: Corpus) -> Iterator[Inquiry]:
    """Acts that follow others more often than in any order; what goes wrong first."""
    told: list[tuple[str, str]] = []
    asked = []
    for pair in orders_beyond_chance(corpus):
        if (pair.other, pair.one) not in told and all(pair.one != one for one, _ in told):
            told.append((pair.one, pair.other))
            first, then = [same("action", pair.one)], [same("action", pair.other)]
            asked.append((pair, visits_share([first, then], ordered=True, where=first)))
    asked.sort(key=lambda a: kind_of(a[1]) != "friction")
    for pair, onward in asked[:FOLLOWING]:
        one, two = (quoted(a, names=corpus.names) for a in (pair.one, pair.other))
        about = f"{pair.one} {pair.other}"
        yield Inquiry(
            Topic(kind="then", about=about), f"{one}, then {two}", f"hold {one}, {two} follows", onward, "times"
        )


def _hours(corpus: Corpus) -> Iterator[Inquiry]:
    """The fewest hours on end in which half of the visits begin."""
    begun, clocked = begun_by_hour(corpus)
    if corpus.staff or clocked < CLOCKED:
        return
    twice = np.append(begun, begun)
    for hours in range(1, LONGEST_DAY + 1):
        sums = np.convolve(twice, np.ones(hours), "valid")[:24] / max(begun.sum(), 1e-9)
        if sums.max() >= HALF:
            start = (int(sums.argmax()) + NIGHT_ENDS) % 24
            end = (start + hours) % 24
            when = Condition(field="hour", op="between", value=[start, (end - 1) % 24])
            begin = visits_share([[OPENS, when]], where=whose_visits(corpus)[1])
            said = f"between {clock(start)} and {clock(end)}"
            if _apart(corpus, begin):
                yield Inquiry(Topic(kind="hours"), said, f"start {said}", begin, "sessions")
            return


def _days(corpus: Corpus) -> Iterator[Inquiry]:
    """Weekends, or the days that differ most from an even spread."""
    if corpus.staff or corpus.days is None or (corpus.days[1] - corpus.days[0]).days < WEEKS:
        return
    spans = {"at weekends": (6, 7), "on weekdays": (1, 5)}
    names = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
    tried = [
        (said, Condition(field="weekday", op="between", value=list(map(float, ends)))) for said, ends in spans.items()
    ][:1]
    tried += [
        (f"on {name}", Condition(field="weekday", op="is", value=[float(d)])) for d, name in enumerate(names, start=1)
    ]
    found = []
    for said, days in tried:
        begin = visits_share([[OPENS, days]], where=whose_visits(corpus)[0])
        value = over_whole_log(corpus, begin, ALL).value
        if value and _apart(corpus, begin):
            found.append((-abs(np.log(value / (even_share(corpus, begin) or value))), said, begin))
    for _, said, begin in sorted(found, key=lambda f: (f[0], f[1]))[:DAYS_TOLD]:
        yield Inquiry(Topic(kind="week", about=said), said, f"start {said}", begin, "sessions")


def even_share(corpus: Corpus, measure: Measure) -> float | None:
    """The share of visits that would begin in the hours or on the days of a measure if all were alike; None where it names
    none.
    """
    timed = [c for step in measure.steps for c in step if c.field in ("hour", "weekday")]
    if len(timed) != 1 or corpus.days is None or measure.unit != "sessions":
        return None
    low, high = int(float(timed[0].value[0])), int(float(timed[0].value[-1]))
    if timed[0].field == "hour":
        return ((high - low) % 24 + 1) / 24
    first, last = corpus.days
    days = [(first + timedelta(days=i)).isoweekday() for i in range((last - first).days + 1)]
    return sum(low <= d <= high if low <= high else d >= low or d <= high for d in days) / len(days)


def _apart(corpus: Corpus, begin: Measure) -> bool:
    """Does the interval leave an even spread well outside?"""
    even, measured = even_share(corpus, begin), over_whole_log(corpus, begin, ALL)
    return bool(even and measured.ci and (measured.ci[0] > APART * even or measured.ci[1] < even / APART))
