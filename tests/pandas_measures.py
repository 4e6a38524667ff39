"""Measures in pandas, written apart from the program's SQL, to hold published numbers against."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from persona_agent.schema import Condition, Feature, Measure


def load(path: str) -> pd.DataFrame:
    """events.parquet as a frame, in its own order."""
    import duckdb

    rows = duckdb.sql(
        f"SELECT * FROM read_parquet('{path}', file_row_number = true) ORDER BY file_row_number"
    ).fetchall()
    names = ["file", "line", "n", "hash", "user", "session", "ts", "action", "object", "text", "properties", "seq"]
    frame = pd.DataFrame(rows, columns=names)
    frame["ts"] = pd.to_datetime(frame["ts"])
    frame["properties"] = [json.loads(p) for p in frame["properties"]]
    return frame


def value(events: pd.DataFrame, measure: Measure, members: set[str]) -> float:
    """The measure's value for the users of `members`; shares of sessions are means over users."""
    inside = events[events["user"].isin(members)]
    if measure.statistic == "median":
        name = measure.of.removeprefix("properties.")
        numbers = inside["properties"].map(lambda p: p.get(name)).astype(float)
        return float(numbers.groupby(inside["user"]).median().dropna().median())
    key = {"users": "user", "sessions": "session"}[measure.unit]
    verdicts = pd.DataFrame(
        [(part["user"].iloc[0], satisfied(part, measure)) for _, part in inside.groupby(key)], columns=["user", "holds"]
    )
    return float(verdicts.groupby("user")["holds"].mean().mean())


def satisfied(part: pd.DataFrame, measure: Measure) -> bool:
    """Does one unit satisfy the measure? Only what the offline writer proposes."""
    if measure.feature is not None:
        return test(feature(part, measure.feature), measure.feature.op, measure.feature.value)
    if measure.ordered:
        return in_order(part, measure.steps)
    did = all(matching(part, step).any() for step in measure.steps)
    return did and not any(matching(part, step).any() for step in measure.absent)


def in_order(part: pd.DataFrame, steps: list[list[Condition]]) -> bool:
    at = -1
    for step in steps:
        later = part.loc[matching(part, step) & (part["seq"] > at), "seq"]
        if later.empty:
            return False
        at = int(later.min())
    return True


def feature(part: pd.DataFrame, wanted: Feature) -> float:
    events = part[matching(part, wanted.where)] if wanted.where else part
    days = events["ts"].dt.normalize()
    if wanted.name == "share_of_events":
        return len(events) / len(part)
    objects = part["object"].str.lower()
    return {
        "active_days": lambda: days.nunique(),
        "span_days": lambda: (days.max() - days.min()).days + 1,
        "n_events": lambda: len(events),
        "n_objects": lambda: objects[objects != ""].nunique(),
        "repeat_share": lambda: objects[objects != ""].duplicated().sum() / len(part),
        "steps_per_session": lambda: part.groupby("session")["action"].agg(lambda a: a.str.lower().nunique()).mean(),
    }[wanted.name]()


def matching(part: pd.DataFrame, conditions: list[Condition]) -> pd.Series:
    holds = pd.Series(True, index=part.index)
    for c in conditions:
        if c.field in ("hour", "weekday"):
            number = part["ts"].dt.hour if c.field == "hour" else part["ts"].dt.day_of_week + 1
            low, high = float(c.value[0]), float(c.value[1])
            holds &= number.between(low, high) if low <= high else (number >= low) | (number <= high)
        else:
            holds &= part[c.field].str.lower() == str(c.value[0]).lower()
    return holds


def test(found: float, op: str, value: Any) -> bool:
    return {
        "at_least": found >= value,
        "at_most": found <= value,
        "above": found > value,
        "below": found < value,
        "equals": found == value,
    }[op]


test.__test__ = False  # type: ignore[attr-defined]
