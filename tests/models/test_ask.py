"""The only caller of a model: what it retries, asks again, counts, stores and refuses to spend."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from persona_agent.errors import BudgetError, OutputError, ProviderError, StoreError
from persona_agent.models.ask import Asker, Budget
from persona_agent.models.base import Answer, Request
from persona_agent.models.ledger import Ledger
from persona_agent.models.prices import Price
from persona_agent.models.retrying import Patience

QUICK = Patience(attempts=4, first=0.0, longest=0.0)


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str


class OtherNote(Note):
    author: str | None


class ScriptedModel:
    """Answers in turn from a list; an exception is raised, a number is slept before the next."""

    def __init__(self, *said: str | Exception | Answer, name: str = "made/up") -> None:
        self.name, self.host = name, "host:1"
        self.said = list(said)
        self.asked: list[Request] = []
        self.at_once = self.most = 0

    async def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        said = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, Answer) else Answer(said, self.host, 10, 5, 0.5)

    async def aclose(self) -> None:
        pass


def request(text: str = "Write a note.", schema: type[BaseModel] = Note, **more: int) -> Request:
    return Request("draft", "p1", (("system", "You write notes."), ("user", text)), schema, **more)


def ask(model: ScriptedModel, asker: Asker | None = None, *asked: Request) -> list[Note]:
    async def all_of_them() -> list[Note]:
        mine = asker or Asker(Ledger(None), patience=QUICK)
        return list(await asyncio.gather(*(mine.ask(model, r) for r in asked or (request(),))))

    return asyncio.run(all_of_them())


GOOD = '{"text": "hello"}'


@pytest.mark.parametrize(
    "bad", ["", "Sorry, I cannot.", '{"text": "hel', "{}", '{"text": 1}', '{"text": "x", "more": 1}', "[]", "null"]
)
def test_an_answer_that_does_not_fit_is_asked_again_with_the_reason(bad: str) -> None:
    """The second question holds the first answer and why it cannot be used, and its answer counts."""
    model = ScriptedModel(bad, GOOD)
    assert ask(model)[0].text == "hello"
    said = model.asked[1].messages
    assert said[2] == ("assistant", bad or "(nothing)")
    assert "cannot be used" in said[3][1]


def test_what_never_fits_is_an_error_that_names_it() -> None:
    """After three answers that do not fit there is an error that names model, prompt and persona."""
    model = ScriptedModel("no", "never", "nothing")
    with pytest.raises(OutputError, match=r"made/up gave no usable answer to the prompt 'draft' of p1"):
        ask(model)
    assert len(model.asked) == 3


@pytest.mark.parametrize("finish", ["length", "refusal"])
def test_cut_off_and_refused(finish: str) -> None:
    """An answer cut off or refused is asked again, although it is valid JSON."""
    model = ScriptedModel(Answer(GOOD, "h", 1, 1, 0.0, finish), GOOD)  # type: ignore[arg-type]
    assert ask(model)[0].text == "hello"
    assert len(model.asked) == 2


def test_a_check_of_the_caller_counts() -> None:
    """What the caller's check finds is said in the second question."""
    model = ScriptedModel('{"text": "bad"}', GOOD)
    mine = Asker(Ledger(None), patience=QUICK)
    found: Note = asyncio.run(mine.ask(model, request(), lambda v: ["say hello"] if v.text == "bad" else []))  # type: ignore[attr-defined]
    assert found.text == "hello"
    assert "say hello" in model.asked[1].messages[3][1]


def test_what_may_succeed_later_is_retried() -> None:
    """A busy provider is asked until it answers, retries and paid calls are counted, and in the end it is an error."""
    busy = ProviderError("busy", retryable=True)
    model = ScriptedModel(busy, busy, GOOD)
    mine = Asker(Ledger(None), patience=QUICK)
    assert ask(model, mine)[0].text == "hello"
    assert (len(model.asked), mine.retried, mine.paid, mine.totals.calls) == (3, 2, 1, 1)
    with pytest.raises(ProviderError, match="busy"):
        ask(ScriptedModel(busy))


@pytest.mark.parametrize("fatal", [True, False])
def test_what_cannot_succeed_is_not(fatal: bool) -> None:
    """An error that no retry can mend is raised after one call."""
    model = ScriptedModel(ProviderError("no", fatal=fatal))
    with pytest.raises(ProviderError):
        ask(model)
    assert len(model.asked) == 1


def test_one_pause_is_everyones() -> None:
    """While a pause that a server asked for lasts, no call is answered."""
    model = ScriptedModel(ProviderError("slow down", retryable=True, retry_after=0.3), GOOD)
    times: list[float] = []
    mine = Asker(Ledger(None), concurrency=1, patience=QUICK, answered=lambda _: times.append(time.monotonic()))
    started = time.monotonic()
    ask(model, mine, request("a"), request("b"), request("c"))
    assert min(times) - started >= 0.3
    assert len(model.asked) == 4


def test_pauses_that_a_server_asks_for_are_no_failed_tries() -> None:
    """A server that is well and busy is asked until it answers, more often than one that fails, but not for ever."""
    busy = ProviderError("slow down", retryable=True, retry_after=0.001)
    patient = Patience(attempts=2, first=0.0, longest=0.0, pauses=5)
    assert ask(ScriptedModel(*[busy] * 5, GOOD), Asker(Ledger(None), patience=patient))[0].text == "hello"
    with pytest.raises(ProviderError, match="slow down"):
        ask(ScriptedModel(busy), Asker(Ledger(None), patience=patient))


def test_never_more_at_once_than_asked_for() -> None:
    """Of twenty calls no more than three run at once."""
    model = ScriptedModel(GOOD)
    ask(model, Asker(Ledger(None), concurrency=3, patience=QUICK), *(request(str(i)) for i in range(20)))
    assert model.most <= 3


# The ledger


def test_an_answered_call_is_never_made_again(tmp_path: Path) -> None:
    """The same call on the same ledger reaches no model, and tokens and cost count once."""
    for calls in (1, 0):
        model, ledger = ScriptedModel(GOOD), Ledger(tmp_path / "l.sqlite")
        mine = Asker(ledger, patience=QUICK)
        assert ask(model, mine)[0].text == "hello"
        assert len(model.asked) == mine.paid == calls
        assert (mine.totals.calls, mine.totals.prompt_tokens, mine.totals.cost_usd) == (1, 10, 0.5)
        ledger.close()


@pytest.mark.parametrize("bad", ["no JSON", "{}", Answer("no", "host:1", 10, 5, 0.5, "refusal")])
def test_what_was_refused_is_asked_again_when_the_server_is_mended(bad: str | Answer, tmp_path: Path) -> None:
    """Answers of no use are not taken from the ledger: the error names the way, and the same question gets the new answer."""
    ledger = Ledger(tmp_path / "l.sqlite")
    for _ in range(2):
        broken = ScriptedModel(bad)
        with pytest.raises(OutputError, match="same command asks again"):
            ask(broken, Asker(ledger, patience=QUICK))
        assert len(broken.asked) == 3
    for calls in (1, 0):
        mended = ScriptedModel(GOOD)
        assert ask(mended, Asker(ledger, patience=QUICK))[0].text == "hello"
        assert len(mended.asked) == calls


def test_what_was_killed_before_it_was_refused_is_asked_again_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three answers of no use are in the ledger, and nobody got to say so: the server is asked, not the ledger."""
    ledger = Ledger(tmp_path / "l.sqlite")
    with monkeypatch.context() as killed, pytest.raises(OutputError):
        killed.setattr(Ledger, "refuse", lambda *_: None)
        ask(ScriptedModel("no JSON"), Asker(ledger, patience=QUICK))
    assert ask(ScriptedModel(GOOD), Asker(ledger, patience=QUICK))[0].text == "hello"


def test_questions_and_answers_are_cut_to_what_a_model_holds() -> None:
    """An answer may be as long as its question leaves; where that is nothing, the error names the option."""
    model = ScriptedModel(GOOD)
    ask(model, Asker(Ledger(None), context=8_000), request("word " * 4_000))
    assert 1_000 < model.asked[0].max_tokens < 8_000 - 20_000 / 4
    with pytest.raises(ProviderError, match="--context"):
        ask(model, Asker(Ledger(None), context=8_000), request("word " * 8_000))


@pytest.mark.parametrize(
    "other",
    [
        request("Write another."),
        request(schema=OtherNote),
        request(max_tokens=9),
        Request("draft", "p1", (("user", "Write a note."),), Note),
    ],
)
def test_another_question_is_never_answered_from_stale_work(tmp_path: Path, other: Request) -> None:
    """Another text, schema, limit, form or model is asked."""
    ledger = Ledger(tmp_path / "l.sqlite")
    ask(ScriptedModel(GOOD), Asker(ledger, patience=QUICK))
    model = ScriptedModel('{"text": "hello", "author": null}' if other.schema is OtherNote else GOOD)
    ask(model, Asker(ledger, patience=QUICK), other)
    assert len(model.asked) == 1
    another = ScriptedModel(GOOD, name="made/other")
    ask(another, Asker(ledger, patience=QUICK))
    assert len(another.asked) == 1, "nor another model's"


def test_a_row_is_committed_before_its_answer_is_used(tmp_path: Path) -> None:
    """Another connection sees the row when the answer is used, and the file is its owner's alone."""
    path = tmp_path / "l.sqlite"
    rows: list[int] = []

    def used(_: Request) -> None:
        with sqlite3.connect(path) as other:
            rows.append(other.execute("SELECT count(*) FROM calls").fetchone()[0])

    ask(ScriptedModel(GOOD), Asker(Ledger(path), patience=QUICK, answered=used))
    assert rows == [1]
    assert path.stat().st_mode & 0o077 == 0


def test_a_damaged_ledger_is_said_in_a_sentence(tmp_path: Path) -> None:
    """A file that is no database is a StoreError."""
    path = tmp_path / "l.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        Ledger(path)


# The budget


def test_no_call_is_sent_that_could_exceed_the_cap() -> None:
    """Calls stop before the cap could be exceeded, with an error, and nothing stays reserved."""
    price = {"made/up": Price(0.001, 0.01)}
    worst = 40 * 0.001 + 100 * 0.01
    model = ScriptedModel(GOOD)
    mine = Asker(Ledger(None), patience=QUICK, budget=Budget(2.0, price))
    with pytest.raises(BudgetError, match="could cost"):
        ask(model, mine, *(request(str(i), max_tokens=100) for i in range(9)))
    assert len(model.asked) < 9
    assert mine.budget is not None
    assert mine.budget.spent + worst > 2.0 or mine.budget.spent <= 2.0
    assert mine.budget.reserved == pytest.approx(0.0)


def test_calls_in_flight_are_reserved() -> None:
    """A call that fits only if another in flight were free is refused."""
    model = ScriptedModel(GOOD)
    budget = Budget(1.5, {"made/up": Price(0.0, 0.01)})
    with pytest.raises(BudgetError, match="in flight"):
        ask(
            model,
            Asker(Ledger(None), patience=QUICK, budget=budget),
            *(request(str(i), max_tokens=100) for i in range(2)),
        )
    assert len(model.asked) <= 1


# Killed and started again


class Killed(BaseException):
    """What no handler of the program catches."""


@pytest.mark.parametrize("after", range(9))
def test_killed_after_any_answer_and_started_again(after: int, tmp_path: Path) -> None:
    """Whatever was committed before the kill is not asked for again, refused answers and larger sizes among it; values, tokens
    and notes are those of a run that was never stopped.
    """
    cut = Answer("", "host:1", 10, 2_000, 0.5, "length")
    said = {"a": ["no JSON", GOOD], "b": [cut, cut, GOOD], "c": [GOOD], "d": ["{}", cut, GOOD]}
    requests = [request(name, max_tokens=2_000) for name in said]

    def once(path: Path, kill: int | None) -> tuple[list[str], Asker, list[Request]]:
        model = Scripted({k: list(v) for k, v in said.items()}, path, kill)
        mine = Asker(Ledger(path), patience=QUICK, concurrency=1)
        return [n.text for n in ask(model, mine, *requests)], mine, model.asked  # type: ignore[arg-type]

    whole, unbroken, asked = once(tmp_path / "whole.sqlite", None)
    with pytest.raises(Killed):
        once(tmp_path / "killed.sqlite", after)
    again, resumed, rest = once(tmp_path / "killed.sqlite", None)
    assert again == whole
    assert resumed.totals == unbroken.totals
    assert resumed.notes == unbroken.notes
    assert len(rest) == len(asked) - after, "no committed call is repeated"


class Scripted(ScriptedModel):
    """Answers each question from a list of its own, going on after what the ledger holds, until it is killed."""

    def __init__(self, said: dict[str, list[str | Answer]], path: Path, kill: int | None) -> None:
        super().__init__(GOOD)
        self._said, self._kill = said, kill
        self._held = _answers(path)

    async def answer(self, request: Request) -> Answer:
        if self._kill is not None and len(self.asked) >= self._kill:
            raise Killed
        name = request.messages[1][1]
        before = self._held.get(name, 0) + sum(r.messages[1][1] == name for r in self.asked)
        self.asked.append(request)
        said = self._said[name][before]
        return said if isinstance(said, Answer) else Answer(said, self.host, 10, 5, 0.5)


def _answers(path: Path) -> dict[str, int]:
    """How many answers a ledger holds to each question."""
    if not path.exists():
        return {}
    with sqlite3.connect(path) as ledger:
        asked = [json.loads(row[0])[1]["content"] for row in ledger.execute("SELECT request FROM calls")]
    return {name: asked.count(name) for name in asked}
