"""Where a text names the user that it is of: by the raw id as a whole token, not where the same signs mean something else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .forms import PERSON
from .identifiers import PLACEHOLDERS, normalise

LETTERS_DIGITS = re.compile(r"[^\W\d_]+[_:.#-]?([0-9]+)")
# Short numbers and years are mostly just that; they are a user only where the text says so.
WEAK = re.compile(r"[0-9]{1,2}|(?:19|20)[0-9]{2}")
PART_OF_NUMBER = re.compile(r"[0-9][.,:]$|[£$€]$")
REST_OF_NUMBER = re.compile(r"[.,:][0-9]|%")
THING = (
    "course|module|submission|item|role|order|product|page|post|forum|discussion|quiz|attempt|grade|category|event"
    "|ticket|invoice|file|section|chapter|group|message|question|badge|assignment|sku"
)
NUMBERED = r"(?: with)?(?: the)?(?:[ _-]?(?:ids?|no|nr|number))?[\"' :=#(]{1,4}$"
OF_PERSON = re.compile(rf"\b(?:{PERSON})s?{NUMBERED}")
OF_THING = re.compile(rf"\b(?:{THING})s?{NUMBERED}")


@dataclass(frozen=True, slots=True)
class Owner:
    """A user: the hash, the raw id in lower case, and its end by which it is looked for: the digits of `moodle394`
    (they may stand alone), else all of it.
    """

    hash: str
    raw: str
    tail: str

    @classmethod
    def of(cls, user: str, hashed: str) -> Owner:
        raw = normalise(user).strip().lower()
        if not raw or raw in PLACEHOLDERS:
            # Spelt like a placeholder, it would be masked inside the masks. Normalised texts hold no NUL.
            return cls(hashed, raw, "\0")
        digits = LETTERS_DIGITS.fullmatch(raw)
        return cls(hashed, raw, digits[1] if digits else raw)

    def mask(self, text: str, mark: str = "[user]") -> tuple[str, int]:
        """The text with `mark` for this user's id as a whole token, and how often it was."""
        lowered = text.lower()
        lowered = lowered if len(lowered) == len(text) else text
        pieces: list[str] = []
        done = n = 0
        at = lowered.find(self.tail)
        while at >= 0:
            end = at + len(self.tail)
            whole = end - len(self.raw)
            start = whole if whole >= done and lowered.startswith(self.raw, whole) else at
            if self._is_meant(lowered, start, end):
                pieces += (text[done:start], mark)
                done = end
                n += 1
            at = lowered.find(self.tail, end)
        return "".join(pieces) + text[done:], n

    def _is_meant(self, text: str, start: int, end: int) -> bool:
        """Whether text[start:end] is this user, and not part of a token, a price, a year or a course's number."""
        if text[start - 1 : start].isalnum() or text[end : end + 1].isalnum():
            return False
        before = text[max(0, start - 40) : start]
        if OF_PERSON.search(before):
            return True
        if text[start:end].isdecimal():
            number = PART_OF_NUMBER.search(before) or REST_OF_NUMBER.match(text, end)
            return not (number or WEAK.fullmatch(text, start, end) or OF_THING.search(before))
        return end - start > 2
