"""Reading: log files into batches of events, with an account of every record.

`resolve_inputs` finds the files, `survey` looks at their first records and settles which column is what, `read` gives
the events, and `settle`, once they are stored, takes out what is found twice and what no person did.
"""

from persona_agent.stages.events.columns import FIELDS, REQUIRED
from persona_agent.stages.events.inputs import Input, file_sha256, file_stamp, resolve_inputs
from persona_agent.stages.events.reading import (
    Account,
    Reject,
    SetAside,
    read,
    stop_if_empty,
    stop_if_mostly_rejected,
)
from persona_agent.stages.events.settling import settle
from persona_agent.stages.events.slicing import MOST_EVENTS, SHARE_BYTES, Share, shares
from persona_agent.stages.events.survey import SHOWN_LINES, FoundColumn, ReadOptions, Survey, survey

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
    "read",
    "resolve_inputs",
    "settle",
    "shares",
    "stop_if_empty",
    "stop_if_mostly_rejected",
    "survey",
]
