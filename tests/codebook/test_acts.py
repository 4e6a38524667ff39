"""Who does each act, whether its times have a clock, and which acts are side effects of others."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from evals.worlds import DOMAINS, KINDS, Spec, generate
from persona_agent.codebook import propose
from persona_agent.codebook.book import edited_names
from persona_agent.log.events import open_events
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

from .planted import START, USERS, Event, clicks, proposed, receipts

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("step", "seed"), [(s, n) for s in (timedelta(0), MINUTE) for n in range(3)])
def test_side_effects_are_the_system_s_and_choices_the_user_s(step: timedelta, seed: int) -> None:
    """What is logged within a second of a choice follows it, also where times are to the minute; a form that is opened before
    it is handed in is a choice of its own.
    """
    book = proposed(clicks(seed, step=step), to_the_minute=bool(step))
    assert {name: act.follows for name, act in book.acts.items()} == {
        "open file": None,
        "marked as read": "open file",
        "hand in": None,
        "receipt written": "hand in",
        "open form": None,
    }
    assert {a.doer for a in book.acts.values() if a.follows} == {"system"}
    assert {a.doer for a in book.acts.values() if not a.follows} == {"user"}


@pytest.mark.parametrize("to_the_minute", [False, True])
def test_visits_with_one_time_have_no_side_effects(to_the_minute: bool) -> None:
    """On receipts a coupon is always beside what was bought, and somebody chose to use it."""
    assert {a.doer for a in proposed(receipts(0), to_the_minute=to_the_minute).acts.values()} == {"user"}


def test_what_comes_on_a_schedule_is_not_the_user_s() -> None:
    """What comes again after fourteen days, or on the third of each month, is the product's; whoever looks in every day, or comes
    when they come, does it themselves.
    """
    months = [datetime(2024, m, 3) for m in range(1, 7)]
    often = random.Random(3)
    events = []
    for u in range(12):
        events += [Event(f"u{u}", START + timedelta(days=14 * n + u), "send box", "tea", {}) for n in range(6)]
        events += [Event(f"u{u}", day, "renew plan", "basic", {}) for day in months]
        events += [Event(f"u{u}", START + timedelta(days=n, hours=u), "look in", "home", {}) for n in range(40)]
        events += [Event(f"u{u}", START + timedelta(days=d), "shop", "bread", {}) for d in often.sample(range(180), 8)]
    doers = {name: act.doer for name, act in proposed(sorted(events, key=lambda e: (e.user, e.ts))).acts.items()}
    assert doers == {"send box": "product", "renew plan": "product", "look in": "user", "shop": "user"}


def test_an_act_that_is_often_beside_another_is_asked_about() -> None:
    """An act with another beside it in nine of ten moments is the user's, with the act that it is mostly with."""
    often = [e for n, e in enumerate(clicks(1)) if e.action != "open file" or n % 10]
    act = proposed(often).acts["marked as read"]
    assert (act.doer, act.with_act) == ("user", "open file")
    assert 0.8 < act.share < 0.95


# Acts differ by domain, and what is done with them by kind: every domain and every kind once.
@pytest.mark.parametrize(("domain", "kind"), [(list(DOMAINS)[i % len(DOMAINS)], kind) for i, kind in enumerate(KINDS)])
def test_no_act_of_a_planted_world_is_taken_for_a_side_effect(domain: str, kind: str, tmp_path: Path) -> None:
    """Whatever people do in a planted world they chose to do, with times to the second and to the minute."""
    path = generate(Spec(domain=domain, kind=kind, users=60, events=40, seed=5)).write(tmp_path / "log.jsonl")  # type: ignore[arg-type]
    options = Options(inputs=(str(path),), out=tmp_path / "out")
    store = Store.create(options.out)
    read_log(find_log(options), options, store, Silent())
    with store.connect() as connection:
        open_events(connection, store)
        for to_the_minute in (False, True):
            book = propose(connection, zone="UTC", confirmed=False, to_the_minute=to_the_minute)
            assert {(a.doer, a.with_act) for a in book.acts.values()} == {("user", None)}


def test_what_is_sent_to_all_at_once_is_the_product_s() -> None:
    """A mailing that most get at the same moment is received; a thing that anybody buys at any time is not."""
    mailed = [
        Event(f"u{u}", START + timedelta(days=7 * c), "mail", f"spring {c}", {}) for u in range(USERS) for c in range(3)
    ]
    bought = [
        Event(f"u{u}", START + timedelta(days=d, seconds=7 * u), "buy", f"thing {(u + d) % 3}", {})
        for u in range(USERS)
        for d in range(9)
    ]
    doers = {name: act.doer for name, act in proposed([*mailed, *bought]).acts.items()}
    assert doers == {"mail": "product", "buy": "user"}


def test_where_nobody_else_does_anything_it_is_theirs() -> None:
    """Loans that stand on one page of a ledger are of one day, and all there is: nobody sent them."""
    loans = [Event(f"u{u}", START + timedelta(days=d), "loan", f"page {d}", {}) for u in range(USERS) for d in range(4)]
    assert {act.doer for act in proposed(loans).acts.values()} == {"user"}


def test_dates_have_no_clock() -> None:
    """Acts whose times are dates are marked, and take no part in what follows what."""
    days = [e._replace(ts=e.ts.replace(hour=0, minute=0, second=0, microsecond=0)) for e in clicks(2)]
    book = proposed(days, dates_only={e.action for e in days})
    assert {(a.clock, a.doer) for a in book.acts.values()} == {(False, "user")}


def test_acts_are_listed_by_the_commonest_spelling_above_the_floor() -> None:
    """Spellings that differ in case are one act; what fewer than five users do is not listed."""
    events = [Event(f"u{u}", START, "Look Up" if u else "look up", "x", {}) for u in range(9)]
    events += [Event(f"u{u}", START, "rare", "x", {}) for u in range(4)]
    book = proposed(events)
    assert list(book.acts) == ["Look Up"]
    assert (book.acts["Look Up"].events, book.acts["Look Up"].users) == (9, 9)


def test_names_in_one_string_are_told_by_their_words() -> None:
    """An act is kept by small letters, from which nobody could part its words again."""
    events = [
        Event(f"u{u}", START + timedelta(hours=u + 9 * n), "NextSong", "tune", {}) for u in range(9) for n in range(4)
    ]
    book = proposed(sorted(events, key=lambda e: (e.user, e.ts)))
    assert book.acts["NextSong"].name == "next song"
    assert edited_names(book, book).acts == {"nextsong": "next song"}
