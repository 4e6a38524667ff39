"""A small log as a data frame, and a finished run on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import persona_agent as pa
from evals.worlds import Spec, generate
from tests.conftest import SMALL, SMALL_OPTIONS, TINY


@pytest.fixture(scope="session")
def small_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lines of the small log that are records."""
    return records(SMALL, tmp_path_factory.mktemp("records") / "events.jsonl")


@pytest.fixture(scope="session")
def tiny_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lines of the tiny log that are records."""
    return records(TINY, tmp_path_factory.mktemp("few_records") / "events.jsonl")


def records(spec: Spec, path: Path) -> Path:
    """The lines of a planted log that are records."""
    lines = [line for line in generate(spec).lines if line.startswith("{") and line.endswith("}") and '"user"' in line]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def frame(small_log: Path) -> pd.DataFrame:
    return frame_of(small_log)


@pytest.fixture(scope="session")
def tiny_frame(tiny_log: Path) -> pd.DataFrame:
    return frame_of(tiny_log)


def frame_of(log: Path) -> pd.DataFrame:
    return pd.DataFrame([json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()])


@pytest.fixture(scope="session")
def run(frame: pd.DataFrame) -> Iterator[pa.Run]:
    """A run on the frame, with two personas, in a temporary folder."""
    with pa.run(frame, **SMALL_OPTIONS) as made:
        yield made


@pytest.fixture(scope="session")
def tiny(tiny_frame: pd.DataFrame) -> Iterator[pa.Run]:
    """A run on the tiny frame: one page about everyone."""
    with pa.run(tiny_frame, **SMALL_OPTIONS) as made:
        yield made
