"""What only reading can decide: lines for claims without a measure, and whether a sentence says more than its claims.

In: claims with their cited lines and lines that the critic's side looked up, sentences with the claims under them. Out: a
request without a word of the writer's reasoning; from its answer labels that code derives (docs/contract.md, Labels). Promises:
the critic gives a verdict for each line and sentence and no score; known-false items are hidden among them, and a call
that misses one is worth nothing; lines that speak to a model are not among those asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...evidence import Shown, two_sided
from ...evidence.retrieval import Embed
from ...models.base import Request
from ...models.prompts import enclose, load
from ...schema import Alignment, Citation, Claim, Counter, LineVerdict, Truthfulness, Verdicts
from ...words.wording import size_values
from . import canaries
from .deciding import CritiqueContext

MAX_TOKENS = 6_000  # of an answer; the recorded runs took 140 on average, and a model that thinks needs room
FEWEST_JUDGED = 3  # lines that say anything of a claim; two are an anecdote
TRUE_BELOW, CONFLICT_TO = 0.2, 0.5  # of the lines that say anything, those against; not tuned


@dataclass(frozen=True)
class SentenceToJudge:
    """A sentence of a card: where it stands, its text, and the texts of the claims that it rests on."""

    place: str
    text: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class LineToJudge:
    """A line put before the critic: which one it is, what of it is shown, and whether the claim cites it."""

    seq: int
    shown: Shown
    cited: bool


@dataclass(frozen=True)
class Judging:
    """One call. `lines` are by neutral claim and line id; `claims` and `sentences` give the draft's names of neutral ids."""

    request: Request
    claims: Mapping[str, str]
    lines: Mapping[tuple[str, str], LineToJudge]
    sentences: Mapping[str, str]
    false_claim: str | None
    false_sentence: str | None


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
    context: CritiqueContext,
    claims: Mapping[str, tuple[Claim, Sequence[LineToJudge]]],
    sentences: Sequence[SentenceToJudge],
    group: Sequence[str],
    attempt: int,
) -> Judging:
    """The call for these unmeasured claims (draft id → claim and lines) and sentences; `group` are all claims of the card,
    for telling two groups in one; `attempt` chooses the canaries.
    """
    salt = _hash(*sorted(c.text for c, _ in claims.values()), *sorted(s.text for s in sentences), str(attempt))
    rows = [(name, claim.text, list(lines)) for name, (claim, lines) in claims.items()]
    false_claim = canaries.unshown_claim(context, salt) if claims else None
    if false_claim:
        text, shown = false_claim
        rows.append(("", text, [LineToJudge(line.seqs[0], line, True) for line in shown]))
    rows.sort(key=lambda r: _hash(salt, r[1]))
    said = [(s.place, s.text, s.claims) for s in sentences]
    unborne = canaries.unborne_sentence(context, salt) if sentences else None
    said += [("", unborne.text, (unborne.claim,))] if unborne else []
    said.sort(key=lambda r: _hash(salt, r[1]))
    lines = {(f"k{i}", f"l{j}"): line for i, r in enumerate(rows, start=1) for j, line in enumerate(r[2], start=1)}
    data = {
        "claims": [
            {"id": f"k{i}", "text": text, "lines": [_line(f"l{j}", line) for j, line in enumerate(own, start=1)]}
            for i, (_, text, own) in enumerate(rows, start=1)
        ],
        "sentences": [
            {"id": f"s{i}", "text": text, "claims": list(rests)} for i, (_, text, rests) in enumerate(said, start=1)
        ],
        "group": list(group),
        "size": {k.removeprefix("size."): v for k, v in size_values(context.dossier.size).items() if v != "unknown"},
    }
    request = Request(
        stage="judge",
        subject=context.id,
        messages=(("system", load("judge").text), ("user", enclose(data))),
        schema=Verdicts,
        max_tokens=MAX_TOKENS,
    )
    names = {f"k{i}": r[0] for i, r in enumerate(rows, start=1)}
    places = {f"s{i}": r[0] for i, r in enumerate(said, start=1)}
    return Judging(
        request,
        {i: n for i, n in names.items() if n},
        lines,
        {i: p for i, p in places.items() if p},
        next((i for i, n in names.items() if not n), None),
        next((i for i, p in places.items() if not p), None),
    )


def missed_canary(call: Judging, answer: Verdicts) -> bool:
    """Did the critic find support where there is none, or let a sentence pass that its claim does not bear?"""
    supported = any(v.claim == call.false_claim and v.verdict == "supports" for v in answer.lines)
    passed = {s.id: not s.says_more for s in answer.sentences}
    return (call.false_claim is not None and supported) or (
        call.false_sentence is not None and passed.get(call.false_sentence, True)
    )


def says_more(call: Judging, answer: Verdicts) -> dict[str, str]:
    """By place of each sentence that was answered once: what it says beyond its claims, empty if nothing."""
    ids = [s.id for s in answer.sentences]
    return {
        call.sentences[s.id]: (s.what.strip() or "it says more than its claims") if s.says_more else ""
        for s in answer.sentences
        if s.id in call.sentences and ids.count(s.id) == 1
    }


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


def citations(context: CritiqueContext, lines: Sequence[tuple[LineToJudge, str]]) -> list[Citation]:
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
