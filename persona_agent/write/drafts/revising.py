"""A draft and what a writer changed of it, to the next draft.

In: a draft, its revision, and which claims and texts stand. Out: the draft with the changes; and of two rounds, what is best of
both. Promises: a claim that stands is never changed; what improved stays, and a text that fell where its last version stood goes
back to that version, if the claims under it still stand; a suggestion or a guess is one thing, and goes back as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ...schema import Draft, DraftGap, DraftGuess, DraftSentence, DraftSuggestion, RevisedText, Revision
from .asking import MAX_CLAIMS, MAX_SENTENCES, MAX_SUGGESTIONS

GUESS, GAP, SENTENCE, TRY = "h", "gap", "s", "try"
PARTS = {GUESS: ("text", "rival", "test"), TRY: ("text", "whom", "stop")}
FEWEST_BARS = 3  # of a new choice that stand; with fewer the choice before is better


def apply_revision(draft: Draft, revision: Revision, standing: Collection[str]) -> Draft:
    """The draft with what the revision changed; `standing` claims stay as they are."""
    new = {c.id: c for c in revision.claims if c.id not in standing}
    dropped = set(revision.dropped) - set(standing)
    claims = [new.pop(c.id, c) for c in draft.claims if c.id not in dropped or c.id in new]
    claims = [*claims, *new.values()][:MAX_CLAIMS]
    kept = {c.id for c in claims}
    changes = {t.place: t for t in revision.texts}
    told = revision.suggestions
    if told is None:
        told = [_suggestion(s, f"{TRY}{i}", changes) for i, s in enumerate(draft.suggestions, start=1)]
    return draft.model_copy(
        update={
            "claims": claims,
            "label": _sentence(draft.label, changes.get("label")),
            "one_liner": _sentence(draft.one_liner, changes.get("one_liner")),
            "narrative": _narrative(draft.narrative, changes),
            "bars": [c for c in (draft.bars if revision.bars is None else revision.bars) if c in kept],
            "unfit": _sentence(draft.unfit, changes.get("unfit")),
            "hypotheses": [_guess(h, f"{GUESS}{i}", changes) for i, h in enumerate(draft.hypotheses, start=1)],
            "suggestions": [s if s.measure in kept else _nothing(s) for s in told][:MAX_SUGGESTIONS],
            "not_known": _gaps(draft.not_known, changes),
        }
    )


@dataclass(frozen=True)
class DraftStanding:
    """Places whose texts may stand `before` a round and `now`, and the ids of the `claims` that stand now."""

    before: Collection[str]
    now: Collection[str]
    claims: Collection[str]

    def fell(self, places: Collection[str], claim_ids: Collection[str]) -> bool:
        """Did texts at these places stand before and fall now, so that the old ones, on these claims, should come back?"""
        there, now, held = set(places), set(self.now), set(self.claims)
        return there <= set(self.before) and not there <= now and set(claim_ids) <= held


def best_of(before: Draft, after: Draft, standing: DraftStanding) -> Draft:
    """The later draft, with what fell in it as it was before, where that stood."""
    bars = [len([c for c in chosen if c in standing.claims]) for chosen in (before.bars, after.bars)]
    return after.model_copy(
        update={
            "label": _best(before.label, after.label, "label", standing),
            "one_liner": _best(before.one_liner, after.one_liner, "one_liner", standing),
            "narrative": _best_narrative(before, after, standing),
            "bars": before.bars if bars[0] > bars[1] and bars[1] < FEWEST_BARS else after.bars,
            "unfit": _best(before.unfit, after.unfit, "unfit", standing) if after.unfit.template else after.unfit,
            "hypotheses": _best_guesses(before, after, standing),
            "suggestions": _best_suggestions(before, after, standing),
            "not_known": _best_gaps(before, after, standing),
        }
    )


def with_fallbacks(draft: Draft, by_code: Draft, fallen: Collection[str]) -> Draft:
    """The draft with code's label or one-liner where its own fell, and the claims that these rest on."""
    change: dict[str, Any] = {}
    claims = list(draft.claims)
    for place, sentence in (("label", by_code.label), ("one_liner", by_code.one_liner)):
        if place in fallen:
            change[place] = sentence
            have = {c.id for c in claims}
            claims += [c for c in by_code.claims if c.id in sentence.claim_ids and c.id not in have]
    return draft.model_copy(update={**change, "claims": claims})


def _sentence(old: DraftSentence, new: RevisedText | None) -> DraftSentence:
    return old if new is None else DraftSentence(template=new.template, claim_ids=new.claim_ids)


def _narrative(old: list[DraftSentence], changes: Mapping[str, RevisedText]) -> list[DraftSentence]:
    """The sentences as changed, each in its place; new ones come after the last, in the order of their places."""
    told = [_sentence(s, changes.get(f"{SENTENCE}{i}")) for i, s in enumerate(old, start=1)]
    return [*told, *(_written(t) for t in _added(changes, SENTENCE, len(old)))][:MAX_SENTENCES]


def _gaps(old: list[DraftGap], changes: Mapping[str, RevisedText]) -> list[DraftGap]:
    told = [changes.get(f"{GAP}{i}") or g for i, g in enumerate(old, start=1)]
    told += _added(changes, GAP, len(old))
    return [DraftGap(text=_text(g), claim_ids=g.claim_ids) for g in told]


def _text(gap: DraftGap | RevisedText) -> str:
    return gap.text if isinstance(gap, DraftGap) else gap.template


def _guess(old: DraftGuess, name: str, changes: Mapping[str, RevisedText]) -> DraftGuess:
    """The guess with its changed parts; one whose text was dropped is empty, and stands nowhere."""
    text, rival, test = (changes.get(f"{name}.{part}") for part in PARTS[GUESS])
    told = {
        "rival": rival.template if rival else old.test.rival,
        "how_to_test": test.template if test else old.test.how_to_test,
    }
    return DraftGuess(
        text=text.template if text else old.text,
        rests_on=text.claim_ids if text else old.rests_on,
        test=old.test.model_copy(update=told),
    )


def _suggestion(old: DraftSuggestion, name: str, changes: Mapping[str, RevisedText]) -> DraftSuggestion:
    """The suggestion with its changed parts; one of which a part was dropped is empty, and stands nowhere."""
    parts = {part: new for part in PARTS[TRY] if (new := changes.get(f"{name}.{part}"))}
    if any(not new.template for new in parts.values()):
        return _nothing(old)
    ids = parts["text"].claim_ids if "text" in parts else old.claim_ids
    return old.model_copy(update={**{part: new.template for part, new in parts.items()}, "claim_ids": ids})


def _nothing(suggestion: DraftSuggestion) -> DraftSuggestion:
    """In the place of one that fell: the next one keeps its number."""
    return suggestion.model_copy(update=dict.fromkeys(PARTS[TRY], ""))


def _added(changes: Mapping[str, RevisedText], kind: str, there: int) -> list[RevisedText]:
    """New texts of a kind, whose places lie beyond those that there are."""
    places = [p for p, t in changes.items() if _number(p, kind) > there and t.template]
    return [changes[p] for p in sorted(places, key=lambda p: _number(p, kind))]


def _number(place: str, kind: str) -> int:
    """2 for “s2”; 0 for a place of another kind."""
    number = place.removeprefix(kind)
    return int(number) if place.startswith(kind) and number.isdecimal() else 0


def _written(text: RevisedText) -> DraftSentence:
    return DraftSentence(template=text.template, claim_ids=text.claim_ids)


def _best(old: DraftSentence, new: DraftSentence, place: str, standing: DraftStanding) -> DraftSentence:
    return old if standing.fell([place], old.claim_ids) else new


def _best_narrative(before: Draft, after: Draft, standing: DraftStanding) -> list[DraftSentence]:
    """A sentence that was dropped did not fall: it stays away."""
    told = [
        _best(old, new, f"{SENTENCE}{i}", standing) if new.template else new
        for i, (old, new) in enumerate(zip(before.narrative, after.narrative, strict=False), start=1)
    ]
    return [*told, *after.narrative[len(told) :]]


def _best_guesses(before: Draft, after: Draft, standing: DraftStanding) -> list[DraftGuess]:
    def best(i: int, old: DraftGuess, new: DraftGuess) -> DraftGuess:
        return old if new.text and standing.fell([f"{GUESS}{i}.{part}" for part in PARTS[GUESS]], old.rests_on) else new

    pairs = zip(before.hypotheses, after.hypotheses, strict=True)
    return [best(i, old, new) for i, (old, new) in enumerate(pairs, start=1)]


def _best_suggestions(before: Draft, after: Draft, standing: DraftStanding) -> list[DraftSuggestion]:
    def best(i: int, old: DraftSuggestion, new: DraftSuggestion) -> DraftSuggestion:
        fell = standing.fell([f"{TRY}{i}.{part}" for part in PARTS[TRY]], [old.measure, *old.claim_ids])
        return old if fell else new

    pairs = enumerate(zip(before.suggestions, after.suggestions, strict=False), start=1)
    told = [best(i, old, new) for i, (old, new) in pairs]
    return [*told, *after.suggestions[len(told) :]]


def _best_gaps(before: Draft, after: Draft, standing: DraftStanding) -> list[DraftGap]:
    told = [
        old if new.text and standing.fell([f"{GAP}{i}"], old.claim_ids) else new
        for i, (old, new) in enumerate(zip(before.not_known, after.not_known, strict=False), start=1)
    ]
    return [*told, *after.not_known[len(told) :]]
