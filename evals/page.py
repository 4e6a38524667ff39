"""The whole table as one page for sharing: every number with its interval as a small plot, no script, nothing fetched.

In: a report and, where there is one, a baseline. Out: HTML. Promises: text is escaped; a number without an interval is a
point; what is undefined or errored is shown as such and plotted nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from .recordings import not_measured
from .results import worse

WIDTH, HEIGHT, PAD = 160, 18, 6
STYLE = """
:root{color-scheme:light dark;--ink:#1c1f23;--soft:#667;--line:#d9dde2;--ok:#1a7f4b;--miss:#b3261e;--bg:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#9aa3ad;--line:#3a4048;--ok:#5cc28c;--miss:#ff8a80;--bg:#15181c}}
body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--bg);max-width:70rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:2.2rem 0 .2rem}p{margin:.3rem 0;color:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;margin-top:.5rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere}
th{font-weight:600;color:var(--soft);font-size:.85rem}td.text{text-align:left;white-space:normal;color:var(--soft);font-size:.85rem}
.ok{color:var(--ok)}.miss{color:var(--miss);font-weight:600}.c{color:var(--soft)}
svg{display:block}svg line{stroke:var(--soft)}svg .axis{stroke:var(--line)}svg .target{stroke:var(--ok);stroke-dasharray:2 2}
svg circle{fill:var(--ink)}svg .missed{fill:var(--miss)}
"""


def page_of(report: Mapping[str, Any], baseline: Mapping[str, Any] | None = None) -> str:
    """The page; with a baseline, numbers that are worse than its interval are marked."""
    return "\n".join(_page(report, baseline))


def _page(report: Mapping[str, Any], baseline: Mapping[str, Any] | None) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>persona_agent: evaluation</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<style>{STYLE}</style></head><body><h1>persona_agent: evaluation</h1>"
    numbers = [n for s in report["suites"].values() for n in s["numbers"].values()]
    met = [n["met"] for n in numbers if n["met"] is not None]
    yield f"<p>{len(numbers)} numbers, {sum(met)} of {len(met)} targets met. Dot: value; bar: 95 % interval; dashed: target. "
    yield "“c”: true by construction, never averaged with what was judged. Errored cases are counted apart, never as 0.</p>"
    for name, suite in report["suites"].items():
        before = (baseline or {"suites": {}})["suites"].get(name, {"numbers": {}})["numbers"]
        yield from _suite(name, suite, before)
    yield from _sources(report)
    yield "</body></html>"


def _suite(name: str, suite: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2>{escape(name)}</h2><p>{escape(suite['title'])}</p>"
    yield '<div class="scroll"><table><thead><tr><th>number</th><th>value</th><th>95 %</th><th>n</th><th>target</th><th></th>'
    yield "</tr></thead><tbody>"
    for key, n in suite["numbers"].items():
        yield _row(key, n, before.get(key))
    yield "</tbody></table></div>"
    yield from (f'<p class="miss">errored: {escape(job)}: {escape(why)}</p>' for job, why in suite["failed"].items())
    if suite["not_measured"]:
        yield f"<p>{escape(not_measured(name, suite['not_measured']))}</p>"


def _row(name: str, n: Mapping[str, Any], past: Mapping[str, Any] | None) -> str:
    mark = ' <span class="c">c</span>' if n["by_construction"] else ""
    how = worse(n, past) if past else ""
    note = f'<br><span class="miss">worse: {escape(how)}</span>' if how else ""
    note += f'<br><span class="c">{escape(n["reason"])}</span>' if n["reason"] else ""
    ends = f"{n['interval'][0]:.3f} … {n['interval'][1]:.3f}" if n["interval"] else ""
    sign = "≥" if n["better"] == "higher" else "≤"
    css = {True: "ok", False: "miss", None: ""}[n["met"]]
    target = f"{sign} {n['target']:g}" if n["target"] is not None else ""
    errors = f" ({n['n_error']} errored)" if n["n_error"] else ""
    value = "–" if n["value"] is None else f"{n['value']:.3f}" if abs(n["value"]) < 100 else f"{n['value']:,.0f}"
    return (
        f'<tr><td>{escape(name)}{mark}{note}</td><td class="{css}">{value}</td><td>{ends}</td><td>{n["n"]}{errors}</td>'
        f"<td>{target}</td><td>{_plot(n)}</td></tr>"
    )


def _plot(n: Mapping[str, Any]) -> str:
    """Value, interval and target on 0 to 1 (or −1 to 1); nothing for what lies outside."""
    seen = [v for v in (n["value"], n["target"], *(n["interval"] or ())) if v is not None]
    if n["value"] is None or not all(-1 <= v <= 1 for v in seen):
        return ""
    low = -1.0 if min(seen) < 0 else 0.0

    def x(value: float) -> float:
        return round(PAD + (value - low) / (1 - low) * (WIDTH - 2 * PAD), 1)

    middle = HEIGHT / 2
    parts = [f'<line class="axis" x1="{PAD}" x2="{WIDTH - PAD}" y1="{middle}" y2="{middle}"/>']
    if low < 0:
        parts.append(f'<line class="axis" x1="{x(0)}" x2="{x(0)}" y1="2" y2="{HEIGHT - 2}"/>')
    if n["target"] is not None:
        parts.append(f'<line class="target" x1="{x(n["target"])}" x2="{x(n["target"])}" y1="1" y2="{HEIGHT - 1}"/>')
    if n["interval"]:
        a, b = (x(v) for v in n["interval"])
        parts.append(f'<line stroke-width="3" x1="{a}" x2="{b}" y1="{middle}" y2="{middle}"/>')
    missed = ' class="missed"' if n["met"] is False else ""
    parts.append(f'<circle{missed} cx="{x(n["value"])}" cy="{middle}" r="3.5"/>')
    return f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{n["value"]:.3f}">{"".join(parts)}</svg>'


def _sources(report: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>What it was measured with</h2>"
    yield '<div class="scroll"><table><thead><tr><th>recording</th><th>source</th><th>who</th></tr></thead><tbody>'
    for name, found in report["recordings"].items():
        who = "; ".join(f"{k}: {v}" for k, v in found.items() if k not in ("source", "prompts"))
        source = escape(str(found.get("source", "")))
        yield f'<tr><td>{escape(name)}</td><td class="text">{source}</td><td class="text">{escape(who)}</td></tr>'
    yield "</tbody></table></div>"
    rows = {k: v for k, v in report["versions"].items() if k != "prompts"} | report["versions"]["prompts"]
    yield "<p>" + "; ".join(f"{escape(k)} {escape(str(v))[:23]}" for k, v in rows.items()) + "</p>"
