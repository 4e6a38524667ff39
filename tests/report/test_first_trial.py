"""What to try first: whom code chooses and why, what an editor may choose, and how the page tells it."""

from __future__ import annotations

from typing import Any

import pytest

from persona_agent.evidence import smallest_change
from persona_agent.report import first_screen, personas_markdown, report_html
from persona_agent.report.first_trial import first_trial_of
from persona_agent.report.front import first_page_of
from persona_agent.report.html import first_page
from persona_agent.report.publishing import published
from persona_agent.schema import Chosen, Edited, Firmness, Persona, PersonaSet, Sentence, ToWatch, Try
from persona_agent.words.english.first_trials import WORTH_SEEING, says
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
        "measure": p.claims[1].id, "watched": watched, "smallest": smallest, "tested": 300, "needed": [1_214, 301],
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


def test_code_takes_the_one_whose_trial_would_show_most() -> None:
    """Firm enough first, then the smallest change for today's figure, then the value; a soft one with the smallest of all
    comes last, and one without anything to watch is not there.
    """
    a, b, c = people()
    order = [able(a, 0.02, 0.25), able(b, 0.09, 0.4), able(c, 0.05, 0.4)]
    assert [p.id for p in ranked(order)] == [c.id, b.id, a.id]
    alike = [able(a, None, 0.4, 0.2), able(b, None, 0.4, 0.3)]
    assert [p.id for p in ranked([*alike, c])] == [b.id, a.id]
    assert [p.id for p in ranked([able(a, 0.02, 0.6, act=False), able(b, 0.2, 0.3)])] == [b.id], "it has a suggestion"
    assert ranked([a, b]) == []


def test_code_says_in_what_its_choice_comes_first() -> None:
    """Each reason is one that holds of it and of no other."""
    a, b, c = people()
    first = able(a, 0.05, 0.4, 0.1)
    others = [first, able(b, 0.09, 0.6, 0.3, matched=0.1), able(c, None, 0.5, 0.2)]
    assert reasons(first, others) == (
        "Of the groups that are fair or firm, a test here sees the smallest difference (10 % of today’s figure)."
    )
    second = reasons(others[1], others)
    assert "it is the firmest" in second
    assert "its figure is furthest from that of others" in second
    assert "it brings in most (30 % of the value)" in second
    assert "smallest change" not in second
    assert reasons(first, [first]) == "It is the only one with something to watch."
    assert reasons(able(a, 0.05, 0.25), [able(a, 0.05, 0.25), able(b, 0.09, 0.22)]).startswith("None of those")


@pytest.mark.parametrize(
    ("smallest", "needed", "part", "absent"),
    [
        (0.06, [1_214, 301], "show a change of 6 points or more in a time as long as this log (12 weeks)", "takes"),
        (0.2, [1_214, 301], "takes about 301 users a side, of a tenth 1,214; here are 150 a side.", "too few"),
        (None, [1_214, 301], "of a tenth 1,214; here are 150 a side, too few", "would show"),
        (None, None, "one test over all is better", "users a side"),
    ],
)  # fmt: skip
def test_what_the_members_would_show(smallest: float | None, needed: Any, part: str, absent: str) -> None:
    """The smallest change where it is a fifth of today's figure or less; else how many users a tenth and a fifth take."""
    made = persona_set()
    told = able(made.personas[0], smallest, 0.5).suggestion
    assert told is not None
    said = says(told.model_copy(update={"needed": needed}), made.window)
    assert said.startswith("After 8 pm, 48 % of what they do today. ")
    assert part in said
    assert absent not in said


def test_every_page_has_the_block() -> None:
    """Whom, the act, how, what is watched, what is at stake, the rule and why stand on every page, under the table."""
    a, b, c = people()
    made = set_of(able(a, 0.09, 0.4, 0.2), able(b, 0.05, 0.4, 0.3), c)
    shown = published(made.model_copy(update={"first_page": first_page_of(made, [])}), {})
    parts = (
        f"The one to try first: {b.label}",
        "Open it.",
        "With those who come late: half of them, by chance, get it, and the other half go on as today.",
        "After 8 pm, 48 % of what they do today. The two halves would show a change of 5 points or more",
        "They bring £12,000 of the value in this log, 30 % of it.",
        "by more than chance would give; stop if it does not, or if fewer come.",
        "a test here sees the smallest difference (10 % of today’s figure)",
    )
    lines = lines_of(shown)
    pages = [report_html(shown, lines), personas_markdown(shown, lines), first_screen(shown), first_page(shown)]
    for page in pages:
        text = " ".join(page.replace("\u00a0", " ").replace("\\", "").split())
        for bare in ('<a href="#p2">', "</a>", "<strong>", "</strong>"):
            text = text.replace(bare, "")
        for part in parts:
            assert part in text, part
        assert text.index("of users" if "<" not in page else "users") < text.index(parts[0])


def test_offline_there_is_something_to_watch_and_no_advice() -> None:
    """Nobody suggests an act: the block says what halves would show of what is watched, and no act stands in it."""
    a, b, _ = people()
    told = first_trial_of(set_of(able(a, 0.09, 0.4, act=False), able(b, 0.05, 0.4, act=False)), None)
    assert told is not None
    assert (told.persona, told.text) == (b.id, "")
    assert told.how == "Half of the 610 members, by chance, get what is tried; the other half go on as today."
    assert told.rule.endswith("stop if it does not.")
    assert first_trial_of(set_of(a, b), None) is None
    assert first_trial_of(set_of(able(a, 0.09, 0.4), staff="--staff was given"), None) is None


def test_an_editor_may_choose_another() -> None:
    """The choice and its reason stand with the figures that the set shows; where the persona has nothing to try, or a claim of
    the reason is gone, code's choice does.
    """
    a, b, c = people()
    cards = (able(a, 0.09, 0.4), able(b, 0.05, 0.4), c)
    why = Sentence(template=f"{{{a.id}.c1.value}} of them do.", text="old", claim_ids=[f"{a.id}.c1"])

    def told(persona: str, reason: Sentence = why) -> tuple[str, str]:
        edited = Edited(sentences={}, unsupported=[], first=Chosen(persona=persona, reason=reason))
        first = first_page_of(set_of(*cards, edited=edited.model_dump()), []).first
        assert first is not None
        return first.persona, first.why

    assert told(a.id) == (a.id, "56 % of them do.")
    assert told(b.id, why) == (b.id, "56 % of them do.")
    assert told(c.id)[0] == b.id, "it has no suggestion"
    gone = why.model_copy(update={"claim_ids": ["p9.c9"]})
    assert told(a.id, gone)[0] == b.id
    assert told(a.id, gone)[1].startswith("Of the groups that are fair or firm")


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


def test_what_is_worth_seeing_is_what_a_trial_is_sized_for() -> None:
    """Words cannot ask the engine: the change from which a trial's size is told is the larger of the two that are sized."""
    assert max(smallest_change.WORTH_SEEING) == WORTH_SEEING
