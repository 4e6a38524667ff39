"""A critic's calls: asked once more where a canary was missed or an answer is wanting, then what is left is an error.

In: a critic, what to ask. Out: answers by claim and by place, and why there is none for the rest. Promises: what a critic did not
answer is never a pass; a critic that misses a canary decides nothing; an answer that was of no use is not taken from the ledger
again where what it was asked is left open.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from ...errors import OutputError, ProviderError
from ...models.ask import Asker
from ...models.base import Embed, Provider, Request
from ...schema import Claim, Restatement, Verdicts
from . import judging, restating
from .deciding import CritiqueContext
from .judging import CriticsMaterial, LineToJudge
from .texts import TextToRead

TRIES = 2  # a call whose canary is missed, and ids that are missing, are asked for once more
NO_ANSWER = "the critic gave no usable answer"
UNREAD = "nobody has read it"


@dataclass(frozen=True)
class Critic:
    """Who judges, and how texts are compared when lines are looked up."""

    provider: Provider
    asker: Asker
    embed: Embed


@dataclass
class RestatementChecks:
    """By draft id: why a text does not say what it measures (None if it does), its denial; `error`: why others have none."""

    differs: dict[str, str | None] = field(default_factory=dict)
    denials: dict[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass
class Judgements:
    """Lines with their verdicts by draft id, objections to texts by place; `error` says why others have none."""

    lines: dict[str, list[tuple[LineToJudge, str]]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    error: str = ""


async def read_texts(
    critic: Critic, bench: CriticsMaterial, texts: Mapping[str, TextToRead], read: MutableMapping[str, list[str]]
) -> dict[str, list[str]]:
    """What stands against each text, by place; nothing where it may stand. `read` holds what was read before, by the text's key,
    and takes what is read now: the same words on the same facts are never read again. What nobody read may not stand.
    """
    new = {text.key: text for text in texts.values() if text.key not in read}
    found = await judge(critic, bench, {}, new)
    read.update(found.texts)
    return {place: read.get(text.key, [f"{UNREAD}: {found.error}"]) for place, text in texts.items()}


async def judge(
    critic: Critic,
    bench: CriticsMaterial,
    claims: Mapping[str, tuple[Claim, Sequence[LineToJudge]]],
    texts: Mapping[str, TextToRead],
) -> Judgements:
    """Verdicts on the lines of claims without a measure, and on texts."""
    found = Judgements()
    unread, left = dict(claims), dict(texts)
    useless: list[Request] = []
    why = NO_ANSWER
    for attempt in range(TRIES):
        if not unread and not left:
            break
        call = judging.judging(bench, unread, left, attempt)
        if left and not call.reading.canaries:
            why = "there is no fact to try a critic with"
            break
        try:
            answer: Verdicts = await critic.asker.ask(critic.provider, call.request)
        except ProviderError as error:
            why = unless_fatal(error)
            break
        if judging.missed_canary(call, answer):
            why = "the critic got something wrong whose answer is known, twice"
            useless.append(call.request)
            continue
        found.lines |= judging.line_verdicts(call, answer)
        found.texts |= call.reading.objections(answer.texts)
        unread = {i: c for i, c in unread.items() if i not in found.lines}
        left = {place: t for place, t in left.items() if place not in found.texts}
        why = NO_ANSWER
        useless += [call.request] if unread or left else []
    if unread or left:  # the run is partial: another will ask, not read the same again
        critic.asker.refuse(critic.provider, *useless)
        found.error = why
    return found


async def restate(context: CritiqueContext, critic: Critic, drafted: Mapping[str, Claim]) -> RestatementChecks:
    """Double entry for every drafted claim; claims without a measure are asked for their denials alone."""
    left, found = dict(drafted), RestatementChecks()
    useless: list[Request] = []
    why = NO_ANSWER
    for attempt in range(TRIES):
        if not left:
            break
        call = restating.restating(context, left, attempt)
        try:
            answer: Restatement = await critic.asker.ask(critic.provider, call.request)
        except ProviderError as error:
            why = unless_fatal(error)
            break
        if restating.missed_canary(context, call, answer):
            why = "the critic misread a text whose measure is known, twice"
            useless.append(call.request)
            continue
        found.differs |= restating.disagreements(context, call, answer, left)
        found.denials |= restating.denials(call, answer)
        left = {i: c for i, c in left.items() if i not in found.differs}
        why = NO_ANSWER
        useless += [call.request] if left else []
    if left:
        critic.asker.refuse(critic.provider, *useless)
        found.error = why
    return found


def unless_fatal(error: ProviderError) -> str:
    """One refused request costs what it asked about; a wrong key costs the run."""
    if error.fatal or error.code == "recording":
        raise error
    return (
        NO_ANSWER if isinstance(error, OutputError) else f"the critic could not be asked: {error.message}".rstrip(".")
    )
