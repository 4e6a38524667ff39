"""Measures in pandas, written apart from the program's SQL, to hold published numbers against."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from persona_agent.schema import Condition, Feature, Measure

Rows = np.ndarray


def load(path: str) -> pd.DataFrame:
    """events.parquet as a frame, in its own order, with the memory of each event from memories.parquet beside it."""
    memories = path.replace("events.parquet", "memories.parquet")
    rows = duckdb.sql(
        f"""
        WITH m AS (SELECT memory_id, unnest(lines) AS l FROM '{memories}'),
        owned AS (SELECT l.file AS file, l.line AS line, l.n AS n, min(memory_id) AS memory FROM m GROUP BY ALL)
        SELECT e.*, owned.memory FROM read_parquet('{path}', file_row_number = true) e
        LEFT JOIN owned USING (file, line, n) ORDER BY file_row_number
        """
    ).fetchall()
    names = [
        "file",
        "line",
        "n",
        "hash",
        "user",
        "session",
        "ts",
        "action",
        "object",
        "text",
        "properties",
        "seq",
        "memory",
    ]
    frame = pd.DataFrame(rows, columns=names)
    frame["ts"] = pd.to_datetime(frame["ts"])
    frame["properties"] = [json.loads(p) for p in frame["properties"]]
    return with_visits(frame)


def with_visits(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with what each line is to its user's visits: `opens_visit`, `met_before`, `gap`, `minutes`, `thing`."""
    frame["name"] = frame["object"].fillna("").str.lower()
    visits = frame.groupby(["user", "session"], sort=False).agg(
        first=("seq", "min"),
        day=("ts", lambda t: t.min().normalize()),
        minutes=("ts", lambda t: (t.max() - t.min()).total_seconds() / 60),
    )
    visits = visits.sort_values("first").reset_index()
    visits["gap"] = visits.groupby("user")["day"].diff().dt.days
    visits["place"] = visits.groupby("user").cumcount()
    frame = frame.merge(visits.drop(columns="day"), on=["user", "session"], how="left").sort_values(
        "seq", ignore_index=True
    )
    frame["opens_visit"] = np.where(frame["seq"] == frame["first"], "yes", "no")
    first_met = frame.groupby(["user", "name"])["place"].transform("min")
    frame["met_before"] = np.where(first_met < frame["place"], "yes", "no")
    frame.loc[(frame["place"] == 0) | (frame["name"] == ""), "met_before"] = None
    places = frame.drop_duplicates(["user", "name", "place"]).copy()
    places["last"] = places.groupby(["user", "name"])["place"].diff() == 1
    frame = frame.merge(places[["user", "name", "place", "last"]], on=["user", "name", "place"], how="left")
    frame["met_last"] = np.where(frame["last"], "yes", "no")
    frame.loc[frame["met_before"].isna(), "met_last"] = None
    frame["thing"] = frame["session"].astype(str) + "\0" + frame["name"]
    return frame


def halves(events: pd.DataFrame, users: str) -> tuple[pd.DataFrame, dict[int, set[str]]]:
    """The events of users of two visits or more, the first, third and so on of these as those of a user `…/0`, the others as
    those of `…/1`; and by group the halves that it has by the other half of the same user.
    """
    first = events.drop_duplicates(["user", "session"])
    place = first.groupby("user").cumcount()
    place.index = first["session"]
    often = first.groupby("user").size()
    kept = events[events["user"].isin(often[often > 1].index)].copy()
    half = (kept["session"].map(place) % 2).astype(str)
    kept["user"], kept["memory"] = kept["user"] + "/" + half, kept["memory"] + "/" + half
    kept = kept.reset_index(drop=True)
    placed = duckdb.sql(f"SELECT user, group_by_odd, group_by_even FROM '{users}'").fetchall()
    groups: dict[int, set[str]] = {}
    for user, by_odd, by_even in placed:
        groups.setdefault(by_even, set()).add(f"{user}/0")
        groups.setdefault(by_odd, set()).add(f"{user}/1")
    there = set(kept["user"])
    return kept, {g: found & there for g, found in groups.items()}


def answers(events: pd.DataFrame, measure: Measure) -> pd.Series:
    """Each user's own answer: its share of satisfying units, its sum, or the median of its units."""
    if measure.statistic in ("median", "sum", "cadence", "distinct"):
        return numbers(events, measure)
    if measure.unit == "events":
        assert not measure.where
        hits = pd.Series(matching(events, measure.steps[0]), index=events.index)
        return hits.groupby(events["user"]).mean()
    if measure.unit == "things":
        events = events[events["name"] != ""].reset_index(drop=True)
    key = {"users": "user", "sessions": "session", "memories": "memory", "things": "thing"}[measure.unit]
    users, chosen = events["user"].to_numpy(), matching(events, measure.where)
    holds = satisfied(events, measure)
    rows = events.groupby(key).indices.values()
    verdicts = [(users[at[0]], holds(at)) for at in rows if chosen[at].any()]
    return pd.DataFrame(verdicts, columns=["user", "holds"]).groupby("user")["holds"].mean()


def numbers(events: pd.DataFrame, measure: Measure) -> pd.Series:
    """Only what the offline writer proposes: at most one step, no conditions on units."""
    if measure.of.startswith(("total ", "relative ")) or measure.of in ("gap", "minutes", "things"):
        return of_visits(events, measure)
    if measure.steps:
        events = events[matching(events, measure.steps[0])]
    if measure.statistic == "cadence":
        days = events.assign(day=events["ts"].dt.normalize()).drop_duplicates(["user", "day"]).sort_values("day")
        return days.groupby("user")["day"].apply(lambda d: (d.diff().dt.days).median()).dropna()
    sizes = events.groupby(["user", "session"])
    if measure.statistic == "distinct":
        kinds = sizes["object"].agg(lambda o: o[o != ""].str.lower().nunique())
        return kinds.groupby("user").mean()
    if measure.of == "matches":
        return sizes.size().groupby("user").median()
    worth = amounts(events, measure.of)
    if measure.unit == "sessions":
        return worth.groupby([events["user"], events["session"]]).sum().groupby("user").mean()
    by_user = worth.groupby(events["user"])
    return by_user.sum() if measure.statistic == "sum" else by_user.median().dropna()


def of_visits(events: pd.DataFrame, measure: Measure) -> pd.Series:
    """Medians over a user's visits, or over lines of what they are against the usual amount of the same thing."""
    kind, _, field = measure.of.rpartition(" ")
    if kind == "relative":
        amount = amounts(events, field).where(lambda x: x > 0)
        shared = events[amount.notna() & (events["name"] != "")].groupby("name")["user"].nunique()
        usual = amount[events["name"] != ""].groupby(events["name"]).median()
        by_line = amount / events["name"].map(usual[shared[shared >= 5].index])
        return by_line.groupby(events["user"]).median().dropna()
    visits = events.groupby(["user", "session"])
    if kind == "total":
        of_visit = amounts(events, field).groupby([events["user"], events["session"]]).sum()
    elif measure.of == "things":
        of_visit = visits["name"].agg(lambda n: n[n != ""].nunique())
    else:
        of_visit = visits[measure.of].first()
    return of_visit.groupby("user").median().dropna()


def amounts(events: pd.DataFrame, field: str) -> pd.Series:
    name = "spent" if field == "value" else field.removeprefix("properties.")
    return events["properties"].map(lambda p: p.get(name)).astype(float)


def value(events: pd.DataFrame, measure: Measure, members: set[str], own: pd.Series) -> float:
    """The measure's value for the users of `members` from everybody's `own` answers; shares of sessions are means over users."""
    mine = own[own.index.isin(members)]
    return float(mine.median() if measure.statistic in ("median", "cadence") else mine.mean())


def matched(events: pd.DataFrame, measure: Measure, members: set[str], answered: pd.Series) -> float | None:
    """Others' value, each stratum of first month and active days weighted as in the group; shares and means only."""
    if measure.statistic not in ("share", "sum", "distinct"):
        return None
    own = answered.rename("x").to_frame()
    seen = events.groupby("user")["ts"]
    own["month"] = seen.min().dt.to_period("M").astype(str)
    activity = measure.feature is not None and measure.feature.name in ("active_days", "span_days", "n_events")
    bins = [0, 1, 2, 3, 4, 6, 9, 13, 19, 27, 39, 55, 79, 10**9]
    own["days"] = 0 if activity else pd.cut(seen.agg(lambda t: t.dt.normalize().nunique()), bins, labels=False)
    inside = own.index.isin(members)
    here = own[inside].groupby(["month", "days"])["x"].size()
    there = own[~inside].groupby(["month", "days"])["x"].mean()
    shared = here.index.intersection(there.index)
    return float((there[shared] * here[shared]).sum() / here[shared].sum())


def satisfied(events: pd.DataFrame, measure: Measure) -> Callable[[Rows], bool]:
    """Does a unit, given as the rows of its events, satisfy the measure? Only what the offline writer proposes."""
    seq = events["seq"].to_numpy()
    did, never = ([matching(events, step) for step in steps] for steps in (measure.steps, measure.absent))

    def holds(at: Rows) -> bool:
        if measure.feature is not None:
            return test(feature(events.iloc[at], measure.feature), measure.feature.op, measure.feature.value)
        if measure.ordered and measure.absent:
            first = seq[at][did[0][at]]
            return len(first) > 0 and not (never[0][at] & (seq[at] > first.min())).any()
        if measure.ordered:
            return in_order(seq[at], [step[at] for step in did])
        return all(step[at].sum() >= measure.at_least for step in did) and not any(step[at].any() for step in never)

    return holds


def in_order(seq: Rows, steps: list[np.ndarray]) -> bool:
    now = -1
    for step in steps:
        later = seq[step & (seq > now)]
        if not len(later):
            return False
        now = int(later.min())
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


def matching(part: pd.DataFrame, conditions: list[Condition]) -> np.ndarray:
    """Which events satisfy all of the conditions."""
    holds = pd.Series(True, index=part.index)
    for c in conditions:
        if c.op == "not_in" and isinstance(c.value[0], str):
            text = part["properties"].map(lambda p, name=c.field[11:]: str(p.get(name, "")).lower())
            holds &= (text != "") & ~text.isin([str(v).lower() for v in c.value])
        elif c.field.startswith("properties.") and c.op in ("is", "in") and not isinstance(c.value[0], str):
            number = part["properties"].map(lambda p, name=c.field[11:]: p.get(name)).astype(float)
            holds &= number.isin([float(v) for v in c.value])
        elif c.op == "not_in":
            number = part["properties"].map(lambda p, name=c.field[11:]: p.get(name)).astype(float)
            holds &= number.notna() & ~number.isin([float(v) for v in c.value])
        elif c.field in ("opens_visit", "met_before", "met_last"):
            holds &= part[c.field].isin(c.value)
        elif c.field.startswith("properties.") and c.op == "is":
            text = part["properties"].map(lambda p, name=c.field[11:]: str(p.get(name)).lower())
            holds &= text == str(c.value[0]).lower()
        elif c.field.startswith("properties."):
            number = part["properties"].map(lambda p, name=c.field[11:]: p.get(name)).astype(float)
            holds &= number <= float(c.value[0]) if c.op == "at_most" else number >= float(c.value[0])
        elif c.field in ("hour", "weekday"):
            number = part["ts"].dt.hour if c.field == "hour" else part["ts"].dt.day_of_week + 1
            low, high = float(c.value[0]), float(c.value[1])
            holds &= number.between(low, high) if low <= high else (number >= low) | (number <= high)
        else:
            holds &= part[c.field].str.lower() == str(c.value[0]).lower()
    return holds.to_numpy()


def test(found: float, op: str, value: Any) -> bool:
    return {
        "at_least": found >= value,
        "at_most": found <= value,
        "above": found > value,
        "below": found < value,
        "equals": found == value,
    }[op]


test.__test__ = False  # type: ignore[attr-defined]
