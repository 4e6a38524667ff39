"""A codebook as the YAML file that a person reads and edits: values with what was counted beside them, as comments."""

from __future__ import annotations

from collections.abc import Iterator

from ..schema.nouns import KINDS, Noun, Nouns
from ..words.its_nouns import said
from .book import Codebook, DescribedAct, DescribedField, DescribedTheme
from .yamlfile import scalar

HEAD = """\
# What this log is. {} proposed it from the events; everything below may be edited.
# Read it back with `--codebook FILE`: names and units then stand in every text and table. What is left out is as proposed.
# A key that is indented least under acts or fields is the log's own spelling and stays as it is.
"""


def codebook_text(book: Codebook, *, by_model: bool = False) -> str:
    """The file, in its own nouns; `read_corrections` reads the same codebook from it. `by_model`: whether a model had a part in
    it.
    """
    head = HEAD.format("Rules and a model" if by_model else "Rules")
    return "\n".join([head, *_lines(book)]) + "\n"


def _lines(book: Codebook) -> Iterator[str]:
    yield "# What the product is, in a sentence."
    yield f"about: {_text(book.about)}"
    yield ""
    asked = (
        "" if book.zone.confirmed else "  # nobody has said so: hours and weekdays hang on it. Then say confirmed: true"
    )
    yield f"zone:\n  name: {scalar(book.zone.name)}{asked}\n  confirmed: {_bool(book.zone.confirmed)}"
    yield "\n# What texts call the people, one visit of theirs, and one line of the log: one of them, and many."
    yield "nouns:"
    for kind in KINDS:
        yield from _noun(kind, getattr(book.nouns, kind))
    yield "\n# name: as texts call it. doer: user, product (what users receive) or system (a side effect of what it `follows`)."
    yield "# clock: false where times are dates alone."
    yield "acts:" if book.acts else "acts: {}"
    for name, act in book.acts.items():
        yield from _act(name, act, book.nouns)
    yield "\n# use: amount (with its unit), category (sorts objects), field, of the user, or bookkeeping."
    yield "fields:" if book.fields else "fields: {}"
    for name, field in book.fields.items():
        yield from _field(name, field)
    yield "\n# Fields that sort objects, finest first."
    yield "categories:" if book.categories else "categories: []"
    yield from (f"  - {scalar(name)}" for name in book.categories)
    yield "\n# Fields that hold one value in a visit, and to whose values users come back (a store, a device)."
    yield "places:" if book.places else "places: []"
    yield from (f"  - {scalar(name)}" for name in book.places)
    yield "\n# Objects that look like none, with why."
    yield "artefacts:" if book.artefacts else "artefacts: {}"
    yield from (f"  {scalar(obj)}: {scalar(why)}" for obj, why in book.artefacts.items())
    if book.themes:
        yield "\n# What things were sorted by, since no field sorts them: found when users were grouped, named by their words."
        yield "themes:"
        for name, theme in book.themes.items():
            yield from _theme(name, theme)


def _noun(kind: str, noun: Noun) -> Iterator[str]:
    yield f"  {kind}:"
    yield f"    one: {scalar(noun.one)}"
    yield f"    many: {scalar(noun.many)}"


def _theme(name: str, theme: DescribedTheme) -> Iterator[str]:
    yield f"  {scalar(name)}:  # {theme.things:,} things, such as {'; '.join(_plain(e) for e in theme.examples)}"
    yield f"    name: {scalar(theme.name)}"


def _plain(text: str) -> str:
    """A name of the log on one line of a comment."""
    return " ".join(text.split())


def _act(name: str, act: DescribedAct, nouns: Nouns) -> Iterator[str]:
    counted = said(f"{act.events:,} events of {act.users:,} users", nouns)
    yield f"  {scalar(name)}:  # {counted}"
    yield f"    name: {scalar(act.name)}"
    yield f"    doer: {act.doer}{doubt(act)}"
    yield f"    clock: {_bool(act.clock)}"
    if act.follows is not None:
        yield f"    follows: {scalar(act.follows)}"


def doubt(act: DescribedAct) -> str:
    """What a person might say otherwise of who does it; empty where there is no doubt."""
    if act.with_act is None:
        return ""
    other = scalar(act.with_act)
    return f"  # {100 * act.share:.0f} % with another act on the same thing, mostly {other}: a side effect (system)?"


def _field(name: str, field: DescribedField) -> Iterator[str]:
    yield f"  {scalar(name)}:  # {field.values:,} values, in {100 * field.coverage:.0f} % of events"
    yield f"    name: {scalar(field.name)}"
    if field.use == "amount":
        yield f"    unit: {_text(field.unit)}"
    yield f"    use: {scalar(field.use)}"
    if field.repeats is not None:
        yield f"    repeats: {scalar(field.repeats)}"


def _text(value: str | None) -> str:
    return "null" if value is None else scalar(value)


def _bool(value: bool) -> str:
    return "true" if value else "false"
