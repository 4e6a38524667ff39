"""Are cards worth reading: judged blind, by readers that neither wrote nor judged them.

In: recorded runs, offline runs, plain cards of one prompt over the same dossiers, recorded readers. Out: matching of held-out
users to cards, surprise, what ten seconds leave, preference, each arm apart and against the others. Promises: intervals draw
users where users were matched and personas elsewhere; an answer that is missing is errored, not wrong.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.models.recording import Recording
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Dossier, Persona
from persona_agent.store import Store

from ..asking import ask_all, question
from ..readers import (
    Card,
    Choices,
    Guesses,
    Matches,
    PlainCard,
    Preferences,
    card,
    habits,
    histories,
    match_question,
    plain_card,
    screen_questions,
    shown_dossier,
    top_card,
)
from ..recordings import answered_by
from ..results import Number, clustered, difference
from ..suite import Failed, Fixtures, Job

NAME = "reader"
TITLE = "cards judged blind by readers that neither wrote nor judged them"
ARMS = ("recorded", "offline", "plain", "top5")
WRITTEN = ("recorded", "offline", "plain")
PAIRS = (("recorded", "offline"), ("recorded", "plain"))
MOST_THINGS = 400

Row = dict[str, Any]


def jobs(fixtures: Fixtures, data: Mapping[str, Any]) -> list[Job]:
    """A job a log."""
    return [
        Job(
            name,
            read,
            (fixtures, name, spec["recording"], data["seed"]),
            spec["seconds"],
            (spec["recording"], *fixtures.unless_live(f"evals/plain/{name}", f"evals/reader/{name}")),
        )
        for name, spec in data["logs"].items()
    ]


def read(fixtures: Fixtures, log: str, recording: str, seed: int) -> Row:
    """All that readers said of one log's cards."""
    run = fixtures.recording(recording)
    meta = Recording(run, replay=True).meta()
    with tempfile.TemporaryDirectory(prefix="eval-") as made:
        plain = {"inputs": (str(fixtures.folder.parent / meta["log"]),), "value": meta["options"]["value"]}
        ours = commands.run(Options(**plain, out=Path(made) / "a", replay=run), Silent()).exact.personas
        code = commands.run(Options(**plain, out=Path(made) / "b"), Silent()).exact.personas
        store = Store.open(Path(made) / "b")
        dossiers = dict(
            zip([p.id for p in code], map(Dossier.model_validate, store.read_json("dossiers.json")), strict=True)
        )
        names = [p.id for p in code if any(q.id == p.id for q in ours)]
        seen = histories(store, names, seed)
        things = _things(store)
        tops = {p: top_card(store, p) for p in names}
    cards: dict[str, dict[str, Card]] = {
        "recorded": {p.id: card(p) for p in ours if p.id in names},
        "offline": {p.id: card(p) for p in code},
        "top5": tops,
    }
    said = ask_all(
        fixtures,
        f"evals/plain/{log}",
        [question("plain", f"{log}.{p}", shown_dossier(dossiers[p]), PlainCard) for p in names],
    )
    cards["plain"] = {p: plain_card(p, s) for p, s in zip(names, said, strict=True) if isinstance(s, PlainCard)}
    asked = [
        *_match(cards, seen, things, log),
        *_surprise({"recorded": ours, "offline": code}, dossiers, log),
        *_look(cards, dossiers, names, log),
        *_prefer(cards, names, log),
    ]
    answers = ask_all(fixtures, f"evals/reader/{log}", [request for request, _ in asked])
    rows = [row for (_, score), answer in zip(asked, answers, strict=True) for row in score(answer)]
    return {"rows": rows, "source": answered_by(fixtures, f"evals/reader/{log}"), "chance": 1 / len(names)}


def _things(store: Store) -> list[str]:
    with store.connect() as connection:
        rows = connection.execute(
            "SELECT object FROM read_parquet($events) WHERE object IS NOT NULL AND object <> '' "
            f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_THINGS}",
            {"events": str(store.path("events.parquet"))},
        ).fetchall()
    return [str(thing) for (thing,) in rows]


Score = Callable[[Any], list[Row]]


def _match(
    cards: Mapping[str, Mapping[str, Card]], seen: Any, things: Sequence[str], log: str
) -> list[tuple[Any, Score]]:
    found = []
    for arm in ARMS:
        for hide in (False, True):
            data, right = match_question(list(cards[arm].values()), seen, things, hide, f"{log}.{arm}")
            found.append((question("match", f"{log}.{arm}.{hide}", data, Matches), _score_match(arm, hide, right, log)))
    return found


def _score_match(arm: str, hide: bool, right: Mapping[str, str], log: str) -> Score:
    def score(answer: Any) -> list[Row]:
        given = {i.history: i.card for i in answer.items} if isinstance(answer, Matches) else {}
        return [
            {
                "what": "match_masked" if hide else "match",
                "arm": arm,
                "unit": f"{log}.{h}",
                "value": _is(given.get(h), r),
            }
            for h, r in right.items()
        ]

    return score


def _surprise(
    arms: Mapping[str, Sequence[Persona]], dossiers: Mapping[str, Dossier], log: str
) -> list[tuple[Any, Score]]:
    found = []
    for arm, personas in arms.items():
        asked = [(p, *h) for p in personas for h in habits(p)]
        if not asked:
            continue
        items: dict[str, list[Row]] = {}
        for i, (p, _, text, _) in enumerate(asked, start=1):
            items.setdefault(p.label, []).append({"id": f"h{i}", "habit": text})
        acts = sorted({a for d in dossiers.values() for a in d.acts})
        data = {"log": {"acts": acts}, "groups": [{"label": k, "habits": v} for k, v in items.items()]}
        found.append((question("guess", f"{log}.{arm}", data, Guesses), _score_guess(arm, asked, log)))
    return found


def _score_guess(arm: str, asked: Sequence[Any], log: str) -> Score:
    def score(answer: Any) -> list[Row]:
        given = {i.id: i.guess for i in answer.items} if isinstance(answer, Guesses) else {}
        rows = []
        for i, (p, claim, _, right) in enumerate(asked, start=1):
            held = claim.replication.held_out
            if held is not None and held.holds:
                said = given.get(f"h{i}")
                wrong = None if said is None else float(said != right)
                rows.append({"what": "surprise", "arm": arm, "unit": f"{log}.{p.id}", "value": wrong})
        return rows

    return score


def _look(
    cards: Mapping[str, Mapping[str, Card]], dossiers: Mapping[str, Dossier], names: Sequence[str], log: str
) -> list[tuple[Any, Score]]:
    found = []
    for arm in WRITTEN:
        screens, right = [], {}
        for p in names:
            if p not in cards[arm]:
                continue
            questions = screen_questions(dossiers[p], [d for q, d in dossiers.items() if q != p], f"{log}.{p}")
            for q in questions:
                right[f"{p}.{q['id']}"] = q["right"]
            shown = [{"id": f"{p}.{q['id']}", "text": q["text"], "answers": q["answers"]} for q in questions]
            screens.append({"screen": cards[arm][p].screen, "questions": shown})
        found.append((question("look", f"{log}.{arm}", {"cards": screens}, Choices), _score_look(arm, right, log)))
    return found


def _score_look(arm: str, right: Mapping[str, str], log: str) -> Score:
    def score(answer: Any) -> list[Row]:
        given = {i.id: i.letter.strip().lower() for i in answer.items} if isinstance(answer, Choices) else {}
        return [
            {
                "what": "ten_seconds",
                "arm": arm,
                "unit": f"{log}.{i.partition('.')[0]}",
                "value": _is(given.get(i), r),
                "item": i,
            }
            for i, r in right.items()
        ]

    return score


def _prefer(cards: Mapping[str, Mapping[str, Card]], names: Sequence[str], log: str) -> list[tuple[Any, Score]]:
    found = []
    for ours, other in PAIRS:
        both = [p for p in names if p in cards[ours] and p in cards[other]]
        for first in (True, False):
            pairs = [
                {
                    "id": p,
                    "one": cards[ours if first else other][p].text,
                    "two": cards[other if first else ours][p].text,
                }
                for p in both
            ]
            found.append(
                (
                    question("prefer", f"{log}.{ours}.{other}.{first}", {"pairs": pairs}, Preferences),
                    _score_prefer(other, first, both, log),
                )
            )
    return found


def _score_prefer(other: str, first: bool, both: Sequence[str], log: str) -> Score:
    def score(answer: Any) -> list[Row]:
        given = {i.id: i.better for i in answer.items} if isinstance(answer, Preferences) else {}
        worth = {"one": 1.0, "two": 0.0, "neither": 0.5}
        rows: list[Row] = []
        for p in both:
            said = worth.get(given.get(p, ""))
            value = said if first or said is None else 1 - said
            rows.append({"what": "preference", "arm": other, "unit": f"{log}.{p}", "value": value})
            rows.append({"what": "chose_first", "arm": other, "unit": f"{log}.{p}", "value": said})
        return rows

    return score


def _is(said: str | None, right: str) -> float | None:
    return None if said is None else float(said == right)


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:  # noqa: ARG001
    """All logs together; each log's own numbers would rest on a handful of personas."""
    good = {k: r for k, r in results.items() if not isinstance(r, Failed)}
    rows = [row for r in good.values() for row in r["rows"]]
    source = "; ".join(sorted({r["source"] for r in good.values()})) or "nothing"
    many: dict[str, Any] = {"source": source}
    lost = len(results) - len(good)
    chance = [
        r["chance"] for r in good.values() for row in r["rows"] if row["what"] == "match" and row["arm"] == "recorded"
    ]
    found: list[Number] = []
    for what in ("match", "match_masked"):
        found += [_number(rows, what, arm, lost, many) for arm in ARMS]
        found += [_compared(rows, what, "recorded", other, many) for other in ("offline", "plain", "top5")]
    found.append(Number("match.chance", sum(chance) / len(chance) if chance else None, len(chance), better=""))
    found += [_number(rows, "surprise", arm, lost, many) for arm in ("recorded", "offline")]
    found += [_number(rows, "ten_seconds", arm, lost, many) for arm in WRITTEN]
    found += [_compared(rows, "ten_seconds", "recorded", other, many) for other in ("offline", "plain")]
    found += [_number(rows, "preference", other, lost, many, f"preference.recorded_over_{other}") for _, other in PAIRS]
    found.append(clustered("preference.chose_first", _grouped(rows, "chose_first", None), better="", **many))
    return found


def _grouped(rows: Sequence[Row], what: str, arm: str | None) -> list[list[float]]:
    found: dict[str, list[float]] = {}
    for r in rows:
        if r["what"] == what and (arm is None or r["arm"] == arm) and r["value"] is not None:
            found.setdefault(r["unit"], []).append(r["value"])
    return list(found.values())


def _number(rows: Sequence[Row], what: str, arm: str, lost: int, many: Mapping[str, Any], name: str = "") -> Number:
    own = [r for r in rows if r["what"] == what and r["arm"] == arm]
    errors = sum(r["value"] is None for r in own) + lost
    return clustered(name or f"{what}.{arm}", _grouped(rows, what, arm), n_error=errors, **many)


def _compared(rows: Sequence[Row], what: str, one: str, other: str, many: Mapping[str, Any]) -> Number:
    """One arm less another on the same users, or on the same questions of the same persona."""
    values: dict[str, dict[str, dict[str, float]]] = {one: {}, other: {}}
    for r in rows:
        if r["what"] == what and r["arm"] in values and r["value"] is not None:
            values[r["arm"]].setdefault(r["unit"], {})[r.get("item", "")] = r["value"]
    pairs = [
        [(values[one][u][i], values[other][u][i]) for i in values[one][u] if i in values[other].get(u, {})]
        for u in values[one]
    ]
    return difference(f"{what}.{one}_minus_{other}", [p for p in pairs if p], better="", **many)
