"""The codebook that rules propose, from the events alone."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from .acts import describe_acts
from .artefacts import find_artefacts
from .book import Codebook, Zone
from .traits import describe_fields
from .unit_names import NUMBER, unit_of
from .visit_places import find_places


def propose(
    connection: duckdb.DuckDBPyConnection,
    *,
    zone: str,
    confirmed: bool,
    about: str | None = None,
    dates_only: Collection[str] = (),
    to_the_minute: bool = False,
) -> Codebook:
    """The codebook of the view `events`; `confirmed` says that a person named the zone."""
    acts = describe_acts(connection, dates_only, to_the_minute=to_the_minute)
    fields, categories = describe_fields(connection)
    amounts = [name for name, f in fields.items() if f.use == "amount"]
    counts = [name for name in amounts if unit_of(name)[1] == NUMBER]
    artefacts = find_artefacts(connection, categories, amounts, counts)
    places = find_places(connection, fields)
    connection.execute("DROP TABLE IF EXISTS long")
    return Codebook(
        about=about,
        zone=Zone(name=zone, confirmed=confirmed),
        acts=acts,
        fields=fields,
        categories=categories,
        places=places,
        artefacts=artefacts,
    )
