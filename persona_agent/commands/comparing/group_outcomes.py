"""What became of each persona, from the tests of their groups."""

from __future__ import annotations

from collections.abc import Iterator

from ...evidence import FALSE_CHANGES, false_discovery_bar
from ...groups.following import HARDLY, Followed, Test
from ...schema import GroupChange, GroupOutcome, Persona
from ...words.floors import of_users, share
from .sides import RunSide

Z = 1.96  # of a 95 % interval


def group_changes(old: RunSide, new: RunSide, found: Followed, *, one_log: bool = False) -> list[GroupChange]:
    """A row for each persona of the earlier run, and for those of the later one that no row names yet."""
    made = list(_Outcomes(old, new, found, one_log=one_log).rows())
    order: list[GroupOutcome] = ["split", "merged", "gone", "new", "grown", "shrunk", "same", "cut"]
    return sorted(
        made, key=lambda row: (order.index(row.outcome), -(row.users_was or row.users_now or 0), row.was or "")
    )


class _Outcomes:
    """The tests of a comparison with the bar that they must pass."""

    def __init__(self, old: RunSide, new: RunSide, found: Followed, *, one_log: bool) -> None:
        self.found, self.old_of, self.new_of = found, _by_group(old), _by_group(new)
        tests = [*found.sizes.values(), *found.gone.values(), *found.new.values()]
        tests += [t for _, t in (*found.splits.values(), *found.merges.values())]
        # Of one log nothing has changed, however often it is divided.
        self.bar = -1.0 if one_log else false_discovery_bar([t.p for t in tests], FALSE_CHANGES)

    def rows(self) -> Iterator[GroupChange]:
        told: set[int] = set()
        for g, persona in self.old_of.items():
            row, named = self._earlier(g, persona)
            told |= named
            yield row
        for h, persona in self.new_of.items():
            if h not in told:
                yield self._later(h, persona)

    def _beyond(self, test: Test) -> bool:
        return test.p <= self.bar

    def _earlier(self, g: int, persona: Persona) -> tuple[GroupChange, set[int]]:
        """The row of a persona of the earlier run, and the groups of the later one that it tells of."""
        found, h = self.found, self.found.counterpart.get(g)
        parts, test = found.splits.get(g, ([], None))
        if test and self._beyond(test):
            known = [p for p in parts if p in self.new_of]
            return self._row("split", persona, h, test, [self.new_of[p].id for p in known]), {*known, *_one(h)}
        for whole, (merged, test) in found.merges.items():
            if g in merged and self._beyond(test) and whole in self.new_of:
                others = [self.old_of[p].id for p in merged if p in self.old_of]
                return self._row("merged", persona, whole, test, others), {whole}
        if h is None:
            test = found.gone[g]
            if self._beyond(test) and test.now < HARDLY * test.was:
                return self._row("gone", persona, None, test), set()
            within = [self.new_of[w].id for w, (of, _) in found.merges.items() if g in of and w in self.new_of]
            return self._row("cut", persona, None, test, within), set()
        return self._row(self._size(persona, h, found.sizes[g]), persona, h, found.sizes[g]), _one(h)

    def _size(self, persona: Persona, h: int, test: Test) -> GroupOutcome:
        """Grown or shrunk where it is more than chance, and where the figures that are printed say so too."""
        after = self.new_of.get(h)
        if after is None or not self._beyond(test):
            return "same"
        step = (share(after.size.share_users) or 0.0) - (share(persona.size.share_users) or 0.0)
        if step * (test.now - test.was) <= 0:
            return "same"
        return "grown" if step > 0 else "shrunk"

    def _later(self, h: int, persona: Persona) -> GroupChange:
        test = self.found.new.get(h)
        came = test is not None and self._beyond(test) and test.was < HARDLY * test.now
        size = persona.size
        out_of = [self.old_of[g].id for g, (parts, _) in self.found.splits.items() if h in parts and g in self.old_of]
        return GroupChange(
            outcome="new" if came else "cut",
            was=None,
            now=persona.id,
            label=persona.called,
            users_now=of_users(size.users),
            share_now=share(size.share_users),
            by_rule=None if test is None else _by_rule(size.share_users, test.now, test.was),
            p=None if test is None else _p(test),
            parts=[] if came else out_of,
        )

    def _row(
        self, outcome: GroupOutcome, persona: Persona, h: int | None, test: Test, parts: list[str] | None = None
    ) -> GroupChange:
        after = None if h is None else self.new_of.get(h)
        shares = outcome in ("same", "grown", "shrunk", "gone")
        return GroupChange(
            outcome=outcome,
            was=persona.id,
            now=after.id if after else None,
            label=persona.called,
            label_now=after.called if after and after.called != persona.called else None,
            users_was=of_users(persona.size.users),
            users_now=of_users(after.size.users) if after else None,
            share_was=share(persona.size.share_users),
            share_now=share(after.size.share_users) if after else None,
            by_rule=_by_rule(persona.size.share_users, test.was, test.now) if shares or outcome == "cut" else None,
            chance=_chance(persona, test) if shares else None,
            p=_p(test),
            parts=parts or [],
        )


def _by_group(side: RunSide) -> dict[int, Persona]:
    """The persona of each group that has one, largest first."""
    known = {p.id: p for p in side.personas.personas}
    return {side.ids[name]: known[name] for name in known if name in side.ids}


def _one(h: int | None) -> set[int]:
    return set() if h is None else {h}


def _p(test: Test) -> float:
    return float(f"{test.p:.2g}")


def _by_rule(mine: float, here: float, there: float) -> float | None:
    """The share in the other log by the rule that gives a share `here`, on the scale of the share that it has (`mine`)."""
    return share(min(1.0, mine * there / here)) if here else None


def _chance(persona: Persona, test: Test) -> tuple[float, float] | None:
    """Where the share would lie by chance, in whole per cent: what the test says, on the scale of all users."""
    mine = persona.size.share_users
    if not test.was or not test.error:
        return None
    half = Z * test.error * mine / test.was
    return round(max(0.0, mine - half), 2), round(min(1.0, mine + half), 2)
