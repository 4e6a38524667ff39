"""What is known of the tenth of users who bring in most, before anybody writes of them: a dossier as any group has one.

In: a corpus, the groups of a run, and what `top_tenth` found. Out: a `TenthMaterial`, None where there is no card about them.
Promises: nothing of it changes what is known of any other group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..evidence import Corpus, Formed, against_all, tenth_corpus, tenth_figures
from ..evidence.replication import grows_with_time
from ..groups.grouping import UserGroups
from ..options import DEFAULT_MIN_CLAIM_USERS, Options
from ..schema import TENTH, TENTH_ID, Condition, Dossier, Facet, TenthFigures, Topic, TopTenth
from ..words.english.tenth_told import SORTED_BY
from . import describing
from .dossiers import About, as_told, list_inquiries, make_dossier, visit_of
from .dossiers.inquiries import Inquiry, middle
from .drafts import Placement
from .vocabulary import told_columns

OPENINGS = [[Condition(field="opens_visit", op="is", value=["yes"])]]


@dataclass(frozen=True)
class TenthMaterial:
    """What writing about them rests on, on a `corpus` whose one group they are."""

    corpus: Corpus
    dossier: Dossier
    formed: Formed
    placement: Placement
    figures: TenthFigures


def material_of_tenth(
    corpus: Corpus,
    options: Options,
    groups: UserGroups,
    told: TopTenth | None,
    named: dict[str, int],
    facets: list[Facet],
    totals: dict[str, Any],
) -> TenthMaterial | None:
    """`named` are the groups above the floor, by the ids of their personas."""
    tenth = tenth_corpus(corpus, told) if options.by == "users" else None
    if tenth is None:
        return None
    visit = visit_of(tenth, TENTH, groups.amounts, groups.category)
    formed = Formed(frozenset({"value"}))
    about = About(
        group=TENTH,
        state="groups",
        noun="persona",
        size=describing.size(tenth, TENTH, totals),
        formed_by=[SORTED_BY],
        formed=formed,
        intents=[],
        intent_labels={},
        outside_intents=0.0,
        acts=describing.acts_of_group(tenth, TENTH),
        told=as_told(visit),
    )
    dossier = make_dossier(
        tenth, about, list(_asked(tenth, groups.amounts, told_columns(options, corpus.names))), facets
    )
    placement = Placement(
        id=TENTH_ID,
        stability=None,
        min_users=options.floor,
        floor=DEFAULT_MIN_CLAIM_USERS,
        contrasting=[],
        sizes_over_time=describing.over_time(tenth, TENTH),
        visit=visit,
        top_five=describing.top_five(tenth, TENTH),
        given=True,
    )
    return TenthMaterial(tenth, dossier, formed, placement, tenth_figures(corpus, tenth, named))


def _asked(tenth: Corpus, amounts: Sequence[str], columns: Sequence[str]) -> Iterator[Inquiry]:
    """What any group is asked, against all others; and how often they come, which of other groups is matched away. Not what each
    brings in, which picked them, nor what grows with every visit (who ever bought a thing): that would tell how often they come
    again. What a visit is worth is told in the middle alone.
    """
    said = "the usual number of visits in half of the log's time"
    visits = Inquiry(Topic(kind="often"), "", said, middle("users", "matches", OPENINGS), "number")
    yield replace(visits, measure=against_all(visits.measure))
    for inquiry in list_inquiries(tenth, TENTH, amounts, columns):
        kind, grows = inquiry.topic.kind, grows_with_time(inquiry.measure)
        if kind not in ("value", "total") and (not grows or kind == "held"):
            yield replace(inquiry, measure=against_all(inquiry.measure))
