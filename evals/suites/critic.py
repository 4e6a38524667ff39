"""How good the critic is: arm A by code, B on strangers' text with planted errors, C on claims as they came.

In: cases in `evals/cases/critic/`, recordings of the critic and of the judges it must beat. Out: recall of each error type,
false alarms of each kind of control, balanced accuracy with every baseline and ablation beside it, flips over repeats, calls
and tokens a statement. Promises: only B and C are quoted as skill; intervals of accuracies draw whole personas; a verdict that
is missing is errored and no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..critics import careless, executor, judges, natural, stranger
from ..recordings import answered_by
from ..results import Number, clustered, rate
from ..suite import Failed, Fixtures, Job

NAME = "critic"
TITLE = (
    "arm A: code finds planted errors; B: a critic reads strangers' text; C: claims as drafted, labelled by two readers"
)
ERRORS = {
    "1": "wrong_count", "2": "wrong_direction", "3": "over_generalised", "4": "uncited", "5": "unrelated_citation",
    "6": "foreign_citation", "7": "invented_who", "8": "causal_leap", "9": "wrong_time_or_order", "10": "stale",
    "11": "leak_from_sibling", "13": "contradictory", "14": "ordered_by_text", "15": "denominator_swap", "16": "near_miss",
    "17": "true_of_everybody", "18": "artefact_of_exposure",
}  # fmt: skip
JUDGES = (*judges.LIKENESS, *judges.SHOTS)
ABLATIONS = ("matching_off", "counter_evidence_off", "undecidable_words_off")

Row = dict[str, Any]


def jobs(fixtures: Fixtures, data: Mapping[str, Any]) -> list[Job]:
    """A job a log and arm."""
    found = [
        Job(f"a.{n}", executor.executed, (fixtures, s["log"], s["value"]), s["seconds"])
        for n, s in data["logs"].items()
    ]
    found += [
        Job(f"careless.{n}", careless.answered, (fixtures, s["log"]), s["seconds"]) for n, s in data["careless"].items()
    ]
    found += [
        Job(
            f"b.{n}",
            read,
            (fixtures, n, f"evals/audit/{n}", "evals/judges"),
            s["seconds"],
            fixtures.unless_live(f"evals/audit/{n}"),
        )
        for n, s in data["logs"].items()
    ]
    found += [
        Job(
            f"repeat{i}.{n}",
            read,
            (fixtures, n, f"evals/{folder}/{n}", None),
            15,
            fixtures.unless_live(f"evals/{folder}/{n}"),
        )
        for n, folders in data["repeats"].items()
        for i, folder in enumerate(folders, start=2)
    ]
    found += [
        Job(
            f"c.{n}",
            natural.drafted,
            (fixtures, n, data["logs"][n], s["recording"], "evals/judges_natural"),
            s["seconds"],
            fixtures.unless_live(s["recording"]),
        )
        for n, s in data["natural"].items()
    ]
    return found


def read(fixtures: Fixtures, log: str, recording: str, judged: str | None) -> Row:
    """Arm B of one log, with who answered."""
    return {**stranger.audited(fixtures, log, recording, judged), "source": answered_by(fixtures, recording)}


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    """Arm by arm."""
    arms: dict[str, list[Any]] = {"a": [], "b": [], "c": []}
    for name, result in results.items():
        if name[0] in arms and name[1] == ".":
            arms[name[0]].append(result)
    return [
        *_executor(arms["a"], data["targets"]),
        *_careless([r for name, r in results.items() if name.startswith("careless.")], data["targets"]),
        *(_stranger(arms["b"], data) if arms["b"] else []),
        *_flips(results, data),
        *(_natural(arms["c"], _read(arms["b"]), data["targets"]) if arms["c"] else []),
    ]


def _read(results: Sequence[Any]) -> list[Row]:
    """The statements of arm B that were asked about."""
    return [row for r in results if not isinstance(r, Failed) for row in r["rows"]]


def _executor(results: Sequence[Any], targets: Mapping[str, float]) -> list[Number]:
    """Arm A: the share of planted errors that code finds."""
    lost = sum(isinstance(r, Failed) for r in results)
    good = [r for r in results if not isinstance(r, Failed)]
    found = []
    for kind in sorted({k for r in good for k in r}, key=int):
        hits, n = (sum(r.get(kind, [0, 0])[i] for r in good) for i in (0, 1))
        found.append(
            rate(f"a_recall.{ERRORS[kind]}", hits, n, target=targets["a_recall"], by_construction=True, n_error=lost)
        )
    return found


def _careless(results: Sequence[Any], targets: Mapping[str, float]) -> list[Number]:
    """Arm A for texts: calls of readers who do not read that are worth nothing, texts whose reader's objection stands."""
    lost = sum(isinstance(r, Failed) for r in results)
    good = [r for r in results if not isinstance(r, Failed)]
    more: dict[str, Any] = {"target": targets["a_recall"], "by_construction": True, "n_error": lost}
    kinds = sorted({kind for r in good for kind in r})
    return [rate(f"a_recall.{k}", *(sum(r[k][i] for r in good) for i in (0, 1)), **more) for k in kinds]


def _stranger(results: Sequence[Any], data: Mapping[str, Any]) -> list[Number]:
    """Arm B: by error type, by control, and over all, on the test part and on both."""
    good = [r for r in results if not isinstance(r, Failed)]
    asked = [row for r in good for row in r["rows"]]
    rows = [r for r in asked if not r["void"]]
    if not rows:
        why = "; ".join(r.why for r in results if isinstance(r, Failed)) or "no recording"
        return [Number("b_truth.critic", None, 0, target=data["targets"]["b_truth"], n_error=len(results), reason=why)]
    judges.decide(asked, judges.thresholds(rows))
    many: dict[str, Any] = {"source": "; ".join(sorted({r["source"] for r in good}))}
    lost = len(results) - len(good)
    test = [r for r in rows if r["part"] == "test"]
    found = [
        _balanced("b_truth.critic", test, "critic", target=data["targets"]["b_truth"], **many),
        _balanced("b_truth.critic.dev_and_test", rows, "critic", **many),
    ]
    found.append(_balanced("b_truth.critic.void_too", [r for r in asked if r["part"] == "test"], "critic", **many))
    found += [_balanced(f"b_truth.{j}", test, j, better="", **many) for j in JUDGES]
    found += [Number(f"b_truth.always_{word}", 0.5, len(test), better="") for word in ("true", "false")]
    found += [_less(f"b_truth.critic_minus_{j}", test, "critic", j, **many) for j in (*JUDGES, *ABLATIONS)]
    found += [_balanced(f"b_truth.{a}", test, a, better="", **many) for a in ABLATIONS]
    for kind, name in ERRORS.items():
        own = [r for r in rows if r["kind"] == kind]
        if own:
            said = [r for r in own if not r["errored"]]
            caught = sum(not r["said"]["critic"] for r in said)
            found.append(rate(f"b_recall.{name}", caught, len(said), n_error=len(own) - len(said) + lost, **many))
    wrong = [w for r in good for w in r["wrong_golds"]]
    found.append(
        Number(
            "b_planted_wrongly", float(len(wrong)), len(rows), better="lower", target=0.0, reason="; ".join(wrong[:3])
        )
    )
    for control in stranger.CONTROLS:
        own = [r for r in rows if r["kind"] == control]
        said = [r for r in own if not r["errored"]]
        alarms = sum(not r["said"]["critic"] for r in said)
        target = data["targets"]["false_alarms"]
        found.append(
            rate(
                f"b_false_alarms.{control}",
                alarms,
                len(said),
                better="lower",
                target=target,
                n_error=len(own) - len(said),
                **many,
            )
        )
    calls = sum(r["usage"].get("calls", 0) for r in good)
    tokens = sum(r["usage"].get("prompt_tokens", 0) + r["usage"].get("completion_tokens", 0) for r in good)
    found.append(Number("b_calls_per_statement", calls / len(asked), len(asked), better="lower", **many))
    found.append(Number("b_tokens_per_statement", tokens / len(asked), len(asked), better="lower", **many))
    return found


def _flips(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    """How often an outcome differs between independent readings of the same statement."""
    found: list[list[float]] = []
    lost = 0
    for log, folders in data["repeats"].items():
        names = [f"b.{log}", *(f"repeat{i}.{log}" for i in range(2, 2 + len(folders)))]
        runs = [results[name] for name in names if name in results]
        lost += sum(isinstance(r, Failed) for r in runs)
        good = [r["rows"] for r in runs if not isinstance(r, Failed)]
        if len(good) < 2:
            continue
        by_persona: dict[str, list[float]] = {}
        for same in zip(*good, strict=True):
            outcomes = {r["outcome"] for r in same}
            by_persona.setdefault(same[0]["persona"], []).append(float(len(outcomes) > 1))
        found += by_persona.values()
    flat = [v for group in found for v in group]
    return [rate("b_flip_rate", int(sum(flat)), len(flat), better="lower", n_error=lost)] if flat or lost else []


def _natural(results: Sequence[Any], planted: Sequence[Row], targets: Mapping[str, float]) -> list[Number]:
    """Arm C: against the label that both readers gave; where they differ there is none. Cuts are those of arm B's dev part."""
    good = [r for r in results if not isinstance(r, Failed)]
    rows = [row for r in good for row in r["rows"]]
    labelled = [r for r in rows if len(r["labels"]) == 2]
    agreed = [r for r in labelled if (r["labels"][0] == "true") == (r["labels"][1] == "true")]
    lost = len(results) - len(good)
    found = [
        rate("c_readers_agree", len(agreed), len(labelled), better="", n_error=lost),
        Number("c_readers_kappa", _kappa(labelled), len(labelled), better="", n_error=lost),
        Number("c_claims_false_by_readers", float(sum(not r["clean"] for r in agreed)), len(agreed), better=""),
    ]
    if len({r["clean"] for r in agreed}) < 2:
        why = "the readers found no claim false" if agreed else "no claim is labelled"
        return [
            *found,
            Number("c_truth.critic", None, len(agreed), target=targets["c_truth"], n_error=lost, reason=why),
        ]
    judges.decide(agreed, judges.thresholds(planted))
    found.append(_balanced("c_truth.critic", agreed, "critic", target=targets["c_truth"], n_error=lost))
    found += [_balanced(f"c_truth.{j}", agreed, j, better="") for j in JUDGES]
    found += [_less(f"c_truth.critic_minus_{j}", agreed, "critic", j) for j in JUDGES]
    found += [Number(f"c_truth.always_{word}", 0.5, len(agreed), better="") for word in ("true", "false")]
    return found


def _kappa(rows: Sequence[Row]) -> float | None:
    """Cohen's kappa of two readers on true or not true."""
    if not rows:
        return None
    a, b = (np.array([r["labels"][i] == "true" for r in rows]) for i in (0, 1))
    by_chance = float(a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean()))
    return None if by_chance == 1 else float(((a == b).mean() - by_chance) / (1 - by_chance))


def _balanced(name: str, rows: Sequence[Row], judge: str, **more: Any) -> Number:
    """Balanced accuracy: the mean of what is said true of clean statements and untrue of wrong ones; personas are drawn."""
    groups = _codes(rows, judge)
    errors = len(rows) - sum(map(len, groups))
    more["n_error"] = more.get("n_error", 0) + errors
    return clustered(name, groups, statistic=_accuracy, **more)


def _less(name: str, rows: Sequence[Row], one: str, other: str, **more: Any) -> Number:
    """The balanced accuracy of one judge less another's, on statements that both judged; personas are drawn."""
    both = [r for r in rows if r["said"].get(one) is not None and r["said"].get(other) is not None and not r["errored"]]
    pairs = [
        [x + 4 * y for x, y in zip(a, b, strict=True)]
        for a, b in zip(_codes(both, one), _codes(both, other), strict=True)
    ]

    def gap(values: Sequence[float]) -> float:
        return _accuracy([v % 4 for v in values]) - _accuracy([v // 4 for v in values])

    return clustered(name, pairs, statistic=gap, better="", **more)


def _codes(rows: Sequence[Row], judge: str) -> list[list[float]]:
    """By persona: 2 if clean, plus 1 if the judge is right."""
    found: dict[tuple[str, str], list[float]] = {}
    for r in rows:
        said = r["said"].get(judge)
        if said is not None and not (judge == "critic" and r["errored"]):
            found.setdefault((r["log"], r["persona"]), []).append(2.0 * r["clean"] + float(said == r["clean"]))
    return list(found.values())


def _accuracy(values: Sequence[float]) -> float:
    """Of codes as in `_codes`; NaN where one of the classes is missing."""
    seen = np.asarray(values)
    clean, wrong = seen[seen >= 2] - 2, seen[seen < 2]
    return float((clean.mean() + wrong.mean()) / 2) if len(clean) and len(wrong) else float("nan")
