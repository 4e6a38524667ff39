"""Consent as logs write it: records of people who gave none are not read.

Takes `COLUMN` or `COLUMN=VALUE`, a dotted path and what must stand there; says of a record whether it may be read. Promises: only
what says yes is a yes, and a value that says neither yes nor no is an InputError that names it.
"""

from __future__ import annotations

from shlex import quote
from typing import Any

import orjson

from ..errors import InputError
from .shapes import as_object
from .vendors.common import words

YES = frozenset(words("true t 1 yes y on granted given allow allowed accept accepted agreed opt_in opted_in consented"))
NO = frozenset(
    words("false f 0 no n off denied refused reject rejected declined opt_out opted_out withdrawn pending none null")
)


class Consent:
    """`asked` is a column that says yes or no (Segment's `context.consent.categoryPreferences.Analytics`, GA4's
    `privacy_info.analytics_storage`), or with `=VALUE` one that must be it, hold it in a list (RudderStack's
    `context.consentManagement.allowedConsentIds`), or hold a yes under that name.
    """

    def __init__(self, asked: str) -> None:
        self.column, _, self._wanted = (part.strip() for part in asked.partition("="))
        self._path = self.column.split(".")

    def given(self, record: dict[str, Any]) -> bool:
        """Whether a record says that it may be read; where it says nothing, it may not."""
        value = self._value(record)
        if type(value) is str and value[:1] in ("{", "["):
            value = _loaded(value)
        if not self._wanted:
            return self._says_yes(value)
        if type(value) is dict:
            return self._says_yes(value.get(self._wanted))
        if type(value) is list:
            return self._wanted in map(str, value)
        return str(value).strip().lower() == self._wanted.lower()

    def _value(self, record: dict[str, Any]) -> Any:
        if self.column in record:
            return record[self.column]
        held: Any = record
        for name in self._path:
            held = _loaded(held) if type(held) is str else held
            found = as_object(held)
            if found is None:
                return None
            held = found.get(name)
        return held

    def _says_yes(self, value: Any) -> bool:
        if value is None or type(value) is bool:
            return bool(value)
        told = str(value).strip().lower().replace("-", "_").replace(" ", "_").removesuffix(".0")
        if told in YES or told in NO or not told:
            return told in YES
        kind = "a list or an object" if type(value) in (list, dict) else repr(str(value)[:40])
        raise InputError(
            f"--consent {self.column} holds {kind}, which is neither yes nor no.",
            hint=f"Say what is a yes: --consent {quote(self.column)}=VALUE.",
        )


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
