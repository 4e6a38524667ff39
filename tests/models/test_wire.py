"""What goes over the wire and what comes back, with a server on this machine."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict

from persona_agent.errors import ProviderError, UsageError
from persona_agent.models.base import Answer, Provider, Request
from persona_agent.models.embeddings import SENT_AT_ONCE, load_embedding
from persona_agent.models.failures import one_line
from persona_agent.models.hosts import HOMES
from persona_agent.models.prices import Price
from persona_agent.models.registry import load_provider
from persona_agent.models.waits import limit_reset, retry_after
from tests.models.loopback import COMPLETION_TOKENS, PROMPT_TOKENS, Loopback, Reply

KEY = "sk-a-secret-0123456789"


class Form(BaseModel):
    """An animal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    animal: Literal["dog", "cat"]
    legs: int
    tail: str | None


GOOD = '{"animal":"dog","legs":4,"tail":null}'
SCHEMA = Form.model_json_schema()
REQUEST = Request(
    "draft", "p1", (("system", "The rules."), ("user", "Which {animal}? {{ legs }}")), Form, max_tokens=500
)
OPENAI, CLAUDE, OLD_CLAUDE = "openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-20250514"
GEMINI, OLLAMA, MISTRAL = "gemini/gemini-2.5-flash", "ollama/a-local-model", "mistral/mistral-large-latest"
EVERY = [OPENAI, CLAUDE, GEMINI, OLLAMA, MISTRAL]
MESSAGES = [{"role": "system", "content": "The rules."}, {"role": "user", "content": "Which {animal}? {{ legs }}"}]


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests behave alike on every machine."""
    for prefix, home in HOMES.items():
        for variable in (*home.variables, f"{prefix.upper()}_BASE_URL", f"{prefix.upper()}_API_BASE"):
            monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(GOOD) as running:
        yield running


def base(server: Loopback, name: str) -> str:
    return server.url + ("/v1" if name.startswith(("openai", "mistral")) else "")


def asking(
    server: Loopback,
    name: str,
    *questions: Request,
    at_once: bool = False,
    timeout: float = 30.0,
    price: Price | None = None,
) -> list[Answer]:
    """The answers of one provider, which is closed again."""

    async def ask() -> list[Answer]:
        provider = load_provider(name, base_url=base(server, name), timeout=timeout, price=price)
        try:
            if at_once:
                return list(await asyncio.gather(*(provider.answer(q) for q in questions)))
            return [await provider.answer(q) for q in questions or (REQUEST,)]
        finally:
            await provider.aclose()

    return asyncio.run(ask())


def failing(server: Loopback, name: str, reply: Reply, timeout: float = 30.0) -> ProviderError:
    server.every = reply
    with pytest.raises(ProviderError) as caught:
        asking(server, name, timeout=timeout)
    return caught.value


def test_openai_is_asked_for_a_strict_schema(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Path, key and every field of the body are openai's, with the strict schema; text, tokens and cost come back."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    (answer,) = asking(server, OPENAI)
    (asked,) = server.asked
    form = {"type": "json_schema", "json_schema": {"name": "Form", "schema": SCHEMA, "strict": True}}
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {
        "model": "gpt-4o-mini",
        "messages": MESSAGES,
        "temperature": 0.0,
        "max_tokens": 500,
        "response_format": form,
    }
    cost = PROMPT_TOKENS * 0.15e-6 + COMPLETION_TOKENS * 0.6e-6
    assert answer == Answer(GOOD, server.host, PROMPT_TOKENS, COMPLETION_TOKENS, pytest.approx(cost))


def test_anthropic_is_asked_in_its_own_format(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Path, key and every field of the body are Anthropic's, with the schema; text, tokens and cost come back."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    (answer,) = asking(server, CLAUDE)
    (asked,) = server.asked
    assert asked.path == "/v1/messages"
    assert asked.headers["x-api-key"] == KEY
    assert asked.body == {
        "model": "claude-sonnet-4-5",
        "system": [{"type": "text", "text": "The rules."}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Which {animal}? {{ legs }}"}]}],
        "temperature": 0.0,
        "max_tokens": 500,
        "output_format": {"type": "json_schema", "schema": SCHEMA},
    }
    cost = PROMPT_TOKENS * 3e-6 + COMPLETION_TOKENS * 15e-6
    assert answer == Answer(GOOD, server.host, PROMPT_TOKENS, COMPLETION_TOKENS, pytest.approx(cost))


def test_an_older_claude_is_asked_through_a_tool(server: Loopback) -> None:
    """A model without structured output is made to call a tool of the schema, at temperature 0 and with the limit."""
    (answer,) = asking(server, OLD_CLAUDE)
    body = server.asked[0].body
    (tool,) = body["tools"]
    assert body["tool_choice"] == {"type": "tool", "name": tool["name"]}
    assert tool["input_schema"] == SCHEMA
    assert (body["temperature"], body["max_tokens"]) == (0.0, 500)
    assert answer.text == GOOD


def test_gemini_is_asked_in_its_own_format(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Path, key and every field of the body are Gemini's, with the schema; text, tokens and cost come back."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    (answer,) = asking(server, GEMINI)
    (asked,) = server.asked
    assert asked.path == "/models/gemini-2.5-flash:generateContent"
    assert asked.headers["x-goog-api-key"] == KEY
    assert asked.body == {
        "system_instruction": {"parts": [{"text": "The rules."}]},
        "contents": [{"role": "user", "parts": [{"text": "Which {animal}? {{ legs }}"}]}],
        "generationConfig": {
            "temperature": 0.0,
            "max_output_tokens": 500,
            "response_mime_type": "application/json",
            "response_json_schema": SCHEMA,
        },
    }
    cost = PROMPT_TOKENS * 0.3e-6 + COMPLETION_TOKENS * 2.5e-6
    assert answer == Answer(GOOD, server.host, PROMPT_TOKENS, COMPLETION_TOKENS, pytest.approx(cost))


def test_ollama_is_asked_in_its_own_format_and_nothing_else(server: Loopback) -> None:
    """One request is sent, in Ollama's form with the schema; tokens come back, and no cost."""
    (answer,) = asking(server, OLLAMA)
    (asked,) = server.asked
    assert asked.path == "/api/chat"
    assert asked.body == {
        "model": "a-local-model",
        "messages": [{**message, "images": []} for message in MESSAGES],
        "options": {"temperature": 0.0, "num_predict": 500},
        "stream": False,
        "format": SCHEMA,
    }
    assert answer == Answer(GOOD, server.host, PROMPT_TOKENS, COMPLETION_TOKENS, None)


def test_a_given_price_wins(server: Loopback) -> None:
    """With a price given, the cost is counted by it, for a model with a known price and for one without."""
    for name in (OPENAI, OLLAMA):
        (answer,) = asking(server, name, price=Price(1.0, 10.0))
        assert answer.cost_usd == PROMPT_TOKENS + 10 * COMPLETION_TOKENS


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("text", ["Sorry, no idea.", '{"animal": "do', '{"animal":"cow","legs":4,"tail":null}'])
def test_what_does_not_fit_comes_back_as_text_and_is_counted(server: Loopback, name: str, text: str) -> None:
    """Text that does not fit comes back as it is, with its tokens, after one request."""
    server.script(Reply(text=text))
    (answer,) = asking(server, name)
    assert (answer.text, answer.finish) == (text, "stop")
    assert (answer.prompt_tokens, answer.completion_tokens) == (PROMPT_TOKENS, COMPLETION_TOKENS)
    assert len(server.asked) == 1, "asking again is the caller's"


@pytest.mark.parametrize("name", EVERY)
def test_a_cut_answer_is_told(server: Loopback, name: str) -> None:
    """A cut answer says so. Ollama's reason is lost in litellm: there the tokens tell."""
    server.script(Reply(text='{"animal": "d', finish="length"))
    (answer,) = asking(server, name, replace(REQUEST, max_tokens=COMPLETION_TOKENS))
    assert (answer.text, answer.finish) == ('{"animal": "d', "length")
    assert answer.completion_tokens == COMPLETION_TOKENS


@pytest.mark.parametrize("name", [OPENAI, CLAUDE, GEMINI, MISTRAL])
def test_a_refusal_is_told(server: Loopback, name: str) -> None:
    """A refusal says so, with its tokens."""
    server.script(Reply(text="I would rather not.", finish="refusal"))
    (answer,) = asking(server, name)
    assert answer.finish == "refusal"
    assert answer.text in ("I would rather not.", "")  # Gemini's text is withheld by litellm
    assert answer.completion_tokens == COMPLETION_TOKENS


@pytest.mark.parametrize(
    ("refused", "told", "left"),
    [
        (("json_schema",), "a tool call", {"tools", "tool_choice"}),
        (("json_schema", "tools"), "JSON mode", {"response_format"}),
        (("json_schema", "tools", "json_object"), "JSON in text", set()),
    ],
)
def test_ways_of_asking_are_tried_in_turn_and_remembered(refused: tuple[str, ...], told: str, left: set[str]) -> None:
    """Schema, tool, JSON mode and text are tried in turn, each refusal is noted, and the next question begins with what
    worked.
    """
    with Loopback(GOOD, refused) as server:
        first, second = asking(server, OPENAI, REQUEST, REQUEST)
        bodies = [asked.body for asked in server.asked]
    assert (first.text, second.text) == (GOOD, GOOD)
    assert len(bodies) == len(refused) + 2, "the second question is asked as the first was answered"
    assert told in first.notes[-1]
    assert len(first.notes) == len(refused)
    assert second.notes == ()
    assert set(bodies[-1]) == {"model", "messages", "temperature", "max_tokens"} | left


def test_a_tool_call_is_strict_too() -> None:
    """The tool's schema is strict and takes no further properties."""
    with Loopback(GOOD, ("json_schema",)) as server:
        asking(server, OPENAI)
        (tool,) = server.asked[-1].body["tools"]
    assert tool["function"]["strict"] is True
    assert tool["function"]["parameters"]["additionalProperties"] is False


def test_prose_in_place_of_a_tool_call_is_returned() -> None:
    """Words in place of a tool call come back as text."""
    with Loopback(GOOD, ("json_schema",)) as server:
        server.script(Reply(text="I have no tools.", as_content=True))
        (answer,) = asking(server, OPENAI)
    assert answer.text == "I have no tools."


@pytest.mark.parametrize("text", [f"```json\n{GOOD}\n```", f"Here it is:\n```json\n{GOOD}\n```\nAnything else?"])
def test_json_is_found_in_its_fence(text: str) -> None:
    """JSON in a Markdown fence, with words around it, is found."""
    with Loopback(text, ("json_schema", "tools", "json_object")) as server:
        (answer,) = asking(server, OPENAI)
    assert Form.model_validate_json(answer.text) == Form(animal="dog", legs=4, tail=None)


THOUGHT = f'<think>\nThe form wants {{"a": 1}}? Maybe {{"animal": "draft"}}.\n</think>\n\n{GOOD}'


@pytest.mark.parametrize(
    "text",
    [THOUGHT, THOUGHT.removeprefix("<think>"), f"So it is {GOOD}", f"{THOUGHT[: -len(GOOD)]}```json\n{GOOD}\n```"],
)
@pytest.mark.parametrize("refused", [(), ("json_schema", "tools", "json_object")])
def test_json_is_found_after_thoughts(text: str, refused: tuple[str, ...]) -> None:
    """What a model thinks aloud before it answers is not the answer, whatever way it is asked."""
    with Loopback(text, refused) as server:
        (answer,) = asking(server, OPENAI)
    assert Form.model_validate_json(answer.text) == Form(animal="dog", legs=4, tail=None)


@pytest.mark.parametrize("name", [OPENAI, MISTRAL])
@pytest.mark.parametrize("place", ["reasoning_content", "reasoning"])
def test_json_is_found_where_thoughts_go(server: Loopback, name: str, place: str) -> None:
    """Some servers leave the content empty and put the answer where thoughts go; it is read after one request."""
    message = {"role": "assistant", "content": "", place: GOOD}
    server.every = Reply(body=completion(message))
    (answer,) = asking(server, name)
    assert answer.text == GOOD
    assert len(server.asked) == 1


def test_a_server_that_answers_with_nothing_is_asked_in_the_next_way(server: Loopback) -> None:
    """No text and no tool call: the next way is tried and remembered, each said once; in the last, nothing is the answer."""
    empty = completion({"role": "assistant", "content": None, "tool_calls": []})
    server.script(Reply(body=empty), Reply(body=empty))
    first, second = asking(server, OPENAI, REQUEST, REQUEST)
    assert (first.text, second.text) == (GOOD, GOOD)
    assert first.notes == (
        "openai/gpt-4o-mini answers a JSON schema with nothing: it is asked for a tool call instead.",
        "openai/gpt-4o-mini answers a tool call with nothing: it is asked for JSON mode instead.",
    )
    assert second.notes == ()
    assert len(server.asked) == 4
    server.every = Reply(body=empty)
    (last,) = asking(server, OPENAI)
    assert last.text == ""


def completion(message: dict[str, object]) -> bytes:
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": COMPLETION_TOKENS, "total_tokens": 18}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("refused", "left", "note"),
    [
        (("temperature",), {"max_tokens"}, "temperature"),
        (("max_tokens",), {"temperature"}, "max_tokens"),
        (("strict",), {"temperature", "max_tokens"}, "strictly"),
        (("temperature", "max_tokens"), set(), "temperature"),
    ],
)
def test_refused_parameters_are_left_out_remembered_and_told_once(
    refused: tuple[str, ...], left: set[str], note: str
) -> None:
    """A refused parameter is left out from then on and noted once."""
    with Loopback(GOOD, refused) as server:
        first, second = asking(server, OPENAI, REQUEST, REQUEST)
        bodies = [asked.body for asked in server.asked]
    assert note in first.notes[0]
    assert len(first.notes) == len(refused)
    assert second.notes == ()
    assert len(bodies) == len(refused) + 2
    assert set(bodies[-1]) == {"model", "messages", "response_format"} | left


def test_max_tokens_is_renamed_where_a_model_says_so(server: Loopback) -> None:
    """Where a model asks for max_completion_tokens, the limit is sent under that name from then on."""
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    server.script(Reply(status=400, message=said, param="max_tokens", code="unsupported_parameter"))
    first, second = asking(server, OPENAI, REQUEST, REQUEST)
    assert first.notes == ("openai/gpt-4o-mini takes max_completion_tokens in place of max_tokens.",)
    assert second.notes == ()
    assert server.asked[-1].body["max_completion_tokens"] == 500
    assert "max_tokens" not in server.asked[-1].body


def test_litellms_own_refusals_are_heeded(server: Loopback) -> None:
    """What litellm refuses is left out, noted once and remembered."""
    server.script(
        Reply(status=400, message="temperature is not supported"), Reply(status=422, message="no response_format here")
    )
    first, second = asking(server, MISTRAL, REQUEST, REQUEST)
    assert [note.split(" does not take ")[1][:11] for note in first.notes] == ["temperature", "a JSON sche"]
    assert second.notes == ()
    assert "temperature" not in server.asked[-1].body
    assert "tools" in server.asked[-1].body


def test_calls_at_the_same_time_learn_from_each_other() -> None:
    """Six calls at once go on to the tool together, with one note among them."""
    with Loopback(GOOD, ("json_schema",)) as server:
        answers = asking(server, OPENAI, *[replace(REQUEST, subject=f"p{i}") for i in range(6)], at_once=True)
        assert "tools" in server.asked[-1].body
    assert [answer.text for answer in answers] == [GOOD] * 6
    assert sum(len(answer.notes) for answer in answers) == 1


def test_what_is_refused_for_another_reason_stays_refused(server: Loopback) -> None:
    """A request that is too long is sent once, and the error has the server's words."""
    error = failing(server, OPENAI, Reply(status=400, message="This model's context is 8192 tokens, you sent 9000."))
    assert "9000" in str(error)
    assert len(server.asked) == 1


STATUSES = {
    400: "no", 401: "fatal", 402: "fatal", 403: "fatal", 404: "fatal", 408: "retry", 409: "retry", 413: "no",
    422: "no", 429: "retry", 500: "retry", 502: "retry", 503: "retry", 529: "retry",
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("status", "what"), STATUSES.items())
def test_every_status_says_whether_to_try_again(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, name: str, status: int, what: str
) -> None:
    """Each status is retried, fatal or neither, with pause, host and the server's words, in which keys are blanked."""
    for home in HOMES.values():
        for variable in home.variables:
            monkeypatch.setenv(variable, "an-odd-secret")
    said = f"Bad thing with {KEY} and an-odd-secret."
    error = failing(server, name, Reply(status=status, message=said, headers={"retry-after": "7"}))
    assert (error.retryable, error.fatal) == (what == "retry", what == "fatal")
    assert error.retry_after == (7.0 if what == "retry" else None)
    assert f"({status})" in str(error)
    assert server.host in str(error)
    assert "Bad thing with [key] and [key]" in str(error)
    assert "Traceback" not in str(error)
    assert len(server.asked) == 1


def test_an_account_without_credit_ends_the_run(server: Loopback) -> None:
    """A 429 for want of credit is fatal."""
    reply = Reply(status=429, message="You exceeded your current quota.", code="insufficient_quota")
    error = failing(server, OPENAI, reply)
    assert error.fatal
    assert not error.retryable


def test_a_wrong_gemini_key_ends_the_run(server: Loopback) -> None:
    """Gemini's 400 for a wrong key is fatal."""
    error = failing(server, GEMINI, Reply(status=400, message="API key not valid. Please pass a valid API key."))
    assert error.fatal


@pytest.mark.parametrize(
    ("message", "headers", "seconds"),
    [
        ("Rate limit reached for x. Please try again in 4s.", {}, 4.0),
        ("Please try again in 1m30.5s. Visit our page for more.", {}, 90.5),
        ("… of your current pricing tier. Please retry after 45 seconds.", {}, 45.0),
        ("Too many requests, wait 2 minutes before you try again", {}, 120.0),
        ("Limit 30000, Used 29000. Try again in 120ms.", {}, 0.12),
        ("Slow down.", {"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "0",
                        "x-ratelimit-reset-tokens": "9h", "x-ratelimit-remaining-tokens": "5"}, 360.0),
        ("Slow down.", {"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "250ms"}, 1.0),
        ("Slow down.", {"x-ratelimit-reset": "17"}, 17.0),
        ("Try again in 4s.", {"retry-after": "9"}, 9.0),
        ("Limit of 60 requests per minute reached.", {}, None),
    ],
)  # fmt: skip
def test_a_wait_is_kept_wherever_it_is_told(
    server: Loopback, message: str, headers: dict[str, str], seconds: float | None
) -> None:
    """In the words of a refusal, or in when limits are reset; `retry-after` wins, and a limit is no wait."""
    error = failing(server, OPENAI, Reply(status=429, message=message, headers=headers))
    assert error.retryable
    assert error.retry_after == (None if seconds is None else pytest.approx(seconds))


def test_a_limit_that_is_reset_at_a_time_is_waited_for() -> None:
    """A time since 1970, in seconds or milliseconds, and a date."""
    soon = datetime.now(UTC) + timedelta(seconds=30)
    for told in (str(soon.timestamp()), str(soon.timestamp() * 1000), soon.isoformat()):
        assert 25 < (limit_reset({"anthropic-ratelimit-requests-reset": told}) or 0.0) <= 30


def test_a_page_of_html_is_shown_as_its_words(server: Loopback) -> None:
    """A server's page of HTML is an error that may be tried again, with the page's words and no tags."""
    page = b"<html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"
    error = failing(server, OPENAI, Reply(status=502, body=page, headers={"content-type": "text/html"}))
    assert error.retryable
    assert "502 Bad Gateway nginx" in str(error)
    assert "<" not in str(error)


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.", "--context"),
        ("prompt is too long: 210000 tokens > 200000 maximum", "--context"),
        ("The response was filtered due to Azure OpenAI's content management policy.", "filter"),
    ],
)
def test_a_refusal_names_what_mends_it(server: Loopback, message: str, names: str) -> None:
    """The error of a refusal names what mends it, and ends nothing."""
    error = failing(server, OPENAI, Reply(status=400, message=message))
    assert not error.fatal
    assert names in str(error)


def test_pauses_are_read_in_every_form() -> None:
    """Seconds, milliseconds and dates are pauses, a past date is none, and words are no `retry-after`."""
    at = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    assert retry_after({"Retry-After": "12"}) == 12.0
    assert retry_after({"retry-after-ms": "1500", "retry-after": "2"}) == 1.5
    assert 3000 < (retry_after({"retry-after": at}) or 0.0) <= 3600
    assert retry_after({"retry-after": past}) == 0.0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(reset=True), "cannot be reached at"),
        (Reply(silent=True), "no answer in time"),
        (Reply(body=b'{"id": "chat'), "no JSON"),
    ],
)
def test_broken_connections_may_pass(server: Loopback, name: str, reply: Reply, says: str) -> None:
    """A reset, a silence and half an answer are each an error that may be retried and says what happened."""
    error = failing(server, name, reply, timeout=0.5 if reply.silent else 30.0)
    assert error.retryable
    assert not error.fatal
    assert says in str(error)


def test_an_unreachable_server_is_named() -> None:
    """The error names host and option, and may be retried."""
    with Loopback() as gone:
        url, host = gone.url + "/v1", gone.host

    async def ask() -> None:
        provider = load_provider(OPENAI, base_url=url)
        try:
            await provider.answer(REQUEST)
        finally:
            await provider.aclose()

    with pytest.raises(ProviderError, match="cannot be reached") as caught:
        asyncio.run(ask())
    assert caught.value.retryable
    assert host in str(caught.value)
    assert "--base-url" in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "retryable", "says"),
    [
        (Reply(body=b"<html>", headers={"content-type": "text/html"}), False, "/v1"),
        (Reply(body=b'{"choices": []}'), False, "no answer that can be read"),
        (Reply(body=b'{"error": {"message": "overloaded", "code": 503}}'), True, "overloaded"),
        (Reply(body=b'{"error": {"message": "who are you?", "code": 401}}'), False, "who are you?"),
    ],
)
def test_a_200_that_is_no_answer(server: Loopback, reply: Reply, retryable: bool, says: str) -> None:
    """A web page, an empty answer and an error in a 200 are errors, retried if the error says so."""
    error = failing(server, OPENAI, reply)
    assert error.retryable is retryable
    assert says in str(error)


def test_unknown_token_counts_are_not_free(server: Loopback) -> None:
    """Without counts the cost is unknown, and a note says why."""
    server.script(Reply(usage=False))
    (answer,) = asking(server, OPENAI)
    assert answer.cost_usd is None
    assert answer.notes == ("openai/gpt-4o-mini does not say how many tokens it used.",)


@pytest.mark.parametrize(
    "name", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "groq/llama", "gemini/gemini-2.5-flash"]
)
def test_a_missing_key_is_named_before_anything_is_sent(name: str) -> None:
    """Loading a provider without its key is a fatal error that names the variable."""
    with pytest.raises(ProviderError, match=f"{name.partition('/')[0].upper()}_API_KEY") as caught:
        load_provider(name)
    assert caught.value.fatal


def test_a_server_elsewhere_needs_a_key() -> None:
    """A server on another host needs the key too."""
    with pytest.raises(ProviderError, match="OPENAI_API_KEY"):
        load_provider(OPENAI, base_url="https://gateway.example/v1")


def test_hosts_are_where_requests_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider's host is the provider's, the one given or the one of the environment; no address is a usage error."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert load_provider("openai/gpt-4o").host == "api.openai.com"
    assert load_provider("openai/x", base_url="http://[::1]:8000/v1").host == "::1:8000"
    assert load_provider("anthropic/claude").host == "api.anthropic.com"
    assert load_provider("ollama/llama3").host == "localhost:11434"
    monkeypatch.setenv("OPENAI_BASE_URL", "https://gateway.example/v1")
    assert load_provider("openai/gpt-4o").host == "gateway.example"
    with pytest.raises(UsageError, match="address"):
        load_provider("openai/x", base_url="not a url")


def test_nothing_that_looks_like_a_key_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of any provider and values of secret variables are blanked, and text is one short line."""
    monkeypatch.setenv("MY_GATEWAY_TOKEN", "plainwords")
    for secret in (KEY, "sk-proj-ab*****xyz", "AIzaSyA1234567890", "gsk_abcdefgh", "Bearer abc.def.ghi", "plainwords"):
        assert secret not in one_line(f"wrong: {secret}, try again")
    assert one_line("a\nb\x1b[31m " + "x" * 500).startswith("a b [31m xxx")
    assert len(one_line("x" * 500)) == 240


@pytest.mark.parametrize("name", EVERY)
def test_closing_gives_connections_back(server: Loopback, name: str) -> None:
    """After closing all connections are closed and Python warns of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asking(server, name, REQUEST, REQUEST)
        gc.collect()
    assert server.all_closed()
    assert len(server.asked) == 2


@pytest.mark.parametrize("name", [OPENAI, CLAUDE])
def test_a_provider_can_be_used_in_one_loop_after_another(server: Loopback, name: str) -> None:
    """A closed provider answers in a second loop."""
    provider: Provider = load_provider(name, base_url=base(server, name))

    async def ask() -> Answer:
        answer = await provider.answer(REQUEST)
        await provider.aclose()
        return answer

    assert [asyncio.run(ask()).text for _ in range(2)] == [GOOD, GOOD]


DROPPED = """
import asyncio, sys
from persona_agent.models.registry import load_provider
from persona_agent.models.waits import limit_reset, retry_after
from persona_agent.models.base import Request
from persona_agent.models.trial import TrialAnswer

async def main():
    provider = load_provider(sys.argv[1], base_url=sys.argv[2])
    print((await provider.answer(Request("s", "p1", (("user", "?"),), TrialAnswer))).text)

asyncio.run(main())
"""


@pytest.mark.parametrize("name", [OPENAI, CLAUDE])
def test_a_dropped_client_does_not_hang(server: Loopback, name: str) -> None:
    """A process that never closes its provider ends with its output alone."""
    server.text = '{"animal":"dog","legs":4}'
    command = [sys.executable, "-c", DROPPED, name, base(server, name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, server.text + "\n", "")
    assert server.all_closed()


@pytest.mark.parametrize("name", ["openai/text-embedding-3-small", "mistral/mistral-embed"])
def test_embeddings_are_unit_vectors_in_order(server: Loopback, name: str) -> None:
    """Vectors have length 1 and the order of the texts, over several requests; an empty text is nought and not sent."""
    texts = ["x" * (i % 7 + 1) for i in range(SENT_AT_ONCE + 5)] + [" "]
    vectors = load_embedding(name, base_url=f"{server.url}/v1").embed(texts)
    expected = np.array([[3.0, 4.0, len(text)] for text in texts])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[:-1], expected[:-1], atol=1e-6)
    assert not vectors[-1].any(), "an empty text is not sent"
    assert [len(asked.body["input"]) for asked in server.asked] == [SENT_AT_ONCE, 5]
    assert server.asked[0].path == "/v1/embeddings"
    assert server.asked[0].body["model"] == name.partition("/")[2]
    gc.collect()


def test_embedding_errors_say_whether_to_try_again(server: Loopback) -> None:
    """A busy server may be retried after its pause, a wrong key not, and neither is asked again here."""
    embedding = load_embedding("openai/text-embedding-3-small", base_url=f"{server.url}/v1")
    server.script(
        Reply(status=503, message="busy", headers={"retry-after": "3"}), Reply(status=401, message=f"bad {KEY}")
    )
    with pytest.raises(ProviderError) as busy:
        embedding.embed(["a"])
    assert (busy.value.retryable, busy.value.retry_after) == (True, 3.0)
    with pytest.raises(ProviderError) as wrong:
        embedding.embed(["a"])
    assert wrong.value.fatal
    assert KEY not in str(wrong.value)
    assert len(server.asked) == 2


def test_embeddings_that_do_not_match_are_refused(server: Loopback) -> None:
    """Fewer vectors than texts are an error."""
    server.script(Reply(body=json.dumps({"object": "list", "data": [], "model": "m"}).encode()))
    with pytest.raises(ProviderError, match="one vector for each text"):
        load_embedding("openai/m", base_url=f"{server.url}/v1").embed(["a", "b"])
