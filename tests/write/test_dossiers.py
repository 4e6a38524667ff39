"""Dossiers: what is proposed, what survives being measured, and what may be told of a real session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from persona_agent.evidence import Formed, Population, over_whole_log, question
from persona_agent.evidence.corpus import Corpus
from persona_agent.schema import Names, Size, Topic
from persona_agent.write.dossiers import (
    About,
    Inquiry,
    list_inquiries,
    make_dossier,
    propose_claim,
)
from persona_agent.write.dossiers.inquiries import same, users_share
from tests.evidence.logs import event, load

DAY = 1440
SIZE = Size(users=40, share_users=0.25, share_activity=0.25, share_value=None)


def about(group: int, formed: Formed = Formed()) -> About:  # noqa: B008 - frozen
    return About(group, "groups", "persona", SIZE, [], formed, [], {}, 0.0, ["view", "buy"])


def visits(i: int, days: int, buys: bool, returns: bool = False) -> list[dict[str, Any]]:
    """A view a day; a purchase and perhaps a return at the end."""
    acts = ["view"] * days + ["buy"] * buys + ["return"] * returns
    return [
        event(f"u{i}", 1000 * i + d, minutes=min(d, days - 1) * DAY + d, action=act, session=f"u{i}s{min(d, days - 1)}",
              object=f"thing {d % 3}")
        for d, act in enumerate(acts)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Group 1 buys; group 2 is merely there for longer, and so returns more; the rest come once."""
    log = [e for i in range(40) for e in visits(i, 3, i % 10 != 0, i % 4 == 0)]
    log += [e for i in range(40, 80) for e in visits(i, 9, i % 5 == 0, i % 2 == 0)]
    log += [e for i in range(80, 120) for e in visits(i, 9, i % 5 == 0, i % 2 == 0)]
    log += [e for i in range(120, 200) for e in visits(i, 3, i % 5 == 0, i % 20 == 0)]
    return load(
        log, {1: [f"u{i}" for i in range(40)], 2: [f"u{i}" for i in range(40, 80)], -1: [f"u{i}" for i in range(200)]}
    )


def asked(corpus: Corpus, action: str, group: int, **more: Any) -> Any:
    inquiry = Inquiry(
        Topic(kind="act", about=action),
        f"“{action}”",
        f"use “{action}” at least once",
        users_share([[same("action", action)]]),
    )
    return propose_claim(corpus, inquiry, Population(group), formed=False, **more)


def test_a_real_difference_is_said_as_one(corpus: Corpus) -> None:
    """An act that buyers do more than comparable others is a claim of “more than others”, with both figures and bits."""
    found, fallen = asked(corpus, "buy", 1)
    assert fallen is None
    assert found.measure.says.comparator == "more_than_others"
    assert found.template == "{value} of them use “buy” at least once, against {matched} of comparable others."
    assert found.information_bits > 0.1


def test_what_is_as_with_others_is_said_to_be() -> None:
    """An act in as many visits as with comparable others is a claim of “as with others”, with both figures; one that they
    do more is none, nor is what everybody does.
    """

    def times(i: int, act: str, of_ten: int) -> list[dict[str, Any]]:
        return [
            event(f"u{i}", 1000 * i + 10 * d + len(act), minutes=d * DAY, action=act, session=f"u{i}s{d}")
            for d in range(10)
            if (d + i) % 10 < of_ten
        ]

    acts = {"view": 10, "print": 4}
    log = [e for i in range(400) for act, n in acts.items() for e in times(i, act, n)]
    log += [e for i in range(400) for e in times(i, "buy", 6 if i < 150 else 2)]
    corpus = load(log, {1: [f"u{i}" for i in range(150)]})

    def said(action: str) -> Any:
        step = users_share([[same("action", action)]]).model_copy(update={"unit": "sessions"})
        inquiry = Inquiry(Topic(kind="sessions", about=action), action, f"include “{action}”", step, "sessions")
        return propose_claim(corpus, inquiry, Population(1), formed=False)[0]

    found = said("print")
    assert found.measure.says.comparator == "as_others"
    assert found.template == "{value} of their visits include “print”, as with comparable others ({matched})."
    assert (found.truthfulness.label, round(found.truthfulness.value, 6), found.status) == ("true", 0.4, "accepted")
    assert said("buy").measure.says.comparator == "more_than_others"
    assert said("view") is None or not said("view").measure.says.alike


def test_an_artefact_of_exposure_is_kept_apart(corpus: Corpus) -> None:
    """A difference that goes with matching is an artefact told of all others; no comparison stands in its place."""
    found, fallen = asked(corpus, "return", 2)
    assert fallen.withdrawal.label == "artefact"
    assert fallen.truthfulness.label == "artefact"
    assert "{raw} of all others" in fallen.template
    assert found is None or found.measure.says.comparator not in ("more_than_others", "less_than_others")


def test_everything_in_a_dossier_holds_and_is_said_once(corpus: Corpus) -> None:
    """Claims that stand are true, fallen ones artefacts; ids and questions are single, related claims are among them."""
    for group in (1, 2):
        dossier = make_dossier(corpus, about(group), list_inquiries(corpus, group, []), ["behaviour"])
        standing = [c for c in dossier.candidates if c.withdrawal is None]
        assert len(standing) >= 3
        assert all(c.truthfulness.label == "true" for c in standing)
        assert all(c.truthfulness.label == "artefact" for c in dossier.candidates if c.withdrawal)
        assert len({c.id for c in dossier.candidates}) == len(dossier.candidates)
        assert len({(question(c.measure), c.measure.says.comparator) for c in standing}) == len(standing)
        known = {c.id for c in standing}
        assert all({r.one, r.other} <= known and 0.3 <= r.overlap <= 1 for r in dossier.related)


def test_what_formed_the_group_is_tagged_in_its_dossier(corpus: Corpus) -> None:
    """In a group formed by action and object, claims about acts are marked as true by construction."""
    dossier = make_dossier(
        corpus, about(1, Formed(frozenset({"action", "object"}))), list_inquiries(corpus, 1, []), ["behaviour"]
    )
    named = [c for c in dossier.candidates if str(c.topic) in ("sessions buy", "sessions view")]
    assert named
    assert all(c.by_construction for c in named)


def test_only_fit_users_are_looked_at() -> None:
    """With members held out, claims are counted of the 20 others, who all buy and so meet three things, as no other does."""
    log = [e for i in range(60) for e in visits(i, 2, i < 20 or i >= 40)]
    members = {1: [f"u{i}" for i in range(30)], -1: [f"u{i}" for i in range(60)]}
    corpus = load(log, members)
    prepared = Corpus.prepare(corpus.connection, "UTC", [f"u{i}" for i in [*range(20, 30), *range(40, 60)]])
    dossier = make_dossier(prepared, about(1), list_inquiries(prepared, 1, []), ["behaviour"])
    buys = next(c for c in dossier.candidates if str(c.topic) == "sessions buy")
    assert (buys.truthfulness.value, buys.truthfulness.n) == (0.5, 20)


@pytest.fixture(scope="module")
def lists() -> Corpus:
    """The first half fill a list every third time, and take one thing else, as the others always do; all are reminded at night,
    by a day without an hour.
    """
    log = []
    for i in range(40):
        for d in range(6):
            taken = 5 if i < 20 and d % 3 == 0 else 1
            log += [
                event(f"u{i}", 100 * i + 10 * d + j, minutes=d * DAY + j, session=f"u{i}s{d}", action="buy",
                      object=f"thing {j}", properties=f'{{"units": {9 if taken > 1 else 1}}}')
                for j in range(taken)
            ]  # fmt: skip
            log.append(
                event(f"u{i}", 100 * i + 10 * d + 9, minutes=d * DAY + 600, session=f"u{i}r{d}", action="remind")
            )
    members = {1: [f"u{i}" for i in range(20)], -1: [f"u{i}" for i in range(40)]}
    return replace(load(log, members), names=Names(done_to=["Remind"]))


def test_what_users_were_sorted_by_is_asked_as_how_often(lists: Corpus) -> None:
    """Where the middle visit and the middle amount are everybody's, the share of large ones tells the group; it is asked only of
    what users were sorted by.
    """
    asked = list_inquiries(lists, 1, ["units"], sorted_by=["size", "much units"])
    found = {str(i.topic): over_whole_log(lists, i.measure, Population(1)) for i in asked}
    assert found["session size"].value == found["session size"].matched.value == 1
    assert found["session of 5"].value == pytest.approx(1 / 6, abs=0.01)  # one of two kinds of visit, reminders counted
    assert found["any units of 9"].value == 0.5
    assert found["any units of 9"].matched.value == 0
    plain = {str(i.topic) for i in list_inquiries(lists, 1, ["units"])}
    assert plain & {"session of 5", "any units of 9"} == set()


def test_what_is_done_to_users_is_no_visit_of_theirs(lists: Corpus) -> None:
    """Hours and weekends are shares of the visits that users make, and the words say so."""
    week = next(i for i in list_inquiries(lists, 1, []) if i.topic.kind == "week")
    found = over_whole_log(lists, week.measure, Population(1))
    assert (week.of, found.units) == ("the visits that they make themselves", 20 * 6)
    plain = next(i for i in list_inquiries(replace(lists, names=Names(), memo={}), 1, []) if i.topic.kind == "week")
    assert (plain.of, plain.measure.where) == ("", [])
