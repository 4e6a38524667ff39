"""`forget`: one person out of a finished run, and what no longer stands without them.

In: a run directory and a raw user id. Lines, memories, memberships and citations of that user go; every claim is counted again
over those who stay, without a model and without grouping anew; what falls below its floor, or is no longer true, is
withdrawn and says so. Prompts and answers may hold the person's words, so the ledger's and the dossiers' are deleted whole,
and with them what only a resumed run would read: the groups and the briefing. The codebook is counted again as well. The keyed
hash is kept in `.forgotten`, so that the person stays out when the log is read again. Other places are the work of `reaching`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import duckdb
import numpy as np

from ..codebook import codebook_after, codebook_before, keep_shared_things
from ..edits.entries import forget_in_edits
from ..errors import StoreError
from ..evidence import Corpus, Population
from ..evidence.loading import open_corpus
from ..groups.freezing import keep_shared_names
from ..groups.gathering import ACTIONS, MEMORIES
from ..groups.saving import GROUPS
from ..ids import user_hash
from ..log.events import open_events
from ..log.given_groups import forget_given
from ..log.optouts import stay_out
from ..manifest import seal_again, verify
from ..models.ledger import LEDGER, Ledger
from ..progress import Progress
from ..questions.kept import forget_in_questions
from ..report.cited import LineKey, key
from ..report.crossing import grids
from ..report.declaring import declared_of, uncrossed
from ..report.finishing import write_pages
from ..report.teams import without_persons
from ..report.telling import with_labels_in_its_nouns
from ..runs import halves_of, memberships_of, names_of, options_of, users_file
from ..schema import EVERYONE, Persona, PersonaSet
from ..seal import Seal
from ..store import Store, forgotten, sql_literal
from ..words.english.changes_told import FORGOTTEN
from ..words.english.grammar import plural
from ..write import describing
from ..write.briefing import BRIEFING
from ..write.cards import cards_again
from ..write.dossiers import DrawnBy, visit_again
from .changing import unedited_personas
from .continuing import without_changes
from .recounting import claim_again, found_again, of_all_again, sentence_again, visits_drawn_by, without_forgotten
from .results import Result
from .serving.kept_answers import forget_in_answers
from .tenth_again import card_again
from .unsaying import unsay, unsay_in_files

# `who` is the column of persons.
ROWS = "SELECT e.* EXCLUDE (i) FROM events e WHERE e.{who} <> $user ORDER BY e.i"
# Users and sessions are numbered without a gap; a row of actions.parquet belongs to the event in its place.
CODES = """
SELECT dense_rank() OVER (ORDER BY a.user) - 1 AS user, dense_rank() OVER (ORDER BY a.session) - 1 AS session,
       a.* EXCLUDE (user, session, i)
FROM (SELECT * EXCLUDE (file_row_number), file_row_number AS i FROM read_parquet({path}, file_row_number = true)) a
JOIN (SELECT i, {who} FROM events) e USING (i) WHERE e.{who} <> $user ORDER BY a.i
"""
WITHOUT = """
SELECT * EXCLUDE (file_row_number) FROM read_parquet({path}, file_row_number = true)
WHERE {kept} ORDER BY file_row_number
"""
OF_OTHERS = "user <> $user"
# A memory is of one session, and that of one person; an account stays while anybody else is in it.
OF_OTHER_PERSONS = {
    MEMORIES: """memory_id NOT IN (
  SELECT m.memory_id FROM (SELECT memory_id, unnest(lines) AS l FROM read_parquet({path})) m
  JOIN events e ON e.file = m.l.file AND e.line = m.l.line AND e.n = m.l.n WHERE e.person = $user)""",
}
OF_LEFT = "user IN (SELECT user FROM events WHERE person <> $user)"


@dataclass(frozen=True)
class Forgotten(Result):
    """What went: events, memories, citations, model calls, answers to an agent; `withdrawn` claims and `withheld` personas by id;
    the pages of `changes` since the run before, which count the person.
    """

    lines: int
    memories: int
    citations: int
    calls: int
    withdrawn: list[str]
    withheld: list[str]
    answers: int = 0
    changes: Sequence[str] = ()

    def text(self) -> str:
        went = f"{self.lines:,} lines, {self.memories:,} memories, {self.citations:,} citations"
        lists = (("withdrawn", self.withdrawn), ("no longer shown", self.withheld))
        return "\n".join(
            [
                f"{went} and {self.calls:,} recorded calls are gone.",
                *([f"{plural(self.answers, 'answer')} to an agent went with them."] if self.answers else []),
                *([f"{', '.join(self.changes)} went as well: `diff` tells anew what changed."] if self.changes else []),
                *(f"{what}: {', '.join(names)}" for what, names in lists if names),
            ]
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def forget_in(store: Store, user: str, progress: Progress, seal: Seal) -> Forgotten:
    """Takes one user out of the finished run in `store`, which knows them. What was as it was sealed is sealed again; what was
    not stays without a seal.
    """
    before = verify(store, seal)
    done = _forget(store, user, progress, seal)
    seal_again(store, store.read_json("run.json"), before, seal)
    return done


def _forget(store: Store, user: str, progress: Progress, seal: Seal) -> Forgotten:
    personas = unedited_personas(store)
    hashed = user_hash(store.key(), user)
    progress.stage("forget")
    run = store.read_json("run.json")
    options, facts = options_of(run, ()), run.get("facts", {})
    lines, book, drawn = _lines_of(store, hashed), codebook_before(store, options, facts), visits_drawn_by(store)
    _remember(store, user)
    for name in (GROUPS, BRIEFING, "dossiers.json"):
        store.path(name).unlink(missing_ok=True)
    forget_in_edits(store, user)
    forget_in_questions(store, user)
    answers, changes = forget_in_answers(store, seal), without_changes(store)
    memories = _rewrite(store, hashed)
    keep_shared_things(store)
    keep_shared_names(store)
    _blank_rejects(store)
    calls = _empty_ledger(store)
    named = {} if book is None else {"name": asdict(codebook_after(store, options, facts, book))}
    facts = {name: told for name, told in facts.items() if name != "since"}  # what changed was counted with them
    store.write_json("run.json", {**run, "facts": {**facts, **named}})
    unsay_in_files(store, user)
    progress.stage("check")
    again = unsay(_again(store, personas, lines, drawn), user)
    _write(store, again)
    was = {c.id for p in personas.cards for c in p.claims}
    now = {c.id for p in again.cards for c in p.claims}
    shown = {p.id for p in personas.cards if p.status in ("published", "pattern")}
    still = {p.id for p in again.cards if p.status in ("published", "pattern")}
    return Forgotten(
        len(lines), memories, _cited(personas, lines), calls, sorted(was - now), sorted(shown - still), answers, changes
    )  # fmt: skip


def forget_in_served(store: Store, user: str, seal: Seal) -> Forgotten:
    """The same for the folder in which `mcp` kept what was asked of a log: the answers go, and what was read of the log; the next
    session reads it anew without the person.
    """
    hashed = user_hash(store.key(), user)
    lines = _lines_of(store, hashed) if store.path("events.parquet").is_file() else set()
    _remember(store, user)
    answers = forget_in_answers(store, seal)
    return Forgotten(len(lines), 0, 0, 0, [], [], answers)


def _lines_of(store: Store, hashed: str) -> set[LineKey]:
    with store.connect() as connection:
        open_events(connection, store)
        who = who_column(connection)
        return set(connection.execute(f"SELECT file, line, n FROM events WHERE {who} = ?", [hashed]).fetchall())


def who_column(connection: duckdb.DuckDBPyConnection) -> str:
    """The column of persons: users, or where these are accounts, who is in them."""
    names = {row[0] for row in connection.execute("DESCRIBE events").fetchall()}
    return "person" if "person" in names else "user"


def keep_out_in(store: Store, user: str, seal: Seal) -> None:
    """A user whom the run never knew stays out when a later log is placed by it."""
    before = verify(store, seal)
    _remember(store, user)
    forget_in_questions(store, user)
    unsay_in_files(store, user)
    seal_again(store, store.read_json("run.json"), before, seal)


def _remember(store: Store, user: str) -> None:
    """In any case of letters, as later logs may spell the id otherwise."""
    stay_out(store, [user_hash(store.key(), user)], [user_hash(store.key(), user.casefold())])


def _rewrite(store: Store, hashed: str) -> int:
    """Every file with rows of users, without those of this one; returns how many memories went."""
    with store.connect() as connection:
        open_events(connection, store)
        who, values = who_column(connection), {"user": hashed}
        before = _memories(connection, store)
        for name in (MEMORIES, users_file(store).name):
            path = _quoted(store, name)
            kept = OF_OTHERS if who == "user" else OF_OTHER_PERSONS.get(name, OF_LEFT).format(path=path)
            store.write_parquet(connection, name, WITHOUT.format(path=path, kept=kept), values)
        store.write_parquet(connection, ACTIONS, CODES.format(path=_quoted(store, ACTIONS), who=who), values)
        store.write_parquet(connection, "events.parquet", ROWS.format(who=who), values)
        forget_given(store, {u for (u,) in connection.execute("SELECT DISTINCT user FROM events").fetchall()})
        return before - _memories(connection, store)


def _memories(connection: duckdb.DuckDBPyConnection, store: Store) -> int:
    row = connection.execute(f"SELECT count(*) FROM read_parquet({_quoted(store, MEMORIES)})").fetchone()
    return int(row[0]) if row else 0


def _blank_rejects(store: Store) -> None:
    """Nobody can tell whose a rejected record is: the text goes of each in which somebody's id was masked."""
    path = store.path("rejects.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [{**row, "raw": ""} if "[user]" in row["raw"] else row for row in rows]
    store.write_text(path.name, "".join(json.dumps(r, ensure_ascii=False, sort_keys=True) + "\n" for r in kept))


def _empty_ledger(store: Store) -> int:
    path = store.path(LEDGER)
    if not path.is_file():
        return 0
    ledger = Ledger(path)
    try:
        return ledger.forget_answers()
    finally:
        ledger.close()


def _again(store: Store, personas: PersonaSet, gone: set[LineKey], drawn: DrawnBy) -> PersonaSet:
    """The personas counted again over those who stay; visits that show nothing of who is gone stay, others are `drawn` anew."""
    run = store.read_json("run.json")
    options = options_of(run, ())
    groups, ids, held_out = memberships_of(store)
    with store.connect() as connection:
        corpus = open_corpus(connection, store, options, store, groups, held_out, halves=halves_of(store))
        corpus = replace(corpus, names=names_of(store))
        users = len(corpus.people.first_day)
        persons = corpus.people.behind(corpus.people.mask(Population()))
        everybody = [u for (u,) in connection.execute("SELECT DISTINCT user FROM events").fetchall()]
        members = {**{p: groups[g] for p, g in ids.items()}, "p0": everybody}
        declared = declared_of(connection, uncrossed(options), members, options.floor)

        def counted(p: Persona) -> Persona:
            group = EVERYONE if p.id == "p0" else ids.get(p.id, -1)
            again = _persona(corpus, p, Population(group), gone, options.floor, drawn)
            return again.model_copy(update={"declared": declared[p.id] if p.declared else []})

        made = [counted(p) for p in personas.personas]
        everyone = counted(personas.everyone) if personas.everyone else None
        cards = cards_again(corpus, made, everyone, ids)
        found, whole = found_again(store, corpus, ids), of_all_again(corpus, personas, ids)
        tenth = card_again(corpus, personas, ids, lambda c, p, g: _persona(c, p, g, gone, options.floor, drawn))
    shown = {p.id: p.label for p in cards.personas if p.status != "withheld"}
    crossed = grids(store, options, names_of(store), {p: groups[ids[p]] for p in shown if p in ids}, shown)
    notes = [n for n in personas.provenance.notes if "forgotten on request" not in n]
    notes.append(f"{len(forgotten(store))} forgotten on request since; claims were counted again without them.")
    counts = {**run["counts"], "users": users, "events": run["counts"].get("events", 0) - len(gone)}
    counts |= {} if persons is None else {"persons": persons}
    again = personas.model_copy(
        update={
            "personas": cards.personas,
            "everyone": cards.everyone,
            "compared": cards.compared or None,
            "accounted": cards.accounted if personas.accounted else None,
            "all_at_once": cards.all_at_once if personas.all_at_once else None,
            "grids": crossed or None,
            "findings": found if found.concentrations else None,
            "counts": counts,
            **whole,
            "tenth": tenth,
            "since": personas.since and personas.since.model_copy(update={"sentences": [FORGOTTEN]}),
            "provenance": personas.provenance.model_copy(update={"notes": notes}),
        }
    )
    return with_labels_in_its_nouns(again)


def _persona(
    corpus: Corpus, persona: Persona, population: Population, gone: Collection[LineKey], min_users: int, drawn: DrawnBy
) -> Persona:
    """One card without the lines of the user; its size, claims and sentences anew."""
    mask, own = corpus.people.mask(population), EVERYONE if population.group is None else population.group
    size = describing.size(corpus, own, describing.totals(corpus))
    few = corpus.people.heads(np.flatnonzero(mask)) < min_users
    claims = [claim_again(corpus, c, population, gone) for c in persona.claims]
    kept = [c for c in claims if c.status == "accepted"]
    standing = {c.id for c in kept}
    one_liner = sentence_again(persona.one_liner, kept, size)
    reasons = list(persona.reasons)
    if few:
        reasons.append(f"fewer than {min_users} users since somebody was forgotten")
    if one_liner is None:
        reasons.append("its first sentence rests on a claim that fell when somebody was forgotten")
    fallen = few or one_liner is None
    label_fell = any(c.id not in standing and c.text in persona.label for c in claims)
    narrative = [s for s in (sentence_again(s, kept, size) for s in persona.narrative) if s]
    standing_alone = persona.model_copy(update={"claims": kept})
    return persona.model_copy(
        update={
            "status": "withheld" if fallen else persona.status,
            "reasons": reasons,
            "label": "Not described any more" if label_fell else persona.label,
            "named": "" if label_fell else persona.named,
            "one_liner": one_liner or persona.one_liner.model_copy(update={"text": "", "claim_ids": []}),
            "narrative": narrative,
            "size": size,
            "claims": kept,
            "withdrawn": [
                *(without_forgotten(c, gone) for c in persona.withdrawn),
                *(c for c in claims if c.status != "accepted"),
            ],
            "hypotheses": [without_forgotten(h, gone) for h in persona.hypotheses],
            "face": [c for c in persona.face if c in standing],
            "tension": persona.tension if persona.tension in standing else None,
            "misreading": persona.misreading if persona.tension in standing else None,
            "contrasting": [c for c in persona.contrasting if key(c) not in gone],
            "journeys": [j for j in persona.journeys if not any(key(c) in gone for c in j.exemplar)],
            "visit": visit_again(corpus, own, standing_alone, drawn),
            "top_five": describing.top_five(corpus, own) if persona.top_five else None,
        }
    )


def _write(store: Store, exact: PersonaSet) -> None:
    run: dict[str, Any] = store.read_json("run.json")
    options = options_of(run, (), ("log", "groups", "models")).but(out=store.out)
    write_pages(store, without_persons(exact), names_of(store), options)
    store.write_json("run.json", {**run, "forgotten": len(forgotten(store)), "counts": exact.counts})


def _cited(personas: PersonaSet, gone: Collection[LineKey]) -> int:
    """How often a line of the user was cited."""
    claims = (c for p in personas.cards for c in (*p.claims, *p.hypotheses, *p.withdrawn))
    of_claims = (x for c in claims for x in (*c.citations, *(c.counter.lines if c.counter else [])))
    of_pages = (x for p in personas.cards for x in (*p.contrasting, *(p.visit.lines if p.visit else [])))
    return sum(key(x) in gone for x in (*of_claims, *of_pages))


def _quoted(store: Store, name: str) -> str:
    path = store.path(name)
    if not path.is_file():
        raise StoreError(f"{str(path)!r} is missing.", hint="Run again with --fresh.")
    return sql_literal(path)
