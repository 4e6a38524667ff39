"""SECURITY.md and PRIVACY.md and what attacks their sentences: each attack has its sentence, each test is there."""

from __future__ import annotations

from evals.safety.held_by_tests import by_sentence, missing
from evals.safety.promises import ATTACKS, ELSEWHERE, promises


def test_every_attack_has_its_sentence_and_every_test_is_there() -> None:
    """A sentence that is worded anew, or a test that is, breaks the list; no sentence has two attacks."""
    assert missing() == []
    sentences = [sentence for _, sentence in promises()]
    starts = [*ATTACKS, *ELSEWHERE, *by_sentence()]
    found = {start: [s for s in sentences if s.startswith(start)] for start in starts}
    assert {start: len(held) for start, held in found.items() if len(held) != 1} == {}
    assert len({held[0] for held in found.values()}) == len(starts)
