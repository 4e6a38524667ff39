"""Rules of a run: found in those of its users that its groups were made from, told with how right they are for the others,
and as one SQL statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from ...codebook import Codebook, load_themes
from ...errors import PersonaAgentError
from ...groups.rule_features import RuleFeature, events_source, features_of, statement
from ...groups.rules import Rule, find_rules
from ...ids import user_hash
from ...log.events import open_events, properties
from ...log.reading import find_log
from ...manifest import THEMES
from ...progress import Progress
from ...report import plain, wrapped
from ...report.terminal import WIDTH
from ...runs import names_of, options_of, users_file
from ...store import Store, open_database, sql_literal
from ...words.floors import FEW
from ...words.wording import percent
from .assigned import NO_RULE, TOO_FEW, Rows, as_objects
from .own_columns import UTC, NotInColumns, own_source
from .placeable import Placeable


@dataclass(frozen=True)
class RuleBook:
    """The rules of a run, the first of which decides who meets several; `features` are the columns that conditions name;
    `left_out` are acts that are no lines.
    """

    rules: Sequence[Rule]
    features: Sequence[RuleFeature]
    names: Mapping[str, str]
    timezone: str
    left_out: Sequence[str]
    themes: str

    @property
    def used(self) -> dict[str, RuleFeature]:
        """The features that rules name, by their columns."""
        return {f"f{i}": self.features[i] for i in sorted({c.feature for r in self.rules for c in r.conditions})}

    @property
    def needs(self) -> list[str]:
        """The properties that these read."""
        return sorted({name for f in self.used.values() for name in f.needs})

    @property
    def needs_themes(self) -> bool:
        return any(f.theme for f in self.used.values())

    def select(self) -> str:
        """The persona of each user by the rules."""
        whens = "".join(f"\n  WHEN {_all(rule)} THEN '{rule.persona}'" for rule in self.rules)
        return f"SELECT who AS user, CASE{whens} END AS persona" if whens else "SELECT who AS user, NULL AS persona"

    def sql(self, source: str | None = None) -> str:
        """The statement over the view `events` of a run, or over another CTE `lines`."""
        themes = self.themes if self.needs_themes else ""
        own = source or events_source(self.needs, self.timezone, self.left_out, themes=themes)
        return statement(own, self.needs, self.used, self.select())

    def text(self) -> str:
        """The rules in words."""
        ordered = sorted(self.rules, key=lambda rule: int(rule.persona[1:]))
        lines = [line for rule in ordered for line in self._told(rule)]
        if len(self.rules) > 1:
            first = " before ".join(rule.persona for rule in self.rules)
            lines += [*wrapped(f"Who meets several is taken for the first of {first}.", WIDTH)]
        return "\n".join(lines)

    def _told(self, rule: Rule) -> list[str]:
        said = "; and ".join(self.features[c.feature].said(c.sense, c.value) for c in rule.conditions)
        head = f"{rule.persona}  {plain(self.names[rule.persona])}"
        return [head, *("    " + line for line in wrapped(plain(f"{said}."), WIDTH - 4)),
                *("    " + line for line in wrapped(how_right(rule), WIDTH - 4)), ""]  # fmt: skip


def how_right(rule: Rule) -> str:
    """Precision and recall in words; nothing of a few."""
    if rule.precision is None or rule.recall is None or rule.members < FEW:
        return "Too few users outside of the fit to test it on."
    return (
        f"Of {rule.tested:,} users outside of the fit: {percent(rule.precision)} of those it names are in {rule.persona} "
        f"(precision), and it names {percent(rule.recall)} of {rule.persona} (recall)."
    )


def found_rules(run: Placeable, progress: Progress) -> RuleBook:
    """The rules of a run: the same every time."""
    progress.stage("find rules")
    store, names = run.store, names_of(run.store)
    book = Codebook.model_validate(run.run["facts"]["name"]["book"])
    left_out = sorted(set(run.frozen.acts) - set(run.frozen.chosen) - {""})
    themes = list(load_themes(store)) if run.frozen.category is None else []
    priced = run.frozen.background.priced
    with store.connect() as connection:
        open_events(connection, store)
        catalogue = properties(connection)
        features = features_of(connection, book, catalogue, names, run.frozen.within, themes, left_out, priced)
        zone, file = run.options.timezone, str(store.path(THEMES))
        every = {f"f{i}": f for i, f in enumerate(features)}
        needs = sorted({name for f in features for name in f.needs})
        source = events_source(needs, zone, left_out, themes=file if themes else "")
        users, figures = _figures(connection, statement(source, needs, every, f"SELECT who, {', '.join(every)}"))
        persona, fit = _placed(connection, store, users, run.names)
    rules = find_rules(figures, [f.share for f in features], persona, fit, list(run.names), run.options.seed)
    return RuleBook(rules, features, run.names, zone, left_out, file)


@dataclass(frozen=True)
class OwnSql:
    """Rules over a log's own columns: the statement, and of how many `users` of the run it says the same (`alike`), and how
    many records that run set `aside`; or over the events of the run, with `why`.
    """

    sql: str
    users: int = 0
    alike: int = 0
    aside: int = 0
    why: str = ""

    @property
    def says(self) -> str:
        if self.why:
            return f"Over the events of the run: of the log's own columns it cannot be said, since {self.why}."
        some = (
            f" The run set {self.aside:,} records aside, which no column tells."
            if self.aside and self.alike < self.users
            else ""
        )
        return f"Over the log's own columns: {self.alike:,} of {self.users:,} users come out as by `assign --by rule`.{some}"

    def text(self) -> str:
        return f"-- {self.says}\n{self.sql};\n"


def own_sql(run: Placeable, book: RuleBook, log: Sequence[str]) -> OwnSql:
    """The rules as a statement over the log (the run's own, if none is named), tried on it."""
    read = run.run["facts"]["read"]
    with run.store.connect() as connection:
        open_events(connection, run.store)
        try:
            found = find_log(options_of(run.run, tuple(log)).but(opt_out=None))
            themes = book.themes if book.needs_themes else ""
            twice, dated = bool(read["duplicates"]), bool(read["dates_only"])
            source = own_source(found, book.needs, book.timezone, book.left_out, themes=themes, once=twice, dated=dated)
            sql = book.sql(source)
            with open_database() as own:
                own.execute(UTC)
                theirs = {user_hash(run.store.key(), user): persona for user, persona in own.execute(sql).fetchall()}
        except (NotInColumns, PersonaAgentError) as error:
            return _over_events(run.store, book, str(error))
        except duckdb.Error as error:
            return _over_events(run.store, book, f"duckdb does not read the log: {str(error).splitlines()[0]}")
        ours = dict(connection.execute(book.sql()).fetchall()) if not log else {}
    alike = sum(theirs.get(user) == persona for user, persona in ours.items())
    return OwnSql(f"{UTC};\n{sql}", len(ours), alike, read["set_aside"])


def _over_events(store: Store, book: RuleBook, why: str) -> OwnSql:
    with store.connect() as connection:
        has_clock = "clock" in connection.read_parquet(str(store.path("events.parquet"))).columns
    held = "*" if has_clock else "*, true AS clock"
    file = sql_literal(store.path("events.parquet"))
    return OwnSql(
        f"CREATE TEMP VIEW events AS SELECT {held} FROM read_parquet({file});\n{book.sql()}", why=why.rstrip(".")
    )


def met_rules(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> Rows:
    """The rows of `assign`, by the statement itself."""
    met = dict(connection.execute(book.sql()).fetchall())
    users = [u for (u,) in connection.execute("SELECT user FROM events GROUP BY user ORDER BY min(i)").fetchall()]
    personas = as_objects([met.get(user) for user in users])
    why = [TOO_FEW if user not in met else NO_RULE if met[user] is None else None for user in users]
    return {"user": as_objects(users), "persona": personas, "why": as_objects(why)}


def _all(rule: Rule) -> str:
    return " AND ".join(f"f{c.feature} {c.sense} {c.value!r}" for c in rule.conditions)


def _figures(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[list[str], NDArray[np.float64]]:
    got = connection.execute(f"{query} ORDER BY who").fetchnumpy()
    users = [str(user) for user in got.pop("who")]
    return users, np.column_stack([_filled(column) for column in got.values()])


def _filled(column: Any) -> NDArray[np.float64]:
    values = column.astype(np.float64)
    return np.asarray(values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values)


def _placed(
    connection: duckdb.DuckDBPyConnection, store: Store, users: Sequence[str], names: Iterable[str]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The persona of each of these users, None for one that is not shown, and whether groups were made from it."""
    rows = connection.execute(
        f"SELECT user, persona_id, fold FROM read_parquet({sql_literal(users_file(store))})"
    ).fetchall()
    of = {user: (persona if persona in set(names) else None, fold == "fit") for user, persona, fold in rows}
    nobody = (None, False)
    found = [of.get(user, nobody) for user in users]
    return as_objects([persona for persona, _ in found]), np.array([fit for _, fit in found], dtype=bool)
