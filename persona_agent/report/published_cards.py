"""Cards and the first page's figures as they may be forwarded: what a claim that is gone bore is gone with it.

In: exact parts of a persona, and the claims that may be told. Out: the same in the figures that are printed, with counts of users
in fives.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from ..schema import AllAtOnce, Bar, Card, Claim, Firmness, TopTenth, ToWatch, Try, Unplaced, Visit, VisitFact
from ..schema.told_fields import HeldValue
from ..words.floors import FEW, of_users, published_mix, published_truth, rounded_up, share
from ..words.published_claims import said_as_shown


def published_visit(visit: Visit, claims: Collection[str]) -> Visit:
    """What is usual, in the digits that are printed: of worth, in those of a claim, which may tell it too. Of the claims that it
    shows those that may be told.
    """
    digits = {"size": 2, "things": 2, "value": 3, "minutes": 2}
    usual = {name: (getattr(visit, name), n) for name, n in digits.items()}
    rounded = {k: None if x is None else float(f"{x:.{n}g}") for k, (x, n) in usual.items()}
    facts = {k: [_visit_fact(fact) for fact in getattr(visit, k)] for k in ("times", "kinds")}
    return visit.model_copy(update={**rounded, **facts, "shows": [c for c in visit.shows if c in claims]})


def _visit_fact(fact: VisitFact) -> VisitFact:
    return fact.model_copy(update={k: share(getattr(fact, k)) for k in ("share", "others")})


def published_firmness(firm: Firmness) -> Firmness:
    """Whole per cent, and how many in fives."""
    shares = {k: share(getattr(firm, k)) for k in ("same", "chance", "kappa", "low", "random", "null", "refits")}
    return firm.model_copy(update={**shares, "tested": of_users(firm.tested), "members": of_users(firm.members)})


def published_suggestion(told: Try, claims: Collection[str]) -> Try | None:
    """The suggestion with its figures; None where a claim that it starts from is gone."""
    figures = published_figures(told, claims) if set(told.claim_ids) <= set(claims) else None
    if figures is None:
        return None
    return told.model_copy(update={name: getattr(figures, name) for name in ToWatch.model_fields})


def published_figures(told: ToWatch, claims: Collection[str]) -> ToWatch | None:
    """Figures as a claim's are shown, the change that a test would see and the users that it takes rounded up; what an amount
    would be of fewer than five is told of nobody.
    """
    if told.measure not in claims:
        return None
    bar, smallest, needed = told.watched, told.smallest, told.needed
    truth = published_truth(bar.truth, bar.measure) if bar and bar.truth else None
    if bar is None or truth is None or truth.bound or told.tested < FEW:
        smallest = needed = None
    elif smallest is not None:
        smallest = math.ceil(100 * smallest - 1e-9) / 100 if bar.form == "share" else rounded_up(smallest)
    return ToWatch(
        measure=told.measure,
        watched=bar and bar.model_copy(update={"truth": truth}),
        smallest=smallest,
        tested=of_users(told.tested),
        needed=needed and [int(rounded_up(n)) for n in needed],
        days=told.days,
        figure=_figure(told) if bar and needed else None,
        brings=None if told.brings is None else float(f"{told.brings:.2g}"),
        currency=told.currency,
    )


def _figure(told: ToWatch) -> float | None:
    """What is watched in the time of a trial, as it is printed."""
    if told.figure is None or told.watched is None:
        return None
    return share(told.figure) if told.watched.form == "share" else float(f"{told.figure:.3g}")


def published_all_at_once(told: AllAtOnce) -> AllAtOnce:
    """Its figures as those of any trial are shown."""
    return told.model_copy(update={"watch": published_figures(told.watch, {told.watch.measure}) or told.watch})


def published_top_tenth(told: TopTenth) -> TopTenth:
    """Users in fives, the share in whole per cent, medians in the digits that are printed."""
    middles = {name: getattr(told, name) for name in ("visits", "worth", "lines")}
    rounded = {k: pair and tuple(float(f"{x:.3g}") for x in pair) for k, pair in middles.items()}
    return told.model_copy(update={**rounded, "users": of_users(told.users), "share": share(told.share)})


def published_held(told: HeldValue) -> HeldValue:
    """Users in fives, shares in whole per cent, those of personas as a claim's are shown."""
    shares = {name: share(getattr(told, name)) for name in ("share", "value", "five")}
    apart = [
        by.model_copy(update={"truth": published_truth(by.truth, told.measure)})
        for by in told.apart
        if by.truth.n >= FEW
    ]
    return told.model_copy(update={**shares, "users": of_users(told.users), "apart": apart})


def published_unplaced(told: Unplaced) -> Unplaced:
    shares = {name: share(getattr(told, name)) for name in ("leaning_value", "rare_value", "value")}
    once = None if told.once is None else of_users(told.once)
    users = {"leaning": of_users(told.leaning), "rare": of_users(told.rare), "once": once}
    return told.model_copy(update={**users, **shares})


def _bar(bar: Bar, of: Claim) -> Bar:
    """The bar with its figures as a claim's are shown; `of` is its claim, as it is shown."""
    truth = bar.truth and published_truth(bar.truth, bar.measure)
    bounded = (truth or of.truthfulness).bound is not None  # the surest half of them would be told of the same few
    figures = {
        "measure": bar.measure and said_as_shown(bar.measure),
        "truth": truth,
        "core": None if bounded else bar.core and published_truth(bar.core, bar.measure or of.measure),
        "standardised": published_mix(bar.standardised, truth or of.truthfulness),
    }
    return bar.model_copy(update=figures)


def published_card(card: Card, claims: Mapping[str, Claim]) -> Card:
    """The card without what a claim that is gone bore, its figures as a claim's are shown."""
    bars = [_bar(bar, claims[bar.claim]) for bar in card.bars if bar.claim in claims]
    odd = card.unfit
    few = odd is None or odd.claim not in claims or min(odd.share, 1 - odd.share) * odd.n < FEW
    strip = card.strip
    return card.model_copy(
        update={
            "bars": bars,
            "strip": strip
            and strip.model_copy(update={k: [share(x) for x in getattr(strip, k)] for k in ("here", "others")}),
            "path": card.path if card.path and card.path.claim in claims else None,
            "unfit": None
            if odd is None or few
            else odd.model_copy(update={"share": share(odd.share), "n": of_users(odd.n)}),
            "tension": card.tension if card.tension and card.tension.claim in claims else None,
            "watch": card.watch if card.watch in claims else None,
        }
    )
