"""The program as it is, as a method that can be scored.

Promises: read, gathered and grouped by the program's own steps under its default options; a model's personas rest on the
users it was placed from alone. What is found before personas (intents, from the texts and the company of acts) rests on
the users that are assigned as well, since the program has no way to meet new ones: an advantage, and a small one.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import persona_agent as pa
from persona_agent.ids import user_hash
from persona_agent.options import Options
from persona_agent.runs import memberships_of
from persona_agent.store import Store

from ..bench.found import grouped
from .events import Events, Ints, joined
from .methods import Report

FIT, NEW = "fit", "new"


@dataclass(frozen=True)
class Today:
    """Under default options; no model is asked."""

    def place(self, events: Events) -> TodayModel:
        return TodayModel(events)

    def report(self, events: Events) -> Report:
        """Personas that stand in the report, of an offline run."""
        with tempfile.TemporaryDirectory(prefix="today-") as folder:
            log = events.write(Path(folder) / "log.jsonl")
            run = pa.run(log, Path(folder) / "out", model="offline")
            store = Store.open(Path(folder) / "out")
            members, ids, _ = memberships_of(store)
            personas = {p.id: p for p in run.persona_set.personas}
            key = store.key()
            place = {user_hash(key, user): i for i, user in enumerate(events.users)}
            label = np.full(len(events.users), -1, dtype=np.int64)
            for k, name in enumerate(ids):
                label[[place[u] for u in members[ids[name]] if u in place]] = k
        shown = [personas[name].status != "withheld" for name in ids]
        return Report(label, np.array(shown, dtype=bool), [personas[name].label for name in ids])


@dataclass
class TodayModel:
    """Groups of the users of `events`, found when others are to be assigned."""

    events: Events
    label: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def own(self) -> Ints:
        if not len(self.label):
            self.label = self._grouped(self.events, len(self.events.users))
        return self.label

    def assign(self, events: Events) -> Ints:
        n = len(self.events.users)
        label = self._grouped(joined({FIT: self.events, NEW: events}), n)
        self.label = label[:n]
        return label[n:]

    def _grouped(self, events: Events, n: int) -> Ints:
        """The group of each user, found among the first `n`."""
        with tempfile.TemporaryDirectory(prefix="today-") as folder:
            log = events.write(Path(folder) / "log.jsonl")
            options = Options(inputs=(str(log),), out=Path(folder) / "out", workers=1)
            store = Store.create(options.out)
            key = store.key()
            hashes = [user_hash(key, user) for user in events.users]
            groups = grouped(store, options, set(hashes[:n]))
        found = groups.grouping.label if groups.grouping.state != "none" else np.full(len(groups.users), -1)
        place = dict(zip(groups.users, found.tolist(), strict=True))
        return np.array([place.get(h, -1) for h in hashes], dtype=np.int64)
