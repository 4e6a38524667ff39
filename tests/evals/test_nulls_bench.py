"""The benchmark of logs in which nobody is like anybody: it finds what is there, and nothing once visits are exchanged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.bench import nulls
from persona_agent.groups.find import Grouping, find_groups
from persona_agent.options import Options
from persona_agent.schema import Firmness

NO_FIGURES: dict[str, Any] = dict.fromkeys(("same", "chance", "kappa", "low", "random", "null", "refits"))


def test_personas_are_there_until_visits_are_exchanged(
    small_log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same steps show personas of a planted log, and none of its exchanged copies, which keep how often each user came."""
    options = Options(inputs=(str(small_log),))
    seen = nulls.seen_users(options)
    visits, cohort = seen.visits()
    as_it_is = find_groups(visits, cohort, {}, options.seed, fit=seen.fit[seen.able])
    assert nulls.personas_shown(as_it_is, options.min_users) >= 2
    null = nulls.exchanged(seen, options, 0)
    assert len(null.label) == len(as_it_is.label)
    assert nulls.personas_shown(null, options.min_users) == 0
    monkeypatch.setattr(nulls, "seen_users", lambda _: seen)
    assert nulls.main([str(small_log), "--copies", "1"]) == 0
    assert "1 exchanged copies: 0 with a persona" in capsys.readouterr().out


def test_what_does_not_come_back_or_is_too_small_is_not_shown() -> None:
    """Of three personas one does not come back and one has fewer members than a card needs; without groups there are none."""
    nobody = np.full(90, -1)
    firm = [
        Firmness(word=word, tested=n, members=n, **NO_FIGURES) for word, n in (("soft", 40), ("none", 31), ("fair", 19))
    ]
    grouping = Grouping("groups", "", nobody, nobody, nobody, nobody, nobody, nobody, 3, firm)
    assert nulls.personas_shown(grouping, 20) == 1
    assert nulls.personas_shown(replace(grouping, state="none"), 20) == 0
