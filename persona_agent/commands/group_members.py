"""Groups from anywhere as hashes of a log's users: lists of ids by name, a file or a frame, or the personas of a finished run.

Promises: ids are read as the log's reader reads them; whoever is in two groups of a file is in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..folders import holds_run
from ..ids import user_hash
from ..log.events import open_events
from ..log.given import place, read_groups
from ..log.values import as_id
from ..options import Options
from ..redaction import mask
from ..runs import memberships_of
from ..store import Store
from ..words.floors import FEW
from ..words.group_names import refuse_who, shown_names

FIRST_USERS = "SELECT user FROM events GROUP BY user ORDER BY min(i)"
Groups = Any  # lists of ids by name, the path of a file or of a run, or a data frame


def run_of(groups: Groups) -> Store | None:
    """The finished run whose personas these groups are; its key is what its users are hashed with."""
    folder = Path(groups) if isinstance(groups, str | Path) else None
    return Store.open(folder) if folder is not None and folder.is_dir() and holds_run(folder) else None


def members_of(store: Store, groups: Groups, options: Options) -> dict[str, list[str]]:
    """The hashes of the users of each group, under the key of `store`, those of the log in its order of users. Names are masked;
    UsageError for those that say who somebody is.
    """
    if (run := run_of(groups)) is not None:
        members, personas, _ = memberships_of(run)
        return {name: members[personas[name]] for name in sorted(personas, key=lambda name: int(name[1:]))}
    if isinstance(groups, Mapping):
        lists = {str(name): _hashed(store, users) for name, users in groups.items()}
        _refuse_nearly_one({name: set(users) for name, users in lists.items()})
        return _as_shown(lists)
    if not isinstance(groups, str | Path) and not hasattr(groups, "columns"):
        raise UsageError(
            "These are no groups.", hint="Give lists of ids by name, a file of users and groups, a frame, or a run."
        )
    given = read_groups(groups, dict(options.mapping).get("user", "user"), options.timezone)
    users = user_hashes(store)
    placed = place(given, store.key(), users)
    return _as_shown(
        {
            name: [user for user, g in zip(users, placed.label.tolist(), strict=True) if g == code]
            for code, name in enumerate(placed.names)
        }
    )


def _refuse_nearly_one(members: Mapping[str, set[str]]) -> None:
    """UsageError for two lists that fewer than five users tell apart: the difference of their figures would be of these."""
    for (name, one), (other, two) in combinations(members.items(), 2):
        if one & two and 0 < len(one ^ two) < FEW:
            raise UsageError(
                f"{name!r} and {other!r} differ by fewer than five users.",
                hint="Ask of one of them; it holds for both.",
            )


def _as_shown(members: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The groups by names that may stand on a page, each another."""
    masked = [mask(str(name))[0] for name in members]
    refuse_who(masked)
    found: dict[str, list[str]] = {}
    for name, users in zip(shown_names(masked), members.values(), strict=True):
        found[name if name not in found else f"{name} ({len(found) + 1})"] = users
    return found


def user_hashes(store: Store) -> list[str]:
    """The hashes of a log's users, in the order of its events."""
    with store.connect() as connection:
        open_events(connection, store)
        return [user for (user,) in connection.execute(FIRST_USERS).fetchall()]


def _hashed(store: Store, users: Iterable[Any]) -> list[str]:
    ids = [as_id(_plain(user)) for user in users]
    return list(dict.fromkeys(user_hash(store.key(), user) for user in ids if user))


def _plain(user: Any) -> Any:
    """A number of numpy's, as data frames hold them, is an ordinary one."""
    return user.item() if hasattr(user, "item") else user
