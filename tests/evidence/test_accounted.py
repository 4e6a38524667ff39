"""What personas account for, and what not: planted shares are found, what places a user is not what it is held against, and
a page says it only where it is clear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.stats

from persona_agent.commands.checking import FIRST_PAGE, figures_of_all
from persona_agent.evidence import accounted_for, explained
from persona_agent.evidence.accounted import FEWEST
from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.report.front import first_page_of
from persona_agent.schema import Accounted, AccountedFor, Cell, Compared, Condition, Measure, Truthfulness
from persona_agent.words.english.what_they_tell import (
    finding_of,
    finding_with_ends,
    shares_by_slot,
    shares_told,
    told_in_short,
)
from tests.factories import persona_set

from .logs import event, load

USERS, VISITS, DAYS = 240, 12, 200
PERSONAS = [Population(0), Population(1)]
PLATES = Measure.model_validate({
    "unit": "events", "steps": [[{"field": "object", "op": "is", "value": ["plate"]}]], "statistic": "share",
    "says": {"comparator": "at_least", "value": 0},
})  # fmt: skip
ASKED = [("Plates", PLATES)]
Place = Callable[[int, np.random.Generator], tuple[int, int]]


def taste(u: int, _: np.random.Generator) -> tuple[int, int]:
    """By what they choose, by either half."""
    return u % 2, u % 2


def rank(u: int, _: np.random.Generator) -> tuple[int, int]:
    """By what they bring in."""
    return (int(u >= USERS // 2),) * 2


def chance(_: int, rng: np.random.Generator) -> tuple[int, int]:
    a, b = rng.integers(0, 2, 2).tolist()
    return a, b


def log_of(place: Place, users: int = USERS) -> Corpus:
    """Visits of one line: odd users mostly take plates, even ones mugs; the further on a user, the more a visit brings in, and
    the more visits there are. Which half of the visits puts a user where is up to `place`.
    """
    rng = np.random.default_rng(7)
    log: list[dict[str, Any]] = []
    halves: dict[str, tuple[int, int]] = {}
    for u in range(users):
        name, tier = f"u{u:03}", u * 4 // users
        halves[name] = place(u, rng)
        for v, day in enumerate(sorted(rng.choice(DAYS, 3 + 10 * tier, replace=False).tolist())):
            thing = "plate" if rng.random() < (0.85 if u % 2 else 0.15) else "mug"
            worth = round(float(np.exp(rng.normal(3 + 0.5 * tier, 0.5))), 2)
            made: dict[str, Any] = {"session": f"{name}.{v}", "value": worth, "object": thing}
            log.append(event(name, len(log) + 1, 1_440 * day, **made))
    members = {g: [name for name, sides in halves.items() if g in sides] for g in (0, 1)}
    return load(log, members, halves=halves)


def told(corpus: Corpus) -> AccountedFor:
    found = accounted_for(corpus, PERSONAS, ASKED)
    assert found is not None
    return found


def test_personas_of_taste_tell_what_is_chosen_and_tiers_what_is_brought_in() -> None:
    """Where taste and worth were planted apart, each list accounts for its own, and the page says so with these figures."""
    found = told(log_of(taste))
    assert (found.of, found.tiers) == ("value", 2)
    (plates,) = found.facts
    assert plates.personas[1] > 0.6
    assert plates.tiers[2] < 0.1
    assert found.later.personas[0] < 0.05
    assert found.later.tiers[1] > 0.2
    assert finding_of(found) == "Personas tell what to show, not who is worth more."
    for share in (plates.personas, found.later.personas, found.later.tiers):
        low, high = share[1:]
        assert low <= share[0] <= high
        said = f"{round(100 * share[0])} %" if share[0] >= 0.01 else "account for hardly anything, "
        assert said in shares_told(found)
    assert shares_told(found).endswith("%, of how they differ in this: plates.")
    own, tiers = (share[0] for share in (found.later.personas, found.later.tiers))
    assert told_in_short(found) == (
        "What to show, not who is worth more: earlier visits (how lately, how often, worth how much) explain "
        f"{round(100 * tiers)} % of how users later differ in what they bring in, personas "
        f"{f'{round(100 * own)} %' if own >= 0.01 else 'hardly anything'}."
    )


@pytest.mark.parametrize(
    ("label", "unit", "form", "figures", "seen"),
    [
        ("Plates", "of things", "share", (0.62, 0.09, 0.3), "plates, 62 % of things for “A” and 9 % for “B”"),
        ("Lines of a visit", "lines", "number", (35.0, 4.0, 12.0), "lines of a visit, 35 for “A” and 4 for “B”"),
        ("Value of a visit", "£", "number", (4.0, 30.0, 12.0), "value of a visit, £30 for “B” and £4 for “A”"),
    ],
)  # fmt: skip
def test_the_first_sentence_names_both_ends(
    label: str, unit: str, form: Any, figures: tuple[float, ...], seen: str
) -> None:
    """What personas tell best is said with the largest and the least of them; without a row of it, without figures."""
    found = told(log_of(taste))
    truths = [Truthfulness(label="true", score=1.0, value=x, n=40, ci=(x, x), reason="") for x in figures]
    cells = [Cell(persona=f"p{i}", truth=truth) for i, truth in enumerate(truths, 1)]
    row = Compared(label=label, unit=unit, form=form, measure=found.facts[0].measure or PLATES, cells=cells)
    names = {"p1": "A", "p2": "B", "p3": "C"}
    finding = f"What sets personas apart most: {seen}; they tell what to show, not who is worth more."
    assert finding_with_ends(found, [row], names) == finding
    assert finding_with_ends(found, [], names) == finding_of(found)
    assert finding_with_ends(None, [row], names) == ""


def test_what_many_have_no_part_in_sums_up_nothing() -> None:
    """A fact of lines that under three quarters of the users have is left out, however well personas tell it."""
    mondays = [
        Condition(field="weekday", op="is", value=[1.0]),
        Condition(field="month", op="between", value=[5.0, 7.0]),
    ]
    some = PLATES.model_copy(update={"where": mondays})
    found = accounted_for(log_of(taste), PERSONAS, [("Mugs", PLATES), ("Plates on Mondays", some)])
    alone = accounted_for(log_of(taste), PERSONAS, [("Plates on Mondays", some)])
    assert found is not None
    assert alone is not None
    assert alone.facts[0].users < 0.75 * found.facts[0].users
    assert [f.label for f in found.facts] == ["Mugs"]


@pytest.mark.parametrize("place", [rank, chance], ids=["personas of worth", "personas of nothing"])
def test_what_is_not_clear_is_not_said(place: Place) -> None:
    """Personas that tell who brings in more, and such as tell nothing, are no news of that kind."""
    found = told(log_of(place))
    assert (finding_of(found), shares_told(found), told_in_short(found), shares_by_slot(found)) == ("", "", "", {})


def test_what_places_a_user_is_not_what_it_is_held_against() -> None:
    """Users without a taste, each half of whom is put where its own visits fell, are told apart by nothing on the other half."""

    def log(seed: int) -> Corpus:
        rng = np.random.default_rng(seed)
        rows: list[dict[str, Any]] = []
        halves: dict[str, tuple[int, int]] = {}
        for u in range(USERS):
            took = rng.random(VISITS) < 0.5
            halves[f"u{u:03}"] = int(took[::2].mean() > 0.5), int(took[1::2].mean() > 0.5)
            for v in range(VISITS):
                made: dict[str, Any] = {
                    "session": f"{u:03}.{v}",
                    "value": float(rng.integers(1, 50)),
                    "object": "plate" if took[v] else "mug",
                }
                rows.append(event(f"u{u:03}", len(rows) + 1, 20_000 * v, **made))
        return load(rows, {g: [n for n, sides in halves.items() if g in sides] for g in (0, 1)}, halves=halves)

    assert max(told(log(seed)).facts[0].personas[0] for seed in range(3)) < 0.03


def test_the_earlier_half_of_the_days_foretells_the_later_one() -> None:
    """Whoever brings in nothing after the middle of the log brings in nothing later, whatever came before."""
    corpus = log_of(taste)
    before = told(corpus)
    corpus.connection.execute("UPDATE lines SET value = 0 WHERE date >= (SELECT min(date) + 100 FROM lines)")
    assert accounted_for(replace(corpus, memo={}), PERSONAS, ASKED) is None, "later nobody brings in anything"
    corpus.connection.execute(
        "UPDATE lines SET value = CASE u % 2 WHEN 0 THEN 100 ELSE 1 END WHERE date >= (SELECT min(date) + 100 FROM lines)"
    )
    after = told(replace(corpus, memo={}))
    assert before.later.personas[2] < 0.1
    assert after.later.personas[1] > 0.3, "taste foretells what is brought in from then on"


def test_the_share_is_that_of_a_plain_recount() -> None:
    """Epsilon squared from Kruskal and Wallis's H, by another's code."""
    rng = np.random.default_rng(3)
    samples = [np.round(rng.normal(shift, 1, n), 1) for shift, n in ((0.0, 40), (0.4, 25), (1.0, 60))]
    n, h = 125, float(scipy.stats.kruskal(*samples).statistic)
    assert explained(samples) == pytest.approx((h - 2) / (n - 3))
    assert explained([np.ones(9), np.ones(9)]) is None
    assert explained([np.arange(9.0), np.arange(3.0)]) is None, "too few to be told of"


def test_few_users_one_persona_and_people_at_work_have_none() -> None:
    """Nobody's worth is ranked at work, and of few users no share is known."""
    corpus = log_of(taste)
    assert accounted_for(replace(corpus, staff=True), PERSONAS, ASKED) is None
    assert accounted_for(corpus, PERSONAS[:1], ASKED) is None
    assert accounted_for(replace(corpus, halves=None), PERSONAS, ASKED) is None
    assert accounted_for(log_of(taste, FEWEST - 10), PERSONAS, ASKED) is None


def test_without_a_value_it_is_what_they_do() -> None:
    """Lines take the place of the value, and the finding has its own words."""
    found = told(replace(log_of(taste), valued=False))
    assert found.of == "activity"
    assert finding_of(found).endswith("not who does more.")


@pytest.mark.parametrize(
    ("field", "what"),
    [("hour", "when to reach whom"), ("object", "what to show"), ("properties.size", "how to serve whom")],
)
def test_what_they_tell_is_called_by_what_they_tell_most_of(field: str, what: str) -> None:
    """Hours, things, or how they go about it."""
    condition = (
        {"field": field, "op": "between", "value": [1, 5]}
        if field == "hour"
        else {"field": field, "op": "is", "value": ["x"]}
    )
    best = PLATES.model_copy(
        update={"steps": Measure.model_validate({**PLATES.model_dump(), "steps": [[condition]]}).steps}
    )
    later = Accounted(measure=None, users=500, personas=(0.02, 0, 0.04), tiers=(0.3, 0.25, 0.35))
    fact = Accounted(label="Something", measure=best, users=500, personas=(0.3, 0.25, 0.35), tiers=(0, 0, 0.01))
    made = AccountedFor(of="value", tiers=5, later=later, facts=[fact])
    assert finding_of(made) == f"Personas tell {what}, not who is worth more."
    near = later.model_copy(update={"tiers": (0.05, 0.03, 0.07)})
    assert finding_of(made.model_copy(update={"later": near})) == "", "intervals meet"


def test_a_forged_share_is_noticed() -> None:
    """Figures, and the sentence that has them, are counted again by `check`."""
    corpus = log_of(taste)
    ids = {"p1": 0, "p2": 1}
    known = persona_set()
    people = [p for p in known.personas if p.id in ids]
    made = known.model_copy(update={"personas": people, "accounted": told(corpus)})
    made = made.model_copy(update={"first_page": first_page_of(made, [])})
    assert figures_of_all(corpus, made, ids) == []
    front, was = made.first_page, made.accounted
    assert front is not None
    assert was is not None
    assert front.sentences[0].startswith("Personas tell what to show")
    later = was.later.model_copy(update={"tiers": (0.9, 0.8, 1.0)})
    for forged in (
        {"accounted": was.model_copy(update={"later": later})},
        {"accounted": was.model_copy(update={"facts": []})},
        {"accounted": None},
        {"first_page": front.model_copy(update={"tells": front.tells.replace("personas", "no personas")})},
    ):
        found = figures_of_all(corpus, made.model_copy(update=forged), ids)
        assert {f["claim"] for f in found} == {FIRST_PAGE}, forged
