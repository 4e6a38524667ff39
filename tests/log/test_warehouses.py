"""Logs from a database server: PostgreSQL, a real one, started for the module on this machine."""

from __future__ import annotations

import glob
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent import commands
from persona_agent.addresses import secrets_of, with_password, without_password
from persona_agent.errors import InputError, UsageError
from persona_agent.folders import PREFIX
from persona_agent.log.reading import find_log, read_log
from persona_agent.log.warehouses import servers_of
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

from ..conftest import SMALL_OPTIONS

SECRET = "s3/cr:t@ä"
QUERY = "SELECT who AS user, at AS timestamp, action, object, portions, spent, error FROM events ORDER BY seq"
TABLE = """CREATE TABLE events (
  who text, at timestamptz, action text, object text, portions int, spent numeric(10, 2), error text, seq serial)"""


@dataclass(frozen=True)
class Server:
    """A server with the user `log`, whose password is SECRET."""

    port: int

    @property
    def url(self) -> str:
        return f"postgresql://log:{quote(SECRET, safe='')}@127.0.0.1:{self.port}/postgres"

    @property
    def bare(self) -> str:
        return f"postgresql://log@127.0.0.1:{self.port}/postgres"

    def execute(self, *statements: str, rows: list[dict[str, Any]] | None = None) -> None:
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(with_password(self.url)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            if rows is not None:
                import pyarrow as pa

                cursor.adbc_ingest("staged", pa.Table.from_pylist(rows), mode="replace")
            connection.commit()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """PostgreSQL on a free port of this machine; skips where it or the driver is not installed."""
    pytest.importorskip("adbc_driver_postgresql", reason="adbc-driver-postgresql is not installed")
    places = [*sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True), *os.environ["PATH"].split(os.pathsep)]  # noqa: PTH207
    where = next((place for place in places if Path(place, "initdb").is_file()), None)
    if where is None:
        pytest.skip("PostgreSQL is not installed: there is no initdb")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the path of a socket has a limit
    # It refuses to run as root.
    who: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, "postgres")
    password = folder / "password"
    password.write_text(SECRET + "\n", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def tool(name: str, *args: str) -> None:
        command = [str(Path(where, name)), "-D", str(folder / "data"), *args]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=120, **who)

    tool("initdb", "-U", "log", "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8", "--no-sync")
    tool("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-p {port} -k {folder} -h 127.0.0.1 -c fsync=off", "start")
    try:
        yield Server(port)
    finally:
        tool("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def filled(server: Server, tiny_log: Path) -> Server:
    """The server with the good lines of the tiny log in the table `events`."""
    rows = []
    for line in tiny_log.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    names = ("user", "timestamp", "action", "object", "portions", "spent", "error")
    kept = [
        {n: None if r.get(n) is None else str(r[n]) for n in names}
        for r in rows
        if isinstance(r, dict) and all(type(r.get(n)) is str for n in names[:3]) and r["timestamp"].startswith("20")
    ]
    server.execute(rows=kept)
    server.execute(
        TABLE,
        'INSERT INTO events (who, at, action, object, portions, spent, error) SELECT "user", "timestamp"::timestamptz, action, '
        "object, portions::numeric::int, spent::numeric, error FROM staged",
    )
    return server


def events_of(options: Options, out: Path) -> list[tuple[Any, ...]]:
    """What reading makes of a log, without what hangs on the key or the name of the log."""
    read_log(find_log(options), options, Store.create(out), Silent())
    rows = duckdb.sql(
        f"SELECT line, hash, ts, action, object, text, properties FROM '{out}/events.parquet' ORDER BY line"
    )
    return rows.fetchall()


def test_rows_are_read_as_from_the_same_parquet_file(filled: Server, tmp_path: Path) -> None:
    """Each row is the same event, line for line and hash for hash, as in a Parquet file with these columns."""
    asked = Options(inputs=(filled.url,), query=QUERY, workers=1)
    log = find_log(asked)
    assert log.source is not None
    file = shutil.copyfile(log.source.item.path, tmp_path / "rows.parquet")
    here = events_of(asked, tmp_path / "a")
    assert here == events_of(Options(inputs=(str(file),), workers=1), tmp_path / "b")
    assert len(here) > 500
    spent = [json.loads(row[-1]).get("spent") for row in here]
    assert any(type(value) is float for value in spent)  # numeric is a number, not a text


def test_every_common_type_is_a_value(server: Server, tmp_path: Path) -> None:
    """Numbers are numbers, JSON is taken apart, an address of a machine is masked, times are told in UTC."""
    query = """SELECT 'u' || i AS user_id, timestamptz '2025-01-01 12:00+02' + i * interval '1 hour' AS timestamp,
      'act' AS action,
      2.5::numeric AS price, '12.50'::money AS cost, '{"a": {"b": 7}}'::jsonb AS extra, '10.1.2.3'::inet AS address,
      ARRAY[1, 2] AS list, true AS flag, NULL::text AS nothing FROM generate_series(1, 3) AS i ORDER BY i -- by number;"""
    options = Options(inputs=(server.url,), query=query, workers=1)
    rows = events_of(options, tmp_path / "out")
    assert str(rows[0][2]) == "2025-01-01 11:00:00"
    held = json.loads(rows[0][-1])
    assert {name: held.get(name) for name in ("price", "cost", "extra.a.b", "flag", "nothing")} == {
        "price": 2.5,
        "cost": 12.5,
        "extra.a.b": 7,
        "flag": True,
        "nothing": None,
    }
    assert "10.1.2.3" not in rows[0][-1]
    assert held["address"] == "[address]"


def test_nothing_is_changed(filled: Server) -> None:
    """A query that would delete, create or count on is refused, and every row is still there."""
    before = len(events_of(Options(inputs=(filled.url,), query=QUERY, workers=1), Path(tempfile.mkdtemp())))
    for query in (
        "WITH gone AS (DELETE FROM events RETURNING *) SELECT * FROM gone",
        "SELECT nextval('events_seq_seq')",
        "SELECT 1; DELETE FROM events",
        "SELECT set_config('transaction_read_only', 'off', false)",
    ):
        with pytest.raises(InputError):
            find_log(Options(inputs=(filled.url,), query=query))
    after = len(events_of(Options(inputs=(filled.url,), query=QUERY, workers=1), Path(tempfile.mkdtemp())))
    assert after == before


def test_no_error_holds_a_password(server: Server) -> None:
    """A wrong password, one that was not encoded, a host that is none, a query that is none."""
    asked = {"query": "SELECT 1 AS a FROM nowhere"}
    for url in (
        server.url,
        f"postgresql://log:hidden1@127.0.0.1:{server.port}/postgres",
        f"postgresql://log:hid@den1@127.0.0.1:{server.port}/postgres",
        f"postgresql://log:hid%zzden1@127.0.0.1:{server.port}/postgres",
        f"postgresql://log:hid/den1@127.0.0.1:{server.port}/postgres",
        "postgresql://log@127.0.0.1:1/postgres?password=hidden1",
        "snowflake://log:hidden1@account/db",
    ):
        with pytest.raises((InputError, UsageError)) as caught:
            find_log(Options(inputs=(url,), **asked))
        told = f"{caught.value} {caught.value.hint}"
        assert not any(secret in told for secret in (SECRET, quote(SECRET, safe=""), "hidden1", "den1", "hid%zz"))


def test_a_password_may_hold_any_sign_but_one_that_ends_it(server: Server) -> None:
    """`@` and `:` and `%` in it need no encoding."""
    half = SECRET.replace("/", "%2F")
    log = find_log(Options(inputs=(f"postgresql://log:{half}@127.0.0.1:{server.port}/postgres",), query=ONE_ROW))
    assert log.source is not None
    assert log.source.host == f"127.0.0.1:{server.port}"


ONE_ROW = "SELECT 'u' AS user_id, now() AS timestamp, 'act' AS action"


def test_the_rows_are_gone_with_the_log(server: Server) -> None:
    """Nothing of them stays in the folder for temporary files."""
    log = find_log(Options(inputs=(server.url,), query=ONE_ROW))
    assert log.source is not None
    folder = log.source.item.path.parent
    assert folder.name.startswith(PREFIX)
    assert folder.stat().st_mode & 0o077 == 0
    del log
    assert not folder.exists()


def test_a_run_keeps_no_password_and_is_checked_against_the_server(
    filled: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file of a run holds it; `check` asks again, and finds a row that has changed; `egress` lists the host."""
    out = tmp_path / "out"
    made = commands.run(Options(inputs=(filled.url,), query=QUERY, out=out, **SMALL_OPTIONS), Silent())
    assert made.personas.everyone
    for path in out.iterdir():
        assert SECRET.encode() not in path.read_bytes()
        assert quote(SECRET, safe="").encode() not in path.read_bytes()
    assert json.loads((out / "run.json").read_text())["paths"] == [filled.bare]
    sent = commands.egress(out).calls
    assert [(call["host"], call["bytes"]) for call in sent] == [(f"127.0.0.1:{filled.port}", len(QUERY))]
    assert f"127.0.0.1:{filled.port}" in commands.egress(out).text()
    with pytest.raises(InputError, match=r"postgresql://log@127\.0\.0\.1"):
        commands.check(out, None, [], Silent(), 1)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    checked = commands.check(out, None, [], Silent(), 1)
    assert checked.checked > 5
    assert (checked.failures, checked.warnings) == ([], [])
    cited = next(c for claim in made.personas.everyone.claims for c in claim.citations)
    filled.execute(f"UPDATE events SET object = 'another thing' WHERE seq = {cited.line}")
    again = commands.check(out, None, [], Silent(), 1)
    assert any(f"{cited.line}" in failure["problem"] for failure in again.failures)
    assert again.warnings == ["postgres has changed since the run"]


def test_a_database_is_asked_for_what_it_needs() -> None:
    """A query, one address alone, and with --local a server on this machine."""
    with pytest.raises(UsageError, match="what its events are"):
        find_log(Options(inputs=("postgresql://log@localhost/db",)))
    with pytest.raises(UsageError, match="alone"):
        find_log(Options(inputs=("postgresql://log@localhost/db", "events.csv"), query=ONE_ROW))
    with pytest.raises(UsageError, match="another machine"):
        find_log(Options(inputs=("postgresql://log@db.example:5432/db",), query=ONE_ROW, local=True))


ELSEWHERE = "203.0.113.9"


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        (f"postgresql://log@localhost/db?host={ELSEWHERE}", {}),
        (f"postgresql://log@127.0.0.1:1/db?hostaddr={ELSEWHERE}", {}),
        (f"postgresql://log@127.0.0.1:1,{ELSEWHERE}:5432/db", {}),
        (f"postgresql://log@/db?host=localhost,{ELSEWHERE}", {}),
        ("postgresql://log@localhost/db", {"PGHOSTADDR": ELSEWHERE}),
        ("postgresql:///db", {"PGHOST": ELSEWHERE}),
        ("postgresql://log@localhost/db", {"PGSERVICE": "theirs"}),
        ("postgresql://log@localhost/db?service=theirs", {}),
        ("snowflake://log@localhost/db", {}),
    ],
)
def test_local_means_the_server_that_is_reached(
    url: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the driver would be led by a parameter, a list, the environment or a service file, --local refuses before it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"another machine|A service decides|{ELSEWHERE}"):
        find_log(Options(inputs=(url,), query=ONE_ROW, local=True))


@pytest.mark.parametrize(
    ("url", "environment", "servers"),
    [
        ("postgresql://log@db.example:7/db", {}, [("db.example", "7")]),
        ("postgresql://log@[::1]:7/db", {}, [("::1", "7")]),
        ("postgresql://%2Fvar%2Frun/db", {"PGPORT": "8"}, [("/var/run", "8")]),
        ("postgresql:///db", {}, [("localhost", "")]),
        ("postgresql://a:1,b:2/db?hostaddr=192.0.2.1,192.0.2.2", {}, [("192.0.2.1", "1"), ("192.0.2.2", "2")]),
        ("postgresql://a/db?host=b&port=3", {"PGHOST": "c"}, [("b", "3")]),
    ],
)
def test_the_servers_of_an_address(
    url: str, environment: dict[str, str], servers: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As libpq finds them: what is listed by `egress` is what was asked."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert servers_of(url) == servers


SIGNS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/?#"), min_size=6)


@given(user=st.from_regex(r"[a-z]{1,5}", fullmatch=True), secret=SIGNS)
def test_a_password_is_taken_off_whatever_it_holds(user: str, secret: str) -> None:
    """What is printed is the address without it; it is among what errors must not hold."""
    url = f"postgresql://{user}:{secret}@host:5432/db"
    assert without_password(url) == f"postgresql://{user}@host:5432/db"
    assert secret in secrets_of(url)
    assert with_password(url).count("@") == 1
