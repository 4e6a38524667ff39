"""What `mcp` keeps of answers, and that figures of all others are answers too."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Measure
from persona_agent.store import Store

from .refereed import MORE_BUY, MOST_BUY, USERS, write_groups, write_log

pytest.importorskip("mcp", reason="needs the extra mcp")
from persona_agent.commands.serving import server, told
from persona_agent.commands.serving.of_log import LogDesk

KEPT, SUMS = "asked_sets.bin", "asked_sums.bin"


def opened(folder: Path, groups: Path | None = None) -> tuple[LogDesk, Any, Path]:
    options = Options(inputs=(str(folder / "events.jsonl"),), out=folder / "out", min_users=8, workers=1)
    desk, asked = server.open_desk(
        options, Store.create(options.out), lines=False, client="a test", progress=Silent(), groups=groups
    )
    return desk, asked, options.out


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def test_what_is_kept_of_answers_is_small_and_tells_of_nobody(tmp_path: Path) -> None:
    """Each new answer adds one row of its size to both files, the same answer none; no user and no hash of one can be read in
    them; they are their owner's alone, and the next session goes on with them.
    """
    write_log(tmp_path)
    asked = [Measure.model_validate({**MOST_BUY, "at_least": n}) for n in (4, 8, 14, 20, 26)]
    sizes: list[tuple[int, int]] = []
    for session in range(2):
        desk, questions, out = opened(tmp_path)
        with closing(desk), closing(questions):
            for measure in asked:
                desk.measure(measure, None)
                sizes.append((_size(out / KEPT), _size(out / SUMS)))
            users = list(desk._users)
        assert session == 0 or set(sizes[len(asked) :]) == {sizes[len(asked) - 1]}, "asked again nothing is added"
    told = len({size for size in sizes if size[0]})
    assert told >= 2
    assert sizes[-1] == (told * (8 * 1024 + 8), told * 4 * 1024)
    for name in (KEPT, SUMS):
        held = (out / name).read_bytes()
        assert (out / name).stat().st_mode & 0o077 == 0
        assert not [u for u in users if u.encode() in held or bytes.fromhex(u[1:17].ljust(16, "0")) in held]
        assert not [i for i in range(10, USERS) if f"u{i}".encode() in held]


def test_the_figure_of_all_others_is_an_answer_too(tmp_path: Path) -> None:
    """The others of buyers are the readers and three more: once readers are told, that figure is left out. Of a group whose
    others nobody asked about it is there.
    """
    write_log(tmp_path)
    desk, questions, _ = opened(tmp_path, write_groups(tmp_path))
    more = Measure.model_validate(MORE_BUY)
    with closing(desk), closing(questions):
        given = {f.group: f for f in desk.measure(more, "given").figures}
        assert given["Buyers"].value is not None and given["Readers"].value is not None
        assert (given["Buyers"].raw, given["Readers"].raw) == (None, None)
    (tmp_path / "alone").mkdir()
    write_log(tmp_path / "alone")
    desk, questions, _ = opened(tmp_path / "alone")
    with closing(desk), closing(questions):
        wanted = told.GroupByMeasure(name="Often", measure=Measure.model_validate({**MOST_BUY, "at_least": 12}))
        made = desk.define_groups([wanted])
        (figure,) = desk.measure(more, made.groups_id).figures
        assert figure.value is not None and figure.raw is not None, json.dumps(figure.model_dump(mode="json"))


def test_a_group_that_is_found_is_no_way_to_a_few(tmp_path: Path) -> None:
    """Where a group was told that two users tell from one that is found, the size of that one is not told, nor how many are in
    none, nor of another what would give these two away.
    """
    write_log(tmp_path)
    desk, questions, _ = opened(tmp_path)
    with closing(desk), closing(questions):
        plain = desk.find_groups(Silent())
        assert plain.groups and all(g.users for g in plain.groups)
        found = desk._members(desk._groups[plain.groups_id][1])[0]
    for name in (KEPT, SUMS):
        (tmp_path / "out" / name).unlink()
    desk, questions, _ = opened(tmp_path)
    with closing(desk), closing(questions):
        assert desk._told.why_not_define(found[2:]) == ""
        again = desk.find_groups(Silent())
        assert (again.groups[0].users, again.groups[0].share, again.in_none) == (0, None, 0)
        assert any("no size is told" in says for says in again.says)
        # The two groups are everybody: of the other one the two would follow as well.
        assert len(again.groups) == 2 and again.groups[1].users == 0


def test_nobody_is_refused_like_one_to_four(tmp_path: Path) -> None:
    """Of three given groups the first bakes, all but k of it, and nobody else: figure by figure, first by group and then of
    everyone, an agent is answered the same for each k from nought to four. What everyone does of what each group does is told.
    """
    heard = [_by_group_and_of_all(tmp_path / str(k), k) for k in range(5)]
    assert [h for h in heard[1:] if h != heard[0]] == []
    assert _by_group_and_of_all(tmp_path / "9", 9) != heard[0]


def _by_group_and_of_all(folder: Path, leave: int) -> list[dict[str, Any]]:
    folder.mkdir()
    with (folder / "events.jsonl").open("w") as file, (folder / "groups.csv").open("w") as groups:
        groups.write("user,segment\n")
        for user in range(90):
            groups.write(f"u{user},{'ABC'[user % 3]} side\n")
            bakes = user % 3 == 0 and user // 3 >= leave
            for visit in range(4):
                for i, act in enumerate(["look", "bake" if bakes else "read", "sort" if user % 2 else "look"]):
                    at = f"2024-03-{1 + visit * 5 + user % 5:02d}T{8 + user % 9:02d}:{i * 3:02d}:00Z"
                    row = {"user": f"u{user}", "timestamp": at, "action": act, "object": f"t{user % 4}"}
                    file.write(json.dumps(row) + "\n")
    desk, questions, _ = opened(folder, folder / "groups.csv")
    step = [{"field": "action", "op": "is", "value": ["bake"]}]
    more = {"unit": "users", "statistic": "share", "steps": [step], "says": {"comparator": "more_than_others"}}
    most = Measure.model_validate({**more, "says": {"quantifier": "most"}})
    sort = most.model_copy(update={"steps": [[most.steps[0][0].model_copy(update={"value": ["sort"]})]]})
    with closing(desk), closing(questions):
        told = desk.measure(Measure.model_validate({**more, "versus": "matched"}), "given").figures
        told += desk.measure(most, None).figures
        assert all(f.value is not None for f in desk.measure(sort, "given").figures)
        assert desk.measure(sort, None).figures[0].value is not None, "it follows whatever users do"
    return [f.model_dump() for f in told]
