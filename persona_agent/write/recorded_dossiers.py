"""Where a recording's dossiers are not those that a replay made: said by persona and claim, and used for nothing.

In: what a recording's writer was shown, what is made here. Out: a sentence for each persona of which they differ. Promises: what
code is the author of (words, figures, sizes, why a claim fell) is made here in a replay as in any run, since whoever writes a
recording's answers can write its dossiers as well; an answer is used where the prompt made of them is the recorded one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..schema import TENTH_ID

Row = Mapping[str, Any]  # of dossiers.json: `persona`, its `dossier`, the log's `vocabulary`
NAMED = 5  # places of a note: enough to look at; where a candidate is more or less, all behind it have other ids


def told_differences(recorded: Mapping[str, Row], made: Iterable[Row], *, asked: bool) -> Iterator[str]:
    """A sentence for each persona, of rows by its id and rows as `dump_dossiers` gives them: of the claims that answers to a
    writer's questions made if `asked`, else of all that is known before one asks.
    """
    for row in made:
        name, was = row["persona"], recorded.get(row["persona"])
        if was is None and not asked:
            yield f"{name} is not in the recording{': code words its card' if name == TENTH_ID else ''}"
        places = [] if was is None else list(_places(was, json.loads(json.dumps(row)), asked=asked))
        if places:
            more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
            yield f"{name}: the recorded dossier is not the one made here, which is used: {', '.join(places[:NAMED])}{more}"


def _places(was: Row, now: Row, *, asked: bool) -> Iterator[str]:
    """What of a dossier differs: claims by id with their fields, then the rest."""
    old, new = (_claims(row, asked=asked) for row in (was, now))
    for name in dict.fromkeys([*new, *old]):
        if name not in old:
            yield f"{name} is made here alone"
        elif name not in new:
            yield f"{name} is recorded alone"
        elif fields := _differing(old[name], new[name]):
            yield f"{name} ({', '.join(fields)})"
    if not asked:
        yield from (field for field in _differing(was["dossier"], now["dossier"]) if field != "candidates")
        yield from _differing({"vocabulary": was.get("vocabulary")}, {"vocabulary": now["vocabulary"]})


def _claims(row: Row, *, asked: bool) -> dict[str, Row]:
    """The candidates by id: those that a question of the writer's led to, or all others."""
    return {c["id"]: c for c in row["dossier"]["candidates"] if c["id"].startswith("q") == asked}


def _differing(old: Row, new: Row) -> list[str]:
    """Fields that differ, by names that are known here: those of a file may be any words."""
    return [field for field in new if old.get(field) != new[field]] + (
        ["a field that is no more"] if {*old} - {*new} else []
    )
