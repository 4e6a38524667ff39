"""A log file through the steps that users run, as far as the groups.

In: a log and a folder that does not exist. Out: the run directory and the users with their groups. Promises: read,
redacted, gathered and grouped by the program's own code under its default options.
"""

from __future__ import annotations

from pathlib import Path

from persona_agent.groups.gathering import find_memories
from persona_agent.groups.grouping import UserGroups, group_users
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store


def found(log: Path, out: Path) -> tuple[Store, UserGroups]:
    options = Options(inputs=(str(log),), out=out)
    store = Store.create(options.out)
    read_log(find_log(options), options, store, Silent())
    return store, group_users(store, options, find_memories(store, options))
