"""Vendors' exports without a mapping: the users, times, acts and counts that come out of each."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent import commands
from persona_agent.errors import InputError
from persona_agent.log.reading import find_log, read_log
from persona_agent.log.vendors import VENDORS, find_vendor
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "vendors"
Row = tuple[str, str, str | None, str | None]


def loaded(name: str, tmp_path: Path, **more: Any) -> tuple[dict[str, Any], list[Row], dict[str, Any]]:
    """The account, the events (time, action, object, text) by time, and how many events each user has."""
    options = Options(inputs=(str(FOLDER / name),), out=tmp_path / "out", **more)
    store = Store.create(options.out)
    log = find_log(options)
    facts = read_log(log, options, store, Silent())
    path = str(store.path("events.parquet"))
    rows = duckdb.sql(
        f"SELECT strftime(ts, '%Y-%m-%d %H:%M:%S'), action, object, text FROM '{path}' ORDER BY ts, action, object"
    ).fetchall()
    sessions = dict(duckdb.sql(f"SELECT user, count(DISTINCT session) FROM '{path}' GROUP BY user").fetchall())
    return {**asdict(facts), "vendor": log.found.layouts[0].vendor}, rows, sessions


def test_posthog_persons_not_devices(tmp_path: Path) -> None:
    """Three ids of two persons are two users; identities and flag look-ups are set aside, and a repeat goes."""
    facts, rows, sessions = loaded("posthog.jsonl", tmp_path)
    assert (facts["vendor"], facts["records"], facts["events"], facts["users"]) == ("posthog", 7, 4, 2)
    assert facts["reasons"] == {"not_behaviour": 2, "event_id": 1}
    assert rows == [
        ("2024-05-01 09:00:00", "pageview", "/plans", ""),
        ("2024-05-01 09:01:00", "plan chosen", "team", ""),
        ("2024-05-02 10:00:00", "autocapture", "Start trial", ""),
        ("2024-05-02 10:02:00", "searched", "", "invoice export"),
    ]
    assert len(sessions) == 2


def test_mixpanel_is_not_de_duplicated_and_counts_seconds(tmp_path: Path) -> None:
    """Of records with one insert id one is left, times in seconds are of 2024, and `$identify` is set aside."""
    facts, rows, _ = loaded("mixpanel.jsonl", tmp_path)
    assert (facts["vendor"], facts["records"], facts["events"], facts["users"]) == ("mixpanel", 5, 3, 2)
    assert facts["reasons"] == {"not_behaviour": 1, "event_id": 1}
    assert rows == [
        ("2024-05-01 09:00:00", "Browse", "Kettle", ""),
        ("2024-05-01 09:01:00", "Add To Cart", "Kettle", ""),
        ("2024-05-02 09:00:00", "Search", "", "teapot"),
    ]


def test_segment_takes_the_corrected_time_and_leaves_identities_aside(tmp_path: Path) -> None:
    """Times are those of `timestamp`, `identify` and `group` are set aside, and of a repeated message one is left."""
    facts, rows, _ = loaded("segment.jsonl", tmp_path)
    assert (facts["vendor"], facts["records"], facts["events"], facts["users"]) == ("segment", 6, 3, 2)
    assert facts["reasons"] == {"not_behaviour": 2, "event_id": 1}
    assert rows == [
        ("2024-05-01 09:00:10", "view page", "Pricing", ""),
        ("2024-05-01 09:05:00", "Order Completed", "Kettle", ""),
        ("2024-05-02 08:00:00", "view screen", "Cart", ""),
    ]


def test_amplitude_falls_back_to_the_device(tmp_path: Path) -> None:
    """Two records without a user id are events of two users."""
    facts, rows, _ = loaded("amplitude.jsonl", tmp_path)
    assert (facts["vendor"], facts["records"], facts["events"], facts["users"]) == ("amplitude", 2, 2, 2)
    assert [r[:2] for r in rows] == [("2023-08-24 07:00:00", "Daily Ad Metrics")] * 2


def test_ga4_unfolds_parameters_items_and_sessions(tmp_path: Path) -> None:
    """Microseconds are times, parameters objects and texts, each item a purchase; three users have a session each."""
    facts, rows, sessions = loaded("ga4.jsonl", tmp_path)
    assert (facts["vendor"], facts["records"], facts["events"], facts["users"]) == ("ga4", 7, 6, 3)
    assert facts["reasons"] == {"not_behaviour": 1}
    assert rows == [
        ("2024-05-01 09:00:00", "page_view", "Kettles", ""),
        ("2024-05-01 09:00:00", "page_view", "Home", ""),
        ("2024-05-01 09:01:00", "view_search_results", "", "teapot"),
        ("2024-05-01 09:01:30", "purchase", "Kettle", ""),
        ("2024-05-01 09:01:30", "purchase", "Teapot", ""),
        ("2024-05-02 09:00:00", "screen_view", "Menu", ""),
    ]
    assert set(sessions.values()) == {1}


def test_ga360_hits_are_events_and_long_ids_stay_apart(tmp_path: Path) -> None:
    """Each hit of a session is an event at its time, and ids that differ in the 23rd digit are two users."""
    facts, rows, sessions = loaded("ga360.jsonl", tmp_path)
    assert (facts["vendor"], facts["records"], facts["events"], facts["users"]) == ("ga360", 6, 5, 2)
    assert facts["reasons"] == {"not_behaviour": 1}
    assert rows == [
        ("2016-11-26 15:58:43", "view page", "/home", ""),
        ("2016-11-26 15:58:53", "Promotion Click", "Mugs", ""),
        ("2016-11-26 15:59:02", "view page", "/search", "mug"),
        ("2016-11-26 15:59:35", "add to cart", "Mug", ""),
        ("2016-11-26 17:06:39", "view page", "/basket", ""),
    ]
    assert len(sessions) == 2


def test_snowplow_atomic_users_are_the_trackers(tmp_path: Path) -> None:
    """Users are the values of `domain_userid`; page pings are set aside, and each event id is left once."""
    facts, _, sessions = loaded("snowplow-atomic.csv", tmp_path)
    with (FOLDER / "snowplow-atomic.csv").open(newline="") as file:
        raw = list(csv.DictReader(file))
    assert facts["vendor"] == "snowplow"
    assert facts["records"] == len(raw) == 160
    pings = sum(r["event"] == "page_ping" for r in raw)
    kept = {r["event_id"] for r in raw if r["event"] != "page_ping"}
    assert facts["reasons"]["not_behaviour"] == pings
    assert facts["events"] == len(kept)
    assert facts["users"] == len({r["domain_userid"] for r in raw if r["event"] != "page_ping"})
    assert len(sessions) == facts["users"]


def test_snowplow_enriched_has_no_header(tmp_path: Path) -> None:
    """The only line of a file without a header is an event, with its time and act."""
    facts, rows, _ = loaded("snowplow-enriched.tsv", tmp_path)
    assert (facts["vendor"], facts["records"], facts["events"]) == ("snowplow", 1, 1)
    assert rows[0][0] == "2013-11-26 00:03:57"
    assert rows[0][1] in ("page_view", "link_click")


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda p: p.stem)
def test_a_format_can_be_forced_and_is_said(path: Path) -> None:
    """With --format an export is read as that vendor's, which is named; without it the counts are the same."""
    name = path.stem.partition("-")[0]
    found = commands.inspect(Options(inputs=(str(path),), format=name), Silent())
    assert [f["vendor"] for f in found.files] == [name]
    guessed = commands.inspect(Options(inputs=(str(path),)), Silent())
    assert guessed.counts == found.counts


def test_what_is_no_behaviour_can_be_kept(tmp_path: Path) -> None:
    """With `not_behaviour` kept, `identify` and `group` are among the acts."""
    facts, rows, _ = loaded("segment.jsonl", tmp_path, keep=("not_behaviour",))
    assert facts["reasons"] == {"event_id": 1}
    assert {"identify", "group"} <= {r[1] for r in rows}


def test_a_mapping_by_hand_wins(tmp_path: Path) -> None:
    """With a column mapped by hand no vendor's form is used, and objects are that column's values."""
    facts, rows, _ = loaded("mixpanel.jsonl", tmp_path, mapping=(("object", "properties.mp_lib"),))
    assert facts["vendor"] == ""
    assert {r[2] for r in rows} == {"web"}


def test_a_wrong_format_is_said(tmp_path: Path) -> None:
    """A Segment export read as ga360 is an error that says that nothing can be read."""
    with pytest.raises(InputError, match=r"cannot be read|No column|empty or missing|holds no event"):
        loaded("segment.jsonl", tmp_path, format="ga360")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["event", "properties", "time", "hits", "visitid", "fullvisitorid", "event_params", "items", "type"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_record_breaks_a_vendor(value: Any) -> None:
    """Of any JSON every vendor's form makes events with properties that can be written, and raises nothing."""
    record = value if isinstance(value, dict) else {"event": value}
    find_vendor([record])
    for vendor in VENDORS.values():
        for found in vendor.events(record):
            assert json.dumps(found.fields["properties"], default=str)
