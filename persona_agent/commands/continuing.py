"""`run --since`: a run that follows an earlier one of the same product.

    followed (groups) ─▶ ids kept ─▶ brief, write, finish ─▶ compared ─▶ names kept, three lines, changes.*

In: the earlier run, and the later one as its stages leave it. Out: ids for its groups, then its pages anew, with `changes.json`,
`.md` and `.html`. Promises: whatever cannot be compared is refused before anything is read; the earlier run is not changed.
"""

from __future__ import annotations

from ..codebook import Codebook
from ..errors import UsageError
from ..groups.grouping import UserGroups
from ..ids import content_hash
from ..log.optouts import keep_out_as
from ..manifest import file_digests, refuse_changed, verify
from ..options import Options
from ..progress import Progress
from ..report import Lines
from ..report.changes_page import changes_html, changes_markdown
from ..report.continued import continued, with_kept_names
from ..report.finishing import write_pages
from ..runs import PRIVATE_USERS, USERS
from ..schema import NO_IDS, Before, Changes, KeptIds, Names, PersonaSet
from ..seal import find_seal
from ..store import FORGOTTEN, OPTED_OUT, Store
from .comparing import RunSide, compare, finished_side, followed
from .comparing.sides import refuse_occasions

FILES = ("changes.json", "changes.md", "changes.html")


def run_before(options: Options, progress: Progress) -> RunSide | None:
    """The earlier run; UsageError where this one could not be compared with it, StoreError where it is not as it was sealed."""
    if options.since is None:
        return None
    if options.since.resolve() == options.out.resolve():
        raise UsageError("--since names the folder of this run.", hint="Give each period a folder of its own.")
    earlier = Store.open(options.since)
    seal = verify(earlier, find_seal(options.seal_key))
    refuse_changed(seal, f"{str(options.since)!r}, which --since names", hint="Run it again with --fresh.")
    side = finished_side(earlier, sealed=seal.standing == "verified")
    if not side.sealed:
        progress.note(f"{options.since}: {seal.says}")
    refuse_occasions(options.by, str(options.out))
    if (side.personas.unit == "account") != (options.unit == "account"):
        raise UsageError(
            "--since names a run of another unit.", hint="Compare accounts with accounts, users with users."
        )
    return side


def read_as_before(options: Options, before: RunSide | None) -> Options:
    """Fields that hold several values in a cell are those of the earlier run, unless a person says which: found anew in fewer
    lines, a field could be another, and its claims with it.
    """
    return options if before is None or options.lists else options.but(lists=before.options.lists)


def run_digest(before: RunSide | None) -> dict[str, str]:
    """What of the earlier run decides about this one."""
    if before is None:
        return {}
    files = file_digests(before.store, ("personas.json", "events.parquet", USERS, PRIVATE_USERS, FORGOTTEN, OPTED_OUT))
    return {"since": content_hash([before.personas.run_id, files])}


def share_key(store: Store, options: Options) -> None:
    """Users get the hashes that they have in the earlier run, unless this folder, or the person, has another key; who is out of
    that run stays out.
    """
    if options.since is None:
        return
    earlier = Store.open(options.since)
    if options.key is None and not store.key_path.exists():
        _take_key(store, earlier)
    keep_out_as(store, earlier)


def _take_key(store: Store, earlier: Store) -> None:
    if earlier.key_path != earlier.path(".key"):
        store.keep_key_at(earlier.key_path)
    else:
        store.take_key_of(earlier)


def kept_ids(before: RunSide | None, store: Store, groups: UserGroups, book: Codebook) -> KeptIds:
    """The ids of the earlier run for those groups that are the same."""
    if before is None:
        return NO_IDS
    users = groups.users
    members = [[users[u] for u in g] for g in groups.members]
    later = RunSide(
        store, before.options, before.personas, members, {}, groups.placed_halves, groups.grouping.in_use, groups.within, book
    )  # fmt: skip
    names = {g: name for name, g in before.ids.items()}
    pairs = followed(before, later).counterpart
    of_group = {h: names[g] for g, h in pairs.items() if g in names}
    return KeptIds(of_group=of_group, last=max((int(name[1:]) for name in names.values()), default=0))


def continue_run(
    before: RunSide, store: Store, options: Options, ids: KeptIds, exact: PersonaSet, names: Names
) -> tuple[PersonaSet, Lines, PersonaSet, Before]:
    """The pages of a run that is done so far anew, with what changed; and what `check` needs to make them again."""
    later = finished_side(store)
    changes = with_kept_names(compare(before, later, followed(before, later)))
    exact = continued(exact, changes)
    personas, lines = write_pages(store, exact, names, options)
    write_changes(store, changes)
    return personas, lines, exact, Before(ids=ids, changes=changes)


def write_changes(store: Store, changes: Changes) -> None:
    store.write_text(FILES[0], changes.model_dump_json(indent=1) + "\n")
    store.write_text(FILES[1], changes_markdown(changes))
    store.write_text(FILES[2], changes_html(changes))


def changes_of(store: Store) -> Changes | None:
    """What changed since the run before, as far as this one was made with `--since`."""
    return Changes.model_validate(store.read_json(FILES[0])) if store.path(FILES[0]).is_file() else None


def without_changes(store: Store) -> list[str]:
    """What an earlier run in this folder left of that goes; returns the names of the files that did."""
    found = [name for name in FILES if store.path(name).is_file()]
    for name in found:
        store.path(name).unlink()
    return found
