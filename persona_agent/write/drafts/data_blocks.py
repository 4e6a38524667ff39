"""What a writer sees of a group: its dossier as a prompt shows it.

In: a dossier, and the figures of all groups. Out: plain data for a prompt. Promises: it is cut to a budget by what its claims
tell, never by where they stand; figures of others stand only where a sentence may use them; what is refuted is listed once,
apart, and is offered in no other form; nothing that changes from run to run is in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...evidence import compares, question
from ...ids import canonical_json
from ...schema import Dossier, Measure, Names, ProposedClaim, Vocabulary
from ...words.english.asked_labels import any_reading
from ...words.english.readings import reading
from ...words.english.said_measures import said_measure
from ...words.told_results import told_figure, told_others
from ...words.wording import claim_values, fill, percent, renamed, size_values
from ..nearness import near_habit

MAX_CHARS = 24_000  # of a dossier in a prompt, about 6,000 tokens: 45 claims with the figures of six groups
PER_TOKEN = (
    0.5  # characters of a dossier for each token that a model holds: an eighth of it, as rules and schema take half
)
ALIKE = 0.6  # correlation from which two claims are much the same people
ALIKE_OTHERS = 15  # claims that tell this group from nobody: enough to say what is as elsewhere
FEWEST_FIGURES = 2  # groups beside which a figure tells something
Figures = Mapping[str, Mapping[str, str]]  # of every group, by `key_of` a measure


def told_log(vocabulary: Vocabulary, names: Names, about: str | None) -> dict[str, Any]:
    """What the product is `about`, what stands in the log, and what it is called: the same for all groups of a run."""
    product = {"product": about} if about else {}
    return {**product, **({"names": told} if (told := names.told()) else {}), "log": vocabulary.model_dump()}


def told_of(claim: ProposedClaim, names: Names) -> dict[str, Any]:
    """A claim's fact in plain words, and what its figure is of."""
    told = reading(claim.measure, names)
    if told is None:
        plain, bar = said_measure(claim.measure, names), any_reading(claim.measure, names)
        return {"what": plain.said, "of": plain.of, "bar": " ".join(filter(None, [bar.label, bar.unit]))}
    return {"what": told.label, **({"of": told.unit} if told.unit else {})}


def group_block(
    dossier: Dossier,
    names: Names,
    figures: Figures,
    trials: Mapping[str, str],
    subject: str,
    chars: float = MAX_CHARS,
) -> dict[str, Any]:
    """The second data block of a draft. `figures` are those of all groups by a claim's question, `trials` the change from which
    on a trial would show it by a claim's id, `subject` is this group's id.
    """
    size = size_values(dossier.size)
    base: dict[str, Any] = {
        "id": subject,
        "what": dossier.noun,
        "size": {k.removeprefix("size."): v for k, v in size.items() if v != "unknown"},
        "sorted_by": dossier.formed_by,
        "comes_for": [
            {"what": dossier.intent_labels.get(i.intent, "mixed"), "share": percent(i.share)}
            for i in dossier.intents[:8]
        ],
        "visit": dossier.told.model_dump(exclude_none=True) if dossier.told else None,
        "lines": [line.model_dump(exclude_none=True) for line in dossier.lines],
        "never_say": _refuted(dossier, names),
    }
    if dossier.question:
        base["question"] = {"text": dossier.question, "claims": dossier.asked}
    left = chars - len(canonical_json(base))
    rows: list[dict[str, Any]] = []
    shown: list[str] = []
    alike = {frozenset((r.one, r.other)) for r in dossier.related if r.overlap >= ALIKE}
    for c in (c for c in by_value(dossier) if not _same_everywhere(c, figures)):
        row = _row(c, names, figures, subject)
        twin = next((s for s in shown if frozenset((s, c.id)) in alike), None)
        row |= {"like": twin} if twin else {}
        row |= {"trial": trials[c.id]} if c.id in trials else {}
        left -= len(canonical_json(row)) + 1
        if left < 0:
            break
        rows.append(row)
        shown.append(c.id)
    base["claims"] = rows
    return base


def _same_everywhere(c: ProposedClaim, figures: Figures) -> bool:
    """Is it as with others in every group, to the last digit? Of such a fact no name lets anybody expect otherwise."""
    everywhere = figures.get(key_of(c.measure), {})
    return c.measure.says.alike and len(everywhere) >= FEWEST_FIGURES and len({*everywhere.values()}) == 1


def key_of(measure: Measure) -> str:
    """One for all claims that have the same figure in a group."""
    return f"{question(measure)} {compares(measure)}"


def sets_apart(claim: ProposedClaim) -> bool:
    """Does it surely tell the group from others? Only then may a sentence hold it against them."""
    return claim.withdrawal is None and claim.measure.says.sets_apart


def by_value(dossier: Dossier) -> list[ProposedClaim]:
    """Candidates in the order of what they tell: what was asked, what sets the group apart, some of what does not.

    Of the last, what a visit is worth is first, by which trials are judged, then what is surely as with others, and of that what
    is near what sets them apart: a reader takes the contrary for granted.
    """
    ranked = sorted(
        (c for c in dossier.candidates if c.withdrawal is None),
        key=lambda c: (-(c.information_bits or 0.0), int(c.id[1:])),
    )
    asked = [c for c in ranked if c.id.startswith("q") or c.id in dossier.asked]
    apart = [c for c in ranked if sets_apart(c) and c not in asked]
    near = near_habit(ranked, [c for c in ranked if sets_apart(c)])
    rest = [c for c in ranked if c not in asked and c not in apart]
    rest.sort(key=lambda c: (c.topic.kind != "worth", (-1.0 - near.get(c.id, 0.0)) if c.measure.says.alike else 0.0))
    return [*asked, *apart, *rest[:ALIKE_OTHERS]]


def _row(c: ProposedClaim, names: Names, figures: Figures, subject: str) -> dict[str, Any]:
    row = {"id": c.id, **told_of(c, names)}
    row["here"] = told_figure(c.measure, c.truthfulness)
    elsewhere = {g: f for g, f in figures.get(key_of(c.measure), {}).items() if g != subject}
    if not c.measure.says.compares:
        return row
    row["others"] = told_others(c.measure, c.truthfulness)
    if c.measure.says.alike:
        return {**row, "alike": True}
    if len(elsewhere) >= FEWEST_FIGURES:
        row["groups"] = elsewhere
    return {**row, "apart": True}


def _refuted(dossier: Dossier, names: Names) -> list[str]:
    """What looks true and is not, in words; a question that a standing claim answers is not among it."""
    offered = {question(c.measure) for c in dossier.candidates if c.withdrawal is None}
    fallen: Sequence[ProposedClaim] = [c for c in dossier.candidates if c.withdrawal]
    return [renamed(fill(c.template, claim_values(c)), names) for c in fallen if question(c.measure) not in offered]
