"""What many statements about two groups, eight members apart, tell of who in them does a thing."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import persona_agent as pa
from persona_agent.evidence.corpus import Corpus
from persona_agent.groups.grouping import fit_fold
from persona_agent.options import Options

from .refereed import OPTIONS

USERS, INNER, OUTER, OF_OUTER, ELSEWHERE = 240, 60, 68, 7, 70
FETCH = {"steps": [[{"field": "action", "op": "is", "value": ["fetch"]}]], "statistic": "share"}
# Every hundredth where bounds of fewer than five lie, of sixty and of 68, and every twentieth between.
STEPS = sorted({round(i / 100, 2) for i in (*range(16), *range(0, 101, 5), *range(86, 101))})
SAYS: list[dict[str, Any]] = [
    *({"comparator": how, "value": v} for how in ("about", "equals", "at_least", "at_most") for v in STEPS),
    *({"quantifier": "n_in_ten", "value": i} for i in range(11)),
    *({"quantifier": word} for word in ("none", "hardly_any", "few", "most", "almost_all", "all", "a_third", "half")),
]


def write_world(path: Path, inner: int) -> str:
    """240 users of six visits, in all of which some fetch: `inner` of the sixty, so many of the eight that these are seven
    together, and 70 others. All leave as many lines, and nobody of the 68 who fetches is set aside.
    """
    fit = fit_fold(USERS, Options().seed)
    some = [u for u in range(INNER) if fit[u]][:inner]
    more = [u for u in range(INNER, OUTER) if fit[u]][: OF_OUTER - inner]
    doing = {*some, *more, *range(OUTER, OUTER + ELSEWHERE)}
    assert len(some) + len(more) == OF_OUTER
    with path.open("w") as file:
        for user in range(USERS):
            for visit in range(6):
                for line in range(3):
                    act = ("fetch" if user in doing else "look", "read", "buy")[line]
                    at = f"2024-03-{1 + 4 * visit:02d}T{8 + user // 60:02d}:{user % 60:02d}:{line:02d}Z"
                    row = {"user": f"u{user}", "timestamp": at, "action": act, "object": f"t{(user + line) % 5}"}
                    file.write(json.dumps(row) + "\n")
    return str(path)


def audited(log: str, members: int) -> dict[str, Any]:
    """All that an audit of the first so many users says, asked by all these thresholds."""
    said = [
        {"text": f"{unit} {i}", "measure": {**FETCH, "unit": unit, "says": says}}
        for unit in ("users", "sessions")
        for i, says in enumerate(SAYS)
        if unit == "users" or "comparator" in says
    ]
    text = json.dumps({"personas": [{"name": "They", "statements": said}]})
    made = pa.audit(text, log, groups={"They": [f"u{i}" for i in range(members)]}, **OPTIONS)
    told: dict[str, Any] = made.model_dump(mode="json", include={"personas", "outcomes", "users", "events"})
    for statement in told["personas"][0]["statements"]:
        # Whose lines are cited, and with whom those who do it are compared, goes with who they are, not with how many.
        statement.pop("lines")
        statement["counter"] = statement["counter"] and statement["counter"]["says"]
        statement["parts"][0].pop("information_bits", None)
    return told


@pytest.fixture(autouse=True)
def looked_up_once() -> Iterator[None]:
    """Hundreds of thresholds ask a log for the same lines: of each audit they are fetched once."""

    def remembering(look: Callable[..., Any]) -> Callable[..., Any]:
        def answer(corpus: Corpus, asked: Any, more: Any) -> Any:
            key = pickle.dumps((look.__name__, id(corpus.connection), asked, getattr(more, "values", more)))
            if key not in corpus.memo:
                corpus.memo[key] = look(corpus, asked, more)
            return corpus.memo[key]

        return answer

    with pytest.MonkeyPatch.context() as patch:
        for look in (Corpus.rows, Corpus.cite):
            patch.setattr(Corpus, look.__name__, remembering(look))
        yield


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """One, two and four of the sixty fetch."""
    folder = tmp_path_factory.mktemp("apart")
    return [write_world(folder / f"{n}.jsonl", n) for n in (1, 2, 4)]


@pytest.mark.parametrize("members", [INNER, OUTER])
def test_two_audits_eight_members_apart_give_no_count(worlds: list[str], members: int) -> None:
    """Whether one, two or four of sixty do it, and six, five or three of the eight that the second audit has more, all statements
    come to the same, by figures, verdicts and reasons, on users set aside as well.
    """
    found = [audited(log, members) for log in worlds]
    assert found[0] == found[1] == found[2]


def test_a_figure_that_is_said_is_rounded_as_the_one_that_is_told(worlds: list[str]) -> None:
    """Of four of sixty "about 7 %" is supported, "7 %" and "0 %" as well, for all of them are fewer than five; "30 %" is
    contradicted, and what fewer than five users decide (nobody, at least 3 %) cannot be told.
    """
    found = audited(worlds[2], INNER)["personas"][0]["statements"]
    told = {json.dumps(s["parts"][0]["measure"]["says"]): s for s in found if s["text"].startswith("users")}

    def outcome(**says: Any) -> str:
        return str(next(s["outcome"] for k, s in told.items() if says.items() <= json.loads(k).items()))

    assert {outcome(comparator=how, value=v) for how in ("about", "equals") for v in (0.0, 0.07)} == {"supported"}
    assert {outcome(comparator=how, value=0.3) for how in ("about", "equals")} == {"contradicted"}
    assert outcome(comparator="at_most", value=0.2) == "supported"
    assert {outcome(quantifier="none"), outcome(comparator="at_least", value=0.03)} == {"cannot_tell"}
    assert {s["parts"][0]["result"]["bound"] for s in told.values()} == {"under"}
