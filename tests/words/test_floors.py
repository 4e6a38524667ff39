"""What a verdict's reason may say of few users."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import Measure, Truthfulness
from persona_agent.words.floors import published_truth

SHARE = Measure(unit="users", statistic="share", says={"comparator": "at_least", "value": 0.1})


def reason(value: float, n: int, text: str) -> str:
    truth = Truthfulness(label="true", score=1.0, value=value, n=n, ci=(0.0, 1.0), reason=text)
    return published_truth(truth, SHARE).reason


@given(st.integers(0, 4), st.integers(20, 400))
def test_a_share_of_few_users_is_in_no_reason(few: int, n: int) -> None:
    """Nobody can reckon from the words how many of fewer than five they were, on either side."""
    for users in (few, n - few):
        said = reason(users / n, n, f"{users / n:.4f} is about 0.07")
        assert said.split()[0] in ("under", "over")
        assert f"{users / n:.4f}" not in said


def test_shares_have_two_digits_in_words_as_in_figures() -> None:
    """Three digits would give the number of users away that the figure beside them rounds."""
    said = reason(0.476, 42, "more than others by 0.547 (95 %: 0.483 to 0.61)")
    assert said == "more than others by 0.55 (95 %: 0.48 to 0.61)"
