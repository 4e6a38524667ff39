"""What a trial with all personas at once would show: half of the members of each get what is tried with theirs.

In: cards with their suggestions, on an open corpus. Out: an `AllAtOnce`. Promises: members of a persona without a suggestion are
in no trial; what is watched is what a visit brings in, which no suggestion is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from ...evidence import Corpus, Population
from ...evidence.smallest_change import trial_of
from ...schema import AllAtOnce, Bar, ToWatch
from ...words.english.asked_labels import any_reading
from ...words.english.readings import reading
from ...words.english.trial_sizes import worth_a_trial
from ..dossiers.amounts import worth
from .bars import in_group


def all_at_once(corpus: Corpus, tried: Sequence[tuple[str, Population]]) -> AllAtOnce | None:
    """`tried`: the ids of the personas with a suggestion, and their members. None of fewer than two, where no value is given, and
    where such a trial would show nothing that anybody could bring about.
    """
    if len(tried) < 2 or not corpus.valued or corpus.staff:
        return None
    people = corpus.people
    members = reduce(np.logical_or, (people.mask(population) for _, population in tried))
    together = max(people.groups) + 1
    whole = replace(corpus, people=replace(people, groups={**people.groups, together: members}))
    measure, all_members = worth(corpus), Population(together)
    truth = in_group(whole, measure, all_members)
    if truth.value is None:
        return None
    told = reading(measure, corpus.names) or any_reading(measure, corpus.names)
    trial = trial_of(whole, measure, all_members, truth.value)
    watch = ToWatch(
        measure="",
        watched=Bar(claim="", label=told.label, unit=told.unit, form=told.form, measure=measure, truth=truth),
        smallest=trial.smallest,
        tested=trial.tested,
        needed=trial.needed,
        days=trial.days,
        figure=trial.figure,
    )
    return AllAtOnce(personas=[i for i, _ in tried], watch=watch) if worth_a_trial(watch) else None
