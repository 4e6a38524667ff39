"""What was found against what was planted: adjusted Rand indices (Hubert & Arabie 1985) of lines and of users.

In: a planted world, and the run directory and users that the program made of its log. Out: numbers. Promises: planted
noise lines are not scored, everything else that was planted is; a line or user that was left out, or that never got
into the program, is a group of its own, so leaving out is never rewarded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from persona_agent.ids import user_hash
from persona_agent.store import Store, open_database

from ..worlds import World

Ints = NDArray[np.int64]


def alone(label: Sequence[int] | Ints) -> Ints:
    """Labels in which every −1 is a group of its own."""
    label = np.asarray(label, dtype=np.int64)
    return np.where(label < 0, label.max(initial=0) + 1 + np.arange(len(label)), label)


def ari(truth: Sequence[int] | Ints, label: Sequence[int] | Ints) -> float:
    """Adjusted Rand index, every −1 of `label` alone."""
    return float(adjusted_rand_score(np.asarray(truth), alone(label)))


def ari_of_lines(world: World, intents: Mapping[int, int]) -> float:
    """Lines of a planted intent against the intent found, by physical line number."""
    lines = [number for number, intent in world.line_intents.items() if intent >= 0]
    return ari([world.line_intents[n] for n in lines], [intents.get(n, -1) for n in lines])


def intent_of_line(store: Store) -> dict[int, int]:
    """Physical line → intent, of the lines that are in a memory."""
    path = str(store.path("memories.parquet")).replace("'", "''")
    query = f"SELECT l.line, intent FROM (SELECT unnest(lines) AS l, intent FROM '{path}')"
    with open_database() as connection:
        return dict(connection.execute(query).fetchall())


def places(world: World, key: bytes, users: Sequence[str]) -> Ints:
    """Where each planted user stands among the program's `users` (hashes under the run's key), −1 for nowhere."""
    at = {name: i for i, name in enumerate(users)}
    return np.array([at.get(user_hash(key, raw), -1) for raw in world.user_personas], dtype=np.int64)


def label_of_planted(place: Ints, label: Ints) -> Ints:
    """The label of each planted user; −1 where the program gave none or never saw the user."""
    return np.append(label, -1)[place]


def personas(world: World) -> Ints:
    """The planted persona of each planted user, in the order of `places`."""
    return np.array(list(world.user_personas.values()), dtype=np.int64)
