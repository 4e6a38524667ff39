"""How often a visit is long or an amount large: what users were sorted by, asked as the share of visits or lines above a cut.

In: a corpus, and the views that users were told apart by. Out: inquiries like those of inquiries.py. Who fills a cart every third
time has the middle visit of everybody else: what such users have in common is how often, and a median does not see it. Cuts
are where half and a quarter of the log's own visits or lines begin, each user weighing the same. Promises: asked of nothing
but what users were sorted by.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from ...evidence import Binder, Corpus
from ...log.events import property_path
from ...schema import Condition, Topic
from ...words.english.conditions_told import ANY_LINE
from ...words.english.grammar import noun_of_lines
from ...words.wording import field_words
from .inquiries import Inquiry, comparing_measure, visits_share

ABOVE = (0.25, 0.5)  # of visits or lines, at most so many above a cut; as parts of the day are cut
VIEWS = ("much", "dear", "spread")  # of an amount, that are of how much there is

SIZES = """
SELECT u, n AS x, count(*) AS n FROM (SELECT u, s, count(*) AS n FROM lines WHERE s IS NOT NULL GROUP BY u, s) GROUP BY u, x
"""


def bands(corpus: Corpus, names: Sequence[str], sorted_by: Collection[str]) -> Iterator[Inquiry]:
    """Of visits, and of the amounts among `names`."""
    if "size" in sorted_by:
        lines = noun_of_lines(corpus.names.main_act)
        for cut in _cuts(corpus, "size", SIZES, Binder()):
            long = visits_share([[ANY_LINE]], at_least=int(cut))
            yield Inquiry(
                Topic(kind="session", about=f"of {cut:g}"), "", f"hold {cut:g} {lines} or more", long, "sessions"
            )
    for name in names:
        if any(f"{view} {name}" in sorted_by for view in VIEWS):
            binder = Binder()
            number = f"TRY_CAST(json_extract_string(properties, {binder.bind(property_path(name))}) AS DOUBLE)"
            lines = f"SELECT u, {number} AS x, count(*) AS n FROM lines GROUP BY u, x HAVING x IS NOT NULL"
            for cut in _cuts(corpus, name, lines, binder):
                much = [[Condition(field=f"properties.{name}", op="at_least", value=[cut])]]
                said = f"has {field_words(name, corpus.names)} of {cut:g} or more"
                yield Inquiry(
                    Topic(kind="any", about=f"{name} of {cut:g}"),
                    said,
                    said,
                    comparing_measure("events", much),
                    "lines",
                )


def _cuts(corpus: Corpus, name: str, sql: str, binder: Binder) -> list[float]:
    """The smallest numbers that at most so many are at or above; none that all are, and each once."""
    known: dict[str, list[float]] = corpus.memo.setdefault("bands", {})
    if name not in known:
        rows = corpus.connection.execute(sql, binder.values).fetchnumpy()
        x, n = rows["x"].astype(np.float64), rows["n"].astype(np.float64)
        weight = n / np.bincount(rows["u"].astype(np.int64), n)[rows["u"].astype(np.int64)]
        values, where = np.unique(x, return_inverse=True)
        above = np.cumsum(np.bincount(where, weight)[::-1])[::-1] / max(weight.sum(), 1e-9)
        found = [values[np.flatnonzero(above <= most)[0]] for most in ABOVE if (above <= most).any()]
        known[name] = sorted({float(v) for v in found if v > values[0]}, reverse=True)
    return known[name]
