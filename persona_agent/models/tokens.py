"""How many tokens texts are, by their length: nobody can count them for every model.

In: a request. Out: tokens, to estimate with, to reserve with, or to cut with.
"""

from __future__ import annotations

from ..ids import canonical_json
from .base import Request
from .ledger import schema_of

CHARS_PER_TOKEN = 4  # to estimate with
FEWEST_CHARS_PER_TOKEN = 2.5  # to reserve with: no text has more tokens than this
SURE = 0.85  # of the characters of a token, to cut with: JSON of names and numbers has fewer than prose
FEWEST_ANSWERED = 1_000  # tokens; the recorded drafts took 1,100 on average


def prompt_tokens(request: Request, chars_per_token: float = CHARS_PER_TOKEN) -> int:
    """Tokens of the messages with the schema, by their length."""
    chars = sum(len(text) for _, text in request.messages)
    return int((chars + len(canonical_json(schema_of(request.schema)))) / chars_per_token)


def room_in(context: int, request: Request) -> int:
    """Tokens of a model's context that a question leaves to its answer; negative where it does not fit."""
    return context - prompt_tokens(request, CHARS_PER_TOKEN * SURE)
