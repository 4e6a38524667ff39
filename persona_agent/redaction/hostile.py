"""Lines that speak to a model.

Redacted texts come in. `looks_like_instruction` flags, it does not remove: a flagged line still counts as behaviour,
but is never evidence on its own.
"""

from __future__ import annotations

import re

from .identifiers import normalise


def looks_like_instruction(text: str) -> bool:
    """Whether a line speaks to a model instead of recording what a person did."""
    return INSTRUCTION.search(normalise(text)) is not None


INSTRUCTION = re.compile(
    r"""
    # Away with what was said.
      \b(?:ignore[nz]?|ignoriere|ignora|disregard|forget|override|bypass|vergiss|oubli(?:e|ez)|olvida)
        \s(?:[\w'’-]{1,20}\s){0,5}?
        (?:instructions?|prompts?|directives?|guidelines|anweisung(?:en)?|consignes|instrucciones)\b
    | \bnew\sinstructions?\s?: | \bsystem\sprompt\b
    | \b(?:reveal|print|show|repeat|output)\s(?:your|the)\s(?:hidden\s|initial\s)?(?:prompt|instructions)\b
    # Another voice takes over; "System: Windows 10" does not.
    | (?:^|[\s"'>\]])(?:system|assistant|developer)\s?(?:message)?\s?:
        (?=.{0,80}\b(?:you|your|ignore|respond|reply|answer|output|must|always|never|claims?|personas?|verdict)\b)
    | <\|\s?(?:im_start|im_end|system|user|assistant|endoftext|eot_id)\s?\|?> | \[/?INST\] | <</?SYS>>
    | \#{2,4}\s?(?:system|instructions?)\b
    # You are someone else; "You are now logged in" is not meant.
    | \byou\sare\snow\s(?:dan\b|in\s\w{1,20}\smode|free\sof|unrestricted
        |(?:an?|the|my)\s(?:[\w-]{1,20}\s){0,3}(?:ai|assistant|model|bot|judge|critic|reviewer|llm|agent)\b)
    | \b(?:pretend|act)\s(?:to\sbe|as|like)\s(?:\w{1,20}\s){0,3}(?:ai|assistant|judge|critic|llm|language\smodel)\b
    | \bfrom\snow\son,?\s(?:you|respond|reply|answer|always|never)\b
    | \b(?:as\san|dear|note\sto|attention|hey)\s(?:the\s|all\s|any\s)?(?:ai|llm|language\smodel)\b
    # A verdict that we are to find.
    | "(?:verdict|label|alignment|truthfulness|relation)"\s?:\s?
        (?:"(?:full|partial|none|true|accepted|supports|contradicts|not_enough)"|1\b)
    | \b(?:mark|label|rate|score|accept|approve|publish)\s(?:[\w'’]{1,20}\s){0,3}(?:claims?|personas?|citations?)\b
    # The data ends here, or so it says.
    | </(?:data|logs?|log_lines?|evidence|instructions?|untrusted|user_?input|context|prompt|system)\b
    | [-=\#*<\[]{2,8}\s?end\s(?:of\s)?(?:the\s)?(?:log|data|input|document|lines|context|evidence)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
