"""Every question that a run was asked, one a line, and how many it may be asked.

Whoever may ask without end can ask about the same few users from many sides; so there is an end, and what was asked is kept for
whoever answers for the run.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from ..errors import UsageError
from ..ids import content_hash
from ..manifest import QUESTIONS
from ..schema import Reply
from ..store import Store

# To one run: people ask a few dozen. Shares of users are in steps of five (shares_told), which three conditions asked in every
# way seldom undo (SECURITY.md, Not promised); a difference that one user moves takes some hundred questions to see.
MOST_QUESTIONS = 1000
LONGEST = 500  # characters of a question


def check_room(store: Store) -> None:
    """UsageError where a run was asked as often as it may be."""
    if len(_kept(store).splitlines()) >= MOST_QUESTIONS:
        raise UsageError(
            f"This run was asked {MOST_QUESTIONS:,} questions, and more are not answered.",
            hint=f"{QUESTIONS} lists them. Make a run of newer data, or ask whoever answers for this one.",
        )


def keep(store: Store, reply: Reply, asked_by: str) -> None:
    """The question with what came of it, as the last line of the file."""
    before = _kept(store)
    row = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": reply.question,
        "came": reply.came,
        "read_by": asked_by,
        "measures": [content_hash(f.measure.model_dump(mode="json"))[7:19] for f in reply.facts if f.measure][:20],
    }
    store.write_text(QUESTIONS, before + json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")


def forget_in_questions(store: Store, user: str) -> None:
    """A user's id goes out of what was asked, as far as it stands there as a word."""
    if store.path(QUESTIONS).is_file():
        word = re.compile(rf"(?<!\w){re.escape(json.dumps(user, ensure_ascii=False)[1:-1])}(?!\w)", re.IGNORECASE)
        store.write_text(QUESTIONS, word.sub("[forgotten]", _kept(store)))


def _kept(store: Store) -> str:
    """All lines; UsageError where somebody has put something else in their place."""
    path = store.path(QUESTIONS)
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no list of questions.", hint="Move it away: this run did not write it.") from None
