"""What a run would ask, and what that costs, before anything is spent.

In: options. Out: an `Estimate`. The log is read, grouped and briefed into a folder that is thrown away, so the prompts of
the drafts are the real ones; what follows from answers that nobody has given yet is reckoned with the figures of `assumed.py`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..codebook.naming import proposal
from ..folders import temporary_folder
from ..groups.gathering import find_memories
from ..groups.grouping import group_users
from ..log.reading import as_found, find_log, read_log
from ..models.base import Request
from ..models.prices import FREE, price_given, price_of
from ..models.prompts import load_prompt
from ..models.tokens import CHARS_PER_TOKEN
from ..option_fields import refuse_no_groups
from ..options import OFFLINE, Options
from ..progress import Progress
from ..store import Store
from ..write.briefs import Brief, Briefed, briefed_groups
from ..write.drafts import draft_request
from ..write.investigating import first_request
from ..write.overview import overview_of, told_group
from .assumed import ASSUMED
from .results import Result

PART = "{0:<13} {1:>7,} {2:>11,} {3:>11,} {4:>9}"


@dataclass(frozen=True)
class StageCost:
    """Calls and tokens of one kind of question; `cost_usd` is None where a price is not known."""

    stage: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


@dataclass(frozen=True)
class Estimate(Result):
    """Calls and tokens of a whole run, and of its parts; `cost_usd` is None where a price is not known."""

    personas: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    writer: str
    critic: str
    parts: tuple[StageCost, ...] = ()

    def text(self) -> str:
        who = f"{self.personas} personas, written by {self.writer}, judged by {self.critic}"
        if not self.parts:
            return f"{who}\nno calls: code writes and decides"
        rows: list[tuple[str, int, int, int, str]]
        rows = [(p.stage, p.calls, p.prompt_tokens, p.completion_tokens, _usd(p.cost_usd)) for p in self.parts]
        whole = (self.calls, self.prompt_tokens, self.completion_tokens)
        calls, sent, received = (round(n / max(1, self.personas)) for n in whole)
        rows.append(("all, about", *whole, _usd(self.cost_usd)))
        rows.append(("a persona", calls, sent, received, _usd(self.cost_usd, self.personas)))
        head = f"{'':<13} {'calls':>7} {'tokens sent':>11} {'received':>11} {'USD':>9}"
        unknown = ["cost not known: give --price IN,OUT"] if self.cost_usd is None else []
        return "\n".join([who, "", head, *(PART.format(*row) for row in rows), *unknown])

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def estimate(options: Options, progress: Progress) -> Estimate:
    """Raises what a run would raise before its first call."""
    refuse_no_groups(options)
    log = find_log(options)
    options = as_found(options, log)
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
    briefs = briefed.drafted
    parts = tuple(p for p in [*_of_writer(options, briefed), *_of_critic(options, briefs)] if p.calls)
    costs = [p.cost_usd for p in parts]
    return Estimate(
        personas=len(briefed.all),
        calls=sum(p.calls for p in parts),
        prompt_tokens=sum(p.prompt_tokens for p in parts),
        completion_tokens=sum(p.completion_tokens for p in parts),
        cost_usd=None if None in costs else round(sum(c for c in costs if c is not None), 4),
        writer=options.model,
        critic="code" if options.judges == OFFLINE else options.judges,
        parts=parts,
    )


def _of_writer(options: Options, briefed: Briefed) -> list[StageCost]:
    """The codebook, the rounds of questions, drafts, revisions and the edit over the set."""
    briefs = briefed.drafted
    if options.model == OFFLINE or not briefs:
        return []
    a, n, model = ASSUMED, len(briefs), options.model
    words = max(_tokens(b.context.vocabulary.model_dump_json()) for b in briefs)
    overview = overview_of(briefed, options.about)
    drafts = [_length(draft_request(told_group(b, overview, options.context))) for b in briefs]
    looks = options.investigate * a.looks
    look = _length(
        first_request(briefed, options, options.context)
    )  # a round holds what was asked and answered before it
    before = looks * (looks - 1) / 2 * (a.asked + a.answered)
    themes = briefs[0].context.vocabulary.themes
    again = min(a.rounds, options.max_rounds) - 1
    return [
        _part(options, "codebook", model, 1 + bool(themes), a.rules + words, a.named * words),
        _part(options, "questions", model, looks, looks * look + before, looks * a.asked),
        _part(options, "drafts", model, n, sum(drafts), n * a.drafted),
        _part(
            options,
            "revisions",
            model,
            n * again,
            again * (sum(drafts) + n * (a.drafted + a.findings)),
            n * again * a.revised,
        ),
        _part(options, "edit", model, 1, a.rules + n * a.card, n * a.edited + a.page),
    ]


def _of_critic(options: Options, briefs: list[Brief]) -> list[StageCost]:
    """What is restated and judged of every round, and the reading of the edit."""
    if options.judges == OFFLINE or not briefs:
        return []
    a, n, model = ASSUMED, len(briefs), options.judges
    rounds = min(a.rounds, options.max_rounds)
    words = sum(_tokens(b.context.vocabulary.model_dump_json()) for b in briefs)
    rules = {s: _tokens(load_prompt(s).text) for s in ("restate", "judge", "measures")}
    restated = a.restatings * rounds
    edits = int(options.model != OFFLINE)
    return [
        _part(options, "restatements", model, n * restated,
              restated * (words + n * (rules["restate"] + rules["measures"] + a.texts)), n * restated * a.restated),
        _part(options, "readings", model, n * rounds, n * rounds * (rules["judge"] + a.read), n * rounds * a.judged),
        _part(options, "edit, read", model, edits, edits * (rules["judge"] + n * a.card), edits * (n * a.edited + a.page)),
    ]  # fmt: skip


def _part(options: Options, stage: str, model: str, calls: float, sent: float, received: float) -> StageCost:
    price = FREE if model == OFFLINE else price_given(options.price) if options.price else price_of(model)
    cost = None if price is None else round(sent * price.prompt + received * price.completion, 4)
    return StageCost(stage, model, round(calls), round(sent), round(received), cost)


def _length(request: Request) -> float:
    """Tokens of the messages; how a provider counts a schema differs, and is little beside them."""
    return sum(_tokens(text) for _, text in request.messages)


def _tokens(text: str) -> float:
    return len(text) / CHARS_PER_TOKEN


def _usd(cost: float | None, over: int = 1) -> str:
    return "-" if cost is None else f"{cost / max(1, over):.3f}"
