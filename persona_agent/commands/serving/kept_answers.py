"""What an agent asked, kept: every question with its answer, bounded in number, and every answer that went out.

In: the name of a tool, what it was asked, and a function that answers. Out: the answer, from the file where the same was
asked before of the same files. Promises: what goes out is listed for `egress` before it does, by size and digest; questions
that were answered are counted over all sessions in one folder, and no more than MOST_QUESTIONS are: a hundred overlapping
counts would tell what one may not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import Lock
from typing import Any, TypeVar

from pydantic import BaseModel

from ...errors import UsageError
from ...ids import content_hash
from ...manifest import RUN
from ...models.base import Answer, Request
from ...models.ledger import Ledger
from ...models.routes import Route
from ...seal import Seal
from ...store import FORGOTTEN, IGNORED, KEY, KEY_AT, LOCK, OPTED_OUT, Store
from .sealed_answers import ASKED, ASKED_SEAL, refuse_changed_answers, seal_answers, verify_answers

STAGE = "mcp"
SERVED = "serving"  # the status of a folder that keeps answers about a log
STAYS = (RUN, KEY, KEY_AT, OPTED_OUT, FORGOTTEN, IGNORED, LOCK)
# What an analyst asks in a day is under two hundred; counts in fives stay counts in fives however often they are asked, and the
# bound is for whoever asks for all cuts of a log by a program.
MOST_QUESTIONS = 500
T = TypeVar("T", bound=BaseModel)


def forget_in_answers(store: Store, seal: Seal) -> int:
    """What an agent asked and heard goes, for any of it may count or quote the person; how much was asked stays, and so does what
    was read of a log and goes by `leave_answers_alone`. What was as it was sealed is sealed again. Returns how many answers went.
    """
    path = store.path(ASKED)
    if not path.is_file():
        return 0
    before = verify_answers(store, seal)
    with closing(Ledger(path)) as ledger:
        gone = ledger.forget_texts()
    if keeps_answers_alone(store):
        leave_answers_alone(store)
    if before.standing == "verified":
        seal_answers(store, seal)
    return gone


def keeps_answers_alone(store: Store) -> bool:
    """Is this the folder in which `mcp` kept what was asked of a log, and no run?"""
    return bool(store.read_json(RUN).get("status") == SERVED)


def leave_answers_alone(store: Store) -> None:
    """All that was read of a log goes from such a folder."""
    for path in store.out.iterdir():
        if path.is_file() and path.name not in (*STAYS, ASKED_SEAL) and not path.name.startswith(ASKED):
            path.unlink()


class Questions:
    """The questions of one folder; `about` is what they are of (digests of files, and options), `client` who asks."""

    def __init__(self, store: Store, about: Any, client: str, seal: Seal) -> None:
        refuse_changed_answers(store, seal)
        self._ledger = Ledger(store.path(ASKED), seal)
        self._store, self._seal = store, seal
        self._about, self._client = about, client
        self._alone = Lock()

    @property
    def left(self) -> int:
        """How many more questions will be answered."""
        return max(0, MOST_QUESTIONS - self._ledger.kept())

    def answer(self, tool: str, asked: dict[str, Any], kind: type[T], make: Callable[[], T], *, keep: bool = True) -> T:
        """The answer to one question; UsageError where too many were asked. What is not to `keep` is made each time."""
        key = content_hash([STAGE, tool, asked, self._about])
        with self._alone:
            known = self._ledger.find(key) if keep else None
            if known is None and not self._ledger.holds(key) and not self.left:
                raise UsageError(
                    f"{MOST_QUESTIONS} questions were asked of this log here, and no more are answered.",
                    hint="Work with the answers that are there; whoever runs the server may start it with another folder.",
                )
            found = kind.model_validate_json(known.text) if known else make()
            text = found.model_dump_json()
            request = Request(STAGE, tool, (("user", content_hash(asked)), ("tool", str(asked))), kind)
            if known is None:
                self._ledger.keep(key, self._client, request, Answer(text, self._client, 0, 0, 0.0))
            self._ledger.sent_answer(Route(self._client, self._client), f"{STAGE}:{tool}", text)
            seal_answers(self._store, self._seal)
            return found

    def close(self) -> None:
        self._ledger.close()
