"""A writer is told beside each claim from which change on a trial would show it."""

from __future__ import annotations

import pytest

from persona_agent.evidence.smallest_change import HalvesTest
from persona_agent.schema import Measure
from persona_agent.write import told_of_trials
from persona_agent.write.briefs import Briefed
from persona_agent.write.drafts.data_blocks import group_block
from persona_agent.write.overview import Overview, told_group

SOME, TOO_MUCH = 0.15, 0.6  # of the figure, that a trial would show


def test_only_what_an_act_can_bring_about_is_told(world_briefed: Briefed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a share that has no room, of what users ever did, and where only most of the figure would show, nothing is told; of all
    others the part of the figure, in the row of the claim that the writer is shown.
    """
    brief = world_briefed.groups[0]
    told = [c for c in brief.dossier.candidates if c.withdrawal is None and c.truthfulness.value]
    first, second = [c for c in told if c.measure.unit != "users"][:2]
    ever = next(c for c in told if c.measure.unit == "users" and c.measure.statistic == "share")

    def trial(_: object, measure: Measure, __: object, today: float) -> HalvesTest:
        return HalvesTest((TOO_MUCH if measure == second.measure else SOME) * today, 100, None, 84)

    monkeypatch.setattr(told_of_trials, "trial_of", trial)
    monkeypatch.setitem(brief.context.corpus.memo, "told of trials", {})
    found = told_of_trials.told_of_trials(brief.context)
    value = first.truthfulness.value or 0.0
    room = first.measure.statistic != "share" or SOME * value <= (1 - value) / 2
    assert found.get(first.id) == ("15 %" if room else None)
    assert second.id not in found
    assert ever.id not in found
    group = told_group(brief, Overview({}, {}), None)
    rows = group_block(group.dossier, group.names, group.figures, group.trials, group.subject)["claims"]
    assert {row["id"]: row["trial"] for row in rows if "trial" in row} == {
        i: part for i, part in found.items() if i in {row["id"] for row in rows}
    }
