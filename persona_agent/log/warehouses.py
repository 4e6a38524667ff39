"""Rows of a database server as a log, through ADBC.

Takes a URL and a query; gives an `Input` in which a line is the number of a row. Promises: the query is run once, in a
transaction that may only read; rows come as Arrow batches into a private Parquet file that is gone with its `Source`, so that a
log larger than memory can be read and all of a run speaks of the same rows; a password is neither printed nor kept.
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import starmap, zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb

from ..addresses import is_loopback, secrets_of, with_password, without_password
from ..errors import InputError, UsageError
from ..folders import new_temporary_folder
from ..ids import record_hash
from ..store import open_database, write_parquet
from .inputs import Input

POSTGRESQL = ("postgresql", "postgres")  # tried against a server
UNTRIED = ("bigquery", "databricks", "mssql", "mysql", "redshift", "snowflake", "trino")
SCHEMES = (*POSTGRESQL, *UNTRIED)
ROWS = "rows"
# As text a number would be no amount, and an address of a machine in binary would not be known for one.
CASTS = {"numeric": "::float8", "money": "::numeric::float8"}
HINT = 'Say which rows are events: --query "SELECT … FROM … ORDER BY …".'


@dataclass(eq=False)
class Source:
    """A database that rows were fetched from: its scheme, its host, what it was asked, and the file with the rows, gone when this
    is.
    """

    kind: str
    host: str
    query: str
    item: Input

    def __post_init__(self) -> None:
        self._gone = weakref.finalize(self, shutil.rmtree, self.item.path.parent, ignore_errors=True)

    def sent(self) -> dict[str, Any]:
        """What left this machine, as calls to models are listed."""
        asked = self.query.encode()
        told = {"host": self.host, "server": self.host, "model": "", "stage": "read", "subject": self.item.name}
        return {**told, "bytes": len(asked), "masked": 0, "sha256": record_hash(asked)}


def is_address(text: str) -> bool:
    """Whether a log is named by the URL of a database."""
    scheme, found, _ = text.partition("://")
    return bool(found) and scheme.lower() in SCHEMES


def fetch(logs: Sequence[str], query: str | None, *, here: bool) -> Source:
    """The rows of the query; InputError where it cannot be run, UsageError where more is named, or the server is not `here`
    although it has to be.
    """
    if len(logs) != 1:
        raise UsageError("A database is a log alone.", hint="Join tables in --query, or run twice.")
    url = logs[0]
    shown = without_password(url)
    if not query:
        raise UsageError(f"{shown} does not say what its events are.", hint=HINT)
    scheme = url.partition("://")[0].lower()
    kind = POSTGRESQL[0] if scheme in POSTGRESQL else scheme
    servers = servers_of(url) if kind == POSTGRESQL[0] else [(urlsplit(shown).hostname or kind, "")]
    host = ", ".join(starmap(_shown, servers))
    if here and (kind != POSTGRESQL[0] or not all(_is_here(name) for name, _ in servers)):
        raise UsageError(
            f"--local: {host} is another machine.", hint="Export the rows to a file, or leave --local out."
        )
    folder = new_temporary_folder("rows")
    name = unquote(urlsplit(shown).path.strip("/").replace("/", ".")) or scheme
    source = Source(kind, host, query, Input(folder / f"{ROWS}.parquet", name))
    with _errors_without(url, shown), closing(_connected(source.kind, url)) as connection:
        with closing(connection.cursor()) as cursor:
            _write(cursor, _typed(cursor, query) if source.kind == "postgresql" else query, source.item.path)
        connection.rollback()
    return source


def servers_of(url: str) -> list[tuple[str, str]]:
    """The machines and ports that the URL leads to, in the order in which they are tried, as libpq finds them: an address wins
    over a name, a parameter over what stands before the path, and the environment says what neither does. A folder is a socket
    of this machine. UsageError where a service file decides, which may name any machine.
    """
    where = without_password(url).partition("://")[2].rpartition("@")[2]
    bare, _, query = where.partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if asked.get("service") or os.environ.get("PGSERVICE"):
        raise UsageError(
            "A service decides which server is asked (PGSERVICE, or service= in the address).",
            hint="Name the host in the address, without a service.",
        )
    before = [_name_and_port(part) for part in bare.partition("/")[0].split(",")]
    given = {"host": ",".join(n for n, _ in before), "port": ",".join(p for _, p in before)}

    def found(name: str, variable: str) -> list[str]:
        value = asked.get(name, given.get(name, ""))
        return (value if value.strip(",") else os.environ.get(variable, "")).split(",")

    names = found("hostaddr", "PGHOSTADDR")
    names = names if any(names) else found("host", "PGHOST")
    ports = found("port", "PGPORT")
    ports = ports * len(names) if len(ports) == 1 else ports
    return [(unquote(n) or "localhost", p) for n, p in zip_longest(names, ports[: len(names)], fillvalue="")]


def _name_and_port(text: str) -> tuple[str, str]:
    """Of one server before the path; an address of six parts stands in brackets."""
    if text.startswith("["):
        name, _, port = text[1:].partition("]")
        return name, port.removeprefix(":")
    name, _, port = text.partition(":")
    return name, port


def _shown(name: str, port: str) -> str:
    name = f"[{name}]" if ":" in name and port else name
    return f"{name}:{port}" if port else name


def _is_here(name: str) -> bool:
    return name.startswith(("/", "@")) or is_loopback(name)


def _connected(kind: str, url: str) -> Any:
    """A connection in which nothing can be changed; UsageError where the driver is not installed."""
    try:
        from adbc_driver_manager import dbapi

        if kind != "postgresql":
            return dbapi.connect(driver=kind, uri=url, conn_kwargs={"adbc.connection.readonly": "true"})
        from adbc_driver_postgresql import dbapi as postgresql
    except ImportError:
        raise UsageError(
            f"Reading from {kind} needs a driver that is not installed.",
            hint="Install it: pip install 'persona-agent[warehouse]'.",
        ) from None
    connection = postgresql.connect(with_password(url))
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
    except BaseException:
        connection.close()
        raise
    return connection


def _typed(cursor: Any, query: str) -> str:
    """The query, with columns of types that Arrow has no name for cast to numbers or text."""
    asked = query.strip().rstrip(";")
    kinds = {f.name: f.metadata or {} for f in cursor.adbc_execute_schema(asked)}
    casts = {name: _cast(metadata) for name, metadata in kinds.items()}
    if not any(casts.values()):
        return asked
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in casts}
    picks = ", ".join(
        f"{quoted[name]}{cast} AS {quoted[name]}" if cast else quoted[name] for name, cast in casts.items()
    )
    return f"SELECT {picks} FROM (\n{asked}\n) AS asked"


def _cast(metadata: dict[bytes, bytes]) -> str:
    kind = metadata.get(b"POSTGRESQL:type", b"").decode()
    return CASTS.get(kind, "::text" if b"ADBC:postgresql:typname" in metadata else "")


def _write(cursor: Any, query: str, path: Path) -> None:
    cursor.execute(query)
    rows = cursor.fetch_record_batch()
    # One thread writes: how rows are cut into groups would depend on which of several is first.
    with open_database(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register(ROWS, rows)
        write_parquet(connection, path, f"FROM {ROWS}")


@contextmanager
def _errors_without(url: str, shown: str) -> Iterator[None]:
    """What goes wrong with a server is an InputError that holds no password."""
    try:
        yield
    except (UsageError, InputError):
        raise
    except Exception as error:
        if not isinstance(error, duckdb.Error) and not type(error).__module__.startswith("adbc_driver_manager"):
            raise
        reason = (str(error).splitlines() or [""])[0].rstrip(". ")
        for secret in secrets_of(url):
            reason = reason.replace(secret, "…")
        raise InputError(
            f"{shown}: {reason}.",
            hint="See --query. A password is taken from the address, PGPASSWORD or ~/.pgpass; a run does not keep it.",
        ) from None
