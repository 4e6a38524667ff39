"""A log file through the steps that users run, as far as the groups.

In: a log and a folder that does not exist. Out: the run directory and the users with their groups. Promises: read,
redacted, gathered and grouped by the program's own code under its default options.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from persona_agent.codebook.naming import proposal
from persona_agent.groups.gathering import find_memories
from persona_agent.groups.grouping import UserGroups, group_users
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store


def found(log: Path, out: Path) -> tuple[Store, UserGroups]:
    options = Options(inputs=(str(log),), out=out)
    store = Store.create(options.out)
    return store, grouped(store, options)


def grouped(store: Store, options: Options, found_in: Collection[str] | None = None) -> UserGroups:
    """The groups of a log that is to be read into an empty folder, under the codebook that rules propose; `found_in` names the
    hashes of users that they are found in.
    """
    read = read_log(find_log(options), options, store, Silent())
    gathered = find_memories(store, options)
    return group_users(store, options, gathered, proposal(store, options, read), found_in)
