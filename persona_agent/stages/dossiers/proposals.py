"""What could be said of a group: questions worth running, before anything has been counted exactly.

In: a corpus and a group. Out: proposals, each a measure without its verdict, with the words for it. One pass over the
log per family of proposals picks what is frequent and what differs from the others; evidence.measures then runs each.
Only actions, objects, times and numeric properties appear: columns reach a prompt by allow-list, and an object needs
FLOOR users of the group. Words name acts as the log spells them, made readable, in quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...columns import property_path
from ...evidence import Binder, Corpus
from ...schema import ClaimKind, Condition, Feature, Measure, Says

FLOOR = 5
ACTIONS = 8
OBJECTS = 8
PAIRS = 4
VALUES = 6
MUCH_OF_A_USER = 0.5
# An act whose name says that something went wrong, or was undone.
FRICTION = re.compile(
    r"error|fail|cancel|return|refund|retry|timeout|time out|denied|declin|invalid|unavailable|not found|abandon|"
    r"complain|dispute|remove|delete|undo|crash|exception|blocked|expired|no result",
    re.IGNORECASE,
)
BANDS = (
    ("between midnight and 6 am", 0, 5),
    ("between 6 and 10 am", 6, 9),
    ("between 10 am and 2 pm", 10, 13),
    ("between 2 and 6 pm", 14, 17),
    ("between 6 and 10 pm", 18, 21),
    ("after 8 pm or before 6 am", 20, 5),
)
PLACEHOLDER = Says(comparator="at_least", value=0)


@dataclass(frozen=True)
class Proposal:
    """`said` completes “most of them …”; `topic` is what it is about, `short` how a label may name it; `forms` is the
    block of features (0 intents, 1 actions, 2 and up numeric properties) that it would restate.
    """

    kind: ClaimKind
    topic: str
    short: str
    said: str
    measure: Measure
    forms: int | None


def propose(corpus: Corpus, group: int, amounts: Sequence[str], allow: Sequence[str] = ()) -> list[Proposal]:
    """Proposals for one group, in a total order. Of the properties, only numbers and what `allow` names come up."""
    found = [
        *_actions(corpus, group),
        *_objects(corpus, group),
        *_amounts(amounts),
        *(p for name in allow for p in _allowed(corpus, group, name)),
        *_rhythm(),
        *_breadth(),
        *_journeys(corpus, group),
    ]
    seen: set[str] = set()
    return [p for p in found if not (p.topic in seen or seen.add(p.topic))]  # type: ignore[func-returns-value]


def readable(name: str) -> str:
    """A name of the log as a reader would spell it: no underscores, no shouting, one space."""
    words = re.sub(r"[_\s]+", " ", name).strip(" .")
    return words.lower() if words.isupper() else words


def quoted(action: str, obj: str | None = None) -> str:
    text = readable(action) if obj is None else f"{readable(action)}: {readable(obj)}"
    return f"“{text}”"


def users_share(steps: list[list[Condition]], **more: Any) -> Measure:
    return Measure(unit="users", steps=steps, statistic="share", versus="everyone_else", says=PLACEHOLDER, **more)


def _is(field: str, value: str) -> Condition:
    return Condition(field=field, op="is", value=[value])


def _actions(corpus: Corpus, group: int) -> Iterator[Proposal]:
    """The actions that most of the group do, and those where it differs most from the others."""
    rows = _contrast(corpus, group, "l.action", "l.action IS NOT NULL", ACTIONS)
    for (action,) in rows:
        step = [_is("action", action)]
        friction = FRICTION.search(action) is not None
        name = quoted(action)
        yield Proposal(
            "friction" if friction else "behaviour",
            f"action {action}",
            name,
            f"have at least one {name}",
            users_share([step]),
            None if friction else 1,
        )
        yield Proposal(
            "behaviour",
            f"much {action}",
            f"much {name}",
            f"spend more than half of their actions on {name}",
            users_share([], feature=_feature("share_of_events", "above", MUCH_OF_A_USER, where=step)),
            1,
        )
        yield Proposal(
            "behaviour",
            f"sessions {action}",
            name,
            f"{name} is {{how}} part of their sessions",
            Measure(unit="sessions", steps=[step], statistic="share", versus="everyone_else", says=PLACEHOLDER),
            1,
        )


def _objects(corpus: Corpus, group: int) -> Iterator[Proposal]:
    rows = _contrast(corpus, group, "l.action, l.object", "l.object IS NOT NULL AND l.action IS NOT NULL", OBJECTS)
    for action, obj in rows:
        name = quoted(action, obj)
        steps = [[_is("action", action), _is("object", obj)]]
        said = f"have at least one {name}"
        kind: ClaimKind = "friction" if FRICTION.search(action) else "preference"
        yield Proposal(kind, f"object {action} {obj}", name, said, users_share(steps), 0)


def _amounts(amounts: Sequence[str]) -> Iterator[Proposal]:
    for i, name in enumerate(amounts):
        measure = Measure(
            unit="users", statistic="median", of=f"properties.{name}", versus="everyone_else", says=PLACEHOLDER
        )
        said = f"a typical {readable(name)} is {{value}}"
        yield Proposal("preference", f"amount {name}", readable(name), said, measure, 2 + i)


def _allowed(corpus: Corpus, group: int, name: str) -> Iterator[Proposal]:
    """The commonest values, among the group's users, of a property that the user of the program let in."""
    name = name.removeprefix("properties.")
    binder = Binder()
    sql = f"""
      WITH v AS (SELECT u, lower(json_extract_string(properties, {binder.bind(property_path(name))})) AS value FROM lines
                 WHERE u IN (SELECT u FROM places WHERE g = {binder.bind(group)}))
      SELECT value FROM v WHERE value IS NOT NULL AND value <> '' GROUP BY value
      HAVING count(DISTINCT u) >= {binder.bind(FLOOR)} ORDER BY count(DISTINCT u) DESC, value LIMIT {binder.bind(VALUES)}
    """
    for (value,) in corpus.connection.execute(sql, binder.values).fetchall():
        same = [_is(f"properties.{name}", value)]
        feature = _feature("share_of_events", "above", MUCH_OF_A_USER, where=same)
        said = f"do more than half of what they do with {quoted(name, value)}"
        yield Proposal("behaviour", f"field {name} {value}", "", said, users_share([], feature=feature), None)


def _rhythm() -> Iterator[Proposal]:
    for words, start, end in BANDS:
        where = [Condition(field="hour", op="between", value=[start, end])]
        feature = _feature("share_of_events", "above", MUCH_OF_A_USER, where=where)
        said = f"do more than half of what they do {words}"
        yield Proposal("rhythm", f"hours {start} {end}", words, said, users_share([], feature=feature), None)
    often = _feature("share_of_events", "above", 0.25, where=[Condition(field="hour", op="between", value=[18, 23])])
    said = "leave more than a quarter of what they do to the evening, after 6 pm"
    yield Proposal("rhythm", "evening", "", said, users_share([], feature=often), None)
    working = [Condition(field="weekday", op="between", value=[1, 5])]
    only = _feature("share_of_events", "above", 0.95, where=working)
    said = "act on working days only, or nearly so"
    yield Proposal("rhythm", "working days", "", said, users_share([], feature=only), None)
    weekend = [Condition(field="weekday", op="between", value=[6, 7])]
    feature = _feature("share_of_events", "above", MUCH_OF_A_USER, where=weekend)
    said = "do more than half of what they do at weekends"
    yield Proposal("rhythm", "weekend", "at weekends", said, users_share([], feature=feature), None)
    for days in (2, 5, 10, 20):
        feature = _feature("active_days", "at_least", days)
        said = f"were active on at least {days} days"
        yield Proposal("rhythm", f"days {days}", "", said, users_share([], feature=feature), None)


def _breadth() -> Iterator[Proposal]:
    for objects in (3, 10, 40, 100):
        feature = _feature("n_objects", "below", objects)
        said = f"have met fewer than {objects} different things"
        yield Proposal("behaviour", f"objects {objects}", "", said, users_share([], feature=feature), None)
    for lines in (10, 30, 100, 300):
        feature = _feature("n_events", "at_least", lines)
        said = f"did at least {lines} things in all"
        yield Proposal("behaviour", f"events {lines}", "", said, users_share([], feature=feature), None)
    for days in (7, 30, 90):
        feature = _feature("span_days", "at_least", days)
        said = f"came back over at least {days} days"
        yield Proposal("rhythm", f"span {days}", "", said, users_share([], feature=feature), None)
    repeat = _feature("repeat_share", "above", MUCH_OF_A_USER)
    said = "mostly come back to things that they have met before"
    yield Proposal("preference", "repeats", "", said, users_share([], feature=repeat), None)
    many = _feature("steps_per_session", "at_least", 3)
    said = "do at least three different things in an average session"
    yield Proposal("behaviour", "steps", "", said, users_share([], feature=many), None)


def _journeys(corpus: Corpus, group: int) -> Iterator[Proposal]:
    binder = Binder()
    sql = f"""
      WITH l AS (SELECT u, s, seq, action FROM lines WHERE action IS NOT NULL AND s IS NOT NULL
                 AND u IN (SELECT u FROM places WHERE g = {binder.bind(group)})),
      p AS (SELECT u, s, action AS a, lead(action) OVER (PARTITION BY s ORDER BY seq) AS b FROM l)
      SELECT a, b FROM p WHERE b IS NOT NULL AND a <> b GROUP BY a, b
      HAVING count(DISTINCT u) >= {binder.bind(FLOOR)} ORDER BY count(DISTINCT s) DESC, a, b LIMIT {binder.bind(PAIRS)}
    """
    for a, b in corpus.connection.execute(sql, binder.values).fetchall():
        measure = Measure(
            unit="sessions",
            steps=[[_is("action", a)], [_is("action", b)]],
            ordered=True,
            statistic="share",
            versus="everyone_else",
            says=PLACEHOLDER,
        )
        said = f"{quoted(a)} is {{how}} followed by {quoted(b)} within a session"
        yield Proposal("journey", f"then {a} {b}", f"{quoted(a)}, then {quoted(b)}", said, measure, 1)
        absent = users_share([[_is("action", a)]], absent=[[_is("action", b)]], ordered=False)
        said = f"have {quoted(a)} but never {quoted(b)}"
        yield Proposal("friction", f"never {a} {b}", "", said, absent, 1)


def _contrast(corpus: Corpus, group: int, what: str, test: str, most: int) -> list[tuple[str, ...]]:
    """Values of `what` by how far the share of the group's users with them is from the others', half by frequency."""
    binder = Binder()
    sql = f"""
      WITH m AS (SELECT u FROM places WHERE g = {binder.bind(group)}),
      n AS (SELECT (SELECT count(*) FROM m) AS here, (SELECT count(DISTINCT u) FROM lines) AS everyone),
      c AS (SELECT {what}, count(DISTINCT u) AS users, count(DISTINCT u) FILTER (u IN (SELECT u FROM m)) AS here
            FROM lines l WHERE {test} GROUP BY {what}),
      d AS (SELECT c.*, c.here / n.here AS p, (c.users - c.here) / greatest(n.everyone - n.here, 1) AS q FROM c, n
            WHERE c.here >= {binder.bind(FLOOR)}),
      r AS (SELECT *, row_number() OVER (ORDER BY p DESC, {what}) AS by_share,
            row_number() OVER (ORDER BY abs(p - q) DESC, {what}) AS by_difference FROM d AS l)
      SELECT {what} FROM r AS l
      WHERE by_share <= {binder.bind(most // 2)} OR by_difference <= {binder.bind(most)} ORDER BY by_difference
    """
    return [tuple(row) for row in corpus.connection.execute(sql, binder.values).fetchall()]


def _feature(name: Any, op: Any, value: float, where: list[Condition] | None = None) -> Feature:
    return Feature(name=name, where=where, op=op, value=value)
