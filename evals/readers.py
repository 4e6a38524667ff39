"""Cards as readers see them, and what readers are asked.

In: finished runs of a log (on recorded answers, and offline), plain cards written by one prompt over the same dossiers.
Out: requests for readers, with the answers that are right by the data. Promises: a reader sees no arm's name; histories are
of users that no group was made from; what is right is counted by code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from persona_agent.schema import Claim, Dossier, Persona, Topic
from persona_agent.store import Store
from persona_agent.words.wording import number, percent

HISTORIES = 12
MOST_LINES = 40
FEWEST_LINES = 12
SCREEN = 700  # characters of a first screen
HIDDEN = "▢"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlainCard(_Strict):
    label: str
    summary: str
    description: str


class Matched(_Strict):
    history: str
    card: str


class Matches(_Strict):
    items: list[Matched]


class Guess(_Strict):
    id: str
    guess: Literal["higher", "same", "lower"]


class Guesses(_Strict):
    items: list[Guess]


class Choice(_Strict):
    id: str
    letter: str


class Choices(_Strict):
    items: list[Choice]


class Preference(_Strict):
    id: str
    better: Literal["one", "two", "neither"]
    why: str


class Preferences(_Strict):
    items: list[Preference]


@dataclass(frozen=True)
class Card:
    """One persona's card in one arm: what a first screen shows, and all of it."""

    persona: str
    label: str
    text: str

    @property
    def screen(self) -> str:
        return self.text if len(self.text) <= SCREEN else self.text[:SCREEN].rsplit(" ", 1)[0] + " …"


def card(p: Persona) -> Card:
    """A card of ours: label, size, one-liner, what sets them apart, the story."""
    face = [c.text for i in p.face for c in p.claims if c.id == i]
    shares = f"{percent(p.size.share_users)} of all, {percent(p.size.share_activity)} of all activity"
    size = f"{number(p.size.users)} users, {shares}."
    told = [s.text for s in p.narrative]
    return Card(p.id, p.label, "\n".join([p.label, size, p.one_liner.text, *(f"- {t}" for t in face), *told]))


def plain_card(persona: str, said: PlainCard) -> Card:
    return Card(persona, said.label, "\n".join([said.label, said.summary, said.description]))


def top_card(store: Store, persona: str) -> Card:
    """The five things that the group does most: a card that needs no program."""
    with store.connect() as connection:
        rows = connection.execute(
            "SELECT trim(e.action || ': ' || coalesce(e.object, ''), ': ') AS what FROM read_parquet($events) e "
            "JOIN read_parquet($users) u USING (user) WHERE u.persona_id = $p GROUP BY what ORDER BY count(*) DESC, what LIMIT 5",
            {"events": str(store.path("events.parquet")), "users": str(store.path("users.parquet")), "p": persona},
        ).fetchall()
    return Card(persona, "", "They do most often: " + "; ".join(f"“{what}”" for (what,) in rows) + ".")


def histories(store: Store, personas: Sequence[str], seed: int) -> list[tuple[str, list[str]]]:
    """(persona, lines) of held-out users, as many of each persona as there are, drawn by their order in the log."""
    with store.connect() as connection:
        rows = connection.execute(
            "SELECT u.persona_id, min(e.rn) AS first, list(strftime(e.ts, '%w %H:%M') || ' ' || "
            "trim(e.action || ': ' || coalesce(e.object, ''), ': ') ORDER BY e.rn) "
            "FROM (SELECT *, row_number() OVER () AS rn FROM read_parquet($events)) e JOIN read_parquet($users) u USING (user) "
            "WHERE u.fold = 'held_out' AND u.persona_id IS NOT NULL GROUP BY u.user, u.persona_id ORDER BY first",
            {"events": str(store.path("events.parquet")), "users": str(store.path("users.parquet"))},
        ).fetchall()
    rng = np.random.default_rng(seed)
    able = {p: [lines for own, _, lines in rows if own == p and len(lines) >= FEWEST_LINES] for p in personas}
    orders = {p: rng.permutation(len(own)).tolist() for p, own in able.items()}
    found: list[tuple[str, list[str]]] = []
    for turn in range(HISTORIES):
        for p in personas:
            if turn < len(orders[p]) and len(found) < HISTORIES:
                found.append((p, [_when(line) for line in able[p][orders[p][turn]][:MOST_LINES]]))
    return found


def _when(line: str) -> str:
    """Weekday as a word; duckdb counts from Sunday."""
    day, rest = line.split(" ", 1)
    return f"{DAYS[(int(day) - 1) % 7]} {rest}"


def masked(text: str, things: Sequence[str]) -> str:
    """The text without the names of things, longest first."""
    for thing in sorted({t for t in things if len(t) > 2}, key=lambda t: (-len(t), t)):
        text = re.sub(re.escape(thing), HIDDEN, text, flags=re.IGNORECASE)
    return text


def match_question(
    cards: Sequence[Card], seen: Sequence[tuple[str, list[str]]], things: Sequence[str], hide: bool, salt: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """What a reader is shown, and the right card of each history, by neutral ids."""
    order = sorted(cards, key=lambda c: _hash(salt, c.persona))
    ids = {c.persona: f"card {i}" for i, c in enumerate(order, start=1)}

    def text(c: Card) -> str:
        shown = c.text.removeprefix(c.label).strip() if hide and c.label else c.text
        return masked(shown, things) if hide else shown

    rows = {f"h{i}": [masked(x, things) if hide else x for x in lines] for i, (_, lines) in enumerate(seen, start=1)}
    data = {
        "cards": [{"id": ids[c.persona], "text": text(c)} for c in order],
        "histories": [{"id": i, "lines": lines} for i, lines in rows.items()],
    }
    return data, {f"h{i}": ids[p] for i, (p, _) in enumerate(seen, start=1)}


def habits(p: Persona) -> list[tuple[Claim, str, str]]:
    """Face claims that compare: the claim, its habit without figures, what is right."""
    found = []
    for i in p.face:
        c = next((c for c in p.claims if c.id == i), None)
        if c is None or c.measure is None or c.truthfulness.value is None:
            continue
        word = c.measure.says.comparator
        if word in ("more_than_others", "less_than_others"):
            text = re.split(r", against |\(\{value\}", c.template)[0].replace("{value}", "a share").strip()
            found.append((c, text, "higher" if word == "more_than_others" else "lower"))
    return found


def screen_questions(persona: Dossier, others: Sequence[Dossier], salt: str) -> list[dict[str, Any]]:
    """Five questions with their answers by the data, the same for every arm's card."""
    size = persona.size
    wrong = [max(2, round(size.users * f)) for f in (0.4, 2.1, 3.3)]
    shares = [size.share_users * f for f in (0.35, 1.9)] + [min(0.99, size.share_users + 0.45)]
    asked = [
        ("How many users is it?", number(size.users), [number(w) for w in wrong]),
        ("Which part of all users is it?", percent(size.share_users), [percent(min(s, 0.99)) for s in shares]),
    ]
    more, less = (_habits_of(persona, word) for word in ("more_than_others", "less_than_others"))
    foreign = [h for d in others for h in _habits_of(d, "more_than_others") if h not in more and h not in less]
    if more and len(foreign) >= 3:
        asked.append(("Which of these do they do more than comparable users?", more[0], foreign[:3]))
    if less and len(more) >= 3:
        asked.append(("Which of these do they do less than comparable users?", less[0], more[:3]))
    hours = [h for h in more if "between" in h or "weekend" in h or "Monday" in h or "pm" in h]
    elsewhere = [h for h in foreign if "between" in h or "weekend" in h or "Monday" in h or "pm" in h]
    if hours and len(elsewhere) >= 2:
        asked.append(("When do they come, more than comparable users?", hours[0], elsewhere[:3]))
    return [_lettered(i, q, right, rest, salt) for i, (q, right, rest) in enumerate(asked, start=1)]


def _habits_of(dossier: Dossier, word: str) -> list[str]:
    seen: dict[Topic, str] = {}
    for c in dossier.candidates:
        if not c.fallen and c.measure.says.comparator == word and c.form == "users":
            seen.setdefault(c.topic, f"they {c.said}")
    return list(seen.values())


def _lettered(i: int, text: str, right: str, rest: Sequence[str], salt: str) -> dict[str, Any]:
    answers = sorted({right, *rest}, key=lambda a: _hash(salt, text, a))
    letters = dict(zip("abcd", answers, strict=False))
    letters["z"] = "it does not say"
    return {"id": f"q{i}", "text": text, "answers": letters, "right": next(k for k, a in letters.items() if a == right)}


def shown_dossier(dossier: Dossier) -> Mapping[str, Any]:
    """The dossier as one plain prompt gets it: the same facts that a draft gets, without what only code needs."""
    rows = [
        {"text": c.template, "value": c.result.value, "others": c.result.matched, "n": c.result.n}
        for c in dossier.candidates
        if not c.fallen
    ]
    return {
        "size": dossier.size.model_dump(),
        "formed_by": dossier.formed_by,
        "findings": rows[:60],
        "one_session": dossier.told.model_dump() if dossier.told else None,
        "other_groups": dossier.others,
    }


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
