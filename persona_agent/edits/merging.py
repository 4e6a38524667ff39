"""The program's cards and a person's edits, made one: what was there, what the person made of it, what the program says now.

In: cards as the program made them, entries, what words and measures are held to. Out: the cards with what stands, and one
`EditTold` for every entry. Promises: no entry is lost; where one does not hold, the page has the program's own words and the
reason; nothing that a rule is against, or that was counted and is not so, is on a page; the order of entries changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ..schema import NO_NAMES, TENTH_ID, Claim, EditTold, Measure, Names, Persona, PersonaSet, Withdrawal
from ..schema.told_edits import FIGURES_ONLY, NOT_VERIFIED
from ..words.floors import published_size
from ..words.published_claims import published_claim
from ..words.wording import SLOT, claim_values, fill, size_values
from ..write.critique import TextToRead
from ..write.states import withdraw
from .anchors import card_meant, ids_known_again, shown_again
from .bounds import never, objections_to
from .digests import digest_of
from .entries import Entry, PersonEdits
from .places import SUGGESTION, CardText, claim_named, place_named, with_text

# A claim that a card does not make, counted on its users; withdrawn where it does not hold.
Count = Callable[[Persona, Measure], Claim]
# Why a reader says that a text may not stand; None where nobody could be asked.
Read = Callable[[Persona, TextToRead], "list[str] | None"]

WHO = "it says who somebody is"  # of a reader's objections the one that no person can overrule
LIKE_NOBODY = "no persona here is like the one that was meant"


NAMES_A_USER = "it holds the id of a user of the log"


@dataclass(frozen=True)
class Ground:
    """What edits are held to: names that a person gave, further names that a card may quote, the log and a reader, if any, and
    how many users of the log a text names.
    """

    names: Names = NO_NAMES
    acts: Mapping[str, Collection[str]] = field(default_factory=dict)
    count: Count | None = None
    read: Read | None = None
    users_in: Callable[[str], int] = lambda _: 0


def merge(base: PersonaSet, edits: PersonEdits, ground: Ground) -> PersonaSet:
    """The set with every entry that holds, and what became of each."""
    cards, told = base.cards, list[EditTold]()
    rows: dict[str, list[tuple[str, Entry]]] = {}
    for name, entry in ((name, _without_users(e, ground)) for name, e in sorted(edits.entries.items())):
        card = card_meant(shown_again(cards), entry.persona, entry.of, entry.claims)
        if card is None:
            told.append(_told(name, entry, entry.at, "conflict", why=LIKE_NOBODY))
        else:
            rows.setdefault(card.id, []).append((name, entry))
    made = {p.id: _merged(p, rows.get(p.id, []), ground, told) for p in cards}
    new_names = {p.label: made[p.id].label for p in cards if made[p.id].label != p.label}
    return _renamed(base, new_names).model_copy(
        update={
            "personas": [made[p.id] for p in base.personas],
            "everyone": base.everyone and made[base.everyone.id],
            "tenth": base.tenth and base.tenth.model_copy(update={"persona": made[TENTH_ID]}),
            "edits": sorted(told, key=lambda t: t.id) or None,
        }
    )


@dataclass
class _MergedCard:
    """One card while its entries are merged: which places were worded, which claims were rejected by whom."""

    persona: Persona
    ground: Ground
    told: list[EditTold]
    worded: set[str] = field(default_factory=set)
    rejected: dict[str, list[tuple[str, Entry]]] = field(default_factory=dict)

    def claims(self) -> dict[str, Claim]:
        """Those that a text may rest on, with the figures that are shown."""
        return {c.id: published_claim(c) for c in self.persona.claims if c.id not in self.rejected}

    def tell(self, name: str, entry: Entry, part: str, outcome: str, *, mark: str = "", why: str = "") -> None:
        self.told.append(_told(name, entry, f"{self.persona.id}.{part}", outcome, mark=mark, why=why))


def _merged(persona: Persona, rows: Sequence[tuple[str, Entry]], ground: Ground, told: list[EditTold]) -> Persona:
    """Rejected claims first, then claims that are added, then words: each rests on what stands before it."""
    card = _MergedCard(persona, ground, told)
    for stage in (_reject, _claim, _word):
        for name, entry in rows:
            if _stage_of(entry) is stage:
                stage(card, name, entry)
    _leave_out_rejected(card)
    return card.persona


def _stage_of(entry: Entry) -> Callable[[_MergedCard, str, Entry], None]:
    if entry.verdict == "rejected":
        return _reject
    return _claim if entry.part == "new" or (entry.part.startswith("c") and not entry.text) else _word


def _reject(card: _MergedCard, name: str, entry: Entry) -> None:
    claim = _claim_meant(card.persona, entry)
    if claim is not None:
        card.rejected.setdefault(claim.id, []).append((name, entry))
    elif entry.part.startswith("c"):
        card.tell(name, entry, entry.part, "kept")  # nothing says it any more, as was wanted
    else:
        _drop(card, name, entry)


def _drop(card: _MergedCard, name: str, entry: Entry) -> None:
    """A sentence or a suggestion that a person does not want."""
    part = _part_now(card, entry)
    if part in ("name", "sentence"):
        card.tell(name, entry, part, "conflict", why="a card has a name and a first sentence: word it anew")
    elif place_named(card.persona, part) is not None and part in SUGGESTION:
        card.persona = card.persona.model_copy(update={"suggestion": None})
        card.tell(name, entry, part, "kept")
    else:
        story = [s for i, s in enumerate(card.persona.narrative, start=1) if part != f"s{i}"]
        card.persona = card.persona.model_copy(update={"narrative": story})
        card.tell(name, entry, part, "kept")


def _claim(card: _MergedCard, name: str, entry: Entry) -> None:
    """A claim of a person's own, or one that they accepted, locked or noted: it is there, or it is counted anew."""
    claim, made = _claim_meant(card.persona, entry), False
    if claim is None and entry.measure is not None and card.ground.count is not None:
        claim, made = card.ground.count(card.persona, entry.measure), True
        if claim.withdrawal is not None:
            card.tell(name, entry, entry.part, "conflict", why=str(claim.withdrawal.why))
            return
        card.persona = card.persona.model_copy(update={"claims": [*card.persona.claims, claim]})
    if claim is None:
        card.tell(name, entry, entry.part, "conflict", why="the card does not claim it any more")
        return
    part = claim.id.partition(".")[2]
    if entry.text:
        _word_at(card, name, entry, part, CardText("claim", claim.template, (claim.id,)), {entry.at: claim.id})
        if made and card.told[-1].outcome == "conflict":  # words that do not fit take their claim with them
            kept = [c for c in card.persona.claims if c.id != claim.id]
            card.persona = card.persona.model_copy(update={"claims": kept})
        return
    same = entry.said in ("", published_claim(claim).text)
    card.tell(name, entry, part, "kept" if same else "verified")


def _word(card: _MergedCard, name: str, entry: Entry) -> None:
    """A text in a person's words; where they only locked or noted it, the program's as it was."""
    ids = ids_known_again(card.persona, entry.rests_on)
    for then, measure in sorted(entry.rests_on.items()):
        if then not in ids and card.ground.count is not None:
            claim = card.ground.count(card.persona, measure)
            if claim.withdrawal is not None:
                card.tell(
                    name, entry, entry.part, "conflict", why=f"what it rests on is not so: {claim.withdrawal.why}"
                )
                return
            card.persona = card.persona.model_copy(update={"claims": [*card.persona.claims, claim]})
            ids[then] = claim.id
    part = _part_now(card, entry, ids)
    place = place_named(card.persona, part)
    if place is None and (part in SUGGESTION or part.startswith("c")):
        card.tell(name, entry, part, "conflict", why="the card has no such text any more")
        return
    if not entry.text and not entry.locked:
        card.tell(name, entry, part, "kept")
        return
    _word_at(card, name, entry, part, place or CardText("sentence", "", ()), ids)


def _word_at(card: _MergedCard, name: str, entry: Entry, part: str, place: CardText, ids: Mapping[str, str]) -> None:
    own = tuple(dict.fromkeys([*ids.values(), *_typed(card, entry)])) or (() if entry.own_words else place.claim_ids)
    if place.kind == "claim":
        own = place.claim_ids  # a claim rests on its own measure, whatever else is said of it
    template = SLOT.sub(lambda m: "{" + _slot_now(m[1], ids) + "}", entry.text or entry.was)
    said, wrong = _objections(card, template, place, own, own_words=entry.own_words)
    if part in card.worded:
        wrong = ["another edit words this text"]
    elif len(ids) < len(entry.rests_on):
        gone = sorted(set(entry.rests_on) - set(ids))
        wrong = [f"it rests on {', '.join(gone)}, which the card does not claim any more"]
    mark = card.persona.named if part == "name" else ""  # of a name that is locked as it stands
    if not wrong and template != place.template:
        mark, wrong = _read(card, place, said, own, own_words=entry.own_words)
    if wrong:
        card.tell(name, entry, part, "conflict", why="; ".join(dict.fromkeys(wrong)))
        return
    card.worded.add(part)
    card.persona = with_text(card.persona, part, template, said, own, mark)
    card.tell(name, entry, part, "kept" if entry.said in ("", said) else "verified", mark=mark)


def _objections(
    card: _MergedCard, template: str, place: CardText, own: Sequence[str], *, own_words: bool
) -> tuple[str, list[str]]:
    """The text with its figures, and why it may not stand."""
    claims, size = card.claims(), published_size(card.persona.size)
    gone = [c for c in own if c not in claims]
    if gone:
        why = "was rejected" if set(gone) <= set(card.rejected) else "the card does not claim"
        return template, [f"it rests on {', '.join(gone)}, which {why}"]
    mine = [claims[c] for c in own]
    values = size_values(size) | {k: v for c in mine for k, v in claim_values(c).items() if "." in k}
    if place.kind == "claim":
        values |= claim_values(mine[0])
    odd = sorted(set(SLOT.findall(template)) - set(values))
    if odd:
        return template, [f"the slots {', '.join(odd)} are none of its claims'"]
    said = fill(template, values)
    acts = card.ground.acts.get(card.persona.id, ())
    wrong = objections_to(said, place.kind, mine, size, acts=acts, called=card.ground.names, own_words=own_words)
    wrong = [*wrong, NAMES_A_USER] if card.ground.users_in(template) else wrong
    return said, [*never(said, place.kind), *wrong]


def _read(
    card: _MergedCard, place: CardText, said: str, own: Sequence[str], *, own_words: bool
) -> tuple[str, list[str]]:
    """The mark that the words get, and what a reader has against them."""
    claims = card.claims()
    text = TextToRead(place.kind, said, tuple(claims[c].text for c in own))
    found = card.ground.read(card.persona, text) if card.ground.read else None
    if own_words:
        return NOT_VERIFIED, [why for why in found or [] if why.startswith(WHO)]
    return (FIGURES_ONLY, []) if found is None else ("", found)


def _typed(card: _MergedCard, entry: Entry) -> list[str]:
    """Claims of the card whose slots the words have, for words that nobody anchored."""
    return [] if entry.rests_on else [c.id for c in card.persona.claims if f"{{{c.id}." in entry.text]


def _slot_now(slot: str, ids: Mapping[str, str]) -> str:
    head, _, tail = slot.rpartition(".")
    return f"{ids[head]}.{tail}" if head in ids else slot


def _part_now(card: _MergedCard, entry: Entry, ids: Mapping[str, str] | None = None) -> str:
    """Where the text stands now: a sentence of the story is the one that says the same, or rests on the same; else a new last."""
    part = entry.part
    if part.startswith("c"):
        claim = _claim_meant(card.persona, entry)
        return claim.id.partition(".")[2] if claim else part
    if not (part.startswith("s") and part[1:].isdigit()) or not entry.was:
        return part
    was = SLOT.sub(lambda m: "{" + _slot_now(m[1], ids or {}) + "}", entry.was)
    for i, s in enumerate(card.persona.narrative, start=1):
        if s.template == was or (ids and set(s.claim_ids) == set(ids.values())):
            return f"s{i}"
    return f"s{len(card.persona.narrative) + 1}"


def _claim_meant(persona: Persona, entry: Entry) -> Claim | None:
    """The claim of an entry: by its question, or by its id where the entry does not say which."""
    if not entry.part.startswith("c") and entry.part != "new":
        return None
    if entry.measure is None:
        return claim_named(persona, entry.part)
    wanted = digest_of(entry.measure)
    return next((c for c in persona.claims if c.measure and digest_of(c.measure) == wanted), None)


def _leave_out_rejected(card: _MergedCard) -> None:
    """Claims that a person rejected, and the sentences on them; the first sentence is not left out with them."""
    kept = dict(card.rejected)
    for claim, rows in card.rejected.items():
        part, needed = claim.partition(".")[2], claim in card.persona.one_liner.claim_ids
        why = f"the first sentence rests on it: word {card.persona.id}.sentence without it"
        for name, entry in rows:
            card.tell(name, entry, part, "conflict" if needed else "kept", why=why if needed else "")
        if needed:
            del kept[claim]
    p = card.persona
    gone = [
        withdraw(c, Withdrawal(label="rejected", why=_note(kept[c.id][0][1]) or "a person rejected it"))
        for c in p.claims
        if c.id in kept
    ]
    card.persona = p.model_copy(
        update={
            "claims": [c for c in p.claims if c.id not in kept],
            "withdrawn": [*p.withdrawn, *gone],
            "narrative": [s for s in p.narrative if not set(s.claim_ids) & set(kept)],
            "face": [c for c in p.face if c not in kept],
            "tension": None if p.tension in kept else p.tension,
            "misreading": None if p.tension in kept else p.misreading,
        }
    )


def _renamed(base: PersonaSet, names: Mapping[str, str]) -> PersonaSet:
    """Texts over all cards with the names that cards have now."""
    if not names:
        return base

    def now(text: str) -> str:
        for old, new in names.items():
            text = text.replace(old, new)
        return text

    edited = base.edited and base.edited.worded(now)
    grids = base.grids and [
        g.model_copy(update={"rows": [r.model_copy(update={"label": names.get(r.label, r.label)}) for r in g.rows]})
        for g in base.grids
    ]
    return base.model_copy(update={"edited": edited, "grids": grids})


def _told(name: str, entry: Entry, at: str, outcome: str, *, mark: str = "", why: str = "") -> EditTold:
    did = (
        entry.verdict
        or ("proposed" if entry.part == "new" else "")
        or ("worded" if entry.text else "locked" if entry.locked else "noted")
    )
    return EditTold(id=name, at=at, did=did, outcome=outcome, mark=mark, why=why, note=_note(entry))


def _without_users(entry: Entry, ground: Ground) -> Entry:
    """Its note names nobody: it would stand on the page."""
    return entry.model_copy(update={"note": ""}) if entry.note and ground.users_in(entry.note) else entry


def _note(entry: Entry) -> str:
    """What a person remarked, as far as it may stand on a page."""
    return "" if not entry.note or never(entry.note, "sentence") else entry.note
