"""Safeguards taken out of the program, one at a time: does a number of the suite turn red? `python -m evals.mutations`.

In: nothing. Out: a table of mutations with the numbers that became worse beyond their interval; exit 1 if one moved nothing.
What has no recording is said to be not measured. Promises: every mutation changes the program and not the suite; it runs in a
process of its own, before anything of the suite is imported; the unchanged program is run on the same part of the suite, and a
number that is only errored does not count.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Numbers = dict[str, dict[str, Any]]
Parts = Mapping[str, Collection[str]]

# The part of each suite that is run: by key of its data, the entries that stay.
PARTS: dict[str, Parts] = {
    "critic": {"logs": {"library"}, "repeats": {}, "natural": {}},
    "personas": {"runs": {"demo"}},
    "groups": {"worlds": {"null", "crowd"}, "shuffled": {}},
    "narrative": {"logs": {"demo"}},
}


@dataclass(frozen=True)
class Mutation:
    """`change` takes the safeguard out; `suite` is where it must be noticed."""

    name: str
    change: Callable[[], None]
    suite: str


def no_counter_evidence() -> None:
    """Claims are settled without looking for those who do otherwise, and lines against are not read."""
    claims = import_module("persona_agent.write.critique.deciding")
    _set(claims, "against", lambda *_: None)


def measures_ignored() -> None:
    """Whatever a measure comes to, the claim is true."""
    _set(import_module("persona_agent.evidence.verdicts"), "verdict", lambda *_: ("true", "as it says"))


def every_verdict_accepted() -> None:
    """The critic's canaries are not looked at, and nothing stands against any text. This begins when the recorded run
    has been replayed: a run that accepts everything asks other questions than the recorded one.
    """
    judging, running = (import_module(f"persona_agent.{m}") for m in ("write.critique.judging", "commands.running"))
    texts = import_module("persona_agent.write.critique.texts")
    missed, objections, finish, done = judging.missed_canary, texts.objections, running.finish, []

    def finished(*arguments: Any) -> Any:
        found = finish(*arguments)
        done.append(True)
        return found

    _set(running, "finish", finished)
    _set(judging, "missed_canary", lambda call, answer: False if done else missed(call, answer))
    _set(texts, "objections", lambda text, verdict: [] if done else objections(text, verdict))


def users_and_events_swapped() -> None:
    """Shares of users count events."""
    import_module("persona_agent.evidence.queries")._UNIT_COLUMN["users"] = "l.seq"


def citations_shuffled() -> None:
    """Every claim cites the lines of the claim that was settled before it."""
    claims = import_module("persona_agent.write.critique.deciding")
    settle, last = claims.settle, []

    def shuffled(context: Any, claim: Any) -> Any:
        done = settle(context, claim)
        last.append(done.citations)
        return done.model_copy(update={"citations": last[-2] if len(last) > 1 else done.citations})

    for module in (claims, import_module("persona_agent.write.writing")):
        _set(module, "settle", shuffled)


def matching_off() -> None:
    """All others count alike, whenever they came and however long they stayed."""
    matching = import_module("persona_agent.evidence.matching")

    def everybody(_people: Any, _measure: Any, answered: Any, here: Any, there: Any, _held: Any = None) -> Any:
        others = there & answered
        return matching.Pairing(others / max(int(others.sum()), 1), here & answered, others, 0.0)

    _set(import_module("persona_agent.evidence.evaluation"), "match", everybody)


def null_logs_off() -> None:
    """Groups need not beat what chance gives."""
    find = import_module("persona_agent.groups.find")
    _set(find, "_bar", lambda *_: find.NullBar(-1.0, -1.0))
    _set(find, "_passing", lambda trial: trial.tested.kappa > -1)
    _set(find, "_low", lambda _: 1.0)
    _set(import_module("persona_agent.groups.screening"), "BEYOND", -99.0)
    _set(import_module("persona_agent.groups.screening"), "LEAST_R", -99.0)


MUTATIONS = (
    Mutation("drop counter-evidence", no_counter_evidence, "personas"),
    Mutation("ignore measures", measures_ignored, "critic"),
    Mutation("accept every verdict", every_verdict_accepted, "narrative"),
    Mutation("swap user and event denominators", users_and_events_swapped, "critic"),
    Mutation("shuffle citations", citations_shuffled, "personas"),
    Mutation("matching off", matching_off, "critic"),
    Mutation("null logs off", null_logs_off, "groups"),
)


def measured(suite: str, change: Callable[[], None] | None) -> Numbers:
    """The numbers of a suite's part, with the safeguard in place or taken out. In a process of its own."""
    if change:
        change()
    running = import_module("evals.running")
    data_of = import_module("evals.suite").suite_of
    of = data_of(import_module(f"evals.suites.{suite}"))
    data = {k: _kept(v, PARTS[suite][k]) if k in PARTS[suite] else v for k, v in of.data.items()}
    fixtures = running.fixtures_in(None)
    jobs = of.jobs(fixtures, data)
    results = {j.name: running._guarded(j.of, tuple(j.arguments)) for j in jobs if not fixtures.lacks(j)}
    return {n.name: n.as_json() for n in of.numbers(results, data)} if results else {}


def worse_than(now: Numbers, before: Numbers) -> list[str]:
    """Numbers that fell beyond their interval; one that cannot be scored any more proves nothing."""
    worse = import_module("evals.results").worse
    both = [n for n in before if n in now and now[n]["value"] is not None and now[n]["n_error"] <= before[n]["n_error"]]
    return [f"{name} {how}" for name in both if (how := worse(now[name], before[name]))]


def _kept(data: Mapping[str, Any], keys: Any) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k in keys}


def _set(module: Any, name: str, value: Any) -> None:
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name}: the mutation is out of date")
    setattr(module, name, value)


def main() -> int:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=context, max_tasks_per_child=1) as pool:
        before = {s: pool.submit(measured, s, None) for s in sorted({m.suite for m in MUTATIONS})}
        after = {m.name: pool.submit(measured, m.suite, m.change) for m in MUTATIONS}
        unnoticed = 0
        for m in MUTATIONS:
            if not before[m.suite].result():
                print(
                    f"{'not measured':14}{m.name:34}{m.suite:10} no recording was made with these prompts", flush=True
                )
                continue
            found = worse_than(after[m.name].result(), before[m.suite].result())
            unnoticed += not found
            print(f"{'red' if found else 'NOT NOTICED':14}{m.name:34}{m.suite:10} {len(found)} numbers", flush=True)
            for how in found[:4]:
                print(f"{'':14}  {how}", flush=True)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
