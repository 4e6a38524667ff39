"""User agents: read as device, system and browser, and kept nowhere."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.log import agents, reading
from persona_agent.log.agents import Agents, agent_columns, agents_of, read_agent
from persona_agent.log.guessing import Column
from persona_agent.log.reading import Log, ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/50.0.2661.102 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/117.0 "
    "Mobile/15E148 Safari/605.1.15"
)
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
OF = "AppleWebKit/537.36 (KHTML, like Gecko)"
TOLD = [
    (WINDOWS, "computer", "Windows", "Chrome"),
    (IPHONE, "phone", "iOS", "Firefox"),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {OF} Version/17.4 Safari/605.1.15", "computer", "macOS", "Safari"),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0", "computer", "Linux", "Firefox"),
    (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {OF} Chrome/119.0.0.0 Safari/537.36", "computer", "Chrome OS", "Chrome"),
    (f"Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) {OF} CriOS/112.0 Mobile/15E148 Safari/604.1", "tablet", "iOS", "Chrome"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {OF} Chrome/124.0.0.0 Mobile Safari/537.36", "phone", "Android", "Chrome"),
    (f"Mozilla/5.0 (Linux; Android 13; SM-X200) {OF} Chrome/120.0.0.0 Safari/537.36", "tablet", "Android", "Chrome"),
    (f"Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) {OF} 76.0.3809.146/6.0 TV Safari/537.36", "TV", "Tizen", "Safari"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox) {OF} Edge/16.16299", "console", "Windows", "Edge"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {OF} Chrome/119.0.0.0 Edg/119.0.0.0", "computer", "Windows", "Edge"),
    ("Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko", "computer", "Windows", "Internet Explorer"),
    ("MyApp/1.2 CFNetwork/1240.0.4 Darwin/20.6.0", "phone", "iOS", "MyApp"),
    ("Acme Shop/3.4.1 (iPhone; iOS 15.2; Scale/3.00)", "phone", "iOS", "Acme Shop"),
    ("Dalvik/2.1.0 (Linux; U; Android 9; SM-G960F Build/PPR1.180610.011)", "", "Android", "an app"),
    ("Android - Native Mobile App", "phone", "Android", "an app"),
    ("okhttp/4.9.0", "", "", "an app"),
    ("something else", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "device", "system", "browser"), TOLD)
def test_families_are_told_and_no_version(text: str, device: str, system: str, browser: str) -> None:
    """What a program is of is told as people call it, by its family alone; what is not known is not told."""
    told = {"device": device, "system": system, "browser": browser}
    assert read_agent(text) == ({name: value for name, value in told.items() if value}, False)


def test_programs_say_so() -> None:
    """A robot is one, and who holds a phone of Cubot's is not."""
    assert read_agent(ROBOT)[1] and read_agent("HeadlessChrome/120")[1]
    assert not read_agent("Mozilla/5.0 (Linux; Android 9; CUBOT_X18) Mobile Safari/537.36")[1]


@given(st.sampled_from([text for text, *_ in TOLD]), st.lists(st.integers(0, 9_999), min_size=9, max_size=9))
def test_versions_change_nothing(text: str, numbers: list[int]) -> None:
    """Texts that are held against the rules once for many versions tell what each would have told."""
    left = iter(numbers)
    other = agents._VERSION.sub(
        lambda m: (
            f"{m[1]}{m[2]}{'x' if m[1] == 'Build' else agents._NUMBERS.sub(lambda n: str(next(left, n[0])), m[3])}"
        ),
        text,
    )
    assert read_agent(other) == read_agent(text)


@given(st.text(max_size=600))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever stands in the column, the fields are of the three, each a text, and the same each time."""
    of, program = read_agent(text)
    assert set(of) <= {"device", "system", "browser"} and all(of.values()) and read_agent(text) == (of, program)


def texts(*values: str) -> Column:
    return Column(filled=len(values), types={"text"}, numeric=False, timely=False, distinct={*values})


def test_columns_of_user_agents_are_told_by_name_and_values() -> None:
    """An agent who is a person, a browser's name alone and a note that quotes one user agent are no such column."""
    held = {
        "userAgent": texts(WINDOWS, "Android - Native Mobile App"),
        "context.client_info": texts(WINDOWS, IPHONE),
        "agent": texts("Ann", "Bob"),
        "user_agent": texts("Chrome", "Firefox"),
        "note": texts("called", WINDOWS),
    }
    assert agent_columns(held) == ["userAgent", "context.client_info"]


@pytest.mark.parametrize(
    ("column", "left"),
    [
        ("deviceCategory", ("system", "browser")),
        ("device", ("system", "browser")),
        ("user_device", ("system", "browser")),
        ("os", ("device", "browser")),
        ("device.os", ("device", "browser")),
        ("context.browser.name", ("device", "system")),
        ("device_id", ("device", "system", "browser")),
        ("platform", ("device", "system", "browser")),
    ],
)
def test_what_the_log_tells_itself_is_not_told_twice(column: str, left: tuple[str, ...]) -> None:
    """A field is left out where a column is of its kind; one of another kind takes none away."""
    assert agents_of({"ua": texts(WINDOWS, IPHONE), column: texts("a", "b")}, []).fields == left


def test_a_column_that_somebody_maps_stays_as_it_is() -> None:
    """Whoever says that user agents are the thing has them."""
    assert agents_of({"ua": texts(WINDOWS)}, ["ua"]) == Agents()


def log_of(folder: Path, **options: Any) -> tuple[Log, ReadLog, list[dict[str, Any]]]:
    """A log of forty users who read pages, one of them a robot."""
    path = folder / "a.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["personId", "timestamp", "eventType", "contentId", "userAgent"])
        for n in range(800):
            agent = ROBOT if n % 40 == 7 else "" if n % 40 == 8 else (WINDOWS, IPHONE)[n % 2]
            writer.writerow(
                [f"u{n % 40}", f"2024-03-{1 + n // 40:02} 10:{n % 40:02}", "VIEW", f"-{3**23 + n % 30}", agent]
            )
    told = Options(inputs=(str(path),), out=folder / "out", **options)
    log, store = find_log(told), Store.create(folder / "out")
    read = read_log(log, told, store, Silent())
    with store.connect() as connection:
        rows = connection.execute(f"SELECT properties FROM '{store.path('events.parquet')}'").fetchall()
    return log, read, [orjson.loads(held) for (held,) in rows]


def test_a_log_keeps_what_user_agents_tell_and_not_the_texts(tmp_path: Path) -> None:
    """The thing is what was read, by its key; robots are set aside; no file holds a text; the page says what was done."""
    log, read, held = log_of(tmp_path)
    assert log.found.mapping["object"] == "contentId"
    assert (read.events, read.reasons) == (780, {"automation": 20})
    kinds = [tuple(sorted(of.items())) for of in held]
    phone = (("browser", "Firefox"), ("device", "phone"), ("system", "iOS"))
    computer = (("browser", "Chrome"), ("device", "computer"), ("system", "Windows"))
    assert {kind: kinds.count(kind) for kind in {*kinds}} == {computer: 380, phone: 380, (): 20}
    said = "user agents (userAgent) were read as device, system and browser"
    assert [note for note in read.notes if note.startswith(said)] and "userAgent" not in read.unused
    assert [note for note in read.notes if note.startswith("what contentId holds are keys")]
    assert not [
        path for path in (tmp_path / "out").rglob("*") if path.is_file() and b"AppleWebKit" in path.read_bytes()
    ]


def test_robots_that_are_kept_are_marked(tmp_path: Path) -> None:
    """What says that it is a program leaves its mark, and never its text."""
    _, read, held = log_of(tmp_path, keep=("automation",))
    assert read.events == 800 and sum(of.get("user_agent") == "bot" for of in held) == 20


def test_shares_of_a_log_tell_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that is read in many parts has the same events."""
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    for folder in (whole, parted):
        folder.mkdir()
        if folder == parted:
            monkeypatch.setattr(reading, "SHARE_BYTES", 20_000)
        log_of(folder, workers=1)
    # Users are hashed by the key of each run.
    query = "SELECT line, ts, action, object, properties FROM '{}' ORDER BY line"
    rows = [duckdb.sql(query.format(folder / "out" / "events.parquet")).fetchall() for folder in (whole, parted)]
    assert rows[0] == rows[1] and len(rows[0]) == 780
