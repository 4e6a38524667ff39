"""What a reader should know before the first card, in sentences."""

from __future__ import annotations

from typing import Any

from ..groups.grouping import Users
from ..options import DEFAULT_MIN_USERS, Options
from ..write.writing import Written


def lowered(options: Options) -> list[str]:
    """What protects people by default, and does not here."""
    found = []
    if options.min_users < DEFAULT_MIN_USERS:
        found.append(f"Groups of {options.min_users} users and more are shown; the default is {DEFAULT_MIN_USERS}.")
    if "sensitive" in options.keep:
        found.append("Events that name topics such as health, faith or sex life were kept.")
    return found


def notes(users: Users, written: Written, counts: dict[str, int], read: dict[str, Any]) -> list[str]:
    """What a reader should know before the first card."""
    found = [f"{users.grouping.reason[:1].upper()}{users.grouping.reason[1:]}."]
    for field, ami in sorted(users.grouping.just.items(), key=lambda x: -x[1]):
        if ami > 0.5:
            found.append(
                f"These groups are mostly {field} (adjusted mutual information {ami:.2f}): try --within {field}."
            )
    if written.suppressed:
        found.append(f"{written.suppressed:,} users are in groups too small to show.")
    found += [f"{note[:1].upper()}{note[1:]}." for note in (*written.notes, *written.failures)]
    if read.get("naive_timestamps"):
        found.append(f"{read['naive_timestamps']:,} times had no offset and were read as UTC.")
    if read.get("times_to_the_minute"):
        found.append("Times are given to the minute, so exact copies of a line were kept.")
    if withheld := read.get("withheld"):
        found.append(f"Columns that say who somebody is were left out: {', '.join(withheld)}.")
    if counts["rejected"] or counts["set_aside"]:
        found.append(f"{counts['rejected']:,} records were rejected and {counts['set_aside']:,} set aside.")
    return found
