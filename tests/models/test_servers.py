"""Model servers as they are: each kind of odd server, on this machine, asked as a run asks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from persona_agent.errors import OutputError, ProviderError
from persona_agent.models.ask import Asker
from persona_agent.models.base import Request
from persona_agent.models.ledger import Ledger
from persona_agent.models.registry import load_provider
from persona_agent.models.retrying import Patience, Retries
from tests.models.loopback import Loopback, ReceivedRequest, Reply

OPENAI = "openai/x"
GOOD = '{"animal":"dog","legs":4}'
DRAFTED = '{"animal":"cat","legs":3}'
QUICK = Patience(attempts=3, first=0.0, longest=0.0)


class Form(BaseModel):
    """An animal."""

    model_config = ConfigDict(extra="forbid")

    animal: Literal["dog", "cat"]
    legs: int


ASKED = Request("draft", "p1", (("system", "The rules."), ("user", "Which animal?")), Form, max_tokens=2_000)


class Server(Loopback):
    """One that behaves as a function says: from the body of a request to what it gets."""

    def __init__(self, behave: Callable[[dict[str, Any]], Reply]) -> None:
        super().__init__(GOOD)
        self._behave = behave

    def reply(self, asked: ReceivedRequest) -> Reply:
        self.asked.append(asked)
        return self._behave(asked.body)


def ask(server: Loopback, *requests: Request, asker: Asker | None = None) -> tuple[list[Form], Asker]:
    """The answers to requests, one after another, and what asked them."""
    mine = asker or Asker(Ledger(None), patience=QUICK)

    async def asking() -> list[Form]:
        provider = load_provider(OPENAI, base_url=f"{server.url}/v1", timeout=20.0)
        try:
            return [await mine.ask(provider, request) for request in requests or (ASKED,)]  # type: ignore[misc]
        finally:
            await provider.aclose()

    return asyncio.run(asking()), mine


def said(message: dict[str, Any], finish: str = "stop", tokens: int = 7) -> Reply:
    """A completion with this message."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    usage = {"prompt_tokens": 11, "completion_tokens": tokens, "total_tokens": 11 + tokens}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "x", "choices": [choice], "usage": usage}
    return Reply(body=json.dumps(body).encode())


def mode(body: dict[str, Any]) -> str:
    """How a request asks for JSON."""
    return "tools" if body.get("tools") else str(body.get("response_format", {}).get("type", "text"))


def other(text: str) -> Request:
    return Request("judge", "p1", (("user", text),), Form, max_tokens=2_000)


# Where answers stand

CALLED = {"name": "Form", "arguments": json.loads(GOOD)}
WHERE: dict[str, dict[str, Any]] = {
    "reasoning_content": {"content": "", "reasoning_content": GOOD},
    "reasoning": {"content": None, "reasoning": f"Let me see: {DRAFTED}? No.\n{GOOD}"},
    "a field of another name": {"content": None, "thoughts": f"So {GOOD}"},
    "a list of reasons": {"content": None, "reasoning_details": [{"type": "reasoning.text", "text": GOOD}]},
    "parts": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": DRAFTED}]}, {"type": "text", "text": GOOD}]},
    "after thoughts": {"content": f"<think>Maybe {DRAFTED}?</think>\n\n{GOOD}"},
    "after thoughts without a beginning": {"content": f"Maybe {DRAFTED}?</think>{GOOD}"},
    "after thoughts in other marks": {"content": f"[THINK]Maybe {DRAFTED}?[/THINK]{GOOD}"},
    "after named thoughts": {"content": f"<seed:think>Maybe {DRAFTED}</seed:think>{GOOD}"},
    "in a channel": {"content": f"<|channel|>analysis<|message|>{DRAFTED}<|end|><|channel|>final<|message|>{GOOD}"},
    "in thoughts that do not end": {"content": f"<think>Maybe {DRAFTED}? Better:\n{GOOD}"},
    "in thoughts and nowhere else": {"content": f"<think>{GOOD}</think>"},
    "between words": {"content": f"Here it is:\n{GOOD}\nAnything else?"},
    "before words": {"content": f"{GOOD}\n\nI hope this helps."},
    "in a fence": {"content": f"```json\n{GOOD}\n```"},
    "inside another object": {"content": json.dumps({"result": json.loads(GOOD)})},
    "a call as text": {"content": f'<tool_call>{{"name": "Form", "arguments": {GOOD}}}</tool_call>'},
    "written twice": {"content": json.dumps({"answer": GOOD})},
    "an old function call": {"content": None, "function_call": {"name": "Form", "arguments": GOOD}},
    "arguments as an object": {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": CALLED}]},
    "beside an empty call": {"content": GOOD, "tool_calls": []},
    "a number as text": {"content": '{"animal":"dog","legs":"4"}'},
    "a comma too many": {"content": '{"animal":"dog","legs":4,}'},
    "single quotes": {"content": "{'animal': 'dog', 'legs': 4}  // an animal"},
}  # fmt: skip


@pytest.mark.parametrize("where", WHERE)
def test_an_answer_is_read_wherever_it_stands(where: str) -> None:
    """One request is enough, and of several objects the last that fits is the answer."""
    with Server(lambda _: said(WHERE[where])) as server:
        (form,), mine = ask(server)
    assert form == Form(animal="dog", legs=4)
    assert len(server.asked) == 1
    assert mine.notes == set()


@pytest.mark.parametrize(
    "message",
    [
        {"content": f"<think>Maybe {DRAFTED}.</think>I would rather not."},
        {"content": "I would rather not.", "reasoning_content": DRAFTED},
        {"content": '{"animal":"dog","le'},
    ],
)
def test_what_a_model_only_thought_is_no_answer(message: dict[str, Any]) -> None:
    """Where something else is said, a draft among thoughts is not taken, and half an answer stays half."""
    with Server(lambda _: said(message)) as server, pytest.raises(OutputError):
        ask(server)


def test_pieces_that_nobody_asked_for_are_put_together() -> None:
    """A server that streams although it was not asked to is read, thoughts apart."""
    deltas = [{"role": "assistant", "reasoning_content": DRAFTED}, {"content": GOOD[:9]}, {"content": GOOD[9:]}, {}]
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "x"}
    rows = [{**chunk, "choices": [{"index": 0, "delta": d, "finish_reason": None if d else "stop"}]} for d in deltas]
    body = ": ping\n\n" + "".join(f"data: {json.dumps(row)}\n\n" for row in rows) + "data: [DONE]\n\n"
    streamed = Reply(body=body.encode(), headers={"content-type": "text/event-stream"})
    with Server(lambda _: streamed) as server:
        (form,), _ = ask(server)
    assert form == Form(animal="dog", legs=4)


# Ways of asking


def test_a_schema_that_is_not_heeded_is_put_into_words() -> None:
    """A server that takes every parameter and heeds none: after two answers that do not fit the schema stands in the prompt,
    which is said once and remembered.
    """

    def behave(body: dict[str, Any]) -> Reply:
        told = '"legs"' in json.dumps(body["messages"]).replace('\\"', '"')
        return said({"content": GOOD if told else '{"pet": "dog"}'})

    with Server(behave) as server:
        forms, mine = ask(server, ASKED, other("And which?"))
    assert forms == [Form(animal="dog", legs=4)] * 2
    assert [mode(a.body) for a in server.asked] == ["json_schema", "json_schema", "text", "text"]
    assert mine.notes == {"openai/x does not keep to a JSON schema: it is asked for JSON in text instead."}


def test_a_model_that_once_kept_to_the_schema_is_asked_as_before() -> None:
    """A slip of a model that can is mended by asking again, not by another way of asking."""
    answers = [GOOD, "Sorry.", "Sorry.", GOOD]
    with Server(lambda _: said({"content": answers.pop(0)})) as server:
        ask(server, ASKED, other("And which?"))
    assert {mode(a.body) for a in server.asked} == {"json_schema"}


def test_rules_go_into_the_question_where_there_is_no_system_message() -> None:
    """Templates without a place for rules get them with the question, and that is said once."""

    def behave(body: dict[str, Any]) -> Reply:
        if body["messages"][0]["role"] == "system":
            return Reply(status=400, message="System role not supported")
        return said({"content": GOOD})

    with Server(behave) as server:
        _, mine = ask(server, ASKED, other("And which?"))
    assert server.asked[1].body["messages"] == [{"role": "user", "content": "The rules.\n\nWhich animal?"}]
    assert mine.notes == {"openai/x takes no system message: the rules are part of the question."}
    assert len(server.asked) == 3


def test_answers_that_are_nothing_are_counted() -> None:
    """What a server charged for an answer of nothing is part of what the answer cost."""
    with Server(lambda body: said({"content": "" if mode(body) == "json_schema" else GOOD})) as server:
        _, mine = ask(server)
    assert (mine.totals.prompt_tokens, mine.totals.completion_tokens) == (22, 14)


# Room to think


def thinker(needs: int, most: int = 10**9, **message: str) -> Callable[[dict[str, Any]], Reply]:
    """A model whose thoughts take so many tokens, with at most so many for an answer."""

    def behave(body: dict[str, Any]) -> Reply:
        got = min(body["max_tokens"], most)
        return said(message or {"content": ""}, "length", got) if got < needs else said({"content": GOOD}, tokens=needs)

    return behave


@pytest.mark.parametrize("message", [{"content": ""}, {"content": f"<think>Perhaps {DRAFTED}"}, {"reasoning": DRAFTED}])
def test_thoughts_get_the_room_that_they_need(message: dict[str, str]) -> None:
    """An answer of which thoughts took all the room is asked for with twice as much until it is enough; that is said once, and
    the next question begins with it.
    """
    with Server(thinker(7_000, **message)) as server:
        _, mine = ask(server, ASKED, other("And which?"))
    assert [a.body["max_tokens"] for a in server.asked] == [2_000, 4_000, 8_000, 8_000]
    assert mine.notes == {"openai/x thinks long: its answers get more room, 64,000 tokens at most."}
    assert mine.totals.completion_tokens == 2_000 + 4_000 + 2 * 7_000, "what was thought for nothing was paid for"


def test_room_ends_where_a_model_uses_no_more() -> None:
    """A model that never answers is not asked for ever: more room that it does not use is not doubled again."""
    with Server(thinker(10**9, most=4_000)) as server, pytest.raises(OutputError) as caught:
        ask(server)
    assert "cut off after 4000 tokens" in str(caught.value)
    assert max(a.body["max_tokens"] for a in server.asked) <= 16_000


def test_a_bound_that_a_server_names_is_kept() -> None:
    """`max_tokens` beyond what a model gives is cut to the figure that the server names, once."""

    def behave(body: dict[str, Any]) -> Reply:
        message = f"max_tokens is too large: {body['max_tokens']}. This model supports at most 1536 completion tokens."
        return (
            said({"content": GOOD})
            if body["max_tokens"] <= 1_536
            else Reply(status=400, message=message, param="max_tokens")
        )

    with Server(behave) as server:
        _, mine = ask(server, ASKED, other("And which?"))
    assert [a.body["max_tokens"] for a in server.asked] == [2_000, 1_536, 1_536]
    assert mine.notes == {"openai/x gives answers of 1,536 tokens at most."}


def test_room_is_not_asked_for_twice_after_a_kill(tmp_path: Path) -> None:
    """Whatever sizes were asked for before a run was killed, none is asked for again, and no other either."""
    requests = [ASKED, other("And which?"), other("And now?")]
    with Server(thinker(7_000)) as server:
        _, first = ask(server, *requests, asker=Asker(Ledger(tmp_path / "l.sqlite"), patience=QUICK))
        asked = len(server.asked)
        # The other way round: the sizes that were learnt on the way are not known yet.
        _, again = ask(server, *requests[::-1], asker=Asker(Ledger(tmp_path / "l.sqlite"), patience=QUICK))
    assert len(server.asked) == asked
    assert again.totals == first.totals
    assert again.notes == first.notes


# Waits and limits


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=429, message="Please retry after 0.3 seconds."),
        Reply(status=429, message="Slow down.", headers={"retry-after": "0.3"}),
        Reply(status=429, message="Slow down.", headers={"x-ratelimit-reset-requests": "300ms"}),
        Reply(status=429, body=b'{"error": {"message": "Busy.", "details": [{"retryDelay": "0.3s"}]}}'),
        Reply(status=400, message="ThrottlingException: Too many requests, wait 300ms"),
        Reply(
            status=429, message="You exceeded your current quota, check your plan and billing. Please retry in 0.3s."
        ),
    ],
)
def test_a_wait_is_kept_and_then_answered(reply: Reply) -> None:
    """The second request comes when it was told, not before."""
    times: list[float] = []

    def behave(_: dict[str, Any]) -> Reply:
        times.append(time.monotonic())
        return reply if len(times) == 1 else said({"content": GOOD})

    with Server(behave) as server:
        ask(server)
    assert times[1] - times[0] >= 0.3


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (429, "You exceeded your current quota, please check your plan and billing details.", None),
        (429, "Too many requests.", "insufficient_quota"),
        (429, "Your account is not active, please check your billing details.", "billing_not_active"),
        (400, "Your credit balance is too low to access the API.", None),
        (402, "Insufficient Balance", None),
        (403, "Insufficient credits. Add more.", None),
        (429, "You have reached your monthly limit.", None),
    ],
)
def test_no_quota_is_told_from_a_rate(status: int, message: str, code: str | None) -> None:
    """Where waiting is of no use the run ends at once, and says so."""
    with (
        Server(lambda _: Reply(status=status, message=message, code=code)) as server,
        pytest.raises(ProviderError) as caught,
    ):
        ask(server)
    assert caught.value.fatal
    assert len(server.asked) == 1


def test_a_wait_of_a_day_ends_the_run() -> None:
    """Nobody waits until tomorrow: the error says when, and that the same command goes on."""
    reply = Reply(status=429, message="Requests per day (RPD) used up. Please try again in 7h12m.")
    with Server(lambda _: reply) as server, pytest.raises(ProviderError, match="in 7 h") as caught:
        ask(server)
    assert caught.value.fatal
    assert "same command" in str(caught.value)


def test_a_long_pause_is_told_once() -> None:
    """Whoever looks on hears of a pause, not of each call that it stops."""
    told: list[str] = []
    retries = Retries(Patience(), told.append)
    for _ in range(3):
        retries.hear(ProviderError("x asks for a pause.", retryable=True, retry_after=45.0))
    assert told == ["x asks for a pause. All calls wait 45 s."]


# Refusals


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (200, "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"),
        (404, "<html><body><h1>404 Not Found</h1></body></html>"),
        (403, "<html><head><title>Access denied</title></head><body>Your company's proxy</body></html>"),
        (502, "<html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"),
    ],
)
def test_a_web_page_is_named(status: int, page: str) -> None:
    """A proxy, a log-in or a wrong address answers with a page: the error says so, in its words, and names --base-url."""
    reply = Reply(status=status, body=page.encode(), headers={"content-type": "text/html"})
    with Server(lambda _: reply) as server, pytest.raises(ProviderError, match="answered with a web page") as caught:
        ask(server)
    assert "--base-url" in str(caught.value) or "/v1" in str(caught.value)
    assert "<" not in str(caught.value)
    assert len(server.asked) == (3 if status == 502 else 1), "a gateway may find its model again"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."),
        (400, "Your request was rejected as a result of our safety system."),
        (403, "x requires moderation; your input was flagged."),
        (400, "Output data may contain inappropriate content. (data_inspection_failed)"),
    ],
)
def test_a_content_filter_is_named(status: int, message: str) -> None:
    """It is no fault of the key, the words or the way of asking: one request, and the filter is named."""
    with Server(lambda _: Reply(status=status, message=message)) as server, pytest.raises(ProviderError) as caught:
        ask(server)
    assert "content filter" in str(caught.value)
    assert not caught.value.fatal, "other questions may pass"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("message", "option"),
    [
        (
            "This model's maximum context length is 16384 tokens. However, you requested 19000 tokens.",
            "--context 16384",
        ),
        ("prompt is too long: 210000 tokens > 200000 maximum", "--context 200000"),
        (
            "request (19000 tokens) exceeds the available context size (16,384 tokens), try increasing it",
            "--context 16384",
        ),
        (
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
            "--context 1048576",
        ),
        ("Prompt contains 40000 tokens, too large for model with 32768 maximum context length", "--context 32768"),
        ("`inputs` tokens + `max_new_tokens` must be <= 9000. Given: 9001", "--context 9000"),
        ("Request too large for x on tokens per minute (TPM): Limit 12000, Requested 19000", "--context 12000"),
        ("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", "--context 200000"),
        ("Your input exceeds the context window of this model.", "--context N"),
        ("This model's maximum context length is 4096 tokens. You requested 9000.", "the least --context"),
    ],
)
@pytest.mark.parametrize("status", [400, 413])
def test_a_context_that_is_too_short_names_the_option(status: int, message: str, option: str) -> None:
    """With the figure that the server names; where that is less than any run needs, it says so."""
    with Server(lambda _: Reply(status=status, message=message)) as server, pytest.raises(ProviderError) as caught:
        ask(server)
    assert option in str(caught.value)
    assert len(server.asked) <= 2


def test_an_answer_is_kept_to_what_its_question_leaves() -> None:
    """Where only question and answer together are too long, the answer gets what is left, which is said once."""

    def behave(body: dict[str, Any]) -> Reply:
        message = f"maximum context length is 3000 tokens, your request has 1200 ({body['max_tokens']} > 3000 - 1200)."
        return said({"content": GOOD}) if body["max_tokens"] <= 1_800 else Reply(status=400, message=message)

    with Server(behave) as server:
        _, mine = ask(server, Request("draft", "p1", (("user", "word " * 900),), Form, max_tokens=2_000))
    assert len(server.asked) == 2
    assert len(mine.notes) == 1
    assert "--context 3000 cuts questions" in next(iter(mine.notes))


def test_waiting_does_not_help_a_request_that_exceeds_a_limit() -> None:
    """A request that is larger than the limit of a minute never passes, whatever wait is told."""
    message = "Request too large for x on tokens per min (TPM): Limit 12000, Requested 19000. Please retry in 50s."
    busy = Reply(status=429, message=message)
    with Server(lambda _: busy) as server, pytest.raises(ProviderError, match="--context 12000") as caught:
        ask(server)
    assert not caught.value.retryable
