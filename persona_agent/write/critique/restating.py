"""Double entry: a critic writes a measure from a claim's text alone, and both measures must give the same.

In: claims in somebody's own words. Out: a request without lines, numbers or the writer's measures; and from its answer,
which claims say what they measure. Promises: ids tell nothing of who wrote a text; one text of each call is code's own,
and an answer that misses it is worth nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import UsageError
from ...evidence import Unwritable, evaluate, measure_from, truthfulness, verdict
from ...models.base import Request
from ...models.prompts import enclose, load_prompt
from ...schema import Claim, Measure, Restated, Restatement, Says, Truthfulness
from ...words.wording import printed
from . import canaries
from .deciding import CritiqueContext

BLANKS = {"{value}": "▢", "{matched}": "▢", "{raw}": "▢", "{n}": "▢"}
MAX_TOKENS = 6_000  # of an answer; the recorded runs took 320 on average, and a model that thinks needs room
NONE = "the text states nothing that can be measured"


@dataclass(frozen=True)
class Restating:
    """One call: the texts by neutral id, which draft claim each is, and which is the canary."""

    request: Request
    asked: Mapping[str, str]
    canary: str | None
    known: Measure | None


def restating(context: CritiqueContext, claims: Mapping[str, Claim], attempt: int) -> Restating:
    """The call for these claims (draft id → claim); `attempt` chooses the canary."""
    salt = _hash(*sorted(c.template for c in claims.values()), str(attempt))
    known = canaries.known_text(context, salt, list(claims.values()))
    texts = [(name, claim.template) for name, claim in claims.items()]
    texts += [("", known.template)] if known else []
    texts.sort(key=lambda x: _hash(salt, x[1]))
    ids = {f"t{i}": name for i, (name, _) in enumerate(texts, start=1)}
    items = [{"id": f"t{i}", "text": _blank(text)} for i, (_, text) in enumerate(texts, start=1)]
    data = {"log": context.vocabulary.model_dump(), "called": context.corpus.names.told(), "texts": items}
    request = Request(
        stage="restate",
        subject=context.id,
        messages=(
            ("system", load_prompt("restate").render(measures=load_prompt("measures").text)),
            ("user", enclose(data)),
        ),
        schema=Restatement,
        max_tokens=MAX_TOKENS,
    )
    canary = next((i for i, name in ids.items() if not name), None)
    return Restating(request, {i: name for i, name in ids.items() if name}, canary, known.measure if known else None)


def missed_canary(context: CritiqueContext, call: Restating, answer: Restatement) -> bool:
    """Did the critic get the text wrong whose measure code knows?"""
    if call.canary is None or call.known is None:
        return False
    item = next((i for i in answer.items if i.id == call.canary), None)
    measure = _measure(context, item) if item else None
    return not isinstance(measure, Measure) or differs(context, call.known, measure) is not None


def disagreements(
    context: CritiqueContext, call: Restating, answer: Restatement, claims: Mapping[str, Claim]
) -> dict[str, str | None]:
    """For each draft claim that was answered usably: why its text does not say what it measures, None if it does."""
    found: dict[str, str | None] = {}
    items = {i.id: i for i in answer.items}
    twice = {i.id for i in answer.items if sum(x.id == i.id for x in answer.items) > 1}
    for neutral, name in call.asked.items():
        item = items.get(neutral)
        measure = _measure(context, item) if item and neutral not in twice else ""
        own = claims[name].measure
        if isinstance(measure, str):
            continue  # not answered, or with a measure that cannot be run: asked again, then an error
        if own is None:
            found[name] = None
        elif measure is None:
            found[name] = NONE
        else:
            found[name] = differs(context, own, measure)
    return found


def denials(call: Restating, answer: Restatement) -> dict[str, str]:
    """What each text's denial would say, by draft claim."""
    return {call.asked[i.id]: i.denial for i in answer.items if i.id in call.asked and i.denial.strip()}


def differs(context: CritiqueContext, own: Measure, other: Measure) -> str | None:
    """Why two measures do not agree: another verdict, or another value as printed; None if they do."""
    one, two = _result(context, own), _result(context, other)
    if one.label != two.label:
        return f"read from its text alone it is {two.label} ({two.reason}), its measure is {one.label}"
    if printed(own, one.value) != printed(other, two.value):
        return f"read from its text alone it comes to {printed(other, two.value)}, its measure to {printed(own, one.value)}"
    return None


def _result(context: CritiqueContext, measure: Measure) -> Truthfulness:
    measured = evaluate(context.corpus, measure, context.population)
    if measure.says.comparator == "about" and measured.value is not None:
        measure = measure.model_copy(update={"says": Says(comparator="about", value=measured.value)})
    return truthfulness(measured, *verdict(measure, measured, context.floor))


def _measure(context: CritiqueContext, item: Restated) -> Measure | str | None:
    """The critic's measure, None if it says that there is none, "" if it cannot be run."""
    if item.measure is None:
        return None
    try:
        measure = measure_from(item.measure, context.vocabulary)
        evaluate(context.corpus, measure, context.population)
    except (Unwritable, UsageError):
        return ""
    return measure


def _blank(text: str) -> str:
    for slot, blank in BLANKS.items():
        text = text.replace(slot, blank)
    return text


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
