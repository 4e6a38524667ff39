"""What a reader should know before the first card, in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from shlex import quote

from ..groups.grouping import UserGroups
from ..log.reading import ReadLog
from ..options import DEFAULT_MIN_USERS, Options
from ..schema import Persona
from ..words.english.clock_words import clock_told
from ..words.english.grammar import capital
from ..words.floors import nearest, records_said
from ..words.wording import spelled_worth
from ..write.writing import Written

SHOWN_ACTS = 5  # acts in a note; inspect lists them all
# An option that would make it otherwise: for whoever typed the run, who has read it there, and not for who reads the page.
WAY_OUT = re.compile(r"[;:,] --.*$")
SHOWN_COLUMNS = 5  # columns in a note, likewise
COULD = {
    "amount": "may be an amount",
    "session": "may say which lines are one visit",
    "object": "may say what they do it to",
}
REASONS = {
    "fees": "as fees",
    "sensitive": "on sensitive topics",
    "automation": "as automation",
    "flood": "of accounts that flood the log",
    "repeat": "that repeat others",
    "not_behaviour": "that are no behaviour",
    "afterwards": "at the date or after it",
    "opt_out": "of users who opted out",
}


def lowered_protections(options: Options, log: ReadLog) -> list[str]:
    """What protects people by default, and does not here."""
    found = []
    if options.no_staff and log.at_work:
        found.append(f"Staff mode is off, although {log.at_work}; the purpose that was stated: “{options.no_staff}”.")
    if options.floor < DEFAULT_MIN_USERS:
        found.append(f"Groups of {options.floor} users and more are shown; the default is {DEFAULT_MIN_USERS}.")
    if "sensitive" in options.keep:
        found.append("Events that name topics such as health, faith or sex life were kept.")
    return found


def notes(log: ReadLog, groups: UserGroups, written: Written, options: Options) -> list[str]:
    """What a reader should know before the first card."""
    found = [f"{groups.grouping.reason[:1].upper()}{groups.grouping.reason[1:]}."]
    for field, ami in sorted(groups.grouping.just.items(), key=lambda x: -x[1]):
        if ami > 0.5 and groups.given is not None:
            found.append(f"These groups are mostly {field} (adjusted mutual information {ami:.2f}).")
        elif ami > 0.5:
            found.append(
                f"These groups are mostly {field} (adjusted mutual information {ami:.2f}): try --within {quote(field)}."
            )
    if written.suppressed:
        found.append(f"{written.suppressed:,} users are in groups too small to show.")
    found += [f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in (*written.notes, *written.failures)]
    told = [*found, *_of_times(log, written, options), *_of_worth(log, options)]
    return [*told, *_of_losses(log), *_of_columns(log)]


def mended(log: ReadLog, options: Options) -> list[str]:
    """What the log was said to be, and what had to be put right or left out of it, for who decides by it: a log that holds a part
    of all rows says little of how much anybody does. Columns that could have been something else stand with the method.
    """
    said = [f"As it was described: “{options.about}”"] if options.about else []
    found = (
        [f"{records_said(log.duplicates, _each(log)).capitalize()} exact copies of a line were counted once."]
        if log.duplicates
        else []
    )
    told = [*said, *found, *_moved(log, options), *_of_worth(log, options), *_of_losses(log)]
    return [f"{WAY_OUT.sub('', text).rstrip('.')}." for text in told]


def _of_times(log: ReadLog, written: Written, options: Options) -> Iterator[str]:
    """How times were read."""
    yield from _moved(log, options) or (
        [
            f"{records_said(log.naive_timestamps, _each(log)).capitalize()} times had no offset and were read as {log.times_are}."
        ]
        if log.naive_timestamps and not log.all_dated
        else []
    )
    if dated := log.dates_only:
        listed = ", ".join(dated[:SHOWN_ACTS]) + (" …" if dated[SHOWN_ACTS:] else "")
        yield f"Dates without a time of day: {listed}."
    if log.times_to_the_minute:
        step = "as dates alone" if log.all_dated else "to the minute"
        yield f"Times are given {step}, so exact copies of a line were kept."
    pages = [*written.personas, *([written.everyone] if written.everyone else [])]
    if not options.zone_is_told and any(map(_tells_hours, pages)):
        yield f"Hours and weekdays are told in {options.timezone}, which nobody confirmed: --timezone says another."


def _moved(log: ReadLog, options: Options) -> list[str]:
    """Times without offset are read as UTC; in another zone, hours are off where they were local. A column that changes at
    midnight of local clocks may settle it.
    """
    zone, local = options.timezone, log.times_are != "UTC"
    settled = clock_told(log.clock, zone, str(log.first), str(log.last), local=local)
    if local:
        told = f"Times that name no zone were taken for those of clocks in {zone}."
        return [f"{told} {capital(settled)}."] if settled else []
    told = f"{log.naive_timestamps:,} times name no zone: they were read as UTC, and hours are those of {zone}."
    if settled:
        return [f"{told} {capital(settled)}."]
    if zone == "UTC" or not log.naive_timestamps or log.all_dated:
        return []
    return [f"{told} If they were local already, every hour here is off; --times-are local then."]


def _of_worth(log: ReadLog, options: Options) -> Iterator[str]:
    """What a line is taken to be worth, where nobody said it."""
    if log.worth and options.value == log.worth:
        yield f"Value is {spelled_worth(log.worth)}, going by the columns’ names."


def _of_losses(log: ReadLog) -> Iterator[str]:
    """What of the log is not used, and why."""
    yield from (f"{note[:1].upper()}{note[1:]}." for note in (*log.losses, *log.notes))
    if log.withheld:
        yield f"Columns that say who somebody is were left out: {', '.join(log.withheld)}."
    if log.rejected or log.set_aside:
        # One user may have left all of a kind: they are told in the steps of records, and small kinds not at all.
        each = _each(log)
        if not log.rejected and _all_told(log):
            return
        one = log.set_aside if not log.rejected else 0
        kinds = {REASONS[reason]: nearest(n, each) for reason, n in log.reasons.items() if reason in REASONS}
        why = [f"{n:,} {kind}" for kind, n in kinds.items() if n]
        told = f": {', '.join(why)}" if why else ""
        if one and list(kinds.values()) == [nearest(one, each)]:
            told = f" {next(iter(kinds))}"
        both = [(log.rejected, "rejected"), (log.set_aside, "set aside")]
        counted = [
            f"{records_said(n, each)} {'were ' if i else 'records were '}{what}"
            for i, (n, what) in enumerate([b for b in both if b[0]])
        ]
        said = " and ".join(counted)
        yield f"{said[:1].upper()}{said[1:]}{told}."


def _all_told(log: ReadLog) -> bool:
    """Does a note tell of all that was set aside, with its number?"""
    return any(note.startswith(f"{log.set_aside:,} records ") and "set aside" in note for note in log.notes)


def _of_columns(log: ReadLog) -> Iterator[str]:
    """Columns that could have been something else: for whoever reads the log again, and not for who decides by it."""
    if log.ids:
        yield f"Columns that are ids of users under another name were left out: {', '.join(log.ids)}."
    if log.unused:
        yield f"Columns that were not read as what they could be: {_could_be(log.unused)}."


def _each(log: ReadLog) -> float:
    """Records of a user, on average."""
    return log.records / max(log.users, 1)


def _tells_hours(persona: Persona) -> bool:
    """Whether a card speaks of a time of day."""
    measures = [claim.measure for claim in [*persona.claims, *persona.withdrawn] if claim.measure]
    by_visit = persona.visit is not None and persona.visit.hour is not None
    return by_visit or any('"field":"hour"' in measure.model_dump_json() for measure in measures)


def _could_be(unused: Mapping[str, str]) -> str:
    listed = [f"{column} {COULD[could]}" for column, could in unused.items()]
    return ", ".join(listed[:SHOWN_COLUMNS]) + (" …" if listed[SHOWN_COLUMNS:] else "")
