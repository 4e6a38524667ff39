"""A log read once for everything that a referee asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..codebook import Codebook, given_edits, name_codebook
from ..codebook.book import edited_names
from ..groups.gathering import GatheredMemories, find_memories
from ..groups.grouping import SeenUsers, see_users
from ..log.mentions import refuse_told_users
from ..log.reading import Log, ReadLog, as_found, find_log, read_log
from ..options import Options
from ..progress import Progress
from ..schema import Names
from ..store import KEY, Store
from .group_members import Groups, members_of, run_of

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class OpenLog:
    """A log in a store: its events and memories, what reading found, and the codebook with the names that a person gave."""

    store: Store
    options: Options
    log: Log
    read: ReadLog
    book: Codebook
    names: Names
    gathered: GatheredMemories

    @cached_property
    def seen(self) -> SeenUsers:
        """Its users as groups are found in them."""
        return see_users(self.store, self.options, self.book)

    def labels(self, groups: Groups) -> tuple[list[str], Labels]:
        """The names of groups from anywhere, and the group of each user of `seen`, −1 for none; who is in two is in none."""
        members = members_of(self.store, groups, self.options)
        return list(members), labelled(list(members.values()), self.seen.users)


def labelled(members: Sequence[Sequence[str]], users: Sequence[str]) -> Labels:
    """(users,) the group that each user is in, −1 for none or for several."""
    number = {user: i for i, user in enumerate(users)}
    counts = np.zeros(len(users), dtype=np.int64)
    label = np.full(len(users), -1, dtype=np.int64)
    for g, inside in enumerate(members):
        mine = [number[user] for user in inside if user in number]
        counts[mine] += 1
        label[mine] = g
    return np.where(counts == 1, label, -1)


def open_log(options: Options, store: Store, progress: Progress, groups: Sequence[Groups] = ()) -> OpenLog:
    """The log read into `store`, under the key of a run where `groups` or a document are one."""
    options, edits = given_edits(options)
    found = find_log(options)
    options = as_found(options, found)
    for run in filter(None, map(run_of, groups)):
        store.path(KEY).unlink(missing_ok=True)
        store.take_key_of(run)
    progress.stage("read")
    read = read_log(found, options, store, progress)
    progress.stage("gather")
    gathered = find_memories(store, options, progress)
    refuse_told_users(store, options)
    proposed, book = name_codebook(store, options, read, edits)
    return OpenLog(store, options, found, read, book, edited_names(proposed, book, options.value), gathered)
