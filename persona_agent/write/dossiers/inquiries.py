"""What could be said of a group's acts: questions worth running, before anything has been counted exactly.

In: a corpus and a group. Out: inquiries, each a measure without its verdict, with the words for it. One pass over the
log per family picks what is frequent and what differs from the others, among the users that groups are made from; the
rest of the family is amounts.py and habits.py. A figure is a share of visits, of lines or of things, or a middle value with its
unit: no share of users who pass a share. Only actions, objects, times, numeric properties, categories of objects and columns
that a person let in appear: columns reach a prompt by allow-list, and an object needs FLOOR users of the group. Words name acts
as the log spells them, in quotation marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...evidence import Binder, Corpus
from ...log.events import property_path
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...schema import NO_NAMES, Condition, Form, Measure, Names, Says, Topic
from ...words.english.grammar import a_or_an, met
from ...words.value_words import value_words
from ...words.wording import field_words, quoted, theme_words
from .shares import telling_values, usual_share

ACTIONS = 8  # a group's most telling actions; more are near-synonyms, and cost a question for each group
ASIDE = 3  # the same for acts outside of all intents
OBJECTS = 10  # the same for things
VALUES = 6  # the same for values of a column
CATEGORIES = 2  # fields that sort objects: the coarsest and the next; finer ones are objects again
IN_VISITS = 0.1  # of the visits of those who do it at all: a rarer act is a step of somebody's life, not of a visit
PLACEHOLDER = Says(comparator="at_least", value=0)


@dataclass(frozen=True)
class Inquiry:
    """A question to a group, and the words for its answer: no claim yet, since what is said is open until it is measured.

    `topic`, `short`, `said` and `form` are those of the claim that it may lead to (schema.ProposedClaim); `of` is what a share is
    of, where that is not the form's own.
    """

    topic: Topic
    short: str
    said: str
    measure: Measure
    form: Form = "users"
    of: str = ""


def comparing_measure(unit: Any, steps: Sequence[Sequence[Condition]] = (), **more: Any) -> Measure:
    """A question that is compared with comparable others: of a share, unless `more` names another statistic."""
    given: dict[str, Any] = {"statistic": "share", "versus": "matched", "says": PLACEHOLDER, **more}
    return Measure(unit=unit, steps=[list(s) for s in steps], **given)


def users_share(steps: Sequence[Sequence[Condition]], **more: Any) -> Measure:
    return comparing_measure("users", steps, **more)


def visits_share(steps: Sequence[Sequence[Condition]], **more: Any) -> Measure:
    return comparing_measure("sessions", steps, **more)


def middle(unit: Any, of: str, steps: Sequence[Sequence[Condition]] = (), **more: Any) -> Measure:
    """The median of a number of users' units, each user weighing the same."""
    return comparing_measure(unit, steps, statistic="median", of=of, **more)


def same(field: str, value: str) -> Condition:
    return Condition(field=field, op="is", value=[value])


def acts(corpus: Corpus, group: int) -> Iterator[Inquiry]:
    """The actions in whose share of visits the group differs most; of acts that hardly fall into visits, who ever does them.
    An act that all lines are of says nothing of anybody.
    """
    if corpus.connection.execute("SELECT count(DISTINCT action) FROM lines").fetchone() == (1,):
        return
    found = telling_values(corpus, group, "action", ACTIONS, per="visits")
    # What belongs to no intent is drowned by what does, and is what a group may leave out.
    found += telling_values(corpus, group, "action", ASIDE, per="visits", aside=True, whoever=True)
    for action in dict.fromkeys(found):
        step, name = [same("action", action)], quoted(action, names=corpus.names)
        if usual_share(corpus, "action", action) >= IN_VISITS:
            yield Inquiry(
                Topic(kind="sessions", about=action), name, f"include {name}", visits_share([step]), "sessions"
            )
        else:
            yield Inquiry(Topic(kind="act", about=action), name, f"do {name} at least once", users_share([step]))


def things(corpus: Corpus, group: int) -> Iterator[Inquiry]:
    for action, obj in _contrast(corpus, group):
        name = quoted(action, obj, corpus.names)
        step = [same("action", action), same("object", obj)]
        yield Inquiry(
            Topic(kind="thing", about=f"{action} {obj}"), name, f"do {name} at least once", users_share([step])
        )


def named(acts: Sequence[tuple[str, str | None]], names: Names = NO_NAMES) -> Iterator[Inquiry]:
    """Acts that a question is about, however rare: done at least once, and in how many visits."""
    for action, obj in acts:
        name = quoted(action, obj, names)
        step = [same("action", action), *([same("object", obj)] if obj else [])]
        about = f"{action} {obj}" if obj else action
        said = f"do {name} at least once"
        yield Inquiry(Topic(kind="thing" if obj else "act", about=about), name, said, users_share([step]))
        yield Inquiry(Topic(kind="sessions", about=about), name, f"include {name}", visits_share([step]), "sessions")


def categories(corpus: Corpus, group: int) -> Iterator[Inquiry]:
    """What objects are sorted by, told by the values in whose share of lines the group differs most."""
    for name in corpus.names.categories[::-1][:CATEGORIES]:
        yield from _values(corpus, group, name, "category")


def themes(corpus: Corpus, group: int) -> Iterator[Inquiry]:
    """The same for what objects were sorted by where no field sorts them, as shares of the things of visits."""
    for theme in telling_values(corpus, group, "theme", VALUES):
        called = f"“{theme_words(theme, corpus.names)}”"
        met_things = comparing_measure("things", [[same("theme", theme)]])
        said, of = f"are of the kind {called}", met(corpus.names.main_act)
        yield Inquiry(Topic(kind="theme", about=theme), called, said, met_things, "things", of)


def allowed(corpus: Corpus, group: int, name: str) -> Iterator[Inquiry]:
    """The same for a property that the user of the program let in."""
    name = name.removeprefix("properties.")
    if name not in corpus.names.categories:
        yield from _values(corpus, group, name, "field")


def _values(corpus: Corpus, group: int, name: str, kind: Any) -> Iterator[Inquiry]:
    words = field_words(name, corpus.names)
    for value in telling_values(corpus, group, f"properties.{name}", VALUES):
        lines = comparing_measure("events", [[same(f"properties.{name}", value)]])
        called = f"“{value_words(name, value)}”"
        said = f"is in {called}" if kind == "category" else f"has {called} as {words}"
        yield Inquiry(Topic(kind=kind, about=f"{name} {value}"), called, said, lines, "lines")


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
            f"do {name} as well",
            users_share([step]),
        )
    for name in names:
        here, there = _typical(corpus, group, name)
        if here is None or there is None or here == there:
            continue
        op, side = ("at_most", "or less") if there < here else ("at_least", "or more")
        bound = [Condition(field=f"properties.{name}", op=op, value=[there])]
        words = field_words(name, corpus.names)
        said = f"have had {a_or_an(words)} {words} of {there:g} {side} at least once"
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


def _contrast(corpus: Corpus, group: int) -> list[tuple[str, str]]:
    """Acts on things by how far the share of the group's users with them is from the others', half by frequency; those that
    FLOOR of its users have. Of an act on things of one theme the first alone: the others would say it again.
    """
    binder = Binder()
    sql = f"""
      WITH f AS (SELECT * FROM lines WHERE u NOT IN (SELECT u FROM held)),
      m AS (SELECT u FROM places WHERE g = {binder.bind(group)} AND u NOT IN (SELECT u FROM held)),
      n AS (SELECT (SELECT count(*) FROM m) AS here, (SELECT count(DISTINCT u) FROM f) AS everyone),
      c AS (SELECT action, object, any_value(theme) AS theme, count(DISTINCT u) AS users,
                   count(DISTINCT u) FILTER (u IN (SELECT u FROM m)) AS here
            FROM f WHERE object IS NOT NULL AND action IS NOT NULL GROUP BY action, object),
      a AS (SELECT c.*, c.here / n.here AS p, (c.users - c.here) / greatest(n.everyone - n.here, 1) AS q FROM c, n
            WHERE c.here >= {binder.bind(FLOOR)}),
      d AS (FROM a QUALIFY row_number() OVER (PARTITION BY action, coalesce(theme, object) ORDER BY abs(p - q) DESC, object) = 1),
      r AS (SELECT *, row_number() OVER (ORDER BY p DESC, action, object) AS by_share,
            row_number() OVER (ORDER BY abs(p - q) DESC, action, object) AS by_difference FROM d)
      SELECT action, object FROM r
      WHERE by_share <= {binder.bind(OBJECTS // 2)} OR by_difference <= {binder.bind(OBJECTS)} ORDER BY by_difference
    """
    return [(action, obj) for action, obj in corpus.connection.execute(sql, binder.values).fetchall()]


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
