"""Logs in languages that nobody knows: who, when, what and on what are told by values, or the run stops; and in known ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from persona_agent.errors import InputError
from persona_agent.log.guessing import Column as Held
from persona_agent.log.guessing import find_columns
from persona_agent.log.unnamed import take_turns

from .test_taking import Column, at, found, log, shopper, trip_of


def second(n: int, rng: random.Random) -> int:
    """The time of a line in seconds since 1970."""
    return int(datetime.fromisoformat(at(n, rng)).replace(tzinfo=UTC).timestamp())


def ware(n: int, _: random.Random) -> str:
    """Of 60 things; a shopper does several things to some."""
    return f"ware {'abcdefghij'[n * 7 % 10]}{n * 13 % 6}"


UNKNOWN: dict[str, Column] = {
    "mtu": lambda n, rng: 10 * int(shopper(n, rng)) + 3,
    "wakati": second,
    "tendo": lambda n, rng: rng.choice(["tazama", "weka", "weka", "nunua"]),
    "kitu": ware,
    "kitu_na": lambda n, rng: 4_000 + 7 * sum(map(ord, ware(n, rng))) + ord(ware(n, rng)[-1]) * 1_000,
    "aina": lambda n, rng: f"aina {ware(n, rng)[5]}",
    "bei": lambda n, rng: round(3.2 + ord(ware(n, rng)[-1]) % 17 * 1.37, 2),
    "vipande": lambda n, rng: 1 + n % 3,
}


def test_a_log_in_no_known_language_is_read_by_its_values(tmp_path: Path) -> None:
    """The only times, the only ids that come back and no text names, the only acts, the finest thing; each is said."""
    path, _ = log(tmp_path, **UNKNOWN)
    one = found(path).found
    assert one.mapping == {"user": "mtu", "timestamp": "wakati", "action": "tendo", "object": "kitu"}
    assert all(f"{c} as the {f}" in one.said[0] for f, c in one.mapping.items())
    assert not one.act


@pytest.mark.parametrize(
    ("held", "left"),
    [
        (
            {"mwingine": lambda n, rng: 40_001 + 7 * (n * 11 % 37)},
            "user and action",
        ),  # ids of something else that nothing names
        ({"baadaye": second}, "user and timestamp and action"),
        ({"kitu_na": lambda n, rng: 7 * (n * 11 % 37)}, "user and action"),
    ],
)
def test_of_two_that_can_be_it_none_is_taken(held: dict[str, Column], left: str, tmp_path: Path) -> None:
    """Where two columns could be the one that no name tells, none is taken, and the error says what to map."""
    path, _ = log(tmp_path, **UNKNOWN, **held) if held.keys() - UNKNOWN.keys() else log(tmp_path, **{**UNKNOWN, **held})
    with pytest.raises(InputError, match=f"No column was found for {left}") as error:
        found(path)
    assert (error.value.hint or "").startswith("Add --map user=COLUMN,timestamp=wakati")


@pytest.mark.parametrize(
    "held",
    [
        lambda n, rng: ["kadi", "taslimu"][trip_of(n) % 3 % 2],  # how a visit is paid
        lambda n, rng: ["a", "b", "c"][ord(ware(n, rng)[5]) % 3] + " rafu",  # where a thing stands
        lambda n, rng: f"mji {'abcd'[int(shopper(n, rng)) % 4]}",  # where somebody lives
    ],
)
def test_what_goes_with_something_else_is_no_act(held: Column, tmp_path: Path) -> None:
    """All rows are one act then; and two columns that change from line to line leave it open."""
    path, _ = log(tmp_path, **{**UNKNOWN, "tendo": held})
    one = found(path).found
    assert ("action" in one.mapping, one.act, one.mapping["object"]) == (False, "take", "kitu")
    path, _ = log(tmp_path, **UNKNOWN, other=lambda n, rng: rng.choice(["ndiyo", "hapana"]))
    assert "action" not in found(path).found.mapping


def test_where_somebody_is_named_acts_are_not_guessed(tmp_path: Path) -> None:
    """A log whose user a name tells has an act that a name tells, or one act."""
    columns = {("card_no" if name == "mtu" else name): make for name, make in UNKNOWN.items()}
    path, _ = log(tmp_path, **columns)
    one = found(path).found
    assert (one.mapping.get("action"), one.act, one.mapping["user"]) == (None, "take", "card_no")


def test_what_takes_turns_is_where_lines_were_written() -> None:
    """Pages of a ledger have a stretch of time each, also where one is turned back; things are met again and again."""
    times = list(range(400))
    pages = [f"page {n // 20}" for n in times]
    assert take_turns(pages, times)
    assert take_turns([*pages[:39], pages[0], *pages[40:]], times)
    assert not take_turns([f"book {n * 7 % 20}" for n in times], times)


def test_a_thing_beside_acts_is_taken_as_well(tmp_path: Path) -> None:
    """The one text that users share, of several the finest; `none` goes without, what is searched for stays a text, and no visit
    is taken that no name tells.
    """
    columns: dict[str, Column] = {
        "user_id": shopper,
        "time": at,
        "event": UNKNOWN["tendo"],
        "kitu": ware,
        "aina": UNKNOWN["aina"],
    }
    path, _ = log(
        tmp_path, **columns, query=lambda n, rng: f"sought {rng.randrange(50)}", tour=lambda n, _: f"t{trip_of(n)}"
    )
    one = found(path).found
    names = {"user": "user_id", "timestamp": "time", "action": "event", "text": "query"}
    assert one.mapping == {**names, "object": "kitu"}
    assert "kitu as the object" in one.said[0] and "--map object=none" in one.said[0]
    assert found(path, mapping="object=none").found.mapping == names


@pytest.mark.parametrize(
    "header",
    [
        "用户ID 时间戳 行为类型 商品名称",
        "會員編號 時間 行為 商品名稱",
        "会員番号 日時 行動 商品名",
        "회원번호 일시 행동 상품명",
        "id_пользователя дата_время событие товар",
        "id_usuário data_hora ação produto",
        "id_usuario fecha_hora acción producto",
        "KundenNr Zeitstempel Aktion Artikelname",
        "id_client date_heure événement nom_produit",
        "id_utente data_ora azione prodotto",
    ],
)
def test_fields_are_known_in_the_main_languages(header: str) -> None:
    """Whatever the case and the accents."""
    who, when, did, what = header.split()
    columns = {name: Held(filled=9) for name in ("x", who.upper(), when, did, what)}
    told = {"user": who.upper(), "timestamp": when, "action": did, "object": what}
    assert find_columns(columns, 9, {}) == told
