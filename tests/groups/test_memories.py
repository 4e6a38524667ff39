"""Actions to memories: what is done together, beyond habit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.groups.intents import by_size, find_intents, sample, sums
from persona_agent.groups.memories import Actions, EmbeddedTexts, Memories, Strands, company, find_strands, kinds, unit
from persona_agent.groups.memories import gather as gather_part

MINUTE = 60_000_000


def log(sessions: list[list[int]], users: list[int]) -> Actions:
    """Sessions of text codes, one a day."""
    user = np.repeat(users, [len(s) for s in sessions])
    session = np.repeat(np.arange(len(sessions)), [len(s) for s in sessions])
    ts = np.concatenate([i * 1440 * MINUTE + np.arange(len(s)) * MINUTE for i, s in enumerate(sessions)])
    text = np.concatenate([np.array(s) for s in sessions])
    return Actions(user.astype(np.int64), session, ts.astype(np.int64), text)


def texts_of(actions: Actions, n: int = 16) -> EmbeddedTexts:
    """Every text is its own action with a random vector."""
    vectors = unit(np.random.default_rng(0).normal(size=(n, 16)).astype(np.float32))
    return EmbeddedTexts(np.arange(n), np.bincount(actions.text, minlength=n), vectors)


def stranded(parts: list[Actions], seed: int) -> tuple[EmbeddedTexts, np.ndarray, Strands]:
    """What is found over all parts before memories are."""
    whole = Actions(*(np.concatenate([getattr(p, f) for p in parts]) for f in ("user", "session", "ts", "text")))
    texts = texts_of(whole)
    kind = kinds(texts, seed)
    keep = [company(p, kind, int(kind.max()) + 1) for p in parts]
    total = keep[0]
    for one in keep[1:]:
        total = total + one
    return texts, kind, find_strands(total, np.unique(kind), seed)


def gather(actions: Actions, seed: int) -> Memories:
    texts, kind, strands = stranded([actions], seed)
    return gather_part(actions, texts.vectors, kind, strands)


def three_intents(interleaved: bool) -> Actions:
    """40 users; texts 0 to 3 serve one intent, 4 to 7 another, 8 to 11 a third; sessions hold one, or two mixed."""
    rng = np.random.default_rng(1)
    sessions, users = [], []
    for user in range(40):
        for _ in range(6):
            a, b = (((4 * i) + rng.integers(0, 4, 6)).tolist() for i in rng.choice(3, 2, replace=False))
            both = [(a if x else b).pop() for x in rng.permutation([True] * 6 + [False] * 6)]
            a, b = both, (4 * int(rng.integers(3)) + rng.integers(0, 4, 6)).tolist()
            sessions.append(both if interleaved and rng.random() < 0.4 else b)
            users.append(user)
    return log(sessions, users)


def strands_of_texts(actions: Actions, memories: Memories) -> list[set[int]]:
    found = []
    for text in range(int(actions.text.max()) + 1):
        memory = memories.of_event[actions.text == text]
        found.append(set(memories.strand[memory[memory >= 0]].tolist()))
    return found


def test_steps_without_a_common_word_become_one_intent() -> None:
    """Without it, every step of an intent would be an intent of its own."""
    actions = three_intents(interleaved=False)
    strands = strands_of_texts(actions, gather(actions, 0))
    assert all(s == strands[0] for s in strands[:4])
    assert all(s == strands[4] for s in strands[4:8])
    assert strands[0] != strands[4]


def test_interleaved_intents_are_separate_memories() -> None:
    """Without it, two errands in one sitting would be one thing that nobody came for."""
    actions = three_intents(interleaved=True)
    memories = gather(actions, 0)
    for memory in range(len(memories.user)):
        texts = actions.text[memories.of_event == memory]
        assert len(set((texts // 4).tolist())) == 1


def test_what_goes_with_everything_is_no_intent() -> None:
    """Without it, a home page would pull every intent into one."""
    base = three_intents(interleaved=False)
    rng = np.random.default_rng(2)
    sessions, users = [], []
    for s in range(int(base.session.max()) + 1):
        texts = base.text[base.session == s].tolist()
        for _ in range(2):
            texts.insert(int(rng.integers(len(texts) + 1)), 12)
        sessions.append(texts)
        users.append(int(base.user[base.session == s][0]))
    actions = log(sessions, users)
    memories = gather(actions, 0)
    assert (memories.of_event[actions.text == 12] == -1).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=2, max_size=30),
    st.integers(0, 3),
)
def test_memories_keep_to_one_user_and_session(sessions: list[list[int]], seed: int) -> None:
    """Without it, a memory could mix people, lose lines silently, or depend on the run."""
    actions = log(sessions, [i // 3 for i in range(len(sessions))])
    memories = gather(actions, seed)
    again = gather(actions, seed)
    assert (memories.of_event == again.of_event).all()
    assert len(memories.of_event) == len(actions.text)
    for memory in range(len(memories.user)):
        inside = memories.of_event == memory
        assert inside.any()
        assert set(actions.user[inside]) == {memories.user[memory]}
        assert set(actions.session[inside]) == {memories.session[memory]}
    start = sums(memories.vectors, memories.strand, int(memories.strand.max(initial=-1)) + 1)
    intents = find_intents(start, sample(memories.vectors, 1.0, seed), seed)
    first = intents.of(memories.vectors)
    new = by_size(np.bincount(first[first >= 0], minlength=intents.n))
    of_memory = new[first]
    assert len(of_memory) == len(memories.user)
    sizes = np.bincount(of_memory[of_memory >= 0])
    assert (np.diff(sizes) <= 0).all(), "intent 0 is the biggest"
    assert sizes.all(), "numbers without a gap"


def cut(actions: Actions, users: list[int]) -> list[Actions]:
    """The users in parts, each part's users and sessions numbered from 0."""
    parts = []
    for low, high in pairwise(users):
        inside = (actions.user >= low) & (actions.user < high)
        codes = [np.unique(c[inside], return_inverse=True)[1] for c in (actions.user, actions.session)]
        parts.append(Actions(codes[0], codes[1], actions.ts[inside], actions.text[inside]))
    return parts


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 39), min_size=1, max_size=5, unique=True), st.booleans())
def test_parts_of_users_give_what_the_whole_log_gives(cuts: list[int], interleaved: bool) -> None:
    """Without it, personas would depend on how many machines looked for them."""
    whole = three_intents(interleaved)
    parts = cut(whole, [0, *sorted(cuts), 40])
    texts, kind, one = stranded([whole], 0)
    _, _, many = stranded(parts, 0)
    assert (one.of_kind == many.of_kind).all()
    # Directions of equal strength may be turned; what is near to what may not.
    assert np.allclose(one.context @ one.context.T, many.context @ many.context.T, atol=1e-4)
    alone = gather_part(whole, texts.vectors, kind, one)
    apart = [gather_part(p, texts.vectors, kind, one) for p in parts]
    assert np.concatenate([m.strand for m in apart]).tolist() == alone.strand.tolist()
    assert np.allclose(np.concatenate([m.vectors for m in apart]), alone.vectors, atol=1e-6)
    added = sum(sums(m.vectors, m.strand, one.n) for m in apart)
    assert np.allclose(added, sums(alone.vectors, alone.strand, one.n), atol=1e-3)


def test_clusters_do_not_depend_on_the_number_of_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same log would have other intents on another machine, or in a second run of one process."""
    seen: list[int] = []
    train = faiss.Kmeans.train

    def spied(self: Any, *args: Any, **more: Any) -> Any:
        seen.append(faiss.omp_get_max_threads())
        return train(self, *args, **more)

    monkeypatch.setattr(faiss.Kmeans, "train", spied)
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        vectors = unit(np.random.default_rng(0).normal(size=(3000, 16)).astype(np.float32))
        kinds(EmbeddedTexts(np.zeros(3000, dtype=np.int64), np.ones(3000, dtype=np.int64), vectors), 0)
        find_intents(vectors[:5], vectors, 0)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)
    assert seen == [1, 1]
