"""`inspect`: what a run would read, before anything is run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import duckdb

from ..codebook import Codebook, DescribedAct, codebook_text, given_edits, name_codebook
from ..folders import temporary_folder
from ..log.events import Property, open_events, properties
from ..log.mentions import refuse_told_users
from ..log.reading import Log, ReadLog, find_log, read_log
from ..log.shapes import UNFOLDED
from ..options import Options
from ..progress import Progress
from ..report.blocks import in_blocks, plain_lines
from ..store import Store
from ..words.english.clock_words import clock_proposed, clock_told
from ..words.wording import spelled_worth
from .results import Result

SAMPLES = 5  # records of each list, as examples
COUNTS = ("records", "with_events", "rejected", "set_aside", "duplicates", "events", "users")


@dataclass(frozen=True)
class Inspection(Result):
    """Everything that reading finds, as JSON values: how columns were understood, how much there is, what is left out."""

    files: list[dict[str, Any]]
    mapping: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    counts: dict[str, int]
    window: dict[str, Any]
    notes: list[str]
    naive_timestamps: int
    dates_only: list[str]
    events_by_hour: dict[str, Any]
    identifiers_masked: dict[str, int]
    columns_left_out: list[str]
    ids_left_out: list[str]
    columns_not_used: dict[str, str]
    set_aside: dict[str, Any]
    rejects: dict[str, Any]
    codebook: dict[str, Any]
    properties: list[dict[str, Any]]
    page: str = ""

    def text(self) -> str:
        """All of it in blocks; the codebook at the end, as the file that can be corrected."""
        told = {name: value for name, value in self.as_json().items() if name != "codebook"}
        return f"{in_blocks(told)}\n\ncodebook, to be corrected and read by --codebook\n\n{plain_lines(self.page)}"

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "page"}


def inspect(options: Options, progress: Progress) -> Inspection:
    """Everything that reading finds; the log is read in full into a folder that is thrown away."""
    options, edits = given_edits(options)
    log = find_log(options)
    with temporary_folder() as folder:
        store = Store.create(folder)
        progress.stage("read")
        found = read_log(log, options, store, progress)
        with store.connect() as connection:
            open_events(connection, store)
            catalogue = properties(connection)
            curve = _curve(connection, options.timezone, found.dates_only)
        refuse_told_users(store, options)
        _, book = name_codebook(store, options, found, edits)
        return Inspection(
            files=[
                {
                    "path": item.name,
                    "format": log.source.kind if log.source else layout.format,
                    "encoding": layout.text or None,
                    "vendor": layout.vendor or None,
                    "records": found.files.get(item.name, 0),
                }
                for item, layout in zip(log.inputs, log.found.layouts, strict=True)
            ],
            mapping=_mapping(log),
            columns=_columns(log, catalogue),
            counts={k: getattr(found, k) for k in COUNTS},
            window=_window(found),
            notes=[
                *_work(found, options),
                *_worth(log, options),
                *_questions(found, options),
                *found.losses,
                *found.notes,
            ],
            naive_timestamps=found.naive_timestamps,
            dates_only=found.dates_only,
            events_by_hour={"zone": options.timezone, **curve},
            identifiers_masked=found.redacted,
            columns_left_out=found.withheld,
            ids_left_out=found.ids,
            columns_not_used=found.unused,
            set_aside={"reasons": found.reasons, "sensitive": found.topics, "samples": _head(store, "set_aside.jsonl")},
            rejects={"codes": found.codes, "samples": [_placed(r) for r in _head(store, "rejects.jsonl")]},
            codebook=_told(book),
            properties=[_property(p) for p in catalogue],
            page=codebook_text(book),
        )


def _window(found: ReadLog) -> dict[str, Any]:
    """From when to when the log goes, and how finely its times are given."""
    if found.all_dated:
        return {"start": str(found.first)[:10], "end": str(found.last)[:10], "dates_alone": True}
    return {"start": found.first, "end": found.last, "to_the_minute": found.times_to_the_minute}


def _questions(found: ReadLog, options: Options) -> Iterator[str]:
    """What a person must say of the log before its hours can be told."""
    if found.naive_timestamps and options.times_are is None and not found.all_dated:
        yield (
            f"{found.naive_timestamps:,} times have no offset and were read as UTC. Say --times-are utc if they are, or "
            "--times-are local --timezone ZONE if clocks of a place showed them; hours, weekdays and sessions hang on it"
        )
        proposed = "" if options.zone_is_told else clock_proposed(found.clock)
        yield from [proposed] if proposed else []
    if found.clock and options.zone_is_told:
        local = options.times_are == "local"
        told = clock_told(found.clock, options.timezone, str(found.first), str(found.last), local=local)
        yield from [told] if told else []


def _work(found: ReadLog, options: Options) -> Iterator[str]:
    """Whether the log is taken for one of people at work, and what follows."""
    if options.staff or (found.at_work and options.no_staff is None):
        yield (
            f"{found.at_work or '--staff was given'}: staff mode is on, which tells nobody's hours, path, group or lines; "
            "--no-staff PURPOSE turns it off"
        )


def _worth(log: Log, options: Options) -> Iterator[str]:
    """What a line is taken to be worth, where nobody said it."""
    if log.found.worth and options.value is None:
        yield f"a line is worth {spelled_worth(log.found.worth)}; --value says another, --value none that it has none"


def _curve(connection: duckdb.DuckDBPyConnection, zone: str, dates_only: list[str]) -> dict[str, int]:
    """How many events there are by hour of the day, of those whose times have a clock."""
    rows = connection.execute(
        "SELECT hour(timezone(?, timezone('UTC', ts))) AS h, count(*) FROM events "
        "WHERE NOT list_contains(?::VARCHAR[], action) GROUP BY h ORDER BY h",
        [zone, dates_only],
    ).fetchall()
    return {f"{hour:02}": n for hour, n in rows}


def _mapping(log: Log) -> list[dict[str, Any]]:
    return [
        {
            "field": field,
            "column": column,
            "by": "--map" if field in log.found.mapped else _by(log.found.taken.get(field)),
        }
        for field, column in log.found.mapping.items()
    ]


def _by(why: str | None) -> str:
    return f"values: {why}" if why else "name"


def _columns(log: Log, catalogue: list[Property]) -> list[dict[str, Any]]:
    """The columns of the sample; keys of nested objects where several users have them, for else they may be data of theirs."""
    shared = {*(p.name for p in catalogue), *log.found.mapping.values()}
    found = [c for c in log.found.columns if "." not in c.path or not shared.isdisjoint((c.path, _unfolded(c.path)))]
    return [{"column": c.path, "types": list(c.types), "filled": c.filled} for c in found]


def _unfolded(path: str) -> str:
    head, _, rest = path.partition(".")
    return rest if head in UNFOLDED else path


def _told(book: Codebook) -> dict[str, Any]:
    """The codebook in rows; what a run writes as codebook.yaml, for editing."""
    acts = [
        {
            "act": act,
            "called": a.name,
            "doer": a.doer,
            "clock": a.clock,
            "events": a.events,
            "users": a.users,
            "note": f"side effect of {a.follows}" if a.follows else _with(a),
        }
        for act, a in book.acts.items()
    ]
    fields = [
        {"field": field, "called": f.name, "unit": f.unit, "use": f.use, "values": f.values, "repeats": f.repeats}
        for field, f in book.fields.items()
    ]
    return {
        "about": book.about,
        "zone": f"{book.zone.name}{'' if book.zone.confirmed else ', nobody has said so'}",
        "acts": acts,
        "fields": fields,
        "categories": book.categories,
        "artefacts": [f"{obj}: {why}" for obj, why in book.artefacts.items()],
    }


def _with(act: DescribedAct) -> str | None:
    return f"{100 * act.share:.0f} % beside another, mostly {act.with_act}" if act.with_act else None


def _property(p: Property) -> dict[str, Any]:
    use = "amount: may form groups" if p.is_amount else "field: is it just that?" if p.is_field else "not used"
    return {"property": p.name, "coverage": round(p.coverage, 3), "values": p.distinct, "use": use}


def _placed(reject: dict[str, Any]) -> dict[str, Any]:
    """A reject without its text, which is one person's: where it stands and what is wrong with it."""
    return {name: value for name, value in reject.items() if name != "raw"}


def _head(store: Store, name: str) -> list[dict[str, Any]]:
    with store.path(name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in islice(file, SAMPLES)]
