"""Whole runs on recorded answers, and offline on the same logs: what was drafted, what was published, what it cost.

In: recordings and their logs. Out: labels, replication, information and the gate (docs/contract.md) as numbers, each arm
apart, and the difference of the arms on the same groups. Promises: models are compared on drafted figures; alignment that
holds by construction is never averaged with judged alignment; intervals draw whole personas, because the claims of one share
its users.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.evidence import Population, distinguishes
from persona_agent.evidence.loading import open_corpus
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.runs import halves_of, memberships_of
from persona_agent.schema import Claim, Persona
from persona_agent.seal import VARIABLE
from persona_agent.store import Store

from ..bench.claim_scores import labels
from ..bench.twins import told_twice
from ..coverage import memory_coverage
from ..recordings import answered_by
from ..results import Number, clustered, difference, rate
from ..safety.promises import older, sealed
from ..suite import Failed, Fixtures, Job
from ..worlds import Spec

NAME = "personas"
TITLE = "whole runs on the same logs: offline and, where recorded, written by a model"
OFFLINE, RECORDED = "offline", "recorded"
SHOWN = ("published", "pattern")
TWIN_USERS = 150  # enough for cards, and a run of seconds
EXPECTED = 12  # claims of a card, fixed before any run

Row = dict[str, Any]


def jobs(fixtures: Fixtures, data: Mapping[str, Any]) -> list[Job]:
    """A job a log and arm; a log without a critic's recording is there for its writer alone. One a world of twins."""
    twins = [Job(f"twins {seed}", twice, (seed,), data["twins"]["seconds"]) for seed in data["twins"]["seeds"]]
    return twins + [
        Job(
            f"{name}.{arm}",
            scored,
            (fixtures, spec, arm),
            spec["seconds"],
            fixtures.unless_live(spec["recording"]) if arm == RECORDED else (),
        )
        for name, spec in data["runs"].items()
        for arm in (RECORDED, OFFLINE)
    ]


def twice(seed: int) -> tuple[int, int]:
    """(told twice, claims) where everything that is done is written down under two names."""
    return told_twice(Spec(users=TWIN_USERS, seed=seed))


def scored(fixtures: Fixtures, spec: Mapping[str, Any], arm: str) -> Row:
    """One run and what is to be said of it."""
    with tempfile.TemporaryDirectory(prefix="eval-") as made, _own_seal(Path(made)):
        out = Path(made) / "out"
        plain = {"inputs": (fixtures.log(spec["log"]),), "out": out, **spec["options"]}
        options = fixtures.options(spec["recording"], **plain) if arm == RECORDED else Options(**plain)
        result = commands.run(options, Silent())
        checked = commands.check(out, None, (), Silent())
        covered = _memory_coverage(out, options, result.exact.personas)
        forged = _forged(out, Path(made)) if arm == OFFLINE else None
    usage = result.run["usage"]
    shown = [p for p in result.exact.personas if p.status in SHOWN]
    return {
        "source": "code" if arm == OFFLINE else answered_by(fixtures, spec["recording"]),
        "state": result.exact.state,
        "personas": [_persona(p) for p in result.exact.personas],
        "coverage": result.exact.coverage.model_dump(),
        "memory_coverage": covered,
        "failed_checks": len({f["claim"] for f in checked.failures}),
        "checked": checked.checked,
        "forged": forged,
        "calls": usage["calls"] if arm == RECORDED else 0,
        "rounds": _rounds(usage["by_stage"]),
        "tokens": usage["prompt_tokens"] + usage["completion_tokens"],
        "accepted": sum(len(p.claims) for p in shown),
    }


@contextmanager
def _own_seal(folder: Path) -> Iterator[None]:
    """A secret of the suite's, so that the figure does not depend on whether there is, or can be, one of the user's."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder / "seal.key")
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def _forged(out: Path, folder: Path) -> tuple[int, int]:
    """(noticed, tried): files of copies of a run changed, one each, and an older run put back, as the seal finds them."""
    tried = [sealed(out, folder), older(out, folder)]
    return sum(n for _, n in tried), sum(n for n, _ in tried)


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    """All numbers of both arms, log by log, then over logs; then those of twins."""
    found: list[Number] = []
    for name in data["runs"]:
        rows = {arm: results[f"{name}.{arm}"] for arm in (RECORDED, OFFLINE) if f"{name}.{arm}" in results}
        for arm, row in rows.items():
            found += _of_run(f"{arm}.{name}", row, data["targets"])
        found += _compared(name, rows)
    for arm in (RECORDED, OFFLINE):
        own = [results[f"{n}.{arm}"] for n in data["runs"] if f"{n}.{arm}" in results]
        found += _over_logs(arm, own, data["targets"]) if own else []
    return [*found, *_of_twins([r for name, r in results.items() if name.startswith("twins ")])]


def _of_twins(rows: Sequence[Any]) -> list[Number]:
    """Share of shown claims that another claim of the card has told already, where everything stands under two names."""
    good = [r for r in rows if not isinstance(r, Failed)]
    again, n = (sum(r[i] for r in good) for i in (0, 1))
    lost = len(rows) - len(good)
    return [rate("told_twice.twins", again, n, better="lower", target=0, n_error=lost)] if rows else []


def _persona(p: Persona) -> Row:
    final = [*p.claims, *p.withdrawn]
    return {
        "id": p.id,
        "shown": p.status in SHOWN,
        "drafted": p.scores.drafted.model_dump(),
        "published": p.scores.published.model_dump(),
        "facet_recall": p.scores.published.facet_recall,
        "f1": _f1(final),
        "tells": sum(_tells(c) for c in p.claims),
        "bits": [c.information_bits for c in p.claims if c.information_bits is not None],
        "held_out": [c.replication.held_out.holds for c in p.claims if c.replication.held_out],
        "last_quarter": [c.replication.last_quarter.holds for c in p.claims if c.replication.last_quarter],
        "measured": [c.alignment.score or 0.0 for c in final if c.measure is not None],
        "unmeasured": [c.alignment.score or 0.0 for c in final if c.measure is None],
        "against": [float(bool(c.counter and c.counter.lines)) for c in p.claims if _not_of_all(c)],
        "acts_that_tell": sum(_tells(c) and _names_acts(c) for c in p.claims),
        "withdrawn": dict(Counter(labels(p.withdrawn))),
        "claims": len(final),
    }


def _rounds(by_stage: Mapping[str, Any]) -> float | None:
    """Drafts and revisions a persona, on average."""
    drafts, revisions = (by_stage.get(stage, {}).get("calls", 0) for stage in ("draft", "revise"))
    return (drafts + revisions) / drafts if drafts else None


def _tells(claim: Claim) -> bool:
    return distinguishes(claim)


def _not_of_all(claim: Claim) -> bool:
    """A share of users that is not all of them, so that somebody's lines say otherwise."""
    m, value = claim.measure, claim.truthfulness.value
    return m is not None and m.unit == "users" and m.statistic == "share" and value is not None and value < 1


def _names_acts(claim: Claim) -> bool:
    """Is the claim about who does what: what groups are mostly made of?"""
    m = claim.measure
    if m is None or m.unit == "memories" or m.feature or m.absent or not m.steps:
        return False
    return all(c.field in ("action", "object") for step in m.steps for c in step)


def _f1(claims: Sequence[Claim]) -> float | None:
    """F1@12: the share of claims that are true, and how many of twelve true ones tell something."""
    true = [c for c in claims if c.truthfulness.label == "true" and c.status == "accepted"]
    if not claims:
        return None
    precision, recall = len(true) / len(claims), min(sum(map(_tells, true)) / EXPECTED, 1.0)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _memory_coverage(out: Path, options: Options, personas: Sequence[Persona]) -> list[float]:
    """For each shown persona the share of its memories that its true claims speak of."""
    store = Store.open(out)
    groups, ids, held_out = memberships_of(store)
    with store.connect() as connection:
        corpus = open_corpus(connection, store, options, store, groups, held_out, halves=halves_of(store))
        found = [
            memory_coverage(corpus, [c.measure for c in p.claims if c.measure], Population(ids[p.id]))
            for p in personas
            if p.status in SHOWN and p.id in ids
        ]
    return [f for f in found if f is not None]


def _of_run(name: str, row: Any, targets: Mapping[str, float]) -> list[Number]:
    """The numbers of one run."""
    if isinstance(row, Failed):
        return [Number(f"drafted_truth.{name}", None, 0, n_error=1, reason=row.why)]
    shown = [p for p in row["personas"] if p["shown"]]
    many: dict[str, Any] = {"source": row["source"]}
    found = [
        Number(f"personas_shown.{name}", float(len(shown)), len(row["personas"]), better="", **many),
        *_rates(name, row["personas"], shown, targets, many),
        clustered(
            f"facet_recall.{name}",
            [[p["facet_recall"]] for p in shown if p["facet_recall"] is not None],
            target=0.6,
            **many,
        ),
        clustered(f"f1_at_12.{name}", [[p["f1"]] for p in shown if p["f1"] is not None], **many),
        clustered(f"distinguishing_claims.{name}", [[float(p["tells"])] for p in shown], target=3.0, **many),
        Number(f"acts_that_tell.{name}", float(sum(p["acts_that_tell"] for p in shown)), len(shown), better="", **many),
        clustered(f"lines_against.{name}", [p["against"] for p in shown], target=1.0, **many),
        clustered(f"information_bits.{name}", [p["bits"] for p in shown], **many),
        Number(f"coverage_users.{name}", row["coverage"]["users"], len(shown), better="", **many),
        Number(f"coverage_activity.{name}", row["coverage"]["activity"], len(shown), better="", **many),
        clustered(f"coverage_memories.{name}", [[c] for c in row["memory_coverage"]], better="", **many),
        Number(
            f"failed_checks.{name}", float(row["failed_checks"]), row["checked"], better="lower", target=0.0, **many
        ),
        clustered(f"withdrawn_rate.{name}", [_withdrawn(p) for p in row["personas"]], better="", **many),
    ]
    if row["forged"]:
        found.append(rate(f"forgeries_noticed.{name}", *row["forged"], target=1.0, **many))
    if row["calls"]:
        found += [
            Number(f"rounds.{name}", row["rounds"], len(row["personas"]), better="", **many),
            _per(f"calls_per_accepted_claim.{name}", row["calls"], row["accepted"], many),
            _per(f"tokens_per_accepted_claim.{name}", row["tokens"], row["accepted"], many),
        ]
    return found


def _rates(
    name: str, drafted: Sequence[Row], shown: Sequence[Row], targets: Mapping[str, float], many: Mapping[str, Any]
) -> list[Number]:
    """Truth, alignment and replication."""
    replication = targets["replication"]
    return [
        clustered(f"drafted_truth.{name}", _means(drafted, "drafted", "truthfulness"), **many),
        clustered(f"published_truth.{name}", _means(shown, "published", "truthfulness"), by_construction=True, **many),
        clustered(f"alignment_measured.{name}", [p["measured"] for p in drafted], by_construction=True, **many),
        clustered(f"alignment_unmeasured.{name}", [p["unmeasured"] for p in drafted], **many),
        clustered(f"replication_held_out.{name}", _plain(shown, "held_out"), target=replication, **many),
        clustered(f"replication_last_quarter.{name}", _plain(shown, "last_quarter"), target=replication, **many),
    ]


def _means(personas: Sequence[Row], which: str, of: str) -> list[list[float]]:
    """Each persona's mean as often as it has claims, so that every claim counts once."""
    return [[p[which][of]] * p[which]["claims"] for p in personas if p[which][of] is not None]


def _plain(personas: Sequence[Row], of: str) -> list[list[float]]:
    return [[float(held) for held in p[of]] for p in personas]


def _withdrawn(p: Row) -> list[float]:
    fallen = sum(p["withdrawn"].values())
    return [1.0] * fallen + [0.0] * (p["claims"] - fallen)


def _per(name: str, much: float, accepted: int, many: Mapping[str, Any]) -> Number:
    return Number(name, much / accepted if accepted else None, accepted, better="lower", **many)


def _compared(name: str, rows: Mapping[str, Any]) -> list[Number]:
    """The model less offline on the same groups, whichever way it falls."""
    if len(rows) < len((RECORDED, OFFLINE)) or any(isinstance(r, Failed) for r in rows.values()):
        return []
    one, two = ({p["id"]: p for p in rows[arm]["personas"]} for arm in (RECORDED, OFFLINE))
    both = sorted(one.keys() & two.keys())

    def pairs(of: Callable[[Row], float | None]) -> list[list[tuple[float, float]]]:
        found = [(of(one[i]), of(two[i])) for i in both]
        return [[(a, b)] for a, b in found if a is not None and b is not None]

    asked: dict[str, Callable[[Row], float | None]] = {
        "drafted_truth": lambda p: p["drafted"]["truthfulness"],
        "f1_at_12": lambda p: p["f1"],
        "distinguishing_claims": lambda p: float(p["tells"]),
    }
    source = rows[RECORDED]["source"]
    return [
        difference(f"{metric}.recorded_minus_offline.{name}", pairs(of), better="", source=source)
        for metric, of in asked.items()
    ]


def _over_logs(arm: str, rows: Sequence[Any], targets: Mapping[str, float]) -> list[Number]:
    """All logs together; a log that failed is an error of each number."""
    good = [r for r in rows if not isinstance(r, Failed)]
    errors = len(rows) - len(good)
    personas = [p for r in good for p in r["personas"]]
    shown = [p for p in personas if p["shown"]]
    source = "code" if arm == OFFLINE else "; ".join(sorted({r["source"] for r in good}))
    many: dict[str, Any] = {"source": source, "n_error": errors}
    found = _rates(f"{arm}.all", personas, shown, targets, many)
    reasons = sum((Counter(p["withdrawn"]) for p in personas), Counter[str]())
    n = sum(p["claims"] for p in personas)
    found += [
        rate(f"withdrawn_as.{why.replace(' ', '_')}.{arm}.all", k, n, better="", **many)
        for why, k in sorted(reasons.items())
    ]
    return found
