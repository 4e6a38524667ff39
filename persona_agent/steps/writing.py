"""Groups to personas: dossiers from the whole log, drafts from a model, decisions by code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config import DEFAULT_MIN_CLAIM_USERS, Settings
from ..evidence import Corpus, Formed, facets_of, kind_of, same_openings, shared_skeletons
from ..evidence.wording import SLOT
from ..llm.ask import Usage, ask
from ..progress import Progress
from ..providers.base import Provider, Request
from ..schema import EVERYONE, Citation, Dossier, Draft, Facet, IntentShare, LogState, Period, Persona, Size
from ..stages.dossiers import About, brief, more_than_others, propose, quoted, readable, told_session, without
from ..stages.drafts import Place, persona
from ..store import Store
from .corpus import open_corpus
from .grouping import Users

Ints = NDArray[np.int64]
SMALL = 3  # below so many times the floor of users there are no personas, only everyone
CONTRASTING = 3
MOST_SHARED = 0.3  # of the sentence patterns of two cards of a run
MOST_TRIES = 8
NEARLY_ALL = 0.9
NAMES = {"action", "object"}


@dataclass(frozen=True)
class Written:
    """What writing left: personas by size, the dossiers they were written from, and the page about everyone.

    `of_group` is the persona of each group, None for groups below the floor, whose users are counted as `suppressed`.
    """

    personas: list[Persona]
    everyone: Persona | None
    dossiers: list[Dossier]
    of_group: list[str | None]
    intent_labels: dict[int, str]
    suppressed: int
    shares: dict[str, Any]
    usage: Usage


def write_personas(store: Store, settings: Settings, users: Users, provider: Provider, progress: Progress) -> Written:
    """Personas of all groups above the floor."""
    hashes = users.columns.users
    groups = [[hashes[u] for u in members] for members in users.groups]
    usage = Usage()
    with store.connect() as connection:
        held_out = [hashes[u] for u in np.flatnonzero(~users.fit)]
        corpus = open_corpus(connection, store, settings, store, groups, held_out)
        labels = _intent_labels(corpus, users.memories.shape[1])
        totals = _totals(corpus)
        small = len(hashes) < SMALL * settings.min_users
        large = [] if small else [g for g in _by_size(users.groups) if len(users.groups[g]) >= settings.min_users]
        state: LogState = users.grouping.state  # type: ignore[assignment]
        common = propose(corpus, EVERYONE, users.amounts)
        facets = facets_of(corpus, {kind_of(p.measure) for p in common})
        of_group: list[str | None] = [None] * len(groups)
        for i, g in enumerate(large, start=1):
            of_group[g] = f"p{i}"
        about = [_about(corpus, settings, users, g, state, labels, totals) for g in large]
        dossiers, lines = _dossiers(corpus, settings, users, about, facets, progress)
        personas: list[Persona] = []
        drafts: list[Draft] = []
        for i, (g, dossier) in enumerate(zip(large, dossiers, strict=True), start=1):
            progress.update(i, len(large), "personas")
            draft = _draft(provider, dossier, f"p{i}", drafts, usage)
            drafts.append(draft)
            personas.append(persona(corpus, dossier, draft, _place(corpus, settings, users, g, f"p{i}", lines[i - 1])))
        everyone = None
        if (state == "none" or small) and len(hashes) >= settings.min_users:
            everyone = _everyone(corpus, settings, users, labels, totals, facets, provider, usage)
    suppressed = sum(len(m) for g, m in enumerate(users.groups) if of_group[g] is None)
    return Written(_distinct(personas), everyone, dossiers, of_group, labels, suppressed, totals, usage)


def _dossiers(
    corpus: Corpus, settings: Settings, users: Users, about: Sequence[About], facets: list[Facet], progress: Progress
) -> tuple[list[Dossier], list[list[Citation]]]:
    """The dossiers of all groups, and the lines of the session that each tells.

    No two groups may claim the same “more than others”: whom it tells most about keeps it, for the others it is said
    without a comparison.
    """
    asked, first, lines = [], [], []
    for i, one in enumerate(about):
        progress.update(i + 1, len(about), "groups")
        session = told_session(corpus, one.group)
        about_it = replace(one, told=session[0]) if session else one
        asked.append((about_it, propose(corpus, one.group, users.amounts, settings.allow)))
        first.append(brief(corpus, *asked[-1], facets))
        lines.append(corpus.cite(session[1], "supports") if session else [])
    taken = more_than_others(first)
    dossiers = [
        brief(corpus, *question, facets, gone) if gone else dossier
        for question, dossier, gone in zip(asked, first, taken, strict=True)
    ]
    # What a second look brought up in place of what was taken may be taken too.
    last = [without(d, gone) for d, gone in zip(dossiers, more_than_others(dossiers), strict=True)]
    return [d.model_copy(update={"place": i}) for i, d in enumerate(last)], lines


def _draft(provider: Provider, dossier: Dossier, subject: str, before: Sequence[Draft], usage: Usage) -> Draft:
    """A draft that reads unlike those before it. Only `offline` is asked again for the sake of variety: it costs nothing
    and starts at another place in its lists of patterns.
    """
    draft = ask(provider, _request(dossier, subject), Draft, usage)
    if provider.name != "offline":
        return draft
    tried = [draft]
    while _alike(tried[-1], before) and len(tried) < MOST_TRIES:
        again = dossier.model_copy(update={"place": dossier.place + len(tried)})
        tried.append(ask(provider, _request(again, subject), Draft, usage))
    return min(tried, key=lambda d: _alike(d, before))


def _alike(draft: Draft, before: Sequence[Draft]) -> float:
    """By how much the draft shares more of its sentence patterns with another one than two cards may; 0 if it does not."""
    cards = [[SLOT.sub("1", s.template) for s in (d.one_liner, *d.narrative)] for d in (draft, *before)]
    shared = max((share for i, _, share in shared_skeletons(cards) if i == 0), default=0.0)
    openings = sum(i == 0 for i, _ in same_openings(cards))
    return openings + (shared if shared > MOST_SHARED else 0.0)


def _request(dossier: Dossier, subject: str) -> Request:
    return Request("draft", subject, (), dossier)


def _about(
    corpus: Corpus,
    settings: Settings,
    users: Users,
    g: int,
    state: LogState,
    labels: dict[int, str],
    totals: dict[str, Any],
) -> About:
    occasions = settings.by == "intents"
    blocks = frozenset({0}) if occasions else frozenset(users.grouping.blocks)
    fields = {0: NAMES, 1: {"action"}}
    made_of = set().union(*(fields.get(b) or {f"properties.{users.amounts[b - 2]}"} for b in blocks))
    if any(
        re.search(rf"\b{re.escape(f.removeprefix('properties.'))}\b", settings.value or "") for f in made_of - NAMES
    ):
        made_of.add("value")
    names = {0: "what they come for", 1: "which actions they take"}
    formed = [names.get(b) or readable(users.amounts[b - 2]) for b in sorted(blocks)]
    here = users.memories[users.groups[g]].sum(axis=0)
    shares = here / max(float(here.sum()), 1.0)
    order = np.argsort(-shares, kind="stable")
    return About(
        group=g,
        state=state,
        noun="occasion" if occasions else "persona",
        size=_size(corpus, g, totals),
        formed_by=formed,
        formed=Formed(frozenset(made_of)) if 1 in blocks else Formed(frozenset(made_of), *_acts_of_intents(corpus)),
        intents=[IntentShare(intent=int(k), share=round(float(shares[k]), 4)) for k in order if shares[k] > 0],
        intent_labels=labels,
        outside_intents=_outside(corpus, g),
        acts=_acts(corpus, g),
    )


def _size(corpus: Corpus, g: int, totals: dict[str, Any]) -> Size:
    row = corpus.connection.execute(
        "SELECT count(DISTINCT u), count(*), sum(value) FROM lines WHERE u IN (SELECT u FROM places WHERE g = ?)", [g]
    ).fetchone()
    n, events, value = row or (0, 0, None)
    worth = totals["value"]
    return Size(
        users=n,
        share_users=round(n / totals["users"], 6),
        share_activity=round(events / totals["events"], 6),
        share_value=round(value / worth, 6) if worth and value is not None else None,
    )


def _outside(corpus: Corpus, g: int) -> float:
    row = corpus.connection.execute(
        "SELECT avg((m IS NULL)::INTEGER) FROM lines WHERE u IN (SELECT u FROM places WHERE g = ?)", [g]
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def _acts(corpus: Corpus, g: int) -> list[str]:
    rows = corpus.connection.execute(
        "SELECT action FROM lines WHERE action IS NOT NULL AND u IN (SELECT u FROM places WHERE g = ?) "
        "GROUP BY action ORDER BY count(*) DESC, action LIMIT 3",
        [g],
    ).fetchall()
    return [readable(action) for (action,) in rows]


def _acts_of_intents(corpus: Corpus) -> tuple[frozenset[str], frozenset[str]]:
    """Acts that belong to no intent (what everybody's client does, what is touched in passing), and to one alone."""
    rows = corpus.connection.execute(
        """
        WITH c AS (SELECT l.action, m.intent, count(*) AS n FROM lines l LEFT JOIN memory_lines k USING (file, line, n)
                   LEFT JOIN memories m USING (memory_id) WHERE l.action IS NOT NULL GROUP BY ALL),
        t AS (SELECT action, coalesce(sum(n) FILTER (intent IS NULL OR intent < 0), 0) / sum(n) AS outside,
                     coalesce(max(n) FILTER (intent >= 0) / sum(n) FILTER (intent >= 0), 0) AS most FROM c GROUP BY action)
        SELECT action, outside >= $nearly, outside < $nearly AND most >= $nearly FROM t
        """,
        {"nearly": NEARLY_ALL},
    ).fetchall()
    return frozenset(a for a, out, _ in rows if out), frozenset(a for a, _, one in rows if one)


def _totals(corpus: Corpus) -> dict[str, Any]:
    row = corpus.connection.execute(
        "SELECT count(DISTINCT u), count(*), sum(value), min(date)::VARCHAR, max(date)::VARCHAR FROM lines"
    ).fetchone()
    users, events, value, first, last = row or (0, 0, None, None, None)
    return {"users": users, "events": events, "value": value, "start": first, "end": last}


def _intent_labels(corpus: Corpus, n: int) -> dict[int, str]:
    """For each intent, the actions with their commonest objects that are most its own."""
    rows = corpus.connection.execute(
        """
        WITH l AS (SELECT m.intent, l.action, l.object, count(*) AS n, count(DISTINCT l.u) AS users FROM lines l
                   JOIN memory_lines k ON k.file = l.file AND k.line = l.line AND k.n = l.n
                   JOIN memories m USING (memory_id) WHERE l.action IS NOT NULL GROUP BY ALL),
        a AS (SELECT intent, action, sum(n) AS n FROM l GROUP BY ALL),
        share AS (SELECT intent, action, n / sum(n) OVER (PARTITION BY intent) AS p,
                  sum(n) OVER (PARTITION BY action) / sum(n) OVER () AS q FROM a),
        best AS (SELECT intent, action, row_number() OVER (PARTITION BY intent ORDER BY p * ln(p / q) DESC, action) AS place
                 FROM share),
        thing AS (SELECT intent, action, object, row_number() OVER (PARTITION BY intent, action ORDER BY n DESC, object) AS k
                  FROM l WHERE object IS NOT NULL AND users >= 5)
        SELECT b.intent, b.action, t.object FROM best b
        LEFT JOIN thing t ON t.intent = b.intent AND t.action = b.action AND t.k = 1
        WHERE b.place <= 2 ORDER BY b.intent, b.place
        """
    ).fetchall()
    parts: dict[int, list[str]] = {}
    for intent, action, obj in rows:
        parts.setdefault(intent, []).append(quoted(action, obj))
    return {i: ", ".join(parts.get(i, ["mixed"])) for i in range(n)}


def _place(corpus: Corpus, settings: Settings, users: Users, g: int, name: str, told: list[Citation]) -> Place:
    grouping = users.grouping
    stable = float(users.stability[g]) if g < len(users.stability) else None
    by_users = settings.by == "users"
    return Place(
        id=name,
        stability=None if stable is None else round(stable, 4),
        cohesion=_rounded(grouping.cohesion[g]) if by_users else None,
        min_users=settings.min_users,
        floor=DEFAULT_MIN_CLAIM_USERS,
        contrasting=_contrasting(corpus, users, g),
        sizes_over_time=_over_time(corpus, g),
        told_lines=told,
    )


def _contrasting(corpus: Corpus, users: Users, g: int) -> list[Citation]:
    """The last lines of the members that fit least."""
    members = users.groups[g]
    order = np.lexsort((members, users.grouping.certainty[members]))[:CONTRASTING]
    seqs = corpus.connection.execute(
        "SELECT max(seq) FROM lines WHERE list_contains(?, u) GROUP BY u ORDER BY u", [members[order].tolist()]
    ).fetchall()
    return corpus.cite([s for (s,) in seqs], "contradicts")


def _over_time(corpus: Corpus, g: int) -> list[Period]:
    rows = corpus.connection.execute(
        "SELECT strftime(date, '%Y-%m') AS period, count(DISTINCT u) FROM lines "
        "WHERE u IN (SELECT u FROM places WHERE g = ?) GROUP BY period ORDER BY period",
        [g],
    ).fetchall()
    return [Period(period=p, users=n) for p, n in rows]


def _everyone(
    corpus: Corpus,
    settings: Settings,
    users: Users,
    labels: dict[int, str],
    totals: dict[str, Any],
    facets: list[Any],
    provider: Provider,
    usage: Usage,
) -> Persona:
    """One page about all users of a log without groups, or too small for any."""
    shares = users.memories.sum(axis=0) / max(float(users.memories.sum()), 1.0)
    about = About(
        group=EVERYONE,
        state="none",
        noun="persona",
        size=_size(corpus, EVERYONE, totals),
        formed_by=[],
        formed=Formed(),
        intents=[IntentShare(intent=k, share=round(float(s), 4)) for k, s in enumerate(shares)],
        intent_labels=labels,
        outside_intents=_outside(corpus, EVERYONE),
        acts=_acts(corpus, EVERYONE),
    )
    session = told_session(corpus, EVERYONE)
    about = replace(about, told=session[0]) if session else about
    dossier = brief(corpus, about, propose(corpus, EVERYONE, users.amounts, settings.allow), facets)
    draft = ask(provider, _request(dossier, "p0"), Draft, usage)
    told = corpus.cite(session[1], "supports") if session else []
    place = Place("p0", None, None, settings.min_users, DEFAULT_MIN_CLAIM_USERS, [], _over_time(corpus, EVERYONE), told)
    return persona(corpus, dossier, draft, place)


def _by_size(groups: Sequence[Ints]) -> list[int]:
    return sorted(range(len(groups)), key=lambda g: (-len(groups[g]), g))


def _distinct(personas: list[Persona]) -> list[Persona]:
    """No two cards of a run share a label: a later one says which it is."""
    seen: dict[str, int] = {}
    named = []
    for p in personas:
        seen[p.label] = seen.get(p.label, 0) + 1
        same = seen[p.label] > 1
        named.append(p.model_copy(update={"label": f"{p.label} ({p.id})"}) if same else p)
    return named


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
