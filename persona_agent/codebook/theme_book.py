"""themes.parquet: what things are sorted by where no field of the log sorts them, a theme a thing.

In: the things of each theme by its name, as grouping found them, or the file. Out: the other. Promises: themes and their things
stand in the order in which they came, and a thing in one theme alone; a run without themes has a file without rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..log.events import SHARED_BY, open_events
from ..manifest import THEMES
from ..store import Store, sql_literal

EXAMPLES = 3  # of a theme's things, beside its name
WITHOUT_FEW = """
SELECT t.theme, t.object FROM read_parquet({path}) t
SEMI JOIN (SELECT lower(object) AS object FROM events GROUP BY ALL HAVING count(DISTINCT user) >= {floor}) e
ON e.object = lower(t.object)
"""


def save_themes(store: Store, themes: Mapping[str, list[str]]) -> None:
    """themes.parquet."""
    rows = [(theme, thing) for theme, things in themes.items() for thing in things]
    table = {name: np.array([row[i] for row in rows], dtype=object) for i, name in enumerate(("theme", "object"))}
    with store.connect() as connection:
        connection.execute("CREATE TEMP TABLE themed (theme VARCHAR, object VARCHAR)")
        if rows:
            connection.register("theme_rows", table)
            connection.execute("INSERT INTO themed SELECT theme, object FROM theme_rows")
        store.write_parquet(connection, THEMES, "SELECT theme, object FROM themed")


def load_themes(store: Store) -> dict[str, list[str]]:
    """The things of each theme, commonest first; none where the run has no such file."""
    found: dict[str, list[str]] = {}
    if store.path(THEMES).is_file():
        with store.connect() as connection:
            query = f"SELECT theme, object FROM read_parquet({sql_literal(store.path(THEMES))})"
            for theme, thing in connection.execute(query).fetchall():
                found.setdefault(theme, []).append(thing)
    return found


def keep_shared_things(store: Store) -> None:
    """themes.parquet without things that fewer than five users still share, after somebody was forgotten."""
    if store.path(THEMES).is_file():
        with store.connect() as connection:
            open_events(connection, store)
            sql = WITHOUT_FEW.format(path=sql_literal(store.path(THEMES)), floor=SHARED_BY)
            store.write_parquet(connection, THEMES, sql)
