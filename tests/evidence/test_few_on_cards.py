"""What a card tells of the users of its group is the same whether nobody, one, two, three or four do a thing, or leave it."""

from __future__ import annotations

from typing import Any

import pytest

from persona_agent.evidence import Corpus, Population, against, judge_measured
from persona_agent.report.published_cards import published_card
from persona_agent.schema import Alignment, Bar, Card, Claim, Measure
from persona_agent.words.published_claims import published_claim
from tests.factories import persona_set

from .logs import event, load

MEMBERS, VISITS, DAY = 34, 6, 24 * 60
BAKE = [{"field": "action", "op": "is", "value": ["bake"]}]
BY: dict[str, dict[str, Any]] = {
    "ever": {"unit": "users", "statistic": "share", "steps": [BAKE]},
    "ever, against others": {"unit": "users", "statistic": "share", "steps": [BAKE], "versus": "matched"},
    "in their visits": {"unit": "sessions", "statistic": "share", "steps": [BAKE]},
    "how often": {"unit": "users", "statistic": "median", "of": "matches", "steps": [BAKE]},
}
SAYS: dict[str, dict[str, Any]] = {
    "ever": {"quantifier": "most"},
    "ever, against others": {"comparator": "more_than_others"},
    "in their visits": {"quantifier": "most"},
    "how often": {"comparator": "at_least", "value": 1},
}
DENIES: dict[str, dict[str, Any]] = {
    "ever": {"comparator": "at_most", "value": 0.3},
    "ever, against others": {"comparator": "less_than_others"},
    "in their visits": {"quantifier": "rarely"},
    "how often": {"comparator": "at_most", "value": 0},
}


def log_with(bakers: int, others: int) -> Corpus:
    """Twice MEMBERS users of six visits each; of the members the first ones bake in each of theirs, and of others some."""
    log: list[dict[str, Any]] = []
    for user in range(2 * MEMBERS):
        does = user < bakers if user < MEMBERS else user - MEMBERS < others
        for visit in range(VISITS):
            for i, act in enumerate(["look", "bake" if does else "read"]):
                at, name = visit * DAY * 5 + i, f"u{user:02}"
                log.append(event(name, len(log), minutes=at, action=act, session=f"{name} {visit}"))
    return load(log, {1: [f"u{i:02}" for i in range(MEMBERS)]})


def published(corpus: Corpus, measure: Measure) -> dict[str, Any]:
    """The claim as all outputs have it, but for the lines that are cited for it; with its bar."""
    some = next(c for c in persona_set().personas[0].claims if c.measure)
    judged = judge_measured(corpus, measure, Population(1))
    claim = some.model_copy(
        update={
            "measure": measure,
            "template": "{value} of {n} do, against {matched}.",
            "truthfulness": judged.truthfulness,
            "counter": against(corpus, measure, judged.measured, Population(1)),
            "information_bits": judged.information_bits,
            "alignment": Alignment(label="full", score=1.0, reason=""),
            "citations": [],
        }
    )
    told = published_claim(claim)
    assert published_claim(told) == told, "what is published is published again as it is"
    bar = Bar(
        claim=claim.id,
        label="Bake",
        unit="of them",
        form="share",
        measure=measure,
        truth=judged.truthfulness,
        core=judged.truthfulness,
    )
    card = published_card(Card.model_construct(**_blank_card(bar)), {claim.id: told})
    return {**_plain(told), "bar": card.bars[0].model_dump()}


def _blank_card(bar: Bar) -> dict[str, Any]:
    return {**dict.fromkeys(Card.model_fields), "bars": [bar], "watch": None}


def _plain(claim: Claim) -> dict[str, Any]:
    return claim.model_dump(exclude={"rounds"})


@pytest.mark.parametrize("name", BY)
@pytest.mark.parametrize("doing", [True, False])
def test_nought_to_four_on_a_side_are_told_alike(name: str, doing: bool) -> None:
    """Words, figures, interval, counts, case against, bits and bar; five are told otherwise, so that this can fail."""
    says = (DENIES if doing else SAYS)[name]
    measure = Measure.model_validate({**BY[name], "says": says})
    found = [published(log_with(k if doing else MEMBERS - k, 12), measure) for k in range(6)]
    assert [x for x in found[1:5] if x != found[0]] == []
    assert found[5] != found[0]
