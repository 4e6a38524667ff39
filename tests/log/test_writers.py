"""Posts and comments: who wrote them is the user, and where they were written the thing, whatever the columns are called."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from persona_agent.errors import InputError
from persona_agent.log.reading import Log, find_log
from persona_agent.log.writers import is_writer
from persona_agent.options import Options

WRITERS, POSTS = 40, 1_200


def posts(folder: Path, writer: str, **more: list[object]) -> Path:
    """A table of comments: half of the forums are those of one writer, most comments are in the others."""
    rng, rows = random.Random(3), []
    for n in range(POSTS):
        who = rng.randrange(WRITERS)
        forum = f"forum {rng.randrange(9)}" if rng.random() < 0.7 else f"corner {who} {'ab'[n % 2]}"
        rows.append(
            {
                "name": f"t1_{n:05}",
                "link_author": f"op{rng.randrange(400)}",
                writer: f"writer {who}",
                "flair": f"flair of {who}",
                "created_utc": 1_700_000_000 + 7_000 * n,
                "forum.title": forum,
                "body": f"what I say number {n}",
                **{column: values[n] for column, values in more.items()},
            }
        )
    with (path := folder / "comments.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def looked_at(path: Path) -> Log:
    return find_log(Options(inputs=(str(path),)))


@pytest.mark.parametrize("writer", ["author", "author.name", "sender_id", "commenter"])
def test_who_wrote_is_the_user_and_where_the_thing(writer: str, tmp_path: Path) -> None:
    """Not the author of what is answered, nor the number of the record that is called its name, though forums of one writer are
    more than those of several; a second name of the writer is not in the way.
    """
    found = looked_at(posts(tmp_path, writer)).found
    assert (found.mapping["user"], found.mapping["object"], found.act) == (writer, "forum.title", "write")
    assert any("who wrote each record" in said for said in found.said)


def test_the_author_of_a_thing_is_not_the_user(tmp_path: Path) -> None:
    """A book is always its author's, who does nothing in a log of loans."""
    rng = random.Random(5)
    books = [f"book {rng.randrange(90)}" for _ in range(POSTS)]
    path = posts(tmp_path, "borrowed_by", book=books, author=[f"poet {int(b.split()[1]) // 4}" for b in books])
    with pytest.raises(InputError, match="No column was found for user"):
        looked_at(path)


def test_only_the_bare_word_is_who_wrote() -> None:
    """A word beside it makes it somebody else, and a part of another word is no word."""
    assert all(map(is_writer, ("author", "Author.name", "sender_id", "comment.author")))
    assert not any(map(is_writer, ("link_author", "parent.author_count", "authority", "user_id", "id")))


def test_acts_that_a_tenth_of_lines_have_not_are_another_columns(tmp_path: Path) -> None:
    """A bank's `operation` is empty where interest is paid, and its `type` is not: no line is lost."""
    lines = [
        f"{n % 60},2024-03-{1 + n // 60:02},{('in', 'out')[n % 2]},{'' if n % 5 == 0 else 'cash'}" for n in range(900)
    ]
    (path := tmp_path / "a.csv").write_text("\n".join(["account_id,date,type,operation", *lines]))
    assert looked_at(path).found.mapping["action"] == "type"
    path.write_text("\n".join(["account_id,date,type,operation", *(line + "x" for line in lines)]))
    assert looked_at(path).found.mapping["action"] == "operation"
