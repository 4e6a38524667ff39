"""Mutated logs through the readers: a million lines, none lost, none crashing.

In: a number of lines and a seed. Out: how many mutated lines were read in each format, and every breach: an exception that is
no InputError, or a record that is in no count. Mutations: bytes flipped, cut, doubled, swapped between lines, replaced by what
formats stumble over (quotes, NUL, half of a character, huge numbers, deep nesting).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_agent.errors import InputError
from persona_agent.log import Account, ReadOptions, parse_events, resolve_inputs, survey
from persona_agent.redaction import Redactor

FORMATS = ("jsonl", "csv", "tsv", "json")
LINES = 5_000  # of one file
ODD = (
    b'"', b"'", b"\\", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\r", b",", b"\t", b"{", b"}", b"[" * 300, b"1e999", b"-0",
    b"NaN", b"99999999999999999999999", b"\xef\xbb\xbf", b"null", b"true", "\u202e".encode(), b"2024-13-45", b"\\ud800",
    b'""', b"=cmd()", b"\x1b[31m",
)  # fmt: skip
KEY = bytes(range(32))


@dataclass(frozen=True)
class Fuzzed:
    """`lines` mutated and read; `refused` files that ended in an InputError; `breaches` in words."""

    lines: int
    records: int
    refused: int
    breaches: list[str]


def fuzz(lines: int, folder: Path, seed: int = 0) -> Fuzzed:
    """Files of mutated lines until so many were read."""
    rng, done, records, refused, breaches = random.Random(seed), 0, 0, 0, list[str]()
    while done < lines:
        kind = FORMATS[(done // LINES) % len(FORMATS)]
        path = folder / f"fuzz.{kind}"
        path.write_bytes(_file(kind, rng))
        account = Account()
        try:
            inputs = resolve_inputs([path])
            options = ReadOptions(allow_rejects=True, mapping={} if kind != "csv" else {"user": "user"})
            redactor = Redactor(KEY)
            for batch in parse_events(inputs, survey(inputs, options), options, account):
                redactor.redact(batch)
            account.check()
        except InputError:
            refused += 1
        except Exception as error:  # a breach is whatever else comes out
            breaches.append(f"{kind}, seed {seed}, after {done} lines: {type(error).__name__}: {error}")
        records += account.records
        done += LINES
    return Fuzzed(done, records, refused, breaches)


def _file(kind: str, rng: random.Random) -> bytes:
    if kind in ("csv", "tsv"):
        comma = b"," if kind == "csv" else b"\t"
        head = comma.join((b"user", b"timestamp", b"action", b"object", b"note"))
        rows = (comma.join(r) for r in _rows(rng))
        return b"\n".join([head, *_mutated(list(rows), rng)]) + b"\n"
    values = [
        b'{"user": "%b", "timestamp": "%b", "action": "%b", "object": "%b", "note": "%b"}' % tuple(r)
        for r in _rows(rng)
    ]
    if kind == "jsonl":
        return b"\n".join([values[0], *_mutated(values[1:], rng)]) + b"\n"
    return b"[" + b",\n".join([values[0], *_mutated(values[1:], rng)]) + b"]\n"


def _rows(rng: random.Random) -> Iterator[list[bytes]]:
    for i in range(LINES):
        yield [
            b"u%d" % rng.randrange(50),
            b"2024-05-%02dT%02d:%02d:00Z" % (1 + i % 28, i % 24, i % 60),
            rng.choice((b"open", b"print", b"save")),
            rng.choice((b"label a4", b"list", b"caf\xc3\xa9", b"a, b", b"x@example.com")),
            b"%d" % rng.randrange(10**6),
        ]


def _mutated(rows: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    for row in rows:
        text = bytearray(row)
        for _ in range(rng.choice((1, 1, 2, 5))):
            at = rng.randrange(len(text) + 1)
            what = rng.randrange(6)
            if what == 0 and at < len(text):
                text[at] ^= 1 << rng.randrange(8)
            elif what == 1:
                del text[at : at + rng.randrange(1, 20)]
            elif what == 2:
                text[at:at] = rng.choice(ODD)
            elif what == 3:
                text[at:at] = text[: rng.randrange(1, 30)]
            elif what == 4:
                other = rng.choice(rows)
                text[at:] = other[rng.randrange(len(other)) :]
            else:
                text[at:at] = bytes(rng.randrange(256) for _ in range(3))
        yield bytes(text).replace(b"\n", b" ") if rng.random() < 0.9 else bytes(text)


def table(lines: int, folder: Path) -> tuple[list[str], bool]:
    found = fuzz(lines, folder)
    said = [
        f"{found.lines:,} mutated lines read as {', '.join(FORMATS)}: {found.records:,} records, each in one count; "
        f"{found.refused} files refused in a sentence; {len(found.breaches)} breaches."
    ]
    return [*said, *found.breaches[:20]], not found.breaches
