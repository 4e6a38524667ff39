"""`test_groups`: groups from anywhere on trial on a log.

In: options, and groups (lists of ids, a file, a frame, a run). Out: `GroupTests`, its counts in fives. Promises: nothing is told
of a group below the floor but that it is; the log is read into a folder that is thrown away.
"""

from __future__ import annotations

from dataclasses import asdict

from ...folders import temporary_folder
from ...groups.given_labels import GroupOnTrial, GroupsOnTrial, try_labels
from ...options import Options
from ...progress import Progress
from ...schema import GroupTest, GroupTests
from ...store import Store
from ...words.english.trials_told import group_says, groups_say
from ...words.floors import FEW, of_users, share
from ..group_members import Groups
from ..open_log import Labels, OpenLog, open_log

SHARES = ("same", "chance", "kappa", "low", "null", "random", "own", "own_chance", "own_null")


def test_groups(options: Options, groups: Groups, progress: Progress) -> GroupTests:
    """Do they come back, above chance and null logs; are they just one field; how many could be tested?"""
    with temporary_folder() as folder:
        opened = open_log(options, Store.create(folder), progress, [groups])
        names, label = opened.labels(groups)
        return try_groups(opened, names, label, progress)


test_groups.__test__ = False  # type: ignore[attr-defined]  # its name is what users call it, not a test's


def try_groups(opened: OpenLog, names: list[str], label: Labels, progress: Progress) -> GroupTests:
    """The trial of groups as labels of the users of `opened.seen`."""
    progress.stage("test groups")
    seen, options = opened.seen, opened.options
    visits, cohort = seen.visits(by_place=True)
    fields = {name: code[seen.able] for name, code in seen.fields.items()}
    found = try_labels(visits, cohort, label[seen.able], len(names), fields, options.seed, options.floor)
    sizes = [int((label == g).sum()) for g in range(len(names))]
    tests = [_told(name, n, one, options.floor) for name, n, one in zip(names, sizes, found.groups, strict=True)]
    ends, bar = found.gain_ends, found.null_gain
    gain = None if found.gain is None or ends is None or bar is None else (found.gain, *ends, bar)
    foretells = gain is not None and gain[1] > max(gain[3], 0.0)
    within = seen.within
    return GroupTests(
        groups=tests,
        users=of_users(sum(sizes)),
        tested=of_users(found.tested),
        without=of_users(int((label < 0).sum())),
        gain=_two(found.gain),
        gain_ends=ends and (round(ends[0], 2), round(ends[1], 2)),
        null_gain=_two(bar),
        foretells=foretells,
        just={name: round(x, 2) for name, x in _telling(found).items()},
        mostly=found.mostly,
        within=within,
        views=list(found.views),
        says=groups_say(of_users(sum(sizes)), of_users(found.tested), gain, found.mostly, within, foretells=foretells),
    )


def _told(name: str, members: int, found: GroupOnTrial, floor: int) -> GroupTest:
    """A group with its figures as they may be forwarded."""
    counts = {
        "members": of_users(members) if members >= FEW else 0,
        "tested": of_users(found.tested) if found.tested >= FEW else 0,
    }
    figures = {} if found.word == "untested" else {k: share(v) for k, v in asdict(found).items() if k in SHARES}
    test = GroupTest(name=name, word=found.word, says="", **counts, **figures)
    return test.model_copy(update={"says": group_says(test, floor)})


def _telling(found: GroupsOnTrial) -> dict[str, float]:
    """The fields that tell most of the groups, at most ten."""
    told = found.just or {}
    return {name: told[name] for name in sorted(told, key=lambda n: -told[n])[:10]}


def _two(x: float | None) -> float | None:
    return None if x is None else round(x, 2)
