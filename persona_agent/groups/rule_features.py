"""What a rule may speak of: figures of a user that anybody can count, as SQL over the lines of a log and in words.

In: the events of a run, its codebook. Out: `RuleFeature`s, and the SQL that counts them from rows `lines` (who, visit, moment,
clock, act, thing, theme, and a column for each property): of a user over lines, and over visits of a user. Promises: no
value is named that fewer users have than could be told apart by it; nothing that is of a user alone rather than of an act;
activity and tenure are in no rule, but for the lines that a user must have to be in any group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from ..codebook import Codebook
from ..log.events import Property, property_path
from ..schema import Names
from ..words.value_words import value_words
from ..words.wording import act_words, clock, field_words, number, percent, theme_words
from .coded import COVERAGE, MOST_VALUES
from .frozen import MIN_LINES
from .ruler import FEWEST_SHARE, FEWEST_USERS

MOST_NAMED = 40  # values of a field, acts or themes, the commonest: a rule by a rarer one catches few
HOURS = ((0, 6), (6, 9), (9, 12), (12, 15), (15, 18), (18, 21), (21, 24), (6, 12), (12, 18), (18, 24))

Grain = Literal["line", "visit"]


@dataclass(frozen=True)
class RuleFeature:
    """`sql` is an aggregate over a user's lines or visits; `words` holds `{}` where “at least 20” stands, `share` says
    whether that is in per cent; `needs` are the properties that it reads.
    """

    sql: str
    grain: Grain
    words: str
    share: bool = False
    needs: tuple[str, ...] = ()
    theme: bool = False

    def said(self, sense: str, value: float) -> str:
        """The condition in words."""
        figure = percent(value) if self.share else number(value)
        return self.words.replace("{}", f"{'at least' if sense == '>=' else 'at most'} {figure}")


def features_of(
    connection: duckdb.DuckDBPyConnection,
    book: Codebook,
    catalogue: Iterable[Property],
    names: Names,
    within: str | None,
    themes: Sequence[str],
    left_out: Sequence[str],
    priced: Collection[str] = (),
) -> list[RuleFeature]:
    """The features that a log has; acts in `left_out` are no lines, and of `priced` amounts things explain most: nobody adds up
    prices.
    """
    acts = _common(connection, "lower(action)", left_out)
    found = [
        RuleFeature("median(lines)", "visit", "a median visit of {} lines"),
        RuleFeature("count(DISTINCT thing) / nullif(count(thing), 0)", "line", "{} of what they turn to is new to them", True),
        RuleFeature("count(*) FILTER (dayofweek(start) IN (0, 6)) / count(*)", "visit", "{} of their visits at weekends", True),
        *(_of_hours(a, b) for a, b in HOURS),
        *(
            RuleFeature(_share(f"act = {literal(a)}"), "line", f"{{}} of their lines “{_brace(act_words(a, names))}”", True)
            for a in (acts if len(acts) > 1 else [])
        ),
        *(
            RuleFeature(
                _share(f"theme = {literal(t)}", "thing"), "line", f"{{}} of their things “{_brace(theme_words(t, names))}”",
                True, theme=True,
            )
            for t in themes[:MOST_NAMED]
        ),
    ]  # fmt: skip
    known = {p.name: p for p in catalogue}
    for name, d in book.fields.items():
        if name not in known or name == within or known[name].coverage < COVERAGE:
            continue
        if d.use == "amount":
            found += _of_amount(name, _brace(field_words(name, names)))[: 1 if name in priced else 2]
        elif d.use in ("field", "category") and 2 <= known[name].distinct <= MOST_VALUES:
            values = _common(connection, property_sql(name), left_out)
            found += [_of_value(name, value, _brace(field_words(name, names))) for value in values]
    return found


def statement(source: str, needs: Iterable[str], features: Mapping[str, RuleFeature], select: str) -> str:
    """A query over `source`, a CTE `lines`, with the features under their names and what is selected from them."""
    summed = [name for name in needs if any(ident(f"sum {name}") in f.sql for f in features.values())]
    amounts = "".join(f", sum(try_cast({ident(name)} AS DOUBLE)) AS {ident(f'sum {name}')}" for name in summed)
    by_line = "".join(f",\n    {f.sql} AS {name}" for name, f in features.items() if f.grain == "line")
    by_visit = "".join(f",\n    {f.sql} AS {name}" for name, f in features.items() if f.grain == "visit")
    return f"""{source},
visits AS (
  SELECT who, visit, count(*) AS lines, min(moment) AS start, bool_and(clock) AS clock{amounts}
  FROM lines GROUP BY who, visit),
by_line AS (
  SELECT who, count(*) AS all_lines{by_line}
  FROM lines GROUP BY who),
by_visit AS (
  SELECT who{by_visit}
  FROM visits GROUP BY who)
{select}
FROM by_line JOIN by_visit USING (who)
WHERE all_lines >= {MIN_LINES}"""


def events_source(needs: Iterable[str], timezone: str, left_out: Sequence[str], *, themes: str = "") -> str:
    """`lines` from the view `events`; `themes` is a file with the theme of each thing, where one is needed."""
    columns = "".join(f", {property_sql(name)} AS {ident(name)}" for name in needs)
    at, act, thing = f"timezone({literal(timezone)}, timezone('UTC', ts))", "lower(action)", "nullif(object, '')"
    read = f"SELECT user AS who, session AS visit, {at} AS moment, clock,\n    {act} AS act, {thing} AS thing{columns}"
    return themed_lines(f"{read}\n  FROM events{_without(left_out, act)}", themes)


def themed_lines(rows: str, themes: str) -> str:
    """The CTE `lines` of these rows."""
    if not themes:
        return f"WITH lines AS (\n  {rows})"
    joined = f"SELECT r.*, t.theme FROM held r LEFT JOIN read_parquet({literal(themes)}) t ON t.object = r.thing"
    return f"WITH held AS (\n  {rows}),\nlines AS (\n  {joined})"


def property_sql(name: str) -> str:
    """The text of a property of an event."""
    return f"json_extract_string(properties, {literal(property_path(name))})"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def ident(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _without(acts: Sequence[str], column: str) -> str:
    return f" WHERE {column} NOT IN ({', '.join(map(literal, acts))})" if acts else ""


def _share(condition: str, of: str = "*") -> str:
    whole = "count(*)" if of == "*" else f"nullif(count({of}), 0)"
    return f"count(*) FILTER ({condition}) / {whole}"


def _of_hours(first: int, end: int) -> RuleFeature:
    sql = f"count(*) FILTER (clock AND hour(start) >= {first} AND hour(start) < {end}) / nullif(count(*) FILTER (clock), 0)"
    return RuleFeature(sql, "visit", f"{{}} of their visits begun from {clock(first)} to {clock(end % 24)}", True)


def _of_value(name: str, value: str, words: str) -> RuleFeature:
    said = f"{{}} of their lines with {words} “{_brace(value_words(name, value))}”"
    return RuleFeature(_share(f"{ident(name)} = {literal(value)}"), "line", said, True, (name,))


def _of_amount(name: str, words: str) -> list[RuleFeature]:
    line, visit = f"median(try_cast({ident(name)} AS DOUBLE))", f"median(round({ident(f'sum {name}')}, 6))"
    return [
        RuleFeature(line, "line", f"a median {words} of {{}} a line", needs=(name,)),
        RuleFeature(visit, "visit", f"a median {words} of {{}} a visit", needs=(name,)),
    ]


def _common(connection: duckdb.DuckDBPyConnection, expression: str, left_out: Sequence[str]) -> list[str]:
    """The values that enough users have, the commonest first; no lists, which a column of one's own would spell otherwise."""
    rows = connection.execute(
        f"""SELECT x FROM (SELECT {expression} AS x, user FROM events{_without(left_out, "lower(action)")})
        WHERE x <> '' AND NOT starts_with(x, '["') GROUP BY x
        HAVING count(DISTINCT user) >= greatest({FEWEST_USERS}, {FEWEST_SHARE} * (SELECT count(DISTINCT user) FROM events))
        ORDER BY count(DISTINCT user) DESC, x LIMIT {MOST_NAMED}"""
    ).fetchall()
    return [str(x) for (x,) in rows]


def _brace(text: str) -> str:
    """A name that holds no place for a figure."""
    return text.replace("{", "(").replace("}", ")")
