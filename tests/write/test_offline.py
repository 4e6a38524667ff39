"""The writer that needs no key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from persona_agent.commands.running import RunResult
from persona_agent.schema import Dossier, Measure, Topic
from persona_agent.write.offline import MAX_CLAIMS, MAX_FACE, choose_face, write


@pytest.fixture(scope="module")
def dossiers(world_run: RunResult) -> list[Dossier]:
    return [Dossier.model_validate(d) for d in json.loads(Path(world_run.out / "dossiers.json").read_text())]


def test_a_draft_says_only_what_the_dossier_holds(dossiers: list[Dossier]) -> None:
    """Claims are the dossier's, each once; the face rests on them; none of the two is over its limit."""
    for dossier in dossiers:
        draft, known = write(dossier), {c.id for c in dossier.candidates}
        claims = [c.id for c in draft.claims]
        assert set(claims) <= known
        assert len(set(claims)) == len(claims) <= MAX_CLAIMS + 3  # with what was refuted
        assert set(draft.bars) <= set(claims)
        assert len(draft.bars) <= MAX_FACE


def test_the_face_is_chosen_for_what_it_adds(dossiers: list[Dossier]) -> None:
    """A face begins with the claim of most bits, has each topic once, and no two claims of over 85 % the same users."""
    for dossier in dossiers:
        standing = [c for c in dossier.candidates if c.withdrawal is None]
        face = choose_face(dossier, standing)
        apart = [c for c in standing if (c.information_bits or 0) >= 0.05]
        told = [c for c in apart if c.topic.kind != "unlike"]
        assert bool(face) == bool(told)
        if face:
            assert face[0].information_bits == max(c.information_bits or 0 for c in told)
        assert len({c.topic for c in face}) == len(face)
        pairs = {frozenset((r.one, r.other)): r.overlap for r in dossier.related}
        assert all(pairs.get(frozenset((a.id, b.id)), 0.0) <= 0.85 for a in face for b in face if a is not b)


def test_what_a_fair_comparison_refutes_is_drafted_and_never_shown(dossiers: list[Dossier]) -> None:
    """Refuted claims are in the draft, and in no face or tension."""
    fallen = 0
    for dossier in dossiers:
        draft = write(dossier)
        refuted = {c.id for c in dossier.candidates if c.withdrawal}
        fallen += len(refuted)
        assert refuted <= {c.id for c in draft.claims}
        assert not refuted & {*draft.bars, *draft.unfit.claim_ids}
    assert fallen, "the world has exposure artefacts"


def test_what_is_as_with_others_is_told_where_it_is_near_the_first_bar(dossiers: list[Dossier]) -> None:
    """It does not fit the picture where it names what the first bar names, in words that there are; it is never in the face."""
    dossier = next(d for d in dossiers if len(write(d).bars) > 1)
    standing = [c for c in dossier.candidates if c.withdrawal is None and c.topic.kind != "unlike"]
    first = next(c for c in standing if c.id == write(dossier).bars[0])

    def opening(unit: str, act: str, says: str) -> Measure:
        step = [{"field": "action", "op": "is", "value": [act]}]
        asked = {"unit": unit, "statistic": "share", "steps": [step], "versus": "matched", "says": {"comparator": says}}
        return Measure.model_validate(asked)

    habit = first.model_copy(update={"measure": opening("users", "print", "more_than_others")})
    again = {"id": "c98", "topic": Topic(kind="act", about="print again"), "information_bits": 0.9}
    near = habit.model_copy(update=again | {"measure": opening("sessions", "print", "as_others")})
    far = near.model_copy(update={"measure": opening("sessions", "upload", "as_others")})
    others = [c for c in standing if c is not first]
    draft = write(dossier.model_copy(update={"candidates": [habit, *others, near]}))
    assert draft.bars[0] == habit.id
    assert "c98" not in draft.bars
    assert draft.unfit.claim_ids == ["c98"]
    assert write(dossier.model_copy(update={"candidates": [habit, *others, far]})).unfit.claim_ids != ["c98"]
