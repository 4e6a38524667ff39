"""Which schemas the strictest structured-output mode refuses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from persona_agent.models.strict import MAX_DEPTH, strict_problems
from persona_agent.schema import Inquiries, StatedMeasures, drafts
from persona_agent.schema.suggestions import SuggestedCodebook


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fine(Strict):
    kind: Literal["a", "b"]
    one: Literal["only"]
    size: float | None
    words: list[str]


class Nested(Strict):
    parts: list[Fine]
    first: Fine | None


class Missing(Strict):
    size: int | None = None


class Open(BaseModel):
    size: int


class Free(Strict):
    more: dict[str, int]
    any: Any


class Either(Strict):
    value: int | str


class Formed(Strict):
    name: Annotated[str, Field(pattern="^a", max_length=3)]
    size: Annotated[int, Field(ge=0)]
    pair: tuple[int, int]


class Tree(Strict):
    below: list[Tree]


class Described(Strict):
    part: Fine = Field(description="A reference with words beside it.")


def nested(depth: int) -> type[BaseModel]:
    from pydantic import create_model

    inner: Any = int
    for level in range(depth):
        inner = create_model(f"Level{level}", __base__=Strict, inner=(inner, ...))
    return inner  # type: ignore[no-any-return]


def test_a_strict_schema_passes() -> None:
    """Schemas of strict objects, lists and references, as deep as allowed, have no problem."""
    assert strict_problems(Fine) == strict_problems(Nested) == strict_problems(nested(MAX_DEPTH)) == []


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (Missing, ["Missing.size: 'default' is not supported", "Missing.size: not required"]),
        (Open, ["additionalProperties is not false"]),
        (Free, ["Free.more: an object of free form", "Free.any: anything fits"]),
        (Either, ["Either.value: a union other than with null"]),
        (Formed, ["'pattern'", "'maxLength'", "'minimum'", "'prefixItems'"]),
        (Tree, ["Tree holds itself"]),
        (Described, ["Described.part: a reference has description beside it"]),
        (nested(MAX_DEPTH + 1), [f"more than {MAX_DEPTH} objects inside each other"]),
    ],
)
def test_what_would_be_refused_is_named(schema: type[BaseModel], said: list[str]) -> None:
    """Each thing that strict modes refuse is named with its place."""
    problems = "\n".join(strict_problems(schema))
    assert [words for words in said if words not in problems] == []


ASKED = [
    SuggestedCodebook,
    Inquiries,
    drafts.Draft,
    drafts.Revision,
    drafts.Restatement,
    drafts.Verdicts,
    StatedMeasures,
]


@pytest.mark.parametrize("schema", ASKED)
def test_what_models_are_asked_for_passes(schema: type[BaseModel]) -> None:
    """What models are asked for has no problem."""
    assert strict_problems(schema) == []
