"""Users and acts by what columns hold, in a log whose names nobody knows.

Takes columns as texts, a line at a time; gives which of them can be the user, or the act. Promises: nothing hangs on what a
column is called; what a text names is a thing and no user; what goes with anything else (a thing's kind, a user's town, how an
order is paid) is no act.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from .events import MAX_FIELD_VALUES
from .numbering import FEW, ROUND

PART = 0.1  # of lines have one value, at most, if it is a user's: a number of pieces or a mark is 1 or 5 on more
CHANGES = 0.5  # of the changes that chance would make from line to line of a sitting, at least, if these are acts
PAUSE = 30 * 60 * 1_000_000  # microseconds; as the end of a visit elsewhere
DAYS = 4 * 60 * 60 * 1_000_000  # microseconds within which the lines of a visit lie; as LASTING of unused.py
BRIEF = 0.95  # of the values that come back do so within that: they number visits
TURNS = 1.2  # stretches of lines that a value has, at most, if values take turns: a page may be turned back, a thing comes again

Texts = Sequence[str]
Settles = Callable[[str, str], bool]


def users(
    ids: Mapping[str, Texts], names: Sequence[str], times: Sequence[int | None], settles: Settles
) -> Iterator[str]:
    """Of columns of `ids`, those that can be the user, by `times` in microseconds: no text among `names` settles them, they are
    no visits, and they do not end as prices do.
    """
    for path, values in ids.items():
        counts = Counter(filter(None, values))
        if not counts or max(counts.values()) > PART * counts.total() or _ends_as_prices(counts):
            continue
        if not _is_brief(values, times) and not any(settles(text, path) for text in names):
            yield path


def possible_acts(
    texts: Mapping[str, Texts],
    others: Sequence[str],
    who: Texts,
    times: Sequence[int | None],
    settles: Settles,
) -> Iterator[str]:
    """Of `texts`, those that can be the act: few values, which none of the `others` settles and which change from line to line
    of a sitting of a user.
    """
    for path, values in texts.items():
        if not 2 <= len({*values} - {""}) <= MAX_FIELD_VALUES or not _changes(values, who, times):
            continue
        if not any(settles(other, path) for other in others if other != path):
            yield path


def _ends_as_prices(counts: Mapping[str, int]) -> bool:
    numbers = [value for value in counts if value.isdecimal()]
    return bool(numbers) and sum(value[-1] in "059" for value in numbers) >= ROUND * len(numbers)


def _is_brief(values: Texts, times: Sequence[int | None]) -> bool:
    held = defaultdict[str, list[int]](list)
    for value, time in zip(values, times, strict=True):
        if value and time is not None:
            held[value].append(time)
    several = [t for t in held.values() if len(t) > 1]
    return sum(max(t) - min(t) <= DAYS for t in several) >= BRIEF * len(several)


def _changes(values: Texts, who: Texts, times: Sequence[int | None]) -> bool:
    """Lines of one time are one order's, and show nothing."""
    lines = sorted((u, t, v) for u, t, v in zip(who, times, values, strict=True) if u and v and t is not None)
    pairs = [(a[2], b[2]) for a, b in pairwise(lines) if a[0] == b[0] and 0 < b[1] - a[1] <= PAUSE]
    if len(pairs) < FEW:
        return False
    counts = Counter(line[2] for line in lines)
    chance = 1 - sum((n / len(lines)) ** 2 for n in counts.values())
    return sum(a != b for a, b in pairs) >= CHANGES * chance * len(pairs)


def take_turns(values: Sequence[str], times: Sequence[int | None]) -> bool:
    """Whether each value has a stretch of time of its own, as pages of a ledger, files and weeks have: they say when and where a
    line was written, and are no things that anybody turns to.
    """
    lines = sorted((when, i) for i, when in enumerate(times) if when is not None and values[i])
    told = [values[i] for _, i in lines]
    return sum(a != b for a, b in pairwise(told)) + 1 <= TURNS * len({*told})
