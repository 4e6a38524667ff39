"""What only reading can decide: lines for claims without a measure, and texts of every kind.

In: claims with their cited lines and lines that the critic's side looked up, texts with the facts under them. Out: a
request without a word of the writer's reasoning; from its answer labels that code derives (docs/contract.md, Labels). Promises:
the critic gives verdicts and no score; items of known answer are hidden among them, and a call that gets one wrong is worth
nothing; lines that speak to a model are not among those asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...evidence import Shown, two_sided
from ...models.base import Embed, Request
from ...models.prompts import enclose, load_prompt
from ...schema import Alignment, Citation, Claim, Counter, LineVerdict, Truthfulness, Verdicts
from .canaries import Known
from .deciding import CritiqueContext
from .texts import TextBatch, TextToRead, lay_out

MAX_TOKENS = 8_000  # of an answer: thirty texts take about 1,500, and a model that thinks needs room
FEWEST_JUDGED = 3  # lines that say anything of a claim; two are an anecdote
TRUE_BELOW, CONFLICT_TO = 0.2, 0.5  # of the lines that say anything, those against; not tuned


@dataclass(frozen=True)
class LineToJudge:
    """A line put before the critic: which one it is, what of it is shown, and whether the claim cites it."""

    seq: int
    shown: Shown
    cited: bool


@dataclass(frozen=True)
class CriticsMaterial:
    """What a critic's calls are about: whose they are, true facts in code's words to make canaries of, facts that any text may
    rest on; and for a card, a claim that its lines do not show, by salt.
    """

    subject: str
    known: Sequence[Known]
    always: tuple[str, ...] = ()
    unshown: Callable[[str], tuple[str, Sequence[Shown]] | None] = lambda _: None


@dataclass(frozen=True)
class Judging:
    """One call. `lines` are by neutral claim and line id; `claims` gives the draft's names of neutral ids."""

    request: Request
    reading: TextBatch
    claims: Mapping[str, str]
    lines: Mapping[tuple[str, str], LineToJudge]
    false_claim: str | None


def evidence_for(
    context: CritiqueContext, claim: Claim, cited: Sequence[int], denial: str, embed: Embed
) -> list[LineToJudge]:
    """The cited lines of a claim, and the lines nearest to it and to its denial, in log order."""
    shown = {seq: line for line in context.showable for seq in line.seqs}
    near, far = two_sided(context.showable, claim.text, denial or f"not: {claim.text}", embed, cited)
    found = [LineToJudge(seq, shown[seq], True) for seq in cited if seq in shown]
    found += [LineToJudge(seq, line, False) for line, seq in [*near, *far]]
    return sorted(found, key=lambda line: line.seq)


def judging(
    bench: CriticsMaterial,
    claims: Mapping[str, tuple[Claim, Sequence[LineToJudge]]],
    texts: Mapping[str, TextToRead],
    attempt: int,
) -> Judging:
    """The call for these unmeasured claims (draft id → claim and lines) and texts (by place); `attempt` chooses the canaries."""
    keys = sorted(t.key for t in texts.values())
    salt = _hash(*sorted(c.text for c, _ in claims.values()), *keys, str(attempt))
    rows = [(name, claim.text, list(lines)) for name, (claim, lines) in claims.items()]
    false_claim = bench.unshown(salt) if claims else None
    if false_claim:
        text, shown = false_claim
        rows.append(("", text, [LineToJudge(line.seqs[0], line, True) for line in shown]))
    rows.sort(key=lambda r: _hash(salt, r[1]))
    reading = lay_out(texts, bench.known, bench.always, salt)
    data = {
        "claims": [
            {"id": f"k{i}", "text": text, "lines": [_line(f"l{j}", line) for j, line in enumerate(own, start=1)]}
            for i, (_, text, own) in enumerate(rows, start=1)
        ],
        "facts": reading.facts,
        "texts": reading.texts,
    }
    request = Request(
        stage="judge",
        subject=bench.subject,
        messages=(("system", load_prompt("judge").text), ("user", enclose(data))),
        schema=Verdicts,
        max_tokens=MAX_TOKENS,
    )
    names = {f"k{i}": r[0] for i, r in enumerate(rows, start=1)}
    return Judging(
        request,
        reading,
        {i: n for i, n in names.items() if n},
        {(f"k{i}", f"l{j}"): line for i, r in enumerate(rows, start=1) for j, line in enumerate(r[2], start=1)},
        next((i for i, n in names.items() if not n), None),
    )


def missed_canary(call: Judging, answer: Verdicts) -> bool:
    """Did the critic find support where there is none, let a spoiled text stand, or object to a true one?"""
    supported = any(v.claim == call.false_claim and v.verdict == "supports" for v in answer.lines)
    return (call.false_claim is not None and supported) or call.reading.misses(answer.texts)


def line_verdicts(call: Judging, answer: Verdicts) -> dict[str, list[tuple[LineToJudge, str]]]:
    """By draft claim whose every line was answered once: its lines with their verdicts."""
    found: dict[str, list[tuple[LineToJudge, str]]] = {}
    for neutral, name in call.claims.items():
        asked = {line for claim, line in call.lines if claim == neutral}
        own: list[LineVerdict] = [v for v in answer.lines if v.claim == neutral]
        if {v.line for v in own} == asked and len(own) == len(asked):
            found[name] = [(call.lines[neutral, v.line], v.verdict) for v in own]
    return found


def labels(
    context: CritiqueContext, lines: Sequence[tuple[LineToJudge, str]]
) -> tuple[Alignment, Truthfulness, Counter]:
    """What verdicts on lines make of a claim without a measure.

    Alignment by the cited lines: full if all support, contradict if one contradicts. Truth by the lines that were looked
    up: `contra = n_contra / (n_support + n_contra)`, true below 0.2 with support, conflict to 0.5, else false.
    """
    cited = [verdict for line, verdict in lines if line.cited]
    found = [(line, verdict) for line, verdict in lines if not line.cited]
    support, contra = (sum(v == side for _, v in found) for side in ("supports", "contradicts"))
    users = len(_users(context, [line.seq for line, v in lines if v == "supports"]))
    share = contra / (support + contra) if support + contra else 0.0
    if support + contra < FEWEST_JUDGED:
        label, why = "not_enough", f"only {support + contra} of {len(found)} further lines say anything of it"
    elif share < TRUE_BELOW and support:
        label, why = "true", f"{support} further lines support it, {contra} speak against it"
    elif share <= CONFLICT_TO:
        label, why = "conflict", f"{support} further lines support it, {contra} speak against it"
    else:
        label, why = "false", f"{contra} of {support + contra} further lines speak against it"
    truth = Truthfulness(
        label=label,
        score={"true": 1.0, "conflict": 0.5}.get(label, 0.0),
        value=None,
        n=users,
        ci=None,
        reason=why,
    )
    against = [line.seq for line, v in lines if v == "contradicts"]
    says = (
        f"{contra} of {support + contra} further lines that were looked up speak against it"
        if against
        else f"none of {support}"
    )
    counter = Counter(says=says, n_support=support, n_contra=contra, lines=context.corpus.cite(against, "contradicts"))
    return _alignment(cited), truth, counter


def supporting_citations(context: CritiqueContext, lines: Sequence[tuple[LineToJudge, str]]) -> list[Citation]:
    """The lines that support a claim: those it cites, and those that were found."""
    return context.corpus.cite([line.seq for line, v in lines if v == "supports"], "supports")


def _alignment(cited: Sequence[str]) -> Alignment:
    good = sum(v == "supports" for v in cited)
    reason = f"{good} of {len(cited)} cited lines support it, as a critic reads them"
    if "contradicts" in cited:
        return Alignment(label="contradict", score=0.0, reason=reason)
    if cited and good == len(cited):
        return Alignment(label="full", score=1.0, reason=reason)
    return Alignment(label="partial" if good else "none", score=0.5 if good else 0.0, reason=reason)


def _users(context: CritiqueContext, seqs: Sequence[int]) -> set[int]:
    return {p.user for p in context.corpus.locate(context.corpus.cite(seqs, "supports")) if p}


def _line(name: str, line: LineToJudge) -> dict[str, str]:
    told = {"id": name, "action": line.shown.action, "object": line.shown.object, "text": line.shown.text}
    return {k: v for k, v in told.items() if v}


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
