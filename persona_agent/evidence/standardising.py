"""Is a difference just … what they buy, where, when? What comparable others would come to with this group's mix over a field.

In: a share of lines, of visits or of the things of visits, held against others, on a corpus. Out: of the fields that the log has
for it, the one that explains most of the difference, with how much and a 95 % interval; None where nothing of it can be told.
Direct standardisation (Fleiss, Levin & Paik 2003, ch. 19): the others' rate within each value of the field, weighed by how often
the group has that value. Promises: users, comparable others and cross-placed halves are those of the claim, and each user weighs
as it weighs there, so that without a mix the others come to what the claim says of them; errors are over users (linearised as in
Binder 1983), and so many fields are looked at as the interval is widened for (Bonferroni). docs/method.md, Is it just …?
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import ndtri

from ..schema import Measure, MixVerdict, Standardised
from .corpus import Binder, Bools, Corpus, Ints, Population
from .evaluation import ALL_USERS, compares, paired_with
from .intervals import Reals
from .mix_fields import MixField, fields_for, line_column
from .queries import compile_measure

UNITS = ("events", "sessions", "things")
FEWEST_USERS = 20  # others with a value, for a rate in it: of fewer, one moves it by more than a twentieth
# Of the group's lines, on values that too few others have: these are taken for the commonest value, so that with more of them the
# mix that is held against others is not the group's.
MOST_POOLED = 0.2
# Of what there is to tell apart in a measure: a field by whose values it is nearly settled asks the same in finer words, as a
# product asks for its aisle.
SETTLED = 0.9
# Of the difference: “mostly” from a half, “in part” from a quarter; round, as people halve and quarter.
HALF, QUARTER = 0.5, 0.25
# Of a verdict on a bar that chance alone gives, over all fields that are asked of it: that of every interval of the program
# (intervals.Z_TWO_SIDED), so that `low` and `high` read as those of any claim do. A convention, not tuned.
CERTAINTY = 0.05
DIGITS = 6  # lines come in any order, and their sums differ behind that


@dataclass(frozen=True)
class _Side:
    """Units of a measure by the user (or half of one) that they are of: (units,) `user`, `line` (the first line of each), `hit`;
    (users,) `own`, the units of each, `members` and `others`, their weights, which sum to 1 on either side; `owner` of each.
    """

    user: Ints
    line: Ints
    hit: Bools
    own: Reals
    members: Reals
    others: Reals
    owner: Ints


@dataclass(frozen=True)
class Explained:
    """What the group and its others come to, what the others would with the group's mix, and which part of the difference that
    is, `low` to `high`.
    """

    value: float
    matched: float
    expected: float
    explained: float
    low: float
    high: float

    @property
    def verdict(self) -> MixVerdict | None:
        """`mostly` where at least half of the difference is the mix, `partly` from a quarter, `not` where it is surely less
        than half; None where that cannot be told.
        """
        if self.low > 0 and self.explained >= QUARTER:
            return "mostly" if self.explained >= HALF else "partly"
        return "not" if self.high < HALF else None


def standardised(corpus: Corpus, measure: Measure, population: Population) -> Standardised | None:
    """The field that explains most of the difference between a group and its comparable others in a measure, without words."""
    told = held_against_mixes(corpus, measure, population)
    known = [(field, found, found.verdict) for field, found in told if found is not None and found.verdict is not None]
    if not known:
        return None
    field, best, verdict = max(known, key=lambda k: (k[2] != "not", k[1].explained))
    return Standardised(
        field=field.name,
        kind=field.kind,
        verdict=verdict,
        **{name: round(getattr(best, name), DIGITS) for name in ("expected", "explained", "low", "high")},
        looked=[f.name for f, found in told if found is not None],
    )


def held_against_mixes(
    corpus: Corpus, measure: Measure, population: Population
) -> list[tuple[MixField, Explained | None]]:
    """Each field that may be asked of a measure, with how much of the difference it explains; None where it cannot say."""
    if corpus.middle is not None:  # mixes are weighed by halves of visits, and these are of time
        return []
    if measure.unit not in UNITS or measure.statistic != "share" or measure.versus is None or measure.window:
        return []
    fields = fields_for(corpus, measure)
    side = _side(corpus, measure, population) if fields else None
    if side is None:
        return []
    z = float(ndtri(1 - CERTAINTY / 2 / len(fields)))
    return [(f, _explained(side, f.codes(corpus, measure.unit)[side.line], z)) for f in fields]


def _side(corpus: Corpus, measure: Measure, population: Population) -> _Side | None:
    """The units as the claim has them: cross-placed where it compares and users are placed by halves."""
    cut = corpus.cross(population) if compares(measure) else None
    on = cut or corpus
    user, line, hit = _units(corpus, measure)
    if cut is not None:
        half = line_column(corpus, "half")[line]
        there = half >= 0
        user, line, hit = 2 * user[there] + half[there], line[there], hit[there]
    people = on.people
    n = len(people.first_day)
    own = np.bincount(user, minlength=n).astype(np.float64)
    here = people.mask(population) & (own > 0)
    others = paired_with(on, measure, population).weights
    if not here.any() or not others.any():
        return None
    owner = people.owner if people.owner is not None else np.arange(n, dtype=np.int64)
    return _Side(user, line, hit, own, here / here.sum(), others / others.sum(), owner)


def _units(corpus: Corpus, measure: Measure) -> tuple[Ints, Ints, Bools]:
    """Of all users, the units that the share selects: user, first line, and whether it satisfies. They are not kept: of a long
    log those of one measure fill hundreds of megabytes.
    """
    compiled = compile_measure(measure, ALL_USERS)
    rows = corpus.of_users(f"{compiled.ctes} SELECT u, unit, satisfied FROM units WHERE selected", compiled.binder)
    unit = rows["unit"].astype(np.int64)
    line = _openings(corpus)[unit] if measure.unit == "sessions" else unit
    return rows["u"].astype(np.int64), line, rows["satisfied"].astype(bool)


def _openings(corpus: Corpus) -> Ints:
    """(sessions,) the first line of each."""
    if "openings" not in corpus.memo:
        rows = corpus.rows("SELECT min(seq) AS seq FROM lines WHERE s IS NOT NULL GROUP BY s ORDER BY s", Binder())
        corpus.memo["openings"] = rows["seq"].astype(np.int64)
    found: Ints = corpus.memo["openings"]
    return found


def _explained(side: _Side, code: Ints, z: float) -> Explained | None:
    """How much of the difference is the mix over the values `code` (units,); None where the field cannot say."""
    user, share = side.user, 1.0 / side.own[side.user]
    code, pooled = _pooled(side, code, share)
    if pooled > MOST_POOLED or code.max(initial=0) == 0:
        return None
    mine, theirs = share * side.members[user], share * side.others[user]
    here, there = np.bincount(code, weights=mine), np.bincount(code, weights=theirs)
    rate = np.bincount(code, weights=theirs * side.hit) / there
    y = np.bincount(user, weights=share * side.hit, minlength=len(side.own))
    value, matched, expected = float(side.members @ y), float(side.others @ y), float(here @ rate)
    gap, spread = value - matched, matched * (1 - matched)
    if gap == 0 or spread <= 0 or float(there @ (rate - matched) ** 2) / spread >= SETTLED:
        return None
    explained = (expected - matched) / gap
    # What each user pulls: the members through their mix and their own rate, the others through the rates within values.
    of_mix = np.bincount(user, weights=share * rate[code], minlength=len(y)) - expected
    within = np.bincount(user, weights=share * (here / there)[code] * (side.hit - rate[code]), minlength=len(y))
    moved = side.members * of_mix + side.others * (within - (y - matched))
    pull = (moved - explained * (side.members * (y - value) - side.others * (y - matched))) / gap
    error = z * float(np.sqrt(np.square(np.bincount(side.owner, weights=pull)).sum()))
    return Explained(value, matched, expected, explained, explained - error, explained + error)


def _pooled(side: _Side, code: Ints, share: Reals) -> tuple[Ints, float]:
    """Values by number, with those that too few others have in the place of the commonest; and the share of the group's units
    that these are.
    """
    counted = side.others[side.user] > 0
    size = (int(side.owner.max(initial=0)) + 1, int(code.max(initial=0)) + 1)
    at = (side.owner[side.user[counted]], code[counted])
    pairs = sparse.coo_matrix((np.ones(len(at[0]), dtype=bool), at), shape=size).tocsc()  # one entry a user and value
    users = np.diff(pairs.indptr)
    if users.max(initial=0) < FEWEST_USERS:
        return np.zeros_like(code), 1.0
    mass = np.bincount(code, weights=share * side.others[side.user], minlength=size[1])
    few = users < FEWEST_USERS
    pooled = float((share * side.members[side.user])[few[code]].sum())
    into = np.where(few, int(np.argmax(np.where(few, -1.0, mass))), np.arange(size[1]))
    kept = np.cumsum(~few) - 1
    return kept[into][code], pooled
