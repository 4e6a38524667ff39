"""The groups of a run in a file, so that a run with other options of writing need not group anew.

In: `UserGroups`. Out: groups.npz, themes.parquet and placing.npz, and the same groups from the first two, to the last bit.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..codebook import load_themes, save_themes
from ..log.given_groups import load_given
from ..schema import Firmness, Ungrouped
from ..store import Store
from . import Grouping, Option
from .freezing import save_frozen
from .gathering import GatheredMemories
from .grouping import UserGroups
from .screening import Reliability

GROUPS = "groups.npz"
FACTS = "facts"  # all that is no array, as JSON


def save_groups(store: Store, groups: UserGroups) -> None:
    """groups.npz, themes.parquet and placing.npz."""
    found = groups.grouping
    facts = {
        "gathered": asdict(groups.gathered),
        "users": groups.users,
        "amounts": groups.amounts,
        "members": len(groups.members),
        "state": found.state,
        "reason": found.reason,
        "ungrouped": found.ungrouped and found.ungrouped.model_dump(),
        "chosen": found.chosen,
        "options": [{"k": o.k, "kappa": o.kappa, "gain": o.gain} for o in found.options],
        "firmness": [f.model_dump() for f in found.firmness],
        "views": {name: asdict(r) for name, r in found.views.items()},
        "null_kappa": found.null_kappa,
        "null_gain": found.null_gain,
        "just": found.just,
        "within": groups.within,
        "category": groups.category,
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
        "leaning": found.leaning,
        "label_halves": found.halves,
        "half_chances": found.half_chances,
        **{f"members.{g}": members for g, members in enumerate(groups.members)},
        **{f"option.{i}": option.label for i, option in enumerate(found.options)},
    }
    store.write_arrays(GROUPS, arrays)
    save_themes(store, groups.themes)
    save_frozen(store, groups.frozen)


def load_groups(store: Store) -> UserGroups:
    """The groups of a run; StoreError where their file is missing or damaged."""
    arrays = store.read_arrays(GROUPS)
    facts: dict[str, Any] = json.loads(arrays[FACTS].tobytes())
    grouping = Grouping(
        state=facts["state"],
        reason=facts["reason"],
        label=arrays["label"],
        halves=arrays["label_halves"],
        half_chances=arrays["half_chances"],
        certainty=arrays["certainty"],
        profile=arrays["profile"],
        leaning=arrays["leaning"],
        chosen=facts["chosen"],
        ungrouped=Ungrouped(**facts["ungrouped"]) if facts["ungrouped"] else None,
        firmness=[Firmness(**f) for f in facts["firmness"]],
        views={name: Reliability(**r) for name, r in facts["views"].items()},
        options=[Option(**option, label=arrays[f"option.{i}"]) for i, option in enumerate(facts["options"])],
        null_kappa=facts["null_kappa"],
        null_gain=facts["null_gain"],
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
        within=facts["within"],
        category=facts["category"],
        themes=load_themes(store),
        given=load_given(store),
    )
