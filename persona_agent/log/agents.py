"""User agents: what a browser or an app says of itself, read as a kind of device, a system and a browser.

Takes the columns of a sample; later one text of such a column. Gives which columns hold user agents, and the three fields that
are kept in their place. Promises: the text itself, which tells people apart nearly as a fingerprint does, is kept nowhere, and no
version is; the same text gives the same fields; a field is added only where the log has none of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ua_parser import parse_os, parse_user_agent

from .column_names import bare
from .guessing import Column, parts_of_name
from .lists import property_name
from .vendors.common import words

NAMED = 0.5  # of the values of a column that is called so read as user agents: an app may write a word of its own
UNNAMED_AGENTS = 0.95  # of those of any other column: nothing else begins like that, but a note may quote one
# Characters that are read: what is longer says nothing more, and takes long to be held against all rules.
LONGEST_AGENT = 500
MARK, BOT_AGENT = "user_agent", "bot"  # what is left of a program's, for machines.py to set its line aside

AGENT_NAMES = frozenset(map(bare, words("user_agent useragent agent ua http_user_agent browser_user_agent")))
AGENT_TOKENS = r"(^|[^a-z])([a-z]*bot|crawler|[a-z]*spider|headless[a-z]*)([^a-z]|$)"
_PROGRAM = re.compile(AGENT_TOKENS)
_BROWSER = re.compile(r"(Mozilla|Dalvik|Opera)/\d|okhttp/\d|.{1,80} CFNetwork/[\d.]+ Darwin/\d").match
_PRODUCT = re.compile(r"[A-Za-z][\w .&'-]{0,40}/v?\d").match
# Versions and builds by which no rule tells one family from another: without them different texts are few.
_VERSION = re.compile(
    r"\b(Chrom(?:e|ium)|CriOS|Firefox|FxiOS|Version|Safari|AppleWebKit|Mobile|Gecko|rv|Android|OS X|iPhone OS|CPU OS|Edge?"
    r"|OPR|Build)([/: ])(\d[^\s;)]*|(?<=Build/)[^\s;)]+)"
)
_NUMBERS = re.compile(r"\d+")

# The fields in their order, and what columns are called that tell the same.
_KINDS = {
    "device": words("device device_type device_category device_class device_family device_kind form_factor"),
    "system": words("system os os_name os_family os_type operating_system operating_system_name"),
    "browser": words("browser browser_name browser_family browser_type"),
}
# Whose it is says nothing of which it is: `user_device`, `client_os`.
_IN_FRONT = frozenset(words("user client visitor customer member event session visit context"))

_LINUX = re.compile(
    r"linux|ubuntu|debian|fedora|suse|red hat|centos|gentoo|mandriva|mageia|slackware|puppy|raspbian|mint", re.I
)
_SYSTEMS = {"Mac OS X": "macOS", "Mac OS": "macOS", "ATV OS X": "tvOS", "Web0S": "webOS"}
_PLAIN_SYSTEMS = (("iOS", r"^iOS\b|iPhone|iPad"), ("Android", r"\bAndroid\b"), ("macOS", "Macintosh"))
_POCKET_WINDOWS = frozenset(("Windows Phone", "Windows Mobile", "Windows CE"))
_PHONES = _POCKET_WINDOWS | {"BlackBerry OS", "Symbian OS", "Firefox OS", "KaiOS", "Bada", "HarmonyOS"}
_COMPUTERS = frozenset(("Windows", "macOS", "Linux", "Chrome OS", "FreeBSD", "OpenBSD", "NetBSD", "Solaris"))
_SETS = frozenset(("tvOS", "webOS", "Roku", "Chromecast", "FireTV"))
# Looked for before the system: a set or a console runs one that computers and phones run too.
_DEVICES = (
    ("console", r"PlayStation|Xbox|Nintendo"),
    (
        "TV",
        r"smart-?tv|hbbtv|google ?tv|apple ?tv|android tv|\bbravia\b|\bcrkey\b|\broku\b|\baft[a-z]{1,3}\b|\bTV Safari",
    ),
    ("watch", r"watch ?os|apple watch|wear ?os"),
    ("tablet", r"\biPad|tablet|kindle|playbook"),
)
_APP, _IN_APPS = "an app", ("Android", "Mobile Safari UI/WKWebView", "CFNetwork", "okhttp", "Electron")
_BROWSERS = {"IE": "Internet Explorer", "Mobile Safari": "Safari", "Amazon Silk": "Silk"}
_OF_PHONES = re.compile(r" (Mobile|iOS|WebView)\b|\b(Mobile) ")


@dataclass(frozen=True, slots=True)
class Agents:
    """`columns` are the properties that hold user agents, `fields` those that are told of them: what of device, system and
    browser the log has no column for.
    """

    columns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def read(self, properties: dict[str, Any]) -> dict[str, Any]:
        """The properties of an event, changed in place: what a user agent says in its stead; a program's leaves a mark too."""
        if not self.columns:
            return properties
        told = [text for name in self.columns if type(text := properties.pop(name, None)) is str]
        if not told:
            return properties
        of, program = read_agent(told[0])
        for name in self.fields:
            if value := of.get(name):
                properties[name] = value
        if program:
            properties[MARK] = BOT_AGENT
        return properties

    @property
    def said(self) -> Iterator[str]:
        """What a person should know of it."""
        if self.columns:
            *first, last = self.fields or ("",)
            read = f"read as {', '.join(first)}{' and ' * bool(first)}{last}" if last else "left out"
            yield f"user agents ({', '.join(self.columns)}) were {read}; the texts, which may tell who somebody is, are not kept"


NO_AGENTS = Agents()


def agent_columns(columns: Mapping[str, Column]) -> list[str]:
    """The columns that hold user agents, by their names and values."""
    return [path for path, column in columns.items() if column.filled and _holds_agents(path, column)]


def agents_of(columns: Mapping[str, Column], mapped: Collection[str]) -> Agents:
    """How user agents are read in a log of these columns; one that is `mapped` to a field is left to it."""
    found = [path for path in agent_columns(columns) if path not in mapped]
    if not found:
        return NO_AGENTS
    there = {name for path, column in columns.items() if column.filled and path not in found for name in _told(path)}
    return Agents(
        tuple(map(property_name, found)), tuple(name for name, called in _KINDS.items() if there.isdisjoint(called))
    )


@lru_cache(maxsize=1 << 14)
def read_agent(text: str) -> tuple[Mapping[str, str], bool]:
    """The fields that a user agent tells, and whether it says that it is a program's."""
    return _fields(_VERSION.sub(_plainer, text[:LONGEST_AGENT])), is_program(text)


def is_program(agent: str) -> bool:
    """Whether a user agent says that it is a program's."""
    # Cubot makes phones.
    return _PROGRAM.search(agent.lower().replace("cubot", "")) is not None


@lru_cache(maxsize=1 << 14)
def _fields(text: str) -> Mapping[str, str]:
    system, browser = _system(text), _browser(text)
    if not browser and system in ("iOS", "Android"):
        browser = _APP
    return {name: v for name, v in (("device", _device(text, system)), ("system", system), ("browser", browser)) if v}


def _plainer(version: re.Match[str]) -> str:
    """Rules ask for how many numbers a version has, and for none of them."""
    name, sign, told = version.groups()
    return f"{name}{sign}{'' if name == 'Build' else _NUMBERS.sub('9', told)}"


def _system(text: str) -> str:
    found = parse_os(text)
    family = found.family if found else ""
    if not family or family == "Other":
        return next((name for name, pattern in _PLAIN_SYSTEMS if re.search(pattern, text)), "")
    if family.startswith("Windows") and family not in _POCKET_WINDOWS:
        return "Windows"
    return "Linux" if _LINUX.search(family) else _SYSTEMS.get(family, family)


def _browser(text: str) -> str:
    found = parse_user_agent(text)
    family = found.family if found else ""
    if not family or family in _IN_APPS:
        own = _PRODUCT(text) if not _BROWSER(text) or "CFNetwork/" in text else None
        return own[0].rpartition("/")[0].strip() if own else _APP if family in _IN_APPS else ""
    family = _BROWSERS.get(family, family)
    return _BROWSERS.get(plain := _OF_PHONES.sub("", family).strip(), plain) or family


def _device(text: str, system: str) -> str:
    for kind, pattern in _DEVICES:
        if re.search(pattern, text, re.I):
            return kind
    if system in _SETS:
        return "TV"
    if system == "iOS" or system in _PHONES:
        return "phone"
    if system == "Android":
        # By the makers' rule: browsers of tablets leave the word out. What is no browser says it of neither.
        return (
            "phone" if re.search(r"mobile|opera mini", text, re.I) else "tablet" if text.startswith("Mozilla/") else ""
        )
    return "computer" if system in _COMPUTERS else ""


def _holds_agents(path: str, column: Column) -> bool:
    if column.types != {"text"} or not column.distinct:
        return False
    browsers = sum(_BROWSER(value) is not None for value in column.distinct)
    if browsers >= UNNAMED_AGENTS * len(column.distinct):
        return True
    name = bare(path.rpartition(".")[2])
    named = name in AGENT_NAMES or name.endswith("useragent")
    read = sum(_BROWSER(v) is not None or _PRODUCT(v) is not None for v in column.distinct)
    return named and read >= NAMED * len(column.distinct)


def _told(path: str) -> Iterator[str]:
    """What a column may be called, without whose it is: by its last part, or its last two."""
    parts = parts_of_name(path)
    while len(parts) > 1 and parts[0] in _IN_FRONT:
        parts = parts[1:]
    yield "_".join(parts)
    if holder := path.rpartition(".")[0]:
        yield "_".join([*parts_of_name(holder), *parts])
