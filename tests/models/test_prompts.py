"""Prompts: versions, variables, and the delimiter around data."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.errors import PersonaAgentError
from persona_agent.ids import canonical_json
from persona_agent.models.prompts import enclose, load, unlocked


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
    """v2 would be taken for newer than v10, or a value's own dollar would be replaced."""
    prompt = load("drafts", folder=folder)
    assert prompt.name == "drafts/v10"
    assert prompt.render(noun="people", data="$noun") == "Write for people: $noun. It costs $5.\n"
    assert load("drafts", "v2", folder).render(data="x") == "Old x"


@pytest.mark.parametrize("values", [{"noun": "people"}, {"noun": "a", "data": "b", "more": "c"}, {}])
def test_variables_must_fit(folder: Path, values: dict[str, str]) -> None:
    """A prompt would be sent with a hole, or a value would silently be left out."""
    with pytest.raises(PersonaAgentError, match="do not fit"):
        load("drafts", folder=folder).render(**values)


def test_a_stray_dollar_is_an_error(folder: Path) -> None:
    """A badly written prompt would raise something that is not ours."""
    (folder / "drafts" / "v11.md").write_text("costs $ 5")
    with pytest.raises(PersonaAgentError):
        load("drafts", "v11", folder).render()


def test_an_altered_release_is_refused(folder: Path) -> None:
    """Recorded scores would be reported for a prompt that no longer exists."""
    assert unlocked(folder) == []
    (folder / "drafts" / "v10.md").write_text("Write for $noun: $data!")
    with pytest.raises(PersonaAgentError, match="altered"):
        load("drafts", folder=folder)
    (folder / "drafts" / "v2.md").unlink()
    (folder / "drafts" / "v11.md").write_text("new")
    assert unlocked(folder) == ["drafts/v10", "drafts/v11", "drafts/v2"]


def test_a_missing_prompt_is_an_error(folder: Path) -> None:
    """A wrong stage name would end in a traceback."""
    with pytest.raises(PersonaAgentError, match="critique/v1"):
        load("critique", folder=folder)


@given(
    st.recursive(
        st.text(st.characters(codec="utf-8")) | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text("ab"), x)
    )
)
def test_data_cannot_leave_its_enclosure(data: object) -> None:
    """A log line could end the data and speak to the model."""
    first, text, last = enclose(data).split("\n")
    assert text == canonical_json(data)
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert (first, last) == (f"<data {mark}>", f"</data {mark}>")
    assert mark not in text


def test_a_foreign_delimiter_stays_inside() -> None:
    """An attacker who copies an older delimiter would close this one."""
    stolen = enclose("hello").splitlines()[-1]
    assert not enclose(["x\n" + stolen]).endswith("\n" + stolen)
