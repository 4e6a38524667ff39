"""The secret that seals runs: a code over what a run left, which nobody can make who has the run folder alone.

In: a file outside of all run folders, made when it is first needed and readable by its owner alone. Out: HMAC-SHA256 codes of
plain values, and beside the secret the last code of each folder, so that an older copy is not taken for the newest.
Promises: the secret is in no run folder, prompt or message; where none can be had, nothing is taken for sealed.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from .errors import UsageError
from .folders import OTHERS_READ, PREFIX, holds_run
from .ids import canonical_json

LENGTH = 32  # bytes, as long as the code that it makes
LONGEST = 4096  # bytes that are read of a key: HMAC hashes what is longer than a block of 64, so more adds nothing
VARIABLE = "PERSONA_AGENT_SEAL_KEY"
NAMED = 16  # hex digits that name a secret: enough that no two people's are alike, and they tell nothing of it


@dataclass(frozen=True)
class Seal:
    """What one secret vouches for; without a secret it vouches for nothing. `file` is where the secret is, or would be."""

    secret: bytes = field(repr=False)
    file: Path

    @property
    def name(self) -> str:
        """Which secret it is, without a word of it; empty without one."""
        return sha256(b"persona-agent seal" + self.secret).hexdigest()[:NAMED] if self.secret else ""

    def code(self, value: Any) -> str:
        """The code of a plain value; empty without a secret."""
        return hmac.new(self.secret, canonical_json(value).encode(), sha256).hexdigest() if self.secret else ""

    @contextmanager
    def remembered(self, out: Path, code: str) -> Iterator[None]:
        """What is written in the block is the last that was sealed in `out`; killed in it, what was sealed before is so too."""
        if not self.secret or any(part.startswith(PREFIX) for part in out.parts):  # a temporary folder is sealed once
            yield
            return
        self._remember(out, [code, *self.last_codes(out)[:1]])
        yield
        self._remember(out, [code])

    def last_codes(self, out: Path) -> list[str]:
        """The code of what was sealed last in `out`; none where nothing was, or nobody could write it down."""
        try:
            return self._page(out).read_text(encoding="ascii").split()
        except (OSError, UnicodeDecodeError):
            return []

    def _remember(self, out: Path, codes: list[str]) -> None:
        page = self._page(out)
        draft = page.with_name(f".{page.name}.{secrets.token_hex(4)}")
        with suppress(OSError):  # a key in a folder that cannot be written seals all the same
            page.parent.mkdir(mode=0o700, exist_ok=True)
            draft.write_text("\n".join(codes), encoding="ascii")
            draft.replace(page)

    def _page(self, out: Path) -> Path:
        """Beside the secret, a file for each folder; its name does not tell which."""
        name = hmac.new(self.secret, str(out.resolve()).encode(), sha256).hexdigest()[:NAMED]
        return self.file.with_name(f"{self.file.name}.last") / name

    def is_mine(self, value: Any, code: Any) -> bool:
        """Was this code made with this secret, of this value?"""
        return bool(self.secret) and isinstance(code, str) and hmac.compare_digest(self.code(value), code)


def default_file() -> Path:
    """In the user's configuration folder ($XDG_CONFIG_HOME where that is set)."""
    return user_config_path("persona-agent", appauthor=False) / "seal.key"


def find_seal(file: Path | None = None) -> Seal:
    """The seal whose secret is in `file`, else in the file that the environment names, else in the user's configuration
    folder; one that vouches for nothing where there is none yet. UsageError for a file that was named and cannot be used: one
    in the folder of a run came with it, and one that others may read may be theirs as well.
    """
    file = file or _named()
    if file is not None:
        _refuse_inside(file)
    path = file or default_file()
    try:
        secret = _read_own(path)
    except OSError as error:
        if file is None:
            return Seal(b"", path)
        raise UsageError(f"--seal-key {str(file)!r} cannot be read: {error.strerror}.") from None
    if len(secret) < LENGTH:
        raise UsageError(
            f"{str(path)!r} is no seal key: it has {len(secret)} bytes, {LENGTH} are needed.",
            hint="Name another with --seal-key, or delete it: a new one is made, and old runs are then not sealed by you.",
        )
    return Seal(secret, path)


def open_seal(file: Path | None, out: Path) -> Seal:
    """The seal for runs in `out`, its secret made if there is none. UsageError where it lies inside of `out`, or was named and
    cannot be made; where the configuration folder cannot be written, the seal vouches for nothing.
    """
    file = file or _named()
    path = file or default_file()
    _refuse_inside(path, out)
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        if file is not None:
            raise UsageError(f"--seal-key {str(file)!r} cannot be made: {error.strerror}.") from None
    return find_seal(file)


def _named() -> Path | None:
    """Never of `persona-agent.toml`: who leaves one beside a run could name a secret of their own."""
    given = os.environ.get(VARIABLE)
    return Path(given) if given else None


def _refuse_inside(path: Path, out: Path | None = None) -> None:
    """UsageError for a secret in `out`, or in the folder of any run: who has the folder has it too."""
    folders = path.resolve().parents
    if (out is not None and out.resolve() in folders) or (path != default_file() and any(map(holds_run, folders))):
        raise UsageError(
            f"--seal-key {str(path)!r} lies in the folder of a run, and who has that could seal it.",
            hint="Name a file elsewhere.",
        )


def _read_own(path: Path) -> bytes:
    """The first bytes of a file (as many as tell that it is no key), which is its owner's alone; OSError, UsageError."""
    found = path.stat()
    if os.name != "nt" and stat.S_ISREG(found.st_mode) and found.st_mode & OTHERS_READ:
        raise UsageError(f"Others may use the seal key {str(path)!r}.", hint=f"chmod 600 {path}")
    if not stat.S_ISREG(found.st_mode):
        return b""
    with path.open("rb") as file:
        return file.read(LONGEST)


def _make(path: Path) -> None:
    """A new secret: whole or not at all, and the first where two begin at once."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        new.write(secrets.token_bytes(LENGTH))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
