"""What the suites try on cards without a model: readers who do not read, acts under two names, files that were changed."""

from __future__ import annotations

import json

from evals.bench import twins
from evals.critics import careless
from evals.results import Number
from evals.running import fixtures_in
from evals.suite import Failed, suite_of
from evals.suites import critic, personas
from evals.worlds import Spec, generate


def test_careless_readers_are_found_out() -> None:
    """On the cards of a real log every careless reader's call is worth nothing, and every objection of one who reads stands."""
    found = careless.answered(fixtures_in(None), "library.jsonl.gz")
    assert set(found) == {*careless.CARELESS, "objections_stand"}
    for kind, (good, n) in found.items():
        assert n >= 8, kind
        assert good == n, kind


def test_careless_readers_are_counted_by_kind() -> None:
    """Over logs, each kind is a number of arm A; a log that failed is an error of each."""
    results = {"careless.a": {"skims": [3, 4]}, "careless.b": {"skims": [4, 4]}, "careless.c": Failed("full")}
    made = {n.name: n for n in critic.numbers(results, suite_of(critic).data)}
    skims = made["a_recall.skims"]
    assert (skims.value, skims.n, skims.n_error, skims.by_construction) == (7 / 8, 8, 1, True)


def test_everything_is_written_down_twice() -> None:
    """Each record has its twin a second later, by the same user and of the same thing; what is no record has none."""
    lines = generate(Spec(users=20, events=20, seed=1)).lines
    both = [row for line in lines for row in twins._twice(line)]
    records = [r for row in both if row.startswith("{") and row.endswith("}") and "action" in (r := json.loads(row))]
    logged = [r for r in records if r["action"].endswith(twins.TWIN)]
    assert len(records) == 2 * len(logged)
    assert len(both) == len(lines) + len(logged)
    plain = [r for r in records if not r["action"].endswith(twins.TWIN)]
    assert [(r["user"], r.get("object"), r["action"] + twins.TWIN) for r in plain] == [
        (r["user"], r.get("object"), r["action"]) for r in logged
    ]


def test_no_card_tells_of_an_act_and_of_its_twin() -> None:
    """A planted world, all of it under two names, tells each fact once."""
    told, claims = twins.told_twice(Spec(users=150, seed=201))
    assert claims > 20
    assert told == 0


def test_numbers_of_twins_are_shares_of_claims() -> None:
    """Over worlds; one that failed is an error."""
    (made,) = personas._of_twins([(2, 50), (0, 50), Failed("full")])
    assert isinstance(made, Number)
    assert (made.name, made.value, made.n, made.n_error, made.met) == ("told_twice.twins", 0.02, 100, 1, False)
    assert personas._of_twins([]) == []
