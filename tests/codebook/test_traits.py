"""What fields are for: categories, amounts with units, what says who a user is, and bookkeeping."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from persona_agent.codebook.book import edited_names
from persona_agent.codebook.unit_names import unit_of
from persona_agent.schema import Condition, Measure, Says
from persona_agent.words.english.conditions_told import event
from persona_agent.words.wording import printed

from .planted import START, Event, clicks, proposed, shop


def test_fields_are_told_by_how_they_are_held() -> None:
    """Aisles and departments sort the products, finest first; a code repeats its department, a number its product; a receipt
    and a version are bookkeeping; a country is the user's, though nearly all share one.
    """
    book = proposed(shop(0))
    assert book.categories == ["aisle", "department"]
    assert {name: f.use for name, f in book.fields.items()} == {
        "aisle": "category",
        "department": "category",
        "dept_code": "bookkeeping",
        "sku": "bookkeeping",
        "unit_price_gbp": "amount",
        "quantity": "amount",
        "receipt": "bookkeeping",
        "country": "of the user",
        "channel": "field",
        "version": "bookkeeping",
    }
    assert (book.fields["sku"].repeats, book.fields["dept_code"].repeats) == ("object", "department")
    price = book.fields["unit_price_gbp"]
    assert (price.name, price.unit) == ("unit price", "GBP")


@pytest.mark.parametrize("seed", range(3))
def test_the_thing_in_every_aisle_at_any_price_is_an_artefact(seed: int) -> None:
    """One object with many categories and prices is found, and no product is."""
    found = proposed(shop(seed)).artefacts
    assert list(found) == ["assorted items"]
    assert "aisle" in found["assorted items"]
    assert "unit_price_gbp" in found["assorted items"]


def test_a_name_alone_makes_no_artefact() -> None:
    """A page that is called like a placeholder, and used like any other, is a page."""
    events = [e._replace(object="test") if e.object == "unit 1" else e for e in clicks(0)]
    assert proposed(events).artefacts == {}


def test_where_and_with_what_users_come_is_theirs() -> None:
    """What holds for a whole visit, and mostly for a user's visits, is of the user: a browser, though they change it at times.
    What changes within a visit is not, nor what is as often one as another, and a device is chosen anew each time.
    """
    rng = np.random.default_rng(1)
    events = []
    for u in range(60):
        own = "abc"[u % 3]
        for day in range(8):
            browser = own if rng.random() < 0.92 else "abc"[rng.integers(3)]
            shop = "xyz"[rng.integers(3)]
            for n in range(3):
                tab = own if rng.random() < 0.9 else "abc"[rng.integers(3)]
                held = {"browser": browser, "device": browser, "shop": shop, "tab": tab}
                when = START + timedelta(days=day, minutes=n + u)
                events.append(Event(f"u{u}", when, "read", f"article {rng.integers(30)}", held))
    for name in ("browser", "device"):  # beside each other they repeat each other
        kept = [
            e._replace(properties={k: v for k, v in e.properties.items() if k in (name, "shop", "tab")}) for e in events
        ]
        use = {name: field.use for name, field in proposed(kept).fields.items()}
        assert use == {name: "of the user" if name == "browser" else "field", "shop": "field", "tab": "field"}


def test_a_skewed_field_is_no_category() -> None:
    """Where 95 % of events have one value, objects seem to determine it, and do not."""
    events = [
        Event(f"u{u}", START + timedelta(hours=n), "buy", f"product {(u * 7 + n) % 30}", {"warehouse": w})
        for u in range(60)
        for n in range(20)
        for w in ["north" if (u + 3 * n) % 20 else ("south", "west")[n % 2]]
    ]
    assert proposed(events).categories == []


def test_a_number_that_goes_by_the_clock_is_no_amount() -> None:
    """The number of the week and of the day's hour are alike for all who come at one hour; what each pays is not."""
    events = [
        Event(
            f"u{u}",
            when,
            "buy",
            f"product {(u * 7 + n) % 30}",
            {"wk": when.isocalendar()[1], "slot": when.hour, "paid": p},
        )
        for u in range(30)
        for n in range(20)
        for when, p in [(START + timedelta(days=3 * n, hours=n % 7), 1 + (u * 5 + n) % 9)]
    ]
    uses = {name: f.use for name, f in proposed(events).fields.items()}
    assert uses == {"paid": "amount", "slot": "bookkeeping", "wk": "bookkeeping"}


def test_what_the_calendar_or_the_place_in_a_visit_gives_is_nobody_s() -> None:
    """The name of the weekday, the hour at which a line ended, and the number of a line in its visit say nothing of what anybody
    does, nor what each has one of; how far somebody has come in a game goes on from visit to visit.
    """
    events = [
        Event(
            f"u{u}",
            when,
            "play",
            f"level {(u * 7 + n) % 30}",
            {
                "weekday": f"{when:%A}",
                "ended": f"{end}",
                "endHour": end.hour,
                "place": n % 6,
                "reached": n,
                "miles": 3 + u % 7,
            },
        )
        for u in range(30)
        for n in range(132)
        for when in [START + timedelta(days=3 * (n // 6), hours=(n // 6) * 5 % 7, minutes=7 * (n % 6))]
        for end in [when + timedelta(minutes=(u * 37 + n * 53) % 300)]
    ]
    uses = {name: f.use for name, f in proposed(events).fields.items() if name != "ended"}
    assert uses == {
        "weekday": "bookkeeping",
        "endHour": "bookkeeping",
        "place": "bookkeeping",
        "miles": "bookkeeping",
        "reached": "amount",
    }


def test_what_others_do_to_a_post_is_received() -> None:
    """The number of comments of a post is no number of comments that its writer makes; what is typed there is none at all."""
    events = [
        Event(
            f"u{u}",
            START + timedelta(hours=n),
            "post",
            f"forum {n % 9}",
            {"num_comments": u * n % 23, "likes": f"a{n % 3}"},
        )
        for u in range(40)
        for n in range(20)
    ]
    names = {name: f.name for name, f in proposed(events).fields.items()}
    assert names == {"num_comments": "comments received", "likes": "likes"}


def test_a_flag_that_turns_with_time_is_bookkeeping() -> None:
    """What is archived was written before a day, give or take; whose post it is, is at any time."""
    events = [
        Event(
            f"u{u}",
            START + timedelta(days=n, minutes=u),
            "write",
            f"forum {(u * 7 + n) % 30}",
            {"archived": n < 12 + (u % 9 == 0), "own": (u + n * n) % 3 == 0},
        )
        for u in range(40)
        for n in range(20)
    ]
    uses = {name: f.use for name, f in proposed(events).fields.items()}
    assert uses == {"archived": "bookkeeping", "own": "field"}


def test_a_thing_that_is_counted_in_another_unit_is_an_artefact() -> None:
    """Its number is hundreds of times that of others; a bulk order of one buyer is none, nor what is bought by the box."""
    events = [
        Event(f"u{u}", START + timedelta(days=n), "buy", thing, {"quantity": many + u % 3})
        for u in range(30)
        for n, (thing, many) in enumerate([*((f"loaf {k}", 1) for k in range(12)), ("fuel", 9_000), ("nails", 120)])
    ]
    events += [Event("u1", START, "buy", "loaf 1", {"quantity": 5_000})]
    found = proposed(events).artefacts
    assert list(found) == ["fuel"]
    assert "of another unit" in found["fuel"]


@pytest.mark.parametrize(
    ("most", "values", "paid", "unit"),
    [
        (0.8, 9, "sales", "share"),  # a tenth to four fifths off
        (4.0, 9, "sales", "money"),  # some are off by more than one: amounts
        (1.0, 2, "sales", "money"),  # given or not: a flag
        (0.8, 9, "weight", "money"),  # of no sum of money that it could be a part of
    ],
)
def test_a_discount_of_fractions_is_a_part_of_the_price(most: float, values: int, paid: str, unit: str) -> None:
    """Of a column that is named a discount the values say whether it is one of so much in a hundred or a sum."""
    events = [
        Event(f"u{u}", START + timedelta(days=n), "buy", f"t{n}", {"Discount": off, paid: 5 + u % 7})
        for u in range(30)
        for n in range(10)
        for off in [round(most * ((u + n) % values) / (values - 1), 3)]
    ]
    book = proposed(events)
    assert (book.fields["Discount"].unit, book.fields["Discount"].use) == (unit, "amount")
    names = edited_names(book, book)
    assert names.in_parts == (["Discount"] if unit == "share" else [])
    asked = Measure(unit="users", statistic="median", of="properties.Discount", says=Says(quantifier="most"))
    told = printed(asked.model_copy(update={"in_parts": "Discount" in names.in_parts}), 0.2)
    assert told == ("20 %" if unit == "share" else "0.20")
    reached = Condition(field="properties.Discount", op="at_least", value=[0.2])
    assert event([reached], names, "lines").endswith("of 20 % or more" if unit == "share" else "of 0.20 or more")


def test_a_field_of_few_users_is_not_listed() -> None:
    """Fewer than five users have it: its name may say who they are."""
    events = [Event(f"u{u}", START, "buy", "x", {"a": "1", **({"b": "1"} if u < 4 else {})}) for u in range(20)]
    assert list(proposed(events).fields) == ["a"]


@pytest.mark.parametrize(
    ("column", "name", "unit"),
    [
        ("sales_value_usd", "sales value", "USD"),
        ("unit_price_gbp", "unit price", "GBP"),
        ("eur_total", "total", "EUR"),
        ("duration_seconds", "duration", "seconds"),
        ("loadTimeMs", "load time", "ms"),
        ("pageViewDepth", "page view depth", None),
        ("kwhTotal", "total", "kWh"),
        ("iPhone", "iPhone", None),
        ("response.bytes", "response", "bytes"),
        ("discount_pct", "discount", "%"),
        ("price", "price", "money"),
        ("basket amount", "basket amount", "money"),
        ("quantity", "quantity", "number"),
        ("item_count", "item count", "number"),
        ("num_comments", "comments", "number"),
        ("seconds", "seconds", "seconds"),
        ("try", "try", None),
        ("call_all", "call all", None),
        ("portions", "portions", None),
    ],
)
def test_a_unit_is_read_from_the_column_s_name(column: str, name: str, unit: str | None) -> None:
    """A code or a word for a unit is taken off the name; words that are also English stay."""
    assert unit_of(column) == (name, unit)
