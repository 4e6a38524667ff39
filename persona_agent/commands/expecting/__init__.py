"""`expect`: is a run as a team expects it, expectation by expectation, with the figure."""

from .checked import CheckedExpectation, ExpectResult, expect

__all__ = ["CheckedExpectation", "ExpectResult", "expect"]
