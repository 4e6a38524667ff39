"""Real and planted logs: nothing that a reader sees first is something that nobody would say; of the demo the house asks it.

Logs are thinned to a part of their users, so that all runs together take less than a minute of processor time.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report import personas_markdown, report_html
from persona_agent.schema import PersonaSet
from tests.report.voice import faults
from tests.thinning import thinned

# The file, of how many users one is kept, and how many personas are asked for, which spares the search for their number.
LOGS = {
    "library": ("logs/library.jsonl.gz", 3, 4),
    "online_retail": ("logs/online_retail.csv.gz", 3, 3),
    "moodle_edify": ("logs/moodle_edify.csv.gz", 1, 2),
}


@pytest.mark.parametrize("name", LOGS)
def test_nothing_is_said_that_nobody_would_say(name: str, tmp_path: Path) -> None:
    """On no card and no first page: a raw event string outside of quotation marks, a figure without unit or base, a fact or a
    sentence twice, a share of a share, “comparable others” outside of the legend, a heading with nothing under it, filler, a name
    of stems. Something is shown of each log.
    """
    file, every, personas = LOGS[name]
    log = thinned(file, every, tmp_path)
    options = Options(inputs=(str(log),), out=tmp_path / "out", personas=personas, min_users=12)
    run = commands.run(options, Silent())
    assert run.personas.everyone or any(p.status != "withheld" for p in run.personas.personas)
    assert faults(run.out) == []


def test_a_world_is_told_as_people_would(world_run: RunResult) -> None:
    """The same of the planted log with five personas."""
    assert faults(world_run.out) == []


def test_what_nobody_would_say_is_found(world_run: RunResult, tmp_path: Path) -> None:
    """A name of stems, a raw act, filler and a unit that is gone are each found where they are put into a run."""
    for wrong in (
        {"label": "Bag, jumbo, lunch"},
        {"label": "add_to_cart often"},
        {"not_known": [{"facet": None, "text": "What goes wrong: no errors, repetitions or absences."}]},
        {"one_liner": {"template": "", "text": "72 % do more than a third of what they do early.", "claim_ids": []}},
    ):
        plain = json.loads((world_run.out / "personas.json").read_text(encoding="utf-8"))
        plain["personas"][0] |= wrong
        made = PersonaSet.model_validate(plain)
        (tmp_path / "personas.json").write_text(made.model_dump_json(), encoding="utf-8")
        (tmp_path / "report.html").write_text(report_html(made, {}), encoding="utf-8")
        assert faults(tmp_path), wrong
        assert personas_markdown(made, {})
