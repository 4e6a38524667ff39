"""Columns that are known by their values: each user's sex, birth date or year of birth."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from persona_agent.log.owned import sample_properties
from persona_agent.log.told_people import columns_of_people
from tests.tables import database, insert

USERS, VISITS = 40, 4


@pytest.mark.parametrize(
    ("of_line", "told"),
    [
        (lambda user, _: "fm"[user % 2], True),
        (lambda user, _: ["Frau", "HERR", "divers"][user % 3], True),
        (lambda user, _: ["女", "男"][user % 2], True),
        (lambda user, _: f"{1950 + user}-03-0{1 + user % 9}", True),
        (lambda user, _: f"0{1 + user % 9}.03.{1950 + user}", True),
        (lambda user, _: 1950 + user, True),
        (lambda user, line: "fm"[(user + line) % 2], False),  # a shelf of a shop
        (lambda user, line: str(1950 + (user * 7 + line) % 40), False),  # the year of a film
        (lambda user, _: "ms"[user % 2], False),  # sizes
        (lambda user, _: "f", False),
        (lambda user, _: f"{1990 + user % 34}-03-01", False),  # members since
        (lambda user, _: "2001-01-01" if user % 2 else "2002-01-01", False),
        (lambda user, _: 1000 + user, False),
        (lambda user, _: ["basic", "pro"][user % 2], False),
    ],
)
def test_what_a_column_holds_tells_of_people(of_line: Any, told: bool) -> None:
    """One of two sexes for each user, or a day or year in which people are born; what changes from line to line, began lately
    or is of few kinds is not.
    """
    assert told_of("x", of_line) is told


# Words that one user each has, those of one column parted by strokes.
SEXES = """mulher/homem; 女士/先生; 여성/남성; ♀/♂; nainen/mies; kvinna/man; kvinde/mand; kobieta/mężczyzna;
žena/muž; nő/férfi; kadın/erkek; γυναίκα/άνδρας; נקבה/זכר; महिला/पुरुष; жінка/чоловік; femeie/bărbat;
nữ/nam; perempuan/laki-laki; H/M; K/M; ladies/gentlemen; she/he; pani/pan; gender:female/gender:male;
FEMALE_USER/MALE_USER; isFemale/isMale; female 25-34/male 35-44; 👩/👨; femme/homme; Miss/Sir;
sex=f/sex=m"""
OF_OTHER_KINDS = """catholic/muslim/none; evangelisch/katholisch/konfessionslos; 佛教/基督教; heterosexual/gay/bi;
hetero/homosexuell; vorbestraft/nicht vorbestraft; no criminal record/criminal record;
married/single/divorced; ledig/verheiratet; 已婚/未婚; Gen X/Gen Z/Millennial; 80后/90后"""
THINGS = """s/m; high/medium/none; single/family; open/closed; left/right; no/yes; no/el; basic/none; new/man; 1/2;
a/b; x/y; straight/slim; silent/loud; single/double; gold/silver; wifi/lte; f/n/a; women/kids;
male connector/female connector; on/off; pan/tilt; light/dark; de/fr; u/o"""


@pytest.mark.parametrize(
    "values", [pair.split("/") for pair in "".join((SEXES, ";", OF_OTHER_KINDS)).replace("\n", "").split(";")]
)
def test_words_of_many_languages_for_who_somebody_is(values: list[str]) -> None:
    """By values and signs, with a user or two that typed something else; not where they change from line to line."""
    held = [value.strip() for value in values]
    assert told_of("segm", lambda user, _: held[user % len(held)])
    assert told_of("segm", lambda user, _: "??x" if user == 1 else held[user // 2 % len(held)])
    assert not told_of("segm", lambda user, line: held[(user + line) % len(held)])


@pytest.mark.parametrize("values", [pair.split("/") for pair in THINGS.replace("\n", "").split(";")])
def test_words_of_things_stay(values: list[str]) -> None:
    """One for each user, and of a plan, a size, a switch or a language."""
    held = [value.strip() for value in values]
    assert not told_of("segm", lambda user, _: held[user % len(held)])


@pytest.mark.parametrize(
    "of_user",
    [
        lambda user: f"{1950 + user}-0{1 + user % 9}",
        lambda user: f"0{1 + user % 9}/{1950 + user}",
        lambda user: f"Jahrgang {1950 + user}",
        lambda user: f"born in {1950 + user}",
        lambda user: f"{1 + user % 28} Mar {1950 + user}",
        lambda user: f"{1950 + user}年生",
        lambda user: f"{1950 + user // 10 * 10}s",
        lambda user: f"{1950 + user // 10 * 10}-{1959 + user // 10 * 10}",
        lambda user: f"{10 + user % 18}.0{1 + user % 9}",
    ],
)
def test_births_in_other_forms(of_user: Any) -> None:
    """A month and year, a year in words, a decade, a day of the year; not where lines have others (the year of a film)."""
    assert told_of("v3", lambda user, _: of_user(user))
    assert not told_of("v3", lambda user, line: of_user((user + line) % USERS))


@pytest.mark.parametrize(
    "of_user",
    [
        lambda user: f"{10 + user}.{50 + user}",
        lambda user: f"plan-{1000 + 37 * user}",
        lambda user: f"v1.{1950 + user}",
        lambda user: f"{2015 + user % 9}-0{1 + user % 9}",
        lambda user: f"team {user}",
    ],
)
def test_numbers_of_things_are_no_births(of_user: Any) -> None:
    """Prices, numbers of plans, versions, months in which somebody joined."""
    assert not told_of("v3", lambda user, _: of_user(user))


def told_of(column: str, of_line: Any) -> bool:
    with database() as connection:
        connection.execute('CREATE TABLE staging ("user" VARCHAR, ts TIMESTAMP, properties JSON)')
        rows = [
            (f"u{user}", datetime(2024, 5, 1 + line), json.dumps({column: of_line(user, line)}))
            for user in range(USERS)
            for line in range(VISITS)
        ]
        insert(connection, "staging", rows)
        sample_properties(connection)
        found = columns_of_people(connection)
        assert found in ([], [column])
        return bool(found)


FIRST = ["Anna", "Ben", "Carla", "Dirk", "Elif", "Frank", "Gül", "Hans", "Ines", "José", "Kim", "Lea"]
NAMES = [
    "name",
    "Nome",
    "naam",
    "nombre",
    "nom",
    "имя",
    "display_name",
    "loginName",
    "kunden_name",
    "user_login",
    "mname",
    "name_2",
]
OF_THINGS = [
    "nome_prodotto",
    "product_name",
    "game_name",
    "page",
    "naam_artikel",
    "name_of_plan",
    "file_name",
    "event_name",
    "store_name",
    "login_type",
]


@pytest.mark.parametrize("column", NAMES)
def test_a_column_called_name_is_its_users_where_each_has_one(column: str) -> None:
    """First names that users share, full ones, with a sign or in another script; a thing's change from line to line."""
    assert told_of(column, lambda user, _: FIRST[user % 12])
    assert told_of(column, lambda user, _: f"{FIRST[user % 12]} O'{FIRST[user // 3 % 12]}")
    assert told_of(column, lambda user, _: "王李张刘陈杨赵黄周吴徐孙"[user % 12] + "伟")
    assert not told_of(column, lambda user, line: FIRST[(user + line) % 12])
    assert not told_of(column, lambda user, _: ["basic plan", "pro plan", "team"][user % 3])
    assert not told_of(column, lambda user, _: f"{100 + user % 12} ml, 2 for 1")


@pytest.mark.parametrize("column", OF_THINGS)
def test_names_of_things_stay(column: str) -> None:
    """A column called after a thing's name is nobody's, also where each user has one of them."""
    assert not told_of(column, lambda user, _: FIRST[user % 12])
