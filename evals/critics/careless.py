"""Arm A for texts: readers who do not read, whose answers must be worth nothing, and one who reads, whose word must stand.

In: a log, which is run offline. Out: by kind, how many calls or texts there were, and how many came out as they must. Promises:
calls are those of the program, canaries and all; the careless know nothing of what is hidden among their texts. A unit test, not
quoted as skill: no model is asked.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.evidence import Formed
from persona_agent.evidence.loading import open_corpus
from persona_agent.options import DEFAULT_MIN_CLAIM_USERS, Options
from persona_agent.progress import Silent
from persona_agent.runs import halves_of, memberships_of
from persona_agent.schema import Dossier, Persona, TextVerdict, Verdicts, Vocabulary
from persona_agent.store import Store
from persona_agent.write.critique import CritiqueContext, TextToRead, bench_of
from persona_agent.write.critique.judging import Judging, judging, missed_canary
from persona_agent.write.critique.slots import size_text

from ..suite import Fixtures

CALLS = 4  # with other canaries each
MORE = "one thing more than these facts"
# Calls about sentences and the facts under them name nothing of the log.
NO_NAMES = Vocabulary(
    timezone="UTC", first_day="", last_day="", actions=[], objects=[], amounts=[], fields=[], value=None
)
Reader = Callable[[dict[str, Any]], TextVerdict | None]


def _stands(row: dict[str, Any]) -> TextVerdict:
    return TextVerdict(id=row["id"], follows_from=row["facts"], says_more="", says_who="", says_why="")


def _refused(row: dict[str, Any]) -> TextVerdict:
    return _stands(row).model_copy(update={"says_more": MORE})


CARELESS: dict[str, Reader] = {
    "lets_all_stand": _stands,
    "refuses_all": _refused,
    "skims": lambda row: _refused(row) if int(row["id"][1:]) % 2 else None,
}


def answered(fixtures: Fixtures, log: str) -> dict[str, list[int]]:
    """By kind: [as it must be, all]."""
    found = {kind: [0, 0] for kind in (*CARELESS, "objections_stand")}
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        for call in _calls(Options(inputs=(fixtures.log(log),), out=Path(folder) / "out")):
            for kind, reader in CARELESS.items():
                given = [v for row in call.reading.texts if (v := reader(row))]
                found[kind][0] += missed_canary(call, Verdicts(lines=[], texts=given))
                found[kind][1] += 1
            careful = Verdicts(lines=[], texts=[_read(call, row) for row in call.reading.texts])
            against = {} if missed_canary(call, careful) else call.reading.objections(careful.texts)
            found["objections_stand"][0] += sum(bool(against.get(place)) for place in call.reading.places.values())
            found["objections_stand"][1] += len(call.reading.places)
    return found


def _read(call: Judging, row: dict[str, Any]) -> TextVerdict:
    """One who reads the hidden texts right, and has something against all others."""
    hidden = call.reading.canaries.get(row["id"])
    if hidden is None:
        return _refused(row)
    if hidden.spoil == "true":
        return _stands(row)
    said = _refused(row)
    return said.model_copy(update={"says_who": MORE}) if hidden.spoil == "identity" else said


def _calls(options: Options) -> Iterator[Judging]:
    """The calls about the sentences of each card of a run, as they were written offline."""
    personas = {p.id: p for p in commands.run(options, Silent()).exact.personas}
    store = Store.open(options.out)
    groups, ids, held_out = memberships_of(store)
    dossiers = [Dossier.model_validate(row) for row in json.loads(store.path("dossiers.json").read_text("utf-8"))]
    of_group = {d.group: d for d in dossiers}
    with store.connect() as connection:
        corpus = open_corpus(connection, store, options, store, groups, held_out, halves=halves_of(store))
        for name, persona in personas.items():
            dossier = of_group[ids[name]]
            context = CritiqueContext(name, corpus, dossier, NO_NAMES, Formed(), DEFAULT_MIN_CLAIM_USERS)
            bench = bench_of(context, {c.id: c for c in persona.claims})
            for attempt in range(CALLS):
                yield judging(bench, {}, _texts(persona, size_text(context)), attempt)


def _texts(persona: Persona, size: str) -> dict[str, TextToRead]:
    claims = {c.id: c.text for c in persona.claims}
    sentences = [s for s in (persona.one_liner, *persona.narrative) if s.claim_ids]
    return {
        f"s{i}": TextToRead("sentence", s.text, (*(claims[c] for c in s.claim_ids if c in claims), size))
        for i, s in enumerate(sentences)
    }
