"""Groups that an agent made, as they are told, and what may not be asked of them.

In: groups by label, or a measure. Out: sizes in fives, nothing of fewer than five; or UsageError for a condition that fewer than
five users meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ...errors import UsageError
from ...evidence import Corpus, Unwritable, refuse_invented
from ...evidence.few import why_few_meet
from ...schema import Measure, Vocabulary
from ...words.floors import FEW, of_users, share
from ..open_log import Labels
from . import told

NOTHING: Mapping[str, str] = MappingProxyType({})
NEXT_OF_GROUPS = ["test_groups", "measure", "example_visits", "audit"]


def groups_told(
    groups_id: str,
    names: Sequence[str],
    label: Labels,
    floor: int,
    several: int,
    says: list[str],
    hidden: Mapping[str, str] = NOTHING,
) -> told.DefinedGroups:
    """The groups with their sizes; `several` users fit more than one. Of those that are `hidden`, with why, no size is told, nor
    how many are in none, from which it would follow.
    """
    sizes = [0 if n in hidden else int((label == g).sum()) for g, n in enumerate(names)]
    small = [n for n, size in zip(names, sizes, strict=True) if size < floor and n not in hidden]
    return told.DefinedGroups(
        groups_id=groups_id,
        groups=[
            told.SizeOfGroup(
                group=n,
                users=of_users(size) if size >= FEW else 0,
                share=share(of_users(size) / of_users(len(label))) if size >= FEW else None,
            )
            for n, size in zip(names, sizes, strict=True)
        ],
        in_several=of_users(several) if several >= FEW else 0,
        in_none=0 if hidden else of_users(int((label < 0).sum())),
        says=says
        + [f"{n}: {why}; no size is told" for n, why in hidden.items()]
        + [f"{n} is smaller than {floor} users: nothing is told of it" for n in small],
        next=NEXT_OF_GROUPS if names else ["measure"],
    )


def refuse_few(corpus: Corpus, words: Vocabulary, asked: Measure) -> None:
    """UsageError for a question about what may not be told of, or about fewer than five users."""
    try:
        refuse_invented(asked, words)
    except Unwritable as error:
        raise UsageError(f"That cannot be asked: {error}.", hint="`describe_log` lists what can be.") from None
    if few := why_few_meet(corpus, asked):
        raise UsageError(f"{few[0].upper()}{few[1:]}.", hint="Ask of something that more users do.")
