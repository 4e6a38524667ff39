"""users.parquet: who is in which persona, by which half of the visits, how surely, and who leans to one.

In: the groups of a run and the personas that were written of them. Out: the file, and the persona of each user.
"""

from __future__ import annotations

import numpy as np

from ..groups.grouping import UserGroups
from ..options import Options
from ..runs import PRIVATE_USERS, USERS
from ..store import Store
from ..write.writing import Written

USERS_FILE = """
SELECT u.user, u.fold, u."group", u.group_by_odd, u.group_by_even, u.chance_by_odd, u.chance_by_even, u.leaning, u.persona_id,
       coalesce(m.memberships, []::STRUCT("group" INTEGER, persona_id VARCHAR, weight DOUBLE)[]) AS memberships, u.profile
FROM user_rows u LEFT JOIN (
  SELECT user, list({'group': "group", 'persona_id': persona_id, 'weight': weight} ORDER BY "group") AS memberships
  FROM member_rows GROUP BY user) m USING (user) ORDER BY u.i
"""


def write_users(store: Store, options: Options, groups: UserGroups, written: Written) -> list[str | None]:
    """users.parquet; returns the persona of each user, the largest one where there are several."""
    n = len(groups.users)
    groups_of: list[list[int]] = [[] for _ in range(n)]
    for g, members in enumerate(groups.members):
        for u in members.tolist():
            groups_of[u].append(g)
    weight = groups.memories / np.maximum(groups.memories.sum(axis=1, keepdims=True), 1)
    occasions = options.by == "intents"

    def weigh(u: int, g: int) -> float:
        return float(weight[u, g]) if occasions else float(groups.grouping.certainty[u])

    best = [max(gs, key=lambda g, u=u: (weigh(u, g), -g)) if gs else -1 for u, gs in enumerate(groups_of)]  # type: ignore[misc]
    persona = [written.of_group[g] if g >= 0 else None for g in best]
    profile = np.round(groups.grouping.profile, 4)
    names = groups.users
    table: dict[str, np.ndarray] = {
        "i": np.arange(n),
        "user": np.array(names, dtype=object),
        "fold": np.where(groups.fit, "fit", "held_out").astype(object),
        "group": np.array(best, dtype=np.int32),
        "group_by_odd": groups.halves[:, 0].astype(np.int32),
        "group_by_even": groups.halves[:, 1].astype(np.int32),
        "chance_by_odd": groups.grouping.half_chances[:, 0],
        "chance_by_even": groups.grouping.half_chances[:, 1],
        "leaning": groups.grouping.leaning.astype(np.int32),
        "persona_id": np.array(persona, dtype=object),
    }
    pairs = [(u, g) for u, gs in enumerate(groups_of) for g in gs]
    rows = {
        "user": np.array([names[u] for u, _ in pairs], dtype=object),
        "group": np.array([g for _, g in pairs], dtype=np.int32),
        "persona_id": np.array([written.of_group[g] for _, g in pairs], dtype=object),
        "weight": np.array([round(weigh(u, g), 4) for u, g in pairs], dtype=np.float64),
    }
    with store.connect() as connection:
        connection.register("base_rows", {**table, **{f"x{k}": profile[:, k] for k in range(profile.shape[1])}})
        values = ", ".join(f"x{k}" for k in range(profile.shape[1]))
        connection.execute(
            'CREATE TEMP TABLE user_rows AS SELECT i, user, fold, "group", group_by_odd, group_by_even, '
            "chance_by_odd, chance_by_even, leaning, persona_id::VARCHAR AS persona_id, "
            f"[{values}]::DOUBLE[] AS profile FROM base_rows"
        )
        connection.execute(
            'CREATE TEMP TABLE member_rows (user VARCHAR, "group" INTEGER, persona_id VARCHAR, weight DOUBLE)'
        )
        if pairs:
            connection.register("pair_rows", rows)
            connection.execute("INSERT INTO member_rows SELECT * FROM pair_rows")
        name, other = (PRIVATE_USERS, USERS) if options.staff else (USERS, PRIVATE_USERS)
        store.write_parquet(connection, name, USERS_FILE)
        store.path(other).unlink(missing_ok=True)
    return persona
