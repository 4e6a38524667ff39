"""A finished `Run`: its personas, claims with their lines, users, pages, folder, and checking it."""

from __future__ import annotations

import gc
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import polars
import pyarrow
import pytest

import persona_agent as pa
from persona_agent.report import first_page
from persona_agent.schema import PersonaSet
from persona_agent.words.floors import of_users
from tests.conftest import SMALL_OPTIONS
from tests.factories import everyone, hostile, persona_set


def test_a_run_has_its_personas(run: pa.Run) -> None:
    """Two personas are shown and found by name; `claims` are theirs; its line says how many, of whom, and where."""
    assert run.state == "groups"
    assert [p.id for p in run.personas] == ["p1", "p2"]
    assert run.withheld == []
    assert run.everyone is None
    assert run.persona("p2") == run.personas[1]
    assert [c.id for c in run.claims()] == [c.id for p in run.personas for c in p.claims]
    assert repr(run) == f"<Run: 2 personas of 120 users, in {str(run.out)!r}>"
    assert run.failures == []


def test_a_claim_has_the_lines_of_the_frame(run: pa.Run, frame: pd.DataFrame) -> None:
    """Each line for and against a claim holds what stands in that row of the frame, and lines for it match its measure."""
    claims = [run.claim(c.id) for c in run.claims()]
    assert any(claim.against for claim in claims)
    for claim in claims:
        assert isinstance(claim, pa.Claim)
        assert len(claim.lines) == len(claim.citations) > 0
        for line in [*claim.lines, *claim.against]:
            row = frame.iloc[line.line - 1]
            assert (line.file, line.action) == ("frame", row.action)
            assert line.object == ("" if pd.isna(row.object) else row.object)
            assert line.time == row.timestamp[:16].replace("T", " ")
            assert line.user != row.user


def test_unknown_names_are_usage_errors(run: pa.Run) -> None:
    """What there is is listed."""
    with pytest.raises(pa.UsageError, match=r"No persona is called 'p9'\. There are: p1, p2"):
        run.persona("p9")
    with pytest.raises(pa.UsageError, match=r"p1 has no claim 'p1.c99'\. There are: p1\.c1"):
        run.claim("p1.c99")
    with pytest.raises(pa.UsageError, match=r"no option 'max_round'\. Did you mean 'max_rounds'"):
        pa.run("nothing.csv", max_round=2)
    with pytest.raises(pa.UsageError, match="The log is an argument of its own"):
        pa.run("nothing.csv", inputs="other.csv")
    with pytest.raises(pa.InputError, match=r"There is no file 'nothing\.csv'"):
        pa.run("nothing.csv")


def test_users_are_a_table_for_every_library(run: pa.Run, frame: pd.DataFrame) -> None:
    """pandas, polars and Arrow see the same 120 hashed users, with the personas' sizes; no raw id is among them."""
    table = run.users()
    seen = table.to_pandas()
    assert table.to_polars()["user"].to_list() == table.to_arrow()["user"].to_pylist() == list(seen["user"])
    assert len(polars.DataFrame(table)) == pyarrow.table(table).num_rows == 120
    assert set(seen["user"]) & set(frame["user"]) == set()
    exact = seen["persona_id"].dropna().value_counts()
    assert {p.id: p.size.users for p in run.personas} == {name: of_users(int(n)) for name, n in exact.items()}
    halves = "group_by_odd, group_by_even, chance_by_odd, chance_by_even"
    assert repr(table) == f"<Table: user, fold, group, {halves}, leaning, persona_id, memberships, profile>"


class Tags(HTMLParser):
    """Checks that tags are closed in order, and keeps which there were."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "br":
            self.open.append(tag)
        assert {name for name, _ in attrs} <= {"style", "colspan"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_notebook_shows_the_first_page(run: pa.Run) -> None:
    """It names every persona with its share, as a piece of HTML without scripts, style sheets or links."""
    page = run._repr_html_()
    for persona in run.personas:
        assert persona.label in page
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.seen <= {"div", "p", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "br", "ul", "li"}


@pytest.mark.parametrize("personas", [persona_set(), everyone()])
def test_text_of_the_log_is_text_on_the_first_page(personas: PersonaSet) -> None:
    """Markup in every field of a persona set comes out escaped, also where there are no groups."""
    tags = Tags()
    tags.feed(first_page(hostile(personas, '"><script>alert(1)</script><img src=x onerror=y>')))
    assert "script" not in tags.seen
    assert "img" not in tags.seen


def test_the_report_is_there(run: pa.Run) -> None:
    """`report` is the file, `html` its text, and it names each claim."""
    assert run.report.is_file()
    assert run.html().lstrip().startswith("<!doctype html>")
    assert all(f'"{claim.id}"' in run.html() for claim in run.claims())


def test_a_run_in_a_folder_stays_and_is_made_once(tiny_log: Path, tmp_path: Path) -> None:
    """`load` reads what `run` wrote; the same run asked for again, as an `Options`, leaves the files as they are."""
    out = tmp_path / "out"
    made = pa.run(tiny_log, out, **SMALL_OPTIONS)
    written = (out / "personas.json").stat().st_mtime_ns
    again = pa.run(str(tiny_log), str(out), options=pa.Options(**SMALL_OPTIONS))
    assert (out / "personas.json").stat().st_mtime_ns == written
    assert made.persona_set == again.persona_set == pa.load(str(out)).persona_set
    assert pa.check(out).failures == []
    del made, again
    gc.collect()
    assert out.is_dir()


def test_loading_what_is_no_run(tmp_path: Path) -> None:
    """A folder without run.json, and one whose run did not finish, are StoreErrors."""
    with pytest.raises(pa.StoreError, match="holds no run"):
        pa.load(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(pa.StoreError, match="did not finish"):
        pa.load(tmp_path)


def copied(run: pa.Run) -> pa.Run:
    folder = Path(str(run.out) + "-copy")
    shutil.copytree(run.out, folder)
    return pa.Run(folder, run.persona_set, [], temporary=True)


def test_a_temporary_folder_lives_as_long_as_the_run(run: pa.Run) -> None:
    """It is there while the run, or a table of it, is referred to; then, or at the end of a `with`, it is gone."""
    held = copied(run)
    out, table = held.out, held.users()
    del held
    gc.collect()
    assert len(table.to_pandas()) == 120
    del table
    gc.collect()
    assert not out.exists()
    with copied(run) as opened:
        assert opened.out.is_dir()
    assert not opened.out.exists()
    with pytest.raises(pa.StoreError, match="holds no run"):
        opened.users()


def test_a_run_that_fails_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a temporary run had written is gone when it ends in an error."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(pa.InputError):
        pa.run(pd.DataFrame({"user": ["a"], "timestamp": ["never"], "action": ["x"]}))
    assert list(tmp_path.iterdir()) == []


def test_checking_takes_the_frame_again(run: pa.Run, frame: pd.DataFrame) -> None:
    """All claims hold on the frame; without it the run says what it needs; one claim can be asked alone."""
    assert pa.check(run, at=frame).failures == []
    assert pa.check(run, at=frame).warnings == []
    assert pa.check(run, run.claims()[0], at=frame).checked == 1
    with pytest.raises(pa.UsageError, match=r"made from a data frame.*check\(run, at=frame\)"):
        pa.check(run)


def test_a_changed_row_fails_the_claims_that_cite_it(run: pa.Run, frame: pd.DataFrame) -> None:
    """One cell of a cited row is changed: `check` names that line, for each claim that cites it and for no other."""
    line = run.claims()[0].citations[0].line
    changed = frame.copy()
    changed.loc[line - 1, "portions"] = 987.0
    found = pa.check(run, at=changed)
    told = {failure["claim"] for failure in found.failures if f"frame:{line} has changed" in failure["problem"]}
    citing = {
        c.id
        for c in run.claims()
        if any(x.line == line for x in [*c.citations, *(c.counter.lines if c.counter else [])])
    }
    assert told == citing
    assert {n for f in found.failures for n in re.findall(r"frame:(\d+) has changed", f["problem"])} == {str(line)}
    assert found.warnings == ["frame has changed since the run"]


def test_progress_is_told_where_it_is_asked_for(frame: pd.DataFrame, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed by itself; `True` prints a line a stage on stderr; an object is told instead."""

    class Kept:
        def __init__(self) -> None:
            self.stages: list[str] = []

        def stage(self, name: str) -> None:
            self.stages.append(name)

        def update(self, done: int, total: int | None, unit: str) -> None: ...

        def note(self, text: str) -> None: ...

    kept = Kept()
    pa.inspect(frame)
    pa.inspect(frame, progress=kept)
    assert capfd.readouterr() == ("", "")
    pa.inspect(frame, progress=True)
    out, err = capfd.readouterr()
    assert (out, err.splitlines()[0], kept.stages) == ("", "read", ["read"])


def test_users_are_placed_in_a_frame(run: pa.Run, frame: pd.DataFrame) -> None:
    """The log as a frame gives every user the persona and the certainty that the run gave it; ids need a purpose."""
    own = run.users().to_pandas().set_index("user")
    made = run.assign(frame).to_pandas().set_index("user")
    assert (made["persona"] == own["persona_id"][made.index]).all()
    assert list(made.columns) == ["persona", "name", "certainty", "why", "p1", "p2"]
    with pytest.raises(pa.UsageError, match="purpose"):
        run.assign(frame, ids=True)
    with_ids = run.assign(frame, ids=True, purpose="a mail").to_pandas()
    assert set(with_ids["user"]) == set(frame["user"])
