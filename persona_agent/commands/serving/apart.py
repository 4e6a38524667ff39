"""What an agent was told already, so that no two answers differ by fewer than five users: their difference would be of these.

In: what each user answered to a question, and who was asked. Out: whether another answer was given that fewer than five users
tell from this one. Promises: an answer is compared with every one that was told in the folder, in this session and before, of
other questions and groups; that nobody differs is no better, or a refusal would tell who does; what all answers give away
together is of nobody or of five users and more (`sums`); of users nothing is kept that can be read, and `forget` empties the
files with the folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ...evidence import Corpus, Population, answers, question
from ...evidence.sums_of_few import Sums, mixed
from ...ids import content_hash
from ...schema import Measure
from ...store import Store
from ...words.floors import FEW
from .sealed_answers import KEPT, KEPT_SUMS

Hashes = NDArray[np.uint64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]
Row = NDArray[np.uint16]
# An answer is kept as what its users answered, hashed to 16 bits each and folded (exclusive or) into so many places by user: 8 kB
# whatever the log's size. Two users fall into one place seldom (five of them: one time in 400), and then are counted as fewer:
# a refusal too much, never one too little.
PLACES = 4096
ROW = PLACES * 2 + 8
MEMBERS = "members"
NEARLY_SAME = "fewer than five users tell this from an answer that was given before, which holds for it as well"
TOGETHER = "with answers that were given before it would tell something of fewer than five users"
REFUSALS = (NEARLY_SAME, TOGETHER)


class Apart:
    """The answers of one folder; `users` are the hashes of the log's users in the order in which they are asked."""

    def __init__(self, store: Store, users: Sequence[str]) -> None:
        self._path = store.path(KEPT)
        self._users = _hashes(users)
        raw = np.frombuffer(self._path.read_bytes() if self._path.is_file() else b"", np.uint8)
        rows = raw[: len(raw) // ROW * ROW].reshape(-1, ROW)
        self._keys = [bytes(row[:8]) for row in rows]
        self._rows = [row[8:].view(np.uint16) for row in rows.copy()]
        self._sums = Sums(store.path(KEPT_SUMS), self._users)
        everybody = np.ones(len(self._users), dtype=bool)
        self._sums.note(everybody.astype(np.float64), MEMBERS, everybody)

    def why_not(self, corpus: Corpus, asked: Measure, population: Population, among: Bools | None = None) -> str:
        """Why this figure may not be told; empty where it may, and then it is kept. What is compared within a field is the same
        question. `among`: it is of these users of the population alone.
        """
        whole = asked.model_copy(update={"within_field": None})
        found, inside = answers(corpus, whole), corpus.people.mask(population)
        inside = inside if among is None else inside & among
        there = inside & found.answered()
        row = _folded(self._users[there], found.samples()[there], f"{asked.unit} {asked.statistic}")
        adds = np.where(there, np.nan_to_num(found.samples()), 0.0)
        asked_of = [question(whole), _members(self._users[inside])]
        # A part of the users by chance is a kind of its own: of what all of them do nothing follows from it.
        kind = question(whole) if among is None else f"{question(whole)} {_members(self._users[among])}"
        if not self._is_kept(asked_of) and self._sums.only_here(adds, kind, inside):
            return TOGETHER
        why = self._keep(asked_of, row, adds)
        if not why:
            self._sums.note(adds, kind, inside)
        return why

    def why_not_define(self, users: Sequence[str], *, made: bool = True) -> str:
        """Why the size of this group may not be told. The same users under any name are the same group; `made` by an agent."""
        if len(users) < FEW:
            return ""  # nothing is told of it
        inside = _hashes(users)
        adds = np.isin(self._users, inside).astype(np.float64)
        why = self._keep([MEMBERS, _members(inside)], _folded(inside, np.zeros(len(users)), MEMBERS), adds)
        if not why:
            self._sums.note(adds, MEMBERS, adds > 0, made=made)
        return why

    def _is_kept(self, what: Sequence[str]) -> bool:
        return _key(what) in self._keys

    def _keep(self, what: Sequence[str], row: Row, adds: Reals) -> str:
        key = _key(what)
        if key in self._keys:
            return ""
        if any(np.count_nonzero(known != row) < FEW for known in self._rows):
            return NEARLY_SAME
        if not self._sums.may_tell(adds):
            return TOGETHER
        self._keys.append(key)
        self._rows.append(row)
        with self._path.open("ab") as file:
            self._path.chmod(0o600)
            file.write(key + row.tobytes())
        return ""


def _key(what: Sequence[str]) -> bytes:
    return bytes.fromhex(content_hash(list(what))[7:23])


def _hashes(users: Sequence[str]) -> Hashes:
    return np.array(
        [int.from_bytes(blake2b(u.encode(), digest_size=8).digest(), "big") for u in users], dtype=np.uint64
    )


def _members(users: Hashes) -> str:
    """What names a set of users, in whatever order they come."""
    return blake2b(np.sort(users).tobytes(), digest_size=16).hexdigest()


def _folded(users: Hashes, samples: Reals, kind: str) -> Row:
    """What these users answered, a number each, in the PLACES of a row; another kind of number is another answer."""
    bits = (np.asarray(samples, dtype=np.float64) + 0.0).view(np.uint64)  # −0 is 0
    salt = np.uint64(int.from_bytes(blake2b(kind.encode(), digest_size=8).digest(), "big"))
    digests = mixed(mixed(bits ^ salt) ^ users)
    row = np.zeros(PLACES, dtype=np.uint16)
    np.bitwise_xor.at(
        row, (users % np.uint64(PLACES)).astype(np.int64), np.maximum(digests >> np.uint64(48), 1).astype(np.uint16)
    )
    return row
