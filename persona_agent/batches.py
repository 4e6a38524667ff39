"""The unit of work between reading, redaction and storage: some thousand events, column by column.

One list item is one event. Columns keep a million events in reach of plain Python, and a batch bounds the memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Batch:
    """Events in reading order. `ts` is microseconds since 1970 UTC; `hash` is the hex sha256 of the record; `event_id` is
    the vendor's own id of the event, for de-duplication; `account` is whom the user acts for, where a column says so; absent
    texts are "".
    """

    file: list[str] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    hash: list[str] = field(default_factory=list)
    user: list[str] = field(default_factory=list)
    session: list[str | None] = field(default_factory=list)
    ts: list[int] = field(default_factory=list)
    action: list[str] = field(default_factory=list)
    object: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    properties: list[dict[str, Any]] = field(default_factory=list)
    event_id: list[str | None] = field(default_factory=list)
    account: list[str | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.line)
