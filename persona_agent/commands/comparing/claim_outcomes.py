"""The claims of the earlier run asked of the later log: of the persona that is its counterpart, and of its users as they are now.

A claim has changed where both say so: who is in a group is a little another matter in every run, and who was in it does something
else in time. Where users cannot be told again, those stand for them whom the earlier groups' own rule puts there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from ...evidence import Corpus, Measured, Moved, Population, moved, settled
from ...evidence.at_bounds import few_side
from ...evidence.few import EVER
from ...evidence.loading import open_corpus
from ...evidence.verdicts import truthfulness
from ...groups.following import Followed
from ...schema import EVERYONE, Claim, ClaimChange, Measure, Truthfulness
from ...words.english.changes_told import GONE
from ...words.floors import FEW, published_truth
from .sides import RunSide

EVERYBODY = ("all", "none")


def claim_changes(
    old: RunSide, new: RunSide, found: Followed, gone: Collection[str], *, same_key: bool
) -> list[ClaimChange]:
    """A row for each claim of the earlier run that has a measure, in its order; `gone` are the personas of which nobody is
    left.
    """
    # Of a log that does not fall into groups the page is about everyone.
    shown = [p for p in old.personas.personas if p.status != "withheld"]
    pages = [*shown, *([old.personas.everyone] if old.personas.everyone else [])]
    asked = [(p.id, c) for p in pages for c in p.claims if c.measure is not None]
    if not asked:
        return []
    with _corpora(old, new, found, same_key=same_key) as (before, after):
        made = [
            _moved(before, after, old, new, found, persona, claim, gone=persona in gone) for persona, claim in asked
        ]
    measures = [c.measure for _, c in asked if c.measure is not None]
    return [_told(p, c, m) for (p, c), m in zip(asked, settled(made, measures), strict=True)]


@contextmanager
def _corpora(old: RunSide, new: RunSide, found: Followed, *, same_key: bool) -> Iterator[tuple[Corpus, Corpus]]:
    """Both logs as evidence; in the later one the groups of the earlier run stand behind its own."""
    followed = _followed(old, new, found, same_key=same_key)
    with old.store.connect() as first, new.store.connect() as second:
        before = open_corpus(first, old.store, old.options, old.store, old.groups, [], halves=old.halves)
        groups = [*new.groups, *followed]
        # Themes are those that the claims are about.
        yield before, open_corpus(second, new.store, old.options, old.store, groups, [], halves=new.halves)


def _followed(old: RunSide, new: RunSide, found: Followed, *, same_key: bool) -> list[list[str]]:
    users = new.halves[0]
    if same_key:
        there = set(users)
        return [[u for u in members if u in there] for members in old.groups]
    return [[users[u] for u in np.flatnonzero(found.placed_old == g).tolist()] for g in range(len(old.groups))]


def _moved(
    before: Corpus,
    after: Corpus,
    old: RunSide,
    new: RunSide,
    found: Followed,
    persona: str,
    claim: Claim,
    *,
    gone: bool,
) -> Moved:
    assert claim.measure is not None
    if persona == "p0":
        return moved(before, after, claim.measure, Population(EVERYONE), [Population(EVERYONE)])
    g = old.ids[persona]
    h = found.counterpart.get(g)
    now = [*([] if h is None else [Population(h)]), Population(len(new.groups) + g)]
    made = moved(before, after, claim.measure, Population(g), now)
    return replace(made, outcome="cannot_tell", now=None, p=None, why=GONE) if gone else made


def _told(persona: str, claim: Claim, found: Moved) -> ClaimChange:
    """The row with figures as they may be told."""
    assert claim.measure is not None
    was, now = _published(claim.measure, found.was), found.now and _published(claim.measure, found.now)
    if was.bound and claim.measure.says.quantifier in EVERYBODY:  # said in words on the card, and true of each
        was = was.model_copy(update={"value": claim.truthfulness.value, "bound": claim.truthfulness.bound})
    return ClaimChange(
        id=claim.id,
        persona=persona,
        text=claim.text,
        measure=claim.measure,
        outcome=found.outcome,
        was=was.value,
        now=now.value if now else None,
        bound_was=was.bound,
        bound_now=now.bound if now else None,
        others_was=was.matched,
        others_now=now.matched if now else None,
        n_was=was.n,
        n_now=now.n if now else 0,
        p=None if found.p is None else float(f"{found.p:.2g}"),
        others=found.others and found.outcome in ("weakened", "refuted"),
        why=found.why,
    )


def _published(measure: Measure, measured: Measured) -> Truthfulness:
    """The figures as a card has them, and of others none that fewer than five of them decide."""
    others = measured.matched
    hidden = others is not None and (others.n < FEW or few_side(others) is not None)
    exact = truthfulness(measured, "true", "").model_copy(update={"matched": None} if hidden else {})
    # A word that is true of each is bounded as well: whether it still is, one user would tell.
    plain = measure.model_copy(update={"says": EVER}) if measure.says.quantifier in EVERYBODY else measure
    return published_truth(exact, plain)
