"""The groups of a run in a file, so that a run with other options of writing need not group anew.

In: `UserGroups`. Out: groups.npz, and the same groups from it, to the last bit.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..store import Store
from . import Grouping, Option
from .gathering import GatheredMemories
from .grouping import UserGroups

GROUPS = "groups.npz"
FACTS = "facts"  # all that is no array, as JSON


def save_groups(store: Store, groups: UserGroups) -> None:
    """groups.npz."""
    found = groups.grouping
    facts = {
        "gathered": asdict(groups.gathered),
        "users": groups.users,
        "amounts": groups.amounts,
        "members": len(groups.members),
        "state": found.state,
        "reason": found.reason,
        "blocks": found.blocks,
        "chosen": found.chosen,
        "options": [{"k": o.k, "s": o.s, "t": o.t} for o in found.options],
        "cohesion": found.cohesion,
        "linear": found.linear,
        "null_p95": found.null_p95,
        "just": found.just,
    }
    arrays: dict[str, NDArray[Any]] = {
        FACTS: np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8),
        "memories": groups.memories,
        "stability": groups.stability,
        "fit": groups.fit,
        "halves": groups.halves,
        "label": found.label,
        "certainty": found.certainty,
        "profile": found.profile,
        "label_stability": found.stability,
        **{f"members.{g}": members for g, members in enumerate(groups.members)},
        **{f"option.{i}": option.label for i, option in enumerate(found.options)},
    }
    store.write_arrays(GROUPS, arrays)


def load_groups(store: Store) -> UserGroups:
    """The groups of a run; StoreError where their file is missing or damaged."""
    arrays = store.read_arrays(GROUPS)
    facts: dict[str, Any] = json.loads(arrays[FACTS].tobytes())
    grouping = Grouping(
        state=facts["state"],
        reason=facts["reason"],
        label=arrays["label"],
        certainty=arrays["certainty"],
        profile=arrays["profile"],
        blocks=tuple(facts["blocks"]),
        chosen=facts["chosen"],
        options=[Option(**option, label=arrays[f"option.{i}"]) for i, option in enumerate(facts["options"])],
        stability=arrays["label_stability"],
        cohesion=facts["cohesion"],
        linear=facts["linear"],
        null_p95=facts["null_p95"],
        just=facts["just"],
    )
    return UserGroups(
        gathered=GatheredMemories(**facts["gathered"]),
        users=facts["users"],
        memories=arrays["memories"],
        amounts=facts["amounts"],
        grouping=grouping,
        members=[arrays[f"members.{g}"] for g in range(facts["members"])],
        stability=arrays["stability"],
        fit=arrays["fit"],
        halves=arrays["halves"],
    )
