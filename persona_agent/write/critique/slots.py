"""Everything that a model wrote for a card, text by text: its numbers filled in, and what code has against it.

In: a draft, the claims as decided. Out: its texts by place, each with its kind; their words with figures, what may not stand and
what a reader should look at. Promises: there is no text of a draft that is not listed here; a slot or a claim that nothing bears
is wrong; nothing is guessed from the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ...schema import Claim, Draft, DraftGuess, DraftSentence, DraftSuggestion
from ...words.english.grammar import called_here
from ...words.sentences import examine, examine_open
from ...words.wording import SLOT, claim_values, fill, renamed, size_values
from .deciding import CritiqueContext

GONE = "it rests on a claim that does not stand"
FROM_NOTHING = "it names no claim"

TextKind = Literal["name", "motto", "sentence", "claim", "guess", "suggestion", "gap", "misreading"]
OF_THE_LOG: frozenset[TextKind] = frozenset(
    {"name", "motto", "sentence", "claim", "misreading"}
)  # what they say, or deny, follows from claims
NAMES_A_CLAIM: frozenset[TextKind] = frozenset(
    {"name", "motto", "guess", "suggestion", "misreading"}
)  # a sentence may speak of the size alone


@dataclass(frozen=True)
class Text:
    """A text of a model's: what it is, its words with slots, and the claims of the draft that it names."""

    kind: TextKind
    template: str
    claim_ids: tuple[str, ...]


@dataclass(frozen=True)
class FilledText:
    """A text with its numbers: what may not stand, and what its reader should look at."""

    text: str
    wrong: list[str]
    look_at: list[str]


def texts_of(draft: Draft) -> dict[str, Text]:
    """All texts of a draft by place but its claims' own: label, one_liner, s1…, unfit, h1.text, h1.rival, h1.test…, try1.text,
    try1.whom, try1.stop…, gap1…; a dropped one (empty) is left out.
    """
    return {place: text for place, text in _all(draft) if text.template.strip()}


def all_texts_stand(places: Mapping[str, object], part: str) -> bool:
    """Do all texts of a guess (`h1`) or of a suggestion (`try1`) stand? One that lost a part would mislead."""
    parts = ("text", "whom", "stop") if part.startswith("try") else ("text", "rival", "test")
    return all(f"{part}.{p}" in places for p in parts)


def fill_text(
    context: CritiqueContext,
    text: Text,
    claims: Mapping[str, Claim],
    names: Mapping[str, str],
    *,
    by_code: bool = False,
) -> FilledText:
    """The text with its numbers, and what code has against its words; of words `by_code`, only slots and claims that are gone."""
    unknown = [c for c in text.claim_ids if c not in claims]
    if unknown:
        return FilledText(text.template, [f"it rests on {', '.join(unknown)}, which the card does not claim"], [])
    fallen = [c for c in text.claim_ids if claims[c].status == "withdrawn"]
    if fallen:
        return FilledText(text.template, [f"{GONE}: {', '.join(fallen)}"], [])
    if not by_code and not text.claim_ids and text.kind in NAMES_A_CLAIM:
        return FilledText(text.template, [FROM_NOTHING], [])
    own, called = [claims[c] for c in text.claim_ids], context.corpus.names
    if text.kind not in OF_THE_LOG:
        if by_code:
            return FilledText(renamed(text.template, called), [], [])
        found = examine_open(text.template, own, names=context.dossier.acts, called=called, guess=text.kind == "guess")
        return FilledText(renamed(text.template, called), found.wrong, found.look_at)
    values = size_values(context.dossier.size) | {k: v for c in own for k, v in claim_values(c).items()}
    template = renamed(rename_slots(text.template, names), called)
    missing = sorted({s for s in SLOT.findall(template) if s not in values or "." not in s})
    if missing:
        return FilledText(template, [f"the slots {', '.join(missing)} are none of its claims'"], [])
    said = fill(template, values)
    if by_code:
        return FilledText(said, [], [])
    found = examine(said, own, context.dossier.size, names=context.dossier.acts, called=called)
    return FilledText(said, found.wrong, found.look_at)


def supporting_texts(text: Text, claims: Mapping[str, Claim]) -> tuple[str, ...]:
    return tuple(claims[c].text for c in text.claim_ids if c in claims)


def size_text(context: CritiqueContext) -> str:
    """How large the group is, and what its users and their visits are called, as a fact that any text may rest on."""
    told = size_values(context.dossier.size)
    said = f"The group has {told['size.users']} users, {told['size.share_users']} of all"
    said = f"{said}, with {told['size.share_activity']} of all activity"
    value = told["size.share_value"]
    said = f"{said}." if value == "unknown" else f"{said} and {value} of the value."
    return f"{said}{called_here(context.corpus.names.nouns)}"


def rename_slots(template: str, names: Mapping[str, str]) -> str:
    """Slots of the draft's ids as slots of the persona's."""

    def rename(slot: str) -> str:
        head, _, tail = slot.partition(".")
        return f"{names[head]}.{tail}" if head in names else slot

    return SLOT.sub(lambda m: "{" + rename(m.group(1)) + "}", template)


def _all(draft: Draft) -> Iterator[tuple[str, Text]]:
    yield "label", _said("name", draft.label)
    yield "one_liner", _said("motto", draft.one_liner)
    yield from ((f"s{i}", _said("sentence", s)) for i, s in enumerate(draft.narrative, start=1))
    yield "unfit", _said("misreading", draft.unfit)
    for i, guess in enumerate(draft.hypotheses, start=1):
        yield from ((f"h{i}.{part}", text) for part, text in _guess(guess))
    for i, suggestion in enumerate(draft.suggestions, start=1):
        yield from ((f"try{i}.{part}", text) for part, text in _suggestion(suggestion))
    yield from ((f"gap{i}", Text("gap", g.text, tuple(g.claim_ids))) for i, g in enumerate(draft.not_known, start=1))


def _said(kind: TextKind, sentence: DraftSentence) -> Text:
    return Text(kind, sentence.template, tuple(sentence.claim_ids))


def _guess(guess: DraftGuess) -> Iterator[tuple[str, Text]]:
    told = {"text": guess.text, "rival": guess.test.rival, "test": guess.test.how_to_test}
    yield from ((part, Text("guess", words, tuple(guess.rests_on))) for part, words in told.items())


def _suggestion(suggestion: DraftSuggestion) -> Iterator[tuple[str, Text]]:
    """What is watched is a claim that it rests on."""
    claims = tuple(dict.fromkeys([*suggestion.claim_ids, suggestion.measure]))
    told = {"text": suggestion.text, "whom": suggestion.whom, "stop": suggestion.stop}
    yield from ((part, Text("suggestion", words, claims)) for part, words in told.items())
