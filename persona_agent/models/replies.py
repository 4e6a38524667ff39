"""The JSON of an answer, wherever a server or a model has put it.

In: the message of a chat completion, and the schema that was asked for. Out: the text that `ask` reads. Promises: what fits
the schema is found in a tool call, in the content, between words, in a fence, after thoughts, inside another object, and in
the fields for thoughts where there is nothing else; of several the last, for a model drafts before it answers. What does not
fit comes back as it was said. Nothing is mended but what JSON5 allows (a comma too many, single quotes, comments): what was
cut off stays cut off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import json5
from pydantic import BaseModel, ValidationError

FENCED = re.compile(r"```[\w-]*\s*\n(.*?)\n\s*```", re.DOTALL)
# How models and the templates that they are served with end their thoughts; some servers cut the opening mark off.
THOUGHTS = re.compile(
    r"^.*(?:</[\w:-]*(?:think|thought|reason|reflect|analysis)[\w:-]*>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>"
    r"|<\|channel\|>final\b.*?<\|message\|>)",
    re.DOTALL | re.IGNORECASE,
)
UNENDED = re.compile(
    r"^\s*(?:<[\w:-]*(?:think|thought|reason|reflect|analysis)[\w:-]*>|\[THINK\]|◁think▷|<\|begin_of_thought\|>"
    r"|<\|channel\|>analysis)",
    re.IGNORECASE,
)
PART = ("text", "thinking", "reasoning", "summary", "content")  # where a part of a message holds its text
KNOWN_FIELDS = ("content", "role", "refusal", "audio", "annotations", "tool_calls", "function_call", "name")
WRAPPED = 2  # an answer inside another object: {"name": …, "arguments": {…}}, {"result": {…}}
LONGEST_MENDED = 60_000  # characters; the reader of JSON5 takes a second for so many


def answer_in(message: Any, schema: type[BaseModel], *, whole: bool = True) -> str:
    """The answer in a message, the empty text where there is none. Where it was cut off (`whole` false) what a model thought
    is no answer.
    """
    said = [text for text in _said(message) if text.strip()]
    rests = [rest for text in said if (rest := spoken(text)).strip()]
    if rests or not whole:
        return next((found for rest in rests if (found := _fitting(rest, schema))), _plain(rests, schema))
    thought = [*said, *_thoughts(message)]  # an answer may stand in the thoughts themselves
    return next((found for text in thought if (found := _fitting(text, schema))), _like(thought, schema))


def spoken(text: str) -> str:
    """What is said after thoughts; nothing where they do not end."""
    if text.lstrip().startswith("{"):
        return text
    rest = THOUGHTS.sub("", text)
    return "" if UNENDED.match(rest) else rest


def fits(text: str, schema: type[BaseModel]) -> bool:
    """Is the text a value of the schema?"""
    return _valid(text, schema) is not None


def _said(message: Any) -> Iterator[str]:
    """What a message says: its tool calls, else a function call as it was before there were tools, else its content."""
    called = [c.function for c in getattr(message, "tool_calls", None) or [] if getattr(c, "function", None)]
    called += [f for f in [getattr(message, "function_call", None)] if f]
    for function in called:
        yield _text(function.get("arguments") if isinstance(function, Mapping) else function.arguments)
    yield _text(getattr(message, "content", None))


def _thoughts(message: Any) -> Iterator[str]:
    """All other texts of a message: reasoning_content, reasoning, thinking, and whatever they are called elsewhere."""
    more = {
        **(getattr(message, "model_extra", None) or {}),
        **(getattr(message, "provider_specific_fields", None) or {}),
    }
    more |= {
        n: getattr(message, n)
        for n in ("reasoning_content", "reasoning", "thinking_blocks")
        if getattr(message, n, None)
    }
    for name, value in more.items():
        if name not in KNOWN_FIELDS and (text := _text(value)).strip():
            yield text


def _text(value: Any) -> str:
    """A field as text: some servers send parts, or an object where others send its JSON."""
    if isinstance(value, list):
        # Parts that hold thoughts are not said, where others are.
        said = [p for p in value if not (isinstance(p, Mapping) and re.search("think|reason", str(p.get("type"))))]
        return "".join(_text(p) for p in said or value)
    if isinstance(value, Mapping) and (held := next((n for n in PART if "type" in value and n in value), None)):
        return _text(value[held])
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _fitting(text: str, schema: type[BaseModel]) -> str | None:
    """The last object of a text that fits, as JSON; None where there is none."""
    if (whole := _valid(text, schema)) is not None:
        return whole
    for found in reversed(list(_objects(text))):
        for inner in _within(found, WRAPPED):
            if (value := _valid(json.dumps(inner), schema)) is not None:
                return value
    return None


def _valid(text: str, schema: type[BaseModel]) -> str | None:
    try:
        return schema.model_validate_json(text).model_dump_json(by_alias=True)
    except ValidationError:
        return None


def _plain(said: Sequence[str], schema: type[BaseModel]) -> str:
    """What was said, without words around an object that was meant as the answer, so that what is wrong with it can be told."""
    if not said or said[0].lstrip().startswith("{"):
        return next(iter(said), "")
    return _like(said, schema) or said[0]


def _like(texts: Sequence[str], schema: type[BaseModel]) -> str:
    """The last object that has one of the schema's fields, the empty text where there is none."""
    found = [o for text in texts for o in _objects(text) if o.keys() & schema.model_fields.keys()]
    return json.dumps(found[-1], ensure_ascii=False) if found else ""


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a text, in order, none inside another; as JSON5 where there is none as JSON."""
    decoder, at, none = json.JSONDecoder(), text.find("{"), True
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            none = False
            yield found
        at = text.find("{", end)
    if none:
        yield from _as_json5(text)


def _as_json5(text: str) -> Iterator[dict[str, Any]]:
    for piece in [*FENCED.findall(text), text[text.find("{") : text.rfind("}") + 1]]:
        if 0 < len(piece) <= LONGEST_MENDED:
            try:
                found = json5.loads(piece)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                yield found


def _within(found: Any, depth: int) -> Iterator[Any]:
    """An object, and those in its fields or written into them as text."""
    yield found
    if depth and isinstance(found, dict):
        for value in found.values():
            if isinstance(value, str) and value.lstrip().startswith("{"):
                try:
                    yield from _within(json.loads(value), depth - 1)
                except ValueError:
                    continue
            elif isinstance(value, dict):
                yield from _within(value, depth - 1)
