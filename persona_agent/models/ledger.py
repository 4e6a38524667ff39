"""Every answered model call of a run, kept so that it is never paid for again.

In: a provider-neutral request; out: the answer that it got, if it did and that was of use. Promises: a row is committed before
its answer is used; the key covers everything that can change an answer (model, messages, schema, temperature, length) and
nothing else, so a changed prompt, schema or option is a new question and never answered from stale work; no header, no key, no
address is stored; an answer that was changed after it was kept is not used. What leaves this process is listed before it does,
by the host that gets it, size and digest.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..errors import StoreError
from ..ids import content_hash, record_hash
from ..seal import Seal
from .base import Answer, Request
from .routes import Route

LEDGER = "ledger.sqlite"
TEMPERATURE = 0.0  # the same question should get the same answer; it is part of the key
TABLE = """
CREATE TABLE IF NOT EXISTS calls (
  key TEXT PRIMARY KEY, stage TEXT NOT NULL, subject TEXT NOT NULL, model TEXT NOT NULL, host TEXT NOT NULL,
  request TEXT NOT NULL, answer TEXT NOT NULL, finish TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL, cost_usd REAL, notes TEXT NOT NULL, seal TEXT NOT NULL,
  refused INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)
"""
# What left, answered or not: written before it is sent, without a word of its text. `host` gets the bytes, `server` is whom
# they are for: two where a proxy stands between.
SENT = """
CREATE TABLE IF NOT EXISTS sent (
  id INTEGER PRIMARY KEY, stage TEXT NOT NULL, subject TEXT NOT NULL, model TEXT NOT NULL, host TEXT NOT NULL,
  server TEXT NOT NULL, bytes INTEGER NOT NULL, masked INTEGER NOT NULL,
  sha256 TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)
"""
EMBEDDING = "embed"
MASK = re.compile(
    r"\[(?:address|card|coordinates|credentials|email|iban|id|ip|name|other user|phone|token|user|value)\]"
)


@dataclass
class Totals:
    """What the answers in use cost; `cost_usd` is None as soon as one answer's price is not known."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """Calls and tokens without their price, which nobody knows of a recording."""
        return {"calls": self.calls, "prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens}

    def __add__(self, other: Totals) -> Totals:
        known = self.cost_usd is not None and other.cost_usd is not None
        return Totals(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            round((self.cost_usd or 0.0) + (other.cost_usd or 0.0), 9) if known else None,
        )

    def add(self, answer: Answer) -> None:
        self.calls += 1
        self.prompt_tokens += answer.prompt_tokens
        self.completion_tokens += answer.completion_tokens
        known = self.cost_usd is not None and answer.cost_usd is not None
        # Calls end in any order, and sums of floats depend on it beyond this digit.
        self.cost_usd = round((self.cost_usd or 0.0) + (answer.cost_usd or 0.0), 9) if known else None


def neutral(model: str, request: Request) -> dict[str, Any]:
    """The request in terms that no provider owns."""
    asked: dict[str, Any] = {
        "model": model,
        "messages": [{"role": role, "content": text} for role, text in request.messages],
        "schema": schema_of(request.schema),
        "temperature": TEMPERATURE,
        "max_tokens": request.max_tokens,
    }
    return asked


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema that an answer has to fit; making it takes longer than everything else about a request."""
    return model.model_json_schema()


class Ledger:
    """The calls of one run directory in `ledger.sqlite`; `path` None keeps them in memory. Each answer carries the code of
    `seal`; `changed` counts those found without it.
    """

    def __init__(self, path: Path | None, seal: Seal | None = None) -> None:
        self._path, self._seal, self.changed = path, seal, 0
        with self._sound():
            # One thread at a time asks: where a loop runs already, the calls of a run are in a thread of their own.
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
            # A write-ahead log: what was committed survives a kill, without waiting for the disk at every answer.
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute(TABLE)
            self._db.execute(SENT)
        if path:
            path.chmod(0o600)

    def find(self, key: str) -> Answer | None:
        with self._sound():
            row = self._db.execute(
                "SELECT answer, host, prompt_tokens, completion_tokens, cost_usd, finish, notes, seal FROM calls "
                "WHERE key = ? AND NOT refused",
                [key],
            ).fetchone()
        if row is None:
            return None
        *kept, code = row
        if self._seal is not None and self._seal.secret and not self._seal.is_mine([key, *kept], code):
            self.changed += 1
            return None
        text, host, sent, received, cost, finish, notes = kept
        return Answer(text, host, sent, received, cost, finish, tuple(json.loads(notes)))

    def holds(self, key: str) -> bool:
        """Is there an answer to be found, changed or not?"""
        with self._sound():
            return self._db.execute("SELECT 1 FROM calls WHERE key = ? AND NOT refused", [key]).fetchone() is not None

    def keep(self, key: str, model: str, request: Request, answer: Answer) -> None:
        """Commits the answer; only then may it be used."""
        asked = json.dumps(neutral(model, request)["messages"], ensure_ascii=False)
        notes = json.dumps(answer.notes)
        cost = None if answer.cost_usd is None else float(answer.cost_usd)  # as it will be read
        kept = [answer.text, answer.host, answer.prompt_tokens, answer.completion_tokens, cost, answer.finish]
        code = self._seal.code([key, *kept, notes]) if self._seal else ""
        row = [key, request.stage, request.subject, model, asked, *kept, notes, code]
        with self._sound():
            self._db.execute(
                "INSERT OR REPLACE INTO calls (key, stage, subject, model, request, answer, host, prompt_tokens, "
                f"completion_tokens, cost_usd, finish, notes, seal) VALUES ({', '.join('?' * len(row))})",
                row,
            )

    def refuse(self, keys: Sequence[str]) -> None:
        """Answers that were of no use: they stay to be read, and are not found again."""
        with self._sound():
            self._db.executemany("UPDATE calls SET refused = 1 WHERE key = ?", [(key,) for key in keys])

    def sent(self, route: Route, model: str, request: Request) -> None:
        """A request is about to leave."""
        self._leave(request.stage, request.subject, model, route, [text for _, text in request.messages])

    def sent_texts(self, route: Route, model: str, texts: Sequence[str]) -> None:
        """Texts are about to leave for an embedding."""
        self._leave(EMBEDDING, "", model, route, texts)

    def sent_answer(self, route: Route, stage: str, text: str) -> None:
        """An answer is about to go out to a client of this program's own tools."""
        self._leave(stage, "", "client", route, [text])

    def kept(self) -> int:
        """How many answers it holds."""
        with self._sound():
            return int(self._db.execute("SELECT count(*) FROM calls").fetchone()[0])

    def cost(self) -> float:
        """What all answers cost, in USD, as far as that is known."""
        with self._sound():
            return float(self._db.execute("SELECT coalesce(sum(cost_usd), 0) FROM calls").fetchone()[0])

    def all_sent(self) -> list[dict[str, Any]]:
        """What left, in order."""
        names = ("at", "host", "server", "model", "stage", "subject", "bytes", "masked", "sha256")
        with self._sound():
            rows = self._db.execute(f"SELECT {', '.join(names)} FROM sent ORDER BY id").fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def digest(self) -> str:
        """Of all that it holds, whatever pages of the file that is in."""
        with self._sound():
            rows = [self._db.execute(f"SELECT * FROM {t} ORDER BY 1").fetchall() for t in ("calls", "sent")]
        return content_hash(rows)

    def forget_answers(self) -> int:
        """Deletes every question and answer; what was sent stays listed, for it holds no text. Returns how many there were."""
        with self._sound():
            gone = self._db.execute("DELETE FROM calls").rowcount
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def forget_texts(self) -> int:
        """Blanks every question and answer and keeps their number, by which those are counted that may still be asked. Returns
        how many were not blank before.
        """
        with self._sound():
            blanked = self._db.execute(
                "UPDATE calls SET subject = '', request = '', answer = '', notes = '[]', refused = 1 WHERE answer <> ''"
            ).rowcount
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return blanked

    def _leave(self, stage: str, subject: str, model: str, route: Route, texts: Sequence[str]) -> None:
        whole = "\n".join(texts)
        row = (stage, subject, model, route.host, route.server)
        row += (len(whole.encode()), len(MASK.findall(whole)), record_hash(whole.encode()))  # type: ignore[assignment]
        with self._sound():
            self._db.execute(
                f"INSERT INTO sent (stage, subject, model, host, server, bytes, masked, sha256) VALUES ({', '.join('?' * 8)})",
                row,
            )

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """A damaged or locked file in a sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"The ledger {str(self._path)!r} cannot be used: {error}.",
                hint="If no other run uses this folder, delete that file: its calls are then made again.",
            ) from None
