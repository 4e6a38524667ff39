"""Groups that somebody gives: every common form of a table, whom it means, and what of it is left out, counted and refused."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.errors import InputError, UsageError
from persona_agent.ids import user_hash
from persona_agent.log.given import GivenGroups, place, read_groups

FORMS = {
    "commas": "user_id,segment\nu1,Early\nu2,Late\n",
    "windows": "user_id,segment\r\nu1,Early\r\nu2,Late\r\n",
    "semicolons": '"Kundennummer";"cluster"\n"u1";"Early"\n"u2";"Late"\n',
    "an index": ",user,group\n0,u1,Early\n1,u2,Late\n",
    "pandas' index": "Unnamed: 0,user,group\n0,u1,Early\n1,u2,Late\n",
    "another name of groups": "customer_id,wave\nu1,Early\nu2,Late\n",
    "the log's name of users": "shopkey\tgroup\textra\nu1\tEarly\t3\nu2\tLate\t4\n",
    "no header": "u1,Early\nu2,Late\n",
    "a JSON list": '[{"user": "u1", "group": "Early"}, {"user": "u2", "group": "Late"}]',
    "JSON lines": '{"uid": "u1", "cohort": "Early"}\n{"uid": "u2", "cohort": "Late"}\n',
}
KEY = b"k" * 32


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_forms(form: str, encoding: str, tmp_path: Path) -> None:
    """Whatever form and encoding the table has, packed or not, each user gets the group that stands beside the id."""
    path = tmp_path / "groups.csv"
    for content in (FORMS[form].encode(encoding), gzip.compress(FORMS[form].encode(encoding))):
        path.write_bytes(content)
        assert read_groups(path, "shopkey").group == {"u1": "Early", "u2": "Late"}


def test_frames_and_parquet(tmp_path: Path) -> None:
    """A data frame and the Parquet file of it give one thing; ids that went through a float column are whole."""
    frame = pd.DataFrame(
        {"user": [17.0, 18.0, None], "group": ["a", "b", "a"], "at": pd.to_datetime(["2024-03-31"] * 3)}
    )
    frame.to_parquet(tmp_path / "g.parquet")
    found = read_groups(frame)
    assert found == read_groups(tmp_path / "g.parquet")
    assert found.group == {"17": "a", "18": "b"}
    assert found.no_user == 1
    assert found.at["17"] == 1_711_843_200_000_000


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    """Rows without an id, users without a group, in two, and without a date are in no group, and counted; a row that comes twice
    costs nothing; a user under two dates is in none.
    """
    path = tmp_path / "g.csv"
    path.write_text(
        "user,group,certainty,at\nu1,a,0.9,2024-03-01\nu1,a,0.9,2024-03-01\nu2,a,1,2024-03-01\nu2,b,1,2024-03-01\n"
        ",a,1,2024-03-01\nu3,,,\nu4,b,80%,\nu5,b,,2024-03-01\nu6,b,1,2024-03-01\nu6,b,1,2024-04-01\n"
    )
    found = read_groups(path)
    assert found.group == {"u1": "a", "u5": "b"}
    assert found.certainty == {"u1": 0.9}
    assert (found.rows, found.no_user, found.no_group, found.several, found.no_date) == (10, 1, 1, 2, 1)


def test_dates_are_of_the_zone_that_is_named(tmp_path: Path) -> None:
    """A date without an offset is midnight in the zone of the run."""
    path = tmp_path / "g.csv"
    path.write_text("user,group,at\nu1,a,2024-07-01\n")
    berlin, utc = (read_groups(path, zone=zone).at["u1"] for zone in ("Europe/Berlin", "UTC"))
    assert utc - berlin == 2 * 3_600_000_000


@pytest.mark.parametrize(
    "text", ["customer_id\nu1\nu2\n", "shopkey\nu1\nu2\n", "u1\nu2\n", '{"user": "u1"}\n{"user": "u2"}\n']
)
def test_a_list_of_users_is_one_group(text: str, tmp_path: Path) -> None:
    """Users alone, with a header or without one: they are one group, which is called as the file."""
    path = tmp_path / "spring_buyers.csv"
    path.write_text(text)
    found = read_groups(path, "shopkey")
    assert (found.group, found.by) == ({"u1": "spring buyers", "u2": "spring buyers"}, "")
    assert {*read_groups(pd.DataFrame({"user": ["u1", "u2"]})).group.values()} == {"listed"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("user,gender\nu1,f\n", "says who somebody is"),
        ("user,age_group\nu1,18-24\n", "says who somebody is"),
        ("user,a,b\nu1,x,y\n", "no column of groups can be told among user, a, b"),
        ("a,group,b\nu1,x,y\n", "no column of users"),
        ("user,group,certainty\nu1,x,7\n", "line 2, column 'certainty': no number from 0 to 1"),
        ("user,group,at\nu1,x,soon\n", "line 2, column 'at': a value like 'aaaa' (9 for any digit"),
        ("user,group,at\nu1,x,02/03/2024\n", "may be day first or month first"),
        ("user,group\nu1,Own label, low\n", "line 2: 3 values, where the table has 2 columns"),
        ("user,group\nu1,\n", "puts nobody into a group"),
        ("user,group\n", "has no rows"),
        ("user,group\n" + "".join(f"u{i},g{i}\n" for i in range(60)), "60 groups"),
        ('{"user": "u1", "group": "a"}\n{"user": \n', "line 2: no JSON"),
    ],
)
def test_what_is_refused_says_where_and_why(text: str, said: str, tmp_path: Path) -> None:
    """A table that cannot be used is an error that names the line or column and has a hint."""
    path = tmp_path / "g.csv"
    path.write_text(text)
    with pytest.raises((InputError, UsageError), match=re.escape(said)) as error:
        read_groups(path)
    assert error.value.hint


def test_place() -> None:
    """Users of the log get their group by keyed hash, bigger groups first; unknown ids and users in no group are counted."""
    hashes = [user_hash(KEY, u) for u in ("u1", "u2", "u3", "u4")]
    groups = GivenGroups({"u1": "b", "u2": "a", "u3": "a", "gone": "c"}, "group", 4, {"u2": 0.5}, {"u1": 7})
    placed = place(groups, KEY, hashes)
    assert placed.names == ["a", "b"]
    assert placed.label.tolist() == [1, 0, 0, -1]
    assert placed.certainty.tolist() == [1.0, 0.5, 1.0, 0.0]
    assert placed.at.tolist() == [7, -1, -1, -1]
    assert (placed.unknown, placed.without) == (1, 1)
    with pytest.raises(InputError, match="None of the 4 users"):
        place(groups, b"x" * 32, hashes)


@settings(max_examples=25, deadline=None)
@given(
    table=st.dictionaries(
        st.from_regex(r"[A-Za-z][A-Za-z0-9_.@-]{0,8}", fullmatch=True).filter(
            lambda u: u.lower() not in ("nan", "null", "none")
        ),
        st.from_regex(r"g[A-Za-z ,;\"']{0,10}[a-z]", fullmatch=True),
        min_size=1,
        max_size=12,
    ),
    order=st.randoms(),
)
def test_any_table_comes_back(
    table: dict[str, str], order: np.random.Generator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever ids and names a CSV holds, in whatever order of rows, they come back as written but for double spaces."""
    path = tmp_path_factory.mktemp("given") / "g.csv"
    rows = list(table.items())
    order.shuffle(rows)
    pd.DataFrame(rows, columns=["user_id", "group"]).to_csv(path, index=False)
    assert read_groups(path).group == {user: re.sub(" +", " ", name) for user, name in table.items()}
