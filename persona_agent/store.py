"""The run directory: who may read it, what is in it, and events as columns.

In: redacted batches; out: Parquet and JSON files that name no raw user. Promises: the directory is private, files appear
whole or not at all, nothing in it is a link, `events.parquet` is sorted by raw user id, time, file, line and n (so its order
carries no secret and is the same in every run), and nothing raw is ever written.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import BadZipFile

import duckdb
import numpy as np
from numpy.typing import NDArray

from .errors import StoreError
from .folders import SPILL, create_private, make_private, read_own, refuse_links, refuse_strange_link, sweep, sweep_run

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
GIGABYTE = 1e9  # bytes, as disks are sold and `--max-disk` is counted
KEY, KEY_AT = ".key", ".key-at"  # the key, or a path to it
OPTED_OUT = ".opted_out"  # the keyed hashes of who did
FORGOTTEN = ".forgotten"  # the keyed hashes of who was taken out
LOCK = ".lock"
FEWEST_KEY_BYTES = 16  # what cannot be guessed: 128 bits
IGNORED = ".gitignore"  # a run holds personal data: whoever commits its folder by mistake commits nothing
DAMAGED = re.compile(r"[Ff]ile '([^']+\.parquet)'")  # as the database names a table that it cannot read
MEMORY_LIMIT = "1GB"  # for the main process's database; beyond it, it spills to the folder of the run


class Store:
    """One run directory."""

    def __init__(self, out: Path, max_disk: float | None = None) -> None:
        """`max_disk`: gigabytes that temporary files may take, None for what is free."""
        self.out = out
        self._most = None if max_disk is None else int(max_disk * GIGABYTE)

    @classmethod
    def create(cls, out: Path, max_disk: float | None = None) -> Store:
        """The directory `out`, made private whatever it was, and kept out of what is committed; StoreError if it cannot be."""
        try:
            make_private(out)
            refuse_links(out)
            if not (out / IGNORED).exists():
                (out / IGNORED).write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise StoreError(
                f"Cannot make the folder {str(out)!r}: {error.strerror}.", hint="Name another with -o."
            ) from None
        return cls(out, max_disk)

    @classmethod
    def open(cls, out: Path) -> Store:
        """An existing run directory; StoreError if `out` holds no run."""
        refuse_strange_link(out)
        if not (out / "run.json").is_file():
            raise StoreError(
                f"{str(out)!r} holds no run: it has no run.json.", hint="Make one with `persona-agent run`."
            )
        refuse_links(out)
        return cls(out)

    def path(self, name: str) -> Path:
        return self.out / name

    def key(self) -> bytes:
        """The secret key of this run, made once, readable by its owner alone; StoreError where it lies elsewhere and is
        gone.
        """
        path = self.key_path
        if not path.exists():
            if path != self.path(KEY):
                raise StoreError(f"The key of this run is not at {str(path)!r}.", hint="Put it there again.")
            create_private(path, secrets.token_bytes(32))
        elif path != self.path(KEY):
            check_key(path)  # a file of the folder says where it is
        return read_own(path)

    @property
    def key_path(self) -> Path:
        """Where the key lies: in the folder, unless `keep_key_at` put it elsewhere."""
        told = self.path(KEY_AT)
        return Path(told.read_text(encoding="utf-8")) if told.is_file() else self.path(KEY)

    def keep_key_at(self, path: Path) -> None:
        """The key lies at `path`, outside of the folder, from now on; a key that the folder holds is moved there."""
        path = path.expanduser().resolve()
        if path.is_relative_to(self.out.resolve()):
            raise StoreError(f"--key {str(path)!r} lies in the folder of the run.", hint="Name a file elsewhere.")
        mine = self.path(KEY)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            create_private(path, read_own(mine) if mine.is_file() else secrets.token_bytes(32))
        check_key(path)
        if mine.is_file() and read_own(mine) != read_own(path):
            raise StoreError(
                f"The run in {str(self.out)!r} was made with another key than {str(path)!r}.",
                hint="Name another folder with -o.",
            )
        self.write_text(KEY_AT, str(path))
        mine.unlink(missing_ok=True)

    def take_key_of(self, other: Store) -> None:
        """Users get the hashes that they have in another run; for a folder that is thrown away. No key is made for the
        other: one that was deleted stays so.
        """
        if other.key_path.exists() or other.key_path != other.path(KEY):
            create_private(self.path(KEY), other.key())

    def write_text(self, name: str, text: str) -> Path:
        return self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, content: bytes) -> Path:
        """Whole or not at all."""
        path, tmp = self.path(name), self.path(f".{name}.tmp")
        try:
            tmp.unlink(missing_ok=True)
            create_private(tmp, content)
            tmp.replace(path)
        except OSError as error:
            raise StoreError(
                f"Cannot write {str(path)!r}: {error.strerror}.", hint="Free some space or name another folder."
            ) from None
        return path

    def write_json(self, name: str, value: Any) -> Path:
        return self.write_text(name, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n")

    def read_json(self, name: str) -> Any:
        path = self.path(name)
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise StoreError(f"{str(path)!r} is missing.", hint="Run again with --fresh.") from None
        except ValueError as error:
            raise StoreError(f"{str(path)!r} is damaged: {error}.", hint="Run again with --fresh.") from None

    def write_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> Path:
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return self.write_bytes(name, buffer.getvalue())

    def read_arrays(self, name: str) -> dict[str, NDArray[Any]]:
        path = self.path(name)
        try:
            with path.open("rb") as file, np.load(file) as arrays:
                return dict(arrays)
        except FileNotFoundError:
            raise StoreError(f"{str(path)!r} is missing.", hint="Run again with --fresh.") from None
        except (ValueError, EOFError, BadZipFile) as error:
            raise StoreError(f"{str(path)!r} is damaged: {error}.", hint="Run again with --fresh.") from None

    @contextmanager
    def alone(self) -> Iterator[Store]:
        """Nobody else works in the directory for the time of the block; StoreError if somebody does, or if the disk fails."""
        with self._whole():
            make_private(self.out)
            with self._locked():
                sweep_run(self.out)
                sweep(Path(tempfile.gettempdir()))
                yield self

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """An empty database that is locked: on every system, and set free when its process dies."""
        self.path(LOCK).touch(mode=0o600)
        with closing(sqlite3.connect(self.path(LOCK), timeout=0, isolation_level=None)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise StoreError(f"The folder {str(self.out)!r} cannot be locked: {error}.") from None
                raise StoreError(
                    f"Another run is at work in {str(self.out)!r}.", hint="Wait for it, or name another folder with -o."
                ) from None
            yield

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """What the disk refuses, and what it gives back damaged, in a sentence."""
        try:
            yield
        except OSError as error:
            if error.errno not in DISK:
                raise
            raise StoreError(
                f"The folder {str(self.out)!r} cannot be written: {error.strerror}.",
                hint="Free some space, or name another with -o.",
            ) from error
        except duckdb.IOException as error:
            raise StoreError(
                f"The folder {str(self.out)!r} cannot be used: {_first_line(error)}",
                hint="Free some space, or name another with -o.",
            ) from error
        except duckdb.OutOfMemoryException as error:
            if "max_temp_directory_size" not in str(error):
                raise
            raise StoreError("Temporary files take more than --max-disk allows.", hint="Allow more.") from error
        except duckdb.InvalidInputException as error:
            if ".parquet" not in str(error):
                raise
            raise StoreError(
                f"A file of the run is damaged: {_first_line(error)}", hint="Run again with --fresh."
            ) from error

    @contextmanager
    def empty_folder(self, name: str) -> Iterator[Path]:
        """A folder of the run directory that is empty at first and gone afterwards."""
        path = self.path(name)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def connect(self, *, memory: str = MEMORY_LIMIT, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database in memory that spills into the run directory."""
        spill = self.path(f"{SPILL}{os.getpid()}-{uuid4().hex[:8]}")
        config: dict[str, Any] = {"memory_limit": memory, "threads": threads or os.cpu_count() or 1}
        if self._most is not None:  # as an option of `connect` it is taken and not kept to
            config["max_temp_directory_size"] = f"{self._most}B"
        with lent(config, spill) as connection:
            try:
                yield connection
            except duckdb.Error as error:
                if (named := DAMAGED.search(str(error))) is None or not self.path(Path(named[1]).name).is_file():
                    raise
                name = Path(named[1]).name
                raise StoreError(
                    f"{name!r} in {str(self.out)!r} is damaged: it is not as the run left it.",
                    hint="Start the run with --fresh.",
                ) from error

    def check_disk(self) -> None:
        """StoreError where the temporary files of a run take more than they may."""
        if self._most is None:
            return
        hidden = (path for path in self.out.iterdir() if path.name.startswith(".") and path.is_dir())
        taken = sum(file.stat().st_size for path in hidden for file in path.rglob("*") if file.is_file())
        if taken > self._most:
            raise StoreError("Temporary files take more than --max-disk allows.", hint="Allow more.")

    def write_parquet(
        self, connection: duckdb.DuckDBPyConnection, name: str, query: str, values: Mapping[str, Any] | None = None
    ) -> Path:
        return write_parquet(connection, self.path(name), query, values)


def open_database(
    path: str = ":memory:", *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that prints nothing: in a notebook and in a worker process it would show a bar of its own."""
    return _silent(duckdb.connect(path, read_only=read_only, config=dict(config or {})))


def _silent(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    with suppress(duckdb.InvalidInputException):  # raised in a notebook where no bar can be drawn: then there is none
        connection.execute("SET enable_progress_bar = false")
    return connection


# Databases that nobody uses, by process and options: to open another takes as long as ten questions to a small log.
_idle: dict[tuple[Any, ...], duckdb.DuckDBPyConnection] = {}


@contextmanager
def lent(config: Mapping[str, Any], spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an empty database, `work`, that spills into a folder. What ends well and spilled nothing is used again."""
    key, again = (os.getpid(), *config.items()), False
    database = _idle.pop(key, None) or open_database()
    for name, value in {"temp_directory": spill, **config}.items():
        database.execute(f"SET {name} = {sql_literal(value)}")
    connection = _silent(database.cursor())
    try:
        # Plain tables are kept compressed, temporary ones are not.
        connection.execute("ATTACH ':memory:' AS work (COMPRESS); USE work")
        yield connection
        connection.close()
        if not spill.is_dir():  # who spilled into a folder takes no other
            with suppress(duckdb.Error):  # a result of it is still held
                database.execute("DETACH work")
                again = _idle.setdefault(key, database) is database
    finally:
        if not again:
            connection.close()
            database.close()
        shutil.rmtree(spill, ignore_errors=True)


def write_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, query: str, values: Mapping[str, Any] | None = None
) -> Path:
    """The rows of a query with its bound values as a file, whole or not at all."""
    tmp = path.with_name(f".{path.name}.tmp")
    tmp.unlink(missing_ok=True)
    create_private(tmp, b"")
    connection.execute(f"COPY ({query}) TO {sql_literal(tmp)} (FORMAT parquet, COMPRESSION zstd)", values or {})
    tmp.chmod(0o600)
    tmp.replace(path)
    return path


def check_key(path: Path) -> None:
    """StoreError where a file is no key, or is not its owner's alone."""
    if path.is_symlink() or not path.is_file():
        raise StoreError(f"{str(path)!r} is no file, and no key.", hint="Name a new file.")
    if os.name != "nt" and path.stat().st_mode & 0o077:
        raise StoreError(f"Others may read the key {str(path)!r}.", hint=f"chmod 600 {path}")
    if len(read_own(path)) < FEWEST_KEY_BYTES:
        raise StoreError(
            f"{str(path)!r} holds fewer than {FEWEST_KEY_BYTES} bytes, too few for a key.", hint="Name a new file."
        )


def forgotten(store: Store) -> list[str]:
    """The keyed hashes of users that are to stay out of this directory (those of ids without case begin with another sign)."""
    return [h for h in store.read_json(FORGOTTEN) if h[:1] == "u"] if store.path(FORGOTTEN).is_file() else []


def _first_line(error: Exception) -> str:
    told = str(error).splitlines()[0].rstrip(".") + "."
    full = os.strerror(errno.ENOSPC)
    return f"{full}." if full in told else told


def sql_literal(path: Path | str | int) -> str:
    return "'" + str(path).replace("'", "''") + "'"
