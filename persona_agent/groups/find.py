"""The decision: which views, how many personas, who is in which, how firm each is.

In: the visits of all users. Out: a `Grouping`. Views that come back (screening.py) are what users are told apart by. Numbers of
personas are tried (trials.py); chosen is the one whose personas that come back foretell most of users' other visits. Whether
there are any at all is asked of logs whose visits were exchanged. Nothing that is estimated depends on users outside of the fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ..schema import Firmness, Ungrouped
from ..schema.personas import FAIR, FIRM, SOFT
from .mixture import settle_rho
from .placing import Calibration, Placer
from .ruler import Ruler
from .screening import Bools, Ints, Reals, Reliability, Screened, halves_of_visits, screen
from .threads import one_thread
from .trials import Trial, placed, try_null, try_number
from .views import Visits

# What is estimated from more users would hardly change, and everybody is placed all the same.
MAX_FITTED_USERS = 3_000
MIN_TESTED_USERS = 42  # the fit part of 60
MOST_PERSONAS = 8  # more than a page has room for, or a team remembers
SMALLEST = 20  # users of the fit a persona must have room for; the number of personas is tried up to it
PER_CLASS = 60  # users, for each class that ρ is measured beyond: more classes than that explain what is chance
PATIENCE = 2  # numbers in a row that foretell no more, after which no more are tried
ERRORS = 0.5  # of the difference in what is foretold, within which fewer personas are taken (after Breiman et al. 1984)
# Two personas are one finding told from both sides: what one does more, the other does less. Three and more are taken where all
# of them come back and little of what is foretold is lost.
PAIR, NEARLY = 2, 0.8
# What a visit is like (how much, how dear) is what people say of users, and what it is about has many more lines to speak with.
# With numbers of this weight so many more personas are tried, and taken if all come back, the least firm of them nearly as surely
# as the least firm of fewer, and foretell nearly as much.
NUMBERS_MORE, FINER, ALMOST, AS_SURE = 2.0, 2, 0.8, 0.7
ASKED = 3  # numbers of personas that are held against null logs
NULLS = 20  # the 95th percentile of their personas is then met by several of them
SAME_AGAIN = 0.6  # mean best Jaccard over refits, below which a persona is another one in other users
A_THIRD = 1 / 3  # of members that must have come twice for more than `soft`
JUST_AMI = 0.5  # half of what there is to know of a group is known from the field


@dataclass(frozen=True)
class Option:
    """One number of personas: how users keep to theirs (`kappa` by time), nats a user that they foretell (`gain`), the label of
    every user under it.
    """

    k: int
    kappa: float
    gain: float
    label: Ints


@dataclass(frozen=True)
class Grouping:
    """`label` is the persona of each user (−1: in none), `halves` (users, 2) that of every other visit, with `half_chances` how
    likely that is (0 for none); `certainty` is the chance that the other half of the visits would say the same, as users outside
    the fit had it; `profile` (users, personas) how likely each persona is; `leaning` that of users in none who are likelier in it
    than not (−1: none).
    `views` says how well every view comes back, `reason` in words why the state is what it is; `placer` places
    users who come later; `ungrouped` says the same of a log without groups as data.
    """

    state: Literal["none", "groups"]
    reason: str
    label: Ints
    halves: Ints
    half_chances: Reals
    certainty: Reals
    profile: Reals
    leaning: Ints
    chosen: int = 1
    firmness: list[Firmness] = field(default_factory=list)
    views: Mapping[str, Reliability] = field(default_factory=dict)
    options: list[Option] = field(default_factory=list)
    null_kappa: float | None = None
    null_gain: float | None = None
    just: dict[str, float] = field(default_factory=dict)
    placer: Placer | None = None
    ungrouped: Ungrouped | None = None

    @property
    def in_use(self) -> list[str]:
        """The views that users are told apart by, those first that come back best."""
        entered = [(-min(r.time, r.random), name) for name, r in self.views.items() if r.enters]
        return [name for _, name in sorted(entered)]


@one_thread()
def find_groups(
    visits: Visits,
    cohort: Ints,
    fields: Mapping[str, Ints],
    seed: int,
    wanted: int | None = None,
    fit: Bools | None = None,
) -> Grouping:
    """Personas of users, found in those of `fit` (all, if None); the others are placed by the frozen model.

    `cohort` (users,) codes from 0: users are told apart within theirs. `fields` codes of each user by low-cardinality field,
    for is-it-just-X; `wanted` overrides the number of personas, never the state.
    """
    fit = np.ones(visits.n_users, dtype=bool) if fit is None else fit
    returning = int((visits.per_user[fit] >= 2).sum())
    if returning < MIN_TESTED_USERS:
        back = f"only {returning} of the users that personas are made from came back for a second visit"
        few = Ungrouped(why="few_returned", tested=int((visits.per_user >= 2).sum()))
        return _nobody(visits, f"{back}, too few to test for groups", few)
    inside = drawn_users(np.flatnonzero(fit & (visits.per_user > 0)), visits.per_user, seed)
    sample, own = visits.of_users(inside), cohort[inside]
    screened = screen(sample, own, seed)
    if not screened.counts and not screened.numbers:
        nothing = Ungrouped(why="nothing_returns", tested=_tested(sample))
        return _nobody(
            visits, "nothing that users do comes back in the other half of their visits", nothing, screened.views
        )
    sample = screened.of(sample)
    ruler = Ruler.of(sample, tuple(sample.counts), tuple(sample.numbers), own)
    rho = settle_rho(ruler.profiles(sample, own), max(2, min(MOST_PERSONAS, len(inside) // PER_CLASS)), seed)
    trials = _trials(sample, own, ruler, rho, seed, wanted)
    # What null logs reach depends on the number of personas, and is dear to know: it is asked of the likeliest numbers.
    found: list[tuple[Trial, Bools, NullBar]] = []
    for trial in [t for t in trials if t.k == wanted] or _likeliest(trials):
        bar = _bar(sample, own, ruler, rho, trial, seed)
        real = _passing(trial) & (trial.tested.low > bar.kappa)
        if wanted or (real.any() and _low(trial.gain) > max(bar.gain, 0.0)):
            found.append((trial, real, bar))
            if real.all() and trial.k > PAIR:
                break
    if found:
        chosen = _chosen(found)
        best, _, bar = (None if wanted else _finer(sample, own, ruler, rho, *chosen[:2], seed)) or chosen
        return _grouping(visits, cohort, screened, ruler, trials, best, bar, fields)
    why = "one half of a user's visits foretells the other no better than in exchanged logs"
    return _nobody(visits, why, Ungrouped(why="halves_disagree", tested=_tested(sample)), screened.views)


def _tested(sample: Visits) -> int:
    return int((sample.per_user >= 2).sum())


def _likeliest(trials: list[Trial]) -> list[Trial]:
    """The numbers to ask null logs of, the best first."""
    left, found = list(trials), list[Trial]()
    while left and len(found) < ASKED:
        found.append(left.pop(_fewest([(t.k, t.carried(_passing(t))) for t in left])))
    return found


def _chosen(found: list[tuple[Trial, Bools, NullBar]]) -> tuple[Trial, Bools, NullBar]:
    """The fewest personas that foretell as much as any number does; more than a pair, where nearly as much is told of all."""
    pair = next((f for f in found if f[0].k == PAIR and f[1].all()), None)
    if pair is None:
        return found[_fewest([(trial.k, trial.carried(real)) for trial, real, _ in found])]
    nearly = NEARLY * pair[0].carried(pair[1]).mean()
    more = [f for f in found if f[0].k > PAIR and f[1].all() and f[0].carried(f[1]).mean() >= nearly]
    return max(more, key=lambda f: f[0].carried(f[1]).mean(), default=pair)


def _finer(
    sample: Visits, cohort: Ints, ruler: Ruler, rho: Mapping[str, float], best: Trial, real: Bools, seed: int
) -> tuple[Trial, Bools, NullBar] | None:
    """The most personas beyond the `best` that all come back where numbers weigh more, and foretell nearly as much."""
    tried = real.all() and sample.counts and sample.numbers
    for k in range(min(best.k + FINER, MOST_PERSONAS), best.k, -1) if tried else ():
        trial = try_number(sample, cohort, ruler, rho, k, seed, NUMBERS_MORE)
        told, least = trial.gain.mean() / best.carried(real).mean(), trial.tested.kappa.min() / best.tested.kappa.min()
        if told >= ALMOST and least >= AS_SURE and _passing(trial).all():
            bar = _bar(sample, cohort, ruler, rho, trial, seed)
            if (trial.tested.low > bar.kappa).all() and _low(trial.gain) > max(bar.gain, 0.0):
                return trial, np.ones(k, dtype=bool), bar
    return None


def _fewest(tried: list[tuple[int, Reals]]) -> int:
    """Of numbers of personas with the nats that they foretell of each user, which is the smallest that is as good as the best but
    for the error of their difference: what one more persona adds must be more than chance.
    """
    best = max(tried, key=lambda t: (t[1].mean(), -t[0]))[1]
    error = [(best - nats).std() / np.sqrt(len(nats)) for _, nats in tried]
    near = [i for i, (_, nats) in enumerate(tried) if (best - nats).mean() <= ERRORS * error[i]]
    return min(near, key=lambda i: tried[i][0])


@dataclass(frozen=True)
class NullBar:
    """What 95 % of personas of null logs stay under, all who are placed or `members` alone, and 95 % of null logs. Hardly anybody
    of a null log is a sure member: few that happen to come back say nothing, and the bar of all who are placed stands.
    """

    kappa: float
    members: float
    gain: float


def _bar(sample: Visits, cohort: Ints, ruler: Ruler, rho: Mapping[str, float], t: Trial, seed: int) -> NullBar:
    nulls = [try_null(sample, cohort, ruler, rho, t.k, seed + i, t.members, t.model.weight) for i in range(NULLS)]
    kappas, members, gains = zip(*nulls, strict=True)
    kappa, told = float(np.percentile(np.concatenate(kappas), 95)), np.concatenate(members)
    bar = max(kappa, float(np.percentile(told, 95))) if len(told) else kappa
    return NullBar(kappa, bar, float(np.percentile(gains, 95)))


def drawn_users(users: Ints, visits: Ints, seed: int) -> Ints:
    """At most MAX_FITTED_USERS of them, drawn at random; those who came back first, where there are many more."""
    if len(users) <= MAX_FITTED_USERS:
        return np.asarray(users, dtype=np.int64)
    order = np.random.default_rng([seed, 7]).permutation(len(users))
    again = np.argsort(visits[users[order]] < 2, kind="stable")
    return np.sort(users[order][again][:MAX_FITTED_USERS]).astype(np.int64)


def _trials(
    sample: Visits, cohort: Ints, ruler: Ruler, rho: Mapping[str, float], seed: int, wanted: int | None
) -> list[Trial]:
    """From two personas up, while more of them foretell more."""
    most = max(2, min(MOST_PERSONAS, sample.n_users // SMALLEST))
    found: list[Trial] = []
    best, since = -np.inf, 0
    for k in range(2, most + 1):
        found.append(try_number(sample, cohort, ruler, rho, k, seed))
        now = float(found[-1].carried(_passing(found[-1])).mean())
        best, since = (now, 0) if now > best else (best, since + 1)
        if since >= PATIENCE + (found[-1 - since].k == PAIR) and (wanted is None or k >= wanted):
            break
    if wanted is not None and all(t.k != wanted for t in found):
        found.append(try_number(sample, cohort, ruler, rho, wanted, seed))
    return found


def _passing(t: Trial) -> Bools:
    """Personas that come back, in the other half of the visits and in other users."""
    return np.asarray((t.tested.kappa >= SOFT) & (t.tested.low > 0) & (t.tested.refits.round(2) >= SAME_AGAIN))


def _low(gain: Reals) -> float:
    """The lower end of the 95 % interval of the mean."""
    return float(gain.mean() - 1.96 * gain.std() / max(np.sqrt(len(gain)), 1))


def _grouping(
    visits: Visits, cohort: Ints, screened: Screened, ruler: Ruler, trials: list[Trial], best: Trial, bar: NullBar,
    fields: Mapping[str, Ints],
) -> Grouping:  # fmt: skip
    seen, per_user = screened.of(visits), visits.per_user
    profiles = ruler.profiles(seen, cohort)
    placer = Placer(
        screened.counts,
        tuple(screened.numbers),
        ruler,
        best.model,
        np.arange(best.k),
        Calibration.of(best.sure, best.alike),
        best.members,
    )
    own = placer.place(visits, cohort)
    label = own.label
    users = np.bincount(label[label >= 0], minlength=best.k)  # which class of a mixture is first hangs on the machine
    inhabited = np.argsort(-users, kind="stable")[: int((users > 0).sum())]
    number = np.full(best.k + 1, -1, dtype=np.int64)
    number[inhabited] = np.arange(len(inhabited))
    sides, chances = _by_halves(seen, cohort, ruler, best)
    options = [
        Option(t.k, t.kappa, float(t.gain.mean()), placed(t.model.chances(profiles), per_user, t.members))
        for t in trials
        if t.k not in (best.k, len(inhabited))
    ]
    options.append(Option(len(inhabited), best.kappa, float(best.gain.mean()), number[label]))
    return Grouping(
        "groups",
        "the persona that one half of a user's visits gives comes back in the other half, and foretells it",
        number[label],
        number[sides],
        chances,
        own.certainty,
        own.chances[:, inhabited],
        number[own.leaning],
        len(inhabited),
        [_firmness(best, g, label, per_user, bar.members) for g in inhabited.tolist()],
        screened.views,
        sorted(options, key=lambda o: o.k),
        bar.kappa,
        bar.gain,
        just_fields(label, fields),
        replace(placer, group=number[:-1]),
    )


def _by_halves(seen: Visits, cohort: Ints, ruler: Ruler, best: Trial) -> tuple[Ints, Reals]:
    """(users, 2) the persona of each by the odd and by the even ones of its visits, −1 for none; and how likely that is."""
    odd = halves_of_visits(seen, "alternate", np.random.default_rng(0))
    sides, chances = [], []
    for half in (odd, ~odd):
        some = seen.only(half)
        found = best.model.chances(ruler.profiles(some, cohort))
        there = (some.per_user > 0) & (seen.per_user > 1)
        sides.append(np.where(there, placed(found, some.per_user + 1, best.members), -1))
        chances.append(np.where(sides[-1] >= 0, found.max(axis=1), 0.0))
    return np.column_stack(sides).astype(np.int64), np.column_stack(chances)


def _firmness(t: Trial, g: int, label: Ints, visits: Ints, null: float) -> Firmness:
    members, tested = int((label == g).sum()), int(((label == g) & (visits > 1)).sum())
    kappa, low = float(t.firm.kappa[g]), float(t.firm.low[g])
    word: Literal["firm", "fair", "soft", "none"] = "none"
    if kappa >= SOFT and low > null:
        word = "firm" if kappa >= FIRM else "fair" if kappa >= FAIR else "soft"
        word = "soft" if tested < A_THIRD * members else word
    rounded = {
        "same": t.firm.time[g], "chance": t.firm.chance[g], "kappa": kappa, "low": low,
        "random": t.firm.random[g], "null": null, "refits": t.firm.refits[g],
    }  # fmt: skip
    return Firmness(word=word, tested=tested, members=members, **{k: round(float(x), 4) for k, x in rounded.items()})


def just_fields(label: Ints, fields: Mapping[str, Ints]) -> dict[str, float]:
    """Adjusted mutual information of the groups with each field, over users that have both (Vinh et al. 2010)."""
    from sklearn.metrics import adjusted_mutual_info_score  # a second to import, and only who groups users has to

    found = {}
    for name, code in fields.items():
        both = (label >= 0) & (code >= 0)
        if both.sum() > 1:
            found[name] = float(adjusted_mutual_info_score(code[both], label[both]))
    return found


def _nobody(
    visits: Visits, reason: str, ungrouped: Ungrouped, views: Mapping[str, Reliability] | None = None
) -> Grouping:
    n = visits.n_users
    nowhere = np.full((n, 2), -1, dtype=np.int64)
    return Grouping(
        "none",
        reason,
        nowhere[:, 0],
        nowhere,
        np.zeros((n, 2)),
        np.zeros(n),
        np.zeros((n, 0)),
        nowhere[:, 0],
        views=views or {},
        ungrouped=ungrouped,
    )
