"""Rules as SQL over a log's own columns, for whoever has the log in a database and not the run.

In: a log, the properties that rules read. Out: the CTE `lines` over what duckdb reads the log by, or why there is none.
Promises: what cannot be said in such a statement (a vendor's layout, times that are no ISO times, acts of a date alone) is
refused, not guessed; records that the run set aside are not told apart here, so how many users come out alike is counted
where the log is at hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...groups.rule_features import ident, literal
from ...log.events import property_path
from ...log.reading import Log
from ...log.separators import DELIMITERS
from ...log.shapes import UNFOLDED

READERS = {
    "csv": "read_csv([{files}], delim = {delimiter}, header = true, all_varchar = true)",
    "tsv": "read_csv([{files}], delim = {delimiter}, header = true, all_varchar = true)",
    "jsonl": "read_json_objects([{files}], format = 'newline_delimited', ignore_errors = true)",
    "json": "read_json_objects([{files}], format = 'array')",
    "parquet": "read_parquet([{files}])",
}
UTC = "SET TimeZone = 'UTC'"  # times without an offset are of it, as the reader takes them
GAP = "INTERVAL 30 MINUTE"


class NotInColumns(Exception):
    """Why rules cannot be said over the log's own columns."""


def own_source(
    log: Log, needs: Sequence[str], zone: str, left_out: Sequence[str], *, themes: str, once: bool, dated: bool
) -> str:
    """`lines` from the files of a log; `once` where exact copies of a line were counted once; NotInColumns where it cannot
    be.
    """
    _refuse(log, dated)
    columns = _SqlColumns(log)
    wanted = {name: columns.property(name) for name in needs}
    mapping = log.found.mapping
    read = ",\n    ".join(
        [
            f"nullif(trim({columns.of(mapping['user'])}), '') AS who",
            f"try_cast({columns.of(mapping['timestamp'])} AS TIMESTAMPTZ) AS ts",
            f"{_act(log, columns)} AS act",
            f"{_text(columns, mapping.get('object'))} AS thing",
            *([f"{columns.of(mapping['session'])} AS session"] if "session" in mapping else []),
            *(f"{sql} AS {ident(name)}" for name, sql in wanted.items()),
        ]
    )
    distinct = "(SELECT DISTINCT * FROM {0})" if once else "{0}"
    kept = f"\n  WHERE act NOT IN ({', '.join(map(literal, left_out))})" if left_out else ""
    own = "session" in mapping
    starts = (
        "session IS DISTINCT FROM lag(session) OVER one"
        if own
        else f"NOT coalesce(ts - lag(ts) OVER one <= {GAP}, false)"
    )
    theme = f" LEFT JOIN read_parquet({literal(themes)}) t ON t.object = n.thing" if themes else ""
    return f"""WITH told AS (
  SELECT
    {read}
  FROM {distinct.format(columns.reader)}),
cut AS (
  SELECT *, CASE WHEN {starts} THEN 1 ELSE 0 END AS starts
  FROM told WHERE who IS NOT NULL AND ts IS NOT NULL AND act IS NOT NULL
  WINDOW one AS (PARTITION BY who ORDER BY ts)),
numbered AS (
  SELECT *, sum(starts) OVER (PARTITION BY who ORDER BY ts ROWS UNBOUNDED PRECEDING) AS visit,
    timezone({literal(zone)}, ts) AS moment, true AS clock
  FROM cut),
lines AS (
  SELECT n.*{", t.theme" if themes else ""} FROM numbered n{theme}{kept})"""


def _refuse(log: Log, dated: bool) -> None:
    """NotInColumns for what such a statement does not say."""
    layouts = log.found.layouts
    kinds = {layout.format for layout in layouts}
    times, asked = log.found.times, log.options
    reasons = {
        "it is of a vendor's layout": any(layout.vendor for layout in layouts),
        "it is of several formats": len(kinds) > 1,
        f"it is {', '.join(sorted(kinds))}": not kinds <= set(READERS),
        "a record of it holds several": any(layout.each for layout in layouts),
        "it is not UTF-8": any(layout.encoding for layout in layouts),
        "its cells are parted in a way of their own": any(
            layout.delimiter not in ("", *DELIMITERS) for layout in layouts
        ),
        "it has no header": any(layout.headless for layout in layouts),
        "its times are spelled in a way of their own": bool(
            times.order or times.days or times.pattern or times.zone or times.short
        ),
        "its times stand in two columns": log.found.shape.moment is not None,
        "acts of it have a date alone": dated,
        "devices are joined to users": asked.stitch,
        "records without consent are left out": bool(asked.consent),
        "it is in an archive or a database": log.source is not None
        or any(not item.path.is_file() for item in log.inputs),
    }
    for reason, is_so in reasons.items():
        if is_so:
            raise NotInColumns(reason)


class _SqlColumns:
    """Where a log's fields stand, as SQL."""

    def __init__(self, log: Log) -> None:
        layout = log.found.layouts[0]
        self._json = layout.format in ("jsonl", "json")
        self._header = set(layout.header)
        self._paths = {_name(c.path): c.path for c in log.found.columns}
        files = ", ".join(literal(str(item.path)) for item in log.inputs)
        self.reader = READERS[layout.format].format(files=files, delimiter=literal(layout.delimiter or ","))

    def of(self, path: str) -> str:
        """The text at a dotted path."""
        if self._json:
            return f"json_extract_string(json, {literal('$' + ''.join(f'.{ident(part)}' for part in path.split('.')))})"
        outer, _, inner = path.partition(".")
        if path in self._header or outer not in self._header or not inner:
            return f"CAST({ident(path)} AS VARCHAR)"
        return f"json_extract_string({ident(outer)}, {literal(property_path(inner))})"

    def property(self, name: str) -> str:
        """The text of a property of an event."""
        if name not in self._paths:
            raise NotInColumns(f"no column is {name}")
        return f"nullif(trim({self.of(self._paths[name])}), '')"


def _name(path: str) -> str:
    """What a property at a path is called."""
    outer, _, inner = path.partition(".")
    return inner if outer in UNFOLDED and inner else path


def _act(log: Log, columns: _SqlColumns) -> str:
    if log.options.act:
        return literal(log.options.act.lower())
    return f"lower({_text(columns, log.found.mapping['action'])})"


def _text(columns: _SqlColumns, path: str | None) -> str:
    return f"nullif(trim({columns.of(path)}), '')" if path else "NULL"
