"""Users to groups: found where they are, and not where they are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from persona_agent.groups import Grouping, Sessions, by_intents, find_groups
from persona_agent.groups.membership import cohesion
from persona_agent.groups.prediction import agreement, crowd, explained, weigh
from persona_agent.groups.profiles import Bases, HalfProfiles, Profiler

USERS, PER_USER = 120, 10
PARTS = ("intents", "verbs", "logs", "seen")


def sessions(mixes: np.ndarray, amounts: np.ndarray | None = None, seed: int = 0) -> tuple[Sessions, np.ndarray]:
    """PER_USER sessions of 5 actions for each user, each on one intent drawn from the user's mix; months of 5 sessions.
    With `amounts`, one number a session around the user's own.
    """
    rng = np.random.default_rng(seed)
    n, k = mixes.shape
    user = np.repeat(np.arange(n), PER_USER)
    intent = np.array([rng.choice(k, p=mixes[u]) for u in user])
    counts = np.zeros((len(user), k))
    counts[np.arange(len(user)), intent] = 5
    logs = np.zeros((len(user), 0)) if amounts is None else (amounts[user] + rng.normal(0, 0.3, len(user)))[:, None]
    memories = np.zeros((n, k))
    np.add.at(memories, (user, intent), 1)
    stratum = np.tile(np.arange(PER_USER) // 5, n)
    return Sessions(user, stratum, counts, np.ones((len(user), 1)), logs, np.ones_like(logs)), memories


def held_in(n: int) -> np.ndarray:
    """Who is fitted on: 70 % of users, at random."""
    return np.random.default_rng(5).permutation(n) < 0.7 * n


def changed(made: Sessions, memories: np.ndarray, who: np.ndarray) -> tuple[Sessions, np.ndarray]:
    """Other sessions for the users of `who`: fewer, of any month and with any contents; other memories."""
    rng = np.random.default_rng(9)
    first = np.append(True, made.user[1:] != made.user[:-1])
    keep = ~who[made.user] | first | (rng.random(len(made.user)) < 0.6)
    made = Sessions(*(getattr(made, name)[keep] for name in ("user", "stratum", *PARTS)))
    theirs = who[made.user]
    parts = {name: getattr(made, name).copy() for name in PARTS}
    for part in parts.values():
        part[theirs] = rng.integers(0, 30, part[theirs].shape)
    stratum = np.where(theirs, rng.integers(0, 9, len(theirs)), made.stratum)
    memories = np.where(who[:, None], rng.integers(0, 12, memories.shape), memories)
    return replace(made, stratum=stratum, **parts), memories


def find(mixes: np.ndarray, amounts: np.ndarray | None = None, **fields: np.ndarray) -> Grouping:
    made, memories = sessions(mixes, amounts)
    return find_groups(made, memories, fields, seed=0)


def test_planted_groups_are_found() -> None:
    """Without it, three kinds of users could come out as one, or as six."""
    planted = np.arange(USERS) % 3
    grouping = find(np.full((3, 4), 0.05)[planted] + 0.8 * np.eye(3, 4)[planted])
    assert (grouping.state, grouping.chosen) == ("groups", 3)
    assert adjusted_rand_score(planted, grouping.label) > 0.9
    assert (grouping.stability >= 0.75).all()


def test_groups_of_a_number_are_found() -> None:
    """Without it, people who buy by the dozen would be invisible where all buy the same things."""
    planted = np.arange(USERS) % 2
    grouping = find(np.full((USERS, 4), 0.25), np.log(np.where(planted == 1, 12.0, 2.0)))
    assert grouping.state == "groups"
    assert adjusted_rand_score(planted, grouping.label) > 0.9
    assert grouping.blocks == (2,)


@pytest.mark.parametrize("seed", range(5))
def test_a_null_log_has_no_groups(seed: int) -> None:
    """Without it, chance would be called a persona."""
    made, memories = sessions(np.full((USERS, 4), 0.25), seed=seed)
    assert find_groups(made, memories, {}, seed).state == "none"


def test_a_crowd_has_no_groups() -> None:
    """Without it, users with an own mix each would be forced into boxes."""
    mixes = np.random.default_rng(3).dirichlet(np.ones(6), USERS)
    assert find(mixes).state == "none"


def test_a_sample_of_users_carries_the_test_of_large_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, a log of many users could not be grouped: rare actions stand in the log but not in the sample."""
    monkeypatch.setattr("persona_agent.groups.find.MAX_TESTED_USERS", 90)
    planted = np.arange(USERS) % 3
    made, memories = sessions(np.full((3, 4), 0.05)[planted] + 0.8 * np.eye(3, 4)[planted])
    verbs = np.hstack([made.verbs, np.zeros((len(made.user), 6))])
    verbs[made.user < 8, 1:] = np.eye(6)[np.arange(80) % 6] * 2
    found = find_groups(replace(made, verbs=verbs), memories, {}, 0)
    assert (found.state, found.chosen, len(found.label)) == ("groups", 3, USERS)


def test_too_few_users_that_came_back() -> None:
    """Without it, a log of single visits would be tested on nothing."""
    made, memories = sessions(np.full((40, 4), 0.25))
    grouping = find_groups(made, memories, {}, 0)
    assert grouping.state == "none"
    assert "too few" in grouping.reason


def test_held_out_users_are_assigned_to_their_groups() -> None:
    """Without it, the users on whom claims are tried again would stand in groups that are not theirs."""
    planted, fit = np.arange(300) % 5, held_in(300)
    made, memories = sessions((np.full((5, 6), 0.04) + 0.76 * np.eye(5, 6))[planted])
    found = find_groups(made, memories, {}, 0, fit=fit)
    assert (found.state, found.chosen, len(found.label)) == ("groups", 5, 300)
    assert adjusted_rand_score(planted[~fit], found.label[~fit]) >= 0.85
    assert adjusted_rand_score(planted, found.label) >= 0.85


def test_held_out_users_are_assigned_by_a_number() -> None:
    """Without it, groups that rest on no intents would hold nobody, or anybody, of the held-out users."""
    planted, fit = np.arange(300) % 2, held_in(300)
    made, memories = sessions(np.full((300, 4), 0.25), np.log(np.where(planted == 1, 12.0, 2.0)))
    found = find_groups(made, memories, {}, 0, fit=fit)
    assert found.state == "groups"
    assert adjusted_rand_score(planted[~fit], found.label[~fit]) >= 0.85


@pytest.mark.parametrize("numeric", [False, True])
def test_nothing_of_held_out_users_leaks_into_the_groups(numeric: bool) -> None:
    """Without it, claims would be tried again on users who had a say in them, and replication would prove nothing."""
    planted, fit = np.arange(USERS) % 3, held_in(USERS)
    mixes = np.full((USERS, 4), 0.25) if numeric else (np.full((3, 4), 0.05) + 0.8 * np.eye(3, 4))[planted]
    made, memories = sessions(mixes, np.log(np.array([2.0, 8.0, 40.0]))[planted])
    rare = (made.user == np.flatnonzero(fit)[0]) & (np.arange(len(made.user)) % 2 == 0)
    made = replace(made, verbs=np.column_stack([made.verbs, rare]))  # rare among those fitted on, frequent in `other`
    other, others = changed(made, memories, ~fit)
    course = np.where(fit, planted, 0)
    one = find_groups(made, memories, {"course": course}, 0, fit=fit)
    two = find_groups(other, others, {"course": np.where(fit, course, -1)}, 0, fit=fit)
    assert (one.state, 0 in one.blocks) == ("groups", not numeric)  # by number alone, centroids decide; else a mixture
    assert (one.state, one.chosen, one.blocks) == (two.state, two.chosen, two.blocks)
    assert (one.linear, one.null_p95) == (two.linear, two.null_p95)
    assert [(o.k, o.s, o.t) for o in one.options] == [(o.k, o.s, o.t) for o in two.options]
    for a, b in zip(one.options, two.options, strict=True):
        assert (a.label[fit] == b.label[fit]).all()
    assert (one.stability == two.stability).all()
    assert (one.label[fit] == two.label[fit]).all()
    assert (one.certainty[fit] == two.certainty[fit]).all()
    assert (one.profile[fit] == two.profile[fit]).all()
    assert (one.label[~fit] != two.label[~fit]).any()


def test_groups_are_those_of_a_log_without_the_held_out_users() -> None:
    """Without it, how many users are held out, or where they stand among the others, could shape the groups."""
    planted, fit = np.arange(USERS) % 3, held_in(USERS)
    made, memories = sessions((np.full((3, 4), 0.05) + 0.8 * np.eye(3, 4))[planted])
    part = find_groups(made, memories, {}, 0, fit=fit)
    alone = find_groups(made.of_users(np.flatnonzero(fit)), memories[fit], {}, 0)
    assert (part.state, part.chosen, part.linear) == (alone.state, alone.chosen, alone.linear)
    assert (part.label[fit] == alone.label).all()
    assert (part.stability == alone.stability).all()
    assert part.certainty[fit] == pytest.approx(alone.certainty, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_null_log_has_no_groups_on_part_of_its_users(seed: int) -> None:
    """Without it, chance would be called a persona once fewer users are fitted on."""
    made, memories = sessions(np.full((USERS, 4), 0.25), seed=seed)
    found = find_groups(made, memories, {}, seed, fit=held_in(USERS))
    assert (found.state, found.label.tolist()) == ("none", [-1] * USERS)


def test_only_users_that_are_fitted_on_count_for_the_test() -> None:
    """Without it, groups would be found in a handful of users because many others were held out."""
    planted, fit = np.arange(USERS) % 3, np.arange(USERS) < 30
    made, memories = sessions((np.full((3, 4), 0.05) + 0.8 * np.eye(3, 4))[planted])
    assert "too few" in find_groups(made, memories, {}, 0, fit=fit).reason


def test_held_out_users_are_centred_on_sessions_of_their_months() -> None:
    """Without it, a held-out user who came in another season would look like another kind of user."""
    made, _ = sessions(np.full((60, 2), 0.5))
    seasonal = replace(made, intents=5 * np.eye(2)[made.stratum])
    profiler = Profiler(seasonal, 0)
    ruler = HalfProfiles(profiler).ruler(seasonal.frequent())
    first = seasonal.stratum == 0
    late = Sessions(*(getattr(seasonal, name)[~first] for name in ("user", "stratum", *PARTS)))
    intents = Bases.of(seasonal).raw(late, late.contents)[:, :2]
    assert np.ptp(intents[0]) > 0.3  # raw profiles are of the season
    assert np.abs(ruler.profiles(late)[:, :2]).max() < 1e-6
    unknown = ruler.profiles(replace(late, stratum=late.stratum + 7))[:, :2]
    assert np.abs(unknown).min() > 0.1  # nobody knows that season: held against everybody's sessions


def test_groups_that_are_one_field_are_said_to_be() -> None:
    """Without it, class lists would be sold as people."""
    planted = np.arange(USERS) % 3
    grouping = find(np.full((3, 4), 0.05)[planted] + 0.8 * np.eye(3, 4)[planted], course=planted)
    assert grouping.just["course"] > 0.5


def test_wanted_number_overrides_the_choice_not_the_state() -> None:
    """Without it, --personas 4 would be ignored, or would make groups out of nothing."""
    planted = np.arange(USERS) % 3
    made, memories = sessions(np.full((3, 4), 0.05)[planted] + 0.8 * np.eye(3, 4)[planted])
    assert find_groups(made, memories, {}, 0, wanted=4).chosen == 4
    made, memories = sessions(np.full((USERS, 4), 0.25))
    assert find_groups(made, memories, {}, 0, wanted=4).state == "none"


def test_null_logs_keep_sessions_whole_and_months_apart() -> None:
    """Without it, the null would destroy more than the link of session and user, and groups would be found in noise."""
    made, _ = sessions(np.random.default_rng(1).dirichlet(np.ones(4), USERS))
    profiler = Profiler(made, 0)
    null = profiler.exchanged()
    for month in np.unique(made.stratum):
        here = made.stratum == month
        assert sorted(map(tuple, null[here])) == sorted(map(tuple, profiler.contents[here]))
    assert (null != profiler.contents).any()


def test_halves_split_every_user() -> None:
    """Without it, the test would compare whole users with nothing."""
    made, _ = sessions(np.full((30, 4), 0.25))
    half = Profiler(made, 0).halves()
    assert (np.bincount(made.user[half], minlength=30) == PER_USER // 2).all()


def test_a_crowd_keeps_the_covariances() -> None:
    """Without it, differences of degree would not be what groups are held against."""
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(4000, 2)) @ np.array([[2.0, 1.0], [0.0, 1.0]])
    a, b = (latent + rng.normal(size=(4000, 2)) for _ in range(2))
    x, y = crowd([(a, b)], rng)[0]
    assert np.cov(x, rowvar=False) == pytest.approx(np.cov(a, rowvar=False), rel=0.15, abs=0.15)
    assert x.T @ y / 4000 == pytest.approx(a.T @ b / 4000, rel=0.15, abs=0.15)


def test_explained_variance_by_leave_one_out() -> None:
    """Without it, many small groups would seem to explain noise."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(300, 3))
    assert explained(noise, rng.integers(0, 60, 300)) < 0
    label = np.arange(300) % 3
    assert explained(10 * np.eye(3)[label] + 0.01 * noise, label) > 0.99


def test_features_without_predictive_power_have_no_weight() -> None:
    """Without it, noise would dilute what tells people apart."""
    null = np.random.default_rng(0).normal(0, 0.05, (20, 2))
    weights = weigh(np.array([0.02, 0.6]), null, np.array([0, 1]))
    assert weights[0] == 0
    assert 0.5 < weights[1] < 1


def test_cohesion_is_the_mean_pairwise_cosine() -> None:
    """Without it, the number on the card would be another than the one defined."""
    x = np.random.default_rng(0).normal(size=(7, 3))
    rows = x / np.linalg.norm(x, axis=1, keepdims=True)
    pairs = [rows[i] @ rows[j] for i in range(7) for j in range(7) if i != j]
    assert cohesion(x) == pytest.approx(np.mean(pairs))
    assert cohesion(x[:1]) is None


def test_occasions_take_users_above_their_expected_share() -> None:
    """Without it, everybody would hold every occasion."""
    memories = np.array([[9.0, 1.0], [1.0, 9.0], [5.0, 5.0], [8.0, 2.0]])
    groups = by_intents(memories)
    assert [g.tolist() for g in groups] == [[0, 3], [1, 2]]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=60))
def test_agreement_is_scikit_learns_rand_index(labels: list[tuple[int, int]]) -> None:
    """For any two labellings of the same users, ours is scikit-learn's number to the last bit."""
    one, other = np.array(labels).T
    assert agreement(one, other) == adjusted_rand_score(one, other)
