"""Claims, sentences and findings of a finished run counted again over those who stay, after somebody was forgotten.

In: what stands in the run, on a corpus without them. Out: the same anew; what is no longer so is withdrawn and says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..evidence import (
    AskedHabit,
    Corpus,
    PartOfUsers,
    Population,
    against,
    concentrations,
    judge_measured,
    recounted_habits,
    replicate,
    told_tenth,
    unplaced,
)
from ..groups.saving import GROUPS, load_groups
from ..options import DEFAULT_MIN_CLAIM_USERS
from ..report.cited import LineKey, key
from ..report.finishing import FINDINGS
from ..schema import EVERYONE, Claim, Findings, HabitBeside, PersonaSet, Says, Sentence, Size, Withdrawal
from ..schema.faces import HabitFact
from ..store import Store
from ..words.wording import claim_values, fill, size_values
from ..write.critique import objection
from ..write.held_fields import held_again
from ..write.states import withdraw


def claim_again(corpus: Corpus, claim: Claim, population: Population, gone: Collection[LineKey]) -> Claim:
    """The claim over those who stay; withdrawn where it falls below its floor, or is no longer so."""
    if claim.measure is None:
        left = without_forgotten(claim, gone)
        return left if left.citations or corpus.staff else _fallen(left, "none of its lines is left")
    measure = claim.measure
    judged = judge_measured(corpus, measure, population)
    value = judged.truthfulness.value
    if measure.says.comparator == "about" and value is not None:
        measure = measure.model_copy(update={"says": Says(comparator="about", value=float(f"{value:.3g}"))})
        judged = judge_measured(corpus, measure, population)
    made = claim.model_copy(
        update={
            "measure": measure,
            "citations": judged.citations,
            "counter": against(corpus, measure, judged.measured, population) if judged.citations else None,
            "alignment": judged.alignment,
            "truthfulness": judged.truthfulness,
            "information_bits": judged.information_bits,
            "replication": claim.replication
            if population.group == EVERYONE
            else replicate(corpus, measure, population, DEFAULT_MIN_CLAIM_USERS),
        }
    )
    why = objection(made.truthfulness, made.alignment, DEFAULT_MIN_CLAIM_USERS)
    made = made.model_copy(update={"text": fill(claim.template, claim_values(made))})
    return _fallen(made, str(why)) if why else made


def _fallen(claim: Claim, why: str) -> Claim:
    return withdraw(claim, Withdrawal(label="forgotten", why=why), earlier=claim.rounds)


def without_forgotten(claim: Claim, gone: Collection[LineKey]) -> Claim:
    counter = claim.counter
    if counter:
        counter = counter.model_copy(update={"lines": [c for c in counter.lines if key(c) not in gone]})
    cited = [c for c in claim.citations if key(c) not in gone]
    return claim.model_copy(update={"citations": cited, "counter": counter})


def sentence_again(sentence: Sentence, kept: Sequence[Claim], size: Size) -> Sentence | None:
    """The sentence with its figures anew; None if a claim that it rests on fell."""
    values: dict[str, str] = {**size_values(size)}
    for claim in kept:
        values |= {k: v for k, v in claim_values(claim).items() if "." in k}
    if not set(sentence.claim_ids) <= {c.id for c in kept}:
        return None
    return sentence.model_copy(update={"text": fill(sentence.template, values)})


def found_again(store: Store, corpus: Corpus, groups: Mapping[str, int]) -> Findings:
    """What piles up, steps or changes, counted again in the same fields and parts of the users; findings.json with it. `groups`
    by the ids of their personas.
    """
    before = Findings.model_validate(store.read_json(FINDINGS))
    found = concentrations_again(corpus, before, groups)
    store.write_text(FINDINGS, found.model_dump_json(indent=1) + "\n")
    return found


def visits_drawn_by(store: Store) -> tuple[list[str], str | None]:
    """The amounts and the category by which the visits of cards were chosen; the amounts alone where the groups of the run went
    when somebody was forgotten before.
    """
    if store.path(GROUPS).is_file():
        groups = load_groups(store)
        return groups.amounts, groups.category
    return _amounts(Findings.model_validate(store.read_json(FINDINGS))), None


def concentrations_again(corpus: Corpus, before: Findings, groups: Mapping[str, int]) -> Findings:
    """What is not smooth, in the same fields and parts of the users."""
    return concentrations(corpus, _amounts(before), groups, _parts(before))


def _parts(found: Findings) -> list[PartOfUsers]:
    """The parts of the users among whom something was seen to pile up or not, each once."""
    rows = (row for c in found.concentrations for row in c.among)
    parts = [PartOfUsers(row.field, row.said, row.measure) for row in rows if row.field and row.measure]
    return list({part.said: part for part in parts}.values())


def _amounts(found: Findings) -> list[str]:
    return [f.removeprefix("properties.") for f in found.fields if f != "value"]


def of_all_again(corpus: Corpus, personas: PersonaSet, groups: Mapping[str, int]) -> dict[str, Any]:
    """Where what is brought in comes from, who is in no group, and what is kept beside personas, over those who stay; `groups` by
    the ids of their personas.
    """
    placed = [groups[p.id] for p in personas.personas if p.id in groups]
    return {
        "top_tenth": told_tenth(corpus) if personas.top_tenth else None,
        "unplaced": unplaced(corpus, placed) if personas.unplaced else None,
        "habits": habits_again(corpus, personas) or None,
        "held": held_again(corpus, personas.held or [], groups) or None,
    }


def habits_again(corpus: Corpus, personas: PersonaSet) -> list[HabitBeside]:
    """The habits that a set tells, as they are now, in the words that they have; without those that are no longer so."""
    told = personas.habits or []
    asked = [_asked_habit(h, h.more, [_asked_habit(fact) for fact in h.also]) for h in told]
    said = {
        a.key: h.model_dump(include={"id", "name", "card"}) | {"said": h.said} for a, h in zip(asked, told, strict=True)
    }
    return [f.told.model_copy(update=said[f.asked.key]) for f in recounted_habits(corpus, asked)]


def _asked_habit(told: HabitFact, more: bool = True, also: Sequence[AskedHabit] = ()) -> AskedHabit:
    return AskedHabit(told.label, told.unit, told.measure, more, also=tuple(also))
