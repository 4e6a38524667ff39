"""What could be said of a group's acts: questions worth running, before anything has been counted exactly.

In: a corpus and a group. Out: inquiries, each a measure without its verdict, with the words for it. One pass over the
log per family picks what is frequent and what differs from the others, among the users that groups are made from; the
rest of the family is habits.py. Only actions, objects, times and numeric properties appear: columns reach a prompt by
allow-list, and an object needs FLOOR users of the group. Words name acts as the log spells them, in quotation marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...evidence import Binder, Corpus
from ...log.events import property_path
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...schema import NO_NAMES, Condition, Feature, Form, Measure, Names, Says, Topic
from ...words.wording import field_words, quoted, readable

ACTIONS = 8  # a group's most telling actions; more are near-synonyms, and cost a question for each group
ASIDE = 3  # the same for acts outside of all intents
OBJECTS = 10  # the same for things
VALUES = 6  # the same for values of an allowed column
REPEATS = 3  # once more can be a slip; three times in a visit is a pattern, or trouble
PLACEHOLDER = Says(comparator="at_least", value=0)


@dataclass(frozen=True)
class Inquiry:
    """A question to a group, and the words for its answer: no claim yet, since what is said is open until it is measured.

    `topic`, `short`, `said` and `form` are those of the claim that it may lead to (schema.ProposedClaim).
    """

    topic: Topic
    short: str
    said: str
    measure: Measure
    form: Form = "users"


def users_share(steps: Sequence[Sequence[Condition]], **more: Any) -> Measure:
    return Measure(
        unit="users", steps=[list(s) for s in steps], statistic="share", versus="matched", says=PLACEHOLDER, **more
    )


def sessions_share(steps: Sequence[Sequence[Condition]], **more: Any) -> Measure:
    return Measure(
        unit="sessions", steps=[list(s) for s in steps], statistic="share", versus="matched", says=PLACEHOLDER, **more
    )


def same(field: str, value: str) -> Condition:
    return Condition(field=field, op="is", value=[value])


def feature(name: Any, op: Any, value: float, where: Sequence[Condition] | None = None) -> Feature:
    return Feature(name=name, where=list(where) if where else None, op=op, value=value)


def acts(corpus: Corpus, group: int) -> Iterator[Inquiry]:
    """The actions that most of the group do, and those where it differs most from the others."""
    found = _contrast(corpus, group, "l.action", "l.action IS NOT NULL", ACTIONS)
    # What belongs to no intent is drowned by what does, and is what a group may leave out.
    found += _contrast(corpus, group, "l.action", "l.action IS NOT NULL AND l.m IS NULL", ASIDE, whoever=True)
    for (action,) in dict.fromkeys(found):
        step, name = [same("action", action)], quoted(action, names=corpus.names)
        yield Inquiry(Topic(kind="act", about=action), name, f"use {name} at least once", users_share([step]))
        for much in (0.5, 0.2):
            spent = feature("share_of_events", "above", much, step)
            said = f"give {'more than half' if much == 0.5 else 'more than a fifth'} of their actions to {name}"
            yield Inquiry(Topic(kind="much", about=action), f"much {name}", said, users_share([], feature=spent))
        yield Inquiry(Topic(kind="sessions", about=action), name, f"include {name}", sessions_share([step]), "sessions")
        again = sessions_share([step], at_least=REPEATS)
        yield Inquiry(Topic(kind="again", about=action), "", f"repeat {name} three times or more", again, "sessions")


def things(corpus: Corpus, group: int) -> Iterator[Inquiry]:
    rows = _contrast(corpus, group, "l.action, l.object", "l.object IS NOT NULL AND l.action IS NOT NULL", OBJECTS)
    for action, obj in rows:
        name = quoted(action, obj, corpus.names)
        step = [same("action", action), same("object", obj)]
        yield Inquiry(
            Topic(kind="thing", about=f"{action} {obj}"), name, f"come to {name} at least once", users_share([step])
        )


def named(acts: Sequence[tuple[str, str | None]], names: Names = NO_NAMES) -> Iterator[Inquiry]:
    """Acts that a question is about, however rare: done at least once, and in how many sessions."""
    for action, obj in acts:
        name = quoted(action, obj, names)
        step = [same("action", action), *([same("object", obj)] if obj else [])]
        about = f"{action} {obj}" if obj else action
        said = f"come to {name} at least once" if obj else f"use {name} at least once"
        yield Inquiry(Topic(kind="thing" if obj else "act", about=about), name, said, users_share([step]))
        yield Inquiry(Topic(kind="sessions", about=about), name, f"include {name}", sessions_share([step]), "sessions")


def amounts(corpus: Corpus, names: Sequence[str]) -> Iterator[Inquiry]:
    for name in names:
        field = f"properties.{name}"
        median = Measure(unit="users", statistic="median", of=field, versus="matched", says=PLACEHOLDER)
        words = field_words(name, corpus.names)
        yield Inquiry(Topic(kind="amount", about=name), words, f"a typical {words}", median, "number")
    if corpus.valued:
        worth = Measure(unit="users", statistic="sum", of="value", versus="matched", says=PLACEHOLDER)
        yield Inquiry(Topic(kind="value"), "", "the value that one of them brings in all", worth, "number")


def allowed(corpus: Corpus, group: int, name: str) -> Iterator[Inquiry]:
    """The commonest values, among the group's users, of a property that the user of the program let in."""
    name = name.removeprefix("properties.")
    binder = Binder()
    sql = f"""
      WITH v AS (SELECT u, lower(json_extract_string(properties, {binder.bind(property_path(name))})) AS value FROM lines
                 WHERE u IN (SELECT u FROM places WHERE g = {binder.bind(group)}) AND u NOT IN (SELECT u FROM held))
      SELECT value FROM v WHERE value IS NOT NULL AND value <> '' GROUP BY value
      HAVING count(DISTINCT u) >= {binder.bind(FLOOR)} ORDER BY count(DISTINCT u) DESC, value LIMIT {binder.bind(VALUES)}
    """
    for (value,) in corpus.connection.execute(sql, binder.values).fetchall():
        spent = feature("share_of_events", "above", 0.5, [same(f"properties.{name}", value)])
        said = f"do more than half of what they do with “{field_words(name, corpus.names)}: {readable(value)}”"
        yield Inquiry(Topic(kind="field", about=f"{name} {value}"), "", said, users_share([], feature=spent))


def unlike(corpus: Corpus, group: int, names: Sequence[str]) -> Iterator[Inquiry]:
    """What a label would not let one expect: acts of others that many members do too, amounts on the others' side."""
    binder = Binder()
    for action, obj in corpus.connection.execute(
        _FOREIGN.format(g=binder.bind(group), floor=binder.bind(FLOOR)), binder.values
    ).fetchall():
        name = quoted(action, obj, corpus.names)
        step = [same("action", action), same("object", obj)]
        yield Inquiry(
            Topic(kind="unlike", about=f"{action} {obj}"),
            "",
            f"come to {name} as well",
            users_share([step]),
        )
    for name in names:
        here, there = _typical(corpus, group, name)
        if here is None or there is None or here == there:
            continue
        op, side = ("at_most", "or less") if there < here else ("at_least", "or more")
        bound = [Condition(field=f"properties.{name}", op=op, value=[there])]
        said = f"have had a {field_words(name, corpus.names)} of {there:g} {side} at least once"
        yield Inquiry(Topic(kind="unlike", about=name), "", said, users_share([bound]))


def _typical(corpus: Corpus, group: int, name: str) -> tuple[float | None, float | None]:
    """The median amount of the group's lines and of the others'."""
    binder = Binder()
    number = f"TRY_CAST(json_extract_string(properties, {binder.bind(property_path(name))}) AS DOUBLE)"
    here = f"u IN (SELECT u FROM places WHERE g = {binder.bind(group)})"
    fit = "FROM lines WHERE u NOT IN (SELECT u FROM held)"
    sql = f"SELECT median({number}) FILTER ({here}), median({number}) FILTER (NOT {here}) {fit}"
    row = corpus.connection.execute(sql, binder.values).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _contrast(
    corpus: Corpus, group: int, what: str, test: str, most: int, *, whoever: bool = False
) -> list[tuple[str, ...]]:
    """Values of `what` by how far the share of the group's users with them is from the others', half by frequency; those
    that FLOOR of its users have, or with `whoever` FLOOR of all.
    """
    binder = Binder()
    floor = f"c.{'users' if whoever else 'here'} >= {binder.bind(FLOOR)}"
    sql = f"""
      WITH f AS (SELECT * FROM lines WHERE u NOT IN (SELECT u FROM held)),
      m AS (SELECT u FROM places WHERE g = {binder.bind(group)} AND u NOT IN (SELECT u FROM held)),
      n AS (SELECT (SELECT count(*) FROM m) AS here, (SELECT count(DISTINCT u) FROM f) AS everyone),
      c AS (SELECT {what}, count(DISTINCT u) AS users, count(DISTINCT u) FILTER (u IN (SELECT u FROM m)) AS here
            FROM f AS l WHERE {test} GROUP BY {what}),
      d AS (SELECT c.*, c.here / n.here AS p, (c.users - c.here) / greatest(n.everyone - n.here, 1) AS q FROM c, n
            WHERE {floor}),
      r AS (SELECT *, row_number() OVER (ORDER BY p DESC, {what}) AS by_share,
            row_number() OVER (ORDER BY abs(p - q) DESC, {what}) AS by_difference FROM d AS l)
      SELECT {what} FROM r AS l
      WHERE by_share <= {binder.bind(most // 2)} OR by_difference <= {binder.bind(most)} ORDER BY by_difference
    """
    return [tuple(row) for row in corpus.connection.execute(sql, binder.values).fetchall()]


# Acts on things that others do much more, and that at least a quarter of the group does too.
_FOREIGN = """
  WITH f AS (SELECT u, action, object FROM lines
             WHERE u NOT IN (SELECT u FROM held) AND object IS NOT NULL AND action IS NOT NULL),
  m AS (SELECT u FROM places WHERE g = {g} AND u NOT IN (SELECT u FROM held)),
  n AS (SELECT (SELECT count(*) FROM m) AS here, (SELECT count(DISTINCT u) FROM f) AS everyone),
  c AS (SELECT action, object, count(DISTINCT u) AS users, count(DISTINCT u) FILTER (u IN (SELECT u FROM m)) AS here
        FROM f GROUP BY ALL)
  SELECT action, object FROM c, n
  WHERE c.here >= greatest({floor}, 0.25 * n.here) AND c.here / n.here < (c.users - c.here) / greatest(n.everyone - n.here, 1)
  ORDER BY (c.users - c.here) / greatest(n.everyone - n.here, 1) - c.here / n.here DESC, action, object LIMIT 3
"""
