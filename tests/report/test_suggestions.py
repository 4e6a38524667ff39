"""What to try: on the card, in the table of all, and rounded as other figures are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.report import drawn, first_screen, personas_markdown, report_html
from persona_agent.report.publishing import published
from persona_agent.report.terminal import show_persona
from persona_agent.schema import PersonaSet, Unfit
from persona_agent.words.english import attempts
from persona_agent.words.floors import rounded_up
from tests.factories import hostile, lines_of, persona_set, with_suggestion

SHOWN = "a 12-week trial would show a change of 6 points or more."


def pages(personas: PersonaSet) -> list[str]:
    """Page, file, screen and card as text on one line."""
    lines = lines_of(personas)
    told = [report_html(personas, lines), personas_markdown(personas, lines), show_persona(personas.personas[0])]
    return [" ".join(text.replace("\u00a0", " ").replace("\\", "").split()) for text in told]


def test_every_page_says_what_to_try() -> None:
    """The act, with whom, the figure today, the smallest change and when to stop stand on every page."""
    for text in pages(published(with_suggestion(persona_set()), {})):
        for part in (
            "Open the next lesson from the last quiz.",
            "With those who come after eight; stop if fewer quizzes are handed in.",
            "Watch: after 8 pm, 48 % of what they do today; ",
            SHOWN,
        ):
            assert part in text, part
    screen = " ".join(first_screen(published(with_suggestion(persona_set()), {})).split())
    assert "one thing to try: Open the next lesson from the last quiz" in screen
    assert "from the last quiz (smallest change a trial shows: 12 %)" in screen


def test_what_is_watched_is_said_in_words_that_are_read_to_their_end() -> None:
    """A measure of twenty words is told; one of more is named by its claim, which says it whole."""
    told = with_suggestion(persona_set()).personas[0].suggestion
    assert told is not None
    assert told.watched is not None
    for words, says in ((20, True), (21, False)):
        label = " ".join(["word"] * words)
        longer = told.model_copy(update={"watched": told.watched.model_copy(update={"label": label})})
        watched = next(text for text in attempts.sentences_of_try(longer) if "; watch " in text)
        assert (label in watched) == says
        assert (f"the figure of {told.watched.claim} (48 %" in watched) != says


def test_a_set_without_suggestions_says_what_to_watch() -> None:
    """The table's last column is what to watch where nobody suggests anything, and no card has an empty title."""
    for text in pages(persona_set())[:2]:
        assert "to watch" in text
        assert attempts.TITLE not in text
        assert "one thing to try" not in text


def test_figures_are_as_they_may_be_forwarded() -> None:
    """Shares in whole per cent, the smallest change rounded up, members in fives, value in two digits."""
    told = published(with_suggestion(persona_set()), {}).personas[0].suggestion
    assert told is not None
    assert (told.smallest, told.tested, told.brings) == (0.06, 1_005, 12_000)
    assert published(published(with_suggestion(persona_set()), {}), {}).personas[0].suggestion == told, "once and again"


def test_a_suggestion_goes_with_its_claim() -> None:
    """Where a claim that it names is gone, nothing is suggested."""
    made = with_suggestion(persona_set())
    first = made.personas[0]
    without = made.model_copy(update={"personas": [first.model_copy(update={"claims": first.claims[1:]})]})
    assert published(without, {}).personas[0].suggestion is None


def test_where_no_halves_can_tell_the_card_says_so() -> None:
    """Without a change that a test of halves would see, the card says what is better."""
    made = with_suggestion(persona_set())
    first = made.personas[0]
    assert first.suggestion
    blind = first.model_copy(update={"suggestion": first.suggestion.model_copy(update={"smallest": None})})
    for text in pages(made.model_copy(update={"personas": [blind]})):
        assert "48 % of what they do today; these users are too few for a trial of their own." in text
        assert "shows changes of" not in text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "[x](javascript:1) | `y`"])
def test_words_of_a_suggestion_start_no_markup(text: str) -> None:
    """Whatever a suggestion says, it is text on every page."""
    made = hostile(with_suggestion(persona_set()), text)
    page = report_html(made, lines_of(made))
    assert "<script>alert" not in page
    said = [
        line for line in personas_markdown(made, lines_of(made)).split("\n") if line.startswith(f"**{attempts.TITLE}")
    ]
    assert said
    assert not any("[x](javascript" in line for line in said)


@given(st.floats(1e-6, 1e9))
def test_rounding_up_is_never_less(value: float) -> None:
    """Two significant digits, not below the value and at most a tenth above."""
    assert value * (1 - 1e-6) <= rounded_up(value) <= 1.1 * value + 1e-9
    assert float(f"{rounded_up(value):.2g}") == rounded_up(value)


def test_a_few_who_do_otherwise_are_no_line_and_no_picture_doubles_a_bar() -> None:
    """One in ten who do not fit is said nowhere, one in four is; a strip stands in text only where no bar tells hours."""
    personas = persona_set()
    first = personas.personas[0]
    assert first.card is not None
    claim = first.card.bars[0].claim

    def told(share: float) -> str:
        odd = Unfit(claim=claim, share=share, n=200, says="come at noon no more often than others do")
        card = first.card.model_copy(update={"unfit": odd}) if first.card else None
        return personas_markdown(
            personas.model_copy(update={"personas": [first.model_copy(update={"card": card})]}), {}
        )

    assert "come at noon no more often" not in told(0.1)
    assert "A quarter of them come at noon no more often than others do." in told(0.25)
    timed = [c for c in first.claims if c.measure and any(d.field in ("hour", "weekday") for d in c.measure.conditions)]
    assert timed
    assert first.card.bars[0].claim in {c.id for c in timed}
    assert drawn.has_hours(first)
    bare = first.card.model_copy(update={"bars": []})
    assert not drawn.has_hours(first.model_copy(update={"card": bare}))
