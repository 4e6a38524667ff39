"""Questions for what all users add up to: which category brings in most, how a year compares with another, in which month most is
done.

In: a question, the names of the log. Out: a `Total`, what is added up and by what it is split; None where it asks for something
else. Promises: only what is a sum by its nature is added up, never a price, a rate or a grade; nothing is added up under a
further condition, so that there are few sums and none of a few users follows from them (`evidence.added_up`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..evidence.added_up import AddedUp
from ..schema import Condition
from ..words.english.orders_told import PIECES
from ..words.money import is_left, is_sum
from .log_names import AmountInLog, NamesInLog
from .named_times import DAYS, MONTHS, is_month
from .spotting import Spotted
from .words import set_of_words

BRINGS = re.compile(
    r"\b(?:brings?|bringing|brought)(?: us)? in\b|\b(?:sells?|sold|selling|earns?|earned)\b|\bbest.?sell\w*"
    r"|\bmakes? (?:us )?(?:the )?most\b|\bworth (?:the )?most\b",
    re.IGNORECASE,
)
IN_TOTAL = re.compile(
    r"\b(?:in total|total|in all|altogether|overall|share|percent|percentage|proportion|part|fraction|how much of)\b|%",
    re.IGNORECASE,
)
MOST = re.compile(r"\b(?:most|least|highest|lowest|largest|biggest|smallest|top)\b", re.IGNORECASE)
HOW_MUCH = re.compile(r"\bhow (?:much|many)\b", re.IGNORECASE)
# Asks for the amount of one line, visit or user, which is a median and no sum.
OF_ONE = re.compile(r"\b(?:per|each|an?)\b", re.IGNORECASE)
AVERAGE = re.compile(r"\b(?:usual|usually|average|typical|typically|median)\b", re.IGNORECASE)
PERIODS = {
    "year": "year", "quarter": "quarter", "month": "month", "weekday": "weekday", "day of the week": "weekday",
    "day of week": "weekday", "day": "weekday", "hour": "hour",
}  # fmt: skip
WHICH_PERIOD = re.compile(
    rf"\b(?:in |on |at )?(?:which|what|the busiest|busiest|by|per|each|every) (?:\w+ )?({'|'.join(PERIODS)})s?\b(?! ago)",
    re.IGNORECASE,
)
GROWS = re.compile(
    r"\b(?:gr[eo]w\w*|increas\w+|declin\w+|dropp?\w*|fell|fall\w*|ris(?:e|es|en|ing)|rose|develop\w*|chang\w+|trends?|compared?)\b",
    re.IGNORECASE,
)
YEAR = re.compile(r"\b(?:(?:in|from|to|since|of|during|and|than|with) )?((?:19|20)\d\d)\b", re.IGNORECASE)
FORM = set_of_words(
    "bring brings bringing brought sell sells sold selling earn earns earned seller sellers worth total altogether overall "
    "share percent percentage proportion part fraction top highest lowest largest biggest smallest least money compared compare "
    "year years quarter quarters month months weekday day week hour busiest over time since each every"
)


@dataclass(frozen=True)
class AskedForm:
    """What a question's form asks to be added up by: a `period`, the `years` that it names, as “2016” or “2016-03”; whether it
    asks what `brings` in most, for a `total`, for how much or for the `most`, and how something `grows`. `rest` is the question
    without these words.
    """

    rest: str
    period: str = ""
    years: tuple[str, ...] = ()
    brings: bool = False
    total: bool = False
    how_much: bool = False
    most: bool = False
    grows: bool = False

    def __bool__(self) -> bool:
        return bool(self.period or self.brings or self.total or self.how_much or self.most)


@dataclass(frozen=True)
class Total:
    """What is added up (`called`, where it is an amount), by what (`by_called`), and the values that were asked for; `names` says
    how a value is told, where the log's spelling is not that. `beside`: its usual size is told as well.
    """

    added: AddedUp
    called: str
    by: str
    by_called: str
    picked: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    grows: bool = False
    beside: bool = False


def asked_form(question: str) -> AskedForm:
    """The form of a question; false where it asks for nothing that is added up."""
    if AVERAGE.search(question):
        return AskedForm(question)
    years, rest = _years(question)
    which = WHICH_PERIOD.search(rest)
    period = ("month of a year" if any("-" in y for y in years) else "year") if years else ""
    if which and not years:
        period = PERIODS[which[1].lower()]
        rest = rest.replace(which[0], " ", 1)
    grows = GROWS.search(rest) is not None
    of_one = OF_ONE.search(rest) is not None
    return AskedForm(
        rest=GROWS.sub(" ", rest) if period or grows else rest,
        period=period or ("year" if grows and re.search(r"\bover (?:time|the years)\b", rest, re.IGNORECASE) else ""),
        years=years,
        brings=BRINGS.search(rest) is not None,
        total=IN_TOTAL.search(rest) is not None and not of_one,
        how_much=HOW_MUCH.search(rest) is not None and not of_one,
        most=MOST.search(rest) is not None and not of_one,
        grows=grows,
    )


def total_of(
    form: AskedForm,
    spotted: Spotted,
    log: NamesInLog,
    acts: Sequence[str],
    action: str,
    things: Mapping[str, str],
    *,
    of_orders: bool,
) -> Total | None:
    """What is to be added up; `action` is the one act that the question names, of all `acts`; `things` are those that may be
    told, as they are told; `of_orders`: the log has a word of its own for a visit, so that this is what is done.
    """
    if len(spotted.amounts) > 1 or (form.period and (spotted.names_more and not spotted.amounts)):
        return None
    by = _by(form, spotted, things)
    several = len(set(acts)) > 1
    added = _added(form, spotted, log, action if several else "", only=bool(action) and not several and not of_orders)
    if by is None or added is None:
        return None
    split, by_called, picked, names = by
    return Total(
        added[0],
        added[1],
        split,
        by_called,
        picked,
        names,
        grows=form.grows,
        beside=form.how_much and not form.period and bool(picked),
    )


def _added(
    form: AskedForm, spotted: Spotted, log: NamesInLog, action: str, *, only: bool
) -> tuple[AddedUp, str] | None:
    """What is added up, and what it is called where it is an amount; `only`: the one act of the log is named."""
    amount = spotted.amounts[0] if spotted.amounts else (log.value if form.brings and not action else None)
    if amount is not None and not may_add_up(amount):  # of ratings their number, of prices nothing
        many = form.period and (form.grows or form.how_much or form.most)
        return (AddedUp("events"), "") if many and not amount.is_cost else None
    if amount is not None:
        asked = (
            (form.period and not form.years) or form.brings or form.total or form.how_much or form.most or form.grows
        )
        return (AddedUp("amount", _field(amount)), amount.called) if asked and not action else None
    if action:
        return (AddedUp("sessions", where=(_is(action),)), "") if form.period else None
    if form.brings and not form.period:
        return AddedUp("events"), ""
    if form.period:  # of a log of one act, naming it asks for its lines
        return AddedUp(
            "events" if "visit" not in spotted.units and ("line" in spotted.units or only) else "sessions"
        ), ""
    return None


def may_add_up(amount: AmountInLog) -> bool:
    """Is it a sum by its nature: of money, of pieces, or what lines are worth?"""
    return (
        amount.is_value
        or is_sum(amount.called)
        or is_left(amount.called)
        or bool(PIECES & set(amount.called.lower().split()))
    )


def _by(
    form: AskedForm, spotted: Spotted, things: Mapping[str, str]
) -> tuple[str, str, tuple[str, ...], Mapping[str, str]] | None:
    """By what it is split: a period, a field, kinds of things or things themselves."""
    if form.period:
        return form.period, form.period, form.years, period_names(form.period)
    if spotted.times:
        return None
    fields = list(dict.fromkeys([*spotted.fields, *spotted.values]))
    if len(fields) == 1 and not spotted.themes:
        only = fields[0]
        picked = tuple(v.lower() for v in spotted.values.get(only, ()))
        return only.field, only.called, picked, {v.lower(): v for v in only.values}
    if not fields and spotted.themes:
        return "theme", "kind", tuple(t.lower() for t in spotted.themes), {}
    if not fields and "thing" in spotted.units and form.brings:
        return "object", "thing", (), things
    return None


def period_names(period: str) -> dict[str, str]:
    """How a value of a period is told, by the log's spelling of it; months of a year are told as they come."""
    if period == "month":
        return {str(i): name for i, name in enumerate(MONTHS, 1)}
    if period == "weekday":
        return {str(i): f"{name.title()}s" for i, name in enumerate(DAYS, 1)}
    return {str(h): f"from {h} to {h + 1}" for h in range(24)} if period == "hour" else {}


def _years(question: str) -> tuple[tuple[str, ...], str]:
    """The years that it names, each with the month before it where it has one; and the question without these."""
    found, rest = list[str](), question
    for match in YEAR.finditer(question):
        before = re.findall(r"[^\W\d_]+", question[: match.start()])
        month = before[-1] if before and is_month(before[-1]) else ""
        found.append(f"{match[1]}-{MONTHS.index(month.title()) + 1:02}" if month else match[1])
        rest = rest.replace(f"{month} {match[0]}" if month else match[0], " ", 1)
    return tuple(dict.fromkeys(found)), rest


def _field(amount: AmountInLog) -> str:
    return "value" if amount.is_value else amount.field


def used_in_form(word: str) -> bool:
    """Does a word ask, and name nothing, where something is added up?"""
    return word in FORM


def _is(action: str) -> Condition:
    return Condition(field="action", op="is", value=[action])
