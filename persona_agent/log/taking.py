"""Fields that no name tells, by the values of columns: what is so plain that it is used unasked, and said.

Takes the fields that names found, the columns of a sample and a longer look at the log; gives the fields as they are used, with
why. Promises: a field is taken only where exactly one column can be it; what a person mapped is never changed, and what is mapped
to `none` is never taken; a column that says who somebody is, is nothing; the same log gives the same choice.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ..redaction.attributes import says_who
from ..redaction.column_kinds import kind_of_column
from .guessing import FEW, FIELDS, Column, guesses, is_key_of_people, is_literal, is_named_time, parts_of_name
from .lists import delimiter_of
from .looking import Lines, begins
from .owned import SHARE, USERS
from .pages import holds_pages
from .row_acts import BUY, act_of_rows
from .thing_keys import KEYED, could_be_of, may_key_things, no_numbers
from .times import Clock, TimeForm
from .unnamed import PAUSE, possible_acts, take_turns, users
from .unused import KEYS, THINGS, VISIT, is_visit
from .values import Rejected
from .vendors.common import words
from .writers import names_writer, writers

BACK = 1 / 3  # of users, met at two times and more: fewer are a list of people, one line each
ONE_NAME = 0.95  # of an id's lines have its commonest name: a catalogue is mended now and then
NAMES_PER_ID, NAMES = 0.1, 100  # at least, or so many names: fewer are the kinds of things, and no names
RECORDS, FEW_RECORDS = 0.99, 500  # different ids of records, which copies repeat; of fewer, things may be as many
WORDS = 0.8  # of names begin with a letter: sizes and codes begin with a digit
SAME_SITTING = 0.9  # of the lines that follow another of their user without a pause have its number, if it is a visit's
CUTS = 1.05  # numbers to a visit as pauses make visits, at most: orders of one sitting are one visit, requests are none

UNNAMED = "the only ids that come back at several times and that no text names"
_NAMING = frozenset(words("name title description label text type kind bezeichnung libelle nombre nome"))
# Of a thing, and never what it is called.
_TRAITS = frozenset(
    words("brand maker manufacturer vendor supplier size unit package colour color status currency country")
)
_ID = re.compile(r"(?=.*\d)[\w.:/-]+").fullmatch
_LETTERS = re.compile(r"[^\W\d_]{2}").match


@dataclass(frozen=True, slots=True)
class Taken:
    """The fields as they are used; `why`, for those that values decided; `act`, that all rows tell where no column does."""

    mapping: dict[str, str]
    why: dict[str, str] = field(default_factory=dict)
    act: str = ""

    @property
    def taken(self) -> dict[str, str]:
        """The fields that values decided, with their columns."""
        return {name: self.mapping[name] for name in self.why}

    @property
    def said(self) -> Iterator[str]:
        """What a person should know, and how to say otherwise."""
        if self.why:
            told = [f"{self.mapping[name]} as the {name} ({self.why[name]})" for name in FIELDS if name in self.why]
            without = next(
                (f", --map {name}=none goes without" for name in ("session", "object") if name in self.why), ""
            )
            yield f"columns were told by what they hold: {', '.join(told)}; --map names others{without}"
        if self.act:
            yield f"every row was taken as one act, “{self.act}”: --act TEXT names it"


@dataclass(slots=True)
class Taking:
    """One log in the course of it: `mapped` are the fields that a person decided, `form` says how the times of a column are
    spelled, `worth` whether rows have a worth by their columns.
    """

    columns: Mapping[str, Column]
    mapped: frozenset[str]
    lines: Lines
    form: Callable[[str], TimeForm]
    worth: Callable[[dict[str, str]], str]

    def who_and_when(self, mapping: dict[str, str]) -> Taken:
        """The user and the time, where one column alone can be it."""
        found, why = dict(mapping), dict[str, str]()
        if "timestamp" not in found and (time := self._only_time(found)):
            found["timestamp"], why["timestamp"] = time
        if "timestamp" not in found:
            return Taken(mapping)
        if "user" in found:
            asked = "timestamp" in why and len(set(self.lines.texts(found["user"]))) >= USERS
            return (
                Taken(mapping)
                if asked and not self._come_back(found["user"], found["timestamp"])
                else Taken(found, why)
            )
        told = guesses("user", self.columns, {*found.values()})
        keys = [path for path in told if is_key_of_people(path) and self._come_back(path, found["timestamp"])]
        reason = "the only key of people, who come back"
        if not keys:
            wrote = writers(told, self._free(found), self.lines.texts, found["timestamp"], self._settles)
            keys, reason = [*wrote], "who wrote each record"
        if not told:
            keys, reason = self._unnamed_users(found), UNNAMED
        if len(keys) == 1:
            found["user"], why["user"] = keys[0], reason
        return Taken(found, why)

    def what(self, taken: Taken, asked: str) -> Taken:
        """The act of all rows where no column says it and nobody `asked` for another, what it is done to, and the visit."""
        found, why, act = dict(taken.mapping), dict(taken.why), ""
        # Where not even the user is called by a known name, none can be missed of an act.
        if why.get("user") == UNNAMED and "action" not in found and not asked and (did := self._unnamed_act(found)):
            found["action"], why["action"] = did, "the only text of few values that nothing else settles"
        if "object" not in self.mapped and self._numbers_records(found.get("object", "")):
            del found["object"]
        if "action" not in found and not asked and self._has_acts_in_pages(found):
            found["action"], why["action"] = found.pop("object"), "the few pages that users go between"
        one_act = "action" not in found
        if one_act and not asked and not self._may_be_one_act(found):
            return taken
        # Of a log that names tell all of, but for a thing beside its acts, nothing is taken but what a name says too.
        by_name = not why and not one_act
        if "object" not in found and "object" not in self.mapped and (thing := self._key_or_text(found)):
            found["object"], why["object"] = thing
            found = {name: path for name, path in found.items() if name != "text" or path != thing[0]}
        else:
            by_name = False
        if one_act and not asked:
            if "object" not in found and not self._amounts(found):
                return taken
            numbers = {p: self.lines.texts(p) for p in self._free(found) if self.columns[p].numeric}
            act = BUY if self.worth(found) else act_of_rows(found["user"], found.get("object", ""), numbers)
        if named := self._name_of_ids(found):
            why["object"] = f"what each {found['object']} is called"
            found["object"] = named
            found = {name: path for name, path in found.items() if name != "text" or path != named}
        visits = "session" not in found and "session" not in self.mapped
        by_name = by_name or not (why or act)
        if visits and (visit := self._visit(found, by_name=by_name)):
            found["session"], why["session"] = visit
        return Taken(found, why, act)

    def _only_time(self, mapping: dict[str, str]) -> tuple[str, str] | None:
        """Of texts; without any, of numbers that a name tells of; without these, of numbers that read as times; with why."""
        may_be = guesses("timestamp", self.columns, {*mapping.values()})
        texts = [path for path in may_be if not self.columns[path].numeric]
        named = [path for path in may_be if is_named_time(path)]
        chosen = texts or named or may_be
        if len(chosen) == 1:
            return chosen[0], "the only column of times"
        first = begins({path: self._read_times(path) for path in chosen})
        return (first, "the time with which each line begins") if first else None

    def _unnamed_users(self, mapping: dict[str, str]) -> list[str]:
        """Ids that come back at several times, and that no text names."""
        free = [path for path in self._free(mapping) if "number" not in self.columns[path].types]
        ids = [path for path in free if self._is_of_ids(path) and self._come_back(path, mapping["timestamp"])]
        names = [path for path in self._free(mapping) if self._reads(path, {*self.lines.texts(path)} - {""})]
        return [*users({p: self.lines.texts(p) for p in ids}, names, self._times(mapping), self._settles)]

    def _unnamed_act(self, mapping: dict[str, str]) -> str:
        free = self._free(mapping)
        texts = {path: self.lines.texts(path) for path in free if self._reads(path, {*self.lines.texts(path)} - {""})}
        others = [*free, mapping["user"]]
        found = [*possible_acts(texts, others, self.lines.texts(mapping["user"]), self._times(mapping), self._settles)]
        return found[0] if len(found) == 1 else ""

    def _has_acts_in_pages(self, mapping: dict[str, str]) -> bool:
        """Whether a name made pages the object that stand for acts, beside columns that name acts less well, or things."""
        pages = mapping.get("object", "")
        if "object" in self.mapped or not holds_pages(pages) or not {"user", "timestamp"} <= mapping.keys():
            return False
        named, who = guesses("action", self.columns, {*mapping.values()}), self.lines.texts(mapping["user"])
        others = [path for path in (*self._free(mapping), mapping["user"]) if path not in named]
        if not all(self._settles(pages, act) for act in named):
            return False
        if not [*possible_acts({pages: self.lines.texts(pages)}, others, who, self._times(mapping), self._settles)]:
            return False
        return bool(named) or bool(self._only_thing({name: path for name, path in mapping.items() if path != pages}))

    def _times(self, mapping: dict[str, str]) -> list[int | None]:
        """When each line was, in microseconds; None where its time cannot be read."""
        return self._read_times(mapping["timestamp"])

    def _read_times(self, path: str) -> list[int | None]:
        read, times = Clock(self.form(path)).read, list[int | None]()
        for when in self.lines.texts(path):
            try:
                times.append(read(when)[0])
            except Rejected:
                times.append(None)
        return times

    def _come_back(self, user: str, time: str) -> bool:
        """Whether users are met at several times: else rows are people, and the time is one of theirs."""
        times = defaultdict[str, set[str]](set)
        for who, when in zip(self.lines.texts(user), self.lines.texts(time), strict=True):
            times[who].add(when)
        times.pop("", None)
        return len(times) >= USERS and sum(len(t) > 1 for t in times.values()) >= BACK * len(times)

    def _may_be_one_act(self, mapping: dict[str, str]) -> bool:
        """Whether rows are acts of users who come back, and no column or list may say which."""
        if not {"user", "timestamp"} <= mapping.keys() or any(column.objects for column in self.columns.values()):
            return False
        if guesses("action", self.columns, {*mapping.values()}) or len(self.lines.records) < FEW:
            return False
        return self._come_back(mapping["user"], mapping["timestamp"])

    def _key_or_text(self, mapping: dict[str, str]) -> tuple[str, str] | None:
        """What can be the object, with why: beside acts the one key of things, before any text; else the one text."""
        if key := self._only_key(mapping) if "action" in mapping else "":
            return key, KEYED
        text = self._only_thing(mapping)
        return (text, "the one text that users share and come back to") if text else None

    def _only_key(self, mapping: dict[str, str]) -> str:
        """The key of things, where there is one; of several that one which settles the others."""
        keys = [path for path in self._free(mapping) if may_key_things(path) and self._is_of_ids(path)]
        if not keys:
            return ""
        whose, times = self.lines.texts(mapping["user"]), self._times(mapping)
        texts = {path: no_numbers(self.lines.texts(path)) for path in keys}
        could = could_be_of(whose, times, texts, {"object"}, VISIT)
        found = [path for path in could if could[path] == "object" and not take_turns(texts[path], times)]
        return self._finest(found)

    def _only_thing(self, mapping: dict[str, str]) -> str:
        """The text that can be the object, where there is one; of several that one which settles the others."""
        # What is searched for beside acts that a column tells is no thing; where rows are one act, a description is.
        free = self._free(mapping, but="" if "action" in mapping else "text")
        texts = [path for path in free if not self.columns[path].numeric and not names_writer(path)]
        could, times = self._could_be(mapping, texts, {"object"}), self._times(mapping)
        found = [p for p in could if could[p] == "object" and not take_turns(self.lines.texts(p), times)]
        return self._finest(found)

    def _finest(self, paths: list[str]) -> str:
        """Of several columns the one that settles the others; "" where none alone does."""
        finest = [p for p in paths if all(self._settles(p, other) for other in paths if other != p)]
        return finest[0] if len(finest) == 1 else ""

    def _numbers_records(self, path: str) -> bool:
        """Whether a column says which record a line is: ids of which none comes back, however long one looks."""
        column = self.columns.get(path)
        if column is None or not self._is_of_ids(path) or len(column.distinct) < RECORDS * column.filled:
            return False
        filled = [value for value in self.lines.texts(path) if value]
        return len(filled) >= FEW_RECORDS and len({*filled}) >= RECORDS * len(filled)

    def _amounts(self, mapping: dict[str, str]) -> bool:
        """Whether rows have numbers that are no keys."""
        numeric = [
            path for path in self._free(mapping) if self.columns[path].numeric and len(self.columns[path].distinct) > 1
        ]
        return any(KEYS.isdisjoint(parts_of_name(path)) for path in numeric)

    def _name_of_ids(self, mapping: dict[str, str]) -> str:
        """The text that says in words what each id of the object is; the finest, of those that are called like names first."""
        ids = mapping.get("object", "")
        if not ids or "object" in self.mapped or not self._is_of_ids(ids):
            return ""
        stem = {*parts_of_name(ids)} - KEYS
        ranked = []
        for path in self._free(mapping, but="text"):
            parts = parts_of_name(path)
            if self.columns[path].numeric or not _TRAITS.isdisjoint(parts) or delimiter_of(self.columns[path].distinct):
                continue  # things of the same several kinds are not one thing
            different = {*self.lines.texts(path)} - {""}
            enough = len(different) >= min(NAMES, max(THINGS, NAMES_PER_ID * len({*self.lines.texts(ids)})))
            if enough and self._reads(path, different) and self._settles(ids, path):
                called = parts[-1] in _NAMING or not stem.isdisjoint(parts)
                ranked.append((called, len(different), path))
        return max(ranked)[-1] if ranked else ""

    def _is_of_ids(self, path: str) -> bool:
        column = self.columns.get(path)
        if column is None or column.filled < FEW:
            return False
        ids = sum(_ID(value) is not None for value in column.distinct)
        return column.numeric or ids >= SHARE * len(column.distinct)

    def _reads(self, path: str, different: set[str]) -> bool:
        words = sum(_LETTERS(value) is not None and _ID(value) is None for value in different)
        return self.lines.filled(path) and words >= WORDS * len(different)

    def _settles(self, one: str, other: str) -> bool:
        """Whether a value of `one` has one of `other`, nearly everywhere, as far as values come back."""
        pairs = Counter(zip(self.lines.texts(one), self.lines.texts(other), strict=True))
        total, most = Counter[str](), Counter[str]()
        for (value, _), n in pairs.items():
            total[value] += n
            most[value] = max(most[value], n)
        lines = sum(n - 1 for n in total.values())
        return lines > 0 and sum(n - 1 for n in most.values()) >= ONE_NAME * lines

    def _visit(self, mapping: dict[str, str], *, by_name: bool) -> tuple[str, str] | None:
        """The column that numbers visits, with why; by its name, else where it is alone. Pauses cut nearly as it does."""
        free = [path for path in self._free(mapping) if self._numbers_something(path)]
        named = [path for path in free if is_visit(path)]
        unnamed = [] if by_name else free
        # Of a log in no order, the first part holds few lines of each number: how many is asked where no name speaks for it.
        for paths, visit, why in (
            (named, 1.0, "of one user, one a sitting"),
            (unnamed, VISIT, "of one user, one a sitting, and no other"),
        ):
            could = self._could_be(mapping, paths, {"session"}, visit) if paths else {}
            found = [path for path in could if could[path] == "session" and self.lines.filled(path)]
            found = [path for path in found if self._cuts_as_pauses(path, mapping)]
            if len({len({*self.lines.texts(path)}) for path in found}) == 1:
                return found[0], why
        return None

    def _numbers_something(self, path: str) -> bool:
        """A first look, at the sample alone."""
        column = self.columns[path]
        return column.filled >= FEW and len(column.distinct) >= THINGS and "number" not in column.types

    def _cuts_as_pauses(self, path: str, mapping: dict[str, str]) -> bool:
        whose, numbers = self.lines.texts(mapping["user"]), self.lines.texts(path)
        told = zip(whose, self._times(mapping), numbers, strict=True)
        lines = [(who, when, number) for who, when, number in told if when is not None]
        lines.sort()
        sat = [(a, b) for a, b in pairwise(lines) if a[0] == b[0] and b[1] - a[1] <= PAUSE]
        visits = len(lines) - len(sat)
        cut = len({(who, number) for who, _, number in lines}) <= CUTS * visits
        return cut and len(sat) >= FEW and sum(a[2] == b[2] for a, b in sat) >= SAME_SITTING * len(sat)

    def _free(self, mapping: dict[str, str], but: str = "") -> list[str]:
        """Columns that are no field yet and may be told; `but` one that a name gave this field, and no person did."""
        used = {path for name, path in mapping.items() if name != but or name in self.mapped}
        return [
            path
            for path, column in self.columns.items()
            if path not in used and column.filled and not column.types & {"list", "object", "boolean"}
            and not column.timely and not is_literal(column) and not says_who(path) and kind_of_column(path) is None
        ]  # fmt: skip

    def _could_be(
        self, mapping: dict[str, str], paths: Sequence[str], free: set[str], visit: float = VISIT
    ) -> dict[str, str]:
        """What columns could be, by the test that is made of columns that were not used."""
        texts = {path: self.lines.texts(path) for path in paths}
        return could_be_of(self.lines.texts(mapping["user"]), self._times(mapping), texts, free, visit)
