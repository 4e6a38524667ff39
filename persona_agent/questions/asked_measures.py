"""What is counted where a question names fields, amounts, times or units: the measures that answer it.

In: a question, what was spotted in it, the conditions of the act that it names. Out: measures. Promises: each condition that is
spotted is in the measure; a comparison of two values of a field, and a question which value it is, is a measure a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..schema import Condition, Measure
from .everywhere import OPEN, OPENS
from .log_names import AmountInLog, FieldInLog
from .spotting import Spotted
from .words import set_of_words

MOST_VALUES = 5  # of a field that is asked for its values: those of most users
SIZE = re.compile(
    r"\bhow (?:much|many|big|large|high|small|low)\b|\b(?:usual|usually|average|typical)\b"
    r"|\b(?:(?:larg|small|high|low)(?:er|est)|bigger|biggest)\b",
    re.IGNORECASE,
)
HOW_MANY = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)
HOW_MANY_USERS = re.compile(r"\bhow many (?:of the |of these |different )?(?:users?|people|persons?)\b", re.IGNORECASE)
SHARE = re.compile(r"\b(?:share|percent|percentage|proportion|part|fraction)\b|%", re.IGNORECASE)
IN_ALL = re.compile(r"\b(?:in all|altogether|in total|overall|lifetime)\b", re.IGNORECASE)
APART = re.compile(r"\b(?:between|apart|until|since|before|away)\b", re.IGNORECASE)
AWAY = re.compile(r"\baway\b", re.IGNORECASE)
BACK = re.compile(
    r"\b(?:c[oa]me|comes|coming) (?:back|again)\b|\breturn(?:s|ed|ing)?\b|\bsecond visits?\b", re.IGNORECASE
)
HOW_LONG = re.compile(r"\bhow long\b|\b(?:length|duration)\b|\bhow many minutes\b", re.IGNORECASE)
HOW_OFTEN = re.compile(r"\bhow (?:often|regularly|frequently)\b", re.IGNORECASE)
AGAIN = re.compile(r"\b(?:same|again|already|familiar)\b", re.IGNORECASE)
# Words that these forms use up: they ask, and name nothing.
ASKING = set_of_words(
    "share percent percentage proportion part fraction number average typical apart until away "
    "since long length duration minutes often regularly frequently same again already familiar back days day "
    "big bigger biggest large larger largest high higher highest small smaller smallest low lower lowest"
)
# Only in these forms: nothing here tells the total of a column over everybody, and a question for it must not pass as answered.
OF_ALL = set_of_words("all altogether total overall lifetime")
LATER = Condition(field="met_before", op="in", value=["yes", "no"])
MET = Condition(field="met_before", op="is", value=["yes"])


def measures_of(question: str, spotted: Spotted, act: Sequence[Condition]) -> list[Measure]:
    """What is counted; nothing where the question is about an act alone, or names no more than units that say nothing by
    themselves. `act` are the conditions of the act and the things that it names.
    """
    if sizes := [a for a in spotted.amounts if _is_size(question, a)]:
        return _amounts(question, spotted, sizes[0], act)
    if _asks_how_many_visits(question, spotted) and not act:
        return [_visits_of(step) for step in _each_value(spotted)]
    if spotted.names_more:
        return _shares(question, spotted, act)
    return [] if act else _of_units(question, spotted.units)


def used_by_forms(question: str) -> frozenset[str]:
    """The words of a question that its form uses up, since they name nothing."""
    return ASKING | (OF_ALL if IN_ALL.search(question) else frozenset())


def _asks_how_many_visits(question: str, spotted: Spotted) -> bool:
    """“How many orders do corporate customers have?”: of users whom a field describes, and of nothing else."""
    whose = all(f.of_user or f.stays for f in spotted.values)
    more = spotted.fields or spotted.amounts or spotted.themes or spotted.times
    many = HOW_MANY.search(question) and not HOW_MANY_USERS.search(question) and not SHARE.search(question)
    return bool(spotted.values and whose and many and "visit" in spotted.units and not more)


def _each_value(spotted: Spotted) -> list[list[Condition]]:
    """Its values, one by one where several of one field are named."""
    if len(spotted.values) == 1:
        ((field, values),) = spotted.values.items()
        return [[_is(field, v)] for v in values]
    return [_values(spotted)]


def _visits_of(step: Sequence[Condition]) -> Measure:
    """The usual number of visits of a user, of those with the conditions."""
    return _median("users", "matches", [OPENS], where=step)


def visits_of_a_user() -> Measure:
    """The usual number of visits of a user."""
    return Measure(unit="users", steps=[[OPENS]], statistic="median", says=OPEN, versus="matched")


def _of_units(question: str, units: set[str]) -> list[Measure]:
    """How many visits, lines or things, how long, how far apart, how often."""
    visits = visits_of_a_user()
    if "thing" in units and AGAIN.search(question):
        return [_share("things", [MET], where=[LATER])]
    if BACK.search(question) and "thing" not in units:
        return [visits.model_copy(update={"statistic": "share", "at_least": 2})]
    if HOW_OFTEN.search(question):
        return [visits, _median("sessions", "gap")]
    if HOW_LONG.search(question) and not APART.search(question):
        return [_median("sessions", "minutes")]
    if "visit" not in units and not AWAY.search(question):
        return [_median("users", "matches")] if "line" in units and HOW_MANY.search(question) else []
    if APART.search(question) and re.search(r"\b(?:long|days?|weeks?|time|months?)\b", question, re.IGNORECASE):
        return [_median("sessions", "gap")]
    if not SIZE.search(question):
        return []
    if "line" in units:
        return [_median("sessions", "matches")]
    return [_median("sessions", "things")] if "thing" in units else [visits]


def _is_size(question: str, amount: AmountInLog) -> bool:
    """Is it asked how much there is? What most lines have some of is asked for nothing else."""
    if SHARE.search(question):
        return False
    return (
        not amount.optional
        or amount.is_sum
        or (SIZE.search(question) is not None and not HOW_MANY_USERS.search(question))
    )


def _amounts(question: str, spotted: Spotted, amount: AmountInLog, act: Sequence[Condition]) -> list[Measure]:
    """An amount, for each value of a field that is asked for, or of which several are named."""
    fields = {**dict.fromkeys(spotted.fields, ()), **{f: v for f, v in spotted.values.items() if len(v) > 1}}
    for field, values in fields.items():
        others = replace(spotted, values={f: v for f, v in spotted.values.items() if f != field})
        told = values or field.values[:MOST_VALUES]
        return [_amount(question, others, amount, [_is(field, v), *act])[0] for v in told]
    return _amount(question, spotted, amount, act)


def _amount(question: str, spotted: Spotted, amount: AmountInLog, act: Sequence[Condition]) -> list[Measure]:
    """The usual amount of a line, or in a visit where that is asked or it is money; of one user in all. Of money that most lines
    have none of, also how many visits have some.
    """
    step = [*_conditions(spotted), *act]
    some = [_present(amount)] if amount.optional and amount.field != "value" else []
    if IN_ALL.search(question):
        return [_median("users", f"total {_summed(amount)}", step)]
    if not ("visit" in spotted.units or amount.is_sum):
        return [_median("users", amount.field, [*step, *some])]
    of_visit = _median("sessions", f"total {_summed(amount)}", step, where=[*step, *some])
    return [of_visit, _share("sessions", some, where=step)] if some and amount.is_sum else [of_visit]


def _summed(amount: AmountInLog) -> str:
    """As cards name it: what lines are worth is the value, whatever field holds it."""
    return "value" if amount.is_value else amount.field


def _shares(question: str, spotted: Spotted, act: Sequence[Condition]) -> list[Measure]:
    """Shares with all that is named: among whom or where, and of what."""
    having = [_present(a) for a in spotted.amounts]
    rest = [*spotted.times, *_kinds(spotted), *having, *act]
    by = _split_by(spotted, rest)
    if by is None:
        return [_plain(question, spotted, [*_conditions(spotted), *having, *act])]
    field, values = by
    others = [c for c in _values(spotted) if c.field != field.field]
    told = [[_is(field, v)] for v in values]
    whose = [c for c in others if any(f.field == c.field and (f.of_user or f.stays) for f in spotted.values)]
    if field in spotted.fields and whose:
        among = [c for c in others if c not in whose]
        return [_share("sessions", [*step, *rest, *among], where=whose) for step in told]
    if not (rest or others):
        return [_plain(question, spotted, step, of_user=field.of_user) for step in told]
    if field in spotted.values and len(values) == 1:
        told.append([Condition(field=field.field, op="not_in", value=list(values))])
    unit = "events" if having and not act and "visit" not in spotted.units else "sessions"
    counted = [OPENS, *rest] if rest == spotted.times and not others else [*rest, *others]
    return [_share(unit, counted, where=among) for among in told]


def _split_by(spotted: Spotted, rest: Sequence[Condition]) -> tuple[FieldInLog, tuple[str, ...]] | None:
    """The field by whose values it is counted apart: one that is asked for, one of which several values are named, or one that
    says whose visits, or where, something else is asked of.
    """
    for field in spotted.fields:
        return field, field.values[:MOST_VALUES]
    for field, values in spotted.values.items():
        if len(values) > 1:
            return field, tuple(values)
    whose = sorted((f for f in spotted.values if f.of_user or f.stays), key=lambda f: not f.of_user)
    more = rest or len(spotted.values) > 1
    return (whose[0], tuple(spotted.values[whose[0]])) if whose and more else None


def _plain(question: str, spotted: Spotted, step: list[Condition], *, of_user: bool = False) -> Measure:
    """The share of users, visits or lines with it: of users where that is asked, or each holds one value; of visits else; of
    lines where a part of a line is meant and no visit is named.
    """
    of_user = of_user or (len(step) == 1 and any(f.of_user and f.field == step[0].field for f in spotted.values))
    if of_user or HOW_MANY_USERS.search(question):
        return _share("users", step)
    if step == spotted.times:
        return _share("sessions", [OPENS, *step])
    of_lines = spotted.amounts and len(step) == len(spotted.amounts) and "visit" not in spotted.units
    return _share("events" if of_lines else "sessions", step)


def _conditions(spotted: Spotted) -> list[Condition]:
    return [*_values(spotted), *spotted.times, *_kinds(spotted)]


def _values(spotted: Spotted) -> list[Condition]:
    return [
        Condition(field=f.field, op="is" if len(v) == 1 else "in", value=list(v)) for f, v in spotted.values.items()
    ]


def _kinds(spotted: Spotted) -> list[Condition]:
    return [Condition(field="theme", op="in", value=list(spotted.themes))] if spotted.themes else []


def _present(amount: AmountInLog) -> Condition:
    return Condition(field=amount.field, op="not_in", value=[0.0])


def _is(field: FieldInLog, value: str) -> Condition:
    return Condition(field=field.field, op="is", value=[value])


def _share(unit: Any, step: Sequence[Condition], where: Sequence[Condition] = ()) -> Measure:
    return Measure(unit=unit, where=list(where), steps=[list(step)], statistic="share", says=OPEN, versus="matched")


def _median(unit: Any, of: str, step: Sequence[Condition] = (), where: Sequence[Condition] = ()) -> Measure:
    steps = [list(step)] if step else []
    return Measure(unit=unit, of=of, where=list(where), steps=steps, statistic="median", says=OPEN, versus="matched")
