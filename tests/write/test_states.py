"""A claim's states, and the texts that topics are in a dossier."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from persona_agent.commands.running import RunResult
from persona_agent.schema import Claim, Dossier, Topic, Withdrawal, json_schemas
from persona_agent.store import Store
from persona_agent.write.states import leave_to_critic, mark_judged, mark_settled, withdraw
from tests.factories import persona_set


def test_candidates_are_read_and_written_alike(small_run: RunResult) -> None:
    """Every candidate of the dossiers of a run becomes a proposed claim, and the same row again."""
    rows = Store.open(small_run.out).read_json("dossiers.json")
    assert rows
    for row in rows:
        dossier = Dossier.model_validate(row)
        assert dossier.model_dump(mode="json")["candidates"] == row["candidates"]
        for claim in dossier.candidates:
            assert claim.state == "proposed"
            assert (claim.status == "withdrawn") == (claim.truthfulness.label == "artefact")


@pytest.mark.parametrize("text", ["hours", "amount quantity", "thing buy rye loaf", "session size"])
def test_a_topic_is_its_text(text: str) -> None:
    """The first word is the kind, the rest is what it is about; equal texts are equal topics."""
    topic = Topic.model_validate(text)
    assert (topic.kind, topic.about) == tuple([*text.split(" ", 1), ""][:2])
    assert str(topic) == topic.model_dump(mode="json") == text
    assert topic == Topic(kind=topic.kind, about=topic.about)


def test_a_topic_of_no_kind_is_refused() -> None:
    """A topic that begins with no known kind is a validation error."""
    with pytest.raises(ValidationError):
        Topic.model_validate("weather rain")


def claim() -> Claim:
    return persona_set().personas[0].claims[0]


def test_a_claim_goes_from_state_to_state() -> None:
    """A claim of a finished run is settled; each step changes the state and what it is told, and withdrawing takes it from
    the critic.
    """
    assert claim().state == "settled"
    drafted = leave_to_critic(claim(), text="In own words.")
    assert (drafted.state, drafted.text) == ("drafted", "In own words.")
    judged = mark_judged(drafted, "code and a/b")
    assert (judged.state, judged.judged_by) == ("judged", "code and a/b")
    fell = withdraw(drafted, Withdrawal(label="not_enough", why="too few"), earlier=claim().rounds)
    assert (fell.state, fell.status, str(fell.withdrawal)) == ("judged", "withdrawn", "not_enough: too few")
    assert [r.findings for r in fell.rounds] == [[], ["not_enough: too few"]]
    assert withdraw(mark_settled(judged), Withdrawal(label="forgotten", why="gone")).state == "settled"


def test_a_claim_is_withdrawn_for_a_reason_and_only_then() -> None:
    """A withdrawn claim without a reason, and a reason on a claim that is not withdrawn, are validation errors."""
    whole = claim().model_dump(mode="json")
    for change in ({"status": "withdrawn"}, {"withdrawal": {"label": "false", "why": "9 of 10"}}):
        with pytest.raises(ValidationError, match="says why"):
            Claim.model_validate({**whole, **change})


def test_state_and_topic_are_in_no_file() -> None:
    """What leaves the program, and its JSON Schema, have neither."""
    made = mark_judged(claim(), "code", topic=Topic(kind="hours"))
    assert not {"state", "topic"} & set(made.model_dump(mode="json"))
    assert not {"state", "topic"} & set(json_schemas()["Claim"]["properties"])
