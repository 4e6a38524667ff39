"""A look at the first records of every input: what is there, and what will be read as what.

Takes inputs and options; gives a `Survey`. Promises: nothing is guessed silently (a column is used because of its
name, because `--map` says so, or because it alone can be it by its values, which is said), and where a needed field has no column
the error holds the options that mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache, partial
from itertools import islice
from shlex import quote
from typing import Any

from ..errors import InputError, UsageError
from ..option_fields import TIME_FORMS
from .agents import NO_AGENTS, Agents, agent_columns, agents_of
from .columns import SAMPLE, FoundColumn, columns_of_sample, merged_columns, shown_columns
from .guessing import FIELDS, REQUIRED, Column, colleagues, find_anonymous, find_columns, passed_over
from .inputs import Input
from .layouts import FORMATS, Layout, find_layout, said_of_tables
from .lists import lists_of, said_of_lists
from .looking import Lines, look_at
from .mending import found_columns, mend, mostly_rejected
from .moment_check import check_moment
from .owned import names_its_user
from .plan import dig
from .records import Record, read_records
from .shapes import UNFOLDED, Shape, find_shape, said_of_moment, shaped
from .taking import Taken, Taking
from .thing_keys import have_long_numbers, said_of_keys
from .times import TimeForm, Undecided, decide_form, form_of
from .valued import worth_of
from .values import Rejected
from .vendors import ANONYMOUS_FIELD, find_vendor
from .work import at_work

# Fewer records where each has more than 300 values, so that a wide table is looked at in a second.
SAMPLE_CELLS = 300_000
FEWEST = 50  # records, however wide: a column that most of them leave empty must still show what it holds
SHOWN_LINES = 3  # lines in an error, as examples


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person says about the log. `mapping` gives fields (`guessing.FIELDS`) their column or dotted path;
    `opt_out` are raw user ids whose events are not to be used; `keep` undoes reasons to set aside; `act` is what every record
    tells, `each` a list whose members are records; `encoding` is that of texts; `zone` is the one of times without
    offset, UTC if it is empty; `stitch` reads records without a user by their anonymous id, `consent` is where records say that
    they may be read; fields to go `without` have no column, whatever they are called; `lists` are columns
    of several values in a cell, as the option says them, found if it is empty.
    """

    mapping: dict[str, str] = field(default_factory=dict)
    format: str | None = None
    allow_rejects: bool = False
    opt_out: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    query: str | None = None
    encoding: str | None = None
    stitch: bool = False
    consent: str | None = None
    act: str | None = None
    each: str | None = None
    time_format: str | None = None
    zone: str = ""
    without: frozenset[str] = frozenset()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What `read` goes by. `mapping` is field → column, `mapped` the fields that `--map` decided, `missing` those without a
    column, `numeric` the properties that are numbers, `shape` what records are made of, `times` how times are spelled,
    `anonymous` the column by which a device is known where it has no user, `passed_over` one of users that most records leave
    empty, so that another was taken, `at_work` why its users are people at work, `colleagues` the columns of who works on cases,
    `worth` what a line is worth, as `--value` says it, `taken` the fields that values decided with why, `act` what all records
    tell if no column does, `said` what a person should know of these, `lists` the properties that hold several values in a cell,
    with what parts them, `agents` those that hold user agents; `keys`: things have long numbers for names. `layouts` stand in
    the order of inputs.
    """

    layouts: tuple[Layout, ...]
    columns: tuple[FoundColumn, ...]
    mapping: dict[str, str]
    mapped: frozenset[str]
    missing: tuple[str, ...]
    numeric: tuple[str, ...]
    shape: Shape
    times: TimeForm
    anonymous: str = ""
    passed_over: str = ""
    colleagues: tuple[str, ...] = ()
    at_work: str = ""
    worth: str = ""
    taken: dict[str, str] = field(default_factory=dict)
    act: str = ""
    said: tuple[str, ...] = ()
    lists: dict[str, str] = field(default_factory=dict)
    agents: Agents = NO_AGENTS
    keys: bool = False


def survey(inputs: Sequence[Input], options: ReadOptions) -> Survey:
    """Samples the inputs and settles the mapping; InputError where nothing can be read by it."""
    _check(options)
    looked = [_look(item, options) for item in inputs]
    layouts, samples = [layout for layout, _ in looked], [sample for _, sample in looked]
    if not any(samples):
        raise InputError(f"{_names(inputs)} holds no records.", hint="A header alone or blank lines are no log.")
    shape = _shape(layouts, samples, options)
    seen = [columns_of_sample(sample, layout, shape) for sample, layout in zip(samples, layouts, strict=True)]
    columns = merged_columns(seen)
    kept = [record.value for sample in samples for record in sample if type(record.value) is dict]
    if not kept:
        raise _nothing_told(inputs, samples, options, columns)
    vendors = all(layout.vendor for layout in layouts) and not options.mapping
    lines = Lines(partial(look_at, inputs, layouts, shape))
    form = cache(partial(_times, inputs, layouts, samples, shape=shape, options=options))
    # No user agent is a thing, a text or a visit, unless a person says so.
    strings = {*agent_columns(columns)} - {*options.mapping.values()}
    told = {path: column for path, column in columns.items() if path not in strings}
    found = Taken(_own_names(columns)) if vendors else _mapping(told, kept, options, lines, form)
    mapping = {name: path for name, path in found.mapping.items() if name not in options.without}
    if not vendors and not shape.moment:
        check_moment(kept, mapping["timestamp"], form(mapping["timestamp"]))
    for item, of_file in zip(inputs, seen, strict=True):
        _check_file(item, of_file, mapping)
    lists, times = lists_of(told, mapping, options.lists), form(mapping["timestamp"])
    agents = agents_of(columns, {*mapping.values()})
    return Survey(
        layouts=tuple(layouts),
        columns=tuple(shown_columns(columns)),
        mapping=mapping,
        mapped=frozenset(options.mapping),
        missing=tuple(name for name in FIELDS if name not in mapping),
        numeric=tuple(_numeric(columns, mapping)),
        shape=shape,
        times=replace(times, zone=options.zone),
        anonymous=ANONYMOUS_FIELD
        if vendors and ANONYMOUS_FIELD in columns
        else find_anonymous(columns, mapping["user"]),
        passed_over=""
        if vendors or "user" in {**options.mapping, **found.why}
        else passed_over(columns, len(kept), mapping),
        at_work=at_work(mapping, columns, kept),
        worth=worth_of(kept, _numeric(columns, mapping), mapping),
        colleagues=tuple(c for c in colleagues(mapping["user"], columns) if c not in mapping.values()),
        taken=found.why,
        act=options.act or found.act,
        said=(
            *said_of_tables(inputs, layouts),
            *said_of_moment(shape),
            *times.said,
            *found.said,
            *said_of_lists(lists, columns),
            *agents.said,
            *said_of_keys(columns, mapping),
        ),
        lists=lists,
        agents=agents,
        keys=have_long_numbers(columns, mapping),
    )


def _nothing_told(
    inputs: Sequence[Input], samples: Sequence[Sequence[Record]], options: ReadOptions, columns: dict[str, Column]
) -> InputError:
    """Of a log whose first records are none, or none that says yes."""
    if options.consent:
        return InputError(
            f"No record of the log says yes in {options.consent!r}. {found_columns(columns)}", hint="See --consent."
        )
    broken = [(item.name, record) for item, sample in zip(inputs, samples, strict=True) for record in sample]
    return mostly_rejected(len(broken), len(broken), [_shown(*found) for found in broken[:SHOWN_LINES]])


def _shape(layouts: Sequence[Layout], samples: Sequence[Sequence[Record]], options: ReadOptions) -> Shape:
    tables = all(layout.delimiter not in ("", ",") for layout in layouts)
    records = (r.value for sample in samples for r in sample if type(r.value) is dict)
    return find_shape(records, tables, options.mapping.values())


def _times(
    inputs: Sequence[Input],
    layouts: Sequence[Layout],
    samples: Sequence[Sequence[Record]],
    path: str,
    *,
    shape: Shape,
    options: ReadOptions,
) -> TimeForm:
    """How times are spelled, by the option, else by the sample, and where it leaves the order of day and month open, by the whole
    log; InputError where that leaves it open too.
    """
    if options.time_format:
        return form_of(options.time_format)
    all_records = (
        record for item, layout in zip(inputs, layouts, strict=True) for record in read_records(item, layout)
    )
    try:
        return decide_form(
            _values((r for sample in samples for r in sample), path, shape), _values(all_records, path, shape)
        )
    except Undecided as why:
        both = "in several orders of day and month" if why.orders else "in no one order of day and month"
        raise InputError(
            f"Times like {why.value!r} can be read {both}, and the log does not say which.",
            hint=f"Say --time-format {', '.join(TIME_FORMS[:2])}, or a pattern like '%d/%m/%Y %H:%M'.",
        ) from None


def _values(records: Iterable[Record], path: str, shape: Shape) -> Iterator[Any]:
    for record in records:
        if type(record.value) is dict:
            shaped(record.value, shape)
            yield dig(record.value, path)


def _look(item: Input, options: ReadOptions) -> tuple[Layout, list[Record]]:
    """The layout of a file and its first records; a vendor's layout is looked for unless columns are mapped by hand."""
    layout = find_layout(item, options.format, options.query, options.encoding)
    layout = replace(layout, each=options.each or "", consent=options.consent or "")
    sample = _first(read_records(item, layout))
    if layout.vendor or options.mapping or options.format or options.each or options.act:
        return layout, sample
    vendor = find_vendor([r.value for r in sample if type(r.value) is dict])
    if vendor:
        layout = replace(layout, vendor=vendor)
        sample = _first(read_records(item, layout))
    return layout, sample


def _first(records: Iterator[Record]) -> list[Record]:
    sample, cells = list[Record](), 0
    for record in islice(records, SAMPLE):
        sample.append(record)
        cells += max(len(record.value) if type(record.value) is dict else 1, record.raw.count(b'":'))
        if cells >= SAMPLE_CELLS and len(sample) >= FEWEST:
            break
    return sample


def _own_names(columns: dict[str, Column]) -> dict[str, str]:
    """A vendor's records have our names; a field that none of them holds is missing."""
    return {name: name for name in FIELDS if name in REQUIRED or (name in columns and columns[name].filled)}


def _check(options: ReadOptions) -> None:
    unknown = [name for name in options.mapping if name not in FIELDS]
    if unknown:
        raise UsageError(f"--map has no field {unknown[0]!r}.", hint=f"Fields are {', '.join(FIELDS)}.")
    if options.format is not None and options.format not in FORMATS:
        raise UsageError(f"--format {options.format!r} is not known.", hint=f"Formats are {', '.join(FORMATS)}.")


def _mapping(
    columns: dict[str, Column],
    records: Sequence[dict[str, Any]],
    options: ReadOptions,
    lines: Lines,
    form: Callable[[str], TimeForm],
) -> Taken:
    """The fields by what a person says, by names, and by values where one column alone can be it."""
    for name, path in options.mapping.items():
        if path not in columns and not any(known.startswith(path + ".") for known in columns):
            close = get_close_matches(path, columns, n=1, cutoff=0.5)
            hint = f"Did you mean --map {quote(f'{name}={close[0]}')}?" if close else None
            raise InputError(f"--map {name}={path}: there is no such column. {found_columns(columns)}", hint=hint)
    mapping = _by_names(columns, records, options, options.mapping)
    worth = partial(worth_of, records, [*_numeric(columns, {})])
    taking = Taking(columns, frozenset((*options.mapping, *options.without)), lines, form, worth)
    known = taking.who_and_when(mapping)
    if known.why:
        known = replace(known, mapping=_by_names(columns, records, options, {**options.mapping, **known.taken}))
    if {"user", "timestamp"} <= known.mapping.keys():
        known = taking.what(known, options.act or "")
    act = options.act or known.act
    missing = [name for name in REQUIRED if name not in known.mapping and not (name == "action" and act)]
    if missing:
        raise InputError(
            f"No column was found for {' and '.join(missing)}. {found_columns(columns)}",
            hint=mend(missing, columns, known),
        )
    return replace(known, mapping={name: known.mapping[name] for name in FIELDS if name in known.mapping})


def _by_names(
    columns: dict[str, Column], records: Sequence[dict[str, Any]], options: ReadOptions, given: dict[str, str]
) -> dict[str, str]:
    without = {*options.without, *(("action",) if options.act else ())}
    mapping = find_columns(
        columns, len(records), given, without=[*without], sparse=options.stitch, each=options.each or ""
    )
    own = set[str]()
    while named := _named_users(mapping, records, options):
        own |= named
        others = {path: column for path, column in columns.items() if path not in own}
        mapping = find_columns(
            others, len(records), given, without=[*without], sparse=options.stitch, each=options.each or ""
        )
    return mapping


def _named_users(mapping: dict[str, str], records: Sequence[dict[str, Any]], options: ReadOptions) -> set[str]:
    """Columns that were taken for the object or the text, unasked, and name the user: an address of somebody is no object."""
    asked = [mapping[name] for name in ("object", "text") if name in mapping and name not in options.mapping]
    return {path for path in asked if "user" in mapping and names_its_user(records, mapping["user"], path)}


def _check_file(item: Input, columns: dict[str, Column], mapping: dict[str, str]) -> None:
    """A file whose needed columns have other names would be rejected line by line."""
    for name in REQUIRED:
        path = mapping.get(name, "")
        if path and columns and path not in columns and not any(known.startswith(path + ".") for known in columns):
            raise InputError(
                f"{item.name} has no column {path!r}, which is the {name} in the other files. {found_columns(columns)}",
                hint="Read files with other columns in a run of their own.",
            )


def _numeric(columns: dict[str, Column], mapping: dict[str, str]) -> Iterator[str]:
    for path, column in columns.items():
        if column.filled and column.numeric and path not in mapping.values():
            head, _, rest = path.partition(".")
            yield rest if rest and head in UNFOLDED else path


def _names(inputs: Sequence[Input]) -> str:
    return inputs[0].name if len(inputs) == 1 else f"Each of the {len(inputs)} files"


def _shown(name: str, record: Record) -> str:
    reason = record.value.reason if isinstance(record.value, Rejected) else ""
    return f"{name}:{record.line}: {reason}"
