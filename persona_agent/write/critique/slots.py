"""Sentences of a card: their numbers filled in, and what code has against their words.

In: a drafted sentence, the claims as decided. Out: its text, and problems in plain English. Promises: a slot, a claim or a
word that nothing bears is a problem; nothing is guessed from the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...schema import EVERYONE, Claim, Draft, DraftSentence
from ...words.sentences import problems
from ...words.wording import SLOT, claim_values, fill, renamed, size_values
from .deciding import CritiqueContext

GONE = "it rests on a claim that does not stand"


def sentences_of(draft: Draft) -> dict[str, DraftSentence]:
    """The sentences of a draft by place: label, one_liner, s1, s2…; a dropped one (empty) is left out."""
    told = {f"s{i}": s for i, s in enumerate(draft.narrative, start=1)}
    return {k: s for k, s in {"label": draft.label, "one_liner": draft.one_liner, **told}.items() if s.template}


def fill_sentence(
    context: CritiqueContext, sentence: DraftSentence, claims: Mapping[str, Claim], names: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The sentence with its numbers, and what code has against its words."""
    unknown = [c for c in sentence.claim_ids if c not in claims]
    if unknown:
        return sentence.template, [f"it rests on {', '.join(unknown)}, which the card does not claim"]
    fallen = [c for c in sentence.claim_ids if claims[c].status == "withdrawn"]
    if fallen:
        return sentence.template, [f"{GONE}: {', '.join(fallen)}"]
    own = [claims[c] for c in sentence.claim_ids]
    values = size_values(context.dossier.size) | {k: v for c in own for k, v in claim_values(c).items()}
    template = renamed(rename_slots(sentence.template, names), context.corpus.names)
    missing = sorted({s for s in SLOT.findall(template) if s not in values or "." not in s})
    if missing:
        return template, [f"the slots {', '.join(missing)} are none of its claims'"]
    text = fill(template, values)
    if context.dossier.group == EVERYONE and not own:
        return text, []
    called = context.corpus.names
    return text, problems(text, own, context.dossier.size, names=context.dossier.acts, called=called)


def supporting_texts(sentence: DraftSentence, claims: Mapping[str, Claim]) -> tuple[str, ...]:
    return tuple(claims[c].text for c in sentence.claim_ids if c in claims)


def rename_slots(template: str, names: Mapping[str, str]) -> str:
    """Slots of the draft's ids as slots of the persona's."""

    def rename(slot: str) -> str:
        head, _, tail = slot.partition(".")
        return f"{names[head]}.{tail}" if head in names else slot

    return SLOT.sub(lambda m: "{" + rename(m.group(1)) + "}", template)
