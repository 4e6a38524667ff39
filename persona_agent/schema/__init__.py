"""The nouns of the program: what a claim is, how a measure is written, what a finished run holds.

Everything here is a value without behaviour beyond validation. `persona-agent` writes these models as JSON; their JSON
Schemas are exported to `persona_agent/schemas/`. Unknown keys are refused, so a misspelt field is an error and not a
silently ignored wish.
"""

from __future__ import annotations

from typing import Any

from .claims import Alignment, Citation, Claim, Counter, HypothesisTest, Replication, Replications, Round, Truthfulness
from .dossiers import EVERYONE, Candidate, Dossier, Draft, DraftHypothesis, DraftSentence, Form, Related, Told, ToldStep
from .measures import (
    FACETS,
    NUMERIC_FIELDS,
    AlignmentLabel,
    ClaimKind,
    Comparator,
    Condition,
    Facet,
    Feature,
    FeatureName,
    LogState,
    Measure,
    Model,
    PersonaStatus,
    Quantifier,
    Says,
    Statistic,
    TruthLabel,
    Unit,
    Window,
)
from .personas import (
    SCHEMA_VERSION,
    Coverage,
    DraftedPublished,
    GroupPoint,
    Intent,
    IntentShare,
    IsItJust,
    Journey,
    KChoice,
    KOption,
    NotKnown,
    Period,
    Persona,
    PersonaSet,
    Provenance,
    Quote,
    Scores,
    Sentence,
    Session,
    Size,
)

__all__ = [
    "EVERYONE",
    "FACETS",
    "NUMERIC_FIELDS",
    "SCHEMA_VERSION",
    "Alignment",
    "AlignmentLabel",
    "Candidate",
    "Citation",
    "Claim",
    "ClaimKind",
    "Comparator",
    "Condition",
    "Counter",
    "Coverage",
    "Dossier",
    "Draft",
    "DraftHypothesis",
    "DraftSentence",
    "DraftedPublished",
    "Facet",
    "Feature",
    "FeatureName",
    "Form",
    "GroupPoint",
    "HypothesisTest",
    "Intent",
    "IntentShare",
    "IsItJust",
    "Journey",
    "KChoice",
    "KOption",
    "LogState",
    "Measure",
    "Model",
    "NotKnown",
    "Period",
    "Persona",
    "PersonaSet",
    "PersonaStatus",
    "Provenance",
    "Quantifier",
    "Quote",
    "Related",
    "Replication",
    "Replications",
    "Round",
    "Says",
    "Scores",
    "Sentence",
    "Session",
    "Size",
    "Statistic",
    "Told",
    "ToldStep",
    "TruthLabel",
    "Truthfulness",
    "Unit",
    "Window",
    "json_schemas",
]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Name → JSON Schema of every model that leaves the program."""
    return {m.__name__: m.model_json_schema() for m in (Measure, Claim, Persona, PersonaSet)}
