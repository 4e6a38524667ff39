"""What the strictest structured-output mode in use would refuse in a schema.

In: a pydantic model. Out: sentences, none where it passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

MAX_DEPTH = 5  # OpenAI's own limit for strict schemas
UNSUPPORTED = frozenset(
    {
        "default", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "minItems", "maxItems", "uniqueItems", "contains", "prefixItems", "minProperties", "maxProperties",
        "patternProperties", "propertyNames", "oneOf", "allOf", "not", "if", "then", "else", "dependentRequired",
        "dependentSchemas", "unevaluatedProperties", "unevaluatedItems",
    }
)  # fmt: skip


@cache
def is_strict(schema: type[BaseModel]) -> bool:
    """Does the schema pass?"""
    return not strict_problems(schema)


def strict_problems(schema: type[BaseModel]) -> list[str]:
    """What the strictest structured-output mode in use would refuse in a model's JSON schema; empty if it passes.

    That mode is OpenAI's, which is narrower than Gemini's and Anthropic's: every field required, null instead of absent, no
    free form, no unions but with null, at most MAX_DEPTH objects inside each other, no recursion, types and enumerations only.
    """
    document = schema.model_json_schema()
    return list(dict.fromkeys(_Walk(document.get("$defs", {})).problems(document, schema.__name__, (), 0)))


@dataclass(frozen=True)
class _Walk:
    defs: Mapping[str, Any]

    def problems(self, node: Any, place: str, path: tuple[str, ...], depth: int) -> Iterator[str]:
        """`path`: the definitions that the node lies in; `depth`: the objects around it."""
        if not isinstance(node, Mapping):
            yield f"{place}: anything fits"
            return
        yield from (f"{place}: {word!r} is not supported" for word in sorted(UNSUPPORTED & node.keys()))
        if "$ref" in node:
            yield from self._reference(node, place, path, depth)
        elif "anyOf" in node:
            yield from self._union(node, place, path, depth)
        elif node.get("type") == "object":
            yield from self._object(node, place, path, depth + 1)
        elif node.get("type") == "array":
            if "prefixItems" not in node:
                yield from self.problems(node.get("items"), f"{place}[]", path, depth)
        elif not {"type", "enum", "const"} & node.keys() and not UNSUPPORTED & node.keys():
            yield f"{place}: anything fits"

    def _reference(self, node: Mapping[str, Any], place: str, path: tuple[str, ...], depth: int) -> Iterator[str]:
        name = node["$ref"].rpartition("/")[2]
        if beside := sorted(node.keys() - {"$ref"} - UNSUPPORTED):
            yield f"{place}: a reference has {', '.join(beside)} beside it"
        if name in path:
            yield f"{place}: {name} holds itself"
            return
        yield from self.problems(self.defs[name], place, (*path, name), depth)

    def _union(self, node: Mapping[str, Any], place: str, path: tuple[str, ...], depth: int) -> Iterator[str]:
        kinds = [kind for kind in node["anyOf"] if kind != {"type": "null"}]
        if len(kinds) != 1:
            yield f"{place}: a union other than with null"
        for kind in kinds:
            yield from self.problems(kind, place, path, depth)

    def _object(self, node: Mapping[str, Any], place: str, path: tuple[str, ...], depth: int) -> Iterator[str]:
        fields = node.get("properties", {})
        if node.get("additionalProperties") is not False:
            yield f"{place}: additionalProperties is not false" if fields else f"{place}: an object of free form"
        if depth > MAX_DEPTH:
            yield f"{place}: more than {MAX_DEPTH} objects inside each other"
        for name, inner in fields.items():
            if name not in node.get("required", ()):
                yield f"{place}.{name}: not required"
            yield from self.problems(inner, f"{place}.{name}", path, depth)
