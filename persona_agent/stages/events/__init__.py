"""Reading: log files into batches of events, with an account of every record.

`resolve_inputs` finds the files, `survey` looks at their first records and settles which column is what, `read` gives
the events, and `settle`, once they are stored, takes out what is found twice and what no person did.
"""

from persona_agent.stages.events.columns import FIELDS, REQUIRED
from persona_agent.stages.events.inputs import Input, file_sha256, resolve_inputs
from persona_agent.stages.events.reading import Account, Reject, SetAside, read
from persona_agent.stages.events.settling import KEEPABLE, settle
from persona_agent.stages.events.survey import FoundColumn, ReadOptions, Survey, survey

__all__ = [
    "FIELDS",
    "KEEPABLE",
    "REQUIRED",
    "Account",
    "FoundColumn",
    "Input",
    "ReadOptions",
    "Reject",
    "SetAside",
    "Survey",
    "file_sha256",
    "read",
    "resolve_inputs",
    "settle",
    "survey",
]
