"""Safeguards taken out of the program, one at a time: does a number of the suite turn red? `python -m evals.mutations`.

In: names of mutations; without one, all are tried. Out: a table with the numbers that became worse beyond their interval; exit 1
if a mutation moved nothing, or is broken: it or one of its jobs ended with an error, which says nothing of the safeguard. What
has no recording is said to be not measured. Promises: every mutation changes the program and not the suite; it runs in a process
of its own, before anything of the suite is imported; the unchanged program does the same jobs.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

Numbers = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Mutation:
    """`change` takes the safeguard out; it must be noticed by these `jobs` of the `suite`."""

    name: str
    change: Callable[[], None]
    suite: str
    jobs: tuple[str, ...]


@dataclass(frozen=True)
class PartMeasured:
    """The numbers that the jobs of a part gave, by name; why jobs failed, by job; the recordings that are not there."""

    numbers: Numbers = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a mutation: `red` with the numbers that fell, `not noticed`, `not measured`, or `broken` with what ended in an
    error.
    """

    word: str
    why: Sequence[str] = ()

    @property
    def bad(self) -> bool:
        """Must the mutation, or the suite, be mended?"""
        return self.word in ("NOT NOTICED", "BROKEN")


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

    def everybody(_people: Any, _measure: Any, answered: Any, here: Any, there: Any, *_: Any) -> Any:
        others = there & answered
        return matching.Pairing(others / max(int(others.sum()), 1), here & answered, others, 0.0)

    _set(import_module("persona_agent.evidence.evaluation"), "match", everybody)


def null_logs_off() -> None:
    """Groups need not beat what chance gives."""
    find = import_module("persona_agent.groups.find")
    _set(find, "_bar", lambda *_: find.NullBar(kappa=-1.0, members=-1.0, gain=-1.0))
    _set(find, "_passing", lambda trial: trial.tested.kappa > -1)
    _set(find, "_low", lambda _: 1.0)
    _set(import_module("persona_agent.groups.screening"), "BEYOND", -99.0)
    _set(import_module("persona_agent.groups.screening"), "LEAST_R", -99.0)


def placed_by_what_is_told() -> None:
    """What is said of others is measured on the very visits that placed the users."""
    _set(
        import_module("persona_agent.evidence.evaluation"),
        "cross_placed",
        lambda _corpus, _measure, _group, whole: whole,
    )


def firmness_ignored() -> None:
    """Members need not land in their group again."""
    _set(import_module("persona_agent.evidence.gate"), "_loose", lambda _: None)


def nulls_across_cohorts() -> None:
    """Visits are exchanged between users who never meet."""
    visits = import_module("persona_agent.groups.views").Visits
    exchanged = visits.exchanged
    _set(visits, "exchanged", lambda self, rng, cohort: exchanged(self, rng, 0 * cohort))


def canaries_ignored() -> None:
    """A call counts whatever its reader said of the texts whose answer is known."""
    _set(import_module("persona_agent.write.critique.judging"), "missed_canary", lambda *_: False)


def objections_ignored() -> None:
    """Nothing that a reader says stands against a text."""
    _set(import_module("persona_agent.write.critique.texts"), "objections", lambda *_: [])


def facts_told_again() -> None:
    """No two measures tell one fact."""
    _set(import_module("persona_agent.evidence.facts").Facts, "same", lambda *_: False)


def seals_ignored() -> None:
    """Whatever is in a run's folder is as it was sealed."""
    manifest = import_module("persona_agent.manifest")
    _set(manifest, "verify", lambda *_: manifest.AS_SEALED)


def dates_ignored() -> None:
    """What users did on the day of an outcome and after it stays among what is told of them."""
    giving = import_module("persona_agent.log.giving")
    _set(giving, "_cut", lambda connection, _, who: (0, set(giving._users(connection, who))))


NO_GROUPS = ("null 200", "null 201", "crowd 200", "crowd 201", "crowd 202")
MUTATIONS = (
    Mutation("drop counter-evidence", no_counter_evidence, "personas", ("demo.offline",)),
    Mutation("ignore measures", measures_ignored, "critic", ("a.library",)),
    Mutation("accept every verdict", every_verdict_accepted, "narrative", ("demo",)),
    Mutation("swap user and event denominators", users_and_events_swapped, "critic", ("b.library",)),
    Mutation("shuffle citations", citations_shuffled, "personas", ("demo.offline",)),
    Mutation("matching off", matching_off, "critic", ("b.library",)),
    Mutation("null logs off", null_logs_off, "groups", NO_GROUPS),
    Mutation("nulls across cohorts", nulls_across_cohorts, "groups", ("courses 0", "courses 1")),
    Mutation("cross-placement off", placed_by_what_is_told, "groups", ("cut 200", "cut 201")),
    Mutation("firmness ignored", firmness_ignored, "groups", ("asked_for 201",)),
    Mutation("canaries not looked at", canaries_ignored, "critic", ("careless.library",)),
    Mutation("objections dropped", objections_ignored, "critic", ("careless.library",)),
    Mutation("one fact told again", facts_told_again, "personas", ("twins 200",)),
    Mutation("seals ignored", seals_ignored, "personas", ("demo.offline",)),
    Mutation("outcome dates ignored", dates_ignored, "prediction", ("outcome stopped", "outcome upgraded")),
)


def measured(suite: str, names: Sequence[str], change: Callable[[], None] | None) -> PartMeasured:
    """The numbers of these jobs of a suite, with the safeguard in place or taken out. In a process of its own."""
    if change:
        change()
    running, of = import_module("evals.running"), import_module("evals.suite")
    chosen, fixtures = of.suite_of(import_module(f"evals.suites.{suite}")), running.fixtures_in(None)
    jobs = {j.name: j for j in chosen.jobs(fixtures, chosen.data)}
    if unknown := [n for n in names if n not in jobs]:
        raise LookupError(f"the suite {suite} has no job {unknown[0]!r}: the mutation is out of date")
    lacking = tuple(r for n in names for r in fixtures.lacks(jobs[n]))
    if lacking:
        return PartMeasured(lacking=lacking)
    results = {n: running._guarded(jobs[n].of, tuple(jobs[n].arguments)) for n in names}
    failed = {n: r.why for n, r in results.items() if isinstance(r, of.Failed)}
    return PartMeasured({n.name: n.as_json() for n in chosen.numbers(results, chosen.data)}, failed)


def judged(before: PartMeasured, after: PartMeasured) -> Outcome:
    """What came of a mutation, by what its jobs gave before and after."""
    if before.lacking:
        return Outcome("not measured", [f"{r}: no recording was made with these prompts" for r in before.lacking[:1]])
    if before.failed or after.failed:
        which = [("unchanged: ", before.failed), ("", after.failed)]
        return Outcome("BROKEN", [f"{how}{job}: {why}" for how, part in which for job, why in part.items()])
    found = worse_than(after.numbers, before.numbers)
    return Outcome("red" if found else "NOT NOTICED", found)


def worse_than(now: Numbers, before: Numbers) -> list[str]:
    """Numbers that fell beyond their interval; one that cannot be scored any more proves nothing."""
    worse = import_module("evals.results").worse
    both = [n for n in before if n in now and now[n]["value"] is not None and now[n]["n_error"] <= before[n]["n_error"]]
    return [f"{name} {how}" for name in both if (how := worse(now[name], before[name]))]


def _set(module: Any, name: str, value: Any) -> None:
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name}: the mutation is out of date")
    setattr(module, name, value)


def run(mutations: Sequence[Mutation]) -> bool:
    """Try these, print a row each; True if each is noticed, as far as it can be measured."""
    context, good = multiprocessing.get_context("spawn"), True
    with ProcessPoolExecutor(max_workers=2, mp_context=context, max_tasks_per_child=1) as pool:
        before = {
            part: pool.submit(measured, *part, None) for part in dict.fromkeys((m.suite, m.jobs) for m in mutations)
        }
        after = [pool.submit(measured, m.suite, m.jobs, m.change) for m in mutations]
        for m, changed in zip(mutations, after, strict=True):
            outcome = _outcome(before[m.suite, m.jobs], changed)
            good = good and not outcome.bad
            print(f"{outcome.word:14}{m.name:38}{m.suite:12} {len(outcome.why)}", flush=True)
            for how in outcome.why[:4]:
                print(f"{'':14}  {how}", flush=True)
    return good


def _outcome(before: Future[PartMeasured], after: Future[PartMeasured]) -> Outcome:
    """An error of any kind, or the end of a process, is no number that fell: it says that the mutation is out of date."""
    try:
        return judged(before.result(), after.result())
    except Exception as error:  # whatever a process raised
        return Outcome("BROKEN", [f"{type(error).__name__}: {error}"])


def main(names: Sequence[str]) -> int:
    unknown = sorted(set(names) - {m.name for m in MUTATIONS})
    if unknown:
        print(f"no mutation {unknown[0]!r}; there are: {', '.join(m.name for m in MUTATIONS)}", file=sys.stderr)
        return 2
    return 0 if run([m for m in MUTATIONS if m.name in (names or {m.name for m in MUTATIONS})]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
