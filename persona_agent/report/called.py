"""A set of personas as people read it, where a person gave acts and fields other names than the log's.

What was counted (measures, steps, fields) is in a run by the log's own names, so that it can be counted again; what a codebook
calls them stands in their place here. Citations keep the raw line.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..schema import Claim, Condition, Feature, Journey, Measure, Names, Persona, PersonaSet

PROPERTY = "properties."


def called(personas: PersonaSet, names: Names) -> PersonaSet:
    """The set with a person's names wherever the log's would be shown; the same set where nobody gave any."""
    if not names:
        return personas
    just = [j.model_copy(update={"field": names.fields.get(j.field, j.field)}) for j in personas.is_it_just]
    everyone = called_persona(personas.everyone, names) if personas.everyone else None
    pages = [called_persona(p, names) for p in personas.personas]
    tenth = personas.tenth and personas.tenth.model_copy(
        update={"persona": called_persona(personas.tenth.persona, names)}
    )
    return personas.model_copy(update={"is_it_just": just, "everyone": everyone, "personas": pages, "tenth": tenth})


def called_persona(persona: Persona, names: Names) -> Persona:
    """The same of one card."""
    if not names:
        return persona
    claims = {
        part: [called_claim(c, names) for c in getattr(persona, part)] for part in ("claims", "hypotheses", "withdrawn")
    }
    return persona.model_copy(update={**claims, "journeys": [_journey(j, names) for j in persona.journeys]})


def called_claim(claim: Claim, names: Names) -> Claim:
    """The same of one claim."""
    if not names or claim.measure is None:
        return claim
    return claim.model_copy(update={"measure": _measure(claim.measure, names)})


def _journey(journey: Journey, names: Names) -> Journey:
    return journey.model_copy(update={"steps": [names.acts.get(step.lower(), step) for step in journey.steps]})


def _measure(measure: Measure, names: Names) -> Measure:
    changes = {
        "where": _step(measure.where, names),
        "steps": [_step(step, names) for step in measure.steps],
        "absent": [_step(step, names) for step in measure.absent],
        "feature": _feature(measure.feature, names) if measure.feature else None,
        "of": _field(measure.of, names),
    }
    return measure.model_copy(update=changes)


def _feature(feature: Feature, names: Names) -> Feature:
    where = None if feature.where is None else _step(feature.where, names)
    return feature.model_copy(update={"where": where, "field": _field(feature.field, names) if feature.field else None})


def _step(step: Sequence[Condition], names: Names) -> list[Condition]:
    return [_condition(c, names) for c in step]


def _condition(condition: Condition, names: Names) -> Condition:
    if condition.field == "action":
        return condition.model_copy(update={"value": [names.acts.get(str(v).lower(), v) for v in condition.value]})
    if condition.field == "theme":
        return condition.model_copy(update={"value": [names.themes.get(str(v).lower(), v) for v in condition.value]})
    return condition.model_copy(update={"field": _field(condition.field, names)})


def _field(field: str, names: Names) -> str:
    own = field.removeprefix(PROPERTY)
    return f"{PROPERTY}{names.fields[own]}" if own != field and own in names.fields else field
