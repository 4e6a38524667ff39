"""Actions to intent memories: what one user did towards one thing, close in time.

In: redacted events as columns, sorted by user and time, and one vector per distinct action text. Out: a memory per
thread of a session, and the strand (thing people come for) that each thread follows. Whatever looks at events takes those
of some users and gives what can be added up, so that a log need not be in one place. Two signals are used together,
because each fails alone: the steps of one intent often share no word, and exact co-occurrence is blind where texts
hardly repeat. Texts are therefore first pooled into *kinds* of action (by embedding, within one action), kinds that
follow each other within a session more often than their frequencies explain are joined into *strands* (modularity,
Leiden), and interleaved strands of one session come out as separate memories. Promises: deterministic for a seed, and
independent of user hashes; an event that belongs to no strand stays outside every memory.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import faiss
import igraph
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .threads import one_thread

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

MAX_KINDS = 2048  # the matrix of kinds that keep company is at most so wide; it must fit in memory
REPEATS = 5  # a text seen this often on average stands for itself; rarer ones are pooled with their likes
EVENTS_PER_KIND = 40  # fewer say little of the company that a kind keeps
KINDS_PER_ACTION = 96  # one action (search, view) may not take all kinds
NEIGHBOURS = 4  # events apart, weighted by 1 / distance: what lies further off has less to do with it
SESSIONS_TO_TRUST = 3  # a user with this many sessions explains half of what they do next by what they did before
STRAND_LIFT = 1.5  # how much more a kind keeps to its strand than a kind without preference would
# Above 1, because rare intents of the same people are joined at 1 (Fortunato & Barthélemy 2007).
RESOLUTION = 1.15
JOINED = 0.4  # of the density within: communities nearer to each other than that are one intent that was split
MIN_STRAND_SHARE = 0.01  # of events; what fewer people come for makes no group and no chapter of one
THREAD_GAP_US = 30 * 60 * 1_000_000  # half an hour in microseconds: the same pause that ends a session


@dataclass(frozen=True)
class EmbeddedTexts:
    """The distinct action texts of a log: the action of each, how often it occurs, its unit vector (n, dim)."""

    action: Ints
    counts: Ints
    vectors: Floats


@dataclass(frozen=True)
class Actions:
    """Columns of some users' events sorted by user, time and line. `user` and `session` are codes from 0 in that order, `text`
    is the place among `EmbeddedTexts`.
    """

    user: Ints
    session: Ints
    ts: Ints
    text: Ints


@dataclass(frozen=True)
class Company:
    """Which kinds keep company, in events that can be added up over users: `near` (n_kinds, n_kinds) counts of one before the
    other in a session, weighted by 1 / distance; `habits`, what the same users' other sessions lead to expect; `strange`,
    the weight with which everybody's frequencies are expected instead; `counts` of each kind.
    """

    near: sparse.csr_matrix
    habits: sparse.csr_matrix
    strange: float
    counts: Ints

    def __add__(self, other: Company) -> Company:
        return Company(
            self.near + other.near,
            self.habits + other.habits,
            self.strange + other.strange,
            self.counts + other.counts,
        )


@dataclass(frozen=True)
class Strands:
    """`of_kind`: the strand of each kind (−1: none); `context`: a unit vector of each kind's company."""

    of_kind: Ints
    context: Floats

    @property
    def n(self) -> int:
        return int(self.of_kind.max()) + 1


@dataclass(frozen=True)
class Memories:
    """`of_event`: the memory of each event (−1: none); `user`, `session`, `strand`, `vectors`: one entry a memory."""

    of_event: Ints
    user: Ints
    session: Ints
    strand: Ints
    vectors: Floats


def kinds(texts: EmbeddedTexts, seed: int) -> Ints:
    """The kind of each distinct text: texts that repeat stand for themselves, others are pooled by embedding within
    their action. At most about MAX_KINDS.
    """
    counts, events = texts.counts, int(texts.counts.sum())
    kind = np.full(len(texts.action), -1, dtype=np.int64)
    n = 0
    for action in np.unique(texts.action):
        own = np.flatnonzero(texts.action == action)
        mass = int(counts[own].sum())
        fair = max(1, int(MAX_KINDS * mass / events))
        if mass >= REPEATS * len(own) and len(own) <= max(fair, KINDS_PER_ACTION):
            kind[own] = n + np.arange(len(own))
            n += len(own)
            continue
        k = int(np.clip(mass // EVENTS_PER_KIND, 1, min(len(own), max(fair, KINDS_PER_ACTION))))
        kind[own] = n + _pool(texts.vectors[own], counts[own], k, seed)
        n += k
    return np.unique(kind, return_inverse=True)[1].astype(np.int64)


def company(actions: Actions, kind_of_text: Ints, n_kinds: int) -> Company:
    """Which kinds keep company among these users."""
    kind = kind_of_text[actions.text]
    habits, strange = _habits(actions, kind, n_kinds)
    return Company(_near(kind, actions.session, n_kinds), habits, strange, np.bincount(kind, minlength=n_kinds))


def find_strands(all_users: Company, action_of_kind: Ints, seed: int) -> Strands:
    """What people come for, from the company that kinds keep over all users."""
    together = (all_users.near + all_users.near.T).tocsr()
    more = excess(together, all_users)
    found = strands(more, together, all_users.counts, seed) if more.nnz else _frequent(action_of_kind, all_users.counts)
    return Strands(found, _context_vectors(more, seed))


def gather(actions: Actions, text_vectors: Floats, kind_of_text: Ints, found: Strands) -> Memories:
    """Memories of these users; their vectors (n, dim) are unit vectors of what is done and of what it is done with."""
    kind = kind_of_text[actions.text]
    strand = found.of_kind[kind]
    of_event, first = _threads(actions, strand)
    vectors = _mean_vectors(of_event, len(first), [(actions.text, text_vectors), (kind, found.context)])
    return Memories(of_event, actions.user[first], actions.session[first], strand[first], vectors)


def _near(kind: Ints, session: Ints, n_kinds: int) -> sparse.csr_matrix:
    total = sparse.csr_matrix((n_kinds, n_kinds))
    for distance in range(1, NEIGHBOURS + 1):
        same = session[distance:] == session[:-distance]
        a, b = kind[:-distance][same], kind[distance:][same]
        weight = np.full(len(a), 1 / distance)
        total = total + sparse.coo_matrix((weight, (a, b)), shape=(n_kinds, n_kinds)).tocsr()
    return total.tocsr()


def _habits(actions: Actions, kind: Ints, n_kinds: int) -> tuple[sparse.csr_matrix, float]:
    """Pairs of kinds expected from the same user's *other* sessions, and for users with few sessions, the weight with
    which everyone's habits are expected instead.
    """
    n_sessions, n_users = int(actions.session.max()) + 1, int(actions.user.max()) + 1
    ones = np.ones(len(kind))
    by_session = sparse.csr_matrix((ones, (actions.session, kind)), shape=(n_sessions, n_kinds))
    user_of = actions.user[np.unique(actions.session, return_index=True)[1]]
    by_user = sparse.csr_matrix((ones, (actions.user, kind)), shape=(n_users, n_kinds))
    size = np.asarray(by_session.sum(axis=1)).ravel()
    events = np.bincount(user_of, weights=size, minlength=n_users)
    cross = events**2 - np.bincount(user_of, weights=size**2, minlength=n_users)
    sessions = np.bincount(user_of, minlength=n_users)
    trust = np.where(cross > 0, sessions / (sessions + SESSIONS_TO_TRUST), 0.0)
    scale = np.where(cross > 0, trust * events / np.maximum(cross, 1), 0.0)
    habits = by_user.T @ sparse.diags(scale) @ by_user - by_session.T @ sparse.diags(scale[user_of]) @ by_session
    return habits.tocsr(), float(((1 - trust) * events).sum())


def excess(together: sparse.csr_matrix, all_users: Company) -> sparse.csr_matrix:
    """What of `together` (symmetric counts near each other in a session) users' habits do not explain: less what is expected
    from the same user's other sessions, for users with few shrunk towards everyone's; never below 0.

    Without this, two intents that the same people have look like one intent.
    """
    n_events = int(all_users.counts.sum())
    everyone = all_users.counts / n_events
    coo = together.tocoo()
    expected = np.asarray(all_users.habits[coo.row, coo.col]).ravel()
    expected = expected + all_users.strange * everyone[coo.row] * everyone[coo.col]
    expected *= coo.data.sum() / n_events
    data = np.maximum(coo.data - expected, 0.0).astype(np.float64)
    kept = data > 0
    return sparse.csr_matrix((data[kept], (coo.row[kept], coo.col[kept])), shape=together.shape)


def strands(more: sparse.csr_matrix, together: sparse.csr_matrix, counts: Ints, seed: int) -> Ints:
    """The strand of each kind, −1 for kinds that go with everything (a home page) or for strands too small to be one.

    Modularity compares co-occurrence with what the kinds' frequencies explain (Leiden: Traag et al. 2019).
    """
    upper = sparse.triu(more, k=1).tocoo()
    graph = igraph.Graph(n=more.shape[0], edges=np.column_stack([upper.row, upper.col]).tolist())
    igraph.set_random_number_generator(random.Random(seed))
    found = graph.community_leiden("modularity", weights=upper.data.tolist(), resolution=RESOLUTION, n_iterations=-1)
    strand = _joined(more, np.asarray(found.membership, dtype=np.int64))
    strand = np.where(_keeps_to(together, strand) >= STRAND_LIFT, strand, -1)
    return _frequent(strand, counts)


def _joined(more: sparse.csr_matrix, strand: Ints) -> Ints:
    """Communities that hold to each other nearly as they hold together are one: a large intent that was split.

    Held against each other are densities, co-occurrence over the product of the sides' degrees, so size plays no part.
    """
    while True:
        n = int(strand.max()) + 1
        sides = sparse.csr_matrix((np.ones(len(strand)), (np.arange(len(strand)), strand)), shape=(len(strand), n))
        weight = np.asarray((sides.T @ more @ sides).todense())
        degree = np.maximum(weight.sum(axis=1), 1e-12)
        density = weight / np.outer(degree, degree)
        within = np.maximum(np.sqrt(np.outer(np.diag(density), np.diag(density))), 1e-12)
        likeness = np.where(np.eye(n, dtype=bool), 0.0, density / within)
        a, b = np.unravel_index(int(likeness.argmax()), likeness.shape)
        if likeness[a, b] < JOINED:
            return strand
        strand = np.unique(np.where(strand == b, a, strand), return_inverse=True)[1].astype(np.int64)


def _frequent(strand: Ints, counts: Ints) -> Ints:
    """Strands (or actions, where no session holds two things that go together) renumbered by size, the largest 0; −1 for none
    and for those with under MIN_STRAND_SHARE of events.
    """
    inside = strand >= 0
    share = np.bincount(strand[inside], weights=counts[inside], minlength=1) / counts.sum()
    large = np.flatnonzero(share >= MIN_STRAND_SHARE)
    first = [int(np.flatnonzero(strand == s)[0]) for s in large]
    new = np.full(len(share) + 1, -1, dtype=np.int64)
    new[large[np.lexsort((first, -share[large]))]] = np.arange(len(large))
    return new[strand]


def _keeps_to(together: sparse.csr_matrix, strand: Ints) -> NDArray[np.float64]:
    """Each kind's share of co-occurrence within its strand, over the strand's share of all co-occurrence."""
    n = int(strand.max()) + 1
    membership = sparse.csr_matrix((np.ones(len(strand)), (np.arange(len(strand)), strand)), shape=(len(strand), n))
    to_strand = np.asarray((together @ membership).todense())
    degree = to_strand.sum(axis=1)
    volume = to_strand.sum(axis=0) / max(degree.sum(), 1e-12)
    own = to_strand[np.arange(len(strand)), strand] / np.maximum(degree, 1e-12)
    return np.asarray(own / np.maximum(volume[strand], 1e-12))


def _threads(actions: Actions, strand: Ints) -> tuple[Ints, Ints]:
    """The memory of each event and the first event of each memory: events of one session and strand that follow each
    other within THREAD_GAP_US.
    """
    within = np.flatnonzero(strand >= 0)
    order = within[np.lexsort((within, strand[within], actions.session[within]))]
    new = np.ones(len(order), dtype=bool)
    a, b = order[:-1], order[1:]
    same = (actions.session[a] == actions.session[b]) & (strand[a] == strand[b])
    new[1:] = ~(same & (actions.ts[b] - actions.ts[a] <= THREAD_GAP_US))
    of_event = np.full(len(strand), -1, dtype=np.int64)
    of_event[order] = np.cumsum(new) - 1
    return _in_reading_order(of_event, order[new])


def _in_reading_order(of_event: Ints, first: Ints) -> tuple[Ints, Ints]:
    by_first = np.argsort(first, kind="stable")
    rank = np.empty_like(by_first)
    rank[by_first] = np.arange(len(by_first))
    inside = of_event >= 0
    of_event[inside] = rank[of_event[inside]]
    return of_event, first[by_first]


@one_thread()
def _pool(vectors: Floats, counts: Ints, k: int, seed: int) -> Ints:
    if k == 1:
        return np.zeros(len(vectors), dtype=np.int64)
    x = np.ascontiguousarray(vectors, dtype=np.float32)
    kmeans = faiss.Kmeans(
        x.shape[1], k, niter=15, seed=seed + 1, spherical=True, min_points_per_centroid=1, max_points_per_centroid=256
    )
    kmeans.train(x, weights=counts.astype(np.float32))
    return np.asarray(kmeans.index.search(x, 1)[1][:, 0], dtype=np.int64)


def _context_vectors(together: sparse.csr_matrix, seed: int, dim: int = 48) -> Floats:
    """Unit vectors of kinds from the positive pointwise mutual information of their neighbours (Levy & Goldberg 2014)."""
    none = np.ones((together.shape[0], 1), dtype=np.float32)
    if together.nnz == 0:
        return none
    coo = together.tocoo()
    degree = np.asarray(together.sum(axis=1)).ravel()
    smoothed = degree**0.75 / (degree**0.75).sum()
    information = np.log(np.maximum(coo.data / (degree[coo.row] * smoothed[coo.col]), 1e-12))
    ppmi = sparse.csr_matrix((np.maximum(information, 0), (coo.row, coo.col)), shape=together.shape)
    ppmi.eliminate_zeros()
    dim = min(dim, min(ppmi.shape) - 1)
    if dim < 1 or ppmi.nnz == 0:
        return none
    start = np.random.default_rng(seed).normal(size=ppmi.shape[0])
    u, s, _ = sparse.linalg.svds(ppmi.astype(np.float64), k=dim, v0=start)
    return unit((u * np.sqrt(s)).astype(np.float32))


def _mean_vectors(of_event: Ints, n: int, blocks: list[tuple[Ints, Floats]]) -> Floats:
    """Unit vectors of memories, one equal part a block; a block is each event's code and the vector of each code.

    Counting codes first keeps the memory at that of the memories, not of the events.
    """
    inside = np.flatnonzero(of_event >= 0)
    ones = np.ones(len(inside), dtype=np.float32)
    made, at = np.empty((n, sum(vectors.shape[1] for _, vectors in blocks)), dtype=np.float32), 0
    for code, vectors in blocks:
        counts = sparse.csr_matrix((ones, (of_event[inside], code[inside])), shape=(n, len(vectors)))
        part = made[:, at : at + vectors.shape[1]]
        unit(np.asarray(counts @ vectors, dtype=np.float32), out=part)
        at += vectors.shape[1]
    return unit(made, out=made)


def unit(x: Floats, out: Floats | None = None) -> Floats:
    """Rows scaled to length 1, in `out` if it is given; zero rows stay zero."""
    norm = np.sqrt(np.einsum("ij,ij->i", x, x))[:, None]  # np.linalg.norm would make two copies of x
    return np.asarray(np.divide(x, np.maximum(norm, 1e-12, dtype=np.float32), out=out))
