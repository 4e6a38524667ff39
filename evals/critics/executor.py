"""Arm A: our own claims with an error put into the measure or the citations; code must find every one.

In: a finished offline run. Out: for each error type how many were planted and how many found. Promises: an error is an error
by arithmetic or by construction, or by a count of its own over the events (`_count`), never because the code under test says
so. A unit test, not quoted as skill.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.evidence import Corpus, Population, judge_measured
from persona_agent.evidence.loading import open_corpus
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.runs import halves_of, memberships_of
from persona_agent.schema import Citation, Claim, Condition, Measure, Persona, Says
from persona_agent.store import Store

from ..suite import Fixtures

FAR = 0.12  # a share that is this far from what is said is wrong, however it is rounded
WRONG = (0.15, 0.2, 0.3, 0.45)
Found = tuple[str, Measure, list[Citation] | None]


@dataclass(frozen=True)
class CountedLog:
    corpus: Corpus
    groups: Mapping[str, int]
    users: Mapping[str, set[int]]
    events: Mapping[int, list[tuple[int, str, str, int]]]  # by user code: session, action, object, hour


def executed(fixtures: Fixtures, log: str, value: str | None) -> dict[str, list[int]]:
    """By error type: [found, planted]."""
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        options = Options(inputs=(fixtures.log(log),), out=Path(folder) / "out", value=value)
        personas = commands.run(options, Silent()).exact.personas
        store = Store.open(options.out)
        groups, ids, held_out = memberships_of(store)
        with store.connect() as connection:
            corpus = open_corpus(connection, store, options, store, groups, held_out, halves=halves_of(store))
            place = _place(corpus, ids)
            counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
            for persona in personas:
                siblings = [p for p in personas if p.id != persona.id]
                for claim in persona.claims:
                    for kind, measure, citations in _errors(place, persona, claim, siblings):
                        counts[kind][0] += _caught(place, persona.id, measure, citations)
                        counts[kind][1] += 1
    return dict(sorted(counts.items(), key=lambda c: int(c[0])))


def _caught(at: CountedLog, persona: str, measure: Measure, citations: list[Citation] | None) -> bool:
    judged = judge_measured(at.corpus, measure, Population(at.groups[persona]), citations)
    return judged.truthfulness.label != "true" or judged.alignment.label != "full"


def _errors(at: CountedLog, persona: Persona, claim: Claim, siblings: list[Persona]) -> Iterator[Found]:
    m = claim.measure
    if m is None or claim.truthfulness.value is None or m.unit not in ("users", "sessions") or m.statistic != "share":
        return
    value, says = claim.truthfulness.value, m.says
    yield from _numbers(m, value)
    if says.comparator in ("more_than_others", "less_than_others"):
        turned = "less_than_others" if says.comparator == "more_than_others" else "more_than_others"
        yield "2", _saying(m, comparator=turned), None
    yield "4", m, []
    other = next((c for s in siblings for c in s.claims if c.citations), None)
    if other is not None:
        yield "6", m, list(other.citations)
        yield "6", m, [c.model_copy(update={"line": 10_000_000 + c.line}) for c in claim.citations]
    if _is_plain(m):
        yield from _plain(at, persona, m, value)


def _numbers(m: Measure, value: float) -> Iterator[Found]:
    """Wrong shares, and words that the share does not bear."""
    for gap in WRONG:
        for wrong in (value + gap, value - gap):
            if 0 <= wrong <= 1:
                yield "1", _saying(m, comparator="about", value=wrong), None
    if m.unit == "users":
        words = {"all": 0.999, "almost_all": 0.9, "most": 0.5}
        yield from (("3", _saying(m, quantifier=word), None) for word, least in words.items() if value < least - 0.01)
        contrary = "few" if value > 0.5 else "most"
        if not 0.2 < value < 0.51:
            yield "13", _saying(m, quantifier=contrary), None


def _is_plain(m: Measure) -> bool:
    """One step of plain names, done at least once."""
    if len(m.steps) != 1 or m.feature or m.absent or m.where or m.at_least != 1:
        return False
    return all(c.op == "is" and c.field in ("action", "object") for c in m.steps[0])


def _plain(at: CountedLog, persona: Persona, m: Measure, value: float) -> Iterator[Found]:
    """Errors that need a count of their own."""
    members = at.users[persona.id]

    def far(unit: str, step: list[Condition], hours: range | None = None) -> bool:
        return abs(_count(at, members, unit, step, hours) - value) > FAR

    unit = "users" if m.unit == "sessions" else "sessions"
    if far(unit, m.steps[0]):
        yield "15", _saying(m.model_copy(update={"unit": unit}), comparator="about", value=value), None
    night = Condition(field="hour", op="between", value=[1.0, 4.0])
    if far(m.unit, m.steps[0], range(1, 5)):
        yield (
            "9",
            _saying(m.model_copy(update={"steps": [[*m.steps[0], night]]}), comparator="about", value=value),
            None,
        )
    last = m.steps[0][-1]
    for name in _names(at, last.field)[:12]:
        step = [*m.steps[0][:-1], last.model_copy(update={"value": [name]})]
        if name != str(last.value[0]).lower() and far(m.unit, step):
            yield "16", _saying(m.model_copy(update={"steps": [step]}), comparator="about", value=value), None
            lines = _lines_of(at, members, name, last.field)
            if lines:
                yield "5", m, lines
    for other, theirs in at.users.items():
        if other != persona.id and abs(_count(at, theirs, m.unit, m.steps[0], None) - value) > FAR:
            share = _count(at, theirs, m.unit, m.steps[0], None)
            yield "11", _saying(m, comparator="about", value=share), None


def _saying(m: Measure, **says: Any) -> Measure:
    versus = m.versus if "others" in str(says.get("comparator")) else None
    return m.model_copy(update={"says": Says(**says), "versus": versus})


def _place(corpus: Corpus, ids: Mapping[str, int]) -> CountedLog:
    rows = corpus.connection.execute(
        "SELECT u, s, coalesce(action, ''), coalesce(object, ''), hour FROM lines ORDER BY seq"
    ).fetchall()
    events: dict[int, list[tuple[int, str, str, int]]] = defaultdict(list)
    for u, s, action, obj, hour in rows:
        events[u].append((s, action, obj, hour))
    users = {
        p: {u for (u,) in corpus.connection.execute("SELECT u FROM places WHERE g = ?", [g]).fetchall()}
        for p, g in ids.items()
    }
    return CountedLog(corpus, ids, users, events)


def _count(at: CountedLog, members: set[int], unit: str, step: list[Condition], hours: range | None) -> float:
    """The share of users, or the mean over users of their share of sessions, that have such an event: a plain count."""
    wanted = {c.field: str(c.value[0]).lower() for c in step}

    def fits(event: tuple[int, str, str, int]) -> bool:
        return (
            wanted.get("action", event[1]) == event[1]
            and wanted.get("object", event[2]) == event[2]
            and (hours is None or event[3] in hours)
        )

    shares = []
    for u in members:
        own = at.events[u]
        if unit == "users":
            shares.append(float(any(map(fits, own))))
        elif sessions := {e[0] for e in own}:
            shares.append(len({e[0] for e in own if fits(e)}) / len(sessions))
    return sum(shares) / len(shares) if shares else 0.0


def _names(at: CountedLog, field: str) -> list[str]:
    rows = at.corpus.connection.execute(
        f"SELECT {field} FROM lines WHERE {field} IS NOT NULL GROUP BY 1 ORDER BY count(DISTINCT u) DESC, 1 LIMIT 40"
    ).fetchall()
    return [str(name) for (name,) in rows]


def _lines_of(at: CountedLog, members: set[int], name: str, field: str) -> list[Citation]:
    """A few lines of the group about something else."""
    rows = at.corpus.connection.execute(
        f"SELECT seq FROM lines WHERE {field} = $name AND u IN (SELECT unnest($users::INTEGER[])) ORDER BY seq LIMIT 5",
        {"name": name, "users": sorted(members)},
    ).fetchall()
    return at.corpus.cite([seq for (seq,) in rows], "supports")
