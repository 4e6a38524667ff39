"""A model is asked what a log is: one call, before anybody is grouped.

In: a run's events, what rules propose, what the product is. Out: what the model suggests, the things that its numbers mean, and
what the call cost. Promises: no value that fewer than five users share, no value of a field and nobody's id is in the prompt;
where the model has no usable answer, rules stand; the same ledger gives the same suggestions.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from ..errors import ProviderError
from ..log.events import SHARED_BY, fold_rare, open_events, property_path
from ..loops import run_coroutine
from ..models.base import Request
from ..models.opening import open_models
from ..models.prompts import enclose, load
from ..options import OFFLINE, Options
from ..progress import Progress
from ..redaction import looks_like_instruction
from ..schema.suggestions import SuggestedCodebook
from ..store import Store
from .book import Codebook

# Of an answer: 400 things in themes and 100 names are about 4,000, and a model that thinks needs room.
MAX_TOKENS = 12_000
MOST_SHOWN = 400  # things: the commonest, which are most of what users meet; the rest go with what they are nearest to
FEW_THINGS = 30  # or fewer need no themes; as in groups/themes.py
EXAMPLES = 3  # things of each act
SUBJECT = "the log"


@dataclass(frozen=True)
class Suggested:
    """`book` as the model wrote it, `things` behind its numbers from 1; `usage` of the call in calls, tokens and USD."""

    book: SuggestedCodebook
    things: list[str]
    usage: dict[str, Any] = field(default_factory=dict)


def suggest(store: Store, options: Options, proposed: Codebook, progress: Progress) -> Suggested | None:
    """What the writer's model makes of the log; None where no model writes, or none judges what it wrote (its names would stand
    on every page unread), or it gave no usable answer.
    """
    if OFFLINE in (options.model, options.judges):
        return None
    with store.connect() as connection:
        open_events(connection, store)
        fold_rare(connection)
        things = _things(connection) if not proposed.categories else []
        data = _shown(connection, proposed, options.about, things)
    request = Request(
        "codebook", SUBJECT, (("system", load("codebook").text), ("user", enclose(data))), SuggestedCodebook, MAX_TOKENS
    )
    try:
        return run_coroutine(_ask(store, options, request, things))
    except ProviderError as error:
        if error.fatal or error.retryable or error.code == "recording":
            raise  # with a server that is away nothing else can be asked either
        progress.note(f"rules alone named the log: {error.message}")
        return None


async def _ask(store: Store, options: Options, request: Request, things: list[str]) -> Suggested:
    async with open_models(store, options, lambda _: None) as models:
        book: SuggestedCodebook = await models.asker.ask(models.asked, request)
        return Suggested(book, things, asdict(models.asker.totals))


def _shown(
    connection: duckdb.DuckDBPyConnection, book: Codebook, about: str | None, things: list[str]
) -> dict[str, Any]:
    """The vocabulary, with what rules propose of it."""
    named = {name: act for name, act in book.acts.items() if not looks_like_instruction(name)}
    acts: list[dict[str, Any]] = []
    for name, act in named.items():
        told = {"act": name, "events": act.events, "doer": act.doer, "clock": act.clock, "follows": act.follows}
        acts.append({**told, "on": _examples(connection, name)})
    fields = [
        {"field": name, "use": f.use, "unit": f.unit, "values": f.values, **_range(connection, name, f.use)}
        for name, f in book.fields.items()
        if not looks_like_instruction(name)
    ]
    shown: dict[str, Any] = {"product": about, "acts": acts, "fields": fields, "looks_like_no_thing": book.artefacts}
    return {**shown, "things": {str(i): thing for i, thing in enumerate(things, start=1)}}


def _things(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Objects that enough users share, those of most users first; none where they are few."""
    rows = connection.execute(_OBJECTS, {"floor": SHARED_BY, "most": MOST_SHOWN}).fetchall()
    found = [obj for (obj,) in rows if not looks_like_instruction(obj)]
    return found if len(found) > FEW_THINGS else []


def _examples(connection: duckdb.DuckDBPyConnection, act: str) -> list[str]:
    given = {"act": act, "floor": SHARED_BY, "most": EXAMPLES}
    return [obj for (obj,) in connection.execute(_OF_ACT, given).fetchall() if not looks_like_instruction(obj)]


def _range(connection: duckdb.DuckDBPyConnection, name: str, use: str) -> dict[str, Any]:
    """The tenth, the middle and the ninetieth of a hundred values of an amount."""
    if use != "amount":
        return {}
    row = connection.execute(_QUANTILES, {"path": property_path(name)}).fetchone()
    return {"usually": [float(f"{x:.3g}") for x in row[0]]} if row and row[0] else {}


_OBJECTS = """
SELECT object FROM events WHERE object <> '' GROUP BY object HAVING count(DISTINCT user) >= $floor
ORDER BY count(DISTINCT user) DESC, object LIMIT $most
"""
_OF_ACT = """
SELECT object FROM events WHERE lower(action) = lower($act) AND object <> '' GROUP BY object
HAVING count(DISTINCT user) >= $floor ORDER BY count(DISTINCT user) DESC, object LIMIT $most
"""
_QUANTILES = """
SELECT quantile_disc(x, [0.1, 0.5, 0.9]) FROM (
  SELECT try_cast(json_extract_string(properties, $path) AS DOUBLE) AS x FROM events) WHERE isfinite(x)
"""
