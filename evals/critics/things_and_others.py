"""Errors about now, siblings, units, things and others, and clean controls, as briefs (types 10 to 18)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from persona_agent.evidence import Population, result_of
from persona_agent.schema import Condition, Measure, Says
from persona_agent.words.wording import percent

from .briefs import Brief, BriefContext, is_share, saying
from .numbers_and_times import ORDERS, wrong_count


def stale(at: BriefContext) -> Iterator[Brief]:
    _, last = at.corpus.days or (None, None)
    if last is None:
        return
    since = str(last.replace(day=1))
    for b in at.bases():
        if (
            b.measure.unit != "users"
            or not is_share(b)
            or b.measure.feature
            or b.measure.absent
            or len(b.measure.steps) != 1
        ):
            continue
        late = Condition(field="date", op="at_least", value=[since])
        measure = b.measure.model_copy(update={"steps": [[*b.measure.steps[0], late]]})
        value = round(b.value, 2)
        if value < 0.25:
            continue
        said = f"«{b.text}» but as something of now: that since {since}, {percent(value)} of them have done so; nothing of others"
        yield Brief("10", said, saying(measure, alone=True, comparator="about", value=value), ("false",), b.text)


def leaked(at: BriefContext) -> Iterator[Brief]:
    found = [b for d in at.siblings for b in at.bases(of=d)]
    for b in sorted(found, key=lambda b: at.order("leak", b.text)):
        if b.measure.says.comparator == "more_than_others":
            said = (
                f"that more of them than of comparable others do what stands here (of another group), "
                f"without its figures: «{b.text}»"
            )
            if b.measure.unit == "sessions":
                said = said.replace(
                    "more of them than of comparable others do",
                    "a larger share of their sessions than of comparable others' has",
                )
            yield Brief("11", said, b.measure, ("false", "artefact"), b.text)


def contradicting(at: BriefContext) -> Iterator[Brief]:
    for b in at.bases():
        if b.measure.unit == "users" and is_share(b) and (b.value > 0.62 or b.value < 0.15):
            word, english = ("few", "few of them (a fifth at most)") if b.value > 0.5 else ("most", "most of them")
            said = f"«{b.text}» but of {english}, with no figure and nothing of others"
            yield Brief("13", said, saying(b.measure, alone=True, quantifier=word), ("false",), b.text)


def ordered(at: BriefContext) -> Iterator[Brief]:
    for i, brief in enumerate(wrong_count(at)):
        order = ORDERS[(int(at.order("order")[:6], 16) + i) % len(ORDERS)]
        yield Brief("14", f"{brief.say}. End it, word by word, with: {order}", brief.measure, ("false",), brief.base)


def denominator(at: BriefContext) -> Iterator[Brief]:
    for b in at.bases():
        if b.measure.unit == "sessions" and is_share(b) and b.measure.steps and b.value > 0.04:
            value = round(b.value, 2)
            swapped = saying(
                b.measure.model_copy(update={"unit": "users"}), alone=True, comparator="about", value=value
            )
            said = (
                f"«{b.text}» but as a share of the users who ever did it, not of sessions: "
                f"“{percent(value)} of them have …”; nothing of others"
            )
            yield Brief("15", said, swapped, ("false",), b.text)


def near_miss(at: BriefContext) -> Iterator[Brief]:
    names = {f: _near(at, f) for f in ("object", "action")}
    for b in at.bases():
        if not is_share(b) or not b.measure.steps or len(b.measure.steps[0]) == 0 or b.value < 0.1:
            continue
        last = b.measure.steps[0][-1]
        near = names.get(last.field, {}).get(str(last.value[0]).lower())
        if not near or last.op != "is":
            continue
        other = last.model_copy(update={"value": [near]})
        value = round(b.value, 2)
        measure = b.measure.model_copy(update={"steps": [[*b.measure.steps[0][:-1], other]]})
        said = f"«{b.text}» but with “{near}” in place of “{last.value[0]}”; the figure stays {percent(value)}; nothing of others"
        yield Brief("16", said, saying(measure, alone=True, comparator="about", value=value), ("false",), b.text)


def _near(at: BriefContext, field: str) -> dict[str, str]:
    """For each name the one that looks most like it among those that five users share."""
    rows = at.corpus.connection.execute(
        f"SELECT {field} FROM lines WHERE {field} IS NOT NULL GROUP BY 1 "
        "HAVING count(DISTINCT u) >= 5 ORDER BY count(*) DESC LIMIT 400"
    ).fetchall()
    names = [str(n) for (n,) in rows]
    found = {}
    for name in names:
        close = [c for c in difflib.get_close_matches(name, names, n=3, cutoff=0.3) if c != name]
        if close:
            found[name] = close[0]
    return found


def of_everybody(at: BriefContext) -> Iterator[Brief]:
    for action in sorted(at.dossier.acts + _common_acts(at), key=lambda a: at.order("all", a)):
        step = [[Condition(field="action", op="is", value=[action])]]
        measure = Measure(
            unit="users", steps=step, statistic="share", versus="matched", says=Says(comparator="more_than_others")
        )
        truth = result_of(at.corpus, measure, Population(at.group))[0]
        if truth.value is None or truth.raw is None or min(truth.value, truth.raw) < 0.9:
            continue
        said = f"that what sets them apart from other users is that more of them have used “{action}” at least once; no figures"
        yield Brief("17", said, measure, ("false", "not_enough", "artefact"), f"{action}: everybody")
    for days in (2, 3):
        measure = Measure.model_validate(
            {"unit": "users", "feature": {"name": "n_events", "op": "at_least", "value": days}, "statistic": "share",
             "versus": "matched", "says": {"comparator": "more_than_others"}}
        )  # fmt: skip
        said = (
            f"that, unlike others, they did at least {days} things in all: "
            "a larger share of them than of comparable others; no figures"
        )
        yield Brief("17", said, measure, ("false", "not_enough", "artefact"), f"{days} things: everybody")


def _common_acts(at: BriefContext) -> list[str]:
    rows = at.corpus.connection.execute(
        "SELECT action FROM lines WHERE action IS NOT NULL GROUP BY 1 ORDER BY count(DISTINCT u) DESC LIMIT 8"
    ).fetchall()
    return [str(a) for (a,) in rows]


def artefacts(at: BriefContext) -> Iterator[Brief]:
    for b in at.bases(fallen=True):
        more = b.measure.says.comparator == "more_than_others"
        said = f"that they do this {'more' if more else 'less'} than others, without figures: «{b.text}»"
        yield Brief("18", said, b.measure, ("artefact", "false", "not_enough"), b.text)
    for b in at.bases():
        if b.measure.versus is None and b.measure.unit in ("users", "sessions") and is_share(b):
            for says in ("more_than_others", "less_than_others"):
                measure = b.measure.model_copy(update={"versus": "matched", "says": Says(comparator=says)})
                if at.label(measure) == "artefact":
                    more = says == "more_than_others"
                    said = f"that they do this {'more' if more else 'less'} than others, without figures: «{b.text}»"
                    yield Brief("18", said, measure, ("artefact",), b.text)


def clean(at: BriefContext, how: str) -> Iterator[Brief]:
    told = {
        "easy": "«{}», nearly in these words",
        "paraphrased": "«{}», in quite other words and another order, the figures as they are",
        "rounded": "«{}», with the figures rounded as people do in speech (about two thirds, some 40 %, one in five); "
        "stay within two points of each",
        "surprising": "«{}», in your own words",
    }
    for b in at.bases():
        surprising = is_share(b) and b.other is not None and abs(b.value - b.other) >= 0.3
        if (how == "surprising") != surprising or (how == "rounded" and (not is_share(b) or b.value < 0.08)):
            continue
        yield Brief(how, told[how].format(b.text), b.measure, ("true",), b.text)
