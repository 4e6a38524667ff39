"""How much of the seeded corpus redaction finds, and what else it takes for an identifier."""

from __future__ import annotations

from collections import defaultdict

from persona_agent.batches import Batch
from persona_agent.stages.redaction import Redactor

from .corpus import USER, Item, identifiers, look_alikes

KEY = bytes(range(32))
PERFECT = {"e-mail", "phone", "card", "IPv4", "IPv6", "IBAN", "JWT", "key", "URL parameter", "own user id"}
MOST_FALSE = 0.01


def redacted(items: list[Item]) -> list[str]:
    """The texts as they come out, read as the texts of one user's events."""
    n = len(items)
    batch = Batch(
        ["a"] * n, list(range(n)), [0] * n, [""] * n, [USER] * n, [None] * n, [0] * n, ["act"] * n,
        [i.text for i in items], [""] * n, [{} for _ in items], [None] * n,
    )  # fmt: skip
    return Redactor(KEY).redact(batch).object


def missed(items: list[Item]) -> dict[str, list[str]]:
    """By type, the texts in which the identifier is still there (or, of look-alikes, that were changed)."""
    found: dict[str, list[str]] = defaultdict(list)
    for item, text in zip(items, redacted(items), strict=True):
        kept = item.secret is not None and item.secret.lower() in text.lower()
        if kept or (item.secret is None and text != item.text):
            found[item.kind].append(f"{item.text} → {text}")
    return found


def table() -> tuple[list[str], bool]:
    """Lines of a Markdown table, and whether the targets are met."""
    lines = ["| type | texts | found | recall |", "|---|---|---|---|"]
    good = True
    for items, of_identifiers in ((identifiers(), True), (look_alikes(), False)):
        wrong = missed(items)
        if not of_identifiers:
            lines += ["", "| looks like one | texts | masked | false alarms |", "|---|---|---|---|"]
        for kind in dict.fromkeys(i.kind for i in items):
            n, bad = sum(i.kind == kind for i in items), len(wrong[kind])
            share = (n - bad if of_identifiers else bad) / n
            lines.append(f"| {kind} | {n} | {n - bad if of_identifiers else bad} | {share:.3f} |")
            good = good and (share == 1 or kind not in PERFECT if of_identifiers else share <= MOST_FALSE)
    return lines, good
