"""Small logs in which it is known who does what, what sorts objects and what is an artefact."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import duckdb
import numpy as np

from persona_agent.codebook import Codebook, propose
from tests.tables import database

START = datetime(2024, 3, 4, 9)
USERS = 40


class Event(NamedTuple):
    user: str
    ts: datetime
    action: str
    object: str
    properties: dict[str, Any]


def table(events: Iterable[Event]) -> duckdb.DuckDBPyConnection:
    """A database with the events in the order of a run; a session is a user's day."""
    connection = database()
    connection.execute(
        "CREATE TABLE raw (user VARCHAR, ts TIMESTAMP, action VARCHAR, object VARCHAR, properties VARCHAR, place INTEGER)"
    )
    rows = [(e.user, e.ts, e.action, e.object, json.dumps(e.properties), n) for n, e in enumerate(events)]
    columns = [list(column) for column in zip(*rows, strict=True)]  # a row at a time takes a second for these logs
    connection.execute(f"INSERT INTO raw SELECT {', '.join(['unnest(?)'] * len(columns))}", columns)
    connection.execute(
        """CREATE TABLE events AS
        SELECT row_number() OVER (ORDER BY user, ts, place) - 1 AS i, user, user || ts::DATE AS session, ts, action, object,
               properties::JSON AS properties, 'log' AS file, place + 1 AS line, 0 AS n FROM raw ORDER BY i"""
    )
    return connection


def proposed(events: Iterable[Event], *, to_the_minute: bool = False, dates_only: Iterable[str] = ()) -> Codebook:
    """What rules propose for the events."""
    with table(events) as connection:
        return propose(
            connection, zone="UTC", confirmed=False, dates_only=list(dates_only), to_the_minute=to_the_minute
        )


def clicks(seed: int, *, step: timedelta = timedelta(0)) -> Iterator[Event]:
    """People who open files, fill forms and hand in: opening marks a file as read, handing in writes a receipt, each within a
    second. Every form is opened before it is handed in, half a minute to two before. Times fall on `step` where there is one.
    """
    rng = np.random.default_rng(seed)

    def at(when: datetime) -> datetime:
        return datetime.min + (when - datetime.min) // step * step if step else when

    for u in range(USERS):
        for day in range(12):
            now = START + timedelta(days=day, seconds=int(rng.integers(0, 30_000)))
            for _ in range(int(rng.integers(2, 6))):
                thing = f"unit {rng.integers(12)}"
                now += timedelta(seconds=rng.uniform(20, 300))
                soon = now + timedelta(milliseconds=int(rng.integers(50, 900)))
                if rng.random() < 0.3:
                    sent = now + timedelta(seconds=rng.uniform(30, 120))
                    yield Event(f"u{u}", at(now), "open form", thing, {})
                    yield Event(f"u{u}", at(sent), "hand in", thing, {})
                    yield Event(f"u{u}", at(sent + (soon - now)), "receipt written", thing, {})
                    now = sent
                else:
                    yield Event(f"u{u}", at(now), "open file", thing, {})
                    yield Event(f"u{u}", at(soon), "marked as read", thing, {})


def receipts(seed: int) -> Iterator[Event]:
    """Whole visits with one time each: bought things and, always beside them, a coupon that somebody chose to use."""
    rng = np.random.default_rng(seed)
    for u in range(USERS):
        for day in range(10):
            when = START + timedelta(days=day, minutes=int(rng.integers(0, 600)))
            for n in range(int(rng.integers(3, 8))):
                product = int(rng.integers(40))
                yield Event(f"u{u}", when, "buy", f"product {product}", {})
                if n == 0:
                    yield Event(f"u{u}", when, "use coupon", f"product {product}", {})


def shop(seed: int) -> Iterator[Event]:
    """90 products in 30 aisles of 5 departments, each with its price and number, bought by people of one country each (nearly
    all of the same), on receipts; and one thing that stands in every aisle at any price.
    """
    rng = np.random.default_rng(seed)
    price = np.exp(rng.normal(1, 0.6, 90))
    for u in range(USERS * 2):
        for day in range(8):
            for n in range(6):
                p, odd = int(rng.integers(90)), rng.random() < 0.04
                aisle = int(rng.integers(30)) if odd else p % 30
                cost = float(np.exp(rng.uniform(-3, 5))) if odd else float(price[p] * rng.uniform(0.8, 1.1))
                fields = {
                    "aisle": f"aisle {aisle}",
                    "department": f"department {aisle % 5}",
                    "dept_code": f"D{aisle % 5}",
                    "sku": "S000" if odd else f"S{p + 1:03}",
                    "unit_price_gbp": round(cost, 2),
                    "quantity": int(rng.integers(1, 30)),
                    "receipt": f"R{u}.{day}",
                    "country": "UK" if u % 20 else "NL",
                    "channel": ("web", "phone", "store")[int(rng.integers(3))],
                    "version": "1",
                }
                name = "assorted items" if odd else f"product {p}"
                yield Event(f"u{u}", START + timedelta(days=day, minutes=3 * n), "buy", name, fields)
