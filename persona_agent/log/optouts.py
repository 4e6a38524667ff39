"""Who opted out: lists of them in whatever form such lists are kept, and whom of the log they mean.

A file comes in, with the name of the log's column of users; raw user ids come out, and then those of the log that they mean.
Read are ids one a line (bullets, numbers, quotes and brackets around them or not), ids in one line, tables (with a header or
without, with any of the usual separators) and JSON (a list, objects, one a line), in any encoding, packed as logs may be or
not. Promises: an id is what the log's reader would make of it; a table's column is chosen by name, else it is the first without
times; who is listed with “opted out: no” is not; of several encodings that a short list could be in, the one goes whose ids are
in the log.
"""

from __future__ import annotations

import csv
import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes

from ..errors import InputError, UsageError
from ..ids import user_hash
from ..redaction import normalise
from ..redaction.spelling import may_be_encoded, spelled, unmasked
from ..store import FORGOTTEN, OPTED_OUT, Store, forgotten
from .archives import is_zip, logs_in
from .column_names import bare
from .guessing import NAMES, is_key_of_people
from .inputs import COMPRESSED, Input, open_bytes
from .times import may_be_time
from .values import as_id, cell_id, clean

ENCODINGS = 8  # that a list may be in, likeliest first: of a few short ids nothing else can tell
DELIMITERS = ",;\t|"
LIST_SUFFIXES = (".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".list", ".yaml", ".yml")  # in an archive
OTHER_NAMES = (
    "id",
    "ids",
    "users",
    "uids",
    "userids",
    "emails",
    "opted out",
    "opt outs",
    "opt out users",
    "opted out users",
)
ANSWERS = frozenset(
    map(bare, ("opt_out", "opted_out", "optout", "unsubscribed", "do_not_track", "objected", "withdrawn"))
)
ANY_CASE = "~"  # before a hash of an id without case, in the list of who was forgotten
NO = ("false", "no", "n", "0", "nein", "non", "falsch")
WORD = re.compile(r"[\w.@+-]+")
COMMENT = re.compile(r"#\s|//\s")
# What lists put around an id: bullets, a key above them, brackets and quotes of programs, the rule below a drawn header.
BULLET = re.compile(r"\s*[-*•–+]\s+(?=\S)")
NUMBERED = re.compile(r"\s*(\d+)[.)]\s+(?=\S)")
KEY = re.compile(r"[\w .-]+:\s*$")
PAIRS = {"'": "'", "(": ")", "<": ">", "[": "]", "{": "}"}
RULE = re.compile(r"[-+|=:\s]{3,}$")


def read_opt_outs(path: Path, column: str) -> list[frozenset[str]]:
    """The ids that the file lists, once for each encoding that it may be in; `column` is the log's own name for users.
    UsageError where it cannot be read.
    """
    content = _content(path)
    names = [bare(column), bare(column.rpartition(".")[2]), *NAMES["user"], *map(bare, OTHER_NAMES)]
    return [_ids(text.strip(), names) for text in _decoded(content, path)]


def _content(path: Path) -> bytes:
    """The bytes of the file, unpacked as a log's are; InputError where it is damaged, or an archive of several lists."""
    name = f"the opt-out list {str(path)!r}"
    try:
        path.open("rb").close()
    except OSError as error:
        raise UsageError(f"Cannot read {name}: {error.strerror}.") from None
    found = logs_in(path, name, LIST_SUFFIXES, COMPRESSED) if is_zip(path) else [""]
    if len(found) > 1:
        raise InputError(f"{name} holds {len(found)} lists.", hint="Unpack it, and name one of them.")
    with open_bytes(Input(path, name, found[0])) as stream:
        return stream.read()


def _ids(text: str, names: Sequence[str]) -> frozenset[str]:
    values = _json(text)
    if values is None and PAIRS.get(text[:1]) == text[-1:] and text[0] in "[{":  # a list as Python or YAML write it
        text = text[1:-1]
    found = _of_json(values, names) if values is not None else _of_table(text, names)
    return frozenset(filter(None, found))


def keep_opted_out(store: Store, readings: Sequence[Collection[str]]) -> None:
    """Who opted out, as keyed hashes, so that later logs are read without them; without a list, nothing."""
    path = store.path(OPTED_OUT)
    if readings:
        store.write_json(path.name, sorted(_hashes(store, readings)))
    else:
        path.unlink(missing_ok=True)


def opted_out(store: Store, readings: Sequence[Collection[str]] | None = None) -> set[str]:
    """The keyed hashes of who opted out of the run, or of these ids; case does not count."""
    if readings is not None:
        return _hashes(store, readings)
    return set(store.read_json(OPTED_OUT)) if store.path(OPTED_OUT).is_file() else set()


def are_out(users: Iterable[str], left_out: Collection[str], store: Store) -> list[str]:
    """Those of raw ids whose hashes are among these."""
    return [user for user in users if user_hash(store.key(), user.casefold()) in left_out] if left_out else []


def stay_out(store: Store, hashes: Collection[str], folded: Collection[str]) -> None:
    """Writes down who is to stay out of what is read with the key of this folder: hashes of ids, and of ids without case."""
    kept = {*_told_forgotten(store), *hashes, *(ANY_CASE + h for h in folded)}
    if kept:
        store.write_json(FORGOTTEN, sorted(kept))


def keep_out_as(store: Store, earlier: Store) -> None:
    """Who opted out of an earlier run, or was forgotten in it, stays out here. UsageError where the keys differ, for then nobody
    can tell whom its hashes mean.
    """
    hashes, folded = forgotten(earlier), forgotten_in_any_case(earlier) | opted_out(earlier)
    if not hashes and not folded:
        return
    if not earlier.key_path.exists() or store.key() != earlier.key():
        raise UsageError(
            f"People opted out of {str(earlier.out)!r} or were forgotten in it, and {str(store.out)!r} has not its "
            "key: nobody can tell who they are.",
            hint="Name a new folder with -o, or the same --key FILE.",
        )
    stay_out(store, hashes, folded)


def forgotten_in_any_case(store: Store) -> set[str]:
    """The keyed hashes, of ids without case, of who is to stay out of this folder."""
    return {h.removeprefix(ANY_CASE) for h in _told_forgotten(store) if h.startswith(ANY_CASE)}


def kept_out(users: Collection[str], store: Store) -> list[str]:
    """Raw ids that are those of forgotten users in other letters. Where the log has the very id as well, only that is meant."""
    folded = forgotten_in_any_case(store)
    if not folded:
        return []
    key, exact = store.key(), set(forgotten(store))
    found = are_out(users, folded, store)
    meant_exactly = {user.casefold() for user in found if user_hash(key, user) in exact}
    return [user for user in found if user.casefold() not in meant_exactly]


def is_kept_out(user: str, key: bytes, exact: Collection[str], folded: Collection[str]) -> bool:
    """Is this raw id a forgotten user's, in whatever letters?"""
    return user_hash(key, user) in exact or user_hash(key, user.casefold()) in folded


def _told_forgotten(store: Store) -> list[str]:
    return list(store.read_json(FORGOTTEN)) if store.path(FORGOTTEN).is_file() else []


def _hashes(store: Store, readings: Sequence[Collection[str]]) -> set[str]:
    return {user_hash(store.key(), user.casefold()) for ids in readings for user in ids}


@dataclass(frozen=True)
class Meant:
    """Users of the log who opted out by an id that is spelled otherwise, and what a person should know of the list."""

    users: list[str]
    note: str


def meant(readings: Sequence[frozenset[str]], gone: Collection[str], users: Collection[str]) -> Meant:
    """Whom a list means in the best of its readings: `gone` are left out already, being spelled as it has them, `users` are all
    others of the log. Case counts only where two ids of the log differ by it alone. InputError where it means nobody.
    """
    if not any(readings):
        return Meant([], "the opt-out list names nobody" if readings else "")
    known = {*gone, *users}
    folded = {user.casefold(): user for user in known}
    if len(folded) < len(known):
        folded = {}

    def found_in(wanted: frozenset[str]) -> dict[str, str]:
        return {i: i if i in known else folded[i.casefold()] for i in wanted if i in known or i.casefold() in folded}

    wanted, found = max(((ids, found_in(ids)) for ids in readings), key=lambda reading: len(reading[1]))
    if not found:
        raise InputError(
            f"None of the {len(wanted):,} ids of the opt-out list is a user's of this log.",
            hint="Give ids as they stand in the log's column of users; `inspect` shows which that is.",
        )
    missing = len(wanted) - len(found)
    note = f"{missing:,} of the {len(wanted):,} ids of the opt-out list are nobody's in this log" if missing else ""
    return Meant(sorted({*found.values()} - {*gone}), note)


class Named:
    """Whether a text that no one could read as a record names one of these ids, in any case, also in escapes, wide letters and
    letters of other alphabets that look like its own.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        folded = {i.casefold() for i in ids}
        self._words = {i for i in folded if WORD.fullmatch(i)}
        self._others = folded - self._words

    def __call__(self, text: str) -> bool:
        if self._stands_in(text):
            return True
        may_differ = not text.isascii() or may_be_encoded(text)
        plain = normalise(spelled(text)) if may_differ else ""
        return may_differ and any(map(self._stands_in, dict.fromkeys((plain, unmasked(plain)))))

    def _stands_in(self, text: str) -> bool:
        lowered = text.casefold()
        words = self._words and not self._words.isdisjoint(WORD.findall(lowered))
        return bool(words) or any(i in lowered for i in self._others)


def _decoded(content: bytes, path: Path) -> list[str]:
    if b"\0" in content:  # each second byte of Latin letters, in UTF-16
        wide = (
            "utf-16"
            if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE)
            else "utf-16-be"
            if content[:1] == b"\0"
            else "utf-16-le"
        )
        return [content.decode(wide, errors="replace")]
    try:
        return [content.decode("utf-8-sig")]
    except UnicodeDecodeError:
        found = [str(match).removeprefix("\ufeff") for match in islice(from_bytes(content), ENCODINGS)]
    with suppress(UnicodeDecodeError):
        found.append(content.decode("cp1252"))
    if not found:
        raise InputError(f"The encoding of the opt-out list {str(path)!r} cannot be told.", hint="Save it as UTF-8.")
    return found


def _json(text: str) -> list[Any] | None:
    """The values of a JSON text, or of one a line; None where it is none."""
    if text[:1] not in ("[", "{"):
        return None
    for parts in ([text], [line for line in text.splitlines() if line.strip()]):
        try:
            return [json.loads(part) for part in parts]
        except ValueError:
            continue
    return None


def _of_json(values: Iterable[Any], names: Sequence[str]) -> Iterator[str | None]:
    for value in values:
        if isinstance(value, list):
            yield from _of_json(value, names)
        elif isinstance(value, dict):
            yield from _of_object(value, names)
        else:
            yield as_id(value)


def _of_object(value: dict[str, Any], names: Sequence[str]) -> Iterator[str | None]:
    """The id of one person, or of all that stand in a list of theirs, in an object of these, or as keys."""
    if lists := [held for held in value.values() if isinstance(held, list)]:
        yield from _of_json(lists, names)
        return
    if value and all(held is None or isinstance(held, bool) for held in value.values()):
        yield from (as_id(key) for key, held in value.items() if held is not False)
        return
    fields = {bare(name): held for name, held in value.items()}
    if _says_no(fields):
        return
    told = next((fields[name] for name in names if name in fields and not isinstance(fields[name], dict)), None)
    inner = [held for held in value.values() if isinstance(held, dict)]
    if told is None and inner:
        yield from _of_json(inner, names)
    else:
        yield as_id(next(iter(value.values()), None) if told is None else told)


def _of_table(text: str, names: Sequence[str]) -> Iterator[str | None]:
    lines = _plain([line for line in text.splitlines() if line.strip() and not COMMENT.match(line)])
    delimiter = next((sign for sign in DELIMITERS if lines and sign in re.sub('"[^"]*"', "", lines[0])), ",")
    rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    if not rows:
        return
    head = [bare(cell) for cell in rows[0]]
    place = next((head.index(name) for name in names if name in head), None)
    if place is None:
        place = next((n for n, cell in enumerate(rows[0]) if is_key_of_people(cell)), None)
    if place is None and len(rows) == 1:
        yield from (cell_id(_bare_id(cell)).strip() or None for cell in rows[0])
        return
    named, place = place is not None, _first_of_ids(rows) if place is None else place
    for row in rows[1:] if named else rows:
        fields = dict(zip(head, row, strict=False)) if named else {}
        if len(row) > place and not _says_no(fields):
            yield cell_id(_bare_id(row[place])).strip() or None


def _plain(lines: list[str]) -> list[str]:
    """Lines without bullets or numbers, if all have them but for a key above, and without rules and the bars at their ends."""
    lines = [line for line in lines if not RULE.match(line)]
    if all(line.strip().startswith("|") and line.strip().endswith("|") for line in lines):
        lines = [line.strip()[1:-1] for line in lines]
    items = [line for line in lines if not KEY.match(line)]
    if items and all(map(BULLET.match, items)):
        return [BULLET.sub("", line, count=1) for line in items]
    numbers = [found[1] for line in lines if (found := NUMBERED.match(line))]
    if len(numbers) == len(lines) and numbers == [str(n) for n, _ in enumerate(lines, 1)]:
        return [NUMBERED.sub("", line, count=1) for line in lines]
    return lines


def _first_of_ids(rows: Sequence[Sequence[str]]) -> int:
    """The first column that holds no times, of rows without a name for it."""
    width = min(map(len, rows))
    dated = [
        all(not cell.strip() or _is_time(cell) for cell in column) for column in islice(zip(*rows, strict=False), width)
    ]
    return dated.index(False) if False in dated else 0


def _is_time(cell: str) -> bool:
    return not cell.strip().isdecimal() and may_be_time(cell.strip())


def _bare_id(cell: str) -> str:
    """A cell without the quotes and brackets that programs put around an id."""
    cell = cell.strip().rstrip(";")
    while len(cell) > 2 and PAIRS.get(cell[0]) == cell[-1]:
        cell = cell[1:-1].strip()
    return cell


def _says_no(fields: dict[str, Any]) -> bool:
    return any(name in ANSWERS and clean(str(held)).lower() in NO for name, held in fields.items())
