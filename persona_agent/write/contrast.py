"""All groups of a run side by side, as who asks questions of them is shown them; who writes is shown less (`overview`).

In: a briefing on its corpus. Out: what the log is, the groups with their usual visits, a table of measured facts by groups, who
is in no group, and where the log is not smooth. Promises: users who were set aside answer nothing; members are placed by one half
of their visits and measured on the other; a figure of fewer than five users is bounded; the table is cut by what its facts tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..evidence import Corpus, Population, bits_of, cross_placed, over_whole_log, question, truthfulness
from ..ids import canonical_json
from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..options import Options
from ..schema import EVERYONE, Firmness, Measure, Truthfulness
from ..words.english.first_pages import parts_of_visits
from ..words.english.said_measures import said_measure
from ..words.told_results import told_result
from ..words.wording import number, percent, size_values
from .briefs import Brief, Briefed

MOST_ROWS = 60  # of the table: as many as can be held against each other
MOST_SINGLE = 15  # of these about one thing each: a quarter, or they crowd out habits
MAX_CHARS = 32_000  # of the whole block, about 8,000 tokens
# Characters of the block for each token that a model holds: a quarter of it, since the conversation grows by what is answered.
PER_TOKEN = 1.0


def result_in(brief: Brief, measure: Measure) -> tuple[Truthfulness, float | None]:
    """What a measure comes to in a group, cross-placed, with what it tells; UnsupportedMeasure or UsageError as `evaluate`."""
    corpus, group = brief.context.corpus, brief.dossier.group
    asked = measure if group != EVERYONE else measure.model_copy(update={"versus": None})
    population = Population(group, fold="fit")
    whole = over_whole_log(corpus, asked, population)
    placed = cross_placed(corpus, asked, population, whole)
    bits = None if group == EVERYONE else bits_of(corpus, asked, population)
    return truthfulness(placed, "true" if placed.n >= FLOOR else "not_enough", ""), bits


def shown_set(briefed: Briefed, options: Options, context: int | None = None) -> tuple[dict[str, Any], int]:
    """The whole set, within a budget of characters, and how many facts of its table were left out for that; `context`:
    tokens that the model holds, None for enough.
    """
    corpus, briefing = briefed.corpus, briefed.briefing
    shown: dict[str, Any] = {
        "product": options.about,
        "part": logged_in_part(corpus),
        "called": corpus.names.told(),
        "log": briefing.vocabulary.model_dump(),
        "sorted_by": next(iter(briefed.all)).dossier.formed_by,
        "groups": [_group(brief) for brief in briefed.all],
        "not_placed": _not_placed(corpus, [b.dossier.group for b in briefed.groups]) if briefed.groups else None,
        "concentrations": [c.question for c in briefing.findings.concentrations],
        "reader_asks": options.question,
    }
    shown = {name: value for name, value in shown.items() if value}
    left = (MAX_CHARS if context is None else min(MAX_CHARS, context * PER_TOKEN)) - len(canonical_json(shown))
    rows = list(contrast(briefed.all))
    fits = np.cumsum([len(canonical_json(row)) + 1 for row in rows]) <= left
    return {**shown, "table": rows[: int(fits.sum())]}, len(rows) - int(fits.sum())


def logged_in_part(corpus: Corpus) -> str:
    """That visits may be logged in part, where they hold so few lines that are worth something; else empty."""
    if not corpus.valued:
        return ""
    found = corpus.connection.execute("SELECT count(*) / nullif(count(DISTINCT s), 0) FROM lines").fetchone()
    return " ".join(parts_of_visits(found[0] if found else None))


def contrast(briefs: Sequence[Brief]) -> Iterator[dict[str, str]]:
    """The facts of all dossiers by group, most telling first: in words, and under each group's id its figure with others'."""
    best: dict[str, tuple[float, Measure]] = {}
    for brief in briefs:
        for c in brief.dossier.candidates:
            if c.withdrawal is None:
                key, bits = question(c.measure), c.information_bits or 0.0
                if key not in best or bits > best[key][0]:
                    best[key] = (bits, c.measure)
    ranked = [best[key][1] for key in sorted(best, key=lambda key: (-best[key][0], key))]
    single = [m for m in ranked if of_a_thing(m)]
    for measure in [m for m in ranked if m not in single[MOST_SINGLE:]][:MOST_ROWS]:
        figures = {b.context.id: told_result(measure, result_in(b, measure)[0]) for b in briefs}
        yield {"what": said_measure(measure, briefs[0].context.corpus.names).whole, **figures}


def of_a_thing(measure: Measure) -> bool:
    """Is it about one thing of many? Such facts are many, and few of them tell more than that thing."""
    return any(c.field == "object" and c.op == "is" for step in measure.steps for c in step)


def _group(brief: Brief) -> dict[str, Any]:
    dossier, placement = brief.dossier, brief.placement
    size = {k.removeprefix("size."): v for k, v in size_values(dossier.size).items() if v != "unknown"}
    told: dict[str, Any] = {
        "id": brief.context.id,
        **size,
        "firm": _firm(placement.firmness),
        "five_largest_bring": None if placement.top_five is None else percent(placement.top_five),
        "usual_visit": _visit(brief),
    }
    return {name: value for name, value in told.items() if value}


def _firm(firmness: Firmness | None) -> str:
    if firmness is None or firmness.same is None:
        return ""
    chance = "" if firmness.chance is None else f", {percent(firmness.chance)} by chance"
    return f"{firmness.word}: {percent(firmness.same)} land here again{chance}"


def _visit(brief: Brief) -> dict[str, Any] | None:
    """One visit in order, and what visits of theirs usually come to."""
    told, visit = brief.dossier.told, brief.placement.visit
    if told is None:
        return None
    usual: dict[str, Any] = {"when": told.when, "steps": [step.text for step in told.steps]}
    if visit is not None:
        numbers = {"actions": visit.size, "things": visit.things, "value": visit.value, "minutes": visit.minutes}
        usual |= {name: number(value) for name, value in numbers.items() if value is not None}
    return usual


def _not_placed(corpus: Corpus, groups: Sequence[int]) -> str:
    """Who is in none of the groups, in a sentence; empty where these are too few to be told."""
    found = corpus.connection.execute(_UNPLACED, {"groups": list(groups)}).fetchone()
    users, everyone, lines, days = found or (0, 0, 0.0, 0.0)
    if users < FLOOR:
        return ""
    return (
        f"{percent(users / everyone)} of users are in none of these groups; half of them have {number(lines)} lines or fewer, "
        f"on {number(days)} days or fewer."
    )


_UNPLACED = """
WITH p AS (SELECT u, count(*) AS n, count(DISTINCT date) AS days,
                  bool_or(u IN (SELECT u FROM places WHERE list_contains($groups::INTEGER[], g))) AS placed
           FROM lines WHERE u NOT IN (SELECT u FROM held) GROUP BY u)
SELECT count(*) FILTER (NOT placed), count(*), median(n) FILTER (NOT placed), median(days) FILTER (NOT placed) FROM p
"""
