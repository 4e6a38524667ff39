"""Times: all spellings of one moment, decided by column where values alone cannot say it, and clocks on the wall."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.errors import InputError, UsageError
from persona_agent.log.reading import find_log, read_log
from persona_agent.log.times import Clock, TimeForm, Undecided, decide_form, form_of, timestamp
from persona_agent.log.values import Rejected
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

MOMENT = datetime(2023, 11, 24, 8, 5, tzinfo=UTC)
MICROS = int(MOMENT.timestamp()) * 10**6

AWARE = """
2023-11-24T08:05:00Z
2023-11-24T09:05:00+01:00
2023-11-24 09:05:00 +0100
2023-11-24 08:05:00 UTC
20231124T080500Z
2023-11-24T09:05+01:00[Europe/Rome]
2023-11-24T09:05[Europe/Rome]
Fri, 24 Nov 2023 08:05:00 GMT
Fri, 24 Nov 2023 03:05:00 -0500
24 Nov 2023 03:05:00 EST
24/Nov/2023:09:05:00 +0100
[24/Nov/2023:08:05:00 +0000]
/Date(1700813100000)/
/Date(1700813100000+0100)/
Fri Nov 24 08:05:00 UTC 2023
Fri Nov 24 08:05:00 +0000 2023
Fri Nov 24 2023 09:05:00 GMT+0100 (Central European Standard Time)
1700813100
1700813100.0
1700813100000
1.7008131e9
1.7008131E+12
1,7008131E+12
1700813100000000
1700813100000000000
638364099000000000
2023-11-24t08:05:00z
2023-11-24 09:05:00 +0100 CET
2023-11-24 08:05:00.000000000 +0000 UTC
24 Nov 2023 17:05:00 JST
"""
NAIVE = """
2023-11-24 8:05:00
2023-11-24 08:05:00,000
2023/11/24 08:05
2023.11.24 8:5
20231124080500
20231124 080500
2023-11-24 08:05:00 AM
24-Nov-2023 08:05:00
24-NOV-23 08.05.00.000000 AM
24NOV2023:08:05:00
Nov 24, 2023 8:05:00\u202fAM
November 24th, 2023 at 8:05 a.m.
Friday, 24 November 2023, 8:05 AM
08:05, 24 November 2023
Fri Nov 24 08:05:00 2023
24. November 2023 08:05 Uhr
24 de noviembre de 2023 8:05
2023年11月24日 08时05分
2023-328T08:05:00
2023-11-24-08.05.00.000000
2023/11/24 08-05-00
2023_11_24_08_05_00
'2023-11-24 08:05:00
24 novembre 2023 à 08:05
24 ноября 2023 г. 08:05
24 listopada 2023 8:05
24 Kasım 2023 08:05
"""
DAY_FIRST = ["24/11/2023 08:05", "24.11.2023 8:05:00", "24-11-2023 08:05", "24/11/23, 8:05 AM", "08:05 24/11/2023"]


@pytest.mark.parametrize("text", AWARE.split("\n")[1:-1])
def test_times_with_a_zone(text: str) -> None:
    """Each spelling is the one moment."""
    assert timestamp(text) == (MICROS, False)


@pytest.mark.parametrize("text", NAIVE.split("\n")[1:-1])
def test_times_without_a_zone(text: str) -> None:
    """Each spelling is the one time of day, and is known to lack its zone."""
    assert timestamp(text.encode().decode("unicode_escape") if "\\u" in text else text) == (MICROS, True)


@pytest.mark.parametrize("text", DAY_FIRST)
def test_day_and_month_are_told_by_the_column(text: str) -> None:
    """A value alone is not read; with its column's order it is."""
    with pytest.raises(Rejected, match="--time-format"):
        timestamp(text)
    form = decide_form([text], [])
    assert form == TimeForm(order="dmy")
    assert Clock(form).read(text) == (MICROS, True)


def test_ends_of_days_and_what_is_no_time() -> None:
    """24:00 is the next day's beginning; parts that cannot be are refused."""
    assert timestamp("2023-11-23T24:00:00Z") == (timestamp("2023-11-24")[0], False)
    assert timestamp("2023-12-31 23:59:60") == timestamp("2024-01-01 00:00:00")
    for text in ("2023-11-24 24:01", "2023-11-24 08:61", "24 Foo 2023", "2023-11-24 08:05 XYZ", "32 Nov 2023", "8:05"):
        with pytest.raises(Rejected):
            timestamp(text)


def test_the_order_of_day_and_month_is_never_guessed() -> None:
    """One telling value decides, wherever it stands; none, or two that contradict each other, leave it open."""
    open_ = ["01/02/2024", "03/04/2024"]
    assert decide_form(open_, ["05/06/2024", "12/31/2024"]).order == "mdy"
    assert decide_form(["23-11-24", "33-01-01"], []).order == "ymd"
    for values, more in ((open_, ["05/06/2024"]), (["13/01/2024", "01/13/2024"], []), (["24-11-23"], ["07-08-09"])):
        with pytest.raises(Undecided):
            decide_form(values, more)


def test_days_of_a_spreadsheet_are_known_by_the_column() -> None:
    """A column of such numbers is days, to the millisecond, as text, with a comma or as numbers; among others it is not."""
    for values in (["45254.33680556", "45255"], ["45254,33680556"], [45254.33680556]):
        form = decide_form(values, [])
        assert form.days
        us, naive = Clock(form).read(values[0])
        assert abs(us - MICROS) <= 1_000
        assert naive
    assert not decide_form(["45254.3", "12"], []).days
    with pytest.raises(Rejected):
        timestamp("45254.3")


@given(
    st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 31)), st.sampled_from(["%d/%m/%Y", "%m.%d.%Y", "%Y/%m/%d"])
)
def test_dates_survive_their_dress(moment: datetime, form: str) -> None:
    """What is written in an order, with and without zeros, is read back."""
    moment = moment.replace(microsecond=0)
    order = {"d": "dmy", "m": "mdy", "Y": ""}[form[1]]
    plain = moment.strftime(form + " %H:%M:%S")
    short = "/".join(str(int(part)) for part in moment.strftime(form).replace(".", "/").split("/"))
    for text in (plain, f"{short} {moment.hour}:{moment.minute:02}:{moment.second:02}"):
        assert Clock(TimeForm(order=order)).read(text)[0] == int(moment.replace(tzinfo=UTC).timestamp()) * 10**6


def test_a_pattern_reads_what_is_not_known() -> None:
    """`--time-format` reads by a pattern or a word, and refuses what is neither."""
    assert Clock(form_of("%H.%M on %j/%y")).read("08.05 on 328/23") == (MICROS, True)
    assert Clock(form_of("%Y|%m|%d %H:%M %z")).read("2023|11|24 09:05 +0100") == (MICROS, False)
    assert Clock(form_of("month-first")).read("11/24/2023 08:05") == (MICROS, True)
    with pytest.raises(Rejected, match="is not of the form"):
        Clock(form_of("%Y|%m|%d")).read("2023-11-24")
    with pytest.raises(UsageError, match="--time-format"):
        Options(time_format="european")


ROME = ZoneInfo("Europe/Rome")
TWICE = datetime(2023, 10, 28, 23, 0, tzinfo=UTC)  # 02:00 to 03:00 on the 29th comes twice, from midnight UTC on


@pytest.mark.parametrize("falling", [False, True])
def test_the_hour_that_comes_twice_is_told_by_the_lines_before(falling: bool) -> None:
    """In files that rise or fall, wall-clock times around the end of summer time are the moments they were."""
    true = [TWICE + timedelta(minutes=10 * i) for i in range(24)]
    true = true[::-1] if falling else true
    clock = Clock(TimeForm(zone="Europe/Rome"))
    found = [clock.read(moment.astimezone(ROME).strftime("%Y-%m-%d %H:%M:%S")) for moment in true]
    assert found == [(int(moment.timestamp()) * 10**6, True) for moment in true]
    assert clock.read("2023-11-24T08:05Z") == (MICROS, False)


def log_of(path: Path, times: Sequence[str], **options: Any) -> tuple[dict[str, Any], list[datetime]]:
    """The account of a table of seven users with these times, and the times stored, in order."""
    with path.open("w", newline="") as file:
        rows = [(f"u{i % 7}", time, "look", f"thing {i % 3}") for i, time in enumerate(times)]
        csv.writer(file).writerows([("user_id", "timestamp", "action", "object"), *rows])
    settings = Options(inputs=(str(path),), out=path.parent / "out", **options)
    store = Store.create(settings.out)
    facts = read_log(find_log(settings), settings, store, Silent())
    rows = duckdb.sql(f"SELECT ts FROM '{store.path('events.parquet')}' ORDER BY ts").fetchall()
    return asdict(facts), [ts for (ts,) in rows]


def dressed(dress: Callable[[datetime], str], n: int = 40) -> tuple[list[datetime], list[str]]:
    moments = [datetime(2024, 2, 1, 7, 30) + timedelta(hours=11 * i) for i in range(n)]
    return moments, list(map(dress, moments))


DRESSES: dict[str, Callable[[datetime], str]] = {
    "hours without zeros": lambda t: f"{t:%Y-%m-%d} {t.hour}:{t:%M:%S}",
    "day first": lambda t: f"{t:%d/%m/%Y %H:%M}",
    "month first": lambda t: f"{t.month}/{t.day}/{t:%y} {t:%I:%M %p}",
    "days": lambda t: repr((t - datetime(1899, 12, 30)) / timedelta(days=1)),
    "exponent": lambda t: f"{t.replace(tzinfo=UTC).timestamp() * 1000:.9E}",
}


@pytest.mark.parametrize("name", DRESSES)
def test_whole_logs_in_other_dress(name: str, tmp_path: Path) -> None:
    """Every event of a log comes in at its time, without an option."""
    moments, texts = dressed(DRESSES[name])
    facts, found = log_of(tmp_path / "a.csv", texts)
    assert (facts["rejected"], found) == (0, moments)


def test_an_open_order_is_asked_for(tmp_path: Path) -> None:
    """A log that fits both orders stops with the option, and is read with it."""
    _, texts = dressed(lambda t: f"{t:%d/%m/%Y %H:%M}", 20)
    with pytest.raises(InputError, match="01/02/2024 07:30") as error:
        log_of(tmp_path / "a.csv", texts)
    assert "--time-format day-first" in (error.value.hint or "")
    assert log_of(tmp_path / "a.csv", texts, time_format="month-first")[1][0] == datetime(2024, 1, 2, 7, 30)
    assert log_of(tmp_path / "a.csv", texts, time_format="%d/%m/%Y %H:%M")[1][0] == datetime(2024, 2, 1, 7, 30)


def test_a_day_before_1970_is_called_so(tmp_path: Path) -> None:
    """A ledger of 1902 is told what is wrong with it, and is not sent to another column or to the order of day and month."""
    path = tmp_path / "a.csv"
    rows = [f"u{n % 9},{1 + n % 28}/11/1902,{1 + n % 28}/11/1902,b{n % 7}" for n in range(60)]
    path.write_text("\n".join(["user,date,return date,action", *rows]))
    for form in (None, "%d/%m/%Y"):
        with pytest.raises(InputError, match="a time of 1902 is before 1970") as error:
            options = Options(inputs=(str(path),), out=tmp_path / f"out{form is None}", time_format=form)
            read_log(find_log(options), options, Store.create(options.out), Silent())
        assert "may be day first" not in str(error.value)
        assert "return date" not in str(error.value)


def test_local_times_are_their_zones(tmp_path: Path) -> None:
    """With `times_are="local"` what clocks showed is stored as what it was; dates alone are said by act."""
    _, texts = dressed(lambda t: f"{t:%Y-%m-%d %H:%M}", 20)
    facts, found = log_of(tmp_path / "a.csv", texts, times_are="local", timezone="America/Lima")
    assert found[0] == datetime(2024, 2, 1, 12, 30)
    assert (facts["times_are"], facts["dates_only"]) == ("America/Lima", [])
    _, texts = dressed(lambda t: f"{t:%Y-%m-%d}", 20)
    for options in ({}, {"times_are": "local", "timezone": "Asia/Kathmandu"}):
        assert log_of(tmp_path / "a.csv", texts, **options)[0]["dates_only"] == ["look"]


@pytest.mark.parametrize(("pattern", "first"), [("%y%m%d", 1993), ("%y%m%d", 2024), ("%d%m%y", 2024), ("%m%d%y", 1999)])
def test_days_of_six_digits_are_known_by_the_column(pattern: str, first: int) -> None:
    """As banks write them; the order of their parts is the one by which the days lie together."""
    days = [datetime(first, 1, 1, tzinfo=UTC) + timedelta(days=7 * n) for n in range(80)]
    texts = [f"{day:{pattern}}" for day in days]
    form = decide_form(texts, texts)
    assert form.pattern == pattern
    assert [Clock(form).read(text)[0] for text in texts] == [int(day.timestamp()) * 10**6 for day in days]
    assert decide_form(texts[:9], texts) == form and decide_form(texts[:9], texts[:9]) == TimeForm()
    assert decide_form([f"{n * 7_919 % 1_000_000:06}" for n in range(90)], []) == TimeForm()


def test_years_without_their_century_are_read_where_all_are_so(tmp_path: Path) -> None:
    """A program took `14` for the year 14; a lone year 1 among others is no date, as .NET writes for nothing."""
    texts = [f"00{14 + n // 15}-11-{1 + n % 15:02} 15:40:26" for n in range(30)] + ["0098-01-02 08:00:00"]
    form = decide_form(texts, texts)
    read = [Clock(form).read(text)[0] // 10**6 for text in texts]
    assert [datetime.fromtimestamp(at, UTC).year for at in (read[0], read[-2], read[-1])] == [2014, 2015, 1998]
    assert decide_form([*texts, "2014-11-18 15:40:26"], []) == TimeForm()
    path = tmp_path / "a.csv"
    path.write_text("user,time,action\n" + "".join(f"u{n % 9},{text},charge\n" for n, text in enumerate(texts)))
    assert any("without their century" in said for said in find_log(Options(inputs=(str(path),))).found.said)


def test_an_error_of_times_says_how_it_shows_them() -> None:
    """A value is shown by its form, which nobody finds in the file."""
    with pytest.raises(Rejected, match=r"like '99-aaa' \(9 for any digit, a for any letter\) is no time"):
        timestamp("12-mai")
