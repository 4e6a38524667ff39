"""How much of what a group came for do its true claims speak of?"""

from __future__ import annotations

from collections.abc import Iterable

from persona_agent.evidence.corpus import Binder, Corpus, Population, users_of
from persona_agent.evidence.queries import compile_measure
from persona_agent.schema import Measure


def memory_coverage(corpus: Corpus, measures: Iterable[Measure], population: Population) -> float | None:
    """The share of the population's memories that hold a line which meets one of the measures; None without memories."""
    binder = Binder()
    row = corpus.connection.execute(
        f"SELECT count(DISTINCT l.m) FROM lines l WHERE {users_of(population, binder)}", binder.values
    ).fetchone()
    total = row[0] if row else 0
    if not total:
        return None
    touched: set[int] = set()
    for measure in measures:
        if measure.steps:
            touched |= _touched(corpus, measure, population)
    return len(touched) / float(total)


def _touched(corpus: Corpus, measure: Measure, population: Population) -> set[int]:
    compiled = compile_measure(measure, population)
    sql = f"{compiled.ctes} SELECT DISTINCT l.m FROM ev e JOIN lines l USING (seq) WHERE {compiled.matching} AND l.m IS NOT NULL"
    return {int(m) for m in corpus.rows(sql, compiled.binder)["m"]}
