"""`Options`: what it makes of values, and what it says of values that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from persona_agent.errors import UsageError
from persona_agent.fields import MAPPED_FIELDS
from persona_agent.option_fields import parse_price
from persona_agent.options import KEEPABLE, Options, about_option

COLUMNS = st.text("abcxyz_.", min_size=1, max_size=6).map(lambda name: f"c{name}")


def test_one_text_is_one_input() -> None:
    """A path is not read letter by letter, and a list stays a list."""
    assert Options(inputs="/tmp/log.jsonl").inputs == ("/tmp/log.jsonl",)
    assert Options(inputs=["a", "b"]).inputs == ("a", "b")
    assert Options(keep="fees").keep == ("fees",)
    assert Options(allow="price").allow == ("price",)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"by": "usrs"}, "--by 'usrs': input should be 'users' or 'intents'."),
        ({"timezone": "Mars/X"}, "--timezone 'Mars/X' is unknown. Name one of the time zone database"),
        ({"timezone": "../etc/passwd"}, "is unknown"),
        ({"personas": 1}, "--personas 1: input should be greater than or equal to 2."),
        ({"personas": "many"}, "--personas 'many': input should be a valid integer"),
        ({"max_rounds": 11}, "--max-rounds 11: input should be less than or equal to 10."),
        ({"min_users": 1}, "--min-users 1"),
        ({"seed": -1}, "--seed -1"),
        ({"timeout": "nan"}, "--timeout 'nan'"),
        ({"max_cost": "nan"}, "--max-cost 'nan'"),
        ({"out": None}, "--out None"),
        ({"keep": "dust"}, "--keep 'dust': input should be 'fees'"),
        ({"model": "gpt"}, "--model 'gpt' names no provider. Write openai/gpt"),
        ({"critic_model": "gpt"}, "--critic-model 'gpt' names no provider."),
        ({"price": "cheap"}, "--price 'cheap' is not of the form IN,OUT."),
        ({"record": "a", "replay": "b"}, "exclude each other"),
        ({"mapping": "user"}, "--map 'user' is not of the form FIELD=COLUMN."),
        ({"mapping": "person=uid"}, "--map does not know the field 'person'."),
        ({"mapping": "user=a,user=b"}, "--map gives 'user' two columns, 'a' and 'b'."),
        ({"mapping": "action=gender"}, "--map declared=gender counts it on cards."),
        ({"allow": "religion"}, "says who somebody is"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_option(values: dict[str, Any], said: str) -> None:
    """The error names the option as it is typed, the value, and what mends it."""
    with pytest.raises(UsageError) as caught:
        Options(**values)
    assert said in str(caught.value)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    """A misspelt keyword is not ignored; one like no other gets the list."""
    with pytest.raises(UsageError, match=r"There is no option 'min_usrs'\. Did you mean 'min_users'\?"):
        Options(min_usrs=30)
    with pytest.raises(UsageError, match=r"There is no option 'zzz'\. Options: .*inputs, mapping,"):
        Options(zzz=1)


@given(st.dictionaries(st.sampled_from(MAPPED_FIELDS), COLUMNS))
def test_a_mapping_is_the_same_in_every_form(mapping: dict[str, str]) -> None:
    """A dict, pairs, texts, one text with commas, and blanks around them."""
    texts = [f"{field}={column}" for field, column in mapping.items()]
    unit = "account" if "account" in mapping else "user"
    made = [
        Options(mapping=given, unit=unit)
        for given in (
            mapping,
            list(mapping.items()),
            texts,
            ",".join(texts),
            " , ".join(text.replace("=", " = ") for text in texts),
        )
    ]
    assert all(options.mapping == tuple(mapping.items()) for options in made)


def test_allow_and_declared_can_stand_in_the_mapping() -> None:
    """`allow=` and `declared=` name columns, beside those that are named by keyword; a column may hold a `=`."""
    made = Options(mapping=["user=uid, timestamp = at ,", "allow=price,allow=a=b", "declared=plan"], allow="size")
    assert made.mapping == (("user", "uid"), ("timestamp", "at"))
    assert made.allow == ("size", "price", "a=b")
    assert made.declared == ("plan",)


@pytest.mark.parametrize("text", ["cheap", "1", "1,2,3", "-1,2", "nan,1", "inf,1", "1,", ""])
def test_a_price_is_two_numbers(text: str) -> None:
    """Whatever is not two finite numbers from 0 up is refused."""
    with pytest.raises(UsageError, match="IN,OUT"):
        Options(price=text)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_price_is_read_as_it_is_written(sent: float, received: float) -> None:
    """Both numbers come back."""
    assert parse_price(f"{sent}, {received}") == (sent, received)


def test_options_are_frozen() -> None:
    """A value that is passed down is the same everywhere."""
    with pytest.raises(ValidationError):
        Options().seed = 3  # type: ignore[misc]


def test_but_validates_and_leaves_the_rest() -> None:
    """A change is judged like a new value; what is not changed stays, and so does the original."""
    options = Options(inputs="log", mapping={"user": "uid"}, allow="price", seed=3)
    changed = options.but(seed="4")
    assert (changed.seed, options.seed) == (4, 3)
    assert changed.model_dump(exclude={"seed"}) == options.model_dump(exclude={"seed"})
    with pytest.raises(UsageError, match="--seed"):
        options.but(seed=-1)
    with pytest.raises(UsageError, match="There is no option 'sed'"):
        options.but(sed=1)


def test_what_can_change_a_result_is_hashed() -> None:
    """The run id rests on these names, so they stay what they are; the values are JSON."""
    hashed = Options(inputs="log", opt_out="gone.txt", mapping={"user": "uid"}, model="openai/m").hashed()
    assert set(hashed) == {
        "mapping", "allow", "declared", "format", "query", "keep", "allow_rejects", "opt_out", "names", "timezone", "value",
        "by", "personas", "within", "seed", "min_users", "embedding", "question", "model", "critic_model", "price",
        "max_rounds",
    }  # fmt: skip
    assert json.loads(json.dumps(hashed)) == hashed
    assert (hashed["mapping"], hashed["opt_out"]) == ([["user", "uid"]], "gone.txt")


def test_the_writer_judges_unless_another_is_named() -> None:
    """A critic that is the writer's own is the same run as one that was named so."""
    assert Options(model="openai/m").judges == "openai/m"
    assert Options(model="openai/m").hashed() == Options(model="openai/m", critic_model="openai/m").hashed()
    assert Options(model="openai/m", critic_model="offline").judges == "offline"


def test_how_a_model_is_reached_changes_no_result() -> None:
    """The folder, the server and the pace are not hashed."""
    elsewhere = Options(
        out=Path("there"), base_url="http://a", timeout=3, concurrency=1, local=True, engine="ray", fresh=True
    )
    assert elsewhere.hashed() == Options().hashed()


def test_every_option_is_told_in_full() -> None:
    """Each field has help, a group, and a flag; what gives a value has a metavar or choices."""
    for name, field in Options.model_fields.items():
        known = about_option(name)
        assert field.description and field.description.endswith(".")
        assert known["group"] in ("log", "groups", "models", "run")
        assert known["flag"].startswith("-")
        assert "metavar" in known or field.annotation is bool or name in ("by", "allow", "declared")
    assert all(reason in (Options.model_fields["keep"].description or "") for reason in KEEPABLE)
