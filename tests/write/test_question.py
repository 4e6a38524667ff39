"""A question to a run: what its words are read as, which claims answer it, and what is said where none does."""

from __future__ import annotations

import shutil
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
from persona_agent.schema import NO_NAMES, Dossier, Measure
from persona_agent.store import Store
from persona_agent.write.drafts import draft_request
from persona_agent.write.drafts.asking import ToldGroup
from persona_agent.write.question import QuestionReading, add_question, answer_question, read_question, speaks
from tests.conftest import SMALL_OPTIONS
from tests.factories import persona_set

ACTS = [("print", None), ("pay", None), ("print", "menu card"), ("pay", "voucher code"), ("open", "home feed")]


@pytest.fixture(scope="module")
def embed():  # type: ignore[no-untyped-def]
    return load_embedding("wordllama").embed


def test_words_are_read_as_acts_of_the_log_and_the_rest_is_named(embed) -> None:  # type: ignore[no-untyped-def]
    """Words are read as the nearest acts of the log or as a side of behaviour; the others are listed as unknown."""
    asked = read_question("Why do trials stall at payment, and who prints?", ACTS, embed)
    assert asked.acts["payment"] == [("pay", None)]
    assert asked.acts["prints"] == [("print", None)]
    assert set(asked.all_acts) == {a for a in ACTS if a[0] in ("pay", "print")}
    assert read_question("Which menus?", ACTS, embed).acts == {"menus": [("print", "menu card")]}
    assert asked.unknown == ("trials",)
    assert asked.kinds == {"friction"}


@given(st.text(max_size=80))
def test_any_text_can_be_asked(text: str) -> None:
    """Any text is read, and has an answer in words and no claims where there are none."""

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
    """A claim speaks to it by the action asked for, with its object if one is, or by its kind."""
    asked = QuestionReading("x", {"feed": [("open", "home feed")], "payment": [("pay", None)]}, frozenset({"rhythm"}))
    assert speaks(measure({"action": "Pay", "object": "voucher code"}), "behaviour", asked)
    assert speaks(measure({"action": "open", "object": "home feed"}), "behaviour", asked)
    assert not speaks(measure({"action": "open"}), "behaviour", asked)
    assert not speaks(measure({"action": "print"}, {"action": "share"}), "journey", asked)
    assert speaks(None, "rhythm", asked)


def test_what_the_log_cannot_answer_is_said() -> None:
    """The answer has no claims, says that the log cannot tell, names the unknown word, and says that no log knows why."""
    told = answer_question(QuestionReading("Why do they churn?", unknown=("churn",)), persona_set().personas)
    assert told.claims == []
    assert "This log cannot answer that." in told.answer
    assert "“churn”" in told.answer
    assert "no log can say" in told.answer


@pytest.fixture(scope="module")
def asked_run(small_log: Path, small_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    out = shutil.copytree(small_run.out, tmp_path_factory.mktemp("asked") / "out")
    options = Options(
        inputs=(str(small_log),),
        out=out,
        question="Who pays with a voucher, and in the morning?",
        **SMALL_OPTIONS,
    )
    return commands.run(options, Silent())


def test_a_question_changes_what_is_told(asked_run: RunResult, small_run: RunResult) -> None:
    """More claims speak of paying than in the run without the question, and the answer names claims of the cards."""
    question = asked_run.personas.question
    assert question is not None
    assert question.claims
    known = {c.id: c for p in asked_run.personas.personas for c in p.claims}
    assert set(question.claims) <= set(known)
    about_pay = [c for c in known.values() if "pay" in c.text]
    before = [c for p in small_run.personas.personas for c in p.claims if "pay" in c.text]
    assert len(about_pay) > len(before)
    assert small_run.personas.question is None


def test_a_writer_is_told_the_question_and_only_then(asked_run: RunResult, small_run: RunResult) -> None:
    """A run's question is in the prompt of its writer; without one, neither prompt nor dossier mentions a question."""
    plain, asked = (
        Dossier.model_validate(Store.open(run.out).read_json("dossiers.json")[0]) for run in (small_run, asked_run)
    )
    told, silent = (str(draft_request(ToldGroup({}, d, NO_NAMES, {}, {}, "p1")).messages) for d in (asked, plain))
    assert "Who pays with a voucher" in told
    assert "## The question" in told
    assert asked.asked
    assert "## The question" not in silent
    assert '"question"' not in silent
    assert add_question(plain, None) is plain
