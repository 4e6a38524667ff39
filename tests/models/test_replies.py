"""Texts that models and servers say: whatever they are, they are read or left alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from persona_agent.models.contexts import FEWEST, context_length
from persona_agent.models.replies import answer_in, fits
from persona_agent.models.waits import asked_wait, limit_reset, retry_after

WORDS = st.text(alphabet=st.characters(exclude_characters="{}<[◁`", exclude_categories=("Cs",)), max_size=60)
NAMES = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40)
MARKS = st.sampled_from(["{}", "<think>{}</think>", "{}</think>", "[THINK]{}[/THINK]", "<reasoning>{}</reasoning>"])


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    count: int


def message(content: object, **more: object) -> SimpleNamespace:
    return SimpleNamespace(content=content, tool_calls=None, **more)


@settings(max_examples=100, deadline=None)
@given(NAMES, st.integers(-9, 9), WORDS, WORDS, MARKS)
def test_an_answer_is_the_same_whatever_words_and_thoughts_stand_around_it(
    name: str, count: int, before: str, after: str, mark: str
) -> None:
    """Any name survives, whatever signs it has; a draft among thoughts is not taken."""
    answer = Named(name=name, count=count).model_dump_json()
    draft = Named(name="draft", count=10).model_dump_json()
    assert answer_in(message(f"{mark.format(before + draft)}\n{answer}\n{after}"), Named) == answer


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.booleans())
def test_no_text_is_too_odd_to_be_read(text: str, whole: bool) -> None:
    """An answer comes back, or the text or nothing; no text breaks the reader, cut off or not."""
    found = answer_in(message(text, reasoning=text), Named, whole=whole)
    assert fits(found, Named) or found in (text, "") or not fits(text, Named)


@pytest.mark.parametrize("cut", range(1, 25))
def test_half_an_answer_is_never_made_whole(cut: int) -> None:
    """What was cut off anywhere is no answer."""
    text = Named(name="a, b", count=4).model_dump_json()
    assert not fits(answer_in(message(text[: min(cut, len(text) - 1)]), Named), Named)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.text(max_size=40))
def test_no_words_of_a_server_break_what_reads_them(said: str, value: str) -> None:
    """A wait is no number below nought, whatever headers and words hold."""
    headers = {"retry-after": value, "x-ratelimit-reset": value, "RateLimit": value}
    for wait in (asked_wait(headers, said, [{"retry_delay": value}]), retry_after(headers), limit_reset(headers)):
        assert wait is None or wait >= 0
    assert (context_length(said) or FEWEST) >= FEWEST


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 48),
    st.integers(0, 59),
    st.integers(1, 59),
    st.sampled_from(["{h}h{m}m{s}s", "{h} hours {m} minutes {s} seconds"]),
)
def test_a_span_is_read_as_it_was_written(h: int, m: int, s: int, form: str) -> None:
    """In words, in a header and in a body."""
    span, seconds = form.format(h=h, m=m, s=s), h * 3600 + m * 60 + s
    assert asked_wait({}, f"Slow down. Try again in {span}.") == seconds
    assert asked_wait({"retry-after": span}, "") == seconds
    assert asked_wait({}, "", {"error": {"details": [{"retryDelay": span}]}}) == seconds
