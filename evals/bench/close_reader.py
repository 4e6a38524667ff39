"""A critic that reads closely, made by hand: for timings and tests of whole runs; no quality figure rests on it.

In: one text of a prompt, its facts. Out: its verdict. It takes a fact apart into what is said, of whom, and whose each figure is,
and holds texts about the same thing against that; it knows the causes and persons that code adds to a canary. What is about
something else it refuses, unless a caller knows better. It shares no rule with what makes canaries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from persona_agent.write.critique.canaries import HINTS, WHO, WHY

FORMS = (
    r"(?P<v>.+?) of (?P<whom>them|their visits) (?P<said>.+), against (?P<o>.+?) (?:of|for) (?:comparable|all) others\.",
    r"(?:More|Less) than .+? of (?P<whom>them|their visits) (?P<said>.+) \((?P<v>.+?)\)\.",
    r"(?P<said>.+) is (?P<v>[^,]+?)(?:, against (?P<o>.+?) for (?:comparable|all) others)?\.",
    r"(?P<v>[\d.,]+ %) of (?P<whom>them|their visits) (?P<said>.+)\.",
    r".+? of (?P<whom>them) (?P<said>.+) \((?P<v>.+?)\)\.",
)
OF_WHOM = re.compile(r"^In “.*”: ")  # the persona that a fact of a page is of
VERB = re.compile(r"^(?:come to|do|use) (?=“)")  # before the name of a thing these say the same
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?(?: %)?")
OF_OTHERS = re.compile(rf"comparable others (?:it is|have|come to) (?:(?:under|over) )?(?P<o>{FIGURE.pattern})")
STRONGER = re.compile(r"\b(?:almost all|all|most) of (?:them|their)\b|\ball users\b|\ball visits\b", re.IGNORECASE)
COMPARED = re.compile(r"\b(?P<way>more|fewer) of .+ than of (?:those of )?comparable others", re.IGNORECASE)
Else = Callable[[str, list[str]], bool]


@dataclass(frozen=True)
class Taken:
    """A fact taken apart."""

    said: str
    value: str
    others: str | None


def verdict(
    row: dict[str, Any], facts: dict[str, str], otherwise: Else = lambda text, own: text not in own
) -> dict[str, Any]:
    """The verdict on one row of the prompt; `otherwise` says whether a text that is about none of its facts says more."""
    own = [facts[f] for f in row["facts"]]
    text = OF_WHOM.sub("", row["text"]) if any(OF_WHOM.match(fact) for fact in own) else row["text"]
    who = next((w for w in (*WHO, *HINTS) if w in text), "")
    why = next((w for w in WHY if w in text), "")
    about = [(f, t) for f in row["facts"] if (t := take_apart(facts[f])) and t.said.casefold() in text.casefold()]
    verbatim = any(fact.removeprefix(f"{fact.partition(': ')[0]}: ") in text for fact in own)
    if verbatim:
        wrong = False
    elif about:
        wrong = row["kind"] != "gap" and any(_goes_beyond(text, taken) for _, taken in about)
    else:
        wrong = row["kind"] in ("sentence", "motto", "name", "claim") and bool(own) and otherwise(text, own)
    return {
        "id": row["id"],
        "follows_from": [] if wrong else [f for f, _ in about] or row["facts"][:1],
        "says_more": "another figure, owner or degree" if wrong else "",
        "says_who": who,
        "says_why": why,
    }


def take_apart(fact: str) -> Taken | None:
    fact = OF_WHOM.sub("", fact)
    for form in FORMS:
        if found := re.fullmatch(form, fact):
            parts = found.groupdict()
            return Taken(VERB.sub("", parts["said"]), parts["v"], parts.get("o"))
    return None


def _goes_beyond(text: str, fact: Taken) -> bool:
    rest = re.sub(re.escape(fact.said), " ", text, flags=re.IGNORECASE)
    if STRONGER.search(rest) or "For all users alike" in text:
        return True
    if (way := COMPARED.search(text)) and fact.others is not None:
        return (way["way"].lower() == "more") != (_number(fact.value) > _number(fact.others))
    of_others = OF_OTHERS.search(rest)
    if of_others and of_others["o"] != _figure(fact.others):
        return True
    left = OF_OTHERS.sub(" ", rest)
    return any(f != _figure(fact.value) for f in FIGURE.findall(left))


def _figure(printed: str | None) -> str:
    found = FIGURE.search(printed or "")
    return found.group(0) if found else ""


def _number(printed: str) -> float:
    return float(_figure(printed).removesuffix(" %").replace(",", "") or 0)


def verdicts(asked: dict[str, Any], otherwise: Else | None = None) -> list[dict[str, Any]]:
    """On all texts of a prompt's data."""
    facts = {f["id"]: f["text"] for f in asked["facts"]}
    return [verdict(t, facts, *([otherwise] if otherwise else [])) for t in asked["texts"]]
