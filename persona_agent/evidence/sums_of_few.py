"""What all answers of a folder give away together: no sum or difference of any of them may be of one to four users.

In: for each answer, what every user adds to it (a number each; 1 for who is in a group). Out: whether, with those that were given
before, some sum of multiples of them would rest on fewer than five users. Answers are vectors over a prime field, so that sums of
any length are looked through at once. Promises: what follows from answers that were given is no news, and may be told again; of
users nothing is kept that can be read. Searched by chance (TRIALS): an offending sum is missed about once in a hundred times
where half as many answers as users were given, and practically never where fewer were.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..words.floors import FEW

Field = NDArray[np.int64]  # numbers from 0 to PRIME - 1
# The largest prime of 16 bits: a vector takes two bytes a place, and sums of products of thousands stay exact.
PRIME = 65_521
# Users are folded into so many places. Two of five fall into one place in one case in two hundred, and then are counted as fewer:
# a refusal too much, never one too little.
PLACES = 2048
# Of a code with as many places as there are users, words of fewer than five users need not exist while it has half as many
# dimensions; beyond that a search by chance misses them, and soon they are there whatever is asked.
MOST = 0.5
# Orders in which answers are eliminated, each by chance. With half of all places eliminated, four users have at most one among
# these in 5 of 16 orders: 0.69 to the twelfth is a hundredth.
TRIALS = 12
# Below this share of places eliminated one order finds four users in more than half of all cases without trying single answers.
SPARSE = 1 / 8
FINEST = 1000  # the largest denominator of a share or an amount


class Sums:
    """The answers given in one folder, kept in `file`, or in none; `users` are hashes of the users of the log. With a `seed` the
    same answers are let through whenever they are asked in the same order.
    """

    def __init__(self, file: Path | None, users: NDArray[np.uint64], seed: int | None = None) -> None:
        self._file, self._users = file, users
        self._place = (users % np.uint64(PLACES)).astype(np.int64)
        self._own = (np.uint64(1) + mixed(users) % np.uint64(PRIME - 1)).astype(np.int64)
        there = np.unique(self._place)
        rng = np.random.default_rng(seed)
        self._orders = [_Eliminated(rng.permutation(there)) for _ in range(TRIALS)]
        raw = np.frombuffer(file.read_bytes() if file and file.is_file() else b"", np.uint16)
        # The same of what any log would give, by the users that an answer is of: of other sessions it is not known any more.
        self._told, self._by_kind = _Eliminated(there), _Eliminated(there)
        for row in (_row(np.ones(len(users)), self), *raw[: len(raw) // PLACES * PLACES].reshape(-1, PLACES)):
            self._take(row.astype(np.int64))
            self._told.take(row.astype(np.int64))

    def may_tell(self, adds: NDArray[np.float64]) -> bool:
        """May an answer be told to which each user adds so much? It is kept if so."""
        row = _row(adds, self)
        if not self._orders[0].left(row).any():
            return True
        if self._orders[0].rank >= MOST * self._orders[0].width or any(order.leaves_few(row) for order in self._orders):
            return False
        self._take(row)
        if self._file is None:
            return True
        with self._file.open("ab") as file:
            self._file.chmod(0o600)
            file.write(row.astype(np.uint16).tobytes())
        return True

    def only_here(self, adds: NDArray[np.float64], kind: str, inside: NDArray[np.bool_]) -> bool:
        """Does an answer of this kind, of these users, follow from those given, but only as the users of this log happen to act?
        That nobody tells two answers apart would be told by it, as one to four are refused. Of the same kind it follows in any
        log, as what everyone does from what each group does.
        """
        follows = not self._told.left(_row(adds, self)).any()
        return follows and bool(self._by_kind.left(self._of_kind(kind, inside)).any())

    def note(self, adds: NDArray[np.float64], kind: str, inside: NDArray[np.bool_], *, made: bool = False) -> None:
        """An answer that was told; of groups that are `made` it may be heard whether anybody does."""
        if not made:
            self._told.take(_row(adds, self))
        self._by_kind.take(self._of_kind(kind, inside))

    def _of_kind(self, kind: str, inside: NDArray[np.bool_]) -> Field:
        """What these users might answer to a question of this kind: numbers that nothing else follows from."""
        salt = np.uint64(int.from_bytes(blake2b(kind.encode(), digest_size=8).digest(), "big"))
        own = (mixed(self._users ^ salt) % np.uint64(PRIME)).astype(np.int64)
        row = np.zeros(PLACES, dtype=np.int64)
        np.add.at(row, self._place, np.where(inside, own, 0))
        return row % PRIME

    def _take(self, row: Field) -> None:
        for order in self._orders:
            order.take(row)


class _Eliminated:
    """Answers in reduced echelon form: each has a place of its own, at which no other has anything. `places` in the order in
    which such a place is looked for.
    """

    def __init__(self, places: NDArray[np.int64]) -> None:
        self._places = places
        self.width = len(places)
        self._rows = np.zeros((0, self.width), dtype=np.int64)
        self._pivots: list[int] = []

    @property
    def rank(self) -> int:
        return len(self._pivots)

    def left(self, row: Field) -> Field:
        """What of an answer does not follow from those that were given."""
        own = row[self._places]
        return _times(own[self._pivots], self._rows, own)

    def take(self, row: Field) -> None:
        left = self.left(row)
        if not left.any():
            return
        pivot = int(np.flatnonzero(left)[0])
        made = left * pow(int(left[pivot]), -1, PRIME) % PRIME
        rest = (self._rows - self._rows[:, [pivot]] * made) % PRIME
        self._rows = np.vstack([rest, made])
        self._pivots.append(pivot)

    def leaves_few(self, row: Field) -> bool:
        """Is some sum of the answer and of those given, as far as this order shows it, of one to four users?"""
        left = self.left(row)
        if np.count_nonzero(left) < FEW:
            return bool(left.any())
        return self.rank > SPARSE * self.width and self._with_one(left)

    def _with_one(self, left: Field) -> bool:
        """The same with one of the answers added: it has one place of its own, so that three others may be left. Which multiple
        it is, one of any four places tells at which it has something.
        """
        for at in range(FEW - 1):
            having = np.count_nonzero(self._rows, axis=1) > at
            rows = self._rows[having]
            if not len(rows):
                return False
            nth = np.argmax(np.cumsum(rows != 0, axis=1) > at, axis=1)
            factor = left[nth] * INVERSE[rows[np.arange(len(rows)), nth]] % PRIME
            found = (left - factor[:, None] * rows) % PRIME
            if (np.count_nonzero(found, axis=1) < FEW).any():
                return True
        return False


def _times(factors: Field, rows: Field, of: Field) -> Field:
    """`of` without these multiples of rows; in floating point, in which products of 16 bits add up exactly."""
    taken = factors.astype(np.float64) @ rows.astype(np.float64)
    return (of - taken.astype(np.int64)) % PRIME


def mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of 64 in every other (splitmix64: Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _row(adds: NDArray[np.float64], sums: Sums) -> Field:
    """What users add, as numbers of the field, in the places of a row."""
    values, which = np.unique(np.nan_to_num(adds), return_inverse=True)
    whole = (
        values == np.rint(values)
    ).all()  # without a fraction for each: of sums of thousands of users there are many
    own = (values % PRIME).astype(np.int64) if whole else _in_field(values.tolist())
    own = own[which] * sums._own % PRIME
    row = np.zeros(PLACES, dtype=np.int64)
    np.add.at(row, sums._place, own)
    return row % PRIME


def _in_field(values: Iterable[float]) -> Field:
    """Shares and amounts as fractions, of which sums are exact here as well."""
    found = [Fraction(v).limit_denominator(FINEST) for v in values]
    return np.array([f.numerator * pow(f.denominator, -1, PRIME) % PRIME for f in found], dtype=np.int64)


INVERSE = np.array([0, *(pow(i, -1, PRIME) for i in range(1, PRIME))], dtype=np.int64)
