"""What readers are shown, and which answer is right."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from evals.readers import HIDDEN, HISTORIES, Card, card, habits, histories, masked, match_question, screen_questions
from persona_agent.commands.running import RunResult
from persona_agent.schema import Dossier
from persona_agent.store import Store

names = st.lists(st.text("abcdef ", min_size=3, max_size=8).map(str.strip).filter(lambda n: len(n) > 2), max_size=5)


@given(st.text("abcdef XYZ", max_size=60), names)
def test_masked_text_holds_no_name(text: str, things: list[str]) -> None:
    """No name of a thing is left in a masked text."""
    found = masked(text, things)
    assert all(t.lower() not in found.lower() for t in things)


def test_the_longest_name_goes_first() -> None:
    """Of two names that overlap the longer one is masked whole."""
    assert masked("Bake: Rye bread", ["rye", "rye bread"]) == f"Bake: {HIDDEN}"


def test_cards_come_in_neutral_order_and_the_key_is_right() -> None:
    """The key leads to the right card whatever their order, orders differ with the salt, and masked cards have no label."""
    cards = [Card(f"p{i}", f"label {i}", f"label {i}\nthey do {i}") for i in range(1, 5)]
    seen = [("p3", ["Mon 08:00 do: 3"]), ("p1", ["Tue 09:00 do: 1"])]
    data, right = match_question(cards, seen, [], False, "salt")
    text = {c["id"]: c["text"] for c in data["cards"]}
    assert [text[right[f"h{i}"]] for i in (1, 2)] == ["label 3\nthey do 3", "label 1\nthey do 1"]
    orders = {tuple(c["text"] for c in match_question(cards, seen, [], False, f"s{i}")[0]["cards"]) for i in range(9)}
    assert len(orders) > 1
    hidden, _ = match_question(cards, seen, ["they do"], True, "salt")
    assert "label" not in json.dumps(hidden["cards"])


def test_histories_are_of_users_that_no_group_was_made_from(world_run: RunResult) -> None:
    """Histories are of held-out users with a persona, a few of each, the same each time."""
    store = Store.open(world_run.out)
    shown = [p.id for p in world_run.personas.personas]
    found = histories(store, shown, 1)
    assert 0 < len(found) <= HISTORIES
    assert found == histories(store, shown, 1)
    assert {p for p, _ in found} <= set(shown)
    with store.connect() as connection:
        held_out = connection.execute(
            "SELECT count(*) FROM read_parquet($u) WHERE fold = 'held_out' AND persona_id IS NOT NULL",
            {"u": str(store.path("users.parquet"))},
        ).fetchone()
    assert held_out is not None
    assert len(found) <= held_out[0]


def test_questions_have_one_right_answer_by_the_data(world_run: RunResult) -> None:
    """No two answers are alike, and the right one is among them."""
    dossiers = [Dossier.model_validate(d) for d in Store.open(world_run.out).read_json("dossiers.json")]
    for d in dossiers:
        for q in screen_questions(d, [o for o in dossiers if o is not d], "salt"):
            answers = [a for k, a in q["answers"].items() if k != "z"]
            assert len(answers) == len(set(answers)), q
            assert q["right"] in q["answers"]
            assert q["right"] != "z"


def test_a_habit_is_asked_without_its_figures(world_run: RunResult) -> None:
    """The question names no figure of the others, and the right answer is the claim's direction."""
    asked = [h for p in world_run.personas.personas for h in habits(p)]
    assert asked
    for claim, text, right in asked:
        assert "against" not in text
        assert right == ("higher" if claim.measure and claim.measure.says.comparator == "more_than_others" else "lower")


def test_a_card_tells_label_size_and_claims(world_run: RunResult) -> None:
    """The card begins with its label and has every sentence of the narrative."""
    p = next(p for p in world_run.personas.personas if p.face)
    text = card(p).text
    assert text.startswith(p.label)
    assert all(s.text in text for s in p.narrative)
