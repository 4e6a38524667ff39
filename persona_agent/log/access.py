"""Access logs of web servers (Apache, nginx and others that write the common or combined form): lines into records.

Takes a stream of lines; gives each request as a record of a client, a time, an act and a page. Promises: what a browser fetches
for a page (styles, scripts, images) and what sends it elsewhere is set aside as no behaviour, requests of programs that say so as
automation; the rest of an address, behind `?`, is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote

from .lines import Overlong, split_lines, without_cr
from .values import Rejected
from .vendors.common import NOT_BEHAVIOUR, words

AUTOMATION = "automation"
LINES = 20  # of a file's first, of which nearly all must be requests
NEARLY = 0.9  # a server may write a line of its own between them
_QUOTED = r'"((?:[^"\\]|\\.)*)"?'
_REQUEST = re.compile(
    rf"(?:[\w.-]+(?::\d+)? )?(\S+) \S+ (.*?) \[(\d\d?/\w+/\d{{4}}:[^\]]+)\] "
    rf"{_QUOTED} (\d{{3}}) (?:\d+|-)(?: {_QUOTED} {_QUOTED})?"
)
_CALL = re.compile(r"([A-Z]+) (\S+)(?: HTTP/[\d.]+)?")
# What pages are made of, and what browsers and programs ask for on their own.
_PARTS = frozenset(words("css js mjs map png jpg jpeg gif ico svg webp avif bmp woff woff2 ttf otf eot"))
_OWN = frozenset(words("/robots.txt /favicon.ico /sitemap.xml /apple-touch-icon.png /manifest.json"))
_FILES = frozenset(
    words(
        "pdf zip gz tgz bz2 xz 7z rar tar jar exe msi dmg deb rpm apk iso csv xlsx docx pptx mp3 mp4 avi mov webm ogg epub"
    )
)
_ACTS = {"GET": "view", "POST": "send", "PUT": "send", "PATCH": "send", "DELETE": "delete"}
# Browsers name no address of their own; programs that fetch pages for others say where to complain, or what library they are.
_PROGRAM = re.compile(
    r"https?://|www\.|\w@\w|^(curl|wget|python|java|libwww|go-http|okhttp|perl|ruby|php|apache|lwp|-$|$)", re.I
)


def is_access_log(head: bytes) -> bool:
    """Whether nearly all of the first lines of a text are requests."""
    lines = [line for line in head.decode(errors="replace").split("\n")[:LINES] if line.strip()]
    return bool(lines) and sum(_REQUEST.match(line) is not None for line in lines) >= NEARLY * len(lines)


def access_records(stream: BinaryIO) -> Iterator[tuple[int, bytes, dict[str, Any] | Rejected, str]]:
    """Each line's number, bytes, request and why it is no behaviour."""
    for number, held in split_lines(stream):
        raw = held if type(held) is Overlong else without_cr(held)
        if raw and not raw.isspace():
            yield number, raw, *_request(raw.decode(errors="replace"))


def _request(line: str) -> tuple[dict[str, Any] | Rejected, str]:
    found = _REQUEST.match(line)
    call = _CALL.fullmatch(found[4]) if found else None
    if found is None or call is None:
        return Rejected("request", "the line is no request of an access log"), ""
    page, ending = unquote(call[2].partition("?")[0]), call[2].partition("?")[0].rpartition(".")[2].lower()
    status, agent, came = int(found[5]), found[7] or "", re.match(r"https?://([^/:?]+)", found[6] or "")
    act = "get an error" if status >= 400 else "download" if ending in _FILES else _ACTS.get(call[1], "")
    record = {
        "client": found[1] if found[2] == "-" else found[2],
        "time": found[3],
        "action": act or call[1],
        "page": page,
        "came from": came[1].removeprefix("www.") if came else None,
        "user_agent": agent or None,
    }
    if agent and _PROGRAM.search(agent):
        return record, AUTOMATION
    aside = not act or (300 <= status < 400 and status != 304) or ending in _PARTS or page in _OWN
    return record, NOT_BEHAVIOUR if aside else ""
