"""Whether a server says that a request is longer than its model holds, and how much that is.

In: what a server said. Out: tokens of question and answer together, and what a person can do.
"""

from __future__ import annotations

import re

from ..options import LEAST_CONTEXT

TOO_LONG = re.compile(
    r"(?i)context[ _-]?(?:length|window|size|limit)|maximum (?:context|number of tokens)|token limit|input token count"
    r"|(?:prompt|input|request|messages?)\S* (?:is |are |was )?too (?:long|large)|too many (?:input )?tokens"
    r"|reduce (?:the length|your (?:message|prompt|input))|max_model_len|inputs?\W* tokens \+|must have less than \d+"
)
# Where the figure stands: after its name (where it is no sum), after "greater than" or what may not be exceeded, or before it.
NUMBER = r"(\d[\d,_]*)"
FIGURE = (
    re.compile(
        rf"(?i)(?:context[ _-]?(?:length|window|size|limit)|maximum context|maximum number of tokens|token limit|\blimit|n_ctx"
        rf"|max_model_len)\b[^\d.;]{{0,40}}{NUMBER}(?![\d,_]*\s*\+)"
    ),
    re.compile(rf"(?:>|<=?|≤|cannot exceed|must not exceed|must have less than)\s*{NUMBER}"),
    re.compile(rf"(?i)\b{NUMBER}[ -]*(?:tokens? )?(?:maximum|max\b|limit|context)"),
)
FEWEST = 256  # tokens; what is smaller counts something else


def is_too_long(said: str) -> bool:
    """Is it the length of the request that a server complains of?"""
    return bool(TOO_LONG.search(said))


def context_length(said: str) -> int | None:
    """Tokens that the model holds, None where that is not said."""
    for figure in FIGURE:
        found = [int(re.sub("[,_]", "", text)) for text in figure.findall(said)]
        if sizes := [n for n in found if n >= FEWEST]:
            return sizes[0]
    return None


def shortened(holds: int | None) -> str:
    """What a person can do where a model holds so many tokens."""
    if holds is not None and holds < LEAST_CONTEXT:
        return (
            f"It holds {holds:,} tokens, and a run needs {LEAST_CONTEXT:,} (the least --context): give the server a longer "
            "context, or use another model."
        )
    n = "N" if holds is None else holds
    return f"--context {n} cuts questions and answers to {n} tokens, the least telling first; or use a model that holds more."
