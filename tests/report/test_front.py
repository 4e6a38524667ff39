"""The first page beside its sentences: how sure all personas are together, who is left out, what the log was said to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report import first_screen, personas_markdown, report_html
from persona_agent.report.flags import flags
from persona_agent.report.front import first_page_of
from persona_agent.report.html import first_page
from persona_agent.report.phrasing import compared_with, shown
from persona_agent.schema import Edited, Firmness, Persona, PersonaSet, Sentence, TopTenth, Unplaced
from persona_agent.words.english.first_pages import ONLY_PATTERNS, TOO_SMALL, asked_for, follows, parts_of_visits
from persona_agent.words.wording import percent
from persona_agent.write.edited_texts import WholeLog, facts_of_page
from tests.conftest import SMALL_OPTIONS
from tests.factories import lines_of, persona_set


def told(personas: PersonaSet, **of_each: list[Any]) -> PersonaSet:
    """The set with these firmnesses and shares of value, a list of each for all personas."""
    made = []
    for i, p in enumerate(personas.personas):
        value = of_each["value"][i] if "value" in of_each else p.size.share_value
        firm = of_each["firm"][i] if "firm" in of_each else p.firmness
        made.append(p.model_copy(update={"size": p.size.model_copy(update={"share_value": value}), "firmness": firm}))
    return personas.model_copy(update={"personas": made})


def firm(same: float, chance: float, tested: int) -> Firmness:
    return Firmness(
        word="fair", same=same, chance=chance, kappa=0.4, low=0.3, random=same, null=0.1, refits=0.8, tested=tested,
        members=tested,
    )  # fmt: skip


@pytest.mark.parametrize(("lines", "told"), [(None, False), (1.0, False), (1.58, True), (2.0, False), (20.0, False)])
def test_a_visit_of_hardly_more_than_a_line_may_be_a_part(lines: float | None, told: bool) -> None:
    """Of a sample of lines what a visit comes to is of the sample; where every visit is one line, or holds many, it is whole."""
    said = " ".join(parts_of_visits(lines))
    assert bool(said) == told
    assert not told or "A visit here has 1.6 lines on average" in said
    made = persona_set()
    counts = {**made.counts, "events": round(100 * (lines or 0)), "sessions": 100 if lines else 0}
    valued = [p.model_copy(update={"size": p.size.model_copy(update={"share_value": 0.2})}) for p in made.personas]
    page = first_page_of(made.model_copy(update={"counts": counts, "personas": valued}), [])
    assert any(s.startswith("A visit here has") for s in page.sentences) == told, "before anything that it changes"


def test_how_sure_all_personas_are_together() -> None:
    """Members weigh alike, whatever persona they are in; chance likewise, and the bar is that of exchanged logs above chance.
    What is withheld counts for nothing, and an edited first sentence leaves it to this line who was looked at.
    """
    personas = told(persona_set(), firm=[firm(0.8, 0.4, 300), firm(0.4, 0.2, 100), None, firm(0.0, 0.9, 900)])
    said = first_page_of(personas, []).how_sure
    assert said == (
        "Overall, 70 % of members get the same persona from their other visits, by a model that had not seen them; 35 % would by "
        "chance, and with visits shuffled between users hardly any persona passes 42 %."
    )
    first = Sentence(template="They differ.", text="They differ.", claim_ids=[])
    edited = personas.model_copy(update={"edited": Edited(sentences={1: first}, unsupported=[])})
    assert first_page_of(edited, []).how_sure == f"2,480 users, 3 Mar to 25 May 2025. {said}"
    front = edited.model_copy(update={"first_page": first_page_of(edited, [])})
    assert said in personas_markdown(front, {})
    assert said in report_html(front, {}).replace("\u00a0", " ")
    assert first_page_of(persona_set(), []).how_sure == "", "nothing was tested"


def test_what_those_who_are_left_out_bring_in() -> None:
    """Who is withheld brings in what the group does, the rest what all groups leave; nothing is told where one group's part is
    not known, or where the rest are few.
    """
    known = told(persona_set(), value=[0.5, 0.2, 0.1, 0.05])
    assert [left.value for left in first_page_of(known, []).not_placed] == [0.05, 0.15]
    page = personas_markdown(known.model_copy(update={"first_page": first_page_of(known, [])}), {})
    assert "| 694 (28 %) | 15 % | in no group" in page
    lacking = told(persona_set(), value=[0.5, None, 0.1, 0.05])
    assert [left.value for left in first_page_of(lacking, []).not_placed] == [0.05, None]
    few = known.model_copy(update={"counts": {**known.counts, "unassigned_users": 31 + 19}})
    assert [left.value for left in first_page_of(few, []).not_placed] == [0.05, None]


def test_who_is_not_placed_is_in_one_row_with_both_reasons() -> None:
    """How many came too rarely, and how many often enough and are like none, with what all of them bring in; where either are few
    they are not told apart.
    """
    known = told(persona_set(), value=[0.5, 0.2, 0.1, 0.05])
    whole = first_page_of(known, []).not_placed[1:]
    both = known.model_copy(update={"unplaced": Unplaced(rare=400, visits=5, rare_value=0.04, value=0.15)})
    rows = first_page_of(both, []).not_placed[1:]
    assert [(r.users, r.value) for r in rows] == [(694, 0.15)]
    assert sum(r.share for r in rows) == pytest.approx(whole[0].share)
    apart = "400 seen too rarely to say (fewer than 5 visits); 294 seen often enough, and like none of them"
    assert rows[0].why == apart
    for rare in (19, 694 - 19):
        few = known.model_copy(update={"unplaced": Unplaced(rare=rare, visits=5, rare_value=0.04, value=0.15)})
        assert first_page_of(few, []).not_placed[1:] == whole
    untold = persona_set(unplaced={"rare": 400, "visits": 5})
    assert [r.value for r in first_page_of(untold, []).not_placed[1:]] == [None]


def test_who_leans_is_in_a_row_of_their_own() -> None:
    """Those who lean, who came too rarely and who are like none add up to all who are in no persona that is shown; with the
    evidence of each persona stands how many lean to it.
    """
    known = told(persona_set(), value=[0.5, 0.2, 0.1, 0.05])
    whole = first_page_of(known, []).not_placed[1:]
    counts = {**known.counts, "unassigned_users": known.counts["unassigned_users"] - 300, "leaning_users": 300}
    unplaced = Unplaced(rare=200, visits=5, leaning=300, leaning_value=0.06, rare_value=0.04, value=0.15)
    first, *others = known.personas
    first = first.model_copy(update={"size": first.size.model_copy(update={"leaning": 300})})
    leaning = known.model_copy(update={"counts": counts, "unplaced": unplaced, "personas": [first, *others]})
    rows = first_page_of(leaning, []).not_placed[1:]
    assert [(r.leans, r.users, r.value) for r in rows] == [(True, 300, 0.06), (False, 394, 0.09)]
    assert sum(r.share for r in rows) == pytest.approx(whole[0].share)
    size = others[-1].size.model_copy(update={"leaning": 50})
    astray = others[-1].model_copy(update={"status": "withheld", "size": size})
    fewer = first_page_of(leaning.model_copy(update={"personas": [first, *others[:-1], astray]}), []).not_placed
    assert [(r.users, r.value) for r in fewer if r.leans] == [(250, None)]
    told_once = personas_markdown(
        leaning.model_copy(update={"first_page": first_page_of(leaning, [])}), lines_of(leaning)
    )
    face, evidence = told_once.split("## Claims in detail")
    assert evidence.count("Another 300 lean to it.") == 1
    assert f"| {first.size.users:,} ({percent(first.size.share_users)}) + 300 |" in face
    assert "| users (+ who lean to it) |" in face
    assert "| Lean to one |" in told_once
    page, screen = report_html(leaning, {}), first_screen(leaning)
    assert f"{first.size.users:,} + 300</span>" in page
    assert f"{first.size.users:,} users + 300 leaning" in screen
    assert f"<td>{first.size.users:,} + 300</td>" in first_page(leaning)


def test_who_is_in_none_is_told_in_counted_figures() -> None:
    """How many came once is said of those who are not told apart by how often they came; what they bring in is counted, and not
    what rounded shares of all personas leave.
    """
    known = told(persona_set(), value=[0.5, 0.2, 0.11, 0.06])
    seen = known.model_copy(update={"personas": [p for p in known.personas if p.status != "withheld"]})
    unplaced = Unplaced(rare=0, visits=1, leaning=300, once=345, leaning_value=0.13, value=0.15)
    counts = {**seen.counts, "unassigned_users": 400, "leaning_users": 300}
    rows = first_page_of(seen.model_copy(update={"unplaced": unplaced, "counts": counts}), []).not_placed
    assert [(r.users, r.value) for r in rows] == [(300, 0.13), (400, 0.02)]
    assert rows[1].why.endswith("; 345 came once")
    assert rows[0].why.endswith("for now serve them as that one, and look again after their next visit")
    rarer = unplaced.model_copy(update={"rare": 200, "visits": 3, "once": 150})
    rows = first_page_of(seen.model_copy(update={"unplaced": rarer, "counts": counts}), []).not_placed
    rarely = "200 seen too rarely to say (fewer than 3 visits, 150 of them just one)"
    assert rows[1].why == f"{rarely}; 200 seen often enough, and like none of them"


def test_a_page_does_not_begin_with_what_it_trusts_least() -> None:
    """Patterns stand after what is published, in the order of the set; what is withheld stands nowhere."""
    first, second, third, fourth = persona_set().personas
    turned = persona_set(personas=[third, first, fourth, second])
    assert [p.id for p in shown(turned)] == [first.id, second.id, third.id]


@pytest.mark.parametrize(("period", "said"), [(None, "same month"), ("quarter", "same quarter"), ("year", "same year")])
def test_comparable_others_are_said_by_the_period_that_they_share(period: str | None, said: str) -> None:
    """A sparse log is matched by the quarter or the year, and its page says so."""
    assert said in compared_with(persona_set(same_time=period))


def test_soft_borders_of_every_group_are_said_once() -> None:
    """Groups are named where some have soft borders; where all have, one word does."""
    few = next(f for f in flags(persona_set(is_it_just=[])) if f.title == "Soft borders")
    named = [p.label for p in shown(persona_set()) if p.label in few.text]
    assert 0 < len(named) < len(shown(persona_set()))
    soft = [p.model_copy(update={"stability": 0.5}) for p in persona_set().personas]
    every = next(f for f in flags(persona_set(personas=soft, is_it_just=[])) if f.title == "Soft borders")
    assert every.text.startswith("Of every group")


def test_what_the_log_is_said_to_be_is_a_fact_of_the_page() -> None:
    """An editor may say that a log is a part of all rows, if whoever gave it says so."""
    people = shown(persona_set())
    facts = facts_of_page(people, WholeLog(2_480, "A random part of all rows"))
    assert facts[0] == "Whoever gave the log says what it is: “A random part of all rows”"
    assert facts[1:] == facts_of_page(people, WholeLog(2_480))
    top = TopTenth(of="value", users=250, share=0.38, visits=(29, 8), worth=(3.2, 3.1))
    sources = set(facts_of_page(people, WholeLog(2_480, top=top))) - set(facts)
    assert [fact[:45] for fact in sources] == ["A tenth of users (250) bring in 38 % of the v"]


def test_a_number_that_was_asked_for_is_told(small_run: RunResult, small_log: Path, tmp_path: Path) -> None:
    """Beside the number of groups, where more were asked for than have a card; whose group is too small is in the last row."""
    options = Options(inputs=(str(small_log),), **{**SMALL_OPTIONS, "personas": 4, "min_users": 30}).but(
        out=tmp_path / "out"
    )
    found = commands.run(options, Silent()).personas
    small = found.counts["groups"] - len(found.personas)
    assert found.counts["groups"] == 4
    assert small > 0, "every group is large enough"
    front = found.first_page
    assert front is not None
    assert f"4 groups were asked for (--personas): {small} have too few users to be shown" in front.sentences[0]
    assert front.not_placed[-1].why == TOO_SMALL
    edited = found.model_copy(
        update={
            "edited": Edited(
                sentences={1: Sentence(template="They differ.", text="They differ.", claim_ids=[])}, unsupported=[]
            )
        }
    )
    assert "They differ. 4 groups were asked for" in first_page_of(edited, []).sentences[0]
    assert small_run.personas.first_page is not None
    assert "So many were asked for (--personas)." in small_run.personas.first_page.sentences[0]
    assert "asked for" not in first_page_of(persona_set(), []).sentences[0]


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        ((5, 5, 0, 0), "So many were asked for (--personas)."),
        ((7, 7, 1, 0), "7 groups were asked for (--personas): 1 has too few users to be shown."),
        ((7, 6, 2, 1), "7 groups were asked for (--personas), and 6 found: 2 have too few users to be shown and too little holds "
         "about 1 to describe it."),
        ((9, 6, 0, 0), "9 groups were asked for (--personas), and 6 found."),
    ],
)  # fmt: skip
def test_how_many_were_asked_for(counted: tuple[int, int, int, int], said: str) -> None:
    """Asked for, found, too small, not described."""
    assert asked_for(*counted) == said


def test_who_weighs_most_is_not_who_weighs_most_for_so_few() -> None:
    """Of 45 % of the value and of 18 % that 8 % bring, the page tells both, the larger first."""
    one, two = persona_set().personas[:2]

    def sized(persona: Persona, label: str, users: float, value: float) -> Persona:
        size = persona.size.model_copy(update={"share_users": users, "share_value": value})
        return persona.model_copy(update={"label": label, "size": size})

    many, few = sized(one, "Many", 0.29, 0.45), sized(two, "Few", 0.08, 0.18)
    assert follows([many, few]) == (
        "“Many” bring in most: 29 % of users, 45 % of the value; "
        "“Few” bring in most for how few they are: 8 % of users, 18 %."
    )
    few = sized(two, "Few", 0.08, 0.5)
    assert follows([many, few]) == "“Few” bring in most: 8 % of users, 50 % of the value."


def test_from_patterns_alone_nothing_follows() -> None:
    """Where no persona passed the gate the page says so in the place of what follows, whatever an editor wrote there."""
    known = persona_set()
    patterns = [p.model_copy(update={"status": "pattern"}) for p in known.personas if p.status != "withheld"]
    planned = Sentence(template="Plan for them.", text="Plan for them.", claim_ids=[])
    edited = Edited(sentences={2: planned}, unsupported=[])
    alone = known.model_copy(update={"personas": patterns, "edited": edited})
    assert first_page_of(alone, []).sentences[1] == ONLY_PATTERNS
    beside = known.model_copy(update={"edited": edited})
    assert first_page_of(beside, []).sentences[1] == "Plan for them."


def test_a_column_of_what_lines_are_worth_is_there_where_they_are_worth_something() -> None:
    """Where no persona has a share of value the table has no column of dashes, and all else stands where it stood."""
    made = persona_set()
    none, some = (told(made, value=[share] * len(made.personas)) for share in (None, 0.25))
    plain, worth = (personas_markdown(found, lines_of(made)) for found in (none, some))
    assert "of value" not in plain.split("---\n\n*")[0]
    assert "| of value |" in worth
    row, with_value = (
        next(x for x in page.splitlines() if x.startswith(f"| {made.personas[0].label}")) for page in (plain, worth)
    )
    assert with_value.replace("| 25 % ", "", 1) == row
