"""The files that a person named, and their bytes.

Takes paths, folders and globs; gives `Input`s in one total order, members of archives too, and opens them, decompressed.
Promises: the same files give the same names wherever they lie, what is compressed is told by its first bytes rather than its
name, and whatever cannot be found or opened is an `InputError` that names it.
"""

from __future__ import annotations

import bz2
import glob
import gzip
import hashlib
import importlib
import lzma
import os
import shutil
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..errors import InputError
from ..folders import MARKS, holds_run, temporary_folder
from ..redaction import mask_key
from .archives import ZIP, Bounded, is_zip, logs_in, member_size, open_member, suffix_of
from .encodings import decoded

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
LOG_SUFFIXES = (
    ".jsonl",
    ".ndjson",
    ".json",
    ".csv",
    ".tsv",
    ".xes",
    ".parquet",
    ".duckdb",
    ".sqlite",
    ".sqlite3",
    ".db",
)

# In the standard library from Python 3.14 on.
ZSTD: Any = importlib.import_module("compression.zstd") if find_spec("compression") else None

MAGIC = GZIP, BZIP2, XZ, ZSTANDARD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"

DAMAGE = (EOFError, zlib.error, lzma.LZMAError, OSError)


@dataclass(frozen=True, slots=True)
class Input:
    """A log file; `name` is its path relative to the inputs' common parent, with forward slashes, masked like any text; `member`
    is its name in the ZIP archive at `path`. A slice of it is its bytes from `start` to before `stop`, and begins with line
    number `line`; only plain files are sliced.
    """

    path: Path
    name: str
    member: str = ""
    start: int = 0
    stop: int | None = None
    line: int = 1


def resolve_inputs(patterns: Iterable[str | Path]) -> list[Input]:
    """The files meant by paths, folders (their log files, at any depth) and globs, once each, sorted by name."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        for path in _expand(str(pattern)):
            # A link keeps its own name, which `Path.resolve` would not let it.
            found.setdefault(Path(os.path.abspath(path)))  # noqa: PTH100
    if not found:
        raise InputError("No log file was named.", hint="Name at least one file, folder or glob.")
    parent = os.path.commonpath([path.parent for path in found])
    return _named(sorted(named for path in found for named in _within(path, path.relative_to(parent).as_posix())))


def _within(path: Path, name: str) -> list[tuple[str, Path, str]]:
    """The file, or the logs in it if it is an archive, by their names."""
    if not is_zip(path):
        return [(name, path, "")]
    return [(f"{name}/{member}", path, member) for member in logs_in(path, name, LOG_SUFFIXES, COMPRESSED)]


def _named(files: Iterable[tuple[str, Path, str]]) -> list[Input]:
    """The files under names without identifiers, which stand on pages; those that would have one name are numbered."""
    seen = Counter[str]()
    named = []
    for name, path, member in files:
        masked = mask_key(name)
        seen[masked] += 1
        named.append(Input(path, masked if seen[masked] == 1 else f"{masked} {seen[masked]}", member))
    return named


def file_sha256(item: Input) -> str:
    """Hex sha256 of the file as it lies on the disk, compressed or not."""
    with read_error(item):
        return _sha256(item.path, file_stamp(item))


@lru_cache(maxsize=8)
def _sha256(path: Path, _: tuple[int, int]) -> str:
    """Of a file with this stamp, once for all members of an archive."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_stamp(item: Input) -> tuple[int, int]:
    """Size and time of the last change, in bytes and nanoseconds."""
    with read_error(item):
        found = item.path.stat()
    return found.st_size, found.st_mtime_ns


@contextmanager
def read_error(item: Input) -> Iterator[None]:
    """What goes wrong with the file inside the block is an InputError that names it."""
    try:
        yield
    except DAMAGE as error:
        raise _cannot_open(item, error) from error


@contextmanager
def open_bytes(item: Input, encoding: str = "") -> Iterator[BinaryIO]:
    """The file's decompressed bytes, as UTF-8 if they are in another encoding. Damage met on the way, also while reading inside
    the block, is an InputError.
    """
    with read_error(item), _packed(item) as stream:
        yield decoded(stream, encoding) if encoding else stream


@contextmanager
def on_disk(item: Input) -> Iterator[Path]:
    """A path at which the file lies unpacked: its own, else that of a copy for as long as the block."""
    if not item.member and not is_compressed(item):
        yield item.path
        return
    with temporary_folder() as folder:
        copy = folder / "log"
        with open_bytes(item) as stream, copy.open("wb") as file:
            shutil.copyfileobj(stream, file)
        yield copy


def packed_size(item: Input) -> int:
    """Bytes of the file on the disk, or of a member within its archive."""
    with read_error(item):
        return member_size(item.path, item.name, item.member) if item.member else item.path.stat().st_size


@contextmanager
def _packed(item: Input) -> Iterator[BinaryIO]:
    """The bytes of a file, a slice of it, or a member of an archive, decompressed."""
    if item.member:
        with open_member(item.path, item.name, item.member) as peeked:
            start = peeked.read(6)
        if start.startswith(ZIP):
            raise InputError(f"{item.name} is an archive within an archive.", hint="Unpack the outer one.")
        with open_member(item.path, item.name, item.member) as plain:
            yield cast(BinaryIO, Bounded(_decompressed(item, plain, start), item.name, packed_size(item)))
        return
    with item.path.open("rb") as plain:
        start = plain.read(6)
        plain.seek(item.start)
        if item.stop is not None:
            yield cast(BinaryIO, _Slice(plain, item.stop - item.start))
            return
        with _decompressed(item, plain, start) as stream:
            yield cast(BinaryIO, Bounded(stream, item.name, packed_size(item))) if stream is not plain else stream


class _Slice:
    """The next `left` bytes of a stream, for reading alone."""

    def __init__(self, stream: BinaryIO, left: int) -> None:
        self._stream, self._left = stream, left

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece


def is_compressed(item: Input) -> bool:
    """Whether the file must be unpacked to be read: it is in an archive, or its first bytes say so."""
    if item.member:
        return True
    with read_error(item), item.path.open("rb") as plain:
        return plain.read(6).startswith(MAGIC)


def bare_suffix(item: Input) -> str:
    """The suffix that tells the format: `.csv` for `a.CSV.gz`."""
    return suffix_of(item.member or item.path.name, COMPRESSED)


def _expand(pattern: str) -> list[Path]:
    pattern = str(Path(pattern).expanduser())
    found = [pattern] if Path(pattern).exists() else glob.glob(pattern, recursive=True)  # noqa: PTH207 - may be absolute
    matches = [Path(match) for match in found if match == pattern or not holds_run(Path(match).parent)]
    files = [file for match in matches for file in (_log_files(match) if match.is_dir() else [match])]
    if not matches:
        raise InputError(
            f"There is no file {pattern!r}.", hint="Check the path; quote a glob so that it arrives whole."
        )
    if not files:
        raise InputError(
            f"The folder {pattern!r} holds no log file.", hint=f"Log files end in {', '.join(LOG_SUFFIXES)}."
        )
    return files


def _log_files(folder: Path) -> list[Path]:
    """The logs at any depth; what runs and recordings left there is none. InputError for a link that leads out of the folder: who
    filled it may not be who reads it.
    """
    if holds_run(folder):
        raise InputError(
            f"{str(folder)!r} is the folder of a run or a recording: it holds no log.", hint="Name the log."
        )
    made = {path.parent for name in MARKS for path in folder.rglob(name) if holds_run(path.parent)}
    files = (path for path in folder.rglob("*") if path.is_file() and made.isdisjoint(path.parents))
    visible = (path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    found = [path for path in visible if bare_suffix(Input(path, path.name)) in (*LOG_SUFFIXES, ".zip")]
    whole = folder.resolve()
    if led := next((path for path in found if not path.resolve().is_relative_to(whole)), None):
        raise InputError(
            f"{str(led)!r} is a link that leads out of the folder {str(folder)!r}.",
            hint="Name the files that are logs, or put a copy there.",
        )
    return found


def _decompressed(item: Input, plain: BinaryIO, start: bytes) -> BinaryIO:
    if start.startswith(GZIP):
        return cast(BinaryIO, gzip.GzipFile(fileobj=plain, mode="rb"))
    if start.startswith(BZIP2):
        return cast(BinaryIO, bz2.BZ2File(plain))
    if start.startswith(XZ):
        return cast(BinaryIO, lzma.LZMAFile(plain))
    if start.startswith(ZSTANDARD):
        if ZSTD is None:
            raise InputError(
                f"{item.name} is compressed with zstd, which this Python cannot read.",
                hint=f"Unpack it first: `zstd -d {item.path.name}`.",
            )
        return cast(BinaryIO, ZSTD.ZstdFile(plain))
    return plain


def _cannot_open(item: Input, error: BaseException) -> InputError:
    if isinstance(error, OSError) and error.errno is not None:
        return InputError(f"{item.name} cannot be read: {os.strerror(error.errno)}.")
    return InputError(f"{item.name} is damaged or cut short: {error}.", hint="Fetch or compress the file again.")
