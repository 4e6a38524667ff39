"""What a writer sees of all groups and of its own: figures that it may use, and none that would mislead it."""

from __future__ import annotations

from typing import Any

import pytest

from persona_agent.ids import canonical_json
from persona_agent.schema import Dossier, Measure, Names, ProposedClaim
from persona_agent.schema.nouns import Noun, NounsOfLog
from persona_agent.write.briefs import Briefed
from persona_agent.write.drafts import draft_request
from persona_agent.write.drafts.data_blocks import by_value, group_block, key_of, sets_apart, told_log
from persona_agent.write.nearness import near_habit
from persona_agent.write.overview import Overview, overview_of
from persona_agent.write.overview import told_group as all_told
from tests.scripted import data

AS_OTHERS = {"quantifier": None, "comparator": "as_others", "value": None}


@pytest.fixture(scope="module")
def briefed(world_briefed: Briefed) -> Briefed:
    return world_briefed


@pytest.fixture(scope="module")
def overview(briefed: Briefed) -> Overview:
    return overview_of(briefed, "a cookbook")


def rows(dossier: Dossier, briefed: Briefed, overview: Overview, chars: float = 1e9) -> dict[str, dict[str, object]]:
    shown = group_block(dossier, briefed.corpus.names, overview.figures, {}, "p1", chars)
    return {row["id"]: row for row in shown["claims"]}


def test_all_groups_stand_side_by_side(briefed: Briefed, overview: Overview) -> None:
    """The first block is the same for every card, names the product and every group, and gives each fact for all groups."""
    first = [data(draft_request(all_told(b, overview, None)))[0] for b in briefed.groups]
    assert all(block == first[0] for block in first)
    ids = [b.context.id for b in briefed.groups]
    assert (first[0]["product"], [g["id"] for g in first[0]["groups"]]) == ("a cookbook", ids)
    assert first[0]["contrast"]
    assert all(set(ids) <= set(row) for row in first[0]["contrast"])


def test_figures_of_others_stand_where_a_sentence_may_use_them(briefed: Briefed, overview: Overview) -> None:
    """A claim that sets the group apart has others' figure and those of all other groups; one that it is as others has the first;
    what says nothing of others has neither.
    """
    dossier = briefed.groups[0].dossier
    shown = rows(dossier, briefed, overview)
    by_id = {c.id: c for c in dossier.candidates}
    assert {sets_apart(by_id[i]) for i in shown} == {True, False}
    for i, row in shown.items():
        assert ("apart" in row) is ("groups" in row) is sets_apart(by_id[i])
        assert ("others" in row) is by_id[i].measure.says.compares
        assert ("alike" in row) is by_id[i].measure.says.alike
    assert all("p1" not in row["groups"] for row in shown.values() if isinstance(row.get("groups"), dict))


def test_what_is_as_with_others_near_the_habit_comes_first(briefed: Briefed, overview: Overview) -> None:
    """Of what does not set the group apart, what is as with others stands before more telling figures of the group alone, with
    others' figure, and first what names an act of the habit; where most claims name the same, nothing is near for that.
    """
    dossier = briefed.groups[0].dossier
    plain = next(c for c in dossier.candidates if c.withdrawal is None)

    def made(name: str, bits: float, act: str, says: dict[str, Any]) -> ProposedClaim:
        step = [[{"field": "action", "op": "is", "value": [act]}]]
        measure = {"unit": "sessions", "statistic": "share", "steps": step, "versus": "matched", "says": says}
        changes = {"id": name, "information_bits": bits, "measure": Measure.model_validate(measure), "withdrawal": None}
        return plain.model_copy(update=changes)

    alike: dict[str, Any] = {"comparator": "as_others"}
    more: dict[str, Any] = {"comparator": "more_than_others"}
    apart, near = made("c1", 0.3, "print", more), made("c2", 0.001, "Print", alike)
    far, about = made("c3", 0.01, "upload", alike), made("c4", 0.02, "view", {"comparator": "about", "value": 0.4})
    rest = [made(f"c{i}", 0.005, f"act {i}", alike) for i in range(5, 9)]
    world = dossier.model_copy(update={"candidates": [apart, far, about, near, *rest], "asked": []})
    assert [c.id for c in by_value(world)] == ["c1", "c2", "c3", "c5", "c6", "c7", "c8", "c4"]
    row = rows(world, briefed, overview)["c2"]
    assert row["alike"] is True
    assert row["others"] == rows(world, briefed, overview)["c1"]["others"]
    same = [made(f"c{i}", i / 100, "print", alike if i > 1 else more) for i in range(1, 6)]
    assert not near_habit(same, same[:1])


def test_what_is_refuted_is_not_offered(briefed: Briefed, overview: Overview) -> None:
    """A candidate that fell is no claim of the block, and one that a standing claim asks as well is not listed as refuted."""
    dossier = briefed.groups[0].dossier
    standing = next(c for c in dossier.candidates if c.withdrawal is None)
    fallen = next(c for b in briefed.groups for c in b.dossier.candidates if c.withdrawal)
    twin = fallen.model_copy(update={"id": "c98", "measure": standing.measure, "template": "The same again: {value}."})
    other = fallen.model_copy(update={"id": "c99", "template": "Another: {value}."})
    made = dossier.model_copy(update={"candidates": [standing, twin, other]})
    shown = group_block(made, briefed.corpus.names, overview.figures, {}, "p1")
    assert [row["id"] for row in shown["claims"]] == [standing.id]
    assert [text.split(":")[0] for text in shown["never_say"]] == ["Another"]


@pytest.mark.parametrize("chars", [3_000, 6_000, 12_000])
def test_a_budget_cuts_by_what_claims_tell(briefed: Briefed, overview: Overview, chars: int) -> None:
    """Within a budget the block is no longer than it, and the claims that are left tell no less than those that went."""
    dossier = briefed.groups[0].dossier.model_copy(update={"lines": []})
    every, some = rows(dossier, briefed, overview), rows(dossier, briefed, overview, chars)
    assert list(some) == list(every)[: len(some)]
    shown = group_block(dossier, briefed.corpus.names, overview.figures, {}, "p1", chars)
    assert len(canonical_json(shown)) <= chars + len(canonical_json({"claims": []}))


def test_a_claim_of_all_groups_has_one_figure_a_group(briefed: Briefed, overview: Overview) -> None:
    """The figures of the block are those of each group's own dossier, where both have them."""
    for one in briefed.groups:
        for c in (c for c in one.dossier.candidates if sets_apart(c)):
            there = overview.figures[key_of(c.measure)]
            assert set(there) == {b.context.id for b in briefed.groups}
            mine = rows(one.dossier, briefed, overview).get(c.id)
            assert mine is None or there[one.context.id] == mine["here"]


def test_who_writes_is_told_the_nouns_of_the_log(briefed: Briefed) -> None:
    """Those that are not the program's own, beside the names of acts; without any there is no line of them."""
    vocabulary = briefed.briefing.vocabulary
    households = Noun(one="household", many="households")
    told = told_log(vocabulary, Names(nouns=NounsOfLog(people=households)), None)
    assert told["names"] == {"nouns": {"people": {"one": "household", "many": "households"}}}
    assert "names" not in told_log(vocabulary, Names(), None)


def test_what_is_the_same_in_every_group_is_not_offered(briefed: Briefed, overview: Overview) -> None:
    """A figure that is as with others in all groups alike lets nobody expect otherwise; one that differs somewhere is offered."""
    dossier = briefed.groups[0].dossier
    told = next(c for c in dossier.candidates if c.withdrawal is None and c.measure.versus)
    measure = told.measure.model_copy(update={"says": told.measure.says.model_copy(update=AS_OTHERS)})
    made = dossier.model_copy(update={"candidates": [told.model_copy(update={"measure": measure, "id": "c1"})]})
    for figures, offered in (({"p1": "1", "p2": "1"}, []), ({"p1": "1", "p2": "2"}, ["c1"])):
        shown = group_block(made, briefed.corpus.names, {key_of(measure): figures}, {}, "p1")
        assert [row["id"] for row in shown["claims"]] == offered
