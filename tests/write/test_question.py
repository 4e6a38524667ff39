"""A question to a run: a word could be read as something else unseen, or an answer be given that no claim holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.models.embeddings import load_embedding
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Dossier, Measure, Vocabulary
from persona_agent.store import Store
from persona_agent.write.drafts import draft_request
from persona_agent.write.question import QuestionReading, add_question, answer_question, read_question, speaks
from tests.factories import persona_set

ACTS = [("print", None), ("pay", None), ("print", "menu card"), ("pay", "voucher code"), ("open", "home feed")]


@pytest.fixture(scope="module")
def embed():  # type: ignore[no-untyped-def]
    return load_embedding("wordllama").embed


def test_words_are_read_as_acts_of_the_log_and_the_rest_is_named(embed) -> None:  # type: ignore[no-untyped-def]
    """A word that the log does not know could be answered with something that only looks like it."""
    asked = read_question("Why do trials stall at payment, and who prints?", ACTS, embed)
    assert asked.acts["payment"] == [("pay", None)]
    assert asked.acts["prints"] == [("print", None)]
    assert set(asked.all_acts) == {a for a in ACTS if a[0] in ("pay", "print")}
    assert read_question("Which menus?", ACTS, embed).acts == {"menus": [("print", "menu card")]}
    assert asked.unknown == ("trials",)
    assert asked.kinds == {"friction"}


@given(st.text(max_size=80))
def test_any_text_can_be_asked(text: str) -> None:
    """A strange character in a question could end a run."""

    def flat(texts: Sequence[str]) -> np.ndarray:
        return np.ones((len(texts), 2), dtype=np.float32) / np.sqrt(2)

    asked = read_question(text, ACTS, flat)
    told = answer_question(asked, [])
    assert told.claims == []
    assert told.answer


def measure(*steps: dict[str, str]) -> Measure:
    written = [[{"field": k, "op": "is", "value": [v]} for k, v in step.items()] for step in steps]
    return Measure.model_validate(
        {"unit": "users", "steps": written, "statistic": "share", "says": {"comparator": "at_least", "value": 0.5}}
    )


def test_a_claim_speaks_to_a_question_if_it_names_its_act() -> None:
    """“open: home feed” could be answered with everything that anybody opens."""
    asked = QuestionReading("x", {"feed": [("open", "home feed")], "payment": [("pay", None)]}, frozenset({"rhythm"}))
    assert speaks(measure({"action": "Pay", "object": "voucher code"}), "behaviour", asked)
    assert speaks(measure({"action": "open", "object": "home feed"}), "behaviour", asked)
    assert not speaks(measure({"action": "open"}), "behaviour", asked)
    assert not speaks(measure({"action": "print"}, {"action": "share"}), "journey", asked)
    assert speaks(None, "rhythm", asked)


def test_what_the_log_cannot_answer_is_said() -> None:
    """Silence could be read as “no”."""
    told = answer_question(QuestionReading("Why do they churn?", unknown=("churn",)), persona_set().personas)
    assert told.claims == []
    assert "This log cannot answer that." in told.answer
    assert "“churn”" in told.answer
    assert "no log can say" in told.answer


@pytest.fixture(scope="module")
def asked_run(world_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    out = tmp_path_factory.mktemp("asked") / "out"
    options = Options(
        inputs=(str(world_log),),
        out=out,
        value="properties.spent",
        question="Who pays with a voucher, and in the morning?",
    )
    return commands.run(options, Silent())


def test_a_question_changes_what_is_told(asked_run: RunResult, world_run: RunResult) -> None:
    """The question could be printed above the same report as ever."""
    question = asked_run.personas.question
    assert question is not None
    assert question.claims
    known = {c.id: c for p in asked_run.personas.personas for c in p.claims}
    assert set(question.claims) <= set(known)
    about_pay = [c for c in known.values() if "pay" in c.text]
    before = [c for p in world_run.personas.personas for c in p.claims if "pay" in c.text]
    assert len(about_pay) > len(before)
    assert world_run.personas.question is None


def test_a_writer_is_told_the_question_and_only_then(asked_run: RunResult, world_run: RunResult) -> None:
    """A model would write past the question, or every recording would be void."""
    plain, asked = (
        Dossier.model_validate(Store.open(run.out).read_json("dossiers.json")[0]) for run in (world_run, asked_run)
    )
    log = Vocabulary(
        timezone="UTC", first_day="2024-03-04", last_day="2024-07-07", actions=["pay"], objects=[], amounts=[], fields=[],
        value=None,
    )  # fmt: skip
    told, silent = (str(draft_request(d, log, "p1").messages) for d in (asked, plain))
    assert "Who pays with a voucher" in told
    assert "## The question" in told
    assert asked.asked
    assert "## The question" not in silent
    assert '"question"' not in silent
    assert add_question(plain, None) is plain
