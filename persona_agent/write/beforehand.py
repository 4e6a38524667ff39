"""What is known of a group before anything about it is measured.

In: a run's corpus and groups. Out: of each group its size, what it came for and by what it was told apart (`About`), and its
place among the others (`Placement`): how firm it is, its sizes over time and the members that fit it least. Promises: no
group below the floor is among those that may be shown, and none can be told from what is left over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evidence import Corpus, Formed, Population
from ..evidence.exposure import how_much
from ..groups.grouping import UserGroups
from ..log.given_groups import Cohorts
from ..options import DEFAULT_MIN_CLAIM_USERS, Options
from ..schema import EVERYONE, Citation, IntentShare, LogState, Visit
from . import describing
from .dossiers import About
from .drafts import Placement
from .sorted_by import defined_in_words, fields_of_views, in_words
from .vocabulary import told_columns

Ints = NDArray[np.int64]
CONTRASTING = 5  # members that fit least, as examples: of fewer none would be shown
NAMES = {"action", "object"}


def above_floor(groups: Sequence[Ints], users: int, floor: int, heads: Callable[[Ints], int] = len) -> list[int]:
    """The groups that may be shown, largest first. Where some are too small, all users on no card are a pool that is above the
    floor too, or the smallest group joins it: subtracting the cards from everyone would else tell about a few. `heads` counts
    what the floor is for.
    """
    by_size = sorted(range(len(groups)), key=lambda g: (-len(groups[g]), g))
    large = [g for g in by_size if heads(groups[g]) >= floor]
    while large and len(large) < len(groups):
        pool = np.setdiff1d(np.arange(users), np.concatenate([groups[g] for g in large]))
        if not len(pool) or heads(pool) >= floor:
            break
        large.pop()
    return large


def about_group(
    corpus: Corpus,
    options: Options,
    groups: UserGroups,
    g: int,
    state: LogState,
    labels: dict[int, str],
    totals: dict[str, Any],
) -> About:
    occasions = options.by == "intents"
    if groups.given is not None:
        by, made_of = _sorted_as_given(groups.given)
        by += defined_in_words(corpus.defined, corpus.names, told_columns(options, corpus.names))
    else:
        views = ["things"] if occasions else groups.grouping.in_use
        category = None if occasions else groups.category
        by, made_of = in_words(views, corpus.names, category), set(fields_of_views(views, category))
    if any(re.search(rf"\b{re.escape(f.removeprefix('properties.'))}\b", options.value or "") for f in made_of - NAMES):
        made_of.add("value")
    here = groups.memories[groups.members[g]].sum(axis=0)
    shares = here / max(float(here.sum()), 1.0)
    order = np.argsort(-shares, kind="stable")
    return About(
        group=g,
        state=state,
        noun="occasion" if occasions else "persona",
        size=describing.size(corpus, g, totals),
        formed_by=by,
        formed=Formed(frozenset(made_of), *(describing.acts_of_intents(corpus) if occasions else ())),
        intents=[IntentShare(intent=int(k), share=round(float(shares[k]), 4)) for k in order if shares[k] > 0],
        intent_labels=labels,
        outside_intents=describing.outside(corpus, g),
        acts=describing.acts_of_group(corpus, g),
    )


def _sorted_as_given(given: Cohorts) -> tuple[list[str], set[str]]:
    """What given groups were sorted by, in words without any of their names, and the field of the log that it is."""
    said = {
        "file": "a list that the team gave",
        "field": f"the field “{(given.field or '').removeprefix('properties.')}”",
        "outcome": "what they did after the date up to which they are looked at",
    }
    after = (
        ", as it was after the date up to which they are looked at"
        if given.kind != "outcome" and given.is_outcome
        else ""
    )
    return [said[given.kind] + after], {given.field} if given.field else set()


def about_everyone(corpus: Corpus, groups: UserGroups, labels: dict[int, str], totals: dict[str, Any]) -> About:
    """All users, of a log without groups, too small for any, or of which none can be shown."""
    shares = groups.memories.sum(axis=0) / max(float(groups.memories.sum()), 1.0)
    return About(
        group=EVERYONE,
        state="none",
        noun="persona",
        size=describing.size(corpus, EVERYONE, totals),
        formed_by=[],
        formed=Formed(),
        intents=[IntentShare(intent=k, share=round(float(s), 4)) for k, s in enumerate(shares)],
        intent_labels=labels,
        outside_intents=describing.outside(corpus, EVERYONE),
        acts=describing.acts_of_group(corpus, EVERYONE),
    )


def placement_of(
    corpus: Corpus, options: Options, groups: UserGroups, g: int, name: str, visit: Visit | None
) -> Placement:
    stable = float(groups.stability[g]) if g < len(groups.stability) else None
    return Placement(
        id=name,
        stability=None if stable is None else round(stable, 4),
        min_users=options.floor,
        floor=DEFAULT_MIN_CLAIM_USERS,
        contrasting=_contrasting(corpus, groups, g),
        sizes_over_time=describing.over_time(corpus, g),
        visit=visit,
        top_five=describing.top_five(corpus, g),
        firmness=groups.grouping.firmness[g] if options.by == "users" else None,
        given=groups.given is not None,
        how_much=how_much(corpus, Population(g)),
    )


def _contrasting(corpus: Corpus, groups: UserGroups, g: int) -> list[Citation]:
    """The last lines of the members that fit least."""
    members = groups.members[g]
    order = np.lexsort((members, groups.grouping.certainty[members]))[:CONTRASTING]
    seqs = corpus.connection.execute(
        "SELECT max(seq) FROM lines WHERE list_contains(?, u) GROUP BY u ORDER BY u", [members[order].tolist()]
    ).fetchall()
    return corpus.cite([s for (s,) in seqs], "contradicts")
