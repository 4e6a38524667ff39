"""placing.npz: the frozen model of a run's groups, in a file that `assign` reads.

In: `Frozen`, or None where there are no groups. Out: the file, and the same from it, to the last bit. Promises: no user is in it;
after somebody was forgotten, nothing is in it by name that fewer than SHARED_BY users still share.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..log.events import SHARED_BY, open_events
from ..log.lists import values_sql
from ..manifest import PLACING
from ..store import Store
from .coded import property_of
from .frozen import Frozen
from .mixture import Mixture
from .placing import Calibration, Placer
from .ruler import Ruler
from .views import Background

FACTS = "facts"  # all that is no array, as JSON
Arrays = dict[str, NDArray[Any]]


def save_frozen(store: Store, frozen: Frozen | None) -> None:
    """placing.npz; empty but for that where there are no groups."""
    facts: dict[str, Any] = {}
    arrays: Arrays = {}
    if frozen is not None:
        placer, ruler, model, known = frozen.placer, frozen.placer.ruler, frozen.placer.model, frozen.background
        facts = {
            "views": list(placer.counts),
            "numbers": list(placer.numbers),
            "rho": dict(model.rho),
            "weight": model.weight,
            "likelihood": model.likelihood,
            "acts": list(frozen.acts),
            "chosen": sorted(frozen.chosen),
            "category": frozen.category,
            "things": dict(frozen.things),
            "fields": {name: list(values) for name, values in frozen.fields.items()},
            "amounts": list(frozen.amounts),
            "objects": list(frozen.objects),
            "priced": sorted(known.priced),
            "chosen_amounts": sorted(known.chosen),
            "within": frozen.within,
            "cohorts": dict(frozen.cohorts),
        }
        for i, view in enumerate(placer.counts):
            arrays |= {
                f"values.{i}": placer.counts[view], f"kept.{i}": ruler.kept[view], f"shares.{i}": ruler.shares[view],
                f"tilts.{i}": model.tilts[view],
            }  # fmt: skip
        arrays |= {
            "strata": ruler.strata, "means": ruler.means, "scale": ruler.scale, "noise": ruler.noise, "mean": model.mean,
            "spread": model.spread, "prior": model.prior, "group": placer.group, "members": placer.sure,
            "sure": placer.calibration.sure, "alike": placer.calibration.alike, "met": known.met, "before": known.before,
            **{f"usual.{i}": known.usual[name] for i, name in enumerate(frozen.amounts)},
        }  # fmt: skip
    store.write_arrays(PLACING, {FACTS: np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8), **arrays})


def load_frozen(store: Store) -> Frozen | None:
    """The frozen model of a run, None where it has no groups; StoreError where its file is missing or damaged."""
    arrays = store.read_arrays(PLACING)
    facts: dict[str, Any] = json.loads(arrays[FACTS].tobytes())
    if not facts:
        return None
    views = {view: i for i, view in enumerate(facts["views"])}
    numbers = tuple(facts["numbers"])
    ruler = Ruler(
        {view: arrays[f"kept.{i}"] for view, i in views.items()},
        numbers,
        arrays["strata"],
        {view: arrays[f"shares.{i}"] for view, i in views.items()},
        arrays["means"],
        arrays["scale"],
        arrays["noise"],
    )
    tilts = {view: arrays[f"tilts.{i}"] for view, i in views.items()}
    model = Mixture(
        tilts, facts["rho"], arrays["mean"], arrays["spread"], arrays["prior"], facts["likelihood"], facts["weight"]
    )
    counts = {view: arrays[f"values.{i}"] for view, i in views.items()}
    calibration = Calibration(arrays["sure"], arrays["alike"])
    return Frozen(
        Placer(counts, numbers, ruler, model, arrays["group"], calibration, arrays["members"]),
        facts["acts"],
        frozenset(facts["chosen"]),
        facts["category"],
        facts["things"],
        facts["fields"],
        facts["amounts"],
        facts["objects"],
        _background(arrays, facts),
        facts["within"],
        facts["cohorts"],
    )


def _background(arrays: Arrays, facts: dict[str, Any]) -> Background:
    usual = {name: arrays[f"usual.{i}"] for i, name in enumerate(facts["amounts"])}
    return Background(
        arrays["met"], arrays["before"], usual, frozenset(facts["priced"]), frozenset(facts["chosen_amounts"])
    )


def keep_shared_names(store: Store) -> None:
    """placing.npz without names of things, values and acts that fewer than five users still share, after somebody was forgotten.
    Places of values keep their numbers.
    """
    frozen = load_frozen(store) if store.path(PLACING).is_file() else None
    if frozen is None:
        return
    objects = _shared(store, "object")
    there = np.array([name in objects for name in frozen.objects], dtype=bool)
    values = {name: _shared(store, property_of(name)) for name in frozen.fields}
    things = objects if frozen.category is None else _shared(store, property_of(frozen.category))
    acts = _shared(store, "lower(action)")
    known = frozen.background
    kept = replace(
        frozen,
        acts=[name if name in acts else "" for name in frozen.acts],
        chosen=frozen.chosen & acts,
        things={name: code for name, code in frozen.things.items() if name in things},
        fields={f: [v if v in values[f] else "" for v in names] for f, names in frozen.fields.items()},
        objects=[name for name in frozen.objects if name in objects],
        background=replace(known, met=known.met[there], usual={a: usual[there] for a, usual in known.usual.items()}),
    )
    save_frozen(store, kept)


def _shared(store: Store, expression: str) -> set[str]:
    with store.connect() as connection:
        open_events(connection, store)
        rows = connection.execute(
            f"""SELECT x FROM (SELECT user, unnest({values_sql(expression)}) AS x FROM events)
            GROUP BY x HAVING count(DISTINCT user) >= ?""",
            [SHARED_BY],
        ).fetchall()
    return {str(name) for (name,) in rows}
