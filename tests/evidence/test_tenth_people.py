"""The tenth that brings in most as a group: placed by one half of the log's time, measured on the other, against all others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.evaluation import evaluate
from persona_agent.evidence.quantifiers import verdict
from persona_agent.evidence.tenth_people import LEAST_SHARE, middle_day, tenth_corpus, tenth_figures, told_tenth
from persona_agent.evidence.top_tenth import top_tenth
from persona_agent.report.tenth_pages import published_figures_of_tenth
from persona_agent.schema import TENTH, Condition, Measure, PartOf, Says, TenthFigures
from persona_agent.words.english.tenth_told import tenth_beside, tenth_firmness, tenth_rows
from persona_agent.words.english.value_sources import MORE as NOTICED
from persona_agent.words.english.value_sources import where_it_is

from .logs import event, load

USERS = 300
TOP = USERS // 10
DAYS = 100  # of the log; half of them are 50
DAY = 1_440  # minutes
MORE = Says(comparator="more_than_others")
WORTH = Measure(unit="sessions", statistic="median", of="total value", versus="everyone_else", says=MORE)
OFTEN = Measure(
    unit="users", statistic="median", of="matches", steps=[[Condition(field="opens_visit", op="is", value=["yes"])]],
    versus="everyone_else", says=MORE,
)  # fmt: skip
GAP = Measure(
    unit="sessions", statistic="median", of="gap", versus="everyone_else", says=Says(comparator="less_than_others")
)


def visits(user: int, days: list[int], worth: list[float]) -> list[dict[str, Any]]:
    """One line a visit."""
    return [event(f"u{user:03}", 0, DAY * d, session=f"{user}.{d}", value=w) for d, w in zip(days, worth, strict=True)]


def log_of(lines: list[dict[str, Any]], groups: dict[int, list[str]] | None = None) -> Corpus:
    """The lines in order, numbered, between a first and a last day that somebody else was there."""
    ends = [event("u999", 0, 0, session="first", value=0.0), event("u999", 0, DAY * DAYS, session="last", value=0.0)]
    rows = [*lines, *ends]
    return load([event(r["user"], i, 0, **{k: v for k, v in r.items() if k not in ("user", "line", "hash")})
                 for i, r in enumerate(rows, start=1)], groups or {})  # fmt: skip


def steady() -> list[dict[str, Any]]:
    """Thirty users come every five days with 40 each, all others every twenty days with 10 each."""
    often, seldom = list(range(1, DAYS, 5)), list(range(1, DAYS, 20))
    lines = [line for u in range(TOP) for line in visits(u, often, [40.0] * len(often))]
    return lines + [line for u in range(TOP, USERS) for line in visits(u, seldom, [10.0] * len(seldom))]


def tenth_of(corpus: Corpus) -> Corpus:
    found = tenth_corpus(corpus, top_tenth(corpus))
    assert found is not None
    return found


def figures_of(corpus: Corpus, groups: dict[str, int] | None = None) -> TenthFigures:
    return tenth_figures(corpus, tenth_of(corpus), groups or {})


def test_what_they_do_is_measured_where_it_did_not_pick_them() -> None:
    """Steady users are the tenth by either half, and what sets them apart holds in the other: worth of a visit, days between."""
    corpus = log_of(steady())
    tenth, found = tenth_of(corpus), figures_of(corpus)
    assert (found.again.same, found.again.users, found.again.came) == (1.0, TOP, 1.0)
    assert found.again.value == pytest.approx(30 * 400 / (30 * 400 + 270 * 25), abs=0.06)
    for measure, here, there in ((WORTH, 40, 10), (GAP, 5, 20)):
        measured = evaluate(tenth, measure, Population(TENTH))
        assert measured.everyone is not None
        assert (measured.value, measured.everyone.value) == (here, there)
        assert verdict(measure, measured)[0] == "true"


def test_luck_of_one_half_is_no_finding() -> None:
    """Where all users are alike and dear visits fall by chance, the tenth of the whole log looks dear; by halves it does not."""
    rng = np.random.default_rng(7)
    days = {u: list(range(1 + u % 9, DAYS, 10)) for u in range(USERS)}
    lines = [line for u in days for line in visits(u, days[u], rng.lognormal(3, 2, len(days[u])).tolist())]
    corpus = log_of(lines)
    tenth, found = tenth_of(corpus), figures_of(corpus)
    whole = evaluate(replace(tenth, halves=None), WORTH, Population(TENTH))
    assert verdict(WORTH, whole)[0] == "true", "picked by what it is asked of"
    assert verdict(WORTH, evaluate(tenth, WORTH, Population(TENTH)))[0] != "true"
    assert found.again.same < 0.25
    page, picked = told_tenth(corpus), top_tenth(corpus)
    assert page is not None and page.worth is not None
    assert picked is not None and picked.worth is not None
    assert picked.worth[0] > NOTICED * picked.worth[1]
    assert page.worth[0] < NOTICED * page.worth[1], "nor does the page say that their visits are worth more"
    assert tenth_firmness(found)[0] in ("hardly firm", "soft")


def test_the_page_tells_what_the_card_tells() -> None:
    """How often they come and what a visit is worth are the figures of the card, by halves; without a card they are of the whole
    log, and the sentence has no half in it.
    """
    corpus = log_of(steady())
    tenth, page = tenth_of(corpus), told_tenth(corpus)
    assert page is not None
    assert (page.by_halves, page.bringing, page.worth, page.lines) == (True, False, (40, 10), (1, 1))
    measured = evaluate(tenth, OFTEN, Population(TENTH))
    assert measured.matched is not None
    assert page.visits == (measured.value, measured.matched.value)
    assert "visits in half of the time, all others" in where_it_is(page)
    few = replace(corpus, floor=TOP + 1)
    assert told_tenth(few) == top_tenth(few)
    whole = told_tenth(few)
    assert whole is not None and not whole.by_halves
    assert "half" not in where_it_is(whole)


def test_others_are_all_others() -> None:
    """Who comes as often is not matched away: comparable others are everybody else, and nobody is without one."""
    measured = evaluate(tenth_of(log_of(steady())), GAP, Population(TENTH))
    assert measured.matched is not None
    assert measured.everyone is not None
    assert (measured.matched.value, measured.unmatched) == (measured.everyone.value, 0)


def test_where_there_is_no_card() -> None:
    """Given groups, people at work, a log without amounts, a tenth that weighs little, too few who bring in by half."""
    corpus = log_of(steady())
    told = top_tenth(corpus)
    assert told is not None
    assert tenth_corpus(corpus, None) is None
    assert tenth_corpus(replace(corpus, given=True), told) is None
    assert tenth_corpus(replace(corpus, staff=True), told) is None
    assert tenth_corpus(corpus, told.model_copy(update={"of": "activity"})) is None
    assert tenth_corpus(corpus, told.model_copy(update={"share": LEAST_SHARE - 0.01})) is None
    assert tenth_corpus(replace(corpus, floor=TOP + 1), told) is None
    early = log_of([line for line in steady() if line["session"].endswith((".1", ".6"))])
    assert top_tenth(early) is not None
    assert tenth_corpus(early, top_tenth(early)) is None


def test_whom_to_look_after_is_counted() -> None:
    """Who was not seen in the last quarter, with what they had brought in; who has been away for longer than ever before."""
    gone, late = (
        8,
        6,
    )  # eight stop on day 61; six others come last on day 81, nineteen days before the end and five at most before
    lines = [
        line
        for line in steady()
        for user, day in [map(int, line["session"].split("."))]
        if not (user < gone and day > 61) and not (gone <= user < gone + late and day > 81)
    ]
    corpus = log_of(lines)
    quiet = figures_of(corpus).quiet
    assert middle_day(corpus).isoformat() == "2024-05-19"
    assert (quiet.since, quiet.unseen, quiet.longer, quiet.tested) == ("2024-06-13", gone, gone + late, TOP)
    whole = sum(line["value"] for line in lines)
    assert quiet.unseen_value == pytest.approx(gone * 13 * 40 / whole, abs=1e-5)


def test_which_personas_they_are_from_and_what_hangs_on_few() -> None:
    """Parts of five users or more, both ways; the fewest who bring in a tenth of all value, where they are five or more."""
    names = [f"u{u:03}" for u in range(USERS)]
    groups = {0: [*names[:12], *names[100:148]], 1: names[12:15], 2: [*names[15:30], *names[200:]]}
    corpus = log_of(steady(), groups)
    found = figures_of(corpus, {"p1": 0, "p2": 1, "p3": 2})
    assert [(p.persona, p.them) for p in found.parts] == [("p3", 0.5), ("p1", 0.4)]
    assert found.parts[1].all == pytest.approx(60 / 301, abs=1e-6)
    assert found.to_lose == 5, "4.7 of them bring in a tenth"
    big = figures_of(
        log_of([{**line, "value": 20 * line["value"]} if line["user"] == "u000" else line for line in steady()])
    )
    assert big.to_lose is None
    told = dict(tenth_rows(found, {"p1": "Long lists", "p3": "Hearts"}))
    assert told["Which personas they are from"] == (
        "More than expected are from “Long lists” (40 % of them, 20 % of all users) and “Hearts” (50 %, 38 %)."
    )
    assert told["How long it lasts"].endswith(" came again.")
    beside = dict(tenth_beside(found, {"p1": "Long lists", "p3": "Hearts"}))
    assert beside["How much hangs on few"] == "The 5 largest bring in a tenth of all value."
    assert "Who went quiet" in beside
    assert "From which personas few are" not in beside
    few = [p.model_copy(update={"them": 0.08, "all": 0.16}) if p.persona == "p3" else p for p in found.parts]
    fewest = found.model_copy(update={"parts": few}), {"p1": "Long lists", "p3": "Hearts"}
    assert dict(tenth_rows(*fewest))["Which personas they are from"].endswith(
        "“Long lists” (40 % of them, 20 % of all users)."
    )
    assert dict(tenth_beside(*fewest))["From which personas few are"] == (
        "Fewer than expected are from “Hearts” (8 % of them, 16 % of all users)."
    )
    assert "Hearts" not in str(tenth_rows(found, {"p1": "Long lists"})), "a persona that is not shown is not named"
    assert [title for title, _ in tenth_rows(big, {})] == ["How long it lasts"]
    assert dict(tenth_beside(big, {}))["How much hangs on few"] == "Fewer than five bring in a tenth of all value."
    fewer = found.model_copy(update={"parts": [p for p in few if p.persona == "p3"]})
    assert dict(tenth_rows(fewer, {"p3": "Hearts"}))["Which personas they are from"] == (
        "From all personas, about as users are."
    )


def test_their_figures_are_published_in_fives() -> None:
    """Nothing is told of fewer than five, and what is published is published again as it is."""
    exact = figures_of(log_of(steady()))
    exact = exact.model_copy(
        update={
            "to_lose": 13,
            "quiet": exact.quiet.model_copy(update={"unseen": 4, "unseen_value": 0.031, "longer": 7}),
        }
    )
    told = published_figures_of_tenth(exact, 43)
    assert (told.to_lose, told.quiet.unseen, told.quiet.unseen_value, told.quiet.longer) == (15, 0, 0.0, 5)
    assert published_figures_of_tenth(told, 45) == told


def test_shares_of_the_tenth_are_of_fives() -> None:
    """One or two of forty-two who did not come again are told as nobody, and 22 in a persona as 20 of 40: whole per cent would
    give each number away.
    """
    exact = figures_of(log_of(steady()))
    parts = [PartOf(persona="p1", them=22 / 42, all=0.3)]
    for came in (40, 41, 42):
        again = exact.again.model_copy(update={"users": 42, "came": came / 42, "same": 11 / 42})
        told = published_figures_of_tenth(exact.model_copy(update={"again": again, "parts": parts}), 42)
        assert (told.again.came, told.again.same, told.parts[0].them) == (1.0, 0.25, 0.5)
        lasting = dict(tenth_rows(told, {}))["How long it lasts"]
        assert "all but fewer than five of them came again" in lasting
