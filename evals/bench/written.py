"""A measure as a model would have written it, for models made by hand."""

from __future__ import annotations

from persona_agent.evidence.written import STEPS
from persona_agent.schema import Condition, Measure, MeasurePart, WrittenCondition, WrittenMeasure


def written_from(measure: Measure) -> WrittenMeasure:
    """How a model would have written a measure (windows and several absent steps are left out)."""
    parts: list[tuple[MeasurePart, list[Condition]]] = [("where", measure.where)]
    parts += list(zip(STEPS, measure.steps, strict=False))
    parts += [("absent", step) for step in measure.absent[:1]]
    feature = measure.feature
    parts += [("counted", feature.where or [])] if feature else []
    return WrittenMeasure(
        unit=measure.unit,
        conditions=[
            WrittenCondition(part=part, field=c.field, op=c.op, values=[_text(v) for v in c.value])
            for part, conditions in parts
            for c in conditions
        ],
        in_order=measure.ordered,
        within_minutes=measure.within / 60 if measure.within else None,
        at_least=measure.at_least,
        feature=feature.name if feature else None,
        feature_field=feature.field if feature else None,
        feature_op=feature.op if feature else None,
        feature_value=feature.value if feature else None,
        feature_upper=feature.upper if feature else None,
        statistic=measure.statistic,
        of=measure.of,
        against_others=measure.versus is not None,
        within_field=measure.within_field,
        says=measure.says.quantifier or measure.says.comparator or "about",
        says_value=measure.says.value,
    )


def _text(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float | int) else value
