"""What a writer is asked, and how its answers become a draft.

In: a dossier, what stands in the log; later a draft with what failed. Out: requests, and the draft that a revision makes
of another. Promises: the dossier is cut to a budget by what its claims tell, never by where they stand; what passed is
locked, whatever a revision says; nothing that changes from run to run is in a prompt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...ids import canonical_json
from ...models.base import Request
from ...models.prompts import enclose, load
from ...schema import Dossier, Draft, DraftClaim, DraftSentence, ProposedClaim, RevisedSentence, Revision, Vocabulary
from ...words.wording import percent, printed, size_values

MAX_CHARS = 16_000  # of a dossier in a prompt, about 4,000 tokens
PER_TOKEN = (
    0.5  # characters of a dossier for each token that a model holds: an eighth of it, as rules and schema take half
)
MAX_TOKENS = 8_000  # of an answer; the recorded drafts took 1,100 on average, and a model that thinks needs room
MAX_CLAIMS = 24  # of a card; more are not read, and each has to be judged
MAX_SENTENCES = 10  # of a narrative
MAX_QUESTIONS = 3  # a round, so that a prompt stays short
# Claims that a writer sees whatever they tell, so that no side of behaviour is cut off by the budget.
OF_EACH_FACET = 3
ALIKE = 0.6  # correlation from which two claims are much the same people


def draft_request(dossier: Dossier, vocabulary: Vocabulary, subject: str, context: int | None = None) -> Request:
    """The one call that drafts a persona; `context`: tokens that the model holds, None for enough."""
    return Request("draft", subject, _opening(dossier, vocabulary, context), Draft, MAX_TOKENS)


def revise_request(
    dossier: Dossier,
    vocabulary: Vocabulary,
    subject: str,
    draft: Draft,
    findings: Sequence[tuple[str, str, str]],
    answers: Sequence[str],
    context: int | None = None,
) -> Request:
    """The call that mends a draft: `findings` are (id or place, text, what is wrong), `answers` those to its questions."""
    listed = "\n".join(f"- {place}: “{text}” — {wrong}" for place, text, wrong in findings)
    if answers:
        listed += "\n\nAnswers to your questions:\n" + "\n".join(f"- {a}" for a in answers)
    said = draft.model_copy(update={"questions": []}).model_dump_json()
    messages = (
        *_opening(dossier, vocabulary, context),
        ("assistant", said),
        ("user", load("revise").render(findings=listed)),
    )
    return Request("revise", subject, messages, Revision, MAX_TOKENS)


def check_draft(draft: Draft) -> list[str]:
    """What makes a draft unusable as a whole; what is wrong with one claim or sentence is for the critique to say."""
    problems = _ids(draft.claims)
    if not draft.claims:
        problems.append("claims: a card needs claims")
    if len(draft.claims) > MAX_CLAIMS:
        problems.append(f"claims: {len(draft.claims)} are too many, {MAX_CLAIMS} at most")
    if not draft.label.template.strip() or not draft.one_liner.template.strip() or not draft.narrative:
        problems.append("label, one_liner and narrative must not be empty")
    return problems


def check_revision(revision: Revision) -> list[str]:
    return _ids(revision.claims)


def apply_revision(draft: Draft, revision: Revision, standing: Collection[str], failing: Collection[str]) -> Draft:
    """The draft with what the revision changed of its failing claims and sentences; `standing` claims stay as they are."""
    new = {c.id: c for c in revision.claims if c.id not in standing}
    dropped = set(revision.dropped) - set(standing)
    claims = [new.pop(c.id, c) for c in draft.claims if c.id not in dropped or c.id in new]
    claims = [*claims, *new.values()][:MAX_CLAIMS]
    changes = {s.place: s for s in revision.sentences if s.place in failing}
    told = [_changed(s, changes.get(f"s{i}")) for i, s in enumerate(draft.narrative, start=1)]
    added = [s for s in revision.sentences if s.place not in changes and s.place.startswith("s") and s.template]
    first_new = len(told) + 1
    told += [_changed(None, s) for s in added if s.place[1:].isdigit() and int(s.place[1:]) >= first_new]
    kept = {c.id for c in claims}
    return draft.model_copy(
        update={
            "claims": claims,
            "label": _changed(draft.label, changes.get("label")),
            "one_liner": _changed(draft.one_liner, changes.get("one_liner")),
            "narrative": told[:MAX_SENTENCES],
            "face": [c for c in draft.face if c in kept],
            "tension": draft.tension if draft.tension in kept else None,
            "questions": revision.questions[:MAX_QUESTIONS],
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


def render_dossier(dossier: Dossier, chars: float = MAX_CHARS) -> dict[str, Any]:
    """The dossier as a prompt shows it, within a budget of characters."""
    size = size_values(dossier.size)
    base: dict[str, Any] = {
        "what": dossier.noun,
        "size": {k.removeprefix("size."): v for k, v in size.items() if v != "unknown"},
        "formed_by": dossier.formed_by,
        "facets": dossier.facets,
        "comes_for": [
            {"what": dossier.intent_labels.get(i.intent, "mixed"), "share": percent(i.share)}
            for i in dossier.intents[:8]
        ],
        "session": dossier.told.model_dump() if dossier.told else None,
        "other_groups": dossier.others,
        "lines": [line.model_dump(exclude_none=True) for line in dossier.lines],
        "refuted": [{"id": c.id, **_figures(c)} for c in dossier.candidates if c.withdrawal],
    }
    if dossier.question:
        base["question"] = {"text": dossier.question, "claims": dossier.asked}
    left = chars - len(canonical_json(base))
    chosen: list[ProposedClaim] = []
    for c in by_value(dossier):
        left -= len(canonical_json(_row(c))) + 1
        if left < 0:
            break
        chosen.append(c)
    ids = {c.id for c in chosen}
    base["claims"] = [_row(c) for c in sorted(chosen, key=lambda c: int(c.id[1:]))]
    base["much_the_same"] = [
        [r.one, r.other] for r in dossier.related if r.overlap >= ALIKE and {r.one, r.other} <= ids
    ]
    return base


def by_value(dossier: Dossier) -> list[ProposedClaim]:
    """Candidates in the order of what they tell: a few of every facet, then the most information first."""
    ranked = sorted(
        (c for c in dossier.candidates if c.withdrawal is None),
        key=lambda c: (-(c.information_bits or 0.0), int(c.id[1:])),
    )
    findings = [c for c in ranked if not c.by_construction]
    first = [c for f in dossier.facets for c in [x for x in findings if x.kind == f][:OF_EACH_FACET]]
    first += [c for c in ranked if c.by_construction][:OF_EACH_FACET]
    asked = [c for c in ranked if c.id in dossier.asked]
    first = [*asked, *(c for c in first if c not in asked)]
    return [*first, *(c for c in ranked if c not in first)]


def _opening(dossier: Dossier, vocabulary: Vocabulary, context: int | None) -> tuple[tuple[str, str], ...]:
    """What does not change first, so that a provider's prompt cache can serve it: rules, the log, then the group."""
    rules = load("draft").render(measures=load("measures").text)
    if dossier.question:
        rules = f"{rules}\n\n{load('question').text}"
    told = render_dossier(dossier, MAX_CHARS if context is None else min(MAX_CHARS, context * PER_TOKEN))
    return (("system", rules), ("user", f"{enclose(vocabulary.model_dump())}\n\n{enclose(told)}"))


def _row(c: ProposedClaim) -> dict[str, Any]:
    row: dict[str, Any] = {"id": c.id, "kind": c.kind, **_figures(c), "bits": round(c.information_bits or 0.0, 2)}
    return {**row, "formed": True} if c.by_construction else row


def _figures(c: ProposedClaim) -> dict[str, Any]:
    r = c.truthfulness
    row = {"text": c.template, "value": printed(c.measure, r.value)}
    return row if r.matched is None else {**row, "others": printed(c.measure, r.matched)}


def _changed(old: DraftSentence | None, new: RevisedSentence | None) -> DraftSentence:
    if new is None:
        return old or DraftSentence(template="", claim_ids=[])
    return DraftSentence(template=new.template, claim_ids=new.claim_ids)


def _ids(claims: Sequence[DraftClaim]) -> list[str]:
    ids = [c.id for c in claims]
    problems = [
        f"claims: {i!r} is no id: c1, c2 … or q1, q2 … of the dossier, or n1, n2 … of your own"
        for i in ids
        if not _is_id(i)
    ]
    return problems + [f"claims: {i!r} is there twice" for i in sorted(set(ids)) if ids.count(i) > 1]


def _is_id(name: str) -> bool:
    return name[:1] in ("c", "q", "n") and name[1:].isdigit()


def list_findings(
    draft: Draft, claims: Mapping[str, tuple[str, str]], sentences: Mapping[str, Sequence[str]]
) -> list[tuple[str, str, str]]:
    """What failed, for a revision: claims (id → text and reason) and sentences (place → what is wrong)."""
    told = {f"s{i}": s.template for i, s in enumerate(draft.narrative, start=1)}
    texts = {"label": draft.label.template, "one_liner": draft.one_liner.template, **told}
    found = [(i, text, reason) for i, (text, reason) in claims.items()]
    return found + [(place, texts[place], "; ".join(wrong)) for place, wrong in sentences.items()]
