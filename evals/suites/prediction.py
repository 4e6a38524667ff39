"""What will a user do next: do personas of the past say it better than simpler knowledge of the same past?

In: logs (`evals/cases/prediction.yaml`), each cut at one moment for everybody. Out: HR@10, NDCG@10 and MRR over the
whole catalogue, for objects that the user had not met (`new`, the headline) and for those met before
(`repeat`) apart, by personas and by each baseline, and how far personas are ahead of each. Promises: personas come from
a run on the past alone; groups that the program would not show are used too, and `reason` says how many it shows; users
without a persona are ranked for as everyone. Beside it worlds of outcomes: is the cause told that stands before the day, and
nothing of what came after it? The ranking is reported and not gated on: a persona is written to be read, and knows less
of a user than the user's own history does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from persona_agent.models.embeddings import load_embedding

from ..bench.outcomes import told
from ..results import Number, clustered, difference, rate
from ..suite import Failed, Fixtures, Job
from ..worlds import Spec, generate
from ..worlds.outcomes import OutcomeSpec
from .past import Past, split
from .ranking import MEASURES, Bools, Reals, by_chance, measured

NAME = "prediction"
TITLE = "Personas of the past say what users do next; reported beside simpler rankings, not gated on."

COLUMNS = ("new", "repeat")
PERSONAS = ("personas", "personas_text")
BASELINES = ("popularity", "most_recent", "own_history_embedding", "one_persona_per_user", "random")
EMBEDDING = "wordllama"
COSINE_DIGITS = 6  # the embedding is in single precision: beyond these digits machines differ
MICROSECONDS = 1e6

WHAT = {
    "personas_text": "label, one line, narrative and accepted claims against the object's text",
    "popularity": "events before the cut",
    "own_history_embedding": "mean vector of the user's events before the cut",
    "random": "all orders alike, exactly",
}
WHAT_NEW = {
    "most_recent": "last touched by anybody",
    "one_persona_per_user": "the same as popularity: a user's own shares say nothing of objects not met",
}
WHAT_REPEAT = {
    "most_recent": "last touched by the user, then by anybody",
    "one_persona_per_user": "the user's own shares, and popularity as one event more",
}


def jobs(fixtures: Fixtures, data: Mapping[str, Any]) -> list[Job]:
    """One a log, one a kind of outcome."""
    logs = [
        Job(name, measure, (_source(fixtures, given), data["share"]), given["seconds"])
        for name, given in data.get("logs", {}).items()
    ]
    of = data.get("outcomes", {"kinds": ()})
    return logs + [
        Job(f"outcome {k}", measure_outcome, (k, of["users"], of["seed"]), of["seconds"]) for k in of["kinds"]
    ]


def _source(fixtures: Fixtures, given: Mapping[str, Any]) -> str | dict[str, Any]:
    """The path of a log, or the specification of a world."""
    return fixtures.log(given["log"]) if "log" in given else dict(given["world"])


# --- what a job measures ---


def measure(source: str | Mapping[str, Any], share: float) -> dict[str, Any]:
    """Every ranking of one log, one value a user."""
    with tempfile.TemporaryDirectory(prefix="prediction-") as name:
        folder = Path(name)
        path = source if isinstance(source, str) else str(_world(source, folder))
        past, future, agree = split(path, share, folder)
    scores = rankings(past)
    both = future.touched.any(axis=1)
    return {
        "columns": {column: values(past, future.touched, scores, column) for column in COLUMNS},
        "unseen": future.unseen,
        "agree": list(agree),
        "state": past.state,
        "personas": len(past.texts),
        "shown": past.shown,
        "users": int(both.sum()),
        "without": int((both & ~past.weights.any(axis=1)).sum()),
        "catalogue": len(past.catalogue),
    }


def measure_outcome(kind: Literal["stopped", "upgraded"], users: int, seed: int) -> tuple[bool, list[str]]:
    """Is the planted cause of an outcome on a card; and what is told that only came after the day."""
    with tempfile.TemporaryDirectory(prefix="outcome-") as folder:
        found = told(OutcomeSpec(kind, users, seed), Path(folder))
    return found.cause, found.consequences


def _world(spec: Mapping[str, Any], folder: Path) -> Path:
    return generate(Spec(**spec)).write(folder / "log.jsonl")


def values(past: Past, touched: Bools, scores: Mapping[str, Reals], column: str) -> dict[str, dict[str, list[float]]]:
    """One value a user who has a target, by ranker and measure. Objects met before are no candidates for `new`."""
    met = past.counts > 0
    targets = touched & (~met if column == "new" else met)
    candidates = ~met if column == "new" else np.ones(met.shape, dtype=bool)
    who = targets.any(axis=1)
    found = {ranker: measured(s[who], candidates[who], targets[who]) for ranker, s in scores.items()}
    found["random"] = by_chance(candidates[who], targets[who])
    return {ranker: {name: each.tolist() for name, each in of.items()} for ranker, of in found.items()}


def rankings(past: Past) -> dict[str, Reals]:
    """(users, objects) the scores of each ranker. A score for an object that the user has met matters to `repeat` only."""
    events = past.counts.sum(axis=0)
    popularity = events / events.sum()
    vectors = embedded(past.catalogue)
    own = past.counts @ vectors
    texts = _persona_vectors(past)
    return {
        "personas": _by_personas(past, popularity),
        **({} if texts is None else {"personas_text": _cosines(_of_users(past) @ texts, vectors)}),
        "popularity": np.tile(popularity, (len(past.users), 1)),
        "most_recent": _recency(past),
        "own_history_embedding": _cosines(own, vectors),
        "one_persona_per_user": (past.counts + popularity) / (past.counts.sum(axis=1, keepdims=True) + 1),
    }


def _of_users(past: Past) -> Reals:
    """(users, personas and everyone) weights; who has no persona is wholly of everyone."""
    return np.column_stack([past.weights, ~past.weights.any(axis=1)]).astype(np.float64)


def _by_personas(past: Past, popularity: Reals) -> Reals:
    """Σ over personas of the user's weight × the object's share in that persona's past."""
    events = (past.weights > 0).T.astype(np.float64) @ past.counts
    shares = events / np.maximum(events.sum(axis=1, keepdims=True), 1)
    return np.asarray(_of_users(past) @ np.vstack([shares, popularity]), dtype=np.float64)


def _persona_vectors(past: Past) -> Reals | None:
    """(personas and everyone) vectors of their texts. Everyone without a text of its own is the personas by their sizes;
    None where nothing was written.
    """
    if not past.texts and not past.everyone:
        return None
    personas = embedded(past.texts)
    size = (past.weights > 0).sum(axis=0).astype(np.float64)
    everyone = embedded([past.everyone])[0] if past.everyone else size @ personas
    return np.vstack([personas, everyone])


def embedded(texts: Sequence[str]) -> Reals:
    """Unit vectors; texts are lowered and freed of underscores, as the program does before it groups."""
    plain = [text.lower().replace("_", " ") for text in texts]
    return np.asarray(load_embedding(EMBEDDING).embed(plain), dtype=np.float64)


def _cosines(rows: Reals, vectors: Reals) -> Reals:
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return np.asarray(np.round(unit @ vectors.T, COSINE_DIGITS), dtype=np.float64)


def _recency(past: Past) -> Reals:
    """Seconds since the first sight of anything; what the user has touched comes before all else."""
    start = past.last[past.last > 0].min()
    seconds = np.where(past.last > 0, (past.last - start) / MICROSECONDS, 0.0)
    anybody = seconds.max(axis=0)
    return np.asarray(np.where(past.last > 0, seconds + anybody.max() + 1, anybody), dtype=np.float64)


# --- what the numbers are made of ---


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    """The comparisons on new objects first, then every ranking, then what they rest on."""
    given = {log: results.get(log, Failed("not run")) for log in data.get("logs", {})}
    made = [n for log, result in given.items() for n in _ahead(log, result)]
    for column in COLUMNS:
        made += [n for log, result in given.items() for n in _rankings(log, result, column)]
    made += [n for log, result in given.items() for n in _rests_on(log, result)]
    kinds = data.get("outcomes", {}).get("kinds", ())
    return made + [n for kind in kinds for n in _outcome(kind, results.get(f"outcome {kind}", Failed("not run")))]


def _outcome(kind: str, result: Any) -> list[Number]:
    """Of a world of outcomes: is the cause told, and how many things that only came after the day."""
    lost = _failed(result)
    cause, after = (False, []) if lost else result
    value = None if lost else float(len(after))
    more: dict[str, Any] = {"better": "lower", "target": 0, "n_error": lost, "reason": ", ".join(after)}
    return [
        rate(f"cause_told.{kind}", int(cause), 1 - lost, target=1, n_error=lost),
        Number(f"told_of_afterwards.{kind}", value, 1 - lost, **more),
    ]


def _values(result: Any, column: str, ranker: str, of: str) -> list[float]:
    """One value a user; none where the job failed or the ranker had nothing to rank by."""
    return [] if isinstance(result, Failed) else result["columns"][column].get(ranker, {}).get(of, [])


def _failed(result: Any) -> int:
    return int(isinstance(result, Failed))


def _ahead(log: str, result: Any) -> list[Number]:
    """How far personas are ahead of each baseline, paired over users."""
    ours = _values(result, "new", "personas", "ndcg_at_10")
    made = []
    for ranker in BASELINES:
        pairs = zip(ours, _values(result, "new", ranker, "ndcg_at_10"), strict=True)
        name = f"ndcg_at_10_personas_minus_{ranker}.{log}.new"
        reason = "; ".join(filter(None, [_who(result), WHAT_NEW.get(ranker)]))
        more: Any = {"better": "", "n_error": _failed(result), "reason": reason}
        made.append(difference(name, [[pair] for pair in pairs], **more))
    return made


def _rankings(log: str, result: Any, column: str) -> list[Number]:
    what = WHAT | (WHAT_NEW if column == "new" else WHAT_REPEAT)
    made = []
    for of in MEASURES:
        for ranker in (*PERSONAS, *BASELINES):
            each = _values(result, column, ranker, of)
            reason = _who(result) if ranker == "personas" else what[ranker]
            more: Any = {"better": "higher" if ranker in PERSONAS else "", "n_error": _failed(result), "reason": reason}
            made.append(clustered(f"{of}.{ranker}.{log}.{column}", [[v] for v in each], **more))
    return made


def _rests_on(log: str, result: Any) -> list[Number]:
    """Share of events after the cut whose object nobody had touched before, which no ranking can name; and the share of
    past records whose texts are masked alike in both readings.
    """
    unseen, (same, n) = ([], (0, 0)) if isinstance(result, Failed) else (result["unseen"], result["agree"])
    lost = _failed(result)
    return [
        clustered(f"unseen_share.{log}", unseen, better="", n_error=lost, reason="events of all users after the cut"),
        rate(f"texts_agree.{log}", same, n, target=1, n_error=lost, reason="past records in both readings"),
    ]


def _who(result: Any) -> str:
    """What stands behind the personas of a log, in words."""
    if isinstance(result, Failed):
        return result.why
    if result["state"] == "none":
        return f"the past falls into no groups: everyone is one persona; {result['catalogue']} objects"
    return (
        f"{result['personas']} personas of the past (state {result['state']}), {result['shown']} shown; "
        f"{result['without']} of {result['users']} users have none; {result['catalogue']} objects"
    )
