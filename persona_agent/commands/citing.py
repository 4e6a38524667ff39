"""What stands in the lines that a claim cites, for a program."""

from __future__ import annotations

from collections.abc import Sequence

from ..report.cited import key
from ..report.shown_lines import lines_at
from ..schema import Citation
from ..store import Store

TOLD = ("user", "time", "action", "object", "text")


class LineOfClaim(Citation):
    """A cited line with what stands in it, redacted: `user` is a keyed hash, `time` is UTC; all empty where it is gone."""

    user: str = ""
    time: str = ""
    action: str = ""
    object: str = ""
    text: str = ""


def read_cited_lines(store: Store, citations: Sequence[Citation]) -> list[LineOfClaim]:
    """The cited lines in their order, from the events of the run."""
    found = lines_at(store, {key(c) for c in citations})
    told = [{name: getattr(found[key(c)], name) for name in TOLD} if key(c) in found else {} for c in citations]
    return [LineOfClaim(**citation.model_dump(), **texts) for citation, texts in zip(citations, told, strict=True)]
