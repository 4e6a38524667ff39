"""The names of properties among the staged events, and how a query reads one."""

from __future__ import annotations

import duckdb


def property_keys(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of all properties of the table `staging`, sorted."""
    rows = connection.execute(
        "SELECT DISTINCT unnest(json_keys(properties)) AS key FROM staging ORDER BY key"
    ).fetchall()
    return [key for (key,) in rows]


def pointer(key: str) -> str:
    """A JSON pointer, which unlike a path takes any key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
