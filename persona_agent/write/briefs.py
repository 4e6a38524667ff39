"""Groups to dossiers: what a writer may know of each group, and what deciding about it rests on.

In: a run's events, memories and groups. Out: a `Briefing`: of each group above the floor its dossier, the lines behind the
ids in it, and its place among the others; and on an open corpus, a `Brief` of each, with which writing starts. Promises:
nothing in a dossier depends on the run's key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..engines import Engine, LocalEngine
from ..evidence import (
    Corpus,
    Formed,
    concentrations,
    facets_of,
    habits_beside,
    kind_of,
    tenth_corpus,
    tenth_users,
    told_tenth,
    unplaced,
)
from ..evidence.loading import held_apart, open_corpus
from ..groups.grouping import UserGroups
from ..models.base import Embed
from ..models.embedding import embedding_of
from ..models.opening import recorded_dossiers
from ..options import DEFAULT_MIN_CLAIM_USERS, OFFLINE, Options
from ..progress import Progress
from ..schema import (
    EVERYONE,
    NO_IDS,
    NO_NAMES,
    TENTH_ID,
    AskedMeasure,
    Dossier,
    Draft,
    Facet,
    KeptIds,
    LogState,
    Names,
    Visit,
)
from ..store import Store
from . import describing
from .beforehand import about_everyone, about_group, above_floor, placement_of
from .briefing import BesideBriefing, Briefing, GroupBriefing, TenthBriefing
from .critique import CritiqueContext
from .dossiers import About, about_all, as_told, list_inquiries, make_dossier, visit_of
from .dossiers.habits_asked import asked_habits
from .dossiers.inquiries import Inquiry
from .drafts import Placement
from .held_fields import held_values, parts_of_users
from .offline import write
from .question import QuestionReading, add_question
from .recorded_dossiers import told_differences
from .tenth_material import TenthMaterial, material_of_tenth
from .variety import with_others
from .vocabulary import question_of, show_lines, told_columns, vocabulary_of

SMALL = 3  # below so many times the floor of users there are no personas, only everyone


@dataclass(frozen=True)
class Brief:
    """All that writing one persona needs: where it is decided, its place among the others, and what code would write."""

    context: CritiqueContext
    placement: Placement
    by_code: Draft
    embed: Embed

    @property
    def dossier(self) -> Dossier:
        return self.context.dossier


@dataclass(frozen=True)
class Briefed:
    """A briefing on its corpus: the briefs of all groups above the floor, largest first, and of the page about everyone, which
    `of_everyone` makes where it turns out that no persona can be shown. `asked` is what a writer has asked of the log, `unasked`
    why it could not go on asking. `tenth` are those who bring in most, on a corpus of their own; they are asked about unless a
    recording is replayed that has nothing about them.
    """

    corpus: Corpus
    briefing: Briefing
    groups: list[Brief]
    everyone: Brief | None
    of_everyone: Callable[[], Brief]
    asked: Sequence[AskedMeasure] = ()
    unasked: str = ""
    tenth: Brief | None = None
    ask_of_tenth: bool = True

    @property
    def all(self) -> list[Brief]:
        return [*self.groups, *([self.everyone] if self.everyone else [])]

    @property
    def drafted(self) -> list[Brief]:
        """All that a writer drafts, the tenth that brings in most among them."""
        return [*self.all, *([self.tenth] if self.tenth else [])]


@contextmanager
def briefed_groups(
    store: Store,
    options: Options,
    groups: UserGroups,
    progress: Progress,
    engine: Engine | None = None,
    names: Names = NO_NAMES,
    ids: KeptIds = NO_IDS,
) -> Iterator[Briefed]:
    """All groups above the floor briefed, over a corpus that is open as long as the block."""
    with open_groups(store, options, groups, engine, names) as corpus:
        briefing = brief_groups(store, options, corpus, groups, progress, ids)
        yield open_briefing(store, options, corpus, groups, briefing, progress)


@contextmanager
def open_groups(
    store: Store, options: Options, groups: UserGroups, engine: Engine | None = None, names: Names = NO_NAMES
) -> Iterator[Corpus]:
    """The corpus of a run with these groups, open as long as the block; `names` are those that a person gave."""
    members = [[groups.users[u] for u in users] for users in groups.members]
    held_out = [groups.users[u] for u in np.flatnonzero(~groups.fit)]
    with (
        store.connect() as connection,
        held_apart(
            open_corpus(connection, store, options, store, members, held_out, halves=groups.placed_halves),
            store,
            engine or LocalEngine(options.workers),
        ) as corpus,
    ):
        yield replace(corpus, names=names)


def brief_groups(
    store: Store, options: Options, corpus: Corpus, groups: UserGroups, progress: Progress, ids: KeptIds = NO_IDS
) -> Briefing:
    """Dossiers of all groups above the floor, with what stands behind them; `ids` are those that groups keep."""
    heads = corpus.people.heads
    users = heads(np.arange(len(groups.users)))
    labels = describing.intent_labels(corpus, groups.memories.shape[1])
    totals = describing.totals(corpus)
    small = users < SMALL * options.floor
    large = [] if small else above_floor(groups.members, len(groups.users), options.floor, heads)
    state: LogState = "none" if groups.grouping.state == "none" else "groups"
    facets = _facets(corpus, groups)
    of_group: list[str | None] = [None] * len(groups.members)
    named = ids.named(large)
    for g, name in zip(large, named, strict=True):
        of_group[g] = name
    about = [about_group(corpus, options, groups, g, state, labels, totals) for g in large]
    asked = question_of(corpus, options, embedding_of(store, options))
    dossiers, visits = _dossiers(corpus, options, groups, about, facets, asked, progress)
    known = [
        _known(corpus, dossier, formed.formed, placement_of(corpus, options, groups, g, name, visit))
        for name, g, formed, dossier, visit in zip(named, large, about, dossiers, visits, strict=True)
    ]
    everyone = None
    if (state == "none" or not large) and users >= options.floor:
        everyone = _everyone(corpus, options, groups, labels, totals, facets, asked)
    suppressed = sum(len(m) for g, m in enumerate(groups.members) if of_group[g] is None)
    vocabulary = vocabulary_of(corpus, options, groups.amounts)
    found = large and groups.given is None and options.by == "users"
    # Occasions share their users, and others of whoever is told apart within a field are no others of a user.
    told_apart, columns = options.by == "users" and groups.within is None, told_columns(options, corpus.names)
    ids_of = dict(zip(named, large, strict=True))
    most = told_tenth(corpus)
    tenth = material_of_tenth(corpus, options, groups, most, dict(zip(named, large, strict=True)), facets, totals)
    return Briefing(
        vocabulary, known, everyone, of_group, labels, suppressed, totals, asked,
        concentrations(corpus, groups.amounts, ids_of, parts_of_users(corpus, columns) if told_apart else []),
        most, unplaced(corpus, large) if found else None,
        None if tenth is None else TenthBriefing(_known_of_tenth(tenth), tenth.figures),
        _beside(corpus, groups, dict(zip(large, named, strict=True)), tenth is not None)
        if found and groups.within is None else [],
        (groups.amounts, groups.category), held_values(corpus, columns, ids_of) if told_apart else [],
    )  # fmt: skip


def _facets(corpus: Corpus, groups: UserGroups) -> list[Facet]:
    common = list_inquiries(corpus, EVERYONE, groups.amounts)
    return facets_of(corpus, {kind_of(p.measure) for p in common})


def _beside(corpus: Corpus, groups: UserGroups, names: Mapping[int, str], tenth: bool) -> list[BesideBriefing]:
    """Habits that are kept beside the personas; `names` are those of their groups, and the `tenth` may have a card. Where users
    are told apart within a field, all others are no others of a user.
    """
    found = habits_beside(corpus, asked_habits(corpus, groups.amounts))
    most = tenth_users(corpus) if tenth and found else None
    homes = [f.home(corpus, list(names)) for f in found]
    return [
        BesideBriefing(
            f.told,
            names[g] if g is not None else TENTH_ID if most is not None and f.mostly(most) else None,
            sorted(f.asked.facts),
        )
        for f, g in zip(found, homes, strict=True)
    ]


def open_briefing(
    store: Store, options: Options, corpus: Corpus, groups: UserGroups, briefing: Briefing, progress: Progress
) -> Briefed:
    """The briefs that a briefing makes on its corpus. Of a recording that is replayed they hold nothing: it is told where its
    dossiers were others.
    """
    embed, checked = embedding_of(store, options), options.judges != OFFLINE
    recorded = recorded_dossiers(options)

    def opened(known: GroupBriefing, corpus: Corpus = corpus) -> Brief:
        placement, dossier = known.placement, known.dossier
        context = CritiqueContext(
            placement.id,
            corpus,
            dossier,
            briefing.vocabulary,
            known.formed,
            placement.floor,
            known.lines,
            known.showable,
            checked,
        )
        return Brief(context, placement, write(dossier), embed)

    def of_everyone() -> Brief:
        # What given groups were made of is no finding of theirs, and a figure like any other of all users.
        whole = replace(corpus, made_of=None, defined=None, by_staying=False)
        facets = _facets(whole, groups)
        known = _everyone(whole, options, groups, briefing.intent_labels, briefing.shares, facets, briefing.asked)
        return opened(known, whole)

    everyone = opened(briefing.everyone) if briefing.everyone else None
    briefs, own = [opened(known) for known in briefing.groups], tenth_corpus(corpus, briefing.top_tenth)
    ask = recorded is None or TENTH_ID in recorded
    tenth = opened(briefing.tenth.group, own) if briefing.tenth and own else None
    briefed = Briefed(corpus, briefing, briefs, everyone, of_everyone, tenth=tenth, ask_of_tenth=ask)
    if recorded is not None:
        for note in told_differences(recorded, dump_dossiers(briefed), asked=False):
            progress.note(note)
    return briefed


def dump_dossiers(briefed: Briefed) -> list[dict[str, Any]]:
    """What writers were shown, for a recording: every dossier with the log's vocabulary."""
    return [
        {
            "persona": b.context.id,
            "vocabulary": b.context.vocabulary.model_dump(mode="json"),
            "dossier": b.dossier.model_dump(mode="json"),
        }
        for b in briefed.drafted
    ]


def _known(corpus: Corpus, dossier: Dossier, formed: Formed, placement: Placement) -> GroupBriefing:
    """The dossier with examples of lines, and what stands behind it."""
    shown, seqs, showable = show_lines(corpus, dossier.group)
    if corpus.staff:
        shown, seqs = [], {}
    return GroupBriefing(dossier.model_copy(update={"lines": shown}), formed, placement, seqs, showable)


def _known_of_tenth(tenth: TenthMaterial) -> GroupBriefing:
    return _known(tenth.corpus, tenth.dossier, tenth.formed, tenth.placement)


def _dossiers(
    corpus: Corpus,
    options: Options,
    groups: UserGroups,
    about: Sequence[About],
    facets: list[Facet],
    question: QuestionReading | None,
    progress: Progress,
) -> tuple[list[Dossier], list[Visit | None]]:
    """The dossiers of all groups, and the visit that each tells."""
    dossiers, visits = [], list[Visit | None]()
    acts, columns = question.all_acts if question else [], told_columns(options, corpus.names)
    for i, one in enumerate(about):
        progress.update(i + 1, len(about), "groups")
        visits.append(visit_of(corpus, one.group, groups.amounts, groups.category))
        about_it = replace(one, told=as_told(visits[-1]))
        inquiries = list_inquiries(corpus, one.group, groups.amounts, columns, acts, groups.grouping.in_use)
        made = make_dossier(corpus, about_it, _within(inquiries, groups.within), facets)
        dossiers.append(add_question(made, question))
    return with_others(dossiers), visits


def _within(inquiries: Sequence[Inquiry], field: str | None) -> Sequence[Inquiry]:
    """The inquiries held against others of the same value of a field, where users were told apart within it."""
    if field is None:
        return inquiries
    fair = {"versus": f"within properties.{field}"}
    return [replace(i, measure=i.measure.model_copy(update=fair)) if i.measure.versus else i for i in inquiries]


def _everyone(
    corpus: Corpus,
    options: Options,
    groups: UserGroups,
    labels: dict[int, str],
    totals: dict[str, Any],
    facets: list[Facet],
    asked: QuestionReading | None,
) -> GroupBriefing:
    """One page about all users of a log without groups, too small for any, or of which none can be shown."""
    about = about_everyone(corpus, groups, labels, totals)
    visit = visit_of(corpus, EVERYONE, groups.amounts, groups.category)
    about = replace(about, told=as_told(visit))
    acts = asked.all_acts if asked else []
    columns = told_columns(options, corpus.names)
    dossier = make_dossier(corpus, about, about_all(corpus, groups.amounts, columns, acts), facets)
    dossier = add_question(dossier, asked)
    placement = Placement(
        "p0", None, options.floor, DEFAULT_MIN_CLAIM_USERS, [], describing.over_time(corpus, EVERYONE), visit
    )
    return _known(corpus, dossier, Formed(), placement)
