"""A null log of many small courses: within its course, everybody does alike.

A course has things of its own and its own mix of acts, which its few users all follow; nobody does anything of theirs. What tells
users apart is the course alone, and that is no persona: a course of eight is too small for its mix to be known, so what is left
of it beside what is expected comes back in any user's other visits. Only logs whose visits are exchanged within a course have
it too.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

START, DAYS = (
    datetime(2024, 1, 8, tzinfo=UTC),
    170,
)  # half a year: what is expected is of months, and each holds little of a course
COURSES, USERS = 30, 8  # as many as users are told apart within; too few for what a course does to be known
VISITS, LINES = 8, 3  # of a user, of a visit
ACTS = ("open", "download", "submit", "post", "grade", "search")
SPREAD = 1.5  # of a Dirichlet distribution: some acts of a course are half of it, others hardly there


def write_courses(path: Path, seed: int = 0) -> Path:
    """The log of a seed, at `path`."""
    rng, lines = np.random.default_rng([seed, 61]), []
    for course in range(COURSES):
        mix = rng.dirichlet([SPREAD] * len(ACTS))
        for i in range(USERS):
            user = f"s{int(rng.integers(10**6)):06d}{course:02d}{i:02d}"
            for day in rng.choice(DAYS, VISITS, replace=False):
                at = START + timedelta(days=int(day), minutes=int(rng.integers(480, 1320)))
                for act in rng.choice(ACTS, LINES, p=mix):
                    at += timedelta(seconds=int(rng.integers(20, 90)))
                    thing = f"course {course:02d} unit {int(rng.integers(6))}"
                    row = {"user": user, "action": str(act), "object": thing, "course": f"c{course:02d}"}
                    lines.append((at, {**row, "timestamp": at.isoformat()}))
    lines.sort(key=lambda line: line[0])
    path.write_text("".join(json.dumps(row) + "\n" for _, row in lines), encoding="utf-8")
    return path
