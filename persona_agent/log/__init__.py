"""Reading: log files into batches of events, with an account of every record.

`resolve_inputs` finds the files, `survey` looks at their first records and settles which column is what, `parse_events` gives
the events, and `settle_log`, once they are stored, takes out what is found twice and what no person did.
"""

from .columns import FoundColumn
from .guessing import FIELDS, REQUIRED
from .inputs import Input, file_sha256, file_stamp, resolve_inputs
from .parsing import Account, Reject, SetAside, parse_events, stop_if_empty, stop_if_mostly_rejected
from .settling import settle_log
from .slicing import MOST_EVENTS, SHARE_BYTES, Share, shares
from .survey import SHOWN_LINES, ReadOptions, Survey, survey

__all__ = [
    "FIELDS",
    "MOST_EVENTS",
    "REQUIRED",
    "SHARE_BYTES",
    "SHOWN_LINES",
    "Account",
    "FoundColumn",
    "Input",
    "ReadOptions",
    "Reject",
    "SetAside",
    "Share",
    "Survey",
    "file_sha256",
    "file_stamp",
    "parse_events",
    "resolve_inputs",
    "settle_log",
    "shares",
    "stop_if_empty",
    "stop_if_mostly_rejected",
    "survey",
]
