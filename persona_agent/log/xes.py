"""XES, the XML of process mining (IEEE 1849), as events of JSON values.

Takes a byte stream; gives `(line, event)`: the line on which an event begins, and its attributes by their keys, those of its case
with `case:` before them, as tables of process mining have them. Promises: one event is held at a time; entities and document
types, by which XML can grow without end or reach elsewhere, are refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from ..errors import InputError
from .lines import LINE_LIMIT

CHUNK = 1 << 16  # bytes parsed at once; a round number
CASE = "case:"
DEPTH = 32  # elements within each other; attributes of attributes of attributes are no log's


def xes_events(stream: BinaryIO, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every event of the log called `name`, in the order of the file; InputError where it is no XES."""
    parser = make_parser()
    handler = _Handler(parser.getLineNumber)
    parser.setContentHandler(handler)
    since = 0
    try:
        while piece := stream.read(CHUNK):
            parser.feed(piece)
            since = 0 if handler.events else since + len(piece)
            if since > LINE_LIMIT or handler.deep:
                raise InputError(f"{name} holds an event that does not end.", hint="Export the log again.")
            while handler.events:
                yield handler.events.popleft()
        parser.close()
    except DefusedXmlException as error:
        told = f"{name} declares entities or a document type, which are not read."
        raise InputError(told, hint="Export the log without them.") from error
    except SAXException as error:
        where = f":{error.getLineNumber()}" if isinstance(error, SAXParseException) else ""
        raise InputError(f"{name}{where} is not XES: {error.getMessage()}.", hint="Export the log again.") from error
    yield from handler.events


class _Handler(ContentHandler):
    """Collects events in `events`; `line` says where the parser stands."""

    def __init__(self, line: Callable[[], int]) -> None:
        super().__init__()
        self._at = line
        self.events: deque[tuple[int, dict[str, Any]]] = deque()
        self.deep = False
        self._open: list[str] = []
        self._case: dict[str, Any] = {}
        self._event: dict[str, Any] | None = None
        self._line = 0

    def startElement(self, name: str, attrs: Any) -> None:
        name = name.rpartition(":")[2]
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        self.deep = self.deep or len(self._open) > DEPTH
        if name == "trace":
            self._case = {}
        elif name == "event":
            self._event, self._line = dict(self._case), self._at()
        elif parent in ("trace", "event") and "key" in attrs and "value" in attrs:
            into, key = (self._case, CASE + attrs["key"]) if parent == "trace" else (self._event, attrs["key"])
            if into is not None:
                into[key] = _value(name, attrs["value"])

    def endElement(self, _: str) -> None:
        if self._open.pop() == "event" and self._event is not None:
            self.events.append((self._line, self._event))
            self._event = None


def _value(kind: str, text: str) -> Any:
    """An attribute's value by its element; what is not what it says stays text."""
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        return text
    return text.lower() == "true" if kind == "boolean" else text
