"""YAML with the line of each key and value, so that an error can name it.

Text comes in; plain values come out, with the line of each by its path of keys. Promises: a key that is there twice, an anchor,
a tag of any kind and what is no mapping of texts are errors that name the line; nothing but plain values is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ..errors import UsageError

Place = tuple[str | int, ...]
DEEPEST = 10  # a codebook has four: fields, a name, what is said of it, a list
PLAIN = re.compile(r"[A-Za-z](?:[\w /-]*\w)?", re.ASCII)


@dataclass(frozen=True)
class LineNumbers:
    """Where things stand in a file."""

    name: str
    at: Mapping[Place, int]

    def error(self, path: Place, message: str, hint: str | None = None) -> UsageError:
        """What is wrong at a path, or at the nearest above it that stands in the file."""
        known = next((self.at[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.at), 1)
        return UsageError(f"{self.name}, line {known}: {message}", hint=hint)


def parsed(name: str, text: str) -> tuple[Any, LineNumbers]:
    """The values of a YAML document and where they stand; UsageError where it is none."""
    lines: dict[Place, int] = {(): 1}
    try:
        _refuse_anchors(name, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = None if node is None else _value(node, (), lines, LineNumbers(name, lines))
    except yaml.YAMLError as error:
        raise UsageError(*_told(name, error)) from None
    return value, LineNumbers(name, lines)


def _refuse_anchors(name: str, text: str) -> None:
    """Before anything is made: anchors that repeat each other are ten lines that become more than memory holds, and lists
    within lists more than the stack does.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        at = event.start_mark.line + 1
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            raise UsageError(f"{name}, line {at}: anchors and aliases (& and *) are not read.", hint="Write it out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise UsageError(f"{name}, line {at}: nothing of a codebook is so deep within other things.")


def scalar(text: str) -> str:
    """A text as YAML writes it on one line, quoted where it must be."""
    if _stands_plain(text):
        return text
    written: str = yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_style='"')
    return written.rstrip("\n")


def _stands_plain(text: str) -> bool:
    """Can it stand without quotation marks and come back as the same text?"""
    if not PLAIN.fullmatch(text):
        return False
    back: object = yaml.safe_load(text)
    return back == text


def _value(node: yaml.Node, path: Place, lines: dict[Place, int], told: LineNumbers) -> Any:
    lines[path] = min(lines.get(path, node.start_mark.line + 1), node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, inner in node.value:
            name = _key(key, told)
            if name in found:
                raise UsageError(f"{told.name}, line {key.start_mark.line + 1}: {name!r} is there twice.")
            lines[(*path, name)] = key.start_mark.line + 1
            found[name] = _value(inner, (*path, name), lines, told)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(inner, (*path, i), lines, told) for i, inner in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node, deep=True)


def _key(node: yaml.Node, told: LineNumbers) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)  # a name of the log may read like a number, a date or `yes`
    raise UsageError(f"{told.name}, line {node.start_mark.line + 1}: a key must be a text.")


def _told(name: str, error: yaml.YAMLError) -> tuple[str]:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    return (f"{name}{f', line {mark.line + 1}' if mark else ''}: that is no YAML: {what}.",)
