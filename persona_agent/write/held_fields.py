"""In which fields of the user (a country, a plan, a device) personas differ, counted once for the first page.

In: a corpus with groups, and fields whose values may be told. Out: `HeldValue`s, those first in which somebody differs most.
Promises: a value is told where FLOOR users hold it and FLOOR do not; a persona is told apart in it as any claim is (cross-placed,
against comparable others), and none where no persona differs by more than chance among so many looks; nothing of people at work,
of the field that groups were made of, or of what the law protects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..evidence import (
    Binder,
    Corpus,
    PartOfUsers,
    Population,
    carried_by_five,
    cross_placed,
    over_whole_log,
    satisfying_users,
    truthfulness,
    verdict,
)
from ..evidence.intervals import Reals
from ..evidence.quantifiers import difference
from ..log.events import property_path
from ..log.sensitive import topics
from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..redaction import looks_like_instruction
from ..schema import Condition, Measure, Says
from ..schema.told_fields import HeldBy, HeldValue
from ..words.english.held_phrases import HeldPhrase, held_phrase
from ..words.english.value_sources import WEIGHS
from ..words.wording import field_words
from .dossiers.held import OF_MOST
from .dossiers.inquiries import users_share
from .dossiers.kinds import far_apart

MOST_ASKED = 6  # values of a field of which no value is that of most users: the commonest. Not tuned
# Standard errors by which a persona must differ for a field to be told. Chance passes 3.5 once in 2,000 looks, and a log of ten
# personas and a few fields is looked at some hundred times: a field that a die filled is told of one log in twenty at most.
SURELY = 3.5
HALF_WIDTH = 1.96  # standard errors from the middle of a 95 % interval to its end


def held_values(corpus: Corpus, names: Sequence[str], groups: Mapping[str, int]) -> list[HeldValue]:
    """What is told of the fields with these names; `groups` by the ids of their personas."""
    if corpus.staff or not groups:
        return []
    found = [
        made for name in names for measure in _asked(corpus, name) if (made := _told(corpus, name, measure, groups))
    ]
    kept = [(told, sure) for told, sure in found if sure >= SURELY or told.weighs]
    return [told for told, _ in sorted(kept, key=lambda k: -k[1])]


def held_again(corpus: Corpus, told: Sequence[HeldValue], groups: Mapping[str, int]) -> list[HeldValue]:
    """The same values counted again; without those that too few hold by now."""
    made = [_told(corpus, value.field, value.measure, groups) for value in told]
    return [again for found in made if found for again in found[:1]]


def parts_of_users(corpus: Corpus, names: Sequence[str]) -> list[PartOfUsers]:
    """Users with these values, in whom something may be looked for that was found in all."""
    if corpus.staff:
        return []
    asked = [(name.removeprefix("properties."), measure) for name in names for measure in _asked(corpus, name)]
    return [PartOfUsers(name, _phrase(corpus, name, measure).among, measure) for name, measure in asked]


def _phrase(corpus: Corpus, name: str, measure: Measure) -> HeldPhrase:
    test = measure.steps[0][0]
    return held_phrase(name, str(test.value[0]), corpus.names, other=test.op == "not_in")


def _asked(corpus: Corpus, name: str) -> Iterator[Measure]:
    """Shares of users with another value than most have, else with each of the commonest ones; of two values with the rarer."""
    name = name.removeprefix("properties.")
    if name == (corpus.made_of or "").removeprefix("properties.") or topics().of(name) is not None:
        return
    binder = Binder()
    sql = f"""
      WITH v AS (SELECT u, mode(json_extract_string(properties, {binder.bind(property_path(name))})) AS value
                 FROM lines GROUP BY u)
      SELECT value, count(*) AS users FROM v WHERE value <> '' GROUP BY value ORDER BY users DESC, value
    """
    rows = [(str(v), int(n)) for v, n in corpus.connection.execute(sql, binder.values).fetchall()]
    most = len(rows) > 2 and rows[0][1] > OF_MOST * sum(n for _, n in rows)
    asked = rows[:1] if most else rows[1:] if len(rows) == 2 else rows[:MOST_ASKED]
    for value, _ in asked:
        if topics().of(value) is None and not looks_like_instruction(value):
            yield users_share([[Condition(field=f"properties.{name}", op="not_in" if most else "is", value=[value])]])


def _told(corpus: Corpus, field: str, measure: Measure, groups: Mapping[str, int]) -> tuple[HeldValue, float] | None:
    """What is told of a value, and by how many standard errors the persona that differs most differs; None of too few users."""
    mask = satisfying_users(corpus, measure, Population())
    users, everyone = int(mask.sum()), len(mask)
    if min(users, everyone - users) < FLOOR:
        return None
    name = field.removeprefix("properties.")
    found = [
        (by, z) for persona, g in groups.items() if (made := _apart(corpus, measure, persona, g)) for by, z in [made]
    ]
    found.sort(key=lambda f: (-f[1], f[0].persona))
    share, worth = users / everyone, _worth(corpus)
    part, weighs = _part_of_value(worth, mask, share)
    told = HeldValue(
        field=name,
        title=field_words(name, corpus.names),
        said=_phrase(corpus, name, measure).said,
        measure=measure,
        users=users,
        share=round(share, 6),
        value=part,
        five=None if part is None else carried_by_five(worth[mask]),
        weighs=weighs,
        apart=[by for by, _ in found],
    )
    return told, max((z for _, z in found), default=0.0)


def _apart(corpus: Corpus, measure: Measure, persona: str, group: int) -> tuple[HeldBy, float] | None:
    """A persona whose share surely differs from that of comparable others, and by how many standard errors."""
    population = Population(group)
    whole = over_whole_log(corpus, measure, population)
    placed = cross_placed(corpus, measure, population, whole)
    gap = difference(placed)
    if whole.parts or gap is None or placed.value is None or placed.other is None or placed.other.value is None:
        return None
    size, (low, high) = gap
    says = Says(comparator="more_than_others" if size > 0 else "less_than_others")
    label, reason = verdict(measure.model_copy(update={"says": says}), placed)
    if label != "true" or not far_apart(placed.value, placed.other.value):
        return None
    error = (high - low) / (2 * HALF_WIDTH)
    return HeldBy(persona=persona, truth=truthfulness(placed, label, reason)), abs(size) / max(error, 1e-9)


def _worth(corpus: Corpus) -> Reals:
    """(users,) what each brings in."""
    rows = corpus.connection.execute(
        "SELECT CAST(coalesce(sum(value), 0) AS DOUBLE) AS worth FROM lines GROUP BY u ORDER BY u"
    ).fetchnumpy()
    return np.asarray(rows["worth"], dtype=np.float64)


def _part_of_value(worth: Reals, mask: np.ndarray, share: float) -> tuple[float | None, bool]:
    """Their part of the value, and whether it is surely more than their part of users, or less: a ratio of sums, its error over
    users (linearised).
    """
    whole = float(worth.sum())
    part = float(worth[mask].sum()) / whole if whole > 0 else -1.0
    if not 0 <= part <= 1:  # returns outweigh what was bought on one side: a part of it says nothing
        return None, False
    error = float(np.sqrt((((mask - part) * worth) ** 2).sum())) / whole
    unlike = max(part, share) >= WEIGHS * min(part, share)
    return round(part, 6), bool(unlike and abs(part - share) >= SURELY * error)
