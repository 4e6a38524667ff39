"""What a reader should know before the first card, in sentences."""

from __future__ import annotations

from ..groups.grouping import UserGroups
from ..log.reading import ReadLog
from ..options import DEFAULT_MIN_USERS, Options
from ..write.writing import Written

SHOWN_ACTS = 5  # acts in a note; inspect lists them all


def lowered(options: Options, log: ReadLog) -> list[str]:
    """What protects people by default, and does not here."""
    found = []
    if options.no_staff and log.at_work:
        found.append(f"Staff mode is off, although {log.at_work}; the purpose that was stated: “{options.no_staff}”.")
    if options.floor < DEFAULT_MIN_USERS:
        found.append(f"Groups of {options.floor} users and more are shown; the default is {DEFAULT_MIN_USERS}.")
    if "sensitive" in options.keep:
        found.append("Events that name topics such as health, faith or sex life were kept.")
    return found


def notes(log: ReadLog, groups: UserGroups, written: Written) -> list[str]:
    """What a reader should know before the first card."""
    found = [f"{groups.grouping.reason[:1].upper()}{groups.grouping.reason[1:]}."]
    for field, ami in sorted(groups.grouping.just.items(), key=lambda x: -x[1]):
        if ami > 0.5:
            found.append(
                f"These groups are mostly {field} (adjusted mutual information {ami:.2f}): try --within {field}."
            )
    if written.suppressed:
        found.append(f"{written.suppressed:,} users are in groups too small to show.")
    found += [f"{note[:1].upper()}{note[1:]}." for note in (*written.notes, *written.failures)]
    if log.naive_timestamps:
        found.append(f"{log.naive_timestamps:,} times had no offset and were read as {log.times_are}.")
    if dated := log.dates_only:
        listed = ", ".join(dated[:SHOWN_ACTS]) + (" …" if dated[SHOWN_ACTS:] else "")
        found.append(f"Dates without a time of day: {listed}.")
    if log.times_to_the_minute:
        found.append("Times are given to the minute, so exact copies of a line were kept.")
    found += [f"{note[:1].upper()}{note[1:]}." for note in (*log.losses, *log.notes)]
    if log.withheld:
        found.append(f"Columns that say who somebody is were left out: {', '.join(log.withheld)}.")
    if log.rejected or log.set_aside:
        found.append(f"{log.rejected:,} records were rejected and {log.set_aside:,} set aside.")
    return found
