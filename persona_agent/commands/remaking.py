"""The cards of a run made again, to hold those in its folder against: from its log, its groups and the answers in its ledger.

In: a run folder, its log read anew, options. Out: in which fields its personas differ, and which pages are not what they give.
Promises: nothing is sent, nothing is grouped anew, nothing in the folder changes; what cannot be made again says why.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ..codebook import NamedLog, Suggested
from ..edits.counting import READ_BY, readers_of
from ..errors import PersonaAgentError
from ..groups.grouping import UserGroups
from ..groups.saving import GROUPS, load_groups
from ..log.reading import Log, ReadLog
from ..manifest import EDITS, RUN, THEMES, file_digests
from ..models.embedding import BUILT_IN
from ..models.ledger import LEDGER
from ..options import Options
from ..progress import Progress, Silent
from ..report.continued import continued
from ..report.finishing import finish, write_pages
from ..runs import READ_BESIDES, names_of, options_of, run_id_of, versions
from ..schema import NO_IDS, Before, Names, PersonaSet
from ..store import Store, sql_literal
from ..write.briefs import briefed_groups
from ..write.loop import write_again
from ..write.writing import Written, counted_with

PAGES = ("personas.md", "report.html")
BEGUN_WITH = (GROUPS, THEMES, "memories.parquet", "actions.parquet", LEDGER, EDITS)
LONGEST = 80  # characters of a value in a message
DIFFERENT = "(SELECT * FROM read_parquet({a}) EXCEPT ALL SELECT * FROM read_parquet({b}))"

Problem = dict[str, str]


def why_not(store: Store, run: Mapping[str, Any], changed: bool) -> str:
    """Why the cards of a run cannot be made again; empty if they can."""
    if changed:
        return "the log is not the one that was read"
    if run.get("status") != "complete":
        return "the run is partial"
    if run.get("forgotten") or store.path(".forgotten").is_file():
        return "somebody was forgotten in it since"
    if run["config"].get("embedding") != BUILT_IN:
        return "its texts were compared by another machine"
    other = [name for name, version in versions().items() if run.get("versions", {}).get(name) != version]
    if other:
        return f"it was made with other versions of {', '.join(other)}"
    sealed = (run.get("manifest") or {}).get("files", {})
    if file_digests(store, [EDITS]).get(EDITS) != sealed.get(EDITS):
        return f"{EDITS} was edited since, and not read yet: `edit OUT` does"
    gone = [name for name in BEGUN_WITH[:-2] if not store.path(name).is_file()]
    return f"{gone[0]} is gone" if gone else ""


def differences(
    store: Store, now: Store, personas: PersonaSet, run: dict[str, Any], log: Log, read: ReadLog, progress: Progress
) -> tuple[list[Problem], str]:
    """What of a run is not as its log, groups and ledger give it, or why that cannot be told. `now` holds the log read anew."""
    options = options_of(run, tuple(run["paths"]), ("log", "groups", "models")).but(out=now.out)
    run_id, names = run_id_of(options, log.fingerprints(), _besides(run)), names_of(store)
    options = options.but(within=names.field(options.within)) if options.within else options
    for name in BEGUN_WITH:
        if store.path(name).is_file():
            shutil.copyfile(store.path(name), now.path(name))
    now.write_json(RUN, {READ_BY: readers_of(store)})
    progress.stage("make again")
    named = run.get("facts", {}).get("name")
    try:
        again = _made(now, options, run_id, read, names, NamedLog(**named).by_model if named else None, _before(run))
    except PersonaAgentError as error:
        return [], error.message.rstrip(".")
    found = [{"claim": where, "problem": says} for where, says in _compared(personas, again)]
    found += [
        {"claim": p, "problem": "is not what the personas give"} for p in PAGES if _bytes(store, p) != _bytes(now, p)
    ]
    found += [{"claim": t, "problem": "is not what the log and the groups give"} for t in _tables(store, now)]
    return [*found, *_facts(run, read)], ""


def _facts(run: Mapping[str, Any], read: ReadLog) -> Iterator[Problem]:
    """What run.json says of the log, and reading it anew does not."""
    told, given = json.loads(json.dumps(asdict(read))), run.get("facts", {}).get("read", {})
    for name, value in told.items():
        if given.get(name) != value:
            yield {"claim": RUN, "problem": f"{name} is not what the log gives"}


def _made(
    now: Store,
    options: Options,
    run_id: str,
    read: ReadLog,
    names: Names,
    by_model: Suggested | None,
    before: Before | None,
) -> PersonaSet:
    groups = load_groups(now)
    written = counted_with(_written(now, options, groups, names, before), by_model)
    found = finish(now, options, run_id, read, groups, written, names)
    return found[0] if before is None else write_pages(now, continued(found[2], before.changes), names, options)[0]


def _besides(run: Mapping[str, Any]) -> dict[str, str]:
    return {name: run[name] for name in READ_BESIDES if name in run}


def _before(run: Mapping[str, Any]) -> Before | None:
    """What a run that follows another took over of it."""
    told = run.get("facts", {}).get("since")
    return None if told is None else Before.model_validate(told)


def _written(now: Store, options: Options, groups: UserGroups, names: Names, before: Before | None) -> Written:
    kept = before.ids if before else NO_IDS
    with briefed_groups(now, options, groups, Silent(), names=names, ids=kept) as briefed:
        return write_again(now, options, briefed)


def _bytes(store: Store, name: str) -> bytes:
    return store.path(name).read_bytes() if store.path(name).is_file() else b""


def _tables(store: Store, now: Store) -> Iterator[str]:
    """Files of rows that differ: which line an event is of, and in which group somebody is."""
    with now.connect() as connection:
        for name in ("events.parquet", "users.parquet"):
            both = {"a": sql_literal(store.path(name)), "b": sql_literal(now.path(name))}
            swapped = {"a": both["b"], "b": both["a"]}
            query = f"SELECT EXISTS {DIFFERENT.format(**both)} OR EXISTS {DIFFERENT.format(**swapped)}"
            row = connection.execute(query).fetchone()
            if row and row[0]:
                yield name


def _compared(was: PersonaSet, now: PersonaSet) -> Iterator[tuple[str, str]]:
    """Place and difference: of claims and cards by their ids, of the rest as `personas.json`."""
    old, new = was.model_dump(mode="json"), now.model_dump(mode="json")
    cards = [_cards(tree) for tree in (old, new)]
    yield from _differ("personas.json", old, new)
    for name in dict.fromkeys([*cards[0], *cards[1]]):
        if name not in cards[0] or name not in cards[1]:
            yield name, "is made up" if name not in cards[1] else "is missing"
            continue
        claims = [_claims(side[name]) for side in cards]
        yield from _differ(name, cards[0][name], cards[1][name])
        for claim in dict.fromkeys([*claims[0], *claims[1]]):
            if claim not in claims[0] or claim not in claims[1]:
                yield claim, "is made up" if claim not in claims[1] else "is missing"
            else:
                yield from _differ(claim, claims[0][claim], claims[1][claim])


def _cards(tree: dict[str, Any]) -> dict[str, Any]:
    """The cards of a set by id, taken out of it."""
    everyone = tree.pop("everyone")
    return {p["id"]: p for p in [*tree.pop("personas"), *([everyone] if everyone else [])]}


def _claims(card: dict[str, Any]) -> dict[str, Any]:
    """The claims of a card by id, taken out of it. Where a claim stands is told by its status."""
    return {c["id"]: c for place in ("claims", "hypotheses", "withdrawn") for c in card.pop(place)}


def _differ(place: str, old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differ(place, old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (one, other) in enumerate(zip(old, new, strict=True), start=1):
            yield from _differ(place, one, other, f"{path} {i}")
    elif old != new:
        yield place, f"{path or 'it'} is {_short(old)}, made again {_short(new)}"


def _short(value: Any) -> str:
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
