"""Mask who people are, before a text reaches a prompt, an embedding, a cache key or a file.

A batch of raw events comes in; out goes the same batch with keyed hashes for users and vendor sessions, and with typed
placeholders (`[email]`, `[phone]`, …) in actions, objects, texts and properties. Vendors' event ids pass unchanged:
they serve de-duplication and are not stored.

Promised: a text is normalised (NFKC, no control, bidi or zero-width characters) and then masked until nothing more is
found, so that masking twice changes nothing; what is masked depends on the text, its column and the event's own user,
never on the key. Not promised: postal addresses in free text are not found, and names only by the `names` that is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..batches import Batch
from ..errors import PersonaAgentError
from ..ids import session_hash, user_hash
from .attributes import DECLARED, NAMES, declared_as, says_who
from .column_kinds import OF_PEOPLE, is_one, kind_by_value, kind_of_column
from .hostile import looks_like_instruction, speaks_to_a_model
from .identifiers import PLACEHOLDERS, mask, normalise
from .long_keys import with_keys
from .owners import Owner
from .spelling import as_read, may_be_encoded, spelled

__all__ = [
    "DECLARED",
    "NAMES",
    "Redactor",
    "find_names",
    "is_masked",
    "looks_like_instruction",
    "mask",
    "mask_file",
    "mask_key",
    "normalise",
    "says_who",
    "speaks_to_a_model",
]

CACHED_TEXTS = 1 << 16  # remembered masks; a full cache starts over
CACHED_CHARS = 2_000  # longer texts hardly repeat and would fill the cache
KEY_BYTES = 16  # 128 bits: fewer could be guessed
NAME = "[name]"
ACCOUNT = "[account]"
WITHHELD = "withheld"

K = TypeVar("K")
V = TypeVar("V")


_USER_FIELD = re.compile(
    r"""(["']?[\w.$]*(?:user|uid|distinct_id|customer|visitor|account|device|client|anonymous)[\w.]*["']?\s*[:=]\s*)"""
    r"""("[^"]*"?|'[^']*'?|[^\s,;}]+)""",
    re.IGNORECASE,
)
# Up to four words, the last of which may say what stands behind the sign.
_FIELD = re.compile(
    r"""((?<![\w.-])[^\W\d_][\w.-]{0,60}+(?: [\w.-]{1,60}+){0,3})(["']?\s*[:=]\s*)("[^"]*"?|'[^']*'?|[^\s,;}]+)"""
)
_WORD = re.compile(r"[\w.@+-]+")


class Redactor:
    """One per run. `counts`: masked identifiers by type, once per event and place; `withheld`: columns that say who somebody is
    and went; `ranks`: the order of raw ids. `names` puts `[name]` in the place of people's names in objects and texts, if it is
    given; `declared` are columns that are kept apart, to be counted alone; with `keys` things have long numbers for names.
    """

    def __init__(
        self,
        key: bytes,
        names: Callable[[Sequence[str]], list[str]] | None = None,
        declared: tuple[str, ...] = (),
        *,
        keys: bool = False,
    ) -> None:
        if len(key) < KEY_BYTES:
            raise PersonaAgentError(f"The key of the user hashes is shorter than {KEY_BYTES} bytes.")
        self.counts: dict[str, int] = {}
        self.withheld: set[str] = set()
        self._declared = declared
        self._keys = keys
        self._key = key
        self._names = names
        self._nameless: dict[str, str] = {}
        self._owners: dict[str, Owner] = {}
        self._aliases = set[str]()
        self._sessions: dict[str, str] = {}
        self._columns: dict[str, tuple[str, str | None, str, bool]] = {}
        self._shared: dict[str, _Masked] = {}
        self._owned: dict[tuple[str, str], _Masked] = {}

    def redact(self, batch: Batch) -> Batch:
        """The batch with identifiers masked; files, lines, hashes, times and event ids are untouched."""
        owners = [self._owner(user) for user in batch.user]
        if any(batch.account):
            return self._redact(self._without_accounts(batch), owners)
        return self._redact(batch, owners)

    def _redact(self, batch: Batch, owners: Sequence[Owner]) -> Batch:
        return replace(
            batch,
            user=[owner.hash for owner in owners],
            session=[session and self._session(session) for session in batch.session],
            action=self._texts(batch.action, owners),
            object=self._objects(self._without_names(batch.object), owners),
            text=self._texts(self._without_names(batch.text), owners),
            properties=[self._properties(v, owner) for v, owner in zip(batch.properties, owners, strict=True)],
        )

    def _objects(self, texts: Sequence[str], owners: Sequence[Owner]) -> list[str]:
        masked, kept = with_keys(texts, self._texts(texts, owners)) if self._keys else (self._texts(texts, owners), 0)
        if kept:
            self.counts["card"] -= kept
        return masked

    def _without_accounts(self, batch: Batch) -> Batch:
        """The batch with hashes of accounts, and each account's own id masked in its actions, objects and texts."""
        accounts = [self._owner(account or "") for account in batch.account]

        def masked(texts: Sequence[str]) -> list[str]:
            pairs = zip(texts, accounts, strict=True)
            return [a.mask(normalise(t), ACCOUNT)[0] if a.tail in t.lower() else t for t, a in pairs]

        return replace(
            batch,
            action=masked(batch.action),
            object=masked(batch.object),
            text=masked(batch.text),
            account=[account.hash for account in accounts],
        )

    def users(self) -> list[str]:
        """The raw ids seen, of accounts too: keep them in memory."""
        return list(self._owners)

    def ids(self) -> dict[str, str]:
        """The raw id behind each hash: for who may see it, and for memory alone."""
        return {owner.hash: user for user, owner in self._owners.items()}

    def add(self, users: Sequence[str], counts: Mapping[str, int], withheld: Collection[str] = ()) -> None:
        """What another redactor of the same key saw, masked and withheld."""
        self.withheld |= set(withheld)
        for user in users:
            self._owner(user)
        for kind, n in counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + n

    def add_aliases(self, names: Sequence[str]) -> None:
        """Other names of users, to be masked in raw records."""
        self._aliases |= set(names)

    def ranks(self) -> dict[str, int]:
        """User hash → place of the raw id among all ids seen, sorted as text. It follows raw ids: keep it in memory."""
        return {self._owners[user].hash: rank for rank, user in enumerate(sorted(self._owners))}

    def mask_raw(self, raw: str) -> str:
        """A rejected record's text: identifiers masked, what stands behind a field that says who somebody is, and every word
        that is a user's id or stands behind a field that names a user, since no one can tell whose record it is.
        """
        named = _USER_FIELD.sub(lambda m: m.group(1) + "[user]", normalise(raw))
        named = _FIELD.sub(_without_who, named)
        if may_be_encoded(named) and self._without_ids(plain := spelled(named)) != plain:
            named = plain
        return mask(self._without_ids(named))[0]

    def _without_ids(self, text: str) -> str:
        """The text with every word masked that is a user's id or another name of one, in whatever letters."""
        known = (self._owners, self._aliases)

        def is_id(word: str) -> bool:
            forms = (word,) if word.isascii() else as_read(word)
            return any(form in ids for form in forms for ids in known)

        return _WORD.sub(lambda m: "[user]" if is_id(m[0]) else m[0], text)

    def _owner(self, user: str) -> Owner:
        owner = self._owners.get(user)
        if owner is None:
            owner = self._owners[user] = Owner.of(user, user_hash(self._key, user))
        return owner

    def _session(self, session: str) -> str:
        return self._sessions.get(session) or _keep(self._sessions, session, session_hash(self._key, session))

    def _texts(self, texts: Sequence[str], owners: Sequence[Owner]) -> list[str]:
        text = self._text
        return [text(value, owner) if value else value for value, owner in zip(texts, owners, strict=True)]

    def _without_names(self, texts: list[str]) -> list[str]:
        """The texts without names, each distinct one looked at once."""
        if self._names is None:
            return texts
        known = self._nameless
        if len(known) > CACHED_TEXTS:
            known.clear()
        new = [text for text in dict.fromkeys(texts) if text and text not in known]
        known.update(zip(new, self._names(new), strict=True))
        found = [known[text] if text else text for text in texts]
        n = sum(text.count(NAME) for text in found) - sum(text.count(NAME) for text in texts)
        if n:
            self.counts["name"] = self.counts.get("name", 0) + n
        return found

    def _text(self, text: str, owner: Owner) -> str:
        known = self._shared.get(text)
        if known is None or owner.tail in known.lowered:
            known = self._owned.get((owner.hash, text)) or self._learn(text, owner)
        if known.found:
            for kind in known.found:
                self.counts[kind] = self.counts.get(kind, 0) + 1
        return known.text

    def _learn(self, text: str, owner: Owner) -> _Masked:
        """Mask a new text: for its user alone if it may name that user, else for all."""
        plain = normalise(text)
        read = spelled(plain) if may_be_encoded(plain) else plain
        lowered = plain.lower() if read == plain else f"{plain}\n{read}".lower()
        if owner.tail in lowered:
            plain, n = _without_owner(plain, owner)
            masked, found = mask(plain)
            known = _Masked(masked, "", ("user",) * n + found)
            return _keep(self._owned, (owner.hash, text), known) if len(text) <= CACHED_CHARS else known
        masked, found = mask(plain)
        known = _Masked(masked, masked if masked == lowered else lowered, found)
        return _keep(self._shared, text, known) if len(text) <= CACHED_CHARS else known

    def _properties(self, values: dict[str, Any], owner: Owner) -> dict[str, Any]:
        masked = {}
        for key, value in values.items():
            name, kind, lowered, judged = self._columns.get(key) or self._column(key)
            if owner.tail in lowered:
                name = owner.mask(name)[0]
            if kind == WITHHELD:
                self.withheld.add(name)
            elif kind is not None:
                masked[name] = self._named(value, kind, owner, judged=judged)
            elif type(value) is str:
                masked[name] = self._text(value, owner)
            else:
                masked[name] = self._value(value, owner)
        return masked

    def _column(self, key: str) -> tuple[str, str | None, str, bool]:
        """A column's name, itself masked; the kind of identifier that its values are, where the name tells; the name in
        lower case, to look for a user in; and whether it is for each value to show that it is of the kind.
        """
        name = mask_key(key)
        if apart := declared_as(name, self._declared):
            return _keep(self._columns, key, (apart, None, "", False))
        kind = WITHHELD if says_who(name) else kind_of_column(name)
        judged = kind_by_value(name) if kind is None else None
        return _keep(self._columns, key, (name, kind or judged, name.lower(), judged is not None))

    def _value(self, value: Any, owner: Owner) -> Any:
        if isinstance(value, str):
            return self._text(value, owner)
        if isinstance(value, dict):
            return self._properties(value, owner)
        if isinstance(value, list):
            return [self._value(item, owner) for item in value]
        return value

    def _named(self, value: Any, kind: str, owner: Owner, *, judged: bool) -> Any:
        """A value that its column's name declares: "Jane" is no identifier by its looks, but it is in `first_name`. Of a list
        each is one; where values are `judged`, those that show it.
        """
        if value is None or value == "" or isinstance(value, bool):
            return value
        if isinstance(value, list):
            return [self._named(item, kind, owner, judged=judged) for item in value]
        if isinstance(value, dict) or (judged and not is_one(kind, str(value))):
            return self._value(value, owner)
        text = str(value)
        if kind == "version":
            return value if VERSION.fullmatch(text) or not isinstance(value, str) else self._text(value, owner)
        if f"[{kind}]" == text or text == "[user]":
            return value
        kind = "user" if text.lower() == owner.raw else kind
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"[{kind}]"


def _without_owner(text: str, owner: Owner) -> tuple[str, int]:
    """The text without its own user's id, and how often it stood there; where that is in escapes, as these are read."""
    plain, n = owner.mask(text)
    read, more = owner.mask(spelled(plain)) if may_be_encoded(plain) else (plain, 0)
    return (read, n + more) if more else (plain, n)


def _without_who(field: re.Match[str]) -> str:
    """A field of a rejected record without its value, where its name says that this is of a person."""
    name, between, value = field.groups()
    kind = WITHHELD if says_who(name) else kind_of_column(name)
    judged = kind_by_value(name) if kind is None else None
    if judged and is_one(judged, value.strip("\"'")):
        kind = judged
    return f"{name}{between}[{kind}]" if kind == WITHHELD or kind in OF_PEOPLE else f"{name}{between}{value}"


def mask_key(key: str) -> str:
    """The name of a member, which may be data itself: behind a dotted path, no rule would see where it begins."""
    return mask(normalise(key))[0]


def mask_file(path: str) -> str:
    """A path whose last part, if it names somebody, does so no more; ids and tokens, which machines call files by, stay."""
    folder, slash, name = path.rpartition("/")
    masked, found = mask(normalise(name))
    return path if set(found) <= {"id", "token"} else f"{folder}{slash}{masked}"


def is_masked(name: str) -> bool:
    """Whether something was masked in a column's name: its values are then of many columns, each known to few."""
    return MASK.search(name) is not None


def find_names(model: str | None) -> Callable[[Sequence[str]], list[str]] | None:
    """What masks names of people in texts, if a model for that is given; UsageError where it cannot be had."""
    if model is None:
        return None
    from .names import load_names  # takes seconds to import, and may not be installed

    return load_names(model)


@dataclass(frozen=True, slots=True)
class _Masked:
    """A masked text, what was found in it, and the unmasked text in lower case, to look for its user in."""

    text: str
    lowered: str
    found: tuple[str, ...]


def _keep(cache: dict[K, V], key: K, value: V) -> V:
    """Remember within bounds: a full cache starts over."""
    if len(cache) >= CACHED_TEXTS:
        cache.clear()
    cache[key] = value
    return value


MASK = re.compile(rf"\[(?:{'|'.join(sorted(PLACEHOLDERS))})(?: (?:user|id))?\]")
VERSION = re.compile(r"v?[0-9][0-9.]*(?:[-+. ]?[a-z]+[0-9.]*)?", re.IGNORECASE)
