"""Are there groups at all, and are they the planted ones: worlds with a known truth, and real logs made into nulls.

In: rows of worlds and of logs to shuffle (`evals/cases/groups.yaml`). Out: first how many personas are shown on logs
that have none, then what is shown and told where a group is asked for or cut by hand, then per row of worlds how well lines and
users were told apart. Promises: the program's own steps read
and group every log; what a world without groups cannot have (a true label of users) is not scored there; a figure that
only exists where groups were found leaves out the worlds where none were, and its `n` shows it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from persona_agent import commands
from persona_agent.evidence.intervals import wilson
from persona_agent.groups.find import JUST_AMI
from persona_agent.groups.grouping import UserGroups
from persona_agent.ids import user_hash
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store, open_database

from ..bench import clusters, cuts, scoring, shuffled
from ..bench.found import found
from ..results import FEWEST_CLUSTERS, Number, clustered, rate
from ..suite import Failed, Fixtures, Job
from ..worlds import DOMAINS, Spec, World, generate
from ..worlds.courses import write_courses
from ..worlds.generator import BOT, Kind

NAME = "groups"
TITLE = "Personas are found where they are, as many as there are, and none where there are none."

NO_GROUPS = ("null", "crowd")
ASKED_FOR = 3
SOLID = 0.75  # Hennig 2007: below it a group is a pattern only
RESAMPLES = 100
FIELDS = {"course": "higher", "device": "lower", "activity": "lower", "month of first sight": "lower"}


class Case(NamedTuple):
    """A world of a row, and the job that makes and groups it."""

    job: str
    row: str
    spec: Spec
    seconds: float


def cases(data: Mapping[str, Any]) -> list[Case]:
    """Every world of the data; a seed stands for a domain too, as in `evals.bench.clusters`."""
    domains = list(DOMAINS)
    made = []
    for row, given in data.get("worlds", {}).items():
        of_world = {k: v for k, v in given.items() if k not in ("seeds", "seconds")}
        for seed in given["seeds"]:
            spec = Spec(domains[seed % len(domains)], **of_world, seed=seed)
            made.append(Case(f"{row} {seed}", row, spec, given["seconds"]))
    return made


def _slices(data: Mapping[str, Any]) -> list[tuple[str, str, int, int, float]]:
    """Job, log, users, seed and seconds of every shuffled log."""
    return [
        (f"shuffled {log} {seed}", log, of["users"], seed, of["seconds"])
        for log, of in data.get("shuffled", {}).items()
        for seed in of["seeds"]
    ]


def _seeded(data: Mapping[str, Any], kind: str) -> list[tuple[str, int, float]]:
    """Job, seed and seconds of what is made of a seed alone: `courses`, `asked_for` and `cut`."""
    of = data.get(kind, {"seeds": ()})
    return [(f"{kind} {seed}", seed, of["seconds"]) for seed in of["seeds"]]


def jobs(fixtures: Fixtures, data: Mapping[str, Any]) -> list[Job]:
    """One a world, one a shuffled log, one a seed of what is made of it alone."""
    made = {"courses": measure_courses, "asked_for": measure_asked_for, "cut": measure_cut}
    seeded = [Job(name, of, (seed,), s) for kind, of in made.items() for name, seed, s in _seeded(data, kind)]
    worlds = [Job(c.job, measure_world, (asdict(c.spec),), c.seconds) for c in cases(data)]
    logs = [Job(name, measure_log, (fixtures.log(log), n, seed), s) for name, log, n, seed, s in _slices(data)]
    return worlds + logs + seeded


# --- what a job measures ---


def measure_log(path: str, users: int, seed: int) -> dict[str, Any]:
    """A real log with sessions exchanged between users."""
    grouping = shuffled.grouping(shuffled.sample(shuffled.load(Path(path)), users, seed), seed)
    return {"state": grouping.state, "found": grouping.chosen if grouping.state != "none" else 0}


def measure_courses(seed: int) -> int:
    """Personas found where users do as their small course does and no otherwise."""
    with tempfile.TemporaryDirectory(prefix="courses-") as folder:
        groups = found(write_courses(Path(folder) / "log.jsonl", seed), Path(folder) / "out")[1]
    return groups.grouping.chosen if groups.grouping.state != "none" else 0


def measure_asked_for(seed: int) -> tuple[int, int]:
    """(shown, all) personas of a crowd, of which a person asked for three."""
    with tempfile.TemporaryDirectory(prefix="asked-") as folder:
        log = generate(_seed_spec("crowd", seed)).write(Path(folder) / "log.jsonl")
        options = Options(inputs=(str(log),), out=Path(folder) / "out", personas=ASKED_FOR, workers=1)
        personas = commands.run(options, Silent()).exact.personas
    return sum(p.status != "withheld" for p in personas), len(personas)


def measure_cut(seed: int) -> tuple[int, int]:
    """(told as true, all) comparisons of groups that were cut by what is compared, in a null world."""
    return cuts.compared(_seed_spec("null", seed))


def _seed_spec(kind: Kind, seed: int) -> Spec:
    domains = list(DOMAINS)
    return Spec(domains[seed % len(domains)], kind, seed=seed)


def measure_world(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A planted world, read and grouped as a user would, against its truth."""
    world = generate(Spec(**spec))
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        store, groups = found(world.write(Path(folder) / "log.jsonl"), Path(folder) / "out")
        score = clusters.scored(world, store, groups, 0.0, {})
        key, intents = store.key(), scoring.intent_of_line(store)
        bot_lines = _lines_of(store, user_hash(key, BOT)) if world.spec.bot else 0
    result = {
        **{k: getattr(score, k) for k in ("state", "found", "planted", "lines", "users", "coverage")},
        "n_users": len(world.user_personas),
        "noise_recall": noise_recall(world, intents),
        "bot_kept": bot_lines,
        "just": groups.grouping.just,
        **_kept(groups),
    }
    if score.users is not None:
        result |= _against_truth(world, groups, key)
    return result


def noise_recall(world: World, intents: Mapping[int, int]) -> float | None:
    """Share of planted noise lines that the program left out of intents."""
    left_out = [intents.get(number, -1) < 0 for number, intent in world.line_intents.items() if intent < 0]
    return float(np.mean(left_out)) if left_out else None


def _lines_of(store: Store, user: str) -> int:
    """Lines of a user that the program took for a person's."""
    path = str(store.path("events.parquet")).replace("'", "''")
    with open_database() as connection:
        return len(connection.execute(f"SELECT 1 FROM '{path}' WHERE user = ?", [user]).fetchall())


def _kept(groups: UserGroups) -> dict[str, Any]:
    """Means over groups: kappa of members over halves of their visits, and how whole a group comes back in other users. None
    where there is no group.
    """
    firm = groups.grouping.firmness
    if groups.grouping.state == "none":
        return {"kappa": None, "stability": None}
    return {"kappa": float(np.mean([f.kappa for f in firm])), "stability": float(np.mean([f.refits for f in firm]))}


def _against_truth(world: World, groups: UserGroups, key: bytes) -> dict[str, Any]:
    """The interval of the users' index by a bootstrap of users, and how whole the smallest persona was found."""
    truth = scoring.personas(world)
    label = scoring.label_of_planted(scoring.places(world, key, groups.users), groups.grouping.label)
    apart, rng = scoring.alone(label), np.random.default_rng(0)
    drawn = [rng.integers(0, len(truth), len(truth)) for _ in range(RESAMPLES)]
    ends = np.percentile([scoring.ari(truth[d], apart[d]) for d in drawn], [2.5, 97.5])
    smallest = truth == np.bincount(truth).argmin()
    jaccard = [float((smallest & (apart == g)).sum() / (smallest | (apart == g)).sum()) for g in set(apart.tolist())]
    return {"users_interval": ends.tolist(), "smallest": max(jaccard)}


# --- what the numbers are made of ---


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    """Personas on logs without groups first, then what concerns several rows, then the rows."""
    worlds = cases(data)
    rows = {row: [c for c in worlds if c.row == row] for row in data.get("worlds", {})}
    made = [_shown(results, worlds, data), *_false_alarms(results, worlds, data)]
    made += _made_by_hand(results, data)
    made += [_left_out(results, [c for c in worlds if c.spec.bot])]
    made += _is_it_just(results, [c for c in worlds if c.spec.fields and c.spec.kind == "numeric"])
    for row, its in rows.items():
        made += _of_row(row, its[0].spec, [results.get(c.job, Failed("not run")) for c in its])
    return made


def _done(results: Mapping[str, Any], names: Iterable[str]) -> tuple[dict[str, Any], int]:
    """Results by job, and how many jobs have none."""
    given = {name: results.get(name, Failed("not run")) for name in names}
    done = {name: r for name, r in given.items() if not isinstance(r, Failed)}
    return done, len(given) - len(done)


def _empty(worlds: Sequence[Case], data: Mapping[str, Any]) -> list[str]:
    return [c.job for c in worlds if c.spec.kind in NO_GROUPS] + [s[0] for s in _slices(data)]


def _shown(results: Mapping[str, Any], worlds: Sequence[Case], data: Mapping[str, Any]) -> Number:
    """The first row of the report. A log whose state is `none` shows no persona; any other shows its groups."""
    done, failed = _done(results, _empty(worlds, data))
    wrong = [f"{name} ({r['found']}, {r['state']})" for name, r in done.items() if r["found"]]
    return Number(
        "personas_shown_on_logs_without_groups",
        float(sum(r["found"] for r in done.values())) if done else None,
        len(done),
        better="lower",
        target=0,
        n_error=failed,
        reason=", ".join(wrong) or "null and crowd worlds, and real logs with sessions exchanged between users",
    )


def _false_alarms(results: Mapping[str, Any], worlds: Sequence[Case], data: Mapping[str, Any]) -> list[Number]:
    """Shares of logs: without groups and said to have some; of continua, whose groups are cuts of one line."""
    done, failed = _done(results, _empty(worlds, data))
    line, lost = _done(results, [c.job for c in worlds if c.spec.kind == "continuum"])
    alarms = sum(r["state"] != "none" for r in done.values())
    cut = sum(r["state"] == "groups" for r in line.values())
    return [
        rate("false_alarms", alarms, len(done), better="lower", target=0, n_error=failed),
        rate("continuum_called_groups", cut, len(line), better="", n_error=lost),
    ]


def _made_by_hand(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    """What small courses, a wish and a cut make of users of whom there are no groups."""
    names = {kind: [name for name, _, _ in _seeded(data, kind)] for kind in ("courses", "asked_for", "cut")}
    courses, no_courses = _done(results, names["courses"])
    asked, not_asked = _done(results, names["asked_for"])
    cut, uncut = _done(results, names["cut"])
    (shown, every), (true, compared) = ([sum(r[i] for r in of.values()) for i in (0, 1)] for of in (asked, cut))
    none: dict[str, Any] = {"better": "lower", "target": 0}
    on_courses, of_wish = float(sum(courses.values())) if courses else None, float(shown) if asked else None
    made = [
        Number("personas_shown_on_small_courses", on_courses, len(courses), n_error=no_courses, **none),
        Number("shown_where_three_were_asked_for", of_wish, every, n_error=not_asked, **none),
        rate("told_of_what_a_cut_made", true, compared, better="lower", target=0.05, n_error=uncut),
    ]
    return [n for kind, n in zip(names, made, strict=True) if names[kind]]


def _left_out(results: Mapping[str, Any], worlds: Sequence[Case]) -> Number:
    """Share of flooding bots none of whose lines was taken for a person's."""
    done, failed = _done(results, [c.job for c in worlds])
    return rate("bot_set_aside", sum(r["bot_kept"] == 0 for r in done.values()), len(done), target=1, n_error=failed)


def _is_it_just(results: Mapping[str, Any], worlds: Sequence[Case]) -> list[Number]:
    """Adjusted mutual information of the groups with a field, by the program's own figure, in worlds whose personas
    mostly have a course each and differ in a number only: of two sorts of groups the program prefers those that no field
    gives. Devices, activity and first months are anybody's.
    """
    done, failed = _done(results, [c.job for c in worlds])
    made = []
    for name, better in FIELDS.items():
        values = [r["just"].get(name, r["just"].get(f"properties.{name}")) for r in done.values()]
        more: Any = {"better": better, "target": JUST_AMI}
        made.append(_median(f"is_it_just.{name.replace(' ', '_')}", values, failed, **more))
    return made


def _of_row(row: str, spec: Spec, given: Sequence[Any]) -> list[Number]:
    """The numbers of one row of worlds, medians over its worlds."""
    done = [r for r in given if not isinstance(r, Failed)]
    failed = len(given) - len(done)

    def median(metric: str, of: Sequence[float | None], **more: Any) -> Number:
        return _median(f"{metric}.{row}", of, failed, **more)

    def all_of(key: str) -> list[float | None]:
        return [r.get(key) for r in done]

    both = [
        median("ari_lines", all_of("lines"), target=clusters.MIN_LINES),
        median("noise_recall", all_of("noise_recall")),
    ]
    inner = [median("kappa", all_of("kappa")), median("stability", all_of("stability"))]
    return [*_of_planted(row, spec, done, failed), *both, *inner] if spec.kind in clusters.PLANTED else both


def _of_planted(row: str, spec: Spec, done: Sequence[Mapping[str, Any]], failed: int) -> list[Number]:
    """What only worlds with planted personas have. The number of groups by its worst world, as one that is far off
    would vanish in a median; a row of one world takes its intervals from its users.
    """
    least = clusters.MIN_USERS_FEW_EVENTS if spec.events <= clusters.FEW_EVENTS else clusters.MIN_USERS
    off = [float(abs(r["found"] - r["planted"])) for r in done]
    one = done[0] if len(done) == 1 else None
    own = one["users_interval"] if one else None
    covered = wilson(one["coverage"] * one["n_users"], one["n_users"]) if one else None
    said, most = ", ".join(f"{r['found']} for {r['planted']}" for r in done), clusters.MAX_OFF
    made = [
        _median(f"ari_users.{row}", [r["users"] for r in done], failed, own, target=least),
        Number(f"k_off.{row}", max(off, default=None), len(off), None, "lower", most, failed, reason=said),
        _median(f"coverage.{row}", [r["coverage"] for r in done], failed, covered, target=clusters.MIN_COVERAGE),
    ]
    if spec.kind == "small":
        why = f"Jaccard of the {spec.smallest:.0%} persona with the group most like it"
        made.append(_median(f"smallest.{row}", [r["smallest"] for r in done], failed, target=SOLID, reason=why))
    return made


def _median(
    name: str, values: Sequence[float | None], failed: int, own: Sequence[float] | None = None, **more: Any
) -> Number:
    """Over worlds. The interval: of five or more by a bootstrap of worlds, of fewer the least and the most, of one its `own`."""
    there = [v for v in values if v is not None]
    if len(there) >= FEWEST_CLUSTERS:
        return clustered(name, [[v] for v in there], statistic=lambda v: float(np.median(v)), n_error=failed, **more)
    ends = (min(there), max(there)) if len(there) > 1 else (own[0], own[1]) if own and there else None
    if len(there) > 1:
        more["reason"] = "; ".join(filter(None, [more.get("reason"), "interval: the least and the greatest"]))
    return Number(name, float(np.median(there)) if there else None, len(there), ends, n_error=failed, **more)
