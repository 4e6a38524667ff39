"""How a visit is made up, as a reader is told it: its biggest thing, what comes back and in which amounts, what it comes to; and
what users hold alike on all of their lines, such as a country, or in each visit anew, such as a store.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...schema import KEPT, SAME_AMOUNT, Condition, Feature, Measure, Names
from ..money import is_money, money
from ..wording import amount_said, bound_of_money, field_words, number
from .grammar import capital, plural_name, takes_things, turned_to, with_article
from .held_phrases import held_phrase
from .spoken import LATER, NO, Reading, amount, no_more, no_more_often

# Words for a number of pieces; a column is often called one of them alone.
PIECES = frozenset(["count", "quantity", "qty", "items", "units", "pieces", "number", "num"])
# What a line is to its user's visits, and what a thing of a visit is.
PLACES = {
    ("opens_visit", "yes"): "first in a visit",
    ("opens_visit", "no"): "later in a visit",
    ("met_before", "yes"): "on what they had met in an earlier visit",
    ("met_before", "no"): "on what is new to them",
    ("met_last", "yes"): "on what they had met in the visit just before",
    ("met_last", "no"): "on what was not in the visit just before",
}
OF_AGAIN = {
    ("met_before", "yes"): "were in an earlier visit already",
    ("met_before", "no"): "are new to them",
    ("met_last", "yes"): "were in the visit just before",
    ("met_last", "no"): "were not in the visit just before",
}
REACHED = {"met_before": "after the first visit", "met_last": "after their first visit"}
ONE_OR_TWO = [1.0, 2.0]
OF_LINES, AT_A_TIME = "of their lines", " at a time"
# How columns of keys end, of which a reader is told what they are keys of: “store id” is a store.
KEYS = ("id", "no", "nr", "number", "code", "key")
REPEATS = frozenset(["repeats"])
KEPT_OF = "their later visits"
AGAIN, AND_AGAIN = ("The same again", "Always something new"), ("again and again", "always new")
AGAIN_COMPARED = ("More of the same", "More that is new")
LEADS = ("One thing above all", "A bit of everything")


def biggest_reading(m: Measure, names: Names) -> Reading | None:
    """The part of a visit that its biggest thing makes up."""
    if m.unit != "sessions" or not m.of.startswith("biggest ") or m.steps or m.where:
        return None
    of = field_words(m.field.removeprefix("properties."), names).partition(" (")[0]
    clause = f"one thing makes up {{v}} of the {of} of their usual visit"
    unit = f"of its {of}"
    tail = (LEADS[0].lower(), LEADS[1].lower())
    return Reading(
        "The biggest thing in a visit", unit, "share", frozenset(["lead"]), 0.8, clause, head=LEADS, tail=tail,
        compared=("More of one thing", "Less of one thing"),
        otherwise=no_more(f"give {{no}} of a visit's {of} to one thing", "no less"),
    )  # fmt: skip


def again_reading(m: Measure, names: Names) -> Reading | None:
    """What comes back from an earlier visit or from the last one, and whether as much of it comes."""
    step = m.steps[0] if len(m.steps) == 1 and len(m.steps[0]) == 1 else []
    if m.absent or m.feature or not step or step[0].op != "is" or step[0].value != ["yes"]:
        return None
    things, later = f"the things they {turned_to(names.main_act)}", "the things in their later visits"
    if m.where == LATER and step[0].field in ("met_before", "met_last"):
        last = step[0].field == "met_last"
        said, label = (
            ("the visit just before", "In the visit just before")
            if last
            else ("an earlier visit", "In an earlier visit already")
        )
        clause = f"{{v}} of {later} were in {said}{'' if last else ' already'}"
        had = "what was in the visit just before" if last else "what they had in an earlier visit"
        return Reading(
            label, f"of {later}", "share", REPEATS, 0.8, clause, head=AGAIN, tail=AND_AGAIN,
            compared=AGAIN_COMPARED, otherwise=no_more_often(f"{turned_to(names.main_act)} {had}"),
        )  # fmt: skip
    if step[0].field.startswith(SAME_AMOUNT) and m.where == known_again(step[0].field):
        said = same_as_before(step[0].field, names)
        clause = f"{{v}} of {things} again come in {said}"
        otherwise = no_more_often(f"take {said}")
        facts = frozenset(["same amount"])
        return Reading(capital(said), f"of {things} again", "share", facts, 0.8, clause, otherwise=otherwise)
    return None


def kept_reading(m: Measure, names: Names) -> Reading | None:
    """Visits whose value of a field is that of the visit before: “The same store as the visit before”."""
    place = kept_in(m, names)
    if not place:
        return None
    said, of = f"the same {place} as the visit before", f"of {KEPT_OF}"
    return Reading(
        capital(said), of, "share", frozenset(f"{KEPT}{f}" for f in m.kept_fields), 1.0, f"{{v}} {of} have {said}",
        head=(f"Keeping to one {place}", f"Changing {plural_name(place)}"),
        # Behind a comma: eggs change no stores.
        tail=(f", keeping to one {place}", f", changing {plural_name(place)}"),
        compared=(f"More often the same {place}", f"More often another {place}"),
        otherwise=no_more_often(f"have {said}"), what=said,
    )  # fmt: skip


def kept_in(m: Measure, names: Names) -> str:
    """Of what a share of later visits has that of the visit before; empty where a measure asks something else."""
    alone = m.unit == "sessions" and m.statistic == "share" and m.at_least == 1 and len(m.steps) == 1
    if not alone or m.absent or m.feature or m.window or not m.kept_fields or not m.where:
        return ""
    field = m.where[0].field
    asked = field.startswith(KEPT) and m.where == known_again(field)
    return place_word(field, names) if asked and m.steps[0] == [Condition(field=field, op="is", value=["yes"])] else ""


def place_word(field: str, names: Names) -> str:
    """What a field with one value a visit is called: “store” of `kept properties.store_id`."""
    name = _plain(field.removeprefix(KEPT), names)
    head, _, last = name.rpartition(" ")
    return head if head and last.lower() in KEYS else name


def kept_words(c: Condition, names: Names) -> str:
    """“with the store of the visit before”, with another one, or with any where there was a visit before."""
    place = place_word(c.field, names)
    if {*map(str, c.value)} == {"yes", "no"}:
        return f"with {with_article(place)} after one in a visit before"
    same = (c.op != "not_in") == (str(c.value[0]).lower() == "yes")
    return f"with {'the' if same else 'another'} {place} {'of' if same else 'than'} the visit before"


def known_again(field: str) -> list[Condition]:
    """What a share of things that come again is of."""
    return [Condition(field=field, op="in", value=["yes", "no"])]


def same_as_before(field: str, names: Names) -> str:
    """“the same quantity as the time before”."""
    return f"the same {_plain(field.removeprefix(SAME_AMOUNT), names)} as the time before"


def as_before(c: Condition, names: Names) -> str:
    """“the same quantity as the time before”, another one, or either."""
    same = same_as_before(c.field, names)
    if {*map(str, c.value)} == {"yes", "no"}:
        return f"{same} or another"
    return (
        same
        if (c.op != "not_in") == (str(c.value[0]).lower() == "yes")
        else same.replace("the same", "another", 1).replace(" as ", " than ", 1)
    )


def _counts(name: str) -> bool:
    return name.split(" ")[-1].lower() in PIECES


def exactly(field: str, values: Sequence[float], names: Names) -> str:
    """What lines are, that have one number of an amount: “come exactly 12 or 24 at a time”."""
    name = _plain(field, names)
    bare = field.removeprefix("properties.")
    which = f"exactly {' or '.join(amount_said(bare, x, names) for x in values)}"
    if not _counts(name):
        return f"have {with_article(name)} of {which}"
    return f"come {'one or two' if list(values) == ONE_OR_TWO else which}{AT_A_TIME}"


def exact_reading(c: Condition, names: Names) -> Reading | None:
    """Lines with one number of an amount, or one of a few."""
    values = [float(x) for x in c.value if not isinstance(x, str)]
    if c.op not in ("is", "in") or len(values) != len(c.value):
        return None
    name = amount(c.field.removeprefix("properties."), names)[0]
    told = exactly(c.field, values, names)
    pieces = told.endswith(AT_A_TIME)
    label = told.removeprefix("come ").removeprefix("have ").removeprefix("an ").removeprefix("a ")
    label = f"{label.removesuffix(AT_A_TIME)} of each" if pieces else label
    # One or two is how much there is, in another word; a pack is a fact of its own.
    facts = frozenset([f"{'amount' if values == ONE_OR_TWO else 'exact'} {name}"])
    bought = pieces and takes_things(names.main_act)
    held = (
        told.removeprefix("have ") if not pieces else f"{told.removeprefix('come ').removesuffix(AT_A_TIME)} of a thing"
    )
    otherwise = no_more_often(f"{turned_to(names.main_act) if bought else 'have'} {held}")
    return Reading(capital(label), OF_LINES, "share", facts, 0.8, f"{{v}} {OF_LINES} {told}", otherwise=otherwise)


def total_words(f: Feature, names: Names) -> str:
    """“are worth £300 or more”, “come to a quantity of 40 up to 60”."""
    of_value = f.field == "value"
    in_money = of_value or is_money((f.field or "").removeprefix("properties."))
    told = [bound_of_money(x) if in_money else number(x) for x in (f.value, f.upper or 0.0)]
    ends = [money(x, names.currency) if of_value else x for x in told]
    bound = {
        "at_least": f"{ends[0]} or more", "at_most": f"{ends[0]} or less", "above": f"more than {ends[0]}",
        "below": f"less than {ends[0]}", "equals": f"just {ends[0]}", "between": f"{ends[0]} or more and less than {ends[1]}",
    }[f.op]  # fmt: skip
    return f"are worth {bound}" if of_value else f"come to {with_article(_plain(f.field or '', names))} of {bound}"


def total_reading(m: Measure, names: Names) -> Reading | None:
    """Visits that come to so much."""
    f = m.feature
    if f is None or f.name != "total_of" or m.unit != "sessions" or f.where or m.steps or m.absent or m.where:
        return None
    said = total_words(f, names)
    # A band is a fact of its own; so much and more is what a visit comes to, in another word.
    facts = frozenset(["value" if f.field == "value" and f.op != "between" else "total"])
    otherwise = no_more_often(f"have visits that {said}")
    clause = f"{{v}} of their visits {said}"
    label = f"Visits {said.removeprefix('are ')}" if f.field == "value" else f"Visits that {said}"
    return Reading(label, "of their visits", "share", facts, 0.8, clause, otherwise=otherwise)


def held_reading(m: Measure, names: Names) -> Reading | None:
    """What users hold on all of their lines: a field of theirs, never a name of a group."""
    if m.unit != "users" or [len(step) for step in m.steps] != [1] or m.at_least > 1 or m.where or m.absent:
        return None
    c = m.steps[0][0]
    field = c.field.removeprefix("properties.")
    if field not in names.of_user or c.op not in ("is", "not_in") or not isinstance(c.value[0], str):
        return None
    told = held_phrase(field, c.value[0], names, other=c.op == "not_in")
    facts = frozenset([f"held {field}"])
    # Where and with what somebody comes is hardly what they do: it fills a card that has little else, and is told by field.
    return Reading(told.label, "of them", "share", facts, 0.4, f"{{v}} of them {told.said}", head=NO)


def _plain(field: str, names: Names) -> str:
    return amount(field.removeprefix("properties."), names)[0] if field != "value" else "value"
