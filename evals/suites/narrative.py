"""Does a sentence say more than its claims: planted edits must be caught, fair rewording must pass.

In: sentences of recorded runs with the claims that they rest on, each edited once in a known way
(`evals/cases/narrative/edits.json`), and recordings of the critic. Out: the share of edits caught by code alone and by code and
critic, kind by kind, and false alarms. Promises: a sentence goes to the critic as the program itself sends it, canaries and
all, and only where code has nothing against it; what the critic did not answer is errored.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.evidence import Formed
from persona_agent.evidence.loading import open_corpus
from persona_agent.models.recording import META, Recording
from persona_agent.options import DEFAULT_MIN_CLAIM_USERS, Options
from persona_agent.progress import Silent
from persona_agent.runs import halves_of, memberships_of
from persona_agent.schema import Dossier, Persona, Sentence, Verdicts, Vocabulary
from persona_agent.store import Store
from persona_agent.words.sentences import examine
from persona_agent.write.critique import CritiqueContext, TextToRead, bench_of
from persona_agent.write.critique.judging import judging, missed_canary
from persona_agent.write.critique.slots import size_text

from ..asking import ask_all
from ..recordings import answered_by
from ..results import Number, clustered, rate
from ..suite import CASES, Failed, Fixtures, Job

NAME = "narrative"
TITLE = "sentences against their claims: planted edits must be caught"
EDITS = ("number", "name", "quantifier", "intensifier", "cause", "sequence", "scope", "identity_noun")
REWORDED, AS_WRITTEN = "reworded", "as_written"
BATCH = 12
TRIES = 2

Row = dict[str, Any]


def jobs(fixtures: Fixtures, data: Mapping[str, Any]) -> list[Job]:
    """A job a log."""
    return [
        Job(
            name,
            read,
            (fixtures, name, spec["recording"], f"evals/narrative/{name}"),
            spec["seconds"],
            (spec["recording"],),
        )
        for name, spec in data["logs"].items()
    ]


def edits_of(log: str) -> list[Row]:
    """The edited sentences of one log: persona, place, kind, text."""
    found: list[Row] = json.loads((CASES / "narrative" / "edits.json").read_text(encoding="utf-8"))["edits"]
    return [e for e in found if e["log"] == log]


def read(fixtures: Fixtures, log: str, run: str, recording: str) -> Row:
    """What code and critic say of every edited sentence of one log, and code of every sentence as it stood."""
    folder_of_run = fixtures.recording(run)
    meta = Recording(folder_of_run, replay=True).meta()
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        plain = {"inputs": (str(fixtures.folder.parent / meta["log"]),), "value": meta["options"]["value"]}
        options = Options(replay=folder_of_run, out=Path(folder) / "out", **plain)
        personas = {p.id: p for p in commands.run(options, Silent()).exact.personas}
        with _contexts(options, folder_of_run) as contexts:
            rows = [_row(log, e, personas[e["persona"]], contexts[e["persona"]]) for e in edits_of(log)]
            rows += [_row(log, e, personas[e["persona"]], contexts[e["persona"]]) for e in _as_written(log, personas)]
            left = [r for r in rows if not r["code"] and r["kind"] != AS_WRITTEN]
            if fixtures.live or (fixtures.recording(recording) / META).is_file():
                _ask(fixtures, recording, left, contexts, personas)
                source = answered_by(fixtures, recording)
            else:
                source = "code"
                for row in left:
                    row["unread"] = True
    return {"rows": rows, "source": source}


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    """Edit by edit, then all; personas are drawn where edits are put together."""
    good = [r for r in results.values() if not isinstance(r, Failed)]
    lost = len(results) - len(good)
    rows = [row for r in good for row in r["rows"]]
    many: dict[str, Any] = {"source": "; ".join(sorted({r["source"] for r in good})) or "nothing"}
    wrong = [r for r in rows if r["kind"] in EDITS]
    caught = {"target": data["targets"]["caught"], **many}
    alarms: dict[str, Any] = {"better": "lower", "target": data["targets"]["false_alarms"]}
    found = [_shared("caught", wrong, lost, **caught), _shared("caught_by_code", wrong, lost)]
    for kind in EDITS:
        own = [r for r in wrong if r["kind"] == kind]
        found.append(_rate(f"caught.{kind}", own, lost, **caught))
        found.append(rate(f"caught_by_code.{kind}", sum(bool(r["code"]) for r in own), len(own), n_error=lost))
    reworded, as_written = ([r for r in rows if r["kind"] == kind] for kind in (REWORDED, AS_WRITTEN))
    found.append(_rate(f"false_alarms.{REWORDED}", reworded, lost, **alarms, **many))
    found.append(_rate(f"false_alarms.{AS_WRITTEN}", as_written, lost, **alarms))
    return found


def _rate(name: str, rows: Sequence[Row], lost: int, **more: Any) -> Number:
    """The share of sentences that are held to say more than their claims; undefined where no critic was recorded."""
    said = [r for r in rows if _verdict(r) is not None]
    unread = len(rows) - len(said)
    if any(r["unread"] for r in rows):
        return Number(name, None, 0, n_error=unread + lost, reason="no critic is recorded", **more)
    return rate(name, sum(bool(_verdict(r)) for r in said), len(said), n_error=unread + lost, **more)


def _shared(name: str, rows: Sequence[Row], lost: int, **more: Any) -> Number:
    groups: dict[str, list[float]] = {}
    for r in rows:
        said = bool(r["code"]) if name == "caught_by_code" else _verdict(r)
        if said is not None:
            groups.setdefault(f"{r['log']}.{r['persona']}", []).append(float(said))
    errors = len(rows) - sum(map(len, groups.values())) + lost
    if name == "caught" and any(r["unread"] for r in rows):
        return Number(name, None, 0, n_error=errors, reason="no critic is recorded", **more)
    return clustered(name, list(groups.values()), n_error=errors, **more)


def _verdict(row: Row) -> bool | None:
    """Is the sentence held to say more than its claims; None where the critic did not answer."""
    if row["code"] or row["kind"] == AS_WRITTEN:
        return bool(row["code"])
    said = row["critic"]
    return None if said is None else bool(said)


def _row(log: str, edit: Row, persona: Persona, context: CritiqueContext) -> Row:
    claims = {c.id: c for c in persona.claims}
    sentence = _places(persona)[edit["place"]]
    own = [claims[c] for c in sentence.claim_ids]
    found = examine(edit["text"], own, context.dossier.size, names=context.dossier.acts)
    return {
        "log": log,
        "persona": persona.id,
        "place": edit["place"],
        "kind": edit["kind"],
        "text": edit["text"],
        "claims": [c.text for c in own],
        "code": found.wrong,
        "look_at": found.look_at,
        "critic": None,
        "unread": False,
    }


def _as_written(log: str, personas: Mapping[str, Persona]) -> Iterator[Row]:
    """The sentences that were edited, as they stood."""
    for persona, place in sorted({(e["persona"], e["place"]) for e in edits_of(log)}):
        yield {
            "persona": persona,
            "place": place,
            "kind": AS_WRITTEN,
            "text": _places(personas[persona])[place].text,
        }


def _places(persona: Persona) -> dict[str, Sentence]:
    return {"one_liner": persona.one_liner, **{f"s{i}": s for i, s in enumerate(persona.narrative, start=1)}}


@contextmanager
def _contexts(options: Any, recording: Path) -> Iterator[dict[str, CritiqueContext]]:
    """For each persona of a finished run where its sentences are decided, with the dossier that its writer was shown."""
    store = Store.open(options.out)
    groups, _, held_out = memberships_of(store)
    told = json.loads((recording / "dossiers.json").read_text(encoding="utf-8"))
    with store.connect() as connection:
        corpus = open_corpus(connection, store, options, store, groups, held_out, halves=halves_of(store))
        yield {
            row["persona"]: CritiqueContext(
                row["persona"],
                corpus,
                Dossier.model_validate(row["dossier"]),
                Vocabulary.model_validate(row["vocabulary"]),
                Formed(),
                DEFAULT_MIN_CLAIM_USERS,
            )
            for row in told
        }


def _ask(
    fixtures: Fixtures,
    recording: str,
    rows: Sequence[Row],
    contexts: Mapping[str, CritiqueContext],
    personas: Mapping[str, Persona],
) -> None:
    """The critic on what code lets pass, a dozen sentences of a persona a call; a call that misses its canary is asked again."""
    for attempt in range(TRIES):
        calls = [
            (
                batch,
                judging(
                    bench_of(contexts[p], {c.id: c for c in personas[p].claims}), {}, _said(batch, contexts[p]), attempt
                ),
            )
            for p in sorted(personas)
            for batch in _batches([r for r in rows if r["persona"] == p and r["critic"] is None])
        ]
        if not calls:
            return
        answers = ask_all(fixtures, recording, [call.request for _, call in calls])
        for (batch, call), answer in zip(calls, answers, strict=True):
            if isinstance(answer, Verdicts) and not missed_canary(call, answer):
                given = call.reading.objections(answer.texts)
                for i, row in enumerate(batch):
                    row["critic"] = "; ".join(given[f"e{i}"]) if f"e{i}" in given else None


def _batches(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """Edits of the same sentence apart, so that none is read beside its twin."""
    calls = -(-len(rows) // BATCH)
    return [rows[i::calls] for i in range(calls)]


def _said(batch: Sequence[Row], context: CritiqueContext) -> dict[str, TextToRead]:
    return {
        f"e{i}": TextToRead("sentence", r["text"], (*r["claims"], size_text(context)), tuple(r["look_at"]))
        for i, r in enumerate(batch)
    }
