"""Prompts: versions, variables, and the delimiter around data."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.asking import PROMPTS, prompts_of
from persona_agent import resources
from persona_agent.errors import PersonaAgentError
from persona_agent.ids import canonical_json
from persona_agent.models.prompts import AUDIT_STAGES, STAGES, digests, enclose, load_prompt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two released versions of one prompt, v2 and v10."""
    (tmp_path / "drafts").mkdir()
    lines = ["[drafts]"]
    for version, text in (("v2", "Old $data"), ("v10", "Write for $noun: $data. It costs $$5.\n")):
        (tmp_path / "drafts" / f"{version}.md").write_text(text)
        lines.append(f'{version} = "{hashlib.sha256(text.encode()).hexdigest()}"')
    (tmp_path / "versions.toml").write_text("\n".join(lines))
    return tmp_path


def test_the_newest_release_is_rendered(folder: Path) -> None:
    """v10 is newer than v2, and only the prompt's own names are replaced, not a value's."""
    prompt = load_prompt("drafts", folder)
    assert prompt.name == "drafts/v10"
    assert prompt.render(noun="people", data="$noun") == "Write for people: $noun. It costs $5.\n"


@pytest.mark.parametrize("values", [{"noun": "people"}, {"noun": "a", "data": "b", "more": "c"}, {}])
def test_variables_must_fit(folder: Path, values: dict[str, str]) -> None:
    """A value that is missing or too many is an error."""
    with pytest.raises(PersonaAgentError, match="do not fit"):
        load_prompt("drafts", folder).render(**values)


def test_a_stray_dollar_is_an_error(folder: Path) -> None:
    """A badly written prompt raises an error of ours; without a release, v1 is read."""
    (folder / "new").mkdir()
    (folder / "new" / "v1.md").write_text("costs $ 5")
    with pytest.raises(PersonaAgentError, match="stray"):
        load_prompt("new", folder).render()


def test_an_altered_release_is_refused(folder: Path) -> None:
    """A prompt is used as it was released or not at all."""
    (folder / "drafts" / "v10.md").write_text("Write for $noun: $data!")
    with pytest.raises(PersonaAgentError, match="altered"):
        load_prompt("drafts", folder)


@pytest.mark.parametrize("shipped", [resources.prompts(), PROMPTS], ids=["program", "evals"])
def test_every_prompt_is_locked(shipped: Path) -> None:
    """versions.toml holds each prompt that is there, with its digest, and no other."""
    present = {p.relative_to(shipped).with_suffix("").as_posix(): p for p in shipped.glob("*/*.md")}
    tables = tomllib.loads((shipped / "versions.toml").read_text())
    locked = {f"{stage}/{version}": digest for stage, table in tables.items() for version, digest in table.items()}
    assert locked == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in present.items()}


def test_a_prompt_is_the_programs_or_the_suites() -> None:
    """The program ships the stages that it asks at and no others, and the suite's names are none of them."""
    asked = {stage.partition("/")[0] for stage in (*STAGES, *AUDIT_STAGES, "ask", "measures", "question")}
    assert {p.parent.name for p in resources.prompts().glob("*/*.md")} == asked
    assert not asked & {p.parent.name for p in PROMPTS.glob("*/*.md")}
    with pytest.raises(PersonaAgentError, match="one_shot"):
        load_prompt("one_shot")


def test_digests_are_by_name(folder: Path) -> None:
    """What a recording says it was asked with; the suite asks with its own prompts and with the program's."""
    assert digests(["drafts"], folder) == {"drafts/v10": load_prompt("drafts", folder).sha256}
    both = {load_prompt("judge").name: load_prompt("judge").sha256, "match/v1": load_prompt("match", PROMPTS).sha256}
    assert prompts_of(["match", "judge"]) == both


def test_a_missing_prompt_is_an_error(folder: Path) -> None:
    """A wrong stage name is an error that names what was looked for."""
    with pytest.raises(PersonaAgentError, match="critique/v1"):
        load_prompt("critique", folder)


@given(
    st.recursive(
        st.text(st.characters(codec="utf-8")) | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text("ab"), x)
    )
)
def test_data_cannot_leave_its_enclosure(data: object) -> None:
    """The only delimiters are the first and the last line, and the data between them holds no mark."""
    first, text, last = enclose(data).split("\n")
    assert text == canonical_json(data)
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert (first, last) == (f"<data {mark}>", f"</data {mark}>")
    assert mark not in text


def test_a_foreign_delimiter_stays_inside() -> None:
    """A copied delimiter of other data closes nothing."""
    stolen = enclose("hello").splitlines()[-1]
    assert not enclose(["x\n" + stolen]).endswith("\n" + stolen)


# Names that analysts gave to groups of logs which readers judge us on, by digest, so that they stand nowhere in this repository.
FOREIGN = {
    "0ab74c66623ef240", "0ae29ad491f86802", "18f5607ecb9c6a63", "22059160a6a65264", "2a4a3c1ddeecff20",
    "3462529794d2fb8c", "60db5fcf4c84615b", "78ba16be7d8f73fa", "84a387987b239506", "8b9fa0efdd84f41a",
    "b1c32545ea038174", "b45052fc07139d87", "c29012112a0b2de5", "deb9fb8cc91269d8",
}  # fmt: skip
LONGEST = 4  # words of such a name


def test_no_prompt_gives_a_name_away() -> None:
    """Neither a prompt nor the program holds a name that somebody else gave to a group: a model could only copy it."""
    texts = [*resources.prompts().glob("*/*.md"), *Path(resources.__file__).parent.rglob("*.py")]
    found = []
    for path in texts:
        words = re.findall(r"[a-z]+", path.read_text().lower())
        runs = {" ".join(words[i : i + n]) for n in range(2, LONGEST + 1) for i in range(len(words) - n + 1)}
        found += [run for run in runs if hashlib.sha256(run.encode()).hexdigest()[:16] in FOREIGN]
    assert found == []
