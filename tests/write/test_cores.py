"""The core of a group beside a bar: told where it shows more than the group, never where it does not, and counted again."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from persona_agent.commands.checking import check
from persona_agent.commands.running import RunResult
from persona_agent.evidence import Population, evaluate, truthfulness
from persona_agent.evidence.corpus import Corpus
from persona_agent.progress import Silent
from persona_agent.report import drawn, html, markdown, terminal
from persona_agent.report.handing_on import shared_html
from persona_agent.report.publishing import published
from persona_agent.schema import Measure, PersonaSet, Truthfulness
from persona_agent.words.english.asked_labels import any_reading
from persona_agent.words.english.cards import SUREST, WHO_IS_SUREST
from persona_agent.write.cards import cores
from persona_agent.write.cards.bars import CardFact
from persona_agent.write.cards.cores import core_of
from tests.evidence.logs import event, load
from tests.factories import persona_set

VISITS = 12
BUYS = Measure.model_validate(
    {
        "unit": "sessions", "statistic": "share", "versus": "matched", "says": {"comparator": "more_than_others"},
        "steps": [[{"field": "action", "op": "is", "value": ["buy"]}]],
    }
)  # fmt: skip


def corpus_of(clear: float, rest: float, *, knows: bool, each: int = 60) -> Corpus:
    """A group half of which buys in `clear` of its visits and half in `rest`, beside as many who buy in a tenth. The halves of
    visits put all into their group; they are surer of the first if they `know`, else of anybody.
    """
    rng, log, halves, chances = random.Random(5), [], {}, {}
    for u in range(4 * each):
        often = clear if u < each else rest if u < 2 * each else 0.1
        for visit in range(VISITS):
            act = "buy" if rng.random() < often else "view"
            log.append(event(f"u{u:03}", 100 * u + visit, visit * 1440.0, act, session=f"{u}.{visit}"))
        halves[f"u{u:03}"] = (1, 1) if u < 2 * each else (2, 2)
        sure = 0.9 if u < each else 0.6
        chances[f"u{u:03}"] = (sure, sure) if knows else (rng.random(), rng.random())
    members = {g: [u for u, of in halves.items() if g in of] for g in (1, 2)}
    return load(log, members, "UTC", None, halves, chances)


def fact_of(corpus: Corpus) -> CardFact:
    truth = truthfulness(evaluate(corpus, BUYS, Population(1)), "true", "")
    return CardFact(persona_set().personas[0].claims[0], BUYS, truth, any_reading(BUYS), own=True)


def test_a_core_is_told_where_it_shows_more_than_the_group() -> None:
    """Where the surest buy nearly always and the others often, the core is told with their figure."""
    corpus = corpus_of(0.9, 0.4, knows=True)
    fact = fact_of(corpus)
    core = core_of(corpus, fact, Population(1))
    assert core is not None and core.value is not None and fact.truth.value is not None
    assert core.value == pytest.approx(0.9, abs=0.03) and fact.truth.value == pytest.approx(0.65, abs=0.03)
    assert core.n == 60 and core.matched == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(
    ("clear", "rest", "knows", "floor"),
    [
        (0.9, 0.4, False, 20),  # who is sure of anybody knows nothing of who buys
        (0.65, 0.65, True, 20),  # all buy alike
        (0.67, 0.63, True, 20),  # a difference that nobody would see
        (0.4, 0.9, True, 20),  # the surest are less so
        (0.9, 0.4, True, 61),  # fewer than may be told of
    ],
)
def test_else_a_core_is_silent(clear: float, rest: float, knows: bool, floor: int) -> None:
    """Chance, what cannot be seen, what is nearer to the others, and what is of few users makes no core."""
    corpus = replace(corpus_of(clear, rest, knows=knows), floor=floor)
    assert core_of(corpus, fact_of(corpus), Population(1)) is None


@pytest.mark.parametrize(
    ("form", "own", "core", "ci", "told"),
    [
        ("share", (0.35, 0.14), (0.40, 0.14), (0.37, 0.43), True),
        ("share", (0.35, 0.14), (0.40, 0.14), (0.34, 0.46), False),  # chance may have made it
        ("share", (0.35, 0.14), (0.38, 0.14), (0.36, 0.40), False),  # a seventh further
        ("share", (0.07, 0.02), (0.09, 0.02), (0.08, 0.10), False),  # two points
        ("share", (0.35, 0.14), (0.45, 0.24), (0.40, 0.50), False),  # whoever comes as often does as much
        ("share", (0.14, 0.35), (0.09, 0.35), (0.07, 0.11), True),  # less than others, and less yet
        ("share", (0.14, 0.35), (0.20, 0.35), (0.18, 0.22), False),
        ("number", (10.0, 12.0), (8.0, 12.0), (7.0, 9.0), True),
        ("number", (10.0, 12.0), (9.0, 12.0), (8.5, 9.5), False),  # a tenth of it
        ("number", (20.0, 10.0), (30.0, 15.0), (25.0, 35.0), False),  # twice as much as others, as the group
    ],
)
def test_what_makes_a_core(
    form: Literal["share", "number"],
    own: tuple[float, float],
    core: tuple[float, float],
    ci: tuple[float, float],
    told: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Further from its others than the group by a fifth of that, away from the group by what is seen, and not by chance."""
    figures = Truthfulness(label="true", score=1.0, value=core[0], n=60, ci=ci, matched=core[1], reason="")
    monkeypatch.setattr(cores, "core_again", lambda *_: figures)
    truth = figures.model_copy(update={"value": own[0], "matched": own[1]})
    reading = replace(any_reading(BUYS), form=form)
    fact = CardFact(persona_set().personas[0].claims[0], BUYS, truth, reading, own=True)
    corpus = corpus_of(0.5, 0.5, knows=True, each=1)
    assert (core_of(corpus, fact, Population(1)) is not None) == told


def test_what_compares_with_nobody_has_no_core() -> None:
    """A share that is told of the whole log has no figure of a half beside it."""
    corpus = corpus_of(0.9, 0.4, knows=True)
    fact = fact_of(corpus)
    alone = BUYS.model_copy(update={"says": BUYS.says.model_validate({"quantifier": "usually"})})
    assert core_of(corpus, replace(fact, measure=alone), Population(1)) is None


def with_core(value: float, matched: float) -> PersonaSet:
    """The set of the factory with a core on the second bar of its first card."""
    found = persona_set()
    first, *rest = found.personas
    assert first.card is not None
    core = Truthfulness(label="true", score=1.0, value=value, n=123, ci=(0.5, 0.7), matched=matched, reason="")
    bars = [b.model_copy(update={"core": core}) if i == 1 else b for i, b in enumerate(first.card.bars)]
    first = first.model_copy(update={"card": first.card.model_copy(update={"bars": bars})})
    return found.model_copy(update={"personas": [first, *rest]})


def test_every_page_tells_the_core_in_the_figures_of_a_card() -> None:
    """In whole per cent, users in fives, with the evidence and as text of the bar; who they are is told where their figure is,
    and not where no bar has a core.
    """
    told = published(with_core(0.8123, 0.2345), {})
    first = told.personas[0]
    assert first.card is not None and first.card.bars[1].core is not None
    assert (first.card.bars[1].core.value, first.card.bars[1].core.n) == (0.81, 125)
    bar = drawn.bars(first)[1]
    assert bar.core == f"{SUREST} 81 %, others like these 23 %" and bar.core in bar.text
    assert bar.at_core is not None and bar.at_core > bar.at
    pages = [
        markdown.personas_markdown(told, {}), html.report_html(told, {}), shared_html(told), terminal.show_persona(first),
    ]  # fmt: skip
    for page in pages:
        assert f"{SUREST} 81" in page
    face, evidence = pages[0].split("## Claims in detail")
    assert SUREST not in face and f"like these 23 %: {WHO_IS_SUREST}" in evidence
    assert f"“The surest half” are {WHO_IS_SUREST}" in pages[1]
    plain = published(persona_set(), {})
    assert "surest half" not in markdown.personas_markdown(plain, {}) and "surest half" not in html.report_html(
        plain, {}
    )


def test_others_are_said_again_only_where_they_are_others() -> None:
    """Where those who come as often as the surest do the same as all others, their figure stands once."""
    first = published(with_core(0.8123, drawn_others()), {}).personas[0]
    assert drawn.bars(first)[1].core == f"{SUREST} 81 %"


def drawn_others() -> float:
    claim = persona_set().personas[0].claims[0]
    assert claim.truthfulness.matched is not None
    return claim.truthfulness.matched


def test_check_counts_cores_again(small_run: RunResult, tmp_path: Path) -> None:
    """A core that nobody counted is named with its claim, whatever the seal says."""
    out = tmp_path / "out"
    shutil.copytree(small_run.out, out)
    path = out / "personas.json"
    tree = json.loads(path.read_text(encoding="utf-8"))
    shown = next(p for p in tree["personas"] if p["status"] != "withheld" and p["card"]["bars"])
    bar = shown["card"]["bars"][0]
    truth = next(c for c in shown["claims"] if c["id"] == bar["claim"])["truthfulness"]
    bar["core"] = {**truth, "value": 0.987, "n": 40}
    path.write_text(json.dumps(tree), encoding="utf-8")
    found = check(out, bar["claim"], (), Silent())
    assert found.failed
    assert [f for f in found.failures if f["claim"] == bar["claim"] and SUREST in f["problem"]]
