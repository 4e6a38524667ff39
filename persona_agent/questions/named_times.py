"""Times that a question names: days of the week, months, years, parts of the day, “before ten in the morning”.

In: a question. Out: conditions on the hour, weekday, month or date of a line, and the words that named them. Promises: an hour of
which nobody can say whether it is of the morning is none; May and March are months only with their capital.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from ..schema import Condition

# Hours from and to, both with; a visit before four belongs to the evening before, as in groups (NIGHT_ENDS).
PARTS = {"morning": (4, 11), "noon": (12, 13), "afternoon": (12, 17), "evening": (18, 3), "night": (22, 3)}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPANS = {"weekend": (6, 7), "weekday": (1, 5)}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
AS_VERBS = {"march", "may"}
ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
LIMIT = re.compile(rf"\b(before|after) (\d{{1,2}}|{'|'.join(ONES)})(?::00)?(?: o.clock)?\s*(am|pm)?\b", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")
FIRST_HOUR, LAST_HOUR = 4, 3
# “March 2017”, “in 2016”, “since 2016”, “before 2017”: of one year, since there are few that two in a question mean together.
OF_YEAR = re.compile(
    rf"\b(?:(before|until|after|since|from) )?(?:({'|'.join(MONTHS)}),? )?((?:19|20)\d\d)\b", re.IGNORECASE
)

FROM = re.compile(r"\bfrom ((?:[^\W\d_]+ )?\d{4} (?:to|until|till) )", re.IGNORECASE)  # a span, and no beginning alone


def times_named(question: str) -> tuple[list[Condition], set[str]]:
    """The conditions, and the words of the question that stand for them."""
    found, used, question = _dates(question)
    words = WORD.findall(question)
    parts = [p for w in words if (p := w.lower().removesuffix("s")) in PARTS]
    limit = _limit(question, parts)
    if limit:
        found.append(limit[0])
        used |= limit[1] | _forms(parts)
    elif parts:
        low, high = PARTS[parts[0]]
        found.append(Condition(field="hour", op="between", value=[float(low), float(high)]))
        used |= _forms(parts[:1])
    for word in words:
        one = word.lower().removesuffix("s")
        if one in SPANS:
            found.append(Condition(field="weekday", op="between", value=[float(d) for d in SPANS[one]]))
            used.add(word.lower())
    days = [float(DAYS.index(d) + 1) for w in words if (d := w.lower().removesuffix("s")) in DAYS]
    months = [(float(MONTHS.index(w.title()) + 1), w) for w in words if is_month(w)]
    found += [_one_of("weekday", days)] if days else []
    found += [_one_of("month", [m for m, _ in months])] if months else []
    used |= {w.lower() for w in words if w.lower().removesuffix("s") in DAYS} | {w.lower() for _, w in months}
    return found, used


def _dates(question: str) -> tuple[list[Condition], set[str], str]:
    """The days of the years that it names, or of months of theirs; the words, and the question without them."""
    found, used, rest = list[Condition](), set[str](), question
    question = FROM.sub(r"\1", question)
    for said in OF_YEAR.finditer(question):
        word, month, year = (said[1] or "").lower(), said[2], int(said[3])
        m = MONTHS.index(month.title()) + 1 if month else 0
        first = date(year, m or 1, 1)
        last = date(year, m or 12, monthrange(year, m or 12)[1])
        if word in ("before", "until"):
            end = first - timedelta(days=1) if word == "before" else last
            found.append(Condition(field="date", op="at_most", value=[str(end)]))
        elif word in ("after", "since", "from"):
            begin = last + timedelta(days=1) if word == "after" else first
            found.append(Condition(field="date", op="at_least", value=[str(begin)]))
        else:
            found.append(Condition(field="date", op="between", value=[str(first), str(last)]))
        used |= {w.lower() for w in re.findall(r"\w+", said[0])}
        rest = rest.replace(said[0].strip(), " ", 1)
    days = [c for c in found if c.op == "between"]
    if len(days) > 1:  # “in 2016 and 2017”: from the first to the last of them
        ends = sorted(str(v) for c in days for v in c.value)
        found = [c for c in found if c not in days] + [Condition(field="date", op="between", value=[ends[0], ends[-1]])]
    return found, used, rest


def _limit(question: str, parts: list[str]) -> tuple[Condition, set[str]] | None:
    """“before ten in the morning”, “after 4 pm”: from the first hour of a day, or up to its last."""
    said = LIMIT.search(question)
    half = (said[3] or "").lower() if said else ""
    if not said or not (half or parts):
        return None
    hour = ONES.index(said[2].lower()) + 1 if said[2].lower() in ONES else int(said[2])
    late = half == "pm" or (not half and parts[0] in ("afternoon", "evening", "night"))
    hour = hour % 12 + 12 if late and hour <= 12 else hour
    if not FIRST_HOUR < hour < 24:
        return None
    ends = (FIRST_HOUR, hour - 1) if said[1].lower() == "before" else (hour, LAST_HOUR)
    condition = Condition(field="hour", op="between", value=[float(end) for end in ends])
    return condition, {w.lower() for w in re.findall(r"\w+", said[0])}


def _forms(parts: list[str]) -> set[str]:
    return {form for p in parts for form in (p, f"{p}s")}


def is_month(word: str) -> bool:
    """Is a word of a question a month?"""
    return word.title() in MONTHS and (word.lower() not in AS_VERBS or word[:1].isupper())


def _one_of(field: str, values: list[float]) -> Condition:
    once = list(dict.fromkeys(values))
    return Condition(field=field, op="is" if len(once) == 1 else "in", value=once)
