"""The mark of a name that a person gave, where a later run keeps the name."""

from __future__ import annotations

from persona_agent.report.continued import continued
from persona_agent.schema import Changes, ComparedRun, Window
from persona_agent.schema.told_edits import NOT_VERIFIED
from tests.factories import persona_set


def test_a_kept_name_keeps_its_mark_and_stands_plain() -> None:
    """A run that follows one with a name that nobody verified calls its persona so, with the mark beside and not in it."""
    exact = persona_set()
    first = exact.personas[0]
    was = first.model_copy(update={"label": "The unhurried", "named": NOT_VERIFIED})
    labels = {p.id: p.called for p in [was, *exact.personas[1:]]}
    side = ComparedRun(run_id="a", window=Window(start="2024-01-01", end="2024-06-30"), users=500, labels=labels)
    made = continued(exact, Changes(old=side, new=side, personas=[], claims=[], moves=None, notes=[]))
    assert (made.personas[0].label, made.personas[0].named) == ("The unhurried", NOT_VERIFIED)
    assert [(p.label, p.named) for p in made.personas[1:]] == [(p.label, "") for p in exact.personas[1:]]
