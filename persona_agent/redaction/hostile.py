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


def speaks_to_a_model(*names: str | None) -> bool:
    """The same of names: words that underscores, hyphens or dots part are words."""
    return any(looks_like_instruction(form) for name in names if name for form in (name, PARTING.sub(" ", name)))


PARTING = re.compile(r"[_.-]+")
INSTRUCTION = re.compile(
    r"""
    # Away with what was said.
      \b(?:ignore[nz]?|ignoriere|ignora|disregard|forget|override|bypass|vergiss|oubli(?:e|ez)|olvida)
        \s(?:[\w'’-]{1,20}\s){0,5}?
        (?:instructions?|prompts?|directives?|guidelines|anweisung(?:en)?|consignes|instrucciones)\b
    # The same of rules and of what stands before: "override rule 7" and "forget all" are not meant.
    | \b(?:ignore|disregard|forget|override|bypass|do\snot\s(?:follow|obey)|don['’]?t\s(?:follow|obey))
        \s(?:all\s|any\s)?(?:of\s)?(?:the|your|these|those|all|any|previous|prior|earlier|safety)
        \s(?:[\w'’-]{1,20}\s){0,3}?(?:rules|policies|policy|constraints|safeguards)\b
    | \b(?:ignore|disregard|forget|override)\s(?:everything|anything|all|what(?:ever)?)
        \s(?:[\w'’-]{1,20}\s){0,4}?(?:above|before|previous(?:ly)?|prior|earlier|so\sfar)\b
    | \b(?:missacht(?:e|et|en)|ignorier(?:e|t|en)|vergiss|vergesst|vergessen\ssie)\s(?:bitte\s)?(?:alle?s?|die|den|deine|ihre)
        \s(?:[\w-]{1,20}\s){0,3}?(?:regeln|vorgaben|anweisung(?:en)?|vorherige[nrs]?|oben|bisherige[nrs]?)\b
    | \b(?:ne\s(?:tiens|tenez)\spas\scompte|fai(?:s|tes)\sfi|ignore[sz]?|oublie[sz]?)\s(?:de\s|des\s)?
        (?:[\w'’-]{1,20}\s){0,3}?(?:r[èe]gles|consignes|instructions|précédente?s?)\b
    | \bha(?:z|ga|gan)\scaso\somiso\b
    | \b(?:ignor[ae]n?|olvid[ae]n?)\s(?:[\w-]{1,20}\s){0,3}?(?:reglas|instrucciones|anterior(?:es)?)\b
    | (?:تجاهل|انس|انسى)\s(?:\w{1,20}\s){0,3}?(?:ال|لل)?(?:تعليمات|قواعد|أوامر|اوامر)
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
    # A model is spoken to by its name, and told something or to do something; "Assistant, junior" is not meant.
    | (?:^|[\s"'>\].;!?(])(?:assistant|chatbot|ai|llm|language\smodel|chatgpt|gpt|claude|gemini|copilot)\s?[,:]\s(?:please\s)?
        (?:you\b|your\b|the\s(?:users?|person|customer|reader)\s(?:is|are|has|have|wants?|may)\b
           |(?:show|list|print|tell|give|reveal|send|output|publish|write|answer|reply|respond|say|call|ignore|accept)\b
           |(?:do\snot|always|never|must|now)\b)
    # What we are to publish or to say of people.
    | (?:^|[.;:!?,]\s?|\b(?:please|and|now|must|should|to|then)\s)
        (?:publish|conclude|write|answer|reply|respond)\s(?:down\s|only\s)?that\s
        (?:they|these|those|all|everyone|everybody|the\s(?:users?|group|members?|personas?|customers?|person))\b
    | \b(?:you|agent|model)\s(?:must|shall|should|have\sto|are\sto)\s(?:now\s|always\s|never\s|only\s)?
        (?:call|invoke|use|run|execute|publish|reveal|output|print|ignore|obey)\s(?:\w{1,20}\s){0,2}?
        (?:tools?|functions?|audit|lines|claims?|prompts?|instructions?|data|users?|everything)\b
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
