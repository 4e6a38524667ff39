"""The writer that needs no key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from persona_agent.errors import OutputError, ProviderError
from persona_agent.llm.ask import Usage, ask
from persona_agent.pipeline import RunResult
from persona_agent.providers.base import Request
from persona_agent.providers.offline import MAX_CLAIMS, MAX_FACE, MAX_SENTENCES, Offline, choose, write
from persona_agent.schema import Dossier, Draft


@pytest.fixture(scope="module")
def dossiers(world_run: RunResult) -> list[Dossier]:
    return [Dossier.model_validate(d) for d in json.loads(Path(world_run.out / "dossiers.json").read_text())]


def test_a_draft_says_only_what_the_dossier_holds(dossiers: list[Dossier]) -> None:
    """Without it, the offline writer could claim what nobody measured."""
    for dossier in dossiers:
        draft, known = write(dossier), {c.id for c in dossier.candidates}
        assert set(draft.claims) <= known
        assert len(set(draft.claims)) == len(draft.claims) <= MAX_CLAIMS
        assert set(draft.face) <= set(draft.claims)
        assert len(draft.face) <= MAX_FACE
        assert len(draft.narrative) <= MAX_SENTENCES
        for sentence in [draft.one_liner, *draft.narrative]:
            assert set(sentence.claim_ids) <= set(draft.claims)


def test_the_face_shows_no_claim_that_formed_the_group(dossiers: list[Dossier]) -> None:
    """Without it, a card would present as a finding what it was made from."""
    for dossier in dossiers:
        by_construction = {c.id for c in dossier.candidates if c.by_construction}
        assert not set(write(dossier).face) & by_construction


def test_claims_that_set_apart_come_first(dossiers: list[Dossier]) -> None:
    """Without it, a card could fill up with what formed the group and never get to a finding."""
    for dossier in dossiers:
        chosen = choose(dossier.candidates)
        first = [c.by_construction for c in chosen]
        apart = [c for c in dossier.candidates if not c.by_construction and (c.information_bits or 0) >= 0.05]
        assert not apart or first[0] is False


def test_ask_counts_and_checks() -> None:
    """Without it, a wrong answer of a provider would flow on as a persona, and nothing would be counted."""
    usage = Usage()
    with pytest.raises(ProviderError, match="dossier"):
        ask(Offline(), Request("draft", "p1", (), {"no": "dossier"}), Draft, usage)

    class Prose:
        name = "prose"

        def answer(self, request: Request) -> object:
            from persona_agent.providers.base import Answer

            return Answer("Emily, 34, loves cosy evenings", "host", 10, 5, None)

    with pytest.raises(OutputError, match="not a Draft"):
        ask(Prose(), Request("draft", "p1", (), None), Draft, usage)  # type: ignore[arg-type]
    assert (usage.calls, usage.prompt_tokens, usage.completion_tokens, usage.cost_usd) == (1, 10, 5, None)
