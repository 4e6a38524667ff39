"""How well a log tells given groups apart: are members placed in their group again by half of their visits?

In: visits, and the group of each user. Out: a `Firmness` of each group. Users are cut into folds; a regression on the profiles
of the others, by halves of their visits, places each by either half of the user's own. Promises: nobody is placed by what was
made of them; what visits of the same month give anybody is no help; activity is no view, as in found groups, and chance is what
users who came as often, and did as much, would give.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..schema import Firmness
from ..schema.personas import FAIR, FIRM, SOFT
from .mixture import Profiles
from .ruler import Ruler
from .screening import SHRINK_LINES, halves_of_visits
from .threads import one_thread
from .views import Visits

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

FOLDS = 5  # each user is placed by four in five of the others; scikit-learn's default
STRENGTH = 0.05  # C: profiles have some hundred columns, and groups may have twenty users
MOST_USERS = 3_000  # as found groups are fitted on (find.MAX_FITTED_USERS)
FEWEST = 10  # tested users of a group, two to a fold; fewer are not tested
# Of groups between users, for the share by chance and the 95th percentile of kappa. They change places within fifths of how often
# users came, and of how many lines they have: of few lines a profile is pale, and who ever did a thing has many.
SHUFFLES = 200
FIFTHS = (0.2, 0.4, 0.6, 0.8)


@one_thread()
def tell_apart(visits: Visits, label: Ints, k: int, seed: int) -> list[Firmness]:
    """The firmness of each of `k` groups; `label` (users,) is −1 for users in none, who are not looked at."""
    members = np.bincount(label[label >= 0], minlength=k)
    drawn = _tested(visits, label, seed)
    tested = np.bincount(label[drawn], minlength=k)
    if not len(drawn) or (tested >= FEWEST).sum() < 2:
        return [_untested(int(n)) for n in members]
    kept = drawn[tested[label[drawn]] >= FEWEST]
    own = label[kept]
    rng = np.random.default_rng([seed, 53])
    some = visits.of_users(kept)
    nowhere = np.zeros(len(kept), dtype=np.int64)
    ruler = Ruler.of(some, tuple(some.counts), tuple(some.numbers), nowhere)
    placed = {}
    for how in ("time", "random"):
        half = halves_of_visits(some, how, rng)
        sides = [profile_columns(ruler.profiles(some.only(h), nowhere)) for h in (half, ~half)]
        placed[how] = _placed(sides, own, seed)
    drawn_anew = [dealt(activity(some), own, rng) for _ in range(SHUFFLES)]
    return [
        _firmness(g, placed, own, int(tested[g]), int(members[g]), drawn_anew)
        if tested[g] >= FEWEST
        else _untested(int(members[g]))
        for g in range(k)
    ]


def activity(visits: Visits) -> Ints:
    """(users,) which fifth of how often users came, and of how many lines they have, each is in."""
    lines = max((_lines(visits, name) for name in visits.counts), key=lambda n: n.sum(), default=visits.per_user)
    often, much = (np.digitize(n, np.unique(np.quantile(n, FIFTHS))) for n in (visits.per_user, lines))
    return np.asarray(often * (len(FIFTHS) + 1) + much, dtype=np.int64)


def _lines(visits: Visits, name: str) -> Ints:
    """(users,) lines that a view has of each."""
    own = np.asarray(visits.counts[name].sum(axis=1)).ravel()
    return np.bincount(visits.user, weights=own, minlength=visits.n_users).astype(np.int64)


def dealt(among: Ints, own: Ints, rng: np.random.Generator) -> Ints:
    """The groups dealt out anew among users who are alike in `among`."""
    found = np.empty_like(own)
    found[np.argsort(among, kind="stable")] = own[np.lexsort((rng.random(len(own)), among))]
    return found


def _tested(visits: Visits, label: Ints, seed: int) -> Ints:
    """Members with two visits or more, at most MOST_USERS of them."""
    able = np.flatnonzero((label >= 0) & (visits.per_user >= 2))
    if len(able) > MOST_USERS:
        able = np.sort(np.random.default_rng([seed, 59]).choice(able, MOST_USERS, replace=False))
    return able.astype(np.int64)


def profile_columns(p: Profiles) -> Reals:
    """(users, columns) how far each mix is from what was expected, on the scale of roots, and the means."""
    found = []
    for name, counts in p.counts.items():
        n, hoped = counts.sum(axis=1, keepdims=True), p.expected[name]
        found.append(np.sqrt((counts + SHRINK_LINES * hoped) / (n + SHRINK_LINES)) - np.sqrt(hoped))
    return np.column_stack([*found, p.means])


def _placed(sides: list[Reals], own: Ints, seed: int) -> Ints:
    """(2, users) the group of each by either half, by regressions on the halves of others. All groups weigh alike, or the largest
    would take everybody.
    """
    from sklearn.linear_model import LogisticRegression  # a second to import, and only who groups users has to
    from sklearn.model_selection import StratifiedKFold
    from sklearn.preprocessing import StandardScaler

    found = np.zeros((2, len(own)), dtype=np.int64)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for others, users in folds.split(own, own):
        scaler = StandardScaler().fit(np.vstack([side[others] for side in sides]))
        # Twice the default of steps: a group of few users takes longer to settle.
        model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=200)
        model.fit(scaler.transform(np.vstack([side[others] for side in sides])), np.tile(own[others], 2))
        for i, side in enumerate(sides):
            found[i, users] = model.predict(scaler.transform(side[users]))
    return found


def _firmness(g: int, placed: dict[str, Ints], own: Ints, tested: int, members: int, dealt: list[Ints]) -> Firmness:
    by_time = placed["time"]
    same, drawn = _share(by_time, own, g), [_share(by_time, other, g) for other in dealt]
    chance = float(np.mean(drawn))
    error = 1.96 * np.sqrt(max(same * (1 - same), 1 / (4 * tested)) / tested)
    kappa, low = _beyond(same, chance), _beyond(same - error, chance)
    null = float(np.percentile([_beyond(share, chance) for share in drawn], 95))
    word: Literal["firm", "fair", "soft", "none"] = "none"
    if kappa >= SOFT and low > 0 and kappa > null:
        word = "firm" if kappa >= FIRM else "fair" if kappa >= FAIR else "soft"
    figures = {
        "same": same,
        "chance": chance,
        "kappa": kappa,
        "low": low,
        "random": _share(placed["random"], own, g),
    }
    return Firmness(
        word=word,
        tested=tested,
        members=members,
        null=round(null, 4),
        refits=None,
        **{name: round(float(x), 4) for name, x in figures.items()},
    )


def _share(placed: Ints, own: Ints, g: int) -> float:
    """Of the members of a group the share that is placed in it."""
    return float((placed[:, own == g] == g).mean())


def _beyond(share: float, chance: float) -> float:
    return (share - chance) / max(1 - chance, 1e-9)


def _untested(members: int) -> Firmness:
    nothing = dict.fromkeys(("same", "chance", "kappa", "low", "random", "null", "refits"))
    return Firmness(word="none", tested=0, members=members, **nothing)
