"""Groups survive their file to the last bit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from persona_agent.errors import StoreError
from persona_agent.groups import Grouping, Option
from persona_agent.groups.gathering import GatheredMemories
from persona_agent.groups.grouping import UserGroups
from persona_agent.groups.saving import GROUPS, load_groups, save_groups
from persona_agent.groups.screening import Reliability
from persona_agent.schema import Firmness
from persona_agent.store import Store

FLOATS = st.floats(width=64)
COUNTS = st.integers(0, 1 << 40)
NAMES = st.text(max_size=6)
WIDTHS = st.integers(0, 3)


def reals(*shape: int) -> st.SearchStrategy[Any]:
    return arrays.arrays(np.float64, shape, elements=FLOATS)


def ints(n: int) -> st.SearchStrategy[Any]:
    return arrays.arrays(np.int64, n, elements=st.integers(-1, 1 << 40))


FIRMNESS = st.builds(
    Firmness,
    word=st.sampled_from(["firm", "fair", "soft", "none"]),
    tested=COUNTS,
    members=COUNTS,
    **dict.fromkeys(
        ("same", "chance", "kappa", "low", "random", "null", "refits"),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
    ),
)


@st.composite
def groupings(draw: st.DrawFn, n: int) -> Grouping:
    return Grouping(
        state=draw(st.sampled_from(["none", "groups"])),
        reason=draw(NAMES),
        label=draw(ints(n)),
        halves=draw(arrays.arrays(np.int64, (n, 2))),
        half_chances=draw(reals(n, 2)),
        certainty=draw(reals(n)),
        profile=draw(reals(n, draw(WIDTHS))),
        leaning=draw(ints(n)),
        chosen=draw(COUNTS),
        firmness=draw(st.lists(FIRMNESS, max_size=3)),
        views=draw(st.dictionaries(NAMES, st.builds(Reliability, FLOATS, FLOATS, FLOATS, st.booleans()), max_size=3)),
        options=draw(st.lists(st.builds(Option, COUNTS, FLOATS, FLOATS, ints(n)), max_size=3)),
        null_kappa=draw(st.none() | FLOATS),
        null_gain=draw(st.none() | FLOATS),
        just=draw(st.dictionaries(NAMES, FLOATS, max_size=3)),
    )


@st.composite
def user_groups(draw: st.DrawFn) -> UserGroups:
    n = draw(st.integers(0, 5))
    point = st.lists(FLOATS, min_size=2, max_size=2)
    return UserGroups(
        gathered=draw(st.builds(GatheredMemories, COUNTS, COUNTS, COUNTS, st.lists(point, max_size=3), COUNTS)),
        users=draw(st.lists(NAMES, min_size=n, max_size=n)),
        memories=draw(reals(n, draw(WIDTHS))),
        amounts=draw(st.lists(NAMES, max_size=3)),
        grouping=draw(groupings(n)),
        members=draw(st.lists(st.integers(0, n).flatmap(ints), max_size=3)),
        stability=draw(reals(draw(WIDTHS))),
        fit=draw(arrays.arrays(np.bool_, n)),
        halves=draw(arrays.arrays(np.int64, (n, 2))),
        within=draw(st.none() | NAMES),
        category=draw(st.none() | NAMES),
    )


def told(value: Any) -> Any:
    """A value as text in which every bit, type, shape and order shows; NaN is like NaN."""
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, value.tobytes())
    if is_dataclass(value):
        return (type(value), [(f.name, told(getattr(value, f.name))) for f in fields(value)])
    if isinstance(value, list | tuple):
        return (type(value), [told(v) for v in value])
    if isinstance(value, dict):
        return (dict, [(k, told(v)) for k, v in value.items()])
    return (type(value), repr(value))


@settings(max_examples=40, deadline=None)
@given(user_groups())
def test_groups_come_back_as_they_were(groups: UserGroups) -> None:
    """Every field of made-up groups is the same after writing and reading: values, types, shapes and order."""
    with TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "out")
        save_groups(store, groups)
        assert told(load_groups(store)) == told(groups)


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_damaged_groups_are_said_to_be(left: int, tmp_path: Path) -> None:
    """A file cut anywhere, or with a bit turned (−1), is a StoreError that names it and the way out."""
    store, n = Store.create(tmp_path / "out"), 4
    label, ones = np.zeros(n, dtype=np.int64), np.ones(n)
    halves = np.zeros((n, 2), dtype=np.int64)
    grouping = Grouping("groups", "", label, halves, np.ones((n, 2)), ones, np.ones((n, 2)), label)
    gathered = GatheredMemories(1, 1, 1, [], 1)
    save_groups(store, UserGroups(gathered, ["a"] * n, ones, [], grouping, [], ones, ones > 0, halves))
    content = store.path(GROUPS).read_bytes()
    middle = content.index(ones.tobytes())
    turned = content[:middle] + b"\1" + content[middle + 1 :]
    store.path(GROUPS).write_bytes(turned if left < 0 else content[:left])
    with pytest.raises(StoreError, match=r"groups\.npz.* is damaged") as caught:
        load_groups(store)
    assert "--fresh" in caught.value.hint


def test_missing_groups_are_said_to_be(tmp_path: Path) -> None:
    """A file that is not there is a StoreError that names it."""
    with pytest.raises(StoreError, match=r"groups\.npz.* is missing"):
        load_groups(Store.create(tmp_path / "out"))
