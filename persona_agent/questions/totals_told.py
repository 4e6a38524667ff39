"""Totals as they are answered: each part as a share of what all users together add up to.

In: a run's log, a `Total`. Out: facts and the words before them, or why nothing is told. Promises: shares are in whole per cent,
users in fives, numbers of visits in steps of what five users leave; what `evidence.added_up` holds back is in no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ..evidence import Corpus
from ..evidence.added_up import CALENDAR, PartsOfSum, SumPart, parts_of_sum
from ..schema import Reply, ReplyFigure
from ..words.floors import nearest, of_users
from ..words.wording import percent
from .log_names import NamesInLog
from .named_times import MONTHS
from .totals import Total, period_names
from .words import LEAST

SAYS = "Added up over the whole log, {}, all users together:"
STAFF = "When people at work do something is not counted: staff mode."
NOT_TOLD = (
    "That is not told: of sums nothing is told where they are of fewer than five users, or nearly so, where one follows from "
    "others that are told, or where all together come to nothing or less"
)
SEVERAL = "A line may have several of these, so that together they are more than all."
UNEVEN = "The log goes from {} to {}, so that some are in it for longer than others."
MOST_TOLD = 6  # parts: as many as are read at a glance
MOST_PERIODS = 12  # a year of months
UNEVEN_DAYS = 1.2  # times as many days of one period as of another, from which that decides more than a fifth
AT_ENDS = timedelta(days=7)  # in which nobody may have come, though the log has the whole period
ORDERED = ("year", "month of a year")  # one after the other, and the same days in none


def splits_of(log: NamesInLog) -> list[str]:
    """All by which something may be split, in the order in which parts are let through."""
    return [*dict.fromkeys(f.field for f in log.fields), "theme", "object", *CALENDAR]


def told_total(corpus: Corpus, log: NamesInLog, total: Total, question: str) -> Reply:
    """The parts that were asked for, or the largest, and what is left."""
    first, last = corpus.days or (date.min, date.min)
    if total.by in CALENDAR and corpus.staff:
        return Reply(question=question, came="cannot", says=STAFF)
    missing = [p for p in total.picked if total.by in ORDERED and not _begin(p)[:7] <= str(last)[:7]]
    missing += [p for p in total.picked if total.by in ORDERED and p < str(first)[: len(p)]]
    if missing:
        says = f"The log has no {_named(total, missing[0])}: it goes from {_day(first)} to {_day(last)}."
        return Reply(question=question, came="cannot", says=says)
    order = splits_of(log)
    parts = parts_of_sum(corpus, total.added, total.by, order[: order.index(total.by)])
    shown = _shown(total, parts, question) if parts else []
    if not parts or not shown:
        return Reply(question=question, came="cannot", says=f"{NOT_TOLD}.")
    facts = [_fact(total, part) for part in shown]
    facts += _growth(total, shown, first, last)
    if (
        not parts.many
        and not (total.picked and total.by in CALENDAR)
        and (left := 1 - sum(p.share for p in shown)) > 1e-9
    ):
        facts.append(_figure(f"All other{f' {total.by}' if total.by in CALENDAR else ''}s together: {_percent(left)}."))
    uneven = total.by in ("month", "quarter") and _is_uneven(total.by, first, last)
    back = SEVERAL if parts.many else UNEVEN.format(_day(first), _day(last)) if uneven else ""
    says = SAYS.format(f"{_day(first)} to {_day(last)}")
    says = says.replace(":", f", hours in {corpus.timezone}:") if total.by == "hour" else says
    return Reply(question=question, came="answered", says=says, facts=facts, back=back)


def _shown(total: Total, parts: PartsOfSum, question: str) -> list[SumPart]:
    """The parts that are asked for; all of a period in order of time, else the largest, or the smallest, first."""
    may = [p for p in parts.told if not total.names or p.value in total.names]
    if total.picked:
        years = {y[:4] for y in total.picked} if len(total.picked) == 1 and total.by == "year" else set()
        return sorted(
            (p for p in may if p.value in total.picked or p.value in years), key=lambda p: total.picked.index(p.value)
        )
    if total.by in ORDERED:
        return sorted(may, key=lambda p: p.value)[-MOST_PERIODS:]
    ranked = may[::-1] if LEAST.search(question) else may
    return list(ranked[: MOST_PERIODS if total.by in CALENDAR else MOST_TOLD])


def _fact(total: Total, part: SumPart) -> ReplyFigure:
    users = f"{of_users(part.users):,} users"
    name = _named(total, part.value)
    called = name if total.by in CALENDAR else f"“{name}”"
    if total.added.of == "amount":
        return _figure(f"{called}: {_percent(part.share)} of the {total.called} ({users}).")
    kind = "visits" if total.added.of == "sessions" else "lines"
    counted = (
        f"about {nearest(round(part.amount), part.amount / max(part.users, 1)):,} {kind}, " if part.amount >= 1 else ""
    )
    of = f" with “{total.added.where[0].value[0]}”" if total.added.where else ""
    return _figure(f"{called}: {counted}{_percent(part.share)} of all {kind}{of} ({users}).")


def _growth(total: Total, shown: Sequence[SumPart], first: date, last: date) -> list[ReplyFigure]:
    """From the first to the last of the periods that are shown, where how it grew is asked or two are named."""
    if total.by not in ORDERED or len(shown) < 2 or not (total.grows or len(total.picked) == 2):
        return []
    one, two = sorted((shown[0], shown[-1]), key=lambda p: p.value)
    change = two.amount / one.amount - 1 if one.amount > 0 else 0.0
    more = "about as many" if abs(change) < 0.005 else f"{percent(abs(change))} {'more' if change > 0 else 'less'}"
    if total.added.of != "amount":
        more = more.replace(" less", " fewer")
    cut = [_named(total, p.value) for p in (one, two) if _is_cut(p.value, first, last)]
    part = f" The log has only a part of {' and of '.join(cut)}." if cut else ""
    of = f" {total.called}" if total.added.of == "amount" else ""
    return [_figure(f"From {_named(total, one.value)} to {_named(total, two.value)}: {more}{of}.{part}")]


def _named(total: Total, value: str) -> str:
    if total.by == "month of a year":
        return f"{MONTHS[int(value[5:7]) - 1]} {value[:4]}" if len(value) > 4 else value
    return {**total.names, **period_names(total.by)}.get(value, value)


def _percent(share: float) -> str:
    """Of what was lost more than earned the share has a sign."""
    return f"−{percent(-share)}" if share < 0 else percent(share)


def _begin(period: str) -> str:
    return f"{period}-01" if len(period) > 4 else f"{period}-01-01"


def _is_cut(period: str, first: date, last: date) -> bool:
    """Does the log lack more than AT_ENDS of it?"""
    begin = date.fromisoformat(_begin(period))
    days = 365 if len(period) == 4 else 30
    return first - begin > AT_ENDS or begin + timedelta(days=days) - last > AT_ENDS


def _is_uneven(period: str, first: date, last: date) -> bool:
    """Does the log have some of the periods for much longer than others?"""
    months = 12 * (last.year - first.year) + last.month - first.month
    days = dict.fromkeys(range(12), 0)
    for i in range(months + 1):
        month = (first.month - 1 + i) % 12
        from_day = first.day if i == 0 else 1
        to_day = last.day if i == months else 30
        days[month] += max(min(to_day, 30) - min(from_day, 30) + 1, 0)
    held = list(days.values()) if period == "month" else [sum(days[3 * q + m] for m in range(3)) for q in range(4)]
    return max(held) > UNEVEN_DAYS * min(held)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _figure(text: str) -> ReplyFigure:
    return ReplyFigure(persona=None, claim=None, text=text, measure=None, truth=None)
