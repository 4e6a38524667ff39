"""Provisional."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Statement:
    id: str
    text: str
    where: str
    under: str = ""


@dataclass(frozen=True)
class Stated:
    name: str
    about: str
    users: tuple[str, ...] | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Read:
    personas: tuple[Stated, ...]
    skipped: tuple[str, ...]


def read_personas(path: Path) -> Read:
    d = json.loads(path.read_text())
    made = []
    for i, p in enumerate(d["personas"], start=1):
        made.append(
            Stated(
                p["name"],
                p.get("about", ""),
                tuple(p["users"]) if "users" in p else None,
                tuple(
                    Statement(f"{i}.{j}", s if isinstance(s, str) else s["text"], f"{path.name}: {i}.{j}")
                    for j, s in enumerate(p["statements"], start=1)
                ),
            )
        )
    return Read(tuple(made), ())
