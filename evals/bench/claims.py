"""Whole runs, and their claims against what is known to be true: `python -m evals.bench.claims`.

In: numbers of seeds, domains of planted worlds with facts, real logs (`--logs`), how often to shuffle those
(`--shuffled`), folders of finished runs (`--runs`). Out: one row a log, and what is wrong in it beneath: false claims, facts
that nobody told, contradictions; `--json` writes one JSON object a row. Promises: the program runs as users run it, offline;
truth is decided in a large draw of the same world that no persona was made from; a column says how many could not be decided.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median

from persona_agent import commands
from persona_agent.codebook.theme_book import load_themes, save_themes
from persona_agent.errors import InputError, PersonaAgentError
from persona_agent.evidence import Corpus
from persona_agent.evidence.loading import open_corpus
from persona_agent.groups.gathering import find_memories
from persona_agent.ids import user_hash
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import PersonaSet
from persona_agent.store import Store, open_database

from ..worlds import DOMAINS, Spec, World, generate
from ..worlds.facts import facts_of
from . import claim_scores, shuffled
from .claim_scores import Decided, Rate

FIRST_SEED = 400
DRAW_SEED = 10_000  # added to a world's seed for the draw that decides
DRAW_TIMES = 4
WORLD_VALUE = "spent"  # what payments are worth; a domain without payments has no such field
TWO_GROUPS = 2

HEADER = (
    f"{'log':30} {'state':6} {'publ/pat/with':>13} {'claims':>11} {'tells':>7} {'held out':>21} {'last quarter':>21} "
    f"{'true':>21} {'facts':>7} {'contra':>6} {'sec':>5}"
)
EXPLAINED = """claims: published of drafted. tells: distinguishing claims of a shown persona, fewest and median. held out, last
quarter: published claims that hold again. true: published claims that are true in a large draw of the same world; there a
comparison is right by its direction too, unless it is false or an artefact (--json has the strict count). Rates are hits
of n with Wilson's 95 % interval, +k could not be decided; the claims of one persona are not independent, so the intervals
are too narrow. facts: planted facts that a claim tells. contra: pairs of personas both said to have more of the same."""


@dataclass(frozen=True)
class Truth:
    """Published claims in the large draw (`strictly`: a right direction does not do), the number of facts and those
    `missed`, and the planted persona behind each persona.
    """

    precision: Rate
    strictly: Rate
    wrong: list[Decided]
    facts: int
    missed: list[str]
    planted: dict[str, int]


@dataclass(frozen=True)
class Row:
    """One run. `tells`: distinguishing claims of each shown persona; `truth` is None where nothing was planted."""

    name: str
    state: str
    groups: int
    statuses: dict[str, int]
    withheld_because: list[str]
    published: int
    drafted: int
    withdrawn: dict[str, int]
    tells: list[int]
    held_out: Rate
    last_quarter: Rate
    contradictions: list[str]
    seconds: float
    truth: Truth | None = None
    artefact: str | None = None
    alarms: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. 0 if it was made, whatever it shows, but 1 if a shuffled log got a persona; 2 for a bad option."""
    options = _parser().parse_args(arguments)
    rows: list[Row] = []

    def keep(row: Row) -> None:
        rows.append(row)
        print(line(row), *details(row, options.artefacts), sep="\n", flush=True)
        if options.json:
            options.json.write_text("".join(json.dumps(asdict(r), ensure_ascii=False) + "\n" for r in rows))

    print(f"{EXPLAINED}\n{HEADER}", flush=True)
    try:
        for out in options.runs:
            keep(finished(out))
        for spec in specs(options):
            keep(planted(spec))
        for log in options.logs:
            keep(real(log.name, log, options.value))
            for seed in range(options.shuffled):
                keep(mixed(log, options.value, seed))
    except PersonaAgentError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    if len(rows) > 1:
        print(total(rows))
    return int(any(row.alarms for row in rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--domains", nargs="*", choices=list(DOMAINS), help="planted worlds (default all; none beside logs or runs)")
    add("--kind", choices=["personas", "unequal", "two"], default="personas", help="kind of world (default personas)")
    add("--seeds", type=int, default=2, help="seeds a domain (default 2)")
    add("--users", type=int, default=300, help="users of a world (default 300)")
    add("--events", type=int, default=60, help="mean events of a user (default 60)")
    add("--logs", nargs="+", type=Path, default=[], metavar="FILE", help="real logs")
    add("--runs", nargs="+", type=Path, default=[], metavar="OUT", help="finished runs, under whatever options")
    add("--value", metavar="EXPR", help="what a line of those logs is worth")
    add("--shuffled", type=int, default=0, metavar="N", help="also shuffle each log so often: no persona may be shown")
    add("--artefacts", action="store_true", help="print one claim a log that was withdrawn as an artefact")
    add("--json", type=Path, metavar="FILE", help="write a JSON object a row here")
    return parser


def specs(options: argparse.Namespace) -> Iterator[Spec]:
    """The planted worlds that are asked for."""
    unasked = [] if options.logs or options.runs else list(DOMAINS)
    domains = unasked if options.domains is None else options.domains
    for domain in domains:
        for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
            yield Spec(
                domain, options.kind, users=options.users, events=options.events, seed=seed, traits=True, facts=True
            )


def planted(spec: Spec) -> Row:
    """A world, run and decided."""
    world = generate(spec)
    with tempfile.TemporaryDirectory(prefix="claims-") as folder:
        options = _options(world, Path(folder))
        row, personas = _run(f"{spec.domain} {spec.kind} {spec.seed}", options)
        found = who(world, options.out)
        with reference(spec, load_themes(Store.open(options.out))) as corpus:
            decided = claim_scores.judge(corpus, claim_scores.published(personas), found)
    return replace(row, truth=_truth(spec, personas, decided, found))


def _options(world: World, folder: Path) -> Options:
    """Of a run on the world, written in this folder; a value that no line has is refused."""
    value = f"properties.{WORLD_VALUE}" if any(f'"{WORLD_VALUE}"' in line for line in world.lines) else None
    return Options(inputs=(str(world.write(folder / "log.jsonl")),), out=folder / "out", value=value)


def _truth(spec: Spec, personas: PersonaSet, decided: Sequence[Decided], found: dict[str, int]) -> Truth:
    facts = facts_of(spec)
    missed = claim_scores.missed(facts, claim_scores.published(personas), found)
    shown = {found.get(p.id) for p in claim_scores.shown(personas)}
    return Truth(
        precision=claim_scores.precision(decided),
        strictly=claim_scores.precision(decided, strict=True),
        wrong=[d for d in decided if not d.right],
        facts=len(facts),
        missed=[
            f"{f.kind} {f.name}: persona {f.persona} {f.says}{'' if f.persona in shown else ' (not shown)'}"
            for f in missed
        ],
        planted=found,
    )


def real(name: str, log: Path, value: str | None) -> Row:
    """A log of which nothing is known."""
    with tempfile.TemporaryDirectory(prefix="claims-") as folder:
        return _run(name, Options(inputs=(str(log),), out=Path(folder) / "out", value=value))[0]


def finished(out: Path) -> Row:
    """A run that somebody made; how long it took stands in its run.json."""
    try:
        return _row(out.name, PersonaSet.model_validate_json((out / "personas.json").read_bytes()), 0.0)
    except (OSError, ValueError):
        raise InputError(f"{str(out)!r} holds no finished run.") from None


def mixed(log: Path, value: str | None, seed: int) -> Row:
    """The log with sessions exchanged between users: every persona shown is a false alarm."""
    with tempfile.TemporaryDirectory(prefix="claims-") as folder:
        copy = shuffled.write(shuffled.load(log), seed, Path(folder) / "log.csv")
        options = Options(inputs=(str(copy),), out=Path(folder) / "out", value=value)
        row, personas = _run(f"shuffled {seed} {log.name}", options)
    return replace(row, alarms=[f"{p.id}, {p.label}" for p in claim_scores.shown(personas)])


def _run(name: str, options: Options) -> tuple[Row, PersonaSet]:
    started = time.monotonic()
    personas = commands.run(options, Silent()).exact
    return _row(name, personas, round(time.monotonic() - started, 1)), personas


def _row(name: str, personas: PersonaSet, seconds: float) -> Row:
    return Row(
        name=name,
        state=personas.state,
        groups=personas.counts.get("groups", 0),
        statuses=claim_scores.statuses(personas),
        withheld_because=[f"{p.id}: {'; '.join(p.reasons)}" for p in personas.personas if p.status == "withheld"],
        published=len(claim_scores.published(personas)),
        drafted=claim_scores.drafted(personas),
        withdrawn=claim_scores.withdrawn(personas),
        tells=[claim_scores.telling(p) for p in claim_scores.shown(personas)],
        held_out=claim_scores.replication(personas, "held_out"),
        last_quarter=claim_scores.replication(personas, "last_quarter"),
        contradictions=claim_scores.contradictions(personas),
        seconds=seconds,
        artefact=claim_scores.artefact(personas),
    )


def who(world: World, out: Path) -> dict[str, int]:
    """The planted persona behind each persona of a run."""
    store = Store.open(out)
    with open_database() as connection:
        rows = connection.execute(
            "SELECT user, persona_id FROM read_parquet($path)", {"path": str(store.path("users.parquet"))}
        ).fetchall()
    return claim_scores.planted_of(world, store.key(), [u for u, _ in rows], [p for _, p in rows])


@contextmanager
def reference(spec: Spec, themes: Mapping[str, list[str]], times: int = DRAW_TIMES) -> Iterator[Corpus]:
    """A large draw of the same world by another seed, with the planted personas as its groups. Its things are sorted by the
    `themes` of the run: without them it would have none of what a claim about a theme counts.
    """
    world = generate(replace(spec, users=times * spec.users, seed=spec.seed + DRAW_SEED))
    with tempfile.TemporaryDirectory(prefix="draw-") as folder:
        options = _options(world, Path(folder))
        store = Store.create(options.out)
        read_log(find_log(options), options, store, Silent())
        find_memories(store, options)
        save_themes(store, themes)
        groups: list[list[str]] = [[] for _ in range(max(world.user_personas.values()) + 1)]
        for user, persona in world.user_personas.items():
            groups[persona].append(user_hash(store.key(), user))
        with store.connect() as connection:
            yield open_corpus(connection, store, options, store, groups, [])


def line(row: Row) -> str:
    """One row of the table."""
    s, truth = row.statuses, row.truth
    counts = "/".join(str(s[k]) for k in ("published", "pattern", "withheld"))
    tells = f"{min(row.tells)} {median(row.tells):g}" if row.tells else ""
    facts = f"{truth.facts - len(truth.missed)}/{truth.facts}" if truth else ""
    return (
        f"{row.name:30.30} {row.state:6} {counts:>13} {f'{row.published}/{row.drafted}':>11} {tells:>7} "
        f"{rate(row.held_out):>21} {rate(row.last_quarter):>21} {rate(truth.precision) if truth else '':>21} {facts:>7} "
        f"{len(row.contradictions):>6} {row.seconds:5.0f}"
    )


def rate(found: Rate) -> str:
    """Hits, n, interval, and what could not be decided."""
    ends = found.interval()
    unknown = f" +{found.unknown}" if found.unknown else ""
    return f"{found.hits}/{found.n} {ends[0]:.2f}-{ends[1]:.2f}{unknown}" if ends else f"0/0{unknown}"


def details(row: Row, artefacts: bool) -> list[str]:
    """What is wrong in a row, one line each."""
    said = [f"shown, though shuffled: {alarm}" for alarm in row.alarms]
    said += [f"withdrawn: {', '.join(f'{n} {name}' for name, n in row.withdrawn.items())}"] if row.withdrawn else []
    said += [f"withheld {reason}" for reason in row.withheld_because]
    if row.truth:
        said += [
            f"{'unknown' if d.right is None else 'wrong'} {d.claim}: {d.text} [{d.label}: {d.why}]"
            for d in row.truth.wrong
        ]
        said += [f"missed {fact}" for fact in row.truth.missed]
    if row.groups <= TWO_GROUPS:
        said += [f"contradiction between two groups: {pair}" for pair in row.contradictions]
    if artefacts:
        said.append(f"artefact {row.artefact}" if row.artefact else "no claim was withdrawn as an artefact")
    return [f"    {text}" for text in said]


def total(rows: Sequence[Row]) -> str:
    """All rows but the shuffled ones, counted together."""
    own = [row for row in rows if not row.name.startswith("shuffled ")]
    truths = [row.truth for row in own if row.truth]
    rates: dict[str, Callable[[Row], Rate]] = {
        "held out": lambda r: r.held_out,
        "last quarter": lambda r: r.last_quarter,
    }
    said = [f"{name} {rate(sum((of(r) for r in own), Rate(0, 0)))}" for name, of in rates.items()]
    if truths:
        facts = sum(t.facts for t in truths)
        said.append(f"true {rate(sum((t.precision for t in truths), Rate(0, 0)))}")
        said.append(f"facts {facts - sum(len(t.missed) for t in truths)}/{facts}")
    alarms = sum(bool(row.alarms) for row in rows)
    return f"all {len(own)}: {', '.join(said)}; shuffled logs with a persona: {alarms} of {len(rows) - len(own)}"


if __name__ == "__main__":
    sys.exit(main())
