"""Folders that nobody else may read, and what a killed process left behind.

In: paths. Out: folders that are their owner's alone, or a StoreError. Promises: a folder that others could write into is used
only if it is empty; nothing in a run's folder is a link, a pipe or somebody else's; temporary folders carry the number of their
process, and what a dead one left goes when the next begins.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from .errors import StoreError

PREFIX = "persona-agent-"
MOST_READ = 4096  # bytes of a key: a device in its place has no end
SPILL = ".spill-"
RUN, RECORDING = "run.json", "interactions.yaml"
MARKS = (RUN, RECORDING, ".lock")  # what may say that a folder is a run's or a recording's
OF_PROCESS = re.compile(rf"(?:{re.escape(PREFIX)}|{re.escape(SPILL)})(\d+)-")
OTHERS_READ, OTHERS_WRITE = 0o077, 0o022  # permissions of anybody but the owner; of these, those to write


def create_private(path: Path, content: bytes) -> None:
    """A file that was not there, readable by its owner alone; a link in its place is not followed."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def open_private(path: Path) -> TextIO:
    """A text file to be written anew, readable by its owner alone whatever new files are otherwise."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")


def read_own(path: Path) -> bytes:
    """What is in a small file, as far as MOST_READ goes; a link in its place is not followed, a pipe not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        return file.read(MOST_READ) or b""


def make_private(folder: Path) -> None:
    """A folder that is made, or was there, is readable by its owner alone; StoreError where that cannot be, or where others had a
    hand in it: what they could write into it (a key, a ledger) would be taken for ours.
    """
    if os.name == "nt":  # folders there belong to who made them, and have no such rights
        folder.mkdir(parents=True, exist_ok=True)
        return
    refuse_strange_link(folder)
    with suppress(FileExistsError):
        folder.mkdir(parents=True, mode=0o700)
    found = folder.stat()
    if not stat.S_ISDIR(found.st_mode):
        raise StoreError(f"{str(folder)!r} is a file, not a folder.", hint="Name another with -o.")
    if found.st_uid != os.geteuid():  # also for root: whoever owns a folder may read it, whatever its rights
        raise StoreError(f"The folder {str(folder)!r} belongs to somebody else.", hint="Name a new one.")
    _refuse_foreign(folder)
    if not found.st_mode & OTHERS_READ:
        return
    folder.chmod(0o700)
    is_ours = holds_run(folder) and not found.st_mode & OTHERS_WRITE
    if not is_ours and any(folder.iterdir()):
        folder.chmod(stat.S_IMODE(found.st_mode))
        raise StoreError(
            f"Others may use the folder {str(folder)!r}, and it is not empty.",
            hint=f"Name a new one, or make it yours alone if you know what is in it: chmod 700 {folder}",
        )


def refuse_strange_link(folder: Path) -> None:
    """StoreError where a folder's name is a link that somebody else laid, which may lead into a folder of ours that is no run's;
    one's own link is one's own word for a folder, and is followed.
    """
    if os.name != "nt" and folder.is_symlink() and folder.lstat().st_uid != os.geteuid():
        raise StoreError(f"{str(folder)!r} is a link that belongs to somebody else.", hint="Name the folder itself.")


def refuse_links(folder: Path) -> None:
    """StoreError where anything in a run's folder is a link, which could lead a reader or a writer anywhere, or no file at all
    (a pipe, a device), which may keep a reader waiting for ever.
    """
    for at, folders, files in os.walk(folder):
        for path in (Path(at) / name for name in (*folders, *files)):
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise StoreError(f"{str(path)!r} is a link, and a run's folder holds none.", hint="Remove it.")
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise StoreError(f"{str(path)!r} is neither a file nor a folder.", hint="Remove it.")


def _refuse_foreign(folder: Path) -> None:
    """StoreError where something in a folder that is to be ours is somebody else's: a ledger, say, that they can still read."""
    for path in folder.iterdir():
        if path.lstat().st_uid != os.geteuid():
            raise StoreError(f"{str(path)!r} belongs to somebody else.", hint="Name a new folder.")


def holds_run(folder: Path) -> bool:
    """Is this the folder of a run, or of a recording? What lies in it is no log."""
    if (folder / RECORDING).is_file() or all((folder / name).is_file() for name in (".lock", ".gitignore")):
        return True
    try:
        return "run_id" in json.loads((folder / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


@contextmanager
def temporary_folder(what: str = "") -> Iterator[Path]:
    """A private folder that is gone after the block; what killed processes left of theirs goes first. `what` is in its name."""
    folder = new_temporary_folder(what)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_temporary_folder(what: str = "") -> Path:
    """The same, for who removes it."""
    sweep(Path(tempfile.gettempdir()))
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-{what}"))


def sweep(folder: Path) -> None:
    """Removes temporary folders of ours whose process has ended."""
    with os.scandir(folder) as entries:
        left = [Path(entry.path) for entry in entries if _is_left(entry)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)


def sweep_run(folder: Path) -> None:
    """What a killed run left in its folder goes: hidden folders and half-written files. For who holds its lock."""
    sweep(folder)
    for path in folder.iterdir():
        if path.name.startswith(".") and path.is_dir() and not path.name.startswith(SPILL):
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(".") and path.name.endswith(".tmp"):
            path.unlink()


def _is_left(entry: os.DirEntry[str]) -> bool:
    found = OF_PROCESS.match(entry.name)
    if found is None or not entry.is_dir(follow_symlinks=False):
        return False
    try:
        is_ours = os.name == "nt" or entry.stat(follow_symlinks=False).st_uid == os.geteuid()
    except FileNotFoundError:  # its own process has removed it since it was listed
        return False
    return is_ours and not _is_alive(int(found[1]))


def _is_alive(process: int) -> bool:
    if os.name == "nt":
        return True  # asking would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
