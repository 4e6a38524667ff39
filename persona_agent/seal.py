"""The secret that seals runs: a code over what a run left, which nobody can make who has the run folder alone.

In: a file outside of all run folders, made when it is first needed and readable by its owner alone. Out: HMAC-SHA256 codes of
plain values. Promises: the secret is in no run folder, prompt or message; where none can be had, nothing is taken for sealed.
"""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from .errors import UsageError
from .ids import canonical_json

LENGTH = 32  # bytes, as long as the code that it makes
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

    def is_mine(self, value: Any, code: Any) -> bool:
        """Was this code made with this secret, of this value?"""
        return bool(self.secret) and isinstance(code, str) and hmac.compare_digest(self.code(value), code)


def default_file() -> Path:
    """In the user's configuration folder ($XDG_CONFIG_HOME where that is set)."""
    return user_config_path("persona-agent", appauthor=False) / "seal.key"


def find_seal(file: Path | None = None) -> Seal:
    """The seal whose secret is in `file`, else in the file that the environment names, else in the user's configuration
    folder; one that vouches for nothing where there is none yet. UsageError for a file that was named and cannot be used.
    """
    file = file or _named()
    path = file or default_file()
    try:
        secret = path.read_bytes()
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
    if path.resolve().is_relative_to(out.resolve()):
        raise UsageError(
            f"--seal-key {str(path)!r} lies in the folder of the run, which it is to seal.",
            hint="Name a file elsewhere.",
        )
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
