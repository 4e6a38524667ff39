"""What a writer is asked for a card, and when its answer can be used at all.

In: what stands in the log, a dossier; later a draft with what failed. Out: requests, and what makes an answer unusable as a
whole. Promises: nothing that changes from run to run is in a prompt; what is the same for all groups comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...models.base import Request
from ...models.prompts import enclose, load_prompt
from ...schema import Dossier, Draft, DraftClaim, Names, Revision
from .data_blocks import MAX_CHARS, PER_TOKEN, Figures, by_value, group_block

MAX_TOKENS = 8_000  # of an answer; the recorded drafts took 1,100 on average, and a model that thinks needs room
MAX_CLAIMS = 24  # of a card; more are not read, and each has to be judged
MAX_SUGGESTIONS = 2  # of which one is told: the other is for an editor to whom the first is what another card suggests
MAX_SENTENCES = 6  # of a narrative; a prompt asks for four at most


@dataclass(frozen=True)
class ToldGroup:
    """All that a writer is shown for one card: the `log` and all groups, alike for every card, and the group's own dossier with
    the figures of all groups and the change from which on `trials` would show it, by claim; `subject` is the persona's id,
    `context` how many tokens the model holds, None for enough. Where
    questions were `asked` before, a writer has what it wanted to know, and is not told how a measure is written.
    """

    log: Mapping[str, Any]
    dossier: Dossier
    names: Names
    figures: Figures
    trials: Mapping[str, str]
    subject: str
    context: int | None = None
    asked: bool = False


@dataclass(frozen=True)
class Finding:
    """What fell: the id of a claim or the place of a text, its words, and what is wrong with them."""

    place: str
    text: str
    wrong: str


def draft_request(told: ToldGroup) -> Request:
    """The one call that drafts a persona."""
    opening, cut = _opening(told)
    return Request("draft", told.subject, opening, Draft, MAX_TOKENS, cut=cut)


def revise_request(told: ToldGroup, draft: Draft, findings: Sequence[Finding], standing: Mapping[str, str]) -> Request:
    """The call that mends a draft: what failed, and the claims that stand, by id, as a card prints them."""
    listed = "\n".join(f"- {f.place}: “{f.text}” — {f.wrong}" for f in findings)
    stand = "\n".join(f"- {i}: {text}" for i, text in standing.items()) or "- none"
    opening, cut = _opening(told)
    messages = (
        *opening,
        ("assistant", draft.model_dump_json()),
        ("user", load_prompt("revise").render(findings=listed, standing=stand)),
    )
    return Request("revise", told.subject, messages, Revision, MAX_TOKENS, cut=cut)


def check_draft(draft: Draft) -> list[str]:
    """What makes a draft unusable as a whole; what is wrong with one claim or sentence is for the critique to say."""
    problems = _ids(draft.claims)
    if not draft.claims:
        problems.append("claims: a card needs claims")
    if len(draft.claims) > MAX_CLAIMS:
        problems.append(f"claims: {len(draft.claims)} are too many, {MAX_CLAIMS} at most")
    if not draft.label.template.strip() or not draft.one_liner.template.strip():
        problems.append("label and one_liner must not be empty")
    known = {c.id for c in draft.claims}
    missing = [i for i in draft.bars if i not in known]
    if missing:
        problems.append(f"bars: {', '.join(missing)} must stand among the claims")
    if len(draft.suggestions) > MAX_SUGGESTIONS:
        problems.append(f"suggestions: {len(draft.suggestions)} are too many, {MAX_SUGGESTIONS} at most")
    unknown = [s.measure for s in draft.suggestions if s.measure not in known]
    problems += [f"suggestions: the measure {i!r} must stand among the claims" for i in unknown]
    return problems


def check_revision(revision: Revision) -> list[str]:
    return _ids(revision.claims)


def _opening(told: ToldGroup) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What does not change first, so that a provider's prompt cache can serve it: rules, the log, then the group; and what of the
    group was left out because the model holds too little.
    """
    own, measures = ("", "") if told.asked else (load_prompt("own").text.strip(), load_prompt("measures").text)
    rules = load_prompt("draft").render(own=own, measures=measures).rstrip() + "\n"
    if told.dossier.question:
        rules = f"{rules}\n\n{load_prompt('question').text}"
    chars = MAX_CHARS if told.context is None else min(MAX_CHARS, told.context * PER_TOKEN)
    group = group_block(told.dossier, told.names, told.figures, told.trials, told.subject, chars)
    left_out = len(by_value(told.dossier)) - len(group["claims"])
    cut = (f"{told.subject} was drafted without {left_out} of its claims",) if left_out and chars < MAX_CHARS else ()
    return (("system", rules), ("user", f"{enclose(told.log)}\n\n{enclose(group)}")), cut


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
