"""A table that writes a word where it holds nothing means the same as one that leaves the cell empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from persona_agent.errors import InputError
from persona_agent.log.blanks import BESIDE
from persona_agent.log.reading import Log, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

USERS, LINES = 30, 600


def table(folder: Path, blank: str, *, stars: bool = True) -> Path:
    """Watched films with a mark on each third line, a note on each second, and none of either on the others."""
    rows = ["viewer_id,event_time,event,item,stars,note"]
    for n in range(LINES):
        at = blank if n % 10 == 9 else f"2024-03-{1 + n // USERS:02} 10:{n % 60:02}:{n % 59:02}"
        mark = str(1 + n % 5) if stars and n % 3 == 0 else blank if stars else f"{'ABC'[n % 3]}"
        rows.append(f"v{n % USERS},{at},watch,film {n % 40},{mark},{blank if n % 2 else 'good'}")
    (path := folder / "films.csv").write_text("\n".join(rows) + "\n")
    return path


def looked_at(path: Path) -> Log:
    return find_log(Options(inputs=(str(path),)))


@pytest.mark.parametrize("blank", ["NA", "NULL", "nan", "None", "#N/A"])
def test_a_word_for_nothing_is_nothing(blank: str, tmp_path: Path) -> None:
    """Its lines have no time and are rejected as such, its column stays one of numbers, no text has the word, and it is said."""
    log = looked_at(path := table(tmp_path, blank))
    assert log.found.numeric == ("stars",)
    assert any(f"“{blank}” stands for nothing in films.csv" in said for said in log.found.said)
    read = read_log(log, Options(inputs=(str(path),)), out := Store.create(tmp_path / "out"), Silent())
    assert (read.events, read.rejected) == (LINES * 9 // 10, LINES // 10)
    with out.connect() as connection:
        events = str(out.path("events.parquet"))
        told = connection.execute(f"SELECT count(*) FROM read_parquet('{events}') WHERE properties LIKE '%{blank}%'")
        assert told.fetchall() == [(0,)]


def test_a_word_that_no_numbers_show_stays(tmp_path: Path) -> None:
    """A region that is called so, in a table without a column of numbers that it breaks."""
    rows = [f"v{n % USERS},2024-03-{1 + n // USERS:02},watch,{('NA', 'EU')[n % 2]}" for n in range(LINES)]
    (path := tmp_path / "films.csv").write_text("\n".join(["viewer_id,event_time,event,region", *rows]) + "\n")
    log = looked_at(path)
    assert not any("stands for nothing" in said for said in log.found.said)
    few = [f"{row},{n if n < BESIDE - 1 else 'NA'}" for n, row in enumerate(rows)]
    path.write_text("\n".join(["viewer_id,event_time,event,region,stars", *few]) + "\n")
    assert not any("stands for nothing" in said for said in looked_at(path).found.said)


def test_rows_without_a_time_may_be_what_did_not_happen(tmp_path: Path) -> None:
    """A list of what might be watched: the error says so, and not that the log is broken."""
    rows = [f"v{n % USERS},{'' if n % 3 else f'2024-03-{1 + n // USERS:02}'},watch" for n in range(LINES)]
    (path := tmp_path / "films.csv").write_text("\n".join(["viewer_id,event_time,event", *rows]) + "\n")
    with pytest.raises(InputError, match="event_time is empty or missing") as error:
        read_log(looked_at(path), Options(inputs=(str(path),)), Store.create(tmp_path / "out"), Silent())
    assert "what did not happen" in (error.value.hint or "")
