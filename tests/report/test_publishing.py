"""What may be forwarded: nothing on a card, a page or in personas.json tells of fewer than five users."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report import personas_markdown, report_html
from persona_agent.report.cited import CitedLine, LineKey
from persona_agent.report.publishing import published, published_audit
from persona_agent.report.shown_lines import FEW_SAY_SO, SENSITIVE_LINE, lines_at
from persona_agent.schema import (
    Audit,
    AuditedPart,
    AuditedPersona,
    AuditedStatement,
    Citation,
    Claim,
    Counter,
    Coverage,
    IsItJust,
    Journey,
    Measure,
    Period,
    PersonaSet,
    Says,
    Truthfulness,
)
from persona_agent.store import Store
from persona_agent.words.floors import FEWER, of_users, share, with_rounded_counts
from persona_agent.words.published_claims import published_claim, said_as_shown
from persona_agent.words.wording import percent
from tests.conftest import SMALL_OPTIONS
from tests.factories import lines_of, persona_set

COUNTS = {"users", "n_support", "n_contra", "support", "n", "other", "unassigned_users", "suppressed_users"}


def a_claim(n: int, doing: int) -> Claim:
    """A claim that so many of n users do something."""
    claim = next(c for c in persona_set().personas[0].claims if c.measure and c.measure.unit == "users")
    counter = Counter(
        says=f"{n - doing:,} of {n:,} users do not" if doing < n else f"none of {n:,} users",
        n_support=doing,
        n_contra=n - doing,
        lines=claim.counter.lines if claim.counter else [],
    )
    truth = claim.truthfulness.model_copy(update={"value": doing / n, "n": n, "ci": (0.8, 0.99), "reason": ""})
    return claim.model_copy(update={"truthfulness": truth, "counter": counter})


def counted(tree: Any, name: str = "", path: str = "") -> Iterator[tuple[str, int]]:
    """Every number of users in a set, with where it stands; `n` of a citation is the place in a line."""
    if isinstance(tree, dict):
        if "hash" not in tree:
            for key, inner in tree.items():
                yield from counted(inner, key, f"{path}.{key}")
    elif isinstance(tree, list):
        for i, inner in enumerate(tree):
            yield from counted(inner, name, f"{path}.{i}")
    elif name in COUNTS and isinstance(tree, int):
        yield path, tree


def test_one_who_does_not_is_not_told() -> None:
    """“1 of 34 do not” with that user's line is said as fewer than five, without a line, and its share as over a number."""
    told = published_claim(a_claim(34, 33))
    assert told.counter is not None
    assert (told.counter.says, told.counter.n_contra, told.counter.lines) == (
        "fewer than five of 35 users",
        None,
        [],
    )
    assert told.text.startswith("over 86 % of them")
    assert "33" not in told.model_dump_json(include={"counter", "truthfulness", "text"})


@given(st.integers(20, 400), st.integers(0, 400), st.integers(1, 4), st.integers(0, 4))
def test_runs_with_and_without_a_few_cannot_be_subtracted(n: int, doing: int, gone: int, of_them: int) -> None:
    """Of two runs that differ by one to four users each count differs by nothing or five, and where fewer than five do not,
    both runs say the same of whether anybody does not.
    """
    doing, of_them = min(doing, n), min(of_them, gone)
    before = published_claim(a_claim(n, doing))
    after_n, after_doing = n - gone, min(max(doing - of_them, 0), n - gone)
    after = published_claim(a_claim(after_n, after_doing))
    for one, two in ((before.truthfulness.n, after.truthfulness.n), (of_users(n), of_users(after_n))):
        assert abs(one - two) in (0, 5)
    assert before.counter is not None
    assert after.counter is not None
    for one, two in (
        (before.counter.n_contra, after.counter.n_contra),
        (before.counter.n_support, after.counter.n_support),
    ):
        assert abs((one or 5) - (two or 5)) in (0, 5)  # none told stands for fewer than five
    if max(n - doing, after_n - after_doing) < 5:
        assert before.counter.says.split(" of ")[0] == after.counter.says.split(" of ")[0] == FEWER
        assert before.truthfulness.bound == after.truthfulness.bound == "over"


@given(st.integers(1, 300), st.integers(0, 300))
def test_published_again_is_published_as_it_is(n: int, doing: int) -> None:
    """`check` publishes what it counts, and `forget` what was published: both must come to the same."""
    once = published_claim(a_claim(n, min(doing, n)))
    assert published_claim(once) == once


@given(
    st.integers(40, 400),
    st.integers(40, 90_000),
    st.integers(0, 90_000),
    st.integers(0, 400),
    st.floats(0, 1),
    st.data(),
)
def test_a_set_published_again_is_published_as_it_is(
    users: int, left: int, support: int, on_cards: int, share_of_them: float, data: st.DataObject
) -> None:
    """Whatever its counts are: nobody who publishes again, as `forget` does, moves a figure."""
    exact = persona_set()
    numbers = dict.fromkeys(("records", "events", "sessions", "memories"), left) | {
        "rejected": left // 3,
        "users": users,
    }
    first = exact.personas[0]
    claims = [
        c.model_copy(
            update={
                "counter": c.counter
                and c.counter.model_copy(update={"n_support": support, "n_contra": data.draw(st.integers(0, 400))})
            }
        )
        for c in first.claims
    ]
    coverage = Coverage(users=min(on_cards, users) / users, activity=share_of_them, value=share_of_them, leaning=0.013)
    changed = {
        "claims": claims,
        "journeys": [Journey(steps=["buy"], support=support, exemplar=[])],
        "stability": 0.8123,
    }
    made = exact.model_copy(
        update={
            "counts": exact.counts | numbers,
            "coverage": coverage,
            "personas": [first.model_copy(update=changed), *exact.personas[1:]],
            "intents": [i.model_copy(update={"memories": left // 7}) for i in exact.intents],
        }
    )
    once = published(made, lines_of(exact))
    assert published(once, lines_of(exact)) == once


@given(st.integers(40, 400), st.integers(0, 2), st.floats(0, 0.2))
def test_coverage_tells_nobody_alone(users: int, missing: int, theirs: float) -> None:
    """One or two users on no card are told as nobody, and of what they bring in nothing."""
    exact = persona_set()
    covered = Coverage(users=(users - missing) / users, activity=1 - theirs, value=1 - theirs, leaning=missing / users)
    made = exact.model_copy(update={"coverage": covered, "counts": exact.counts | {"users": users}})
    told = published(made, lines_of(exact)).coverage
    near_all = of_users(users - missing) == of_users(users)
    assert (told.users, told.activity, told.value) == (1.0, 1.0, 1.0) or not near_all
    assert told.leaning == 0


def test_what_fewer_than_five_visits_of_users_are_is_told_in_their_steps() -> None:
    """How often a journey is made is told as its claim tells it: 47 visits of one user are not 45."""
    exact = persona_set()
    steps = [[{"field": "action", "op": "is", "value": [act]}] for act in ("look", "buy")]
    claim = next(c for c in exact.personas[0].claims if c.measure and c.counter)
    assert claim.counter is not None
    measure = Measure.model_validate(
        {
            "unit": "sessions",
            "steps": steps,
            "ordered": True,
            "statistic": "share",
            "says": {"comparator": "about", "value": 0.5},
        }
    )
    counter = claim.counter.model_copy(
        update={"says": "1,953 of 2,000 visits do not", "n_support": 47, "n_contra": 1_953}
    )
    truth = claim.truthfulness.model_copy(update={"n": 40})
    claim = claim.model_copy(update={"kind": "journey", "measure": measure, "counter": counter, "truthfulness": truth})
    first = exact.personas[0].model_copy(
        update={"claims": [claim], "journeys": [Journey(steps=["look", "buy"], support=47, exemplar=[])]}
    )
    told = published(exact.model_copy(update={"personas": [first]}), lines_of(exact)).personas[0]
    assert told.claims[0].counter is not None
    assert told.journeys[0].support == (told.claims[0].counter.n_support or 0) == 0


def test_figures_of_the_making_are_as_fine_as_they_are_printed() -> None:
    """Means over claims, places on a map and figures of the choice of a number have two digits: sixteen tell any change."""
    exact = persona_set()
    first = exact.personas[0]
    scores = first.scores.drafted.model_copy(update={"information": 0.8820182171400823})
    both = first.scores.model_copy(update={"drafted": scores, "published": scores})
    odd = first.model_copy(update={"stability": 0.81234, "scores": both})
    told = published(
        exact.model_copy(update={"personas": [odd], "is_it_just": [IsItJust(field="x", ami=0.1688)]}), lines_of(exact)
    )
    assert told.personas[0].stability == 0.81
    assert told.personas[0].scores.published.information == told.personas[0].scores.drafted.information == 0.88
    assert told.is_it_just[0].ami == 0.17


@given(st.floats(0, 1, allow_nan=False))
def test_a_share_is_printed_as_before(value: float) -> None:
    """Rounding changes no printed share but at the very edges of “under 1 %” and “over 99 %”."""
    rounded = share(value)
    assert rounded is not None
    if 0.01 <= value <= 0.99 or value in (0, 1):
        assert abs(rounded - value) <= 0.005 + 1e-9
    assert percent(rounded) == percent(value) or abs(value - 0.5) > 0.48 or abs(value * 100 % 1 - 0.5) < 1e-6


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("only 3 users are behind it, 5 are needed", "fewer than five users are behind it, 5 are needed"),
        ("12 users, where 20 are needed", "10 users, where 20 are needed"),
        ("3 users are in groups too small to show.", "fewer than five users are in groups too small to show."),
        ("1,234 users; 2 sessions", "1,235 users; 2 sessions"),
        ("soft: only 37 of 41 users came often", "soft: only 35 of 40 users came often"),
        ("3 of the 41 members do", "fewer than five of the 40 members do"),
        ("fewer than 8 users since somebody was forgotten", "fewer than 8 users since somebody was forgotten"),
    ],
)
def test_counts_in_words(text: str, told: str) -> None:
    """Reasons and notes hold no exact number of users either."""
    assert with_rounded_counts(text) == told
    assert with_rounded_counts(told) == told


def test_a_month_of_two_is_left_out() -> None:
    """A month with two users of a group is in no file; the others are in fives."""
    exact = persona_set()
    first = exact.personas[0].model_copy(
        update={"sizes_over_time": [Period(period="2025-01", users=2), Period(period="2025-02", users=33)]}
    )
    told = published(exact.model_copy(update={"personas": [first]}), lines_of(exact))
    assert told.personas[0].sizes_over_time == [Period(period="2025-02", users=35)]


def test_lines_against_need_five_users() -> None:
    """Many sessions of one user are many on the other side, and one person's lines: those are not shown."""
    exact = persona_set()
    lines = lines_of(exact)
    same = {k: type(line)("u1", line.time, line.action, line.object, line.text) for k, line in lines.items()}
    assert any(c.counter and c.counter.lines for p in published(exact, lines).personas for c in p.claims)
    told = published(exact, same)
    assert not any(c.counter and c.counter.lines for p in told.personas for c in [*p.claims, *p.withdrawn] if c.measure)


def test_a_share_that_is_said_is_published_as_it_is_printed() -> None:
    """“About 0.702” of 560 visits would be 393 of them; amounts, and what compares, keep what they say."""
    asked = Measure(unit="sessions", statistic="share", steps=[], says=Says(comparator="about", value=0.702))
    assert said_as_shown(asked).says.value == 0.7
    assert said_as_shown(said_as_shown(asked)) == said_as_shown(asked)
    amount = asked.model_copy(update={"statistic": "median", "of": "minutes"})
    more = asked.model_copy(update={"says": Says(comparator="more_than_others")})
    assert (said_as_shown(amount), said_as_shown(more)) == (amount, more)
    claim = persona_set().personas[0].claims[0].model_copy(update={"measure": asked})
    told = published_claim(claim).measure
    assert told is not None
    assert told.says.value == 0.7


def test_nothing_published_of_a_run_is_exact(small_run: RunResult) -> None:
    """Each number of users in the folder's personas.json is a multiple of five, each share has two digits, and pages agree."""
    text = (small_run.out / "personas.json").read_text()
    found = PersonaSet.model_validate_json(text)
    assert [(path, n) for path, n in counted(json.loads(text)) if n % 5] == []
    for p in found.personas:
        for c in p.claims:
            if c.measure and c.measure.statistic == "share":
                value = c.truthfulness.value or 0.0
                assert value in (0.004, 0.996) or round(value, 2) == value
    run = json.loads((small_run.out / "run.json").read_text())
    assert run["counts"]["events"] != found.counts["events"]


def test_two_runs_with_and_without_three_users(small_log: Path, small_run: RunResult, tmp_path: Path) -> None:
    """Three users less: whatever number of users is published in both runs differs by a multiple of five."""
    lines = small_log.read_text().splitlines(keepends=True)
    gone = sorted({m[1] for line in lines if (m := re.match(r'\{"user": "(c\d+)"', line))})[:3]
    log = tmp_path / "events.jsonl"
    log.write_text("".join(line for line in lines if not any(f'"{user}"' in line for user in gone)))
    after = commands.run(Options(inputs=(str(log),), out=tmp_path / "out", **SMALL_OPTIONS), Silent())
    one, two = (dict(counted(r.personas.model_dump(mode="json"))) for r in (small_run, after))
    assert after.run["counts"]["users"] == small_run.run["counts"]["users"] - 3
    both = [(path, one[path], two[path]) for path in one if path in two]
    assert len(both) > 5
    assert [row for row in both if (row[1] - row[2]) % 5] == []


def test_texts_of_a_few_and_sensitive_topics_are_not_quoted(tmp_path: Path) -> None:
    """A text that two users wrote is not shown as evidence, nor is a line on a topic of the law, though it was kept."""
    rows = [
        (u, "search", "insulin pump" if u < 30 else "sourdough", "my own words" if u in (0, 31) else "all say so")
        for u in range(60)
    ]
    log = tmp_path / "log.jsonl"
    log.write_text(
        "".join(
            json.dumps(
                {
                    "user": f"p{u}",
                    "timestamp": f"2025-03-{1 + d:02d}T10:{u:02d}:00Z",
                    "action": a,
                    "object": o,
                    "text": t,
                }
            )
            + "\n"
            for d in range(6)
            for u, a, o, t in rows
        )
    )
    out = tmp_path / "out"
    commands.run(Options(inputs=(str(log),), out=out, keep="sensitive"), Silent())
    shown = lines_at(Store.open(out), [("log.jsonl", n, 0) for n in range(1, 361)])
    assert {line.action for line in shown.values()} == {"search", SENSITIVE_LINE}
    assert "insulin" not in str(shown)
    assert "my own words" not in str(shown)
    sourdough = [line for line in shown.values() if line.object == "sourdough"]
    assert sourdough
    assert {line.text for line in sourdough} == {"all say so", FEW_SAY_SO}


def test_pages_are_made_of_what_is_published() -> None:
    """The pages of a published set hold none of the exact numbers of users of the exact one."""
    exact = persona_set()
    odd = exact.personas[0].model_copy(update={"size": exact.personas[0].size.model_copy(update={"users": 1_233})})
    told = published(exact.model_copy(update={"personas": [odd]}), lines_of(exact))
    for page in (personas_markdown(told, lines_of(told)), report_html(told, lines_of(told))):
        assert "1,233" not in page
        assert "1,235" in page


def _statement(n: int, value: float, users: Sequence[str]) -> AuditedStatement:
    measure = Measure.model_validate(
        {
            "unit": "users",
            "steps": [[{"field": "action", "op": "is", "value": ["buy"]}]],
            "statistic": "share",
            "says": {"quantifier": "most"},
        }
    )
    result = Truthfulness(label="true", score=1.0, value=value, n=n, ci=(0.1, 1.0), raw=1.0, reason=f"{n} users do")
    part = AuditedPart(words="buy", measure=measure, others_value=1.0, result=result)
    lines = [Citation(file="a", line=i, n=0, hash="0" * 64, relation="supports") for i, _ in enumerate(users, 1)]
    return AuditedStatement(
        id="a1.s1", text="They buy.", where="line 1", under="", outcome="supported", reason="so", parts=[part],
        beyond="", lines=lines, counter=None,
    )  # fmt: skip


def _audit(members: int, statement: AuditedStatement) -> Audit:
    who = AuditedPersona(
        name="Ann",
        members=members,
        how="a list",
        membership=None,
        statements=[statement],
        outcomes={"supported": 1, "not_testable": 0},
    )
    return Audit(
        schema_version=1, personas_file="a.md", judged_by="m", prompts={}, users=123, events=1_000, personas=[who],
        outcomes={"supported": 1, "not_testable": 0}, skipped=[], unasked=[], usage={},
    )  # fmt: skip


def _lines(users: Sequence[str]) -> dict[LineKey, CitedLine]:
    return {
        ("a", i, 0): CitedLine(user=user, time="", action="buy", object="", text="") for i, user in enumerate(users, 1)
    }


def test_an_audit_singles_nobody_out() -> None:
    """Of a list of four, or of one, nothing is told; of a list that leaves out two, nothing of those two; lines of a few
    are not shown.
    """
    one = published_audit(_audit(1, _statement(1, 1.0, ["u"])), _lines(["u"])).personas[0]
    assert (one.members, one.outcomes) == (0, {"supported": 0, "not_testable": 1})
    assert (one.statements[0].parts, one.statements[0].lines, one.statements[0].outcome) == ([], [], "not_testable")
    users = ["u", "v", "w"]
    most = published_audit(_audit(121, _statement(121, 0.5, users)), _lines(users)).personas[0]
    part = most.statements[0].parts[0]
    assert (most.members, part.result.n, part.others_value, part.result.raw) == (120, 120, None, None)
    assert most.statements[0].lines == []
