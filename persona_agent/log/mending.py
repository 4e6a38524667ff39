"""What an error says of the columns of a log, and the options that mend it, ready to copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from ..errors import InputError
from ..inert import inert
from .guessing import REQUIRED, Column, guesses, is_key_of_people, is_literal
from .layouts import COUNTED
from .plan import MISSING
from .taking import Taken

SHOWN_COLUMNS = 40  # names in an error; more cannot be taken in
MOST_GUESSES = 3  # columns of a field in an error, the likeliest first
ACT = "TEXT"


def found_columns(columns: Mapping[str, Column]) -> str:
    """The columns, each with what it holds: its values would name people; that they are counted, where nothing names them."""
    shown = dict.fromkeys(f"{column.shown or path} ({content_of(column)})" for path, column in columns.items())
    more = f" and {len(shown) - SHOWN_COLUMNS} more" if len(shown) > SHOWN_COLUMNS else ""
    counted = [*columns] == [COUNTED.format(place) for place in range(1, len(columns) + 1)]
    headless = "The table has no header, so its columns are counted. " if counted else ""
    if len(columns) == 1 and not any("." in path for path in columns):
        headless = "Its lines have one cell: no comma, semicolon, tab, |, longer sign or run of spaces parts all of them alike. "
    return f"{headless}Columns found: {', '.join(list(shown)[:SHOWN_COLUMNS])}{more}."


def content_of(column: Column) -> str:
    """What a column holds, in a word, and how much of it."""
    if not column.filled:
        return "empty"
    if column.objects:
        return "list of objects"
    if is_literal(column):
        return "objects in a spelling that is not JSON"
    kind = "times" if column.timely else "numbers" if column.numeric else "/".join(sorted(column.types))
    return f"{kind}, {len(column.distinct):,} different"


def mend(missing: Sequence[str], columns: Mapping[str, Column], known: Taken) -> str:
    """All that is to be added to the command, then why each column may be what it is given for. An act is proposed only where a
    column may be one; else it may be in a list, or always one.
    """
    used, pairs, why = {*known.mapping.values()}, list[str](), list[str]()
    for name in REQUIRED:
        if name in known.why:
            pairs.append(f"{name}={known.mapping[name]}")
        if name not in missing:
            continue
        may_be = guesses(name, columns, used)
        used |= {*may_be[:1]}
        if may_be or name != "action":
            pairs.append(f"{name}={may_be[0] if may_be else 'COLUMN'}")
        why.extend(_reasons(name, columns, may_be[:MOST_GUESSES]))
    asked = "action" in missing and not any(pair.startswith("action=") for pair in pairs)
    options = [*([f"--map {quote(','.join(pairs))}"] if pairs else []), *([f"--act {ACT}"] if asked else [])]
    # What a log calls its columns may hold ends of lines, and would begin one here.
    return "\n".join(map(inert, [f"Add {' '.join(options)}{_of_act(columns) if asked else ''}", *why]))


def mostly_rejected(rejected: int, records: int, lines: Sequence[str]) -> InputError:
    """The error for a log that is broken more than it is whole; `lines` are the first rejects, `file:line: reason`."""
    empty = bool(lines) and all(line.endswith(MISSING) for line in lines)
    return InputError(
        f"{rejected:,} of the first {records:,} records cannot be read. {'; '.join(lines)}.",
        hint="If a row without it tells of what did not happen, go on with the others by --allow-rejects; else check --map."
        if empty
        else "Mend the log, check --map and --format, or go on with the rest by --allow-rejects.",
    )


def _of_act(columns: Mapping[str, Column]) -> str:
    lists = [path for path, column in columns.items() if column.objects]
    one = (
        f"; {lists[0]} holds a list of objects: --each {quote(lists[0])} reads each as an event of its own"
        if lists
        else ""
    )
    return f" where all records are of one act (order, rating), or --map action=COLUMN{one}."


def _reasons(name: str, columns: Mapping[str, Column], may_be: Sequence[str]) -> Iterator[str]:
    """Why each may be it; of one that is alone too, for it was not sure enough to be taken."""
    for place, path in enumerate(may_be):
        called = columns[path].shown or path
        key = "a key of people" if name == "user" and is_key_of_people(path) else ""
        held = ", ".join(filter(None, (key, content_of(columns[path]))))
        yield f"{name}={called}: {held}" if place == 0 else f"or {name}={called}: {held}"
