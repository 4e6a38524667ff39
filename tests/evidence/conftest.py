"""Made-up logs of a few users are matched by the month; when it is the quarter or the year, test_matching.py says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from persona_agent.evidence import people


@pytest.fixture(autouse=True, scope="module")
def _by_the_month() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "PARTNERS", 0)
        yield
