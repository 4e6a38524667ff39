"""A shuffled log: whole sessions exchanged between users within a month, each user keeping the number per month.

Everything that a session holds stays together; who did it is random. No persona may be found in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

GAP = timedelta(minutes=30)


USER, TIMESTAMP = "user_id", "timestamp"


def shuffle_sessions(records: Sequence[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The records with users exchanged session by session within each month; order of records unchanged."""
    sessions = _sessions(records)
    by_month: dict[str, list[list[int]]] = defaultdict(list)
    for session in sessions:
        by_month[str(records[session[0]][TIMESTAMP])[:7]].append(session)
    rng = np.random.default_rng(seed)
    shuffled = [dict(r) for r in records]
    for month in sorted(by_month):
        owners = [records[s[0]][USER] for s in by_month[month]]
        for session, i in zip(by_month[month], rng.permutation(len(owners)), strict=True):
            for row in session:
                shuffled[row][USER] = owners[i]
    return shuffled


def _sessions(records: Sequence[dict[str, Any]]) -> list[list[int]]:
    last: dict[Any, tuple[datetime, list[int]]] = {}
    sessions: list[list[int]] = []
    times = [datetime.fromisoformat(str(r[TIMESTAMP]).replace("Z", "+00:00")) for r in records]
    for i in sorted(range(len(records)), key=lambda i: (times[i], i)):
        previous = last.get(records[i][USER])
        if previous is None or times[i] - previous[0] > GAP:
            sessions.append([])
            previous = (times[i], sessions[-1])
        previous[1].append(i)
        last[records[i][USER]] = (times[i], previous[1])
    return sessions
