"""One measure asked of a log, without personas: the engine of evidence alone.

In: options, a measure, and whom to ask it of: everyone, or groups from anywhere (`group_members`). Out: for
each of these what was counted, over whom, and the lines for and against. The log is read into a folder that is thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..errors import UsageError
from ..evidence import Corpus, Measured, Population, against, evaluate, judge_measured
from ..evidence.loading import open_corpus
from ..folders import temporary_folder
from ..groups.gathering import MEMORIES, find_memories
from ..log.reading import as_found, find_log, read_log
from ..options import Options
from ..progress import Progress
from ..schema import EVERYONE, Measure, TruthLabel
from ..store import Store
from ..words.floors import FEW
from ..words.published_claims import counter_of_five
from .citing import LineOfClaim, read_cited_lines
from .group_members import Groups, members_of, run_of

ALL = "everyone"
NO_MEMORIES = """
SELECT '' AS memory_id, '' AS user, 0 AS intent, []::STRUCT(file VARCHAR, line BIGINT, n INTEGER)[] AS lines WHERE false
"""


@dataclass(frozen=True)
class Evaluated:
    """What a measure comes to: `value` with its 95 % `interval`, over `n` users; where it has `versus`, the same among
    comparable others (`matched`) and among all others (`raw`). `label` and `reason`: is what it says so? `lines` speak for it,
    those of `against` do not, and `says_against` counts both sides. Of fewer than five users, of the group
    or of its others, nobody included, there is no figure (`n` is 0) and no count, and no lines.
    """

    value: float | None
    interval: tuple[float, float] | None
    n: int
    matched: float | None
    raw: float | None
    label: TruthLabel
    reason: str
    lines: list[LineOfClaim] = field(repr=False)
    against: list[LineOfClaim] = field(repr=False)
    says_against: str = field(repr=False)


def measure_groups(options: Options, measure: Measure, groups: Groups, progress: Progress) -> dict[str, Evaluated]:
    """The measure of each group by its name, or of `everyone`; UsageError where its parts do not make a question."""
    if groups is None and measure.versus is not None:
        raise UsageError("Everyone has no others to be compared with.", hint="Name groups, or leave 'versus' out.")
    found = find_log(options)
    options = as_found(options, found)
    with temporary_folder() as folder:
        store = Store.create(folder)
        if (run := run_of(groups)) is not None:
            store.take_key_of(run)
        progress.stage("read")
        read_log(found, options, store, progress)
        with store.connect() as connection:
            if measure.unit == "memories":
                progress.stage("gather")
                find_memories(store, options, progress)
            else:
                store.write_parquet(connection, MEMORIES, NO_MEMORIES)
            members = {} if groups is None else members_of(store, groups, options)
            corpus = open_corpus(connection, store, options, store, list(members.values()), [])
            if options.staff and groups is not None:
                _stop_below(corpus, members, options.floor)
            asked = {ALL: EVERYONE} if groups is None else {name: g for g, name in enumerate(members)}
            progress.stage("evaluate")
            made = {name: _evaluated(store, corpus, measure, name, Population(g)) for name, g in asked.items()}
            # Of people at work counts are told, no lines.
            return {n: replace(e, lines=[], against=[]) if options.staff else e for n, e in made.items()}


def _stop_below(corpus: Corpus, members: Mapping[str, list[str]], floor: int) -> None:
    """UsageError where a group of people at work is so small that its figures would be somebody's."""
    for g, name in enumerate(members):
        n = int(corpus.people.mask(Population(g)).sum())
        if n < floor:
            raise UsageError(
                f"{name!r} has {n} people at work, and nothing is counted of fewer than {floor}: staff mode.",
                hint="Ask of larger teams. Where a purpose speaks for it: no_staff='the purpose'.",
            )


def _evaluated(store: Store, corpus: Corpus, measure: Measure, name: str, population: Population) -> Evaluated:
    if not corpus.people.mask(population).any():
        raise UsageError(f"None of the users of {name!r} is in this log.", hint="Give their ids as they stand in it.")
    measured = evaluate(corpus, measure, population)
    judged = judge_measured(corpus, measure, population)
    found = judged.truthfulness
    behind = found.n >= FEW and int(corpus.people.mask(population).sum()) >= FEW
    enough = found.label != "not_enough" and behind
    counter = counter_of_five(against(corpus, measure, measured, population), measure, found.n)
    return Evaluated(
        value=found.value if enough else None,
        interval=found.ci if enough else None,
        n=found.n if behind else 0,
        matched=_of_others(measured.matched) if behind else None,
        raw=_of_others(measured.everyone) if behind else None,
        label=found.label,
        reason=found.reason,
        lines=_of_five(read_cited_lines(store, judged.citations)),
        against=_of_five(read_cited_lines(store, counter.lines if counter else [])),
        says_against=counter.says if counter and enough else "",
    )


def _of_others(others: Measured | None) -> float | None:
    """The figure of others, where five of them have an answer: of one it would be that user's."""
    return others.value if others is not None and others.behind >= FEW else None


def _of_five(lines: list[LineOfClaim]) -> list[LineOfClaim]:
    """Lines of fewer than five users could be recognised."""
    return lines if len({line.user for line in lines}) >= FEW else []
