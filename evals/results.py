"""A number of the suite: what was measured, on how many, how sure it is, and where the answers behind it come from.

Promises: what is undefined is None and never 0 or 1; a case that could not be scored is counted in `n_error` and never
taken for wrong or right; a number without an interval says so by having none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from persona_agent.evidence.intervals import wilson

Interval = tuple[float, float]
Better = Literal["higher", "lower", ""]
RESAMPLES = 1000
FEWEST_CLUSTERS = 5  # of fewer, a bootstrap draws the same ones again and calls that certainty
DIGITS = 4


@dataclass(frozen=True)
class Number:
    """One number. `name` is unique in its suite: `metric` or `metric.of_what`, in snake case.

    `n` units were scored and `n_error` could not be; `interval` is 95 %; `better` says which direction is an improvement,
    empty where neither is; `target` is the aim; `by_construction` marks what code both made and confirmed; `source`
    says who wrote the answers that it rests on (`code`, or the recording's own words); `reason` explains an odd value.
    """

    name: str
    value: float | None
    n: int
    interval: Interval | None = None
    better: Better = "higher"
    target: float | None = None
    n_error: int = 0
    by_construction: bool = False
    source: str = "code"
    reason: str = ""

    @property
    def met(self) -> bool | None:
        """Is the target met; None where there is none, or nothing to hold against it."""
        if self.target is None or not self.better:
            return None
        if self.value is None:
            return False
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        """JSON with numbers at the printed rounding, so that two machines write the same."""
        row = asdict(self)
        row["value"] = rounded(self.value)
        row["interval"] = [rounded(end) for end in self.interval] if self.interval else None
        return {**row, "met": self.met}


def rounded(value: float | None) -> float | None:
    """4 digits after the point; None for what is not finite."""
    return None if value is None or not math.isfinite(value) else round(float(value), DIGITS) + 0.0


def rate(name: str, hits: int, n: int, **more: Any) -> Number:
    """A share of independent cases with Wilson's interval; None of none."""
    return Number(name, hits / n if n else None, n, wilson(hits, n) if n else None, **more)


def clustered(
    name: str,
    groups: Sequence[Sequence[float]],
    *,
    statistic: Callable[[Sequence[float]], float] | None = None,
    seed: int = 0,
    **more: Any,
) -> Number:
    """The mean (or another `statistic`) of values that come in clusters (the claims of a persona, the tries of a user),
    its interval by a bootstrap that draws whole clusters (percentiles of 1,000); none where there are fewer than 5.
    """
    of = statistic or (lambda values: float(np.mean(values)))
    filled = [list(g) for g in groups if len(g)]
    everything = [v for g in filled for v in g]
    if not everything:
        return Number(name, None, 0, **more)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES if len(filled) >= FEWEST_CLUSTERS else 0):
        again = [v for i in rng.integers(0, len(filled), len(filled)) for v in filled[i]]
        drawn.append(of(again))
    ends = np.nanpercentile(drawn, [2.5, 97.5]) if drawn and not np.isnan(drawn).all() else None
    value = of(everything)
    return Number(
        name,
        None if math.isnan(value) else value,
        len(everything),
        (float(ends[0]), float(ends[1])) if ends is not None else None,
        **more,
    )


def difference(name: str, pairs: Sequence[Sequence[tuple[float, float]]], **more: Any) -> Number:
    """The mean of first less second over pairs that come in clusters, with its interval as in `clustered`."""
    return clustered(name, [[a - b for a, b in cluster] for cluster in pairs], **more)


def worse(now: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """Why a number (as JSON) is worse than before beyond its interval, empty if it is not."""
    value, past, better = now["value"], before["value"], now["better"]
    if past is None or not better:
        return ""
    if value is None:
        return f"is undefined, was {past:g}"
    if now["n_error"] > before["n_error"]:
        return f"{now['n_error']} cases could not be scored, {before['n_error']} before"
    low, high = before["interval"] or (past, past)
    fell = value < low - 1e-9 if better == "higher" else value > high + 1e-9
    return f"{value:g}, was {past:g} ({low:g} to {high:g})" if fell else ""
