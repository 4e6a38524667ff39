"""A small log of two kinds of users, groups of it, and what is said of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

USERS, VISITS, LINES = 64, 8, 4
BUYS: list[list[dict[str, Any]]] = [[{"field": "action", "op": "is", "value": ["buy"]}]]
MOST_BUY = {"unit": "users", "statistic": "share", "steps": BUYS, "says": {"quantifier": "most"}}
MORE_BUY = {**MOST_BUY, "unit": "sessions", "versus": "matched", "says": {"comparator": "more_than_others"}}
OPTIONS: dict[str, Any] = {"min_users": 8, "workers": 1}


def is_buyer(user: int) -> bool:
    return user % 2 == 0


def write_log(folder: Path) -> Path:
    """64 users with eight visits of four lines: half of them mostly buy, the others mostly read; two did what nobody else did."""
    rng = np.random.default_rng(7)
    path = folder / "events.jsonl"
    with path.open("w") as file:
        for user in range(USERS):
            often, seldom = ("buy", "read") if is_buyer(user) else ("read", "buy")
            for visit in range(VISITS):
                start = np.datetime64("2024-03-01T08:00") + np.timedelta64(int(visit * 5 + rng.integers(0, 4)), "D")
                for line in range(LINES):
                    act = often if rng.random() < 0.8 else seldom if rng.random() < 0.5 else "look"
                    if user < 2 and visit == line == 0:
                        act = "confess"
                    at = start + np.timedelta64(line * 3 + user % 50, "m")
                    thing = f"thing {int(rng.integers(0, 6))}"
                    row = {"user": f"u{user}", "timestamp": f"{at}:00Z", "action": act, "object": thing}
                    file.write(json.dumps(row) + "\n")
    return path


def write_groups(folder: Path, name: str = "groups.csv", *, dealt: bool = False) -> Path:
    """Buyers and readers, or the same names dealt out; three users are a group of their own."""
    users = np.arange(USERS)
    kinds = np.where(users % 2 == 0, "Buyers", "Readers")
    kinds = np.random.default_rng(3).permutation(kinds) if dealt else kinds
    kinds = kinds.astype(object)
    kinds[-3:] = "Odd ones"
    path = folder / name
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "segment"])
        rows.writerows([f"u{user}", kind] for user, kind in zip(users.tolist(), kinds.tolist(), strict=True))
    return path


def write_document(folder: Path) -> Path:
    """Statements that bring their own measures: two that are so, one that is not, one of a group of three."""
    said = {
        "Buyers": [("They buy in more of their visits than others.", MORE_BUY), ("Most <b>buy</b>.", MOST_BUY)],
        "Readers": [("They buy in more of their visits than others.", MORE_BUY)],
        "Odd ones": [("Most buy.", MOST_BUY)],
    }
    rows = [
        {"name": name, "statements": [{"text": text, "measure": measure} for text, measure in statements]}
        for name, statements in said.items()
    ]
    path = folder / "personas.json"
    path.write_text(json.dumps({"personas": rows}))
    return path
