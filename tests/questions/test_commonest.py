"""Questions for the things that most users have to do with."""

from __future__ import annotations

import pytest

from persona_agent.questions.commonest import commonest_things
from persona_agent.questions.log_names import NamesInLog, things_called
from persona_agent.questions.spotting import spot

ACTS = [("view", None), ("view", "/home"), ("view", "/shop"), ("download", None), ("download", "tool.zip")]


@pytest.mark.parametrize(
    ("question", "action", "things"),
    [
        ("What is the most viewed page?", "view", ["/home", "/shop"]),
        ("Which pages are most popular?", "", ["/home", "/shop", "tool.zip"]),
        ("Show the top products", "download", ["tool.zip"]),
        ("How many people view pages?", "view", []),
        ("When do most people come?", "", []),
    ],
)
def test_the_commonest_things_of_an_act_are_told(question: str, action: str, things: list[str]) -> None:
    """By the word that the log's own column has for them, and only where a question asks for those that are met most."""
    spotted = spot(question, NamesInLog(things=("page",)), {"view", "download"})
    asked = commonest_things(question, spotted, ACTS, action)
    on = [c.value[0] for m in asked for step in m.steps for c in step if c.field == "object"]
    acts = {c.value[0] for m in asked for step in m.steps for c in step if c.field == "action"}
    assert (on, acts) == (things, {action} if action and things else set())
    assert all((m.unit, m.statistic) == ("users", "share") for m in asked)


@pytest.mark.parametrize(
    ("column", "called"),
    [("page_title", ("page",)), ("stationId", ("station",)), ("url", ()), ("youtuber", ("youtuber",))],
)
def test_a_column_says_what_things_are(column: str, called: tuple[str, ...]) -> None:
    """The word beside that for a key or a name; a word for an address says nothing."""
    assert things_called(column) == called
