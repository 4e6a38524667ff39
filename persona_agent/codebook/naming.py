"""The stage that names what is in a log: the codebook proposed, corrected by a file, and written for people.

In: a run's events and what reading found. Out: codebook.yaml, and `NamedLog` in run.json. Promises: a codebook.yaml that a
person has edited is never overwritten unread.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from ..errors import UsageError
from ..ids import content_hash
from ..log.events import SHARED_BY, fold_rare, open_events
from ..log.mentions import refuse_named_users
from ..log.reading import ReadLog
from ..manifest import CODEBOOK
from ..options import Options
from ..schema import Names
from ..store import Store
from .book import Codebook, DescribedTheme, edited_names
from .edits import Edits, read_corrections, with_corrections
from .noun_words import nouns_of_columns
from .paper import codebook_text
from .proposing import propose
from .suggested import with_suggestions
from .suggesting import Suggested
from .theme_book import EXAMPLES, load_themes


@dataclass(frozen=True)
class NamedLog:
    """The names that a person or a model gave (`Names` as plain values), the codebook as plain values, and the digest of its
    file; what a model suggested, as plain values, with what of it was refused.
    """

    names: dict[str, Any]
    book: dict[str, Any]
    digest: str
    suggested: dict[str, Any] | None = None
    refused: tuple[str, ...] = ()

    @property
    def given(self) -> Names:
        return Names.model_validate(self.names)

    @property
    def by_model(self) -> Suggested | None:
        """What a model suggested of this log."""
        return None if self.suggested is None else TypeAdapter(Suggested).validate_python(self.suggested)


def given_edits(options: Options) -> tuple[Options, Edits | None]:
    """The file of `--codebook` and the options with what it says of them: the zone and what the product is."""
    if options.codebook is None:
        return options, None
    edits = read_corrections(options.codebook)
    zone, about, changes = edits.page.zone, edits.page.about, dict[str, Any]()
    if zone is not None and zone.name != options.timezone:
        if "timezone" not in options.model_fields_set:
            changes["timezone"] = zone.name
        elif zone.confirmed:
            raise edits.lines.error(
                ("zone", "name"), f"the zone is {zone.name!r}, but --timezone is {options.timezone!r}.", "Say it once."
            )
    elif zone is not None and zone.confirmed:
        changes["timezone"] = zone.name
    if about is not None and options.about not in (None, about):
        raise edits.lines.error(("about",), "--about says something else of the product.", "Say it once.")
    return options.but(**changes, **({} if about is None else {"about": about})), edits


def name_log(
    store: Store,
    options: Options,
    found: ReadLog,
    edits: Edits | None = None,
    *,
    grouped: bool = False,
    proposed: Codebook | None = None,
    by_model: Suggested | None = None,
) -> NamedLog:
    """The codebook of a run's events, as codebook.yaml; where users are `grouped`, with the themes of their things. `proposed` is
    what rules propose for these events, where that is known already. What a model suggested is taken where a person's
    file says nothing else.
    """
    proposed, book = name_codebook(store, options, found, edits, grouped=grouped, proposed=proposed)
    refused: Sequence[str] = ()
    if by_model is not None:
        book, refused = with_suggestions(
            book, by_model.book, by_model.things, by_model.themes or {}, edits.said if edits else {}
        )
    text = codebook_text(book, by_model=by_model is not None)
    store.write_text(CODEBOOK, text)
    names = edited_names(proposed, book, options.value).model_dump()
    plain = None if by_model is None else TypeAdapter(Suggested).dump_python(by_model, mode="json")
    return NamedLog(names, book.model_dump(mode="json"), content_hash(text), plain, tuple(refused))


def name_codebook(
    store: Store,
    options: Options,
    found: ReadLog,
    edits: Edits | None,
    *,
    grouped: bool = False,
    proposed: Codebook | None = None,
) -> tuple[Codebook, Codebook]:
    """What rules propose for a run's events, and the same with what a file says instead."""
    proposed = proposed or proposal(store, options, found, grouped=grouped)
    if edits is None:
        return proposed, proposed
    refuse_named_users(store, {"The codebook": edits.page.model_dump_json()})
    return proposed, with_corrections(proposed, edits, shared_objects(store, edits.page.artefacts))


def proposal(store: Store, options: Options, found: ReadLog, *, grouped: bool = False) -> Codebook:
    """What rules propose for a run's events; acts that few users share have no words and no objects there."""
    themes = {
        name: DescribedTheme(name=name, things=len(things), examples=things[:EXAMPLES])
        for name, things in (load_themes(store) if grouped else {}).items()
    }
    with store.connect() as connection:
        open_events(connection, store)
        fold_rare(connection)
        found_by_rules = propose(
            connection,
            zone=options.timezone,
            confirmed=_confirms(options),
            about=options.about,
            dates_only=found.dates_only,
            to_the_minute=found.times_to_the_minute,
        )
    nouns = nouns_of_columns(found.columns, accounts=options.unit == "account")
    return found_by_rules.model_copy(update={"themes": themes, "nouns": nouns})


def has_themes(store: Store, named: NamedLog) -> bool:
    """Does the codebook list the themes that grouping found?"""
    return list(named.book.get("themes", {})) == list(load_themes(store))


def confirmed_since(options: Options, named: NamedLog) -> bool:
    """Has a person now named the zone that the codebook says nobody has?"""
    return _confirms(options) and not named.book["zone"]["confirmed"]


def _confirms(options: Options) -> bool:
    return "timezone" in options.model_fields_set


def refuse_unread_edits(store: Store, options: Options) -> None:
    """UsageError where a person has edited codebook.yaml of an earlier run here, and this run would not read it."""
    path = store.path(CODEBOOK)
    if options.codebook is not None or options.fresh or not path.is_file() or not store.path("run.json").is_file():
        return
    told = store.read_json("run.json").get("facts", {}).get("name")
    if told and told["digest"] != content_hash(path.read_text(encoding="utf-8", errors="replace")):
        raise UsageError(
            f"{str(path)!r} was edited since the run that wrote it, and would be overwritten.",
            hint=f"Read it by --codebook {path}, or discard the changes by --fresh.",
        )


def shared_objects(store: Store, objects: Collection[str]) -> set[str]:
    """Those of the objects that at least five users of the log share."""
    with store.connect() as connection:
        open_events(connection, store)
        fold_rare(connection)
        rows = connection.execute(
            """SELECT object FROM events WHERE object IN (SELECT unnest(?::VARCHAR[]))
               GROUP BY object HAVING count(DISTINCT user) >= ?""",
            [list(objects), SHARED_BY],
        ).fetchall()
    return {obj for (obj,) in rows}
