"""`edit`: a person changes a name, a sentence, a suggestion or a claim of a finished run, and hears at once whether it holds.

In: the folder of a run, a change. Out: edits.yaml with one entry more, and the pages with it; or why it may not stand, and
nothing is changed. Promises: what is refused is written nowhere; the log is not read again; the seal is as it was before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..edits import (
    NO_EDITS,
    Entry,
    PersonEdits,
    edits_from,
    find_place,
    joined,
    place_named,
    read_edits,
    text_at,
    write_edits,
)
from ..edits.anchors import anchors_of
from ..edits.bounds import never, slotted
from ..edits.counting import READ_BY, Counting
from ..edits.entries import id_of, read_measure
from ..edits.merging import NAMES_A_USER
from ..errors import UsageError
from ..log.mentions import names_a_user
from ..manifest import TO_MEND, UNEDITED, Verification, refuse_changed, seal_again, verify
from ..models.opening import check_models
from ..options import OFFLINE, Options
from ..progress import Progress
from ..report.edited import merge_edits
from ..report.finishing import write_pages
from ..runs import names_of, options_of
from ..schema import EditTold, Measure, Persona, PersonaSet
from ..seal import find_seal
from ..store import Store
from ..words.published_claims import published_claim
from .edit_result import EditResult
from .showing import personas_of
from .wording_claims import measure_of_words


@dataclass(frozen=True)
class Change:
    """What a person asks for at a place: words, a measure, a verdict, a lock or a note; `undo` takes back what was done there."""

    at: str
    text: str = ""
    rests_on: tuple[str, ...] = ()
    measure: Measure | str | None = None
    verdict: str | None = None
    own_words: bool = False
    locked: bool | None = None
    note: str | None = None
    undo: bool = False


def edit(
    out: Path,
    change: Change | None,
    options: Options,
    progress: Progress,
    *,
    theirs: PersonEdits | None = None,
    keep: bool = True,
) -> EditResult:
    """The change made, or refused; without one, every entry of edits.yaml is held to the rules again, with those of `--edits`, or
    `theirs`, among them. Of `options` those count that name a model: it turns words into a measure, and the critic reads
    words. Without `keep` nothing is written and no model is asked: what code says to the change.
    """
    check_models(options)
    with Store.open(out).alone() as store, _sealed_after(store, options, keep=keep) as before:
        run, names = store.read_json("run.json"), names_of(store)
        base, now = unedited_personas(store), personas_of(store)
        edits = joined(read_edits(store), theirs or _given(options))
        own = with_models(options_of(run, (), ("log", "groups", "models")).but(out=out), options)
        hears = progress if keep and options.judges != OFFLINE else None
        name, edits = "", PersonEdits({name: complete(e, base, now) for name, e in edits.entries.items()})
        if change is not None:
            name, edits = _changed(store, own, base, now, edits, change, progress)
            after = merge_edits(store, base, edits if keep else _about(edits, name), own, names, hears)
            told = next((e for e in after.edits or [] if e.id == name), None)
            if told is not None and told.outcome == "conflict":
                return EditResult(
                    change.at, [told.why], "", "", now.edits or [], _words(read_edits(store)), seal=before
                )
            if not keep:
                mark = told.mark if told else ""
                reads = text_at(after, told.at).removesuffix(f" ({mark})") if told else ""
                return EditResult(change.at, [], reads, mark, after.edits or [], _words(edits), seal=before)
            edits = _with_said(edits, name, after, told)
        if edits.entries or read_edits(store) is not NO_EDITS:
            write_edits(store, edits)
        pages, _ = write_pages(store, base, names, own, hears)
        if hears is not None:
            run = {**run, READ_BY: sorted({*run.get(READ_BY, []), options.judges})}
        seal_again(store, run, before, find_seal(options.seal_key))
        return _done(change, name, now, pages, edits, verify(store, find_seal(options.seal_key)))


@contextmanager
def _sealed_after(store: Store, options: Options, *, keep: bool) -> Iterator[Verification]:
    """How the run stands to its seal; StoreError where it has changed. Whatever comes of an edit, what a model answered to it, of
    use or not, is in the ledger, which the seal covers.
    """
    seal = find_seal(options.seal_key)
    before = verify(store, seal)
    refuse_changed(before, f"{str(store.out)!r} is not edited", hint=TO_MEND)
    try:
        yield before
    finally:
        if keep and (options.model, options.judges) != (OFFLINE, OFFLINE):
            seal_again(store, store.read_json("run.json"), before, seal)


def _given(options: Options) -> PersonEdits:
    """The entries of `--edits`."""
    return edits_from(options.edits) if options.edits else NO_EDITS


def _about(edits: PersonEdits, name: str) -> PersonEdits:
    """An entry with those that change what it rests on; claims that people proposed are not counted again for it."""
    mine = edits.entries.get(name)
    kept = {k: e for k, e in edits.entries.items() if k == name or (mine and e.of == mine.of and e.part != "new")}
    return PersonEdits(kept)


def unedited_personas(store: Store) -> PersonaSet:
    """The personas of a run as the program made them, whoever changed them since."""
    return personas_of(store, UNEDITED if store.path(UNEDITED).is_file() else "personas.json")


def complete(entry: Entry, base: PersonaSet, now: PersonaSet) -> Entry:
    """An entry that somebody wrote by hand, with what finds its place again in a later run."""
    persona = next((p for p in now.cards if p.id == entry.persona), None)
    if entry.of or persona is None:
        return entry
    anchored = _anchors(base, persona.id)
    place = None if entry.part == "new" else place_named(persona, entry.part)
    if place is not None:
        claims = {c.id: c for c in persona.claims}
        ids = [c for c in claims if f"{{{c}." in entry.text] or ([] if entry.own_words else place.claim_ids)
        rests = {i: m for i in ids if i in claims and (m := claims[i].measure)}
        anchored["was"] = place.template
        if entry.part.startswith("c"):
            return entry.model_copy(update={**anchored, "measure": entry.measure or claims[place.claim_ids[0]].measure})
        return entry.model_copy(update={**anchored, "rests_on": entry.rests_on or rests})
    return entry.model_copy(update=anchored)


def _anchors(base: PersonaSet, name: str) -> dict[str, Any]:
    """By what a persona is found again: as the program made it."""
    persona = next(p for p in base.cards if p.id == name)
    return {"of": persona.label, "claims": anchors_of(persona)}


def _changed(
    store: Store,
    options: Options,
    base: PersonaSet,
    now: PersonaSet,
    edits: PersonEdits,
    change: Change,
    progress: Progress,
) -> tuple[str, PersonEdits]:
    """The entries with the change among them, and its id."""
    note = never(change.note, "sentence") if change.note else []
    note += [NAMES_A_USER] if change.note and names_a_user(store, change.note) else []
    if note:
        raise UsageError(f"The note cannot stand: {'; '.join(note)}.", hint="A note is on the page as well.")
    at = next((e.id for e in now.edits or [] if change.at in (e.at, e.id)), None)
    if change.undo:
        if at is None:
            raise UsageError(f"Nobody has changed {change.at!r}.", hint="`edit OUT` lists what was changed.")
        return "", edits.with_entry(at, None)
    if "." not in change.at and (change.text or change.measure is not None):
        entry = _proposed(store, options, now, change, progress).model_copy(update=_anchors(base, change.at))
        return id_of(entry), edits.with_entry(id_of(entry), entry)
    persona, part = find_place(now, change.at)
    before = edits.entries.get(at) if at else None
    entry = _entry(persona, part, before, change, _anchors(base, persona.id))
    name = at or id_of(entry)
    return name, edits.with_entry(name, entry)


def _entry(persona: Persona, part: str, before: Entry | None, change: Change, anchors: dict[str, Any]) -> Entry:
    """The entry for a text or a claim that is on a card, with what was done there before."""
    place = place_named(persona, part)
    assert place is not None  # find_place has found it
    claims = {c.id: c for c in persona.claims}
    typed = [c for c in claims if f"{{{c}." in change.text]
    ids = [*change.rests_on, *typed] or ([] if change.own_words else list(place.claim_ids))
    if unknown := [c for c in ids if c not in claims]:
        raise UsageError(f"{persona.id} does not claim {', '.join(unknown)}.", hint=f"It claims {', '.join(claims)}.")
    rests = {i: m for i in ids if (m := claims[i].measure)}
    text = slotted(change.text, [published_claim(claims[i]) for i in rests])
    is_claim = part.startswith("c")
    was = before.was if before else place.template
    changes: dict[str, Any] = {
        "at": f"{persona.id}.{part}",
        **anchors,
        "was": was,
        "said": "",
    }
    if text:
        changes |= {"text": text, "own_words": change.own_words, "rests_on": {} if is_claim else rests}
    elif before is None and not is_claim:
        changes["rests_on"] = rests
    if is_claim:
        changes["measure"] = claims[f"{persona.id}.{part}"].measure
    if change.verdict or change.text:
        changes["verdict"] = change.verdict
    changes |= {"locked": change.locked} if change.locked is not None else {}
    changes |= {"note": change.note} if change.note is not None else {}
    kept = before.model_dump() if before else {}
    return _valid({**kept, **changes})


def _proposed(store: Store, options: Options, now: PersonaSet, change: Change, progress: Progress) -> Entry:
    """A claim of a person's own, as a measure or in words that a model turns into one."""
    persona = next((p for p in now.cards if p.id == change.at), None)
    if persona is None:
        find_place(now, change.at)
    assert persona is not None
    measure, text = change.measure, change.text
    if measure is None:
        if options.model == OFFLINE:
            raise UsageError(
                "Words alone are no claim that code can count.",
                hint="Give --measure JSON, or --model M to turn the words into one, or change a text with --own-words.",
            )
        counting = Counting(store, options, names_of(store))
        measure = measure_of_words(store, options, counting, persona.id, text, progress)
        counting.close()
        text = ""  # the claim stands in code's words: those were turned into its measure
    return _valid(
        {
            "at": f"{persona.id}.new",
            "measure": _measure(measure),
            "text": text,
            "note": change.note or "",
        }
    )


def _measure(given: Measure | str) -> Measure:
    try:
        return given if isinstance(given, Measure) else Measure.model_validate(read_measure(given))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "measure"
        why = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(f"--measure: {where}: {why}.", hint="docs/contract.md says what a measure has.") from None
    except ValueError as error:
        raise UsageError(f"--measure is no JSON: {error}.") from None


def _valid(values: dict[str, Any]) -> Entry:
    try:
        return Entry.model_validate(values)
    except ValidationError as error:
        why = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise UsageError(
            f"Nothing to do there: {why}.", hint="Type the new text, or --reject, --lock, --note."
        ) from None


def _with_said(edits: PersonEdits, name: str, after: PersonaSet, told: EditTold | None) -> PersonEdits:
    """The entry with its words as they read now, without the mark behind them."""
    if told is None or name not in edits.entries:
        return edits
    said = text_at(after, told.at).removesuffix(f" ({told.mark})")
    return edits.with_entry(name, edits.entries[name].model_copy(update={"said": said}))


def _done(
    change: Change | None,
    name: str,
    before: PersonaSet,
    pages: PersonaSet,
    edits: PersonEdits,
    seal: Verification,
) -> EditResult:
    told = pages.edits or []
    mine = next((e for e in told if e.id == name), None)
    was = next((e.at for e in before.edits or [] if change and change.at in (e.at, e.id)), change.at if change else "")
    at = mine.at if mine else was
    reads = (text_at(pages, at) if "." in at else "") or "it is not on the card any more"
    if mine is not None and mine.note and change is not None and change.note:
        reads = f"{reads} [note: {mine.note}]"
    return EditResult(at, [], reads, mine.mark if mine else "", told, _words(edits), seal=seal)


def _words(edits: PersonEdits) -> dict[str, str]:
    """What people wrote, for those who wrote it."""
    return {name: e.said or e.text or e.note or e.was for name, e in edits.entries.items()}


def with_models(own: Options, given: Options) -> Options:
    """The options of a run, with the models that this call names; a run's own are not asked again unless they are named: where
    this call names none, its critic stands for what it answered before.
    """
    named = ("base_url", "critic_base_url", "timeout", "price", "max_cost", "replay", "local", "concurrency")
    changes = {n: getattr(given, n) for n in named if n in given.model_fields_set}
    critic = own.judges if given.judges == OFFLINE else given.judges
    return own.but(model=given.model, critic_model=critic, **changes)
