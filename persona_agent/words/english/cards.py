"""Sentences, names and figures of a card.

In: readings of what sets a group apart, and figures as they may be shown. Out: texts. Numbers are rounded as people say them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...schema import Compared, Measure, Truthfulness
from ..money import SIGNS, with_unit
from ..wording import TIMES, amount_of, percent
from .grammar import capital, listed
from .readings import OF_VISITS
from .spoken import Reading

OTHERS = "others "
SUREST = "the surest half"
WHO_IS_SUREST = "those whom one half of their visits puts there most surely, measured on the other half"
# Readers trust a figure of visits that chose nobody, and cannot guess that all figures are such.
UNSEEN = (
    "Half of a user's visits says which persona it is; what a card tells is counted on the other half. Counts of users are in "
    "fives."
)
ONE = re.compile(r"\{v\} (\w+)s\b")
# Shares in whole per cent that people say in a word.
PARTS = {50: "Half", 33: "A third", 25: "A quarter", 20: "A fifth", 10: "A tenth"}


def figure(form: str, value: float | None, bound: str | None = None, *, of: Measure | None = None) -> str:
    """“48 %”, “24”, “2.5”, “over 95 %”; a number as its claim prints it, `of` its measure, so that a card tells it in one way."""
    if value is None:
        return "not known"
    if form == "share":
        return f"{bound} {percent(value)}" if bound else percent(value)
    return amount_of(of, value)


def short_number(value: float) -> str:
    """What no claim prints: whole numbers from ten on, one decimal below, two below one."""
    size = abs(value)
    if size >= 1_000:
        return f"{float(f'{value:.3g}'):,.0f}"
    text = f"{value:.0f}" if size >= 10 else f"{value:.1f}" if size >= 1 else f"{value:.2g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def here(form: str, unit: str, truth: Truthfulness, of: Measure | None = None) -> str:
    """“48 % of their visits”."""
    told = figure(form, truth.value, truth.bound, of=of)
    unit = unit.removesuffix("s") if form == "number" and told == "1" else unit
    return with_unit(told, unit)


def others(form: str, truth: Truthfulness, of: Measure | None = None, unit: str = "") -> str:
    """“others 30 %”, “others £2.10”; empty where there are none. A unit is said once, a sign of money each time."""
    told = figure(form, truth.matched, of=of)
    sign = unit.split(" ", 1)[0]
    return "" if truth.matched is None else f"{OTHERS}{with_unit(told, sign) if sign in SIGNS.values() else told}"


POINTS_SEEN, PART_SEEN = 0.03, 0.1  # between two figures of others: what is less is one figure to a reader


def core(form: str, truth: Truthfulness, beside: float | None, of: Measure | None = None, unit: str = "") -> str:
    """“the surest half 46 %”, with those whom it is held against where these are visibly not the others `beside` it already:
    “the surest half 8, others like these 11”.
    """
    sign, own = unit.split(" ", 1)[0], truth.matched
    told = [figure(form, truth.value, truth.bound, of=of), figure(form, own, of=of)]
    here, there = [with_unit(x, sign) if sign in SIGNS.values() else x for x in told]
    if own is not None and beside is not None:
        near = abs(own - beside) < POINTS_SEEN if form == "share" else abs(own - beside) < PART_SEEN * abs(beside)
        if near:
            return f"{SUREST} {here}"
    return f"{SUREST} {here}, {OTHERS}like these {there}"


def of_one(clause: str, value: str) -> str:
    """A clause with the figure that its slot will have: “{v} actions” of one is “{v} action”, “{v} of the usual” of four times
    is “{v} the usual”.
    """
    if value.endswith(TIMES):
        return clause.replace("{v} of ", "{v} ")
    return ONE.sub(r"{v} \1", clause) if value == "1" else clause


def sentence(told: Sequence[tuple[Reading, bool, str, str]]) -> str:
    """One sentence about the first one or two facts: reading, whether they do more of it, a slot for its figure, and that."""
    clauses = [
        of_one((r.less or r.clause) if not more else r.clause, value).replace("{v}", slot)
        for r, more, slot, value in told
        if r.clause
    ]
    said, bases = clauses[:2], {r.unit for r, *_ in told if r.clause}
    base = next(iter(bases)) if len(bases) == 1 else OF_VISITS
    if len(said) == 2 and base and base in said[0]:  # “8 % are metal signs”: what both are of is said once
        said[1] = said[1].replace(f" {base}", "", 1)
    return capital(f"{'; '.join(said)}.") if said else ""


UNFIT_TITLE = "What does not fit"  # members who do otherwise, and what their name would not let one expect
IN_THIS = "in this"  # what ends so is followed by the label of its bar


def unfit_words(label: str, share: float, says: str) -> str:
    """“A quarter of them print no more often than others do.” Of an older run there is only its bar's label."""
    part = PARTS.get(round(100 * share), percent(share))
    says = says or "are like others in this"
    return f"{part} of them {says}{f': {lowered(label)}' if says.endswith(IN_THIS) else ''}."


def watch_words(label: str, here: str, others: str, *, more: bool | None) -> str:
    """A figure worth watching, and which way it would have to go to tell anything."""
    if more is None:
        return f"{label}: {here} today."
    return (
        f"{label}: {here} today; a {_change(more)} towards {others.removeprefix(OTHERS)} would make them like others."
    )


def to_watch_in_short(label: str, here: str, *, more: bool | None) -> str:
    """The same for a table."""
    return f"{label}: {here}" if more is None else f"{label}: a {_change(more)} from {here}"


def _change(more: bool) -> str:
    return "fall" if more else "rise"


def said_otherwise(said: str, longest: int, *, more: bool) -> str:
    """What members do of whom a fact is not true, after “a quarter of them”; what takes more words than anybody says is left to
    its bar's label, which is put behind it.
    """
    if len(said.split()) <= longest:
        return f"{said} than others do"
    return f"do no {'more' if more else 'less'} than others in this"


def tension_words(clause: str, value: str, here: str, label: str, others: str = "", *, alike: bool = True) -> str:
    """What their name would not let one expect: “28 % of their visits begin at weekends.” What is as with others is told with
    their figure, “Their usual visit is worth £262, as with others (£265).”, and what is not `alike` with it alone. Of an older
    run there is only the figure and label of a bar.
    """
    told = of_one(clause, value).replace("{v}", value) if clause else f"{label}: {here}"
    if not others:
        return f"{capital(told)}."
    theirs = others.removeprefix(OTHERS)
    if not alike:
        return f"{capital(told)} (others {theirs})."
    same = theirs.lstrip("".join(SIGNS.values())) == value
    return f"{capital(told)}, as with others{'' if same else f' ({theirs})'}."


UNKNOWN = "We do not know"
INNER_STOP = re.compile(r"[.:;?!]")  # within a question: what follows it stands in a sentence of its own


def unknown_words(gaps: Sequence[str]) -> str:
    """What goes on from “We do not know”: “how many are left, nor whether they get more elsewhere.”; empty without any."""
    asked = [lowered(gap.strip().rstrip(".?")) for gap in gaps]
    if not asked:
        return ""
    tie = ". Nor " if any(INNER_STOP.search(q) for q in asked[:-1]) else ", nor "
    return f"{tie.join(asked)}."


def hardly_apart(rows: Sequence[Compared]) -> str:
    """In what personas hardly differ, of the rows of the table of all; empty where it is nothing.

    “Personas hardly differ in this, since users differ as much within one as over all: value of a visit (£243 to £300).”
    """
    told = [_ends(row) for row in rows if row.explained is not None]
    return (
        f"Personas hardly differ in this, since users differ as much within one as over all: {'; '.join(told)}."
        if told
        else ""
    )


def _ends(row: Compared) -> str:
    least, most = (end(row.cells, key=lambda c: c.truth.value or 0.0).truth for end in (min, max))
    low, high = (figure(row.form, t.value, t.bound, of=row.measure) for t in (least, most))
    return _span(row.label, row.unit, low, high)


def _span(label: str, unit: str, low: str, high: str) -> str:
    least = with_unit(low, unit) if unit.partition(" ")[0] in SIGNS.values() else low.removesuffix(" %")
    most = with_unit(high, unit)
    return f"{lowered(label)} ({most if low == high else f'{least} to {most}'})"


def interval(form: str, low: float, high: float, of: Measure | None = None) -> str:
    """“95 %: 43 to 53 %”."""
    ends = [figure(form, x, of=of).removesuffix(" %" if form == "share" else "") for x in (low, high)]
    return f"95 % interval {ends[0]} to {ends[1]}{' %' if form == 'share' else ''}"


def strip_words(kind: str, names: Sequence[str], here: Sequence[float], others: Sequence[float]) -> str:
    """Where they stand out most from others, for who does not see it."""
    top = max(range(len(here)), key=lambda i: (here[i] - others[i], -i))
    over = {"week": "Over the week", "clock": "Over the day"}[kind]
    return f"{over}: most apart {names[top]}, {percent(here[top])} of their visits start then, others {percent(others[top])}."


def lowered(label: str) -> str:
    """With a small first letter, but for what is spelled in capitals: “a frame”, and “SMS sent”."""
    spelled = label[:2].isalpha() and label[:2] == label[:2].upper()
    return label if spelled else label[:1].lower() + label[1:]


def sorted_by_words(what: Sequence[str]) -> str:
    return f"Members were put together by {listed(list(what))}."
