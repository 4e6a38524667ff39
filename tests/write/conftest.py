"""The groups of the planted world as whoever writes of them is shown them, briefed once for all tests of writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from persona_agent.commands.running import RunResult
from persona_agent.groups.saving import load_groups
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store
from persona_agent.write.briefs import Briefed, brief_groups, open_briefing, open_groups

Open = Callable[[Options], Briefed]


@pytest.fixture(scope="session")
def world_opened(world_run: RunResult, world_log: Path) -> Iterator[Open]:
    """The briefing opened with options of whoever reads it, over one corpus: to make either takes seconds."""
    options = Options(inputs=(str(world_log),), out=world_run.out, value="properties.spent")
    store = Store.open(world_run.out)
    groups = load_groups(store)
    with open_groups(store, options, groups) as corpus:
        briefing = brief_groups(store, options, corpus, groups, Silent())
        yield lambda of: open_briefing(
            store, of.but(inputs=options.inputs, out=options.out), corpus, groups, briefing, Silent()
        )


@pytest.fixture(scope="session")
def world_briefed(world_opened: Open) -> Briefed:
    """With code alone to judge."""
    return world_opened(Options(value="properties.spent"))


@pytest.fixture(scope="session")
def world_briefed_for_models(world_opened: Open) -> Briefed:
    """With a model to write, and a critic to come."""
    return world_opened(Options(value="properties.spent", model="scripted/writer"))
