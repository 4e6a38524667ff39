"""A run as the person sees it who reviews it: every text and claim of its cards, what may be done there, what became of it.

In: the folder of a run. Out: a `Review`. Promises: texts are those that an edit would change, with their figures; `version` of
a place is another as soon as anything there is, so that nobody writes over what they have not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..edits import Entry, place_named, read_edits, text_at, texts_of_card
from ..edits.anchors import shown_again
from ..ids import content_hash
from ..manifest import RUN, Verification
from ..options import OFFLINE, Options
from ..runs import names_of
from ..schema import Claim, EditTold, Names, Persona, PersonaSet
from ..store import Store
from ..words.english.grammar import plural
from ..words.its_nouns import said
from ..words.published_claims import published_claim
from ..words.wording import percent
from .called import called_claim
from .claim_facts import facts_of_claim
from .phrasing import window_words

EVERYBODY = "p0"
DONE = {"accepted": "accepted", "rejected": "left out"}
LABELS = {
    "name": "Name",
    "sentence": "First sentence",
    "try": "What to try",
    "whom": "With whom to try it",
    "stop": "When to stop trying",
}


@dataclass(frozen=True)
class DoneThere:
    """What a person did at a place: `words` are theirs, `signs` what the page says of it in a word or two each."""

    told: EditTold
    words: str
    signs: Sequence[str]


@dataclass(frozen=True)
class Spot:
    """A text or a claim of a card; `rests_on` are ids of claims, `facts` and `verdict` what code found."""

    at: str
    label: str
    text: str
    version: str
    rests_on: Sequence[str] = ()
    verdict: str = ""
    facts: Sequence[tuple[str, str]] = ()
    done: DoneThere | None = None

    @property
    def may_be_left_out(self) -> bool:
        """A card has a name and a first sentence."""
        return self.at.partition(".")[2] not in ("name", "sentence", "whom", "stop")


@dataclass(frozen=True)
class ReviewCard:
    """A card: its texts in the order in which they are read, its claims with the verdict of each."""

    id: str
    name: str
    size: str
    texts: Sequence[Spot]
    claims: Sequence[Spot]
    compares: bool


@dataclass(frozen=True)
class Review:
    """All cards; everything that people changed, conflicts first; who reads words (None: code alone), and who turns words into a
    claim; acts that a claim may be about; what is not as it was sealed.
    """

    title: str
    cards: Sequence[ReviewCard]
    done: Sequence[DoneThere]
    acts: Sequence[tuple[str, str]]
    critic: str | None
    writer: str | None
    withheld: int
    warning: str


def review_of(store: Store, personas: PersonaSet, options: Options, seal: Verification) -> Review:
    """The run as it stands; `options` name the models that are asked."""
    entries = read_edits(store).entries
    drawn = _Drawn(personas, entries, names_of(store))
    shown = shown_again(personas.cards)
    return Review(
        title=f"{people(personas.counts.get('users', 0), personas)}, {window_words(personas.window)}",
        cards=[drawn.card(p) for p in shown],
        done=sorted(drawn.done, key=lambda d: (d.told.outcome != "conflict", d.told.id)),
        acts=_acts(store, drawn.names),
        critic=None if options.judges == OFFLINE else options.judges,
        writer=None if options.model == OFFLINE else options.model,
        withheld=len(personas.personas) - len(shown_again(personas.personas)),
        warning="" if seal.standing == "verified" else seal.says,
    )


def version_of(personas: PersonaSet, entries: Mapping[str, Entry], at: str) -> str:
    """What stands at a place and what was done there, as a short digest."""
    mine = [entries[t.id].model_dump(mode="json") for t in personas.edits or [] if t.at == at and t.id in entries]
    return content_hash([text_at(personas, at), mine]).removeprefix("sha256:")[:16]


def people(n: int, personas: PersonaSet) -> str:
    """So many of them."""
    return said(plural(n, "user"), personas.nouns)


class _Drawn:
    """The cards of a set with what people did on them."""

    def __init__(self, personas: PersonaSet, entries: Mapping[str, Entry], names: Names) -> None:
        self.personas, self.entries, self.names = personas, entries, names
        self.done = [self._done(t) for t in personas.edits or []]

    def card(self, persona: Persona) -> ReviewCard:
        return ReviewCard(
            id=persona.id,
            name=persona.label,
            size=f"{people(persona.size.users, self.personas)}, {percent(persona.size.share_users)} of all",
            texts=[self._text(persona, part) for part in texts_of_card(persona)],
            claims=[self._claim(c) for c in persona.claims],
            compares=persona.id != EVERYBODY,
        )

    def _text(self, persona: Persona, part: str) -> Spot:
        at, place = f"{persona.id}.{part}", place_named(persona, part)
        done, text = self._at(at), text_at(self.personas, at)
        mark = f" ({done.told.mark})" if done and done.told.mark else ""
        label = LABELS.get(part) or f"Story, sentence {part[1:]}"
        rests = place.claim_ids if place else ()
        return Spot(at, label, text.removesuffix(mark), self._version(at), rests_on=rests, done=done)

    def _claim(self, claim: Claim) -> Spot:
        told = facts_of_claim(called_claim(claim, self.names))
        verdict = claim.truthfulness.label.replace("_", " ")
        return Spot(
            claim.id, "Claim", text_at(self.personas, claim.id), self._version(claim.id), verdict=verdict, facts=told,
            done=self._at(claim.id),
        )  # fmt: skip

    def _version(self, at: str) -> str:
        return version_of(self.personas, self.entries, at)

    def _at(self, at: str) -> DoneThere | None:
        return next((d for d in self.done if d.told.at == at), None)

    def _done(self, told: EditTold) -> DoneThere:
        e = self.entries.get(told.id)
        if e is None:
            return DoneThere(told, "", ())
        stands = told.outcome != "conflict"
        signs = [
            "proposed by a person" if e.part == "new" else "in a person’s words" if e.text and stands else "",
            DONE.get(e.verdict or "", ""),
            "locked" if e.locked else "",
            "checked again, with new figures" if told.outcome == "verified" else "",
        ]
        return DoneThere(told, e.said or e.text or self._left_out(told.at), [s for s in signs if s])

    def _left_out(self, at: str) -> str:
        """What a claim said that a person left out."""
        gone = (c for p in self.personas.cards for c in p.withdrawn if c.id == at)
        return next((published_claim(c).text for c in gone), "")


def _acts(store: Store, names: Names) -> list[tuple[str, str]]:
    """What users do, by its name in the log and as it is called."""
    book = store.read_json(RUN).get("facts", {}).get("name", {}).get("book", {})
    acts = [act for act, known in book.get("acts", {}).items() if known.get("doer") == "user"]
    return [(act, names.acts.get(act, act)) for act in sorted(acts)]
