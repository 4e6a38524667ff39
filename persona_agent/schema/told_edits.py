"""What became of everything that a person changed on the pages of a run."""

from __future__ import annotations

from typing import Literal

from .measures import Value

NOT_VERIFIED = "by a person, not verified"
FIGURES_ONLY = "by a person; figures checked, meaning not"
Did = Literal["worded", "proposed", "accepted", "rejected", "locked", "noted"]


class EditTold(Value):
    """One entry of edits.yaml on a page: `at` is where it stands now (p2.name), or stood where it is nowhere any more.
    `kept` says the same as when it was made, `verified` has new figures, and of a `conflict` the page has nothing but `why`.
    `mark` is what stands beside the words, empty where they were checked as a model's are; `note` is for who reads the page.
    """

    id: str
    at: str
    did: Did
    outcome: Literal["kept", "verified", "conflict"]
    mark: str = ""
    why: str = ""
    note: str = ""


def mark_behind(label: str) -> tuple[str, str]:
    """A name that has its mark behind it, as where no card stands beside it, without the mark; and the mark."""
    for mark in (NOT_VERIFIED, FIGURES_ONLY):
        if label.endswith(f" ({mark})"):
            return label.removesuffix(f" ({mark})"), mark
    return label, ""
