"""The column of who wrote each record: posts, comments, messages and commits call their user author or sender.

Takes columns as texts, a line at a time; gives those that can be the user. Promises: a word beside it makes it another's
(`link_author`, `parent_author`); what a thing settles is the thing's, as the author of a book is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from .guessing import KEY_WORDS, REPEATS, owner_parts
from .vendors.common import words

WRITERS = frozenset(words("author sender poster commenter committer contributor reviewer writer"))
BACK_LINES = 0.5  # of lines are of writers met at several times: in a forum most write once, and they write little

Settles = Callable[[str, str], bool]


def is_writer(path: str) -> bool:
    """Whether a name is of who wrote the record itself: `author`, `author.name`, `sender_id`."""
    return names_writer(path) and set(owner_parts(path)) - KEY_WORDS <= WRITERS


def names_writer(path: str) -> bool:
    """Whether a name is of somebody who wrote this or anything else: a person, and no thing."""
    return not WRITERS.isdisjoint(owner_parts(path))


def writers(
    paths: Iterable[str], others: Sequence[str], texts: Callable[[str], Sequence[str]], time: str, settles: Settles
) -> Iterator[str]:
    """Of `paths`, those of who wrote the records: most lines are of some who come back at another `time`, and none of the
    `others` that come back settles who it is without being settled in turn, as a second name of theirs is.
    """
    written = [path for path in paths if is_writer(path) and _lines_come_back(texts(path), texts(time))]
    things = [path for path in others if written and len({*texts(path)}) < REPEATS * len(texts(path))]
    for path in written:
        if not any(settles(thing, path) and not settles(path, thing) for thing in things if thing != path):
            yield path


def _lines_come_back(who: Sequence[str], when: Sequence[str]) -> bool:
    times = dict[str, set[str]]()
    for writer, time in zip(who, when, strict=True):
        times.setdefault(writer, set()).add(time)
    times.pop("", None)
    back = sum(writer in times and len(times[writer]) > 1 for writer in who)
    return back >= BACK_LINES * len(who)
