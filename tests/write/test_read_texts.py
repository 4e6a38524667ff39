"""Texts read by a critic, wherever they stand: read once, never passed unread, never answered from a useless answer again."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from evals.bench import close_reader
from persona_agent.models.ask import Asker
from persona_agent.models.base import Request
from persona_agent.models.ledger import Ledger
from persona_agent.write.critique import Critic, CriticsMaterial, TextToRead, read_texts
from tests.scripted import Scripted, data
from tests.write.test_canaries import FACTS, SIZE

BENCH = CriticsMaterial("page", FACTS, SIZE)
TEXT = TextToRead("sentence", "Most of this is about weighing.", (FACTS[0].text, *SIZE))
OTHER = TextToRead("gap", "Whether they bake for others.", (FACTS[0].text, *SIZE))


def answers(request: Request, *, stands: bool = True, without: str = "") -> str:
    """A close reading, in which a text that is no canary stands or not; `without` is left out."""
    [asked] = data(request)
    facts = {f["id"]: f["text"] for f in asked["facts"]}
    rows = [r for r in asked["texts"] if r["text"] != without]
    return json.dumps({"lines": [], "texts": [close_reader.verdict(r, facts, lambda *_: not stands) for r in rows]})


def read(critic: Scripted, ledger: Ledger, texts: dict[str, TextToRead], known: dict[str, list[str]]) -> dict[str, Any]:
    asked = Critic(critic, Asker(ledger), lambda _: [])  # type: ignore[arg-type, return-value]
    return asyncio.run(read_texts(asked, BENCH, texts, known))


def test_a_text_is_read_once_in_whatever_place() -> None:
    """The same words on the same facts are not asked about again, in another place, spacing or case; a changed word is."""
    critic, known = Scripted("made/critic", {"judge": answers}), dict[str, list[str]]()
    assert read(critic, Ledger(None), {"s1": TEXT, "s2": TEXT}, known) == {"s1": [], "s2": []}
    [asked] = data(critic.asked[0])
    assert [t["text"] for t in asked["texts"]].count(TEXT.text) == 1
    again = TextToRead("sentence", "most of  this is about weighing", TEXT.facts)
    assert read(critic, Ledger(None), {"label": again}, known) == {"label": []}
    assert len(critic.asked) == 1
    changed = TextToRead("sentence", "All of this is about weighing.", TEXT.facts)
    read(critic, Ledger(None), {"s1": changed}, known)
    assert len(critic.asked) == 2


def test_a_refused_text_is_never_asked_about_again() -> None:
    """A critic that would have changed its mind is not asked."""
    known: dict[str, list[str]] = {}
    strict = Scripted("made/critic", {"judge": lambda r: answers(r, stands=False)})
    assert "says more" in read(strict, Ledger(None), {"s1": TEXT}, known)["s1"][0]
    mild = Scripted("made/critic", {"judge": answers})
    assert read(mild, Ledger(None), {"s1": TEXT}, known)["s1"]
    assert mild.asked == []


def test_what_nobody_answered_may_not_stand() -> None:
    """A text that is left out twice is unread, and its neighbour stands; both answers are asked for anew when run again."""
    ledger, silent = Ledger(None), Scripted("made/critic", {"judge": lambda r: answers(r, without=TEXT.text)})
    found = read(silent, ledger, {"s1": TEXT, "gap1": OTHER}, {})
    assert found["gap1"] == []
    assert found["s1"][0].startswith("nobody has read it")
    assert len(silent.asked) == 2
    mended = Scripted("made/critic", {"judge": answers})
    assert read(mended, ledger, {"s1": TEXT, "gap1": OTHER}, {}) == {"s1": [], "gap1": []}
    assert len(mended.asked) == 1, "the useless answer was not taken from the ledger"


def test_a_critic_that_misses_canaries_is_asked_anew_once_it_is_mended() -> None:
    """With one that lets all stand nothing is read; its answers are not taken from the ledger again."""
    fine = {"says_more": "", "says_who": "", "says_why": ""}

    def lenient(request: Request) -> str:
        rows = data(request)[0]["texts"]
        return json.dumps({"lines": [], "texts": [{"id": r["id"], "follows_from": r["facts"], **fine} for r in rows]})

    ledger, careless = Ledger(None), Scripted("made/critic", {"judge": lenient})
    assert "whose answer is known" in read(careless, ledger, {"s1": TEXT}, {})["s1"][0]
    assert len(careless.asked) == 2
    assert data(careless.asked[0]) != data(careless.asked[1]), "asked again with other canaries"
    mended = Scripted("made/critic", {"judge": answers})
    assert read(mended, ledger, {"s1": TEXT}, {}) == {"s1": []}
    assert read(careless, ledger, {"s1": TEXT}, {}) == {"s1": []}, "what was of use is"


def test_without_a_fact_to_try_it_with_a_critic_reads_nothing() -> None:
    """Where code has no true sentence there is no canary, and nothing may stand."""
    critic = Scripted("made/critic", {"judge": answers})
    asked = Critic(critic, Asker(Ledger(None)), lambda _: [])  # type: ignore[arg-type, return-value]
    found = asyncio.run(read_texts(asked, CriticsMaterial("page", []), {"s1": TEXT}, {}))
    assert "no fact to try a critic with" in found["s1"][0]
    assert critic.asked == []
