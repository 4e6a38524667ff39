"""What a verdict's reason may say of few users."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import Counter, Measure, Truthfulness
from persona_agent.words.floors import FEW, of_users, published_truth, rounding, step_of
from persona_agent.words.published_claims import published_counter

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


@given(st.integers(20, 5_000), st.floats(-1, 1), st.floats(0.001, 0.2))
def test_a_change_tells_no_single_users(n: int, value: float, half: float) -> None:
    """A change of a share of users is told in steps of five of them or of a point, its interval in steps of five points that hold
    the exact one: by finer ones the users on either side could be reckoned.
    """
    measure = Measure.model_validate(
        {"unit": "users", "statistic": "trend", "says": {"comparator": "at_least", "value": 0.1}}
    )
    exact = Truthfulness(
        label="true", score=1.0, value=value, n=n, ci=(value - half, value + half), matched=value, reason="it rises"
    )
    told = published_truth(exact, measure)
    step = max(5 / of_users(n), 0.01)
    assert told.value is not None and told.matched == told.value
    assert abs(told.value / step - round(told.value / step)) <= 0.005 / step + 1e-9
    assert told.ci is not None and told.ci[0] <= value - half and value + half <= told.ci[1]
    assert all(round(end * 20, 6) == round(end * 20) for end in told.ci)


@given(st.integers(25, 2_000), st.integers(1, 200), st.integers(0, 500))
def test_lines_of_one_user_do_not_show_in_the_case_against(users: int, each: int, own: int) -> None:
    """Events are told in steps of at least what five users leave, on both sides and in words, so that one user's are within a
    step; users in fives.
    """
    events = Measure(unit="events", statistic="share", says={"comparator": "at_least", "value": 0.1})
    contra, every = users * each // 3 + own, users * each + own
    says = f"{contra:,} of {every:,} events do not"
    counter = Counter(says=says, n_support=every - contra, n_contra=contra, lines=[])
    told = published_counter(counter, events, users)
    step = step_of(every / users)
    assert told is not None and step >= 5 * every / users
    numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", told.says)]
    assert all(n % step == 0 for n in [*numbers, told.n_support or 0, told.n_contra or 0])
    few = Counter(says="12 of 43 users do not", n_support=31, n_contra=12, lines=[])
    in_fives = published_counter(few, SHARE, 43)
    assert in_fives is not None and in_fives.says == "10 of 45 users do not"


@given(st.integers(20, 400), st.data())
def test_a_mean_of_none_or_one_tells_users_in_fives(n: int, data: st.DataObject) -> None:
    """Of who met one thing the mean of how many they met is a share; it is told no finer than five users."""
    did = data.draw(st.integers(0, n))
    measure = Measure.model_validate(
        {"unit": "users", "statistic": "distinct", "says": {"comparator": "about", "value": 1}}
    )
    exact = Truthfulness(label="true", score=1.0, value=did / n, n=n, ci=(0.0, 1.0), reason="it is so")
    told = published_truth(exact, measure).value
    fives = (told or 0.0) * of_users(n) / 5  # by the number of users that is told beside it
    assert told is not None and abs(fives - round(fives)) < 0.005 * n / 5 + 1e-6


@given(
    st.integers(1, 400),
    st.integers(0, 30_000),
    st.integers(0, 30_000),
    st.sampled_from(["users", "sessions", "events"]),
)
def test_a_case_against_is_published_again_as_it_is(users: int, support: int, contra: int, unit: str) -> None:
    """Whatever its step is, its counts and its words stay when they are published once more."""
    measure = SHARE.model_copy(update={"unit": unit})
    says = (
        f"{contra:,} of {support + contra:,} visits do not",
        f"none of {support:,} visits",
        f"others, with {contra:,} visits",
    )
    for words in says:
        once = published_counter(Counter(says=words, n_support=support, n_contra=contra, lines=[]), measure, users)
        if once is None:
            assert users < FEW or support + contra < FEW
            continue
        assert published_counter(once, measure, of_users(users)) == once


@given(
    st.integers(1, 400),
    st.floats(-400, 400, allow_nan=False),
    st.sampled_from(
        [("users", "trend"), ("sessions", "trend"), ("users", "sum"), ("users", "distinct"), ("sessions", "share")]
    ),
)
def test_a_figure_is_published_again_as_it_is(n: int, value: float, kind: tuple[str, str]) -> None:
    """Of so many users or of as many as are told, a figure that is told is told the same."""
    unit, statistic = kind
    value = value if statistic in ("sum", "distinct") else value / 400
    measure = Measure.model_validate(
        {"unit": unit, "statistic": statistic, "says": {"comparator": "about", "value": 0.5}}
    )
    found = value if statistic != "share" else abs(value)
    exact = Truthfulness(
        label="true", score=1.0, value=found, n=n, ci=(found - 0.1, found + 0.1), matched=found, reason="so"
    )
    once = published_truth(exact, measure)
    assert published_truth(once, measure) == once


@given(st.integers(10, 400), st.floats(1, 90))
def test_a_large_mean_moves_by_no_single_user(n: int, mean: float) -> None:
    """Of a mean of more than one thing each, what one user adds who has as much as others seldom shows, and then as what several
    would add.
    """
    measure = Measure.model_validate(
        {"unit": "users", "statistic": "sum", "of": "value", "says": {"comparator": "about", "value": 1}}
    )
    told = rounding(measure, n)
    one, more = told(mean), told(mean * (n + 1) / n)
    assert one is not None and more is not None
    assert more == one or more - one > 1.5 * mean / n


@given(st.integers(0, 4), st.floats(0, 1))
def test_of_fewer_than_five_users_nothing_is_told(n: int, value: float) -> None:
    """A claim that fell for want of users has no figure of theirs."""
    for measure in (SHARE, SHARE.model_copy(update={"unit": "sessions"}), None):
        why = f"only {n} users are behind it, 5 are needed"
        exact = Truthfulness(
            label="not_enough", score=0.0, value=value, n=n, ci=(0, 1), matched=value, raw=value, reason=why
        )
        told = published_truth(exact, measure)
        assert (told.value, told.ci, told.matched, told.raw, told.n) == (None, None, None, None, 0)
        assert told.reason.startswith("fewer than five users") or n == 0


@given(st.integers(20, 400), st.integers(-4, 4), st.sampled_from(["trend", "distinct"]))
def test_reasons_have_the_digits_of_the_figures(n: int, users: int, statistic: str) -> None:
    """Whatever digits a reason has of its figure, it says what is told of it, and leaves the threshold as it was said."""
    asked = {"unit": "users", "statistic": statistic, "says": {"comparator": "at_least", "value": 0.7}}
    value = users / n if statistic == "trend" else (n // 2 + users) / n
    for digits in (2, 3, 4):
        exact = Truthfulness(
            label="false", score=0.0, value=value, n=n, ci=(-1.0, 1.0), reason=f"{value:.{digits}f} is not at least 0.7"
        )
        told = published_truth(exact, Measure.model_validate(asked))
        assert told.value is not None
        found, says, threshold = told.reason.partition(" is not at least ")
        assert (says, threshold) == (" is not at least ", "0.7")
        assert float(found) == told.value


def test_a_round_number_of_a_statement_is_no_figure_of_others() -> None:
    """A threshold that others' figure rounds to stays as it was said; their figure is told in its own digits."""
    exact = Truthfulness(
        label="false", score=0.0, value=0.46, n=80, ci=(0.0, 1.0), matched=0.423, reason="0.46 is not about 0.4"
    )
    assert published_truth(exact, SHARE).reason == "0.46 is not about 0.4"
    assert published_truth(exact.model_copy(update={"reason": "others 0.423"}), SHARE).reason == "others 0.42"


def test_a_share_of_all_is_all() -> None:
    """A weighed share that sums to a hair over one is one."""
    exact = Truthfulness(
        label="true", score=1.0, value=0.5, n=80, ci=(0.0, 1.0), matched=1.0000000000000002, reason="x"
    )
    assert published_truth(exact, SHARE).matched == 1.0
