"""What changed between two runs, as release notes say it: in sentences about users, the figure beside each.

In: `Changes`, or a row of them. Out: plain texts, not escaped.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...schema import Changes, ClaimChange, GroupChange, Measure, Move, Moves
from ..wording import percent, printed
from .grammar import listed, plural
from .tenth_told import tenth_changed

KEYS_DIFFER = (
    "Who moved cannot be told: the two runs hash users under different keys. Make the later one with --since, or both with one "
    "--key FILE; then users of both are known again."
)
NOBODY_AGAIN = "Who moved cannot be told: no user of the earlier run is in the later one."
PEOPLE_AT_WORK = "These are people at work: nobody's movement is told, not in numbers either."
OVERLAP = (
    "The later log begins before the earlier one ends: days that are in both are counted in both, and a change is told smaller "
    "than it is."
)
GROUPS_ANEW = (
    "One of the runs does not keep what its users were told apart by (groups.npz): all that either log has was used."
)
TITLE = "What changed among your users"
HOW = (
    "Groups: users of both logs are put into the groups of each run by one rule, learned from its members; a group grew or "
    "shrank by the mean of both rules, where they agree which, and came, went, split or merged where more changed than chance "
    "does.",
    "Claims: each is counted in both logs. It is weakened, or no longer so, where its figure moved against it by more than "
    "chance, in the persona as it is now and among those who were in it. A claim that got stronger holds.",
    "Chance: of all that is said to have changed, at most one in twenty is expected to be chance, over the groups and over "
    "the claims (Benjamini and Hochberg 1995).",
    "Why anything changed is not in the log.",
)
GONE = "the persona is gone"
TITLES = {
    "weakened": "Weakened",
    "refuted": "No longer so",
    "cannot_tell": "Cannot be told",
    "holds": "Holds",
}
OUTCOMES = {"holds": "holds", "weakened": "weakened", "refuted": "no longer so", "cannot_tell": "cannot be told"}
CHANGED = frozenset(["grown", "shrunk", "split", "merged", "gone", "new"])
NOT_VOUCHED = "The run before was not sealed by whoever made this one: what it says of that time is taken as it stands."
NO_CHANGE = "No persona came, went, split, merged, grew or shrank by more than chance."
NOTHING = (
    "Nothing changed by more than chance: no persona came, went, split, merged, grew or shrank, and no claim fell."
)
NO_CLAIM_FELL = "Nothing that was told of all users changed by more than chance."
NO_GROUPS = "Neither log falls into groups."
ONE_LOG = "Both runs are of the same log: nothing can have changed in it."
DRAWN_OTHERWISE = "both runs are of the same log, and the later one draws the group otherwise"
FORGOTTEN = (
    "What had changed was counted with somebody who was forgotten since, and is told no more: `persona-agent diff` of both runs "
    "tells it anew."
)
NEAR = 0.02  # of all users: shares so near are told once


def front_lines(changes: Changes) -> list[str]:
    """Three lines: personas, claims, and who moved; of one log nobody did. One more of the tenth that brings in most, if any, and
    one where nothing vouches for the earlier run.
    """
    lines = [personas_line(changes), claims_line(changes)]
    if ONE_LOG not in changes.notes:
        lines += [moves_line(changes), *([tenth_changed(changes.tenth)] if changes.tenth else [])]
    return [*lines, *([NOT_VOUCHED] if changes.old.not_sealed else [])]


def personas_line(changes: Changes) -> str:
    """What became of personas; those that merged are told once."""
    rows = [row for row in changes.personas if row.outcome in CHANGED]
    if rows:
        return " ".join(dict.fromkeys(group_sentence(changes, row) for row in rows))
    if ONE_LOG in changes.notes:
        return ONE_LOG + _otherwise(changes)
    if not changes.old.labels and not changes.new.labels:
        return NO_GROUPS if _anything(changes) or not changes.claims else f"{NO_GROUPS} {NO_CLAIM_FELL}"
    return (NO_CHANGE if _anything(changes) or not changes.claims else NOTHING) + _otherwise(changes)


def _anything(changes: Changes) -> bool:
    """Did a claim fall, or users move, by more than chance?"""
    moves = changes.moves
    moved = moves is not None and moves.alike is not None and moves.stayed < moves.alike
    return moved or any(claim.outcome in ("weakened", "refuted") for claim in changes.claims)


def _otherwise(changes: Changes) -> str:
    """That the runs have other groups, where they do, though nobody changed."""
    if all(row.outcome == "same" for row in changes.personas):
        return ""
    n, m = len(changes.old.labels), len(changes.new.labels)
    into = f"into {plural(m, 'group')}" + ("" if n == m else f", the earlier one into {n:,}")
    return f" The later run divides users otherwise: {into}."


def claims_line(changes: Changes) -> str:
    if not changes.claims:
        return "No claim of the earlier run could be asked again."
    n = {o: sum(c.outcome == o for c in changes.claims) for o in OUTCOMES}
    told = [f"{n[o]:,} {OUTCOMES[o]}" for o in ("weakened", "refuted", "cannot_tell") if n[o]]
    hold = f"{n['holds']:,} of {plural(len(changes.claims), 'claim')} of the earlier run hold"
    return f"{hold}{'; ' if told else ''}{listed(told)}.{_clearest(changes)}"


def _clearest(changes: Changes) -> str:
    """The claim that surely is no longer as it was, for a reader who reads no further."""
    changed = [c for c in changes.claims if c.outcome in ("refuted", "weakened") and not c.others and c.p is not None]
    if not changed:
        return ""
    most = min(changed, key=lambda c: (c.p or 0.0, c.id))
    whom = (
        label_in_quotes(changes.old.labels[most.persona], most.persona)
        if most.persona in changes.old.labels
        else "all users"
    )
    return f" Clearest, of {whom}: {_lowered(most.text).rstrip('.')}; now {figure_told(most.measure, most.now, most.bound_now)}."


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def moves_line(changes: Changes) -> str:
    if changes.moves is None:
        return next(iter(changes.notes), "Who moved is not told.")
    return stayed(changes.moves)


def stayed(moves: Moves) -> str:
    """How many are where they were, beside how surely anybody is placed."""
    same = f"{percent(moves.stayed)} are in the same"
    if moves.alike is not None:
        halves = f"two halves of the visits to one log put {percent(moves.alike)} of users alike"
        more = f"; {halves}, so no movement shows" if moves.alike <= moves.stayed else f", where {halves}"
        same += more
    return f"Of {moves.users:,} users who were in a persona and by one rule are in one now, {same}."


def group_sentence(changes: Changes, row: GroupChange) -> str:
    """What became of a persona, with its figures and those of chance."""
    name = _name(row)
    before, after = changes.old.labels, changes.new.labels
    parts = listed([label_in_quotes((after if row.outcome == "split" else before).get(p, p), p) for p in row.parts])
    whole = "" if row.now is None else label_in_quotes(after.get(row.now, ""), row.now)
    return {
        "same": lambda: _same(row, name),
        "grown": lambda: f"{name} {_of_size(row)}: {_sizes(row)}{_by_chance(row)}{_own(row)}.",
        "shrunk": lambda: f"{name} {_of_size(row)}: {_sizes(row)}{_by_chance(row)}{_own(row)}.",
        "split": lambda: f"{name} has split into {parts}{_likely(row)}.",
        "merged": lambda: f"{parts} have merged into {whole}{_likely(row)}.",
        "gone": lambda: f"{name} is gone: it had {_size(row.share_was, row.users_was)}{_elsewhere(row)}{_likely(row)}.",
        "new": lambda: f"{name} is new: {_size(row.share_now, row.users_now)}{_elsewhere(row)}{_likely(row)}.",
        "cut": lambda: _cut(changes, row, name),
    }[row.outcome]()


def _of_size(row: GroupChange) -> str:
    """Grown or shrunk; where its users are not more, or not fewer, it is the others who are."""
    grown, more = row.outcome == "grown", (row.users_now or 0) - (row.users_was or 0)
    if more > 0 if grown else more < 0:
        return "has grown" if grown else "has shrunk"
    return "is a larger share of fewer users" if grown else "is a smaller share of more users"


def _name(row: GroupChange) -> str:
    """A persona by the name and the id that it had, and those that the later run gives it, where these are others."""
    if not (row.was and row.now) or row.outcome in ("split", "merged"):
        return label_in_quotes(row.label, row.was or row.now)
    other = f"“{row.label_now}”" if row.label_now else ""
    now = " ".join(part for part in (other, row.now if row.now != row.was else "") if part)
    return f"“{row.label}” ({row.was}{f', now {now}' if now else ''})"


def _same(row: GroupChange, name: str) -> str:
    """Of one that neither grew nor shrank: where the later run counts otherwise, that it divides users otherwise."""
    if row.now is None:
        return (
            f"{name}, {_size(row.share_was, row.users_was)}, is as large as before where both logs are divided by one rule; "
            "the later run describes no such group, which is below its floor."
        )
    if row.share_now is None or row.chance is None or row.chance[0] <= row.share_now <= row.chance[1]:
        return f"{name} is as large as before: {_sizes(row)}."
    return (
        f"{name} is as large as before where both logs are divided by one rule; the later run, which divides users otherwise, "
        f"has {_size(row.share_now, row.users_now)} there, the earlier one {_size(row.share_was, row.users_was)}."
    )


def _cut(changes: Changes, row: GroupChange, name: str) -> str:
    other_run = changes.new.labels if row.was else changes.old.labels
    parts = listed([label_in_quotes(other_run.get(p, p), p) for p in row.parts])
    if row.was and row.parts:
        return (
            f"{name}, {_size(row.share_was, row.users_was)}, is counted with {parts} by the later run, which divides "
            "users otherwise: that these have become alike does not show."
        )
    if row.parts:
        return (
            f"{name}, {_size(row.share_now, row.users_now)}, was counted with {parts} by the earlier run, which divided "
            "users otherwise: that these were more alike then does not show."
        )
    side, other = ("earlier", "later") if row.was else ("later", "earlier")
    size = _size(row.share_was, row.users_was) if row.was else _size(row.share_now, row.users_now)
    found = f"; by its rule the {other} log has {percent(row.by_rule)}" if row.by_rule is not None else ""
    return f"{name}, {size}, is of the {side} run alone, which divides users otherwise{found}."


def _divided_alike(row: GroupChange) -> bool:
    """Does the later run count about as many there as the rule of both logs does?"""
    return row.by_rule is None or row.share_now is None or abs(row.by_rule - row.share_now) <= NEAR


def _own(row: GroupChange) -> str:
    """What the later run itself counts, where that is another share."""
    if _divided_alike(row):
        return ""
    return f"; the later run, which divides users otherwise, has {_size(row.share_now, row.users_now)} there"


def by_one_rule(row: GroupChange, *, now: bool = False) -> str:
    """Its share where both logs are divided by one rule, if the later run counts another; else nothing."""
    when = "now " if now else ""
    return "" if _divided_alike(row) else f"by one rule for both logs {when}{percent(row.by_rule or 0.0)}"


def _elsewhere(row: GroupChange) -> str:
    if row.by_rule is None:
        return ""
    return f"; by its rule {percent(row.by_rule)} {'now' if row.was else 'before'}"


def _sizes(row: GroupChange) -> str:
    if row.share_now is None:
        return f"it had {_size(row.share_was, row.users_was)}"
    if not _divided_alike(row):
        return f"{_size(row.share_was, row.users_was)}, {by_one_rule(row, now=True)}"
    return f"{_size(row.share_was, row.users_was)}, now {_size(row.share_now, row.users_now)}"


def _size(share: float | None, users: int | None) -> str:
    told = "fewer than five users" if not users else f"{users:,} users"
    return told if share is None else f"{percent(share)} of users ({told})"


def _by_chance(row: GroupChange) -> str:
    if row.chance is None:
        return ""
    low, high = (percent(x).removesuffix(" %") for x in row.chance)
    return f", where chance alone gives {low} to {high} %"


def _likely(row: GroupChange) -> str:
    return "" if row.p is None else f"; by chance {odds(row.p)}"


def odds(p: float) -> str:
    """“1 in 400”: how often chance does as much."""
    if p <= 1e-4:
        return "less than 1 in 10,000"
    if p > 0.5:
        return "as often as not"
    return f"1 in {float(f'{1 / p:.2g}'):,.0f}"


def claim_sentence(claim: ClaimChange) -> str:
    """The claim with what became of it."""
    return f"{claim.text} {claim_figures(claim)}"


def figure_told(measure: Measure | None, value: float | None, bound: str | None) -> str:
    """A figure, or what it is over or under."""
    return f"{bound} {percent(value)}" if bound and value is not None else printed(measure, value)


def claim_figures(claim: ClaimChange) -> str:
    """Both figures, those of comparable others, and what is to be said of them."""
    if claim.was is None and claim.now is None:
        return f"Not told: {claim.why}." if claim.why else "Fewer than five users: not told."
    was = figure_told(claim.measure, claim.was, claim.bound_was)
    figures = f"{was}, now {figure_told(claim.measure, claim.now, claim.bound_now)}"
    if claim.now is None:
        figures = f"It was {was}"
    others = ""
    if claim.others_was is not None and claim.others_now is not None:
        others = f"; comparable others {printed(claim.measure, claim.others_was)}, now {printed(claim.measure, claim.others_now)}"
    who = ". The others moved, they did not" if claim.others else ""
    why = f". {claim.why[:1].upper()}{claim.why[1:]}" if claim.why else ""
    return f"{figures[:1].upper()}{figures[1:]}{others}{who}{why}."


def move_sentence(changes: Changes, move: Move) -> str:
    """“25 users went from … to …”."""
    after = changes.new.labels
    to = "no persona" if move.to is None else label_in_quotes(after.get(move.to, ""), move.to)
    return f"{move.users:,} users went from {label_in_quotes(changes.old.labels.get(move.was, ''), move.was)} to {to}."


def label_in_quotes(label: str, persona: str | None) -> str:
    return f"“{label}” ({persona})"


def of_the_gone(changes: Changes) -> list[str]:
    """One line for all claims of a persona that is gone."""
    found = []
    for name, label in changes.old.labels.items():
        n = sum(c.persona == name and c.why == GONE for c in changes.claims)
        found += [f"{plural(n, 'claim')} of {label_in_quotes(label, name)}, which is gone."] if n else []
    return found


def by_outcome(claims: Sequence[ClaimChange]) -> dict[str, list[ClaimChange]]:
    """The claims that changed first; without those of personas that are gone."""
    return {
        o: [c for c in claims if c.outcome == o and c.why != GONE]
        for o in ("refuted", "weakened", "cannot_tell", "holds")
    }
