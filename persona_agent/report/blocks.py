"""JSON values for a terminal: titled blocks of at most 80 columns.

Promised: text of the log passes `plain`, so it cannot steer a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from .terminal import WIDTH, plain

LONGEST = 1_000  # characters of one item of a list, or of a text that has a line to itself


def in_blocks(values: Mapping[str, Any]) -> str:
    """The values under their names, in their own order."""
    return "\n".join(_sections(values)).strip()


def plain_lines(text: str) -> str:
    """A text of several lines, each made plain behind its indent."""
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(" " * (len(line) - len(line.lstrip(" "))) + plain(line) for line in lines).strip("\n")


def _sections(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        title = plain(str(name)).replace("_", " ")
        if not isinstance(value, dict | list):
            yield from wrap(f"{title}: {_cell(value, LONGEST)}", WIDTH, subsequent_indent="  ")
            continue
        yield f"\n{title}"
        yield from _block(value, "  ")
        if not value:
            yield "  none"


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _pairs(value, indent)
    elif value and all(isinstance(row, dict) for row in value):
        yield from (indent + line for line in _table(value, WIDTH - len(indent)))
    else:
        for item in value:
            yield from (indent + line for line in wrap(_cell(item, LONGEST), WIDTH - len(indent)))


def _pairs(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    names = {name: _cell(str(name).replace("_", " ")) for name in value}
    width = max(map(len, names.values()), default=0)
    for name, inner in value.items():
        if isinstance(inner, dict | list) and inner:
            yield indent + names[name]
            yield from _block(inner, indent + "  ")
        else:
            yield f"{indent}{names[name]:<{width}}  {_cell(inner)}"


def _table(rows: list[dict[str, Any]], width: int) -> Iterator[str]:
    """Rows under the names of their keys."""
    head = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cell(name.replace("_", " ")) for name in head]]
    cells += [[_cell(row.get(name)) for name in head] for row in rows]
    widths = _fitting([max(len(row[i]) for row in cells) for i in range(len(head))], width)
    for row in cells:
        yield "  ".join(_clipped(text, size).ljust(size) for text, size in zip(row, widths, strict=True)).rstrip()


def _fitting(widths: list[int], room: int) -> list[int]:
    """The widths, the widest made narrower until all have room with two blanks between."""
    widths = list(widths)
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _cell(value: Any, width: int = WIDTH) -> str:
    if value is None or value == [] or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    text = plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return _clipped(text, width)
