"""Labels, the gate, and `check` of one claim."""

from __future__ import annotations

import math
from typing import Any

import pytest

from persona_agent.evidence.checks import recompute
from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.gate import LIKE_OTHERS, UNTRIED, gate, without_everybody
from persona_agent.evidence.verdicts import judge_measured
from persona_agent.evidence.witnesses import against, citations, supporting
from persona_agent.schema import (
    Alignment,
    Citation,
    Claim,
    Firmness,
    Measure,
    Replication,
    Replications,
    Truthfulness,
    Withdrawal,
)
from persona_agent.words.published_claims import published_claim

from ..factories import persona_set
from .logs import event, load

BUY = [{"field": "action", "op": "is", "value": ["buy"]}]
HERE = Population(1)


def ask(**asked: Any) -> Measure:
    return Measure(**{"unit": "users", "statistic": "share", "steps": [BUY], "says": {"quantifier": "most"}, **asked})


def log_of(buyers: int = 9) -> list[dict[str, Any]]:
    """u00 to u09 are the group and u10 to u29 the others; `buyers` of the group and one other buy."""
    return [event(f"u{i:02}", i + 2, action="buy" if i < buyers or i == 10 else "view") for i in range(30)]


@pytest.fixture
def corpus() -> Corpus:
    return load(log_of(), {1: [f"u{i:02}" for i in range(10)]})


def claim(corpus: Corpus, measure: Measure) -> Claim:
    first = judge_measured(corpus, measure, HERE, [])
    lines = citations(corpus, supporting(corpus, measure, first.measured, HERE))
    judged = judge_measured(corpus, measure, HERE, lines)
    return Claim(
        id="p1.c1", kind="behaviour", template="", text="", measure=measure, by_construction=False, citations=lines,
        counter=against(corpus, measure, first.measured, HERE), alignment=judged.alignment,
        truthfulness=judged.truthfulness, information_bits=judged.information_bits, replication=Replications(),
        status="accepted", rounds=[], judged_by="code",
    )  # fmt: skip


def test_a_sound_claim_is_true_and_full(corpus: Corpus) -> None:
    """Nine buyers of ten make “most” true with full lines and more than half a bit."""
    made = claim(corpus, ask())
    assert (made.truthfulness.label, made.truthfulness.value, made.truthfulness.n) == ("true", 0.9, 10)
    assert (made.alignment.label, made.alignment.score) == ("full", 1.0)
    assert made.information_bits is not None
    assert made.information_bits > 0.5


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"says": {"quantifier": "few"}},
        {"statistic": "median", "of": "matches", "says": {"comparator": "about", "value": 1}},
    ],
)
def test_witnesses_that_are_attached_align_as_cited_lines_do(asked: dict[str, Any], corpus: Corpus) -> None:
    """Lines that a claim is given with their alignment are aligned as the same lines are where somebody else cites them; asked
    again, a claim of the same measure has the same lines and the same case against it, and what says another thing has its own.
    """
    judged = judge_measured(corpus, ask(**asked), HERE)
    assert judged.citations
    assert judge_measured(corpus, ask(**asked), HERE, judged.citations).alignment == judged.alignment
    again = judge_measured(corpus, ask(**asked), HERE)
    assert (again.citations, again.alignment) == (judged.citations, judged.alignment)
    counters = [against(corpus, ask(says={"quantifier": q}), judged.measured, HERE) for q in ("most", "few", "most")]
    assert counters[0] == counters[2]
    assert (counters[0].n_contra, counters[1].n_contra) == (1, 9)
    assert judge_measured(corpus, ask(), Population(1, outside=True)).citations != judged.citations


@pytest.mark.parametrize(
    ("change", "label"),
    [
        (lambda c: c[:5], "partial"), (lambda c: [], "none"),
        (lambda c: [*c, c[0].model_copy(update={"line": 999})], "invalid_citation"),
        (lambda c: [c[0].model_copy(update={"hash": "0" * 64}), *c[1:]], "invalid_citation"),
        (lambda c: [*c, c[0].model_copy(update={"line": 12, "hash": log_of()[10]["hash"]})], "invalid_citation"),
        (lambda c: [*c, c[0].model_copy(update={"line": 11, "hash": log_of()[9]["hash"]})], "partial"),
        (lambda c: [c[0].model_copy(update={"line": 11, "hash": log_of()[9]["hash"]})], "none"),
    ],
)  # fmt: skip
def test_alignment_by_construction(corpus: Corpus, change: Any, label: str) -> None:
    """Missing, changed, foreign or unfitting lines make the alignment partial, none or invalid."""
    lines: list[Citation] = claim(corpus, ask()).citations
    assert judge_measured(corpus, ask(), HERE, change(lines)).alignment.label == label


def test_what_cannot_be_evaluated_is_never_true(corpus: Corpus) -> None:
    """A statistic that cannot look at two steps is not checkable, with score 0; a group without users is not enough."""
    judged = judge_measured(corpus, ask(steps=[BUY, BUY], statistic="median"), HERE, [])
    assert (judged.truthfulness.label, judged.truthfulness.score) == ("not_checkable", 0.0)
    assert judge_measured(corpus, ask(), Population(7), []).truthfulness.label == "not_enough"


def test_a_given_group_that_could_not_be_tried_on_others_is_not_said_to_be_like_them() -> None:
    """A difference that too few users were set aside to ask again is the reason; where there is none, that is."""
    less = ask(versus="matched", says={"comparator": "less_than_others"})
    untried = ready(measure=less, replication=Replications())
    assert gate([untried], **GOOD, given=True) == ("withheld", [UNTRIED])
    assert gate([ready()], **GOOD, given=True) == ("withheld", [LIKE_OTHERS])


HELD = Replications(held_out=Replication(holds=True, value=0.5, matched=0.1, n=9))


def ready(**changes: Any) -> Claim:
    base: dict[str, Any] = {
        "id": "p1.c1", "kind": "behaviour", "template": "", "text": "", "measure": None, "by_construction": False,
        "citations": [], "counter": None, "alignment": Alignment(label="full", score=1.0, reason=""),
        "truthfulness": Truthfulness(label="true", score=1.0, value=0.5, n=9, ci=None, reason=""),
        "information_bits": 0.1, "replication": HELD, "status": "accepted", "rounds": [], "judged_by": "code",
    }  # fmt: skip
    return Claim(**{**base, **changes})


FIRM: dict[str, Any] = {
    "word": "firm", "same": 0.8, "chance": 0.3, "kappa": 0.7, "low": 0.6, "random": 0.8, "null": 0.2, "refits": 0.8,
    "tested": 40, "members": 50,
}  # fmt: skip
GOOD: dict[str, Any] = {"state": "groups", "firmness": Firmness(**FIRM), "stability": None, "users": 50}


def firmness(**changes: Any) -> dict[str, Any]:
    return {"firmness": Firmness(**{**FIRM, **changes})}


def test_the_gate_opens() -> None:
    """Six sound claims of a firm group of 50 in a log of groups are published without a reason."""
    assert gate([ready()] * 6, **GOOD) == ("published", [])


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        (firmness(word="fair"), "published"), (firmness(word="soft"), "pattern"), (firmness(word="none"), "withheld"),
        (firmness(refits=0.6), "published"), (firmness(refits=0.59), "withheld"), (firmness(refits=None), "withheld"),
        (firmness(refits=0.59, word="soft"), "withheld"), (firmness(refits=math.nan), "withheld"),
        (firmness(tested=17), "published"), (firmness(tested=16), "pattern"),
        ({"firmness": None, "stability": 0.6}, "published"), ({"firmness": None, "stability": 0.59}, "withheld"),
        ({"firmness": None, "stability": None}, "withheld"), ({"firmness": None, "stability": math.nan}, "withheld"),
        ({"state": "none"}, "withheld"), ({"users": 19}, "withheld"), ({"users": 20}, "published"),
    ],
)  # fmt: skip
def test_the_gate_at_its_bars(changes: dict[str, Any], status: str) -> None:
    """Each bar of firmness, refits, state and users decides at its value, with a reason unless published; None and NaN
    withhold, but a firmness that is not filled does not.
    """
    found, reasons = gate([ready()] * 6, **{**GOOD, **changes})
    assert found == status
    assert bool(reasons) == (status != "published")


@pytest.mark.parametrize(
    "bad",
    [
        {"status": "withdrawn", "withdrawal": Withdrawal(label="false", why="2 of 9")}, {"status": "hypothesis"},
        {"truthfulness": Truthfulness(label="not_enough", score=0.0, value=None, n=0, ci=None, reason="")},
        {"alignment": Alignment(label="partial", score=0.5, reason="")},
    ],
)  # fmt: skip
def test_only_sound_claims_count(bad: dict[str, Any]) -> None:
    """Hypotheses, withdrawn, unproven and partly aligned claims are not among the six."""
    status, reasons = gate([ready()] * 5 + [ready(**bad)], **GOOD)
    assert status == "withheld"
    assert reasons == ["5 different facts, where 6 are needed"]


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({}, True), ({"by_construction": True}, True), ({"information_bits": None}, False), ({"information_bits": 0.019}, False),
        ({"replication": Replications()}, False),
        ({"replication": Replications(held_out=Replication(holds=False, value=0.1, matched=0.5, n=9))}, False),
    ],
)  # fmt: skip
def test_what_distinguishes(changes: dict[str, Any], counted: bool) -> None:
    """What formed the group counts as well; a claim without bits, or that does not hold on users set aside, or that nobody
    could ask of them, does not: one that barely does and it are one or two of two.
    """
    claims = [ready(information_bits=0.02)] + [ready(**changes)] + [ready(information_bits=None)] * 4
    assert gate(claims, **GOOD)[0] == ("published" if counted else "pattern")


@pytest.mark.parametrize(
    ("bits", "status"), [(0.0, "withheld"), (0.019, "withheld"), (0.039, "pattern"), (0.04, "published")]
)
def test_one_large_fact_is_worth_two_small_ones(bits: float, status: str) -> None:
    """A single fact publishes with as many bits as two that barely distinguish; with fewer it makes a pattern, and with less
    than one that barely distinguishes nothing is shown. Each is said.
    """
    found, reasons = gate([ready(information_bits=bits)] + [ready(information_bits=None)] * 5, **GOOD)
    assert found == status
    said = {
        "withheld": ["0 distinguishing claims, where 1 is needed"],
        "pattern": ["little sets them apart: 1 distinguishing claim, where 2 are needed"],
        "published": [],
    }
    assert reasons == said[status]


@pytest.mark.parametrize(
    ("kappa", "status"), [(0.45, "withheld"), (0.36, "withheld"), (0.225, "pattern"), (0.0, "withheld")]
)
def test_what_thins_a_group_thins_its_facts(kappa: float, status: str) -> None:
    """Of a group with half of the κ a claim with a quarter of the bits distinguishes, and of one with none no claim does."""
    claims = [ready(information_bits=0.005)] + [ready(information_bits=None)] * 5
    assert gate(claims, **{**GOOD, **firmness(kappa=kappa, word="soft")})[0] == status


@pytest.mark.parametrize(
    ("share", "beside", "status"),
    [(0.61, "withheld", "withheld"), (0.6, "withheld", "published"), (0.61, "pattern", "published")],
)
def test_most_users_alone_are_no_persona(share: float, beside: str, status: str) -> None:
    """A group of over six in ten users is withheld with its reason where no other is shown, and never where one is."""
    one, *_, other = persona_set().personas
    size = one.size.model_copy(update={"share_users": share})
    one = one.model_copy(update={"size": size, "firmness": Firmness(**FIRM)})
    found, _ = without_everybody([one, other.model_copy(update={"status": beside})])
    assert found.status == status
    assert ("61 % of the users" in " ".join(found.reasons)) == (status == "withheld")


def test_an_unchanged_log_differs_in_nothing(corpus: Corpus) -> None:
    """Recomputing a claim on its own log finds no difference, with and without others."""
    for measure in (ask(), ask(versus="everyone_else", says={"comparator": "more_than_others"})):
        assert recompute(corpus, published_claim(claim(corpus, measure)), HERE) == []


def test_a_changed_log_is_noticed(corpus: Corpus) -> None:
    """A changed line, a lost one, fewer buyers and a member who left are each found, as that kind of difference."""
    made = published_claim(claim(corpus, ask()))
    members = {1: [f"u{i:02}" for i in range(10)]}
    log = log_of()
    changed = load([{**e, "hash": "f" * 64} if e["line"] == 2 else e for e in log], members)
    assert [d.kind for d in recompute(changed, made, HERE)] == ["changed"]
    shorter = load([e for e in log if e["line"] != 2], members)
    assert {d.kind for d in recompute(shorter, made, HERE)} == {"unresolved"}  # one user more or less is not told
    fewer = load(log_of(5), members)
    assert {d.kind for d in recompute(fewer, made, HERE)} == {"value", "verdict"}
    moved = load(log, {1: members[1][1:]})
    assert "outside" in {d.kind for d in recompute(moved, made, HERE)}
