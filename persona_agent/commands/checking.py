"""`check`: is a run as it was sealed, and does every accepted claim of it hold again, against the log as it is now? So does what
the first page says of where what is brought in comes from.

The log is read anew with the run's own options and key into a folder that is thrown away; memberships come from
users.parquet and memories from memories.parquet, so nothing is clustered again. Where the seal does not vouch for the files,
the cards are made again as well (`remaking`). No model is asked.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from ..errors import UsageError
from ..evidence import Corpus, Population, accounted_for, question, recompute, recompute_mix, told_tenth, unplaced
from ..evidence.loading import open_corpus
from ..folders import temporary_folder
from ..log.events import open_events
from ..log.given_groups import GIVEN
from ..log.reading import Log, ReadLog, find_log, read_log
from ..manifest import MANIFEST, RUN, verify
from ..options import Options
from ..progress import Progress
from ..report import plain, wrapped
from ..report.phrasing import shown
from ..report.published_cards import published_all_at_once, published_held, published_top_tenth, published_unplaced
from ..report.terminal import WIDTH
from ..runs import halves_of, memberships_of, names_of, options_of
from ..schema import EVERYONE, TENTH, TENTH_ID, Bar, Claim, Concentration, Persona, PersonaSet
from ..schema.faces import HabitFact
from ..seal import find_seal
from ..store import FORGOTTEN, Store, forgotten
from ..words.english import cards as words
from ..words.english.habits_told import habit_words, name_by_code
from ..words.english.held_told import by_fields
from ..words.english.value_sources import where_it_is
from ..words.english.what_they_tell import told_in_short
from ..words.floors import of_users, published_truth
from ..words.its_nouns import said
from ..words.published_habits import published_habit
from ..words.wording import SLOT, claim_values, fill
from ..write.cards.all_at_once import all_at_once
from ..write.cards.cores import core_again
from ..write.held_fields import held_again
from .recounting import concentrations_again, habits_again
from .remaking import differences, why_not
from .results import SealedResult
from .showing import personas_of
from .tenth_again import corpus_of_tenth, figures_differ

FIRST_PAGE = "first page"  # what a failure of it is called
COUNTED = "Not sealed by you: this rests on counting alone."


@dataclass(frozen=True)
class CheckResult(SealedResult):
    """`failures` name a claim, a card or a file and its problem; `warnings` are about files of the log; `checked` counts
    claims, `wrong` those of them that do not hold. `seal` says how the files stand to their seal. Where that does not vouch for
    them, the cards are made again, or `not_made_again` says why that could not be.
    """

    failures: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checked: int = 0
    not_made_again: str = ""
    wrong: int = 0

    def text(self) -> str:
        says = COUNTED if self.seal.standing == "not_yours" else self.seal.says
        return "\n".join(
            [
                *wrapped(says, WIDTH),
                *wrapped(self._cards(), WIDTH),
                *(f"warning: {plain(warning)}" for warning in self.warnings),
                *(f"{plain(failure['claim'])}: {plain(failure['problem'])}" for failure in self.failures),
                f"{self.checked:,} checked, {self.checked - self.wrong:,} hold, {self.wrong:,} do not.",
            ]
        )

    def _cards(self) -> str:
        if self.seal.standing == "verified":
            return ""
        if self.not_made_again:
            return f"NOT VERIFIED: names, sentences, sizes and pages cannot be made again: {self.not_made_again}."
        return "The cards were made again from the log and the groups; in what they differ is listed."

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def failed(self) -> bool:
        return bool(self.failures or self.not_made_again)


def check(
    out: Path,
    claim: str | None,
    at: Sequence[str],
    progress: Progress,
    workers: int | None = None,
    seal_key: Path | None = None,
) -> CheckResult:
    """Every accepted claim of a run (or one) again, against the log as it is now (`at`: where it is, if it moved)."""
    store = Store.open(out)
    seal = verify(store, find_seal(seal_key))
    run = store.read_json("run.json")
    personas = personas_of(store)
    wanted = _wanted(personas, claim)
    bars = {b.claim: b for p in [*shown(personas), *personas.tenths] if p.card for b in p.card.bars}
    options = options_of(run, tuple(at)).but(workers=workers)
    found = find_log(options)
    warnings = _changed_files(run["inputs"], found.fingerprints())
    groups, ids, held_out = memberships_of(store)
    failures: list[dict[str, str]] = []
    why = ""
    with read_again(store, found, options, progress) as (connection, now, read):
        corpus = open_corpus(connection, now, options, store, groups, held_out, halves=halves_of(store))
        corpus = replace(corpus, names=names_of(store))
        tenth = corpus_of_tenth(corpus, personas)
        for i, (persona_id, one) in enumerate(wanted, start=1):
            own, whom = (tenth, _of_tenth(tenth)) if persona_id == TENTH_ID else (corpus, _population(persona_id, ids))
            failures += _problems(own or corpus, one, whom, bars.get(one.id))
            progress.update(i, len(wanted), "claims")
        failures += [d for p in shown(personas) for d in _cores(corpus, p, _population(p.id, ids), claim)]
        if claim is None:
            failures += [*figures_of_all(corpus, personas, ids), *figures_differ(corpus, tenth, personas, ids)]
        if seal.standing != "verified":
            why = why_not(store, run, bool(warnings))
            if not why:
                differ, why = differences(store, now, personas, run, found, read, progress)
                failures += [d for d in differ if claim is None or d["claim"] == claim]
    wrong = {one.id for _, one in wanted} & {failure["claim"] for failure in failures}
    return CheckResult(failures, warnings, len(wanted), why, len(wrong), seal=seal)


@contextmanager
def read_again(
    store: Store, found: Log, options: Options, progress: Progress, raw: dict[str, str] | None = None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Store, ReadLog]]:
    """The log read with the run's key into a folder that is thrown away, its events open, and what reading found; `raw` gets
    the ids behind the hashes.
    """
    with temporary_folder() as folder:
        now = Store.create(folder)
        now.take_key_of(store)
        forgotten(store)  # where that file is damaged, the error names it in the folder of the run
        # Groups that somebody put into the folder are not those of the run.
        given = GIVEN in (store.read_json(RUN).get(MANIFEST) or {}).get("files", {})
        for name in (FORGOTTEN, *([GIVEN] if given else [])):
            if store.path(name).is_file():
                shutil.copyfile(store.path(name), now.path(name))
        progress.stage("read")
        read = read_log(found, options, now, progress, raw=raw)
        progress.stage("check")
        with now.connect() as connection:
            open_events(connection, now)
            yield connection, now, read


def _wanted(personas: PersonaSet, claim: str | None) -> list[tuple[str, Claim]]:
    wanted = [(p, c) for p, c in _claims(personas) if claim is None or c.id == claim]
    if claim is not None and not wanted:
        known = ", ".join(c.id for _, c in _claims(personas)) or "none"
        raise UsageError(f"No accepted claim is called {claim!r}.", hint=f"Accepted claims: {known}.")
    return wanted


def _population(persona_id: str, ids: dict[str, int]) -> Population | None:
    """None for a card of a group that the run does not know."""
    group = EVERYONE if persona_id == "p0" else ids.get(persona_id)
    return None if group is None else Population(group)


def _of_tenth(tenth: Corpus | None) -> Population | None:
    return None if tenth is None else Population(TENTH)


def _problems(corpus: Corpus, claim: Claim, population: Population | None, bar: Bar | None) -> list[dict[str, str]]:
    if population is None:
        return [{"claim": claim.id, "problem": "it is of no group of the run"}]
    try:
        found = [d.says for d in recompute(corpus, claim, population)]
        found += [d.says for d in recompute_mix(corpus, claim, bar, population)] if bar else []
    except UsageError as error:
        found = [f"its measure cannot be asked: {error}"]
    values = claim_values(claim)
    if not set(SLOT.findall(claim.template)) <= set(values) or fill(claim.template, values) != claim.text:
        found.append("its text does not say what its template and value give")
    return [{"claim": claim.id, "problem": says} for says in found]


def _cores(
    corpus: Corpus, persona: Persona, population: Population | None, claim: str | None
) -> Iterator[dict[str, str]]:
    """Bars whose figure of the surest half of the members is not what it is now; of one claim, or of all."""
    measures = {c.id: c.measure for c in persona.claims}
    for bar in persona.card.bars if persona.card else []:
        measure = bar.measure or measures.get(bar.claim)
        if bar.core is None or claim not in (None, bar.claim):
            continue
        now = core_again(corpus, measure, population) if measure and population else None
        was, now = bar.core, now and published_truth(now, measure)
        if now is None or (was.value, was.bound, was.matched, was.n) != (now.value, now.bound, now.matched, now.n):
            told = words.core(bar.form, now, None, measure) if now else "not known"
            yield {
                "claim": bar.claim,
                "problem": f"{words.core(bar.form, was, None, measure)} on its bar, is now {told}",
            }


def figures_of_all(corpus: Corpus, personas: PersonaSet, ids: Mapping[str, int]) -> list[dict[str, str]]:
    """What the first page says of all users, counted again; `ids` are the groups of personas. A run of an earlier version says
    nothing of the kind.
    """
    told, front = personas.top_tenth, personas.first_page
    now = told_tenth(corpus)
    found = []
    if told is not None and told != (now and published_top_tenth(now)):
        found.append("the tenth of users who bring in most are not those of the log, or not by what it says")
    if front and front.sources and (told is None or front.sources != said(where_it_is(told), personas.nouns)):
        found.append("where what is brought in comes from is not what its figures give")
    for again in (_left_out, _tells, _together, _held, _piled_up):
        found += again(corpus, personas, ids)
    told_of_all = [*found, *_beside(corpus, personas)]
    return [{"claim": FIRST_PAGE, "problem": says} for says in told_of_all]


def _left_out(corpus: Corpus, personas: PersonaSet, ids: Mapping[str, int]) -> Iterator[str]:
    """What is no longer so of users in no persona: of those who lean to one, by persona, and of those who do not."""
    if personas.unplaced is None:
        return
    groups = [ids[p.id] for p in personas.personas if p.id in ids]
    if personas.unplaced != published_unplaced(unplaced(corpus, groups)):
        yield "who is in no persona is not what the log and the groups give"
    for p in personas.personas:
        if p.id in ids and p.size.leaning != of_users(corpus.people.lean_to(ids[p.id])):
            yield f"how many lean to “{p.label}” is not what the groups give"


def _tells(corpus: Corpus, personas: PersonaSet, ids: Mapping[str, int]) -> Iterator[str]:
    """What is no longer so of what personas account for: of its figures, of its sentence."""
    was, front = personas.accounted, personas.first_page
    if was is not None:
        asked = [(row.label, row.measure) for row in was.facts if row.measure is not None]
        seen = [Population(ids[p.id]) for p in shown(personas) if p.id in ids]
        if not seen or was != accounted_for(corpus, seen, asked):
            yield "what personas account for is not what the log gives"
    if front and front.tells != said(told_in_short(was), personas.nouns):
        yield "what personas tell is not what its figures give"


def _together(corpus: Corpus, personas: PersonaSet, ids: Mapping[str, int]) -> Iterator[str]:
    """What is no longer so of a trial with all personas at once."""
    was = personas.all_at_once
    if was is None:
        return
    now = all_at_once(corpus, [(p, Population(ids[p])) for p in was.personas if p in ids])
    if now is None or published_all_at_once(now) != published_all_at_once(was):
        yield "what a trial with all personas at once would show is not what the log gives"


def _beside(corpus: Corpus, personas: PersonaSet) -> Iterator[str]:
    """What is no longer so of habits beside the personas: of their figures, of what code calls them."""
    now = {question(h.measure) + str(h.more): published_habit(h) for h in habits_again(corpus, personas)}
    for habit in personas.habits or []:
        facts: list[HabitFact] = [habit, *habit.also]
        called = [(f, habit_words(f.measure, corpus.names)) for f in facts]
        named = all(w and (said(w.label, personas.nouns), w.unit) == (f.label, f.unit) for f, w in called)
        named = named and said(name_by_code(habit, corpus.names), personas.nouns) == habit.name
        if not named or now.get(question(habit.measure) + str(habit.more)) != habit:
            yield f"the habit “{habit.label}” is not what the log gives"


def _held(corpus: Corpus, personas: PersonaSet, ids: Mapping[str, int]) -> Iterator[str]:
    """What is no longer so of the fields of the user in which personas differ: of their figures, of their texts."""
    was, front = personas.held or [], personas.first_page
    if was != [published_held(value) for value in held_again(corpus, was, ids)]:
        yield "in which fields of the user personas differ is not what the log gives"
    texts = by_fields(was, {p.id: p.label for p in shown(personas)})
    if front and front.by_field != {field: said(text, personas.nouns) for field, text in texts.items()}:
        yield "what is told of fields of the user is not what their figures give"


def _piled_up(corpus: Corpus, personas: PersonaSet, ids: Mapping[str, int]) -> Iterator[str]:
    """What no longer piles up as it is told, and where. A run of an earlier version told it of other users."""
    told = personas.findings
    was = [c for c in told.concentrations if c.visits is not None] if told else []
    now = (
        [c for c in concentrations_again(corpus, told, ids).concentrations if c.visits is not None]
        if told and was
        else []
    )
    texts = {"question", "among", "amount"}
    if [c.model_dump(exclude=texts) for c in was] != [c.model_dump(exclude=texts) for c in now]:
        yield "what visits pile up at is not what the log gives"
    elif [_of_parts(c) for c in was] != [_of_parts(c) for c in now]:
        yield "among whom visits pile up is not what the log gives"
    elif any(a.question != said(b.question, personas.nouns) for a, b in zip(was, now, strict=True)):
        yield "what is asked of a sum that visits pile up at is not what its figures give"


def _of_parts(pile: Concentration) -> list[dict[str, Any]]:
    return [part.model_dump(exclude={"said"}) for part in pile.among]


def _claims(personas: PersonaSet) -> Iterable[tuple[str, Claim]]:
    for persona in personas.cards:
        for claim in persona.claims:
            yield persona.id, claim


def _changed_files(before: list[dict[str, str]], now: list[dict[str, str]]) -> list[str]:
    was, is_now = {i["path"]: i["sha256"] for i in before}, {i["path"]: i["sha256"] for i in now}
    gone = [f"{path} is no longer among the files" for path in was if path not in is_now]
    new = [f"{path} was not there when the run was made" for path in is_now if path not in was]
    other = [f"{path} has changed since the run" for path, h in is_now.items() if path in was and was[path] != h]
    return gone + new + other
