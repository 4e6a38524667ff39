"""What a stranger's statement comes to, from what a reader made of its words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from persona_agent.commands.auditing.documents import document_of, sentences_beside
from persona_agent.commands.auditing.outcomes import OF_OTHERS, Basis, decided
from persona_agent.commands.auditing.statement_calls import CONTEXT, audit_call, misread
from persona_agent.commands.auditing.statements import Statement
from persona_agent.commands.auditing.verifying import SEVERAL, audit_on, opened_corpus
from persona_agent.commands.group_members import members_of
from persona_agent.commands.open_log import open_log
from persona_agent.evidence import measure_from, result_of
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import EVERYONE, NO_NAMES, Measure, Restatements, StatedMeasures, WrittenMeasure
from persona_agent.store import Store

from .refereed import OPTIONS, write_groups, write_log

GROUPS = ["Night Owls", "Big Baskets", "Baskets"]


@pytest.fixture(scope="module")
def basis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Basis]:
    """The buyers of a log in which half of the users mostly buy and the others mostly read."""
    folder = tmp_path_factory.mktemp("outcomes")
    options = Options(inputs=(str(write_log(folder)),), out=folder / "out", **OPTIONS)
    store = Store.create(options.out)
    groups = str(write_groups(folder))
    opened = open_log(options, store, Silent(), [groups])
    buyers = members_of(store, groups, options)["Buyers"]
    with opened_corpus(store, opened.options, [buyers], NO_NAMES) as (corpus, vocabulary, _):
        yield Basis(corpus, vocabulary, 0, 5)


def measured(**more: Any) -> dict[str, Any]:
    """Visits in which they buy, as a reader writes it."""
    return {
        "unit": "sessions",
        "conditions": [{"part": "step1", "field": "action", "op": "is", "values": ["buy"]}],
        "in_order": False, "within_minutes": None, "at_least": 2, "feature": None, "feature_field": None,
        "feature_op": None, "feature_value": None, "feature_upper": None, "statistic": "share", "of": "matches",
        "against_others": True, "within_field": None, "says": "more_than_others", "says_value": None, **more,
    }  # fmt: skip


def read(parts: list[dict[str, Any]], **more: Any) -> Restatements:
    told = [{"words": "buy", "others_value": None, "times_others": None, "either": False, **part} for part in parts]
    return Restatements.model_validate(
        {"id": "t1", "of_them": True, "parts": told, "members": [], "beyond": "", "unaskable": "", **more}
    )


def outcome(basis: Basis, found: Restatements) -> tuple[str, str]:
    made = decided(basis, Statement("1", "They buy.", "a:1"), found)
    return made.outcome, made.reason


def test_how_many_times_as_much_is_held_against_others(basis: Basis) -> None:
    """The same words with the right factor are supported, with twice that factor contradicted, and the figure is told."""
    plain = decided(basis, Statement("1", "They buy more.", "a:1"), read([{"measure": measured()}]))
    result = plain.parts[0].result
    assert plain.outcome == "supported"
    assert result.value
    assert result.matched
    factor = result.value / result.matched
    assert outcome(basis, read([{"measure": measured(), "times_others": factor}]))[0] == "supported"
    said, why = outcome(basis, read([{"measure": measured(), "times_others": 2 * factor}]))
    assert said == "contradicted"
    assert "times what it is with others" in why


@pytest.mark.parametrize(
    ("said", "expected"),
    [(32, "supported"), (0.5, "supported"), (0.48, "supported"), (45, "contradicted"), (0.2, "contradicted")],
)
def test_how_many_there_are_is_counted(basis: Basis, said: float, expected: str) -> None:
    """Thirty-odd of 64 users are buyers: as a number or a part of all, roundly."""
    assert outcome(basis, read([], members=[said]))[0] == expected


def test_what_no_measure_says_is_told_apart_from_what_no_log_shows(basis: Basis) -> None:
    """Either keeps the rest from being supported; that the rest holds is said."""
    said, why = outcome(basis, read([{"measure": measured()}], unaskable="on average 3.2 days apart"))
    assert (said, "no measure says “on average 3.2 days apart”" in why, "the rest is supported" in why) == (
        "not_testable", True, True,
    )  # fmt: skip
    assert "no log of acts can show “happy”" in outcome(basis, read([], beyond="happy"))[1]


def test_what_is_of_other_users_is_not_held_against_these(basis: Basis) -> None:
    """A sentence that names a group to speak of the others is of nobody here, whatever was read in it."""
    assert outcome(basis, read([{"measure": measured()}], of_them=False)) == (
        "not_testable",
        f"not_checkable: {OF_OTHERS}",
    )


def test_a_number_without_a_word_for_it_is_an_average_or_a_middle(basis: Basis) -> None:
    """What is right as a mean and wrong as a median is supported where the text leaves it open, and else contradicted."""
    everyone = Basis(basis.corpus, basis.vocabulary, EVERYONE, 5)
    apart = []
    for thing in range(6):
        bought = [("action", "buy"), ("object", f"thing {thing}")]
        conditions = [{"part": "step1", "field": field, "op": "is", "values": [name]} for field, name in bought]
        buys = measured(
            unit="users", statistic="median", at_least=1, against_others=False, says="about", says_value=0,
            conditions=conditions,
        )  # fmt: skip
        middle, mean = (
            result_of(basis.corpus, measure_of(buys, basis, statistic), everyone.population, 5)[0].value or 0.0
            for statistic in ("median", "sum")
        )
        apart.append((abs(mean - middle), middle, mean, buys))
    far, middle, mean, buys = max(apart, key=lambda found: found[0])
    assert far > 0.15 * mean
    for value, either, expected in (
        (middle, False, "supported"), (3 * mean, True, "contradicted"), (mean, False, "contradicted"),
        (mean, True, "supported"),
    ):  # fmt: skip
        made = outcome(everyone, read([{"measure": buys | {"says_value": value}, "either": either}]))
        assert (value, either, made[0]) == (value, either, expected), made


def measure_of(written: dict[str, Any], basis: Basis, statistic: str) -> Measure:
    return measure_from(WrittenMeasure.model_validate(written | {"statistic": statistic}), basis.vocabulary)


def test_a_reader_that_sees_more_in_codes_own_text_has_misread(basis: Basis) -> None:
    """Code's text asserts one share and nothing else: a number of members or words nobody can ask are not in it."""
    call = audit_call(basis, "a1", [Statement("1", "They buy.", "a:1")], 0)
    assert call.known
    act = call.known.steps[0][0].value[0]
    right = measured(
        conditions=[{"part": "step1", "field": "action", "op": "is", "values": [act]}],
        at_least=1, against_others=False, says="at_most", says_value=0.4,
    )  # fmt: skip
    for more, wrong in (
        ({}, False),
        ({"members": [3]}, True),
        ({"unaskable": "less"}, True),
        ({"of_them": False}, True),
    ):
        item = read([{"measure": right}], **more).model_copy(update={"id": call.canary})
        assert misread(basis, call, StatedMeasures(items=[item])) == wrong


def test_names_that_a_statement_speaks_of_are_told_beside_the_commonest(basis: Basis) -> None:
    """Of a list that is cut, what shares a word with the statement is told, and nothing that fewer than five users share."""
    cut = basis.vocabulary.model_copy(update={"actions": ["buy"], "objects": []})
    from_all = Basis(basis.corpus, cut, 0, 5)
    call = audit_call(from_all, "a1", [Statement("1", "They look at things and confess.", "a:1")], 0)
    assert call.log.actions == ["buy", "look"]
    assert sorted(call.log.objects) == [f"thing {i}" for i in range(6)]


def test_other_sentences_of_the_document_stand_beside_a_call(basis: Basis) -> None:
    """Those of the persona first, then those of nobody by name; none that is asked, and no more than there is room for."""
    text = "# How\n\nAn evening begins at 6 pm.\n\n# Night Owls\n\nThey come late.\n\nThey buy.\n\n# Baskets\n\nMuch.\n"
    document = document_of(Path("d.md"), text, GROUPS)
    owls = next(p for p in document.personas if p.name == "Night Owls")
    asked = [owls.statements[1]]
    assert sentences_beside(document, owls, asked) == ["They come late.", "How: An evening begins at 6 pm.", "Much."]
    long = ["x" * (CONTEXT - 10), "y" * 20]
    for beside in (long, long[:1]):
        call = audit_call(basis, "a1", asked, 0, beside)
        assert ("x" * 100 in call.request.messages[1][1], "y" * 20 in call.request.messages[1][1]) == (True, False)


def test_a_sentence_of_no_section_is_of_the_group_that_it_names() -> None:
    """One group: that group's. Several: of nobody, since a measure is of one. A name within a longer one is not meant."""
    text = (
        "# Summary\n\nThe Night Owls come late. Night Owls and Baskets differ. Big baskets spend most. Nobody else does.\n\n"
        "## Night Owls\n\nUnlike Baskets, they come late.\n"
    )
    document = document_of(Path("d.md"), text, GROUPS)
    found = {p.name: [(s.text, s.groups) for s in p.statements] for p in document.personas}
    assert found["Night Owls"] == [("The Night Owls come late.", ()), ("Unlike Baskets, they come late.", ())]
    assert found["Big Baskets"] == [("Big baskets spend most.", ())]
    assert found["Everyone"] == [
        ("Night Owls and Baskets differ.", ("Night Owls", "Baskets")), ("Nobody else does.", ()),
    ]  # fmt: skip


def test_what_names_several_groups_is_asked_of_nobody(tmp_path: Path) -> None:
    """It needs no model, is not testable, and says what to do."""
    options = Options(inputs=(str(write_log(tmp_path)),), out=tmp_path / "out", **OPTIONS)
    store = Store.create(options.out)
    groups = str(write_groups(tmp_path))
    opened = open_log(options, store, Silent(), [groups])
    made, _ = audit_on(opened, "Buyers buy more than Readers do.\n", members_of(store, groups, options), Silent())
    (persona,) = made.personas
    assert [(s.outcome, s.reason) for s in persona.statements] == [("not_testable", f"not_checkable: {SEVERAL}")]
