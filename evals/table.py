"""The report as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from persona_agent.report.terminal import plain

from .recordings import not_measured

MARKS = {True: " ok ", False: "MISS", None: "    "}
NAME_WIDTH = 46


def table_of(report: Mapping[str, Any]) -> str:
    """One row a number: value, 95 % interval, n, what could not be scored, target. 80 columns or so."""
    return "\n".join(_lines(report))


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    for name, suite in report["suites"].items():
        yield f"\n{name}: {suite['title']}"
        if suite["numbers"]:
            yield f"{'':4} {'number':{NAME_WIDTH}} {'value':>7} {'95 %':>15} {'n':>6}  target"
        for key, n in suite["numbers"].items():
            yield _row(key, n)
        for job, why in suite["failed"].items():
            yield f"errored: {job}: {plain(why)}"
        if suite["not_measured"]:
            yield not_measured(name, suite["not_measured"])
    met = [n["met"] for s in report["suites"].values() for n in s["numbers"].values() if n["met"] is not None]
    unread = sum(len(s["not_measured"]) for s in report["suites"].values())
    yield (
        f"\n{sum(met)} of {len(met)} targets met, {unread} jobs not measured. "
        "c: by construction, never averaged with judged figures. e: errored cases."
    )


def _row(name: str, n: Mapping[str, Any]) -> str:
    ends = f"{n['interval'][0]:.3f}…{n['interval'][1]:.3f}" if n["interval"] else ""
    sign = "≥" if n["better"] == "higher" else "≤"
    target = f"{sign} {n['target']:g}" if n["target"] is not None else ""
    errors = f" {n['n_error']}e" if n["n_error"] else ""
    mark = "c" if n["by_construction"] else " "
    said = f"  ({plain(n['reason'])})" if n["reason"] and n["value"] is None else ""
    value = f"{mark}{_value(n['value']):>7} {ends:>15} {n['n']:>6}{errors}"
    return f"{MARKS[n['met']]} {name:{NAME_WIDTH}}{value}  {target}{said}".rstrip()


def _value(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"
