"""Pages as acts, and as what is viewed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from .test_taking import Column, at, found, log, shopper, trip_of

PAGES = ["Home", "NextSong", "NextSong", "NextSong", "Upgrade", "Logout"]


def page(n: int, rng: random.Random) -> str:
    return rng.choice(PAGES)


APP: dict[str, Column] = {"userId": shopper, "ts": at, "sessionId": lambda n, _: trip_of(n), "page": page}


def with_columns(path: Path, **of_page: dict[str, str]) -> Path:
    """The table with columns that hang on the page of a line."""
    head, *rows = path.read_text().splitlines()
    told = [",".join(held.get(row.split(",")[3], "") for held in of_page.values()) for row in rows]
    path.write_text("\n".join([f"{head},{','.join(of_page)}", *map(",".join, zip(rows, told, strict=True))]))
    return path


def test_few_pages_are_acts_and_the_method_of_a_request_is_none(tmp_path: Path) -> None:
    """What is done is told by the page; GET and PUT, which each page settles, say less."""
    method = {"Home": "GET", "NextSong": "PUT", "Upgrade": "GET", "Logout": "PUT"}
    path, _ = log(tmp_path, **APP, song=lambda n, rng: f"Song {'abcdefgh'[n % 8]}{rng.randrange(9)}")
    one = found(with_columns(path, method=method)).found
    assert (one.mapping["action"], one.mapping["object"]) == ("page", "song")
    assert "page as the action" in one.said[0]


def test_few_pages_beside_things_are_acts(tmp_path: Path) -> None:
    """Also where no column is called after acts at all."""
    path, _ = log(tmp_path, **APP, song=lambda n, rng: f"Song {'abcdefgh'[n % 8]}{rng.randrange(9)}")
    assert found(path).found.mapping["action"] == "page"


@pytest.mark.parametrize("column", ["page", "screen_name"])
def test_pages_alone_are_viewed(column: str, tmp_path: Path) -> None:
    """A log of pages and nothing else tells of no other act."""
    columns: dict[str, Column] = {
        "userId": shopper,
        "ts": at,
        column: lambda n, rng: f"/guide/part-{rng.randrange(60)}",
    }
    one = found(log(tmp_path, **columns)[0]).found
    assert (one.act, one.mapping["object"]) == ("view", column)


def test_a_page_that_a_person_maps_stays_a_thing(tmp_path: Path) -> None:
    """Then the rows have one act."""
    path, _ = log(tmp_path, **APP, song=lambda n, rng: f"Song {'abcdefgh'[n % 8]}{rng.randrange(9)}")
    assert found(path, mapping="object=page").found.mapping.get("action") is None
