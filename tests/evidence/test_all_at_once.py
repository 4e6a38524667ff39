"""A trial with all personas at once: it counts the members of each, sees less than any of their own, and is counted again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from persona_agent.commands.checking import figures_of_all
from persona_agent.evidence import Population
from persona_agent.evidence.corpus import Corpus
from persona_agent.evidence.smallest_change import trial_of
from persona_agent.report.published_cards import published_all_at_once
from persona_agent.words.english.first_trials import all_together
from persona_agent.words.english.trial_sizes import part_seen
from persona_agent.words.wording import percent
from persona_agent.write.cards.all_at_once import all_at_once
from persona_agent.write.dossiers.amounts import worth
from tests.factories import persona_set

from .logs import event, load

TRIED = [("p1", Population(0)), ("p2", Population(1))]
USERS, VISITS, DAYS = 240, 24, 240


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Two groups of users who come all year, for sums that differ by a third from one user to the next."""
    rng = np.random.default_rng(11)
    log: list[dict[str, Any]] = []
    for u in range(USERS):
        usual = float(np.exp(rng.normal(3, 0.3)))
        for v, day in enumerate(sorted(rng.choice(DAYS, VISITS, replace=False).tolist())):
            made: dict[str, Any] = {"session": f"u{u:03}.{v}", "value": round(usual, 2), "object": "plate"}
            log.append(event(f"u{u:03}", len(log) + 1, 1_440 * day, **made))
    return load(log, {g: [f"u{u:03}" for u in range(USERS) if u % 2 == g] for g in (0, 1)})


def test_all_at_once_counts_everybody_and_sees_a_smaller_change(corpus: Corpus) -> None:
    """Its figure is that of all members, and its smallest change is below that of either persona's own trial."""
    found = all_at_once(corpus, TRIED)
    assert found is not None
    assert found.watch.watched is not None
    assert found.watch.watched.truth is not None
    assert found.watch.smallest is not None
    measure, own = worth(corpus), []
    for _, population in TRIED:
        trial = trial_of(corpus, measure, population, found.watch.watched.truth.value or 0.0)
        assert trial.smallest is not None
        assert trial.tested < found.watch.tested
        own.append(trial.smallest)
    assert found.watch.smallest < min(own)
    assert found.watch.watched.truth.n == int(np.logical_or(*(corpus.people.mask(p) for _, p in TRIED)).sum())
    shown = published_all_at_once(found)
    told, part = all_together(shown, 0.9), percent(part_seen(shown.watch) or 0.0)
    every = "try each persona's with half of its members, drawn at random"
    assert (
        f"{every}. Together they show a change of {part}, where no persona alone shows one of less than 90 %. " in told
    )
    assert f"{every}. Together they show a change of {part}, where none would alone. " in all_together(shown, None)
    assert all_together(shown, 0.0001) == "", "one of them shows less already"
    assert "bring about 120 to each side: enough to see a change of" in told


@pytest.mark.parametrize("why", ["one persona", "no value", "people at work"])
def test_nothing_is_told_where_there_is_no_such_trial(corpus: Corpus, why: str) -> None:
    """Of one persona it is that one's own; without a value, or with people at work, nothing is judged by what a visit brings."""
    tried = TRIED[:1] if why == "one persona" else TRIED
    if why == "no value":
        corpus = replace(corpus, valued=False)
    if why == "people at work":
        corpus = replace(corpus, staff=True)
    assert all_at_once(corpus, tried) is None


def test_a_figure_that_was_changed_is_noticed(corpus: Corpus) -> None:
    """As it was counted it stands; with another figure a check says so."""
    found = all_at_once(corpus, TRIED)
    assert found is not None
    ids = {"p1": 0, "p2": 1}
    said = "what a trial with all personas at once would show is not what the log gives"
    told = persona_set().model_copy(update={"all_at_once": published_all_at_once(found)})
    assert said not in [p["problem"] for p in figures_of_all(corpus, told, ids)]
    forged = found.watch.model_copy(update={"smallest": (found.watch.smallest or 0.0) / 2})
    told = told.model_copy(update={"all_at_once": found.model_copy(update={"watch": forged})})
    assert said in [p["problem"] for p in figures_of_all(corpus, told, ids)]
