"""`assign`: the persona of each user by the frozen model of a run, or by rules that people can read; nothing is fitted.

In: the folder of a run, and a log of the same kind, or none for the run's own users. Out: `Assigned`, a row a user.
Promises: users who opted out of the run or were forgotten in it are in no row; nobody at work is placed; nothing is said of
a group that the run does not show; raw ids are given for a stated purpose alone, and where they went is written down.
"""

from .assigned import Assigned, Rows
from .assigning import assign
from .for_tools import export_cohorts
from .handing_out import STALE_AFTER, GivenOut, holds_user, mend_given_out, note_given, say_purposes_again, typed

__all__ = [
    "STALE_AFTER",
    "Assigned",
    "GivenOut",
    "Rows",
    "assign",
    "export_cohorts",
    "holds_user",
    "mend_given_out",
    "note_given",
    "say_purposes_again",
    "typed",
]
