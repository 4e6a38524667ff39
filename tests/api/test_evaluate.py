"""One measure asked of a log, held against numbers counted with pandas."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import persona_agent as pa
from persona_agent.schema import Truthfulness
from persona_agent.words.floors import published_truth

BUYS = [[{"field": "action", "op": "is", "value": ["buy"]}]]
MOST: dict[str, Any] = {"unit": "users", "statistic": "share", "steps": BUYS, "says": {"quantifier": "most"}}
MORE: dict[str, Any] = {**MOST, "versus": "matched", "says": {"comparator": "more_than_others"}}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """Forty users with numbers for ids, some of whom buy, at times that a seed draws."""
    rng = np.random.default_rng(5)
    rows = []
    for user in range(1, 41):
        minutes = np.cumsum(rng.integers(1, 3_000, size=12))
        for minute in minutes:
            buys = user % 3 == 0 and rng.random() < 0.3
            rows.append(
                {
                    "user": user,
                    "timestamp": pd.Timestamp("2024-05-01") + pd.Timedelta(minutes=int(minute)),
                    "action": "buy" if buys else str(rng.choice(["look", "search", "save"])),
                    "price": float(rng.integers(1, 50)) if buys else None,
                }
            )
    return pd.DataFrame(rows)


def buyers(log: pd.DataFrame) -> set[int]:
    return set(log.user[log.action == "buy"])


def wilson(k: int, n: int) -> tuple[float, float]:
    z, p = 1.959964, k / n
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def test_a_share_of_everyone(log: pd.DataFrame) -> None:
    """Value, n and interval are those of the users who buy; what the measure says is judged, with the case against."""
    found = pa.evaluate(log, MOST)
    k = len(buyers(log))
    assert (found.value, found.n) == (pytest.approx(k / 40), 40)
    assert found.interval == pytest.approx(wilson(k, 40), abs=1e-4)
    assert (found.matched, found.raw, found.label) == (None, None, "false")
    assert found.says_against == f"{40 - k} of 40 users do not"


def test_its_lines_are_rows_of_the_frame(log: pd.DataFrame) -> None:
    """Lines for it are rows in which a user buys; lines against it are rows of users who never do."""
    found = pa.evaluate(log, MOST)
    rows = log.iloc[[line.line - 1 for line in found.lines]]
    assert set(rows.action) == {"buy"}
    assert [line.action for line in found.lines] == list(rows.action)
    others = log.iloc[[line.line - 1 for line in found.against]]
    assert len(others) > 0
    assert set(others.user) & buyers(log) == set()


def test_groups_are_compared_with_everyone_else(log: pd.DataFrame) -> None:
    """Each named group has its own share and, as `raw`, that of the users outside of it; comparable others are among them."""
    groups = {"threes": log.user[log.user % 3 == 0].unique(), "low": range(1, 21)}
    found = pa.evaluate(log, MORE, groups=groups)
    assert list(found) == ["threes", "low"]
    for name, members in groups.items():
        inside = set(map(int, members))
        outside = set(log.user) - inside
        assert found[name].value == pytest.approx(len(buyers(log) & inside) / len(inside))
        assert found[name].raw == pytest.approx(len(buyers(log) & outside) / len(outside))
        assert found[name].n == len(inside)
    assert found["threes"].matched == 0
    assert found["threes"].label == "true"
    assert found["low"].label != "true"


def test_a_median_and_a_sum(log: pd.DataFrame) -> None:
    """The median over users of their own median prices, and the mean over all users of what each spent, are those of pandas."""
    bought = log[log.action == "buy"]
    of_price: dict[str, Any] = {"of": "properties.price", "steps": BUYS}
    median = pa.evaluate(
        log, {"unit": "events", "statistic": "median", **of_price, "says": {"comparator": "at_least", "value": 1}}
    )
    assert median.value == pytest.approx(bought.groupby("user").price.median().median())
    total = pa.evaluate(
        log, {"unit": "users", "statistic": "sum", **of_price, "says": {"comparator": "at_least", "value": 1}}
    )
    assert (total.n, total.value) == (40, pytest.approx(bought.price.sum() / 40))


def test_sessions_are_counted(log: pd.DataFrame) -> None:
    """The share of sessions with a purchase: events of a user less than half an hour apart are one session."""
    starts = log.groupby("user").timestamp.diff().fillna(pd.Timedelta(days=1)) > pd.Timedelta(minutes=30)
    sessions = log.assign(session=starts.cumsum(), buys=log.action == "buy").groupby(["user", "session"]).buys.any()
    found = pa.evaluate(log, {**MOST, "unit": "sessions"})
    assert found.value == pytest.approx(sessions.groupby("user").mean().mean())


def test_a_measure_in_every_form(log: pd.DataFrame) -> None:
    """An object, a mapping and JSON text are the same question, with the same lines; only the hashes of users are new."""
    found = [pa.evaluate(log, form) for form in (pa.Measure.model_validate(MOST), MOST, json.dumps(MOST))]
    told = [(f.value, f.interval, f.n, f.label, [(line.line, line.hash) for line in f.lines]) for f in found]
    assert told[0] == told[1] == told[2]
    assert len({f.lines[0].user for f in found}) == 3


def test_memories_are_gathered_where_they_are_asked_for(run: pa.Run, frame: pd.DataFrame) -> None:
    """The personas of a run are groups by their ids: claims that compare nobody come to what the run counted. (A comparison is
    of halves of users, which a log alone does not have.)
    """
    claims = [c for c in run.claims() if c.measure and c.id.startswith("p1.")]
    by_unit = {c.measure.unit: c for c in claims if c.measure and not c.measure.says.compares}
    assert by_unit
    for claim in by_unit.values():
        assert claim.measure is not None
        found = pa.evaluate(frame, claim.measure, groups=run, value="properties.spent")
        assert set(found) == {"p1", "p2"}
        told, exact = claim.truthfulness, found["p1"]
        counted = Truthfulness(label="true", score=1.0, value=exact.value, n=exact.n, ci=None, raw=exact.raw, reason="")
        shown = published_truth(counted, claim.measure)
        assert (shown.value, shown.bound, shown.n, shown.raw) == (told.value, told.bound, told.n, told.raw)
        assert [line.hash for line in found["p1"].lines] == [c.hash for c in claim.citations]


def test_questions_that_cannot_be_asked(log: pd.DataFrame) -> None:
    """What is no measure, compares everyone, or names strangers is a UsageError in a sentence."""
    with pytest.raises(pa.UsageError, match=r"That is no measure: unit: Input should be"):
        pa.evaluate(log, {**MOST, "unit": "people"})
    with pytest.raises(pa.UsageError, match="That is no measure: Invalid JSON"):
        pa.evaluate(log, "most users buy")
    with pytest.raises(pa.UsageError, match="Everyone has no others"):
        pa.evaluate(log, MORE)
    with pytest.raises(pa.UsageError, match="None of the users of 'them' is in this log"):
        pa.evaluate(log, MORE, groups={"them": ["nobody"]})
    with pytest.raises(pa.UsageError, match="looks at the events of one step"):
        pa.evaluate(log, {**MOST, "statistic": "median", "steps": BUYS + BUYS, "unit": "sessions"})


def test_nobody_is_singled_out(log: pd.DataFrame) -> None:
    """Of a group of one there is no value and no line; two groups that one user tells apart are refused; of what one user did no
    line is shown.
    """
    user = int(log.user.iloc[0])
    found = pa.evaluate(log, MOST, groups={"one": [user]})["one"]
    assert (found.value, found.interval, found.lines, found.against, found.says_against) == (None, None, [], [], "")
    with pytest.raises(pa.UsageError, match="'all' and 'but one' differ by fewer than five users"):
        pa.evaluate(log, MOST, groups={"all": list(range(1, 31)), "but one": list(range(2, 31))})
    odd = log.assign(action=log.action.where(log.user != user, "zigzag"))
    zigzag = [[{"field": "action", "op": "is", "value": ["zigzag"]}]]
    assert pa.evaluate(odd, {**MOST, "steps": zigzag}).lines == []
