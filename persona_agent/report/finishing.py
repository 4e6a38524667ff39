"""Personas to the files that people read, and the bookkeeping around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..evidence.people import longer_period
from ..groups import Option
from ..groups.grouping import UserGroups
from ..log.reading import ReadLog
from ..models.opening import describe
from ..options import OFFLINE, Options
from ..progress import Progress
from ..runs import prompts_in_use
from ..schema import (
    NO_NAMES,
    Coverage,
    GroupPoint,
    Intent,
    IsItJust,
    KChoice,
    KOption,
    LogState,
    Names,
    NotKnown,
    Persona,
    PersonaSet,
    Provenance,
    Window,
)
from ..store import Store
from ..write.question import answer_question
from ..write.writing import Written, usage
from . import Lines, personas_markdown, report_html
from .as_given import as_given
from .called import called
from .crossing import grids
from .declaring import with_declared
from .edited import with_edits
from .front import first_page_of
from .publishing import published, published_findings
from .remarks import lowered_protections, mended, notes
from .shown_lines import cited_lines
from .teams import without_persons
from .telling import in_its_nouns, with_labels_in_its_nouns
from .user_rows import write_users

FINDINGS = "findings.json"
COMMON_NOT_KNOWN = (
    "Why anybody did anything: the log has acts, not reasons.",
    "Who these people are: nothing about age, gender, income, occupation, family, health or faith is inferred.",
    "What they did where this log does not look.",
)


def finish(
    store: Store,
    options: Options,
    run_id: str,
    log: ReadLog,
    groups: UserGroups,
    written: Written,
    names: Names = NO_NAMES,
    progress: Progress | None = None,
) -> tuple[PersonaSet, Lines, PersonaSet]:
    """Every file of the run directory that is not there yet: the personas as they may be forwarded, the lines that they cite, and
    the exact ones, of which no file is made. `names` are those that a person gave. Where `progress` hears of it, the critic reads
    what people wrote.
    """
    persona_of_user = write_users(store, options, groups, written)
    written = with_declared(store, options, groups, written)
    exact = without_persons(_persona_set(options, run_id, log, groups, written, persona_of_user))
    nouns = names.nouns if names.nouns.told() else None
    exact = with_labels_in_its_nouns(exact.model_copy(update={"nouns": nouns}))
    exact = as_given(exact, groups.given, written.of_group, written.dossiers)
    members = {
        p.id: [groups.users[u] for u in groups.members[written.of_group.index(p.id)]] for p in _shown(exact.personas)
    }
    # What was asked stands in findings.json alone: a page says how much it was.
    found = written.findings.model_copy(update={"asked": []}) if written.findings.concentrations else None
    crossed = grids(store, options, names, members, {p.id: p.label for p in exact.personas}) or None
    front = first_page_of(exact, mended(log, options))
    exact = exact.model_copy(update={"first_page": front, "grids": crossed, "findings": found})
    store.write_json("dossiers.json", [d.model_dump(mode="json") for d in written.dossiers])
    store.write_text(FINDINGS, published_findings(written.findings).model_dump_json(indent=1) + "\n")
    personas, lines = write_pages(store, exact, names, options, progress)
    describe(options, prompts_in_use(options), written.told, usage(written))
    return personas, lines, in_its_nouns(exact)


def write_pages(
    store: Store, exact: PersonaSet, names: Names, options: Options, progress: Progress | None = None
) -> tuple[PersonaSet, Lines]:
    """personas.json, personas.md and report.html: the personas as they may be forwarded, in the nouns of their log, and the
    lines that they cite. The pages, which people read, have the names that a person gave, and what people changed on them.
    """
    exact = with_edits(store, exact, options, names, progress)
    lines = cited_lines(store, exact)
    personas = in_its_nouns(published(exact, lines))
    store.write_text("personas.json", personas.model_dump_json(indent=1) + "\n")
    read = called(personas, names)
    store.write_text("personas.md", personas_markdown(read, lines))
    store.write_text("report.html", report_html(read, lines))
    return personas, lines


def critic_name(options: Options) -> str:
    return "code" if options.judges == OFFLINE else options.judges


def _shown(personas: Iterable[Persona]) -> list[Persona]:
    return [p for p in personas if p.status in ("published", "pattern")]


def _counts(
    log: ReadLog, groups: UserGroups, written: Written, persona_of_user: Sequence[str | None]
) -> dict[str, int]:
    shown, asked = {p.id for p in _shown(written.personas)}, written.findings.asked
    leaning = written.unplaced.leaning if written.unplaced else 0
    unassigned = sum(p not in shown for p in persona_of_user) - leaning
    persons = {} if log.persons is None else {"persons": log.persons}
    return {
        **persons,
        **{
            k: getattr(log, k)
            for k in ("records", "with_events", "rejected", "set_aside", "duplicates", "events", "users")
        },
        **{k: getattr(groups.gathered, k) for k in ("sessions", "memories", "intents")},
        "groups": len(written.of_group),
        "personas": len(written.personas),
        "published": sum(p.status == "published" for p in written.personas),
        "pattern": sum(p.status == "pattern" for p in written.personas),
        "leaning_users": leaning,
        "unassigned_users": unassigned,
        "suppressed_users": written.suppressed,
        **({"questions_asked": len(asked), "questions_told": sum(bool(a.told) for a in asked)} if asked else {}),
    }


def _persona_set(
    options: Options,
    run_id: str,
    log: ReadLog,
    groups: UserGroups,
    written: Written,
    persona_of_user: Sequence[str | None],
) -> PersonaSet:
    grouping = groups.grouping
    everybodys, cards = _common_gaps(written.personas)
    shown = _shown(cards)
    state: LogState = "none" if grouping.state == "none" else "groups"
    return PersonaSet(
        run_id=run_id,
        window=Window(start=written.shares["start"], end=written.shares["end"]),
        counts=_counts(log, groups, written, persona_of_user),
        coverage=_coverage(shown, persona_of_user, options, written.unplaced.leaning if written.unplaced else 0),
        state=state,
        k_choice=_k_choice(groups, written, options.personas) if grouping.options else None,
        is_it_just=[
            IsItJust(field=f, ami=round(a, 4)) for f, a in sorted(grouping.just.items(), key=lambda x: (-x[1], x[0]))
        ],
        by="intents" if options.by == "intents" else "users",
        unit="account" if options.unit == "account" else None,
        staff=(log.at_work or "--staff was given") if options.staff else None,
        noun=_noun(options, groups),
        intents=_intents(groups, written),
        groups_xy=_map(groups, written),
        not_known=[*(NotKnown(facet=None, text=text) for text in COMMON_NOT_KNOWN), *everybodys],
        everyone=written.everyone,
        question=answer_question(written.asked, [*shown, *([written.everyone] if written.everyone else [])])
        if written.asked
        else None,
        provenance=Provenance(
            models={"writer": options.model, "critic": critic_name(options), "embedding": options.embedding},
            prompt_versions=prompts_in_use(options),
            seed=options.seed,
            ledger={k: float(v or 0) for k, v in vars(written.usage).items()},
            redaction=log.redacted,
            self_judged=options.judges == options.model != OFFLINE,
            notes=notes(log, groups, written, options),
            lowered=lowered_protections(options, log),
        ),
        personas=cards,
        compared=written.compared or None,
        same_time=longer_period(len(groups.users), written.shares["start"], written.shares["end"]),
        edited=written.edited,
        unplaced=written.unplaced,
        top_tenth=written.top_tenth,
        accounted=written.accounted,
        all_at_once=written.all_at_once,
        tenth=written.tenth,
        habits=written.habits or None,
        held=list(written.held) or None,
        ungrouped=grouping.ungrouped if state == "none" else None,
    )


def _common_gaps(personas: Sequence[Persona]) -> tuple[list[NotKnown], list[Persona]]:
    """What no card knows, once for all of them, and the cards without it."""
    if not personas:
        return [], []
    everywhere = [gap for gap in personas[0].not_known if all(gap in p.not_known for p in personas)]
    common = [gap for gap in everywhere if len(personas) > 1 or gap.facet is not None]
    kept = [[gap for gap in p.not_known if gap not in common] for p in personas]
    return common, [p.model_copy(update={"not_known": gaps}) for p, gaps in zip(personas, kept, strict=True)]


def _coverage(
    shown: Sequence[Persona], persona_of_user: Sequence[str | None], options: Options, leaning: int
) -> Coverage:
    ids = {p.id for p in shown}
    value = [p.size.share_value for p in shown if p.size.share_value is not None]
    activity = sum(p.size.share_activity for p in shown)
    return Coverage(
        users=round(sum(p in ids for p in persona_of_user) / max(len(persona_of_user), 1), 6),
        # Occasions share users, so their activities may add up to more than all of it.
        activity=round(min(activity, 1.0) if options.by == "intents" else activity, 6),
        value=round(sum(value), 6) if value and options.by == "users" else None,
        leaning=round(leaning / max(len(persona_of_user), 1), 6),
    )


def _noun(options: Options, groups: UserGroups) -> Any:
    """Occasions are personas where a user holds 2 at most on average and none holds over 60 % of users."""
    if options.by == "users":
        return "persona"
    n = len(groups.users)
    held = sum(len(g) for g in groups.members) / max(n, 1)
    return "persona" if held <= 2 and all(len(g) <= 0.6 * n for g in groups.members) else "occasion"


def _k_choice(groups: UserGroups, written: Written, asked: int | None) -> KChoice:
    grouping = groups.grouping
    chosen = next(o for o in grouping.options if o.k == grouping.chosen)
    options = [
        KOption(k=o.k, kappa=_number(o.kappa), gain=_number(o.gain), merges=_merges(chosen, o, written))
        for o in grouping.options
    ]
    return KChoice(options=options, chosen=grouping.chosen, asked=asked)


def _merges(chosen: Option, other: Option, written: Written) -> str:
    """In words, what becomes of the chosen groups under another number."""
    names = [p or f"a group of {int((chosen.label == g).sum())} users" for g, p in enumerate(written.of_group)]
    if other.k == chosen.k:
        return "the number shown here"
    if other.k < chosen.k:
        homes: dict[int, list[str]] = {}
        for g in range(chosen.k):
            inside = other.label[(chosen.label == g) & (other.label >= 0)]
            home = int(np.bincount(inside, minlength=other.k).argmax()) if len(inside) else -1
            homes.setdefault(home, []).append(names[g] if g < len(names) else f"group {g}")
        merged = [" and ".join(m) for m in homes.values() if len(m) > 1]
        return "; ".join(f"{m} become one" for m in merged) or "the same people, cut differently"
    parts = []
    for g in range(chosen.k):
        inside = other.label[(chosen.label == g) & (other.label >= 0)]
        pieces = np.sort(np.bincount(inside, minlength=other.k) / max(len(inside), 1))[::-1]
        if len(pieces) > 1 and pieces[1] >= 0.25:
            parts.append(f"{names[g] if g < len(names) else f'group {g}'} splits")
    adds = "adds nothing: " if other.gain <= chosen.gain else ""
    return adds + ("; ".join(parts) or "a small group is cut off")


def _intents(groups: UserGroups, written: Written) -> list[Intent]:
    xy, per_intent = groups.gathered.intents_xy, groups.memories
    return [
        Intent(
            id=i,
            label=written.intent_labels.get(i, "mixed"),
            users=int((per_intent[:, i] > 0).sum()),
            memories=int(per_intent[:, i].sum()),
            xy=(float(xy[i][0]), float(xy[i][1])),
        )
        for i in range(per_intent.shape[1])
    ]


def _map(groups: UserGroups, written: Written) -> list[GroupPoint]:
    """Personas on two principal components of their mean profiles."""
    kept = [(p, groups.members[g]) for g, p in enumerate(written.of_group) if p]
    profile = groups.grouping.profile
    if not kept or profile.shape[1] == 0:
        return []
    means = np.array([profile[m].mean(axis=0) for _, m in kept])
    u, s, _ = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)
    xy = np.zeros((len(means), 2))
    xy[:, : min(2, len(s))] = (u * s)[:, :2]
    xy *= np.where(xy[np.abs(xy).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    points = {p: (round(float(x), 4), round(float(y), 4)) for (p, _), (x, y) in zip(kept, xy, strict=True)}
    return [GroupPoint(persona_id=p, xy=points[p]) for p in sorted(points, key=lambda p: int(p[1:]))]


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 4)
