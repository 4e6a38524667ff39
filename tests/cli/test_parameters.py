"""Options of the command line: made from `Options`, and filled from what is typed, the environment and the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_agent import commands
from persona_agent.cli import status
from persona_agent.cli.app import app
from persona_agent.cli.command import Command
from persona_agent.cli.parameters import fields_of, from_file, variable_of, word_of
from persona_agent.commands.estimating import Estimate
from persona_agent.options import Options, about_option

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch

GIVING = ("groups", "groups_by", "against", "outcome", "at")  # of one question, not of a project
TYPED = (
    "inputs",
    "out",
    "edits",
    "no_staff",
    "record",
    "record_source",
    "replay",
    "seal_key",
    "since",
    "fresh",
    *GIVING,
)
WITH_ITS_COLUMN = "unit"  # is given with --map account=COLUMN: tests/test_accounts.py
# A value other than the default for every field that the file can hold, as the file and the environment spell it.
GIVEN: dict[str, tuple[str, str, Any]] = {
    "mapping": ('["user=uid", "allow=price"]', "user=uid allow=price", (("user", "uid"),)),
    "format": ('"csv"', "csv", "csv"),
    "query": ('"SELECT 1"', "SELECT 1", "SELECT 1"),
    "encoding": ('"gbk"', "gbk", "gbk"),
    "stitch": ("true", "1", True),
    "consent": ('"agreed"', "agreed", "agreed"),
    "each": ('"visit.acts"', "visit.acts", "visit.acts"),
    "act": ('"order"', "order", "order"),
    "lists": ('["kinds=|"]', "kinds=|", ("kinds=|",)),
    "time_format": ('"%d/%m/%Y"', "%d/%m/%Y", "%d/%m/%Y"),
    "times_are": ('"local"', "local", "local"),
    "keep": ('["fees", "flood"]', "fees flood", ("fees", "flood")),
    "allow_rejects": ("true", "1", True),
    "staff": ("true", "1", True),
    "key": ('"secret"', "secret", Path("secret")),
    "purpose": ('"a study"', "a study", "a study"),
    "max_disk": ("2.5", "2.5", 2.5),
    "context": ("8000", "8000", 8000),
    "opt_out": ('"gone.txt"', "gone.txt", Path("gone.txt")),
    "names": ('"en"', "en", "en"),
    "about": ('"a shop"', "a shop", "a shop"),
    "codebook": ('"book.yaml"', "book.yaml", Path("book.yaml")),
    "timezone": ('"Europe/Berlin"', "Europe/Berlin", "Europe/Berlin"),
    "value": ('"properties.price"', "properties.price", "properties.price"),
    "by": ('"intents"', "intents", "intents"),
    "personas": ("4", "4", 4),
    "within": ('"course"', "course", "course"),
    "cross": ('["plan"]', "plan", ("plan",)),
    "seed": ("7", "7", 7),
    "min_users": ("30", "30", 30),
    "embedding": ('"openai/e"', "openai/e", "openai/e"),
    "question": ('"Who pays?"', "Who pays?", "Who pays?"),
    "model": ('"openai/m"', "openai/m", "openai/m"),
    "critic_model": ('"openai/c"', "openai/c", "openai/c"),
    "base_url": ('"http://a"', "http://a", "http://a"),
    "critic_base_url": ('"http://b"', "http://b", "http://b"),
    "timeout": ("2.5", "2.5", 2.5),
    "price": ('"1,2"', "1,2", "1,2"),
    "max_cost": ("0.5", "0.5", 0.5),
    "max_rounds": ("2", "2", 2),
    "investigate": ("2", "2", 2),
    "concurrency": ("3", "3", 3),
    "workers": ("3", "3", 3),
    "local": ("true", "yes", True),
    "engine": ('"ray"', "ray", "ray"),
}


@pytest.fixture(autouse=True)
def asked(monkeypatch: Patch, tmp_path: Path) -> list[Options]:
    """The options of every estimate and run that is asked for, in an empty folder."""
    seen: list[Options] = []

    def answer(options: Options, progress: Any) -> Estimate:
        seen.append(options)
        return Estimate(1, 0, 0, 0, 0.0, "offline", "code")

    monkeypatch.setattr(commands, "run", answer)
    monkeypatch.setattr(commands, "estimate", answer)
    monkeypatch.chdir(tmp_path)
    return seen


def run_with(*words: str) -> int:
    return status(["run", "log", "-o", "out", *words])


def own() -> list[str]:
    return fields_of(("log", "groups", "models", "run"))


def test_every_field_is_an_option_of_run() -> None:
    """`run` has a parameter for each field of `Options`; `allow` and `declared` are given through --map."""
    command = app.commands["run"]
    names = {p.name for p in command.get_params(click.Context(command)) if not {"--json", "--help"} & {*p.opts}}
    assert names | {"allow", "declared"} == set(Options.model_fields)
    assert names == set(own())
    assert all(about_option(name)["flag"].startswith("--map ") for name in ("allow", "declared"))


def test_what_a_command_takes_is_a_field_or_a_group() -> None:
    """Each name in the `takes` of a command is a field of `Options` or a group of them."""
    groups = {about_option(name)["group"] for name in Options.model_fields}
    taken = {name for c in app.commands.values() if isinstance(c, Command) for name in c.takes}
    assert taken <= {*Options.model_fields, *groups}


def test_help_says_what_options_say(capsys: Capture) -> None:
    """The help of `run` holds each description word for word, the defaults and the bounds."""
    assert status(["run", "--help"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for name in own():
        assert " ".join((Options.model_fields[name].description or "").split()) in printed
    assert "[default: 20; at least 2]" in printed
    assert "[default: 3; 1 to 10]" in printed
    assert "[required]" in printed
    assert "--by users|intents" in printed


def test_every_option_reaches_the_options(asked: list[Options]) -> None:
    """Each option that is typed is the field of `Options` with its value."""
    words = (
        "--personas 4 --by intents --within course --value properties.price --seed 7 --min-users 30 --timeout 2.5 "
        "--timezone Europe/Berlin --map user=uid,timestamp=at --map allow=price --map declared=plan --format csv "
        "--keep fees --keep flood --allow-rejects --opt-out gone.txt --names en --embedding openai/e --local --engine ray "
        "--encoding gbk --stitch --consent agreed --each visit.acts --act order --lists kinds=| --times-are local "
        "--time-format %d/%m/%Y "
        "--model openai/m --critic-model openai/c --base-url http://a --critic-base-url http://b --price 1,2 --max-cost 0.5 "
        "--staff --key secret --max-disk 2.5 --context 8000 "
        "--cross plan --investigate 2 "
        "--max-rounds 2 --concurrency 3 --workers 3 --record there --record-source us --fresh --codebook book.yaml"
    )
    assert (
        run_with(
            *words.split(),
            "--query",
            "SELECT 1",
            "--purpose",
            "a study",
            "--question",
            "Who pays?",
            "--about",
            "a shop",
        )
        == 0
    )
    assert asked == [
        Options(
            inputs=("log",),
            out=Path("out"),
            **{name: value for name, (_, _, value) in GIVEN.items() if name != "mapping"},
            mapping=(("user", "uid"), ("timestamp", "at")),
            allow=("price",),
            declared=("plan",),
            record=Path("there"),
            record_source="us",
            fresh=True,
        )
    ]
    assert run_with("--replay", "there") == 0
    assert asked[1].replay == Path("there")


def test_no_option_means_the_defaults(asked: list[Options]) -> None:
    """What is not given is the default of `Options`."""
    assert run_with() == 0
    assert asked == [Options(inputs=("log",), out=Path("out"))]


def test_values_are_given_for_all_that_can_be_stored() -> None:
    """The table above covers every field."""
    assert {*GIVEN, *TYPED, WITH_ITS_COLUMN} == set(own())
    assert {name for name in own() if not about_option(name)["stored"]} == set(TYPED)


@pytest.mark.parametrize("name", GIVEN)
def test_the_file_and_the_environment_set_every_field(name: str, asked: list[Options], monkeypatch: Patch) -> None:
    """One line of the file, or one variable, is the field with its value; `mapping` is `map`."""
    written, said, value = GIVEN[name]
    Path("persona-agent.toml").write_text(f"{word_of(name)} = {written}\n")
    assert run_with() == 0
    Path("persona-agent.toml").unlink()
    monkeypatch.setenv(variable_of(name), said)
    assert run_with() == 0
    assert [getattr(options, name) for options in asked] == [value, value]
    assert value != Options.model_fields[name].default


@given(
    typed=st.none() | st.integers(2, 9), environment=st.none() | st.integers(2, 9), file=st.none() | st.integers(2, 9)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_typed_comes_first_then_the_environment_then_the_file(
    typed: int | None, environment: int | None, file: int | None, asked: list[Options]
) -> None:
    """The first of the three that gives a value wins; without any it is the default."""
    text = "" if file is None else f"min-users = {file}"
    Path("persona-agent.toml").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERSONA_AGENT_MIN_USERS", "" if environment is None else str(environment))
        assert run_with(*([] if typed is None else ["--min-users", str(typed)])) == 0
    assert asked[-1].min_users == next(v for v in (typed, environment, file, Options().min_users) if v is not None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("min-usrs = 3", "no option 'min-usrs'"),
        ("allow = ['a']", "no option 'allow'"),
        ("live = 'openai/m'", "no option 'live'"),
        ("min-users = ", "cannot be read"),
        ("min-users = 1", "--min-users 1: input should be greater than or equal to 2."),
        ("seed = 'many'", "--seed 'many'"),
        ("map = 'person=uid'", "does not know the field 'person'"),
        *((f"{name.replace('_', '-')} = 'x'", "can only be typed") for name in TYPED if name != "inputs"),
    ],
)
def test_a_file_that_cannot_be_meant_is_exit_2(text: str, said: str, asked: list[Options], capsys: Capture) -> None:
    """A wrong name, a wrong value or an option of one call is refused with the name of the file."""
    Path("persona-agent.toml").write_text(text)
    assert run_with() == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith("error: persona-agent.toml")
    assert said in complaint
    assert asked == []


def test_a_wrong_variable_is_named(capsys: Capture, monkeypatch: Patch) -> None:
    """A wrong value in the environment is exit 2, and the error begins with the variable's name."""
    monkeypatch.setenv("PERSONA_AGENT_TIMEZONE", "Mars/Base")
    assert run_with() == 2
    assert capsys.readouterr().err.startswith("error: PERSONA_AGENT_TIMEZONE: --timezone 'Mars/Base' is unknown.")


def test_what_is_typed_mends_a_wrong_variable(asked: list[Options], monkeypatch: Patch) -> None:
    """With --seed typed, a PERSONA_AGENT_SEED that is no number is no error."""
    monkeypatch.setenv("PERSONA_AGENT_SEED", "many")
    assert run_with("--seed", "5") == 0
    assert asked[0].seed == 5


def test_a_command_takes_of_the_file_what_it_has(asked: list[Options]) -> None:
    """An option of `run` alone, in the file of a project, does not stop another command and does not reach it."""
    Path("persona-agent.toml").write_text("min-users = 30\nconcurrency = 3\n")
    assert status(["estimate", "log"]) == 0
    assert (asked[0].min_users, asked[0].concurrency) == (30, Options().concurrency)


def test_where_a_file_sends_things_is_said(asked: list[Options], capsys: Capture) -> None:
    """A file that came with a log cannot name a model or a server unseen; of what was typed instead nothing is said."""
    Path("persona-agent.toml").write_text('model = "openai/m"\nbase-url = "http://u:secret@203.0.113.9/v1"\nseed = 3\n')
    assert run_with() == 0
    said = capsys.readouterr().err
    assert "persona-agent.toml" in said and "openai/m" in said and "203.0.113.9" in said
    assert "secret" not in said and "seed" not in said
    assert run_with("--model", "offline", "--base-url", "http://127.0.0.1:1/v1") == 0
    assert capsys.readouterr().err == ""
    assert asked[-1].model == "offline"


def test_what_a_file_sends_more_of_is_said(asked: list[Options], tmp_path: Path, capsys: Capture) -> None:
    """Columns whose values a prompt gets, topics that are kept, a lower floor, a key that whoever left the file may know: each is
    said; a secret that seals is not taken from a file at all.
    """
    told = 'map = ["allow=note"]\nkeep = ["sensitive"]\nmin-users = 2\nkey = "their.key"\nnames = "their_model"\n'
    Path("persona-agent.toml").write_text(told)
    assert run_with() == 0
    said = capsys.readouterr().err
    for name in ("allow", "sensitive", "min-users = '2'", "their.key", "their_model"):
        assert name in said, name
    Path("persona-agent.toml").write_text('seal-key = "their.key"\n')
    assert run_with() == 2
    assert "can only be typed" in capsys.readouterr().err


def test_a_broken_file_does_not_stop_help(capsys: Capture) -> None:
    """With a file that is no TOML, `run --help` ends with 0 and lists the options."""
    Path("persona-agent.toml").write_text("= ")
    assert status(["run", "--help"]) == 0
    assert "--min-users" in capsys.readouterr().out


def test_there_need_be_no_file() -> None:
    """Where there is no persona-agent.toml, nothing is set."""
    assert from_file() == {}


def test_each_command_has_a_folder_of_its_own(asked: list[Options], monkeypatch: Patch, capsys: Capture) -> None:
    """`run` wants a folder, `demo` has one."""
    assert status(["run", "log"]) == 2
    assert "--out" in capsys.readouterr().err
    monkeypatch.setattr(commands, "demo_options", lambda out: Options(inputs=("demo",), out=out))
    assert status(["demo"]) == 0
    assert status(["demo", "-o", "there"]) == 0
    assert [options.out for options in asked] == [Path("demo-out"), Path("there")]


def test_a_result_is_printed_as_text_or_json(capsys: Capture) -> None:
    """`--json` prints the values of the result that is otherwise printed as text."""
    assert status(["estimate", "log"]) == 0
    assert capsys.readouterr().out.startswith(
        "1 personas, written by offline, judged by code\nno calls: code writes and decides\n"
    )
    assert status(["estimate", "log", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["critic"] == "code"
