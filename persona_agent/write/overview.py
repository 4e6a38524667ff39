"""All groups side by side, as every draft of a run is shown them; who asks before anything is written is shown more (`contrast`).

In: groups that are briefed. Out: an `Overview`: the first data block of every draft, the same for all, and the figures of all
groups for any claim of a dossier. Promises: figures are of the users that groups were made from, as those of the dossiers, and
cross-placed where the claim compares; nothing of users set aside is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..evidence import Corpus, Population, compares, over_whole_log, truthfulness
from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..schema import EVERYONE, Measure, Names, ProposedClaim
from ..words.english.first_pages import firmness
from ..words.told_results import told_figure
from ..words.wording import percent
from .briefs import Brief, Briefed
from .contrast import logged_in_part, of_a_thing
from .drafts import ToldGroup
from .drafts.data_blocks import Figures, key_of, told_log, told_of
from .offline import choose_face
from .told_of_trials import told_of_trials

OF_EACH = 6  # facts of a group in the table of all: what its card could lead with, and one more
SINGLE = 2  # of these about one thing of many: such facts are many, and none is a habit


@dataclass(frozen=True)
class Overview:
    """`told` is what all drafts are shown alike; `figures` gives for a claim, by `key_of` its measure, every group's figure;
    `asked` says whether questions were asked before.
    """

    told: Mapping[str, Any]
    figures: Figures
    asked: bool = False


def overview_of(briefed: Briefed, about: str | None) -> Overview:
    """The overview of all groups of a run, and of none where there is only a page about everyone."""
    groups = briefed.groups
    names = briefed.corpus.names
    vocabulary = briefed.briefing.vocabulary
    figures: dict[str, dict[str, str]] = {}
    for claim in (c for b in groups for c in b.dossier.candidates if c.withdrawal is None and told_apart(c)):
        key = key_of(claim.measure)
        if key not in figures:
            figures[key] = {b.context.id: _figure(briefed.corpus, claim.measure, b.dossier.group) for b in groups}
    part = {"part": said} if (said := logged_in_part(briefed.corpus)) else {}
    told = {**told_log(vocabulary, names, about), **part, "groups": [_group(b) for b in groups]}
    if len(groups) > 1:
        told["contrast"] = _contrast(groups, figures, names)
    return Overview(told, figures, bool(briefed.asked))


def told_group(brief: Brief, overview: Overview, context: int | None) -> ToldGroup:
    """All that a writer is shown for one card; `context`: tokens that the model holds, None for enough."""
    told = brief.context
    return ToldGroup(
        overview.told,
        brief.dossier,
        told.corpus.names,
        overview.figures,
        told_of_trials(told),
        told.id,
        context,
        overview.asked,
    )


def told_apart(claim: ProposedClaim) -> bool:
    """Is it held against other groups at all?"""
    return claim.truthfulness.matched is not None


def _figure(corpus: Corpus, measure: Measure, group: int) -> str:
    """A group's figure as it may be told."""
    population = Population(group, fold="fit")
    cut = corpus.cross(population) if compares(measure) else None
    plain = measure.model_copy(update={"versus": None})
    measured = over_whole_log(cut or corpus, plain, population)
    return told_figure(plain, truthfulness(measured, "true" if measured.n >= FLOOR else "not_enough", ""))


def _group(brief: Brief) -> dict[str, Any]:
    size, placement = brief.dossier.size, brief.placement
    value = {} if size.share_value is None else {"share_of_value": percent(size.share_value)}
    firm = ": ".join(part for part in firmness(placement.firmness, placement.stability) if part)
    return {
        "id": brief.context.id,
        "users": f"{size.users:,}",
        "share_of_users": percent(size.share_users),
        **value,
        "firm": firm,
        "sorted_by": brief.dossier.formed_by,
    }


def _contrast(groups: list[Brief], figures: Figures, names: Names) -> list[dict[str, Any]]:
    """The facts that each group's card could lead with, in all groups; no fact twice."""
    rows: dict[str, dict[str, Any]] = {}
    for brief in (b for b in groups if b.dossier.group != EVERYONE):
        standing = [c for c in brief.dossier.candidates if c.withdrawal is None]
        asked = [c for c in standing if c.id.startswith("q")]
        single = [c for c in standing if of_a_thing(c.measure)]
        face = choose_face(brief.dossier, [c for c in standing if c not in single])
        face = [*face[:OF_EACH], *choose_face(brief.dossier, single)[:SINGLE]]
        for claim in [*asked, *face]:
            key = key_of(claim.measure)
            if key in figures and key not in rows:
                rows[key] = {**told_of(claim, names), **figures[key]}
    # Two questions may be one to a reader, who is told neither the field nor the others that they are held against.
    return list({(row["what"], row.get("of", "")): row for row in reversed(rows.values())}.values())[::-1]
