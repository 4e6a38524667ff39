"""Topics that would tell what the law protects: whoever meets them in a log is not to be grouped by them.

Health, pregnancy, sex life, faith, politics, unions, origin, money trouble and convictions (GDPR 9 and 10, and the trouble
that comes before them). An event on such a topic is set aside before anything is grouped or written, unless a person keeps it
with `--keep sensitive`, which the report says. The words, in five languages, stand in topics.toml, with how they are compared.
Most brand names, other languages and what a combination of harmless acts gives away are not found.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import duckdb
import numpy as np

from ..redaction.spelling import folded, unmasked

FETCHED = 10_000  # texts at a time, so that a long list is never held whole; a round number
MOST_VALUES = 1_000  # of a column that sorts things; above, it is text of its own
TOLD = 5  # users who share a topic, or a text on it, before it is told to anybody
PARTICLES = ("وال", "بال", "لل", "ال", "و", "ب", "ل")  # which Arabic writes as a part of the word
CAPITAL = re.compile("([a-z])([A-Z][a-z])")
BLANK = re.compile(r"\s")
WORD = re.compile(r"[^\W_]+")
CHOICE = re.compile(r"\(([^()]*)\)\??|(.)\?")
KNOWN = 1 << 17  # words of which is remembered what begins with them; a full memory starts over


class Topics:
    """The phrases of topics.toml, found by their first words."""

    def __init__(self, table: dict[str, dict[str, str]]) -> None:
        self._exact: defaultdict[str, list[Phrase]] = defaultdict(list)
        self._begun: defaultdict[str, list[Phrase]] = defaultdict(list)
        self._ended: list[tuple[str, Phrase]] = []
        self._known: dict[str, tuple[Phrase, ...]] = {}
        for topic, languages in table.items():
            for words in languages.values():
                for phrase in dict.fromkeys(p for word in words.split(";") if word.strip() for p in expanded(word)):
                    self._add(topic, tuple(phrase.split()))
        self._shortest = min(map(len, self._begun))

    def of(self, text: str) -> str | None:
        """The topic that a text names, if any, in whatever letters it is written."""
        plain = unmasked(text)
        return self._of_words(compared_words(text)) or (
            self._of_words(compared_words(plain)) if plain != text else None
        )

    def _of_words(self, words: list[str]) -> str | None:
        for at, word in enumerate(words):
            begin = self._known.get(word)
            if begin is None:
                begin = self._learn(word)
            for phrase in begin:
                if phrase.stands(words, at):
                    return phrase.topic
        return None

    def _learn(self, word: str) -> tuple[Phrase, ...]:
        if len(self._known) >= KNOWN:
            self._known.clear()
        begin = self._known[word] = tuple(self._beginning(word))
        return begin

    def _add(self, topic: str, words: tuple[str, ...]) -> None:
        phrase = Phrase(topic, words)
        first = words[0]
        if first.startswith("*"):
            self._ended.append((first.strip("*"), phrase))
        elif "*" in first:
            self._begun[first.partition("*")[0]].append(phrase)
        else:
            self._exact[first].append(phrase)

    def _beginning(self, word: str) -> Iterator[Phrase]:
        for form in forms_of(word):
            yield from self._exact.get(form, ())
            for end in range(self._shortest, len(form) + 1):
                yield from self._begun.get(form[:end], ())
        yield from (phrase for ending, phrase in self._ended if ending in word)


class Phrase(NamedTuple):
    """Words that stand beside each other; a star in one stands for any letters."""

    topic: str
    words: tuple[str, ...]

    def stands(self, words: list[str], at: int) -> bool:
        """Whether the phrase stands at this place."""
        there = words[at : at + len(self.words)]
        return len(there) == len(self.words) and all(map(_fits, self.words, there))


def expanded(phrase: str) -> Iterator[str]:
    """Every phrase that is meant by one with choices and options: `(test|clinic)s?` is four."""
    found = CHOICE.search(phrase)
    if found is None:
        yield " ".join(folded(phrase).split())
        return
    choices = [found[2], ""] if found[1] is None else [*found[1].split("|"), *([""] if found[0].endswith("?") else [])]
    for choice in choices:
        yield from expanded(phrase[: found.start()] + choice + phrase[found.end() :])


def compared_words(text: str) -> list[str]:
    """The words of a text as they are compared; signs and underscores part them. So does a capital in the middle, of a name that
    is one string (`openPrayerTimes`): among other words it is a brand's ("7 Outlet SurgeArrest"), and no word of its own.
    """
    return WORD.findall(folded(text if BLANK.search(text.strip()) else CAPITAL.sub(r"\1 \2", text)))


def forms_of(word: str) -> Iterable[str]:
    """The word, and without what Arabic writes in front of it."""
    if word.isascii():
        return (word,)
    return (word, *(word[len(p) :] for p in PARTICLES if word.startswith(p) and len(word) > len(p) + 2))


def _fits(wanted: str, word: str) -> bool:
    if "*" not in wanted:
        return wanted in forms_of(word)
    if wanted.startswith("*"):
        return wanted.strip("*") in word if wanted.endswith("*") else word.endswith(wanted[1:])
    return any(form.startswith(wanted.partition("*")[0]) for form in forms_of(word))


@cache
def topics() -> Topics:
    """The topics of topics.toml, read once."""
    return Topics(tomllib.loads(files(__package__).joinpath("topics.toml").read_text(encoding="utf-8")))


@cache
def who() -> Topics:
    """The words of who.toml, which a name of a group may not have, read once."""
    return Topics(tomllib.loads(files(__package__).joinpath("who.toml").read_text(encoding="utf-8")))


def name_topics(connection: duckdb.DuckDBPyConnection, texts: str) -> None:
    """Leaves the table `sensitive_texts` (text, topic): those of the one-column query `texts` that name a topic."""
    found = connection.execute(texts)
    named: dict[str, str] = {}
    while rows := found.fetchmany(FETCHED):
        named |= {text: topic for (text,) in rows if text and (topic := topics().of(text))}
    table = {"text": np.array(list(named), dtype=object), "topic": np.array(list(named.values()), dtype=object)}
    connection.register("named", table)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE sensitive_texts AS SELECT text::VARCHAR AS text, topic::VARCHAR AS topic FROM named"
    )
    connection.unregister("named")


def drop_sensitive(connection: duckdb.DuckDBPyConnection) -> None:
    """The events of `staging` that name a topic, whatever the column, into `dropped`. Of further columns those are read that
    sort things, with 2 to MOST_VALUES values: what personas could be told apart by.
    """
    columns = ("action", "object", "text")
    pairs = "SELECT ord, user, unnest(json_keys(properties)) AS name, unnest(json_extract_string(properties, '$.*')) AS text"
    sorts = f"""SELECT name, text FROM ({pairs} FROM staging) WHERE regexp_matches(text, '\\pL') GROUP BY name, text
                QUALIFY count(*) OVER (PARTITION BY name) BETWEEN 2 AND {MOST_VALUES}"""
    name_topics(
        connection,
        " UNION ".join([*(f"SELECT {column} FROM staging" for column in columns), f"SELECT text FROM ({sorts})"]),
    )
    of_columns = [f"SELECT ord, user, {column} AS text FROM staging" for column in columns]
    if connection.execute(f"SELECT 1 FROM ({sorts}) SEMI JOIN sensitive_texts USING (text) LIMIT 1").fetchone():
        of_columns.append(f"SELECT ord, user, text FROM ({pairs} FROM staging) SEMI JOIN ({sorts}) USING (name, text)")
    texts = " UNION ALL ".join(of_columns)
    connection.execute(
        f"""INSERT INTO dropped SELECT DISTINCT ord, 'set_aside', 'sensitive' FROM ({texts})
            SEMI JOIN sensitive_texts USING (text) ANTI JOIN dropped USING (ord)"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE sensitive_told AS
            WITH s AS (SELECT ord, user, topic, text FROM ({texts}) JOIN sensitive_texts USING (text)
                       SEMI JOIN (SELECT ord FROM dropped WHERE reason = 'sensitive') USING (ord))
            SELECT topic, text, count(DISTINCT ord) AS events, count(DISTINCT user) AS users FROM s
            GROUP BY GROUPING SETS ((topic), (topic, text)) HAVING count(DISTINCT user) >= {TOLD}"""
    )


def told_topics(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What `drop_sensitive` set aside, by topic, with the texts that named it: for whoever is to judge whether it was right to.
    Only what TOLD users share is told, so that nobody's own lines are.
    """
    told = connection.execute(
        """SELECT topic, any_value(events) FILTER (text IS NULL), any_value(users) FILTER (text IS NULL),
                  coalesce(list(text ORDER BY events DESC, text) FILTER (text IS NOT NULL), [])[1:20]
           FROM sensitive_told GROUP BY topic ORDER BY topic"""
    ).fetchall()
    return [{"topic": topic, "events": events, "users": users, "texts": texts} for topic, events, users, texts in told]
