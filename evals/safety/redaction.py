"""How much of two seeded corpora redaction finds, and what else it takes for an identifier.

`corpus.py` is our own, `strangers.py` by somebody who had not seen the rules. Names and addresses have no form: what of them is
found without and with `--names` is printed, and is no target.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from persona_agent.batches import Batch
from persona_agent.redaction import Redactor, find_names

from . import strangers
from .corpus import USER, Item, identifiers, look_alikes

KEY = bytes(range(32))
PERFECT = {"e-mail", "phone", "card", "IPv4", "IPv6", "IBAN", "JWT", "key", "URL parameter", "own user id"}
FORMLESS = {"person name", "postal address"}
MOST_FALSE = 0.01
SEED = 101  # values that were not looked at while rules were mended, in forms that were
PLACEHOLDER = re.compile(r"\[(?!value\])[a-z ]+\]")  # values of a query go whatever they are


def redacted(items: Sequence[Item], names: str | None = None) -> list[str]:
    """The texts as they come out, read as the texts of one user's events."""
    n = len(items)
    batch = Batch(
        ["a"] * n, list(range(n)), [0] * n, [""] * n, [USER] * n, [None] * n, [0] * n, ["act"] * n,
        [i.text for i in items], [""] * n, [{} for _ in items], [None] * n,
    )  # fmt: skip
    return Redactor(KEY, find_names(names)).redact(batch).object


def missed(items: Sequence[Item], names: str | None = None) -> dict[str, list[str]]:
    """By type, the texts in which the identifier is still there (or, of look-alikes, in which something was masked)."""
    found: dict[str, list[str]] = defaultdict(list)
    for item, text in zip(items, redacted(items, names), strict=True):
        kept = item.secret is not None and item.secret.lower() in text.lower()
        if kept or (item.secret is None and PLACEHOLDER.search(text) and not PLACEHOLDER.search(item.text)):
            found[item.kind].append(f"{item.text} → {text}")
    return found


def table(names: str | None = None) -> tuple[list[str], bool]:
    """Lines of Markdown tables, and whether the targets are met: all of our own corpus, few false alarms in it."""
    own, other = identifiers(), strangers.identifiers(SEED)
    lines, good = _recall(own, other)
    alike, other_alike = look_alikes(), strangers.look_alikes(SEED)
    more, quiet = _alarms(alike, other_alike)
    lines += ["", *more]
    if names:
        formless = [i for i in other if i.kind in FORMLESS]
        wrong, alarms = missed(formless, names), missed([*alike, *other_alike], names)
        shares = ", ".join(f"{kind} {_share(formless, kind, wrong):.3f}" for kind in sorted(FORMLESS))
        n = len(alike) + len(other_alike)
        lines += ["", f"With `--names`: {shares}; masked of {n:,} look-alikes: {sum(map(len, alarms.values())):,}."]
    return lines, good and quiet


def _recall(own: Sequence[Item], other: Sequence[Item]) -> tuple[list[str], bool]:
    wrong, others = missed(own), missed(other)
    lines = ["| type | recall, own corpus | recall, a stranger's |", "|---|---|---|"]
    for kind in dict.fromkeys(i.kind for i in (*own, *other)):
        lines.append(f"| {kind} | {_cell(own, kind, wrong)} | {_cell(other, kind, others)} |")
    return lines, not any(wrong[kind] for kind in PERFECT)


def _alarms(own: Sequence[Item], other: Sequence[Item]) -> tuple[list[str], bool]:
    wrong, others = missed(own), missed(other)
    lines = ["| looks like one | masked, own corpus | masked, a stranger's |", "|---|---|---|"]
    good = True
    for kind in dict.fromkeys(i.kind for i in (*own, *other)):
        cells = []
        for items, found in ((own, wrong), (other, others)):
            n = sum(i.kind == kind for i in items)
            cells.append(f"{len(found[kind])} of {n}" if n else "–")
        good = good and len(wrong[kind]) <= MOST_FALSE * max(sum(i.kind == kind for i in own), 1)
        lines.append(f"| {kind} | {cells[0]} | {cells[1]} |")
    return lines, good


def _cell(items: Sequence[Item], kind: str, wrong: dict[str, list[str]]) -> str:
    return f"{_share(items, kind, wrong):.3f}" if any(i.kind == kind for i in items) else "–"


def _share(items: Sequence[Item], kind: str, wrong: dict[str, list[str]]) -> float:
    n = sum(i.kind == kind for i in items)
    return (n - len(wrong[kind])) / n
