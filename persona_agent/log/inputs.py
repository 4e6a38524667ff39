"""The files that a person named, and their bytes.

Takes paths, folders and globs; gives `Input`s in one total order and opens them, decompressed. Promises: the same
files give the same names wherever they lie, what is compressed is told by its first bytes rather than its name, and
whatever cannot be found or opened is an `InputError` that names it.
"""

from __future__ import annotations

import bz2
import glob
import gzip
import hashlib
import importlib
import lzma
import os
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..errors import InputError
from ..redaction import mask_key

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
LOG_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".duckdb", ".sqlite", ".sqlite3", ".db")

# In the standard library from Python 3.14 on.
ZSTD: Any = importlib.import_module("compression.zstd") if find_spec("compression") else None

MAGIC = GZIP, BZIP2, XZ, ZSTANDARD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"

DAMAGE = (EOFError, zlib.error, lzma.LZMAError, OSError)


@dataclass(frozen=True, slots=True)
class Input:
    """A log file; `name` is its path relative to the inputs' common parent, with forward slashes, masked like any text. A slice
    of it is its bytes from `start` to before `stop`, and begins with line number `line`; only plain files are sliced.
    """

    path: Path
    name: str
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
    return _named(sorted((path.relative_to(parent).as_posix(), path) for path in found))


def _named(paths: Iterable[tuple[str, Path]]) -> list[Input]:
    """The files under names without identifiers, which stand on pages; those that would have one name are numbered."""
    seen = Counter[str]()
    named = []
    for name, path in paths:
        masked = mask_key(name)
        seen[masked] += 1
        named.append(Input(path, masked if seen[masked] == 1 else f"{masked} {seen[masked]}"))
    return named


def file_sha256(item: Input) -> str:
    """Hex sha256 of the file as it lies on the disk, compressed or not."""
    with read_error(item), item.path.open("rb") as stream:
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
def open_bytes(item: Input) -> Iterator[BinaryIO]:
    """The file's decompressed bytes. Damage met on the way, also while reading inside the block, is an InputError."""
    with read_error(item), item.path.open("rb") as plain:
        start = plain.read(6)
        plain.seek(item.start)
        if item.stop is not None:
            yield cast(BinaryIO, _Bounded(plain, item.stop - item.start))
            return
        with _decompressed(item, plain, start) as stream:
            yield stream


class _Bounded:
    """The next `left` bytes of a stream, for reading alone."""

    def __init__(self, stream: BinaryIO, left: int) -> None:
        self._stream, self._left = stream, left

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece


def is_compressed(item: Input) -> bool:
    """Whether the file's first bytes say that it must be unpacked to be read."""
    with read_error(item), item.path.open("rb") as plain:
        return plain.read(6).startswith(MAGIC)


def bare_suffix(item: Input) -> str:
    """The suffix that tells the format: `.csv` for `a.CSV.gz`."""
    suffixes = [suffix.lower() for suffix in item.path.suffixes]
    while suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _expand(pattern: str) -> list[Path]:
    pattern = str(Path(pattern).expanduser())
    found = [pattern] if Path(pattern).exists() else glob.glob(pattern, recursive=True)  # noqa: PTH207 - may be absolute
    matches = [Path(match) for match in found]
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
    files = (path for path in folder.rglob("*") if path.is_file())
    visible = (path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return [path for path in visible if bare_suffix(Input(path, path.name)) in LOG_SUFFIXES]


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
