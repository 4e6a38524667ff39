"""ZIP archives of exports, and how far anything packed may unpack.

Takes the path of an archive; gives the names of the logs in it and opens them. Promises: an archive within an archive is not
opened, and what unpacks to far more than any log does is an InputError before it fills memory or disk.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from ..errors import InputError

ZIP = b"PK\x03\x04"
# What logs are packed to: plain ones to a tenth, the most alike lines to a hundredth; DEFLATE can do a thousandth.
RATIO = 250
SMALL = 256 << 20  # bytes that do no harm, whatever they were packed to; about a second of reading
MEMBERS = 10_000  # of an archive; more are no export
SPREADSHEET = "[Content_Types].xml"


def is_zip(path: Path) -> bool:
    """Whether a file is a ZIP archive, by its first bytes and its name or its end."""
    try:
        with path.open("rb") as file:
            begun = file.read(4) == ZIP
        return begun and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path))
    except OSError:
        return False  # said by whoever reads it


def logs_in(path: Path, name: str, suffixes: Sequence[str], packed: Sequence[str]) -> list[str]:
    """The members of an archive that are logs by their suffixes, those of packing taken off, else its only member."""
    with _archive(path, name) as archive:
        found = [member for member in archive.infolist() if not member.is_dir() and _is_visible(member.filename)]
    if any(member.filename == SPREADSHEET for member in found):
        raise InputError(f"{name} is a spreadsheet or another document.", hint="Save the sheet as CSV.")
    if len(found) > MEMBERS:
        raise InputError(f"{name} holds {len(found):,} files.", hint="Unpack it, and name the folder.")
    logs = [member for member in found if suffix_of(member.filename, packed) in suffixes]
    chosen = logs or (found if len(found) == 1 else [])
    if not chosen:
        told = ", ".join(repr(member.filename) for member in found[:5]) or "nothing"
        raise InputError(f"{name} holds no log: {told}.", hint=f"Log files end in {', '.join(suffixes)}.")
    unpacked, size = sum(member.file_size for member in chosen), path.stat().st_size
    if unpacked > max(SMALL, RATIO * size):
        raise bomb(name, size)
    return [member.filename for member in chosen]


@contextmanager
def open_member(path: Path, name: str, member: str) -> Iterator[BinaryIO]:
    """The bytes of a member; InputError where it is locked or packed in a way that is not known."""
    with _archive(path, name) as archive:
        info = archive.getinfo(member)
        if info.flag_bits & 1:
            raise InputError(f"{name} is locked by a password.", hint="Unpack it first, and name the folder.")
        try:
            stream = archive.open(info)
        except (NotImplementedError, RuntimeError) as error:
            raise InputError(f"{name} cannot be unpacked: {error}.", hint="Unpack it first.") from error
        with stream:
            yield cast(BinaryIO, stream)


def member_size(path: Path, name: str, member: str) -> int:
    """The packed bytes of a member."""
    with _archive(path, name) as archive:
        return archive.getinfo(member).compress_size


def suffix_of(name: str, packed: Sequence[str]) -> str:
    """The suffix that tells the format, those of packing taken off: `.csv` for `a.CSV.gz`."""
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes]
    while suffixes and suffixes[-1] in packed:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


class Bounded:
    """The bytes of a stream for reading alone, as long as they are not beyond what `packed` bytes may hold."""

    def __init__(self, stream: BinaryIO, name: str, packed: int) -> None:
        self._stream, self._name, self._packed, self._read = stream, name, packed, 0

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; InputError where too many have come."""
        piece = self._stream.read(size)
        self._read += len(piece)
        if self._read > max(SMALL, RATIO * self._packed):
            raise bomb(self._name, self._packed)
        return piece


@contextmanager
def _archive(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise InputError(f"{name} is damaged or cut short: {error}.", hint="Fetch or pack the file again.") from error


def _is_visible(member: str) -> bool:
    parts = PurePosixPath(member).parts
    return not any(part.startswith((".", "__MACOSX")) for part in parts)


def bomb(name: str, packed: int) -> InputError:
    """That something unpacks to more than it can hold, in a sentence."""
    return InputError(
        f"{name} unpacks to more than {RATIO} times its {packed:,} bytes, which no log does.",
        hint="Unpack it yourself, and look at what it holds.",
    )
