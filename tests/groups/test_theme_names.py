"""Names of themes: words that tell them apart, of what is shared, and none where they would be untrue."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.groups.theme_names import name_themes
from persona_agent.words.english.kinds_told import AND_THE_LIKE, NUMBERED, words_of

BAGS = ["JUMBO BAG RED", "JUMBO BAG PINK", "LUNCH BAG RED", "LUNCH BAG OWLS"]
MUGS, RUGS = ["COFFEE MUG ONE", "TEA MUG TWO"], ["RUG BLUE", "RUG ROUND"]
SIGNS = ["METAL SIGN GIN", "METAL SIGN RED", "TIN SIGN COOK"]


def named(*themes: list[str], users: int = 20) -> dict[str, list[str]]:
    theme = np.concatenate([np.full(len(things), t) for t, things in enumerate(themes)])
    names = [name for things in themes for name in things]
    return name_themes(theme, names, np.full(len(names), users))


def test_words_of_a_theme_are_its_name() -> None:
    """Words that are everywhere, or in one thing alone, are no part of it; each thing stands under its name."""
    found = named(BAGS, SIGNS, MUGS, RUGS)
    assert list(found.values()) == [BAGS, SIGNS, MUGS, RUGS]
    bags, signs, *others = found
    assert others == ["mug", "rug"]
    assert bags in ("jumbo and lunch bag", "lunch and jumbo bag")
    assert signs == "metal sign"


def test_a_theme_is_called_as_its_things_are() -> None:
    """What is many is in the plural where the log has it, “of” ties as it does in names, and a phrase that is true of a part of
    them is an example.
    """
    hearts = ["HEART OF WICKER SMALL", "HEART OF WICKER LARGE", "HEARTS DECORATION"]
    clocks = ["ALARM CLOCK RED", "ALARM CLOCK PINK", "WALL CLOCK IVORY", "CLOCKS OLD", "DINER CLOCK", "STATION CLOCK"]
    weeks = ["File: Week11", "File: Week12", "File: Week13"]
    assert list(named(hearts, clocks, weeks, SIGNS)) == [
        "alarm clocks and the like",
        "hearts of wicker",
        "week",
        "metal sign",
    ]


def test_a_rest_has_no_name() -> None:
    """Two bags among things that share nothing do not make the rest a theme of bags."""
    rest = ["TOTE BAG", "SHOPPER BAG", *(f"{word} thing" for word in ("cake", "clock", "lamp", "spoon", "rug", "jam"))]
    rest = [name.replace(" thing", "") for name in rest]
    assert list(named(rest, SIGNS, MUGS)) == ["metal sign", "mug"]


def test_things_without_shared_words_go_by_the_commonest() -> None:
    """Codes and single words: the commonest thing and how many more there are."""
    theme, names = np.array([0, 0, 0, 1, 1]), ["a1", "b2", "c3", "d4", "e5"]
    found = name_themes(theme, names, np.array([9, 30, 10, 8, 7]))
    assert found == {"b2 and 2 more": ["b2", "c3", "a1"], "d4 and 1 more": ["d4", "e5"]}


def test_nobody_is_called_something() -> None:
    """A word that says who somebody is names no theme."""
    found = named(["PREGNANT PILLOW A", "PREGNANT PILLOW B"], SIGNS)
    assert "pillow" in found
    assert not any("pregnan" in name for name in found)


@given(
    st.lists(
        st.tuples(st.integers(-1, 4), st.text("abc dé", min_size=1, max_size=12), st.integers(1, 40)),
        min_size=1,
        max_size=30,
        unique_by=lambda thing: thing[1],
    )
)
def test_names_are_of_what_is_shared(things: list[tuple[int, str, int]]) -> None:
    """A name of words has only those that two things of the theme have; each thing is in one theme alone, and no theme is of one
    thing.
    """
    theme, names, users = (list(column) for column in zip(*things, strict=True))
    met = dict(zip(names, users, strict=True))
    found = name_themes(np.array(theme), names, np.array(users))
    placed = [thing for of in found.values() for thing in of]
    assert len(placed) == len(set(placed)) and len({n.casefold() for n in found}) == len(found)
    for name, of in found.items():
        assert len(of) > 1 and [met[t] for t in of] == sorted((met[t] for t in of), reverse=True)
        if " more" in name:
            continue
        words = words_of(name.removesuffix(AND_THE_LIKE))
        assert all(sum(word in words_of(t) for t in of) > 1 for word in words)


def test_themes_of_keys_are_numbered() -> None:
    """What users meet most of is of the first kind, and no key stands in a name; a word that some share still tells theirs."""
    keys = [[str(-(10**18) - 7 * i - 100 * t) for i in range(3 + t)] for t in range(3)]
    assert list(named(*keys)) == [NUMBERED.format(n) for n in (1, 2, 3)]
    assert list(named(*keys).values()) == keys[::-1]
