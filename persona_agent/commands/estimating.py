"""What a run would ask, and what that costs, before anything is spent.

In: options. Out: an `Estimate`. The log is read, grouped and briefed into a folder that is thrown away, so the prompts of
the drafts are the real ones; what follows from answers that nobody has given yet is reckoned with the figures below, which
are averages over the runs that were recorded at commit d31895b.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..codebook.naming import proposal
from ..folders import temporary_folder
from ..groups.gathering import find_memories
from ..groups.grouping import group_users
from ..log.reading import as_of_work, find_log, read_log
from ..models.ask import CHARS_PER_TOKEN
from ..models.base import Request
from ..models.prices import FREE, price_given, price_of
from ..models.prompts import load
from ..options import OFFLINE, Options
from ..progress import Progress
from ..store import Store
from ..write.briefs import Briefed, briefed_groups
from ..write.drafts import draft_request
from ..write.investigating import first_request
from ..write.overview import overview_of, told_group
from .results import Result

# Averages over the runs recorded at commit d31895b, in calls a persona and tokens a call.
ROUNDS = 2.4  # drafts and revisions that were judged, where 3 are allowed
RESTATINGS = 0.5  # a round: only words of the writer's own are restated
DRAFTED, REVISED, RESTATED, JUDGED = 1_100, 280, 320, 140  # tokens of an answer
TEXTS, READ = 150, 600  # tokens of the texts put before the critic, and of sentences, claims and lines
FINDINGS = 450  # tokens of what failed
# No run with an investigation is recorded yet: by 21 questions that were tried by hand on a shop of four groups.
ASKED, ANSWERED = 3_000, 2_000  # tokens of a round's questions, and of the figures that answer them
NAMED, NAMING = 4_000, 3_000  # tokens of the vocabulary of a log with 400 things, and of a codebook


@dataclass(frozen=True)
class Estimate(Result):
    """Calls and tokens of a whole run; `cost_usd` is None where a price is not known."""

    personas: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    writer: str
    critic: str

    def text(self) -> str:
        cost = "not known: give --price IN,OUT" if self.cost_usd is None else f"about {self.cost_usd:.2f} USD"
        return (
            f"{self.personas} personas, written by {self.writer}, judged by {self.critic}\n"
            f"about {self.calls:,} calls\n"
            f"about {self.prompt_tokens:,} tokens sent, {self.completion_tokens:,} received\n"
            f"cost {cost}"
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def estimate(options: Options, progress: Progress) -> Estimate:
    """Raises what a run would raise before its first call."""
    log = find_log(options)
    options = as_of_work(options, log)
    with temporary_folder() as folder:
        store = Store.create(folder)
        options = options.but(out=folder)
        progress.stage("read")
        read = read_log(log, options, store, progress)
        progress.stage("gather")
        gathered = find_memories(store, options, progress)
        progress.stage("name")
        book = proposal(store, options, read)
        progress.stage("group")
        groups = group_users(store, options, gathered, book)
        progress.stage("brief")
        with briefed_groups(store, options, groups, progress) as briefed:
            return _reckon(options, briefed)


def _reckon(options: Options, briefed: Briefed) -> Estimate:
    briefs = briefed.all
    n = len(briefs)
    rounds = min(ROUNDS, options.max_rounds)
    writes, judges = options.model != OFFLINE, options.judges != OFFLINE
    overview = overview_of(briefed, options.about)
    told = [told_group(b, overview, options.context) for b in briefs] if writes else []
    opening = sum(_length(draft_request(t)) for t in told)
    written = rounds * opening + n * (rounds - 1) * (DRAFTED + FINDINGS) if writes else 0.0
    drafted = n * (DRAFTED + (rounds - 1) * REVISED) if writes else 0.0
    looks = options.investigate if writes and n else 0
    if looks:
        written += looks * _length(first_request(briefed, options, options.context))
        written += looks * (looks - 1) / 2 * (ASKED + ANSWERED)  # each round holds those before it
        drafted += looks * ASKED
    written, drafted = written + writes * NAMED, drafted + writes * NAMING
    words = sum(len(b.context.vocabulary.model_dump_json()) for b in briefs) / CHARS_PER_TOKEN
    rules = {s: len(load(s).text) / CHARS_PER_TOKEN for s in ("restate", "judge", "measures")}
    restated = RESTATINGS * rounds * (words + n * (rules["restate"] + rules["measures"] + TEXTS)) if judges else 0.0
    judged = rounds * n * (rules["judge"] + READ) if judges else 0.0
    said = rounds * n * (RESTATINGS * RESTATED + JUDGED) if judges else 0.0
    calls = n * rounds * (writes + (1 + RESTATINGS) * judges) + writes + looks
    cost = _cost(options, options.model, written, drafted), _cost(options, options.judges, restated + judged, said)
    return Estimate(
        personas=n,
        calls=round(calls),
        prompt_tokens=round(written + restated + judged),
        completion_tokens=round(drafted + said),
        cost_usd=None if cost[0] is None or cost[1] is None else round(cost[0] + cost[1], 4),
        writer=options.model,
        critic="code" if options.judges == OFFLINE else options.judges,
    )


def _length(request: Request) -> float:
    """Tokens of the messages; how a provider counts a schema differs, and is little beside them."""
    return sum(len(text) for _, text in request.messages) / CHARS_PER_TOKEN


def _cost(options: Options, model: str, prompt: float, completion: float) -> float | None:
    price = FREE if model == OFFLINE else price_given(options.price) if options.price else price_of(model)
    return None if price is None else prompt * price.prompt + completion * price.completion
