"""What the people of a log, their visits and its lines are called."""

from __future__ import annotations

from pydantic import Field

from .measures import Value


class Noun(Value):
    """A word for one thing and for many of its kind, in lower case."""

    one: str
    many: str


USER, VISIT, LINE = Noun(one="user", many="users"), Noun(one="visit", many="visits"), Noun(one="line", many="lines")
ACCOUNT = Noun(one="account", many="accounts")


class Nouns(Value):
    """`people`: who the log is of (household, customer, learner); `visit`: one sitting of theirs (order, trip); `line`: what a
    line of the log is, where all are one kind of thing (product, lesson).
    """

    people: Noun = USER
    visit: Noun = VISIT
    line: Noun = LINE

    def told(self) -> dict[str, dict[str, str]]:
        """Those that are not the program's own words, as prompts and files hold them."""
        usual = Nouns()
        return {kind: getattr(self, kind).model_dump() for kind in KINDS if getattr(self, kind) != getattr(usual, kind)}


class NounsOfLog(Nouns):
    """The same with what of the log's own names must not be taken for the program's words: pairs of words, “user list”."""

    kept: tuple[str, ...] = Field(default=(), exclude_if=lambda kept: not kept)


USUAL_NOUNS = Nouns()
KINDS = tuple(Nouns.model_fields)
