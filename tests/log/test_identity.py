"""Who is behind a record before somebody signs in, and who agreed to be read: warehouse tables of Segment, visits of Matomo."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from persona_agent.commands.reaching import BEFORE_SIGNING_IN, not_reached
from persona_agent.errors import InputError
from persona_agent.ids import user_hash
from persona_agent.log.reading import Log, ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store
from tests.log.test_events import write

# Anonymous id and user of each row: one device of one user, one of two, one that is never known.
ROWS = [("d1", ""), ("d1", "ann"), ("d1", ""), ("d2", "ann"), ("d2", "bob"), ("d2", ""), ("d3", "")]


def table(rows: list[tuple[str, str]] = ROWS, **more: str) -> bytes:
    """A `tracks` table, as a warehouse gives it."""
    text = io.StringIO()
    time = "2024-05-01T10:00:%02dZ"
    records = [
        {
            "id": f"m{n}", "anonymous_id": device, "user_id": user, "event": "product_viewed", "event_text": "Product Viewed",
            "product_name": "Lamp", "price": "2.5", "context_library_name": "analytics.js", "context_ip": "1.2.3.4",
            "received_at": time % n, "original_timestamp": time % n, "timestamp": time % n, **more,
        }
        for n, (device, user) in enumerate(rows)
    ]  # fmt: skip
    writer = csv.DictWriter(text, records[0])
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def read(folder: Path, name: str, content: bytes, **options: Any) -> tuple[Log, ReadLog, dict[str, int], Store]:
    """The log, what was found, how many events each hash has, and where."""
    chosen = Options(inputs=(str(write(folder, name, content)),), **options)
    store, log = Store.create(folder / "out"), find_log(chosen)
    found = read_log(log, chosen, store, Silent())
    path = str(store.path("events.parquet"))
    users = duckdb.sql(f"SELECT user FROM read_parquet('{path}')").fetchall()
    return log, found, Counter(user for (user,) in users), store


def test_rows_without_a_user_are_counted_and_joined_only_if_asked(tmp_path: Path) -> None:
    """By themselves they are users of their own; joined, an id of two users and one of nobody stay as they were."""
    log, found, users, _ = read(tmp_path / "a", "tracks.csv", table())
    assert (log.found.layouts[0].vendor, found.events, len(users)) == ("segment", 7, 5)
    assert "4 records have no user id" in found.notes[0] and "--stitch joins them" in found.notes[0]
    _, found, users, store = read(tmp_path / "b", "tracks.csv", table(), stitch=True)
    assert (found.events, found.users, users[user_hash(store.key(), "ann")], users[user_hash(store.key(), "bob")]) == (
        7,
        4,
        4,
        1,
    )
    assert "2 of them were joined" in found.notes[0]
    assert found.notes[1].startswith("1 anonymous ids were seen with several users")


def test_a_user_who_only_identified_is_joined(tmp_path: Path) -> None:
    """The call that says who somebody is is no behaviour, and yet what it says counts."""
    call = {
        "messageId": "1",
        "anonymousId": "d1",
        "receivedAt": "2024-05-01T10:00:00Z",
        "type": "track",
        "event": "View",
    }
    told = call | {"messageId": "2", "type": "identify", "userId": "ann"}
    content = "\n".join(map(json.dumps, [call, told])).encode()
    _, found, users, store = read(tmp_path, "a.jsonl", content, stitch=True)
    assert users == {user_hash(store.key(), "ann"): 1} and found.reasons == {"not_behaviour": 1}


@pytest.mark.parametrize("stitch", [False, True])
def test_who_opts_out_takes_their_device_along(tmp_path: Path, stitch: bool) -> None:
    """What a person may have done before they signed in goes with them, joined or not, also from a device that others use."""
    gone = write(tmp_path, "gone.txt", b"ann\n")
    _, found, users, store = read(tmp_path, "tracks.csv", table(), stitch=stitch, opt_out=gone)
    assert (found.reasons, found.events) == ({"opt_out": 5}, 2)
    assert user_hash(store.key(), "d1") not in users and user_hash(store.key(), "ann") not in users


def test_another_table_is_stitched_by_the_column_of_its_devices(tmp_path: Path) -> None:
    """Without the option its rows are rejected and it is said; with it none is."""
    content = b"user_id,device_id,timestamp,action\n" + b"".join(
        b"%s,%s,2024-05-01T10:00:%02dZ,view\n" % (user.encode(), device.encode(), n)
        for n, (device, user) in enumerate([*ROWS[1:], ("d4", "cem"), ("d5", "dan")])
    )
    _, found, _, _ = read(tmp_path / "a", "a.csv", content)
    assert found.codes == {"no_user": 3} and "3 records have no user_id and were rejected; --stitch" in found.notes[0]
    _, found, users, _ = read(tmp_path / "b", "a.csv", content, stitch=True)
    assert (found.rejected, found.events, len(users)) == (0, 8, 6)


@pytest.mark.parametrize(
    ("asked", "events"),
    [("agreed", 3), ("choice.analytics", 2), ("ids=C2", 1), ("choice=analytics", 2), ("state=granted", 4)],
)
def test_records_without_consent_are_counted_and_kept_nowhere(tmp_path: Path, asked: str, events: int) -> None:
    """By a yes, a member of JSON text, a name in a list, or a word; not even a line number is kept."""
    rows = [
        {"agreed": yes, "choice": choice, "ids": ids, "state": "Granted" if n else "later"}
        for n, (yes, choice, ids) in enumerate(
            [
                (True, '{"analytics": true}', ["C1"]), ("yes", '{"analytics": "no"}', ["C1", "C2"]), (1, None, []),
                (None, "{}", None), ("denied", '{"analytics": true}', '["C1"]'),
            ]
        )
    ]  # fmt: skip
    lines = [
        json.dumps({"user": f"secret{n}", "timestamp": 1714557600 + n, "action": "x", **r}) for n, r in enumerate(rows)
    ]
    _, found, _, store = read(tmp_path, "a.jsonl", "\n".join(lines).encode(), consent=asked)
    assert (found.events, found.reasons, found.rejected) == (events, {"no_consent": 5 - events}, 0)
    assert all(store.path(name).read_text() == "" for name in ("set_aside.jsonl", "rejects.jsonl"))


def test_consent_that_is_neither_yes_nor_no_is_asked_for(tmp_path: Path) -> None:
    """Categories of a consent manager are no yes by themselves; a column that is not there is an error too."""
    with pytest.raises(
        InputError, match=r"'C0002', which is neither yes nor no\. Say what is a yes: --consent groups=VALUE"
    ):
        read(tmp_path / "a", "tracks.csv", table(groups="C0002"), consent="groups")
    with pytest.raises(InputError, match="No record of the log says yes in 'nothing'"):
        read(tmp_path / "b", "tracks.csv", table(), consent="nothing")


def test_tables_of_pages_and_identifies(tmp_path: Path) -> None:
    """What was looked at is the object; a table that only says who somebody is holds no act; RudderStack says its name."""
    page = {"event": "", "event_text": "", "product_name": "", "url": "https://x/a", "path": "/a", "title": "Start"}
    log, _, _, store = read(
        tmp_path / "a", "pages.csv", table(**page, context_library_name="RudderLabs JavaScript SDK")
    )
    path = str(store.path("events.parquet"))
    assert duckdb.sql(f"SELECT DISTINCT action, object FROM read_parquet('{path}')").fetchall() == [
        ("view page", "Start")
    ]
    assert log.found.layouts[0].vendor == "rudderstack"
    with pytest.raises(InputError, match="None of the 7 records"):
        read(tmp_path / "b", "identifies.csv", table(event="", event_text=""))


def test_visits_of_matomo(tmp_path: Path) -> None:
    """An event for each action and article, with its own time; what a page only showed is set aside."""
    act = {"url": "https://x/a", "pageTitle": "Lamps", "timestamp": 1714557600, "timeSpent": "30"}
    article = {"itemName": "Lamp", "price": 2.5, "quantity": "2", "itemCategory": "light"}
    visit = {
        "idVisit": "7", "visitorId": "d1", "userId": None, "serverTimestamp": 1714557590, "deviceType": "phone",
        "actionDetails": [
            {"type": "action", **act}, {"type": "search", "siteSearchKeyword": "red lamp"}, {"type": "contentImpression", **act},
            {"type": "event", "eventAction": "play", "eventName": "Film", "eventCategory": "video", **act},
            {"type": "ecommerceOrder", "itemDetails": [article, article | {"itemName": "Bulb"}], **act},
        ],
    }  # fmt: skip
    log, found, users, store = read(
        tmp_path, "visits.json", json.dumps([visit, visit | {"userId": "ann"}]).encode(), stitch=True
    )
    assert (log.found.layouts[0].vendor, found.records, found.events) == ("matomo", 12, 10)
    assert users == {user_hash(store.key(), "ann"): 10} and found.reasons == {"not_behaviour": 2}
    path = str(store.path("events.parquet"))
    rows = duckdb.sql(
        f"SELECT DISTINCT action, object, text, epoch(ts)::BIGINT FROM read_parquet('{path}') ORDER BY ALL"
    )
    assert rows.fetchall() == [
        ("order", "Bulb", "", 1714557600), ("order", "Lamp", "", 1714557600), ("play", "Film", "", 1714557600),
        ("search", "", "red lamp", 1714557590), ("view page", "Lamps", "", 1714557600),
    ]  # fmt: skip


@pytest.mark.parametrize(("stitch", "said"), [(False, True), (True, False)])
def test_a_user_column_that_is_mostly_empty_is_not_passed_over_in_silence(
    stitch: bool, said: bool, tmp_path: Path
) -> None:
    """Where a table's users are told apart by their devices, it is said, with what mends it."""
    rows = "".join(f"{f'u{n}' if n % 9 == 0 else ''},d{n % 5},2024-05-01 10:00:{n:02},view\n" for n in range(50))
    log, found, _, _ = read(
        tmp_path, "bare.csv", f"user_id,anonymous_id,timestamp,event\n{rows}".encode(), stitch=stitch
    )
    told = [note for note in found.notes if "most records have no user_id" in note]
    assert bool(told) is said
    assert log.found.mapping["user"] == ("user_id" if stitch else "anonymous_id")
    assert all("told apart by anonymous_id" in note and "--map user=user_id" in note for note in told)


@pytest.mark.parametrize("stitch", [False, True])
def test_what_forgetting_cannot_reach_before_signing_in_is_listed(stitch: bool, tmp_path: Path) -> None:
    """Rows of a device are other users where nobody joined them, and then it is said."""
    _, found, _, store = read(tmp_path, "tracks.csv", table(), stitch=stitch)
    store.write_json("run.json", {"paths": [], "facts": {"read": {"notes": found.notes}}})
    assert (BEFORE_SIGNING_IN in not_reached(store)) is not stitch
