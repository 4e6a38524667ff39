"""A model is asked what a log is: one call before anybody is grouped, and one that names the themes that things fell into.

In: a run's events, what rules propose, what the product is; the things of each theme. Out: what the model suggests, and what the
calls cost. Promises: no value that fewer than five users share, no value of a field and nobody's id is in a prompt; where the
model has no usable answer, rules stand; the same ledger gives the same suggestions; what belongs together is found in use, and
no model decides it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

import duckdb

from ..errors import ProviderError
from ..log.events import SHARED_BY, fold_rare, open_events, property_path
from ..log.mentions import refuse_told_users
from ..loops import run_coroutine
from ..models.base import Request
from ..models.ledger import Totals
from ..models.opening import open_models
from ..models.prompts import enclose, load_prompt
from ..options import OFFLINE, Options
from ..progress import Progress
from ..redaction import looks_like_instruction
from ..schema.suggestions import SuggestedCodebook, SuggestedThemes
from ..store import Store
from .book import Codebook

Suggestion = TypeVar("Suggestion", SuggestedCodebook, SuggestedThemes)

MAX_TOKENS = 12_000  # of an answer: 100 names are about 3,000, and a model that thinks needs room
MOST_SHOWN = 100  # things, the commonest: enough to tell what the log is about, and what of it is no thing
EXAMPLES = 3  # things of each act
OF_THEME = 12  # things of a theme, the commonest: what most of it is shows in fewer
SUBJECT = "the log"


@dataclass(frozen=True)
class Suggested:
    """`book` as the model wrote it, the `things` that it was shown, the names of `themes` by those that code gave them (None:
    not asked yet); `usage` of the calls in calls, tokens and USD.
    """

    book: SuggestedCodebook
    things: list[str]
    themes: dict[str, str] | None = None
    usage: dict[str, Any] = field(default_factory=dict)


def suggest(store: Store, options: Options, proposed: Codebook, progress: Progress) -> Suggested | None:
    """What the writer's model makes of the log; None where no model writes, or none judges what it wrote (its names would stand
    on every page unread), or it gave no usable answer. UsageError where what the run was told names a user of the log: this is
    the first prompt of a run.
    """
    refuse_told_users(store, options)
    if OFFLINE in (options.model, options.judges):
        return None
    with store.connect() as connection:
        open_events(connection, store)
        fold_rare(connection)
        things = _things(connection)
        data = _shown(connection, proposed, options.about, things)
    found = _answer(store, options, "codebook", data, SuggestedCodebook, progress)
    return None if found is None else Suggested(found[0], things, usage=asdict(found[1]))


def suggest_themes(
    store: Store, options: Options, suggested: Suggested | None, themes: Mapping[str, Sequence[str]], progress: Progress
) -> Suggested | None:
    """The same with names for themes, where a model named the log; `themes` are the things of each by the name that code gave it,
    commonest first.
    """
    if suggested is None:
        return None
    shown = {name: [t for t in things[:OF_THEME] if not looks_like_instruction(t)] for name, things in themes.items()}
    numbered = list(shown)
    told = [
        {"theme": i, "called": name, "things": len(themes[name]), "commonest": shown[name]}
        for i, name in enumerate(numbered, start=1)
    ]
    data = {"product": options.about, "acts": [act.name for act in suggested.book.acts], "themes": told}
    found = _answer(store, options, "themes", data, SuggestedThemes, progress) if told else None
    if found is None:
        return replace(suggested, themes={})
    names = {numbered[t.theme - 1]: t.name for t in found[0].themes if t.name and 1 <= t.theme <= len(numbered)}
    return replace(suggested, themes=names, usage=asdict(Totals(**suggested.usage) + found[1]))


def _answer(
    store: Store, options: Options, stage: str, data: dict[str, Any], kind: type[Suggestion], progress: Progress
) -> tuple[Suggestion, Totals] | None:
    """What the writer's model answers, and what that cost; None where it has no usable answer."""
    request = Request(stage, SUBJECT, (("system", load_prompt(stage).text), ("user", enclose(data))), kind, MAX_TOKENS)

    async def ask() -> tuple[Suggestion, Totals]:
        async with open_models(store, options, lambda _: None) as models:
            return await models.asker.ask(models.asked, request), models.asker.totals

    try:
        return run_coroutine(ask())
    except ProviderError as error:
        if error.fatal or error.retryable or error.code == "recording":
            raise  # with a server that is away nothing else can be asked either
        progress.note(f"rules alone named {'the log' if stage == 'codebook' else 'its themes'}: {error.message}")
        return None


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
    shown: dict[str, Any] = {"product": about, "nouns": book.nouns.model_dump(), "acts": acts, "fields": fields}
    return {**shown, "looks_like_no_thing": book.artefacts, "things": things}


def _things(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Objects that enough users share, those of most users first."""
    rows = connection.execute(_OBJECTS, {"floor": SHARED_BY, "most": MOST_SHOWN}).fetchall()
    return [obj for (obj,) in rows if not looks_like_instruction(obj)]


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
