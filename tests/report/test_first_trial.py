"""What to try first: whom code chooses and why, what an editor may choose, and how the page tells it."""

from __future__ import annotations

from typing import Any

import pytest

from persona_agent.report import first_screen, personas_markdown, report_html
from persona_agent.report.first_trial import first_trial_of
from persona_agent.report.front import first_page_of
from persona_agent.report.html import first_page
from persona_agent.report.markdown import card_markdown
from persona_agent.report.publishing import published
from persona_agent.report.terminal import show_persona
from persona_agent.schema import Chosen, Edited, Firmness, Given, Measure, Persona, PersonaSet, Sentence, ToWatch, Try
from persona_agent.words.english.attempts import ON_FIRST_PAGE, in_short
from persona_agent.words.english.first_trials import rows, says, trial_title
from persona_agent.words.english.trial_sizes import NONE, part_seen, worth_a_trial
from persona_agent.write.choosing import ranked, reasons
from tests.factories import lines_of, persona_set

TODAY = 0.48  # of the factory's first bar


def firm(word: str, kappa: float) -> Firmness:
    return Firmness.model_validate({
        "word": word, "same": 0.6, "chance": 0.2, "kappa": kappa, "low": 0.3, "random": 0.6, "null": 0.1, "refits": 0.8,
        "tested": 100, "members": 100,
    })  # fmt: skip


def able(
    p: Persona,
    smallest: float | None,
    kappa: float,
    value: float | None = None,
    *,
    act: bool = True,
    matched: float = 0.3,
) -> Persona:
    """The persona with something to try, or to watch alone."""
    assert p.card is not None
    bar = p.card.bars[0]
    assert bar.truth is not None
    watched = bar.model_copy(update={"truth": bar.truth.model_copy(update={"matched": matched})})
    figures: dict[str, Any] = {
        "measure": p.claims[1].id, "watched": watched, "smallest": smallest, "tested": 300, "needed": [1_214, 301], "days": 84,
        "brings": 12_345.6, "currency": "GBP",
    }  # fmt: skip
    told = Try(text="Open it", whom="those who come late", stop="if fewer come", claim_ids=[], **figures)
    size = p.size.model_copy(update={"share_value": value})
    changes = {"suggestion": told} if act else {"trial": ToWatch(**figures)}
    word = "firm" if kappa >= 0.55 else "fair" if kappa >= 0.35 else "soft"
    return p.model_copy(update={"firmness": firm(word, kappa), "size": size, **changes})


def people() -> list[Persona]:
    """Three that could be shown as published."""
    return [p.model_copy(update={"status": "published"}) for p in persona_set().personas[:3]]


def set_of(*shown: Persona, **changes: Any) -> PersonaSet:
    return persona_set(personas=list(shown), **changes)


def test_code_takes_the_one_that_is_worth_most() -> None:
    """Firm enough first, then what it brings in, then the smallest change for today's figure; a soft one with the smallest of
    all comes last, and one without anything to watch is not there.
    """
    a, b, c = people()
    order = [able(a, 0.02, 0.25, 0.9), able(b, 0.09, 0.4, 0.3), able(c, 0.05, 0.4, 0.2)]
    assert [p.id for p in ranked(order)] == [b.id, c.id, a.id]
    alike = [able(a, 0.09, 0.4, 0.2), able(b, 0.05, 0.4, 0.2)]
    assert [p.id for p in ranked([*alike, c])] == [b.id, a.id]
    assert [p.id for p in ranked([able(a, 0.02, 0.6, act=False), able(b, 0.2, 0.3)])] == [b.id], "it has a suggestion"
    assert ranked([a, b]) == []


def test_a_trial_that_is_judged_by_value_comes_first() -> None:
    """Of trials that would show something, the one judged by what visits are worth is taken, and the reason says so; one that
    would show nothing is not.
    """
    first, second, third = people()
    a, b, c = able(first, 0.05, 0.4), able(second, 0.09, 0.4), able(third, 0.4, 0.4)
    worth = Measure.model_validate(
        {
            "unit": "sessions",
            "statistic": "median",
            "of": "total value",
            "versus": "matched",
            "says": {"comparator": "more_than_others"},
        }
    )

    def paying(p: Persona) -> Persona:
        assert p.suggestion is not None
        assert p.suggestion.watched is not None
        watched = p.suggestion.watched.model_copy(update={"measure": worth})
        return p.model_copy(update={"suggestion": p.suggestion.model_copy(update={"watched": watched})})

    assert ranked([a, b, c])[0].id == a.id
    assert ranked([a, paying(b), c])[0].id == b.id
    assert reasons(paying(b), [a, paying(b), c]) == "It is the only one whose trial is judged by money."
    both = able(first, 0.05, 0.4, 0.9), able(second, 0.09, 0.4, 0.1), able(third, 0.04, 0.4, 0.3)
    assert "and its trial is judged by money" in reasons(paying(both[0]), [*map(paying, both[:2]), both[2]])
    assert ranked([a, b, paying(c)])[0].id == a.id


def test_code_says_in_what_its_choice_comes_first() -> None:
    """Each reason is one that holds of it and of no other; whom it was chosen from is said where these are not all."""
    a, b, c = people()
    first = able(a, 0.05, 0.4, 0.1)
    others = [first, able(b, 0.09, 0.6, 0.3, matched=0.1), able(c, None, 0.5, 0.2)]
    assert reasons(first, others) == "Its trial shows the smallest change."
    assert reasons(others[1], others) == (
        "It brings in most, it is the firmest and its figure is furthest from that of others."
    )
    soft = able(c, 0.05, 0.25, 0.5)
    assert reasons(first, [*others[:2], soft]) == "Of those that are fair or firm, its trial shows the smallest change."
    assert reasons(first, [first]) == "It is the only one with something to watch."
    loose = reasons(able(a, 0.05, 0.25), [able(a, 0.05, 0.25), able(b, 0.09, 0.22)])
    assert (
        loose == "None is sure enough to plan with; of all, it has most users and its trial shows the smallest change."
    )


@pytest.mark.parametrize(
    ("smallest", "needed", "part", "absent"),
    [
        (0.06, [1_214, 301], "each side: enough to see a change of 6 points or more (12 %), not one of a tenth.", "Try"),
        (0.06, None, "(12 %), not one of a tenth.", "Try"),
        (0.045, [1_214, 301], "150 to each side: enough to see a change of 4 points or more (9 %).", "few"),
        (0.15, [1_214, 301], "of 15 points or more (31 %), not one of a tenth.", "Try"),
        (0.2, [1_214, 301], "too few to see any but a large change, of 20 points or more (42 %). Try it with all", "enough"),
        (0.2, None, "(42 %). Try it with all users who do this", "enough"),
        (None, None, "These users are too few for a trial of their own. Try it with all users who do this", "enough"),
    ],
)  # fmt: skip
def test_what_the_members_would_show(smallest: float | None, needed: Any, part: str, absent: str) -> None:
    """The smallest change that twelve weeks would show, and that a tenth would not where it would not; above a third of the
    figure no trial is proposed with these alone, and what to do instead is said.
    """
    told = able(persona_set().personas[0], smallest, 0.5).suggestion
    assert told is not None
    said = says(told.model_copy(update={"needed": needed}))
    assert said.startswith("After 8 pm: 48 % of what they do today. ")
    assert ("12 weeks bring about 150 to each side" in said) == (smallest is not None)
    assert part in said
    assert absent not in said


def test_a_figure_that_grows_with_the_time_is_told_for_the_time() -> None:
    """Who ever did a thing in a year are not as many in twelve weeks: what would show is held against these."""
    told = able(persona_set().personas[0], 0.06, 0.5).suggestion
    assert told is not None
    said = says(told.model_copy(update={"figure": 0.2}))
    assert "6 points or more (30 %), not one of a tenth. In such a time the figure is 20 % of what they do." in said
    assert part_seen(told.model_copy(update={"figure": 0.12})) == pytest.approx(0.5)


@pytest.mark.parametrize("act", [True, False])
def test_halves_are_proposed_only_where_they_would_show_something(act: bool) -> None:
    """Where the members are too few for a trial nothing is said of halves of them, neither how nor when to go on: what to do
    instead is all that the block says of it.
    """
    for smallest, halves in ((0.06, True), (None, False), (0.2, False)):
        one = able(people()[0], smallest, 0.5, act=act)
        front = first_trial_of(set_of(one), None)
        assert front is not None
        said = " ".join(text for _, text in rows(front))
        assert ("at random" in said.lower(), "otherwise go on" in said) == (halves, halves)
        assert ("Try it with all users who do this" in said) == (not halves)
        assert ("to watch first" in trial_title(front)) == (not halves and not act)


def test_the_table_says_what_a_trial_would_show() -> None:
    """Beside what to try stands from which change on a trial would show it, or that the group is too small for one."""
    for smallest, beside in ((0.06, "12 %"), (0.2, NONE), (None, NONE)):
        told = able(persona_set().personas[0], smallest, 0.5).suggestion
        assert told is not None
        assert in_short(told)[1] == beside


def test_a_share_that_is_nearly_all_has_no_room() -> None:
    """A change of a seventh would show, and 90 % cannot rise by so much: no such trial comes first, and why is said."""
    a, b, _ = people()
    full, other = able(a, 0.14, 0.4), able(b, 0.12, 0.4)
    told = full.suggestion
    assert told is not None and told.watched is not None and told.watched.truth is not None
    truth = told.watched.truth.model_copy(update={"value": 0.9})
    full = full.model_copy(
        update={"suggestion": told.model_copy(update={"watched": told.watched.model_copy(update={"truth": truth})})}
    )
    assert full.suggestion is not None
    assert "too few to see a rise: that takes 14 points, and a share of 90 % has too little room for it." in says(
        full.suggestion
    )
    near = told.model_copy(
        update={"watched": told.watched.model_copy(update={"truth": truth.model_copy(update={"value": 0.8})})}
    )
    rooms = [worth_a_trial(near.model_copy(update={"smallest": change})) for change in (0.09, 0.11)]
    assert rooms == [True, False], "half of the rest of it and no more"
    assert [p.id for p in ranked([full, other])] == [b.id, a.id]
    assert "smallest change" in reasons(other, [full, other])


def test_a_trial_that_shows_nothing_is_no_reason() -> None:
    """The smallest of changes that are all too large speaks for nobody."""
    a, b, _ = people()
    both = [able(a, 0.2, 0.4, 0.1), able(b, 0.3, 0.4, 0.3)]
    assert [p.id for p in ranked(both)] == [b.id, a.id]
    assert not any("smallest" in reasons(p, both) for p in both)


def test_the_largest_of_those_whose_trial_would_show_anything_is_said_to_be_so() -> None:
    """Another brings in more, and a trial with it would show nothing."""
    a, b, c = people()
    three = [able(a, 0.3, 0.4, 0.5), able(b, 0.09, 0.4, 0.3), able(c, 0.1, 0.4, 0.2)]
    assert [p.id for p in ranked(three)] == [b.id, c.id, a.id]
    assert reasons(three[1], three).startswith("It brings in most of those whose trial would show anything")


def test_the_only_one_that_is_firm_enough_is_said_to_be() -> None:
    """Above nobody nothing is the highest: beside soft ones no more is said than that it is the only one."""
    a, b, c = people()
    told = [able(a, 0.05, 0.4, 0.1), able(b, 0.04, 0.25, 0.5), able(c, 0.03, 0.25, 0.4)]
    said = reasons(told[0], told)
    assert "the only one" in said
    assert not any(word in said for word in ("firmest", "furthest", "most", "smallest"))


def test_after_an_outcome_nothing_is_tried_first() -> None:
    """Who stopped is not there to get anything, and what came after a date is not what a trial moves."""
    a, b, _ = people()
    shown = set_of(able(a, 0.05, 0.4), able(b, 0.09, 0.4))
    assert first_trial_of(shown, None) is not None
    after = shown.model_copy(update={"given": Given(by="whether they stayed", day="2024-03-31")})
    assert first_trial_of(after, None) is None


def test_every_page_has_the_block() -> None:
    """Whom, the act, how, what is watched, what is at stake, the rule and why stand on every page, under the table."""
    a, b, c = people()
    made = set_of(able(a, 0.09, 0.4, 0.2), able(b, 0.05, 0.4, 0.3), c)
    shown = published(made.model_copy(update={"first_page": first_page_of(made, [])}), {})
    parts = (
        f"The one to try first: {b.label}",
        "Open it. With those who come late: half of them, drawn at random, get it.",
        "After 8 pm: 48 % of what they do today. 12 weeks bring about 150 to each side: ",
        "enough to see a change of 5 points or more (10 %).",
        "If the two halves differ by no more than chance, or if fewer come; otherwise go on.",
        "its trial shows the smallest change",
    )
    lines = lines_of(shown)
    pages = [report_html(shown, lines), personas_markdown(shown, lines), first_screen(shown), first_page(shown)]
    for page in pages:
        text = " ".join(page.replace("\u00a0", " ").replace("\\", "").split())
        for bare in ('<a href="#p2">', "</a>", "<strong>", "</strong>"):
            text = text.replace(bare, "")
        for part in parts:
            assert part in text, part
        assert "£12,000" not in text, "the trial is with some of them, and nobody counted what these bring in"
        assert text.index("users") < text.index(parts[0])


def test_the_card_of_the_first_trial_leaves_the_rest_to_the_page() -> None:
    """With whom, what to watch and when to stop is told once: on the first page; a card that is forwarded has all of it."""
    a, b, _ = people()
    made = set_of(able(a, 0.09, 0.4, 0.2), able(b, 0.05, 0.4, 0.3))
    shown = published(made.model_copy(update={"first_page": first_page_of(made, [])}), {})
    for card in (
        personas_markdown(shown, {}).split(f"## {b.label} ")[1].split("\n---\n")[0],
        report_html(shown, {}).split('<article id="p2"')[1].split("Copy this card")[0],
    ):
        assert ON_FIRST_PAGE in card
        assert "stop if fewer come" not in card
    assert "stop if fewer come" in card_markdown(shown, shown.personas[1])
    assert "stop if fewer come" in show_persona(shown.personas[1])


def test_offline_there_is_something_to_watch_and_no_advice() -> None:
    """Nobody suggests an act: the block says what halves would show of what is watched, and no act stands in it."""
    a, b, _ = people()
    told = first_trial_of(set_of(able(a, 0.09, 0.4, 0.2, act=False), able(b, 0.05, 0.4, 0.2, act=False)), None)
    assert told is not None
    assert (told.persona, told.text) == (b.id, "")
    assert told.how == "Try it with half of the 610 members, drawn at random."
    assert told.rule == "If the two halves differ by no more than chance; otherwise go on."
    assert told.prize == "Its members bring in £12,300, 20 % of the value."
    assert first_trial_of(set_of(a, b), None) is None
    assert first_trial_of(set_of(able(a, 0.09, 0.4), staff="--staff was given"), None) is None


def test_an_editor_may_choose_another() -> None:
    """The choice and its reason stand with the figures that the set shows; where the persona has nothing to try, or a claim of
    the reason is gone, code's choice does.
    """
    a, b, c = people()
    cards = (able(a, 0.09, 0.4, 0.2), able(b, 0.05, 0.4, 0.2), c)
    why = Sentence(template=f"{{{a.id}.c1.value}} of them do.", text="old", claim_ids=[f"{a.id}.c1"])

    def told(persona: str, reason: Sentence = why) -> tuple[str, str]:
        edited = Edited(sentences={}, unsupported=[], first=Chosen(persona=persona, reason=reason))
        first = first_page_of(set_of(*cards, edited=edited.model_dump()), []).first
        assert first is not None
        return first.persona, first.why

    assert told(a.id) == (a.id, "56 % of them do.")
    assert told(b.id, why) == (b.id, "56 % of them do.")
    assert told(c.id)[0] == b.id, "it has no suggestion"
    cards = (able(a, 0.3, 0.4, 0.2), able(b, 0.05, 0.4, 0.2), c)
    assert told(a.id)[0] == b.id, "a trial with it would show nothing"
    cards = (able(a, 0.3, 0.4, 0.2), able(b, 0.25, 0.4, 0.2), c)
    assert told(a.id)[0] == a.id, "nor would one with any other"
    cards = (able(a, 0.09, 0.4, 0.2), able(b, 0.05, 0.4, 0.2), c)
    gone = why.model_copy(update={"claim_ids": ["p9.c9"]})
    assert told(a.id, gone)[0] == b.id
    assert told(a.id, gone)[1] == "Its trial shows the smallest change."


def test_a_name_that_changes_changes_in_the_reason() -> None:
    """A person, or a run before, gives another name: all texts of an editor say it."""
    said = Sentence(template="Old ones first.", text="Old ones first.", claim_ids=[])
    made = Edited(sentences={1: said}, unsupported=["Whether Old ones stay."], first=Chosen(persona="p1", reason=said))
    now = made.worded(lambda text: text.replace("Old", "New"))
    assert now.first is not None
    assert (now.first.reason.text, now.sentences[1].template, now.unsupported) == (
        "New ones first.", "New ones first.", ["Whether New ones stay."],
    )  # fmt: skip


def test_users_that_a_change_takes_are_rounded_up() -> None:
    """Two digits, never fewer than it takes; of a figure that is told as a bound there are none."""
    p = published(set_of(able(people()[0], None, 0.4)), {}).personas[0]
    assert p.suggestion is not None
    assert p.suggestion.needed == [1_300, 310]
    watch = published(set_of(able(people()[0], 0.051, 0.4, act=False)), {}).personas[0].trial
    assert watch is not None
    assert (watch.smallest, watch.needed, watch.brings) == (0.06, [1_300, 310], 12_000)
