"""Actions to memories: what is done together, beyond habit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.stages.intents import cluster
from persona_agent.stages.memories import Actions, Memories, gather, unit

MINUTE = 60_000_000


def log(sessions: list[list[int]], users: list[int], texts: int, seed: int = 0) -> Actions:
    """Sessions of text codes, one a day; every text is its own action with a random vector."""
    user = np.repeat(users, [len(s) for s in sessions])
    session = np.repeat(np.arange(len(sessions)), [len(s) for s in sessions])
    ts = np.concatenate([i * 1440 * MINUTE + np.arange(len(s)) * MINUTE for i, s in enumerate(sessions)])
    vectors = np.random.default_rng(seed).normal(size=(texts, 16)).astype(np.float32)
    text = np.concatenate([np.array(s) for s in sessions])
    return Actions(user.astype(np.int64), session, ts.astype(np.int64), text, np.arange(texts), unit(vectors))


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
    return log(sessions, users, 12)


def strands_of_texts(actions: Actions, memories: Memories) -> list[set[int]]:
    found = []
    for text in range(len(actions.action)):
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
    actions = log(sessions, users, 13)
    memories = gather(actions, 0)
    assert (memories.of_event[actions.text == 12] == -1).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=2, max_size=30),
    st.integers(0, 3),
)
def test_memories_keep_to_one_user_and_session(sessions: list[list[int]], seed: int) -> None:
    """Without it, a memory could mix people, lose lines silently, or depend on the run."""
    actions = log(sessions, [i // 3 for i in range(len(sessions))], 10)
    memories = gather(actions, seed)
    again = gather(actions, seed)
    assert (memories.of_event == again.of_event).all()
    assert len(memories.of_event) == len(actions.text)
    for memory in range(len(memories.user)):
        inside = memories.of_event == memory
        assert inside.any()
        assert set(actions.user[inside]) == {memories.user[memory]}
        assert set(actions.session[inside]) == {memories.session[memory]}
    intents = cluster(memories.vectors, memories.strand, seed)
    assert len(intents.of_memory) == len(memories.user)
    assert intents.of_memory.max(initial=-1) < intents.n
    sizes = np.bincount(intents.of_memory[intents.of_memory >= 0], minlength=intents.n)
    assert (np.diff(sizes) <= 0).all(), "intent 0 is the biggest"
